#![allow(clippy::disallowed_methods, reason = "an independent reference")]

use super::*;
use crate::svf::tests::white;
use std::f64::consts::PI;

mod below;
mod de_esser;
mod hearing;
mod transient;

const RATES: [f64; 5] = [44.1e3, 48e3, 88.2e3, 96e3, 192e3];

/// The setting of spec 3.3: −20 dB, 4:1, hard knee, 5/100 ms.
fn settings() -> Settings {
    Settings {
        law: Law::Compress(Curve::compressor(-20.0, 4.0, 0.0, 60.0)),
        detector: Detector::PeakHold { window_s: 0.0125 },
        smoothing: Smoothing::Decoupled,
        attack_s: 0.005,
        release_s: 0.1,
        ..Settings::default()
    }
}

fn db(gain: f64) -> f64 {
    20.0 * gain.log10()
}

fn sine(hz: f64, peak_db: f64, rate: f64, frames: usize) -> Vec<f64> {
    let peak = 10f64.powf(peak_db / 20.0);
    (0..frames).map(|n| peak * (2.0 * PI * hz / rate * n as f64).sin()).collect()
}

/// The gain in dB that a mono signal gets, frame by frame.
fn trace(settings: &Settings, rate: f64, signal: &[f64]) -> Vec<f64> {
    let mut compressor = Dynamics::new(settings, rate, 1, 1);
    let mut gains = Vec::new();
    for chunk in signal.chunks(CHUNK) {
        compressor.hear(0, chunk);
        compressor.follow(chunk.len());
        gains.extend(compressor.gains(0)[..chunk.len()].iter().map(|gain| db(*gain)));
    }
    gains
}

fn run(settings: &Settings, rate: f64, channels: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut out = channels.to_vec();
    let mut slices: Vec<&mut [f64]> = out.iter_mut().map(|channel| &mut channel[..]).collect();
    Dynamics::new(settings, rate, channels.len(), channels.len()).process(&mut slices);
    out
}

/// Spec 3.3: ≤ 1e-6 dB, over levels and through the knee.
#[test]
fn the_static_curve_is_exact() {
    let levels = [-90.0, -40.0, -24.0, -21.5, -20.0, -18.0, -10.0, -0.1, 6.0];
    for (knee, ratio) in
        [0.0, 6.0, 36.0].map(|knee| [1.0, 1.5, 4.0, f64::INFINITY].map(|r| (knee, r))).concat()
    {
        for (rate, level) in RATES.map(|rate| levels.map(|level| (rate, level))).concat() {
            let over: f64 = level + 20.0;
            let slope = 1.0 / ratio - 1.0;
            let expected = if 2.0 * over < -knee {
                0.0
            } else if 2.0 * over.abs() <= knee && knee > 0.0 {
                slope * (over + knee / 2.0).powi(2) / (2.0 * knee)
            } else {
                slope * over
            };
            let law = Law::Compress(Curve::compressor(-20.0, ratio, knee, 60.0));
            let signal = vec![10f64.powf(level / 20.0); (0.2 * rate) as usize];
            let error =
                (trace(&Settings { law, ..settings() }, rate, &signal).last().unwrap() - expected).abs();
            assert!(
                error <= 1e-6,
                "knee {knee}, ratio {ratio}, {level} dB at {rate} Hz: off by {error:e} dB"
            );
        }
    }
}

/// Spec 3.3: a step from −40 to −5 dBFS; 63 % (1 − 1/e) of the gain change are done after 5.00 ms ± 1 frame.
#[test]
fn attack_and_release_take_the_time_they_are_set_to() {
    for rate in RATES {
        for smoothing in [Smoothing::Branching, Smoothing::Decoupled] {
            for detector in [Detector::Peak, Detector::PeakHold { window_s: 0.0125 }] {
                let settings = Settings { smoothing, detector, ..settings() };
                let second = rate as usize;
                let mut signal = vec![10f64.powf(-2.0); second];
                signal.extend(vec![10f64.powf(-0.25); second]);
                let gains = trace(&settings, rate, &signal);
                let goal = -11.25 * (1.0 - (-1f64).exp());
                let frame = gains[second..].iter().position(|gain| *gain <= goal).unwrap();
                // The first frame of the step is already one frame of attack.
                let error = (frame + 1) as f64 - 0.005 * rate;
                assert!(error.abs() <= 1.0, "{smoothing:?} {detector:?} at {rate} Hz: {error} frames");
            }
        }
        let settings = Settings { smoothing: Smoothing::Branching, detector: Detector::Peak, ..settings() };
        let mut signal = vec![10f64.powf(-0.25); rate as usize];
        signal.extend(vec![10f64.powf(-2.0); rate as usize]);
        let gains = trace(&settings, rate, &signal);
        let goal = -11.25 * (-1f64).exp();
        let frame = gains[rate as usize..].iter().position(|gain| *gain >= goal).unwrap();
        assert!(((frame + 1) as f64 - 0.1 * rate).abs() <= 1.0, "release at {rate} Hz");
    }
}

