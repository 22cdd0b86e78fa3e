//! Fixes mend just what is wrong: nothing else of the text changes, and the error is gone.

use deadwax_graph::{Diagnostic, Memory, Overrides, load};
use deadwax_nodes::registry;

const SOUND: &str = r#"Graph(
    format: 1,
    params: { squash: Param(sets: ["glue.ratio"], min: 1, max: 4) },
    presets: { "firm": { squash: 3 } },
    nodes: {
        bands: Crossover(freqs_hz: [200]),
        glue: Compressor(ratio: 2, detector: Peak, lane: Mid),
        tone: Equalizer(bands: { air: HighShelf(freq_hz: 9000, gain_db: 1) }),
        sum: Mix,
    },
    wires: [
        "input -> bands",
        "bands.low -> glue -> sum",
        "bands.high -> sum",
        "sum -> tone -> output",
    ],
)
"#;

fn diagnostics(text: &str) -> Vec<Diagnostic> {
    let loader = Memory::new().with("a.ron", text);
    match load(&registry(), &loader, "a.ron", &Overrides::none()) {
        Ok(graph) => graph.warnings,
        Err(errors) => errors.diagnostics,
    }
}

/// `text` with the first fix that is offered.
fn mended(text: &str) -> Option<String> {
    let fix = diagnostics(text).into_iter().find_map(|diagnostic| diagnostic.fix)?;
    let (_, span) = fix.at;
    Some(format!("{}{}{}", &text[..span.start], fix.text, &text[span.end..]))
}

#[test]
fn a_fix_brings_back_the_very_text_that_was_spoilt() {
    assert_eq!(diagnostics(SOUND), [], "the example itself is sound");
    for (good, spoilt) in [
        // Names that are nearly right.
        ("glue: Compressor(", "glue: Compresor("),
        ("ratio: 2", "ratoi: 2"),
        ("Peak", "Peek"),
        ("lane: Mid", "lane: Middle"),
        ("HighShelf(", "HighSelf("),
        ("gain_db: 1", "gian_db: 1"),
        ("-> glue ->", "-> gleu ->"),
        ("bands.high", "bands.hihg"),
        ("glue.ratio", "glue.ratoi"),
        ("\"glue.", "\"gluee."),
        ("max: 4", "maxx: 4"),
        ("{ squash: 3 }", "{ squahs: 3 }"),
        ("presets:", "preset:"),
        // What is missing.
        ("[200]),", "[200])"),
        ("ratio: 2, ", "ratio: 2 "),
        ("[200])", "[200)"),
        ("[200])", "[200]])"),
        ("    ],\n)", "    ],\n"),
        ("(\n    format: 1, ", "(\n    "),
        // Numbers beyond their range.
        ("max: 4", "max: 4000"),
        ("gain_db: 1", "gain_db: 100"),
        ("freq_hz: 9000", "freq_hz: -3"),
    ] {
        let text = SOUND.replacen("(\n    format: 1,\n", "(\n    format: 1, \n", 1);
        let broken = text.replacen(good, spoilt, 1);
        assert_ne!(broken, text, "`{good}` is in the example");
        let mended = mended(&broken).unwrap_or_else(|| panic!("no fix for `{spoilt}`"));
        assert_eq!(diagnostics(&mended), [], "`{spoilt}` became:\n{mended}");
        if !spoilt.contains(|letter: char| letter.is_ascii_digit()) || spoilt == "[200])" {
            let plain = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(plain(&mended), plain(&text), "`{spoilt}`: nothing else has changed");
        }
    }
}

#[test]
fn a_number_goes_to_the_bound_it_has_passed() {
    let broken = SOUND.replace("ratio: 2", "ratio: 0.25");
    assert!(mended(&broken).unwrap().contains("ratio: 1,"));
    let preset = SOUND.replace("squash: 3", "squash: 30");
    assert!(mended(&preset).unwrap().contains("squash: 4 "));
}

#[test]
fn where_there_are_several_ways_there_is_no_fix() {
    for spoilt in [
        SOUND.replace("sum: Mix", "sum: Zzz"),
        SOUND.replace("sum: Mix", "glue: Mix"),
        SOUND.replace("gain_db: 1) })", "gain_db: 1 })"),
        SOUND.replace("sum -> tone -> output", "sum -> output"),
    ] {
        assert!(!diagnostics(&spoilt).is_empty());
        assert_eq!(mended(&spoilt), None, "{spoilt}");
    }
}
