#![allow(clippy::disallowed_methods, reason = "an independent reference")]

use super::path::smooth;
use super::track::{Clock, frequencies};
use super::*;
use deadwax_measure::signals::{Hum, Music, gaussian};

const RATES: [u32; 5] = [44_100, 48_000, 88_200, 96_000, 192_000];

fn power(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>() / x.len() as f64
}

fn heard(x: &[&[f64]], rate: u32, source: Source) -> Finding {
    let mut listener = Listener::new(Settings { source, ..Settings::default() }, rate, x.len());
    listener.push(x);
    listener.finish()
}

/// What is taken for hum on the first channel.
fn taken(finding: &Finding, rate: u32, frames: usize) -> Vec<f64> {
    let mut away = vec![0.0; frames];
    if let Some(track) = &finding.track {
        track.check(1, f64::from(rate)).unwrap();
        Subtractor::new(track, f64::from(rate), 1, 1.0, true).process(0, 0, &mut away);
    }
    away
}

/// By how many dB less hum is left: the error against the clean signal, before and after.
fn better_db(hum: &[f64], taken: &[f64]) -> f64 {
    let rest: Vec<f64> = hum.iter().zip(taken).map(|(hum, taken)| hum - taken).collect();
    10.0 * (power(hum) / power(&rest).max(1e-30)).log10()
}

fn music(rate: u32, lead_s: f64, seconds: f64, seed: u64) -> Vec<f64> {
    let mut clean = vec![0.0; (lead_s * f64::from(rate)) as usize];
    clean.extend(&Music { rate_hz: f64::from(rate), seconds, seed }.render()[0]);
    clean
}

