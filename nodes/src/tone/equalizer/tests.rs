#![allow(clippy::disallowed_methods, reason = "an independent reference")]

use super::super::{BandLane, BellBand, EqualizerReport, PassBand, PassShape, ShelfBand, TiltBand};
use super::*;
use deadwax_node::auto::Drawn;
use deadwax_node::conformance::Rig;
use deadwax_node::{AnyNode, Auto, Body, Breakpoint, Format, Lane, Layout, Shape};

const RATES: [u32; 5] = [44_100, 48_000, 88_200, 96_000, 192_000];

fn with(band: EqualizerBand) -> Equalizer {
    Equalizer { bands: [("one".to_owned(), band)].into_iter().collect(), ..Equalizer::default() }
}

fn bell(freq_hz: f64, gain_db: f64, lane: BandLane) -> EqualizerBand {
    EqualizerBand::Bell(BellBand { freq_hz: freq_hz.into(), gain_db: gain_db.into(), q: 1.0.into(), lane })
}

fn noise(frames: usize, seed: u32) -> Vec<f64> {
    let draw = |n: usize| (n as u32).wrapping_mul(2_654_435_761).wrapping_add(seed.wrapping_mul(0x9e37_79b9));
    (0..frames)
        .map(|n| f64::from((draw(n) ^ (draw(n) >> 15)).wrapping_mul(0x2c1b_3c6d)) / 2_147_483_648.0 - 1.0)
        .collect()
}

fn run(node: &Equalizer, format: Format, wires: &[Vec<f64>]) -> (Vec<Vec<f64>>, usize) {
    let mut rig = Rig::new(node, format, false).unwrap();
    let late = rig.prepared().latency as usize;
    (rig.run(&[wires.to_vec()], &[wires[0].len()]).unwrap().remove(0), late)
}

fn worst_db(a: &[f64], b: &[f64]) -> f64 {
    20.0 * a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max).log10()
}

#[test]
fn bands_of_0_db_touch_no_bit() {
    let mut node = with(EqualizerBand::Bell(BellBand::default()));
    node.bands.insert("two".into(), EqualizerBand::HighShelf(ShelfBand::default()));
    node.bands.insert(
        "three".into(),
        EqualizerBand::Tilt(TiltBand { lane: BandLane::Side, ..TiltBand::default() }),
    );
    for phase in [EqualizerPhase::Minimum, EqualizerPhase::Linear] {
        node.phase = phase;
        let wires = [noise(500, 1), noise(500, 2)];
        assert_eq!(run(&node, Format::stereo(44_100), &wires).0, wires);
    }
}

#[test]
fn a_band_above_half_the_rate_is_named() {
    let node = with(bell(22_000.0, 1.0, BandLane::Both));
    let error = Rig::new(&node, Format::stereo(44_100), false).err().unwrap();
    assert_eq!(
        error.to_string(),
        "`bands.one.freq_hz`: at this sample rate a band may lie between 10 and 21609 Hz"
    );
    assert!(Rig::new(&node, Format::stereo(48_000), false).is_ok());
}

#[test]
fn a_slope_that_does_not_exist_is_told_with_the_nearest_one() {
    let pass = PassBand { slope_db_oct: 18, shape: PassShape::LinkwitzRiley, ..PassBand::default() };
    let problems = with(EqualizerBand::HighPass(pass)).problems();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].path, "bands.one.slope_db_oct");
}

#[test]
fn a_lane_stands_in_the_file_and_needs_stereo() {
    let text = "(bands: { one: Bell(freq_hz: 1000, gain_db: 3, lane: Mid) })";
    let node: Equalizer = deadwax_node::ron_options().from_str(text).unwrap();
    assert_eq!(node.bands["one"].lane(), Lane::Mid);
    let error = Rig::new(&node, Format::new(44_100, Layout::Mono), false).err().unwrap();
    assert!(error.to_string().starts_with("`bands.one.lane`"), "{error}");
}

