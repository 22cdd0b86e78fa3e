//! What happens below a threshold: expanders, gates, upward compression.

use super::*;

fn last(settings: &Settings, level: f64) -> f64 {
    *trace(settings, 48e3, &vec![10f64.powf(level / 20.0); 120_000]).last().unwrap()
}

/// Spec 3.3: static error ≤ 1e-6 dB. By hand: 2:1 below −40 dB, with and without a knee of 12 dB.
#[test]
fn an_expander_follows_its_curve() {
    let cases = [
        (0.0, &[(-20.0, 0.0), (-40.0, 0.0), (-50.0, -10.0), (-59.0, -19.0), (-80.0, -30.0)]),
        (12.0, &[(-20.0, 0.0), (-34.0, 0.0), (-40.0, -1.5), (-46.0, -6.0), (-80.0, -30.0)]),
    ];
    for (knee, points) in cases {
        let law = Law::Expand(Expand::expander(-40.0, 2.0, knee, 30.0, 0.0));
        for (level, expected) in points {
            let error = (last(&Settings { law, ..settings() }, *level) - expected).abs();
            assert!(error <= 1e-6, "knee {knee}, {level} dB: off by {error:e} dB");
        }
    }
}

/// Spec 3.3: static error ≤ 1e-6 dB. By hand: below −30 dB 2 dB in make 1 dB out, at most 9 dB up, nothing at −62 dB.
#[test]
fn an_upward_compressor_follows_its_curve() {
    let points =
        [(-10.0, 0.0), (-30.0, 0.0), (-40.0, 5.0), (-50.0, 9.0), (-55.0, 7.0), (-62.0, 0.0), (-90.0, 0.0)];
    for (level, expected) in points {
        let law = Law::Lift(Lift::new(-30.0, 2.0, 0.0, 9.0, -53.0));
        let error = (last(&Settings { law, ..settings() }, level) - expected).abs();
        assert!(error <= 1e-6, "{level} dB: off by {error:e} dB");
    }
    let law = Law::Lift(Lift::new(-30.0, 4.0, 10.0, 9.0, -80.0));
    let error = (last(&Settings { law, ..settings() }, -30.0) - 0.75 * 25.0 / 20.0).abs();
    assert!(error <= 1e-6, "in the middle of the knee: off by {error:e} dB");
}

/// Spec 3.3: the range is never exceeded by more than 1e-9 dB, in either direction.
#[test]
fn ranges_below_the_threshold_are_kept() {
    let mut signal: Vec<f64> = white(40_000, 3).iter().map(|x| 0.1 * x).collect();
    signal[10_000..30_000].fill(0.0);
    for (law, least, most) in [
        (Law::Expand(Expand::expander(-10.0, 8.0, 6.0, 12.0, 3.0)), -12.0, 0.0),
        (Law::Expand(Expand::gate(-10.0, 40.0, 3.0)), -40.0, 0.0),
        (Law::Lift(Lift::new(-10.0, 8.0, 6.0, 6.0, -60.0)), 0.0, 6.0),
    ] {
        for smoothing in [Smoothing::Branching, Smoothing::Decoupled] {
            let gains = trace(&Settings { law, smoothing, ..settings() }, 48e3, &signal);
            let lowest = gains.iter().copied().fold(f64::MAX, f64::min);
            let highest = gains.iter().copied().fold(f64::MIN, f64::max);
            assert!(lowest >= least - 1e-9 && highest <= most + 1e-9, "{law:?}: {lowest} … {highest} dB");
            assert!((lowest - least).abs() < 0.1 || (highest - most).abs() < 0.1, "{law:?} does too little");
        }
    }
}

