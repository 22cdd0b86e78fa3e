#![allow(clippy::disallowed_methods, reason = "an independent reference")]

use super::*;
use crate::math::db_to_gain;
use deadwax_measure::signals::{Clicks, Music, gaussian, hiss};

const RATES: [f64; 5] = [44_100.0, 48_000.0, 88_200.0, 96_000.0, 192_000.0];
/// How long noise sounds alone before the music, in seconds.
const LEAD_S: f64 = 1.5;

fn size_at(rate_hz: f64) -> usize {
    2048 * (rate_hz / 46_000.0).round().max(1.0) as usize
}

fn power(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>() / x.len() as f64
}

fn level_db(x: &[f64]) -> f64 {
    10.0 * power(x).max(1e-40).log10()
}

/// The segmental signal-to-noise ratio: of frames of 1024 samples that overlap by half, each clipped to −10 … 35 dB, the mean (Hu
/// and Loizou, 2008). Frames without signal do not count.
fn segmental_snr_db(clean: &[f64], out: &[f64]) -> f64 {
    let frames = clean.windows(1024).zip(out.windows(1024)).step_by(512);
    let ratios = frames.filter(|(clean, _)| power(clean) > 1e-12).map(|(clean, out)| {
        let error: f64 = clean.iter().zip(out).map(|(x, y)| (x - y) * (x - y)).sum::<f64>() / 1024.0;
        (10.0 * (power(clean) / (error + 1e-30)).log10()).clamp(-10.0, 35.0)
    });
    let all: Vec<f64> = ratios.collect();
    all.iter().sum::<f64>() / all.len() as f64
}

/// How rare and loud the power of the bins of a spectrogram is: the excess kurtosis of all of them, each bin between 700 Hz and 19
/// kHz, over all time. 6 for white noise; musical noise has thousands (Uemura et al., 2008, measure it so).
fn noise_kurtosis(x: &[f64]) -> f64 {
    let mut spectra = Spectra::new(1024, Kind::Portable);
    let mut points = vec![Complex::default(); 1024];
    let mut bins = vec![0.0; 513];
    let mut all = Vec::new();
    for frame in x.windows(1024).step_by(512) {
        spectra.forward(frame, None, &mut points);
        powers(&points, 1.0, &mut bins, None);
        all.extend_from_slice(&bins[16..440]);
    }
    let count = all.len() as f64;
    let mean = all.iter().sum::<f64>() / count;
    let moment = |order: i32| all.iter().map(|x| (x - mean).powi(order)).sum::<f64>() / count;
    moment(4) / (moment(2) * moment(2)) - 3.0
}

/// All of it through a denoiser, the latency taken off.
fn run(mut denoiser: Denoiser, input: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let late = denoiser.latency();
    let mut out: Vec<Vec<f64>> =
        input.iter().map(|x| x.iter().copied().chain(vec![0.0; late]).collect()).collect();
    denoiser.process(&mut out.iter_mut().map(|x| &mut x[..]).collect::<Vec<_>>());
    out.iter_mut().for_each(|x| drop(x.drain(..late)));
    out
}

fn hear(wanted: Wanted, size: usize, rate_hz: f64, input: &[Vec<f64>]) -> Option<Heard> {
    let mut listener = Listener::new(wanted, size, rate_hz, input.len(), Kind::Portable);
    let planes: Vec<&[f64]> = input.iter().map(|x| &x[..]).collect();
    listener.push(&planes);
    listener.finish()
}

/// Knows the noise from its first second.
fn with_first_second(settings: Settings, rate_hz: f64, input: &[Vec<f64>]) -> Denoiser {
    let heard = hear(Wanted::Range(0..rate_hz as u64), settings.size, rate_hz, input).unwrap();
    Denoiser::with_profile(settings, &heard.profile, input.len(), Kind::Portable)
}

fn with_print(settings: Settings, rate_hz: f64, input: &[Vec<f64>]) -> Denoiser {
    let heard = hear(Wanted::Quietest, settings.size, rate_hz, input).unwrap();
    let profile = Profile::from_db(&heard.profile.to_db());
    Denoiser::with_profile(settings, &profile, input.len(), Kind::Portable)
}

fn at_18_db(rate_hz: f64) -> Settings {
    Settings { size: size_at(rate_hz), reduction_db: 18.0, tonal_db: 18.0, ..Settings::default() }
}

