//! CD-TEXT: what is left out when there is no room, and what a checker finds.

use crate::discs::{even, full};
use crate::packs::read;
use deadwax_disc::cd_text::{CdText, Fault, Kind, packs, verify};
use deadwax_disc::{Disc, TextKind};
use proptest::prelude::*;

/// A disc of 99 tracks whose titles and messages have so many letters.
fn wordy(title: usize, message: usize) -> Disc {
    let mut disc = even(99, 300);
    for track in &mut disc.tracks {
        track.texts.title = "t".repeat(title);
        track.texts.message = "m".repeat(message);
    }
    disc.texts.performer = "P".into();
    disc.barcode = "4006381333931".parse().ok();
    disc
}

fn kinds(bytes: &[u8]) -> Vec<u8> {
    let mut kinds: Vec<u8> = bytes.chunks(18).map(|pack| pack[0]).collect();
    kinds.dedup();
    kinds
}

#[test]
fn what_does_not_fit_is_left_out_from_the_last_kind_on() {
    // 99 · 25 + 1 bytes of titles are 207 packs, the performer's 101 bytes are 9, codes 10, sizes 3.
    let CdText { bytes, left_out } = packs(&wordy(24, 0)).unwrap();
    assert_eq!((bytes.len() / 18, left_out, kinds(&bytes)), (229, vec![], vec![0x80, 0x81, 0x8e, 0x8f]));
    // Messages of 3 letters are 34 packs more, for which there is only room when the codes go.
    let CdText { bytes, left_out } = packs(&wordy(24, 3)).unwrap();
    assert_eq!((left_out, kinds(&bytes)), (vec![Kind::Codes], vec![0x80, 0x81, 0x85, 0x8f]));
    let message = Kind::Text(TextKind::Message);
    let CdText { bytes, left_out } = packs(&wordy(24, 5)).unwrap();
    assert_eq!((left_out, kinds(&bytes)), (vec![message, Kind::Codes], vec![0x80, 0x81, 0x8f]));
    let everything = vec![Kind::Text(TextKind::Title), Kind::Text(TextKind::Performer), message, Kind::Codes];
    assert_eq!(packs(&wordy(80, 5)).unwrap(), CdText { bytes: vec![], left_out: everything });
}

#[test]
fn a_block_may_be_full_to_the_last_pack() {
    // 253 packs of titles: 3036 bytes, of which 100 are NUL.
    let mut disc = even(99, 300);
    disc.tracks.iter_mut().for_each(|track| track.texts.title = "t".repeat(29));
    disc.texts.title = "d".repeat(3036 - 100 - 99 * 29);
    let full = packs(&disc).unwrap();
    assert_eq!((full.bytes.len(), full.left_out), (256 * 18, vec![]));
    assert_eq!(verify(&full.bytes), Ok(()));
    assert_eq!(read(&full.bytes)[&(0x80, 99)], "t".repeat(29).into_bytes());
    disc.texts.title.push('d');
    assert_eq!(packs(&disc).unwrap().left_out, [Kind::Text(TextKind::Title)]);
}

#[test]
fn what_is_left_out_is_told_in_words() {
    let words: Vec<String> = Kind::ALL.iter().map(Kind::to_string).collect();
    let all =
        ["titles", "performers", "songwriters", "composers", "arrangers", "messages", "bar code and ISRCs"];
    assert_eq!(words, all);
}

#[test]
fn packs_that_are_missing_or_cut_are_found() {
    let whole = packs(&full()).unwrap().bytes;
    assert_eq!(verify(&whole), Ok(()));
    assert_eq!(verify(&whole[..whole.len() - 1]), Err(Fault::Length(whole.len() - 1)));
    assert_eq!(verify(&whole[18..]), Err(Fault::Sequence { pack: 0, found: 1 }));
    assert_eq!(verify(&whole[..18].repeat(257)), Err(Fault::Packs(257)));
}

proptest! {
    #[test]
    fn a_flipped_bit_is_always_found(bit in 0_usize..8 * 18 * 3) {
        let mut bytes = packs(&full()).unwrap().bytes;
        bytes[bit / 8] ^= 1 << (bit % 8);
        let found = matches!(verify(&bytes), Err(Fault::Crc { pack, .. }) if pack == bit / 8 / 18);
        prop_assert!(found);
    }

    #[test]
    fn any_bytes_are_packs_or_a_fault(bytes: Vec<u8>) {
        let _ = verify(&bytes).map_err(|fault| fault.to_string());
    }
}
