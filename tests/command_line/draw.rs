//! `deadwax draw`, with the levels of a mix on its wires.

#![allow(clippy::disallowed_methods, reason = "an independent reference")]

use super::{deadwax, err, folder, out};

#[test]
fn every_form_tells_how_loud_the_wires_are() {
    let folder = folder();
    let from_json = |arguments: &[&str]| -> serde_json::Value {
        serde_json::from_slice(&deadwax(folder.path(), arguments).stdout).unwrap()
    };
    // A sine's level is what `measure` calls RMS; of both channels together it is the mean.
    let measured = from_json(&["measure", "mix.wav", "--json"]);
    let channels = measured["files"][0]["measured"]["channels"].as_array().expect("two channels").clone();
    let power: f64 = channels.iter().map(|one| 10_f64.powf(one["rms_dbfs"].as_f64().unwrap() / 10.0)).sum();
    let level = 10.0 * (power / channels.len() as f64).log10();
    let shown = format!("{level:.1} dB").replace('-', "\u{2212}");
    for form in ["terminal", "svg", "dot", "mermaid"] {
        let arguments = ["draw", "three-band-glue", "--as", form];
        let plain = out(&deadwax(folder.path(), &arguments));
        assert!(!plain.contains(" dB"), "{form}: {plain}");
        let output = deadwax(folder.path(), &[&arguments[..], &["--levels", "mix.wav"]].concat());
        let drawn = out(&output);
        assert!(output.status.success(), "{}", err(&output));
        assert!(drawn.contains(&shown), "{form}: {shown} is missing in\n{drawn}");
        // One for each of the three bands, the eight other nodes, and the input.
        assert_eq!(drawn.matches(" dB").count(), 12, "{form}:\n{drawn}");
    }
    assert_eq!(super::names(folder.path()), ["mix.wav"], "nothing is written");
}

#[test]
fn a_drawing_never_replaces_the_mix() {
    let folder = folder();
    let before = std::fs::read(folder.path().join("mix.wav")).unwrap();
    let arguments = ["draw", "streaming", "--as", "svg", "--levels", "mix.wav", "-o", "mix.wav", "-f"];
    let output = deadwax(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(5), "{}", err(&output));
    assert!(before == std::fs::read(folder.path().join("mix.wav")).unwrap());
    let output = deadwax(folder.path(), &["draw", "streaming", "--levels", "gone.wav"]);
    assert_eq!(output.status.code(), Some(4), "{}", err(&output));
}