/// Music, and the same with noise that begins before it, at so many dB below the music.
fn noisy(rate_hz: f64, seconds: f64, hissing: bool, snr_db: f64) -> (Vec<f64>, Vec<f64>) {
    let [clean, _] = Music { rate_hz, seconds, seed: 1 }.render();
    let lead = (LEAD_S * rate_hz) as usize;
    let noise = if hissing {
        hiss(rate_hz, seconds + LEAD_S + 0.01, 0.0, 78)
    } else {
        gaussian(clean.len() + lead, 77)
    };
    let gain = (power(&clean) / power(&noise)).sqrt() * db_to_gain(-snr_db);
    let all = noise.iter().enumerate().take(lead + clean.len());
    let music = |n: usize| n.checked_sub(lead).map_or(0.0, |n| clean[n]);
    let noisy = all.map(|(n, x)| gain * x + music(n)).collect();
    (clean, noisy)
}

/// DSP specification, 3.7. The figures of the table are for 44.1 kHz; at others the noise spreads beyond the music, and more of
/// it goes.
#[test]
fn the_segmental_ratio_gains_what_the_table_says() {
    for (hissing, snr_db, target) in
        [(false, 10.0, 9.0), (false, 20.0, 6.0), (true, 10.0, 12.5), (true, 20.0, 9.3)]
    {
        for rate in RATES {
            // At the other rates one case of each noise is enough.
            if rate > 44_100.0 && (snr_db > 10.0) != hissing {
                continue;
            }
            let seconds = if rate > 44_100.0 { 2.0 } else { 6.0 };
            let (clean, noisy) = noisy(rate, seconds, hissing, snr_db);
            let lead = noisy.len() - clean.len();
            let before = segmental_snr_db(&clean, &noisy[lead..]);
            let input = [noisy];
            let known = run(with_print(at_18_db(rate), rate, &input), &input);
            let gained = segmental_snr_db(&clean, &known[0][lead..]) - before;
            assert!(gained >= target, "learnt, hiss {hissing}, {snr_db} dB, {rate} Hz: {gained:.2} dB");
            if rate != 44_100.0 && rate != 96_000.0 {
                continue;
            }
            let followed = run(Denoiser::following(at_18_db(rate), 1, Kind::Portable), &input);
            let gained = segmental_snr_db(&clean, &followed[0][lead..]) - before;
            assert!(gained >= target, "followed, hiss {hissing}, {snr_db} dB, {rate} Hz: {gained:.2} dB");
        }
    }
}

/// DSP specification, 3.7: what is left of noise alone is softer by `reduction` ± 0.5 dB, and has a kurtosis of at most 12.
#[test]
fn noise_alone_becomes_softer_by_the_reduction_and_does_not_twitter() {
    for rate in RATES {
        let frames = (3.2 * rate) as usize;
        let input = [gaussian(frames, 5).iter().map(|x| 0.01 * x).collect::<Vec<f64>>()];
        let part = rate as usize..3 * rate as usize;
        let untouched = noise_kurtosis(&input[0][part.clone()]);
        assert!((untouched - 6.0).abs() < 0.6, "{untouched}");
        let reductions: &[f64] = if rate == 44_100.0 { &[6.0, 12.0, 18.0, 30.0] } else { &[18.0] };
        for &reduction_db in reductions {
            let settings = Settings { reduction_db, tonal_db: reduction_db, ..at_18_db(rate) };
            let known = run(with_first_second(settings, rate, &input), &input);
            let followed = run(Denoiser::following(settings, 1, Kind::Portable), &input);
            for (name, out) in [("learnt", &known[0][part.clone()]), ("followed", &followed[0][part.clone()])]
            {
                let fell = level_db(&input[0][part.clone()]) - level_db(out);
                // Followed, noise is known less exactly.
                let within = if name == "learnt" { 0.5 } else { 1.0 };
                assert!(
                    (fell - reduction_db).abs() <= within,
                    "{name} at {rate}: {fell:.2} of {reduction_db} dB"
                );
                if reduction_db == 18.0 {
                    let kurtosis = noise_kurtosis(out);
                    assert!(kurtosis <= 12.0, "{name} at {rate}: {kurtosis:.1}");
                }
            }
        }
    }
}

