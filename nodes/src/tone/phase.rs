//! Bands at work, with either phase: what all equalisers of fixed bands have in common.

use super::bands::{Source, of_band, of_path};
use super::chain::{Chain, Part};
use super::linear::Linear;
use deadwax_dsp::convolver::Convolver;
use deadwax_dsp::equalizer::Plan;
use deadwax_dsp::fft::Kind;
use deadwax_dsp::math::gain_to_db;
use deadwax_dsp::svf::{Section, decay_frames};
use deadwax_node::{Io, Lane, NodeError, Prepared, Report, Setup, Stream, Tail, params};
use serde::Serialize;

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
    /// How much of the energy of a click comes more than a millisecond ahead of it, in dB: with linear phase only.
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

/// A band that does something, with its name and place.
pub(super) struct Placed<'a> {
    pub(super) name: &'a str,
    pub(super) lane: Lane,
    pub(super) source: Source,
}

/// Makes the bands ready, in their order, with a `gain` behind them. No bands pass every sample untouched.
pub(super) fn prepare(
    placed: Vec<Placed<'_>>,
    phase: EqualizerPhase,
    gain: Option<f64>,
    setup: &Setup,
) -> Result<Prepared, NodeError> {
    let report = EqualizerReport { auto_gain_db: gain.map(gain_to_db), ..EqualizerReport::default() };
    let gain = gain.unwrap_or(1.0);
    match phase {
        EqualizerPhase::Linear if !placed.is_empty() => linear(placed, gain, report, setup),
        _ => minimum(&placed, gain, report, setup),
    }
}

fn minimum(
    placed: &[Placed<'_>],
    gain: f64,
    report: EqualizerReport,
    setup: &Setup,
) -> Result<Prepared, NodeError> {
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
    let chain = Chain::new(parts, &plan, channels, gain);
    let prepared = Prepared::stream(Filters { chain, report }, cost_ns);
    Ok(if placed.is_empty() { prepared } else { prepared.with_tail(ringing_tail(ringing, rate_hz)) })
}

/// Makes `sections` ready for all channels.
pub(super) fn of_sections(sections: Vec<Section>, setup: &Setup) -> Prepared {
    let (rate_hz, channels) = (f64::from(setup.main().rate_hz), setup.main().channels());
    let ringing = decay_frames(&sections, DECAY_DB);
    let cost_ns = 1.3 * (sections.len() * channels) as f64;
    let parts = vec![(Lane::Both, Part::Fixed(sections))];
    let chain = Chain::new(parts, &Plan::new(rate_hz, DECAY_DB), channels, 1.0);
    let filters = Filters { chain, report: EqualizerReport::default() };
    Prepared::stream(filters, cost_ns).with_tail(ringing_tail(ringing, rate_hz))
}

fn ringing_tail(frames: u64, rate_hz: f64) -> Tail {
    Tail::UntilBelow { dbfs: TAIL_DBFS, max_frames: frames.min((MOST_TAIL_S * rate_hz) as u64) }
}

fn linear(
    placed: Vec<Placed<'_>>,
    gain: f64,
    report: EqualizerReport,
    setup: &Setup,
) -> Result<Prepared, NodeError> {
    let (rate_hz, channels) = (f64::from(setup.main().rate_hz), setup.main().channels());
    let kind = if setup.portable { Kind::Portable } else { Kind::Fast };
    let bands: Vec<_> = placed.into_iter().map(|band| (band.lane, band.source)).collect();
    let linear = Linear::new(&bands, gain, rate_hz, channels, kind)?;
    let (latency, tail) = (linear.latency as u64, linear.tail() as u64);
    let report = EqualizerReport {
        pre_echo_db: Some(linear.pre_echo_db),
        kernel_frames: Some(linear.taps),
        kernel_error_db: Some(linear.error_db),
        ..report
    };
    let kernels = LinearPhase { convolver: linear.convolver, report };
    Ok(Prepared::stream(kernels, 10.0 * channels as f64).with_latency(latency).with_tail(Tail::Frames(tail)))
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
        (self.report != EqualizerReport::default()).then(|| Report::new(self.report))
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