/// A band on a lane is the same band on that lane alone; the other lane passes.
#[test]
fn a_band_on_a_lane_leaves_the_other_alone() {
    let (left, right) = (noise(6000, 1), noise(6000, 2));
    let format = Format::stereo(48_000);
    let [mid, side] = [1.0, -1.0]
        .map(|sign| -> Vec<f64> { left.iter().zip(&right).map(|(l, r)| (l + sign * r) / 2.0).collect() });
    for lane in [BandLane::Left, BandLane::Right, BandLane::Mid, BandLane::Side] {
        for phase in [EqualizerPhase::Minimum, EqualizerPhase::Linear] {
            let node = Equalizer { phase, ..with(bell(1000.0, 9.0, lane)) };
            let alone = Equalizer { phase, ..with(bell(1000.0, 9.0, BandLane::Both)) };
            let (out, late) = run(&node, format, &[left.clone(), right.clone()]);
            let (own, other) = match lane {
                BandLane::Left => (&left, &right),
                BandLane::Right => (&right, &left),
                BandLane::Mid => (&mid, &side),
                _ => (&side, &mid),
            };
            let expected = &run(&alone, format, &[own.clone(), own.clone()]).0[0];
            let sum: Vec<f64> = out[0].iter().zip(&out[1]).map(|(l, r)| (l + r) / 2.0).collect();
            let difference: Vec<f64> = out[0].iter().zip(&out[1]).map(|(l, r)| (l - r) / 2.0).collect();
            let (found, rest) = match lane {
                BandLane::Left => (&out[0], &out[1]),
                BandLane::Right => (&out[1], &out[0]),
                BandLane::Mid => (&sum, &difference),
                _ => (&difference, &sum),
            };
            assert!(worst_db(found, expected) <= -290.0, "{lane:?} {phase:?}");
            let passed = worst_db(&rest[late..], other);
            assert!(passed <= -290.0, "{lane:?} {phase:?}: {passed} dBFS");
            if late == 0 && matches!(lane, BandLane::Left | BandLane::Right) {
                assert_eq!(rest, other);
            }
        }
    }
}

/// Bands on left and mid do not commute: the kernels of linear phase must keep the order, too.
#[test]
fn lanes_of_both_kinds_work_in_their_order() {
    let format = Format::stereo(44_100);
    let wires = [noise(12_000, 1), noise(12_000, 2)];
    let linear = |bands: &[(&str, EqualizerBand)]| Equalizer {
        bands: bands.iter().map(|(name, band)| ((*name).to_owned(), band.clone())).collect(),
        phase: EqualizerPhase::Linear,
        auto_gain: false,
    };
    let (left, mid) = (bell(800.0, 9.0, BandLane::Left), bell(2000.0, -9.0, BandLane::Mid));
    for (first, second) in [(&left, &mid), (&mid, &left)] {
        let (once, late) = run(&linear(&[("a", first.clone()), ("b", second.clone())]), format, &wires);
        let (half, one) = run(&linear(&[("a", first.clone())]), format, &wires);
        let (twice, two) = run(&linear(&[("b", second.clone())]), format, &half);
        let length = 12_000 - one - two;
        for channel in 0..2 {
            let off = worst_db(&once[channel][late..late + length], &twice[channel][one + two..]);
            assert!(off <= -75.0, "{off} dBFS");
        }
    }
}

/// Spec 3.1: +g then −g leaves ≤ −250 dBFS, with any lane.
#[test]
fn a_boost_and_its_cut_null_on_every_lane() {
    for rate in RATES {
        for lane in [BandLane::Both, BandLane::Left, BandLane::Side] {
            let mut node = with(bell(3000.0, 12.0, lane));
            node.bands.insert("cut".into(), bell(3000.0, -12.0, lane));
            let tilt = |gain_db: f64| {
                EqualizerBand::Tilt(TiltBand { gain_db: gain_db.into(), lane, ..TiltBand::default() })
            };
            node.bands.insert("up".into(), tilt(6.0));
            node.bands.insert("down".into(), tilt(-6.0));
            let wires = [noise(20_000, 1), noise(20_000, 2)];
            let (out, _) = run(&node, Format::stereo(rate), &wires);
            let worst = worst_db(&out[0], &wires[0]).max(worst_db(&out[1], &wires[1]));
            assert!(worst <= -250.0, "{lane:?} at {rate} Hz: {worst} dBFS");
        }
    }
}

fn report(node: &Equalizer, rate_hz: u32) -> EqualizerReport {
    let rig = Rig::new(node, Format::stereo(rate_hz), false).unwrap();
    let Body::Stream(stream) = &rig.prepared().body else { unreachable!() };
    *stream.report().unwrap().get::<EqualizerReport>().unwrap()
}

