//! What is heard, and by whom: filters of the key, links, mid and side, the output itself.

use super::*;

fn constant(level_db: f64, frames: usize) -> Vec<f64> {
    vec![10f64.powf(level_db / 20.0); frames]
}

/// A loop with a ratio of 4.
fn looped() -> Settings {
    Settings {
        detector: Detector::Peak,
        topology: Topology::Feedback,
        smoothing: Smoothing::Branching,
        ..settings()
    }
}

/// Spec 3.3: static error ≤ 1e-6 dB; a loop has the curve of the setting too.
#[test]
fn a_loop_settles_on_the_same_curve() {
    for (ratio, knee) in [(1.0, 0.0), (2.0, 6.0), (4.0, 0.0), (8.0, 24.0), (20.0, 6.0)] {
        let law = Law::Compress(Curve::compressor(-20.0, ratio, knee, 60.0));
        for attack_s in [0.0, 0.005, 0.05] {
            for level in [-60.0, -30.0, -21.0, -18.0, -9.0, 0.0] {
                let ahead = Settings { law, attack_s, ..settings() };
                let behind = Settings { law, attack_s, auto_release: attack_s > 0.01, ..looped() };
                let signal = constant(level, 48_000);
                let last = |settings: &Settings| trace(settings, 48e3, &signal)[47_999];
                let error = (last(&ahead) - last(&behind)).abs();
                assert!(error <= 1e-6, "{ratio}:1, knee {knee}, {attack_s} s, {level} dB: {error:e} dB");
            }
        }
    }
}

/// The loop is `ratio` times as fast as its smoother, and no faster than leaves it steady.
#[test]
fn a_loop_attacks_faster_by_its_ratio_and_never_overshoots() {
    for rate in RATES {
        let mut signal = constant(-40.0, 4800);
        signal.extend(constant(-5.0, (0.2 * rate) as usize));
        let gains = trace(&looped(), rate, &signal);
        let goal = -11.25 * (1.0 - (-1f64).exp());
        let frame = gains[4800..].iter().position(|gain| *gain <= goal).unwrap();
        // One frame later than ahead: the loop hears the last frame.
        assert!((frame as f64 - 0.005 / 4.0 * rate).abs() <= 1.0, "{frame} frames at {rate} Hz");
        for attack_s in [0.0, 1e-5, 0.005] {
            for ratio in [2.0, 20.0] {
                let law = Law::Compress(Curve::compressor(-20.0, ratio, 0.0, 60.0));
                let gains = trace(&Settings { law, attack_s, ..looped() }, rate, &signal);
                let least = gains.iter().copied().fold(0.0, f64::min);
                let goal = 15.0 * (1.0 / ratio - 1.0);
                assert!(least > goal - 1e-9, "{ratio}:1, {attack_s} s: {least} dB below {goal} dB");
            }
        }
    }
}

#[test]
fn a_loop_hears_the_frame_that_came_out_before() {
    // A twin written frame by frame.
    let signal = white(3000, 11);
    let law = Curve::compressor(-20.0, 4.0, 0.0, 60.0);
    let (mut gain, mut last) = (0.0, 0.0f64);
    let expected: Vec<f64> = signal
        .iter()
        .map(|x| {
            let level = 20.0 * last.abs().max(1e-30).log10();
            let target = if level > -20.0 { (1.0 - 4.0) * (level + 20.0) } else { 0.0 };
            let seconds = if target < gain { 0.005 } else { 0.1 };
            gain += (1.0 - (-1f64 / (seconds * 48e3)).exp()) * (target.max(-60.0) - gain);
            last = x * 10f64.powf(gain / 20.0);
            last
        })
        .collect();
    let out = run(&Settings { law: Law::Compress(law), ..looped() }, 48e3, std::slice::from_ref(&signal));
    let worst = out[0].iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(worst < 1e-9, "{worst:e}");
}

#[test]
fn what_the_key_filter_takes_away_is_not_heard() {
    let key = KeyFilter { high_pass_hz: Some(200.0), low_pass_hz: Some(5000.0), tilt_db_oct: 0.0 };
    for rate in RATES {
        let settings = Settings { key: key.design(rate).unwrap(), ..settings() };
        for (hz, heard) in [(50.0, -24.1), (200.0, -3.01), (1000.0, 0.0), (5000.0, -3.01), (10_000.0, -12.3)]
        {
            let gain = trace(&settings, rate, &sine(hz, 0.0, rate, rate as usize))[rate as usize - 1];
            let expected = -0.75 * (20f64 + heard).max(0.0);
            assert!((gain - expected).abs() < 0.15, "{hz} Hz at {rate} Hz: {gain} dB, not {expected} dB");
        }
    }
}

