//! Figures against what is expected of a file.

use super::ends::HEARD_DBFS;
use super::{Confidence, FileFigures, GridCoder, OffsetFigures, Origin, PhaseBand};
use crate::{Check, Finding};
use deadwax_dsp::math::gain_to_db;
use deadwax_inspect::{FaultKind, clock};
use serde::Serialize;

/// The longest silence in front of the music, and behind it, that nobody wonders about, in seconds.
const HEAD_S: f64 = 0.5;
const TAIL_S: f64 = 10.0;
/// A fade is out below this, in dBFS; below the other, where words of 16 bit may carry shaped noise of their own.
const FADED_DBFS: f64 = -80.0;
const FADED_16_DBFS: f64 = -70.0;
/// And it comes to an end where its last 5 ms are softer than its last 50 by so much, in dB: 20 for a straight one.
const FADES_DB: f64 = 10.0;
/// A mean from this on is an offset; of full scale.
const OFFSET: f64 = 0.001;
/// At least this part of the mean is there in the middle of all windows.
const STEADY: f64 = 0.5;
/// And it is so many times what low notes and noise may leave.
const ERRORS: f64 = 4.0;
/// Shorter files are not held against it, in seconds.
const OFFSET_FROM_S: f64 = 1.0;
/// Rooms and wide sounds work against themselves for a moment; it is worth a warning when it lasts so long at once, in seconds, or for
/// this part of the file.
const LONG_S: f64 = 5.0;
const OFTEN: f64 = 0.1;
/// What has nothing in common on both sides loses 3 LU in mono; more is lost where the sides cancel.
const LOST_LU: f64 = 3.1;
/// So much room a service's own meter and converter may need below its ceiling, in dB.
const ROOM_DB: f64 = 0.3;
/// What meters differ by, in dB.
const SLACK_DB: f64 = 0.01;
/// Words of more bits than this are not expected to be used: a mixer's own last bits are noise.
const MOST_BITS: u32 = 24;
/// From so much on words stand still for want of dither, in seconds, and as a part of all that is quiet.
const STILL_S: f64 = 0.05;
const STILL_PART: f64 = 0.5;

/// A ceiling of a service.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Asked {
    /// The service.
    pub service: String,
    /// Its ceiling, in dBTP.
    pub ceiling_dbtp: f64,
    /// Whether others advise it, and not the service itself.
    pub advised: bool,
}

/// What is expected of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expected {
    /// The bits of its words, if it has words.
    pub bits: Option<u32>,
    /// Its sound goes on from the file before, so that its beginning is no beginning.
    pub continues_before: bool,
    /// Its sound goes on in the file behind, so that its end is no end.
    pub continues_behind: bool,
    /// The ceilings of the services it is for.
    pub ceilings: Vec<Asked>,
}

impl FileFigures {
    /// What somebody should know of the file, its name not yet in it.
    #[must_use]
    pub fn findings(&self, expected: &Expected) -> Vec<Finding> {
        let mut found = Vec::new();
        self.at_its_ends(expected, &mut found);
        self.offset(&mut found);
        self.against_itself(&mut found);
        self.peaks(expected, &mut found);
        found.extend(self.of_its_words(expected));
        found.extend(self.of_its_source());
        self.damage(&mut found);
        found
    }

    /// What a master may hide of the recording that it is made of: bits that are not used, words cut off, a lower rate, a lossy
    /// file, and what is damaged in it.
    #[must_use]
    pub fn source_findings(&self, bits: Option<u32>) -> Vec<Finding> {
        let expected = Expected { bits, ..Expected::default() };
        let mut found = self.of_its_words(&expected);
        found.extend(self.of_its_source());
        self.damage(&mut found);
        found
    }

