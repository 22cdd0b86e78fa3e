//! Clipped music, synthetic and real: ours beside ffmpeg's adeclip at the best of several settings. Real tracks are in the folder
//! named by the variable `DEADWAX_MUSIC`.

use crate::restore::{RATE, decoded, sdr_db};
use crate::{Table, ffmpeg, node, tracks};
use deadwax_dsp::declip::ClipDetector;
use deadwax_measure::signals::Music;
use deadwax_tests::Channels;
use std::path::Path;
use std::time::Instant;

/// How far the music is above what clipping does to it, in dB.
const SDR_DB: [f64; 4] = [5.0, 10.0, 15.0, 20.0];
/// Of each track, so many seconds from half a minute on (or as near to that as it reaches): adeclip takes a minute for ten of them
/// that are clipped hard.
const EXCERPT_S: usize = 1;
/// Settings of adeclip, the better ones of five that were tried on the same tracks: as it is, and with a window of 20 ms.
const THEIRS: [&str; 2] = ["adeclip", "adeclip=w=20"];

/// Clipped so hard that `sdr` is left.
fn clipped(clean: &[f64], sdr: f64) -> Vec<f64> {
    let clip = |level: f64| clean.iter().map(|x| x.clamp(-level, level)).collect::<Vec<_>>();
    let (mut low, mut high) = (0.0, clean.iter().fold(0.0_f64, |most, x| most.max(x.abs())));
    for _ in 0..40 {
        let level = 0.5 * (low + high);
        *(if sdr_db(clean, &clip(level)) > sdr { &mut high } else { &mut low }) = level;
    }
    clip(high)
}

fn excerpt(track: &Path) -> Option<Vec<f64>> {
    let left = decoded(track, None)?.remove(0);
    let frames = (EXCERPT_S * RATE as usize).min(left.len());
    let begin = (30 * RATE as usize).min(left.len() - frames);
    Some(left[begin..begin + frames].to_vec())
}

/// What each way gains over `programmes`, in dB on average for each of [`SDR_DB`], and how much faster than real time it is.
fn gains(programmes: &[Vec<f64>], run: &dyn Fn(&Channels) -> Option<Channels>) -> Option<Vec<f64>> {
    let (mut found, mut seconds, mut took) = (Vec::new(), 0.0, 0.0);
    for sdr in SDR_DB {
        let mut sum = 0.0;
        for clean in programmes {
            let broken = vec![clipped(clean, sdr)];
            let begun = Instant::now();
            let out = run(&broken)?;
            took += begun.elapsed().as_secs_f64();
            seconds += clean.len() as f64 / f64::from(RATE);
            sum += sdr_db(clean, &out[0]) - sdr_db(clean, &broken[0]);
        }
        found.push(sum / programmes.len() as f64);
    }
    found.push(seconds / took);
    Some(found)
}

fn compare(title: &'static str, programmes: &[Vec<f64>], least: f64) {
    let heads = ["at 5 dB", "at 10 dB", "at 15 dB", "at 20 dB", "× real time, mono, one core"];
    let mut table = Table::new(title, &heads);
    for quality in 1..=3 {
        let text = format!("DeClip(quality: {quality})");
        let ours = gains(programmes, &|input| Some(node(&text, RATE, input).remove(0)));
        let values = ours.clone().unwrap();
        assert!(quality == 1 || values[..4].iter().all(|gain| *gain >= least), "{text}: {values:?}");
        table.row(&format!("ours, quality {quality}"), ours);
    }
    let mut best: Option<Vec<f64>> = None;
    for filter in THEIRS {
        let found = gains(programmes, &|input| ffmpeg(filter, RATE, input));
        if let Some(found) = &found {
            let best = best.get_or_insert_with(|| found.clone());
            best.iter_mut().zip(found).for_each(|(best, found)| *best = best.max(*found));
        }
        table.row(&format!("ffmpeg {filter}"), found);
    }
    table.row("ffmpeg, the best of these", best);
    table.print();
}

#[test]
#[ignore = "opt-in: compares with ffmpeg"]
fn synthetic_music_that_was_clipped() {
    let music = Music { rate_hz: f64::from(RATE), seconds: EXCERPT_S as f64, seed: 1 }.render();
    // DSP specification, 3.7.
    compare("Synthetic music that was clipped, dB gained", &music, 7.0);
}

#[test]
#[ignore = "opt-in: needs a folder of music in DEADWAX_MUSIC; compares with ffmpeg"]
fn real_music_that_was_clipped() {
    let programmes: Option<Vec<Vec<f64>>> = tracks().iter().map(|track| excerpt(track)).collect();
    if let Some(programmes) = programmes.filter(|programmes| !programmes.is_empty()) {
        compare("Real music that was clipped, dB gained on average", &programmes, 7.0);
    }
}

/// As they are, and driven 12 dB into a limiter.
#[test]
#[ignore = "opt-in: needs a folder of music in DEADWAX_MUSIC"]
fn real_music_that_was_not_clipped_is_not_taken_for_it() {
    for track in tracks() {
        let Some(clean) = decoded(&track, None) else { return };
        let loud: Channels = clean.iter().map(|x| x.iter().map(|x| 4.0 * x).collect()).collect();
        let limited = node("Limiter(ceiling_dbtp: -1)", RATE, &loud).remove(0);
        for (name, programme) in [("clean", clean), ("limited", limited)] {
            let mut detector = ClipDetector::new(2, 10);
            programme.iter().enumerate().for_each(|(channel, samples)| detector.push(channel, samples));
            for clips in detector.finish() {
                assert!(clips.sides().next().is_none(), "{}, {name}: {clips:?}", track.display());
            }
        }
    }
}
