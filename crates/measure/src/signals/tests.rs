#![allow(clippy::disallowed_methods, reason = "an independent reference")]

use super::*;
use deadwax_dsp::fft::{Kind, Transform};

const RATES: [f64; 5] = [44.1e3, 48e3, 88.2e3, 96e3, 192e3];

fn db(amplitude: f64) -> f64 {
    20.0 * amplitude.log10()
}

fn rms(signal: &[f64]) -> f64 {
    (signal.iter().map(|x| x * x).sum::<f64>() / signal.len() as f64).sqrt()
}

fn peak(signal: &[f64]) -> f64 {
    signal.iter().fold(0.0, |most, x| most.max(x.abs()))
}

/// The power spectrum (mean over halfway overlapping stretches under a window whose side lobes are
/// 90 dB down), and the width of a bin.
fn spectrum(signal: &[f64], rate: f64) -> (Vec<f64>, f64) {
    // As many as make bins of about 11 Hz.
    let size = 4096 * (rate / 44.1e3) as usize;
    let mut transform = Transform::new(size, Kind::Portable);
    let mut sum = vec![0.0; size / 2];
    for part in signal.windows(size).step_by(size / 2) {
        let mut points: Vec<_> = part
            .iter()
            .enumerate()
            .map(|(n, x)| {
                let at = TAU * n as f64 / size as f64;
                let window =
                    0.3588 - 0.4883 * at.cos() + 0.1413 * (2.0 * at).cos() - 0.0117 * (3.0 * at).cos();
                (x * window).into()
            })
            .collect();
        transform.forward(&mut points);
        for (sum, point) in sum.iter_mut().zip(&points) {
            *sum += point.norm_sqr();
        }
    }
    (sum, rate / size as f64)
}

/// The part of the power from `low` to `high` Hz, in dB.
fn share_db((spectrum, bin): &(Vec<f64>, f64), low: f64, high: f64) -> f64 {
    let of = |range: std::ops::Range<usize>| spectrum[range].iter().sum::<f64>();
    let index = |hz: f64| ((hz / bin) as usize).min(spectrum.len());
    10.0 * (of(index(low)..index(high)) / of(0..spectrum.len())).log10()
}

#[test]
fn nasty_signals_have_the_levels_they_are_named_for() {
    for rate in RATES {
        let set = nasty(rate, 0.6);
        let names: Vec<_> = set.iter().map(|(name, _)| *name).collect();
        let expected =
            ["quarter", "step", "white", "bits", "pattern", "square", "sweep", "drums", "impulses", "twin"];
        assert_eq!(names, expected);
        let of = |name: &str| &set.iter().find(|(found, _)| *found == name).unwrap().1;
        let inner = |name: &str| &of(name)[2000..12_000];
        assert!(set.iter().all(|(_, x)| x.len() == (0.6 * rate) as usize));
        // A tone at +6 dB re full scale; sampled at 45° it shows 3 dB less.
        assert!(
            (db(peak(inner("quarter"))) - 3.01).abs() < 0.01 && (rms(inner("quarter")) - 1.414).abs() < 0.01
        );
        assert!((rms(&of("step")[2000..6000]) - 0.0707).abs() < 0.001);
        assert!((rms(of("white")) - 1.0).abs() < 0.02);
        assert!((rms(of("bits")) - 1.5 * 0.907f64.sqrt()).abs() < 0.02);
        assert!((db(rms(inner("square"))) - 6.0).abs() < 0.1, "{}", db(rms(inner("square"))));
        assert!((db(peak(of("sweep"))) - 12.04).abs() < 0.01);
        assert!((db(peak(of("drums"))) - 10.0).abs() < 1e-9);
        // 90.7 % of an impulse's spectrum is left.
        assert!((peak(of("impulses")) - 3.0 * 0.907).abs() < 0.01);
        assert!((peak(of("twin")) - 2.0).abs() < 0.01);
    }
}

#[test]
fn nasty_signals_but_white_end_at_20_khz() {
    for rate in RATES {
        for (name, signal) in nasty(rate, 0.6) {
            let above = share_db(&spectrum(&signal, rate), 0.47 * rate, 0.5 * rate);
            if name == "white" {
                assert!((above + 12.2).abs() < 0.8, "{above} dB");
            } else {
                assert!(above < -75.0, "{name} at {rate} Hz: {above} dB");
            }
        }
    }
}

