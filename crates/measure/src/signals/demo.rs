//! What templates are measured on: twelve seconds each of four things that masters are made of.
//!
//! They are composed by code and computed with portable functions, so what is measured on them here can be held against what
//! was measured on them anywhere else, and nobody's recording has to be licensed.

use super::music::Partial;
use super::{Clicks, Hum, Music, band_limited, drums, gaussian, hiss};
use deadwax_dsp::math::{cos, db_to_gain, exp, pow, sin};
use deadwax_dsp::noise::Noise;
use rustfft::num_complex::Complex;
use std::f64::consts::{PI, TAU};

/// The sample rate of the demo signals, in Hz, and how long each is, in seconds.
pub const DEMO_RATE_HZ: u32 = 44_100;
/// How long each is, in seconds.
pub const DEMO_S: f64 = 12.0;

const RATE: f64 = DEMO_RATE_HZ as f64;

/// A demo signal.
#[derive(Clone, Debug, PartialEq)]
pub struct Demo {
    /// What it is.
    pub name: &'static str,
    /// Left and right.
    pub channels: [Vec<f64>; 2],
}

/// All demo signals: `drums and bass`; `strings and voice`, with esses; `pink steps`, pink noise from −56 dBFS to −14 and
/// back; `worn record`, a small mix with clicks, hiss and hum over it.
#[must_use]
pub fn demos() -> Vec<Demo> {
    vec![
        Demo { name: "drums and bass", channels: drums_and_bass() },
        Demo { name: "strings and voice", channels: strings_and_voice() },
        Demo { name: "pink steps", channels: pink_steps() },
        Demo { name: "worn record", channels: worn_record() },
    ]
}

fn frames() -> usize {
    (DEMO_S * RATE) as usize
}

/// `semitones` above 55 Hz.
fn note_hz(semitones: f64) -> f64 {
    55.0 * pow(2.0, semitones / 12.0)
}

/// Each channel as it is with its largest sample at `peak_dbfs`, both turned alike.
fn scaled(channels: [Vec<f64>; 2], peak_dbfs: f64) -> [Vec<f64>; 2] {
    let peak = channels.iter().flatten().fold(1e-9, |most: f64, x| most.max(x.abs()));
    let gain = db_to_gain(peak_dbfs) / peak;
    channels.map(|channel| channel.iter().map(|x| gain * x).collect())
}

/// Drums in the middle, a room around them that is not the same on both sides, and a bass line.
fn drums_and_bass() -> [Vec<f64>; 2] {
    const LINE: [f64; 8] = [-12.0, -12.0, 0.0, -5.0, -9.0, -9.0, 3.0, -2.0];
    const NOTE_S: f64 = 0.375;
    let kit = drums(RATE, DEMO_S);
    let bass = |n: usize| {
        let time = n as f64 / RATE;
        let hz = note_hz(LINE[(time / NOTE_S) as usize % LINE.len()]);
        let since = time % NOTE_S;
        let shape = (since / 0.004).min(1.0) * exp(-4.0 * since) * ((NOTE_S - since) / 0.01).min(1.0);
        let partials = (1..=12).map(f64::from);
        shape * partials.map(|k| pow(k, -1.4) * sin(TAU * k * hz * since)).sum::<f64>()
    };
    let bass: Vec<f64> = (0..frames()).map(bass).collect();
    let side = |seed: u64| {
        // The walls answer late, softly, and differently to either side.
        let late = (RATE * (0.019 + 0.004 * seed as f64)) as usize;
        let air = gaussian(frames(), 910 + seed);
        let sample = |n: usize| {
            let echo = n.checked_sub(late).map_or(0.0, |early| kit[early]);
            0.35 * kit[n] + 0.07 * echo + 0.28 * bass[n] + 0.0006 * air[n]
        };
        band_limited(&(0..frames()).map(sample).collect::<Vec<_>>())
    };
    scaled([side(0), side(1)], -3.0)
}

/// The first three formants of five vowels, in Hz (after Peterson and Barney, *Control methods used in a study of the
/// vowels*, 1952: men).
const VOWELS: [[f64; 3]; 5] = [
    [730.0, 1090.0, 2440.0],
    [530.0, 1840.0, 2480.0],
    [270.0, 2290.0, 3010.0],
    [570.0, 840.0, 2410.0],
    [300.0, 870.0, 2240.0],
];

/// A chord that swells over a wide stage, and in the middle a voice that sings vowels and hisses esses.
fn strings_and_voice() -> [Vec<f64>; 2] {
    let mut sides = [vec![0.0; frames()], vec![0.0; frames()]];
    for (voice, semitones) in [12.0, 19.0, 24.0, 28.0, 31.0].into_iter().enumerate() {
        for desk in 0..3 {
            let (draw, lot) = ((3 * voice + desk) as u64, Noise::new(77, 3));
            let hz = note_hz(semitones) * (1.0 + 0.0016 * lot.uniform(draw));
            let angle = PI / 4.0 * (1.0 + 0.8 * lot.uniform(100 + draw));
            string(&mut sides, hz, [cos(angle), sin(angle)], PI * lot.uniform(200 + draw));
        }
    }
    let voice = sing();
    for (n, sung) in voice.iter().enumerate() {
        sides[0][n] += sung;
        sides[1][n] += sung;
    }
    scaled(sides.map(|side| band_limited(&side)), -4.0)
}

