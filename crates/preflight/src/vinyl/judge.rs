//! From figures to what somebody should know.

use super::figures::{Met, VinylFigures};
use super::geometry::{Size, Speed};
use super::order::Harder;
use crate::side::{Meeting, offset, seconds, subsonic, tenths};
use crate::{Check, Finding};

/// Less than this softer than at the reference is within what cutters set by ear, in dB.
const LEAST_SOFTER_DB: f64 = 1.0;
/// What differs in the bass has so much less power than what both channels share, in dB: at −6 the correlation is 0.6. Our
/// estimate of what is near enough to the mono bass that plants ask for.
const MOST_SIDE_DB: f64 = -6.0;
/// So long may the channels move against each other in the bass, in seconds: plants say never; this is less than a note.
const MOST_AGAINST_S: f64 = 0.25;
/// So far may the groove rise, in µm. A groove of 90 µm at the surface, which is about the widest that is cut, is 45 µm deep, and
/// keeps 12.5 µm.
const MOST_RISE_UM: f64 = 32.5;
/// Beyond this slope no stylus follows: the groove moves across faster than it passes.
const MOST_SLOPE: f64 = 1.0;
/// One frame in a thousand may be so steep above 5 kHz. Our estimate: at half the speed of the groove, 27°, a tip of 18 µm is
/// lost between the bends.
const MOST_TREBLE_SLOPE: f64 = 0.5;
/// One frame in a thousand may bend by so small a radius, in µm: that of the sides of an elliptical stylus, 0.3 mil.
const LEAST_BEND_UM: f64 = 7.5;
/// So many bursts a minute are what a voice has. Our estimate: one in five seconds that is also fast.
const MOST_BURSTS: f64 = 12.0;
/// So many runs of equal extreme samples a minute may be chance.
const MOST_RUNS: f64 = 1.0;
/// Plants ask for dynamics; below this peak to loudness ratio, in LU, a cut is softer than one with peaks.
const LEAST_PLR_LU: f64 = 8.0;
/// So much of all power may lie above 18 kHz, in dB. Our estimate: the recording curve lifts it by 19 dB, and the head becomes hot.
const MOST_ABOVE_18_KHZ_DB: f64 = -40.0;
/// A band between tracks can be seen, and found with a stylus, when it is silent for so long, in seconds: two, less what filters
/// ring and reverberation leaves.
const LEAST_BAND_S: f64 = 1.9;
/// Tracks with so much silence between them are meant to have a band, in seconds.
const MEANT_S: f64 = 0.25;

/// What somebody should know of a side before it is cut, by its figures.
#[must_use]
pub fn findings(figures: &VinylFigures) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(land(figures));
    found.extend(bass(figures));
    found.extend(treble(figures));
    found.extend(sibilance(figures));
    found.extend(density(figures));
    found.extend(offset(&figures.edges));
    found.extend(subsonic(&figures.edges));
    found.extend(ultrasonic(figures));
    found.extend(bands(figures));
    found.extend(order(figures));
    found
}

fn land(figures: &VinylFigures) -> Option<Finding> {
    let land = &figures.land;
    (land.change_db < -LEAST_SOFTER_DB).then(|| {
        let message = format!(
            "it takes {:.0} µm of land a turn, most at {}, and has {:.0}: to fit, it will be cut about {} dB softer than with {} \
             dBFS at 5 cm/s",
            land.takes_um,
            clock(land.lateral_um.at_s),
            land.has_um,
            tenths(-land.change_db),
            figures.reference_dbfs
        );
        let advice = "a shorter side, less bass, or bass in the middle; or let it be softer";
        Finding::warning(Check::Land, message, advice)
    })
}

fn bass(figures: &VinylFigures) -> Vec<Finding> {
    const ADVICE: &str = "make the bass mono: `BassMono(freq_hz: 150)`";
    let (bass, land) = (&figures.bass, &figures.land);
    let mut found = Vec::new();
    if let Some(side) = bass.side_to_mid_db.filter(|side| *side > MOST_SIDE_DB) {
        let message =
            format!("below 150 Hz what differs has {} dB of the power of what is shared", tenths(side));
        found.push(Finding::warning(Check::BassPhase, message, ADVICE));
    }
    if bass.against.length_s > MOST_AGAINST_S {
        let length = seconds(bass.against.length_s);
        let message = format!("below 150 Hz the channels move against each other for {length}");
        found.push(Finding::warning(Check::BassPhase, message, ADVICE).at(bass.against.at_s));
    }
    if land.up_um.value > MOST_RISE_UM {
        let message = format!("the groove rises by {:.0} µm, and nearly ends", land.up_um.value);
        let advice = "narrow it further up: `BassMono(freq_hz: 300)`, or let it be cut softer";
        found.push(Finding::warning(Check::BassPhase, message, advice).at(land.up_um.at_s));
    }
    found
}