#[test]
fn all_signals_are_the_same_every_time_and_others_for_other_seeds() {
    let music = |seed| Music { rate_hz: 44.1e3, seconds: 1.0, seed }.render();
    assert!(music(1) == music(1) && music(1) != music(2));
    assert!(Clicks::new(44.1e3, 1.0, 1) == Clicks::new(44.1e3, 1.0, 1));
    assert!(Clicks::new(44.1e3, 1.0, 1) != Clicks::new(44.1e3, 1.0, 2));
    assert!(hiss(44.1e3, 1.0, -40.0, 1) == hiss(44.1e3, 1.0, -40.0, 1));
    assert!(hiss(44.1e3, 1.0, -40.0, 1) != hiss(44.1e3, 1.0, -40.0, 2));
    assert!(Hum::new(-40.0, 1) == Hum::new(-40.0, 1) && Hum::new(-40.0, 1) != Hum::new(-40.0, 2));
}

#[test]
fn the_music_has_bass_middle_and_top_and_two_sides() {
    for rate in RATES {
        let [left, right] = Music { rate_hz: rate, seconds: 4.0, seed: 1 }.render();
        assert!((peak(&left).max(peak(&right)) - 0.9).abs() < 1e-9);
        assert!((-21.0..-14.0).contains(&db(rms(&left))), "{} dBFS at {rate} Hz", db(rms(&left)));
        let heard = spectrum(&left, rate);
        for (low, high, least) in
            [(30.0, 120.0, -8.0), (120.0, 1000.0, -9.0), (1000.0, 5000.0, -27.0), (5e3, 16e3, -35.0)]
        {
            let share = share_db(&heard, low, high);
            assert!(share > least, "{low} to {high} Hz at {rate} Hz: {share} dB");
        }
        let side: Vec<f64> = left.iter().zip(&right).map(|(l, r)| l - r).collect();
        let width = db(rms(&side) / rms(&left));
        assert!((-20.0..-3.0).contains(&width), "{width} dB");
    }
}

#[test]
fn the_music_is_the_same_at_any_rate() {
    let parts = |rate| {
        let [left, _] = Music { rate_hz: rate, seconds: 4.0, seed: 1 }.render();
        let (heard, level) = (spectrum(&left, rate), db(rms(&left)));
        [(30.0, 120.0), (120.0, 1000.0), (1e3, 5e3), (5e3, 12e3)]
            .map(|(low, high)| level + share_db(&heard, low, high))
    };
    let base = parts(44.1e3);
    for rate in &RATES[1..] {
        for (found, expected) in parts(*rate).iter().zip(base) {
            assert!((found - expected).abs() < 1.5, "{rate} Hz: {found} dB, not {expected} dB");
        }
    }
}

#[test]
fn between_its_notes_the_music_is_silent_and_its_partials_are_stretched() {
    // The noise of the hats decays by 60/s: 0.24 s behind an eighth there is 120 dB less of it. What is at the top of
    // the band there, with no partial near, is nothing.
    let [left, _] = Music { rate_hz: 44.1e3, seconds: 2.0, seed: 1 }.render();
    let end = (0.499 * 44.1e3) as usize;
    let high = spectrum(&left[end - 4096 - 600..end], 44.1e3);
    let floor = 10.0 * (high.0[1850..].iter().sum::<f64>() / high.0.iter().sum::<f64>()).log10();
    assert!(floor < -70.0, "{floor} dB");
    // Partial 8 of the root: 8 · 110 Hz, sharp by √(1 + 64 B): 19.2 cents.
    let tone = &left[(0.6 * 44.1e3) as usize..(1.6 * 44.1e3) as usize];
    let at = |hz: f64| {
        let (re, im) = tone.iter().enumerate().fold((0.0, 0.0), |(re, im), (n, x)| {
            let window = (std::f64::consts::PI * n as f64 / tone.len() as f64).sin().powi(2);
            let angle = TAU * hz / 44.1e3 * n as f64;
            (re + window * x * angle.cos(), im + window * x * angle.sin())
        });
        f64::hypot(re, im)
    };
    let stretched = 880.0 * (1.0f64 + 64.0 * 3.5e-4).sqrt();
    assert!(at(stretched) > 3.0 * at(880.0), "{} and {}", at(stretched), at(880.0));
}

