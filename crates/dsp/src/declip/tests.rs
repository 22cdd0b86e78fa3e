//! Music that was clipped, against the music itself.
#![allow(clippy::disallowed_methods, reason = "an independent reference")]

use super::*;
use deadwax_measure::signals::{Music, gaussian, sine, uniform};

const RATES: [f64; 5] = [44_100.0, 48_000.0, 88_200.0, 96_000.0, 192_000.0];

fn music(rate_hz: f64, seconds: f64) -> Vec<f64> {
    let [left, _] = Music { rate_hz, seconds, seed: 1 }.render();
    left
}

/// Of the whole signal, in dB: what declipping is judged by in the literature.
fn sdr_db(clean: &[f64], out: &[f64]) -> f64 {
    let signal: f64 = clean.iter().map(|x| x * x).sum();
    let error: f64 = clean.iter().zip(out).map(|(x, y)| (x - y) * (x - y)).sum();
    10.0 * (signal / error.max(1e-30)).log10()
}

/// Clipped so hard that the signal is `sdr` dB above the error; and the level.
fn clipped(clean: &[f64], sdr: f64) -> (Vec<f64>, f64) {
    let clip = |level: f64| clean.iter().map(|x| x.clamp(-level, level)).collect::<Vec<_>>();
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..40 {
        let level = 0.5 * (low + high);
        *(if sdr_db(clean, &clip(level)) > sdr { &mut high } else { &mut low }) = level;
    }
    (clip(high), high)
}

fn found(channel: &[f64]) -> ChannelClips {
    let mut detector = ClipDetector::new(1, 1 << 20);
    detector.push(0, channel);
    detector.finish().remove(0)
}

fn levels(channel: &[f64]) -> Levels {
    Levels::from(&found(channel))
}

/// Through `declipper` in blocks of `cut`, the latency taken off.
fn run(declipper: &mut Declipper, input: &[Vec<f64>], cut: usize) -> Vec<Vec<f64>> {
    let late = declipper.latency();
    let mut out: Vec<Vec<f64>> =
        input.iter().map(|x| x.iter().copied().chain(vec![0.0; late]).collect()).collect();
    let (frames, mut begin) = (out[0].len(), 0);
    while begin < frames {
        let count = declipper.room().min(cut).min(frames - begin);
        for (channel, samples) in out.iter_mut().enumerate() {
            declipper.exchange(channel, &mut samples[begin..begin + count]);
        }
        declipper.advance(count);
        begin += count;
    }
    out.into_iter().map(|mut x| x.split_off(late)).collect()
}

fn restored(input: &[f64], effort: Effort, rate_hz: f64) -> Vec<f64> {
    let mut declipper = Declipper::new(&[levels(input)], effort, rate_hz, 1, Kind::Fast);
    run(&mut declipper, &[input.to_vec()], 4096).remove(0)
}

/// DSP specification, 3.7: at least 7 dB, whatever the music has lost.
#[test]
fn clipped_music_gains_at_least_7_db() {
    let clean = music(44_100.0, 2.0);
    for sdr in [5.0, 10.0, 15.0, 20.0] {
        let (broken, _) = clipped(&clean, sdr);
        let gain = sdr_db(&clean, &restored(&broken, Effort::NORMAL, 44_100.0)) - sdr_db(&clean, &broken);
        assert!(gain >= 7.0, "{gain:.2} dB gained at {sdr} dB");
    }
}

#[test]
fn it_gains_as_much_at_every_rate() {
    for rate in &RATES[1..] {
        let clean = music(*rate, 0.6);
        let (broken, _) = clipped(&clean, 10.0);
        let gain = sdr_db(&clean, &restored(&broken, Effort::NORMAL, *rate)) - sdr_db(&clean, &broken);
        assert!(gain >= 7.0, "{gain:.2} dB gained at {rate} Hz");
    }
}

#[test]
fn what_was_not_clipped_stays_to_the_bit_and_what_was_is_louder() {
    let clean = music(44_100.0, 1.0);
    let (broken, level) = clipped(&clean, 12.0);
    let flagged = levels(&broken);
    let out = restored(&broken, Effort::QUICK, 44_100.0);
    let mut louder = 0;
    for (n, (x, y)) in broken.iter().zip(&out).enumerate() {
        if flagged.clip(*x) {
            assert!(y * x > 0.0 && y.abs() >= x.abs(), "{n}: {x} to {y}");
            louder += u32::from(y.abs() > level);
        } else {
            assert_eq!(x.to_bits(), y.to_bits(), "{n}");
        }
    }
    assert!(louder > 100, "{louder} samples are louder");
}

