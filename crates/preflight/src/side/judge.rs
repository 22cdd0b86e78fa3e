//! What is found on sides of any kind.

use super::Edges;
use crate::{Check, Finding};

/// A mean beyond this is told: 1 is full scale. Below, it is the rounding of converters.
const MOST_DC: f64 = 0.001;
/// So much of all power may lie below 20 Hz, in dB. Our estimate: by the recording curve a tone of 15 Hz moves the groove 8 dB
/// further than one of 60 Hz at the same level, and nobody hears it.
const MOST_BELOW_20_HZ_DB: f64 = -25.0;

/// A mean that is not zero.
pub(crate) fn offset(edges: &Edges) -> Option<Finding> {
    let (channel, dc) =
        if edges.dc[0].abs() >= edges.dc[1].abs() { ("left", edges.dc[0]) } else { ("right", edges.dc[1]) };
    (dc.abs() > MOST_DC).then(|| {
        let message = format!("the {channel} channel has a mean of {:+.2} % of full scale", 100.0 * dc);
        Finding::warning(Check::Offset, message, "put `DcRemove` first in the graph")
    })
}

/// Energy below hearing.
pub(crate) fn subsonic(edges: &Edges) -> Option<Finding> {
    let below = edges.below_20_hz_db.filter(|below| *below > MOST_BELOW_20_HZ_DB)?;
    let message = format!("below 20 Hz it has {} dB of all its power", tenths(below));
    Some(Finding::warning(
        Check::Subsonic,
        message,
        "take it away: a `HighPass(freq_hz: 20, slope_db_oct: 24)` in an `Equalizer`",
    ))
}

/// A number with one digit, which has no sign when it is nothing.
pub(crate) fn tenths(value: f64) -> String {
    format!("{:.1}", (10.0 * value).round() / 10.0 + 0.0)
}

/// Seconds as people read them: 4:05, or 1.3 s below a minute.
pub(crate) fn seconds(seconds: f64) -> String {
    if seconds < 60.0 {
        return format!("{} s", tenths(seconds));
    }
    let whole = seconds.round() as u64;
    format!("{}:{:02}", whole / 60, whole % 60)
}
