//! Files, looked through before they are sent off.

use deadwax_audio::{Decoder, Info, ReadError};
use deadwax_dsp::fft::Kind;
use deadwax_platforms::{Ceiling, Rule};
use deadwax_preflight::Seam;
pub use deadwax_preflight::file::{Asked, Expected, FileFigures, FileMeter};
pub use deadwax_preflight::{Check, Finding, Weight};
use rayon::prelude::*;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use thiserror::Error;

/// A programme is louder than a service likes from so much on, in LU: less is between two meters.
const LOUDER_LU: f64 = 0.1;

/// Why a file was not looked through.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PreflightError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Somebody asked to stop.
    #[error("interrupted")]
    Interrupted,
}

/// A file that was heard to its end.
#[derive(Clone, Debug)]
pub struct Looked {
    /// What it says about itself, and how many frames there really are.
    pub info: Info,
    /// What was measured.
    pub figures: FileFigures,
}

/// Hears the file at `path` in bounded memory; `music` are the frames that are no gap which somebody put there, and `progress` is
/// told how many seconds it has come.
///
/// # Errors
/// When it cannot be read, or somebody asks to stop.
pub fn look(
    path: &Path,
    music: Range<u64>,
    cancel: &AtomicBool,
    progress: &(dyn Fn(f64) + Sync),
) -> Result<Looked, PreflightError> {
    let mut decoder = Decoder::open(path)?;
    let mut info = decoder.info().clone();
    let meter = FileMeter::new(info.rate_hz, info.channels, Kind::Portable);
    let meter =
        meter.map_err(|error| ReadError::Header { path: path.to_owned(), reason: error.to_string() })?;
    let (mut meter, mut frames) = (meter.music(music), 0_u64);
    while let Some(planes) = decoder.read()? {
        if cancel.load(Ordering::Relaxed) {
            return Err(PreflightError::Interrupted);
        }
        frames += planes.first().map_or(0, Vec::len) as u64;
        meter.push(&planes.iter().map(Vec::as_slice).collect::<Vec<_>>());
        progress(frames as f64 / f64::from(info.rate_hz));
    }
    info.frames = Some(frames);
    Ok(Looked { info, figures: meter.finish() })
}

/// What a master may hide of the recording at `path` that it is made of: bits that are not used, words cut off, a lower rate, a
/// lossy file, and what is damaged in it.
///
/// # Errors
/// When it cannot be read.
pub fn source_findings(path: &Path) -> Result<Vec<Finding>, ReadError> {
    match look(path, 0..u64::MAX, &AtomicBool::new(false), &|_| ()) {
        Ok(looked) => Ok(looked.figures.source_findings(looked.info.bits)),
        Err(PreflightError::Read(error)) => Err(error),
        // Nobody can ask here.
        Err(PreflightError::Interrupted) => Ok(Vec::new()),
    }
}

/// The ceilings that `rules` have for a programme of `integrated_lufs`.
pub fn ceilings<'a>(
    rules: impl IntoIterator<Item = (&'a str, &'a Rule)>,
    integrated_lufs: Option<f64>,
) -> Vec<Asked> {
    let of = |(name, rule): (&str, &Rule)| {
        let advised = rule.true_peak_is == Ceiling::Advised;
        let own =
            rule.true_peak_dbtp.map(|ceiling_dbtp| Asked { service: name.to_owned(), ceiling_dbtp, advised });
        let louder =
            rule.louder_than_lufs.zip(rule.louder_true_peak_dbtp).and_then(|(from, ceiling_dbtp)| {
                let louder = integrated_lufs.is_some_and(|lufs| lufs > from + LOUDER_LU);
                let service = format!("{name} above {from} LUFS");
                louder.then_some(Asked { service, ceiling_dbtp, advised: true })
            });
        own.into_iter().chain(louder)
    };
    rules.into_iter().flat_map(of).collect()
}

/// What was found in a file.
#[derive(Clone, Debug)]
pub struct Preflighted {
    /// What it says about itself.
    pub info: Info,
    /// What was measured.
    pub figures: FileFigures,
    /// What somebody should know of it.
    pub findings: Vec<Finding>,
}