#[test]
fn clicks_come_20_a_second_as_long_and_loud_as_they_should() {
    for rate in RATES {
        let made = Clicks::new(rate, 12.0, 1);
        assert_eq!(made.clicks.len(), 240);
        let scale = rate / 44.1e3;
        let lengths: Vec<f64> = made.clicks.iter().map(|click| click.frames.len() as f64 / scale).collect();
        let mean = lengths.iter().sum::<f64>() / 240.0;
        assert!((26.0..35.0).contains(&mean), "{mean} samples");
        assert!(lengths.iter().all(|length| *length < 61.0) && lengths.iter().any(|length| *length > 55.0));
        assert!(lengths.iter().any(|length| *length < 3.0));
        let covered = made.mask();
        for (x, covered) in made.samples.iter().zip(&covered) {
            assert!(*covered || *x == 0.0);
        }
        for (index, click) in made.clicks.iter().enumerate() {
            assert!((0.05..=0.6).contains(&click.peak));
            assert_eq!(peak(&made.samples[click.frames.clone()]), click.peak);
            let slot = click.frames.start as f64 / rate * 20.0;
            assert_eq!(slot as usize, index);
        }
        let mean = made.clicks.iter().map(|click| click.peak).sum::<f64>() / 240.0;
        assert!((mean - 0.325).abs() < 0.03, "{mean}");
    }
}

/// Spec 3.7: MUSIC and CLICKS have an SNR of 15.3 dB.
#[test]
fn music_with_clicks_is_as_bad_as_it_should_be() {
    let [left, _] = Music { rate_hz: 44.1e3, seconds: 12.0, seed: 1 }.render();
    let clicks = Clicks::new(44.1e3, 12.0, 1);
    let snr = db(rms(&left) / rms(&clicks.samples));
    assert!((snr - 15.3).abs() < 1.0, "{snr} dB");
}

/// The spectrum of a first difference is 2 sin(π f / rate); its lags but the first are uncorrelated.
#[test]
fn hiss_is_a_first_difference() {
    for rate in RATES {
        let noise = hiss(rate, 1.0, -40.0, 3);
        assert!((db(rms(&noise)) + 40.0).abs() < 0.05, "{} dBFS", db(rms(&noise)));
        let lag = |by: usize| {
            let sum: f64 = noise.iter().zip(&noise[by..]).map(|(a, b)| a * b).sum();
            sum / noise.len() as f64 / rms(&noise).powi(2)
        };
        assert!((lag(1) + 0.5).abs() < 0.02 && lag(2).abs() < 0.02 && lag(7).abs() < 0.02);
        let (heard, bin) = spectrum(&noise, rate);
        let octave = |low: f64| {
            let range = (low * rate / bin) as usize..(2.0 * low * rate / bin) as usize;
            let count = range.len() as f64;
            10.0 * (heard[range].iter().sum::<f64>() / count).log10()
        };
        // Far below half the rate, 6 dB per octave.
        assert!((octave(0.05) - octave(0.025) - 6.0).abs() < 0.5);
    }
}

