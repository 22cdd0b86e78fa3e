//! Two files laid over each other: aligned, as loud as each other, one taken from the other.

mod difference;
mod offset;
mod reader;

pub use difference::{Difference, ToneBand};

use crate::render::{read_diagnostic, write_diagnostic};
use deadwax_audio::{
    Container, Encoding, Existing, Info, Metadata, ReadError, Spec, WriteError, Writer, Written,
};
use deadwax_dsp::math::db_to_gain;
use deadwax_graph::diagnostic::{Code, Diagnostic};
use deadwax_measure::{IntegratedMeter, Measured, Meter, Wanted};
use deadwax_node::Layout;
use difference::DifferenceMeter;
use offset::{Found, OffsetFinder};
use reader::{Reader, slices};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use thiserror::Error;

/// Frames in a block.
const BLOCK: usize = 1 << 15;

/// How to compare.
#[derive(Clone, Debug)]
pub struct CompareSettings {
    /// Whether B is turned up or down to be as loud as A before the difference is taken.
    pub match_loudness: bool,
    /// Where the difference is written, as WAV of 24 bit.
    pub null: Option<PathBuf>,
    /// What to do when that file is there.
    pub existing: Existing,
}

impl Default for CompareSettings {
    fn default() -> Self {
        Self { match_loudness: true, null: None, existing: Existing::Keep }
    }
}

/// One of both files.
#[derive(Clone, Debug)]
pub struct Side {
    /// What it says about itself.
    pub info: Info,
    /// What it measures, as it is.
    pub measured: Measured,
}

/// How B lies over A.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Aligned {
    /// By how many frames B is later; below 0 A is.
    pub offset_frames: i64,
    /// The same in seconds.
    pub offset_s: f64,
    /// Whether one is the other upside down. It is left so.
    pub inverted: bool,
    /// How surely, 0 to 1; 0 means that nothing in common was found, and the beginnings are laid over each other.
    pub certainty: f64,
}

/// What came of a comparison.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The first file.
    pub a: Side,
    /// The second.
    pub b: Side,
    /// How they lie over each other.
    pub aligned: Aligned,
    /// By how much B was turned up before it was taken from A, in dB.
    pub match_gain_db: f64,
    /// What is left.
    pub difference: Difference,
    /// What was written.
    pub written: Option<Written>,
}

/// Why files cannot be compared. No file of the difference is there then.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CompareError {
    /// One cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The difference cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Rates or channels differ.
    #[error("{} is {a}, {} is {b}", a_path.display(), b_path.display())]
    Formats {
        /// The first file.
        a_path: PathBuf,
        /// Its format.
        a: String,
        /// The second file.
        b_path: PathBuf,
        /// Its format.
        b: String,
    },
    /// Somebody asked to stop.
    #[error("interrupted")]
    Interrupted,
}

impl CompareError {
    /// The error for people.
    #[must_use]
    pub fn diagnostic(&self) -> Diagnostic {
        match self {
            Self::Read(error) => read_diagnostic(error),
            Self::Write(error) => write_diagnostic(error),
            Self::Formats { .. } => Diagnostic::general(Code::NotComparable, self.to_string())
                .help("bring one to the rate and channels of the other first; sample by sample is how files are compared"),
            Self::Interrupted => Diagnostic::general(Code::Interrupted, self.to_string()),
        }
    }
}

/// Compares the files at `a` and `b`, in bounded memory: both are read twice, or three times where they do not lie
/// over each other from end to end.
///
/// # Errors
/// When one cannot be read, their formats differ, or the difference cannot be written.
pub fn compare(
    a: &Path,
    b: &Path,
    settings: &CompareSettings,
    cancel: &AtomicBool,
) -> Result<Comparison, CompareError> {
    let (first, second) = (Reader::open(a)?, Reader::open(b)?);
    let format = |info: &Info| (info.rate_hz, info.channels);
    if format(first.info()) != format(second.info()) {
        let words = |info: &Info| {
            let channels = Layout::of_channels(info.channels)
                .map_or_else(|| format!("{} channels", info.channels), |layout| layout.to_string());
            format!("{channels} at {} kHz", f64::from(info.rate_hz) / 1000.0)
        };
        let (a_path, b_path) = (a.to_owned(), b.to_owned());
        let (a, b) = (words(first.info()), words(second.info()));
        return Err(CompareError::Formats { a_path, a, b_path, b });
    }
    let (rate_hz, _) = format(first.info());
    let (a_side, b_side, found) = hear(first, second, (a, b), cancel)?;
    let (offset_frames, inverted, certainty) =
        found.map_or((0, false, 0.0), |found| (found.frames, found.inverted, found.certainty));
    let offset_s = offset_frames as f64 / f64::from(rate_hz);
    let aligned = Aligned { offset_frames, offset_s, inverted, certainty };
    let match_gain_db = match settings.match_loudness {
        false => 0.0,
        true if offset_frames == 0 && a_side.info.frames == b_side.info.frames => {
            let loudness = a_side.measured.integrated_lufs.zip(b_side.measured.integrated_lufs);
            loudness.map_or(0.0, |(a, b)| a - b)
        }
        true => match_over((a, b), aligned, cancel)?,
    };
    let (difference, written) = subtract((a, b), aligned, match_gain_db, settings, cancel)?;
    Ok(Comparison { a: a_side, b: b_side, aligned, match_gain_db, difference, written })
}

fn stop(cancel: &AtomicBool) -> Result<(), CompareError> {
    if cancel.load(Ordering::Relaxed) { Err(CompareError::Interrupted) } else { Ok(()) }
}

