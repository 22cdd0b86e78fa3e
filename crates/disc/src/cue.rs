//! CUE sheets, in the words that all readers have in common.
//!
//! Source: the commands as CDRWIN's manual introduced them and as cuetools, libcue, libcdio and cdrdao read them; COMPOSER,
//! ARRANGER and MESSAGE, PREGAP and POSTGAP are left out, for readers differ on them. The letters are ISO 8859-1, lines end in
//! LF, texts have 80 letters at the most. A text with other letters is left out as a whole, and [`check`](crate::check) says so.

use crate::check::CUE_LETTERS;
use crate::ddp;
use crate::disc::{Disc, Mark, TextKind, Texts};
use crate::latin1;
use crate::refused::{Refused, can_be_made, can_be_named};
use std::fmt::Display;

/// What the sheet calls the file that it lies beside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audio {
    /// A file with a header: WAV, and to most players any file that they play, as FLAC.
    Wave,
    /// Samples of 16 bits, the low byte first, and nothing else.
    Binary,
}

/// The texts that all readers know.
const TEXTS: [TextKind; 3] = [TextKind::Title, TextKind::Performer, TextKind::Songwriter];

/// The sheet beside an image for players: times are counted from the first sector of music, without the pause.
///
/// # Errors
/// The disc cannot be made, or the file's name cannot stand in a sheet.
pub fn for_players(disc: &Disc, file: &str, audio: Audio) -> Result<Vec<u8>, Refused> {
    sheet(disc, file, audio, &disc.marks())
}

/// The sheet beside the image of a [DDP fileset](crate::ddp): times are those of the disc, from INDEX 00 of the first track at
/// 00:00:00.
///
/// # Errors
/// The disc cannot be made.
pub fn for_ddp(disc: &Disc) -> Result<Vec<u8>, Refused> {
    sheet(disc, ddp::IMAGE, Audio::Binary, &disc.marks_on_disc())
}

fn sheet(disc: &Disc, file: &str, audio: Audio, marks: &[Mark]) -> Result<Vec<u8>, Refused> {
    can_be_made(disc)?;
    can_be_named(file)?;
    let mut out = Vec::new();
    if let Some(barcode) = disc.barcode {
        line(&mut out, 0, format_args!("CATALOG {barcode}"));
    }
    texts(&mut out, 0, &disc.texts);
    let kind = match audio {
        Audio::Wave => "WAVE",
        Audio::Binary => "BINARY",
    };
    line(&mut out, 0, format_args!("FILE \"{file}\" {kind}"));
    for (track, number) in disc.tracks.iter().zip(1..) {
        line(&mut out, 2, format_args!("TRACK {number:02} AUDIO"));
        texts(&mut out, 4, &track.texts);
        let flags = track.flags.words();
        if !flags.is_empty() {
            line(&mut out, 4, format_args!("FLAGS {}", flags.join(" ")));
        }
        if let Some(isrc) = track.isrc {
            line(&mut out, 4, format_args!("ISRC {isrc}"));
        }
        for mark in marks.iter().filter(|mark| mark.track == number) {
            line(&mut out, 4, format_args!("INDEX {:02} {}", mark.index, mark.at));
        }
    }
    Ok(out)
}

fn line(out: &mut Vec<u8>, indent: usize, text: impl Display) {
    out.extend_from_slice(format!("{:indent$}{text}\n", "").as_bytes());
}

fn texts(out: &mut Vec<u8>, indent: usize, texts: &Texts) {
    for kind in TEXTS {
        if let Some(text) = quotable(texts.get(kind)) {
            out.extend_from_slice(format!("{:indent$}{} \"", "", kind.word()).as_bytes());
            out.extend_from_slice(&text);
            out.extend_from_slice(b"\"\n");
        }
    }
}

/// What of a text stands between the quotes; nothing, if it is empty or has letters that the sheet has not.
fn quotable(text: &str) -> Option<Vec<u8>> {
    let stands = |letter: char| match letter {
        '"' => '\'',
        // Before a quote, flex grammars such as libcue's take it as an escape and read on over the end of the line.
        '\\' => '/',
        letter => letter,
    };
    // All of it must be there, not only the part that fits.
    latin1::encode(text).ok()?;
    let text: String = text.trim().chars().take(CUE_LETTERS).map(stands).collect();
    latin1::encode(text.trim_end()).ok().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stand_between_quotes_or_not_at_all() {
        assert_eq!(quotable("Déjà \"vu\""), Some(b"D\xe9j\xe0 'vu'".to_vec()));
        assert_eq!(quotable("back\\"), Some(b"back/".to_vec()));
        assert_eq!(quotable(" "), None);
        assert_eq!(quotable(&format!("{}夜", "a".repeat(90))), None);
        assert_eq!(quotable(&"é".repeat(90)).map(|text| text.len()), Some(80));
    }
}
