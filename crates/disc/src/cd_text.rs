//! CD-TEXT, as it stands in the lead-in: packs of 18 bytes.
//!
//! Sources: MMC-3 annex J as the documentation of libburn (`cdtext.txt`) tells it, and the public description of DDP 2.00
//! (`ddp-reverse-eng`, section 7). One block, in English by its code, with letters of ISO 8859-1. What is not said of a track is an
//! empty string, as other writers have it; libcdio 2.1.0 shows what is behind one at the wrong track, so that a kind of text is
//! best told of all tracks or of none.

use crate::disc::{Disc, TextKind};
use crate::latin1;
use crate::refused::{Refused, can_be_made};
use std::fmt;
use thiserror::Error;

/// The bytes of a pack.
pub const PACK_BYTES: usize = 18;
/// The most packs of a block: their number is a byte.
pub const MOST_PACKS: usize = 256;
/// The bytes of text in a pack.
const PAYLOAD: usize = 12;
/// The packs that say how many there are of each kind.
const SIZE_PACKS: usize = 3;
/// The kind of those.
const SIZE: u8 = 0x8f;
/// EBU Tech 3264: English.
const ENGLISH: u8 = 0x09;

/// What a pack holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text of the disc, and of every track.
    Text(TextKind),
    /// The bar code of the disc, and the ISRC of every track.
    Codes,
}

impl Kind {
    /// All of them, in the order in which they stand.
    pub const ALL: [Self; 7] = [
        Self::Text(TextKind::Title),
        Self::Text(TextKind::Performer),
        Self::Text(TextKind::Songwriter),
        Self::Text(TextKind::Composer),
        Self::Text(TextKind::Arranger),
        Self::Text(TextKind::Message),
        Self::Codes,
    ];

    /// The first byte of its packs.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Text(kind) => 0x80 + kind as u8,
            Self::Codes => 0x8e,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(kind) => write!(f, "{}s", kind.word().to_lowercase()),
            Self::Codes => f.write_str("bar code and ISRCs"),
        }
    }
}

/// The CD-TEXT of a disc.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CdText {
    /// The packs, one behind the other. Empty, if there is nothing to say.
    pub bytes: Vec<u8>,
    /// What would have needed more than 256 packs, from the last kind on.
    pub left_out: Vec<Kind>,
}

/// What is in a block: of each kind the disc's string and every track's, without the NULs behind them.
pub(crate) struct Contents {
    pub(crate) kept: Vec<(Kind, Vec<Vec<u8>>)>,
    pub(crate) left_out: Vec<Kind>,
}

/// A byte that a disc cannot be trusted with.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// Not whole packs.
    #[error("CD-TEXT is packs of {PACK_BYTES} bytes; these are {0} bytes")]
    Length(usize),
    /// More packs than a block has.
    #[error("a block of CD-TEXT has {MOST_PACKS} packs at the most; these are {0}")]
    Packs(usize),
    /// A pack's CRC is not that of its bytes.
    #[error("pack {pack} of the CD-TEXT has the CRC {found:04X}; that of its bytes is {expected:04X}")]
    Crc {
        /// Which, from 0.
        pack: usize,
        /// What it should say.
        expected: u16,
        /// What it says.
        found: u16,
    },
    /// A pack is missing, or in another place.
    #[error("pack {pack} of the CD-TEXT says that it is number {found}")]
    Sequence {
        /// Which, from 0.
        pack: usize,
        /// What it says.
        found: u8,
    },
}

/// Makes the packs of a disc. Texts with letters beyond ISO 8859-1 are left out, and [`check`](crate::check) says so. Codes
/// alone make no CD-TEXT: they are in the subcode anyway.
///
/// # Errors
/// The disc cannot be made.
pub fn packs(disc: &Disc) -> Result<CdText, Refused> {
    can_be_made(disc)?;
    let Contents { kept, left_out } = contents(disc);
    let mut heads: Vec<[u8; 16]> = Vec::new();
    let mut counts = [0_u8; 16];
    for (kind, strings) in &kept {
        let packs = cut(kind.number(), strings);
        counts[usize::from(kind.number() - 0x80)] = packs.len() as u8;
        heads.extend(packs);
    }
    if heads.is_empty() {
        return Ok(CdText { bytes: Vec::new(), left_out });
    }
    counts[usize::from(SIZE - 0x80)] = SIZE_PACKS as u8;
    heads.extend(size(disc.tracks.len() as u8, counts, heads.len() + SIZE_PACKS));
    let mut bytes = Vec::with_capacity(heads.len() * PACK_BYTES);
    for (head, sequence) in heads.iter_mut().zip(0_u8..=u8::MAX) {
        head[2] = sequence;
        bytes.extend_from_slice(head);
        bytes.extend_from_slice(&crc(head).to_be_bytes());
    }
    Ok(CdText { bytes, left_out })
}

