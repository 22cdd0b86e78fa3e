#![allow(clippy::disallowed_methods, reason = "an independent reference")]

use super::*;

fn settings(bits: u32, dither: Dither, shape: Shape) -> Settings {
    Settings { bits, dither, shape, rate_hz: 44_100.0, seed: 7 }
}

/// 10·log₁₀ of a power, relative to a full-scale sine.
fn dbfs(power: f64) -> f64 {
    10.0 * (2.0 * power).log10()
}

/// The noise of TPDF at 16 bits after `shape` and a weighting, in dBFS: the integral over all frequencies.
fn weighted_dbfs(shape: Shape, weight: impl Fn(f64) -> f64) -> f64 {
    let taps = noise_shaper(shape, 44_100.0).unwrap_or_default();
    let points = 20_000;
    let mean = (0..points)
        .map(|k| {
            let hz = (f64::from(k) + 0.5) / f64::from(points) * 22_050.0;
            let angle = std::f64::consts::TAU * hz / 44_100.0;
            let (mut re, mut im) = (1.0, 0.0);
            for (n, tap) in taps.iter().enumerate() {
                re += tap * (angle * (n + 1) as f64).cos();
                im -= tap * (angle * (n + 1) as f64).sin();
            }
            (re * re + im * im) * weight(hz)
        })
        .sum::<f64>()
        / f64::from(points);
    dbfs(0.25 * mean * 2_f64.powi(-30))
}

#[test]
fn the_468_weighting_has_the_gains_of_the_standards_table() {
    let table = [
        (31.5, -29.9),
        (100.0, -19.8),
        (400.0, -7.8),
        (1_000.0, 0.0),
        (2_000.0, 5.6),
        (5_000.0, 11.7),
        (6_300.0, 12.2),
        (8_000.0, 11.4),
        (10_000.0, 8.1),
        (12_500.0, 0.0),
        (16_000.0, -11.7),
        (20_000.0, -22.2),
    ];
    for (hz, db) in table {
        let found = 10.0 * itu_r_468(hz).log10();
        assert!((found - db).abs() < 0.1, "{hz} Hz: {found}, not {db}");
    }
}

#[test]
fn shaped_noise_reaches_the_targets() {
    let figures = |shape| {
        [weighted_dbfs(shape, |_| 1.0), weighted_dbfs(shape, itu_r_468), weighted_dbfs(shape, hearing)]
    };
    let [total, by_468, by_hearing] = figures(Shape::None);
    assert!((total + 93.32).abs() < 0.01 && (by_468 + 86.5).abs() < 0.1 && (by_hearing + 97.1).abs() < 0.1);
    assert!(figures(Shape::Mild)[1] <= -92.9, "mild, 468-weighted");
    assert!(figures(Shape::Balanced)[1] <= -95.2, "balanced, 468-weighted");
    assert!(figures(Shape::Deep)[2] <= -118.8, "deep, over the threshold of hearing");
}

#[test]
fn shaped_noise_does_not_run_away_at_other_rates() {
    for rate in [8_000.0, 22_050.0, 48_000.0, 96_000.0, 192_000.0, 768_000.0] {
        for shape in [Shape::Mild, Shape::Balanced, Shape::Deep] {
            let taps = noise_shaper(shape, rate).unwrap();
            let growth = 10.0 * (1.0 + taps.iter().map(|tap| tap * tap).sum::<f64>()).log10();
            assert!(growth > 0.0 && growth <= 28.5, "{shape:?} at {rate}: {growth} dB");
        }
    }
}

/// Mean and variance of the error, in steps, over `count` samples of `dc` steps.
fn errors_at(dc: f64, dither: Dither, shape: Shape, count: usize) -> (f64, f64) {
    let step = 2_f64.powi(-15);
    let mut quantizer = Quantizer::new(settings(16, dither, shape), 1);
    let (mut mean, mut square) = (0.0, 0.0);
    let mut block = vec![0.0; 1 << 14];
    for start in (0..count).step_by(block.len()) {
        block.fill(dc * step);
        quantizer.process(0, start as u64, &mut block);
        for y in &block {
            let error = y / step - dc;
            mean += error;
            square += error * error;
        }
    }
    (mean / count as f64, square / count as f64)
}

/// Spec 3.10: over DC from −1 to 1 step in 1/64: variance 0.25 ± 0.05 dB, mean error ≤ 0.002 steps; −93.32 dBFS ± 0.05.
#[test]
fn tpdf_noise_is_at_minus_93_32_dbfs_whatever_dc_lies_under_it() {
    let mut total = 0.0;
    for n in -64..=64_i32 {
        let (mean, variance) = errors_at(f64::from(n) / 64.0, Dither::Triangular, Shape::None, 1 << 20);
        assert!(mean.abs() <= 0.002, "mean error {mean} at {n}/64");
        assert!((10.0 * (variance / 0.25).log10()).abs() <= 0.05, "variance {variance} at {n}/64");
        total += variance / 129.0;
    }
    let level = dbfs(total * 2_f64.powi(-30));
    assert!((level + 93.32).abs() <= 0.05, "{level} dBFS");
}

