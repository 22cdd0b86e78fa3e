//! Whole sides: faults that are put into them are told, and nothing else is.

use deadwax_dsp::math::{exp, sin};
use deadwax_measure::signals::uniform;
use deadwax_preflight::cassette::{self, CassetteMeter};
use deadwax_preflight::vinyl::{self, Record, Size, Speed, VinylFigures, VinylMeter};
use deadwax_preflight::{Check, Meeting, Side, SideError, SideTrack, Weight};
use proptest::prelude::*;
use std::f64::consts::TAU;

const RATE: u32 = 44_100;
const LP: Record = Record { size: Size::Inch12, speed: Speed::Rpm33 };

type Stereo = [Vec<f64>; 2];

/// Music of so many seconds, as clean as a cutter likes it: a bass in the middle, chords that spread a little, a soft brush.
fn music(seconds: u32) -> Stereo {
    let noise = uniform((seconds * RATE) as usize, 7);
    let tone = |hz: f64, t: f64| sin(TAU * hz * t);
    let mut stereo = [Vec::new(), Vec::new()];
    for (n, noise) in noise.into_iter().enumerate() {
        let t = n as f64 / f64::from(RATE);
        let breath = 0.6 + 0.4 * sin(TAU * t / 4.0);
        let brush = 0.004 * exp(-(t % 0.5) * 20.0) * noise;
        let middle = 0.10 * breath * tone(55.0, t) + 0.05 * tone(330.0, t) + brush;
        stereo[0].push(middle + 0.03 * breath * tone(440.0, t) + 0.004 * tone(2200.0, t));
        stereo[1].push(middle + 0.03 * breath * tone(550.0, t) + 0.004 * tone(2750.0, t));
    }
    stereo
}

fn side(frames: usize, begins_s: &[f64]) -> Side {
    let track = |(number, begin): (usize, &f64)| SideTrack {
        title: format!("Song {}", number + 1),
        begin: (begin * f64::from(RATE)) as u64,
        meeting: Meeting::Gap,
    };
    Side {
        rate_hz: RATE,
        frames: frames as u64,
        tracks: begins_s.iter().enumerate().map(track).collect(),
        plr_lu: Some(13.0),
    }
}

fn cut(stereo: &Stereo, begins_s: &[f64]) -> VinylFigures {
    let mut meter = VinylMeter::new(side(stereo[0].len(), begins_s), LP, -14.0).unwrap();
    meter.push(&stereo[0], &stereo[1]);
    meter.finish()
}

fn checks(stereo: &Stereo, begins_s: &[f64]) -> Vec<Check> {
    vinyl::findings(&cut(stereo, begins_s)).iter().map(|finding| finding.check).collect()
}

#[test]
fn a_clean_side_has_nothing_to_be_told() {
    let stereo = music(12);
    assert_eq!(vinyl::findings(&cut(&stereo, &[0.0])), []);
    let mut tape = CassetteMeter::new(&side(stereo[0].len(), &[0.0])).unwrap();
    let still = vec![0.0; RATE as usize];
    tape.push(&still, &still);
    tape.push(&stereo[0], &stereo[1]);
    assert_eq!(cassette::findings(&tape.finish()), []);
}

/// What the formulas say of a sine of 1 kHz at the reference level, on both channels, at the rim of a record of 20 minutes.
#[test]
fn a_tone_at_the_reference_level_has_the_figures_of_its_formulas() {
    let level = deadwax_dsp::math::db_to_gain(-14.0);
    // It comes in over half a second: no thump.
    let sine = (0..8 * RATE).map(|n| {
        let t = f64::from(n) / f64::from(RATE);
        level * (2.0 * t).min(1.0) * sin(TAU * 1000.0 * t)
    });
    let sine: Vec<f64> = sine.collect();
    let mut whole = side(sine.len(), &[0.0]);
    whole.frames = 20 * 60 * u64::from(RATE);
    let mut meter = VinylMeter::new(whole, LP, -14.0).unwrap();
    meter.push(&sine, &sine);
    let figures = meter.finish();
    let near = |found: f64, wanted: f64| (found / wanted - 1.0).abs() < 0.02;
    // Both walls at 5 cm/s in phase are √2 of it sideways; v / 2πf is how far.
    let velocity = 5.0 * 2_f64.sqrt();
    let lateral = 1e4 * velocity / (TAU * 1000.0);
    assert!(near(figures.land.lateral_um.value, lateral), "{:?}", figures.land.lateral_um);
    assert!(figures.land.up_um.value < 1e-9, "{:?}", figures.land.up_um);
    let groove = LP.groove_cm_s(LP.outer_mm());
    assert!(near(figures.treble.slope.value, velocity / groove), "{:?}", figures.treble.slope);
    // 50 µm of groove, what it moves to either side, and 10 µm to the next.
    let turn = figures.land.revolutions[2];
    assert!(near(turn.takes_um(1.0), 60.0 + 2.0 * lateral) && near(turn.lateral_um, lateral), "{turn:?}");
    let level = 20.0 * deadwax_dsp::math::log10((figures.land.has_um - 60.0) / (2.0 * lateral));
    assert!((figures.land.change_db - level).abs() < 0.5, "{} dB, not {level}", figures.land.change_db);
}

