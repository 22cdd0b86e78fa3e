#![allow(clippy::disallowed_methods, reason = "an independent reference")]

use super::*;
use crate::svf::tests::white;
use std::f64::consts::TAU;

const RATES: [f64; 5] = [44.1e3, 48e3, 88.2e3, 96e3, 192e3];

fn settings() -> Settings {
    Settings {
        kind: Gained::Bell,
        freq_hz: 3000.0,
        q: 1.0,
        threshold_db: -24.0,
        range_db: -12.0,
        ratio: 3.0,
        attack_s: 0.005,
        release_s: 0.05,
        own_region: true,
        when: When::Above,
        link: 1.0,
    }
}

fn process(band: &mut DynamicBand, channels: &mut [Vec<f64>], block: usize) {
    let frames = channels[0].len();
    for begin in (0..frames).step_by(block) {
        let range = begin..frames.min(begin + block);
        for (key, channel) in channels.iter().enumerate() {
            band.hear(key, &channel[range.clone()]);
        }
        band.follow(range.len());
        match channels {
            [left, right] => band.apply_pair(0, &mut left[range.clone()], &mut right[range]),
            _ => channels.iter_mut().enumerate().for_each(|(n, c)| band.apply(n, &mut c[range.clone()])),
        }
    }
}

/// The gain in dB that a steady tone of `hz` and `level_db` ends up with.
fn static_db(settings: &Settings, rate: f64, hz: f64, level_db: f64) -> f64 {
    measured_db(&mut DynamicBand::new(settings, rate, 1, 1).unwrap(), rate, hz, level_db)
}

fn measured_db(band: &mut DynamicBand, rate: f64, hz: f64, level_db: f64) -> f64 {
    band.reset();
    let frames = (0.3 * rate) as usize;
    let amplitude = 10_f64.powf(level_db / 20.0);
    let tone = |n: usize| TAU * hz / rate * n as f64;
    let mut block = vec![(0..frames).map(|n| amplitude * tone(n).sin()).collect::<Vec<_>>()];
    process(band, &mut block, CHUNK);
    // Correlation over whole periods at the end, with a window against what is left of one.
    let (mut re, mut im, mut weight) = (0.0, 0.0, 0.0);
    let begin = frames / 2;
    for (n, x) in block[0].iter().enumerate().skip(begin) {
        let w = 0.5 - 0.5 * (TAU * (n - begin) as f64 / (frames - begin) as f64).cos();
        re += w * x * tone(n).cos();
        im += w * x * tone(n).sin();
        weight += w;
    }
    20.0 * ((re * re + im * im).sqrt() * 2.0 / weight / amplitude).log10()
}

/// Spec 3.1: static gain within 0.05 dB of the law.
#[test]
fn the_static_gain_is_the_law() {
    for rate in RATES {
        for (range_db, ratio, when) in [
            (-12.0, 3.0, When::Above),
            (-6.0, 20.0, When::Above),
            (9.0, 2.0, When::Above),
            (12.0, 4.0, When::Below),
            (-24.0, 2.0, When::Below),
        ] {
            for (own_region, freq_hz) in [(true, 200.0), (true, rate / 4.0), (false, 12e3)] {
                let settings =
                    Settings { range_db, ratio, when, own_region, freq_hz, release_s: 0.02, ..settings() };
                let mut band = DynamicBand::new(&settings, rate, 1, 1).unwrap();
                for level_db in [-44.0, -30.0, -24.5, -18.0, -12.0, -3.0] {
                    let past: f64 = if when == When::Above { level_db + 24.0 } else { -24.0 - level_db };
                    let amount = (past.max(0.0) * (1.0 - 1.0 / ratio)).min(f64::abs(range_db));
                    let wanted = amount.copysign(range_db);
                    let found = measured_db(&mut band, rate, freq_hz, level_db);
                    assert!(
                        (found - wanted).abs() <= 0.05,
                        "{settings:?}, {level_db} dB: {found}, not {wanted} dB"
                    );
                }
            }
        }
    }
}

#[test]
fn shelves_hear_their_side_and_work_on_it() {
    for (kind, freq_hz, in_hz, out_hz) in
        [(Gained::LowShelf, 500.0, 50.0, 8000.0), (Gained::HighShelf, 1000.0, 15e3, 50.0)]
    {
        let settings = Settings { kind, freq_hz, q: 0.707, ratio: 20.0, range_db: -6.0, ..settings() };
        let inside = static_db(&settings, 48e3, in_hz, -3.0);
        assert!((inside + 6.0).abs() <= 0.05, "{kind:?}: {inside} dB");
        let outside = static_db(&settings, 48e3, out_hz, -3.0);
        assert!(outside.abs() < 1e-9, "{kind:?}: {outside} dB");
    }
}

