//! What lossy coders make of the peaks of files.
//!
//! A coder keeps what is heard and not the wave, and peaks grow by it. So files are coded as services do, decoded to floating point,
//! and measured: by ffmpeg, where it is on the machine. It is handed samples and never a file, so that no name can be an
//! option and nothing that it finds in a file makes it open another. It has a time to be done in, and what it gives back is
//! bounded by what it was given. Where there is no encoder nothing was measured, which is never a pass.

mod coder;

use crate::preflight::{Check, Finding};
use coder::{Coded, through};
use deadwax_audio::{Info, ReadError};
use deadwax_measure::{Over, Wanted};
use rayon::prelude::*;
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use thiserror::Error;

/// Why nothing can be told.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CodecsError {
    /// A file cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Somebody asked to stop.
    #[error("interrupted")]
    Interrupted,
}

/// A coder at a rate of bits, and what makes and reads its files.
#[derive(Clone, Copy, Debug)]
pub(super) struct Coder {
    /// For people.
    name: &'static str,
    pub(super) kbits: u32,
    /// ffmpeg's encoders, best first, and by how many frames what comes back is late.
    encoders: &'static [(&'static str, u32)],
    /// Its name for the format, written and read, and for the decoder.
    pub(super) muxer: &'static str,
    pub(super) demuxer: &'static str,
    pub(super) decoder: &'static str,
    /// The rate that it works at, if there is only one.
    pub(super) rate_hz: Option<u32>,
}

const AAC: Coder = Coder {
    name: "AAC",
    kbits: 256,
    encoders: &[("libfdk_aac", 2048), ("aac", 1024)],
    muxer: "adts",
    demuxer: "aac",
    decoder: "aac",
    rate_hz: None,
};
const VORBIS: Coder = Coder {
    name: "Vorbis",
    kbits: 320,
    encoders: &[("libvorbis", 0)],
    muxer: "ogg",
    demuxer: "ogg",
    decoder: "vorbis",
    rate_hz: None,
};
const OPUS: Coder = Coder {
    name: "Opus",
    kbits: 128,
    encoders: &[("libopus", 0)],
    decoder: "opus",
    rate_hz: Some(48_000),
    ..VORBIS
};
const MP3: Coder = Coder {
    name: "MP3",
    kbits: 128,
    encoders: &[("libmp3lame", 1105)],
    muxer: "mp3",
    demuxer: "mp3",
    decoder: "mp3float",
    rate_hz: None,
};

/// What services send: Apple and YouTube, Spotify's best and least, YouTube's other, old players.
const CODERS: [Coder; 6] =
    [AAC, Coder { kbits: 128, ..AAC }, VORBIS, Coder { kbits: 96, ..VORBIS }, OPUS, MP3];

/// ffmpeg's own, which is harsher on peaks than Apple's or Fraunhofer's.
const HARSH: &str = "aac";

/// A file, through every coder.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FileCodecs {
    /// The file.
    pub file: PathBuf,
    /// Its own true peak, in dBTP. `None` for silence.
    pub true_peak_dbtp: Option<f64>,
    /// What each coder makes of it.
    pub codecs: Vec<CodecOvers>,
}

/// What one coder makes of a file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CodecOvers {
    /// The coder and its rate: `AAC 256`.
    pub codec: String,
    /// The rate, in kbit/s.
    pub kbits: u32,
    /// The encoder, as ffmpeg calls it, if there is one.
    pub encoder: Option<String>,
    /// What to know about that encoder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: CodecOutcome,
}

/// What came of coding and decoding.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum CodecOutcome {
    /// It was heard.
    Measured {
        /// The highest true peak behind the decoder, in dBTP. `None` for silence.
        true_peak_dbtp: Option<f64>,
        /// Samples at full scale or beyond, which a player of whole numbers cuts off.
        samples_over: u64,
        /// Places at which the true peak is above 0 dBTP.
        overs: u64,
        /// Those places, in order of time; of very many, the first of each channel.
        places: Vec<Over>,
        /// How many dB lower the ceiling must be for nothing to be above 0 dBTP, rounded up to a tenth; 0 where nothing is.
        lower_db: f64,
    },
    /// It was not, and nothing is known.
    NotMeasured {
        /// Why.
        reason: String,
    },
}

impl FileCodecs {
    /// The highest true peak behind any coder, in dBTP; `None` where nothing was measured, or nothing but silence.
    #[must_use]
    pub fn highest_dbtp(&self) -> Option<f64> {
        let peaks = self.codecs.iter().filter_map(|one| match one.outcome {
            CodecOutcome::Measured { true_peak_dbtp, .. } => true_peak_dbtp,
            CodecOutcome::NotMeasured { .. } => None,
        });
        peaks.reduce(f64::max)
    }

