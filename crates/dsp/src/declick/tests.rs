//! Clicks over music, against the music itself.
#![allow(clippy::disallowed_methods, reason = "an independent reference")]

use super::*;
use deadwax_measure::signals::{Clicks, Music};

fn patches(settings: Settings, rate: f64, signal: &[f64], cut: usize) -> Vec<Patch> {
    let mut listener = Listener::seeking(settings, rate, 1);
    signal.chunks(cut).for_each(|chunk| listener.push(&[chunk]));
    listener.finish()
}

fn patched(patches: &[Patch], signal: &[f64]) -> Vec<f64> {
    let mut out = signal.to_vec();
    let patcher = Patcher::new(patches, 1, false);
    for (index, block) in out.chunks_mut(1000).enumerate() {
        patcher.process(0, 1000 * index as u64, block);
    }
    out
}

fn snr_db(clean: &[f64], out: &[f64]) -> f64 {
    let signal: f64 = clean.iter().map(|x| x * x).sum();
    let noise: f64 = clean.iter().zip(out).map(|(x, y)| (x - y) * (x - y)).sum();
    10.0 * (signal / noise.max(1e-30)).log10()
}

struct Case {
    clean: Vec<f64>,
    broken: Vec<f64>,
    mask: Vec<bool>,
    starts: Vec<(usize, usize)>,
}

fn case(seconds: f64) -> Case {
    let rate = 44_100.0;
    let [clean, _] = Music { rate_hz: rate, seconds, seed: 1 }.render();
    let clicks = Clicks::new(rate, seconds, 7);
    let broken = clean.iter().zip(&clicks.samples).map(|(x, c)| x + c).collect();
    let starts = clicks.clicks.iter().map(|click| (click.frames.start, click.frames.len())).collect();
    Case { clean, broken, mask: clicks.mask(), starts }
}

#[test]
fn music_with_clicks_comes_back() {
    let case = case(8.0);
    let found = patches(Settings::default(), 44_100.0, &case.broken, 5000);
    let out = patched(&found, &case.broken);
    let flagged: Vec<bool> = {
        let mut flags = vec![false; out.len()];
        for patch in &found {
            flags[patch.start as usize..patch.end() as usize].fill(true);
        }
        flags
    };
    let hit = |(start, frames): &&(usize, usize)| {
        flagged[*start..(*start + *frames).min(flagged.len())].iter().any(|f| *f)
    };
    let detected = case.starts.iter().filter(hit).count() as f64 / case.starts.len() as f64;
    let wrong = flagged.iter().zip(&case.mask).filter(|(f, m)| **f && !**m).count() as f64 / out.len() as f64;
    let (before, after) = (snr_db(&case.clean, &case.broken), snr_db(&case.clean, &out));
    // DSP specification, 3.7.
    assert!(after >= 25.0, "{before:.1} dB before, {after:.2} after; {:.1} % found", 100.0 * detected);
    assert!(detected >= 0.95, "{:.1} % found", 100.0 * detected);
    assert!(wrong <= 0.001, "{:.3} % of the samples are false", 100.0 * wrong);
    for (n, flag) in flagged.iter().enumerate() {
        assert!(
            *flag || out[n].to_bits() == case.broken[n].to_bits(),
            "{n}: untouched samples stay to the bit"
        );
    }
}

#[test]
fn clean_music_is_left_alone() {
    let [clean, _] = Music { rate_hz: 44_100.0, seconds: 8.0, seed: 1 }.render();
    let out = patched(&patches(Settings::default(), 44_100.0, &clean, 5000), &clean);
    let snr = snr_db(&clean, &out);
    assert!(snr >= 33.0, "{snr:.1} dB");
}

#[test]
fn the_same_patches_however_the_programme_is_cut() {
    let case = case(1.0);
    let whole = patches(Settings::default(), 44_100.0, &case.broken, 1 << 20);
    assert!(whole.len() > 5);
    assert_eq!(whole, patches(Settings::default(), 44_100.0, &case.broken, 333));
}

#[test]
fn given_places_are_filled_and_nothing_else() {
    let case = case(1.0);
    let found = patches(Settings::default(), 44_100.0, &case.broken, 5000);
    let places = vec![found.iter().map(|patch| patch.start..patch.end()).collect()];
    let mut listener = Listener::given(places);
    listener.push(&[&case.broken]);
    let again = listener.finish();
    assert_eq!(again, found, "the same samples as when they were sought");
}

#[test]
fn linked_channels_are_filled_at_the_same_places() {
    let case = case(1.0);
    let mut listener = Listener::seeking(Settings { linked: true, ..Settings::default() }, 44_100.0, 2);
    listener.push(&[&case.broken, &case.clean]);
    let found = listener.finish();
    let of = |channel: usize| -> Vec<(u64, u64)> {
        found.iter().filter(|p| p.channel == channel).map(|p| (p.start, p.end())).collect()
    };
    assert!(!of(0).is_empty());
    assert_eq!(of(0), of(1));
}

#[test]
fn what_is_taken_away_and_what_is_left_are_the_whole() {
    let case = case(1.0);
    let found = patches(Settings::default(), 44_100.0, &case.broken, 5000);
    let left = patched(&found, &case.broken);
    let mut away = case.broken.clone();
    Patcher::new(&found, 1, true).process(0, 0, &mut away);
    for n in 0..left.len() {
        assert!((left[n] + away[n] - case.broken[n]).abs() < 1e-15);
    }
}
