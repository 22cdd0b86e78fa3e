//! Edits of an album change just what they are to change.

use deadwax_album::edit::{set, value_at};
use deadwax_album::{is_album, read};
use deadwax_graph::edit::EditError;
use deadwax_graph::format::format;
use deadwax_graph::tree::{Value, ValueKind, parse};
use proptest::prelude::*;

const ALBUM: &str = r#"// Mine.
Album(
    format: 1,
    about: (title: "Run-out", artist: "The Cutters"),

    // As loud as it is.
    loudness: AsMastered,
    graph: "house.ron",

    tracks: {
        // Opens.
        one: Track(title: "Opening", source: "mixes/01.wav"),  // loud
        "run-in": Track(
            title: "Run-in",
            // Found in a drawer.
            source: Source(path: "mixes/02.wav"),
            set: { loudness: -16, "glue.ratio": 2 },
        ),
    },

    layout: [
        "one",
        Gap(Seconds(2)),
        "run-in",
    ],

    deliver: {
        stream: Tracks(format: Wav(bits: 24)),
        cd: Disc,
    },
)
"#;

#[test]
fn a_value_changes_and_what_is_missing_goes_where_the_format_has_it() {
    for (path, value, from, to) in [
        ("about.title", "Run, out", "\"Run-out\"", "\"Run, out\""),
        ("about.artist", "\"A \\\"B\\\"\"", "\"The Cutters\"", "\"A \\\"B\\\"\""),
        ("tracks.one.title", "The \"first\"", "\"Opening\"", "\"The \\\"first\\\"\""),
        // Where the format has it: in front, in between, behind.
        ("about.upc", "0123456789012", "Cutters\"", "Cutters\", upc: \"0123456789012\""),
        ("tracks.one.isrc", "GBAAA2600001", "\"Opening\", ", "\"Opening\", isrc: \"GBAAA2600001\", "),
        ("tracks.one.offset_db", "-1.50", "01.wav\")", "01.wav\", offset_db: -1.50)"),
        (
            "tracks.run-in.offset_db",
            "2",
            "\"glue.ratio\": 2 },\n",
            "\"glue.ratio\": 2 },\n            offset_db: 2,\n",
        ),
        ("tracks.run-in.artist", "Me", "\"Run-in\",\n", "\"Run-in\",\n            artist: \"Me\",\n"),
        ("rate_hz", "96000", "Cutters\"),\n", "Cutters\"),\n    rate_hz: 96000,\n"),
        // With what is around it.
        ("tracks.one.set.loudness", "-12", "01.wav\")", "01.wav\", set: { loudness: -12 })"),
        ("tracks.one.set.glue.ratio", "3", "01.wav\")", "01.wav\", set: { \"glue.ratio\": 3 })"),
        ("tracks.run-in.set.glue.ratio", "3.0", "\"glue.ratio\": 2", "\"glue.ratio\": 3.0"),
        ("tracks.run-in.set.glue.mix", "0.5", "\"glue.ratio\": 2 ", "\"glue.ratio\": 2, \"glue.mix\": 0.5 "),
        (
            "tracks.one.fade_out.length",
            "Seconds(4)",
            "01.wav\")",
            "01.wav\", fade_out: Fade(length: Seconds(4)))",
        ),
        ("tracks.one.trim.head", "Samples(100)", "01.wav\")", "01.wav\", trim: (head: Samples(100)))"),
        (
            "tracks.one.versions.live",
            "mixes/01l.wav",
            "01.wav\")",
            "01.wav\", versions: { live: \"mixes/01l.wav\" })",
        ),
        ("tracks.run-in.source.sha256", "\"9f\"", "02.wav\")", "02.wav\", sha256: \"9f\")"),
        (
            "tracks.two",
            "Track(source: \"mixes/03.wav\")",
            "            set: { loudness: -16, \"glue.ratio\": 2 },\n        ),\n",
            "            set: { loudness: -16, \"glue.ratio\": 2 },\n        ),\n        two: Track(source: \"mixes/03.wav\"),\n",
        ),
        ("deliver.cd.limit", "74:00:00", "cd: Disc,", "cd: Disc(limit: \"74:00:00\"),"),
        ("deliver.cd", "Disc(write: [Cue])", "cd: Disc,", "cd: Disc(write: [Cue]),"),
        ("deliver.stream.format.bits", "16", "bits: 24", "bits: 16"),
        ("deliver.stream.post", "night.ron", "Tracks(format", "Tracks(post: \"night.ron\", format"),
        ("deliver.lp", "Sides(medium: Lp12)", "cd: Disc,\n", "cd: Disc,\n        lp: Sides(medium: Lp12),\n"),
        ("loudness", "Match(target_lufs: -16)", "AsMastered", "Match(target_lufs: -16)"),
        ("layout.0", "run-in", "        \"one\",\n", "        \"run-in\",\n"),
        ("layout.1.0.0", "3", "Seconds(2)", "Seconds(3)"),
        ("layout.1", "Gap(Seconds(2.5))", "Gap(Seconds(2))", "Gap(Seconds(2.5))"),
    ] {
        let edited = set(ALBUM, path, value).unwrap_or_else(|error| panic!("{path}={value}: {error}"));
        assert_eq!(edited.text, ALBUM.replacen(from, to, 1), "{path}={value}");
        assert_eq!(value_at(&edited.text, path).unwrap(), Some(&edited.text[edited.span.clone()]), "{path}");
        assert!(
            edited.text[edited.span].contains(value.trim_matches('"').split('"').next().unwrap()),
            "{path}"
        );
        // What was laid out stays so.
        let laid = format(&edited.text).unwrap();
        assert_eq!(laid, edited.text, "{path}");
    }
    assert_eq!(format(ALBUM).unwrap(), ALBUM);
}

