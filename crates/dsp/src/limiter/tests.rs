#![allow(clippy::disallowed_methods, reason = "an independent reference")]

use super::*;
use crate::true_peak::{PeakMeter, Peaks};
use deadwax_measure::signals::{self, Music, NASTY_S, nasty, sine};
use std::f64::consts::TAU;

const RATES: [f64; 5] = [44_100.0, 48_000.0, 88_200.0, 96_000.0, 192_000.0];

/// How long signals last at a rate: as long as they should at 44.1 and 48 kHz, and shorter above.
fn seconds(rate: f64) -> f64 {
    if rate < 50_000.0 { NASTY_S } else { 0.6 }
}

fn drums(rate: f64) -> Vec<f64> {
    signals::drums(rate, NASTY_S)
}

/// Uniform in −1 … 1.
fn random(seed: u64) -> impl FnMut() -> f64 {
    let noise = crate::noise::Noise::new(seed, 0);
    let mut frame = 0;
    move || {
        frame += 1;
        noise.uniform(frame)
    }
}

fn db(amplitude: f64) -> f64 {
    20.0 * amplitude.log10()
}

/// One channel through a limiter, the latency taken off.
fn limited(settings: &Settings, rate: f64, input: &[f64]) -> Vec<f64> {
    let mut limiter = Limiter::new(settings, rate, 1);
    let mut output = input.to_vec();
    output.extend(vec![0.0; limiter.latency()]);
    limiter.process(&mut [&mut output]);
    output.split_off(limiter.latency())
}

fn peaks(samples: &[f64]) -> Peaks {
    let mut meter = PeakMeter::new();
    meter.push(samples);
    meter.finish()
}

/// What is left beside the fundamental of a tone, in dB below it, at 7 dB of reduction, in the fourth second.
fn distortion_db(rate: f64, hz: f64) -> f64 {
    let out = limited(&Settings::default(), rate, &sine(rate, 4.5, hz, 2.0));
    let (begin, end) = ((3.0 * rate) as usize, (4.0 * rate) as usize);
    let gain = db(out[begin..end].iter().fold(0.0, |most: f64, x| most.max(x.abs())) / 2.0);
    assert!((gain + 7.02).abs() < 0.6, "{hz} Hz: {gain} dB");
    // Least squares: in a tone that does not fit the second, cosine and sine are not orthogonal.
    let angle = |n: usize| TAU * hz / rate * n as f64;
    let mut sums = [0.0; 5];
    for (n, x) in out.iter().enumerate().take(end).skip(begin) {
        let (sin, cos) = angle(n).sin_cos();
        for (sum, term) in sums.iter_mut().zip([cos * cos, cos * sin, sin * sin, x * cos, x * sin]) {
            *sum += term;
        }
    }
    let [cc, cs, ss, xc, xs] = sums;
    let (re, im) = ((xc * ss - xs * cs) / (cc * ss - cs * cs), (xs * cc - xc * cs) / (cc * ss - cs * cs));
    let rest: f64 = (begin..end).map(|n| (out[n] - re * angle(n).cos() - im * angle(n).sin()).powi(2)).sum();
    10.0 * (rest / (end - begin) as f64 / ((re * re + im * im) / 2.0)).log10()
}

#[test]
fn no_signal_exceeds_the_ceiling_by_either_meter() {
    // DSP specification, 3.4: excess at most 0.01 dB.
    for rate in RATES {
        for (name, signal) in nasty(rate, seconds(rate)) {
            let held = peaks(&limited(&Settings::default(), rate, &signal));
            for (meter, peak) in [("Annex 2", held.annex_2), ("reference", held.reference)] {
                let excess = db(peak) + 1.0;
                assert!(excess <= 0.01, "{name}, {rate} Hz, {meter}: {excess:+.4} dB");
            }
            let peak = db(held.largest());
            assert!(peak > -1.1 || name == "twin", "{name}, {rate} Hz: held as low as {peak:.3} dBTP");
        }
    }
}

#[test]
fn music_driven_hard_is_held_too() {
    for rate in RATES {
        let [left, right] = Music { rate_hz: rate, seconds: 1.2, seed: 1 }.render();
        for drive_db in [6.0, 12.0, 23.0] {
            let mut limiter = Limiter::new(&Settings::default(), rate, 2);
            let drive = |x: &Vec<f64>| x.iter().map(|x| x * db_to_gain(drive_db)).collect::<Vec<f64>>();
            let (mut left, mut right) = (drive(&left), drive(&right));
            limiter.process(&mut [&mut left, &mut right]);
            let excess = db(peaks(&left).max(peaks(&right)).largest()) + 1.0;
            assert!(excess <= 0.01, "{drive_db} dB at {rate} Hz: {excess:+.4} dB");
        }
    }
}