/// What is left, in dB below the tone, when the tone itself is taken out (least squares).
fn residue_db(signal: &[f64], hz: f64, rate: f64) -> f64 {
    let angle = |n: usize| 2.0 * PI * hz / rate * n as f64;
    let frames = signal.len() as f64;
    let sum = |f: fn(f64) -> f64| {
        2.0 / frames * signal.iter().enumerate().map(|(n, x)| x * f(angle(n))).sum::<f64>()
    };
    let (a, b) = (sum(f64::sin), sum(f64::cos));
    let rest = |(n, x): (usize, &f64)| (x - a * angle(n).sin() - b * angle(n).cos()).powi(2);
    10.0 * (signal.iter().enumerate().map(rest).sum::<f64>() / (frames / 2.0) / (a * a + b * b)).log10()
}

/// Spec 3.3: THD+N of a −10 dBFS sine, 7.5 dB down, ≤ −120 dB with a peak hold of 12.5 ms.
#[test]
fn a_held_tone_is_not_distorted() {
    for rate in RATES {
        for hz in [50.0, 1000.0] {
            let second = rate as usize;
            let out = run(&settings(), rate, &[sine(hz, -10.0, rate, 2 * second + second / 5)]);
            let thd = residue_db(&out[0][2 * second..], hz, rate);
            assert!(thd <= -120.0, "{hz} Hz at {rate} Hz: {thd} dB");
        }
    }
}

/// Spec 3.3, [P]: without the hold, −50 dB at 50 Hz and −76 dB at 1 kHz.
#[test]
fn a_bare_peak_detector_is_as_clean_as_its_topology_allows() {
    for (hz, most) in [(50.0, -48.0), (1000.0, -74.0)] {
        let settings = Settings { detector: Detector::Peak, ..settings() };
        let out = run(&settings, 44.1e3, &[sine(hz, -10.0, 44.1e3, 3 * 44_100)]);
        let thd = residue_db(&out[0][2 * 44_100..], hz, 44.1e3);
        assert!(thd <= most, "{hz} Hz: {thd} dB");
    }
}

#[test]
fn an_rms_detector_reads_the_mean_square_and_does_not_drift() {
    let settings = Settings { detector: Detector::Rms { window_s: 0.01 }, ..settings() };
    let mut signal = white(200_000, 9).iter().map(|x| x * 1e3).collect::<Vec<_>>();
    signal.extend(sine(1000.0, -10.0, 48e3, 96_000));
    let gain = trace(&settings, 48e3, &signal)[295_999];
    let expected = -0.75 * (-10.0 - 10.0 * 2f64.log10() + 20.0);
    assert!((gain - expected).abs() <= 1e-6, "{gain} dB instead of {expected}");
}

#[test]
fn a_ratio_of_one_and_a_mix_of_zero_touch_no_bit() {
    let signal = white(10_000, 1);
    let one =
        Settings { law: Law::Compress(Curve::compressor(-20.0, 1.0, 6.0, 60.0)), mix: 0.3, ..settings() };
    assert_eq!(run(&one, 48e3, std::slice::from_ref(&signal))[0], signal);
    let dry = Settings { mix: 0.0, makeup_db: 9.0, lookahead_s: 0.005, ..settings() };
    assert_eq!(run(&dry, 48e3, std::slice::from_ref(&signal))[0][240..], signal[..10_000 - 240]);
}

#[test]
fn linked_channels_get_equal_gains_and_unlinked_ones_their_own() {
    let (loud, soft) = (sine(300.0, -3.0, 48e3, 9600), sine(500.0, -30.0, 48e3, 9600));
    let linked = run(&settings(), 48e3, &[loud.clone(), soft.clone()]);
    let alone = run(&settings(), 48e3, std::slice::from_ref(&loud));
    assert_eq!(linked[0], alone[0]);
    let gain = |out: &[f64], x: &[f64]| out[9590] / x[9590];
    assert!((gain(&linked[0], &loud) - gain(&linked[1], &soft)).abs() < 1e-15);
    let own = run(&Settings { link: 0.0, ..settings() }, 48e3, &[loud.clone(), soft.clone()]);
    assert_eq!((&own[0], &own[1]), (&alone[0], &soft));
    let half = run(&Settings { link: 0.5, ..settings() }, 48e3, &[loud.clone(), soft.clone()]);
    // Halfway in level between −30 and −3 dB: −16.5 dB, 3.5 dB over.
    assert!((db(gain(&half[1], &soft)) + 0.75 * 3.5).abs() < 0.02, "{}", db(gain(&half[1], &soft)));
}

