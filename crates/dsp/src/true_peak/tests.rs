#![allow(clippy::disallowed_methods, reason = "an independent reference")]

use super::kernel::{Kernel, PHASES, TAPS};
use super::*;
use std::f64::consts::{PI, TAU};

/// All 32 phases by the definition: a sinc under a Kaiser window, sample by sample.
fn naive(samples: &[f64], from: i64, to: i64) -> f64 {
    let i0 = |x: f64| {
        (1..80)
            .fold((1.0, 1.0), |(sum, term), k| {
                let term: f64 = term * (0.5 * x / f64::from(k)).powi(2);
                (sum + term, term)
            })
            .0
    };
    let weight = |at: f64| {
        let sinc = if at == 0.0 { 1.0 } else { (PI * at).sin() / (PI * at) };
        sinc * i0(12.0 * (1.0 - (at / 48.0).powi(2)).max(0.0).sqrt()) / i0(12.0)
    };
    let mut most: f64 = 0.0;
    for phase in 0..32 {
        let weights: Vec<f64> = (-47..=48).map(|k| weight(f64::from(phase) / 32.0 - f64::from(k))).collect();
        for n in from..to {
            let value: f64 = (-47..=48)
                .map(|k| samples.get((n + k) as usize).map_or(0.0, |x| x * weights[(k + 47) as usize]))
                .sum();
            most = most.max(value.abs());
        }
    }
    most
}

/// Annex 2 as the standard draws it: zeros between the samples, 48 taps.
fn naive_annex_2(samples: &[f64]) -> f64 {
    let kernel = Kernel::shared();
    let mut most = samples.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    for n in 0..samples.len() + 11 {
        for (pair, mirror) in [(0, false), (1, false), (1, true), (0, true)] {
            let value: f64 = (0..12)
                .filter_map(|k| {
                    samples.get(n.checked_sub(k)?).map(|x| x * kernel.annex_2[pair].weight(11 - k, mirror))
                })
                .sum();
            most = most.max(value.abs());
        }
    }
    most
}

fn random(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed;
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}

fn measure(samples: &[f64], cut: usize) -> Peaks {
    let mut meter = PeakMeter::new();
    samples.chunks(cut).for_each(|part| meter.push(part));
    meter.finish()
}

fn dbtp(amplitude: f64) -> f64 {
    20.0 * amplitude.log10()
}

/// Signals of different steepness: the bounds leave out different parts of them.
fn programmes() -> Vec<Vec<f64>> {
    let mut all = Vec::new();
    for (index, smooth) in [0.0, 0.9, 0.99].into_iter().enumerate() {
        let mut noise = random(index as u64 + 1);
        let mut state = 0.0;
        all.push(
            (0..2500)
                .map(|_| {
                    state = smooth * state + (1.0 - smooth) * noise();
                    state
                })
                .collect(),
        );
    }
    all.push(
        (0..2500)
            .map(|n| 0.7 * (TAU * 0.013 * f64::from(n)).sin() + 0.2 * (0.9 * f64::from(n)).cos())
            .collect(),
    );
    all
}

#[test]
fn leaving_out_what_cannot_matter_finds_the_same_peaks() {
    for (index, programme) in programmes().iter().enumerate() {
        let peaks = measure(programme, 100);
        let expected = naive(programme, -48, programme.len() as i64 + 48);
        assert!(
            (peaks.reference / expected - 1.0).abs() < 1e-12,
            "{index}: {} for {expected}",
            peaks.reference
        );
        let expected = naive_annex_2(programme);
        assert!((peaks.annex_2 / expected - 1.0).abs() < 1e-12, "{index}: {} for {expected}", peaks.annex_2);
    }
}

/// The programmes, each with a rise, a fall, and pauses: what is left out depends on what was heard before.
fn with_dynamics() -> Vec<Vec<f64>> {
    let shape = |n: usize| if n % 700 < 90 { 0.0 } else { 0.1 + (n as f64 / 2500.0 * PI).sin() };
    let shaped = |x: &Vec<f64>| x.iter().enumerate().map(|(n, x)| shape(n) * x).collect();
    let mut all = programmes();
    all.extend(programmes().iter().map(shaped).collect::<Vec<_>>());
    all
}

