//! Turns sharp esses down, and leaves everything else alone.
//!
//! One reaches for it on a vocal, or on a mix whose cymbals and esses would overload a record cutter. It goes by how much
//! of the whole lies in the band, not by how loud the voice is: a whispered ess and a shouted one are treated alike, and
//! the threshold need not be set again for each song. `mode` says what is turned down: the band alone (`Split`, linear
//! phase, exactly the signal when idle, and nothing below 2 kHz is ever touched), everything (`Wide`), or a high shelf
//! (`DynamicShelf`, without the latency of `Split`). Idle, every sample passes untouched but for the latency.

use super::keyed::{self, Kernel, Keyed};
use deadwax_dsp::dynamics::{DeEss, Settings, Tally};
use deadwax_dsp::equalizer::MAX_FREQ_OF_RATE;
use deadwax_dsp::fft::Kind;
use deadwax_node::{About, BlockMut, Family, Node, NodeError, Ports, Prepared, Setup, Tail, params};

/// Parameters of `DeEsser`.
#[params]
pub struct DeEsser {
    #[param(default = 6500.0, range = 2000.0..=16000.0, help = "the middle of the esses' band")]
    pub freq_hz: f64,
    #[param(default = 2.0, range = 0.3..=4.0, help = "how wide the band is")]
    pub width_oct: f64,
    #[param(help = "what is turned down")]
    pub mode: DeEsserMode,
    #[param(default = -12.0, range = -40.0..=0.0, help = "the band's share of the whole above which it works")]
    pub threshold_db: f64,
    #[param(default = 6.0, range = 0.0..=24.0, help = "the most it turns down")]
    pub range_db: f64,
    #[param(default = -60.0, range = -120.0..=0.0, help = "a band softer than this is left alone")]
    pub floor_db: f64,
    #[param(default = 1.0, range = 0.0..=50.0, help = "how fast the gain goes down")]
    pub attack_ms: f64,
    #[param(default = 40.0, range = 1.0..=1000.0, help = "how fast it comes back")]
    pub release_ms: f64,
    #[param(default = 4.0, range = 0.0..=20.0, help = "how far ahead it hears; Split is late by more anyway")]
    pub lookahead_ms: f64,
    #[param(default = 1.0, range = 0.0..=1.0, help = "how far channels share their gain; 1 keeps the stereo image")]
    pub link: f64,
    #[param(default = 1.0, range = 0.0..=1.0, help = "how much of the result is treated; the rest is dry")]
    pub mix: f64,
}

/// What a de-esser turns down.
#[params]
pub enum DeEsserMode {
    /// the band alone, by a linear-phase filter; below 2 kHz nothing changes
    #[default]
    Split,
    /// everything
    Wide,
    /// all from the band's lower edge up, like a shelf that moves
    DynamicShelf,
}

impl Node for DeEsser {
    const ABOUT: About = About {
        kind: "DeEsser",
        family: Family::Dynamics,
        summary: "Turns sharp esses down, and leaves the rest alone.",
        since: "0.2",
        algorithm: 1,
        example: "DeEsser(freq_hz: 7000, threshold_db: -10, range_db: 5)",
    };