#[test]
fn each_side_comes_back_from_its_own_level() {
    let clean = music(44_100.0, 1.0);
    let broken: Vec<f64> = clean.iter().map(|x| x.clamp(-0.02, 0.4)).collect();
    let out = restored(&broken, Effort::QUICK, 44_100.0);
    let error = |x: &[f64]| {
        let above = x.iter().zip(&clean).filter(|(_, clean)| **clean > 0.4);
        above.map(|(x, clean)| (x - clean) * (x - clean)).sum::<f64>()
    };
    assert!(error(&out) < 0.5 * error(&broken), "{} of {}", error(&out), error(&broken));
}

#[test]
fn the_same_bits_for_any_cut_any_number_of_workers_and_after_a_reset() {
    let clean = Music { rate_hz: 44_100.0, seconds: 1.0, seed: 3 }.render();
    let broken: Vec<Vec<f64>> = clean.iter().map(|channel| clipped(channel, 10.0).0).collect();
    let levels: Vec<Levels> = broken.iter().map(|channel| levels(channel)).collect();
    let new = |workers| Declipper::new(&levels, Effort::QUICK, 44_100.0, workers, Kind::Fast);
    let expected = run(&mut new(1), &broken, 1 << 20);
    let mut three = new(3);
    assert_eq!(run(&mut three, &broken, 333), expected);
    three.reset();
    assert_eq!(run(&mut three, &broken, 1000), expected);
}

#[test]
fn what_is_taken_away_and_what_is_left_are_the_whole() {
    let (broken, _) = clipped(&music(44_100.0, 0.5), 10.0);
    let mut declipper =
        Declipper::new(&[levels(&broken)], Effort::QUICK, 44_100.0, 1, Kind::Fast).audition(true);
    let away = run(&mut declipper, std::slice::from_ref(&broken), 4096).remove(0);
    let left = restored(&broken, Effort::QUICK, 44_100.0);
    for (n, ((x, away), left)) in broken.iter().zip(&away).zip(&left).enumerate() {
        assert!((away + left - x).abs() < 1e-15, "{n}");
    }
    assert!(away.iter().any(|x| *x != 0.0));
}

/// What a stranger may send: it ends, and what comes out is finite and bounded.
#[test]
fn nothing_that_is_no_music_does_harm() {
    let square: Vec<f64> = (0..9000).map(|n| if n / 50 % 2 == 0 { 1.0 } else { -1.0 }).collect();
    let dc = vec![1.0; 9000];
    let spike: Vec<f64> = (0..9000).map(|n| if n == 100 { 1e300 } else { 0.0 }).collect();
    let noise: Vec<f64> = gaussian(9000, 5).iter().map(|x| x.clamp(-0.1, 0.1)).collect();
    for input in [square, dc, spike, noise, vec![0.0; 9000], vec![1.0], Vec::new()] {
        for level in [1.0, 0.5, 1e-9] {
            let given = Levels { above: level, below: level };
            let mut declipper = Declipper::new(&[given], Effort::QUICK, 44_100.0, 1, Kind::Fast);
            let out = run(&mut declipper, std::slice::from_ref(&input), 512).remove(0);
            assert_eq!(out.len(), input.len());
            for (x, y) in input.iter().zip(&out) {
                assert!(y.is_finite() && y.abs() <= x.abs().max(MOST_TIMES * level), "{x} to {y}");
            }
        }
    }
}

#[test]
fn the_levels_of_both_sides_are_found_and_every_run_with_them() {
    for rate in RATES {
        let clean = music(rate, 2.0);
        let broken: Vec<f64> = clean.iter().map(|x| x.clamp(-0.4, 0.35)).collect();
        let clips = found(&broken);
        let (above, below) = (clips.above.unwrap(), clips.below.unwrap());
        assert!((0.35 - 1e-4..=0.35).contains(&above.level), "{} at {rate} Hz", above.level);
        assert!((0.4 - 1e-4..=0.4).contains(&below.level), "{} at {rate} Hz", below.level);
        for run in &above.runs {
            let samples = &clean[run.start as usize..(run.start + run.frames) as usize];
            assert!(samples.iter().all(|x| *x >= 0.35 - 1e-4), "{run:?} at {rate} Hz");
        }
        let flat = broken.chunk_by(|a, b| a == b).filter(|row| row.len() > 1 && row[0] == 0.35).count();
        assert!(above.count as f64 >= 0.9 * flat as f64, "{} of {flat} at {rate} Hz", above.count);
        assert_eq!(above.runs.len() as u64, above.count);
        assert_eq!(above.frames, above.runs.iter().map(|run| run.frames).sum::<u64>());
    }
}

