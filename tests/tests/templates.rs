//! Graphs that ship are templates; and the codes of templates, each brought about for real.

use deadwax::diagnostic::{Code, Style, render};
use deadwax::template::{Opened, Package, TemplateError, portrait};
use deadwax::{BUILT_IN, GraphRef, registry};
use deadwax_tests::graphs;
use std::path::Path;

#[test]
fn every_graph_that_ships_is_a_template_in_every_form() {
    for (name, _) in BUILT_IN {
        let opened = Opened::built_in(name, &registry()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(opened.package.about().name, *name);
        let file = Package::read(&graphs().join(format!("{name}.ron"))).unwrap();
        assert_eq!(file.file("graph.ron"), opened.package.file("graph.ron"));
        let again = Package::from_archive(&opened.package.archive()).unwrap();
        assert_eq!(again.content_hash(), opened.package.content_hash());
    }
}

#[test]
fn a_portrait_tells_what_the_plan_says() {
    let opened = Opened::built_in("three-band-glue", &registry()).unwrap();
    let portrait = portrait(&opened, 1);
    assert_eq!(portrait.nodes, opened.graph.nodes.len());
    assert_eq!(portrait.passes, 2);
    assert!(portrait.kinds.contains("Crossover") && portrait.kinds.contains("Limiter"));
    assert!(portrait.x_realtime.unwrap() > 0.5);
    assert!(portrait.takes.any_rate());
    assert_eq!((portrait.writes, portrait.reads), (vec!["output".to_owned()], vec![]));
}

/// Keeps what is said of the template at `path`, which must have the code.
fn keep(code: Code, folder: &Path, name: &str) {
    let error: TemplateError = Opened::read(&folder.join(name), &registry()).unwrap_err();
    let errors = error.told();
    assert_eq!(errors.diagnostics[0].code, code);
    let said = render(&errors.diagnostics, &errors.sources, Style::Plain, 1);
    let folder = folder.display().to_string() + "/";
    insta::assert_snapshot!(code.to_string(), said.replace(&folder, ""));
}

#[test]
fn what_is_wrong_with_a_template_has_a_code() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    keep(Code::TemplateNotRead, folder.path(), "none.dwx");
    let GraphRef::BuiltIn(name) = GraphRef::parse("cd").unwrap() else { panic!("it ships") };
    let archive = Opened::built_in(name, &registry()).unwrap().package.archive();
    write("cut.dwx", &archive[..archive.len() - 9]);
    keep(Code::ArchiveWrong, folder.path(), "cut.dwx");
    let text = |about: &str, more: &str| {
        format!("Graph(format: 1, {about} {more} nodes: {{ a: Gain }}, wires: [\"input -> a -> output\"])")
    };
    let about = "about: (name: \"warm\", version: \"1.0.0\"),";
    write("warm.ron", text(about, "use: { tape: \"../tape.ron\" },").as_bytes());
    keep(Code::TemplateUnfit, folder.path(), "warm.ron");
    write("unnamed.ron", text("", "").as_bytes());
    keep(Code::TemplateUnnamed, folder.path(), "unnamed.ron");
}

#[test]
fn an_index_that_cannot_be_used_has_a_code() {
    use deadwax_template::{Index, SourceError};
    let cause = Box::new(Index::read(b"{\"format\": 2}").unwrap_err());
    let error = SourceError::Index { name: "house".into(), cause };
    assert_eq!(error.code(), Code::IndexNotRead);
}
