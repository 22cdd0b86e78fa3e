//! FLAC, by [flac-codec](https://docs.rs/flac-codec).

use crate::error::WriteError;
use crate::metadata::{Blob, Metadata, Picture};
use crate::pcm::step;
use crate::place::Place;
use crate::write::Spec;
use flac_codec::encode::{FlacChannelWriter, Options};
use flac_codec::metadata::{
    Application, BlockList, BlockSize, Cuesheet, Padding, Picture as FlacPicture, PictureType, VorbisComment,
    write_blocks,
};
use std::fs::File;
use std::io::{BufReader, BufWriter, Error, Result, Seek, SeekFrom, Write};
use std::path::Path;

/// Room for what is said about the programme: what is known, and more.
const SLACK: usize = 8192;

/// The most that a block of padding can be.
const MOST_ROOM: usize = (1 << 24) - 1;

/// How much padding to leave for `metadata`.
pub(crate) fn room(metadata: &Metadata) -> usize {
    let tags: usize = metadata.tags.iter().map(|(key, value)| key.len() + value.len() + 5).sum();
    let pictures: usize = metadata.pictures.iter().map(|picture| picture.data.len() + 512).sum();
    let blobs: usize = metadata.blobs.iter().map(|blob| blob.data.len() + 8).sum();
    (tags + pictures + blobs + SLACK).min(MOST_ROOM)
}

/// Takes samples, and writes FLAC.
pub(crate) struct Encoder {
    writer: FlacChannelWriter<BufWriter<File>>,
    bits: u16,
    planes: Vec<Vec<i32>>,
}

impl Encoder {
    pub(crate) fn new(
        file: File,
        spec: &Spec,
        room: usize,
        place: &Place,
    ) -> std::result::Result<Self, WriteError> {
        let bits = spec.encoding.bits();
        let options = Options::default().no_padding().padding(room as u32);
        let options = options.map_err(|error| place.io(Error::other(error)))?;
        let writer = FlacChannelWriter::new(
            BufWriter::with_capacity(1 << 18, file),
            options,
            spec.rate_hz,
            u32::from(bits),
            spec.channels as u8,
            None,
        );
        let writer = writer.map_err(|error| place.io(plain(error)))?;
        Ok(Self { writer, bits, planes: vec![Vec::new(); spec.channels] })
    }

    /// Adds frames. Gives back how many samples had to be clipped.
    pub(crate) fn write(&mut self, planes: &[&[f64]]) -> Result<u64> {
        let mut clipped = 0;
        for (steps, samples) in self.planes.iter_mut().zip(planes) {
            steps.clear();
            steps.extend(samples.iter().map(|sample| {
                let (step, cut) = step(*sample, self.bits);
                clipped += u64::from(cut);
                step
            }));
        }
        self.writer.write(&self.planes).map_err(plain)?;
        Ok(clipped)
    }

    pub(crate) fn finish(self) -> Result<()> {
        self.writer.finalize().map_err(plain)
    }
}

/// An error of the disk is one; any other becomes one that says what flac-codec says.
fn plain(error: flac_codec::Error) -> Error {
    match error {
        flac_codec::Error::Io(cause) => cause,
        other => Error::other(other),
    }
}

/// Puts what `metadata` says into the finished file. Gives back what FLAC has no place for.
pub(crate) fn describe(
    place: &mut Place,
    metadata: &Metadata,
    frames: u64,
) -> std::result::Result<Vec<String>, WriteError> {
    let mut file = place.open()?;
    let left_out = (|| -> Result<(Vec<String>, BlockList, u64)> {
        let mut blocks = BlockList::read(BufReader::new(&mut file)).map_err(plain)?;
        let begin = size(&blocks)?;
        let left_out = fill(&mut blocks, metadata, frames);
        Ok((left_out, blocks, begin))
    })();
    let (left_out, mut blocks, begin) = left_out.map_err(|cause| place.io(cause))?;
    let wanted = size(&blocks).map_err(|cause| place.io(cause))?;
    let padding = blocks.get::<Padding>().map_or(0, |padding| u64::from(u32::from(padding.size)));
    let fits = (padding + begin).checked_sub(wanted).and_then(|size| BlockSize::try_from(size as u32).ok());
    if let (Some(size), Some(padding)) = (fits, blocks.get_mut::<Padding>()) {
        padding.size = size;
        (|| {
            file.seek(SeekFrom::Start(0))?;
            let mut out = BufWriter::new(&mut file);
            write_blocks(&mut out, blocks).map_err(plain)?;
            out.flush()
        })()
        .map_err(|cause: Error| place.io(cause))?;
        return Ok(left_out);
    }
    // More than was expected: the coded samples move into a second file.
    let mut second = place.another()?;
    (|| {
        write_blocks(&mut second, blocks).map_err(plain)?;
        file.seek(SeekFrom::Start(begin))?;
        std::io::copy(&mut file, &mut second).map(drop)
    })()
    .map_err(|cause: Error| place.io(cause))?;
    Ok(left_out)
}

/// Bytes that the blocks take.
fn size(blocks: &BlockList) -> Result<u64> {
    let mut bytes = Vec::new();
    write_blocks(&mut bytes, blocks.blocks()).map_err(plain)?;
    Ok(bytes.len() as u64)
}