#[test]
fn they_are_found_again_after_a_fader_and_in_16_bit_with_dither() {
    let (broken, level) = clipped(&music(44_100.0, 2.0), 20.0);
    let dither: Vec<f64> = uniform(2 * broken.len(), 3);
    for gain in [1.0, 0.5, 0.1] {
        for noise in [0.0, 1.0] {
            let rounded: Vec<f64> = broken
                .iter()
                .zip(dither.as_chunks::<2>().0)
                .map(|(x, [a, b])| ((32_768.0 * gain * x + 0.5 * noise * (a + b)).round()) / 32_768.0)
                .collect();
            let clips = found(&rounded);
            for side in [clips.above, clips.below] {
                let side = side.unwrap_or_else(|| panic!("not found at {gain}, {noise}"));
                assert!((side.level - gain * level).abs() < 4.0 / 32_768.0, "{} at {gain}", side.level);
            }
        }
    }
}

#[test]
fn nothing_is_found_where_nothing_was_clipped() {
    for rate in RATES {
        for seed in 1..4 {
            for channel in (Music { rate_hz: rate, seconds: 3.0, seed }).render() {
                let peak = channel.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
                let full: Vec<f64> =
                    channel.iter().map(|x| (32_767.0 * x / peak).round() / 32_768.0).collect();
                assert_eq!(found(&full), ChannelClips::default(), "seed {seed} at {rate} Hz");
            }
        }
        for hz in [10.0, 20.0, 50.0, 100.0, 441.0, 1000.0, 0.25 * rate, 0.4 * rate] {
            for peak in [1.0, 0.25] {
                let tone = sine(rate, 1.0, hz, peak);
                let rounded: Vec<f64> = tone.iter().map(|x| (32_767.0 * x).round() / 32_768.0).collect();
                for (name, tone) in [("float", tone), ("16 bit", rounded)] {
                    assert_eq!(found(&tone), ChannelClips::default(), "{hz} Hz, {name}, at {rate} Hz");
                }
            }
        }
        let square: Vec<f64> = (0..20_000).map(|n| if n / 50 % 2 == 0 { 1.0 } else { -1.0 }).collect();
        let once: Vec<f64> = (0..20_000).map(|n| if n == 9000 { 1.0 } else { 0.0 }).collect();
        for other in [square, once, vec![1.0; 20_000], vec![0.0; 20_000], vec![1.0], Vec::new()] {
            assert_eq!(found(&other), ChannelClips::default());
        }
    }
}

#[test]
fn music_behind_a_limiter_was_not_clipped() {
    use crate::limiter::{CHUNK, Limiter, Settings};
    let [left, right] = Music { rate_hz: 44_100.0, seconds: 6.0, seed: 2 }.render();
    let [mut left, mut right] = [left, right].map(|x| x.iter().map(|x| 4.0 * x).collect::<Vec<_>>());
    let mut limiter = Limiter::new(&Settings::default(), 44_100.0, 2);
    for (left, right) in left.chunks_mut(CHUNK).zip(right.chunks_mut(CHUNK)) {
        limiter.process(&mut [left, right]);
    }
    for channel in [left, right] {
        assert_eq!(found(&channel), ChannelClips::default());
    }
}

#[test]
fn the_same_runs_however_the_programme_is_cut() {
    let (broken, _) = clipped(&music(44_100.0, 1.0), 10.0);
    let whole = found(&broken);
    for cut in [1, 7, 1000] {
        let mut detector = ClipDetector::new(1, 1 << 20);
        broken.chunks(cut).for_each(|chunk| detector.push(0, chunk));
        assert_eq!(detector.finish(), vec![whole.clone()]);
    }
    let mut few = ClipDetector::new(1, 5);
    few.push(0, &broken);
    let few = few.finish().remove(0).above.unwrap();
    let all = whole.above.unwrap();
    assert_eq!((few.runs.as_slice(), few.count), (&all.runs[..5], all.count));
}
