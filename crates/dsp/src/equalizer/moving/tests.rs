#![allow(clippy::disallowed_methods, reason = "an independent reference")]

use super::*;
use crate::automation::{Point, Shape};
use crate::svf::tests::white;
use rustfft::num_complex::Complex;
use std::f64::consts::PI;

const RATES: [f64; 5] = [44.1e3, 48e3, 88.2e3, 96e3, 192e3];

fn curve(points: &[(f64, f64, Shape)], rate_hz: f64) -> Curve {
    let points: Vec<Point> = points
        .iter()
        .map(|(at_s, value, shape)| Point { at_s: *at_s, value: *value, shape: *shape })
        .collect();
    Curve::new(&points, rate_hz)
}

/// The complex gain of the steps at `hz`, from the state equations.
fn gain(steps: &[Step; 2], hz: f64, rate_hz: f64) -> f64 {
    let z = Complex::from_polar(1.0, 2.0 * PI * hz / rate_hz);
    let one = |s: &Step| {
        // (zI − A) x = b: two equations, by Cramer's rule.
        let (a11, a12, a21, a22) = (z - 1.0 + s.loss, s.feed, -s.feed, z - 1.0 + s.pull);
        let det = a11 * a22 - a12 * a21;
        let (x1, x2) = ((a22 * s.feed - a12 * s.pull) / det, (a11 * s.pull - a21 * s.feed) / det);
        s.mix[0] + s.mix[1] * x1 + s.mix[2] * x2
    };
    (one(&steps[0]) * one(&steps[1])).norm()
}

/// Largest difference from the analog band, in dB, from 20 Hz to 20 kHz.
fn off_db(steps: &[Step; 2], band: &Band, rate_hz: f64) -> f64 {
    let gap = |i: i32| {
        let hz = 20.0 * 1000f64.powf(f64::from(i) / 120.0);
        (20.0 * (gain(steps, hz, rate_hz) / band.response(hz).norm()).log10()).abs()
    };
    (0..=120).map(gap).fold(0.0, f64::max)
}

/// Spec 1.6: a bell stepped from 0 to +12 dB on a 1 kHz sine at −20 dBFS leaves ≤ −80 dBc outside ±500 Hz.
#[test]
fn a_stepped_bell_leaves_no_click() {
    for rate in RATES {
        let drawn = Drawn {
            kind: Gained::Bell,
            freq_hz: Curve::fixed(1000.0),
            gain_db: curve(&[(0.0, 0.0, Shape::Linear), (0.5003, 12.0, Shape::Step)], rate),
            q: Curve::fixed(0.707),
        };
        let mut plan = Plan::new(rate, 200.0);
        let path = plan.path(&drawn).unwrap();
        let mut moving = Moving::new(&path, &plan, 1);
        let frames = rate as usize;
        let mut block: Vec<f64> =
            (0..frames).map(|n| 0.1 * (2.0 * PI * 1000.0 * n as f64 / rate).sin()).collect();
        moving.process(0, 0, &mut block);
        let mut bins: Vec<Complex<f64>> = block
            .iter()
            .enumerate()
            .map(|(n, x)| {
                let turn = 2.0 * PI * n as f64 / frames as f64;
                Complex::new(x * (0.42 - 0.5 * turn.cos() + 0.08 * (2.0 * turn).cos()), 0.0)
            })
            .collect();
        rustfft::FftPlanner::new().plan_fft_forward(frames).process(&mut bins);
        let most = |range: std::ops::Range<usize>| bins[range].iter().map(|x| x.norm()).fold(0.0, f64::max);
        // One bin is one hertz.
        let outside = most(5..500).max(most(1500..frames / 2));
        let db = 20.0 * (outside / most(990..1010)).log10();
        assert!(db <= -80.0, "{db} dBc at {rate} Hz");
    }
}

/// At every frame of a slow way the filter is the analog one of the values at that frame.
#[test]
fn on_its_way_a_band_is_where_its_curves_are() {
    for rate in [44.1e3, 192e3] {
        let gain_db = curve(&[(0.0, -9.0, Shape::Linear), (2.0, 9.0, Shape::Linear)], rate);
        let freq_hz = curve(&[(0.5, 200.0, Shape::Linear), (1.5, 15e3, Shape::Log)], rate);
        let fixed = Curve::fixed;
        let ways = [
            Drawn { kind: Gained::Bell, freq_hz: fixed(1e3), gain_db: gain_db.clone(), q: fixed(0.9) },
            Drawn { kind: Gained::HighShelf, freq_hz: fixed(9e3), gain_db: gain_db.clone(), q: fixed(0.7) },
            Drawn { kind: Gained::Tilt, freq_hz: fixed(1e3), gain_db: gain_db.clone(), q: fixed(1.0) },
            Drawn { kind: Gained::Bell, freq_hz: freq_hz.clone(), gain_db: fixed(-6.0), q: fixed(2.0) },
            Drawn { kind: Gained::LowShelf, freq_hz, gain_db, q: fixed(0.7) },
        ];
        for drawn in ways {
            let mut plan = Plan::new(rate, 200.0);
            let path = plan.path(&drawn).unwrap();
            let moving = Moving::new(&path, &plan, 1);
            let mut worst: f64 = 0.0;
            for pair in moving.knots.windows(2) {
                for t in [0.0, 0.5] {
                    let steps = [0, 1].map(|i| pair[0].1[i].toward(&pair[1].1[i], t));
                    let frame = pair[0].0 as f64 + t * (pair[1].0 - pair[0].0) as f64;
                    worst = worst.max(off_db(&steps, &drawn.at(frame), rate));
                }
            }
            assert!(worst <= 0.02, "{:?} at {rate} Hz: {worst} dB, {} designs", drawn.kind, plan.designs());
        }
    }
}

