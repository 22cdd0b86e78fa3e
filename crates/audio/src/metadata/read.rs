//! Reading what files say.

use super::{Metadata, foreign, id3};
use crate::aiff;
use crate::decode::faulty;
use crate::error::ReadError;
use crate::riff::points::Points;
use crate::riff::read::{MOST_TEXT, Piece, Riff, bytes_at, scan};
use crate::riff::text;
use crate::{flac, packets};
use std::fs::File;
use std::io::{Result as IoResult, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// What the file at `path` says about the programme beside its samples. What makes no sense is left out; what is not
/// understood is in [`Metadata::dropped`].
///
/// # Errors
/// When it is not there, or is no audio of a known kind.
pub fn read_metadata(path: &Path) -> Result<Metadata, ReadError> {
    let open = |cause| ReadError::Open { path: path.to_owned(), cause };
    let mut metadata = Metadata::default();
    let mut file = File::open(path).map_err(open)?;
    if let Some(riff) = scan(&mut file).map_err(|fault| faulty(path, fault))? {
        of_riff(&mut file, &riff, &mut metadata).map_err(open)?;
        return Ok(metadata);
    }
    if let Some(found) = aiff::read::scan(&mut file).map_err(|fault| faulty(path, fault))? {
        aiff::read::describe(&mut file, &found, &mut metadata).map_err(open)?;
        return Ok(metadata);
    }
    let head = bytes_at(&mut file, 0, 10).map_err(open)?;
    if head.starts_with(b"fLaC") {
        let read = catch_unwind(AssertUnwindSafe(|| flac::read(path, &mut metadata)));
        if !matches!(read, Ok(Ok(()))) {
            metadata.dropped.push("FLAC metadata (damaged)".into());
        }
        return Ok(metadata);
    }
    if let Some(length) = id3::length(&head) {
        let tag = bytes_at(&mut file, 0, (length as u64).min(MOST_TEXT)).map_err(open)?;
        id3::read(&tag, &mut metadata);
        return Ok(metadata);
    }
    let end = file.seek(SeekFrom::End(0)).map_err(open)?;
    let last = bytes_at(&mut file, end.saturating_sub(128), 128).map_err(open)?;
    if last.starts_with(b"TAG") && last.len() == 128 {
        id3::read_v1(&last, &mut metadata);
        return Ok(metadata);
    }
    file.seek(SeekFrom::Start(0)).map_err(open)?;
    let found = catch_unwind(AssertUnwindSafe(|| -> Result<(), ReadError> {
        let mut container = packets::container(path, file)?;
        if let Some(revision) = container.metadata().skip_to_latest() {
            foreign::add(revision, &mut metadata);
        }
        Ok(())
    }));
    found.unwrap_or(Ok(()))?;
    Ok(metadata)
}

/// Chunks that hold nothing, or nothing that is true of any other file.
const FILLERS: [&[u8; 4]; 10] =
    [b"JUNK", b"junk", b"PAD ", b"FLLR", b"PEAK", b"LGWV", b"minf", b"elm1", b"regn", b"levl"];

fn of_riff(file: &mut File, riff: &Riff, metadata: &mut Metadata) -> IoResult<()> {
    let mut points = Points::default();
    // The ID3 tag first: what INFO lists say is there at full length.
    let is_tag = |piece: &&Piece| matches!(&piece.id, b"id3 " | b"ID3 ");
    for piece in riff.pieces.iter().filter(is_tag) {
        id3::read(&bytes_at(file, piece.at, piece.size.min(MOST_TEXT))?, metadata);
    }
    for piece in riff.pieces.iter().filter(|piece| !is_tag(piece) && !FILLERS.contains(&&piece.id)) {
        let known = matches!(&piece.id, b"bext" | b"iXML" | b"axml" | b"LIST" | b"cue " | b"dwxr");
        if !known {
            metadata.dropped.push(format!("chunk `{}`", String::from_utf8_lossy(&piece.id)));
            continue;
        }
        let body = bytes_at(file, piece.at, piece.size.min(MOST_TEXT))?;
        match (&piece.id, body.get(..4)) {
            (b"bext", _) => text::read_bext(&body, metadata),
            (b"iXML", _) => metadata.ixml = Some(id3::latin(&body)),
            (b"axml", _) => text::read_axml(&body, metadata),
            (b"cue ", _) => points.read_cue(&body),
            (b"dwxr", _) => metadata.blobs.push(super::Blob { id: piece.id, data: body }),
            (_, Some(b"INFO")) => text::read_info(&body, metadata),
            (_, Some(b"adtl")) => points.read_adtl(&body, metadata),
            (_, kind) => {
                metadata.dropped.push(format!("list `{}`", String::from_utf8_lossy(kind.unwrap_or(b""))))
            }
        }
    }
    metadata.markers = points.finish();
    Ok(())
}