/// Looks through `files`, several at a time, each by itself; with `gapless` they are played one after the other without a gap, and
/// what lies at their joints is told with the file behind. `rules` are those of the services they are for. `progress` is told the
/// number of a file and how many seconds of it have been heard.
#[must_use]
pub fn preflight(
    files: &[PathBuf],
    gapless: bool,
    rules: &[(String, Rule)],
    workers: usize,
    cancel: &AtomicBool,
    progress: &(dyn Fn(usize, f64) + Sync),
) -> Vec<Result<Preflighted, PreflightError>> {
    let one = |(number, path): (usize, &PathBuf)| {
        look(path, 0..u64::MAX, cancel, &|seconds| progress(number, seconds))
    };
    let all = || files.par_iter().enumerate().map(one).collect::<Vec<_>>();
    let looked = match rayon::ThreadPoolBuilder::new().num_threads(workers).build() {
        Ok(pool) => pool.install(all),
        Err(_) => files.iter().enumerate().map(one).collect(),
    };
    let last = files.len().saturating_sub(1);
    let expected = |number: usize, looked: &Looked| Expected {
        bits: looked.info.bits,
        continues_before: gapless && number > 0,
        continues_behind: gapless && number < last,
        ceilings: ceilings(
            rules.iter().map(|(name, rule)| (name.as_str(), rule)),
            looked.figures.measured.integrated_lufs,
        ),
    };
    let seams: Vec<Option<Finding>> = (0..files.len())
        .map(|number| {
            let [before, behind] = [number.checked_sub(1)?, number].map(|at| looked[at].as_ref().ok());
            seam(&name(&files[number - 1]), before?, behind?).filter(|_| gapless)
        })
        .collect();
    let each = looked.into_iter().zip(seams).enumerate().map(|(number, (looked, seam))| {
        let looked = looked?;
        let mut findings = looked.figures.findings(&expected(number, &looked));
        findings.extend(seam);
        let Looked { info, figures } = looked;
        Ok(Preflighted { info, figures, findings })
    });
    each.collect()
}

/// What lies at the joint of two files, the first of which is called `name`.
pub(crate) fn seam(name: &str, before: &Looked, behind: &Looked) -> Option<Finding> {
    // Files of two rates are never played as one.
    if before.info.rate_hz != behind.info.rate_hz {
        let message = format!("has another sample rate than {name}, which it follows without a gap");
        return Some(Finding::warning(Check::Seam, message, "players leave a gap there"));
    }
    Seam::between(&before.figures.edges, &behind.figures.edges)?.finding(name)
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_of_fewer_bits_than_its_words_is_told_and_a_missing_one_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, step: i32| {
            let (channels, sample_format) = (1, hound::SampleFormat::Int);
            let spec = hound::WavSpec { channels, sample_rate: 44_100, bits_per_sample: 24, sample_format };
            let path = folder.path().join(name);
            let mut writer = hound::WavWriter::create(&path, spec).unwrap();
            (0..88_200_i32).for_each(|n| writer.write_sample(n.wrapping_mul(7919) % 20_000 * step).unwrap());
            writer.finalize().unwrap();
            source_findings(&path).unwrap().iter().map(|finding| finding.check).collect::<Vec<_>>()
        };
        assert_eq!(write("padded.wav", 256), [Check::Bits]);
        assert_eq!(write("whole.wav", 1), []);
        assert!(source_findings(&folder.path().join("none.wav")).is_err());
    }

    #[test]
    fn a_service_that_wants_more_room_of_what_is_loud_is_asked_only_then() {
        let platforms = deadwax_platforms::Platforms::built_in();
        let spotify = platforms.get("spotify").unwrap();
        let of = |lufs: f64| -> Vec<f64> {
            ceilings([("spotify", spotify)], Some(lufs)).iter().map(|asked| asked.ceiling_dbtp).collect()
        };
        assert_eq!((of(-14.0), of(-9.0)), (vec![-1.0], vec![-1.0, -2.0]));
    }
}
