//! Treble: how fast the groove moves, and how sharply it bends, for the speed at which it passes.
//!
//! Speeds are those of the stylus, whatever its direction: the root of the squares of both walls, which stand at a right angle to
//! each other. Held against the speed of the groove they are a slope: beyond 1 the groove doubles back faster than it passes,
//! and no stylus follows. Its acceleration against the square of that speed is how sharply the groove bends.

use super::distribution::Distribution;
use super::groove::fill;
use crate::side::{CHUNK, Peak, high_pass};
use deadwax_dsp::svf::{Cascade, Unstable};
use serde::Serialize;

/// Treble begins here, in Hz.
const TREBLE_HZ: f64 = 5000.0;
/// The order of the filter.
const ORDER: u32 = 4;
/// What this part of all frames exceeds is told beside the peak.
const BEYOND: f64 = 0.001;
/// cm/s² in one g.
const G_CM_S2: f64 = 980.665;
/// µm in a cm.
const UM_PER_CM: f64 = 1e4;

/// The highest of something, and what one frame in a thousand exceeds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Extreme {
    /// The highest.
    pub peak: Peak,
    /// What 99.9 % of all frames stay below.
    pub p999: f64,
}

/// The treble of a side, at the reference level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Treble {
    /// The speed of the stylus, of all frequencies, over the speed of the groove.
    pub slope: Peak,
    /// The speed of the stylus above 5 kHz, in cm/s.
    pub velocity_cm_s: Extreme,
    /// The same over the speed of the groove.
    pub treble_slope: Extreme,
    /// Its acceleration above 5 kHz, in g.
    pub acceleration_g: Extreme,
    /// How sharply the groove bends above 5 kHz: one over its radius, in 1/mm.
    pub bend_per_mm: Extreme,
}

impl Treble {
    /// The radius of the bends of which one frame in a thousand has a sharper one, in µm. Endless where there is no treble.
    #[must_use]
    pub fn bend_radius_um(&self) -> f64 {
        1000.0 / self.bend_per_mm.p999
    }
}

/// The highest value so far, as its square, with the frame.
#[derive(Clone, Copy, Debug, Default)]
struct Highest {
    square: f64,
    at: u64,
}

impl Highest {
    fn take(&mut self, square: f64, at: u64) {
        if square > self.square {
            *self = Self { square, at };
        }
    }

    fn peak(self, rate_hz: u32, scale: f64) -> Peak {
        Peak { value: self.square.sqrt() * scale, at_s: self.at as f64 / f64::from(rate_hz) }
    }
}

/// Something of which both are kept.
#[derive(Clone, Debug)]
struct Heights {
    highest: Highest,
    all: Distribution,
}

impl Heights {
    fn new() -> Self {
        Self { highest: Highest::default(), all: Distribution::new() }
    }

    fn take(&mut self, square: f64, at: u64) {
        self.highest.take(square, at);
        self.all.take(square);
    }

    fn extreme(&self, rate_hz: u32, scale: f64) -> Extreme {
        Extreme { peak: self.highest.peak(rate_hz, scale), p999: self.all.exceeded_by(BEYOND) * scale }
    }
}

/// Measures it.
#[derive(Clone, Debug)]
pub(crate) struct TrebleMeter {
    rate_hz: u32,
    filter: Cascade,
    /// What is above 5 kHz of the last piece, in cm/s.
    pub(crate) treble: [Vec<f64>; 2],
    /// The last three values of both walls.
    before: [[f64; 3]; 2],
    at: u64,
    slope: Highest,
    velocity: Heights,
    treble_slope: Heights,
    acceleration: Heights,
    bend: Heights,
}

impl TrebleMeter {
    pub(crate) fn new(rate_hz: u32) -> Result<Self, Unstable> {
        Ok(Self {
            rate_hz,
            filter: Cascade::new(&high_pass(ORDER, TREBLE_HZ, rate_hz)?, 2),
            treble: [Vec::with_capacity(CHUNK), Vec::with_capacity(CHUNK)],
            before: [[0.0; 3]; 2],
            at: 0,
            slope: Highest::default(),
            velocity: Heights::new(),
            treble_slope: Heights::new(),
            acceleration: Heights::new(),
            bend: Heights::new(),
        })
    }