/// Spec 3.3: the gain at 44.1 and 96 kHz differs by ≤ 0.05 dB.
#[test]
fn the_gain_is_the_same_at_any_rate() {
    let burst = |rate: f64| -> Vec<f64> {
        let level = |t: f64| if (0.2..0.5).contains(&t) { 0.7 } else { 0.05 + 0.1 * t };
        (0..(rate * 1.2) as usize)
            .map(|n| n as f64 / rate)
            .map(|t| level(t) * (2.0 * PI * 441.0 * t).sin())
            .collect()
    };
    for auto_release in [false, true] {
        let settings = Settings { auto_release, hold_s: 0.02, lookahead_s: 0.003, ..settings() };
        let low = trace(&settings, 44.1e3, &burst(44.1e3));
        for rate in [48e3, 88.2e3, 96e3, 192e3] {
            let high = trace(&settings, rate, &burst(rate));
            let mut worst: f64 = 0.0;
            for ms in 1..1190 {
                // The attack is steep: compare at the same instant, between frames.
                let at = |gains: &[f64], rate: f64| {
                    let x = f64::from(ms) * rate / 1000.0;
                    let (n, part) = (x as usize, x.fract());
                    gains[n] * (1.0 - part) + gains[n + 1] * part
                };
                worst = worst.max((at(&low, 44.1e3) - at(&high, rate)).abs());
            }
            assert!(worst <= 0.05, "auto release {auto_release}, {rate} Hz: {worst} dB");
        }
    }
}

/// Spec 3.3: the range is never exceeded by more than 1e-9 dB.
#[test]
fn the_range_is_kept() {
    let settings = Settings { law: Law::Compress(Curve::compressor(-40.0, 20.0, 12.0, 6.0)), ..settings() };
    for rate in RATES {
        let gains = trace(&settings, rate, &white((0.4 * rate) as usize, 3));
        let deepest = gains.iter().copied().fold(0.0, f64::min);
        assert!((-6.0 - 1e-9..-5.9).contains(&deepest), "{deepest} dB at {rate} Hz");
    }
}

#[test]
fn with_lookahead_the_gain_is_down_when_the_peak_arrives() {
    let mut signal = vec![0.001; 9600];
    signal[4800..].fill(1.0);
    let settings = Settings { attack_s: 0.002, lookahead_s: 0.02, ..settings() };
    let out = run(&settings, 48e3, &[signal]);
    let first = db(out[0][4800 + 960]);
    assert!((first + 15.0).abs() < 0.01, "{first} dB");
}

#[test]
fn hold_keeps_the_gain_down() {
    let mut signal = vec![1.0; 4800];
    signal.extend(vec![0.001; 9600]);
    let settings = Settings { detector: Detector::Peak, hold_s: 0.05, ..settings() };
    let gains = trace(&settings, 48e3, &signal);
    assert!((gains[4800 + 2395] + 15.0).abs() < 1e-6 && gains[4800 + 2600] > -14.9);
}

#[test]
fn sustained_reduction_comes_back_slowly_and_a_peak_quickly() {
    let settings = Settings { auto_release: true, detector: Detector::Peak, ..settings() };
    let after = |loud: usize| {
        let mut signal = vec![1.0; loud];
        signal.extend(vec![0.001; 48_000]);
        trace(&settings, 48e3, &signal)[loud + 9600]
    };
    let (peak, sustained) = (after(480), after(96_000));
    assert!(peak > -4.0 && sustained < -10.0, "{peak} dB, {sustained} dB");
}