#[test]
fn leaving_out_what_cannot_matter_changes_no_bit() {
    for (index, programme) in with_dynamics().iter().enumerate() {
        let quick = measure(programme, 100);
        let mut meter = PeakMeter::new().looking_everywhere();
        meter.push(programme);
        let all = meter.finish();
        for (quick, all) in
            [(quick.sample, all.sample), (quick.reference, all.reference), (quick.annex_2, all.annex_2)]
        {
            assert_eq!(quick.to_bits(), all.to_bits(), "{index}");
        }
        let mut padded = vec![0.0; PeakFinder::BEFORE];
        padded.extend(programme);
        padded.extend([0.0; PeakFinder::BEHIND]);
        for part in [0.1, 0.5, 0.9, 0.99, 1.01] {
            let ceiling = part * all.largest();
            let find = |mut finder: PeakFinder| -> Vec<u64> {
                let mut peaks = vec![0.0; programme.len()];
                finder.find(&padded, ceiling, &mut peaks);
                peaks.iter().map(|peak| if *peak > ceiling { peak.to_bits() } else { 0 }).collect()
            };
            let finder = PeakFinder::new(true, programme.len());
            let (quick, all) = (find(finder.clone()), find(finder.looking_everywhere()));
            let differs = quick.iter().zip(&all).position(|(a, b)| a != b);
            assert_eq!(differs, None, "{index}, a ceiling of {part} of the peak: first frame that differs");
        }
    }
}

#[test]
fn any_cut_gives_the_same_peaks() {
    for programme in programmes() {
        let whole = measure(&programme, programme.len());
        for cut in [1, 7, 64, 333, 1024] {
            assert_eq!(measure(&programme, cut), whole);
        }
    }
}

#[test]
fn annex_2_reads_as_published() {
    // DSP specification, section 2: over-reads by up to 0.22 dB near 11 kHz, under-reads a 20 kHz tone by 0.46 dB. For
    // a long tone the highest reading is that of the phase with the largest gain.
    let gain = |hz: f64, pair: usize| {
        let kernel = &Kernel::shared().annex_2[pair];
        let (re, im) = (0..12).fold((0.0, 0.0), |(re, im), k| {
            let angle = TAU * hz / 44_100.0 * k as f64;
            (re + kernel.weight(k, false) * angle.cos(), im + kernel.weight(k, false) * angle.sin())
        });
        dbtp(f64::hypot(re, im))
    };
    let most =
        (0..400).map(|i| gain(7_000.0 + 20.0 * f64::from(i), 1).max(gain(7_000.0 + 20.0 * f64::from(i), 0)));
    let most = most.fold(f64::MIN, f64::max);
    assert!((most - 0.22).abs() < 0.02, "{most} dB");
    // At 20 kHz the samples of a long tone themselves come closer than the interpolator.
    let highest = gain(20_000.0, 0).max(gain(20_000.0, 1));
    assert!((highest + 0.46).abs() < 0.05, "{highest} dB");
}

#[test]
fn the_reference_follows_a_tone_to_20_khz() {
    for hz in [100.0, 997.0, 11_025.0, 15_000.0, 20_000.0] {
        let mut tone: Vec<f64> =
            (0..8000).map(|n| (TAU * hz / 44_100.0 * f64::from(n) + 0.3).sin()).collect();
        for (n, fade) in (0..400).map(|n| (n, f64::from(n as u32) / 400.0)) {
            tone[n] *= fade;
            tone[7999 - n] *= fade;
        }
        let read = dbtp(measure(&tone, 512).reference);
        assert!(read.abs() < 0.012, "{hz} Hz: {read} dBTP");
    }
}

/// A tone at full scale, faded in and out, and its largest reading over eight starts.
fn read_tone(hz: f64, read: fn(&Peaks) -> f64) -> f64 {
    let readings = (0..8).map(|start| {
        let phase = TAU * f64::from(start) / 8.0;
        let fade = |n: usize| (n.min(5999 - n) as f64 / 600.0).min(1.0);
        let tone: Vec<f64> =
            (0..6000).map(|n| fade(n) * (TAU * hz / 44_100.0 * n as f64 + phase).sin()).collect();
        dbtp(read(&measure(&tone, 512)))
    });
    readings.fold(f64::MIN, f64::max)
}

