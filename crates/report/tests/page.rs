//! The page as a whole: what stands in it, how large it is, and that nothing from outside becomes markup.

use deadwax_platforms::{Facts, Platforms};
use deadwax_report::{GraphPart, Page, PortraitMeter, Text, Track, Version};
use proptest::prelude::*;
use serde_json::{Value, json};

const RATE: u32 = 44_100;

fn version(name: &str, seconds: u32, gain: f64, channels: usize) -> Version {
    let mut meter = PortraitMeter::new(RATE, channels, -1.0).unwrap();
    for second in 0..seconds {
        let plane = |channel: usize| -> Vec<f64> {
            let frame = |n: u32| {
                let t = f64::from(second * RATE + n) / f64::from(RATE);
                let level = if second % 4 < 2 { 0.4 } else { 0.9 };
                let turn = std::f64::consts::TAU * t;
                gain * level
                    * (0.6 * deadwax_dsp::math::sin(110.0 * turn)
                        + 0.4 * deadwax_dsp::math::sin((440.0 + 3.0 * channel as f64) * turn))
            };
            (0..RATE).map(frame).collect()
        };
        let planes: Vec<Vec<f64>> = (0..channels).map(plane).collect();
        meter.push(&planes.iter().map(Vec::as_slice).collect::<Vec<_>>());
    }
    let portrait = meter.finish();
    let facts = Facts {
        integrated_lufs: portrait.measured.integrated_lufs,
        true_peak_dbtp: portrait.measured.true_peak_dbtp,
        rate_hz: Some(RATE),
        bits: Some(24),
        channels: Some(channels),
        ..Facts::default()
    };
    Version { name: Text::from(name), codec: Text::from("wav"), bits: Some(24), channels, portrait, facts }
}

fn graph() -> GraphPart {
    let gain: Vec<f64> = (0..1200).map(|n| -3.0 * f64::from(n % 100) / 100.0).collect();
    GraphPart {
        name: Text::from("house 1.0"),
        settings: vec![Text::from("ratio = 2")],
        drawing: "<svg viewBox=\"0 0 1 1\"></svg>".into(),
        explain: Text::from("in plain words"),
        reports: vec![
            ("glue".into(), json!({"gain_curve": {"hop_s": 0.01, "gain_db": gain}})),
            (
                "bands".into(),
                json!({"bands": {"low": {"gain_curve": {"hop_s": 0.01, "gain_db": [-1.0, 0.0]}}}}),
            ),
            ("idle".into(), json!({"gain_curve": {"hop_s": 0.01, "gain_db": [0.0, 0.0]}})),
        ],
        remarks: Text::from("glue  most 3.0 dB down"),
        target_lufs: Some(-14.0),
    }
}

fn page(tracks: Vec<Track>) -> Page {
    let platforms = Platforms::built_in();
    let rules = ["spotify", "soundcloud", "cd", "ebu-r128"];
    let rules = rules.map(|name| (name.to_owned(), platforms.get(name).unwrap().clone()));
    Page { made_on: Text::from("2026-01-01"), ..Page::of(tracks, rules.to_vec()) }
}

fn both() -> Track {
    Track {
        after: version("master.wav", 12, 1.0, 2),
        before: Some(version("mix.wav", 12, 0.5, 2)),
        graph: Some(graph()),
    }
}

/// Elements with their classes, texts left out, and of figures and tables only what they are called.
fn skeleton(html: &str) -> String {
    let body = html.split_once("<body>").unwrap().1;
    let mut lines = Vec::new();
    for (tag, what) in [("h1", 1), ("h2", 1), ("h3", 1), ("b", 2), ("th", 3)] {
        let each: Vec<&str> = body
            .split(&format!("<{tag}>"))
            .skip(1)
            .filter_map(|rest| rest.split_once(&format!("</{tag}>")))
            .map(|(text, _)| text)
            .filter(|text| what != 2 || !text.contains(|c: char| c.is_ascii_digit() && !text.contains(' ')))
            .collect();
        lines.push(format!("{tag}: {}", each.join(" | ")));
    }
    lines.join("\n")
}

/// The numbers of a page.
fn numbers(html: &str) -> Value {
    let json = html.split_once("<script type=\"application/json\" id=\"deadwax\">").unwrap().1;
    serde_json::from_str(json.split_once("</script>").unwrap().0).unwrap()
}

