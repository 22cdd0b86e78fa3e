//! What may be on a disc, and what is said of what may not.

use crate::discs::{even, full, wild};
use deadwax_disc::cue::{Audio, for_ddp, for_players};
use deadwax_disc::pq_sheet::Sheet;
use deadwax_disc::toc::toc;
use deadwax_disc::{BadBarcode, Barcode, Disc, Flags, PLANT_LIMIT, Problem, Sectors, TextKind, Track};
use deadwax_disc::{cd_text, check, ddp};
use proptest::prelude::*;

fn problems(disc: &Disc) -> Vec<Problem> {
    check(disc, PLANT_LIMIT)
}

fn told(disc: &Disc) -> Vec<(bool, String)> {
    problems(disc).into_iter().map(|problem| (problem.is_error(), problem.to_string())).collect()
}

#[test]
fn a_disc_has_1_to_99_tracks() {
    assert_eq!(problems(&even(1, 300)), []);
    assert_eq!(problems(&even(99, 300)), []);
    assert!(ddp::fileset(&even(99, 300)).is_ok());
    assert_eq!(problems(&even(0, 300)), [Problem::Tracks(0)]);
    assert_eq!(problems(&even(100, 300)), [Problem::Tracks(100)]);
    assert!(Problem::Tracks(100).is_error());
}

#[test]
fn a_track_has_at_least_4_seconds() {
    let mut disc = even(3, 300);
    assert_eq!(problems(&disc), []);
    disc.tracks[1].start = Sectors(301);
    let short = Problem::Short { track: 2, length: Sectors(299) };
    assert_eq!(problems(&disc), std::slice::from_ref(&short));
    assert!(short.is_error() && short.to_string().contains("00:03:74"));
}

#[test]
fn a_disc_beyond_79_57_is_a_warning_and_one_beyond_all_addresses_an_error() {
    let mut disc = even(1, 1);
    disc.lead_out = "79:55:00".parse().unwrap();
    assert_eq!(problems(&disc), []);
    disc.lead_out = "79:55:01".parse().unwrap();
    let says = "the disc ends at 79:57:01, beyond 79:57:00: plants may refuse it";
    assert_eq!(told(&disc), [(false, says.into())]);
    assert!(ddp::fileset(&disc).is_ok());
    disc.lead_out = "99:57:74".parse().unwrap();
    assert!(problems(&disc).iter().all(|problem| !problem.is_error()));
    assert!(String::from_utf8_lossy(&ddp::fileset(&disc).unwrap().pq).contains("AA01  995974"));
    disc.lead_out = disc.lead_out + Sectors(1);
    assert!(matches!(problems(&disc)[..], [Problem::Unaddressable(_)]));
    assert!(ddp::fileset(&disc).is_err());
}

#[test]
fn more_hidden_than_a_fileset_can_say_is_a_warning() {
    let mut disc = even(1, 300);
    (disc.tracks[0].start, disc.lead_out) = (Sectors(9_849), Sectors(20_000));
    assert_eq!(problems(&disc), []);
    disc.tracks[0].start = Sectors(9_850);
    let says = "02:11:25 is hidden in front of track 1; a DDP fileset has room for 02:11:24: none can be made of this disc";
    assert_eq!(told(&disc), [(false, says.into())]);
}

#[test]
fn indexes_follow_each_other() {
    let wrong = |change: fn(&mut Disc)| {
        let mut disc = full();
        change(&mut disc);
        let errors: Vec<Problem> = problems(&disc).into_iter().filter(Problem::is_error).collect();
        let order = errors.iter().filter(|problem| matches!(problem, Problem::Order { .. })).count();
        (errors.len(), order)
    };
    assert_eq!(wrong(|_| ()), (0, 0));
    assert_eq!(wrong(|disc| disc.tracks[1].gap = Some(Sectors(1951))), (0, 0), "an empty gap is none");
    assert_eq!(wrong(|disc| disc.tracks[1].gap = Some(Sectors(1952))), (1, 1));
    assert_eq!(
        wrong(|disc| disc.tracks[1].gap = Some(Sectors(750))),
        (1, 1),
        "nothing would be left of track 1"
    );
    assert_eq!(wrong(|disc| disc.tracks[1].indexes[0] = Sectors(1951)), (1, 1));
    assert_eq!(wrong(|disc| disc.tracks[1].indexes[1] = Sectors(2401)), (1, 1));
    assert_eq!(wrong(|disc| disc.tracks[3].indexes[0] = Sectors(3400)), (1, 1));
    assert_eq!(wrong(|disc| disc.tracks[0].gap = Some(Sectors(1))), (1, 1), "a disc begins with INDEX 00");
    assert_eq!(wrong(|disc| disc.tracks[0].gap = None), (0, 0));
}

#[test]
fn a_track_has_99_indexes() {
    let mut disc = even(1, 1_000);
    disc.tracks[0].indexes = (1..=98).map(Sectors).collect();
    assert_eq!(problems(&disc), []);
    assert!(String::from_utf8_lossy(&ddp::fileset(&disc).unwrap().pq).contains("VVVS0199  000323"));
    disc.tracks[0].indexes.push(Sectors(99));
    assert_eq!(problems(&disc), [Problem::Indexes { track: 1, count: 100 }]);
}

#[test]
fn a_wrong_check_digit_is_refused_with_the_right_one() {
    let error = "036000291453".parse::<Barcode>().unwrap_err();
    assert_eq!(error, BadBarcode::CheckDigit { given: "036000291453".into(), expected: 2, found: 3 });
}

