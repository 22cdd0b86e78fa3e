#![allow(clippy::disallowed_methods, reason = "an independent reference")]

use super::*;
use deadwax_node::{Buffer, Layout};

fn tone(amplitude: f64, frames: usize) -> Vec<Vec<f64>> {
    let channel: Vec<f64> =
        (0..frames).map(|n| amplitude * (std::f64::consts::TAU * n as f64 / 48.0).sin()).collect();
    vec![channel.clone(), channel]
}

fn hear(mut listener: Box<dyn Analyze>, channels: &[Vec<f64>]) -> Report {
    let buffer = Buffer::from_channels(channels);
    listener.hear(0, buffer.block(buffer.capacity())).unwrap();
    listener.finish().unwrap()
}

fn whole(node: &Loudness) -> Box<dyn Whole> {
    let format = Format::new(48_000, Layout::Stereo);
    match node.prepare(&Setup::plain(node, format).unwrap()).unwrap().body {
        Body::Whole(whole) => whole,
        _ => panic!("hears the whole first"),
    }
}

fn run(stream: &mut dyn Stream, channels: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut outputs = [Buffer::from_channels(channels)];
    let frames = channels[0].len();
    stream.process(&mut Io::new(0, frames, &[], &mut outputs)).unwrap();
    outputs[0].block(frames).iter().map(<[f64]>::to_vec).collect()
}

#[test]
fn here_is_within_0_01_lu_of_the_target() {
    let node = Loudness { target_lufs: -18.0, aim: LoudnessAim::Here, ..Loudness::default() };
    let mut whole = whole(&node);
    assert!(whole.goal().is_none());
    let input = tone(0.02, 48_000);
    let mut stream = whole.stream(&hear(whole.listener(), &input)).unwrap();
    let after = hear(whole.listener(), &run(&mut *stream, &input));
    assert!((after.get::<Heard>().unwrap().lufs.unwrap() + 18.0).abs() < 0.01);
    let report = stream.report().unwrap();
    let report = report.get::<LoudnessReport>().unwrap();
    assert!(report.reached && report.help.is_none() && report.rounds == 1);
    assert!((report.delivered_lufs.unwrap() + 18.0).abs() < 1e-9);
}

/// Runs the closed loop with `behind` in the rest of the graph.
fn deliver(node: &Loudness, input: &[Vec<f64>], behind: impl Fn(f64) -> f64) -> (LoudnessReport, f64) {
    let mut whole = whole(node);
    let mut stream = whole.stream(&hear(whole.listener(), input)).unwrap();
    let mut goal = whole.goal().unwrap();
    for _ in 0..9 {
        let mut output = run(&mut *stream, input);
        output.iter_mut().flatten().for_each(|sample| *sample = behind(*sample));
        let delivered = hear(goal.listener(Format::new(48_000, Layout::Stereo)), &output);
        match goal.next(&delivered).unwrap() {
            Step::Again(next) => stream = next,
            Step::Done(report) => {
                let lufs = delivered.get::<Heard>().unwrap().lufs;
                return (report.get::<LoudnessReport>().unwrap().clone(), lufs.unwrap_or(f64::NAN));
            }
        }
    }
    panic!("never content");
}

#[test]
fn the_output_is_within_the_tolerance_behind_a_saturator() {
    let (report, lufs) = deliver(&Loudness::default(), &tone(0.02, 48_000), |x| 0.9 * (x / 0.9).tanh());
    assert!(report.reached && report.rounds <= 3, "{report:?}");
    assert!((lufs + 14.0).abs() <= 0.05 && report.delivered_lufs == Some(lufs));
}

#[test]
fn an_unreachable_target_delivers_the_best_run_and_says_so() {
    let node = Loudness { target_lufs: -5.0, ..Loudness::default() };
    let (report, lufs) = deliver(&node, &tone(0.02, 48_000), |x| x.clamp(-0.25, 0.25));
    assert!(!report.reached && report.delivered_lufs == Some(lufs));
    assert!(lufs < -5.05 && report.help.is_some_and(|help| help.contains("Compress or clip")));
}

#[test]
fn silence_is_left_alone() {
    let silence = vec![vec![0.0; 48_000]; 2];
    let (report, _) = deliver(&Loudness::default(), &silence, |x| x);
    assert_eq!((report.gain_db, report.reached, report.delivered_lufs), (0.0, false, None));
    assert!(report.help.is_some());
}

#[test]
fn the_most_gain_is_kept() {
    let node = Loudness { max_gain_db: 6.0, ..Loudness::default() };
    let (report, lufs) = deliver(&node, &tone(0.001, 48_000), |x| x);
    assert_eq!((report.gain_db, report.reached, report.rounds), (6.0, false, 1));
    assert!((lufs + 54.0).abs() < 0.1 && report.help.is_some_and(|help| help.contains("max_gain_db")));
}

fn report_of(stream: &dyn Stream) -> LoudnessReport {
    stream.report().unwrap().get::<LoudnessReport>().unwrap().clone()
}

/// A tone with a peak in the middle: quiet, but near full scale for a moment.
fn peaky() -> Vec<Vec<f64>> {
    let mut input = tone(0.02, 48_000);
    for channel in &mut input {
        for (n, sample) in channel[24_000..24_200].iter_mut().enumerate() {
            let hann = (std::f64::consts::PI * n as f64 / 200.0).sin().powi(2);
            *sample += 0.8 * hann * (n as f64 * 0.4).sin();
        }
    }
    input
}

