//! Measuring a file.

use deadwax_audio::{Decoder, Info, ReadError};
use deadwax_measure::{FloorMeter, Measured, Meter, Pool, Pooled, Wanted};
use deadwax_node::learn::{Programme, ProgrammeHash};
use deadwax_platforms::{Facts, Rule, Scope};
use std::path::Path;

/// What the file at `path` says about itself, and what it measures.
///
/// # Errors
/// When it cannot be read.
pub fn measure(path: &Path) -> Result<(Info, Measured), ReadError> {
    let heard = listen(path, Wanted::ALL)?;
    Ok((heard.info, heard.meter.finish()))
}

/// A file that was heard to its end, its meter not yet read: a [`Pool`] takes the meters of an album together.
#[derive(Clone, Debug)]
pub struct Heard {
    /// What the file says about itself, and how many frames there really were.
    pub info: Info,
    /// What was heard.
    pub meter: Meter,
    /// Noise floor, in dBFS.
    pub floor_dbfs: Option<f64>,
}

/// Hears the file at `path` in bounded memory.
///
/// # Errors
/// When it cannot be read.
pub fn listen(path: &Path, wanted: Wanted) -> Result<Heard, ReadError> {
    let mut decoder = Decoder::open(path)?;
    let mut info = decoder.info().clone();
    let meter = Meter::new(info.rate_hz, info.channels, wanted);
    let mut meter =
        meter.map_err(|error| ReadError::Header { path: path.to_owned(), reason: error.to_string() })?;
    let mut floor = FloorMeter::new(info.rate_hz, info.channels);
    let frames = each_block(&mut decoder, |planes| {
        meter.push(planes);
        floor.push(planes);
    })?;
    info.frames = Some(frames);
    Ok(Heard { info, meter, floor_dbfs: floor.floor_dbfs() })
}

/// What the file at `path` says about itself, and which samples it has: the same in any kind of file.
///
/// # Errors
/// When it cannot be read.
pub fn programme_of(path: &Path) -> Result<(Info, Programme), ReadError> {
    let mut decoder = Decoder::open(path)?;
    let info = decoder.info().clone();
    let mut hash = ProgrammeHash::new(info.channels);
    each_block(&mut decoder, |planes| hash.hear(planes))?;
    Ok((info, hash.finish()))
}

/// Hands everything that is left in `decoder` on, block by block: a slice per channel. Gives back how many frames there were.
fn each_block(decoder: &mut Decoder, mut each: impl FnMut(&[&[f64]])) -> Result<u64, ReadError> {
    let mut frames = 0;
    while let Some(planes) = decoder.read()? {
        frames += planes.first().map_or(0, Vec::len) as u64;
        each(&planes.iter().map(Vec::as_slice).collect::<Vec<_>>());
    }
    Ok(frames)
}

/// What a finished file measures, and which samples it has, in one reading.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn measure_and_identify(path: &Path) -> Result<(Measured, Programme), ReadError> {
    let mut decoder = Decoder::open(path)?;
    let (rate_hz, channels) = (decoder.info().rate_hz, decoder.info().channels);
    let meter = Meter::new(rate_hz, channels, Wanted::ALL);
    let mut meter =
        meter.map_err(|error| ReadError::Header { path: path.to_owned(), reason: error.to_string() })?;
    let mut hash = ProgrammeHash::new(channels);
    each_block(&mut decoder, |planes| {
        hash.hear(planes);
        meter.push(planes);
    })?;
    Ok((meter.finish(), hash.finish()))
}

/// What rules of platforms ask about a file.
#[must_use]
pub fn facts(info: &Info, measured: &Measured, floor_dbfs: Option<f64>) -> Facts {
    Facts {
        integrated_lufs: measured.integrated_lufs,
        max_short_term_lufs: measured.max_short_term_lufs,
        max_momentary_lufs: measured.max_momentary_lufs,
        loudness_range_lu: measured.loudness_range_lu,
        true_peak_dbtp: measured.true_peak_dbtp,
        sample_peak_dbfs: measured.sample_peak_dbfs,
        plr_lu: measured.plr_lu,
        rms_dbfs: plain_rms_dbfs(measured),
        floor_dbfs,
        rate_hz: Some(info.rate_hz),
        bits: info.bits,
        channels: Some(info.channels),
    }
}

/// What a rule asks about an album, where it takes one as a whole.
#[must_use]
pub fn album_facts(pooled: &Pooled, rule: &Rule) -> Option<Facts> {
    let integrated_lufs = match rule.scope {
        Scope::Album | Scope::AlbumInOrder => pooled.integrated_lufs,
        Scope::LoudestTrack => pooled.loudest_programme_lufs,
        Scope::Track | Scope::Unknown => return None,
    };
    Some(Facts {
        integrated_lufs,
        true_peak_dbtp: pooled.true_peak_dbtp,
        sample_peak_dbfs: pooled.sample_peak_dbfs,
        ..Facts::default()
    })
}

/// The root of the mean square of all channels together, where a full-scale sine has −3.01 dB.
fn plain_rms_dbfs(measured: &Measured) -> Option<f64> {
    use deadwax_dsp::math::{db_to_gain, power_to_db};
    let levels: Vec<f64> = measured.channels.iter().filter_map(|channel| channel.rms_dbfs).collect();
    let power: f64 = levels.iter().map(|db| db_to_gain(*db) * db_to_gain(*db)).sum();
    let mean = power / measured.channels.len().max(1) as f64 / 2.0;
    (mean > 0.0).then(|| power_to_db(mean))
}

/// Files measured one beside the other, and all together.
#[derive(Debug)]
pub struct Album {
    /// What each file says and measures, in the order given; or why it cannot be read.
    pub files: Vec<Result<Track, ReadError>>,
    /// All that could be read together.
    pub pooled: Pooled,
}

/// A file of an album.
#[derive(Clone, Debug)]
pub struct Track {
    /// What it says about itself.
    pub info: Info,
    /// What it measures.
    pub measured: Measured,
    /// What rules ask about it.
    pub facts: Facts,
}

impl Album {
    /// Takes what was heard of every file.
    #[must_use]
    pub fn of(heard: Vec<Result<Heard, ReadError>>) -> Self {
        let mut pool = Pool::new();
        let mut take = |heard: Heard| {
            let Heard { info, meter, floor_dbfs } = heard;
            let measured = pool.take(meter);
            let facts = facts(&info, &measured, floor_dbfs);
            Track { info, measured, facts }
        };
        let files = heard.into_iter().map(|heard| heard.map(&mut take)).collect();
        Self { files, pooled: pool.measured() }
    }
}
