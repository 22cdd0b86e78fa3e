#![allow(clippy::disallowed_methods, reason = "an independent reference")]

use super::*;
use deadwax_dsp::equalizer::Band;
use deadwax_dsp::svf::Cascade;
use deadwax_measure::{SpectrumMeter, signals::Music};
use deadwax_node::conformance::Rig;
use deadwax_node::{AnyNode, Buffer, Format, Recording};
use std::sync::Arc;

fn music(rate_hz: u32, seed: u64) -> Vec<Vec<f64>> {
    // Hats and cymbals alone are not all of the top: a little noise makes every third octave one that can be heard.
    let mut mix: Vec<Vec<f64>> = Music { rate_hz: f64::from(rate_hz), seconds: 10.0, seed }.render().into();
    for (index, channel) in mix.iter_mut().enumerate() {
        let noise = deadwax_dsp::noise::Noise::new(9, index);
        channel.iter_mut().zip(0..).for_each(|(x, frame)| *x += 0.003 * noise.uniform(frame));
    }
    mix
}

fn filtered(input: &[Vec<f64>], bands: &[Band], rate_hz: u32) -> Vec<Vec<f64>> {
    let sections: Vec<_> = bands.iter().flat_map(|band| band.design(f64::from(rate_hz)).unwrap()).collect();
    let mut out = input.to_vec();
    Cascade::new(&sections, out.len()).process_all(out.iter_mut().map(Vec::as_mut_slice));
    out
}

const SHAPE: [Band; 3] = [
    Band::LowShelf { freq_hz: 120.0, gain_db: 3.0, q: 0.707 },
    Band::Bell { freq_hz: 900.0, gain_db: -3.0, q: 0.9 },
    Band::HighShelf { freq_hz: 5000.0, gain_db: 2.5, q: 0.707 },
];

/// Runs `node` over stereo, with `reference` declared; the latency taken off.
fn run(
    node: &MatchEqualizer,
    rate_hz: u32,
    input: &[Vec<f64>],
    reference: Recording,
) -> (Vec<Vec<f64>>, MatchEqualizerReport) {
    let mut setup = Setup::plain(node, Format::stereo(rate_hz)).unwrap();
    setup.assets.insert("ref".into(), Arc::new(reference));
    let prepared = Node::prepare(node, &setup).unwrap();
    let Body::Whole(mut whole) = prepared.body else { panic!("hears the whole first") };
    let buffer = Buffer::from_channels(input);
    let mut listener = whole.listener();
    listener.hear(0, buffer.block(input[0].len())).unwrap();
    let mut stream = whole.stream(&listener.finish().unwrap()).unwrap();
    let late = prepared.latency as usize;
    let longer: Vec<Vec<f64>> =
        input.iter().map(|x| x.iter().copied().chain(vec![0.0; late]).collect()).collect();
    let mut outputs = [Buffer::from_channels(&longer)];
    let frames = longer[0].len();
    stream.process(&mut Io::new(0, frames, &[], &mut outputs)).unwrap();
    let out = outputs[0].block(frames).iter().map(|channel| channel[late..].to_vec()).collect();
    let report = stream.report().unwrap().get::<MatchEqualizerReport>().unwrap().clone();
    (out, report)
}

/// Levels of third octaves, 31.5 Hz to 16 kHz.
fn thirds(rate_hz: u32, channel: &[f64]) -> Vec<f64> {
    let mut meter = SpectrumMeter::new(rate_hz, Kind::Fast);
    meter.push(channel);
    meter.bands()[1..29].iter().map(|band| band.level_db.unwrap()).collect()
}

/// Root of the mean square, and most, of what is left when the level is taken off.
fn off_db(rate_hz: u32, a: &[f64], b: &[f64]) -> (f64, f64) {
    let gaps: Vec<f64> = thirds(rate_hz, a).iter().zip(thirds(rate_hz, b)).map(|(a, b)| a - b).collect();
    let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
    let square = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
    (square.sqrt(), gaps.iter().map(|gap| (gap - mean).abs()).fold(0.0, f64::max))
}

/// Spec 3.8: third-octave rms ≤ 0.3 dB, max ≤ 1 dB.
#[test]
fn a_mix_comes_within_0_3_db_rms_and_1_db_of_its_reference() {
    let node = MatchEqualizer { reference: Some("ref".into()), ..MatchEqualizer::default() };
    for (rate_hz, phase) in [
        (44_100, MatchPhase::Minimum),
        (44_100, MatchPhase::Linear),
        (48_000, MatchPhase::Minimum),
        (88_200, MatchPhase::Linear),
        (96_000, MatchPhase::Minimum),
        (192_000, MatchPhase::Minimum),
    ] {
        let input = music(rate_hz, 1);
        let goal = filtered(&input, &SHAPE, rate_hz);
        let reference = Recording { rate_hz, channels: goal.clone() };
        let (output, report) = run(&MatchEqualizer { phase, ..node.clone() }, rate_hz, &input, reference);
        for channel in 0..2 {
            let before = off_db(rate_hz, &input[channel], &goal[channel]);
            let (rms, most) = off_db(rate_hz, &output[channel], &goal[channel]);
            assert!(before.0 > 1.5, "{before:?}");
            assert!(rms <= 0.3 && most <= 1.0, "{rate_hz} Hz, {phase:?}: {rms} dB rms, {most} dB");
        }
        let (rms, most) = report.lanes[0].after_db.unwrap();
        assert!(rms <= 0.3 && most <= 1.0 && report.lanes[0].before_db.unwrap().0 > 1.5, "{report:?}");
    }
}