    fn at_its_ends(&self, expected: &Expected, found: &mut Vec<Finding>) {
        let Some(ends) = &self.ends else {
            found.push(Finding::warning(Check::Head, "there is not one frame in it", ""));
            return;
        };
        if ends.quiet_head_s >= ends.length_s {
            found.push(Finding::warning(
                Check::Head,
                format!("nothing in it is louder than {HEARD_DBFS} dBFS"),
                "is it the right file?",
            ));
            return;
        }
        let (begin, end) = (ends.begin_s, ends.begin_s + ends.length_s);
        let cut = |level: Option<f64>| level.filter(|level| *level > HEARD_DBFS);
        if !expected.continues_before {
            if let Some(level) = cut(ends.first_dbfs) {
                let message = format!("begins within a sound: its first sample is at {level:.0} dBFS");
                let advice = "begin earlier, or fade in over some milliseconds";
                found.push(Finding::warning(Check::Head, message, advice).at(begin));
            } else if ends.quiet_head_s > HEAD_S {
                let message = format!("{:.1} s of silence before the first sound", ends.quiet_head_s);
                found.push(Finding::note(Check::Head, message, "listeners expect less than 0.5 s").at(begin));
            }
        }
        if !expected.continues_behind {
            let coarse = self.words.used_bits.is_some_and(|bits| bits <= 16);
            let faded = if coarse { FADED_16_DBFS } else { FADED_DBFS };
            if let Some(level) = cut(ends.last_dbfs) {
                let message = format!("ends within a sound: its last sample is at {level:.0} dBFS");
                let advice = "end later, or fade out";
                found.push(Finding::warning(Check::Tail, message, advice).at(end));
            } else if let (Some(level), Some(before)) = (ends.tail_dbfs, ends.before_dbfs)
                && level > faded
                && before - level < FADES_DB
            {
                let message = format!("its fade is cut at {level:.0} dBFS");
                let advice = "let it fade below −80 dBFS";
                found.push(Finding::warning(Check::Tail, message, advice).at(end));
            } else if ends.quiet_tail_s > TAIL_S {
                let message = format!("{:.0} s of silence behind the last sound", ends.quiet_tail_s);
                found.push(Finding::note(Check::Tail, message, "").at(end - ends.quiet_tail_s));
            }
        }
    }

    fn offset(&self, found: &mut Vec<Finding>) {
        if self.seconds() < OFFSET_FROM_S {
            return;
        }
        // An offset is there all the time, and not only when a drum is hit.
        let off = |one: &OffsetFigures| {
            let steady = one.mean * one.median > 0.0 && one.median.abs() >= STEADY * one.mean.abs();
            steady && one.median.abs() > OFFSET.max(ERRORS * one.error)
        };
        for (number, one) in self.offset.iter().enumerate().filter(|(_, one)| off(one)) {
            let message = format!(
                "the wave of {} lies {:+.4} of full scale off its middle ({:.0} dBFS)",
                side(number, self.offset.len()),
                one.median,
                gain_to_db(one.median.abs())
            );
            found.push(Finding::warning(Check::Offset, message, "put a `DcRemove` in front"));
        }
    }