/// Puts `metadata` in the place of what the blocks say. Gives back what has no place.
fn fill(blocks: &mut BlockList, metadata: &Metadata, frames: u64) -> Vec<String> {
    let mut left_out = Vec::new();
    blocks.remove::<VorbisComment>();
    blocks.remove::<FlacPicture>();
    blocks.remove::<Application>();
    blocks.remove::<Cuesheet>();
    // The block counts in frames of the CD; at other rates the text stays a comment.
    let of_cd = blocks.streaminfo().sample_rate == 44_100;
    let sheet = metadata.get("CUESHEET").filter(|_| of_cd);
    let sheet = sheet.and_then(|text| Cuesheet::parse(frames, text).ok());
    let kept = |key: &str| key != "CUESHEET" || sheet.is_none();
    let comment = VorbisComment {
        vendor_string: "deadwax".into(),
        fields: metadata
            .tags
            .iter()
            .filter(|(key, _)| kept(key))
            .map(|(key, value)| format!("{key}={value}"))
            .collect(),
    };
    blocks.insert(comment);
    if let Some(sheet) = sheet {
        blocks.insert(sheet);
    }
    for picture in &metadata.pictures {
        // What a block holds, with some room for its words.
        if picture.data.len() + picture.description.len() + 1024 > MOST_ROOM {
            left_out.push(format!("picture of {} bytes", picture.data.len()));
        } else {
            blocks.insert(block(picture));
        }
    }
    for blob in &metadata.blobs {
        blocks.insert(Application { id: u32::from_be_bytes(blob.id), data: blob.data.clone() });
    }
    left_out.extend(metadata.of_wav_only());
    if !metadata.markers.is_empty() {
        left_out.push(format!("{} markers", metadata.markers.len()));
    }
    left_out
}

/// A picture as FLAC has it. How large it is is known of PNG only; 0 is "not known".
fn block(picture: &Picture) -> FlacPicture {
    let is_png = picture.data.starts_with(b"\x89PNG\r\n\x1a\n");
    let number = |at: usize| {
        let bytes = picture.data.get(at..at + 4).filter(|_| is_png);
        bytes.and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_be_bytes)
    };
    FlacPicture {
        picture_type: KINDS.get(usize::from(picture.kind)).copied().unwrap_or(PictureType::Other),
        media_type: picture.media_type.chars().filter(char::is_ascii_graphic).collect(),
        description: picture.description.clone(),
        width: number(16),
        height: number(20),
        color_depth: 0,
        colors_used: None,
        data: picture.data.clone(),
    }
}

/// What pictures show, by their numbers.
const KINDS: [PictureType; 21] = {
    use PictureType as P;
    [
        P::Other,
        P::Png32x32,
        P::GeneralFileIcon,
        P::FrontCover,
        P::BackCover,
        P::LinerNotes,
        P::MediaLabel,
        P::LeadArtist,
        P::Artist,
        P::Conductor,
        P::Band,
        P::Composer,
        P::Lyricist,
        P::RecordingLocation,
        P::DuringRecording,
        P::DuringPerformance,
        P::ScreenCapture,
        P::Fish,
        P::Illustration,
        P::BandLogo,
        P::PublisherLogo,
    ]
};

/// A cue sheet as people write it.
fn cue_text(sheet: &Cuesheet, rate_hz: u64) -> String {
    let mut text = String::new();
    let catalog = sheet.catalog_number().to_string();
    if !catalog.is_empty() {
        text.push_str(&format!("CATALOG {catalog}\n"));
    }
    text.push_str("FILE \"master.wav\" WAVE\n");
    for track in sheet.tracks() {
        // The lead-out has no number.
        let Some(number) = track.number else { continue };
        text.push_str(&format!("  TRACK {number:02} AUDIO\n"));
        let isrc = track.isrc.to_string();
        if !isrc.is_empty() {
            text.push_str(&format!("    ISRC {isrc}\n"));
        }
        for index in &track.index_points {
            let frames = u128::from(track.offset.saturating_add(index.offset)) * 75 / u128::from(rate_hz);
            let (minutes, seconds, frames) = (frames / 4_500, frames / 75 % 60, frames % 75);
            text.push_str(&format!("    INDEX {:02} {minutes:02}:{seconds:02}:{frames:02}\n", index.number));
        }
    }
    text
}

/// Reads what the FLAC file at `path` says.
pub(crate) fn read(path: &Path, metadata: &mut Metadata) -> Result<()> {
    let blocks = BlockList::read(BufReader::new(File::open(path)?)).map_err(plain)?;
    if let Some(comment) = blocks.get::<VorbisComment>() {
        for (key, value) in comment.fields.iter().filter_map(|field| field.split_once('=')) {
            metadata.add(key, value);
        }
    }
    for picture in blocks.get_all::<FlacPicture>() {
        metadata.pictures.push(Picture {
            kind: picture.picture_type as u8,
            media_type: picture.media_type.clone(),
            description: picture.description.clone(),
            data: picture.data.clone(),
        });
    }
    if let Some(sheet) = blocks.get::<Cuesheet>() {
        metadata.set("CUESHEET", &cue_text(sheet, u64::from(blocks.streaminfo().sample_rate).max(1)));
    }
    for block in blocks.get_all::<Application>() {
        let id = block.id.to_be_bytes();
        if [*b"riff", *b"aiff", *b"w64 "].contains(&id) {
            metadata.dropped.push(format!("application block `{}`", String::from_utf8_lossy(&id)));
        } else {
            metadata.blobs.push(Blob { id, data: block.data.clone() });
        }
    }
    Ok(())
}