/// Moments between two frames: before and behind the way the band rests, to the bit; and no rounding takes a frequency
/// beyond the highest of its curve.
#[test]
fn a_way_begins_and_ends_just_where_its_curves_do() {
    let rate = 44.1e3;
    let highest = 0.49 * rate;
    let drawn = Drawn {
        kind: Gained::Bell,
        freq_hz: curve(&[(0.100_013, 1000.0, Shape::Linear), (0.200_019, highest, Shape::Log)], rate),
        gain_db: Curve::fixed(6.0),
        q: Curve::fixed(1.0),
    };
    let mut plan = Plan::new(rate, 200.0);
    let path = plan.path(&drawn).unwrap();
    let numbers: Vec<(u64, u32)> = path.knots.iter().map(|knot| (knot.frame, knot.design)).collect();
    assert_eq!(numbers[..2], [(0, 0), (4410, 0)]);
    let last = numbers[numbers.len() - 1];
    assert_eq!(last.0, 8821);
    let wanted = Band::Bell { freq_hz: highest, gain_db: 6.0, q: 1.0 };
    assert!(off_db(&plan.designs[last.1 as usize], &wanted, rate) < 0.01);
}

#[test]
fn at_0_db_a_moving_band_touches_no_bit() {
    let rate = 48e3;
    let drawn = Drawn {
        kind: Gained::Bell,
        freq_hz: curve(&[(0.0, 100.0, Shape::Linear), (0.3, 9000.0, Shape::Log)], rate),
        gain_db: curve(&[(0.5, 0.0, Shape::Linear), (0.6, 3.0, Shape::Smooth)], rate),
        q: Curve::fixed(1.0),
    };
    let mut plan = Plan::new(rate, 200.0);
    let path = plan.path(&drawn).unwrap();
    let input = white(48_000, 3);
    let mut block = input.clone();
    Moving::new(&path, &plan, 1).process(0, 0, &mut block);
    assert_eq!(block[..24_000], input[..24_000]);
    assert_ne!(block[30_000..], input[30_000..]);
}

#[test]
fn any_cut_and_pairs_give_the_same_bits() {
    let rate = 44.1e3;
    let drawn = Drawn {
        kind: Gained::HighShelf,
        freq_hz: curve(&[(0.01, 3000.0, Shape::Linear), (0.05, 9000.0, Shape::Linear)], rate),
        gain_db: curve(&[(0.0, 2.0, Shape::Linear), (0.03, -9.0, Shape::Step)], rate),
        q: Curve::fixed(0.7),
    };
    let mut plan = Plan::new(rate, 200.0);
    let path = plan.path(&drawn).unwrap();
    let [mut left, mut right] = [white(4000, 1), white(4000, 2)];
    let mut cut = [left.clone(), right.clone()];
    let mut one = Moving::new(&path, &plan, 2);
    one.process_pair(0, 0, &mut left, &mut right);
    let mut other = Moving::new(&path, &plan, 2);
    for (channel, block) in cut.iter_mut().enumerate() {
        let mut start = 0;
        for part in block.chunks_mut(77) {
            other.process(start, channel, part);
            start += part.len() as u64;
        }
    }
    assert_eq!(cut, [left, right]);
}

/// However fast and far it moves, and however often: it never gets louder than where it rests.
#[test]
fn a_band_thrown_about_is_no_louder_than_at_rest() {
    for (rate, from_hz, to_hz, q, gain_db) in [
        (44.1e3, 200.0, 5000.0, 2.0, 6.0),
        (44.1e3, 30.0, 20e3, 10.0, 12.0),
        (48e3, 1000.0, 18e3, 4.0, 12.0),
        (96e3, 300.0, 3000.0, 0.7, -12.0),
        (192e3, 60.0, 12e3, 5.0, -12.0),
    ] {
        for period_s in [0.006, 0.05] {
            let at = |n: i32| if n % 2 == 0 { from_hz } else { to_hz };
            let points: Vec<_> = (0..20).map(|n| (f64::from(n) * period_s, at(n), Shape::Step)).collect();
            let drawn = Drawn {
                kind: Gained::Bell,
                freq_hz: curve(&points, rate),
                gain_db: Curve::fixed(gain_db),
                q: Curve::fixed(q),
            };
            let mut plan = Plan::new(rate, 200.0);
            let path = plan.path(&drawn).unwrap();
            let most = |block: &[f64]| block.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
            let input = white((20.0 * period_s * rate) as usize, 3);
            let mut block = input.clone();
            Moving::new(&path, &plan, 1).process(0, 0, &mut block);
            let still = [from_hz, to_hz].map(|freq_hz| {
                let mut block = input.clone();
                let sections = Band::Bell { freq_hz, gain_db, q }.design(rate).unwrap();
                crate::svf::Cascade::new(&sections, 1).process(0, &mut block);
                most(&block)
            });
            let (moving, still) = (most(&block), still[0].max(still[1]));
            assert!(
                moving <= 1.25 * still,
                "{from_hz} to {to_hz} Hz at {rate} Hz: {moving}, at rest {still}"
            );
        }
    }
}