fn here(node: &Loudness, input: &[Vec<f64>]) -> Result<(LoudnessReport, Vec<Vec<f64>>), NodeError> {
    let mut whole = whole(node);
    let mut stream = whole.stream(&hear(whole.listener(), input))?;
    let output = run(&mut *stream, input);
    Ok((report_of(&*stream), output))
}

fn true_peak_dbtp(channels: &[Vec<f64>]) -> f64 {
    let peaks = channels.iter().map(|channel| {
        let mut meter = deadwax_dsp::true_peak::PeakMeter::new();
        meter.push(channel);
        meter.finish().largest()
    });
    20.0 * peaks.fold(0.0, f64::max).log10()
}

#[test]
fn here_the_ceiling_holds_as_it_is_told() {
    let at_here = |on_exceed| Loudness { aim: LoudnessAim::Here, on_exceed, ..Loudness::default() };
    let (report, output) = here(&at_here(LoudnessExceed::Reduce), &peaky()).unwrap();
    assert!(!report.reached && report.help.unwrap().contains("less gain than asked"));
    assert!(
        (true_peak_dbtp(&output) + 1.0).abs() < 1e-6 && (report.delivered_dbtp.unwrap() + 1.0).abs() < 1e-9
    );

    let error = here(&at_here(LoudnessExceed::Error), &peaky()).err().unwrap().to_string();
    assert!(error.starts_with("`on_exceed`: the target would bring the true peak"), "{error}");

    let (report, output) = here(&at_here(LoudnessExceed::Allow), &peaky()).unwrap();
    assert!(report.reached && true_peak_dbtp(&output) > 3.0);

    let (report, output) = here(&at_here(LoudnessExceed::Limit), &peaky()).unwrap();
    assert!(true_peak_dbtp(&output) <= -1.0 + 0.01, "{}", true_peak_dbtp(&output));
    let delivered =
        hear(Box::new(super::Listener(super::meter(Format::new(48_000, Layout::Stereo)))), &output);
    assert_eq!(report.delivered_lufs, delivered.get::<Heard>().unwrap().lufs);
    assert!(report.gain_curve.is_some());
    assert!(!report.reached && report.help.unwrap().contains("the limiter took"));
}

#[test]
fn here_peaks_and_power_are_brought_to_their_targets_within_0_01_db() {
    let node = Loudness { aim: LoudnessAim::Here, ..Loudness::default() };
    let peak = Loudness { metric: LoudnessMetric::TruePeak, target_dbtp: -3.0, ..node.clone() };
    let (report, output) = here(&peak, &peaky()).unwrap();
    assert!(report.reached && (true_peak_dbtp(&output) + 3.0).abs() < 0.01);
    let rms = Loudness { metric: LoudnessMetric::Rms, target_rms_dbfs: -21.0, ..node };
    let (report, output) = here(&rms, &tone(0.02, 48_000)).unwrap();
    let power = output.iter().flatten().map(|x| x * x).sum::<f64>() / 96_000.0;
    assert!(report.reached && (10.0 * (2.0 * power).log10() + 21.0).abs() < 0.01);
}

#[test]
fn a_track_of_an_album_keeps_its_distance() {
    let album = Loudness { scope: LoudnessScope::Album, offset_lu: -3.5, ..Loudness::default() };
    let (report, lufs) = deliver(&album, &tone(0.02, 48_000), |x| x);
    assert!(report.reached && (lufs + 17.5).abs() <= 0.05 && report.target_lufs == Some(-17.5));
    let (report, _) =
        here(&Loudness { aim: LoudnessAim::Here, ..album.clone() }, &tone(0.02, 48_000)).unwrap();
    assert!((report.delivered_lufs.unwrap() + 17.5).abs() < 1e-9);
    let lone = Loudness { scope: LoudnessScope::Track, ..album };
    assert_eq!(deadwax_node::AnyNode::problems(&lone)[0].path, "offset_lu");
    let output = Loudness { metric: LoudnessMetric::Rms, ..Loudness::default() };
    assert_eq!(deadwax_node::AnyNode::problems(&output)[0].path, "metric");
}

#[test]
fn a_gain_that_is_known_gives_the_samples_of_the_run_that_found_it() {
    let input = tone(0.02, 48_000);
    for (aim, on_exceed) in [
        (LoudnessAim::Here, LoudnessExceed::Reduce),
        (LoudnessAim::Here, LoudnessExceed::Limit),
        (LoudnessAim::Output, LoudnessExceed::Reduce),
    ] {
        let node = Loudness { target_lufs: -9.0, aim, on_exceed, ..Loudness::default() };
        let mut whole = whole(&node);
        let mut heard = whole.stream(&hear(whole.listener(), &input)).unwrap();
        let first = run(&mut *heard, &input);
        let gain_db = match heard.report() {
            Some(report) => report.get::<LoudnessReport>().unwrap().gain_db,
            None => 20.0 * (first[0][7] / input[0][7]).log10(),
        };
        let known = Loudness { gain_db: Some(gain_db), ..node };
        let prepared =
            known.prepare(&Setup::plain(&known, Format::new(48_000, Layout::Stereo)).unwrap()).unwrap();
        let Body::Stream(mut stream) = prepared.body else { panic!("nothing has to be heard") };
        let again = run(&mut *stream, &input);
        let far = first.iter().flatten().zip(again.iter().flatten()).map(|(a, b)| (a - b).abs());
        assert!(far.fold(0.0, f64::max) < 1e-12, "{aim:?} {on_exceed:?}");
        assert!(stream.report().is_none_or(|report| report.get::<LoudnessReport>().unwrap().reached));
    }
}
