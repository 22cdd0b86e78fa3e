//! Peaks that were cut off.

use crate::fault::{MOST_PLACES, channel_name, clock};
use crate::{About, Detector, Fault, FaultKind, Place, Remedy, Severity};
use deadwax_dsp::declip::ClipDetector;
use deadwax_dsp::math::gain_to_db;

/// So many clipped samples in a million are clear, and severe.
const PARTS: [f64; 2] = [20.0, 1000.0];

pub(crate) struct Clipping(ClipDetector);

impl Clipping {
    pub(crate) fn new(channels: usize) -> Self {
        Self(ClipDetector::new(channels, MOST_PLACES))
    }
}

impl Detector for Clipping {
    fn hear(&mut self, block: &[&[f64]]) {
        block.iter().enumerate().for_each(|(channel, samples)| self.0.push(channel, samples));
    }

    fn finish(self: Box<Self>, about: &About) -> Vec<Fault> {
        let channels = self.0.finish();
        let sides: Vec<_> = channels
            .iter()
            .enumerate()
            .flat_map(|(channel, clips)| clips.sides().map(move |side| (channel, side)))
            .collect();
        let (count, frames) =
            sides.iter().fold((0, 0), |(c, f), (_, side)| (c + side.count, f + side.frames));
        let Some((channel, worst)) = sides.iter().max_by_key(|(_, side)| side.frames) else {
            return Vec::new();
        };
        let mut places: Vec<Place> = Vec::new();
        for (channel, side) in &sides {
            let channel = (about.channels > 1).then_some(*channel);
            let place = |run: &deadwax_dsp::declip::Run| Place {
                channel,
                at_s: about.at_s(run.start),
                s: about.at_s(run.frames),
            };
            places.extend(side.runs.iter().map(place));
        }
        places.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
        places.truncate(MOST_PLACES);
        let level = gain_to_db(worst.level);
        let longest = sides.iter().map(|(_, side)| side.longest).max().unwrap_or(0);
        let parts = frames as f64 * 1e6 / (about.frames.max(1) as f64 * about.channels as f64);
        let first =
            places.first().map_or_else(String::new, |place| format!("; first at {}", clock(place.at_s)));
        let side = channel_name(*channel, about.channels);
        let quality = if parts >= PARTS[1] { ", quality: 3" } else { "" };
        vec![Fault {
            kind: FaultKind::Clipping,
            severity: Severity::of(parts, PARTS[0], PARTS[1]),
            what: format!(
                "{count} flat tops at {level:.1} dBFS (most on the {side}), up to {longest} samples{first}"
            ),
            count: count as usize,
            places,
            remedy: Some(Remedy {
                name: "peaks",
                node: format!("DeClip(headroom_db: 0{quality})"),
                why: "the level is found for each side of each channel; restored peaks go beyond it"
                    .to_owned(),
            }),
        }]
    }
}
