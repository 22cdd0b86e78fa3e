//! What `DeClick` and `DeCrackle` share: a listener that finds and fills, and a stream that puts the patches in place.

use deadwax_dsp::declick::{Listener, Patch, Patcher, Settings};
use deadwax_node::learn::{Hear, Learn, Lesson, LessonError, LessonProblem, learning};
use deadwax_node::{Block, Io, NodeError, Prepared, Report, Setup, Stream};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// What was repaired.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RepairReport {
    /// How many places, over all channels.
    pub repaired: usize,
    /// How many of them in a minute, on average over the programme.
    pub per_minute: f64,
    /// The share of all samples that was filled, 0 to 1.
    pub filled_share: f64,
    /// The places; the first thousand of them.
    pub places: Vec<Click>,
}

/// The most places that a report lists.
const MOST_PLACES: usize = 1000;

/// Where clicks are: what a node learns, and what a person may edit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClickMap {
    /// The clicks, by channel and time.
    pub clicks: Vec<Click>,
}

/// One click of a [`ClickMap`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Click {
    /// The channel, from 0.
    pub channel: usize,
    /// Where it begins, in seconds.
    pub at_s: f64,
    /// How long it is, in milliseconds.
    pub ms: f64,
}

impl Lesson for ClickMap {
    const NAME: &'static str = "click map";
}

/// Seconds are kept to this many parts of one, which is finer than a frame at any rate.
const PARTS_OF_A_SECOND: f64 = 1e7;

impl Click {
    fn of(patch: &Patch, rate_hz: f64) -> Self {
        let at_s = (patch.start as f64 / rate_hz * PARTS_OF_A_SECOND).round() / PARTS_OF_A_SECOND;
        let s = (patch.samples.len() as f64 / rate_hz * PARTS_OF_A_SECOND).round();
        Self { channel: patch.channel, at_s, ms: s / (PARTS_OF_A_SECOND / 1000.0) }
    }

    fn frames(self, rate_hz: f64) -> Range<u64> {
        let start = (self.at_s * rate_hz).round() as u64;
        start..start + (self.ms / 1000.0 * rate_hz).round().max(1.0) as u64
    }
}

/// The longest click that a map may have, in milliseconds: as long as `DeClick` can be told to look for.
const LONGEST_MS: f64 = 5.0;
/// Programmes are shorter than this, in seconds.
const LONGEST_S: f64 = 1e6;

/// Patches, and how long the programme was.
#[derive(Clone, Debug)]
pub(super) struct Found {
    patches: Vec<Patch>,
    frames: u64,
}

/// Prepares a node of `kind` that finds clicks by `settings`, and puts out what it took away if `audition` says so.
pub(super) fn prepare(
    kind: &'static str,
    settings: Settings,
    audition: bool,
    setup: &Setup,
) -> Result<Prepared, NodeError> {
    let format = setup.main();
    let rate_hz = f64::from(format.rate_hz);
    let channels = format.channels();
    learning(kind, Finding { settings, rate_hz, channels, audition, parallel: setup.workers > 1 }, setup)
}

struct Finding {
    settings: Settings,
    rate_hz: f64,
    channels: usize,
    audition: bool,
    parallel: bool,
}

impl Learn for Finding {
    type Lesson = ClickMap;
    type Found = Found;

    fn check(&self, map: &ClickMap) -> Result<(), LessonProblem> {
        let mut ends = vec![0; self.channels];
        for (number, click) in map.clicks.iter().enumerate() {
            let wrong = |field: &str, reason: String| {
                Err(LessonProblem::at(format!("clicks.{number}.{field}"), reason))
            };
            let Some(end) = ends.get_mut(click.channel) else {
                return wrong("channel", format!("there are channels 0 to {}", self.channels - 1));
            };
            if !(0.0..LONGEST_S).contains(&click.at_s) {
                return wrong("at_s", "a time in seconds from 0 on".to_owned());
            }
            // A map keeps frames to a ten-millionth of a second.
            if !(click.ms > 0.0 && click.ms <= LONGEST_MS + 0.001) {
                return wrong("ms", format!("a click is longer than 0 and at most {LONGEST_MS} ms"));
            }
            let frames = click.frames(self.rate_hz);
            if frames.start < *end {
                return wrong("at_s", "it begins before the one above it on this channel ends".to_owned());
            }
            *end = frames.end;
        }
        Ok(())
    }

