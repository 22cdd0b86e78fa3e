//! What a graph makes of the demo signals, and how far two such sounds are apart.

use crate::{Settings, plan};
use deadwax_dsp::fft::Kind;
use deadwax_dsp::math::power_to_db;
use deadwax_engine::{MemorySink, MemorySource, RunError, RunOptions, Sink, run};
use deadwax_graph::{Errors, Graph};
use deadwax_measure::signals::{DEMO_RATE_HZ, Demo};
use deadwax_measure::{Measured, Meter, SpectrumMeter, Wanted};
use deadwax_node::{Format, Layout};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::atomic::AtomicBool;
use thiserror::Error;

/// Versions whose difference is less than this, in dBFS, sound the same.
pub const SAME_DBFS: f64 = -90.0;

/// How long the stretches are whose power is compared, in seconds: a click of a millisecond must not hide in twelve seconds.
const STRETCH_S: f64 = 0.05;

/// Octaves in which the change of tone is told, by their middles in Hz.
const OCTAVES_HZ: [f64; 3] = [100.0, 1000.0, 8000.0];

/// Why a graph cannot be heard.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HearError {
    /// It does not load, or cannot run on the demo signals.
    #[error("the graph does not run on stereo at 44.1 kHz, nor on mono: {}", first(.0))]
    Graph(Errors),
    /// It stopped.
    #[error(transparent)]
    Run(#[from] RunError),
}

fn first(errors: &Errors) -> String {
    errors.diagnostics.first().map_or_else(String::new, |error| error.message.clone())
}

/// What leaves one output of a graph.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Output {
    name: String,
    format: Format,
    channels: Vec<Vec<f64>>,
}

/// What a graph makes of one demo signal.
#[derive(Clone, Debug)]
pub struct Sound {
    demo: &'static str,
    before: [Vec<f64>; 2],
    outputs: Vec<Output>,
}

/// What a graph makes of one demo signal, in figures. Tone and width are those of the main output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SoundFigures {
    /// Which demo signal.
    pub signal: String,
    /// Of the demo signal.
    pub before: Figures,
    /// Of what came of it.
    pub after: Figures,
    /// How much louder octaves have become, by their middles in Hz, in dB; where all of it has become louder by as much, 0.
    pub tone_db: Vec<(f64, f64)>,
}

/// A few figures of a programme; `None` where there is nothing to say.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Integrated loudness, in LUFS.
    pub integrated_lufs: Option<f64>,
    /// Loudness range, in LU.
    pub range_lu: Option<f64>,
    /// True peak, in dBTP.
    pub true_peak_dbtp: Option<f64>,
    /// How much more power the sides have than the middle, in dB.
    pub side_to_mid_db: Option<f64>,
}

/// What the graph makes of every demo signal, heard side by side. The same bits on every machine.
///
/// # Errors
/// When it runs neither on stereo nor on mono.
pub fn hear(graph: &Graph, demos: &[Demo]) -> Result<Vec<Sound>, HearError> {
    demos.par_iter().map(|demo| hear_one(graph, demo)).collect()
}

fn hear_one(graph: &Graph, demo: &Demo) -> Result<Sound, HearError> {
    let settings = Settings { workers: 1, portable: true, ..Settings::default() };
    let (stereo, mono) = (Format::new(DEMO_RATE_HZ, Layout::Stereo), Format::new(DEMO_RATE_HZ, Layout::Mono));
    let (mut compiled, format) = match plan(graph, stereo, &settings) {
        Ok(compiled) => (compiled, stereo),
        // What is wrong on stereo is what people want to know.
        Err(errors) => match plan(graph, mono, &settings) {
            Ok(compiled) => (compiled, mono),
            Err(_) => {
                return Err(HearError::Graph(Errors { diagnostics: errors, sources: graph.sources.clone() }));
            }
        },
    };
    let [left, right] = &demo.channels;
    let channels = match format.channels() {
        1 => vec![left.iter().zip(right).map(|(left, right)| 0.5 * (left + right)).collect()],
        _ => demo.channels.to_vec(),
    };
    let mut source = MemorySource::new(format, channels);
    let mut sinks = vec![MemorySink::default(); compiled.plan.outputs.len()];
    let names: Vec<String> = compiled.plan.outputs.iter().map(|(name, _)| name.clone()).collect();
    let mut taken: Vec<&mut dyn Sink> = sinks.iter_mut().map(|sink| sink as &mut dyn Sink).collect();
    let cancel = AtomicBool::new(false);
    let options = RunOptions {
        spool_memory: settings.spool_memory,
        spool_limit: settings.spool_limit,
        cancel: &cancel,
        progress: &|_| {},
    };
    run(&mut compiled, &mut source, &mut taken, &options)?;
    let outputs = names.into_iter().zip(sinks).map(|(name, sink)| Output {
        name,
        format: sink.format.unwrap_or(format),
        channels: sink.channels,
    });
    Ok(Sound { demo: demo.name, before: demo.channels.clone(), outputs: outputs.collect() })
}

/// How far apart two sounds are.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Apart {
    /// Not at all: the same samples.
    Not,
    /// The level of the difference where it is highest, in dBFS (a full-scale sine has −3.01).
    By { level_dbfs: f64, demo: &'static str },
    /// They cannot be laid over each other: why.
    Otherwise(String),
}

