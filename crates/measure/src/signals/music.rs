//! A small mix: chords of struck strings, a bass, kick, snare and hats; between the notes, nothing.

use super::band_limited;
use deadwax_dsp::equalizer::{Band, Shape};
use deadwax_dsp::math::{cos, exp, pow, sin};
use deadwax_dsp::noise::Noise;
use deadwax_dsp::svf::Cascade;
use std::f64::consts::{PI, TAU};

/// A beat, in seconds, and a chord: four of them.
const BEAT_S: f64 = 0.5;
const CHORD_S: f64 = 4.0 * BEAT_S;
/// Roots of the chords, in semitones above 110 Hz, and the notes above a root.
const ROOTS: [f64; 4] = [0.0, -4.0, 3.0, -2.0];
const CHORD: [f64; 4] = [0.0, 7.0, 12.0, 16.0];
/// Strings are stiff: partial k is at k · √(1 + STIFFNESS · k²) times the first.
const STIFFNESS: f64 = 3.5e-4;
/// No partial is higher, in Hz, or than this part of the rate.
const TOP_HZ: f64 = 18_000.0;
const TOP_OF_RATE: f64 = 0.45;
/// Snare and hats end about here, in Hz.
const NOISE_TOP_HZ: f64 = 16_000.0;
/// The largest sample.
const PEAK: f64 = 0.9;

/// A mix that is the same music for any rate and, but for its noises, the same samples for a seed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Music {
    /// The sample rate.
    pub rate_hz: f64,
    /// How long; 12 s is plenty.
    pub seconds: f64,
    /// What is drawn by lot: phases, touches, noise.
    pub seed: u64,
}

/// A decaying partial, turned on frame by frame: exact, and much faster than a sine for each.
pub(super) struct Partial {
    re: f64,
    im: f64,
    turn: [f64; 2],
}

impl Partial {
    pub(super) fn new(hz: f64, amplitude: f64, phase: f64, decay_per_s: f64, rate_hz: f64) -> Self {
        let (angle, decay) = (TAU * hz / rate_hz, exp(-decay_per_s / rate_hz));
        Self {
            re: amplitude * cos(phase),
            im: amplitude * sin(phase),
            turn: [decay * cos(angle), decay * sin(angle)],
        }
    }

    pub(super) fn next(&mut self) -> f64 {
        let value = self.im;
        let [c, s] = self.turn;
        (self.re, self.im) = (self.re * c - self.im * s, self.re * s + self.im * c);
        value
    }
}

/// One struck note.
struct Note {
    at_s: f64,
    length_s: f64,
    hz: f64,
    level: f64,
    /// From 0, left, to 1, right.
    place: f64,
    /// The most partials, how fast they get weaker, and how fast the first dies away.
    partials: usize,
    slope: f64,
    decay_per_s: f64,
}

impl Music {
    /// Left and right.
    #[must_use]
    pub fn render(&self) -> [Vec<f64>; 2] {
        let frames = (self.seconds * self.rate_hz) as usize;
        let mut mix = [vec![0.0; frames], vec![0.0; frames]];
        let lot = Noise::new(self.seed, 0);
        for (number, note) in self.notes(&lot).iter().enumerate() {
            self.play(note, &Noise::new(self.seed, number + 1), &mut mix);
        }
        self.drums(&mut mix);
        let [left, right] = mix.map(|channel| band_limited(&channel));
        let peak = left.iter().chain(&right).fold(0.0, |most: f64, x| most.max(x.abs()));
        let scale = if peak > 0.0 { PEAK / peak } else { 0.0 };
        [left, right].map(|channel| channel.iter().map(|x| scale * x).collect())
    }

    fn notes(&self, lot: &Noise) -> Vec<Note> {
        let hz = |semitones: f64| 110.0 * pow(2.0, semitones / 12.0);
        let mut notes = Vec::new();
        let mut draws = 0..;
        let mut touch = || 1.0 + 0.15 * lot.uniform(draws.next().unwrap_or(0));
        for bar in 0..(self.seconds / CHORD_S).ceil() as usize {
            let (at_s, root) = (bar as f64 * CHORD_S, ROOTS[bar % ROOTS.len()]);
            for (voice, above) in CHORD.iter().enumerate() {
                notes.push(Note {
                    // Nobody strikes four strings at once.
                    at_s: at_s + 0.012 * voice as f64,
                    length_s: CHORD_S,
                    hz: hz(root + above),
                    level: 0.10 * touch(),
                    place: 0.2 + 0.2 * voice as f64,
                    partials: 28,
                    slope: 1.3,
                    decay_per_s: 1.2,
                });
            }
            for eighth in 0..8 {
                notes.push(Note {
                    at_s: at_s + 0.5 * BEAT_S * f64::from(eighth),
                    length_s: 0.5 * BEAT_S,
                    hz: hz(root - 12.0) * if eighth % 4 == 3 { 1.5 } else { 1.0 },
                    level: 0.30 * touch(),
                    place: 0.5,
                    partials: 8,
                    slope: 1.7,
                    decay_per_s: 3.0,
                });
            }
        }
        notes
    }

