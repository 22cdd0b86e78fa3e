//! The change that brings a track to the others: not to the middle, but half of the way that is left to tracks, so that it
//! stands out no more and stays itself.
//!
//! Loudness is turned where the track's graph aims at one, else by the track's offset. Tone is turned with a band that the
//! track's graph has already, the one that moves the region most and the others least: its gain is looked for with the band's own
//! response on the tone that was heard. Width is turned with the `Width` of the graph. Where a graph has none of these, the node
//! that it would take is written out. What follows in a graph answers to a change (a compressor, a limiter), so a second
//! report shows what is left.

use super::hear::HeardTrack;
use crate::album::opened::{OpenedAlbum, TrackGraph};
use crate::album::render::AlbumError;
use deadwax_album::consistency::{Aspect, Middle, NO_WIDTH_DB, Outlier, Region, Sound};
use deadwax_album::document::Loudness;
use deadwax_dsp::equalizer::Band;
use deadwax_dsp::math::{db_to_gain, gain_to_db};
use deadwax_graph::Graph;
use deadwax_graph::model::Node;
use deadwax_node::{Lane, Registry};
use serde::Serialize;
use serde_json::Value;

/// A band counts for a region if 1 dB of it moves the region by this much, in dB.
const MOVES_DB: f64 = 0.35;
/// The farthest that a band is turned, in dB: more is no master's business.
const MOST_DB: f64 = 6.0;
/// How near to the middle a track is brought, of the distance at which it stands out.
const NEAR: f64 = 0.5;
/// Halvings until a gain is known to far less than it is written with.
const HALVINGS: usize = 30;
/// How wide the `Q` of a band is that is written out.
const WIDE_Q: f64 = 0.7;
/// Peaks that are raised beyond this need a limiter, in dBTP.
const CEILING_DBTP: f64 = -1.0;

/// What one might do.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Remedy {
    /// A value of the document.
    Set {
        /// Where it is, as `deadwax set` takes it.
        path: String,
        /// What it is now.
        now: String,
        /// What it is to be.
        to: String,
    },
    /// A node for the track's graph.
    Node {
        /// It, as one writes it in a graph.
        node: String,
    },
    /// Nothing that a value or a node could do.
    Nothing,
}

/// A change that brings a track to the others.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The track, as the document calls it.
    pub track: String,
    /// What is odd about it.
    pub outlier: Outlier,
    /// What one might do.
    pub remedy: Remedy,
    /// What else to know; empty where there is nothing.
    pub note: String,
}

/// A change for every outlier.
pub(super) fn changes(
    opened: &OpenedAlbum,
    heard: &[HeardTrack],
    (middles, outliers): (&[Middle], &[Outlier]),
    registry: &Registry,
) -> Result<Vec<Change>, AlbumError> {
    let mut changes = Vec::new();
    for outlier in outliers {
        let track = &heard[outlier.track];
        let middle = middles.iter().find(|middle| middle.aspect == outlier.aspect);
        let (Some(number), Some(middle)) = (track.track, middle) else { continue };
        let graph = opened.tracks[number].as_ref().and_then(|found| found.graph.as_ref());
        let load = |graph: &TrackGraph| graph.graph.load(registry, &graph.overrides);
        let graph = graph.map(load).transpose().map_err(AlbumError::Graph)?;
        let bench = Bench { opened, number, track, graph: graph.as_ref() };
        let wanted = middle.median + (NEAR * middle.reach).copysign(outlier.beyond);
        let beyond = outlier.value - wanted;
        let (remedy, note) = match outlier.aspect {
            Aspect::Loudness => bench.loudness(beyond),
            Aspect::Tone(region) => bench.tone(region, wanted),
            Aspect::Width => bench.width(beyond),
        };
        changes.push(Change { track: track.name.clone(), outlier: *outlier, remedy, note });
    }
    Ok(changes)
}

/// A track that is worked on.
struct Bench<'a> {
    opened: &'a OpenedAlbum,
    number: usize,
    track: &'a HeardTrack,
    graph: Option<&'a Graph>,
}

/// A gain of a graph that makes part of the spectrum louder.
struct Knob {
    /// Its field, as in `tone.air.gain_db`.
    path: String,
    now_db: f64,
    band: fn(Value3) -> Band,
    shape: (f64, f64),
}

/// Frequency, gain and Q of a band.
type Value3 = (f64, f64, f64);

impl Knob {
    /// How much louder it makes a frequency at `gain_db`, in dB.
    fn gain_db(&self, hz: f64, gain_db: f64) -> f64 {
        let (freq_hz, q) = self.shape;
        let gain = |gain_db| gain_to_db((self.band)((freq_hz, gain_db, q)).response(hz).norm());
        gain(gain_db) - gain(self.now_db)
    }

