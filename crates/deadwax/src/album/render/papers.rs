//! The papers of a disc, and its image in the form that plants take.

use super::error::{AlbumError, IMAGE};
use deadwax_album::document::{Album, Paper};
use deadwax_audio::Decoder;
use deadwax_disc::checksum::{CRC32_LIST, Checksums, MD5_LIST, crc32_list, md5_list};
use deadwax_disc::pq_sheet::{Sheet, SheetFile, TrackLoudness};
use deadwax_disc::{Disc, PAUSE, cue, ddp, toc};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// The image for players.
pub(super) const WAV: &str = "image.wav";

/// The folder of the fileset.
const DDP: &str = "ddp";

/// The largest sample of 16 bits, and one.
const FULL: f64 = 32_768.0;

/// Writes what belongs beside the audio of a disc into `folder`, which holds [`WAV`]. Gives back the paths.
pub(super) fn papers(
    album: &Album,
    disc: &Disc,
    write: &[Paper],
    loudness: Vec<TrackLoudness>,
    format: &str,
    folder: &Path,
) -> Result<Vec<String>, AlbumError> {
    let mut written = Vec::new();
    let mut save = |path: &str, bytes: &[u8]| {
        let whole = folder.join(path);
        std::fs::write(&whole, bytes).map_err(AlbumError::io(&whole))?;
        written.push(path.to_owned());
        Ok::<(), AlbumError>(())
    };
    if write.contains(&Paper::Cue) {
        save("image.cue", &cue::for_players(disc, WAV, cue::Audio::Wave).map_err(AlbumError::paper)?)?;
    }
    if write.contains(&Paper::Toc) {
        save("image.toc", toc::toc(disc, WAV).map_err(AlbumError::paper)?.as_bytes())?;
    }
    let mut files = Vec::new();
    if write.contains(&Paper::Ddp) {
        let place = folder.join(DDP);
        std::fs::create_dir(&place).map_err(AlbumError::io(&place))?;
        let fileset = ddp::fileset(disc).map_err(AlbumError::paper)?;
        let mut sums: Vec<(&str, Checksums)> = Vec::new();
        for (name, bytes) in fileset.files() {
            save(&format!("{DDP}/{name}"), bytes)?;
            sums.push((name, Checksums::of(bytes)));
        }
        let image = format!("{DDP}/{IMAGE}");
        raw(&folder.join(WAV), &folder.join(&image))?;
        let (_, of_image) = super::manifest::file(folder, &image, None)?;
        sums.push((IMAGE, of_image));
        save(&format!("{DDP}/{MD5_LIST}"), md5_list(&sums).map_err(AlbumError::paper)?.as_bytes())?;
        save(&format!("{DDP}/{CRC32_LIST}"), crc32_list(&sums).map_err(AlbumError::paper)?.as_bytes())?;
        let beside = sums.iter().map(|(name, sums)| SheetFile {
            name: (*name).to_owned(),
            md5: sums.md5_hex(),
            bytes: sums.bytes,
        });
        files.extend(beside);
        written.push(image);
    }
    let sheet = Sheet {
        disc,
        catalogue: album.catalogue.clone(),
        engineer: album.engineer.clone(),
        date: album.date.clone(),
        software: format!("deadwax {}", env!("CARGO_PKG_VERSION")),
        format: format.to_owned(),
        files,
        loudness,
    };
    for (paper, path, text) in
        [(Paper::PqCsv, "pq.csv", sheet.csv()), (Paper::PqHtml, "pq.html", sheet.html())]
    {
        if write.contains(&paper) {
            let whole = folder.join(path);
            std::fs::write(&whole, text).map_err(AlbumError::io(&whole))?;
            written.push(path.to_owned());
        }
    }
    Ok(written)
}

/// Writes the samples of the WAV file of 16 bits at `wav` as they are on a disc, behind the pause.
fn raw(wav: &Path, image: &Path) -> Result<(), AlbumError> {
    let mut decoder = Decoder::open(wav)?;
    let mut file = BufWriter::new(File::create(image).map_err(AlbumError::io(image))?);
    let pause = vec![0; usize::try_from(PAUSE.bytes()).unwrap_or(0)];
    file.write_all(&pause).map_err(AlbumError::io(image))?;
    while let Some(planes) = decoder.read()? {
        let mut bytes = Vec::with_capacity(4 * planes[0].len());
        for frame in 0..planes[0].len() {
            for plane in planes {
                // They are whole steps of 16 bits already.
                bytes.extend_from_slice(&((plane[frame] * FULL) as i16).to_le_bytes());
            }
        }
        file.write_all(&bytes).map_err(AlbumError::io(image))?;
    }
    file.into_inner()
        .map_err(|error| AlbumError::io(image)(error.into_error()))?
        .sync_all()
        .map_err(AlbumError::io(image))
}