#[test]
fn a_reference_at_another_rate_does_as_well() {
    let node = MatchEqualizer { reference: Some("ref".into()), ..MatchEqualizer::default() };
    let input = music(44_100, 1);
    let goal = filtered(&music(48_000, 1), &SHAPE, 48_000);
    let (output, _) = run(&node, 44_100, &input, Recording { rate_hz: 48_000, channels: goal.clone() });
    let gaps: Vec<f64> =
        thirds(44_100, &output[0]).iter().zip(thirds(48_000, &goal[0])).map(|(a, b)| a - b).collect();
    let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
    let rms = (gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64).sqrt();
    assert!(rms < 0.8, "{rms} dB");
}

#[test]
fn the_reported_bands_are_an_equalizer_that_does_nearly_the_same() {
    let node =
        MatchEqualizer { reference: Some("ref".into()), smooth_oct: 1.0 / 3.0, ..MatchEqualizer::default() };
    let input = music(44_100, 3);
    let goal = filtered(&input, &SHAPE, 44_100);
    let (_, report) = run(&node, 44_100, &input, Recording { rate_hz: 44_100, channels: goal.clone() });
    assert!(report.equalizer_error_db < 0.4, "{}", report.equalizer_error_db);
    let registry = crate::registry();
    let kind = registry.get("Equalizer").unwrap();
    let equalizer = kind.from_ron(report.equalizer.strip_prefix("Equalizer").unwrap()).unwrap();
    assert!(equalizer.problems().is_empty(), "{:?}", equalizer.problems());
    let mut rig = Rig::new(&*equalizer, Format::stereo(44_100), false).unwrap();
    let out = rig.run(std::slice::from_ref(&input), &[input[0].len()]).unwrap().remove(0);
    let (rms, most) = off_db(44_100, &out[0], &goal[0]);
    assert!(rms < 0.5 && most < 1.5, "{rms} dB rms, {most} dB");
}

#[test]
fn the_middle_and_the_sides_each_come_to_those_of_the_reference() {
    let rate_hz = 44_100;
    let input = music(rate_hz, 4);
    let lanes = |lr: &[Vec<f64>]| -> Vec<Vec<f64>> {
        let both = || lr[0].iter().zip(&lr[1]);
        vec![both().map(|(l, r)| 0.5 * (l + r)).collect(), both().map(|(l, r)| 0.5 * (l - r)).collect()]
    };
    let own = lanes(&input);
    let mid = filtered(&own[..1], &SHAPE[..1], rate_hz).remove(0);
    let side = filtered(&own[1..], &SHAPE[2..], rate_hz).remove(0);
    let goal: Vec<Vec<f64>> = vec![
        mid.iter().zip(&side).map(|(m, s)| m + s).collect(),
        mid.iter().zip(&side).map(|(m, s)| m - s).collect(),
    ];
    let node = MatchEqualizer { reference: Some("ref".into()), mid_side: true, ..MatchEqualizer::default() };
    let (output, report) = run(&node, rate_hz, &input, Recording { rate_hz, channels: goal });
    for (lane, wanted) in lanes(&output).iter().zip([mid, side]) {
        let (rms, most) = off_db(rate_hz, lane, &wanted);
        assert!(rms <= 0.3 && most <= 1.0, "{rms} dB rms, {most} dB");
    }
    assert_eq!([report.lanes[0].lane, report.lanes[1].lane], ["Mid", "Side"]);
    assert!(report.equalizer.contains("Mid") && report.equalizer.contains("Side"));
}

#[test]
fn a_profile_of_the_reference_does_what_the_reference_does() {
    let rate_hz = 44_100;
    let input = music(rate_hz, 5);
    let goal = filtered(&input, &SHAPE, rate_hz);
    let mut meter = SpectrumMeter::new(rate_hz, Kind::Fast);
    meter.push(&goal[0]);
    let profile = meter.bands().iter().map(|band| band.level_db.unwrap_or(-120.0)).collect();
    let node = MatchEqualizer { profile, ..MatchEqualizer::default() };
    assert!(node.problems().is_empty());
    let (output, _) = run(&node, rate_hz, &input, Recording::default());
    let (before, after) = (off_db(rate_hz, &input[0], &goal[0]).0, off_db(rate_hz, &output[0], &goal[0]).0);
    assert!(after < 0.4 * before, "{before} dB to {after} dB");
}

#[test]
fn what_does_not_go_together_is_told() {
    let node = MatchEqualizer {
        reference: Some("ref".into()),
        profile: vec![0.0; 29],
        mid_side: true,
        from_hz: 100.0,
        to_hz: 50.0,
        ..MatchEqualizer::default()
    };
    let paths: Vec<String> = node.problems().into_iter().map(|problem| problem.path).collect();
    assert_eq!(paths, ["profile", "profile", "mid_side", "to_hz"]);
}
