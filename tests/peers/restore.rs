//! Restoration on real music: seeded damage over excerpts of the tracks of `DEADWAX_MUSIC`, the clean excerpt as the truth.

use deadwax_tests::Channels;
use std::path::PathBuf;
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
    let Some(folder) = std::env::var_os("DEADWAX_MUSIC") else { return Vec::new() };
    let mut tracks: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension().is_some_and(|ending| ["ogg", "wav", "flac"].iter().any(|e| ending == *e))
        })
        .collect();
    tracks.sort();
    tracks.into_iter().filter_map(|track| excerpt(track, seconds)).collect()
}

fn excerpt(track: PathBuf, length_s: f64) -> Option<(String, Channels)> {
    let (from, seconds, rate) = (FROM_S.to_string(), length_s.to_string(), RATE.to_string());
    let name = track.file_stem()?.to_string_lossy().into_owned();
    let done = Command::new("ffmpeg")
        .args(["-v", "error", "-ss", &from, "-t", &seconds, "-i"])
        .arg(&track)
        .args(["-f", "f64le", "-ac", "2", "-ar", &rate, "-"])
        .output()
        .ok()?;
    let mut out = vec![Vec::new(); 2];
    for (index, sample) in done.stdout.as_chunks::<8>().0.iter().enumerate() {
        out[index % 2].push(f64::from_le_bytes(*sample));
    }
    // A track that ends before tells nothing.
    (out[0].len() as f64 >= 0.9 * length_s * f64::from(RATE)).then_some((name, out))
}

/// How far `out` is from `clean`, in dB: the power of the one over that of the difference, over all channels.
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
pub(crate) fn snr_db(clean: &Channels, out: &Channels) -> f64 {
    let power: f64 = clean.iter().flatten().map(|x| x * x).sum();
    let pairs = clean.iter().flatten().zip(out.iter().flatten());
    let noise: f64 = pairs.map(|(x, y)| (x - y) * (x - y)).sum();
    10.0 * (power / noise.max(1e-30)).log10()
}

/// The mean; 0 of nothing.
pub(crate) fn mean(figures: &[f64]) -> f64 {
    figures.iter().sum::<f64>() / figures.len().max(1) as f64
}
