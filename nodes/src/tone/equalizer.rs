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
use super::bands::{Source, check_lane, of_band, of_path};
use super::chain::{Chain, Part};
use super::linear::{Linear, Magnitudes};
use deadwax_dsp::convolver::Convolver;
use deadwax_dsp::equalizer::Plan;
use deadwax_dsp::fft::Kind;
use deadwax_dsp::loudness::k_weighting;
use deadwax_dsp::math::{exp2, gain_to_db};
use deadwax_dsp::svf::{decay_frames, response};
use deadwax_node::{
    About, Family, Io, Lane, Node, NodeError, Prepared, Problem, Report, Setup, Stream, Tail, params,
};
use indexmap::IndexMap;
use serde::Serialize;

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

/// What happens to the phase.
#[params]
pub enum EqualizerPhase {
    /// turns as in an analog equalizer; no latency
    #[default]
    Minimum,
    /// is left alone; adds latency and a faint echo ahead of beats
    Linear,
}

/// What an equaliser is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct EqualizerReport {
    /// How loud what comes more than a millisecond ahead of a sound is, in dB relative to it: with linear phase only.
    pub pre_echo_db: Option<f64>,
    /// The length of the linear-phase kernels, in frames.
    pub kernel_frames: Option<usize>,
    /// How far the kernels are from their analog models at the most, in dB.
    pub kernel_error_db: Option<f64>,
    /// What `auto_gain` adds, in dB.
    pub auto_gain_db: Option<f64>,
}

/// What rings has fallen by this much when the tail is over (the signal may have been boosted by 60 dB).
const DECAY_DB: f64 = 210.0;
/// Below this a tail is over, in dBFS.
const TAIL_DBFS: f64 = -150.0;
/// No tail lasts longer, in seconds.
const MOST_TAIL_S: f64 = 60.0;

/// A band with its name and place.
struct Placed<'a> {
    name: &'a str,
    lane: Lane,
    source: Source,
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

    /// The gain that `auto_gain` asks for.
    fn gain(&self, placed: &[Placed<'_>], rate_hz: f64) -> Result<f64, NodeError> {
        if !self.auto_gain || placed.is_empty() {
            return Ok(1.0);
        }
        let fixed = placed.iter().filter_map(|band| match &band.source {
            Source::Fixed(fixed) => Some((band.lane, *fixed)),
            Source::Drawn(_) => None,
        });
        loudness_gain(&Magnitudes::new(fixed), rate_hz)
    }

    fn minimum(&self, placed: &[Placed<'_>], gain: f64, setup: &Setup) -> Result<Prepared, NodeError> {
        let (rate_hz, channels) = (f64::from(setup.main().rate_hz), setup.main().channels());
        let mut plan = Plan::new(rate_hz, DECAY_DB);
        let (mut parts, mut ringing, mut cost_ns) = (Vec::new(), 0, 0.0);
        for Placed { name, lane, source } in placed {
            let heard = if *lane == Lane::Both { channels } else { 1 };
            match source {
                Source::Fixed(band) => {
                    let sections = band.design(rate_hz).map_err(|error| of_band(name, &error))?;
                    ringing += decay_frames(&sections, DECAY_DB);
                    cost_ns += 1.3 * (sections.len() * heard) as f64;
                    parts.push((*lane, Part::Fixed(sections)));
                }
                Source::Drawn(drawn) => {
                    let path = plan.path(drawn).map_err(|error| of_path(name, &error))?;
                    ringing += plan.decay_frames();
                    cost_ns += 6.0 * heard as f64;
                    parts.push((*lane, Part::Moving(path)));
                }
            }
        }
        let report =
            EqualizerReport { auto_gain_db: self.auto_gain.then(|| gain_to_db(gain)), ..Default::default() };
        let chain = Chain::new(parts, &plan, channels, gain);
        let max_frames = ringing.min((MOST_TAIL_S * rate_hz) as u64);
        Ok(Prepared::stream(Filters { chain, report }, cost_ns)
            .with_tail(Tail::UntilBelow { dbfs: TAIL_DBFS, max_frames }))
    }

    fn linear(&self, placed: Vec<Placed<'_>>, gain: f64, setup: &Setup) -> Result<Prepared, NodeError> {
        let (rate_hz, channels) = (f64::from(setup.main().rate_hz), setup.main().channels());
        let kind = if setup.portable { Kind::Portable } else { Kind::Fast };
        let bands: Vec<_> = placed.into_iter().map(|band| (band.lane, band.source)).collect();
        let linear = Linear::new(&bands, gain, rate_hz, channels, kind)?;
        let (latency, tail) = (linear.latency as u64, linear.tail() as u64);
        let report = EqualizerReport {
            pre_echo_db: Some(linear.pre_echo_db),
            kernel_frames: Some(linear.taps),
            kernel_error_db: Some(linear.error_db),
            auto_gain_db: self.auto_gain.then(|| gain_to_db(gain)),
        };
        let kernels = LinearPhase { convolver: linear.convolver, report };
        Ok(Prepared::stream(kernels, 40.0 * channels as f64)
            .with_latency(latency)
            .with_tail(Tail::Frames(tail)))
    }
}

/// The gain at which K-weighted pink noise is as loud behind these bands as ahead of them.
fn loudness_gain(bands: &Magnitudes, rate_hz: f64) -> Result<f64, NodeError> {
    const POINTS_PER_OCTAVE: f64 = 24.0;
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
        let gain = self.gain(&placed, f64::from(setup.main().rate_hz))?;
        if placed.is_empty() {
            let plan = Plan::new(1.0, DECAY_DB);
            let chain = Chain::new(Vec::new(), &plan, setup.main().channels(), 1.0);
            return Ok(Prepared::stream(Filters { chain, report: EqualizerReport::default() }, 0.0));
        }
        match self.phase {
            EqualizerPhase::Minimum => self.minimum(&placed, gain, setup),
            EqualizerPhase::Linear => self.linear(placed, gain, setup),
        }
    }

    fn neutral() -> Option<Self> {
        Some(Self::default())
    }
}

/// Two integrators for each section and channel.
struct Filters {
    chain: Chain,
    report: EqualizerReport,
}

impl Stream for Filters {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let start = io.start();
        self.chain.process(start, io.main());
        Ok(())
    }

    fn reset(&mut self) {
        self.chain.reset();
    }

    fn report(&self) -> Option<Report> {
        Some(Report::new(self.report))
    }
}

/// The last hops of the signal, transformed.
struct LinearPhase {
    convolver: Convolver,
    report: EqualizerReport,
}

impl Stream for LinearPhase {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        self.convolver.process_all(io.main().iter_mut());
        Ok(())
    }

    fn reset(&mut self) {
        self.convolver.reset();
    }

    fn report(&self) -> Option<Report> {
        Some(Report::new(self.report))
    }
}

#[cfg(test)]
mod tests;
