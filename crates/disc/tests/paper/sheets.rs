//! CUE and TOC sheets.

use crate::cue_reader::read;
use crate::discs::{full, sound};
use deadwax_disc::cue::{Audio, for_ddp, for_players};
use deadwax_disc::toc::toc;
use deadwax_disc::{Disc, Refused, Sectors, Texts, latin1};
use proptest::prelude::*;

/// A text as a CUE sheet has it, by its rules: nothing, if a letter is missing there; else 80 letters without quotes.
fn in_cue(text: &str) -> Option<Vec<u8>> {
    latin1::encode(text).ok()?;
    let text: String = text.trim().replace('"', "'").replace('\\', "/").chars().take(80).collect();
    latin1::encode(text.trim_end()).ok().filter(|text| !text.is_empty())
}

fn same(texts: &Texts, read: &std::collections::BTreeMap<String, Vec<u8>>) -> bool {
    let all = [("TITLE", &texts.title), ("PERFORMER", &texts.performer), ("SONGWRITER", &texts.songwriter)];
    all.into_iter().all(|(word, text)| read.get(word) == in_cue(text).as_ref())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_field_of_any_disc_is_in_its_cue_sheets(disc in sound()) {
        for sheet in [for_ddp(&disc), for_players(&disc, "disc.wav", Audio::Wave)] {
            let read = read(&sheet.unwrap());
            prop_assert_eq!(read.catalog, disc.barcode.map(|code| code.to_string()));
            prop_assert!(same(&disc.texts, &read.texts));
            prop_assert_eq!(read.tracks.len(), disc.tracks.len());
            for (track, read) in disc.tracks.iter().zip(read.tracks) {
                prop_assert!(same(&track.texts, &read.texts));
                prop_assert_eq!(track.isrc.map(|code| code.to_string()), read.isrc);
                let flags = [
                    (track.flags.copy_permitted, "DCP"),
                    (track.flags.pre_emphasis, "PRE"),
                    (track.flags.four_channels, "4CH"),
                    (track.flags.serial_copy, "SCMS"),
                ];
                let flags: Vec<&str> = flags.into_iter().filter(|(set, _)| *set).map(|(_, word)| word).collect();
                prop_assert_eq!(flags, read.flags);
            }
        }
    }

    #[test]
    fn a_toc_puts_every_index_where_it_is(disc in sound()) {
        let toc = toc(&disc, "disc.wav").unwrap();
        prop_assert!(toc.is_ascii());
        let time = |text: &str| text.parse::<Sectors>().unwrap();
        let mut end = Sectors(0);
        for (part, track) in toc.split("TRACK AUDIO\n").skip(1).zip(&disc.tracks) {
            let said = |word: &'static str| part.lines().filter_map(move |line| line.strip_prefix(word));
            let file = said("FILE \"disc.wav\" ").next().unwrap();
            let (from, length) = file.split_once(' ').unwrap();
            // No sector of the file is left out, none is there twice.
            prop_assert_eq!(time(from), end);
            end = time(from) + time(length);
            let start = said("START ").next().map_or(Sectors(0), time);
            prop_assert_eq!(time(from) + start, track.start);
            let indexes: Vec<Sectors> = said("INDEX ").map(|text| track.start + time(text)).collect();
            prop_assert_eq!(&indexes, &track.indexes);
        }
        prop_assert_eq!(end, disc.lead_out);
    }
}

#[test]
fn sheets_of_a_disc_with_everything() {
    let text = |bytes: Vec<u8>| bytes.into_iter().map(char::from).collect::<String>();
    insta::assert_snapshot!("players", text(for_players(&full(), "Run-out.wav", Audio::Wave).unwrap()));
    insta::assert_snapshot!("beside_ddp", text(for_ddp(&full()).unwrap()));
    insta::assert_snapshot!("toc", toc(&full(), "Run-out.wav").unwrap());
}

#[test]
fn a_file_that_not_every_reader_finds_cannot_be_named() {
    for name in
        ["", " ", "a\"b.wav", "../a.wav", "C:a.wav", "a\\b.wav", "Übung.wav", "a\nINDEX 01 00:00:00.wav"]
    {
        let refused = Refused::FileName { name: name.into() };
        assert_eq!(for_players(&full(), name, Audio::Wave), Err(refused.clone()), "{name}");
        assert_eq!(toc(&full(), name), Err(refused), "{name}");
    }
    let refused = Refused::NotWav { name: "disc.flac".into() };
    assert_eq!(toc(&full(), "disc.flac"), Err(refused));
}

#[test]
fn nothing_is_written_of_a_disc_that_cannot_be_made() {
    let none = Disc::default();
    assert!(matches!(for_ddp(&none), Err(Refused::Disc(_))));
    assert!(matches!(for_players(&none, "a.wav", Audio::Wave), Err(Refused::Disc(_))));
    assert!(matches!(toc(&none, "a.wav"), Err(Refused::Disc(_))));
    assert!(matches!(deadwax_disc::ddp::fileset(&none), Err(Refused::Disc(_))));
    assert!(matches!(deadwax_disc::cd_text::packs(&none), Err(Refused::Disc(_))));
}