#[test]
fn bass_out_of_phase_is_told_and_mono_bass_is_not() {
    let mut stereo = music(6);
    let second = RATE as usize;
    let [left, right] = &mut stereo;
    for (n, (left, right)) in left.iter_mut().zip(right).enumerate().take(4 * second).skip(2 * second) {
        let bass = 0.2 * sin(TAU * 70.0 * n as f64 / f64::from(RATE));
        *left += bass;
        *right -= bass;
    }
    let found = vinyl::findings(&cut(&stereo, &[0.0]));
    let against = found.iter().find(|finding| finding.message.contains("against each other")).unwrap();
    assert_eq!(against.check, Check::BassPhase);
    assert!((against.at_s.unwrap() - 2.0).abs() < 0.2, "{against:?}");
    assert!(found.iter().all(|finding| finding.check == Check::BassPhase), "{found:?}");
}

#[test]
fn sharp_bursts_are_told_with_their_times_and_treble_that_nothing_traces() {
    let mut stereo = music(10);
    for channel in &mut stereo {
        for (n, sample) in channel.iter_mut().enumerate() {
            let t = n as f64 / f64::from(RATE);
            if (0.3..0.34).contains(&(t % 1.0)) {
                *sample += 0.12 * sin(TAU * 8000.0 * t);
            }
        }
    }
    let found = vinyl::findings(&cut(&stereo, &[0.0]));
    let hiss = found.iter().find(|finding| finding.check == Check::Sibilance).unwrap();
    assert!(hiss.message.starts_with("60 bursts a minute"), "{}", hiss.message);
    assert!((hiss.at_s.unwrap() % 1.0 - 0.3).abs() < 0.02, "{hiss:?}");
    // Four times that: beyond the speed of any groove.
    let loud = stereo.map(|channel| channel.iter().map(|x| 4.0 * x).collect());
    let found = vinyl::findings(&cut(&loud, &[0.0]));
    assert!(found.iter().any(|finding| finding.message.contains("cannot be traced")), "{found:?}");
}

#[test]
fn clipped_runs_a_mean_and_the_edges_of_the_spectrum_are_told() {
    let clean = music(6);
    let with = |change: &dyn Fn(usize, f64) -> f64| {
        clean
            .clone()
            .map(|channel| channel.iter().enumerate().map(|(n, x)| change(n, *x)).collect::<Vec<f64>>())
    };
    let tone = |hz: f64, n: usize| sin(TAU * hz * n as f64 / f64::from(RATE));
    assert_eq!(checks(&with(&|_, x| x + 0.005), &[0.0]), [Check::Offset]);
    assert_eq!(checks(&with(&|n, x| x + 0.02 * tone(12.0, n)), &[0.0]), [Check::Subsonic]);
    let above = checks(&with(&|n, x| x + 0.006 * tone(19_500.0, n)), &[0.0]);
    assert!(above.contains(&Check::Ultrasonic), "{above:?}");
    let clipped = with(&|_, x| (6.0 * x).clamp(-0.7, 0.7));
    assert!(checks(&clipped, &[0.0]).contains(&Check::Clipping));
}

#[test]
fn bands_without_silence_are_told_where_they_were_meant() {
    let mut stereo = music(12);
    let second = RATE as usize;
    stereo.iter_mut().for_each(|channel| {
        channel[3 * second..4 * second].fill(0.0);
        channel[7 * second..9 * second].fill(0.0);
    });
    let found = vinyl::findings(&cut(&stereo, &[0.0, 4.0, 9.0]));
    let bands: Vec<_> = found.iter().filter(|finding| finding.check == Check::Bands).collect();
    assert_eq!(bands.len(), 1, "{found:?}");
    assert_eq!((bands[0].at_s, bands[0].weight), (Some(4.0), Weight::Warning));
    assert!(bands[0].message.starts_with("1.0 s of silence in front of “Song 2”"), "{}", bands[0].message);
    // Tracks that cross are not asked for it; where nothing is said, music that runs on is good to know.
    for (meeting, count) in [(Meeting::Crosses, 0), (Meeting::Follows, 1)] {
        let mut one = side(stereo[0].len(), &[0.0, 6.0]);
        one.tracks[1].meeting = meeting;
        let mut meter = VinylMeter::new(one, LP, -14.0).unwrap();
        meter.push(&stereo[0], &stereo[1]);
        let found = vinyl::findings(&meter.finish());
        let notes = found.iter().filter(|finding| finding.weight == Weight::Note).count();
        assert_eq!((found.len(), notes), (count, count), "{found:?}");
    }
}

