//! A reader of CD-TEXT packs, written from their description alone.

use std::collections::BTreeMap;

/// Divides by the polynomial, bit by bit: nothing is left of bytes with the right CRC behind them.
fn remainder(bytes: &[u8]) -> u32 {
    let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| u32::from(byte >> bit & 1)));
    bits.fold(0, |rest, bit| {
        let rest = rest << 1 | bit;
        if rest & 0x1_0000 == 0 { rest } else { rest ^ 0x1_1021 }
    })
}

/// The strings by kind and track, those that are empty too. Holds every byte of every pack against what it has to be.
pub(crate) fn read(bytes: &[u8]) -> BTreeMap<(u8, usize), Vec<u8>> {
    assert_eq!(bytes.len() % 18, 0);
    let packs: Vec<&[u8]> = bytes.chunks(18).collect();
    assert!((4..=256).contains(&packs.len()), "{} packs", packs.len());
    let mut streams: BTreeMap<u8, Vec<u8>> = BTreeMap::new();
    let mut last = 0;
    for (number, pack) in packs.iter().enumerate() {
        let mut whole = pack.to_vec();
        whole[16..].iter_mut().for_each(|byte| *byte = !*byte);
        assert_eq!(remainder(&whole), 0, "CRC of pack {number}");
        assert_eq!(usize::from(pack[2]), number, "sequence");
        assert!(pack[0] >= last, "kinds in order");
        last = pack[0];
        let stream = streams.entry(pack[0]).or_default();
        if pack[0] == 0x8f {
            assert_eq!((usize::from(pack[1]), pack[3]), (stream.len() / 12, 0));
        } else {
            let begun = stream.iter().rev().take_while(|byte| **byte != 0).count();
            let track = stream.iter().filter(|byte| **byte == 0).count();
            assert_eq!((usize::from(pack[1]), usize::from(pack[3])), (track, begun.min(15)), "pack {number}");
        }
        stream.extend_from_slice(&pack[4..16]);
    }
    let size = streams.remove(&0x8f).expect("packs of size");
    assert_eq!((size.len(), size[0], size[1], size[3]), (36, 0, 1, 0));
    for kind in 0x80..=0x8f_u8 {
        let count = packs.iter().filter(|pack| pack[0] == kind).count();
        assert_eq!(usize::from(size[4 + usize::from(kind - 0x80)]), count, "packs of kind {kind:x}");
    }
    assert_eq!(usize::from(size[20]), packs.len() - 1);
    assert_eq!((&size[21..28], size[28], &size[29..]), (&[0; 7][..], 9, &[0; 7][..]));
    let tracks = usize::from(size[2]);
    let mut texts = BTreeMap::new();
    for (kind, stream) in streams {
        let mut strings: Vec<&[u8]> = stream.split(|byte| *byte == 0).collect();
        let padding = strings.split_off(tracks + 1);
        assert!(
            padding.len() <= 12 && padding.iter().all(|text| text.is_empty()),
            "padding of kind {kind:x}"
        );
        texts.extend(strings.into_iter().enumerate().map(|(track, text)| ((kind, track), text.to_vec())));
    }
    texts
}