/// Spec 3.1: idle is bit-exact.
#[test]
fn below_the_threshold_no_bit_is_touched() {
    let mut band = DynamicBand::new(&Settings { threshold_db: 0.0, ..settings() }, 48e3, 2, 2).unwrap();
    let input: Vec<Vec<f64>> = [1, 2].map(|n| white(9000, n).iter().map(|x| 0.2 * x).collect()).to_vec();
    let mut block = input.clone();
    process(&mut band, &mut block, CHUNK);
    assert_eq!(block, input);
    assert_eq!(band.deepest_db(), 0.0);
}

/// At a steady gain it is the analog bell of that gain.
#[test]
fn a_steady_gain_has_the_analog_response() {
    let rate = 44.1e3;
    let settings = Settings { freq_hz: 12e3, range_db: -9.0, ratio: 20.0, own_region: false, ..settings() };
    let bell = Band::Bell { freq_hz: 12e3, gain_db: -9.0, q: 1.0 };
    for hz in [3000.0, 8000.0, 12e3, 16e3, 20e3] {
        let wanted = 20.0 * bell.response(hz).norm().log10();
        let found = static_db(&settings, rate, hz, -1.0);
        assert!((found - wanted).abs() <= 0.02, "{hz} Hz: {found}, not {wanted} dB");
    }
}

/// The attack is the time of 63 % of the gain's way, whatever the frequency.
#[test]
fn the_gain_gets_there_in_its_time() {
    for rate in RATES {
        let settings = Settings { attack_s: 0.02, own_region: false, ..settings() };
        let mut band = DynamicBand::new(&settings, rate, 1, 1).unwrap();
        let mut reached = None;
        for frame in 0..(rate / 2.0) as usize {
            band.hear(0, &[0.5 * (TAU * 5000.0 / rate * frame as f64).sin()]);
            band.follow(1);
            let law = (20.0 * 0.5_f64.log10() + 24.0) * (1.0 - 1.0 / 3.0);
            if reached.is_none() && band.furthest_db()[0] <= -law * (1.0 - (-1.0_f64).exp()) {
                reached = Some(frame as f64 / rate);
            }
        }
        let reached = reached.unwrap();
        assert!((reached - 0.02).abs() < 0.001, "{reached} s at {rate} Hz");
    }
}

#[test]
fn channels_share_as_much_as_they_are_linked() {
    let loud: Vec<f64> = (0..48_000).map(|n| 0.5 * (TAU * 3000.0 / 48e3 * f64::from(n)).sin()).collect();
    let soft: Vec<f64> = loud.iter().map(|x| x * 0.1).collect();
    for (link, wanted_db) in [(1.0, -11.986), (0.0, 0.0), (0.5, -5.32)] {
        let mut band =
            DynamicBand::new(&Settings { link, range_db: -24.0, ..settings() }, 48e3, 2, 2).unwrap();
        let mut block = vec![loud.clone(), soft.clone()];
        process(&mut band, &mut block, CHUNK);
        let most = block[1][40_000..].iter().fold(0.0, |most: f64, x| most.max(x.abs()));
        let found = 20.0 * (most / 0.05).log10();
        assert!((found - wanted_db).abs() < 0.06, "link {link}: {found} dB, not {wanted_db}");
    }
}

#[test]
fn any_cut_and_pairs_give_the_same_bits() {
    for link in [1.0, 0.4] {
        let new =
            || DynamicBand::new(&Settings { link, threshold_db: -50.0, ..settings() }, 48e3, 2, 2).unwrap();
        let input = vec![white(4000, 1), white(4000, 2)];
        let (mut whole, mut cut) = (input.clone(), input.clone());
        process(&mut new(), &mut whole, CHUNK);
        let mut band = new();
        for begin in (0..4000).step_by(77) {
            let range = begin..4000.min(begin + 77);
            for (key, channel) in input.iter().enumerate() {
                band.hear(key, &channel[range.clone()]);
            }
            band.follow(range.len());
            for (n, channel) in cut.iter_mut().enumerate() {
                band.apply(n, &mut channel[range.clone()]);
            }
        }
        assert_eq!(whole, cut);
    }
}

#[test]
fn bands_that_cannot_be_built_say_why() {
    let error = DynamicBand::new(&Settings { freq_hz: 22e3, ..settings() }, 44.1e3, 1, 1).unwrap_err();
    assert!(matches!(error, DesignError::Frequency { .. }));
}
