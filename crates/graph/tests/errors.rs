//! Every error code: its page, the example that fails, and the fix that works.

#[allow(unreachable_pub, reason = "shared with tests of other crates")]
mod pages;

use deadwax_graph::diagnostic::{Style, render};
use deadwax_graph::{Code, Errors, Graph, Memory, Overrides, load};
use pages::{Block, pages};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors")
}

fn read(files: &[&Block]) -> Result<Graph, Errors> {
    let memory = files.iter().fold(Memory::new(), |memory, block| memory.with(&*block.file, &*block.text));
    load(&deadwax_nodes::registry(), &memory, "main.ron", &Overrides::none())
}

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    let pages = pages(&folder());
    let codes: Vec<String> = Code::ALL.iter().map(ToString::to_string).collect();
    assert_eq!(pages.iter().map(|page| page.code.clone()).collect::<Vec<_>>(), codes);
    let index = std::fs::read_to_string(folder().join("README.md")).unwrap();
    for (page, code) in pages.iter().zip(Code::ALL) {
        assert_eq!(page.title, code.title(), "{code}");
        let shown = page.console || !page.graph("fail").is_empty() || !page.graph("engine-fail").is_empty();
        assert!(shown, "{code}: an example is missing");
        assert!(
            index.contains(&format!("[{code}]({code}.md): {}", code.title())),
            "{code} is not in the index"
        );
    }
}

#[test]
fn every_example_that_fails_gives_its_code_and_every_fix_works() {
    let mut wrong = Vec::new();
    for page in pages(&folder()) {
        let (fail, fix) = (page.graph("fail"), page.graph("fix"));
        if fail.is_empty() {
            continue;
        }
        let (found, sources) = match read(&fail) {
            Err(errors) => (errors.diagnostics, errors.sources),
            Ok(graph) => (graph.warnings.clone(), graph.sources),
        };
        let shown = render(&found, &sources, Style::Plain, 10);
        if found.first().is_none_or(|first| first.code.to_string() != page.code) {
            wrong.push(format!("{}: the example fails otherwise:\n{shown}", page.code));
        }
        insta::assert_snapshot!(page.code.clone(), shown);
        match read(&fix) {
            Err(errors) => {
                let shown = render(&errors.diagnostics, &errors.sources, Style::Plain, 10);
                wrong.push(format!("{}: the fix fails:\n{shown}", page.code));
            }
            Ok(graph) if graph.warnings.is_empty() => {}
            Ok(_) => wrong.push(format!("{}: the fix warns", page.code)),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Examples that only the engine refuses are sound as documents.
#[test]
fn examples_for_the_engine_load() {
    for page in pages(&folder()) {
        for kind in ["engine-fail", "engine-fix"] {
            let files = page.graph(kind);
            if !files.is_empty()
                && let Err(errors) = read(&files)
            {
                panic!("{} {kind}: {:#?}", page.code, errors.diagnostics);
            }
        }
    }
}