    /// Left against right.
    fn against_itself(&self, found: &mut Vec<Finding>) {
        let against = self.phase.iter().flat_map(|phase| &phase.against);
        let of = |band: PhaseBand| against.clone().filter(move |one| one.band == band);
        let all = [PhaseBand::Whole, PhaseBand::Low, PhaseBand::Middle, PhaseBand::High];
        for band in all {
            let Some(longest) = of(band).max_by(|a, b| a.s.total_cmp(&b.s)) else { continue };
            let (count, total) = (of(band).count(), of(band).map(|one| one.s).sum::<f64>());
            let least = of(band).map(|one| one.least).fold(0.0, f64::min);
            let times =
                if count > 1 { format!(", {count} times, {total:.1} s in all") } else { String::new() };
            let message = format!(
                "left and right work against each other{} for {:.1} s{times} (correlation down to {least:.2})",
                words(band),
                longest.s
            );
            let long = longest.s >= LONG_S || total >= OFTEN * self.seconds();
            let turned = self.phase.as_ref().and_then(|phase| phase.whole).is_some_and(|whole| whole < 0.0);
            let advice = if turned { "is one channel upside down?" } else { "listen to it in mono" };
            let heavy = matches!(band, PhaseBand::Whole | PhaseBand::Low) && long;
            let weigh = if heavy { Finding::warning } else { Finding::note };
            let finding = weigh(Check::Phase, message, advice);
            found.push(finding.at(longest.at_s));
            if band == PhaseBand::Whole {
                break;
            }
        }
        if let Some(lost) = self.lost_in_mono_lu.filter(|lost| *lost > LOST_LU) {
            let message = if lost > 30.0 {
                "hardly anything is left of it in mono".to_owned()
            } else {
                format!("{lost:.1} LU softer in mono")
            };
            found.push(Finding::warning(Check::Mono, message, "phones and clubs play it so"));
        }
    }

    fn peaks(&self, expected: &Expected, found: &mut Vec<Finding>) {
        let measured = &self.measured;
        let Some(peak) = measured.true_peak_dbtp else { return };
        let meters = [measured.true_peak_reference_dbtp, measured.true_peak_annex_2_dbtp]
            .map(|level| level.map_or_else(|| "–".to_owned(), |level| format!("{level:.2}")));
        let of = |services: &[&Asked]| {
            let named = services.iter().map(|asked| format!("{} {} dBTP", asked.service, asked.ceiling_dbtp));
            named.collect::<Vec<_>>().join(", ")
        };
        let over = |asked: &&Asked| peak > asked.ceiling_dbtp + SLACK_DB;
        let (above, below): (Vec<&Asked>, Vec<&Asked>) = expected.ceilings.iter().partition(over);
        let near: Vec<&Asked> =
            below.into_iter().filter(|asked| peak > asked.ceiling_dbtp - ROOM_DB + SLACK_DB).collect();
        let said = format!("true peak {peak:.1} dBTP (two meters: {} and {})", meters[0], meters[1]);
        if !above.is_empty() {
            let message = format!("{said}, over the ceiling of {}", of(&above));
            let lowest = above.iter().map(|asked| asked.ceiling_dbtp).fold(f64::INFINITY, f64::min);
            let advice = format!("{:.1} dB lower", peak - lowest);
            let advised = above.iter().all(|asked| asked.advised);
            let weigh = if advised { Finding::note } else { Finding::warning };
            found.push(weigh(Check::TruePeak, message, advice));
        } else if !near.is_empty() {
            let message = format!("{said}, within {ROOM_DB} dB of the ceiling of {}", of(&near));
            found.push(Finding::note(Check::TruePeak, message, "another meter may read more"));
        }
    }

    fn of_its_words(&self, expected: &Expected) -> Vec<Finding> {
        let mut found = Vec::new();
        let words = &self.words;
        if words.not_numbers > 0 {
            let message = format!("{} of its samples are no numbers", words.not_numbers);
            found.push(Finding::warning(
                Check::Bits,
                message,
                "export it again: no player knows what to do with them",
            ));
        }
        if let (Some(declared), Some(used)) = (expected.bits, words.used_bits)
            && (1..declared.min(MOST_BITS)).contains(&used)
        {
            let message = format!("{used} of its {declared} bits are used");
            found.push(Finding::warning(
                Check::Bits,
                message,
                "ask for the file as it was before it was rounded",
            ));
        }
        if words.still_s >= STILL_S && words.still_s >= STILL_PART * words.quiet_s {
            let message = format!(
                "its words were cut off without dither: where it is quiet up to {} in a row are the same",
                words.longest_run
            );
            let finding =
                Finding::warning(Check::Truncated, message, "round it once, at the end, with a `Dither`");
            found.push(match words.still_at_s {
                Some(at_s) => finding.at(at_s),
                None => finding,
            });
        }
        found
    }