/// Spec 3.3: 63 % of a step after 5.00 ms ± 1 frame: for what opens, the attack is the way up.
#[test]
fn an_expander_opens_in_its_attack_and_closes_in_its_release() {
    for rate in RATES {
        let law = Law::Expand(Expand::gate(-20.0, 40.0, 0.0));
        let settings =
            Settings { law, smoothing: Smoothing::Branching, detector: Detector::Peak, ..settings() };
        let (begin, end) = (2000, 2000 + (0.5 * rate) as usize);
        let mut signal = vec![0.001; end + (0.5 * rate) as usize];
        signal[begin..end].fill(1.0);
        let gains = trace(&settings, rate, &signal);
        let opened = gains[begin..].iter().position(|gain| *gain >= -40.0 * (-1f64).exp()).unwrap();
        assert!(((opened + 1) as f64 - 0.005 * rate).abs() <= 1.0, "opens at {rate} Hz: {opened}");
        let goal = -40.0 * (1.0 - (-1f64).exp());
        let closed = gains[end..].iter().position(|gain| *gain <= goal).unwrap();
        assert!(((closed + 1) as f64 - 0.1 * rate).abs() <= 1.0, "closes at {rate} Hz: {closed}");
    }
}

/// A lift's attack is the way down, like a compressor's: loud notes are not pushed for longer than that.
#[test]
fn an_upward_compressor_lets_go_in_its_attack() {
    for rate in RATES {
        let law = Law::Lift(Lift::new(-20.0, 1000.0, 0.0, 20.0, -80.0));
        let settings =
            Settings { law, smoothing: Smoothing::Branching, detector: Detector::Peak, ..settings() };
        let mut signal = vec![0.01; rate as usize];
        signal.extend(vec![1.0; (0.1 * rate) as usize]);
        let gains = trace(&settings, rate, &signal);
        let goal = gains[rate as usize - 1] * (-1f64).exp();
        let frame = gains[rate as usize..].iter().position(|gain| *gain <= goal).unwrap();
        assert!(((frame + 1) as f64 - 0.005 * rate).abs() <= 1.0, "at {rate} Hz: {frame}");
    }
}

#[test]
fn an_open_gate_passes_to_the_bit_and_a_closed_one_stays_at_its_range() {
    let law = Law::Expand(Expand::gate(-40.0, 60.0, 3.0));
    let settings = Settings { law, attack_s: 0.001, release_s: 0.02, ..settings() };
    let loud: Vec<f64> = sine(440.0, -6.0, 48e3, 24_000);
    let soft: Vec<f64> = sine(440.0, -60.0, 48e3, 48_000);
    let out = run(&settings, 48e3, &[[loud.clone(), soft.clone()].concat()]);
    assert_eq!(out[0][4800..24_000], loud[4800..]);
    for n in 60_000..72_000 {
        assert!((out[0][n] - soft[n - 24_000] * 0.001).abs() < 1e-12);
    }
}

#[test]
fn between_its_two_thresholds_a_gate_stays_as_it_is() {
    let at = |level: f64| 10f64.powf(level / 20.0);
    let law = Law::Expand(Expand::gate(-40.0, 60.0, 6.0));
    let settings = Settings {
        law,
        attack_s: 1e-4,
        release_s: 1e-3,
        detector: Detector::Peak,
        smoothing: Smoothing::Branching,
        ..settings()
    };
    // Up through −46 and −40 dB, and down again.
    let levels = [-60.0, -43.0, -39.0, -43.0, -47.0, -43.0];
    let signal: Vec<f64> = levels.iter().flat_map(|level| vec![at(*level); 4800]).collect();
    let gains = trace(&settings, 48e3, &signal);
    let ends: Vec<f64> = (1..=6).map(|part| gains[part * 4800 - 1].round()).collect();
    assert_eq!(ends, [-60.0, -60.0, 0.0, 0.0, -60.0, -60.0]);
    // A level that trembles about one threshold makes a gate without hysteresis chatter.
    let tremble: Vec<f64> = (0..48_000).map(|n| at(-40.0 + (f64::from(n) / 500.0).sin())).collect();
    let turns = |hysteresis: f64| {
        let law = Law::Expand(Expand::gate(-40.0, 60.0, hysteresis));
        let gains = trace(&Settings { law, ..settings.clone() }, 48e3, &tremble);
        gains.windows(2).filter(|pair| (pair[0] < -30.0) != (pair[1] < -30.0)).count()
    };
    assert!(turns(0.0) > 10 && turns(3.0) <= 1, "{} and {}", turns(0.0), turns(3.0));
}