/// What there is to say, as far as it fits.
pub(crate) fn contents(disc: &Disc) -> Contents {
    let mut kept: Vec<_> =
        Kind::ALL.into_iter().filter_map(|kind| Some((kind, strings(disc, kind)?))).collect();
    let mut left_out = Vec::new();
    let packs =
        |strings: &Vec<Vec<u8>>| strings.iter().map(|text| text.len() + 1).sum::<usize>().div_ceil(PAYLOAD);
    while kept.iter().map(|(_, strings)| packs(strings)).sum::<usize>() + SIZE_PACKS > MOST_PACKS {
        left_out.extend(kept.pop().map(|(kind, _)| kind));
    }
    left_out.reverse();
    if matches!(kept[..], [(Kind::Codes, _)]) {
        kept.clear();
    }
    Contents { kept, left_out }
}

/// The strings of a kind; `None`, if all are empty.
fn strings(disc: &Disc, kind: Kind) -> Option<Vec<Vec<u8>>> {
    let strings: Vec<Vec<u8>> = match kind {
        Kind::Text(kind) => std::iter::once(&disc.texts)
            .chain(disc.tracks.iter().map(|track| &track.texts))
            .map(|texts| latin1::encode(texts.get(kind)).unwrap_or_default())
            .collect(),
        Kind::Codes => std::iter::once(disc.barcode.map(|code| code.digits()))
            .chain(disc.tracks.iter().map(|track| track.isrc.map(|isrc| isrc.to_string())))
            .map(|code| code.unwrap_or_default().into_bytes())
            .collect(),
    };
    strings.iter().any(|text| !text.is_empty()).then_some(strings)
}

/// Strings with a NUL behind each, cut into packs without number and CRC.
fn cut(kind: u8, strings: &[Vec<u8>]) -> Vec<[u8; 16]> {
    let letters: Vec<(u8, u8, usize)> = (0_u8..)
        .zip(strings)
        .flat_map(|(track, text)| {
            text.iter().copied().chain([0]).enumerate().map(move |(place, byte)| (byte, track, place))
        })
        .collect();
    let pack = |letters: &[(u8, u8, usize)]| {
        let mut pack = [0; 16];
        let (_, track, place) = letters[0];
        pack[..4].copy_from_slice(&[kind, track, 0, place.min(15) as u8]);
        pack[4..].iter_mut().zip(letters).for_each(|(to, (byte, _, _))| *to = *byte);
        pack
    };
    letters.chunks(PAYLOAD).map(pack).collect()
}

/// The packs that tell the size of the block of `packs` packs, they included.
fn size(tracks: u8, counts: [u8; 16], packs: usize) -> [[u8; 16]; SIZE_PACKS] {
    let mut payload = [0; SIZE_PACKS * PAYLOAD];
    // The letters are ISO 8859-1 (0), the first track is 1, nothing is said of copyright (0).
    payload[..4].copy_from_slice(&[0, 1, tracks, 0]);
    payload[4..20].copy_from_slice(&counts);
    payload[20] = (packs - 1) as u8;
    payload[28] = ENGLISH;
    let mut size = [[0; 16]; SIZE_PACKS];
    for ((pack, part), number) in size.iter_mut().zip(payload.chunks(PAYLOAD)).zip(0_u8..) {
        pack[..2].copy_from_slice(&[SIZE, number]);
        pack[4..].copy_from_slice(part);
    }
    size
}

/// CRC-16/GSM: the polynomial 0x1021, from 0, inverted.
#[must_use]
pub fn crc(bytes: &[u8]) -> u16 {
    let mut rest = 0_u16;
    for byte in bytes {
        rest ^= u16::from(*byte) << 8;
        for _ in 0..8 {
            rest = if rest & 0x8000 == 0 { rest << 1 } else { (rest << 1) ^ 0x1021 };
        }
    }
    !rest
}

/// Holds every pack of a block against its CRC and its number. libcdio and libburn take packs without looking at their CRC
/// (tried with libcdio 2.1.0 and libburn 1.5.4), so that nobody else notices.
///
/// # Errors
/// The first fault.
pub fn verify(bytes: &[u8]) -> Result<(), Fault> {
    let (packs, rest) = bytes.as_chunks::<PACK_BYTES>();
    if !rest.is_empty() {
        return Err(Fault::Length(bytes.len()));
    }
    if packs.len() > MOST_PACKS {
        return Err(Fault::Packs(packs.len()));
    }
    for (at, pack) in packs.iter().enumerate() {
        let (expected, found) = (crc(&pack[..16]), u16::from_be_bytes([pack[16], pack[17]]));
        if expected != found {
            return Err(Fault::Crc { pack: at, expected, found });
        }
        if usize::from(pack[2]) != at {
            return Err(Fault::Sequence { pack: at, found: pack[2] });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crc_is_the_one_of_the_catalogue_and_of_a_real_disc() {
        assert_eq!(crc(b"123456789"), 0xce3c);
        // The first pack that libburn's description shows.
        assert_eq!(crc(b"\x80\0\0\0Joyful Night"), 0xf0f7);
    }
}