#[test]
fn any_cutting_gives_the_same_bits() {
    let signal = [white(5000, 4), white(5000, 5)];
    for detector in
        [Detector::Peak, Detector::PeakHold { window_s: 0.003 }, Detector::Rms { window_s: 0.003 }]
    {
        for link in [0.3, 1.0] {
            let settings =
                Settings { detector, link, lookahead_s: 0.001, auto_release: true, mix: 0.7, ..settings() };
            let expected = run(&settings, 48e3, &signal);
            for size in [1, 7, 64, 333, 4096] {
                let mut compressor = Dynamics::new(&settings, 48e3, 2, 2);
                let [mut left, mut right] = signal.clone();
                for (l, r) in left.chunks_mut(size).zip(right.chunks_mut(size)) {
                    compressor.process(&mut [l, r]);
                }
                assert!(left == expected[0] && right == expected[1], "{detector:?}, blocks of {size}");
                compressor.reset();
                let [mut left, mut right] = signal.clone();
                compressor.process(&mut [&mut left, &mut right]);
                assert!(left == expected[0] && right == expected[1], "{detector:?}, after a reset");
            }
        }
    }
}

#[test]
fn sliding_windows_are_what_a_plain_search_finds() {
    let values = white(1000, 6);
    for length in [1, 2, 3, 17, 100, 2000] {
        let (mut max, mut min) = (Sliding::<Max>::new(length), Sliding::<Min>::new(length));
        let mut sum = Sliding::<Sum>::new(length);
        for end in 0..values.len() {
            let window = &values[(end + 1).saturating_sub(length)..=end];
            let fold = |f: fn(f64, f64) -> f64, none: f64| window.iter().copied().fold(none, f);
            assert_eq!(max.push(values[end]), fold(f64::max, f64::NEG_INFINITY));
            assert_eq!(min.push(values[end]), fold(f64::min, f64::INFINITY));
            assert!((sum.push(values[end]) - window.iter().sum::<f64>()).abs() < 1e-12);
        }
    }
}

/// The best of many runs, in nanoseconds per frame.
fn timed(mut process: impl FnMut(&mut [&mut [f64]])) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..300 {
        let (mut left, mut right) = (white(2048, 7), white(2048, 8));
        let begin = std::time::Instant::now();
        process(&mut [&mut left, &mut right]);
        best = best.min(begin.elapsed().as_secs_f64());
    }
    best * 1e9 / 2048.0
}

#[test]
#[ignore = "a measurement: run with --release --nocapture"]
#[allow(clippy::print_stdout, reason = "a measurement")]
fn nanoseconds_per_frame() {
    let expand = Law::Expand(Expand::expander(-6.0, 2.0, 6.0, 18.0, 3.0));
    let gate = Law::Expand(Expand::gate(-6.0, 60.0, 3.0));
    let lift = Law::Lift(Lift::new(-6.0, 2.0, 6.0, 6.0, -60.0));
    let looped = Settings {
        detector: Detector::Peak,
        topology: Topology::Feedback,
        smoothing: Smoothing::Branching,
        ..settings()
    };
    let key = KeyFilter { high_pass_hz: Some(90.0), low_pass_hz: None, tilt_db_oct: 3.0 };
    let filtered = Settings { key: key.design(48e3).unwrap(), ..settings() };
    let (peak, rms) = (Detector::Peak, Detector::Rms { window_s: 0.01 });
    for (name, settings) in [
        ("compressor", settings()),
        ("peak", Settings { detector: peak, ..settings() }),
        ("rms", Settings { detector: rms, ..settings() }),
        ("half a link", Settings { link: 0.5, ..settings() }),
        ("mid and side", Settings { link: 0.5, mid_side: true, ..settings() }),
        ("key filters and tilt", filtered),
        ("feedback", looped),
        ("expander", Settings { law: expand, ..settings() }),
        ("gate", Settings { law: gate, ..settings() }),
        ("upward", Settings { law: lift, ..settings() }),
    ] {
        let settings = Settings { lookahead_s: 0.002, ..settings };
        let mut kernel = Dynamics::new(&settings, 48e3, 2, 2);
        println!("{name}: {:.1} ns per stereo frame", timed(|channels| kernel.process(channels)));
    }
    for mode in [DeEsserMode::Split, DeEsserMode::Wide, DeEsserMode::Shelf] {
        let mut kernel = DeEsser::new(&de_esser::ess(mode), 48e3, 2, 2, crate::fft::Kind::Fast).unwrap();
        println!("de-esser, {mode:?}: {:.1} ns per stereo frame", timed(|channels| kernel.process(channels)));
    }
    for link in [1.0, 0.5] {
        let shape = Transient { sustain_db: 3.0, link, ..transient::shape() };
        let mut kernel = TransientShaper::new(&shape, 48e3, 2, 2);
        println!("transients, link {link}: {:.1} ns per stereo frame", timed(|c| kernel.process(c)));
    }
}
