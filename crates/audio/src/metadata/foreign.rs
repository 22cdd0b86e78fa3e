//! What symphonia finds in Ogg, MP4, CAF and the like.

use super::{Metadata, Picture};
use symphonia::core::meta::{MetadataRevision, StandardTag, StandardVisualKey, Tag};

/// Adds what `revision` says.
pub(super) fn add(revision: &MetadataRevision, metadata: &mut Metadata) {
    let tracks = revision.per_track.iter().map(|track| &track.metadata);
    for container in std::iter::once(&revision.media).chain(tracks) {
        container.tags.iter().for_each(|tag| one(tag, metadata));
        for visual in &container.visuals {
            let kind = match visual.usage {
                Some(StandardVisualKey::BackCover) => 4,
                Some(StandardVisualKey::FrontCover) | None => 3,
                _ => 0,
            };
            metadata.pictures.push(Picture {
                kind,
                media_type: visual.media_type.clone().unwrap_or_else(|| "image/jpeg".into()),
                description: String::new(),
                data: visual.data.to_vec(),
            });
        }
    }
}

fn one(tag: &Tag, metadata: &mut Metadata) {
    if let Some((key, value)) = tag.std.as_ref().and_then(standard) {
        return metadata.add(key, &value);
    }
    // As in `----:com.apple.iTunes:ISRC`.
    let key = tag.raw.key.rsplit(':').next().unwrap_or_default();
    match &tag.raw.value {
        symphonia::core::meta::RawValue::Binary(_) => {
            metadata.dropped.push(format!("tag {}", tag.raw.key));
        }
        value => metadata.add(key, &value.to_string()),
    }
}

/// Our name for what symphonia knows the meaning of.
fn standard(tag: &StandardTag) -> Option<(&'static str, String)> {
    use StandardTag as S;
    Some(match tag {
        S::TrackTitle(x) => ("TITLE", x.to_string()),
        S::Artist(x) => ("ARTIST", x.to_string()),
        S::Album(x) => ("ALBUM", x.to_string()),
        S::AlbumArtist(x) => ("ALBUMARTIST", x.to_string()),
        S::TrackNumber(x) => ("TRACKNUMBER", x.to_string()),
        S::TrackTotal(x) => ("TRACKTOTAL", x.to_string()),
        S::DiscNumber(x) => ("DISCNUMBER", x.to_string()),
        S::DiscTotal(x) => ("DISCTOTAL", x.to_string()),
        S::ReleaseDate(x) | S::RecordingDate(x) => ("DATE", x.to_string()),
        S::ReleaseYear(x) | S::RecordingYear(x) => ("DATE", x.to_string()),
        S::OriginalReleaseDate(x) => ("ORIGINALDATE", x.to_string()),
        S::Genre(x) => ("GENRE", x.to_string()),
        S::Comment(x) => ("COMMENT", x.to_string()),
        S::Copyright(x) => ("COPYRIGHT", x.to_string()),
        S::Composer(x) => ("COMPOSER", x.to_string()),
        S::Conductor(x) => ("CONDUCTOR", x.to_string()),
        S::Lyricist(x) => ("LYRICIST", x.to_string()),
        S::Lyrics(x) => ("LYRICS", x.to_string()),
        S::IdentIsrc(x) => ("ISRC", x.to_string()),
        S::IdentBarcode(x) | S::IdentUpc(x) | S::IdentEanUpn(x) => ("BARCODE", x.to_string()),
        S::Label(x) => ("LABEL", x.to_string()),
        S::Bpm(x) => ("BPM", x.to_string()),
        S::Encoder(x) => ("ENCODER", x.to_string()),
        _ => return None,
    })
}