#[test]
fn what_is_said_of_something_not_mentioned_is_said_of_its_default() {
    let bare = "Album(format: 1, tracks: {}, layout: [], deliver: { web: Tracks })";
    let edited = set(bare, "deliver.web.format.bits", "16").unwrap().text;
    assert_eq!(edited, bare.replace("Tracks", "Tracks(format: Wav(bits: 16))"));
    let edited = set(bare, "tracks.one", "Track(source: \"a.wav\")").unwrap().text;
    assert_eq!(edited, bare.replace("tracks: {}", "tracks: { one: Track(source: \"a.wav\") }"));
    let edited = set(bare, "about.title", "Hush").unwrap().text;
    assert_eq!(edited, bare.replace("tracks:", "about: (title: \"Hush\"), tracks:"));
    // Comments stay with what they are about, and a first part goes in front of them.
    let noted = "Album(\n    // The tracks.\n    tracks: {\n        // none yet\n    },\n)\n";
    let edited = set(noted, "format", "1").unwrap().text;
    assert_eq!(edited, noted.replacen("    // The", "    format: 1,\n    // The", 1));
    let edited = set(noted, "tracks.one", "Track").unwrap().text;
    assert_eq!(edited, noted.replace("yet\n", "yet\n        one: Track,\n"));
    let behind = "Album(tracks: {\n    a: Track /* one */ , /* of\n two */ b: Track // last\n})";
    let edited = set(behind, "tracks.c", "Track").unwrap().text;
    assert_eq!(edited, behind.replace("b: Track", "b: Track, c: Track"));
}