/// Adds a string of an orchestra: partials that beat a little, swelling every four seconds.
fn string(sides: &mut [Vec<f64>; 2], hz: f64, gains: [f64; 2], phase: f64) {
    let swell = |n: usize| 0.012 * (0.5 - 0.5 * cos(TAU * n as f64 / RATE / 4.0));
    let swells: Vec<f64> = (0..frames()).map(swell).collect();
    for k in (1_u32..=14).map(f64::from).filter(|k| k * hz < 15_000.0) {
        let mut partial = Partial::new(k * hz, pow(k, -1.1), k * phase, 0.0, RATE);
        let [left, right] = &mut *sides;
        for ((left, right), swell) in left.iter_mut().zip(right).zip(&swells) {
            let x = swell * partial.next();
            *left += gains[0] * x;
            *right += gains[1] * x;
        }
    }
}

/// A sung line: a vowel a second, each ended by an ess.
fn sing() -> Vec<f64> {
    let (breath, mut phase) = (gaussian(frames() + 1, 313), 0.0);
    let weights: Vec<(f64, f64)> = (1_u32..=34).map(f64::from).map(|k| (k, pow(k, -0.3))).collect();
    let sample = |n: usize| {
        let time = n as f64 / RATE;
        let (second, part) = (time as usize, time % 1.0);
        let vowel = VOWELS[second % VOWELS.len()];
        let hz = 146.8 * (1.0 + 0.012 * sin(TAU * 5.2 * time));
        phase += hz / RATE;
        let open = (part / 0.05).min(1.0) * ((0.74 - part) / 0.05).clamp(0.0, 1.0);
        let colour = |hz: f64| {
            let near =
                |formant: f64, width: f64| 1.0 / (1.0 + ((hz - formant) / width) * ((hz - formant) / width));
            near(vowel[0], 90.0) + 0.5 * near(vowel[1], 110.0) + 0.25 * near(vowel[2], 150.0) + 0.004
        };
        // The harmonics turn with the first: each is the one before, turned by it once more.
        let (step, mut turn) = (Complex::new(cos(TAU * phase), sin(TAU * phase)), Complex::new(1.0, 0.0));
        let harmonic = |weight: &(f64, f64)| {
            turn *= step;
            colour(weight.0 * hz) * weight.1 * turn.im
        };
        let sung: f64 = weights.iter().map(harmonic).sum();
        let hissed = ((part - 0.76) / 0.03).clamp(0.0, 1.0) * ((0.93 - part) / 0.04).clamp(0.0, 1.0);
        // The difference of neighbours leaves what is high.
        0.17 * open * sung + 0.045 * hissed * (breath[n + 1] - breath[n])
    };
    (0..frames()).map(sample).collect()
}

/// Pink noise (octaves of held numbers, after Voss), louder by 6 dB every 0.8 s to the middle, and softer again; half of its
/// power is the same on both sides.
fn pink_steps() -> [Vec<f64>; 2] {
    const OCTAVES: usize = 14;
    const STEP_S: f64 = 0.8;
    // The variance of a number that is equally likely from −1 to 1 is a third.
    let whole = (3.0 / OCTAVES as f64).sqrt();
    let pink = |seed: u64, n: usize| -> f64 {
        let octave = |octave: usize| Noise::new(seed, octave).uniform((n >> octave) as u64);
        whole * (0..OCTAVES).map(octave).sum::<f64>()
    };
    let last = (DEMO_S / STEP_S) as usize - 1;
    let side = |seed: u64| {
        let sample = |n: usize| {
            let step = ((n as f64 / RATE / STEP_S) as usize).min(last);
            let level_db = -14.0 - 6.0 * (step as f64 - last as f64 / 2.0).abs();
            db_to_gain(level_db) * std::f64::consts::FRAC_1_SQRT_2 * (pink(500, n) + pink(seed, n))
        };
        band_limited(&(0..frames()).map(sample).collect::<Vec<_>>())
    };
    [side(501), side(502)]
}

/// A small mix as a record that was played often gives it back.
fn worn_record() -> [Vec<f64>; 2] {
    let music = Music { rate_hz: RATE, seconds: DEMO_S, seed: 4242 }.render();
    let hum = Hum::new(-48.0, 4242).render(RATE, DEMO_S);
    let mut seed = 4242;
    music.map(|channel| {
        seed += 1;
        let (clicks, hiss) = (Clicks::new(RATE, DEMO_S, seed).samples, hiss(RATE, DEMO_S, -56.0, seed));
        let worn = clicks.iter().zip(&hiss).zip(&hum);
        channel.iter().zip(worn).map(|(x, ((click, hiss), hum))| 0.5 * (x + click) + hiss + hum).collect()
    })
}