    /// Whether every coder was there.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.codecs.iter().all(|one| matches!(one.outcome, CodecOutcome::Measured { .. }))
    }

    /// What somebody should know of it, the file's name not yet in it: peaks beyond full scale, and what was not measured.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        let (mut over, mut not, mut lower, mut first) = (Vec::new(), Vec::new(), 0.0_f64, None);
        for one in &self.codecs {
            match &one.outcome {
                CodecOutcome::Measured { true_peak_dbtp: Some(peak), places, lower_db, overs, .. }
                    if *overs > 0 =>
                {
                    over.push(format!("{} {peak:+.1} dBTP", one.codec));
                    lower = lower.max(*lower_db);
                    first = first.into_iter().chain(places.first().map(|place| place.at_s)).reduce(f64::min);
                }
                CodecOutcome::Measured { .. } => {}
                CodecOutcome::NotMeasured { .. } => not.push(one.codec.as_str()),
            }
        }
        let mut found = Vec::new();
        if !over.is_empty() {
            let message = format!("peaks beyond full scale behind coders: {}", over.join(", "));
            let finding = Finding::warning(Check::Codec, message, format!("a ceiling {lower:.1} dB lower"));
            found.push(match first {
                Some(at_s) => finding.at(at_s),
                None => finding,
            });
        }
        if !not.is_empty() {
            let message = format!("not measured behind {}", not.join(", "));
            found.push(Finding::note(Check::Codec, message, "needs ffmpeg with these encoders"));
        }
        found
    }
}

/// Sends `files` through the coders of services, several side by side, and tells what becomes of their peaks. `progress` is told how
/// many of how many codings are done.
///
/// # Errors
/// The first file that cannot be read; or somebody asks to stop. A coder that is not there or fails is no error: what it would make
/// of the file was [not measured](CodecOutcome::NotMeasured).
pub fn codec_overs(
    files: &[PathBuf],
    cancel: &AtomicBool,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Vec<FileCodecs>, CodecsError> {
    let encoders = encoders();
    let heard: Vec<_> = files.par_iter().map(|path| heard(path, cancel)).collect::<Result<_, _>>()?;
    let (done, all) = (AtomicUsize::new(0), files.len() * CODERS.len());
    progress(0, all);
    let each: Vec<CodecOvers> = (0..all)
        .into_par_iter()
        .map(|number| {
            let (file, coder) = (number / CODERS.len(), &CODERS[number % CODERS.len()]);
            let overs = coder.overs(&files[file], &heard[file].0, encoders.as_ref(), cancel)?;
            progress(done.fetch_add(1, Ordering::Relaxed) + 1, all);
            Ok(overs)
        })
        .collect::<Result<_, CodecsError>>()?;
    let by_file = files.iter().zip(heard).zip(each.chunks(CODERS.len()));
    Ok(by_file
        .map(|((file, (_, true_peak_dbtp)), codecs)| FileCodecs {
            file: file.clone(),
            true_peak_dbtp,
            codecs: codecs.to_vec(),
        })
        .collect())
}

/// What the file at `path` says about itself, and its true peak.
fn heard(path: &Path, cancel: &AtomicBool) -> Result<(Info, Option<f64>), CodecsError> {
    if cancel.load(Ordering::Relaxed) {
        return Err(CodecsError::Interrupted);
    }
    let wanted = Wanted { windows: false, history: false, psr: false, ..Wanted::ALL };
    let heard = crate::measure::listen(path, wanted)?;
    Ok((heard.info, heard.meter.finish().true_peak_dbtp))
}

/// The audio encoders of the ffmpeg on this machine; `None` where there is none.
fn encoders() -> Option<BTreeSet<String>> {
    let output = Command::new("ffmpeg")
        .args(["-hide_banner", "-v", "error", "-encoders"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let audio = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        words.next().filter(|flags| flags.starts_with('A'))?;
        words.next().map(str::to_owned)
    });
    output.status.success().then(|| audio.collect())
}

impl Coder {
    /// What it makes of the file at `path`.
    fn overs(
        &self,
        path: &Path,
        info: &Info,
        encoders: Option<&BTreeSet<String>>,
        cancel: &AtomicBool,
    ) -> Result<CodecOvers, CodecsError> {
        let found = self.encoders.iter().find(|(name, _)| encoders.is_some_and(|all| all.contains(*name)));
        let told = |outcome: CodecOutcome| CodecOvers {
            codec: format!("{} {}", self.name, self.kbits),
            kbits: self.kbits,
            encoder: found.map(|(name, _)| (*name).to_owned()),
            note: found
                .filter(|(name, _)| *name == HARSH)
                .map(|_| "ffmpeg's own AAC: harsher on peaks than Apple's".to_owned()),
            outcome,
        };
        let not = |reason: String| Ok(told(CodecOutcome::NotMeasured { reason }));
        if encoders.is_none() {
            return not("ffmpeg is not on this machine".to_owned());
        }
        let Some((encoder, late)) = found else {
            return not(format!("this ffmpeg has no encoder for {}", self.name));
        };
        if info.channels > 2 {
            return not(format!("{} channels; mono and stereo are coded", info.channels));
        }
        match through(self, encoder, path, info, cancel)? {
            Coded::Heard { measured, samples_over, rate_hz } => {
                let peak = measured.true_peak_dbtp;
                let (overs, mut places) =
                    measured.overs.map_or((0, Vec::new()), |overs| (overs.count, overs.places));
                for place in &mut places {
                    place.frame = place.frame.saturating_sub(u64::from(*late));
                    place.at_s = place.frame as f64 / f64::from(rate_hz);
                }
                let lower_db = peak.map_or(0.0, |peak| (peak.max(0.0) * 10.0).ceil() / 10.0);
                Ok(told(CodecOutcome::Measured {
                    true_peak_dbtp: peak,
                    samples_over,
                    overs,
                    places,
                    lower_db,
                }))
            }
            Coded::Failed(reason) => not(reason),
        }
    }
}
