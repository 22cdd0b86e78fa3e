//! Makes attacks sharper or softer, and what follows them longer or shorter, at any level.
//!
//! One reaches for it to bring back the punch of a drum bus or a squashed mix, to take the click off a plucked string, or
//! to dry up a room. It has no threshold: it compares how fast the level moves with how fast it would, so soft notes are
//! shaped like loud ones. A steady tone is left alone. The gain for an attack is there when the attack arrives
//! (`lookahead_ms`); with both amounts at 0 every sample passes untouched but for that delay.

use super::keyed::{self, Kernel, Keyed};
use deadwax_dsp::dynamics::{Tally, Transient};
use deadwax_node::{About, BlockMut, Family, Node, NodeError, Ports, Prepared, Setup, params};

/// Parameters of `TransientShaper`.
#[params]
pub struct TransientShaper {
    #[param(default = 0.0, range = -24.0..=24.0, help = "how much louder attacks get; negative is softer")]
    pub attack_db: f64,
    #[param(default = 0.0, range = -24.0..=24.0, help = "how much louder what follows them gets; negative dries it up")]
    pub sustain_db: f64,
    #[param(default = 0.5, range = 0.0..=1.0, help = "0: only the hardest attacks count, 1: any")]
    pub sensitivity: f64,
    #[param(default = 3.0, range = 0.0..=20.0, help = "how early the gain begins to move; adds as much latency")]
    pub lookahead_ms: f64,
    #[param(default = 1.0, range = 0.0..=1.0, help = "how far channels share their gain; 1 keeps the stereo image")]
    pub link: f64,
    #[param(default = 1.0, range = 0.0..=1.0, help = "how much of the result is shaped; the rest is dry")]
    pub mix: f64,
}

impl Node for TransientShaper {
    const ABOUT: About = About {
        kind: "TransientShaper",
        family: Family::Dynamics,
        summary: "Makes attacks sharper or softer, and what follows them longer or shorter.",
        since: "0.2",
        algorithm: 1,
        example: "TransientShaper(attack_db: 4, sustain_db: -2)",
    };

    fn ports(&self) -> Ports {
        keyed::ports()
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let (channels, keys) = (setup.main().channels(), keyed::keys(setup));
        let shape = Transient {
            attack_db: self.attack_db,
            sustain_db: self.sustain_db,
            sensitivity: self.sensitivity,
            lookahead_s: self.lookahead_ms / 1000.0,
            link: self.link,
            mix: self.mix,
        };
        let rate_hz = f64::from(setup.main().rate_hz);
        let kernel = deadwax_dsp::dynamics::TransientShaper::new(&shape, rate_hz, channels, keys);
        let latency = kernel.latency() as u64;
        let gains = if self.link < 1.0 && keys == channels { channels } else { 1 };
        let cost_ns = 45.0 * gains as f64 + 4.0 * (channels + keys) as f64;
        Ok(Prepared::stream(Keyed::new(kernel, setup), cost_ns).with_latency(latency))
    }

    fn neutral() -> Option<Self> {
        Some(Self::default())
    }
}

impl Kernel for deadwax_dsp::dynamics::TransientShaper {
    fn hear(&mut self, key: usize, block: &[f64]) {
        self.hear(key, block);
    }

    fn follow(&mut self, frames: usize) {
        self.follow(frames);
    }

    fn apply(&mut self, mut part: BlockMut<'_>) {
        for (index, channel) in part.iter_mut().enumerate() {
            self.apply(index, channel);
        }
    }

    fn reset(&mut self) {
        self.reset();
    }

    fn tally(&self) -> &Tally {
        self.tally()
    }
}

#[cfg(test)]
mod tests {
    use super::super::keyed::GainReport;
    use super::super::keyed::tests::{run, steady};
    use super::*;
    use deadwax_dsp::math::{exp, sin};

    /// A struck string: silence, an onset at 10000, a slow decay.
    fn note() -> Vec<f64> {
        (0..60_000)
            .map(|n: usize| n.checked_sub(10_000).map_or(0.0, |m| m as f64 / 44_100.0))
            .map(|t| 0.5 * exp(-6.0 * t) * sin(1234.5 * t))
            .collect()
    }

    #[test]
    fn both_at_zero_touch_no_bit_whatever_the_rest() {
        let node = TransientShaper { sensitivity: 1.0, link: 0.2, mix: 0.6, ..TransientShaper::default() };
        let (out, report) = run::<GainReport>(&node, vec![note(), note()], None);
        assert_eq!(out[0][132..], note()[..60_000 - 132]);
        assert_eq!((report.deepest_db, report.highest_db), (0.0, 0.0));
    }

    #[test]
    fn an_attack_gets_what_is_written_and_a_key_says_where() {
        let node = TransientShaper { attack_db: 6.0, ..TransientShaper::default() };
        let (_, report) = run::<GainReport>(&node, vec![note(), note()], None);
        assert!((5.9..=6.0).contains(&report.highest_db), "{report:?}");
        // The hop of the onset, and one long before and behind it.
        let curve = report.gain_curve.gain_db;
        assert!(curve[10] == 0.0 && curve[22] > 5.9 && curve[60] < 0.2, "{curve:?}");
        let (out, report) = run::<GainReport>(&node, steady([0.1, 0.1], 60_000), Some(vec![note(), note()]));
        assert!((5.9..=6.0).contains(&report.highest_db));
        assert!((out[0][10_132] / 0.1 - 1.99).abs() < 0.02, "{}", out[0][10_132]);
    }
}
