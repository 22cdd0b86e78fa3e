//! Recordings that a graph asks for, named on the command line.

use super::{deadwax, err, folder, names, out};

const HALL: &str = "Graph(
    format: 1,
    about: (name: \"hall\"),
    assets: { room: Ask(help: \"an impulse response\") },
    nodes: { verb: Convolver(asset: \"room\"), quiet: Gain(gain_db: -6) },
    wires: [\"input -> verb -> quiet -> output\"],
)
";

fn clap(path: &std::path::Path, at: usize) {
    let taps: Vec<f64> = (0..100).map(|n| if n == at { 0.5 } else { 0.0 }).collect();
    deadwax_tests::write_wav(path, 44_100, &vec![taps]);
}

#[test]
fn a_recording_is_named_by_a_flag_and_found_again_by_its_hash() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("rooms")).unwrap();
    std::fs::write(path("hall.ron"), HALL).unwrap();
    clap(&path("rooms/church.wav"), 30);
    clap(&path("rooms/cellar.wav"), 3);
    let run = |arguments: &[&str], code: i32| {
        let output = deadwax(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}{}", err(&output), out(&output));
        (out(&output), err(&output))
    };
    let church = "room=rooms/church.wav";
    let mut said = run(&["check", "hall.ron"], 3).1;
    said += &run(&["check", "hall.ron", "--asset", "rom=rooms/church.wav"], 3).1;
    said += &run(&["render", "mix.wav", "-g", "hall.ron", "-o", "out.wav"], 3).1;
    insta::assert_snapshot!("ask", said);
    run(&["check", "hall.ron", "--asset", church], 0);
    let told = run(&["explain", "hall.ron", "--asset", church], 0).0;
    assert!(told.contains("room  an impulse response: rooms/church.wav"), "{told}");
    // What needs no sound needs no recording.
    run(&["draw", "hall.ron"], 0);
    let drawn = run(&["draw", "hall.ron", "--levels", "mix.wav", "--asset", church], 0).0;
    assert!(drawn.contains("dB"), "{drawn}");
    run(&["set", "hall.ron", "quiet.gain_db=-7"], 0);
    run(&["diff", "hall.ron", "hall.ron"], 0);
    run(&["fmt", "hall.ron"], 0);
    // The recording is an input, and no output.
    let over =
        run(&["render", "mix.wav", "-g", "hall.ron", "--asset", church, "-o", "rooms/church.wav", "-f"], 5).1;
    assert!(over.contains("DW0503"), "{over}");

    run(&["render", "mix.wav", "-g", "hall.ron", "--asset", church, "-o", "out.wav", "-q"], 0);
    let missing = run(&["recall", "out.wav"], 0).0;
    assert!(missing.contains("assets"), "{missing}");
    let wrong = run(&["recall", "out.wav", "--verify", "mix.wav", "--asset", "room=rooms/cellar.wav"], 4).1;
    assert!(wrong.contains("DW0514"), "{wrong}");
    let unknown = run(&["recall", "out.wav", "--asset", "hall=rooms/church.wav"], 2).1;
    assert!(unknown.contains("DW0513") && unknown.contains("room"), "{unknown}");
    let same = run(&["recall", "out.wav", "--verify", "mix.wav", "--asset", church], 0).0;
    assert!(same.contains("the same samples"), "{same}");
    assert_eq!(names(&path("recalled/assets")), ["room.wav"]);
    // It lies there now.
    run(&["recall", "out.wav", "--verify", "mix.wav", "--asset", church], 0);
    run(&["recall", "out.wav", "--verify", "mix.wav"], 0);
}