    fn play(&self, note: &Note, lot: &Noise, mix: &mut [Vec<f64>; 2]) {
        let top = TOP_HZ.min(TOP_OF_RATE * self.rate_hz);
        let mut partials: Vec<Partial> = (1..=note.partials)
            .map(|k| (k as u64, k as f64))
            .map(|(draw, k)| (draw, k, note.hz * k * (1.0 + STIFFNESS * k * k).sqrt()))
            .take_while(|(_, _, hz)| *hz < top)
            .map(|(draw, k, hz)| {
                let level = note.level * pow(k, -note.slope);
                let decay = note.decay_per_s * (1.0 + 0.25 * (k - 1.0));
                Partial::new(hz, level, PI * lot.uniform(draw), decay, self.rate_hz)
            })
            .collect();
        let gains = [cos(0.5 * PI * note.place), sin(0.5 * PI * note.place)];
        let begin = (note.at_s * self.rate_hz) as usize;
        let length = (note.length_s * self.rate_hz) as usize;
        let [left, right] = mix;
        let frames = left.iter_mut().zip(right).skip(begin).take(length);
        for (n, (left, right)) in frames.enumerate() {
            // Three milliseconds to strike, ten to damp.
            let (since, until) = (n as f64 / self.rate_hz, (length - n) as f64 / self.rate_hz);
            let shape = (since / 0.003).min(1.0) * (until / 0.01).min(1.0);
            let sum = shape * partials.iter_mut().map(Partial::next).sum::<f64>();
            *left += gains[0] * sum;
            *right += gains[1] * sum;
        }
    }

    /// Noise of one hit or another, the same spectrum at any rate: as loud per hertz, between two passes.
    fn hiss(&self, lot: usize, frames: usize, low_hz: f64) -> Vec<f64> {
        let (density, noise) = ((self.rate_hz / 44_100.0).sqrt(), Noise::new(self.seed, lot));
        let mut hiss: Vec<f64> = (0..frames as u64).map(|frame| density * noise.uniform(frame)).collect();
        let high_hz = NOISE_TOP_HZ.min(TOP_OF_RATE * self.rate_hz);
        let low_hz = low_hz.min(0.5 * high_hz);
        let (slope_db_oct, shape) = (12, Shape::Butterworth);
        let passes = [
            Band::HighPass { freq_hz: low_hz, slope_db_oct, shape },
            Band::LowPass { freq_hz: high_hz, slope_db_oct, shape },
        ];
        // Frequencies as low as these always make a filter.
        let sections: Vec<_> =
            passes.iter().flat_map(|pass| pass.design(self.rate_hz).unwrap_or_default()).collect();
        Cascade::new(&sections, 1).process(0, &mut hiss);
        hiss
    }

    /// Kick on one and three, snare on two and four, hats on every eighth, left of the middle.
    fn drums(&self, [left, right]: &mut [Vec<f64>; 2]) {
        let wires = self.hiss(1001, left.len(), 900.0);
        let sizzle = self.hiss(1002, left.len(), 7000.0);
        let noises = wires.iter().zip(&sizzle);
        for (n, ((left, right), (wires, sizzle))) in left.iter_mut().zip(right).zip(noises).enumerate() {
            let time = n as f64 / self.rate_hz;
            let kick = time % (2.0 * BEAT_S);
            let snare = (time + BEAT_S) % (2.0 * BEAT_S);
            let hat = time % (0.5 * BEAT_S);
            let phase = TAU * (48.0 * kick + 2.5 * (1.0 - exp(-kick * 35.0)));
            let kick = 0.55 * (kick / 0.002).min(1.0) * exp(-kick * 14.0) * sin(phase);
            let body = 0.14 * exp(-snare * 25.0) * sin(TAU * 190.0 * snare);
            let rattle = 0.20 * exp(-snare * 18.0) * wires;
            let snare = if time < BEAT_S { 0.0 } else { body + rattle };
            let hat = 0.06 * exp(-hat * 60.0) * sizzle;
            *left += kick + snare + 1.2 * hat;
            *right += kick + snare + 0.8 * hat;
        }
    }
}
