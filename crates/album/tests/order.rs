//! Tracks change their places, and what lies between them goes with them.

use deadwax_album::document::Element;
use deadwax_album::{MoveError, To, move_track, read};
use deadwax_graph::format::format;
use proptest::prelude::*;

const ALBUM: &str = r#"Album(
    format: 1,
    tracks: {
        a: Track(source: "a.wav"),
        b: Track(source: "b.wav"),
        c: Track(source: "c.wav"),
        d: Track(source: "d.wav"),
    },
    layout: [
        Side("A"),
        "a",
        Gap(Seconds(2)),
        // The single.
        "b",  // loud
        Side("B"),
        "c",
        Cross(length: Seconds(1)),
        "d",
    ],
)
"#;

/// The steps of the layout in short: `A a 2 b B c x d`.
fn short(text: &str) -> String {
    let read = read("a.ron", text).unwrap_or_else(|errors| panic!("{text}\n{:?}", errors.diagnostics));
    let word = |step: &Element| match step {
        Element::Track(name) | Element::Side(name) => name.clone(),
        Element::Gap(_) => "-".into(),
        Element::Cross { .. } => "x".into(),
        Element::Hidden(_) => "h".into(),
    };
    read.album.layout.iter().map(|step| word(&step.value)).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_track_takes_what_is_in_front_of_it_to_its_new_place() {
    assert_eq!(short(ALBUM), "A a - b B c x d");
    for (track, to, expected) in [
        ("b", To::Before("a"), "A b - a B c x d"),
        ("b", To::After("c"), "A a B c - b x d"),
        ("b", To::Side("B"), "A a B c x d - b"),
        ("b", To::Before("d"), "A a B c x b - d"),
        ("d", To::After("a"), "A a x d - b B c"),
        ("d", To::Before("b"), "A a - d x b B c"),
        // The first of a side has nothing in front of it.
        ("a", To::Side("B"), "A b B c x d - a"),
        ("c", To::Before("b"), "A a - c x b B d"),
        ("c", To::After("d"), "A a - b B d x c"),
        // To where it is.
        ("b", To::Side("A"), "A a - b B c x d"),
        ("b", To::After("a"), "A a - b B c x d"),
    ] {
        let moved = move_track(ALBUM, track, to).unwrap().text;
        assert_eq!(short(&moved), expected, "{track} {to:?}");
        assert_eq!(format(&moved).unwrap(), moved, "what was laid out stays so");
        let single = moved.find("// The single.\n        \"b\",  // loud\n");
        assert!(single.is_some(), "comments go with what they are about: {moved}");
    }
    assert_eq!(move_track(ALBUM, "b", To::After("a")).unwrap().text, ALBUM);
}

#[test]
fn what_is_not_there_cannot_be_moved() {
    let near = |name: &str| Some(name.to_owned());
    let long = ALBUM.replace("\"c\"", "\"coda\"").replace("c: Track", "coda: Track");
    assert_eq!(
        move_track(&long, "codda", To::Side("A")),
        Err(MoveError::NoTrack { name: "codda".into(), near: near("coda") })
    );
    assert_eq!(
        move_track(&long, "a", To::After("x")),
        Err(MoveError::NoTrack { name: "x".into(), near: None })
    );
    assert_eq!(
        move_track(&long, "a", To::Side("C")),
        Err(MoveError::NoSide { name: "C".into(), near: None })
    );
    assert_eq!(move_track(&long, "a", To::Before("a")), Err(MoveError::Itself("a".into())));
    assert_eq!(move_track("Album(format: 1)", "a", To::Before("b")), Err(MoveError::NoLayout));
}

proptest! {
    /// Wherever it goes: the same steps, each track once, and no gap or crossing where none may be.
    #[test]
    fn any_move_between_tracks_leaves_an_album(moves in prop::collection::vec((0..6_usize, 0..6_usize, any::<bool>()), 1..8), seed in prop::collection::vec(0..3_u8, 6)) {
        let between = ["", "Gap(Seconds(1)), ", "Cross(length: Seconds(1)), "];
        let names = ["t0", "t1", "t2", "t3", "t4", "t5"];
        let tracks: String = names.iter().map(|name| format!("{name}: Track(source: \"a.wav\"), ")).collect();
        let steps: String = names.iter().zip(&seed).enumerate()
            .map(|(at, (name, kind))| format!("{}\"{name}\", ", if at > 0 { between[usize::from(*kind)] } else { "" }))
            .collect();
        let mut text = format!("Album(format: 1, tracks: {{ {tracks} }}, layout: [{steps}])");
        let letters = |text: &str| { let mut all: Vec<char> = text.chars().filter(|c| !c.is_whitespace() && *c != ',').collect(); all.sort_unstable(); all };
        for (track, other, before) in moves {
            let to = if before { To::Before(names[other]) } else { To::After(names[other]) };
            match move_track(&text, names[track], to) {
                Ok(moved) => {
                    prop_assert_eq!(letters(&moved.text), letters(&text));
                    text = moved.text;
                }
                Err(error) => prop_assert_eq!((error, track), (MoveError::Itself(names[track].into()), other)),
            }
            prop_assert!(read("a.ron", &text).is_ok(), "{}", text);
            let order: Vec<usize> = names.iter().map(|name| text.rfind(&format!("\"{name}\"")).unwrap()).collect();
            if track != other {
                prop_assert_eq!(order[track] < order[other], before, "{}", text);
            }
        }
    }
}
