//! Shuts off what is below a threshold, and opens fully for what is above.
//!
//! One reaches for it to clean up single tracks and samples, or to cut the room behind a drum; on a whole mix an
//! `Expander` is kinder. Open, it passes every sample untouched, to the bit; shut, it is `range_db` down. It opens at
//! `threshold_db` and shuts `hysteresis_db` below, so that it does not chatter. With `lookahead_ms` it is open when the
//! sound arrives and leaves the attack whole: a sound's first millisecond is the one it is known by.

use super::keyed::{self, DynamicsDetector, LinkLaw};
use deadwax_dsp::dynamics::{Expand, KeyFilter, Law};
use deadwax_node::{About, Family, Node, NodeError, Ports, Prepared, Setup, params};

/// Parameters of `Gate`.
#[params]
pub struct Gate {
    #[param(default = -50.0, range = -100.0..=0.0, help = "the level at which it opens")]
    pub threshold_db: f64,
    #[param(default = 3.0, range = 0.0..=24.0, help = "how far below the threshold it shuts, once open")]
    pub hysteresis_db: f64,
    #[param(default = 60.0, range = 0.0..=120.0, help = "how far the gain goes down when it is shut")]
    pub range_db: f64,
    #[param(default = 0.2, range = 0.0..=500.0, help = "how fast it opens")]
    pub attack_ms: f64,
    #[param(default = 50.0, range = 0.0..=2000.0, help = "how long it stays open behind the sound")]
    pub hold_ms: f64,
    #[param(default = 100.0, range = 1.0..=5000.0, help = "how fast it shuts")]
    pub release_ms: f64,
    #[param(help = "what counts as the level")]
    pub detector: DynamicsDetector,
    #[param(default = 10.0, range = 1.0..=300.0, help = "over how long PeakHold and Rms look")]
    pub window_ms: f64,
    #[param(default = 2.0, range = 0.0..=50.0, help = "how far ahead it hears; adds as much latency")]
    pub lookahead_ms: f64,
    #[param(range = 10.0..=20000.0, help = "below this it hears little, so that rumble does not open it")]
    pub key_high_pass_hz: Option<f64>,
    #[param(range = 10.0..=20000.0, help = "above this it hears little")]
    pub key_low_pass_hz: Option<f64>,
    #[param(default = 1.0, range = 0.0..=1.0, help = "how far channels share their level; 1: all open together")]
    pub link: f64,
    #[param(help = "which level they share")]
    pub link_law: LinkLaw,
    #[param(default = 1.0, range = 0.0..=1.0, help = "how much of the result is gated; the rest is dry")]
    pub mix: f64,
}

impl Node for Gate {
    const ABOUT: About = About {
        kind: "Gate",
        family: Family::Dynamics,
        summary: "Shuts off what is below a threshold, and passes the rest untouched.",
        since: "0.2",
        algorithm: 1,
        example: "Gate(threshold_db: -42, range_db: 40, hold_ms: 80)",
    };

    fn ports(&self) -> Ports {
        keyed::ports()
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let (high_pass_hz, low_pass_hz) = (self.key_high_pass_hz, self.key_low_pass_hz);
        let key = KeyFilter { high_pass_hz, low_pass_hz, tilt_db_oct: 0.0 };
        let law = Law::Expand(Expand::gate(self.threshold_db, self.range_db, self.hysteresis_db));
        let settings = keyed::settings!(self, law, key, f64::from(setup.main().rate_hz));
        Ok(keyed::prepare(&settings, setup))
    }

    fn neutral() -> Option<Self> {
        Some(Self { range_db: 0.0, ..Self::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::super::keyed::GainReport;
    use super::super::keyed::tests::{run, steady};
    use super::*;

    #[test]
    fn a_drum_passes_to_the_bit_and_the_room_behind_it_goes() {
        let node = Gate { threshold_db: -40.0, attack_ms: 0.05, ..Gate::default() };
        let (late, begin, end) = (88, 20_000, 24_000);
        let drum: Vec<f64> = (0..88_200)
            .map(|n: i32| {
                let level = if (begin..end).contains(&(n as usize)) { 0.8 } else { 0.002 };
                level * (f64::from(n * 7919 % 1009) / 504.5 - 1.0)
            })
            .collect();
        let (out, report) = run::<GainReport>(&node, vec![drum.clone(), drum.clone()], None);
        assert_eq!(out[0][begin + late..end + late], drum[begin..end]);
        let room = out[1][80_000] / drum[80_000 - late];
        assert!((deadwax_dsp::math::gain_to_db(room) + 60.0).abs() < 0.01, "{room}");
        assert!((report.deepest_db + 60.0).abs() < 1e-6 && report.highest_db == 0.0);
        let open = report.gain_curve.gain_db.iter().filter(|db| **db == 0.0).count();
        // 91 ms of drum, 50 of hold, 10 of window, 2 of look-ahead; hops of 10 ms that are open all through.
        assert!((13..=16).contains(&open), "{open}");
    }

    #[test]
    fn a_key_opens_it() {
        let quiet = steady([0.001, -0.001], 44_100);
        let (shut, _) = run::<GainReport>(&Gate::default(), quiet.clone(), None);
        assert!(shut[0][44_099] < 2e-6);
        let (open, _) = run::<GainReport>(&Gate::default(), quiet, Some(steady([1.0, 0.0], 44_100)));
        assert_eq!((open[0][44_099], open[1][44_099]), (0.001, -0.001));
    }
}
