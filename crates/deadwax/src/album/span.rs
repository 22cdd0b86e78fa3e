//! How much of a recording is left when it is trimmed.

use deadwax_album::Time;
use deadwax_album::document::{Cut, Trim};
use deadwax_audio::{Decoder, ReadError};
use deadwax_dsp::math::db_to_gain;
use std::ops::Range;
use std::path::Path;

/// The frames of the recording at `path` that `trim` leaves, on its own grid; `None` where nothing is left. A cut that is no
/// whole number of its frames takes the one it begins in, too.
pub(super) fn kept(path: &Path, trim: Trim, timeline_hz: u32) -> Result<Option<Range<u64>>, ReadError> {
    let mut decoder = Decoder::open(path)?;
    let rate_hz = decoder.info().rate_hz;
    let level = |cut: Cut| match cut {
        Cut::Floor { level_dbfs, .. } => Some(db_to_gain(level_dbfs)),
        _ => None,
    };
    let (head_level, tail_level) = (level(trim.head), level(trim.tail));
    let (mut first, mut last) = (None, None);
    let known = decoder.info().frames.filter(|_| head_level.is_none() && tail_level.is_none());
    let frames = match known {
        Some(frames) => frames,
        None => {
            let mut at = 0_u64;
            while let Some(planes) = decoder.read()? {
                let frames = planes.first().map_or(0, Vec::len);
                for frame in 0..frames {
                    let peak = planes.iter().fold(0.0_f64, |peak, plane| peak.max(plane[frame].abs()));
                    if first.is_none() && head_level.is_some_and(|level| peak > level) {
                        first = Some(at + frame as u64);
                    }
                    if tail_level.is_some_and(|level| peak > level) {
                        last = Some(at + frame as u64);
                    }
                }
                at += frames as u64;
            }
            at
        }
    };
    let length = |cut: Cut| match cut {
        Cut::Length(length) | Cut::Floor { hold: length, .. } => length.time(timeline_hz).frame(rate_hz).0,
        Cut::Nothing => 0,
    };
    let begin = match trim.head {
        Cut::Floor { .. } => first.unwrap_or(frames).saturating_sub(length(trim.head)),
        cut => length(cut),
    };
    let end = match trim.tail {
        Cut::Floor { .. } => last.map_or(0, |last| (last + 1 + length(trim.tail)).min(frames)),
        cut => frames.saturating_sub(length(cut)),
    };
    Ok((begin < end).then_some(begin..end))
}

/// How long so many frames are.
pub(super) fn time_of(kept: &Range<u64>, rate_hz: u32) -> Time {
    Time::of_frames(kept.end - kept.start, rate_hz)
}
