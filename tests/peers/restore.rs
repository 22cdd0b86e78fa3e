//! Restoration on real music: seeded damage over excerpts of the tracks of `DEADWAX_MUSIC`, the clean excerpt as the truth.

use crate::tracks;
use deadwax_tests::Channels;
use std::path::{Path, PathBuf};
use std::process::Command;

/// All excerpts are brought to this rate, in Hz.
pub(crate) const RATE: u32 = 44_100;
/// How long they are, and where in their tracks they begin.
pub(crate) const SECONDS: f64 = 8.0;
const FROM_S: f64 = 40.0;

/// An excerpt of every track, with the track's name; none where the variable is not set, or ffmpeg not here.
pub(crate) fn excerpts() -> Vec<(String, Channels)> {
    excerpts_of(SECONDS)
}

/// The same, `seconds` long.
pub(crate) fn excerpts_of(seconds: f64) -> Vec<(String, Channels)> {
    let excerpt = |track: PathBuf| {
        let out = decoded(&track, Some((FROM_S, seconds)))?;
        // A track that ends before tells nothing.
        let long = out[0].len() as f64 >= 0.9 * seconds * f64::from(RATE);
        long.then(|| (track.file_stem().unwrap_or_default().to_string_lossy().into_owned(), out))
    };
    tracks().into_iter().filter_map(excerpt).collect()
}

/// A track as stereo at [`RATE`], or a part of it: from, and how long, in seconds. `None` where ffmpeg is not here.
pub(crate) fn decoded(track: &Path, part: Option<(f64, f64)>) -> Option<Channels> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error"]);
    if let Some((from, seconds)) = part {
        command.args(["-ss", &from.to_string(), "-t", &seconds.to_string()]);
    }
    command.arg("-i").arg(track).args(["-f", "f64le", "-ac", "2", "-ar", &RATE.to_string(), "-"]);
    let raw = command.output().ok()?.stdout;
    let samples: Vec<f64> = raw.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
    Some((0..2).map(|channel| samples.iter().skip(channel).step_by(2).copied().collect()).collect())
}

/// How far `out` is from `clean`, in dB: the power of the one over that of the difference, over all channels.
pub(crate) fn snr_db(clean: &Channels, out: &Channels) -> f64 {
    ratio_db(clean.iter().flatten(), out.iter().flatten())
}

/// The same of one channel.
pub(crate) fn sdr_db(clean: &[f64], out: &[f64]) -> f64 {
    ratio_db(clean.iter(), out.iter())
}

#[allow(clippy::disallowed_methods, reason = "an independent reference")]
fn ratio_db<'a>(clean: impl Iterator<Item = &'a f64>, out: impl Iterator<Item = &'a f64>) -> f64 {
    let (mut power, mut noise) = (0.0, 0.0);
    for (x, y) in clean.zip(out) {
        power += x * x;
        noise += (x - y) * (x - y);
    }
    10.0 * (power / f64::max(noise, 1e-30)).log10()
}

/// The mean; 0 of nothing.
pub(crate) fn mean(figures: &[f64]) -> f64 {
    figures.iter().sum::<f64>() / figures.len().max(1) as f64
}
