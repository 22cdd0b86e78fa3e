//! Discs to write: one with everything, the one of the public description, and any.

use deadwax_disc::{Barcode, Disc, Flags, PLANT_LIMIT, Sectors, Texts, Track, check};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// A disc with one of everything: something hidden, a gap, an INDEX 02 in the middle and in the last track, all flags, all texts.
pub(crate) fn full() -> Disc {
    let texts = |title: &str| Texts { title: title.into(), ..Texts::default() };
    let isrc = |text: &str| text.parse().ok();
    Disc {
        texts: Texts {
            title: "Run-out".into(),
            performer: "The Cutters".into(),
            songwriter: "A. Lathe".into(),
            composer: "B. Stylus".into(),
            arranger: "C. Helium".into(),
            message: "Play it loud".into(),
        },
        barcode: "036000291452".parse().ok(),
        master_id: "DWX-0001".into(),
        tracks: vec![
            Track {
                texts: Texts { performer: "The Cutters".into(), ..texts("Run-in") },
                isrc: isrc("GBAAA2600001"),
                gap: Some(Sectors(0)),
                start: Sectors(750),
                ..Track::default()
            },
            Track {
                texts: Texts { songwriter: "Dé Bütant".into(), ..texts("Locked \"groove\"") },
                isrc: isrc("GBAAA2600002"),
                flags: Flags { copy_permitted: true, ..Flags::default() },
                gap: Some(Sectors(1800)),
                start: Sectors(1951),
                indexes: vec![Sectors(2100), Sectors(2200)],
            },
            Track {
                texts: texts("Straight in"),
                flags: Flags { serial_copy: true, pre_emphasis: true, ..Flags::default() },
                start: Sectors(2401),
                ..Track::default()
            },
            Track {
                texts: Texts { message: "Thank you".into(), ..texts("Coda") },
                isrc: isrc("GBAAA2600004"),
                flags: Flags { pre_emphasis: true, four_channels: true, ..Flags::default() },
                gap: Some(Sectors(2900)),
                start: Sectors(2975),
                indexes: vec![Sectors(3274)],
            },
        ],
        lead_out: Sectors(3400),
    }
}

/// The example of the public description, section 1. Its titles are not told, only that they fit two packs.
pub(crate) fn example() -> Disc {
    let texts = |title: &str| Texts { title: title.into(), ..Texts::default() };
    let first = Track { texts: texts("One"), isrc: "USABC1234567".parse().ok(), ..Track::default() };
    let second =
        Track { texts: texts("Two"), gap: Some(Sectors(600)), start: Sectors(750), ..Track::default() };
    Disc {
        texts: texts("Title"),
        barcode: "0123456789012".parse().ok(),
        tracks: vec![first, second],
        lead_out: Sectors(1500),
        ..Disc::default()
    }
}

/// A disc of `count` tracks, each `length` long.
pub(crate) fn even(count: usize, length: u32) -> Disc {
    let track = |n: u32| Track { start: Sectors(n * length), ..Track::default() };
    Disc {
        tracks: (0..count as u32).map(track).collect(),
        lead_out: Sectors(count as u32 * length),
        ..Disc::default()
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => Just(String::new()),
        3 => "[ -~\u{a0}-\u{ff}]{0,30}",
        1 => "[ -~\u{a0}-\u{ff}]{70,100}",
        1 => "[a-z夜–é\n\t]{0,12}",
    ]
}

fn texts() -> impl Strategy<Value = Texts> {
    (text(), text(), text(), text(), text(), text()).prop_map(
        |(title, performer, songwriter, composer, arranger, message)| Texts {
            title,
            performer,
            songwriter,
            composer,
            arranger,
            message,
        },
    )
}

fn flags() -> impl Strategy<Value = Flags> {
    (0..3_u8, any::<bool>(), any::<bool>()).prop_map(|(copy, pre_emphasis, four_channels)| Flags {
        copy_permitted: copy == 1,
        serial_copy: copy == 2,
        pre_emphasis,
        four_channels,
    })
}

fn barcode() -> impl Strategy<Value = Option<Barcode>> {
    let code = |digits: String| {
        let sum: u32 =
            digits.bytes().zip([1, 3].into_iter().cycle()).map(|(d, w)| u32::from(d - b'0') * w).sum();
        format!("{digits}{}", (10 - sum % 10) % 10).parse().unwrap()
    };
    option::of("[0-9]{12}".prop_map(code))
}

/// Any disc that can be made.
pub(crate) fn sound() -> impl Strategy<Value = Disc> {
    let track =
        (texts(), any::<bool>(), flags(), option::of(1..500_u32), 300..3000_u32, vec(1..90_u32, 0..4))
            .boxed();
    let tracks = prop_oneof![4 => vec(track.clone(), 1..8), 1 => vec(track, 60..100)];
    let hidden = prop_oneof![Just(0_u32), 1..9_850_u32];
    (texts(), barcode(), "[ -~]{0,48}", tracks, hidden, any::<bool>()).prop_map(
        |(texts, barcode, master_id, tracks, hidden, said)| {
            let mut at = 0;
            let mut made: Vec<Track> = Vec::new();
            for (n, (texts, coded, flags, gap, length, steps)) in tracks.into_iter().enumerate() {
                let gap = if n == 0 { said.then_some(0) } else { gap.map(|_| at) }.map(Sectors);
                at += if n == 0 { hidden } else { gap.map_or(0, |_| length % 499 + 1) };
                let start = Sectors(at);
                let indexes = steps.iter().scan(at, |at, step| {
                    *at += step;
                    Some(Sectors(*at))
                });
                let isrc = coded.then(|| format!("GBAAA26{n:05}").parse().unwrap());
                made.push(Track { texts, isrc, flags, gap, start, indexes: indexes.collect() });
                at += length;
            }
            Disc { texts, barcode, master_id, tracks: made, lead_out: Sectors(at) }
        },
    )
}

/// Any disc at all, most of which cannot be made.
pub(crate) fn wild() -> impl Strategy<Value = Disc> {
    let place = || prop_oneof![0..2_000_u32, any::<u32>()].prop_map(Sectors);
    let any_text = || prop_oneof![Just(String::new()), ".{0,90}"];
    let track = (any_text(), any::<[bool; 4]>(), option::of(place()), place(), vec(place(), 0..4)).prop_map(
        |(title, flags, gap, start, indexes)| Track {
            texts: Texts { message: title.clone(), title, ..Texts::default() },
            flags: Flags {
                copy_permitted: flags[0],
                pre_emphasis: flags[1],
                four_channels: flags[2],
                serial_copy: flags[3],
            },
            isrc: flags[0].then(|| "GBAAA2600001".parse().unwrap()),
            gap,
            start,
            indexes,
        },
    );
    (any_text(), any_text(), barcode(), vec(track, 0..110), place()).prop_map(
        |(title, master_id, barcode, tracks, lead_out)| Disc {
            texts: Texts { title, ..Texts::default() },
            barcode,
            master_id,
            tracks,
            lead_out,
        },
    )
}

proptest! {
    #[test]
    fn what_is_called_sound_here_can_be_made(disc in sound()) {
        let errors: Vec<_> = check(&disc, PLANT_LIMIT).into_iter().filter(|problem| problem.is_error()).collect();
        prop_assert_eq!(errors, []);
    }
}
