#![allow(clippy::disallowed_methods, reason = "an independent reference")]

use super::*;

/// White numbers in −1..1 (SplitMix64).
pub(crate) fn white(count: usize, seed: u64) -> Vec<f64> {
    let mut state = seed;
    let mut draw = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    };
    (0..count).map(|_| draw()).collect()
}

/// A bell after Bristow-Johnson's cookbook: an independent way to coefficients.
fn bell(hz: f64, db: f64, q: f64, rate: f64) -> ([f64; 3], [f64; 3]) {
    let a = 10f64.powf(db / 40.0);
    let w = 2.0 * PI * hz / rate;
    let alpha = w.sin() / (2.0 * q);
    let c = -2.0 * w.cos();
    ([1.0 + alpha * a, c, 1.0 - alpha * a], [1.0 + alpha / a, c, 1.0 - alpha / a])
}

fn sections() -> Vec<Section> {
    [(80.0, 6.0, 0.7), (1000.0, -4.0, 2.0), (3000.0, 3.0, 1.0), (9000.0, 9.0, 0.5), (15e3, -12.0, 4.0)]
        .map(|(hz, db, q)| bell(hz, db, q, 48e3))
        .map(|(b, a)| Section::from_biquad(b, a).unwrap())
        .to_vec()
}

#[test]
fn a_section_filters_as_its_difference_equation() {
    let (b, a) = bell(1000.0, 6.0, 2.0, 48e3);
    let mut block = white(20_000, 1);
    let (mut x, mut y) = ([0.0; 3], [0.0; 3]);
    let mut expected = Vec::new();
    for &sample in &block {
        x = [sample, x[0], x[1]];
        let sum = b[0] * x[0] + b[1] * x[1] + b[2] * x[2] - a[1] * y[0] - a[2] * y[1];
        y = [sum / a[0], y[0], y[1]];
        expected.push(y[0]);
    }
    Cascade::new(&[Section::from_biquad(b, a).unwrap()], 1).process(0, &mut block);
    let worst = block.iter().zip(&expected).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max);
    assert!(worst < 1e-12, "{worst:e}");
}

#[test]
fn coefficients_survive_the_way_there_and_back() {
    for section in sections() {
        let (b, a) = section.to_biquad();
        let again = Section::from_biquad(b, a).unwrap();
        for hz in [20.0, 1000.0, 20e3] {
            let ratio = again.response(hz, 48e3) / section.response(hz, 48e3);
            assert!((ratio.norm() - 1.0).abs() < 1e-12);
        }
    }
}

#[test]
fn the_response_is_that_of_the_impulse_response() {
    let sections = sections();
    let mut impulse = vec![0.0; 1 << 15];
    impulse[0] = 1.0;
    Cascade::new(&sections, 1).process(0, &mut impulse);
    for hz in [0.0, 33.0, 1000.0, 12_345.0, 23_900.0] {
        let w = 2.0 * PI * hz / 48e3;
        let sum: Complex<f64> =
            impulse.iter().enumerate().map(|(n, x)| Complex::from_polar(*x, -w * n as f64)).sum();
        assert!((sum - response(&sections, hz, 48e3)).norm() < 1e-12, "{hz} Hz");
    }
}

#[test]
fn any_cutting_alone_or_in_pairs_gives_the_same_bits() {
    let (left, right) = (white(5000, 2), white(5000, 3));
    let mut expected = [left.clone(), right.clone()];
    let mut alone = Cascade::new(&sections(), 2);
    for (channel, block) in expected.iter_mut().enumerate() {
        alone.process(channel, block);
    }
    for size in [1, 7, 31, 32, 33, 64, 333, 4096, 5000] {
        let (mut l, mut r) = (left.clone(), right.clone());
        let mut cascade = Cascade::new(&sections(), 2);
        for (index, (l, r)) in l.chunks_mut(size).zip(r.chunks_mut(size)).enumerate() {
            if index % 5 == 4 {
                cascade.process(1, r);
                cascade.process(0, l);
            } else {
                cascade.process_pair(0, l, r);
            }
        }
        assert!(l == expected[0] && r == expected[1], "blocks of {size}");
    }
}

#[test]
fn reset_goes_back_to_the_first_bit() {
    let mut cascade = Cascade::new(&sections(), 1);
    let (mut first, mut again) = (white(777, 4), white(777, 4));
    cascade.process(0, &mut first);
    cascade.reset();
    cascade.process(0, &mut again);
    assert_eq!(first, again);
}

/// Spec 1.5: after the tail the output is exactly zero, and no denormal number ever turns up.
#[test]
fn a_filter_falls_silent_without_denormals() {
    let mut block = white(2_000_000, 5);
    block[1000..].fill(0.0);
    Cascade::new(&sections(), 1).process(0, &mut block);
    assert!(block.iter().all(|x| *x == 0.0 || x.is_normal()));
    assert!(block[1_900_000..].iter().all(|x| *x == 0.0));
}

#[test]
fn what_rings_has_fallen_after_the_time_that_is_said() {
    for (hz, q) in [(30.0, 0.3), (30.0, 8.0), (9000.0, 0.4), (20_000.0, 3.0)] {
        let (b, a) = bell(hz, 12.0, q, 44.1e3);
        let section = Section::from_biquad(b, a).unwrap();
        let frames = section.decay_frames(120.0) as usize;
        let mut impulse = vec![0.0; frames + 1000];
        impulse[0] = 1.0;
        Cascade::new(&[section], 1).process(0, &mut impulse);
        let loudest =
            |range: std::ops::Range<usize>| impulse[range].iter().fold(0.0, |m: f64, x| m.max(x.abs()));
        assert!(loudest(frames..frames + 1000) < 1e-5, "{hz} Hz, Q {q}: not yet");
        assert!(loudest(frames / 3..frames + 1000) > 1e-7, "{hz} Hz, Q {q}: long ago");
    }
}

#[test]
fn unstable_denominators_are_refused() {
    assert!(Section::from_biquad([1.0, 0.0, 0.0], [1.0, -2.1, 1.05]).is_err());
    assert!(Section::from_biquad([1.0, 0.0, 0.0], [1.0, 0.0, 1.0]).is_err());
    assert!(Section::from_biquad([f64::NAN, 0.0, 0.0], [1.0, 0.0, 0.5]).is_err());
}

#[test]
#[ignore = "a measurement: run with --release --nocapture"]
#[allow(clippy::print_stdout, reason = "a measurement")]
fn nanoseconds_per_frame() {
    for count in 1..=5 {
        let mut cascade = Cascade::new(&sections()[..count], 2);
        let (mut left, mut right) = (white(2048, 6), white(2048, 7));
        for pair in [false, true] {
            let mut best = f64::MAX;
            for _ in 0..400 {
                let begin = std::time::Instant::now();
                if pair {
                    cascade.process_pair(0, &mut left, &mut right);
                } else {
                    cascade.process(0, &mut left);
                }
                best = best.min(begin.elapsed().as_secs_f64());
                left.iter_mut().chain(&mut right).for_each(|x| *x = x.clamp(-1.0, 1.0));
            }
            let each = best * 1e9 / 2048.0 / count as f64;
            println!("{count} sections, pair {pair}: {each:.2} ns per frame and section");
        }
    }
}
