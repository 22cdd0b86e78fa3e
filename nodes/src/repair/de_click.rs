//! Takes out clicks and pops, and fills the places from what is left and right of them.
//!
//! One reaches for it on transfers of records, and for the one tick that an edit or a bad cable left in a new mix. A click is
//! what can be predicted neither from what comes before it nor from what comes behind; a drum can be, from behind, and is left
//! alone. What is not a click passes to the bit. The whole programme is heard first. `audition: true` puts out what is taken
//! away: if there is music in it, lower the sensitivity.

use super::patching;
use deadwax_dsp::declick::Settings;
use deadwax_dsp::math::pow;
use deadwax_node::{About, Family, Node, NodeError, Prepared, Setup, params};

/// Parameters of `DeClick`.
#[params]
pub struct DeClick {
    #[param(default = 5.0, range = 0.0..=10.0, help = "how little it takes to be a click; high finds music, too")]
    pub sensitivity: f64,
    #[param(default = 3.0, range = 0.02..=5.0, help = "the longest click")]
    pub max_ms: f64,
    #[param(default = 32, range = 16..=128, help = "how closely the music is predicted; more for dense music, and slower")]
    pub ar_order: u32,
    #[param(default = false, help = "fill a click on one channel on all of them")]
    pub channel_link: bool,
    #[param(default = false, help = "put out what is taken away")]
    pub audition: bool,
}

/// The threshold in the middle of the range.
const THRESHOLD: f64 = 5.8;

/// How many times its surroundings an error must be, at a sensitivity: `at_5` at 5, and a quarter more or less a step.
pub(super) fn threshold(at_5: f64, sensitivity: f64) -> f64 {
    at_5 * pow(1.25, 5.0 - sensitivity)
}

impl Node for DeClick {
    const ABOUT: About = About {
        kind: "DeClick",
        family: Family::Repair,
        summary: "Takes out clicks and pops, and touches nothing else.",
        since: "0.2",
        algorithm: 2,
        example: "DeClick(sensitivity: 5)",
    };

    const LEARNS: bool = true;

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let settings = Settings {
            threshold: threshold(THRESHOLD, self.sensitivity),
            max_s: self.max_ms / 1000.0,
            order: self.ar_order as usize,
            linked: self.channel_link,
            ..Settings::default()
        };
        patching::prepare(Self::ABOUT.kind, settings, self.audition, setup)
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
mod tests {
    use super::*;
    use deadwax_measure::signals::{Clicks, Music};
    use deadwax_node::Format;
    use deadwax_node::conformance::Rig;

    fn run(node: &DeClick, input: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let mut rig = Rig::new(node, Format::stereo(44_100), false).unwrap();
        rig.run(&[input.to_vec()], &[input[0].len()]).unwrap().remove(0)
    }

    fn snr_db(clean: &[f64], out: &[f64]) -> f64 {
        let power = |x: &mut dyn Iterator<Item = f64>| x.map(|x| x * x).sum::<f64>().max(1e-30);
        let noise = power(&mut clean.iter().zip(out).map(|(x, y)| x - y));
        10.0 * (power(&mut clean.iter().copied()) / noise).log10()
    }

    #[test]
    fn both_channels_come_back_and_audition_is_the_rest() {
        let clean = Music { rate_hz: 44_100.0, seconds: 3.0, seed: 5 }.render();
        let broken: Vec<Vec<f64>> = clean
            .iter()
            .enumerate()
            .map(|(channel, clean)| {
                let clicks = Clicks::new(44_100.0, 3.0, 20 + channel as u64);
                clean.iter().zip(&clicks.samples).map(|(x, click)| x + click).collect()
            })
            .collect();
        let mended = run(&DeClick::default(), &broken);
        for channel in 0..2 {
            let (before, after) =
                (snr_db(&clean[channel], &broken[channel]), snr_db(&clean[channel], &mended[channel]));
            assert!(after > before + 8.0, "channel {channel}: {before:.1} to {after:.1} dB");
        }
        let away = run(&DeClick { audition: true, ..DeClick::default() }, &broken);
        for n in 0..mended[0].len() {
            assert!((mended[0][n] + away[0][n] - broken[0][n]).abs() < 1e-15);
        }
    }
}
