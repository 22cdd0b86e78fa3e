//! The sheet of sides.

use crate::pq_sheet::cells;
use deadwax_disc::pq_sheet::{SheetFile, TrackLoudness};
use deadwax_disc::side_sheet::{Figure, SheetSide, SheetTrack, SideSheet};
use proptest::prelude::*;

fn sheet(text: &str) -> SideSheet {
    let track = |number: u32, gap_s: f64, cross_s: f64| SheetTrack {
        number: number.to_string(),
        title: format!("{text} {number}"),
        performer: if number == 2 { "A Guest".into() } else { "The Cutters".into() },
        isrc: "US-ABC-26-00001".into(),
        start_s: 190.5 * f64::from(number - 1),
        length_s: 188.5,
        gap_s,
        cross_s,
    };
    let figure = |name: &str, value: f64, unit: &str, at_s: Option<f64>| Figure {
        name: name.into(),
        value,
        digits: 1,
        unit: unit.into(),
        at_s,
    };
    let side = SheetSide {
        name: "A".into(),
        file: SheetFile {
            name: "side A.wav".into(),
            md5: "d41d8cd98f00b204e9800998ecf8427e".into(),
            bytes: 8_349_600,
        },
        length_s: 569.5,
        loudness: TrackLoudness { integrated_lufs: Some(-13.96), true_peak_dbtp: Some(-1.0) },
        tracks: vec![track(1, 0.0, 0.0), track(2, 2.0, 0.0), track(3, 0.0, 1.5)],
        figures: vec![
            figure("cut", -3.06, "dB", None),
            figure("side to mid below 150 Hz", f64::NEG_INFINITY, "dB", None),
            figure("sideways at most", 41.04, "µm", Some(64.25)),
            figure("nothing", -0.01, "dB", None),
        ],
        notes: vec![format!("{text}: bands are too short")],
        drawing: "<svg></svg>".into(),
    };
    SideSheet {
        title: text.into(),
        performer: "The Cutters".into(),
        medium: "12-inch record, 33 rpm".into(),
        format: "44.1 kHz, 24 bit".into(),
        sides: vec![side],
        notes: vec!["side B is 3.5 s longer than side A".into()],
        ..SideSheet::default()
    }
}

#[test]
fn a_sheet_of_a_side_with_everything() {
    let sheet = sheet("=Run-out <b>& \"back\"");
    insta::assert_snapshot!("side_csv", sheet.csv().replace("\r\n", "\n"));
    let html = sheet.html();
    let (head, rest) = html.split_once("<style>").unwrap();
    let (_, rest) = rest.split_once("</style>").unwrap();
    insta::assert_snapshot!("side_html", format!("{head}{rest}"));
}

#[test]
fn the_page_of_sides_needs_nothing_beside_it_and_can_be_printed() {
    let html = sheet("Run-out").html();
    for outside in ["<script", "<link", "<img", "src=", "href=", "url(", "@import", "http://"] {
        assert!(!html.contains(outside), "{outside}");
    }
    assert!(html.contains("@media print") && html.contains("@page{size:A4"));
}

proptest! {
    #[test]
    fn no_text_becomes_a_formula_a_line_or_markup(text in "\\PC{0,12}[=+@<>\"',;\r\n-]{0,4}\\PC{0,8}") {
        let sheet = sheet(&text);
        for row in cells(&sheet.csv().replace("\r\n\r\n", "\r\n")) {
            for (at, cell) in row.iter().enumerate() {
                // A number of ours may begin with a minus.
                let number = cell.parse::<f64>().is_ok() && at > 1;
                prop_assert!(number || !cell.trim_start().starts_with(['=', '+', '-', '@']), "{cell}");
            }
        }
        let html = sheet.html();
        let plain = self::sheet("Run-out").html();
        prop_assert_eq!(html.matches('<').count(), plain.matches('<').count());
    }
}
