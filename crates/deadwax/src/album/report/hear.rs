//! Hears every track as the album leaves it: trimmed, faded and turned, each by itself.

use crate::album::opened::OpenedAlbum;
use crate::album::render::masters::Master;
use crate::album::render::programme::Programme;
use crate::album::render::stream::{AlbumSource, Clip};
use crate::album::render::{AlbumError, AlbumSettings, Step};
use deadwax_album::Time;
use deadwax_album::consistency::{NO_WIDTH_DB, Sound, Tone};
use deadwax_dsp::fft::Kind;
use deadwax_dsp::math::{db_to_gain, power_to_db};
use deadwax_engine::{Progress, Source};
use deadwax_measure::{Measured, Meter, Pool, Pooled, SpectrumMeter, Wanted};
use deadwax_node::Buffer;
use rayon::prelude::*;
use std::path::Path;
use std::sync::atomic::Ordering;

/// Frames that are heard at a time.
const BLOCK: usize = 1 << 15;

/// Width is heard from here on; below, everything is in the middle.
const WIDTH_FROM_HZ: f64 = 200.0;

/// What is softer than this in a band is nothing, in dB below a full-scale sine.
const NOTHING_DB: f64 = -110.0;

/// A track that was heard.
#[derive(Clone, Debug)]
pub struct HeardTrack {
    /// The number of the track in the document; `None` for what is hidden.
    pub track: Option<usize>,
    /// Its number in the layout, from 1; 0 for what is hidden.
    pub number: usize,
    /// The name that the document calls it by.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Where players find it, in seconds from the beginning of the album.
    pub mark_s: f64,
    /// Where it is first heard.
    pub begin_s: f64,
    /// Where it has ended.
    pub end_s: f64,
    /// How much the album turns it, in dB: what its loudness asks for, and the track's own offset.
    pub gain_db: f64,
    /// What it measures.
    pub measured: Measured,
    /// What it sounds like beside others.
    pub sound: Sound,
}

/// All tracks, and the album as one programme.
pub(super) struct Heard {
    pub(super) tracks: Vec<HeardTrack>,
    pub(super) all: Pooled,
}

/// What the meters of one track have heard.
struct Ears {
    meter: Meter,
    middle: SpectrumMeter,
    side: SpectrumMeter,
}

/// Hears all tracks, several at a time.
pub(super) fn hear(
    opened: &OpenedAlbum,
    masters: &[Option<Master>],
    settings: &AlbumSettings<'_>,
) -> Result<Heard, AlbumError> {
    let programme =
        Programme { opened, sequence: &opened.sequence, loudness: opened.album.loudness, behind: Time::ZERO };
    let gains = programme.gains(masters, settings.cancel)?;
    let clips = programme.clips(masters, &gains);
    let names: Vec<String> =
        opened.sequence.placings.iter().map(|placing| name(opened, placing.track)).collect();
    let listen = |(clip, name): (Clip, &String)| one(clip, name, opened.rate_hz, settings);
    let work = || clips.into_par_iter().zip(&names).map(listen).collect::<Result<Vec<Ears>, AlbumError>>();
    let ears = match rayon::ThreadPoolBuilder::new().num_threads(settings.workers).build() {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }?;
    let mut pool = Pool::new();
    let mut number = 0;
    let placings = opened.sequence.placings.iter().zip(ears).zip(gains);
    let tracks = placings.map(|((placing, ears), gain_db)| {
        let track = placing.track.map(|number| &opened.album.tracks[number]);
        number += usize::from(track.is_some());
        let Ears { meter, middle, side } = ears;
        let measured = pool.take(meter);
        let sound = Sound {
            integrated_lufs: measured.integrated_lufs,
            tone: tone(&middle, &side),
            width_db: width_db(&middle, &side),
            interlude: track.is_none_or(|track| track.interlude),
        };
        let name = name(opened, placing.track);
        let title = track.map_or("", |track| track.texts.title.as_str());
        HeardTrack {
            track: placing.track,
            number: if track.is_some() { number } else { 0 },
            title: if title.is_empty() { name.clone() } else { title.to_owned() },
            name,
            mark_s: placing.mark.seconds(),
            begin_s: placing.begin.seconds(),
            end_s: placing.end.seconds(),
            gain_db,
            measured,
            sound,
        }
    });
    let tracks = tracks.collect();
    Ok(Heard { tracks, all: pool.measured() })
}

fn name(opened: &OpenedAlbum, track: Option<usize>) -> String {
    track.map_or_else(|| "hidden".to_owned(), |number| opened.album.tracks[number].name.value.clone())
}

fn one(mut clip: Clip, name: &str, rate_hz: u32, settings: &AlbumSettings<'_>) -> Result<Ears, AlbumError> {
    clip.at = 0;
    let path = clip.path.clone();
    let (frames, step) = (clip.frames, Step { what: name, input: Path::new(&path) });
    let mut source = AlbumSource::new(vec![clip], rate_hz, frames);
    let meter = Meter::new(rate_hz, 2, Wanted::ALL).map_err(|error| AlbumError::Unheard(error.into()))?;
    let spectrum = || SpectrumMeter::new(rate_hz, Kind::Fast);
    let mut ears = Ears { meter, middle: spectrum(), side: spectrum() };
    let (mut block, mut heard) = (Buffer::new(2, BLOCK), 0_u64);
    let (mut middle, mut side) = (Vec::with_capacity(BLOCK), Vec::with_capacity(BLOCK));
    loop {
        if settings.cancel.load(Ordering::Relaxed) {
            return Err(AlbumError::Interrupted);
        }
        let read = source.read(block.block_mut(BLOCK)).map_err(AlbumError::of)?;
        if read == 0 {
            break;
        }
        let both = block.block(read);
        let (left, right) = (both.channel(0), both.channel(1));
        ears.meter.push(&[left, right]);
        middle.clear();
        middle.extend(left.iter().zip(right).map(|(l, r)| (l + r) * std::f64::consts::FRAC_1_SQRT_2));
        side.clear();
        side.extend(left.iter().zip(right).map(|(l, r)| (l - r) * std::f64::consts::FRAC_1_SQRT_2));
        ears.middle.push(&middle);
        ears.side.push(&side);
        heard += read as u64;
        let seconds = heard as f64 / f64::from(rate_hz);
        (settings.progress)(step, Some(Progress { pass: 1, passes: 1, round: 1, seconds }));
    }
    (settings.progress)(step, None);
    Ok(ears)
}

/// The tone of both channels together.
fn tone(middle: &SpectrumMeter, side: &SpectrumMeter) -> Tone {
    let power = |db: Option<f64>| db.map_or(0.0, |db| db_to_gain(db) * db_to_gain(db));
    let bands: Vec<(f64, f64)> = middle
        .bands()
        .iter()
        .zip(side.bands())
        .map(|(middle, side)| (middle.hz, power_to_db(power(middle.level_db) + power(side.level_db))))
        .filter(|(_, db)| *db > NOTHING_DB)
        .collect();
    Tone::new(&bands)
}

/// How much power the difference of the channels has beside their sum, where width is heard. `None` for silence.
fn width_db(middle: &SpectrumMeter, side: &SpectrumMeter) -> Option<f64> {
    let heard = |meter: &SpectrumMeter| meter.power(WIDTH_FROM_HZ, f64::MAX);
    let (middle, side) = (heard(middle), heard(side));
    (middle + side > 0.0).then(|| power_to_db(side / middle).clamp(NO_WIDTH_DB, -NO_WIDTH_DB))
}