#[test]
fn a_bright_end_is_told_with_the_tracks_that_had_better_change_places() {
    let mut stereo = music(12);
    let noise = uniform(12 * RATE as usize, 3);
    for channel in &mut stereo {
        for (n, sample) in channel.iter_mut().enumerate().skip(8 * RATE as usize) {
            *sample += 0.002 * noise[n];
        }
        for second in [3, 7] {
            channel[second * RATE as usize - 2 * RATE as usize..second * RATE as usize].fill(0.0);
        }
    }
    let found = vinyl::findings(&cut(&stereo, &[0.0, 3.0, 7.0]));
    let order = found.iter().find(|finding| finding.check == Check::Order).unwrap();
    assert!(order.advice.starts_with("“Song 3” further out"), "{order:?}");
}

#[test]
fn a_loud_long_side_has_to_be_cut_softer() {
    // A part of a side of 26 minutes: what the rest does is of no matter.
    let stereo = music(20).map(|channel| channel.iter().map(|x| 3.0 * x).collect::<Vec<f64>>());
    let mut long = side(stereo[0].len(), &[0.0]);
    long.frames = 26 * 60 * u64::from(RATE);
    let mut meter = VinylMeter::new(long, LP, -14.0).unwrap();
    meter.push(&stereo[0], &stereo[1]);
    let figures = meter.finish();
    assert!(figures.land.change_db < -6.0, "{} dB", figures.land.change_db);
    assert!(vinyl::findings(&figures).iter().any(|finding| finding.check == Check::Land));
    // As long as it is, it fits.
    assert!(cut(&stereo, &[0.0]).land.change_db > 0.0);
}

#[test]
fn findings_come_from_figures_alone() {
    let clean = cut(&music(4), &[0.0]);
    let with = |change: &dyn Fn(&mut VinylFigures)| -> Vec<Check> {
        let mut figures = clean.clone();
        change(&mut figures);
        vinyl::findings(&figures).iter().map(|finding| finding.check).collect()
    };
    assert_eq!(with(&|_| {}), []);
    assert_eq!(with(&|figures| figures.plr_lu = Some(7.9)), [Check::Density]);
    assert_eq!(with(&|figures| figures.plr_lu = None), []);
    assert_eq!(with(&|figures| figures.land.change_db = -1.5), [Check::Land]);
    assert_eq!(with(&|figures| figures.land.up_um.value = 40.0), [Check::BassPhase]);
    assert_eq!(with(&|figures| figures.bass.side_to_mid_db = Some(-4.0)), [Check::BassPhase]);
    assert_eq!(with(&|figures| figures.treble.treble_slope.p999 = 0.6), [Check::Treble]);
    // A radius of 7 µm.
    assert_eq!(with(&|figures| figures.treble.bend_per_mm.p999 = 1000.0 / 7.0), [Check::Treble]);
    assert_eq!(with(&|figures| figures.treble.slope.value = 1.2), [Check::Treble]);
    assert_eq!(with(&|figures| figures.sibilance.per_minute = 13.0), [Check::Sibilance]);
}

#[test]
fn low_rates_are_refused_and_what_is_no_number_is_silence() {
    let mut low = side(1000, &[0.0]);
    low.rate_hz = 32_000;
    assert!(matches!(VinylMeter::new(low.clone(), LP, -14.0), Err(SideError::Rate(32_000))));
    assert!(matches!(CassetteMeter::new(&low), Err(SideError::Rate(32_000))));
    let bad = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY].repeat(10_000);
    let figures = cut(&[bad.clone(), bad], &[0.0]);
    assert_eq!((figures.land.lateral_um.value, figures.edges.dc), (0.0, [0.0, 0.0]));
    // Nothing at all is no side, and no reason to stop.
    assert_eq!(vinyl::findings(&cut(&[Vec::new(), Vec::new()], &[0.0])), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn the_size_of_blocks_changes_no_bit(sizes in proptest::collection::vec(1_usize..9000, 1..40)) {
        let stereo = music(2).map(|channel| channel[..70_001].iter().map(|x| 2.0 * x).collect::<Vec<f64>>());
        let whole = cut(&stereo, &[0.0, 1.0]);
        let mut cut_up = VinylMeter::new(side(stereo[0].len(), &[0.0, 1.0]), LP, -14.0).unwrap();
        let mut tapes = [0, 1].map(|_| CassetteMeter::new(&side(stereo[0].len(), &[0.0])).unwrap());
        let (mut at, mut sizes) = (0, sizes.iter().cycle());
        while at < stereo[0].len() {
            let end = stereo[0].len().min(at + sizes.next().unwrap());
            cut_up.push(&stereo[0][at..end], &stereo[1][at..end]);
            tapes[0].push(&stereo[0][at..end], &stereo[1][at..end]);
            at = end;
        }
        prop_assert_eq!(cut_up.finish(), whole);
        tapes[1].push(&stereo[0], &stereo[1]);
        let [pieces, whole] = tapes;
        prop_assert_eq!(pieces.finish(), whole.finish());
    }
}