#[test]
fn any_cutting_gives_the_same_bits_and_so_does_a_reset() {
    let (_, noisy) = noisy(44_100.0, 1.0, true, 20.0);
    for channels in [1, 2, 3] {
        for linked in [true, false] {
            let settings = Settings { linked, ..Settings::default() };
            let input: Vec<Vec<f64>> = (0..channels)
                .map(|channel| noisy.iter().skip(channel * 100).take(60_000).copied().collect())
                .collect();
            let profile = Profile { powers: vec![vec![1e-7; 1025]; channels] };
            for mut denoiser in [
                Denoiser::with_profile(settings, &profile, channels, Kind::Portable),
                Denoiser::following(settings, channels, Kind::Portable),
            ] {
                let mut whole = input.clone();
                denoiser.process(&mut whole.iter_mut().map(|x| &mut x[..]).collect::<Vec<_>>());
                denoiser.reset();
                let mut cut = input.clone();
                let mut begin = 0;
                for length in [1, 7, 0, 333, 511, 512, 513, 4096].into_iter().cycle() {
                    let end = (begin + length).min(cut[0].len());
                    denoiser.process(&mut cut.iter_mut().map(|x| &mut x[begin..end]).collect::<Vec<_>>());
                    begin = end;
                    if begin == cut[0].len() {
                        break;
                    }
                }
                assert_eq!(whole, cut);
            }
        }
    }
}

/// One gain for all: a programme that leans to one side leans as far when its noise has gone.
#[test]
fn linked_channels_keep_their_image() {
    let (clean, noisy) = noisy(44_100.0, 3.0, false, 20.0);
    // The same on both channels, one softer: whatever is taken away, the ratio stays.
    let input = [noisy.clone(), noisy.iter().map(|x| 0.25 * x).collect()];
    let out = run(with_print(Settings::default(), 44_100.0, &input), &input);
    for (left, right) in out[0].iter().zip(&out[1]) {
        assert!((right - 0.25 * left).abs() < 1e-12);
    }
    // And it is what each would be alone.
    let alone = run(with_print(Settings::default(), 44_100.0, &input[..1]), &input[..1]);
    let difference = alone[0].iter().zip(&out[0]).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max);
    assert!(difference < 1e-3, "{difference:e}");
    // Noises of their own: music in the middle stays as loud on both sides, frame by frame.
    let lead = noisy.len() - clean.len();
    let noise: Vec<f64> = gaussian(noisy.len(), 99).iter().map(|x| x * 0.1 * power(&clean).sqrt()).collect();
    let right = noise.iter().enumerate().map(|(n, x)| x + n.checked_sub(lead).map_or(0.0, |n| clean[n]));
    let input = [noisy, right.collect()];
    let lean = |linked: bool| {
        let settings = Settings { linked, ..at_18_db(44_100.0) };
        let out = run(with_print(settings, 44_100.0, &input), &input);
        let frames = out[0][lead..].chunks(1024).zip(out[1][lead..].chunks(1024)).zip(clean.chunks(1024));
        // The part of each side that is the music, so that noise does not count.
        let of = |x: &[f64], clean: &[f64]| x.iter().zip(clean).map(|(x, y)| x * y).sum::<f64>();
        let leans = frames.map(|((l, r), clean)| 20.0 * (of(l, clean) / of(r, clean)).abs().log10());
        let all: Vec<f64> = leans.collect();
        (all.iter().map(|x| x * x).sum::<f64>() / all.len() as f64).sqrt()
    };
    let (linked, apart) = (lean(true), lean(false));
    assert!(linked < 0.1 && linked < apart, "leans by {linked:.3} dB linked, {apart:.3} dB apart");
}

/// What protects attacks makes more of them come through: the treble of the first ten milliseconds of each eighth.
#[test]
fn attacks_come_through_better_with_protection() {
    let (clean, noisy) = noisy(44_100.0, 4.0, false, 20.0);
    let lead = noisy.len() - clean.len();
    let input = [noisy];
    let treble = |x: &[f64]| x.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<f64>>();
    let let_through = |protect: f64| {
        let settings = Settings { protect, ..at_18_db(44_100.0) };
        let out = run(with_print(settings, 44_100.0, &input), &input);
        let (mut passed, mut struck) = (0.0, 0.0);
        for eighth in 1..15 {
            let attack = eighth * 11_025..eighth * 11_025 + 441;
            let clean = treble(&clean[attack.clone()]);
            let out = treble(&out[0][lead + attack.start..lead + attack.end]);
            passed += clean.iter().zip(&out).map(|(x, y)| x * y).sum::<f64>();
            struck += clean.iter().map(|x| x * x).sum::<f64>();
        }
        20.0 * (passed / struck).log10()
    };
    let (without, with) = (let_through(0.0), let_through(1.0));
    // −3.6 and −2.4 dB.
    assert!(with > without + 0.8 && with < 0.1, "{without:.2} dB without, {with:.2} dB with");
    assert!(without > -4.5 && with > -2.8, "{without:.2} dB without, {with:.2} dB with");
}

