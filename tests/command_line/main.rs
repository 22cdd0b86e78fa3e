//! The `deadwax` command, as people and programs call it.

mod album;
mod album_disc;
mod album_edit;
mod album_ends;
mod album_listen;
mod album_report;
mod album_sides;
mod album_versions;
mod ask;
mod compare;
mod diff;
mod draw;
mod edit;
mod files;
mod ghosts;
mod index;
mod lsp;
mod measure;
mod mend;
mod new_node;
mod preflight;
mod recall;
mod report;
mod share;
mod template;
mod watch;

// The reader of DDP filesets that the papers of discs are tested with.
#[path = "../../crates/disc/tests/paper/reader.rs"]
mod ddp_reader;
#[path = "../../crates/disc/tests/paper/packs.rs"]
mod packs;

use deadwax_tests::{mix, write_wav};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

fn deadwax(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deadwax"));
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).env_remove("RUST_BACKTRACE");
    command.env("DEADWAX_CACHE", concat!(env!("CARGO_TARGET_TMPDIR"), "/cache"));
    command.env("DEADWAX_LEDGER", concat!(env!("CARGO_TARGET_TMPDIR"), "/ledger"));
    command.env("DEADWAX_TEMPLATES", concat!(env!("CARGO_TARGET_TMPDIR"), "/templates"));
    command
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A folder with a short mix in it.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_wav(&folder.path().join("mix.wav"), 44_100, &mix(44_100, 6.0));
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn help_texts() {
    let folder = tempfile::tempdir().unwrap();
    insta::assert_snapshot!("welcome", out(&deadwax(folder.path(), &[])));
    insta::assert_snapshot!("help", out(&deadwax(folder.path(), &["--help"])));
    for command in [
        "render",
        "check",
        "explain",
        "draw",
        "nodes",
        "measure",
        "compare",
        "report",
        "inspect",
        "new",
        "lsp",
        "cache",
        "diff",
        "watch",
        "recall",
        "set",
        "fmt",
        "album",
        "template",
        "preflight",
        "codecs",
    ] {
        let output = deadwax(folder.path(), &[command, "--help"]);
        assert!(output.status.success());
        insta::assert_snapshot!(format!("help_{command}"), out(&output));
    }
}