fn sum(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

/// DSP specification, 3.7: hum with a lead-in of two seconds falls by 20 dB or more.
#[test]
fn hum_with_a_lead_in_falls_by_more_than_20_db() {
    for (seed, rate) in (1..).zip(RATES) {
        let seconds = if rate > 48_000 { 3.0 } else { 6.0 };
        let clean = music(rate, 2.2, seconds, seed);
        for level in [-30.0, -45.0] {
            let hum = Hum::new(level, seed).render(f64::from(rate), clean.len() as f64 / f64::from(rate));
            let broken = sum(&clean, &hum);
            for source in [Source::Seek, Source::Given(0.0..2.1)] {
                let finding = heard(&[&broken], rate, source.clone());
                assert!(finding.alone_s.is_some(), "{source:?} at {rate} Hz, {level} dB");
                let better = better_db(&hum, &taken(&finding, rate, broken.len()));
                assert!(better >= 22.0, "{source:?} at {rate} Hz, {level} dB: {better:.1} dB");
            }
        }
    }
}

/// DSP specification, 3.7: blind, under music, never worse, and better by 2.5 dB.
#[test]
fn hum_under_music_falls_and_never_rises() {
    for (level, least) in [(-50.0, 0.0), (-40.0, 0.5), (-30.0, 15.0), (-20.0, 24.0)] {
        for seed in 1..=4 {
            let clean = music(44_100, 0.0, 12.0, seed);
            let hum = Hum::new(level, seed + 10).render(44_100.0, 12.0);
            let finding = heard(&[&sum(&clean, &hum)], 44_100, Source::Blind);
            let better = better_db(&hum, &taken(&finding, 44_100, clean.len()));
            assert!(better >= least, "seed {seed} at {level} dBFS: {better:.2} dB");
        }
    }
}

#[test]
fn hum_under_music_falls_at_every_rate() {
    for (seed, rate) in (20..).zip(RATES) {
        let clean = music(rate, 0.0, 10.0, seed);
        let hum = Hum::new(-28.0, seed).render(f64::from(rate), 10.0);
        let finding = heard(&[&sum(&clean, &hum)], rate, Source::Blind);
        let better = better_db(&hum, &taken(&finding, rate, clean.len()));
        assert!(better >= 12.0, "{rate} Hz: {better:.2} dB");
    }
}

#[test]
fn where_there_is_no_hum_none_is_found() {
    for seed in 1..=4 {
        let [left, right] = Music { rate_hz: 44_100.0, seconds: 12.0, seed }.render();
        let noise: Vec<f64> = gaussian(left.len(), seed).iter().map(|x| 0.01 * x).collect();
        for source in [Source::Seek, Source::Blind] {
            assert_eq!(
                heard(&[&left, &right], 44_100, source.clone()).track,
                None,
                "music {seed}, {source:?}"
            );
            assert_eq!(heard(&[&noise], 44_100, source.clone()).track, None, "noise {seed}, {source:?}");
        }
    }
    assert_eq!(heard(&[&vec![0.0; 500_000]], 44_100, Source::Seek).track, None);
    for frames in [0, 1, 1000, 30_000, 120_000] {
        heard(&[&gaussian(frames, 1)], 44_100, Source::Seek);
    }
}

/// A long note at a harmonic's frequency has harmonics, too.
#[test]
fn a_note_on_a_harmonic_is_no_hum() {
    let note: Vec<f64> = (0..12 * 44_100)
        .map(|n| {
            let turns = 350.2 * n as f64 / 44_100.0;
            (1..=3).map(|k| 0.1 / k as f64 * (std::f64::consts::TAU * k as f64 * turns).sin()).sum()
        })
        .collect();
    assert_eq!(heard(&[&note], 44_100, Source::Seek).track, None);
}

#[test]
fn sixty_hertz_are_told_from_fifty() {
    for (base, hz) in [(Base::Hz50, 49.96), (Base::Hz60, 60.05)] {
        let hum: Vec<f64> = (0..10 * 48_000)
            .map(|n| {
                let turns = hz * f64::from(n) / 48_000.0;
                let wave = |k: f64| 0.03 / k * (std::f64::consts::TAU * k * turns).sin();
                (1..=15).map(f64::from).map(wave).sum()
            })
            .collect();
        let clean = music(48_000, 0.0, 10.0, 7);
        let finding = heard(&[&sum(&clean, &hum)], 48_000, Source::Blind);
        let track = finding.track.as_ref().expect("there is hum");
        assert_eq!(track.base, base);
        assert!((track.mean_hz() - hz).abs() < 0.003, "{} Hz", track.mean_hz());
    }
}

#[test]
fn any_cutting_gives_the_same_bits() {
    let clean = music(44_100, 2.0, 3.0, 3);
    let hum = Hum::new(-30.0, 3).render(44_100.0, 5.0);
    let broken = sum(&clean, &hum);
    let whole = heard(&[&broken], 44_100, Source::Seek);
    let mut listener = Listener::new(Settings::default(), 44_100, 1);
    let mut subtractor = Subtractor::new(whole.track.as_ref().unwrap(), 44_100.0, 1, 1.0, false);
    let mut expected = broken.clone();
    subtractor.clone().process(0, 0, &mut expected);
    let (mut done, mut out) = (0, broken.clone());
    for size in [1, 7, 64, 333, 1024, 0, 4096].iter().cycle() {
        let end = (done + size).min(broken.len());
        listener.push(&[&broken[done..end]]);
        subtractor.process(0, done as u64, &mut out[done..end]);
        done = end;
        if done == broken.len() {
            break;
        }
    }
    assert_eq!(listener.finish(), whole);
    assert_eq!(out, expected);
}

/// What is off at the end is not made up there.
#[test]
fn where_the_hum_stops_nothing_is_taken() {
    let clean = music(44_100, 2.5, 8.0, 5);
    let mut hum = Hum::new(-35.0, 5).render(44_100.0, 10.5);
    hum.extend(vec![0.0; 3 * 44_100]);
    let broken = sum(&[clean, vec![0.0; 3 * 44_100]].concat(), &hum);
    let finding = heard(&[&broken], 44_100, Source::Seek);
    let away = taken(&finding, 44_100, broken.len());
    assert!(better_db(&hum, &away) > 12.0, "{:.1} dB", better_db(&hum, &away));
    assert!(away[(11.5 * 44_100.0) as usize..].iter().all(|x| *x == 0.0));
}

#[test]
fn a_bad_track_is_told_in_words() {
    let harmonic = Harmonic { channel: 0, number: 1, level_db: -40.0, phase_deg: 0.0 };
    let good = Track {
        base: Base::Hz50,
        freq_hz: vec![(0.0, 50.0), (1.0, 50.1)],
        level_db: vec![(0.0, OFF_DB), (1.0, 0.0)],
        harmonics: vec![harmonic, Harmonic { number: 2, ..harmonic }],
    };
    assert_eq!(good.check(1, 44_100.0), Ok(()));
    let bad = |change: &dyn Fn(&mut Track)| {
        let mut track = good.clone();
        change(&mut track);
        track.check(1, 44_100.0).unwrap_err().path
    };
    assert_eq!(bad(&|track| track.freq_hz[1].0 = 0.0), "freq_hz.1.0");
    assert_eq!(bad(&|track| track.freq_hz[0].1 = f64::NAN), "freq_hz.0.1");
    assert_eq!(bad(&|track| track.freq_hz[1].1 = 60.0), "freq_hz.1.1");
    assert_eq!(bad(&|track| track.freq_hz.clear()), "freq_hz");
    assert_eq!(bad(&|track| track.level_db[1].1 = 40.0), "level_db.1.1");
    assert_eq!(bad(&|track| track.harmonics[1].channel = 1), "harmonics.1.channel");
    assert_eq!(bad(&|track| track.harmonics[1].number = 1), "harmonics.1.number");
    assert_eq!(bad(&|track| track.harmonics[0].number = 441), "harmonics.0.number");
    assert_eq!(bad(&|track| track.harmonics[0].level_db = f64::INFINITY), "harmonics.0.level_db");
    assert_eq!(bad(&|track| track.harmonics[0].phase_deg = f64::NAN), "harmonics.0.phase_deg");
}

/// Against sines, one by one.
#[test]
fn the_hum_of_a_track_is_the_sum_of_its_sines() {
    let track = Track {
        base: Base::Hz60,
        freq_hz: vec![(0.0, 60.0), (2.0, 60.1)],
        level_db: Vec::new(),
        harmonics: vec![
            Harmonic { channel: 0, number: 1, level_db: -20.0, phase_deg: 30.0 },
            Harmonic { channel: 0, number: 7, level_db: -26.0, phase_deg: -100.0 },
        ],
    };
    let made = taken(&Finding { track: Some(track), ..Finding::default() }, 48_000, 2 * 48_000);
    for (n, made) in made.iter().enumerate() {
        let time = n as f64 / 48_000.0;
        let turns = 60.0 * time + 0.5 * 0.05 * time * time;
        let wave = |k: f64, db: f64, deg: f64| {
            10f64.powf(db / 20.0) * (std::f64::consts::TAU * k * turns + deg.to_radians()).cos()
        };
        // Within 64 frames the frequency is taken to stand.
        let expected = wave(1.0, -20.0, 30.0) + wave(7.0, -26.0, -100.0);
        assert!((made - expected).abs() < 1e-7, "{made} and {expected} at {time}");
    }
}

#[test]
fn rounded_frequencies_keep_the_phase_for_an_hour() {
    let hop_s = 0.0625;
    let turns: Vec<f64> = (0..16 * 3600)
        .map(|hop| 0.5 * (f64::from(hop) * hop_s / 40.0).sin() + 0.011 * f64::from(hop) * hop_s)
        .collect();
    let clock = Clock::new(&frequencies(Base::Hz50, &turns, hop_s, 3600.0, 20));
    let off: Vec<f64> = (0..turns.len())
        .map(|hop| clock.turns(hop as f64 * hop_s) - 50.0 * hop as f64 * hop_s - turns[hop])
        .collect();
    let (low, high) = off.iter().fold((9.0f64, -9.0f64), |(low, high), x| (low.min(*x), high.max(*x)));
    assert!((high - low) * 20.0 < 0.02, "{low} to {high} turns");
}

#[test]
fn a_smooth_curve_follows_a_line_to_the_point_and_passes_by_what_is_uncertain() {
    let mut points: Vec<f64> = (0..50).map(|n| 2.0 + 0.3 * f64::from(n)).collect();
    let mut weights = vec![1.0; 50];
    (points[20], weights[20]) = (90.0, 0.0);
    let smoothed = smooth(&points, &weights, 100.0);
    for (n, x) in (0..).zip(&smoothed) {
        assert!((x - 2.0 - 0.3 * f64::from(n)).abs() < 1e-6, "{x} at {n}");
    }
}