    fn of_its_source(&self) -> Option<Finding> {
        let (origin, confidence) = self.source.origin?;
        let khz = self.source.edge.map_or(0.0, |edge| edge.hz / 1000.0);
        let (check, message, advice) = match (origin, confidence) {
            (Origin::Upsampled { from_hz }, Confidence::High) => (
                Check::Upsampled,
                format!(
                    "its spectrum ends at {khz:.1} kHz, as after a conversion from {} kHz",
                    f64::from(from_hz) / 1000.0
                ),
                "ask for it at the rate it was made at",
            ),
            (Origin::Upsampled { from_hz }, Confidence::Fair) => (
                Check::Upsampled,
                format!(
                    "its spectrum ends at {khz:.1} kHz, as after a conversion from {} kHz, a lossy coder or a steep low-pass",
                    f64::from(from_hz) / 1000.0
                ),
                "",
            ),
            (Origin::Lossy, _) if self.source.grid.is_some() => (
                Check::Lossy,
                format!(
                    "it was a lossy file, {} by its window: its samples lie on the grid of such a coder (confidence high)",
                    match self.source.grid.map(|grid| grid.coder) {
                        Some(GridCoder::Vorbis) => "Vorbis",
                        _ => "AAC",
                    }
                ),
                "ask for the file as it left the mixer",
            ),
            (Origin::Lossy, Confidence::High) => (
                Check::Lossy,
                format!(
                    "its spectrum ends at {khz:.1} kHz and has {} holes below: it was a lossy file (confidence high)",
                    self.source.holes
                ),
                "ask for the file as it left the mixer",
            ),
            (Origin::Lossy, Confidence::Fair) => (
                Check::Lossy,
                format!("its spectrum ends at {khz:.1} kHz, as lossy files do (confidence fair)"),
                "ask whether it was an MP3, AAC or Vorbis file",
            ),
        };
        Some(match (origin, confidence) {
            (Origin::Upsampled { .. }, Confidence::Fair) => Finding::note(check, message, advice),
            _ => Finding::warning(check, message, advice),
        })
    }

    /// Flat tops, moments without a signal, and words that were held.
    fn damage(&self, found: &mut Vec<Finding>) {
        for fault in &self.faults {
            let (check, advice) = match fault.kind {
                FaultKind::Clipping => (Check::Clipping, "turn the mix down, or mend it with `DeClip`"),
                _ => (Check::Dropout, "copy or export it again"),
            };
            let finding = Finding::warning(check, fault.what.clone(), advice);
            found.push(match fault.places.first() {
                Some(place) => finding.at(place.at_s),
                None => finding,
            });
        }
        let Some(first) = self.words.stuck.first() else { return };
        let longest = self.words.stuck.iter().map(|stuck| stuck.s).fold(0.0, f64::max);
        let count = self.words.stuck.len();
        let message = format!(
            "one word is held {count} times, for up to {:.0} ms, first at {} ({:+.3} of full scale)",
            longest * 1000.0,
            clock(first.at_s),
            first.value
        );
        found.push(Finding::warning(Check::Stuck, message, "copy or export it again").at(first.at_s));
    }
}

/// ` below 200 Hz`; nothing for all of it.
fn words(band: PhaseBand) -> &'static str {
    match band {
        PhaseBand::Whole => "",
        PhaseBand::Low => " below 200 Hz",
        PhaseBand::Middle => " between 200 Hz and 4 kHz",
        PhaseBand::High => " above 4 kHz",
    }
}

/// The side that a channel is, or its number.
fn side(channel: usize, channels: usize) -> String {
    match (channels, channel) {
        (1, _) => "the one channel".to_owned(),
        (2, 0) => "the left".to_owned(),
        (2, 1) => "the right".to_owned(),
        _ => format!("channel {}", channel + 1),
    }
}