    fn listener(&self, known: Option<&ClickMap>) -> Box<dyn Hear<Found>> {
        let listener = match known {
            None => Listener::seeking(self.settings, self.rate_hz, self.channels),
            Some(map) => Listener::given(places(map, self.rate_hz, self.channels)),
        };
        let (listener, rate_hz) = (listener.parallel(self.parallel), self.rate_hz);
        Box::new(Hearing { listener, known: known.cloned(), rate_hz, frames: 0 })
    }

    fn lesson(&self, found: &Found) -> ClickMap {
        ClickMap { clicks: found.patches.iter().map(|patch| Click::of(patch, self.rate_hz)).collect() }
    }

    fn stream(&self, found: &Found) -> Result<Box<dyn Stream>, NodeError> {
        let patcher = Patcher::new(&found.patches, self.channels, self.audition);
        let report = report(found, self.rate_hz, self.channels);
        Ok(Box::new(Patching { patcher, report }))
    }
}

/// The frames of every channel's clicks.
fn places(map: &ClickMap, rate_hz: f64, channels: usize) -> Vec<Vec<Range<u64>>> {
    let mut places = vec![Vec::new(); channels];
    for click in &map.clicks {
        places[click.channel].push(click.frames(rate_hz));
    }
    places
}

fn report(found: &Found, rate_hz: f64, channels: usize) -> RepairReport {
    let patches = &found.patches;
    let filled: usize = patches.iter().map(|patch| patch.samples.len()).sum();
    let all = (found.frames as f64 * channels as f64).max(1.0);
    let minutes = found.frames as f64 / rate_hz / 60.0;
    RepairReport {
        repaired: patches.len(),
        per_minute: if minutes > 0.0 { patches.len() as f64 / minutes } else { 0.0 },
        filled_share: filled as f64 / all,
        places: patches.iter().take(MOST_PLACES).map(|patch| Click::of(patch, rate_hz)).collect(),
    }
}

struct Hearing {
    listener: Listener,
    known: Option<ClickMap>,
    rate_hz: f64,
    frames: u64,
}

impl Hear<Found> for Hearing {
    fn hear(&mut self, _: u64, block: Block<'_>) -> Result<(), NodeError> {
        let planes: Vec<&[f64]> = block.iter().collect();
        self.listener.push(&planes);
        self.frames += block.frames() as u64;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Found, NodeError> {
        let (frames, rate_hz) = (self.frames, self.rate_hz);
        let beyond = |click: &Click| click.frames(rate_hz).end > frames;
        if let Some(number) = self.known.iter().flat_map(|map| &map.clicks).position(beyond) {
            let reason = format!("the programme ends before that, at {:.3} s", frames as f64 / rate_hz);
            let problem = LessonProblem::at(format!("lesson.clicks.{number}.at_s"), reason);
            return Err(LessonError::Wrong { name: ClickMap::NAME, problem }.into());
        }
        Ok(Found { patches: self.listener.finish(), frames })
    }
}

/// The patches lie at frames of the programme: no state.
struct Patching {
    patcher: Patcher,
    report: RepairReport,
}

impl Stream for Patching {
    fn process(&mut self, io: &mut Io<'_>) -> Result<(), NodeError> {
        let start = io.start();
        for (index, channel) in io.main().iter_mut().enumerate() {
            self.patcher.process(index, start, channel);
        }
        Ok(())
    }

    fn reset(&mut self) {}

    fn report(&self) -> Option<Report> {
        Some(Report::new(self.report.clone()))
    }
}
