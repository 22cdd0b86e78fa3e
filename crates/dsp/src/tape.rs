//! What a tape machine does beside magnetising: what the playback head loses, and the speed that is never quite steady.
//!
//! Losses are those of Wallace, *The reproduction of magnetically recorded signals*, 1951: a gap of width g reads the mean
//! over itself, sin(πfg/v) / (πfg/v) at a tape speed v, and a head at a distance d loses e^(−2πfd/v). Both have no phase, and
//! neither has the filter here.

use crate::delay::{HALF, Varying, weigh};
use crate::fft::autocorrelation;
use crate::math::{cos, exp, sin};
use crate::noise::Noise;
use crate::window::kaiser;
use std::f64::consts::{PI, TAU};

/// Metres in an inch.
const INCH_M: f64 = 0.0254;

/// What a head reads of `hz`, of tape that passes at `speed_ips` inches per second: with a gap and at a distance, both in
/// micrometres.
#[must_use]
pub fn head_gain(hz: f64, speed_ips: f64, gap_um: f64, distance_um: f64) -> f64 {
    let turns_per_um = hz / (speed_ips * INCH_M) * 1e-6;
    let gap = PI * turns_per_um * gap_um;
    let read = if gap < 1e-9 { 1.0 } else { sin(gap) / gap };
    read * exp(-TAU * turns_per_um * distance_um)
}

/// The head of one channel: a symmetric filter with the gain of [`head_gain`].
#[derive(Clone, Debug)]
pub struct Head {
    taps: Vec<f64>,
    samples: Vec<f64>,
}

/// The most frames that are worked on at once.
const CHUNK: usize = 256;
/// To either side the filter reaches so far, in seconds.
const REACH_S: f64 = 0.001_5;
/// Shape of its window: what it fades has nearly died away.
const BETA: f64 = 4.0;

impl Head {
    /// For a sample rate of `rate_hz`.
    #[must_use]
    pub fn new(speed_ips: f64, gap_um: f64, distance_um: f64, rate_hz: f64) -> Self {
        let half = (REACH_S * rate_hz).ceil() as usize;
        let size = (16 * half).next_power_of_two();
        let gain =
            |k: usize| head_gain(k as f64 * rate_hz / (2 * size) as f64, speed_ips, gap_um, distance_um);
        let side = autocorrelation(&(0..=size).map(gain).collect::<Vec<_>>(), half + 1);
        let tap = |at: usize| side[at] * kaiser(at as f64 / (half + 1) as f64, BETA);
        let taps: Vec<f64> = (0..=2 * half).map(|index| tap(index.abs_diff(half))).collect();
        let samples = vec![0.0; taps.len() - 1 + CHUNK];
        Self { taps, samples }
    }

    /// By how many frames the output is late.
    #[must_use]
    pub fn latency(&self) -> usize {
        self.taps.len() / 2
    }

    /// Back to silence.
    pub fn reset(&mut self) {
        self.samples.fill(0.0);
    }

    /// Replaces the next frames by what is read.
    pub fn process(&mut self, block: &mut [f64]) {
        let old = self.taps.len() - 1;
        for part in block.chunks_mut(CHUNK) {
            self.samples[old..old + part.len()].copy_from_slice(part);
            weigh(&self.taps, &self.samples, part);
            self.samples.copy_within(part.len()..part.len() + old, 0);
        }
    }
}

/// Slow wavering and fast, in Hz, and the part of the depth that each has.
const WOW: [(f64, f64); 3] = [(0.55, 0.5), (0.93, 0.3), (1.7, 0.2)];
const FLUTTER: [(f64, f64); 3] = [(9.1, 0.5), (14.3, 0.3), (27.7, 0.2)];
/// So often the sines are begun anew, counted from the first frame.
const TICK: u64 = 32;

/// One sine of the speed, as the delay it makes.
#[derive(Clone, Copy, Debug)]
struct Waver {
    turns: f64,
    phase: f64,
    frames: f64,
    /// A turn of one frame: cosine and sine.
    turn: [f64; 2],
}

/// A speed that wavers: the same at every frame, whatever was asked before.
#[derive(Clone, Debug)]
pub struct Transport {
    wavers: Vec<Waver>,
    middle: f64,
}