#[test]
fn the_reference_reads_no_less_than_its_32_points_allow() {
    // DSP specification, section 2: at 32 points a frame a crest shows 0.009 dB too little at the worst. A tone of a
    // fourth of the rate keeps its distance from the looks, so that the worst phase stays the worst.
    let readings = (0..64).map(|start| {
        let phase = PI / 64.0 / 32.0 * f64::from(start);
        let fade = |n: usize| (n.min(2999 - n) as f64 / 300.0).min(1.0);
        let tone: Vec<f64> = (0..3000).map(|n| fade(n) * (PI / 2.0 * n as f64 + phase).sin()).collect();
        dbtp(measure(&tone, 512).reference)
    });
    let worst = readings.fold(f64::MAX, f64::min);
    assert!((-0.009..=0.001).contains(&worst), "{worst} dB");
}

#[test]
fn the_two_meters_differ_as_the_specification_says() {
    // Section 2: at 44.1 kHz Annex 2 reads up to 0.22 dB too much near 11 kHz, the reference is right.
    let most = (0..40).map(|n| 10_000.0 + 50.0 * f64::from(n) + 3.7);
    let most = most.map(|hz| read_tone(hz, |peaks| peaks.annex_2)).fold(f64::MIN, f64::max);
    assert!((most - 0.22).abs() < 0.02, "Annex 2 reads {most} dB too much");
    for hz in [997.3, 5003.7, 10_903.7, 15_003.1, 20_003.7] {
        let read = read_tone(hz, |peaks| peaks.reference);
        assert!(read.abs() < 0.01, "the reference at {hz} Hz: {read} dB");
    }
    for hz in [100.3, 997.3] {
        let read = read_tone(hz, |peaks| peaks.annex_2);
        assert!((-0.005..0.02).contains(&read), "Annex 2 at {hz} Hz: {read} dB");
    }
}

/// EBU Tech 3341:2023, cases 15 to 19: frequency as a part of the rate, phase in degrees, amplitude, reading in dBTP.
const TONES: [(f64, f64, f64, f64); 5] = [
    (4.0, 0.0, 0.50, -6.0),
    (4.0, 45.0, 0.50, -6.0),
    (6.0, 60.0, 0.50, -6.0),
    (8.0, 67.5, 0.50, -6.0),
    (4.0, 45.0, 1.41, 3.0),
];

#[test]
fn ebu_3341_cases_15_to_19() {
    for rate in [44_100, 48_000, 88_200, 96_000, 192_000] {
        for (part, degrees, amplitude, expected) in TONES {
            let taper = rate / 100;
            let tone: Vec<f64> = (0..rate)
                .map(|n| {
                    let fade = (f64::from(n.min(rate - 1 - n)) / f64::from(taper)).min(1.0);
                    amplitude * fade * (TAU * f64::from(n) / part + degrees.to_radians()).sin()
                })
                .collect();
            let peaks = measure(&tone, 4096);
            for (meter, read) in [("reference", peaks.reference), ("Annex 2", peaks.annex_2)] {
                let read = dbtp(read);
                assert!(
                    (expected - 0.4..=expected + 0.2).contains(&read),
                    "{meter}, fs/{part} at {degrees}°, {rate} Hz: {read} dBTP"
                );
            }
        }
    }
}

