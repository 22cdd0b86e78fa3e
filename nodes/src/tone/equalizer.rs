//! Makes some pitches louder and others quieter: named bands, one after the other.
//!
//! One reaches for it to take the rumble off (`HighPass`), to open the top (`HighShelf`), to thin out a muddy region
//! (`Bell`), to make the whole a little darker or brighter (`Tilt`). Each band has the magnitude of its analog model up to
//! half the sample rate: the same settings sound the same at every rate, and a bell at 16 kHz is a bell. A bell, shelf or
//! tilt of 0 dB passes every sample untouched, and a cut exactly undoes the boost of the same size. A band may work on one
//! `lane` of a stereo signal: a little more air in the sides, less mud in the middle.
//!
//! With `phase: Minimum` it adds no latency and shifts phase as its analog model does (above a quarter of the rate, not
//! quite). With `phase: Linear` it shifts no phase at all: parallel branches stay in step, at the price of latency and of
//! a faint echo ahead of sharp beats, whose level the report gives as `pre_echo_db`.
//!
//! Frequency, gain and Q of bells, shelves and tilts may follow a `Curve`. With minimum phase the filter moves frame by
//! frame; with linear phase its kernels take turns every 2048 frames, each fading over into the next.
//!
//! `auto_gain` makes up for the loudness the bands add or take: by the inverse of their mean power, over 20 Hz to 20 kHz,
//! for pink noise (the same power in every octave) weighted as loudness meters do (K, ITU-R BS.1770), the same in all
//! channels. It is worked out once from the settings, and does not listen.

use super::EqualizerBand;
use super::bands::{Source, check_lane, of_band};
use super::linear::Magnitudes;
use super::phase::{self, EqualizerPhase, Placed};
use deadwax_dsp::loudness::k_weighting;
use deadwax_dsp::math::exp2;
use deadwax_dsp::svf::response;
use deadwax_node::{About, Family, Node, NodeError, Prepared, Problem, Setup, params};
use indexmap::IndexMap;

/// Parameters of `Equalizer`.
#[params]
pub struct Equalizer {
    #[param(len = 0..=64, help = "the bands, by any name; the signal passes them in this order")]
    #[serde(with = "deadwax_node::by_name")]
    pub bands: IndexMap<String, EqualizerBand>,
    #[param(help = "whether phase turns as in an analog equalizer, or not at all")]
    pub phase: EqualizerPhase,
    #[param(default = false, help = "make up for the loudness that the bands add or take")]
    pub auto_gain: bool,
}

impl Equalizer {
    /// The bands that do something, in order.
    fn placed(&self, setup: &Setup) -> Result<Vec<Placed<'_>>, NodeError> {
        let rate_hz = f64::from(setup.main().rate_hz);
        let mut placed = Vec::new();
        for (name, band) in &self.bands {
            let (source, lane) = (band.source(rate_hz), band.lane());
            source.check(rate_hz).map_err(|error| of_band(name, &error))?;
            check_lane(name, lane, setup.main())?;
            if !source.is_flat() {
                placed.push(Placed { name, lane, source });
            }
        }
        Ok(placed)
    }
}

/// The gain at which K-weighted pink noise is as loud behind these bands as ahead of them.
fn loudness_gain(placed: &[Placed<'_>], rate_hz: f64) -> Result<f64, NodeError> {
    const POINTS_PER_OCTAVE: f64 = 24.0;
    let fixed = placed.iter().filter_map(|band| match &band.source {
        Source::Fixed(fixed) => Some((band.lane, *fixed)),
        Source::Drawn(_) => None,
    });
    let bands = Magnitudes::new(fixed);
    let weighting =
        k_weighting(48_000.0).map_err(|error| NodeError::failed("there is no K-weighting", error))?;
    let top_hz = (0.45 * rate_hz).min(20_000.0);
    let (mut before, mut behind) = (0.0, 0.0);
    for point in 0.. {
        let hz = 20.0 * exp2(f64::from(point) / POINTS_PER_OCTAVE);
        if hz > top_hz {
            break;
        }
        let weight = response(&weighting, hz, 48_000.0).norm_sqr();
        // Both channels of a stereo programme, as loud as each other and with nothing in common.
        let power = bands.matrix(hz).iter().map(|gain| gain * gain).sum::<f64>() / 2.0;
        before += weight;
        behind += weight * power;
    }
    Ok(if behind > 0.0 { (before / behind).sqrt() } else { 1.0 })
}

impl Node for Equalizer {
    const ABOUT: About = About {
        kind: "Equalizer",
        family: Family::Tone,
        summary: "Raises, lowers or removes parts of the spectrum, in as many bands as needed.",
        since: "0.1",
        algorithm: 1,
        example: "Equalizer(bands: { rumble: HighPass(freq_hz: 24, slope_db_oct: 24), air: HighShelf(freq_hz: 9000, \
                  gain_db: 1.5) })",
    };

    fn check(&self, problems: &mut Vec<Problem>) {
        for (name, band) in &self.bands {
            band.check(name, problems);
        }
        if self.auto_gain && self.bands.values().any(EqualizerBand::moves) {
            problems.push(Problem::rule(
                "auto_gain",
                "a gain that is worked out once does not follow a curve",
                "write numbers in the bands, or set the level behind them with a Gain",
            ));
        }
    }

    fn prepare(&self, setup: &Setup) -> Result<Prepared, NodeError> {
        let placed = self.placed(setup)?;
        let rate_hz = f64::from(setup.main().rate_hz);
        let gain = self.auto_gain.then(|| loudness_gain(&placed, rate_hz)).transpose()?;
        phase::prepare(placed, self.phase, gain, setup)
    }

    fn neutral() -> Option<Self> {
        Some(Self::default())
    }
}

#[cfg(test)]
mod tests;