#[test]
fn linear_phase_reports_its_kernel_and_its_pre_echo() {
    for rate in RATES {
        let node = Equalizer { phase: EqualizerPhase::Linear, ..with(bell(16_000.0, 6.0, BandLane::Mid)) };
        let found = report(&node, rate);
        assert!(found.kernel_error_db.unwrap() <= 0.001, "{found:?}");
        let pre_echo = found.pre_echo_db.unwrap();
        assert!((-200.0..-40.0).contains(&pre_echo), "{found:?}");
        let latency = Rig::new(&node, Format::stereo(rate), false).unwrap().prepared().latency as usize;
        let frames = found.kernel_frames.unwrap();
        assert!((frames + 1).is_power_of_two() && latency > frames / 2);
    }
}

/// White noise made pink by a first-order slope, weighted by hand: its K-weighted power must not change.
#[test]
fn auto_gain_keeps_the_loudness_of_pink_noise() {
    let k = k_weighting(48_000.0).unwrap();
    for (rate, lane) in [(44_100, BandLane::Both), (96_000, BandLane::Both), (48_000, BandLane::Left)] {
        let band = bell(2000.0, 9.0, lane);
        let node = Equalizer { auto_gain: true, ..with(band.clone()) };
        let gain_db = report(&node, rate).auto_gain_db.unwrap();
        let Source::Fixed(fixed) = band.source(f64::from(rate)) else { unreachable!() };
        // 1 Hz steps, 1/f power.
        let (mut before, mut behind) = (0.0, 0.0_f64);
        for hz in (20..20_000).map(f64::from) {
            let weight = response(&k, hz, 48_000.0).norm_sqr() / hz;
            let power = fixed.response(hz).norm_sqr();
            before += weight;
            behind += weight * if lane == BandLane::Both { power } else { (1.0 + power) / 2.0 };
        }
        let expected = 10.0 * (before / behind).log10();
        assert!((gain_db - expected).abs() < 0.05, "{gain_db} dB, not {expected}");
    }
}

fn drawn(points: &[(f64, f64, Shape)]) -> Auto {
    let point =
        |(at_s, value, shape): &(f64, f64, Shape)| Breakpoint { at_s: *at_s, value: *value, shape: *shape };
    Auto::Drawn(Drawn::Curve(points.iter().map(point).collect()))
}

/// Before and after the move it is the fixed filter, with either phase, and on every lane.
#[test]
fn a_band_that_moves_ends_where_its_curve_ends() {
    let format = Format::stereo(48_000);
    let tone = |n: usize| 0.25 * (std::f64::consts::TAU * 1000.0 * n as f64 / 48_000.0).sin();
    let wires = [(0..48_000).map(tone).collect::<Vec<_>>(), vec![0.0; 48_000]];
    let gain_db = drawn(&[(0.2, 0.0, Shape::Linear), (0.3, 12.0, Shape::Smooth), (0.5, -6.0, Shape::Step)]);
    for lane in [BandLane::Both, BandLane::Left] {
        for phase in [EqualizerPhase::Minimum, EqualizerPhase::Linear] {
            let band = BellBand { gain_db: gain_db.clone(), lane, ..BellBand::default() };
            let node = Equalizer { phase, ..with(EqualizerBand::Bell(band)) };
            let (out, late) = run(&node, format, &wires);
            for (at_s, expected_db) in [(0.1, 0.0), (0.4, 12.0), (0.65, -6.0)] {
                let frame = (at_s * 48_000.0) as usize;
                let peak = |x: &[f64]| x.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
                let found = 20.0 * (peak(&out[0][frame + late..][..2000]) / 0.25).log10();
                assert!((found - expected_db).abs() < 0.01, "{phase:?} at {at_s} s: {found} dB");
            }
        }
    }
}

