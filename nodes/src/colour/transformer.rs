//! The iron in the path: it thickens the lows and leaves the rest alone.
//!
//! One reaches for it to give a thin bass, a kick or a whole mix the weight of an old console. The core's flux is greatest
//! where the signal is slow, so it is the lows, below about `low_hz`, that saturate: they are emphasised before the core
//! and taken back behind it. Quiet and high sounds pass nearly straight. `Steel` bends early and holds on, `Nickel` is
//! cleaner and gives in late. A sine of −18 dBFS at 1 kHz keeps its level at any drive.

use super::Oversampling;
use deadwax_dsp::equalizer::{Band, DesignError, Prototype};
use deadwax_dsp::hysteresis::{Magnet, Material};
use deadwax_dsp::math::db_to_gain;
use deadwax_dsp::svf::{Cascade, Section, decay_frames};
use deadwax_node::{About, Family, Io, Node, NodeError, Prepared, Setup, Stream, Tail, params};

/// Parameters of `Transformer`.
#[params]
pub struct Transformer {
    #[param(help = "what the core is made of")]
    pub core: TransformerCore,
    #[param(default = 6.0, range = 0.0..=24.0, help = "how hard the core is driven")]
    pub drive_db: f64,
    #[param(default = 100.0, range = 40.0..=400.0, help = "below this the core saturates first")]
    pub low_hz: f64,
    #[param(help = "the rate at which the core is magnetised")]
    pub oversampling: Oversampling,
}

/// What the core is made of.
#[params]
pub enum TransformerCore {
    /// a narrow loop: clean, and thick when driven
    #[default]
    Nickel,
    /// a wide loop: colours quiet sounds too
    Steel,
}

/// How much more the lows drive the core.
const LOW_DB: f64 = 18.0;
const LOW_Q: f64 = 0.5;
/// Nothing slower passes a transformer; it holds what is left of the magnetisation.
const LOW_CUT_HZ: f64 = 3.0;
/// A full-scale sample at no drive makes this much of a field, in dB.
const FIELD_DB: f64 = -12.0;
/// How far a tail has fallen when it counts as over.
const TAIL_DBFS: f64 = -200.0;
/// What a tail falls from at the most.
const LOUDEST_DB: f64 = 40.0;

impl Transformer {
    fn material(&self) -> Material {
        match self.core {
            TransformerCore::Nickel => Material { pinning: 0.05, reversible: 0.8 },
            TransformerCore::Steel => Material { pinning: 0.3, reversible: 0.5 },
        }
    }

    /// The filters before the core, and behind it.
    fn filters(&self, rate_hz: f64) -> Result<[Vec<Section>; 2], DesignError> {
        let lows = |gain_db| Band::LowShelf { freq_hz: self.low_hz, gain_db, q: LOW_Q };
        let mut behind = lows(-LOW_DB).design(rate_hz)?;
        behind.push(Prototype::high_pass_1(LOW_CUT_HZ).bilinear(rate_hz)?);
        Ok([lows(LOW_DB).design(rate_hz)?, behind])
    }
}

impl Node for Transformer {
    const ABOUT: About = About {
        kind: "Transformer",
        family: Family::Colour,
        summary: "Thickens the lows as the iron of an old console does.",
        since: "0.2",
        algorithm: 1,
        example: "Transformer(core: Steel, drive_db: 12)",
    };

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let (rate_hz, channels) = (f64::from(setup.main().rate_hz), setup.main().channels());
        let made = self.filters(rate_hz);
        let [before, behind] =
            made.map_err(|error| NodeError::failed("the filters cannot be made at this rate", error))?;
        let factor = self.oversampling.factor();
        let magnet = Magnet::new(self.material(), db_to_gain(self.drive_db + FIELD_DB), factor, channels);
        let latency = magnet.latency() as u64;
        let frames = magnet.tail() as u64 + decay_frames(&behind, LOUDEST_DB - TAIL_DBFS);
        let iron =
            Iron { before: Cascade::new(&before, channels), magnet, behind: Cascade::new(&behind, channels) };
        let cost_ns = channels as f64 * (20.0 + 35.0 * factor.times() as f64);
        Ok(Prepared::stream(iron, cost_ns)
            .with_latency(latency)
            .with_tail(Tail::UntilBelow { dbfs: TAIL_DBFS, max_frames: frames }))
    }
}

/// Emphasis of the lows, core, and the emphasis undone.
struct Iron {
    before: Cascade,
    magnet: Magnet,
    behind: Cascade,
}

impl Stream for Iron {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let mut main = io.main();
        self.before.process_all(main.iter_mut());
        self.magnet.process_all(main.iter_mut());
        self.behind.process_all(main.iter_mut());
        Ok(())
    }

    fn reset(&mut self) {
        self.before.reset();
        self.magnet.reset();
        self.behind.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::super::measure::{amplitude, db, run, sine};
    use super::*;

    #[test]
    fn lows_saturate_and_highs_do_not() {
        for core in [TransformerCore::Nickel, TransformerCore::Steel] {
            let third = |hz: f64, drive_db: f64| {
                let node = Transformer { core, drive_db, ..Transformer::default() };
                let output = run(&node, 48_000, &sine(48_000, hz, 0.25));
                db(amplitude(&output, 48_000.0, 3.0 * hz) / amplitude(&output, 48_000.0, hz))
            };
            let (low, high) = (third(50.0, 6.0), third(2_000.0, 6.0));
            assert!(low > -40.0 && high < low - 10.0, "{core:?}: {low} and {high} dBc");
            assert!(third(50.0, 12.0) > low + 3.0, "{core:?}");
        }
    }

    #[test]
    fn quiet_sounds_keep_their_balance_and_the_nominal_level_stays() {
        for drive_db in [0.0, 6.0, 18.0] {
            for rate in [44_100, 96_000] {
                let node = Transformer { drive_db, ..Transformer::default() };
                let level = |hz: f64, level: f64| {
                    let output = run(&node, rate, &sine(rate, hz, level));
                    db(amplitude(&output, f64::from(rate), hz) / level)
                };
                assert!(level(1_000.0, 0.1259).abs() < 0.3, "{} dB", level(1_000.0, 0.1259));
                let middle = level(1_000.0, 1e-5);
                for hz in [40.0, 100.0, 10_000.0, 19_000.0] {
                    let off = level(hz, 1e-5) - middle;
                    assert!(off.abs() < 0.1, "{off} dB at {hz} Hz, drive {drive_db} dB");
                }
            }
        }
    }

    #[test]
    fn nothing_creeps_and_nothing_explodes() {
        let mut input = sine(44_100, 30.0, 2.0);
        input.truncate(20_000);
        input.extend(vec![0.0; 80_000]);
        let steel = Transformer { core: TransformerCore::Steel, drive_db: 24.0, ..Transformer::default() };
        assert!(run(&steel, 44_100, &input)[95_000..].iter().all(|x| x.abs() < 1e-6));
        let wild: Vec<f64> = (0..5_000).map(|n| if n % 7 < 3 { 1e150 } else { -1e150 }).collect();
        assert!(run(&steel, 44_100, &wild).iter().all(|x| x.is_finite()));
    }
}