impl Apart {
    /// Whether nobody hears it.
    pub(crate) fn is_same(&self) -> bool {
        match self {
            Self::Not => true,
            Self::By { level_dbfs, .. } => *level_dbfs < SAME_DBFS,
            Self::Otherwise(_) => false,
        }
    }
}

/// How far `new` is from `old`, both heard on the same demo signals. Outputs that only `new` has are not asked.
pub(crate) fn apart(old: &[Sound], new: &[Sound]) -> Apart {
    let mut worst = Apart::Not;
    for (old, new) in old.iter().zip(new) {
        for output in &old.outputs {
            let Some(other) = new.outputs.iter().find(|other| other.name == output.name) else {
                return Apart::Otherwise(format!("the output `{}` is gone", output.name));
            };
            if other.format != output.format {
                return Apart::Otherwise(format!(
                    "`{}` was {} and is {}",
                    output.name, output.format, other.format
                ));
            }
            let stretch = (STRETCH_S * f64::from(output.format.rate_hz)) as usize;
            let Some(level_dbfs) = level_of_difference(&output.channels, &other.channels, stretch) else {
                continue;
            };
            if matches!(worst, Apart::By { level_dbfs: most, .. } if most >= level_dbfs) {
                continue;
            }
            worst = Apart::By { level_dbfs, demo: old.demo };
        }
    }
    worst
}

/// The highest level of any stretch of any channel of the difference; what only one of both has counts as it is. `None`
/// where both are the same.
fn level_of_difference(a: &[Vec<f64>], b: &[Vec<f64>], stretch: usize) -> Option<f64> {
    let mut highest = 0.0_f64;
    for (a, b) in a.iter().zip(b) {
        let at = |samples: &[f64], frame: usize| samples.get(frame).copied().unwrap_or(0.0);
        let frames = a.len().max(b.len());
        for begin in (0..frames).step_by(stretch.max(1)) {
            let part = begin..(begin + stretch).min(frames);
            let count = part.len() as f64;
            let power = part.map(|frame| at(a, frame) - at(b, frame)).map(|x| x * x).sum::<f64>() / count;
            highest = highest.max(power);
        }
    }
    (highest > 0.0).then(|| power_to_db(highest))
}

impl Sound {
    /// The sound in figures, rounded to a hundredth: what is told about it.
    #[must_use]
    pub fn figures(&self) -> SoundFigures {
        let rate_hz = DEMO_RATE_HZ;
        let (before, tone_before) = figures(&self.before, rate_hz);
        let main = self.outputs.first();
        let (after, tone_after) =
            main.map_or((Figures::NONE, [0.0; 3]), |output| figures(&output.channels, output.format.rate_hz));
        let louder =
            after.integrated_lufs.zip(before.integrated_lufs).map_or(0.0, |(after, before)| after - before);
        let tone = OCTAVES_HZ.iter().zip(tone_before.iter().zip(tone_after));
        let tone_db = tone.map(|(hz, (before, after))| {
            let change = power_to_db(after / before) - louder;
            (*hz, if change.is_finite() { hundredth(change) } else { 0.0 })
        });
        SoundFigures { signal: self.demo.to_owned(), before, after, tone_db: tone_db.collect() }
    }

    /// A demo signal, and what leaves the main output for it, with its rate: for a preview.
    #[must_use]
    pub fn after(&self) -> Option<(u32, &[Vec<f64>])> {
        self.outputs.first().map(|output| (output.format.rate_hz, output.channels.as_slice()))
    }
}

impl Figures {
    const NONE: Self =
        Self { integrated_lufs: None, range_lu: None, true_peak_dbtp: None, side_to_mid_db: None };
}

fn hundredth(value: f64) -> f64 {
    // Adding 0 turns −0 into 0.
    (value * 100.0).round() / 100.0 + 0.0
}

/// Figures of a programme, and the power in each of the octaves.
fn figures(channels: &[Vec<f64>], rate_hz: u32) -> (Figures, [f64; 3]) {
    let planes: Vec<&[f64]> = channels.iter().map(Vec::as_slice).collect();
    let measured = Meter::new(rate_hz, planes.len(), Wanted::ALL).ok().map(|mut meter| {
        meter.push(&planes);
        meter.finish()
    });
    let of = |value: fn(&Measured) -> Option<f64>| measured.as_ref().and_then(value).map(hundredth);
    let mut tone = [0.0; 3];
    for channel in channels {
        let mut spectrum = SpectrumMeter::new(rate_hz, Kind::Portable);
        spectrum.push(channel);
        for (power, hz) in tone.iter_mut().zip(OCTAVES_HZ) {
            *power += spectrum.power(hz / std::f64::consts::SQRT_2, hz * std::f64::consts::SQRT_2);
        }
    }
    let figures = Figures {
        integrated_lufs: of(|measured| measured.integrated_lufs),
        range_lu: of(|measured| measured.loudness_range_lu),
        true_peak_dbtp: of(|measured| measured.true_peak_dbtp),
        side_to_mid_db: side_to_mid_db(channels).map(hundredth),
    };
    (figures, tone)
}

fn side_to_mid_db(channels: &[Vec<f64>]) -> Option<f64> {
    let [left, right] = channels else { return None };
    let power = |sign: f64| left.iter().zip(right).map(|(l, r)| (l + sign * r) * (l + sign * r)).sum::<f64>();
    let ratio = power_to_db(power(-1.0) / power(1.0));
    ratio.is_finite().then_some(ratio)
}