#[test]
fn a_tilt_is_a_straight_line_in_pitch() {
    for rate in RATES {
        for tilt_db_oct in [-6.0, -3.0, 1.0, 4.5, 6.0] {
            let key = KeyFilter { tilt_db_oct, ..KeyFilter::default() };
            let sections = key.design(rate).unwrap();
            for step in 0..=60 {
                let hz = 20.0 * 1000f64.powf(f64::from(step) / 60.0);
                let found = db(crate::svf::response(&sections, hz, rate).norm());
                let expected = tilt_db_oct * (hz / 1000.0).log2();
                let error = found - expected;
                assert!(
                    error.abs() <= 0.1,
                    "{tilt_db_oct} dB/oct at {rate} Hz, {hz:.0} Hz: off by {error} dB"
                );
            }
        }
    }
}

#[test]
fn a_mean_link_goes_by_the_mean_power() {
    for link in [1.0, 0.5] {
        let settings = Settings { link, link_law: LinkLaw::Mean, ..settings() };
        let mut kernel = Dynamics::new(&settings, 48e3, 2, 2);
        let (mut left, mut right) = (vec![1.0; 48_000], vec![0.1; 48_000]);
        kernel.process(&mut [&mut left, &mut right]);
        let shared = 10.0 * (1.01f64 / 2.0).log10();
        for (own, out, input) in [(0.0, &left, 1.0), (-20.0, &right, 0.1)] {
            let level = own + link * (shared - own);
            let (gain, expected) = (db(out[47_999] / input), -0.75 * (level + 20.0));
            assert!((gain - expected).abs() < 1e-6, "link {link}: {gain} dB, not {expected} dB");
        }
    }
}

/// Spec 3.3: `link` = 1 gives bit-equal gains, by either law, on mid and side, in a loop.
#[test]
fn a_full_link_gives_gains_equal_to_the_bit() {
    for (link_law, mid_side) in [(LinkLaw::Max, false), (LinkLaw::Mean, false), (LinkLaw::Max, true)] {
        for base in [settings(), looped()] {
            let mut kernel = Dynamics::new(&Settings { link_law, mid_side, ..base }, 48e3, 2, 2);
            let (left, right) = (white(CHUNK, 1), white(CHUNK, 2));
            kernel.hear(0, &left);
            kernel.hear(1, &right);
            kernel.follow(CHUNK);
            assert!(kernel.gains(0).iter().zip(kernel.gains(1)).all(|(a, b)| a.to_bits() == b.to_bits()));
            assert!(kernel.gains(0).iter().any(|gain| *gain < 0.9));
            let ratio = |out: &[f64], x: &[f64]| out[200] / x[200];
            let (mut l, mut r) = (left.clone(), right.clone());
            kernel.apply([&mut l[..], &mut r[..]]);
            assert!((ratio(&l, &left) / ratio(&r, &right) - 1.0).abs() < 1e-12);
        }
    }
}

#[test]
fn mid_and_side_are_turned_by_what_each_is() {
    // Against a mono run over mid, and one over side.
    let (left, right) = (white(9600, 3), white(9600, 4));
    let part = |sign: f64| left.iter().zip(&right).map(|(l, r)| 0.5 * (l + sign * r)).collect::<Vec<f64>>();
    let lanes = [run(&settings(), 48e3, &[part(1.0)]), run(&settings(), 48e3, &[part(-1.0)])];
    let out = run(&Settings { mid_side: true, link: 0.0, ..settings() }, 48e3, &[left, right]);
    for n in 0..9600 {
        let (mid, side) = (lanes[0][0][n], lanes[1][0][n]);
        assert!((out[0][n] - (mid + side)).abs() < 1e-12 && (out[1][n] - (mid - side)).abs() < 1e-12, "{n}");
    }
}

#[test]
fn any_cutting_gives_the_same_bits_in_a_loop_and_with_filters() {
    let signal = [white(3000, 4), white(3000, 5)];
    let key = KeyFilter { high_pass_hz: Some(90.0), low_pass_hz: None, tilt_db_oct: 3.0 };
    for (base, mid_side, link) in [(looped(), true, 0.4), (looped(), false, 1.0), (settings(), true, 0.4)] {
        let settings = Settings { key: key.design(48e3).unwrap(), mid_side, link, mix: 0.7, ..base };
        let expected = run(&settings, 48e3, &signal);
        for size in [1, 7, 64, 333] {
            let mut kernel = Dynamics::new(&settings, 48e3, 2, 2);
            kernel.process(&mut [&mut [9.0; 500], &mut [f64::NAN; 500]]);
            kernel.reset();
            let [mut left, mut right] = signal.clone();
            for (l, r) in left.chunks_mut(size).zip(right.chunks_mut(size)) {
                kernel.process(&mut [l, r]);
            }
            assert!(left == expected[0] && right == expected[1], "blocks of {size}");
        }
    }
}