/// The worst excess of one of the meters over the ceiling, over all of the set and over `white` alone; distortion of
/// 50 Hz and 1 kHz at 7 dB of reduction; how loud `drums` are. In dB.
#[derive(Debug)]
struct Row {
    annex_2: f64,
    reference: f64,
    white: f64,
    distortion: [f64; 2],
    drums: f64,
}

const fn row(annex_2: f64, reference: f64, white: f64, distortion: [f64; 2], drums: f64) -> Row {
    Row { annex_2, reference, white, distortion, drums }
}

/// The table of the DSP specification, 3.4, as it was measured: ceiling −1 dBTP, 44.1 kHz, the peers of its head.
const PEERS: [(&str, Row); 7] = [
    ("x42 dpl, true peak", row(0.22, 0.30, 0.41, [-73.0, -127.0], -19.2)),
    ("FFmpeg 4x soxr + alimiter", row(0.26, 0.31, 0.34, [-34.0, -300.0], -13.7)),
    ("LSP 1.2.5 Half x8", row(0.31, 0.18, 1.15, [-12.0, -24.0], -11.2)),
    ("Calf 4x", row(0.69, 0.83, 0.10, [-34.0, -77.0], -13.6)),
    ("FFmpeg alimiter", row(5.0, 6.0, 3.05, [-34.0, -77.0], -14.7)),
    ("matchering Hyrax", row(5.2, 6.3, 3.07, [-24.0, -77.0], -13.6)),
    ("pedalboard", row(6.8, 8.1, 5.2, [-32.0, -57.0], -20.6)),
];

impl Row {
    fn measured(rate: f64) -> Self {
        let mut row =
            row(f64::MIN, f64::MIN, f64::MIN, [50.0, 1000.0].map(|hz| distortion_db(rate, hz)), 0.0);
        for (name, signal) in nasty(rate, seconds(rate)) {
            let held = peaks(&limited(&Settings::default(), rate, &signal));
            row.annex_2 = row.annex_2.max(db(held.annex_2) + 1.0);
            row.reference = row.reference.max(db(held.reference) + 1.0);
            if name == "white" {
                row.white = db(held.reference) + 1.0;
            }
        }
        row.drums = rms_db(&limited(&Settings::default(), rate, &drums(rate)));
        row
    }

    /// Whether all targets are met together.
    fn is_on_target(&self) -> bool {
        [self.annex_2, self.reference, self.white].iter().all(|excess| *excess <= 0.01)
            && self.distortion[0] <= -90.0
            && self.distortion[1] <= -100.0
            && self.drums >= -14.5
    }
}

fn rms_db(x: &[f64]) -> f64 {
    10.0 * (x.iter().map(|x| x * x).sum::<f64>() / x.len() as f64).log10()
}

#[test]
fn it_is_closer_than_every_peer_and_the_only_one_that_is_also_clean_and_loud() {
    for rate in RATES {
        let ours = Row::measured(rate);
        assert!(ours.is_on_target(), "{rate} Hz: {ours:?}");
        for (name, peer) in &PEERS {
            let closer =
                ours.annex_2 < peer.annex_2 && ours.reference < peer.reference && ours.white < peer.white;
            assert!(closer, "{name}, {rate} Hz: {ours:?}");
            assert!(!peer.is_on_target(), "{name}");
        }
    }
}

#[test]
#[ignore = "a measurement: run with --release --nocapture"]
#[allow(clippy::print_stdout, reason = "a measurement")]
fn the_row_of_the_table() {
    for rate in RATES {
        println!("{rate} Hz: {:.4?}", Row::measured(rate));
    }
}

#[test]
fn short_and_long_attacks_hold_the_ceiling_too() {
    for (lookahead_s, ceiling_dbtp) in [(0.0005, -1.0), (0.005, -6.0), (0.02, 0.0)] {
        let settings = Settings { lookahead_s, ceiling_dbtp, ..Settings::default() };
        for signal in [drums(44_100.0), nasty(44_100.0, NASTY_S).swap_remove(3).1] {
            let excess = db(peaks(&limited(&settings, 44_100.0, &signal)).largest()) - ceiling_dbtp;
            assert!(excess <= 0.01, "{lookahead_s} s: {excess:+.4} dB");
        }
    }
}