    fn ports(&self) -> Ports {
        keyed::ports()
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let (channels, rate_hz) = (setup.main().channels(), f64::from(setup.main().rate_hz));
        let lower_hz = self.freq_hz * deadwax_dsp::math::pow(2.0, -0.5 * self.width_oct);
        if lower_hz > MAX_FREQ_OF_RATE * rate_hz {
            return Err(NodeError::field("freq_hz", "at this sample rate there is nothing in the band"));
        }
        let set = DeEss {
            freq_hz: self.freq_hz,
            width_oct: self.width_oct,
            mode: match self.mode {
                DeEsserMode::Split => deadwax_dsp::dynamics::DeEsserMode::Split,
                DeEsserMode::Wide => deadwax_dsp::dynamics::DeEsserMode::Wide,
                DeEsserMode::DynamicShelf => deadwax_dsp::dynamics::DeEsserMode::Shelf,
            },
            threshold_db: self.threshold_db,
            range_db: self.range_db,
            floor_db: self.floor_db,
            times: Settings {
                attack_s: self.attack_ms / 1000.0,
                release_s: self.release_ms / 1000.0,
                lookahead_s: self.lookahead_ms / 1000.0,
                link: self.link,
                mix: self.mix,
                ..Settings::default()
            },
        };
        let kind = if setup.portable { Kind::Portable } else { Kind::Fast };
        let kernel = deadwax_dsp::dynamics::DeEsser::new(&set, rate_hz, channels, keyed::keys(setup), kind)
            .map_err(|error| NodeError::field("freq_hz", error.to_string()))?;
        let (latency, tail) = (kernel.latency() as u64, kernel.tail() as u64);
        let cost_ns = 30.0 + 25.0 * (channels + keyed::keys(setup)) as f64;
        let prepared = Prepared::stream(Keyed::new(kernel, setup), cost_ns);
        Ok(prepared.with_latency(latency).with_tail(Tail::Frames(tail)))
    }

    fn neutral() -> Option<Self> {
        Some(Self { range_db: 0.0, ..Self::default() })
    }
}

impl Kernel for deadwax_dsp::dynamics::DeEsser {
    fn hear(&mut self, key: usize, block: &[f64]) {
        self.hear(key, block);
    }

    fn follow(&mut self, frames: usize) {
        self.follow(frames);
    }

    fn apply(&mut self, mut part: BlockMut<'_>) {
        for (index, channel) in part.iter_mut().enumerate() {
            self.take(index, channel);
        }
        self.split(part.frames());
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
    use super::super::keyed::tests::run;
    use super::*;
    use deadwax_dsp::math::sin;

    /// A vowel at 300 Hz with an ess at 7 kHz over it for the middle third of a second and a half.
    fn voice(level: f64) -> Vec<Vec<f64>> {
        let turn = std::f64::consts::TAU / 44_100.0;
        let ess = |n: usize| if (22_050..44_100).contains(&n) { 0.8 } else { 0.0 };
        let one = |n: usize| level * (sin(turn * 300.0 * n as f64) + ess(n) * sin(turn * 7000.0 * n as f64));
        vec![(0..66_150).map(one).collect(); 2]
    }

    #[test]
    fn a_whispered_ess_and_a_shouted_one_are_turned_down_alike() {
        for mode in [DeEsserMode::Split, DeEsserMode::Wide, DeEsserMode::DynamicShelf] {
            let node = DeEsser { mode, range_db: 8.0, ..DeEsser::default() };
            let reports = [0.5, 0.02].map(|level| run::<GainReport>(&node, voice(level), None).1);
            for report in &reports {
                // The ess is 4 dB below the whole: 8 dB over the threshold.
                assert!((report.deepest_db + 7.9).abs() < 0.2, "{report:?}");
                let curve = &report.gain_curve;
                assert_eq!((curve.hop_s, curve.gain_db[40]), (0.01, 0.0));
                assert!(curve.gain_db[75] < -7.0 && curve.gain_db[140] > -0.01, "{:?}", curve.gain_db);
            }
            assert!((reports[0].deepest_db - reports[1].deepest_db).abs() < 1e-6);
        }
    }

    #[test]
    fn another_voice_at_the_key_is_what_counts() {
        let vowel: Vec<Vec<f64>> = voice(0.5).iter().map(|x| x[..20_000].to_vec()).collect();
        let key: Vec<Vec<f64>> = voice(0.5).iter().map(|x| x[23_000..43_000].to_vec()).collect();
        let node = DeEsser { mode: DeEsserMode::Wide, ..DeEsser::default() };
        let (out, report) = run::<GainReport>(&node, vowel.clone(), Some(key));
        assert!(report.deepest_db < -5.9, "{report:?}");
        assert_eq!(out[0], out[1]);
        let (idle, report) = run::<GainReport>(&node, vowel.clone(), None);
        assert_eq!((report.deepest_db, &idle[0][176..]), (0.0, &vowel[0][..20_000 - 176]));
    }
}