    /// A region of `sound` when it is turned to `gain_db`.
    fn region_db(&self, sound: &Sound, region: Region, gain_db: f64) -> f64 {
        sound.tone.filtered(|hz| self.gain_db(hz, gain_db)).region_db(region).unwrap_or(0.0)
    }

    /// How much 1 dB of it moves a region, and how much all others together.
    fn moves(&self, sound: &Sound, region: Region) -> (f64, f64) {
        let turned = sound.tone.filtered(|hz| self.gain_db(hz, self.now_db + 1.0));
        let moved = |region| {
            let before = sound.tone.region_db(region).unwrap_or(0.0);
            turned.region_db(region).unwrap_or(0.0) - before
        };
        let others = Region::ALL.into_iter().filter(|other| *other != region);
        (moved(region), others.map(|other| moved(other).abs()).sum())
    }

    /// The gain at which a region comes to `wanted` dB, or nearest to it.
    fn reach(&self, sound: &Sound, region: Region, wanted: f64) -> f64 {
        let (mut low, mut high) = (-MOST_DB, MOST_DB);
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            if self.region_db(sound, region, middle) < wanted { low = middle } else { high = middle }
        }
        (5.0 * (low + high)).round() / 10.0
    }
}

impl Bench<'_> {
    fn loudness(&self, beyond: f64) -> (Remedy, String) {
        let track = &self.opened.album.tracks[self.number];
        let aims = self.nodes().filter(|node| node.node.about().kind == "Loudness");
        let aim = aims.filter_map(|node| Some((node, node.node.to_json()["target_lufs"].as_f64()?))).last();
        if let Some((node, target)) = aim {
            let path = format!("{}.target_lufs", node.name);
            return (self.set(&path, target, target - beyond, 1), String::new());
        }
        let note = match self.track.measured.true_peak_dbtp {
            Some(peak) if beyond < 0.0 && peak - beyond > CEILING_DBTP => format!(
                "its peaks would reach {:.1} dBTP: a limiter in its graph, or in that of the deliverables, has to hold them",
                peak - beyond
            ),
            _ if matches!(self.opened.album.loudness, Loudness::Match { .. }) => {
                "`Match` turns every track to one loudness: it takes the offset back, unless the track is an `interlude`".into()
            }
            _ => String::new(),
        };
        let path = format!("tracks.{}.offset_db", track.name.value);
        let remedy = Remedy::Set {
            path,
            now: written(track.offset_db, 1),
            to: written((track.offset_db - beyond).clamp(-40.0, 40.0), 1),
        };
        (remedy, note)
    }

    fn tone(&self, region: Region, wanted: f64) -> (Remedy, String) {
        let sound = &self.track.sound;
        let fit = |knob: &Knob| {
            let (moved, others) = knob.moves(sound, region);
            (moved >= MOVES_DB).then_some(moved - 0.5 * others)
        };
        let knobs = self.nodes().flat_map(knobs).filter_map(|knob| Some((fit(&knob)?, knob)));
        let best = knobs.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, knob)| knob);
        if let Some(knob) = best {
            let to = knob.reach(sound, region, wanted);
            return (self.set(&knob.path, knob.now_db, to, 1), far(to));
        }
        let knob = new_knob(region);
        let to = knob.reach(sound, region, wanted);
        (Remedy::Node { node: knob.written(region, to) }, far(to))
    }

    fn width(&self, beyond: f64) -> (Remedy, String) {
        if self.track.sound.width_db.is_some_and(|width| width <= NO_WIDTH_DB) {
            let note =
                "it is mono: no change of width gives it one. `Widener` makes one up, where that is wanted";
            return (Remedy::Nothing, note.into());
        }
        let factor = db_to_gain(-beyond);
        let wide = |amount: f64| {
            if amount > 2.0 {
                "twice the difference is the most that `Width` gives: look at the mix".to_owned()
            } else {
                String::new()
            }
        };
        let widths = self.nodes().filter(|node| node.node.about().kind == "Width");
        let now = widths.filter_map(|node| Some((node, node.node.to_json()["amount"].as_f64()?))).last();
        if let Some((node, now)) = now.filter(|(_, now)| *now > 0.0) {
            let path = format!("{}.amount", node.name);
            return (self.set(&path, now, (now * factor).min(2.0), 2), wide(now * factor));
        }
        let node = format!("Width(amount: {})", written(factor.min(2.0), 2));
        (Remedy::Node { node }, wide(factor))
    }

    /// The nodes of the graph that are on and hear both channels.
    fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.graph
            .into_iter()
            .flat_map(|graph| &graph.nodes)
            .filter(|node| node.on && node.lane == Lane::Both)
    }

    /// A value of the graph for this track: by the param that sets it, where there is one.
    fn set(&self, path: &str, now: f64, to: f64, digits: usize) -> Remedy {
        let params = self.graph.map(|graph| graph.params.as_slice()).unwrap_or_default();
        let param = params.iter().find(|param| param.sets.iter().any(|set| set == path));
        let key = param.map_or(path, |param| param.name.as_str());
        let track = &self.opened.album.tracks[self.number].name.value;
        Remedy::Set {
            path: format!("tracks.{track}.set.{key}"),
            now: written(now, digits),
            to: written(to, digits),
        }
    }
}

