//! `deadwax report` and `render --report`: pages about files.

use super::{deadwax, err, folder, names, out};
use std::path::Path;

fn page(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn a_page_stands_beside_the_file_and_is_not_written_over() {
    let folder = folder();
    let run = |more: &[&str]| {
        let mut arguments = vec!["report", "mix.wav"];
        arguments.extend(more);
        deadwax(folder.path(), &arguments)
    };
    let output = run(&[]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert_eq!(out(&output), "mix.report.html\n");
    let html = page(folder.path(), "mix.report.html");
    assert!(html.contains("Ready for Spotify") && html.contains("Not for"));
    assert_eq!(run(&[]).status.code(), Some(5));
    assert_eq!(run(&["-f"]).status.code(), Some(0));
    let over = run(&["-f", "-o", "mix.wav"]);
    assert_eq!(over.status.code(), Some(5));
    assert!(err(&over).contains("DW0503"), "{}", err(&over));
    assert_eq!(names(folder.path()), ["mix.report.html", "mix.wav"]);
}

#[test]
fn before_and_after_with_the_graph_that_made_it() {
    let folder = folder();
    let output = deadwax(folder.path(), &["render", "mix.wav", "--report", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(value["pages"][0], "mix.streaming.report.html");
    let html = page(folder.path(), "mix.streaming.report.html");
    for part in
        ["mix.wav → mix.streaming.wav", "<b>Gain</b>", "of `peak`", "What the nodes found", "In plain words"]
    {
        assert!(html.contains(part), "`{part}` is missing");
    }
    assert!(!html.contains(&*folder.path().to_string_lossy()), "folders are nobody's business");
    let arguments =
        ["report", "mix.streaming.wav", "--before", "mix.wav", "--graph", "streaming", "-o", "later.html"];
    assert_eq!(deadwax(folder.path(), &arguments).status.code(), Some(0));
    assert!(page(folder.path(), "later.html").contains("The graph: streaming"));
}

#[test]
fn strangers_end_in_errors_and_leave_nothing_behind() {
    let folder = folder();
    std::fs::write(folder.path().join("bad.wav"), "RIFF....WAVEjunk").unwrap();
    for (arguments, exit) in [
        (&["report", "bad.wav"][..], 4),
        (&["report", "mix.wav", "none.wav"], 4),
        (&["report", "mix.wav", "--graph", "nothing"], 3),
        (&["report", "mix.wav", "bad.wav", "--before", "mix.wav"], 2),
        (&["report", "mix.wav", "-o", "no/such/folder.html"], 5),
        (&["report", "mix.wav", "--for", "spotifi"], 2),
    ] {
        let output = deadwax(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(exit), "{arguments:?}: {}", err(&output));
    }
    assert_eq!(names(folder.path()), ["bad.wav", "mix.wav"]);
    // A name is only a name.
    std::fs::copy(folder.path().join("mix.wav"), folder.path().join("<img onerror=x>.wav")).unwrap();
    let output =
        deadwax(folder.path(), &["report", "<img onerror=x>.wav", "-o", "page.html", "--title", "<b>"]);
    assert_eq!(output.status.code(), Some(0));
    let html = page(folder.path(), "page.html");
    assert!(html.contains("&lt;b&gt;") && !html.contains("<img"));
}