#[test]
fn a_way_of_too_many_filters_is_refused() {
    let rate = 44.1e3;
    let wild = |seed: u64, low: f64, high: f64| {
        let values = white(4000, seed);
        let points: Vec<_> = values
            .iter()
            .enumerate()
            .map(|(n, x)| (n as f64 * 0.1, low + (high - low) * (x + 1.0) / 2.0, Shape::Linear))
            .collect();
        curve(&points, rate)
    };
    let drawn = Drawn {
        kind: Gained::Bell,
        freq_hz: wild(1, 100.0, 101.0),
        gain_db: wild(2, -20.0, 20.0),
        q: Curve::fixed(1.0),
    };
    let mut plan = Plan::new(rate, 200.0);
    plan.designs = vec![[Step::of(&Section::UNITY); 2]; MOST_DESIGNS - 20];
    assert_eq!(plan.path(&drawn).unwrap_err(), PathError::TooMany);
}

/// Every gain of a table has the decramped response, not only those designed.
#[test]
fn a_table_of_gains_is_the_analog_band_at_every_gain() {
    for rate in RATES {
        for (kind, freq_hz, q) in [
            (Gained::Bell, 60.0, 1.0),
            (Gained::Bell, 3e3, 4.0),
            (Gained::Bell, 14e3, 1.0),
            (Gained::HighShelf, 8e3, 0.707),
            (Gained::LowShelf, 200.0, 0.707),
        ] {
            for range_db in [-24.0, -6.0, 12.0] {
                let table = GainTable::new(&kind.band(freq_hz, range_db, q), rate, 200.0).unwrap();
                for i in 0..=40 {
                    let gain_db = range_db * f64::from(i) / 40.3;
                    let off = off_db(&table.at(gain_db), &kind.band(freq_hz, gain_db, q), rate);
                    assert!(off <= 0.02, "{kind:?} {freq_hz} Hz {gain_db} dB at {rate} Hz: {off} dB");
                }
            }
        }
    }
}
/// Ways drawn at random: half way between two designs, too, the filter is the analog one.
#[test]
fn bands_on_any_way_are_where_their_curves_are() {
    let kinds = [Gained::Bell, Gained::LowShelf, Gained::HighShelf, Gained::Tilt];
    for (n, draw) in white(8 * 20, 77).chunks_exact(8).enumerate() {
        let u: Vec<f64> = draw.iter().map(|x| (x + 1.0) / 2.0).collect();
        let (rate, kind) = (RATES[(u[0] * 5.0) as usize], kinds[(u[1] * 4.0) as usize]);
        let (hz, db) = (|x: f64| 15.0 * 1200_f64.powf(x), |x: f64| 60.0 * x - 30.0);
        let most_q = if kind == Gained::Bell { 20.0 } else { 4.0 };
        let ramp =
            |from: f64, to: f64, shape: Shape| curve(&[(0.0, from, Shape::Linear), (1.0, to, shape)], rate);
        let drawn = Drawn {
            kind,
            freq_hz: if n % 3 == 0 { Curve::fixed(hz(u[2])) } else { ramp(hz(u[2]), hz(u[3]), Shape::Log) },
            gain_db: if n % 3 == 1 {
                Curve::fixed(db(u[4]))
            } else {
                ramp(db(u[4]), db(u[5]), Shape::Linear)
            },
            q: Curve::fixed(0.15 * (most_q / 0.15_f64).powf(u[6])),
        };
        let mut plan = Plan::new(rate, 200.0);
        let path = plan.path(&drawn).unwrap();
        for pair in Moving::new(&path, &plan, 1).knots.windows(2) {
            for t in [0.0, 0.5] {
                let steps = [0, 1].map(|i| pair[0].1[i].toward(&pair[1].1[i], t));
                let band = drawn.at(pair[0].0 as f64 + t * (pair[1].0 - pair[0].0) as f64);
                let off = off_db(&steps, &band, rate);
                assert!(off <= 0.05, "{band:?} at {rate} Hz: {off} dB");
            }
        }
    }
}