/// Music that is dense, as of strings or guitars: it swells and fades over the noise at every frequency. One estimate with a long
/// memory comes to it too late, and gains 1.4 and 2.9 dB.
#[test]
fn dense_music_that_hardly_stands_above_the_noise_is_kept() {
    let rate = 44_100.0;
    let lead = (LEAD_S * rate) as usize;
    let mut last = 0.0;
    let music: Vec<f64> = gaussian(6 * 44_100, 12)
        .iter()
        .enumerate()
        .map(|(n, x)| {
            last = 0.7 * last + x;
            last * (1.0 + 0.9 * (std::f64::consts::TAU * 1.5 * n as f64 / rate).sin())
        })
        .collect();
    let noise = gaussian(lead + music.len(), 77);
    for (snr_db, target) in [(10.0, 1.9), (5.0, 3.1)] {
        let gain = (power(&music) / power(&noise)).sqrt() * db_to_gain(-snr_db);
        let over = |n: usize| n.checked_sub(lead).map_or(0.0, |n| music[n]);
        let input = [noise.iter().enumerate().map(|(n, x)| gain * x + over(n)).collect::<Vec<f64>>()];
        let out = run(with_first_second(at_18_db(rate), rate, &input), &input);
        let gained = segmental_snr_db(&music, &out[0][lead..]) - segmental_snr_db(&music, &input[0][lead..]);
        assert!(gained >= target, "{snr_db} dB: {gained:.2} dB");
    }
}

#[test]
fn silence_stays_silent_and_is_no_noise() {
    let rate = 44_100.0;
    let mut input = vec![vec![0.0; 3 * 44_100]];
    input[0].extend(gaussian(2 * 44_100, 3).iter().map(|x| 0.003 * x));
    input[0].extend(vec![0.0; 44_100]);
    let heard = hear(Wanted::Quietest, 2048, rate, &input).unwrap();
    assert!(heard.range.start >= 3 * 44_100 && heard.range.end <= 5 * 44_100, "{:?}", heard.range);
    let floor = Floor::of(&heard.profile, rate);
    assert!((floor.level_dbfs - 20.0 * 0.003_f64.log10()).abs() < 0.3, "{floor:?}");
    assert!(floor.tilt_db_per_octave.abs() < 0.3 && floor.tones.is_empty(), "{floor:?}");
    let out = run(with_print(Settings::default(), rate, &input), &input);
    assert!(out[0][..3 * 44_100 - 2048].iter().all(|x| *x == 0.0));
    assert!(hear(Wanted::Quietest, 2048, rate, &[vec![0.0; 200_000]]).is_none());
}

#[test]
fn a_fade_out_is_no_noise_floor() {
    let rate = 44_100.0;
    // Two seconds of noise, then music over it, which ends with the noise fading by 60 dB.
    let [music, _] = Music { rate_hz: rate, seconds: 12.0, seed: 6 }.render();
    let mut noise: Vec<f64> = gaussian(16 * 44_100, 8).iter().map(|x| 0.003 * x).collect();
    noise[2 * 44_100..14 * 44_100].iter_mut().zip(&music).for_each(|(x, music)| *x += music);
    for (n, x) in noise[14 * 44_100..].iter_mut().enumerate() {
        *x *= db_to_gain(-60.0 * n as f64 / (2.0 * rate));
    }
    let heard = hear(Wanted::Quietest, 2048, rate, &[noise]).unwrap();
    assert!(heard.range.end <= 2 * 44_100, "{:?}", heard.range);
}

#[test]
fn music_and_clicks_alone_are_no_noise() {
    let [left, right] = Music { rate_hz: 44_100.0, seconds: 8.0, seed: 4 }.render();
    assert_eq!(hear(Wanted::Quietest, 2048, 44_100.0, &[left.clone(), right]), None);
    let clicks = Clicks::new(44_100.0, 8.0, 4).samples;
    let both = left.iter().zip(&clicks).map(|(x, click)| x + click).collect();
    assert_eq!(hear(Wanted::Quietest, 2048, 44_100.0, &[both]), None);
}