fn treble(figures: &VinylFigures) -> Vec<Finding> {
    let treble = &figures.treble;
    let speed = |at_s: f64| {
        let radius = figures.record.radius_mm(at_s, figures.length_s);
        format!("{:.0} cm/s, {radius:.0} mm from the middle", figures.record.groove_cm_s(radius))
    };
    let mut found = Vec::new();
    if treble.slope.value > MOST_SLOPE {
        let at = treble.slope.at_s;
        let message = format!(
            "the stylus would have to move {} times as fast as the groove passes, at {}: it cannot be traced",
            tenths(treble.slope.value),
            speed(at)
        );
        found.push(
            Finding::warning(
                Check::Treble,
                message,
                "turn its highs down there, by a `DeEsser`, or let it be cut softer",
            )
            .at(at),
        );
    }
    let bend = treble.bend_radius_um();
    let steep = treble.treble_slope.p999 > MOST_TREBLE_SLOPE;
    if steep || bend < LEAST_BEND_UM {
        let peak = if steep { treble.treble_slope.peak } else { treble.bend_per_mm.peak };
        let message = format!(
            "above 5 kHz one moment in a thousand is as fast as {:.0} % of the groove and bends by {bend:.1} µm, at worst at {}: it will distort",
            100.0 * treble.treble_slope.p999,
            speed(peak.at_s)
        );
        found.push(
            Finding::warning(Check::Treble, message, "softer highs, or harder tracks further out")
                .at(peak.at_s),
        );
    }
    found
}

fn sibilance(figures: &VinylFigures) -> Option<Finding> {
    let sibilance = &figures.sibilance;
    (sibilance.per_minute > MOST_BURSTS).then(|| {
        let worst =
            sibilance.worst.iter().copied().reduce(|a, b| if b.peak_cm_s > a.peak_cm_s { b } else { a });
        let worst = worst.unwrap_or_default();
        let times: Vec<String> = sibilance.worst.iter().map(|hiss| clock(hiss.at_s)).collect();
        let message = format!(
            "{:.0} bursts a minute from 6 to 10 kHz, up to {:.0} cm/s; the worst at {}",
            sibilance.per_minute,
            worst.peak_cm_s,
            times.join(", ")
        );
        Finding::warning(Check::Sibilance, message, "a `DeEsser`, in the tracks rather than over all of it")
            .at(worst.at_s)
    })
}

fn density(figures: &VinylFigures) -> Vec<Finding> {
    let mut found = Vec::new();
    let runs = figures.clipping.runs;
    if runs.runs as f64 > (MOST_RUNS * figures.length_s / 60.0).max(1.0) {
        let message = format!(
            "{} runs of equal extreme samples, the longest of {}: clipped peaks distort in a cut",
            runs.runs, runs.longest
        );
        found.push(
            Finding::warning(Check::Clipping, message, "send the mix as it was before it was clipped")
                .at(figures.clipping.first_at_s),
        );
    }
    if let Some(plr) = figures.plr_lu.filter(|plr| *plr < LEAST_PLR_LU) {
        let message = format!("peaks are only {} LU above its loudness", tenths(plr));
        let advice = "less limiting: on a record, loudness is a matter of length";
        found.push(Finding::warning(Check::Density, message, advice));
    }
    found
}

fn ultrasonic(figures: &VinylFigures) -> Option<Finding> {
    let above = figures.edges.above_18_khz_db.filter(|above| *above > MOST_ABOVE_18_KHZ_DB)?;
    let message = format!(
        "above 18 kHz it has {} dB of all its power, and the curve lifts that by 19 dB",
        tenths(above)
    );
    Some(Finding::warning(Check::Ultrasonic, message, "a low-pass at 18 kHz"))
}

fn bands(figures: &VinylFigures) -> Vec<Finding> {
    let mut found = Vec::new();
    for (Met { meeting, silence_s }, part) in figures.meets.iter().zip(figures.tracks.iter().skip(1)) {
        let meant = match meeting {
            Meeting::Crosses => continue,
            Meeting::Gap => true,
            Meeting::Follows => *silence_s >= MEANT_S,
        };
        if *silence_s >= LEAST_BAND_S {
            continue;
        }
        let finding = if meant {
            let message = format!("{} of silence in front of “{}”", seconds(*silence_s), part.title);
            let advice = "leave two seconds where a band is to be seen, or tell the cutter that none is";
            Finding::warning(Check::Bands, message, advice)
        } else {
            let message = format!("“{}” follows without silence: there will be no band", part.title);
            Finding::note(Check::Bands, message, "")
        };
        found.push(finding.at(part.begin_s));
    }
    found
}

fn order(figures: &VinylFigures) -> Option<Finding> {
    let harder = Harder::of(&figures.thirds)?;
    let mut more = Vec::new();
    if harder.louder_lu > 0.0 {
        more.push(format!("{} LU louder", tenths(harder.louder_lu)));
    }
    if harder.brighter_db > 0.0 {
        more.push(format!("{} dB brighter", tenths(harder.brighter_db)));
    }
    let message = format!("its inner third is {} than its outer third", more.join(" and "));
    let advice = match harder.swap(&figures.tracks) {
        Some(swap) => format!(
            "“{}” further out, in the place of “{}”, if the music allows it",
            figures.tracks[swap.outwards].title, figures.tracks[swap.inwards].title
        ),
        None => "room is least where the groove is slowest: softer towards the end".to_owned(),
    };
    Some(Finding::warning(Check::Order, message, advice).at(figures.thirds[2].begin_s))
}

/// A time as people read it: 4:05.3.
fn clock(seconds: f64) -> String {
    let tenths = (10.0 * seconds).round() as u64;
    format!("{}:{:02}.{}", tenths / 600, tenths / 10 % 60, tenths % 10)
}

impl super::Record {
    /// What people call it.
    #[must_use]
    pub fn words(self) -> String {
        let inches = match self.size {
            Size::Inch12 => 12,
            Size::Inch10 => 10,
            Size::Inch7 => 7,
        };
        let rpm = if self.speed == Speed::Rpm45 { "45" } else { "33⅓" };
        format!("{inches}-inch record, {rpm} rpm")
    }
}
