//! The demo mix: some twenty seconds of music composed by code, so that the first command has a mix to master.
//!
//! Eight bars in A minor (Am, F, C, G) at 112 beats a minute: chords and a plucked lead alone, then drums and bass, then all
//! of it ringing out. Deliberately a mix and no master: it has headroom, a boomy low end, and more dynamics than one wants.
//! Every sample follows from the code below and from `libm`, so the file is the same wherever it is composed.

use crate::{TaskError, root};
use deadwax_dsp::math::{exp, pow, sin, tanh};
use deadwax_dsp::noise::Noise;
use flac_codec::decode::FlacSampleReader;
use flac_codec::encode::{FlacSampleWriter, Options};
use std::path::PathBuf;

const RATE: f64 = 44_100.0;
const BEAT_S: f64 = 60.0 / 112.0;
const BARS: usize = 8;
const RING_OUT_S: f64 = 2.6;
const TURN: f64 = std::f64::consts::TAU;

/// Chords as semitones from A3, bar by bar.
const CHORDS: [[i32; 4]; 4] = [[0, 3, 7, 12], [-4, 0, 3, 8], [-9, -5, 3, 7], [-2, 2, 5, 10]];
/// Bass notes, as semitones from A1.
const ROOTS: [i32; 4] = [0, -4, 3, -2];
/// The lead: start in beats from the beginning of its four bars, length in beats, semitones from A4.
const LEAD: [(f64, f64, i32); 16] = [
    (0.0, 1.0, 7),
    (1.0, 0.5, 5),
    (1.5, 1.0, 3),
    (3.0, 1.0, 0),
    (4.0, 1.5, 3),
    (5.5, 0.5, 5),
    (6.0, 1.5, 7),
    (8.0, 1.0, 10),
    (9.0, 0.5, 8),
    (9.5, 1.0, 7),
    (11.0, 1.0, 3),
    (12.0, 1.0, 5),
    (13.0, 0.5, 7),
    (13.5, 0.5, 5),
    (14.0, 1.0, 2),
    (15.0, 1.0, 0),
];

fn path() -> PathBuf {
    root().join("docs/demo/demo-mix.flac")
}

/// The frequency `semitones` above `from_hz`.
fn note(from_hz: f64, semitones: i32) -> f64 {
    from_hz * pow(2.0, f64::from(semitones) / 12.0)
}

/// Two channels that sounds are added to.
struct Tape {
    left: Vec<f64>,
    right: Vec<f64>,
}

impl Tape {
    /// Adds a sound that begins at `begin_s` and lasts `length_s`; `sound` gives the sample at a time since its begin.
    /// `pan` goes from −1 (left) to 1.
    fn add(&mut self, begin_s: f64, length_s: f64, pan: f64, mut sound: impl FnMut(f64) -> f64) {
        let begin = (begin_s * RATE) as usize;
        let end = (((begin_s + length_s) * RATE) as usize).min(self.left.len());
        // Equal power: both channels at −3 dB in the middle.
        let angle = (pan + 1.0) * TURN / 16.0 * 2.0;
        let (left, right) = (sin(angle + TURN / 4.0), sin(angle));
        for n in begin..end {
            let sample = sound((n - begin) as f64 / RATE);
            self.left[n] += left * sample;
            self.right[n] += right * sample;
        }
    }
}

/// Rises within `attack_s`, stays, and fades within `release_s` to the end of `length_s`: no clicks at either end.
fn gate(t: f64, attack_s: f64, length_s: f64, release_s: f64) -> f64 {
    (t / attack_s).min(1.0) * ((length_s - t) / release_s).clamp(0.0, 1.0)
}