/// Spec 1.6: a bell stepped from 0 to +12 dB on a 1 kHz sine at −20 dBFS leaves ≤ −80 dBc outside ±500 Hz.
#[test]
fn a_stepped_bell_leaves_no_click_with_either_phase() {
    for rate in [44_100, 192_000] {
        for phase in [EqualizerPhase::Minimum, EqualizerPhase::Linear] {
            let gain_db = drawn(&[(0.0, 0.0, Shape::Linear), (0.5, 12.0, Shape::Step)]);
            let node =
                Equalizer { phase, ..with(EqualizerBand::Bell(BellBand { gain_db, ..BellBand::default() })) };
            let frames = rate as usize;
            let turn = |hz: f64, n: usize| std::f64::consts::TAU * hz * n as f64 / frames as f64;
            let wire: Vec<f64> = (0..2 * frames).map(|n| 0.1 * turn(1000.0, n).sin()).collect();
            let (out, late) = run(&node, Format::new(rate, Layout::Mono), &[wire]);
            // The sum over a second, with Blackman's window, at frequencies of a whole number of hertz.
            let windowed: Vec<f64> = out[0][late..late + frames]
                .iter()
                .enumerate()
                .map(|(n, x)| x * (0.42 - 0.5 * turn(1.0, n).cos() + 0.08 * turn(2.0, n).cos()))
                .collect();
            let level = |hz: f64| {
                let (mut re, mut im) = (0.0, 0.0);
                for (n, x) in windowed.iter().enumerate() {
                    re += x * turn(hz, n).cos();
                    im += x * turn(hz, n).sin();
                }
                10.0 * (re * re + im * im).log10()
            };
            let carrier = level(1000.0);
            for hz in [100.0, 350.0, 499.0, 1501.0, 1700.0, 2378.0, 4000.0] {
                let found = level(hz) - carrier;
                assert!(found <= -80.0, "{phase:?}, {rate} Hz: {found} dBc at {hz} Hz");
            }
        }
    }
}

/// What the conformance function asks of the example, asked of moving bands, lanes and linear phase.
#[test]
fn bands_of_every_sort_keep_the_contract() {
    let gain_db = drawn(&[(0.02, 0.0, Shape::Linear), (0.08, -9.0, Shape::Smooth), (0.09, 6.0, Shape::Step)]);
    let moving =
        EqualizerBand::HighShelf(ShelfBand { gain_db, lane: BandLane::Side, ..ShelfBand::default() });
    let sorts: [&[EqualizerBand]; 4] = [
        std::slice::from_ref(&moving),
        &[bell(300.0, 4.0, BandLane::Mid), moving.clone(), bell(4000.0, -4.0, BandLane::Both)],
        &[bell(300.0, 4.0, BandLane::Right), moving.clone()],
        &[bell(300.0, 4.0, BandLane::Right), bell(300.0, 4.0, BandLane::Mid)],
    ];
    for bands in sorts {
        for phase in [EqualizerPhase::Minimum, EqualizerPhase::Linear] {
            let named = bands.iter().enumerate().map(|(n, band)| (format!("band{n}"), band.clone()));
            let node = Equalizer { bands: named.collect(), phase, auto_gain: false };
            let mut rig = Rig::new(&node, Format::stereo(44_100), false).unwrap();
            let wires = [vec![noise(12_000, 1), noise(12_000, 2)]];
            let once = rig.run(&wires, &[12_000]).unwrap();
            rig.reset();
            rig.run(&[vec![vec![f64::NAN; 700]; 2]], &[700]).unwrap();
            rig.reset();
            let cuts: Vec<usize> = (0..200).map(|n| n * 7919 % 241).collect();
            let rest = 12_000 - cuts.iter().take(90).sum::<usize>();
            let again = rig.run(&wires, &[&cuts[..90], &[rest]].concat()).unwrap();
            assert_eq!(once, again, "{phase:?}");
        }
    }
}

#[test]
fn auto_gain_does_not_follow_curves() {
    let gain_db = drawn(&[(0.2, 0.0, Shape::Linear), (0.3, 12.0, Shape::Smooth)]);
    let band = EqualizerBand::Bell(BellBand { gain_db, ..BellBand::default() });
    let problems = Equalizer { auto_gain: true, ..with(band) }.problems();
    assert_eq!(problems[0].path, "auto_gain");
}

#[test]
fn curves_of_too_many_kernels_are_refused() {
    let wild = |low: f64, high: f64| {
        let points: Vec<_> = (0..2000)
            .map(|n| {
                let part = f64::from(n * 7919 % 1009) / 1009.0;
                (f64::from(n) * 0.1, low + (high - low) * part, Shape::Linear)
            })
            .collect();
        drawn(&points)
    };
    let band = BellBand { freq_hz: wild(30.0, 50.0), gain_db: wild(-20.0, 20.0), ..BellBand::default() };
    let node = Equalizer { phase: EqualizerPhase::Linear, ..with(EqualizerBand::Bell(band)) };
    let error = Rig::new(&node, Format::stereo(192_000), false).err().unwrap();
    assert!(error.to_string().starts_with("`phase`"), "{error}");
}