/// The first reading: what each measures, and how much later B is.
fn hear(
    mut a: Reader,
    mut b: Reader,
    paths: (&Path, &Path),
    cancel: &AtomicBool,
) -> Result<(Side, Side, Option<Found>), CompareError> {
    let meter = |reader: &Reader, path: &Path| {
        Meter::new(reader.info().rate_hz, reader.info().channels, Wanted::ALL)
            .map_err(|error| ReadError::Header { path: path.to_owned(), reason: error.to_string() })
    };
    let (mut a_meter, mut b_meter) = (meter(&a, paths.0)?, meter(&b, paths.1)?);
    let mut finder = OffsetFinder::new(a.info().rate_hz);
    loop {
        stop(cancel)?;
        let take = |reader: &mut Reader, meter: &mut Meter| -> Result<Vec<Vec<f64>>, ReadError> {
            let planes = reader.read(BLOCK)?;
            meter.push(&slices(planes));
            Ok(planes.to_vec())
        };
        let (from_a, from_b) = rayon::join(|| take(&mut a, &mut a_meter), || take(&mut b, &mut b_meter));
        let (from_a, from_b) = (from_a?, from_b?);
        if from_a[0].is_empty() && from_b[0].is_empty() {
            break;
        }
        finder.push(0, &from_a);
        finder.push(1, &from_b);
        if from_a[0].is_empty() != from_b[0].is_empty() {
            // Behind the end of one there is nothing to align.
            finder.settle();
        }
        finder.look();
    }
    let side = |reader: &Reader, meter: Meter| {
        let mut info = reader.info().clone();
        let measured = meter.finish();
        info.frames = Some(measured.frames);
        Side { info, measured }
    };
    Ok((side(&a, a_meter), side(&b, b_meter), finder.finish()))
}

/// A slice per channel.
type Planes<'a> = Vec<&'a [f64]>;

/// Both files from where they lie over each other.
fn open_aligned(paths: (&Path, &Path), aligned: Aligned) -> Result<(Reader, Reader), ReadError> {
    let (mut a, mut b) = (Reader::open(paths.0)?, Reader::open(paths.1)?);
    a.skip((-aligned.offset_frames).max(0) as u64)?;
    b.skip(aligned.offset_frames.max(0) as u64)?;
    Ok((a, b))
}

/// The next frames of both, equally many; `None` where one of them ends.
fn read_both<'a>(
    a: &'a mut Reader,
    b: &'a mut Reader,
    cancel: &AtomicBool,
) -> Result<Option<(Planes<'a>, Planes<'a>)>, CompareError> {
    stop(cancel)?;
    let (from_a, from_b) = rayon::join(|| a.read(BLOCK), || b.read(BLOCK));
    let (from_a, from_b) = (from_a?, from_b?);
    let frames = from_a[0].len().min(from_b[0].len());
    let first = |planes: &'a [Vec<f64>]| planes.iter().map(|plane| &plane[..frames]).collect();
    Ok((frames > 0).then(|| (first(from_a), first(from_b))))
}

/// How much louder A is than B where they lie over each other, in dB. Both are measured on one grid, so that a delay changes
/// nothing.
fn match_over(paths: (&Path, &Path), aligned: Aligned, cancel: &AtomicBool) -> Result<f64, CompareError> {
    let (mut a, mut b) = open_aligned(paths, aligned)?;
    let meter = |reader: &Reader, path: &Path| {
        IntegratedMeter::new(reader.info().rate_hz, reader.info().channels)
            .map_err(|error| ReadError::Header { path: path.to_owned(), reason: error.to_string() })
    };
    let (mut a_meter, mut b_meter) = (meter(&a, paths.0)?, meter(&b, paths.1)?);
    while let Some((from_a, from_b)) = read_both(&mut a, &mut b, cancel)? {
        rayon::join(|| a_meter.push(&from_a), || b_meter.push(&from_b));
    }
    Ok(a_meter.lufs().zip(b_meter.lufs()).map_or(0.0, |(a, b)| a - b))
}

/// The last reading: B, matched, is taken from A.
fn subtract(
    (a_path, b_path): (&Path, &Path),
    aligned: Aligned,
    gain_db: f64,
    settings: &CompareSettings,
    cancel: &AtomicBool,
) -> Result<(Difference, Option<Written>), CompareError> {
    let (mut a, mut b) = open_aligned((a_path, b_path), aligned)?;
    let (rate_hz, channels) = (a.info().rate_hz, a.info().channels);
    let gain = db_to_gain(gain_db);
    let mut meter = DifferenceMeter::new(rate_hz, channels);
    let inputs = [a_path.to_owned(), b_path.to_owned()];
    let create = |path: &PathBuf| {
        let container = Container::of_path(path)?;
        let spec = Spec { container, rate_hz, channels, encoding: Encoding::Int24, mask: None };
        Writer::create(path, spec, &Metadata::default(), settings.existing, &inputs)
    };
    let mut writer = settings.null.as_ref().map(create).transpose()?;
    while let Some((from_a, from_b)) = read_both(&mut a, &mut b, cancel)? {
        let short: Vec<Vec<f64>> = from_a.iter().map(|plane| plane.to_vec()).collect();
        let matched: Vec<Vec<f64>> =
            from_b.iter().map(|plane| plane.iter().map(|x| gain * x).collect()).collect();
        let left = |(a, b): (&Vec<f64>, &Vec<f64>)| a.iter().zip(b).map(|(a, b)| a - b).collect();
        let left: Vec<Vec<f64>> = short.iter().zip(&matched).map(left).collect();
        meter.push(&short, &matched, &left);
        if let Some(writer) = &mut writer {
            writer.write(&slices(&left))?;
        }
    }
    let written = writer.map(|writer| writer.finish(&Metadata::default())).transpose()?;
    Ok((meter.finish((-aligned.offset_s).max(0.0)), written))
}
