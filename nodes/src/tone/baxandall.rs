//! Bass and treble, as on a hi-fi amplifier.
//!
//! One reaches for it to make a whole mix a little warmer or brighter without thinking of bands: both controls are as
//! gentle as a filter can be, reach far into the middle, and never overshoot (Baxandall, *Negative-feedback tone control*,
//! 1952). Half of the gain is reached at the corner. The knobs in the middle, every sample passes untouched; a cut exactly
//! undoes the boost of the same size. No latency.

use super::bands::Source;
use super::phase::{self, EqualizerPhase, Placed};
use deadwax_dsp::equalizer::{Band, DesignError};
use deadwax_node::{About, Family, Lane, Node, NodeError, Prepared, Setup, params};

/// Parameters of `Baxandall`.
#[params]
pub struct Baxandall {
    #[param(default = 0.0, range = -12.0..=12.0, help = "how much louder the lows get")]
    pub bass_db: f64,
    #[param(default = 0.0, range = -12.0..=12.0, help = "how much louder the highs get")]
    pub treble_db: f64,
    #[param(default = 100.0, range = 20.0..=1000.0, help = "where half of the bass is reached")]
    pub bass_hz: f64,
    #[param(default = 10000.0, range = 1000.0..=20000.0, help = "where half of the treble is reached")]
    pub treble_hz: f64,
}

impl Node for Baxandall {
    const ABOUT: About = About {
        kind: "Baxandall",
        family: Family::Tone,
        summary: "Turns bass and treble up or down, gently, as a hi-fi amplifier does.",
        since: "0.2",
        algorithm: 1,
        example: "Baxandall(bass_db: 1.5, treble_db: 2)",
    };

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let bass = Band::GentleLowShelf { freq_hz: self.bass_hz, gain_db: self.bass_db };
        let treble = Band::GentleHighShelf { freq_hz: self.treble_hz, gain_db: self.treble_db };
        let mut placed = Vec::new();
        for (name, band) in [("bass_hz", bass), ("treble_hz", treble)] {
            band.check(f64::from(setup.main().rate_hz))
                .map_err(|error| NodeError::field(name, said(&error)))?;
            if !band.is_flat() {
                placed.push(Placed { name, lane: Lane::Both, source: Source::Fixed(band) });
            }
        }
        phase::prepare(placed, EqualizerPhase::Minimum, None, setup)
    }

    fn neutral() -> Option<Self> {
        Some(Self::default())
    }
}

fn said(error: &DesignError) -> String {
    match error {
        DesignError::Frequency { max_hz, .. } => {
            format!("at this sample rate a corner may lie up to {} Hz", max_hz.floor())
        }
        _ => error.to_string(),
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use deadwax_node::Format;
    use deadwax_node::conformance::Rig;

    /// The gain in dB at `hz`, from the response to an impulse.
    fn db(node: &Baxandall, rate_hz: u32, hz: f64) -> f64 {
        let mut rig = Rig::new(node, Format::stereo(rate_hz), false).unwrap();
        let mut impulse = vec![0.0; rate_hz as usize / 2];
        impulse[0] = 1.0;
        let frames = impulse.len();
        let out = rig.run(&[vec![impulse; 2]], &[frames]).unwrap();
        let angle = |n: usize| std::f64::consts::TAU * hz * n as f64 / f64::from(rate_hz);
        let sum = |turn: fn(f64) -> f64| -> f64 {
            out[0][0].iter().enumerate().map(|(n, x)| x * turn(angle(n))).sum()
        };
        10.0 * (sum(f64::cos).powi(2) + sum(f64::sin).powi(2)).log10()
    }

    /// Against first-order shelves worked out by hand: ≤ 0.01 dB up to 20 kHz.
    #[test]
    fn both_knobs_are_their_analog_models_with_half_the_gain_at_the_corner() {
        for rate_hz in [44_100, 48_000, 88_200, 96_000, 192_000] {
            for (bass_db, treble_db) in [(12.0, -6.0), (-12.0, 12.0), (3.0, 0.0)] {
                let node = Baxandall { bass_db, treble_db, ..Baxandall::default() };
                for hz in [20.0, 100.0, 400.0, 1000.0, 5000.0, 10_000.0, 20_000.0] {
                    let shelf = |x: f64, gain_db: f64| {
                        let a = 10_f64.powf(gain_db / 40.0);
                        10.0 * ((1.0 + a * a * x * x) / (1.0 + x * x / (a * a))).log10()
                    };
                    let wanted = shelf(100.0 / hz, bass_db) + shelf(hz / 10_000.0, treble_db);
                    let found = db(&node, rate_hz, hz);
                    assert!(
                        (found - wanted).abs() <= 0.01,
                        "{rate_hz} Hz, at {hz} Hz: {found}, not {wanted}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_corner_above_half_the_rate_is_named() {
        let node = Baxandall { treble_db: 3.0, ..Baxandall::default() };
        let error = Rig::new(&node, Format::stereo(16_000), false).err().unwrap();
        assert!(error.to_string().starts_with("`treble_hz`"), "{error}");
    }
}
