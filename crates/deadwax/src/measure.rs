//! Measuring a file.

use deadwax_audio::{Decoder, Info, ReadError};
use deadwax_measure::{Measured, Meter, Wanted};
use std::path::Path;

/// What the file at `path` says about itself, and what it measures.
///
/// # Errors
/// When it cannot be read.
pub fn measure(path: &Path) -> Result<(Info, Measured), ReadError> {
    let mut decoder = Decoder::open(path)?;
    let mut info = decoder.info().clone();
    let meter = Meter::new(info.rate_hz, info.channels, Wanted::ALL);
    let mut meter =
        meter.map_err(|error| ReadError::Header { path: path.to_owned(), reason: error.to_string() })?;
    let mut frames = 0;
    while let Some(planes) = decoder.read()? {
        frames += planes.first().map_or(0, Vec::len) as u64;
        let planes: Vec<&[f64]> = planes.iter().map(Vec::as_slice).collect();
        meter.push(&planes);
    }
    info.frames = Some(frames);
    Ok((info, meter.finish()))
}