#[test]
fn a_path_that_leads_nowhere_and_a_value_that_is_none_are_refused() {
    let nowhere = |path: &str| Err(EditError::NoSuchPath { path: path.into() });
    for path in [
        "titel",
        "about.titel",
        "tracks.two.title",
        "tracks.one.titel",
        "tracks.one.source.sha256",
        "layout.7",
        "layout.one",
        "deliver.lp.medium",
        "loudness.target_lufs",
        "tracks.one.trim.head.level_dbfs",
        "tracks.one.fade_in.length.seconds",
        "about.title.x",
    ] {
        assert_eq!(set(ALBUM, path, "1"), nowhere(path), "{path}");
        assert_eq!(value_at(ALBUM, path), Ok(None), "{path}");
    }
    for (path, value) in [
        ("rate_hz", "1)"),
        ("tracks.one", "Track("),
        ("loudness", "a b"),
        ("deliver.cd", "Disc, x: Disc"),
        ("rate_hz", ""),
    ] {
        assert_eq!(
            set(ALBUM, path, value),
            Err(EditError::BadValue { value: value.into() }),
            "{path}={value}"
        );
    }
    assert_eq!(set("Album(", "format", "1"), Err(EditError::Broken));
}

#[test]
fn a_document_says_in_its_first_word_what_it_is() {
    assert!(is_album(ALBUM) && is_album("Album(") && is_album("\u{feff}/* x */ Album"));
    assert!(
        !is_album("Graph(format: 1)") && !is_album("// Album(") && !is_album("\"Album\"") && !is_album("")
    );
}

/// Paths and bytes of every value.
fn values(value: &Value, path: &str, found: &mut Vec<(String, std::ops::Range<usize>)>) {
    found.push((path.to_owned(), value.span.clone()));
    let below = |step: &str| if path.is_empty() { step.to_owned() } else { format!("{path}.{step}") };
    let items: &[Value] = match &value.kind {
        ValueKind::List(items) => items,
        ValueKind::Call(call) if call.fields.is_empty() => &call.items,
        _ => &[],
    };
    items.iter().enumerate().for_each(|(at, item)| values(item, &below(&at.to_string()), found));
    value.entries().iter().for_each(|entry| values(&entry.value, &below(&entry.key), found));
}

#[test]
fn setting_any_value_changes_its_bytes_and_no_others_and_comes_back() {
    let mut found = Vec::new();
    values(&parse(ALBUM, 0, &mut Vec::new()), "", &mut found);
    assert!(found.len() > 25, "{}", found.len());
    for (path, span) in found.iter().filter(|(path, _)| !path.is_empty()) {
        for new in ["\"a text\"", "Kind(field: -3)"] {
            let edited = set(ALBUM, path, new).unwrap_or_else(|error| panic!("{path}: {error}"));
            // What can only be a text becomes one.
            let said = edited.text[edited.span.clone()].to_owned();
            assert!(said == new || said == format!("{new:?}"), "{path}: {said}");
            assert_eq!(
                edited.text,
                format!("{}{said}{}", &ALBUM[..span.start], &ALBUM[span.end..]),
                "{path}"
            );
            let back = set(&edited.text, path, &ALBUM[span.clone()]);
            assert_eq!(back.unwrap().text, ALBUM, "{path}");
        }
    }
}

/// Blanks and comments, as people leave them.
fn gap() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just(String::new()),
        2 => Just(" ".to_owned()),
        2 => Just("\n    ".to_owned()),
        1 => Just("\r\n\t".to_owned()),
        1 => "[a-z ,(){}:]{0,8}".prop_map(|said| format!(" // {said}\n")),
        1 => "[a-z ,(){}:\n]{0,8}".prop_map(|said| format!("/* {said} */")),
    ]
}

const TITLES: [&str; 4] = ["title: \"T\"", "isrc: \"GBAAA2600001\"", "source: \"a.wav\"", "offset_db: 1"];