#[test]
fn one_isrc_for_two_tracks_is_an_error() {
    let mut disc = full();
    disc.tracks[2].isrc = disc.tracks[0].isrc;
    let same = Problem::SameIsrc { first: 1, second: 3, isrc: "GBAAA2600001".into() };
    assert!(same.is_error() && problems(&disc).contains(&same));
}

#[test]
fn a_title_with_letters_that_are_not_there_is_told_and_left_out_and_never_mangled() {
    let mut disc = full();
    disc.tracks[0].texts.title = "夜明け".into();
    let letter = Problem::Letter { track: 1, kind: TextKind::Title, letter: '夜' };
    assert!(!letter.is_error() && problems(&disc).contains(&letter));
    let says = "the title of track 1 has the letter `夜`, which CD-TEXT and CUE sheets do not have: it is left out of them";
    assert_eq!(letter.to_string(), says);
    let cue = crate::cue_reader::read(&for_ddp(&disc).unwrap());
    assert!(!cue.tracks[0].texts.contains_key("TITLE") && cue.tracks[1].texts.contains_key("TITLE"));
    let texts = crate::packs::read(&cd_text::packs(&disc).unwrap().bytes);
    assert_eq!((&texts[&(0x80, 1)][..], &texts[&(0x80, 3)][..]), (&b""[..], &b"Straight in"[..]));
}

#[test]
fn texts_that_sheets_change_are_told() {
    let mut disc = even(1, 300);
    disc.texts.title = "a".repeat(81);
    disc.tracks[0].texts.performer = "\"AC\\DC\"".into();
    let expected = [
        Problem::LongText { track: 0, kind: TextKind::Title, letters: 81 },
        Problem::Quotes { track: 1, kind: TextKind::Performer },
        Problem::Backslash { track: 1, kind: TextKind::Performer },
    ];
    assert_eq!(problems(&disc), expected);
    assert!(expected.iter().all(|problem| !problem.is_error()));
}

#[test]
fn flags_that_exclude_each_other_are_an_error_and_pre_emphasis_a_warning() {
    let with = |flags: Flags| {
        let mut disc = even(1, 300);
        disc.tracks[0].flags = flags;
        problems(&disc)
    };
    let none = Flags::default();
    assert_eq!(with(Flags { copy_permitted: true, ..none }), []);
    assert_eq!(with(Flags { serial_copy: true, ..none }), []);
    assert_eq!(with(Flags { four_channels: true, ..none }), []);
    assert_eq!(with(Flags { copy_permitted: true, serial_copy: true, ..none }), [Problem::CopyFlags(1)]);
    assert_eq!(with(Flags { pre_emphasis: true, ..none }), [Problem::PreEmphasis(1)]);
    assert!(Problem::CopyFlags(1).is_error() && !Problem::PreEmphasis(1).is_error());
}

#[test]
fn a_masters_name_has_48_plain_letters() {
    let mut disc = even(1, 300);
    disc.master_id = "x".repeat(48);
    assert_eq!(problems(&disc), []);
    for name in ["x".repeat(49), "Übung".into(), "a\nb".into()] {
        disc.master_id.clone_from(&name);
        assert_eq!(problems(&disc), [Problem::MasterId(name)]);
    }
}

#[test]
fn tracks_split_without_a_rest() {
    let disc = full();
    let parts: Vec<(u32, u32)> = (1..=4).map(|n| disc.split(n)).map(|(from, to)| (from.0, to.0)).collect();
    assert_eq!(parts, [(0, 1951), (1951, 2401), (2401, 2975), (2975, 3400)]);
    assert_eq!(disc.length(2), Sectors(450));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn any_disc_at_all_ends_in_words_or_in_sheets(disc in wild()) {
        let errors = problems(&disc).iter().filter(|problem| problem.is_error()).count();
        problems(&disc).iter().for_each(|problem| assert!(!problem.to_string().is_empty()));
        prop_assert_eq!(for_players(&disc, "a.wav", Audio::Wave).is_ok(), errors == 0);
        prop_assert_eq!(for_ddp(&disc).is_ok(), errors == 0);
        prop_assert_eq!(toc(&disc, "a.wav").is_ok(), errors == 0);
        prop_assert_eq!(cd_text::packs(&disc).is_ok(), errors == 0);
        prop_assert!(ddp::fileset(&disc).is_err() || errors == 0);
        let sheet = Sheet {
            disc: &disc,
            catalogue: disc.texts.title.clone(),
            engineer: disc.texts.title.clone(),
            date: String::new(),
            software: String::new(),
            format: String::new(),
            files: vec![],
            loudness: vec![],
        };
        let _ = (sheet.csv(), sheet.html());
    }

    #[test]
    fn texts_of_any_letters_never_break_a_sheet(title in ".{0,100}", message in any::<String>()) {
        let mut disc = even(2, 300);
        disc.texts.title.clone_from(&title);
        disc.tracks.iter_mut().for_each(|track: &mut Track| track.texts.message.clone_from(&message));
        disc.tracks[1].texts.title = title;
        let cue = crate::cue_reader::read(&for_ddp(&disc).unwrap());
        prop_assert_eq!(cue.tracks.len(), 2);
        let packs = cd_text::packs(&disc).unwrap();
        prop_assert_eq!(cd_text::verify(&packs.bytes), Ok(()));
        prop_assert!(toc(&disc, "a.wav").unwrap().is_ascii());
    }
}
