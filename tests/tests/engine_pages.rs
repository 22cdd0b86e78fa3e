//! The pages of error codes that only the engine gives: their examples fail with that code, and the fixes compile.

#[path = "../../crates/graph/tests/pages/mod.rs"]
#[allow(unreachable_pub, reason = "shared with the tests of the graph crate")]
mod pages;

use deadwax::diagnostic::{Style, render};
use deadwax::{Format, Graph, Overrides, Settings, load, plan, registry};
use deadwax_graph::Memory;
use std::path::Path;

fn read(files: &[&pages::Block]) -> Graph {
    let memory = files.iter().fold(Memory::new(), |memory, block| memory.with(&*block.file, &*block.text));
    load(&registry(), &memory, "main.ron", &Overrides::none())
        .unwrap_or_else(|e| panic!("{:#?}", e.diagnostics))
}

#[test]
fn examples_for_the_engine_fail_with_their_code_and_their_fixes_compile() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/errors");
    let settings = Settings { workers: 1, ..Settings::default() };
    let mut seen = 0;
    for page in pages::pages(&folder) {
        if page.graph("engine-fail").is_empty() {
            continue;
        }
        seen += 1;
        assert!(!page.title.is_empty() && !page.console, "{}", page.code);
        let graph = read(&page.graph("engine-fail"));
        let found = plan(&graph, Format::stereo(44_100), &settings).err().unwrap_or_default();
        let shown = render(&found, &graph.sources, Style::Plain, 10);
        assert_eq!(found.first().map(|first| first.code.to_string()), Some(page.code.clone()), "{shown}");
        insta::assert_snapshot!(page.code.clone(), shown);
        let fixed = read(&page.graph("engine-fix"));
        if let Err(errors) = plan(&fixed, Format::stereo(44_100), &settings) {
            panic!("{}: the fix fails:\n{}", page.code, render(&errors, &fixed.sources, Style::Plain, 10));
        }
    }
    assert!(seen >= 7, "pages of the engine's codes are missing");
}