fn drums(tape: &mut Tape) {
    let beats = BARS * 4;
    for beat in 0..beats {
        let (bar, at) = (beat / 4, beat as f64 * BEAT_S);
        let full = (2..7).contains(&bar);
        if full && beat % 4 != 1 && beat % 4 != 3 || bar == 7 && beat % 4 == 0 {
            kick(tape, at);
        }
        if full && beat % 4 == 2 {
            kick(tape, at + BEAT_S / 2.0);
        }
        if full && beat % 2 == 1 {
            snare(tape, at, beat as u64);
        }
        if (1..7).contains(&bar) {
            for half in 0..2_u64 {
                let accent = if half == 0 { 0.10 } else { 0.065 };
                hat(tape, at + half as f64 * BEAT_S / 2.0, accent, beat as u64 * 2 + half);
            }
        }
    }
}

fn kick(tape: &mut Tape, at: f64) {
    tape.add(at, 0.42, 0.0, |t| {
        let phase = 47.0 * t + 4.2 * (1.0 - exp(-t * 38.0));
        let body = sin(TURN * phase) * exp(-t * 8.5);
        let click = sin(TURN * 1_900.0 * t) * exp(-t * 220.0) * 0.22;
        0.46 * (body + click) * gate(t, 0.0008, 0.42, 0.05)
    });
}

fn snare(tape: &mut Tape, at: f64, number: u64) {
    let noise = Noise::new(11, 0);
    let (mut last, mut frame) = (0.0, number * 20_000);
    tape.add(at, 0.3, 0.08, |t| {
        let white = noise.uniform(frame);
        frame += 1;
        // A gentle high pass: the difference to a running mean.
        last += 0.25 * (white - last);
        let rattle = (white - last) * exp(-t * 17.0);
        let skin = sin(TURN * (186.0 * t + 0.7 * (1.0 - exp(-t * 60.0)))) * exp(-t * 21.0);
        (0.17 * rattle + 0.24 * skin) * gate(t, 0.0006, 0.3, 0.08)
    });
}

fn hat(tape: &mut Tape, at: f64, level: f64, number: u64) {
    let noise = Noise::new(12, 1);
    let (mut before, mut older, mut frame) = (0.0, 0.0, number * 9_000);
    tape.add(at, 0.075, 0.35, |t| {
        let white = noise.uniform(frame);
        frame += 1;
        let bright = white - 1.6 * before + 0.7 * older;
        (older, before) = (before, white);
        level * 0.45 * bright * exp(-t * 62.0) * gate(t, 0.0004, 0.075, 0.03)
    });
}

fn bass(tape: &mut Tape) {
    for bar in 2..BARS {
        let hz = note(55.0, ROOTS[bar % 4]);
        let pattern: &[(f64, f64)] =
            if bar == 7 { &[(0.0, 4.0)] } else { &[(0.0, 1.4), (1.5, 0.5), (2.0, 0.9), (3.0, 0.9)] };
        for (begin, beats) in pattern {
            let length = beats * BEAT_S;
            tape.add((bar as f64 * 4.0 + begin) * BEAT_S, length, 0.0, |t| {
                let dull = exp(-t * 4.0);
                let string: f64 = (1..=6)
                    .map(|h| {
                        sin(TURN * hz * f64::from(h) * t) * pow(0.52 * (0.45 + 0.55 * dull), f64::from(h - 1))
                    })
                    .sum();
                0.19 * tanh(1.3 * string) * gate(t, 0.006, length, 0.06)
            });
        }
    }
}

fn chords(tape: &mut Tape) {
    for bar in 0..BARS {
        let length = 4.0 * BEAT_S + if bar == BARS - 1 { RING_OUT_S } else { 0.12 };
        let level = if bar < 2 { 0.030 } else { 0.024 };
        for (voice, semitones) in CHORDS[bar % 4].iter().enumerate() {
            for (side, detune) in [(-1.0, -0.0016), (1.0, 0.0019), (0.15, 0.0003)] {
                let hz = note(220.0, *semitones) * (1.0 + detune * (1.0 + 0.2 * voice as f64));
                let pan = side * (0.55 + 0.1 * voice as f64);
                let phase = 0.37 * voice as f64 + 0.21 * side;
                tape.add(bar as f64 * 4.0 * BEAT_S, length, pan.clamp(-1.0, 1.0), |t| {
                    let soft = 0.55 + 0.45 * sin(TURN * 0.23 * t + phase);
                    let tone: f64 = (1..=5)
                        .map(|h| {
                            sin(TURN * (hz * f64::from(h) * t + phase)) * pow(0.48 * soft, f64::from(h - 1))
                        })
                        .sum();
                    let fade = if bar == BARS - 1 { exp(-t * 0.55) } else { 1.0 };
                    level * tone * fade * gate(t, 0.09, length, if bar == BARS - 1 { 1.6 } else { 0.15 })
                });
            }
        }
    }
}