/// Spec 3.10: shaped noise does not move with DC by more than 0.05 dB, and has no mean.
#[test]
fn shaped_noise_has_the_power_of_its_filter_whatever_dc_lies_under_it() {
    for shape in [Shape::Mild, Shape::Balanced, Shape::Deep] {
        let levels: Vec<f64> = (-8..=8_i32)
            .map(|n| {
                let (mean, power) = errors_at(f64::from(n) / 8.0 + 0.01, Dither::Triangular, shape, 1 << 20);
                assert!(mean.abs() <= 0.002, "{shape:?}: mean error {mean}");
                dbfs(power * 2_f64.powi(-30))
            })
            .collect();
        let (low, high) =
            levels.iter().fold((f64::MAX, f64::MIN), |(low, high), x| (low.min(*x), high.max(*x)));
        assert!(high - low <= 0.05, "{shape:?}: {low} to {high} dBFS");
        let expected = weighted_dbfs(shape, |_| 1.0);
        assert!((0.5 * (high + low) - expected).abs() < 0.05, "{shape:?}: {low} to {high}, not {expected}");
    }
}

#[test]
fn every_dither_has_the_power_and_the_spectrum_it_says() {
    // Rounding adds 1/12 of a step to the power of the dither itself.
    for (dither, own) in [
        (Dither::Rectangular, 1.0 / 12.0),
        (Dither::Triangular, 1.0 / 6.0),
        (Dither::HighPassTriangular, 1.0 / 6.0),
        (Dither::Gaussian, 0.25),
    ] {
        let mean_of =
            |draw: &dyn Fn(f64) -> f64| (0..64).map(|n| draw(f64::from(n) / 64.0)).sum::<f64>() / 64.0;
        let power = mean_of(&|dc| errors_at(dc, dither, Shape::None, 1 << 14).1);
        let level = 10.0 * (power / (own + 1.0 / 12.0)).log10();
        assert!(level.abs() < 0.1, "{dither:?}: {power}");
    }
    // What is high-passed has little left at the bottom: neighbours cancel.
    let mut block = vec![0.4 * 2_f64.powi(-15); 1 << 18];
    Quantizer::new(settings(16, Dither::HighPassTriangular, Shape::None), 1).process(0, 0, &mut block);
    let errors: Vec<f64> = block.iter().map(|y| y * 32_768.0 - 0.4).collect();
    let together: f64 = errors.windows(2).map(|pair| (pair[0] + pair[1]).powi(2)).sum();
    let apart: f64 = errors.windows(2).map(|pair| (pair[0] - pair[1]).powi(2)).sum();
    assert!(apart > 1.8 * together, "{apart} {together}");
}

#[test]
fn silence_is_blanked_when_it_lasts_and_not_before() {
    for size in [1, 7, 64, 10_000] {
        let mut input: Vec<f64> = (0..2000).map(|n| 0.1 * (f64::from(n) * 0.05).sin()).collect();
        input.resize(4000, 0.0);
        input.extend((1..500).map(|n| 0.001 * f64::from(n)));
        for shape in [Shape::None, Shape::Balanced] {
            let how = settings(16, Dither::Triangular, shape);
            let mut quantizer = Quantizer::new(how, 1).blanking_after(500);
            let mut block = input.clone();
            for (n, part) in block.chunks_mut(size).enumerate() {
                quantizer.process(0, (n * size) as u64, part);
            }
            assert!(block[2000..2500].iter().any(|y| *y != 0.0), "the hiss goes on for a while");
            assert!(block[2500..4000].iter().all(|y| *y == 0.0), "{size}: then it is silent");
            assert!(block[4000..].iter().zip(&input[4000..]).all(|(y, x)| (y - x).abs() < 1e-3));
            let mut whole = input.clone();
            Quantizer::new(how, 1).blanking_after(500).process(0, 0, &mut whole);
            assert_eq!(whole, block, "blocks of {size}");
        }
    }
}

#[test]
fn words_are_told_from_what_is_finer_or_louder() {
    assert!(are_words(&[0.0, -1.0, 1.0 - 1.0 / 32_768.0, 0.25], 16));
    assert!(!are_words(&[1.0], 16) && !are_words(&[1.0 / 65_536.0], 16) && are_words(&[1.0 / 65_536.0], 17));
    assert!(!are_words(&[f64::NAN], 16) && are_words(&[], 8));
}