#[test]
fn a_steady_tone_is_not_distorted() {
    // DSP specification, 3.4: THD+N at 7 dB of reduction.
    for rate in RATES {
        for (hz, most) in [(50.0, -90.0), (49.7, -90.0), (1000.0, -100.0), (997.3, -100.0)] {
            let distortion = distortion_db(rate, hz);
            assert!(distortion <= most, "{hz} Hz at {rate} Hz: {distortion:.1} dB");
        }
    }
}

#[test]
fn drums_stay_loud() {
    // DSP specification, 3.4: at least -14.5 dBFS; and louder than with one slow release in place of two branches.
    let single = Release { fast_release_s: 0.06, ..Release::default() };
    for rate in RATES {
        let auto = rms_db(&limited(&Settings::default(), rate, &drums(rate)));
        let slow = rms_db(&limited(&Settings { release: single, ..Settings::default() }, rate, &drums(rate)));
        assert!(auto >= -14.5 && auto > slow + 1.0, "{rate} Hz: {auto:.2} dBFS, {slow:.2} with one release");
    }
}

#[test]
fn below_the_ceiling_nothing_changes() {
    let mut noise = random(3);
    let input: Vec<f64> = (0..30_000).map(|_| 0.2 * noise()).collect();
    assert!(db(peaks(&input).largest()) < -1.003);
    assert_eq!(limited(&Settings::default(), 44_100.0, &input), input);
}

#[test]
fn after_a_peak_the_gain_comes_back_to_one() {
    let mut noise = random(4);
    let mut input: Vec<f64> = (0..500_000).map(|_| 0.2 * noise()).collect();
    input[1000] = 3.0;
    let output = limited(&Settings::default(), 44_100.0, &input);
    assert!(output[1000] < 0.9 && output[1003] < input[1003].abs());
    assert_eq!(output[480_000..], input[480_000..]);
}

#[test]
fn the_latency_is_the_attack_and_49_frames() {
    assert_eq!(Limiter::new(&Settings::default(), 44_100.0, 2).latency(), 138);
    let settings = Settings { lookahead_s: 0.02, ..Settings::default() };
    assert_eq!(Limiter::new(&settings, 192_000.0, 2).latency(), 3840 + 49);
}

/// Three channels of loud noise through limiters cut in different ways.
fn cut(settings: &Settings, cuts: &[usize]) -> Vec<Vec<f64>> {
    let mut noise = random(5);
    let mut channels: Vec<Vec<f64>> =
        (0..3).map(|c| (0..9001).map(|_| f64::from(c) * noise()).collect()).collect();
    let mut limiter = Limiter::new(settings, 44_100.0, 3);
    let mut begin = 0;
    for frames in cuts.iter().cycle() {
        let range = begin..9001.min(begin + frames);
        let mut parts: Vec<&mut [f64]> = channels.iter_mut().map(|c| &mut c[range.clone()]).collect();
        limiter.process(&mut parts);
        begin = range.end;
        if begin == 9001 {
            break;
        }
    }
    channels
}

#[test]
fn any_cut_gives_the_same_bits() {
    for (link, detector) in
        [(1.0, Detector::Strict), (0.3, Detector::Strict), (0.0, Detector::TruePeak), (1.0, Detector::Sample)]
    {
        let settings = Settings { link, detector, ..Settings::default() };
        let whole = cut(&settings, &[9001]);
        for cuts in [&[1][..], &[7], &[64], &[333], &[1024], &[4096], &[5, 0, 700, 1, 13, 512]] {
            assert_eq!(cut(&settings, cuts), whole, "link {link}, {detector:?}, {cuts:?}");
        }
    }
}

#[test]
fn a_reset_is_like_new() {
    let mut noise = random(6);
    let input: Vec<f64> = (0..5000).map(|_| 3.0 * noise()).collect();
    let mut limiter = Limiter::new(&Settings::default(), 48_000.0, 1);
    let mut first = input.clone();
    limiter.process(&mut [&mut first]);
    assert!(limiter.reduction().deepest_db < -9.0);
    let mut poison = vec![f64::NAN; 700];
    limiter.process(&mut [&mut poison]);
    limiter.reset();
    assert_eq!(limiter.reduction(), Reduction::default());
    let mut again = input;
    limiter.process(&mut [&mut again]);
    assert_eq!(first, again);
}