/// Every element that was opened is closed again, in order.
fn balanced(html: &str) {
    let mut open: Vec<&str> = Vec::new();
    for part in html.split('<').skip(1) {
        let tag = part.split_once('>').unwrap_or_else(|| panic!("no end: {part}")).0;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "in {open:?}");
        } else if !tag.ends_with('/') && !tag.starts_with('!') {
            let name = tag.split([' ', '\n']).next().unwrap();
            if !["meta", "br"].contains(&name) {
                open.push(name);
            }
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn what_stands_in_a_page() {
    let html = page(vec![both()]).html();
    insta::assert_snapshot!("skeleton", skeleton(&html));
    balanced(&html);
    // One file, no script, nothing from elsewhere.
    assert_eq!(html.matches("<script").count(), 1);
    for outside in ["src=", "href=\"http", "url(", "@import", "javascript"] {
        assert!(!html.contains(outside), "{outside}");
    }
    // One gain each for the node and the band that moved, none for the one that did not.
    assert_eq!(html.matches("<b>Gain</b>").count(), 2);
    assert!(html.contains("of `bands low`") && !html.contains("of `idle`"));
    assert!(html.len() < 200_000, "{}", html.len());
}

#[test]
fn a_program_finds_the_same_keys_every_time() {
    let value = numbers(&page(vec![both()]).html());
    let keys = |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    insta::assert_snapshot!(
        "keys",
        [&value, &value["tracks"][0], &value["tracks"][0]["after"], &value["tracks"][0]["after"]["measured"]]
            .map(|part| keys(part).join(" "))
            .join("\n")
    );
    assert_eq!(value["schema"], "deadwax.report/1");
}

#[test]
fn mono_many_channels_silence_and_almost_nothing_have_pages_too() {
    for (seconds, gain, channels) in [(5, 1.0, 1), (5, 1.0, 6), (5, 0.0, 2), (1, 1.0, 2), (0, 1.0, 2)] {
        let track = Track { after: version("a", seconds, gain, channels), before: None, graph: None };
        let html = page(vec![track]).html();
        balanced(&html);
        for wrong in ["NaN", "inf", "Infinity"] {
            assert!(!html.contains(wrong), "{wrong} with {seconds} s, {gain}, {channels} channels");
        }
    }
}

#[test]
fn an_album_has_a_table_of_all_and_every_file_below_it() {
    let tracks: Vec<Track> = ["one", "two"]
        .map(|name| Track { after: version(name, 5, 1.0, 2), before: None, graph: None })
        .to_vec();
    let html = page(tracks).html();
    balanced(&html);
    assert!(html.contains("href=\"#track-2\"") && html.contains("id=\"track-2\""));
    assert_eq!(numbers(&html)["tracks"].as_array().unwrap().len(), 2);
}

#[test]
fn long_files_take_no_more_room_than_short_ones() {
    let mut meter = PortraitMeter::new(8000, 2, -1.0).unwrap();
    let plane: Vec<f64> = (0..8000).map(|n| 0.9 * deadwax_dsp::math::sin(f64::from(n * n % 8000))).collect();
    for _ in 0..1000 {
        meter.push(&[&plane, &plane]);
    }
    let after = Version { portrait: meter.finish(), ..version("long.wav", 1, 1.0, 2) };
    let html = page(vec![Track { after, before: None, graph: None }]).html();
    assert!(html.len() < 200_000, "{}", html.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn nothing_from_outside_becomes_markup(text in "(.|[<>&\"'/]|</script>|<!--|-->|\u{202e}){1,40}") {
        let mut track = both_short();
        let hostile = || Text::new(text.clone());
        (track.after.name, track.after.codec) = (hostile(), hostile());
        if let Some(graph) = &mut track.graph {
            (graph.name, graph.settings, graph.explain, graph.remarks) = (hostile(), vec![hostile()], hostile(), hostile());
            graph.reports[0].0 = text.clone();
        }
        let mut page = page(vec![track]);
        (page.title, page.client, page.engineer, page.notes) = (hostile(), hostile(), hostile(), hostile());
        let rule = &mut page.rules[0].1;
        (rule.name, rule.source, rule.note) = (text.clone(), text.clone(), text.clone());
        let html = page.html();
        balanced(&html);
        prop_assert_eq!(html.matches("<script").count(), 1);
        let value = numbers(&html);
        prop_assert_eq!(value["title"].as_str().unwrap(), text);
    }
}

fn both_short() -> Track {
    use std::sync::OnceLock;
    static TRACK: OnceLock<Track> = OnceLock::new();
    TRACK.get_or_init(|| Track { after: version("a", 4, 1.0, 2), before: None, graph: Some(graph()) }).clone()
}
