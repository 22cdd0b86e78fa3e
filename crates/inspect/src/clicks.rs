//! Clicks and crackle.

use crate::fault::{MOST_PLACES, clock};
use crate::{About, Detector, Fault, FaultKind, Place, Remedy, Severity};
use deadwax_dsp::declick::{Listener, Patch, Settings};
use deadwax_dsp::math::gain_to_db;

/// Clean music has errors of the prediction up to this many times their surroundings, now and then.
const CLICK_THRESHOLD: f64 = 24.0;
/// A click that changes the wave by less than this is not heard behind music, in parts of full scale.
const LEAST_CLICK: f64 = 0.003;
/// A programme begins with a step often enough, in seconds.
const FIRST_S: f64 = 0.005;
/// So many clicks a minute are clear, and severe.
const CLICKS_A_MINUTE: [f64; 2] = [4.0, 60.0];

/// Ticks may be weaker when they are many.
const TICK_THRESHOLD: f64 = 8.0;
/// The longest tick, in seconds.
const TICK_S: f64 = 0.0004;
/// Dense music has so many errors of that size a minute; a record that crackles has more.
const TICKS_A_MINUTE: [f64; 3] = [240.0, 600.0, 2400.0];

fn listener(threshold: f64, max_s: f64, trains: bool, rate_hz: u32, channels: usize) -> Listener {
    let settings = Settings { threshold, max_s, trains, ..Settings::default() };
    Listener::seeking(settings, f64::from(rate_hz), channels).parallel(true)
}

fn places(patches: &[Patch], about: &About) -> Vec<Place> {
    let place = |patch: &Patch| Place {
        channel: (about.channels > 1).then_some(patch.channel),
        at_s: about.at_s(patch.start),
        s: about.at_s(patch.samples.len() as u64),
    };
    let mut places: Vec<Place> = patches.iter().map(place).collect();
    places.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
    places.truncate(MOST_PLACES);
    places
}

fn per_minute(count: usize, about: &About) -> f64 {
    count as f64 * 60.0 / about.seconds().max(1e-9)
}

/// Single clicks.
pub(crate) struct Clicks(Listener);

impl Clicks {
    pub(crate) fn new(rate_hz: u32, channels: usize) -> Self {
        Self(listener(CLICK_THRESHOLD, Settings::default().max_s, true, rate_hz, channels))
    }
}

impl Detector for Clicks {
    fn hear(&mut self, block: &[&[f64]]) {
        self.0.push(block);
    }

    fn finish(self: Box<Self>, about: &About) -> Vec<Fault> {
        let mut patches = self.0.finish();
        let first = (FIRST_S * f64::from(about.rate_hz)) as u64;
        patches.retain(|patch| patch.removed >= LEAST_CLICK && patch.start >= first);
        let Some(loudest) = patches.iter().max_by(|a, b| a.removed.total_cmp(&b.removed)) else {
            return Vec::new();
        };
        let rate = per_minute(patches.len(), about);
        let many =
            if patches.len() == 1 { "1 click".to_owned() } else { format!("{} clicks", patches.len()) };
        let (peak, at) = (gain_to_db(loudest.removed), clock(about.at_s(loudest.start)));
        let longest = patches.iter().map(|patch| about.at_s(patch.samples.len() as u64)).fold(0.0, f64::max);
        // With a margin, and in steps that a person would write.
        let max_ms = (longest * 1500.0).clamp(1.0, 5.0).ceil();
        vec![Fault {
            kind: FaultKind::Clicks,
            severity: Severity::of(rate, CLICKS_A_MINUTE[0], CLICKS_A_MINUTE[1]),
            what: format!("{many}, {rate:.1} a minute; the loudest, {peak:.0} dBFS, at {at}"),
            count: patches.len(),
            places: places(&patches, about),
            remedy: Some(Remedy {
                name: "clicks",
                node: format!("DeClick(max_ms: {max_ms})"),
                why: format!("the longest click found is {:.1} ms", longest * 1000.0),
            }),
        }]
    }
}

/// Many small ticks.
pub(crate) struct Crackle(Listener);

impl Crackle {
    pub(crate) fn new(rate_hz: u32, channels: usize) -> Self {
        Self(listener(TICK_THRESHOLD, TICK_S, true, rate_hz, channels))
    }
}

impl Detector for Crackle {
    fn hear(&mut self, block: &[&[f64]]) {
        self.0.push(block);
    }

    fn finish(self: Box<Self>, about: &About) -> Vec<Fault> {
        let patches = self.0.finish();
        let rate = per_minute(patches.len(), about);
        let [least, clear, severe] = TICKS_A_MINUTE;
        if rate < least {
            return Vec::new();
        }
        vec![Fault {
            kind: FaultKind::Crackle,
            severity: Severity::of(rate, clear, severe),
            what: format!("{} small ticks, {rate:.0} a minute", patches.len()),
            count: patches.len(),
            places: places(&patches, about),
            remedy: Some(Remedy {
                name: "crackle",
                node: format!("DeCrackle(strength: {})", if rate >= severe { 6 } else { 5 }),
                why: "so many ticks are the surface of a record, not single faults".to_owned(),
            }),
        }]
    }
}
