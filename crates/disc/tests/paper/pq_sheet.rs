//! The sheet for people and spreadsheets.

use crate::discs::{full, sound, wild};
use deadwax_disc::pq_sheet::{Sheet, SheetFile, TrackLoudness};
use deadwax_disc::{Disc, Sectors};
use proptest::prelude::*;

fn sheet(disc: &Disc) -> Sheet<'_> {
    let loud = |lufs, dbtp| TrackLoudness { integrated_lufs: Some(lufs), true_peak_dbtp: Some(dbtp) };
    Sheet {
        disc,
        catalogue: "DW-001".into(),
        engineer: "=HYPERLINK(\"https://example.org\")".into(),
        date: "2026-11-30".into(),
        software: "deadwax 0.1.0".into(),
        format: "44.1 kHz, 16 bit, TPDF dither".into(),
        files: vec![SheetFile {
            name: "IMAGE.DAT".into(),
            md5: "d41d8cd98f00b204e9800998ecf8427e".into(),
            bytes: 8_349_600,
        }],
        loudness: vec![loud(-14.04, -1.0), TrackLoudness::default(), loud(f64::NEG_INFINITY, 0.04)],
    }
}

#[test]
fn a_sheet_of_a_disc_with_everything() {
    let mut disc = full();
    disc.texts.title = "Run-out <b>& \"back\"".into();
    disc.tracks[2].texts.title = "+1".into();
    insta::assert_snapshot!("csv", sheet(&disc).csv().replace("\r\n", "\n"));
    let html = sheet(&disc).html();
    let (head, rest) = html.split_once("<style>").unwrap();
    let (_, rest) = rest.split_once("</style>").unwrap();
    insta::assert_snapshot!("html", format!("{head}{rest}"));
}

#[test]
fn a_page_needs_nothing_beside_it_and_can_be_printed() {
    let html = sheet(&full()).html();
    for outside in ["<script", "<link", "<img", "src=", "href=", "url(", "@import", "http://"] {
        assert!(!html.contains(outside), "{outside}");
    }
    assert!(html.contains("@media print") && html.contains("@page{size:A4"));
}

/// Reads CSV as RFC 4180 has it.
pub(crate) fn cells(csv: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for line in csv.strip_suffix("\r\n").unwrap().split("\r\n") {
        let (mut row, mut rest) = (Vec::new(), line);
        loop {
            if let Some(quoted) = rest.strip_prefix('"') {
                let mut cell = String::new();
                rest = quoted;
                loop {
                    let (before, after) = rest.split_once('"').expect("a closing quote");
                    cell.push_str(before);
                    rest = after;
                    match rest.strip_prefix('"') {
                        Some(after) => (cell.push('"'), rest = after).1,
                        None => break,
                    }
                }
                row.push(cell);
            } else {
                let end = rest.find(',').unwrap_or(rest.len());
                assert!(!rest[..end].contains('"'));
                row.push(rest[..end].to_owned());
                rest = &rest[end..];
            }
            match rest.strip_prefix(',') {
                Some(after) => rest = after,
                None => break,
            }
        }
        assert!(rest.is_empty(), "{rest}");
        rows.push(row);
    }
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn gaps_and_lengths_add_up_to_the_total(disc in sound()) {
        let rows = cells(&sheet(&disc).csv());
        let total = rows.iter().find(|row| row[0] == "total").unwrap()[1].parse::<Sectors>().unwrap();
        let listed: Vec<&Vec<String>> = rows.iter().filter(|row| row.len() == 11).skip(1).collect();
        let sum = |column: usize| listed.iter().filter_map(|row| row[column].parse::<Sectors>().ok()).fold(Sectors(0), |sum, x| sum + x);
        prop_assert_eq!(sum(3) + sum(4), total);
        prop_assert_eq!(total, disc.lead_out + Sectors(150));
        // A row for every index, and one for the end.
        prop_assert_eq!(listed.len(), disc.marks_on_disc().len() + 1);
        prop_assert_eq!(&listed.last().unwrap()[2], &total.to_string());
    }

    #[test]
    fn no_text_becomes_a_formula_or_markup(disc in wild(), engineer in ".{0,20}", lead in "[=+@|\t -]{1,2}") {
        let mut sheet = sheet(&disc);
        sheet.engineer = format!("{lead}{engineer}");
        sheet.catalogue = "</dd><script>alert(1)</script>".into();
        for row in cells(&sheet.csv()) {
            // Numbers of ours may be below zero.
            for cell in row.iter().filter(|cell| cell.parse::<f64>().is_err()) {
                prop_assert!(!cell.trim_start().starts_with(['=', '+', '-', '@']), "{}", cell);
            }
        }
        let html = sheet.html();
        prop_assert!(!html.contains("<script"));
        let tags = |tag: &str| html.matches(tag).count();
        for (open, close) in [("<tr", "</tr>"), ("<td", "</td>"), ("<dd", "</dd>"), ("<div", "</div>")] {
            prop_assert_eq!(tags(open), tags(close));
        }
    }
}
