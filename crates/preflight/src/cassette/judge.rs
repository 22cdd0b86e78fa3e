//! From figures to what somebody should know.

use super::figures::CassetteFigures;
use crate::side::{offset, seconds, subsonic, tenths};
use crate::{Check, Finding};

/// What is told as a second is one, in seconds.
const ROUNDING_S: f64 = 0.05;
/// Duplicators ask for a second of silence in front, in which the leader runs through (Pressing Business, 2026).
const LEAST_HEAD_S: f64 = 1.0;
/// Peaks above 10 kHz are so far below those around 315 Hz, in dB: ferric tape saturates (SOL) at 10 kHz about 10 dB below the level
/// at which it reaches 3 % of the third harmonic (MOL) at 315 Hz.
const MOST_TREBLE_DB: f64 = -10.0;
/// So far apart may the channels be, in µs: a quarter of a period of 10 kHz, the tone that azimuth is set by. In mono that takes
/// 3 dB there, and everything at 20 kHz.
const MOST_LATE_US: f64 = 25.0;
/// From fewer windows nothing is told of the time between the channels.
const LEAST_WINDOWS: usize = 4;

/// What somebody should know of a side before it is copied, by its figures.
#[must_use]
pub fn findings(figures: &CassetteFigures) -> Vec<Finding> {
    let mut found = Vec::new();
    if figures.head_s < LEAST_HEAD_S - ROUNDING_S {
        let message = format!("{} of silence in front", seconds(figures.head_s));
        let advice = "duplicators like a second, for the leader: tell them that there is less";
        found.push(Finding::warning(Check::Lead, message, advice).at(0.0));
    }
    found.extend(offset(&figures.edges));
    found.extend(subsonic(&figures.edges));
    let over = figures.saturation.treble_over_middle_db();
    if over > MOST_TREBLE_DB {
        let message = format!(
            "peaks above 10 kHz are {} dB {} those around 315 Hz; tape holds them 10 dB below",
            tenths(over.abs()),
            if over > 0.0 { "above" } else { "below" },
        );
        let advice = "softer highs, by `highs` of `cassette-premaster`, or a lower level on the tape";
        found.push(Finding::warning(Check::Saturation, message, advice).at(figures.saturation.treble_at_s));
    }
    let azimuth = &figures.azimuth;
    if azimuth.windows >= LEAST_WINDOWS && azimuth.right_late_us.abs() > MOST_LATE_US {
        let late = if azimuth.right_late_us > 0.0 { "right" } else { "left" };
        let message = format!(
            "the {late} channel is {:.0} µs late: in mono it combs, with the first hole at {:.1} kHz",
            azimuth.right_late_us.abs(),
            500.0 / azimuth.right_late_us.abs()
        );
        found.push(Finding::warning(
            Check::Azimuth,
            message,
            "`AzimuthAlign` in the graph of the track sets it right",
        ));
    }
    found
}

/// What somebody should know of sides together: their names and their lengths in seconds, in their order. The first is at least
/// as long as the second, so that who turns the cassette over begins at its beginning.
#[must_use]
pub fn balance(sides: &[(String, f64)]) -> Vec<Finding> {
    let longer = |pair: &[(String, f64)]| {
        let [(first, one), (second, other)] = pair else { return None };
        (other > one).then(|| {
            let message = format!("side {second} is {} longer than side {first}", seconds(other - one));
            Finding::warning(
                Check::Balance,
                message,
                "the longer side first: tape left over belongs to the end",
            )
        })
    };
    sides.chunks(2).filter_map(longer).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Azimuth, Saturation};
    use super::*;
    use crate::side::Edges;

    const CLEAN: CassetteFigures = CassetteFigures {
        length_s: 1200.0,
        head_s: 1.0,
        edges: Edges { dc: [0.0; 2], below_20_hz_db: Some(-40.0), above_18_khz_db: Some(-60.0) },
        saturation: Saturation { middle_dbfs: -6.0, treble_dbfs: -20.0, treble_at_s: 3.0 },
        azimuth: Azimuth { right_late_us: 5.0, windows: 40 },
    };

    fn checks(figures: CassetteFigures) -> Vec<Check> {
        findings(&figures).iter().map(|finding| finding.check).collect()
    }

    #[test]
    fn every_fault_is_told_as_what_it_is_and_a_clean_side_has_none() {
        assert_eq!(checks(CLEAN), []);
        assert_eq!(checks(CassetteFigures { head_s: 0.4, ..CLEAN }), [Check::Lead]);
        let edges = Edges { dc: [0.0, -0.01], below_20_hz_db: Some(-12.0), ..CLEAN.edges };
        assert_eq!(checks(CassetteFigures { edges, ..CLEAN }), [Check::Offset, Check::Subsonic]);
        let saturation = Saturation { treble_dbfs: -12.0, ..CLEAN.saturation };
        assert_eq!(checks(CassetteFigures { saturation, ..CLEAN }), [Check::Saturation]);
        let azimuth = Azimuth { right_late_us: -45.0, windows: 40 };
        assert_eq!(checks(CassetteFigures { azimuth, ..CLEAN }), [Check::Azimuth]);
        // Two windows are no evidence.
        assert_eq!(checks(CassetteFigures { azimuth: Azimuth { windows: 2, ..azimuth }, ..CLEAN }), []);
    }

    #[test]
    fn the_first_side_of_a_cassette_is_not_the_shorter() {
        let sides = |a: f64, b: f64| balance(&[("A".into(), a), ("B".into(), b)]);
        assert_eq!(sides(100.0, 100.0), []);
        assert_eq!(sides(100.0, 103.5)[0].message, "side B is 3.5 s longer than side A");
        assert_eq!(balance(&[("A".into(), 1.0)]), []);
    }
}