impl Transport {
    /// With speeds that go up to `wow` and `flutter` off, as parts of the speed, at phases drawn from `seed`. None of either
    /// is none at all.
    #[must_use]
    pub fn new(wow: f64, flutter: f64, seed: u64, rate_hz: f64) -> Self {
        let phases = Noise::new(seed, 0);
        let all = WOW.map(|(hz, part)| (hz, part * wow)).into_iter();
        let all = all.chain(FLUTTER.map(|(hz, part)| (hz, part * flutter)));
        let wavers: Vec<Waver> = all
            .zip(0..)
            .filter(|((_, depth), _)| *depth > 0.0)
            .map(|((hz, depth), number)| {
                let turns = hz / rate_hz;
                Waver {
                    turns,
                    phase: 0.5 + 0.5 * phases.uniform(number),
                    frames: depth / (TAU * turns),
                    turn: [cos(TAU * turns), sin(TAU * turns)],
                }
            })
            .collect();
        let middle = (HALF as f64 + wavers.iter().map(|waver| waver.frames).sum::<f64>()).ceil();
        Self { wavers, middle }
    }

    /// Whether the speed is steady.
    #[must_use]
    pub fn is_steady(&self) -> bool {
        self.wavers.is_empty()
    }

    /// The delay about which it wavers, in whole frames; at most twice as long.
    #[must_use]
    pub fn latency(&self) -> usize {
        self.middle as usize
    }

    /// A delay that can follow it.
    #[must_use]
    pub fn delay(&self) -> Varying {
        Varying::new(2 * self.latency())
    }

    /// Writes the delays of the frames from `start` on.
    pub fn fill(&self, start: u64, delays: &mut [f64]) {
        delays.fill(self.middle);
        for waver in &self.wavers {
            let mut frame = start / TICK * TICK;
            let mut index = 0;
            while index < delays.len() {
                let angle = TAU * (waver.turns * frame as f64 + waver.phase).fract();
                let (mut re, mut im) = (cos(angle), sin(angle));
                for _ in 0..TICK {
                    if frame >= start && index < delays.len() {
                        delays[index] += waver.frames * im;
                        index += 1;
                    }
                    let [cos, sin] = waver.turn;
                    (re, im) = (re * cos - im * sin, re * sin + im * cos);
                    frame += 1;
                }
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;

    #[test]
    fn the_head_reads_what_wallaces_formulae_say_within_0_1_db() {
        for rate in [44_100.0, 96_000.0, 192_000.0] {
            for (speed, gap, distance) in
                [(15.0, 3.0, 0.5), (7.5, 6.0, 0.0), (3.75, 3.0, 1.0), (30.0, 0.0, 2.0)]
            {
                let mut head = Head::new(speed, gap, distance, rate);
                let latency = head.latency();
                let mut answer = vec![0.0; 2 * latency + 1];
                answer[0] = 1.0;
                head.process(&mut answer);
                for hz in [20.0, 500.0, 1_000.0, 4_000.0, 10_000.0, 16_000.0] {
                    let sum: f64 = (0..answer.len())
                        .map(|n| answer[n] * (TAU * hz / rate * (n as f64 - latency as f64)).cos())
                        .sum();
                    // The formulae, written out: wavelength λ = v / f.
                    let wavelength = speed * 0.0254 / hz;
                    let x = std::f64::consts::PI * gap * 1e-6 / wavelength;
                    let gap_loss = if x == 0.0 { 1.0 } else { x.sin() / x };
                    let expected = gap_loss * (-TAU * distance * 1e-6 / wavelength).exp();
                    let off_db = 20.0 * (sum / expected).log10();
                    assert!(off_db.abs() < 0.1, "{speed} ips at {rate}: {off_db} dB off at {hz} Hz");
                }
            }
        }
    }

    #[test]
    fn the_speed_wavers_as_deep_as_asked_and_the_same_at_every_frame() {
        let rate = 48_000.0;
        let transport = Transport::new(0.01, 0.002, 7, rate);
        let mut delays = vec![0.0; 480_000];
        transport.fill(0, &mut delays);
        let most = delays.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f64::max);
        assert!((0.008..=0.012).contains(&most), "{most}");
        let (low, high) = (0.0, 2.0 * transport.latency() as f64);
        assert!(delays.iter().all(|delay| (low + 31.0..=high).contains(delay)));
        let mut part = vec![0.0; 100];
        transport.fill(12_345, &mut part);
        assert!(part == delays[12_345..12_445]);
        let mut other = vec![0.0; 100];
        Transport::new(0.01, 0.002, 8, rate).fill(12_345, &mut other);
        assert!(part != other);
        assert!(Transport::new(0.0, 0.0, 7, rate).is_steady());
    }
}