#[test]
fn linked_channels_share_their_gain_and_others_do_not() {
    let loud = sine(44_100.0, 0.5, 300.0, 3.0);
    let quiet = sine(44_100.0, 0.5, 500.0, 0.3);
    let run = |link: f64| {
        let mut limiter = Limiter::new(&Settings { link, ..Settings::default() }, 44_100.0, 2);
        let (mut a, mut b) = (loud.clone(), quiet.clone());
        limiter.process(&mut [&mut a, &mut b]);
        (a, b)
    };
    let delayed = &quiet[..quiet.len() - 138];
    let (_, apart) = run(0.0);
    assert_eq!(&apart[138..], delayed);
    let gain_db = |out: &[f64]| db(out[20_138] / quiet[20_000]);
    let (together, half) = (gain_db(&run(1.0).1), gain_db(&run(0.5).1));
    assert!((together + 10.5).abs() < 0.1, "{together} dB");
    assert!((half - together / 2.0).abs() < 0.05, "{half} dB");
}

#[test]
fn the_sample_detector_holds_samples() {
    let settings = Settings { detector: Detector::Sample, ..Settings::default() };
    let held = peaks(&limited(&settings, 44_100.0, &drums(44_100.0)));
    assert!(db(held.sample) <= -1.0 && held.reference > held.sample);
}

#[test]
fn the_reduction_is_told_with_its_place_and_share() {
    // A tone 7.02 dB over the ceiling from 0.5 s to 1.5 s of 10, louder by 1 dB for 10 ms at 1.2 s.
    let rate = 48_000.0;
    let tone = sine(rate, 10.0, 1000.0, 1.0);
    let level = |n: usize| match n as f64 / rate {
        t if (1.2..1.21).contains(&t) => 2.0 * 10_f64.powf(0.05),
        t if (0.5..1.5).contains(&t) => 2.0,
        _ => 0.1,
    };
    for link in [1.0, 0.0] {
        let mut input: Vec<f64> = tone.iter().enumerate().map(|(n, x)| level(n) * x).collect();
        let mut limiter = Limiter::new(&Settings { link, ..Settings::default() }, rate, 2);
        input.extend(vec![0.0; limiter.latency()]);
        limiter.process(&mut [&mut vec![0.0; input.len()], &mut input]);
        let told = limiter.reduction();
        let at = told.deepest_at as f64 / rate;
        assert_eq!(told.frames, 480_000);
        assert!((told.deepest_db + 8.02).abs() < 0.02, "{told:?}");
        assert!((1.2..1.211).contains(&at), "{at} s");
        // One second of ten, and the slow branch's way back from 7 dB to 1 dB: at the most 0.5 s times ln 7.
        let share = told.over_1_db_share();
        assert!((0.17..0.21).contains(&share), "{share}");
    }
}

#[test]
fn what_happens_before_the_programme_is_not_told() {
    // The gain goes down ahead of a peak in the first frame: in frames that are dropped.
    let mut limiter = Limiter::new(&Settings::default(), 44_100.0, 1);
    let mut input = vec![0.0; limiter.latency()];
    input[0] = 4.0;
    limiter.process(&mut [&mut input]);
    assert_eq!(limiter.reduction(), Reduction::default());
    limiter.process(&mut [&mut [0.0]]);
    let told = limiter.reduction();
    assert_eq!((told.deepest_at, told.frames_over_1_db, told.frames), (0, 1, 1));
    assert!((told.deepest_db + 13.04).abs() < 0.01, "{told:?}");
}

#[test]
fn any_cut_gives_the_same_bits_where_the_limiter_rests_between_peaks() {
    let quick = Release { slow_attack_s: 0.005, slow_release_s: 0.001, ..Release::default() };
    let settings = Settings { release: quick, lookahead_s: 0.001, ..Settings::default() };
    let mut noise = random(8);
    let input: Vec<f64> = (0..40_000).map(|n| if n % 10_000 < 90 { 4.0 } else { 0.2 } * noise()).collect();
    let run = |cut: usize| {
        let mut output = input.clone();
        let mut limiter = Limiter::new(&settings, 44_100.0, 1);
        output.chunks_mut(cut).for_each(|part| limiter.process(&mut [part]));
        (output, limiter.reduction(), limiter.latency())
    };
    let (whole, reduction, latency) = run(input.len());
    assert!(reduction.deepest_db < -6.0 && reduction.over_1_db_share() < 0.2);
    // At rest between the peaks, to the bit.
    assert!(whole[latency + 9000..latency + 9800] == input[9000..9800]);
    for cut in [1, 7, 64, 333, 4096] {
        let (parts, told, _) = run(cut);
        let differs = parts.iter().zip(&whole).position(|(a, b)| a.to_bits() != b.to_bits());
        assert_eq!(differs, None, "blocks of {cut}: first frame that differs");
        assert_eq!(told, reduction, "blocks of {cut}");
    }
}