fn lead(tape: &mut Tape) {
    for phrase in 0..2_usize {
        let level = [0.085, 0.12][phrase];
        for (begin, beats, semitones) in LEAD {
            let hz = note(440.0, semitones);
            let at = (phrase as f64 * 16.0 + begin) * BEAT_S;
            let length = beats * BEAT_S + 0.25;
            let tone = |t: f64| {
                let vibrato = 0.004 * (t / 0.4).min(1.0) * sin(TURN * 5.3 * t) / 5.3;
                let phase = hz * (t + vibrato);
                let body = sin(TURN * phase)
                    + 0.32 * sin(TURN * 2.0 * phase) * exp(-t * 3.0)
                    + 0.12 * sin(TURN * 3.0 * phase) * exp(-t * 6.0);
                body * exp(-t * 1.7) * gate(t, 0.008, length, 0.2)
            };
            tape.add(at, length, 0.05, |t| level * tone(t));
            // Echoes from side to side.
            for (echo, pan) in [(1.0, -0.7), (2.0, 0.7), (3.0, -0.5)] {
                let quieter = level * pow(0.42, echo);
                tape.add(at + echo * 0.75 * BEAT_S, length, pan, |t| quieter * tone(t));
            }
        }
    }
}

/// The samples, left and right in turn, as whole numbers of 16 bits.
fn compose() -> Vec<i32> {
    let frames = ((BARS as f64 * 4.0 * BEAT_S + RING_OUT_S + 0.4) * RATE) as usize;
    let mut tape = Tape { left: vec![0.0; frames], right: vec![0.0; frames] };
    drums(&mut tape);
    bass(&mut tape);
    chords(&mut tape);
    lead(&mut tape);
    let (left, right) = (Noise::new(1, 0), Noise::new(1, 1));
    let word =
        |sample: f64, dither: f64| (sample * 32_768.0 + dither).round().clamp(-32_768.0, 32_767.0) as i32;
    let frame = |n: usize| {
        [word(tape.left[n], left.triangular(n as u64)), word(tape.right[n], right.triangular(n as u64))]
    };
    (0..frames).flat_map(frame).collect()
}

fn flac(reason: impl std::fmt::Display) -> TaskError {
    TaskError::Flac { path: path(), reason: reason.to_string() }
}

/// Composes the mix and writes it.
pub(crate) fn write() -> Result<(), TaskError> {
    let samples = compose();
    if let Some(folder) = path().parent() {
        std::fs::create_dir_all(folder).map_err(|cause| TaskError::Io { path: folder.to_owned(), cause })?;
    }
    let options =
        Options::best().overwrite().tag("TITLE", "Deadwax demo mix").tag("LICENSE", "CC0-1.0").no_padding();
    let total = Some(samples.len() as u64);
    let mut writer = FlacSampleWriter::create(path(), options, RATE as u32, 16, 2, total).map_err(flac)?;
    writer.write(&samples).map_err(flac)?;
    writer.finalize().map_err(flac)
}

/// Sees that the file that is there holds what the code composes.
pub(crate) fn check() -> Result<(), TaskError> {
    let mut reader = FlacSampleReader::open(path()).map_err(flac)?;
    let (mut there, mut block) = (Vec::new(), vec![0; 1 << 16]);
    loop {
        match reader.read(&mut block).map_err(flac)? {
            0 => break,
            count => there.extend_from_slice(&block[..count]),
        }
    }
    if there == compose() {
        return Ok(());
    }
    Err(TaskError::Stale(
        "docs/demo/demo-mix.flac is not what the code composes: run `cargo xtask demo`".into(),
    ))
}