/// An album whose track has some of its parts, in any order, with anything between them.
fn album() -> impl Strategy<Value = String> {
    let parts = prop::sample::subsequence(TITLES.to_vec(), 0..=4).prop_shuffle();
    (parts, prop::collection::vec(gap(), 16), any::<bool>()).prop_map(|(parts, gaps, comma)| {
        let last = parts.len();
        let each: Vec<String> = parts
            .iter()
            .enumerate()
            .map(|(at, part)| {
                let comma = if at + 1 < last || comma { "," } else { "" };
                format!("{}{part}{}{comma}", gaps[3 * at], gaps[3 * at + 1])
            })
            .collect();
        format!(
            "{}Album(format: 1,{}tracks: {{ one: Track({}{}) }}, layout: [\"one\"])",
            gaps[15],
            gaps[14],
            each.concat(),
            gaps[13]
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever stands around it: one stretch of bytes is new, everything else is as it was, and the value is read back.
    #[test]
    fn a_part_that_is_set_is_there_and_nothing_else_has_moved(
        text in album(),
        (path, value) in prop::sample::select(vec![
            ("tracks.one.title", "\"X\""), ("tracks.one.isrc", "\"USABC2600002\""), ("tracks.one.offset_db", "-1.50"), ("tracks.one.note", "\"n\""),
            ("tracks.one.artist", "\"A\""), ("tracks.one.set.loudness", "-12"), ("tracks.one.source", "\"b.wav\""), ("about.title", "\"X\""),
            ("deliver.cd.limit", "\"74:00:00\""), ("rate_hz", "48000"), ("graph", "\"g.ron\""),
        ]),
    ) {
        let Ok(edited) = set(&text, path, value) else {
            // A deliverable that is not there is not made up.
            prop_assert!(path.starts_with("deliver."));
            return Ok(());
        };
        prop_assert_eq!(value_at(&edited.text, path).unwrap(), Some(value), "{}", edited.text);
        let errors = |text: &str| read("a.ron", text).err().map_or(0, |errors| errors.diagnostics.iter().filter(|one| one.is_error()).count());
        prop_assert!(errors(&edited.text) <= errors(&text), "{}", edited.text);
        let had = value_at(&text, path).unwrap();
        // A comma may be missing in front of a comment that the new part goes behind.
        let plain = |text: &str| text.replace([',', ' ', '\n', '\r', '\t'], "");
        let (before, now) = (plain(&text), plain(&edited.text));
        let old = before.len() - had.map_or(0, |had| plain(had).len());
        let front = before.bytes().zip(now.bytes()).take_while(|(a, b)| a == b).count();
        let behind = before.bytes().rev().zip(now.bytes().rev()).take_while(|(a, b)| a == b).count();
        prop_assert!(front + behind >= old, "{}\n{}", text, edited.text);
        let comments = |text: &str| text.matches("//").count() + text.matches("/*").count();
        prop_assert!(comments(&edited.text) == comments(&text), "{}", edited.text);
    }

    #[test]
    fn an_album_that_is_laid_out_means_the_same_and_is_laid_out_once_for_all(text in album()) {
        let once = format(&text).map_err(|errors| TestCaseError::fail(format!("{errors:?}")))?;
        let twice = format(&once);
        prop_assert_eq!(twice.as_ref(), Ok(&once));
        prop_assert_eq!(meaning(&once), meaning(&text), "{}", once);
    }

    #[test]
    fn no_path_and_no_value_do_harm(path in "[a-z.0-9]{0,24}", value in "\\PC{0,16}") {
        if let Ok(edited) = set(ALBUM, &path, &value) {
            prop_assert!(parse_is_sound(&edited.text), "{}", edited.text);
        }
    }
}

/// What was read, or what is wrong with it, but for where it stands.
fn meaning(text: &str) -> String {
    let shown = match read("a.ron", text) {
        Ok(read) => format!("{:?}", read.album),
        Err(errors) => errors.diagnostics.iter().map(|error| format!("{}\n", error.message)).collect(),
    };
    let mut parts = shown.split("span: ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| all + part.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.'))
}

fn parse_is_sound(text: &str) -> bool {
    let mut errors = Vec::new();
    let _ = parse(text, 0, &mut errors);
    errors.is_empty()
}