    /// Sees the velocity of both walls, in cm/s, where the groove passes at `groove_cm_s`.
    pub(crate) fn see(&mut self, left: &[f64], right: &[f64], groove_cm_s: f64) {
        let slower = 1.0 / (groove_cm_s * groove_cm_s);
        for (at, (left, right)) in left.iter().zip(right).enumerate() {
            self.slope.take((left * left + right * right) * slower, self.at + at as u64);
        }
        fill(&mut self.treble, [left, right]);
        let [left, right] = &mut self.treble;
        self.filter.process_pair(0, left, right);
        for (at, (left, right)) in (self.at..).zip(left.iter().zip(right.iter())) {
            let square = left * left + right * right;
            self.velocity.take(square, at);
            self.treble_slope.take(square * slower, at);
            let [a, b] = &mut self.before;
            let (a, b) = (step(a, *left), step(b, *right));
            let square = a * a + b * b;
            self.acceleration.take(square, at);
            self.bend.take(square * slower * slower, at);
        }
        self.at += left.len() as u64;
    }

    pub(crate) fn finish(&self) -> Treble {
        let rate = f64::from(self.rate_hz);
        let of = |heights: &Heights, scale: f64| heights.extreme(self.rate_hz, scale);
        Treble {
            slope: self.slope.peak(self.rate_hz, 1.0),
            velocity_cm_s: of(&self.velocity, 1.0),
            treble_slope: of(&self.treble_slope, 1.0),
            acceleration_g: of(&self.acceleration, rate / G_CM_S2),
            // Frames and cm become mm.
            bend_per_mm: of(&self.bend, rate * 1000.0 / UM_PER_CM),
        }
    }
}

/// The change of a signal per frame, half-way between the last but one and the one before it: by four values (Fornberg 1988),
/// which at 44.1 kHz is right within 0.2 dB up to 10 kHz.
fn step(before: &mut [f64; 3], now: f64) -> f64 {
    let [a, b, c] = *before;
    *before = [b, c, now];
    1.125 * (c - b) - (now - a) / 24.0
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    /// A second of a sine of `cm_s` on the left wall alone, where the groove passes at 21 cm/s.
    fn seen(hz: f64, cm_s: f64, rate: u32) -> Treble {
        let mut meter = TrebleMeter::new(rate).unwrap();
        let wall: Vec<f64> =
            (0..rate).map(|n| cm_s * (TAU * hz * f64::from(n) / f64::from(rate)).sin()).collect();
        let still = vec![0.0; CHUNK];
        for block in wall.chunks(CHUNK) {
            meter.see(block, &still[..block.len()], 21.0);
        }
        meter.finish()
    }

    #[test]
    fn a_sine_of_10_khz_bends_the_groove_as_its_formula_says() {
        let treble = seen(10_000.0, 10.0, 96_000);
        assert!((treble.velocity_cm_s.p999 - 10.0).abs() < 0.2, "{treble:?}");
        assert!((treble.treble_slope.p999 - 10.0 / 21.0).abs() < 0.02, "{treble:?}");
        // a = 2πf v, and the radius of the bend is u² / a.
        let acceleration = TAU * 10_000.0 * 10.0;
        assert!((treble.acceleration_g.p999 / (acceleration / 980.665) - 1.0).abs() < 0.03, "{treble:?}");
        let radius = 1e4 * 21.0 * 21.0 / acceleration;
        assert!((treble.bend_radius_um() / radius - 1.0).abs() < 0.03, "{} µm", treble.bend_radius_um());
    }

    #[test]
    fn a_velocity_beyond_the_speed_of_the_groove_is_a_slope_beyond_1() {
        assert!(seen(8000.0, 25.0, 44_100).slope.value > 1.15);
        assert!(seen(8000.0, 15.0, 44_100).slope.value < 0.75);
        // A low tone is no treble.
        let low = seen(200.0, 15.0, 44_100);
        assert!(low.treble_slope.peak.value < 0.02 && low.slope.value > 0.7, "{low:?}");
    }
}
