//! TOC files of cdrdao, which know CD-TEXT of every kind and indexes in the last track.
//!
//! Source: the manual page of cdrdao 1.2.4. Its words for flags have none for SCMS: such a track says `NO COPY`. Times of
//! `INDEX` are counted from INDEX 01; the pause in front of the disc is cdrdao's own.

use crate::cd_text::{self, Kind};
use crate::disc::{Disc, Track};
use crate::refused::{Refused, can_be_made, can_be_named};
use std::fmt::Write as _;

/// The TOC file beside an image for players, a WAV called `file`. It is plain ASCII: other letters are octal escapes of ISO
/// 8859-1.
///
/// # Errors
/// The disc cannot be made, or the file's name cannot stand in a sheet or does not end in `.wav`.
pub fn toc(disc: &Disc, file: &str) -> Result<String, Refused> {
    can_be_made(disc)?;
    can_be_named(file)?;
    if !file.ends_with(".wav") {
        return Err(Refused::NotWav { name: file.to_owned() });
    }
    let texts = cd_text::contents(disc).kept;
    let mut out = String::from("CD_DA\n\n");
    if let Some(barcode) = disc.barcode {
        let _ = writeln!(out, "CATALOG \"{barcode}\"\n");
    }
    if !texts.is_empty() {
        out.push_str("CD_TEXT {\n  LANGUAGE_MAP {\n    0 : EN\n  }\n");
        language(&mut out, &texts, 0);
        out.push_str("}\n\n");
    }
    // The file is cut where gaps begin, for a track's own data begins with its gap.
    let marks = disc.marks();
    let begin =
        |number: usize| marks.iter().find(|mark| mark.track == number).map_or(disc.lead_out, |mark| mark.at);
    for (track, number) in disc.tracks.iter().zip(1..) {
        let _ = writeln!(out, "// Track {number}\nTRACK AUDIO");
        flags(&mut out, track);
        if !texts.is_empty() {
            out.push_str("CD_TEXT {\n");
            language(&mut out, &texts, number);
            out.push_str("}\n");
        }
        let (from, to) = (begin(number), begin(number + 1));
        let _ = writeln!(out, "FILE \"{}\" {from} {}", escaped(file.as_bytes()), to - from);
        if track.start > from {
            let _ = writeln!(out, "START {}", track.start - from);
        }
        for index in &track.indexes {
            let _ = writeln!(out, "INDEX {}", *index - track.start);
        }
        out.push('\n');
    }
    Ok(out)
}

fn flags(out: &mut String, track: &Track) {
    let flags = track.flags;
    out.push_str(if flags.copy_permitted { "COPY\n" } else { "NO COPY\n" });
    out.push_str(if flags.pre_emphasis { "PRE_EMPHASIS\n" } else { "NO PRE_EMPHASIS\n" });
    out.push_str(if flags.four_channels { "FOUR_CHANNEL_AUDIO\n" } else { "TWO_CHANNEL_AUDIO\n" });
    if let Some(isrc) = track.isrc {
        let _ = writeln!(out, "ISRC \"{isrc}\"");
    }
}

/// What is said of the disc (0) or of a track. A kind that any has stands everywhere, or cdrdao complains.
fn language(out: &mut String, texts: &[(Kind, Vec<Vec<u8>>)], number: usize) {
    out.push_str("  LANGUAGE 0 {\n");
    for (kind, strings) in texts {
        let word = match kind {
            Kind::Text(kind) => kind.word(),
            Kind::Codes if number == 0 => "UPC_EAN",
            Kind::Codes => "ISRC",
        };
        let text = strings.get(number).map_or("".into(), |text| escaped(text));
        let _ = writeln!(out, "    {word} \"{text}\"");
    }
    out.push_str("  }\n");
}

/// Bytes of ISO 8859-1 as they stand between quotes.
fn escaped(bytes: &[u8]) -> String {
    let mut out = String::new();
    for byte in bytes {
        match byte {
            b'"' => out.push_str("\\\""),
            // A backslash is an escape too: cdrdao 1.2.4 does not read two of them, a digit behind them, as one.
            b' '..=b'~' if *byte != b'\\' => out.push(char::from(*byte)),
            _ => {
                let _ = write!(out, "\\{byte:03o}");
            }
        }
    }
    out
}
