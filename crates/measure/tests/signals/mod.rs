//! Signals to measure.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use deadwax_measure::{Measured, Meter, Wanted};

/// Planar channels.
pub type Programme = Vec<Vec<f64>>;

/// A 1 kHz sine of so many seconds at so many dBFS, for each (seconds, dBFS) in turn, in two channels.
pub fn stereo(rate_hz: u32, parts: &[(f64, f64)]) -> Programme {
    deadwax_measure::signals::ebu::stereo(parts).channels(rate_hz)
}

/// Measures a programme in blocks of `size` frames.
pub fn measure(rate_hz: u32, programme: &Programme, wanted: Wanted, size: usize) -> Measured {
    let mut meter = Meter::new(rate_hz, programme.len(), wanted).unwrap();
    let mut begin = 0;
    while begin < programme[0].len() {
        let end = (begin + size).min(programme[0].len());
        let block: Vec<&[f64]> = programme.iter().map(|channel| &channel[begin..end]).collect();
        meter.push(&block);
        begin = end;
    }
    meter.finish()
}

/// White noise, −1 … 1.
pub struct Noise(pub u64);

impl Noise {
    /// The next sample.
    pub fn sample(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}
