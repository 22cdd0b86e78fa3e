//! `deadwax measure`: tables, rules of platforms, exit codes.

use super::{deadwax, err, folder, out};
use deadwax_tests::{mix, write_wav};

#[test]
fn without_rules_it_is_a_table_and_the_answer_is_never_no() {
    let folder = folder();
    let plain = deadwax(folder.path(), &["measure", "mix.wav"]);
    assert_eq!(plain.status.code(), Some(0));
    assert!(out(&plain).contains("LUFS-I") && !out(&plain).contains("together"));
    let both = deadwax(folder.path(), &["measure", "mix.wav", "mix.wav", "--album"]);
    assert!(out(&both).contains("together"));
}

#[test]
fn rules_are_asked_and_say_why() {
    let folder = folder();
    let output = deadwax(folder.path(), &["measure", "mix.wav", "--for", "spotify,ebu-r128,cd"]);
    insta::assert_snapshot!("measure_for", out(&output));
    assert_eq!(output.status.code(), Some(1), "no standard, no CD: 24 bit");
    let fine = deadwax(folder.path(), &["measure", "mix.wav", "--for", "youtube,soundcloud"]);
    assert_eq!(fine.status.code(), Some(0), "{}", out(&fine));
    let hot: Vec<Vec<f64>> =
        mix(44_100, 6.0).iter().map(|c| c.iter().map(|x| (x * 4.0).clamp(-0.99, 0.99)).collect()).collect();
    write_wav(&folder.path().join("hot.wav"), 44_100, &hot);
    let output = deadwax(folder.path(), &["measure", "mix.wav", "hot.wav", "--for", "spotify,tidal"]);
    insta::assert_snapshot!("measure_for_two", out(&output));
    assert_eq!(output.status.code(), Some(1));
    // More rules than columns are told below the table.
    let all = out(&deadwax(folder.path(), &["measure", "hot.wav", "--for", "all"]));
    assert!(all.lines().next().unwrap().len() < 80 && all.contains("Netflix"), "{all}");
}

#[test]
fn a_program_finds_the_same_keys_every_time() {
    let folder = folder();
    let arguments = ["measure", "mix.wav", "mix.wav", "--for", "spotify,soundcloud", "--json"];
    let value: serde_json::Value =
        serde_json::from_slice(&deadwax(folder.path(), &arguments).stdout).unwrap();
    let keys =
        |value: &serde_json::Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    assert_eq!(keys(&value), ["files", "album", "rules", "schema", "ok", "diagnostics"]);
    let file = &value["files"][0];
    assert_eq!(
        keys(file),
        ["file", "codec", "bits", "channels", "seconds", "noise_floor_dbfs", "measured", "verdicts"]
    );
    assert_eq!(keys(&file["verdicts"]["spotify"]), ["state", "playback", "findings", "brief", "sentence"]);
    assert_eq!(
        keys(&file["verdicts"]["spotify"]["playback"]),
        ["gain_db", "loudness_lufs", "true_peak_dbtp", "held"]
    );
    assert_eq!(file["verdicts"]["soundcloud"]["playback"], serde_json::Value::Null);
    assert_eq!(keys(&value["album"]["verdicts"]), ["spotify"], "only what takes albums as a whole");
}

#[test]
fn a_spreadsheet_gets_as_many_cells_in_every_row() {
    let folder = folder();
    std::fs::copy(folder.path().join("mix.wav"), folder.path().join("=a, \"b\".wav")).unwrap();
    let output =
        deadwax(folder.path(), &["measure", "mix.wav", "=a, \"b\".wav", "--for", "spotify", "--csv"]);
    let text = out(&output);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[2].starts_with("\"'=a, \"\"b\"\".wav\",pcm"), "{}", lines[2]);
    // What stands between quotes is no border between cells.
    let cells = |line: &str| line.split('"').step_by(2).map(|part| part.matches(',').count()).sum::<usize>();
    assert_eq!([cells(lines[0]); 2], [cells(lines[1]), cells(lines[2])]);
    assert_eq!(deadwax(folder.path(), &["measure", "mix.wav", "--csv", "--json"]).status.code(), Some(2));
}

#[test]
fn rules_of_ones_own_and_what_is_wrong_with_them() {
    let folder = folder();
    let rules = |text: &str| std::fs::write(folder.path().join("own.ron"), text).unwrap();
    let run = || deadwax(folder.path(), &["measure", "mix.wav", "--for", "radio", "--platforms", "own.ron"]);
    assert_eq!(run().status.code(), Some(4), "no such file");
    rules(
        "Platforms(format: 1, rules: {\"radio\": (name: \"Radio\", kind: Standard, range_lufs: (-40, -5), \
         source: \"me\", grade: P, checked_on: \"2026-01-01\")})",
    );
    assert_eq!(run().status.code(), Some(0), "{}", err(&run()));
    rules("Platforms(format: 1, rules: {\"radio\": (name: \"Radio\", loud: yes)})");
    let output = run();
    assert_eq!(output.status.code(), Some(4));
    assert!(err(&output).contains("DW0531") && err(&output).contains("line 1"), "{}", err(&output));
    let output = deadwax(folder.path(), &["measure", "mix.wav", "--for", "spotifi"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("did you mean `spotify`"), "{}", err(&output));
    let output = deadwax(folder.path(), &["measure", "none.wav", "mix.wav", "--for", "youtube"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(out(&output).contains("mix.wav"), "what can be read is told all the same");
}
