//! The hum, made anew from its track, and taken off.

use super::track::{Clock, Track, between, gain};
use crate::math::{cos, sin};
use rustfft::num_complex::Complex;
use std::f64::consts::TAU;

/// The hum is made for so many frames at a time, on a grid that begins with the first frame.
const SPAN: usize = 64;

/// Takes hum out of a programme.
#[derive(Clone, Debug)]
pub struct Subtractor {
    rate_hz: f64,
    clock: Clock,
    gain: Vec<(f64, f64)>,
    /// The amplitudes of each channel's harmonics, from the first on.
    voices: Vec<Vec<Complex<f64>>>,
    audition: bool,
    /// The hum of one span, by channel, and which.
    hum: Vec<(u64, [f64; SPAN])>,
}

impl Subtractor {
    /// Takes off `part` (0 to 1) of the hum of `track`, which [`Track::check`] has found to be good. With `audition`, what is
    /// taken away comes out.
    #[must_use]
    pub fn new(track: &Track, rate_hz: f64, channels: usize, part: f64, audition: bool) -> Self {
        let mut voices: Vec<Vec<Complex<f64>>> = vec![Vec::new(); channels];
        for harmonic in &track.harmonics {
            if let Some(own) = voices.get_mut(harmonic.channel) {
                let number = harmonic.number.max(1) as usize;
                own.resize(own.len().max(number), Complex::default());
                own[number - 1] = harmonic.amplitude() * part;
            }
        }
        Self {
            rate_hz,
            clock: Clock::new(&track.freq_hz),
            gain: track.level_db.iter().map(|(at_s, db)| (*at_s, gain(*db))).collect(),
            voices,
            audition,
            hum: vec![(u64::MAX, [0.0; SPAN]); channels],
        }
    }

    /// Works on the frames of `channel` from `start` on.
    ///
    /// # Panics
    /// When there is no such channel.
    pub fn process(&mut self, channel: usize, start: u64, block: &mut [f64]) {
        if self.voices[channel].is_empty() {
            if self.audition {
                block.fill(0.0);
            }
            return;
        }
        let (mut frame, mut rest) = (start, block);
        while !rest.is_empty() {
            let (span, offset) = (frame / SPAN as u64, (frame % SPAN as u64) as usize);
            if self.hum[channel].0 != span {
                self.make(channel, span);
            }
            let (now, later) = rest.split_at_mut((SPAN - offset).min(rest.len()));
            for (sample, hum) in now.iter_mut().zip(&self.hum[channel].1[offset..]) {
                *sample = if self.audition { *hum } else { *sample - hum };
            }
            frame += now.len() as u64;
            rest = later;
        }
    }

    /// Makes the hum of a span.
    fn make(&mut self, channel: usize, span: u64) {
        let time = |span: u64| (span * SPAN as u64) as f64 / self.rate_hz;
        let times = [time(span), time(span + 1)];
        let gains = times.map(|at_s| between(&self.gain, at_s).unwrap_or(1.0));
        let (made, hum) = &mut self.hum[channel];
        *made = span;
        if gains == [0.0; 2] {
            hum.fill(0.0);
            return;
        }
        let [from, to] = times.map(|at_s| self.clock.turns(at_s));
        Waves::new(from - from.floor(), (to - from) / SPAN as f64).sum(&self.voices[channel], hum);
        if gains != [1.0; 2] {
            let slope = (gains[1] - gains[0]) / SPAN as f64;
            for (n, hum) in hum.iter_mut().enumerate() {
                *hum *= gains[0] + slope * n as f64;
            }
        }
    }
}

/// e^(2πi turns) for each frame of a span.
struct Waves {
    re: [f64; SPAN],
    im: [f64; SPAN],
}

impl Waves {
    fn new(turns: f64, per_frame: f64) -> Self {
        let (mut re, mut im) = ([0.0; SPAN], [0.0; SPAN]);
        (re[0], im[0]) = (cos(TAU * turns), sin(TAU * turns));
        // Twice as many with each round: by the angle of as many frames.
        let mut known = 1;
        while known < SPAN {
            let angle = TAU * per_frame * known as f64;
            let (c, s) = (cos(angle), sin(angle));
            for n in 0..known {
                re[known + n] = re[n] * c - im[n] * s;
                im[known + n] = re[n] * s + im[n] * c;
            }
            known *= 2;
        }
        Self { re, im }
    }

    /// Re Σ a(k) wᵏ, by Horner's rule.
    fn sum(&self, amplitudes: &[Complex<f64>], out: &mut [f64; SPAN]) {
        let mut im = [0.0; SPAN];
        out.fill(0.0);
        for a in amplitudes.iter().rev() {
            for n in 0..SPAN {
                let (x, y) = (out[n] + a.re, im[n] + a.im);
                out[n] = x * self.re[n] - y * self.im[n];
                im[n] = x * self.im[n] + y * self.re[n];
            }
        }
    }
}
