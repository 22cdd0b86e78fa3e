//! The layout of graph files: a law for every text, and a look at what comes of it.

use deadwax_graph::format::{WIDTH, format};
use proptest::prelude::*;
use std::path::Path;

fn shipped() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../graphs");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = paths.filter(|path| path.extension().is_some_and(|ending| ending == "ron"));
    let text = |path: &Path| std::fs::read_to_string(path).unwrap();
    files.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), text(&path))).collect()
}

/// What must stay: everything but blanks and commas, comments included, texts as they are.
fn kept(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != ',' && *c != '\u{feff}').collect()
}

/// The comments of a text, in any order: a comment in the middle of a part goes in front of it.
fn sorted(text: &str) -> String {
    let mut letters: Vec<char> = kept(text).chars().collect();
    letters.sort_unstable();
    letters.into_iter().collect()
}

#[test]
fn shipped_graphs_are_laid_out() {
    for (name, text) in shipped() {
        assert!(format(&text).unwrap() == text, "{name}: `deadwax fmt graphs/{name}`");
    }
}

#[test]
fn every_kind_of_part_has_its_layout() {
    let text = r#"
// About.


Graph(format:1,about:(name:"a",title:"A"   ,),
  params:{x :Param(sets:["low.ratio"],min:1,max:4 ,help:"A long help that goes on and on until it does not fit any more")},
  nodes: {
     // First.
     low:    Compressor( ratio : 2.0 , ),      // firm


     /* two
        lines */
     tone: Equalizer(bands: {
        a: Bell(freq_hz: 100, gain_db: -1.50), b: Bell(freq_hz: 200),
     }),
     many: GraphicEqualizer(gains_db: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24]),
     bare: Mix, empty: Gain(), also: Mix(
     ),
     moved: Gain(gain_db /* why */ : // because
        -3),
     // Last.
  },
  wires: ["input -> low",
    "low -> output" // the end
  ])
// Behind."#;
    let once = format(text).unwrap();
    insta::assert_snapshot!(once);
    assert_eq!(format(&once).unwrap(), once);
    assert_eq!(sorted(&once), sorted(text));
}

#[test]
fn a_broken_text_is_not_touched() {
    let found = format("Graph(format: 1,").unwrap_err();
    assert!(!found.is_empty());
}

fn gap() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => Just(String::new()),
        4 => Just(" ".to_owned()),
        2 => Just("\n".to_owned()),
        1 => Just("\n\n\n  ".to_owned()),
        1 => Just("\r\n\t".to_owned()),
        1 => "[a-z ,()]{0,12}".prop_map(|said| format!(" // {said}\n")),
        1 => "[a-z ,()]{0,12}".prop_map(|said| format!("/* {said} */")),
    ]
}

fn value() -> impl Strategy<Value = String> {
    let atom = prop_oneof![
        "-?[0-9]{1,4}(\\.[0-9]{1,3})?",
        "[A-Z][a-z]{0,8}",
        "\"[a-z ,(){}/]{0,40}\"",
        Just("r#\"raw // text\"#".to_owned()),
    ];
    atom.prop_recursive(4, 40, 6, |inner| {
        let part = (gap(), "[a-z]{1,9}", gap(), gap(), inner.clone(), gap())
            .prop_map(|(a, key, b, c, value, d)| (key.clone(), format!("{a}{key}{b}:{c}{value}{d}")));
        let fields = prop::collection::vec(part, 0..6)
            .prop_map(|parts| {
                let mut seen = std::collections::BTreeSet::new();
                let parts: Vec<String> = parts
                    .into_iter()
                    .filter(|(key, _)| seen.insert(key.clone()))
                    .map(|(_, part)| part)
                    .collect();
                parts.join(",")
            })
            .boxed();
        let items = prop::collection::vec((gap(), inner, gap()), 0..8).prop_map(|parts| {
            parts.iter().map(|(a, x, b)| format!("{a}{x}{b}")).collect::<Vec<_>>().join(",")
        });
        prop_oneof![
            (fields.clone(), gap()).prop_map(|(inside, end)| format!("{{{inside}{end}}}")),
            ("[A-Z][a-z]{0,8}", gap(), fields).prop_map(|(name, a, inside)| format!("{name}{a}({inside})")),
            items.prop_map(|inside| format!("[{inside}]")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn any_text_keeps_its_tokens_and_comments_and_is_laid_out_once_for_all(
        (before, value, behind) in (gap(), value(), gap())
    ) {
        let text = format!("{before}{value}{behind}");
        let Ok(once) = format(&text) else { return Ok(()) };
        prop_assert_eq!(sorted(&once), sorted(&text), "{}", once);
        let twice = format(&once);
        prop_assert_eq!(twice.as_ref(), Ok(&once), "{}", text);
        prop_assert!(once.ends_with('\n') && !once.contains(" \n") && !once.contains("\n\n\n"), "{:?}", once);
        // The same value for `ron`, too.
        let plain = |text: &str| ron::from_str::<ron::Value>(text).map(|value| format!("{value:?}")).ok();
        prop_assert_eq!(plain(&once), plain(&text));
    }

    #[test]
    fn no_text_does_harm(text in "[\\PC\n]{0,200}") {
        let _ = format(&text);
    }
}

#[test]
fn lines_fit_where_they_can() {
    for (name, text) in shipped() {
        for line in format(&text).unwrap().lines().filter(|line| !line.trim_start().starts_with("//")) {
            let code = line.split("  //").next().unwrap_or_default();
            let long_text =
                code.contains("description:") || code.contains("help:") || code.contains("title:");
            assert!(code.chars().count() <= WIDTH + 1 || long_text, "{name}: {line}");
        }
    }
}