/// A number as one writes it, without a sign of nothing.
fn written(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    if text.trim_start_matches('-').chars().all(|c| c == '0' || c == '.') { "0".into() } else { text }
}

fn far(to: f64) -> String {
    if to.abs() >= MOST_DB {
        "that is as far as a master goes: the rest is for the mix".to_owned()
    } else {
        String::new()
    }
}

/// The gains of a node that make part of the spectrum louder.
fn knobs(node: &Node) -> Vec<Knob> {
    let data = node.node.to_json();
    match node.node.about().kind {
        "Baxandall" => {
            let number = |field: &str| data[field].as_f64();
            let low: (&str, &str, fn(Value3) -> Band) =
                ("bass_db", "bass_hz", |(freq_hz, gain_db, _)| Band::GentleLowShelf { freq_hz, gain_db });
            let high: (&str, &str, fn(Value3) -> Band) =
                ("treble_db", "treble_hz", |(freq_hz, gain_db, _)| Band::GentleHighShelf {
                    freq_hz,
                    gain_db,
                });
            let knob = |(gain, hz, band)| {
                let path = format!("{}.{gain}", node.name);
                Some(Knob { path, now_db: number(gain)?, band, shape: (number(hz)?, WIDE_Q) })
            };
            [low, high].into_iter().filter_map(knob).collect()
        }
        "Equalizer" => {
            let bands = data["bands"].as_object();
            bands
                .into_iter()
                .flatten()
                .filter_map(|(name, band)| knob_of_band(&node.name, name, band))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// A band of an equaliser that stays where it is and works on both channels.
fn knob_of_band(node: &str, name: &str, band: &Value) -> Option<Knob> {
    let (kind, fields) = band.as_object()?.iter().next()?;
    let band: fn(Value3) -> Band = match kind.as_str() {
        "Bell" => |(freq_hz, gain_db, q)| Band::Bell { freq_hz, gain_db, q },
        "LowShelf" => |(freq_hz, gain_db, q)| Band::LowShelf { freq_hz, gain_db, q },
        "HighShelf" => |(freq_hz, gain_db, q)| Band::HighShelf { freq_hz, gain_db, q },
        "Tilt" => |(freq_hz, gain_db, _)| Band::Tilt { freq_hz, gain_db },
        _ => return None,
    };
    let number = |field: &str| fields[field].as_f64();
    let both = fields["lane"].as_str().is_none_or(|lane| lane == "Both");
    let shape = (number("freq_hz")?, number("q").unwrap_or(WIDE_Q));
    both.then_some(Knob { path: format!("{node}.{name}.gain_db"), now_db: number("gain_db")?, band, shape })
}

/// A band for a region, not turned yet.
fn new_knob(region: Region) -> Knob {
    let (low, high) = region.hz();
    let (band, freq_hz): (fn(Value3) -> Band, f64) = match region {
        Region::Bass => (|(freq_hz, gain_db, q)| Band::LowShelf { freq_hz, gain_db, q }, high),
        Region::Treble => (|(freq_hz, gain_db, q)| Band::HighShelf { freq_hz, gain_db, q }, low),
        _ => (|(freq_hz, gain_db, q)| Band::Bell { freq_hz, gain_db, q }, (low * high).sqrt()),
    };
    Knob { path: String::new(), now_db: 0.0, band, shape: ((freq_hz / 10.0).round() * 10.0, WIDE_Q) }
}

impl Knob {
    /// An equaliser with this band alone.
    fn written(&self, region: Region, gain_db: f64) -> String {
        let kind = match region {
            Region::Bass => "LowShelf",
            Region::Treble => "HighShelf",
            _ => "Bell",
        };
        let name = region.words().replace(' ', "_");
        let (freq_hz, q) = self.shape;
        format!(
            "Equalizer(bands: {{ {name}: {kind}(freq_hz: {freq_hz}, gain_db: {}, q: {q}) }})",
            written(gain_db, 1)
        )
    }
}
