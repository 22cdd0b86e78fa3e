//! What to listen to before an album is sent off: how it begins and ends, every joint, every fade, and the loudest and softest
//! moments; with a tape of these moments, one behind the other.

use super::{AlbumReport, HeardTrack};
use crate::album::opened::OpenedAlbum;
use crate::album::render::hold::Hold;
use crate::album::render::masters::masters;
use crate::album::render::programme::Programme;
use crate::album::render::stream::AlbumSource;
use crate::album::render::{AlbumError, AlbumSettings};
use crate::files::{FileSink, Target};
use deadwax_album::{Placing, Time};
use deadwax_audio::{Container, Encoding, Existing, Metadata};
use deadwax_engine::{Sink, Source};
use deadwax_node::{Buffer, Registry};
use serde::Serialize;
use std::path::Path;
use std::sync::atomic::Ordering;

/// What is heard before a joint, and behind it, in seconds: long enough to be in the music.
const BEFORE_S: f64 = 8.0;
const BEHIND_S: f64 = 5.0;
/// What is heard of a loud or soft moment, in seconds.
const MOMENT_S: f64 = 8.0;
/// The silence between moments of a tape, in seconds.
const BETWEEN_S: f64 = 1.0;
/// Short-term loudness is that of so many seconds.
const WINDOW_S: f64 = 3.0;
/// Frames that are moved at a time.
const BLOCK: usize = 1 << 14;

/// A moment to listen to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Moment {
    /// Where it begins, in seconds from the beginning of the album.
    pub begin_s: f64,
    /// Where it ends.
    pub end_s: f64,
    /// Where it begins on the tape, in seconds.
    pub tape_s: f64,
    /// Why one listens to it.
    pub why: Vec<String>,
}

/// The moments of an album that are worth a listener's time, in their order; those that meet are one.
#[must_use]
pub fn listen_list(opened: &OpenedAlbum, report: &AlbumReport) -> Vec<Moment> {
    let end = opened.sequence.end.seconds();
    let mut all: Vec<(f64, f64, String)> = Vec::new();
    all.extend(report.tracks.first().map(|track| (0.0, BEHIND_S, format!("it begins: {}", called(track)))));
    joints(opened, report, &mut all);
    for track in &report.tracks {
        fades(opened, track, &mut all);
    }
    all.extend(report.tracks.iter().filter_map(loudest));
    all.extend(softest(report));
    all.extend(
        report.tracks.last().map(|track| (end - BEFORE_S, end, format!("it ends: {}", called(track)))),
    );
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut moments: Vec<Moment> = Vec::new();
    for (begin, stop, why) in all {
        let (begin_s, end_s) = (begin.max(0.0), stop.min(end));
        match moments.last_mut().filter(|last| begin_s <= last.end_s) {
            Some(last) => {
                last.end_s = last.end_s.max(end_s);
                last.why.push(why);
            }
            None => moments.push(Moment { begin_s, end_s, tape_s: 0.0, why: vec![why] }),
        }
    }
    let mut at = 0.0;
    for moment in &mut moments {
        moment.tape_s = at;
        at += moment.end_s - moment.begin_s + BETWEEN_S;
    }
    moments
}

fn called(track: &HeardTrack) -> String {
    if track.number == 0 { "what is hidden".into() } else { format!("{} {}", track.number, track.title) }
}

/// From a little before one track ends until the next is well under way.
fn joints(opened: &OpenedAlbum, report: &AlbumReport, all: &mut Vec<(f64, f64, String)>) {
    let placings = &opened.sequence.placings;
    for (pair, tracks) in placings.windows(2).zip(report.tracks.windows(2)) {
        let [before, next]: &[Placing; 2] = match pair.try_into() {
            Ok(pair) => pair,
            Err(_) => continue,
        };
        let names = format!("{} → {}", called(&tracks[0]), called(&tracks[1]));
        let (end, begin) = (before.end.seconds(), next.begin.seconds());
        let how = match (&next.cross, before.side != next.side) {
            (_, true) => "the side ends, the next begins".to_owned(),
            (Some(cross), _) => format!("they cross for {:.1} s", cross.length.seconds()),
            (None, _) if begin > end => format!("a gap of {:.1} s", begin - end),
            (None, _) => "without a gap".to_owned(),
        };
        let (first, last) = (end.min(begin), end.max(begin));
        all.push((first - BEFORE_S, last + BEHIND_S, format!("{names}: {how}")));
    }
}