#[test]
fn ebu_3341_cases_20_to_23() {
    // At four times the rate: fs/6 at 0.5 with one period of fs/4 at 1, then low-passed and every fourth sample kept.
    let long: usize = 4 * 9600;
    let insert = long / 2 / 24 * 24;
    let high: Vec<f64> = (0..long)
        .map(|n| match n.checked_sub(insert) {
            Some(m) if m < 16 => (TAU * m as f64 / 16.0).sin(),
            Some(m) => 0.5 * (TAU * (m - 16) as f64 / 24.0).sin(),
            None => 0.5 * (TAU * n as f64 / 24.0).sin(),
        })
        .map(|x: f64| x)
        .enumerate()
        .map(|(n, x)| x * (n.min(long - 1 - n) as f64 / 1920.0).min(1.0))
        .collect();
    let i0 = crate::math::bessel_i0;
    let low_pass: Vec<f64> = (-255..=255)
        .map(|k| {
            let at = f64::from(k) * 0.475 / 4.0;
            let sinc = if k == 0 { 1.0 } else { (TAU * at).sin() / (TAU * at) };
            2.0 * 0.475 / 4.0 * sinc * i0(10.0 * (1.0 - (f64::from(k) / 255.5).powi(2)).sqrt()) / i0(10.0)
        })
        .collect();
    for offset in 0..4 {
        let kept: Vec<f64> = (offset..long - 511)
            .step_by(4)
            .map(|n| low_pass.iter().zip(&high[n..]).map(|(h, x)| h * x).sum())
            .collect();
        let peaks = measure(&kept, 777);
        for (meter, read) in [("reference", peaks.reference), ("Annex 2", peaks.annex_2)] {
            let read = dbtp(read);
            assert!((-0.4..=0.2).contains(&read), "case {}, {meter}: {read} dBTP", 20 + offset);
        }
    }
}

#[test]
fn the_finder_finds_what_the_meter_finds_frame_by_frame() {
    for (index, programme) in programmes().iter().enumerate() {
        let mut padded = vec![0.0; PeakFinder::BEFORE];
        padded.extend(programme);
        padded.extend([0.0; PeakFinder::BEHIND]);
        let frames = programme.len();
        let mut peaks = vec![0.0; frames];
        let ceiling = 0.5 * naive(programme, 0, frames as i64);
        assert!(PeakFinder::new(false, frames).find(&padded, ceiling, &mut peaks));
        for n in (0..frames).step_by(5) {
            let next = programme.get(n + 1).map_or(0.0, |x| x.abs());
            let expected = naive(programme, n as i64, n as i64 + 1).max(next);
            if expected > ceiling {
                // Eight points and a parabola against 32 points. A parabola's top may lie beyond the frame: a top just
                // outside counts for either.
                let off = dbtp(peaks[n] / expected);
                assert!((-0.15..0.3).contains(&off), "{index}, frame {n}: {off} dB");
                let beside = peaks[n].max(peaks[(n + 1).min(frames - 1)]).max(peaks[n.saturating_sub(1)]);
                assert!(
                    dbtp(beside / expected) > -0.004,
                    "{index}, frame {n}: {} dB",
                    dbtp(beside / expected)
                );
            } else {
                assert!(peaks[n] <= ceiling * 1.03, "{index}, frame {n}: {} above {ceiling}", peaks[n]);
            }
        }
        // In blocks, with and without a ceiling that lets it leave things out.
        for cut in [1, 3, 8, 100] {
            let mut finder = PeakFinder::new(true, cut);
            let mut all = PeakFinder::new(true, frames);
            let mut whole = vec![0.0; frames];
            all.find(&padded, ceiling, &mut whole);
            let mut parts = Vec::new();
            for begin in (0..frames).step_by(cut) {
                let end = frames.min(begin + cut);
                let mut part = vec![0.0; end - begin];
                finder.find(&padded[begin..end + TAPS], ceiling, &mut part);
                parts.extend(part);
            }
            let above = |x: &f64| if *x > ceiling { x.to_bits() } else { 0 };
            assert!(parts.iter().map(above).eq(whole.iter().map(above)), "{index}: blocks of {cut}");
        }
    }
}

#[test]
fn kernels_are_what_they_are_named() {
    let kernel = Kernel::shared();
    assert_eq!(kernel.reference.len(), PHASES / 2);
    for phase in &kernel.reference {
        let gain: f64 = (0..TAPS).map(|tap| phase.weight(tap, false)).sum();
        assert!((gain - 1.0).abs() < 1e-6, "{gain}");
    }
    // BS.1770-5, Annex 2: the phases' gains at 0 Hz.
    let sums: Vec<f64> =
        kernel.annex_2.iter().map(|p| (0..12).map(|tap| p.weight(tap, false)).sum()).collect();
    assert!((sums[0] - 1.001_5).abs() < 1e-3 && (sums[1] - 0.975).abs() < 1e-2, "{sums:?}");
}
