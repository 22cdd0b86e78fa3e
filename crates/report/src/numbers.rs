//! All numbers of a page once more, as plain data.

use crate::page::{Page, Track, Version};
use crate::stereo::counts;
use crate::time::{POINTS, gain_curves, thinned};
use serde_json::{Map, Value, json};

pub(crate) fn json(page: &Page) -> Value {
    let rules: Map<String, Value> =
        page.rules.iter().map(|(name, rule)| (name.clone(), json!(rule))).collect();
    json!({
        "schema": "deadwax.report/1", "title": page.title.plain(), "made_on": page.made_on.plain(),
        "made_by": page.made_by.plain(), "client": page.client.plain(), "engineer": page.engineer.plain(),
        "notes": page.notes.plain(), "album": page.album, "rules": rules,
        "tracks": page.tracks.iter().map(|one| track(one, page)).collect::<Vec<_>>(),
    })
}

fn track(track: &Track, page: &Page) -> Value {
    let verdicts: Map<String, Value> = track
        .verdicts(&page.rules)
        .into_iter()
        .map(|(name, _, verdict)| (name.to_owned(), json!(verdict)))
        .collect();
    let gains: Vec<Value> = gain_curves(track)
        .iter()
        .map(|(name, hop_s, gain)| {
            let points = thinned(*hop_s, gain, POINTS / 3);
            let hop_s = points.get(1).map_or(*hop_s, |point| point.0);
            json!({"node": name, "hop_s": hop_s, "gain_db": points.iter().map(|p| rounded(p.1)).collect::<Vec<_>>()})
        })
        .collect();
    json!({
        "after": version(&track.after), "before": track.before.as_ref().map(version), "verdicts": verdicts,
        "graph": track.graph.as_ref().map(|graph| json!({
            "name": graph.name.plain(), "target_lufs": graph.target_lufs,
            "settings": graph.settings.iter().map(|text| text.plain()).collect::<Vec<_>>(),
        })),
        "gain_curves": gains,
    })
}

fn version(version: &Version) -> Value {
    let portrait = &version.portrait;
    let mut measured = json!(portrait.measured);
    if let Some(measured) = measured.as_object_mut() {
        // The whole course of an hour would be a megabyte.
        let loudness = portrait.loudness(POINTS / 3);
        let step_s = loudness.get(1).zip(loudness.first()).map_or(0.0, |(b, a)| b.0 - a.0);
        let lufs: Vec<_> = loudness.iter().map(|point| point.1.map(rounded)).collect();
        let first_s = loudness.first().map(|point| point.0);
        measured.insert("history".into(), json!({"first_s": first_s, "step_s": step_s, "lufs": lufs}));
        if let Some(places) = measured.get_mut("overs").and_then(|overs| overs["places"].as_array_mut()) {
            places.truncate(50);
        }
    }
    let histogram = |values: Vec<f64>| -> Value {
        counts(&values)
            .into_iter()
            .map(|(from, share)| json!([from, rounded(share)]))
            .collect::<Vec<_>>()
            .into()
    };
    json!({
        "file": version.name.plain(), "codec": version.codec.plain(), "bits": version.bits,
        "channels": version.channels, "seconds": portrait.seconds(), "measured": measured,
        "noise_floor_dbfs": portrait.floor_dbfs, "bits_used": portrait.used_bits, "clipped": portrait.clipped,
        "silence_head_s": portrait.silence_s.0, "silence_tail_s": portrait.silence_s.1,
        "spectrum": portrait.spectrum, "translation": portrait.translation,
        "short_term_lufs_percent": histogram(portrait.windows()), "true_peak_dbtp_percent": histogram(portrait.peaks()),
    })
}

/// Two digits are more than a curve shows.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