/// A fade of the document, from before it begins to its end.
fn fades(opened: &OpenedAlbum, track: &HeardTrack, all: &mut Vec<(f64, f64, String)>) {
    let Some(number) = track.track else { return };
    let described = &opened.album.tracks[number];
    let seconds = |fade: &deadwax_album::document::Fade| fade.length.time(opened.rate_hz).seconds();
    if let Some(fade) = &described.fade_in {
        let length = seconds(fade);
        let why = format!("{} comes in over {length:.1} s", called(track));
        all.push((track.begin_s, track.begin_s + length + BEHIND_S, why));
    }
    if let Some(fade) = &described.fade_out {
        let length = seconds(fade);
        let why = format!("{} goes out over {length:.1} s", called(track));
        all.push((track.end_s - length - BEHIND_S, track.end_s, why));
    }
}

/// A moment around the window of three seconds that ends at `at` seconds into a track.
fn around(track: &HeardTrack, at: f64) -> (f64, f64) {
    let middle = track.begin_s + at - WINDOW_S / 2.0;
    let begin = (middle - MOMENT_S / 2.0).clamp(track.begin_s, (track.end_s - MOMENT_S).max(track.begin_s));
    (begin, (begin + MOMENT_S).min(track.end_s))
}

/// Where a track is loudest: choruses are compared with choruses.
fn loudest(track: &HeardTrack) -> Option<(f64, f64, String)> {
    let (at, lufs) = windows(track).max_by(|a, b| a.1.total_cmp(&b.1))?;
    let (begin, end) = around(track, at);
    Some((begin, end, format!("{} is loudest: {lufs:.1} LUFS", called(track))))
}

/// Where the album is softest and there is still music: what is under the music is heard there.
fn softest(report: &AlbumReport) -> Option<(f64, f64, String)> {
    let least = report.all.integrated_lufs? - 30.0;
    let all = report.tracks.iter().flat_map(|track| windows(track).map(move |(at, lufs)| (track, at, lufs)));
    let (track, at, lufs) = all.filter(|one| one.2 > least).min_by(|a, b| a.2.total_cmp(&b.2))?;
    let (begin, end) = around(track, at);
    Some((begin, end, format!("{} is softest of all: {lufs:.1} LUFS; listen for noise", called(track))))
}

/// Every window of three seconds of a track: when it ends, and how loud it is.
fn windows(track: &HeardTrack) -> impl Iterator<Item = (f64, f64)> {
    track.measured.history.iter().flat_map(|history| {
        let at = |n: usize| history.first_s + history.step_s * n as f64;
        history.lufs.iter().enumerate().filter_map(move |(n, lufs)| Some((at(n), (*lufs)?)))
    })
}

/// Writes a tape of `moments` to `path`: 24-bit WAV, as the album leaves them, with a second of silence between them.
///
/// # Errors
/// When a master cannot be made or read, or the tape cannot be written; then there is none.
pub fn listen_tape(
    opened: &OpenedAlbum,
    moments: &[Moment],
    path: &Path,
    existing: Existing,
    registry: &Registry,
    settings: &AlbumSettings<'_>,
) -> Result<(), AlbumError> {
    let _held = Hold::take(&settings.output)?;
    let masters = masters(opened, None, settings, registry)?;
    let programme =
        Programme { opened, sequence: &opened.sequence, loudness: opened.album.loudness, behind: Time::ZERO };
    let gains = programme.gains(&masters, settings.cancel)?;
    let clips = programme.clips(&masters, &gains);
    let mut source = AlbumSource::new(clips, opened.rate_hz, programme.frames());
    let target = Target {
        path: path.to_owned(),
        container: Container::Wav,
        encoding: Encoding::Int24,
        dither: true,
        existing,
        inputs: opened.inputs(),
        mask: None,
        range: None,
        expected: Metadata::default(),
    };
    let mut sink = FileSink::new(target);
    sink.start(source.format()).map_err(AlbumError::of)?;
    let frame = |seconds: f64| (seconds * f64::from(opened.rate_hz)).round() as u64;
    let silence = Buffer::new(2, frame(BETWEEN_S) as usize);
    let (mut block, mut at) = (Buffer::new(2, BLOCK), 0_u64);
    for (number, moment) in moments.iter().enumerate() {
        if number > 0 {
            sink.write(silence.block(frame(BETWEEN_S) as usize)).map_err(AlbumError::of)?;
        }
        let (begin, end) = (frame(moment.begin_s), frame(moment.end_s));
        while at < end {
            if settings.cancel.load(Ordering::Relaxed) {
                return Err(AlbumError::Interrupted);
            }
            let next = if at < begin { begin } else { end };
            let read =
                source.read(block.block_mut(BLOCK.min((next - at) as usize))).map_err(AlbumError::of)?;
            if read == 0 {
                break;
            }
            if at >= begin {
                sink.write(block.block(read)).map_err(AlbumError::of)?;
            }
            at += read as u64;
        }
    }
    sink.seal()?.map(|sealed| sealed.finish(&Metadata::default())).transpose()?;
    Ok(())
}