#[test]
fn a_mix_becomes_a_master_beside_it_without_a_word_about_graphs() {
    let folder = folder();
    let output = deadwax(folder.path(), &["render", "mix.wav"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert_eq!(names(folder.path()), ["mix.streaming.wav", "mix.wav"]);
    let said = out(&output);
    for part in ["before", "after", "LUFS", "dBTP", "mix.streaming.wav", "-14.0"] {
        assert!(said.contains(part), "`{part}` is missing in:\n{said}");
    }
    assert_eq!(err(&output), "", "quiet where there is no terminal");
    // The next one does not replace the first.
    deadwax(folder.path(), &["render", "mix.wav", "-q"]);
    assert_eq!(names(folder.path()), ["mix.streaming.r2.wav", "mix.streaming.wav", "mix.wav"]);
    let bytes = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert!(bytes("mix.streaming.wav") == bytes("mix.streaming.r2.wav"), "run after run, the same bytes");
}

#[test]
fn the_same_bytes_at_any_number_of_jobs_and_any_block_size() {
    let folder = folder();
    let render = |name: &str, more: &[&str]| {
        let mut arguments = vec!["render", "mix.wav", "-q", "-g", "three-band-glue", "-o", name];
        arguments.extend(more);
        let output = deadwax(folder.path(), &arguments);
        assert!(output.status.success(), "{}", err(&output));
        std::fs::read(folder.path().join(name)).unwrap()
    };
    let expected = render("a.wav", &["-j", "1"]);
    for (name, more) in [
        ("b.wav", &["-j", "2"][..]),
        ("c.wav", &["-j", "2", "--block", "100"]),
        ("d.wav", &["-j", "1", "--block", "300000"]),
    ] {
        assert!(render(name, more) == expected, "{more:?}");
    }
}

#[test]
fn json_is_one_object_with_numbers() {
    let folder = folder();
    let output = deadwax(folder.path(), &["render", "mix.wav", "--json", "--set", "loudness=-16"]);
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(value["schema"], "deadwax.render/1");
    assert_eq!(value["ok"], true);
    let file = &value["files"][0];
    assert_eq!(file["frames"], 44_100 * 6);
    let after = &file["files"][0]["after"];
    assert!((after["integrated_lufs"].as_f64().unwrap() + 16.0).abs() < 0.1, "{after}");
    assert!(after["true_peak_dbtp"].as_f64().unwrap() <= -0.99);
    for arguments in [
        &["nodes", "--json"][..],
        &["check", "cd", "--json"],
        &["measure", "mix.wav", "--json"],
        &["explain", "cd", "--json"],
    ] {
        let output = deadwax(folder.path(), arguments);
        let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(value["ok"], true, "{arguments:?}");
    }
    std::fs::write(
        folder.path().join("bad.ron"),
        "Graph(format: 1, nodes: { a: Gian }, wires: [\"input -> a -> output\"])",
    )
    .unwrap();
    let output = deadwax(folder.path(), &["check", "bad.ron", "--json"]);
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(value["diagnostics"][0]["code"], "DW0101");
    assert_eq!(value["diagnostics"][0]["line"], 1);
}

#[test]
fn exit_codes_say_what_went_wrong() {
    let folder = folder();
    std::fs::write(folder.path().join("bad.ron"), "Graph(format: 1,").unwrap();
    std::fs::write(folder.path().join("noise.wav"), "no audio at all").unwrap();
    std::fs::write(
        folder.path().join("lane.ron"),
        "Graph(format: 1, nodes: { a: MidSideEncode, b: MidSideDecode }, wires: [\"input -> a\", \"a.mid -> b.mid\", \"input -> b.side\", \"b -> output\"])",
    )
    .unwrap();
    let cases: [(&[&str], i32, &str); 11] = [
        (&["render"], 2, "MIX"),
        (&["render", "mix.wav", "--set", "loudness"], 2, "KEY=VALUE"),
        (&["nodes", "Compresor"], 2, "did you mean `Compressor`?"),
        (&["render", "mix.wav", "-g", "streamin"], 3, "did you mean `streaming`?"),
        (&["render", "mix.wav", "-g", "bad.ron"], 3, "DW0002"),
        (&["render", "mix.wav", "-g", "lane.ron"], 3, "DW0301"),
        (&["render", "mix.wav", "--set", "loudness=-100"], 3, "DW0103"),
        (&["render", "none.wav"], 4, "none.wav"),
        (&["render", "noise.wav"], 4, "DW0502"),
        (&["render", "mix.wav", "-o", "mix.wav", "-f"], 5, "DW0503"),
        (&["render", "mix.wav", "-o", "no/such/folder/x.wav"], 5, "DW0504"),
    ];
    let before = names(folder.path());
    for (arguments, code, said) in cases {
        let output = deadwax(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", err(&output));
        assert!(err(&output).contains(said), "{arguments:?}: {}", err(&output));
        assert!(!err(&output).contains("panicked"));
    }
    assert_eq!(names(folder.path()), before, "a failure leaves nothing behind");
    let output = deadwax(folder.path(), &["render", "mix.wav", "-o", "kept.wav", "-q"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        deadwax(folder.path(), &["render", "mix.wav", "-o", "kept.wav"]).status.code(),
        Some(5),
        "is there already"
    );
    assert_eq!(
        deadwax(folder.path(), &["render", "mix.wav", "-o", "kept.wav", "-f", "-q"]).status.code(),
        Some(0)
    );
}

#[test]
fn an_error_shows_the_line_and_what_to_do() {
    let folder = folder();
    let graph = "\
Graph(
    format: 1,
    nodes: {
        glue: Compressor(
            threshold_db: -18,
            atack_ms: 30,
            ratio: 0.5,
        ),
    },
    wires: [\"input -> glue -> output\"],
)
";
    std::fs::write(folder.path().join("mine.ron"), graph).unwrap();
    let output = deadwax(folder.path(), &["check", "mine.ron"]);
    assert_eq!(output.status.code(), Some(3));
    insta::assert_snapshot!("error_with_lines", err(&output));
}

#[test]
fn several_mixes_each_get_a_master_and_a_line() {
    let folder = folder();
    std::fs::copy(folder.path().join("mix.wav"), folder.path().join("other.wav")).unwrap();
    std::fs::write(folder.path().join("broken.wav"), "no audio").unwrap();
    let output =
        deadwax(folder.path(), &["render", "mix.wav", "broken.wav", "other.wav", "-g", "cd", "-j", "2"]);
    assert_eq!(output.status.code(), Some(4), "one of them could not be read");
    assert_eq!(names(folder.path()), ["broken.wav", "mix.cd.wav", "mix.wav", "other.cd.wav", "other.wav"]);
    let said = err(&output);
    assert!(said.contains("✓ mix.wav") && said.contains("✗ broken.wav"), "{said}");
    let spec = hound::WavReader::open(folder.path().join("mix.cd.wav")).unwrap().spec();
    assert_eq!(
        (spec.sample_rate, spec.bits_per_sample),
        (44_100, 16),
        "16 bit because the graph ends in `Dither(bits: 16)`"
    );
    let bytes = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert!(bytes("mix.cd.wav") == bytes("other.cd.wav"), "the same mix alone and among others");
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    write_wav(&folder.path().join("long.wav"), 44_100, &mix(44_100, 40.0));
    let mut child = command(folder.path(), &["render", "long.wav", "-j", "1", "--block", "64"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Wait until the output has been begun, so that there is something to leave behind.
    let begun = Instant::now();
    while names(folder.path()).len() < 2 && begun.elapsed() < Duration::from_secs(20) {
        if let Some(status) = child.try_wait().unwrap() {
            panic!("done before it could be interrupted: {status}");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(130));
    assert_eq!(names(folder.path()), ["long.wav"]);
}

#[test]
fn sheets_of_the_nodes() {
    let folder = tempfile::tempdir().unwrap();
    insta::assert_snapshot!("nodes", out(&deadwax(folder.path(), &["nodes"])));
    insta::assert_snapshot!("nodes_equalizer", out(&deadwax(folder.path(), &["nodes", "equalizer"])));
}

#[test]
fn drawings_go_to_the_terminal_or_to_a_file_that_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    insta::assert_snapshot!(
        "draw_three_band_glue",
        out(&deadwax(folder.path(), &["draw", "three-band-glue"]))
    );
    for (file, begins) in [("a.svg", "<svg"), ("a.dot", "digraph"), ("a.mmd", "flowchart")] {
        assert!(deadwax(folder.path(), &["draw", "three-band-glue", "-o", file]).status.success());
        let text = std::fs::read_to_string(folder.path().join(file)).unwrap();
        assert!(text.trim_start().starts_with(begins), "{file}: {text}");
        assert_eq!(deadwax(folder.path(), &["draw", "cd", "-o", file]).status.code(), Some(5));
    }
}

#[test]
fn explanations_in_plain_words() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["streaming", "three-band-glue", "parallel-compression", "cd"] {
        insta::assert_snapshot!(format!("explain_{name}"), out(&deadwax(folder.path(), &["explain", name])));
    }
    let page = out(&deadwax(folder.path(), &["explain", "DW0210"]));
    assert!(page.contains("loop"), "{page}");
}