#[test]
fn hum_drifts_about_50_hz_with_20_harmonics() {
    for seed in 0..4 {
        let hum = Hum::new(-30.0, seed);
        let freqs: Vec<f64> = (0..1200).map(|n| hum.freq_hz(f64::from(n) / 100.0)).collect();
        let (low, high) = freqs.iter().fold((99.0f64, 0.0f64), |(a, b), hz| (a.min(*hz), b.max(*hz)));
        assert!((low - 49.98).abs() < 1e-3 && (high - 50.08).abs() < 1e-3, "{low} to {high} Hz");
        for rate in [44.1e3, 48e3] {
            let samples = hum.render(rate, 4.0);
            assert!((db(rms(&samples)) + 30.0).abs() < 0.1, "{} dBFS", db(rms(&samples)));
            // Heterodyned with its own phase, worked out from the frequency step by step, each harmonic is a constant.
            let mut turns = 0.0;
            let mut sums = [(0.0, 0.0); 22];
            for (n, x) in samples.iter().enumerate() {
                for (k, sum) in sums.iter_mut().enumerate().skip(1) {
                    let angle = TAU * turns * k as f64;
                    *sum = (sum.0 + x * angle.sin(), sum.1 + x * angle.cos());
                }
                turns += hum.freq_hz((n as f64 + 0.5) / rate) / rate;
            }
            for (k, (re, im)) in sums.iter().enumerate().skip(1) {
                let found = 2.0 * f64::hypot(*re, *im) / samples.len() as f64;
                assert!((found - hum.amplitude(k)).abs() < 2e-4, "harmonic {k}: {found}");
                assert_eq!(hum.amplitude(k) > 0.0, k <= 20);
            }
        }
    }
}

#[test]
fn signals_scale_with_any_rate_without_panic() {
    for rate in [8000.0, 22_050.0, 384_000.0] {
        assert_eq!(nasty(rate, 0.05).len(), 10);
        let [left, _] = Music { rate_hz: rate, seconds: 0.1, seed: 1 }.render();
        assert_eq!(left.len(), (0.1 * rate) as usize);
        assert_eq!(Clicks::new(rate, 0.3, 1).clicks.len(), 6);
        assert_eq!(hiss(rate, 0.1, -40.0, 1).len(), (0.1 * rate) as usize);
    }
}

#[test]
fn demo_signals_are_twelve_seconds_of_stereo_that_do_not_clip() {
    for Demo { name, channels } in demos() {
        let frames = channels.each_ref().map(Vec::len);
        assert_eq!(frames, [(DEMO_S * f64::from(DEMO_RATE_HZ)) as usize; 2], "{name}");
        let highest = channels.iter().map(|channel| db(peak(channel))).fold(f64::MIN, f64::max);
        assert!((-9.0..=-0.5).contains(&highest), "{name} peaks at {highest} dBFS");
        assert!(channels[0] != channels[1], "{name} is no stereo");
    }
}

#[test]
fn demo_signals_are_the_same_bits_everywhere() {
    // FNV-1a over the bits of all samples: what another machine computed.
    let hash = |channels: &[Vec<f64>; 2]| {
        channels
            .iter()
            .flatten()
            .flat_map(|x| x.to_bits().to_le_bytes())
            .fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3_u64)
            })
    };
    let hashes: Vec<_> =
        demos().iter().map(|demo| (demo.name, format!("{:016x}", hash(&demo.channels)))).collect();
    let expected = [
        ("drums and bass", "8547678be1f0f49e"),
        ("strings and voice", "4ea2ea3235661cfb"),
        ("pink steps", "6596d6abf7797e6e"),
        ("worn record", "e61e852d6418f92f"),
    ];
    assert_eq!(hashes, expected.map(|(name, hash)| (name, hash.to_owned())));
}

#[test]
fn pink_steps_rise_by_six_decibels_and_are_pink() {
    let steps = &demos()[2].channels[0];
    let step = (0.8 * f64::from(DEMO_RATE_HZ)) as usize;
    let levels: Vec<f64> = steps.chunks_exact(step).map(|part| db(rms(part))).collect();
    for pair in levels[..8].windows(2) {
        assert!((pair[1] - pair[0] - 6.0).abs() < 1.0, "{levels:?}");
    }
    assert!((levels[7] + 14.0).abs() < 1.0, "{levels:?}");
    let (power, bin_hz) = spectrum(steps, f64::from(DEMO_RATE_HZ));
    let band = |low: f64| power[(low / bin_hz) as usize..(2.0 * low / bin_hz) as usize].iter().sum::<f64>();
    let octaves: Vec<f64> = (0..7).map(|n| 10.0 * band(100.0 * f64::from(1 << n)).log10()).collect();
    let (low, high) = octaves.iter().fold((f64::MAX, f64::MIN), |(l, h), x| (l.min(*x), h.max(*x)));
    assert!(high - low < 4.0, "an octave has as much power as any other: {octaves:?}");
}
