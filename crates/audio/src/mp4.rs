//! The edit list of an MP4 file: which part of the decoded track is the programme.
//!
//! AAC encoders put silence in front (priming) and behind (padding); the container says so in an `elst` box (ISO/IEC
//! 14496-12, 8.6.6), which symphonia does not act on.

use std::io::{Read, Seek, SeekFrom};

/// The part of a track's media that is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    media_time: u64,
    media_scale: u32,
    /// All of the media, in its own scale, if that is known.
    media_duration: Option<u64>,
    duration: u64,
    movie_scale: u32,
}

impl Edit {
    /// Frames to skip, and frames to keep, at `rate_hz`.
    pub(crate) fn in_frames(self, rate_hz: u32) -> (u64, u64) {
        let frames = |time: u64, scale: u32| {
            let exact = u128::from(time) * u128::from(rate_hz);
            let scale = u128::from(scale.max(1));
            u64::try_from((exact + scale / 2) / scale).unwrap_or(u64::MAX)
        };
        let skip = frames(self.media_time, self.media_scale);
        let played = frames(self.duration, self.movie_scale);
        // A movie often counts milliseconds, which round the length; the media itself knows it to the frame.
        let tick = u64::from(rate_hz.div_ceil(self.movie_scale.max(1)));
        let whole =
            self.media_duration.map(|duration| frames(duration, self.media_scale).saturating_sub(skip));
        let kept = whole.filter(|whole| whole.abs_diff(played) <= tick || *whole < played);
        (skip, kept.unwrap_or(played))
    }
}

/// The most boxes looked at, and the largest `moov` read.
const MOST_BOXES: usize = 10_000;
const MOST_BYTES: u64 = 64 << 20;

/// The edit of the first sound track of an MP4 file; `None` for any other file, and where there is no single, plain edit.
/// The file is left at its start.
pub(crate) fn first_edit(file: &mut (impl Read + Seek)) -> std::io::Result<Option<Edit>> {
    let mut head = [0; 8];
    let is_mp4 = file.read_exact(&mut head).is_ok() && &head[4..] == b"ftyp";
    let moov = if is_mp4 { find_moov(file)? } else { None };
    file.seek(SeekFrom::Start(0))?;
    Ok(moov.and_then(|moov| read_edit(&moov)))
}

/// Walks the boxes at the top of the file.
fn find_moov(file: &mut (impl Read + Seek)) -> std::io::Result<Option<Vec<u8>>> {
    let end = file.seek(SeekFrom::End(0))?;
    let mut at = 0_u64;
    for _ in 0..MOST_BOXES {
        file.seek(SeekFrom::Start(at))?;
        let mut head = [0; 16];
        if at + 8 > end || file.read_exact(&mut head[..8]).is_err() {
            break;
        }
        let short = u64::from(u32::from_be_bytes([head[0], head[1], head[2], head[3]]));
        let (header, size) = match short {
            0 => (8, end - at),
            1 if file.read_exact(&mut head[8..]).is_ok() => (16, number(&head[8..16])),
            size => (8, size),
        };
        if size < header || size > end - at {
            break;
        }
        if &head[4..8] == b"moov" {
            if size > MOST_BYTES {
                break;
            }
            let mut moov = vec![0; (size - header) as usize];
            file.read_exact(&mut moov)?;
            return Ok(Some(moov));
        }
        at += size;
    }
    Ok(None)
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// The boxes inside `bytes`, with their names.
fn boxes(mut bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    std::iter::from_fn(move || {
        let size = number(bytes.get(..4)?) as usize;
        let (name, content) = (bytes.get(4..8)?, bytes.get(8..size)?);
        bytes = bytes.get(size..)?;
        Some((name, content))
    })
    .take(MOST_BOXES)
}

fn find<'a>(bytes: &'a [u8], path: &[&[u8]]) -> Option<&'a [u8]> {
    path.iter()
        .try_fold(bytes, |bytes, wanted| boxes(bytes).find(|(name, _)| name == wanted).map(|found| found.1))
}

/// The time scale in an `mvhd` or `mdhd` box.
fn time_scale(header: &[u8]) -> Option<u32> {
    let at = if header.first()? == &1 { 20 } else { 12 };
    u32::try_from(number(header.get(at..at + 4)?)).ok()
}

/// How long the media is, by an `mdhd` box; `None` where that is not known.
fn duration(header: &[u8]) -> Option<u64> {
    let field = if header.first()? == &1 { 24..32 } else { 16..20 };
    let bytes = header.get(field)?;
    let known = bytes.iter().any(|byte| *byte != 0xff) && number(bytes) > 0;
    known.then(|| number(bytes))
}

fn read_edit(moov: &[u8]) -> Option<Edit> {
    let movie_scale = time_scale(find(moov, &[b"mvhd"])?)?;
    let is_sound = |track: &[u8]| {
        find(track, &[b"mdia", b"hdlr"]).and_then(|handler| handler.get(8..12)) == Some(b"soun".as_slice())
    };
    let track = boxes(moov).find(|(name, track)| *name == b"trak" && is_sound(track))?.1;
    let header = find(track, &[b"mdia", b"mdhd"])?;
    let (media_scale, media_duration) = (time_scale(header)?, duration(header));
    let list = find(track, &[b"edts", b"elst"])?;
    let wide = list.first()? == &1;
    let width = if wide { 8 } else { 4 };
    // One entry that plays a part of the media at normal speed is all that encoders write; more would be a montage.
    if number(list.get(4..8)?) != 1 {
        return None;
    }
    let (duration, media_time) =
        (number(list.get(8..8 + width)?), number(list.get(8 + width..8 + 2 * width)?));
    let empty = if wide { u64::MAX } else { u64::from(u32::MAX) };
    let edit = Edit { media_time, media_scale, media_duration, duration, movie_scale };
    (media_time != empty && duration > 0).then_some(edit)
}

#[cfg(test)]
mod tests {
    use super::Edit;

    #[test]
    fn a_length_in_milliseconds_is_put_right_by_the_media() {
        let edit = Edit {
            media_time: 1_024,
            media_scale: 44_100,
            media_duration: Some(45_155),
            duration: 1_001,
            movie_scale: 1_000,
        };
        assert_eq!(edit.in_frames(44_100), (1_024, 44_131));
        // What an edit cuts off by more than rounding stays off.
        assert_eq!(Edit { duration: 500, ..edit }.in_frames(44_100), (1_024, 22_050));
        assert_eq!(Edit { media_duration: None, ..edit }.in_frames(44_100), (1_024, 44_144));
        // Nothing comes from behind the end.
        assert_eq!(Edit { duration: 9_000, ..edit }.in_frames(44_100), (1_024, 44_131));
    }
}
