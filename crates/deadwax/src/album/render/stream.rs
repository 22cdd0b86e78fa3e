//! The album as one programme: every recording in its place, with its gain, fades and crossings.

use crate::files::FileSource;
use deadwax_album::Time;
use deadwax_album::document::Curve;
use deadwax_dsp::math::{cos, db_to_gain, sin};
use deadwax_engine::{Cause, Source};
use deadwax_node::{BlockMut, Buffer, Format, Layout};
use std::f64::consts::PI;
use std::path::PathBuf;

/// The range of a `Log` fade, in dB.
const LOG_RANGE_DB: f64 = 60.0;

/// Frames that are skipped at a time.
const BLOCK: usize = 1 << 14;

/// A recording in its place. All frames are of the timeline.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::album) struct Clip {
    /// The recording, at the rate of the timeline.
    pub(in crate::album) path: PathBuf,
    /// Its first frame that is heard.
    pub(super) first: u64,
    /// Where that is heard.
    pub(in crate::album) at: u64,
    /// How many frames are heard.
    pub(in crate::album) frames: u64,
    /// How much louder it is, in dB.
    pub(super) gain_db: f64,
    /// How it comes in: over so many frames.
    pub(super) rises: Vec<(u64, Curve)>,
    /// How it goes out.
    pub(super) falls: Vec<(u64, Curve)>,
}

/// The course of a fade from 0 to 1, as the node `Fade` has it.
fn rise(curve: Curve, part: f64) -> f64 {
    if part <= 0.0 {
        return 0.0;
    }
    if part >= 1.0 {
        return 1.0;
    }
    match curve {
        Curve::Linear => part,
        Curve::EqualPower => sin(PI / 2.0 * part),
        Curve::Smooth => 0.5 - 0.5 * cos(PI * part),
        Curve::Log => {
            let least = db_to_gain(-LOG_RANGE_DB);
            (db_to_gain(LOG_RANGE_DB * (part - 1.0)) - least) / (1.0 - least)
        }
    }
}

impl Clip {
    /// What the frame `frame` of it is multiplied by.
    fn gain(&self, frame: u64, gain: f64) -> f64 {
        let up = self.rises.iter().filter(|(length, _)| frame < *length);
        let up = up.map(|(length, curve)| rise(*curve, frame as f64 / *length as f64));
        // The last frame of a fade out is silent, as the first of a fade in.
        let left = self.frames - 1 - frame.min(self.frames - 1);
        let down = self.falls.iter().filter(|(length, _)| left < *length);
        let down = down.map(|(length, curve)| rise(*curve, left as f64 / *length as f64));
        up.chain(down).fold(gain, |gain, fade| gain * fade)
    }

    /// Whether nothing but its gain changes it from `frame` on, for `count` frames.
    fn is_plain(&self, frame: u64, count: u64) -> bool {
        let up = self.rises.iter().all(|(length, _)| frame >= *length);
        up && self.falls.iter().all(|(length, _)| frame + count + length <= self.frames)
    }
}

/// A clip that is being read.
struct Open {
    source: FileSource,
    done: u64,
}

/// The whole album, in stereo.
pub(in crate::album) struct AlbumSource {
    clips: Vec<Clip>,
    rate_hz: u32,
    frames: u64,
    at: u64,
    open: Vec<Option<Open>>,
    scratch: Buffer,
}

impl AlbumSource {
    /// The album of `clips` at `rate_hz`, so many frames long.
    pub(in crate::album) fn new(clips: Vec<Clip>, rate_hz: u32, frames: u64) -> Self {
        let open = clips.iter().map(|_| None).collect();
        Self { clips, rate_hz, frames, at: 0, open, scratch: Buffer::new(2, BLOCK) }
    }

    /// Adds what is heard of a clip to `into`, which begins at the frame `at` of the album.
    fn add(&mut self, number: usize, at: u64, into: &mut BlockMut<'_>) -> Result<(), Cause> {
        let clip = &self.clips[number];
        let frames = into.frames() as u64;
        let (begin, end) = (clip.at.max(at), (clip.at + clip.frames).min(at + frames));
        if begin >= end {
            return Ok(());
        }
        let open = match self.open[number].take() {
            Some(open) => open,
            None => {
                let mut source = FileSource::open(&clip.path, false)?;
                skip(&mut source, clip.first)?;
                Open { source, done: 0 }
            }
        };
        let open = self.open[number].insert(open);
        let gain = db_to_gain(clip.gain_db);
        let mut place = (begin - at) as usize;
        while (place as u64) < end - at {
            let count = (((end - at) as usize) - place).min(BLOCK);
            let channels = open.source.format().channels();
            if self.scratch.channels() != channels {
                self.scratch = Buffer::new(channels, BLOCK);
            }
            let read = open.source.read(self.scratch.block_mut(count))?;
            let block = self.scratch.block(count);
            let plain = clip.is_plain(open.done, read as u64);
            for side in 0..2 {
                // A mono recording is heard on both sides.
                let from = block.channel(side.min(channels - 1));
                let to = &mut into.channel_mut(side)[place..place + count];
                for (n, (to, from)) in to.iter_mut().zip(&from[..read]).enumerate() {
                    let gain = if plain { gain } else { clip.gain(open.done + n as u64, gain) };
                    *to += gain * from;
                }
            }
            open.done += count as u64;
            place += count;
        }
        if end == clip.at + clip.frames {
            self.open[number] = None;
        }
        Ok(())
    }
}

fn skip(source: &mut FileSource, mut frames: u64) -> Result<(), Cause> {
    let mut block = Buffer::new(source.format().channels(), BLOCK);
    while frames > 0 {
        let count = frames.min(BLOCK as u64) as usize;
        if source.read(block.block_mut(count))? < count {
            break;
        }
        frames -= count as u64;
    }
    Ok(())
}

impl Source for AlbumSource {
    fn format(&self) -> Format {
        Format::new(self.rate_hz, Layout::Stereo)
    }

    fn frames(&self) -> Option<u64> {
        Some(self.frames)
    }

    fn read(&mut self, mut into: BlockMut<'_>) -> Result<usize, Cause> {
        let frames = (self.frames - self.at).min(into.frames() as u64) as usize;
        let mut into = into.part_mut(0, frames);
        into.fill(0.0);
        let at = self.at;
        for number in 0..self.clips.len() {
            self.add(number, at, &mut into)?;
        }
        self.at += frames as u64;
        Ok(frames)
    }

    fn rewind(&mut self) -> Result<(), Cause> {
        self.at = 0;
        self.open.iter_mut().for_each(|open| *open = None);
        Ok(())
    }
}

/// The frame of a grid of `rate_hz` in which `time` lies.
pub(super) fn frame(time: Time, rate_hz: u32) -> u64 {
    time.frame(rate_hz).0
}