#[test]
fn with_lookahead_a_gate_is_open_when_the_sound_arrives_and_holds_behind_it() {
    for rate in RATES {
        let frames = |seconds: f64| (seconds * rate + 0.5) as usize;
        let (begin, end) = (frames(0.1), frames(0.3));
        let mut signal = vec![0.0; frames(0.6)];
        signal[begin..end].fill(0.5);
        let law = Law::Expand(Expand::gate(-40.0, 60.0, 3.0));
        let settings = Settings {
            law,
            attack_s: 1e-4,
            release_s: 0.02,
            lookahead_s: 0.005,
            hold_s: 0.05,
            detector: Detector::Peak,
            ..settings()
        };
        let late = frames(0.005);
        let gains = trace(&settings, rate, &signal);
        assert!(gains[begin - 1] < -59.9 && gains[begin + late] == 0.0, "{rate} Hz");
        let held = end + late + frames(0.05);
        assert!(gains[held - 1] == 0.0 && gains[held + 2] < 0.0, "{rate} Hz");
        let out = run(&settings, rate, std::slice::from_ref(&signal));
        assert_eq!(out[0][late..], signal[..signal.len() - late], "{rate} Hz");
    }
}

#[test]
fn a_ratio_of_one_below_the_threshold_touches_no_bit() {
    let signal = white(10_000, 1);
    for law in [
        Law::Expand(Expand::expander(-10.0, 1.0, 6.0, 60.0, 3.0)),
        Law::Lift(Lift::new(-10.0, 1.0, 6.0, 6.0, -60.0)),
        Law::Expand(Expand::gate(-10.0, 0.0, 3.0)),
    ] {
        let settings = Settings { law, mix: 0.3, ..settings() };
        assert_eq!(run(&settings, 48e3, std::slice::from_ref(&signal))[0], signal);
    }
}

#[test]
fn what_an_expander_did_is_told_without_what_came_before_the_programme() {
    let law = Law::Expand(Expand::gate(-40.0, 60.0, 3.0));
    let settings = Settings { law, attack_s: 1e-4, lookahead_s: 0.01, ..settings() };
    let mut kernel = Dynamics::new(&settings, 48e3, 1, 1);
    kernel.process(&mut [&mut vec![0.5; 9600]]);
    assert_eq!((kernel.tally().deepest_db(), kernel.tally().highest_db()), (0.0, 0.0));
    assert!(kernel.tally().trace().points_db().iter().all(|db| *db == 0.0));
    kernel.process(&mut [&mut vec![0.0; 96_000]]);
    assert!((kernel.tally().deepest_db() + 60.0).abs() < 1e-3);
    assert!((kernel.tally().trace().points_db().last().unwrap() + 60.0).abs() < 1e-3);
}

#[test]
fn any_cutting_gives_the_same_bits_below_the_threshold() {
    let signal = [white(5000, 4), white(5000, 5)];
    for law in [
        Law::Expand(Expand::expander(-1.0, 3.0, 6.0, 30.0, 0.2)),
        Law::Expand(Expand::gate(-1.0, 40.0, 0.1)),
        Law::Lift(Lift::new(-1.0, 3.0, 6.0, 6.0, -60.0)),
    ] {
        for link in [0.3, 1.0] {
            let settings = Settings { law, link, lookahead_s: 0.001, hold_s: 0.001, ..settings() };
            let settings = Settings { detector: Detector::Peak, ..settings };
            let expected = run(&settings, 48e3, &signal);
            for size in [1, 7, 64, 333] {
                let mut kernel = Dynamics::new(&settings, 48e3, 2, 2);
                kernel.process(&mut [&mut [9.0; 500], &mut [f64::NAN; 500]]);
                kernel.reset();
                let [mut left, mut right] = signal.clone();
                for (l, r) in left.chunks_mut(size).zip(right.chunks_mut(size)) {
                    kernel.process(&mut [l, r]);
                }
                assert!(left == expected[0] && right == expected[1], "{law:?}, blocks of {size}");
            }
        }
    }
}