#[test]
fn what_comes_out_are_words() {
    for bits in [8, 16, 24] {
        let scale = 2_f64.powi(bits as i32 - 1);
        for shape in [Shape::None, Shape::Mild, Shape::Deep] {
            let mut block: Vec<f64> = (0..4_000).map(|n| 1.3 * (f64::from(n) * 0.07).sin()).collect();
            Quantizer::new(settings(bits, Dither::Triangular, shape), 1).process(0, 0, &mut block);
            for y in &block {
                assert_eq!((y * scale).fract(), 0.0);
                assert!((-1.0..=1.0 - 1.0 / scale).contains(y), "{y}");
            }
            assert!(block.contains(&-1.0) && block.contains(&(1.0 - 1.0 / scale)));
        }
    }
}

#[test]
fn words_that_fit_pass_untouched_without_dither() {
    for shape in [Shape::None, Shape::Balanced] {
        let words: Vec<f64> = (-32_768..32_768).step_by(17).map(|n| f64::from(n) / 32_768.0).collect();
        let mut block = words.clone();
        Quantizer::new(settings(16, Dither::None, shape), 1).process(0, 0, &mut block);
        assert_eq!(block, words);
    }
}

#[test]
fn saturation_leaves_nothing_behind() {
    let mut block = vec![4.0; 1_000];
    block.resize(3_000, 0.1);
    Quantizer::new(settings(16, Dither::Triangular, Shape::Deep), 1).process(0, 0, &mut block);
    let mean = block[1_100..].iter().sum::<f64>() / 1_900.0;
    assert!((mean - 0.1).abs() < 1e-3, "{mean}");
    assert!(block[1_020..].iter().all(|y| (y - 0.1).abs() < 0.02));
}

#[test]
fn blocks_and_channels_do_not_matter() {
    let input: Vec<f64> = (0..5_000).map(|n| 0.4 * (f64::from(n) * 0.031).sin()).collect();
    for shape in [Shape::None, Shape::Balanced] {
        let mut whole = Quantizer::new(settings(16, Dither::Triangular, shape), 2);
        let (mut left, mut right) = (input.clone(), input.clone());
        whole.process(0, 0, &mut left);
        whole.process(1, 0, &mut right);
        assert_ne!(left, right, "both channels have the same dither");
        whole.reset();
        for size in [1, 7, 333] {
            let mut parts = input.clone();
            for (n, part) in parts.chunks_mut(size).enumerate() {
                whole.process(1, (n * size) as u64, part);
            }
            assert_eq!(parts, right);
            whole.reset();
        }
    }
}

/// Spec 3.10: no harmonic of a 1 kHz sine of one step is more than 6 dB above the noise around it in 2²² points.
#[test]
fn a_tone_of_one_step_has_no_harmonics() {
    let step = 2_f64.powi(-15);
    let size = 1 << 22;
    // 1 kHz, to a whole number of periods.
    let turns = 95_110;
    let mut powers = vec![0.0; size / 2];
    let mut transform = crate::fft::Transform::new(size, crate::fft::Kind::Fast);
    // The mean of a few runs: one bin of noise alone is 6 dB above its mean too often.
    for seed in 1..=4 {
        let tone =
            |n: usize| step * (std::f64::consts::TAU * ((n * turns) % size) as f64 / size as f64).sin();
        let mut block: Vec<f64> = (0..size).map(tone).collect();
        let how = Settings { seed, ..settings(16, Dither::Triangular, Shape::None) };
        Quantizer::new(how, 1).process(0, 0, &mut block);
        let mut points: Vec<_> = block.iter().map(|y| rustfft::num_complex::Complex::new(*y, 0.0)).collect();
        transform.forward(&mut points);
        powers.iter_mut().zip(&points).for_each(|(power, point)| *power += point.norm_sqr());
    }
    for harmonic in 2..=20 {
        let k = turns * harmonic;
        let around: f64 = powers[k - 500..k + 500]
            .iter()
            .enumerate()
            .filter(|(i, _)| i.abs_diff(500) > 2)
            .map(|(_, p)| p)
            .sum();
        let excess = 10.0 * (powers[k] / (around / 995.0)).log10();
        assert!(excess <= 6.0, "harmonic {harmonic} stands out by {excess} dB");
    }
}

/// Stereo at 44.1 kHz, 100 times as fast as it sounds.
#[test]
#[ignore = "timing"]
fn dither_is_100_times_as_fast_as_real_time() {
    let mut figures = Vec::new();
    for shape in [Shape::None, Shape::Mild, Shape::Balanced] {
        let mut quantizer = Quantizer::new(settings(16, Dither::Triangular, shape), 2);
        let mut block = vec![0.1; 4_410];
        let begin = std::time::Instant::now();
        for n in 0..300 {
            quantizer.process(0, n * 4_410, &mut block);
            quantizer.process(1, n * 4_410, &mut block);
        }
        figures.push(30.0 / begin.elapsed().as_secs_f64());
    }
    assert!(figures.iter().all(|times| *times >= 100.0), "{figures:.0?}");
    assert!(figures[0] >= 300.0, "{figures:.0?}");
}
