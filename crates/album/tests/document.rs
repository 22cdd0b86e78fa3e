//! An album document: what stands in it, where everything is, and what is said when something is wrong.

use deadwax_album::document::{Element, Kind, Loudness};
use deadwax_album::{Album, REFERENCE_DBFS, Read, Sequence, Time, disc, read, sequence};
use deadwax_disc::{PLANT_LIMIT, Problem, Sectors, check};
use deadwax_graph::diagnostic::{Code, Style, render};
use proptest::prelude::*;

const ALBUM: &str = r#"// An album of three tracks on two sides.
Album(
    format: 1,
    about: (title: "Run-out", artist: "The Cutters", upc: "0123456789012", catalogue: "DWX-0001", engineer: "A. Lathe"),
    rate_hz: 44100,
    loudness: KeepRelative(anchor: LoudestTrack, target_lufs: -14, up: false),
    graph: "house.ron",
    tracks: {
        "run-in": Track(
            title: "Run-in",
            isrc: "US-ABC-26-00001",
            source: Source(path: "mix/01.wav"),
            preset: "loud",
            set: { "glue.ratio": 2, loudness: -12 },
            trim: (head: Samples(4800), tail: Floor(level_dbfs: -80, hold: Seconds(0.2))),
            fade_out: Fade(length: Seconds(4), curve: Smooth),
            indexes: [Seconds(61)],
            versions: { instrumental: "mix/01i.wav" },
        ),
        locked: Track(title: "Locked", isrc: "USABC2600002", offset_db: -1.5, source: "mix/02.wav"),
        coda: Track(title: "Coda", source: "mix/03.wav", graph: "soft.ron", interlude: true),
    },
    layout: [
        Side("A"), "run-in", Cross(length: Seconds(1.5), curve: EqualPower), "locked",
        Side("B"), Gap(CdFrames(150)), "coda",
    ],
    deliver: {
        stream: Tracks(post: "stream.ron", format: Wav(bits: 24), gap: ToPrevious, check: ["spotify"]),
        instrumental: Tracks(version: "instrumental", format: Flac(bits: 16), dither: Tpdf),
        cd: Disc(dither: Deep, write: [Ddp, Cue], limit: "79:57:00"),
        lp: Sides(post: "vinyl.ron", medium: Lp12(rpm: 33)),
    },
)
"#;

fn ok(text: &str) -> Read {
    read("album.ron", text).unwrap_or_else(|errors| panic!("{}", shown(&errors)))
}

fn shown(errors: &deadwax_graph::Errors) -> String {
    render(&errors.diagnostics, &errors.sources, Style::Plain, 20)
}

fn laid(text: &str, seconds: &[u64]) -> Result<Sequence, Vec<Code>> {
    let read = ok(text);
    let length = |track: Option<usize>| Time::of_frames(track.map_or(30, |track| seconds[track]), 1);
    sequence(&read.album, 0, 44_100, &length)
        .map_err(|errors| errors.iter().map(|error| error.code).collect())
}

#[test]
fn everything_that_is_written_is_read() {
    let album = ok(ALBUM).album;
    assert_eq!((album.texts.title.as_str(), album.texts.performer.as_str()), ("Run-out", "The Cutters"));
    assert_eq!(album.barcode.map(|code| code.value.to_string()), Some("0123456789012".into()));
    assert!(matches!(album.loudness, Loudness::KeepRelative { target_lufs: -14.0, up: false, .. }));
    let track = &album.tracks[0];
    assert_eq!(track.isrc.as_ref().map(|isrc| isrc.value.to_string()), Some("USABC2600001".into()));
    let set: Vec<_> =
        track.values.iter().map(|(key, value)| (key.value.as_str(), value.value.as_str())).collect();
    assert_eq!(set, [("glue.ratio", "2"), ("loudness", "-12")]);
    assert_eq!(track.versions[0].1.value.path, "mix/01i.wav");
    assert_eq!(album.tracks[1].offset_db, -1.5);
    assert_eq!(album.layout.len(), 7);
    assert!(matches!(album.layout[2].value, Element::Cross { .. }));
    assert!(
        matches!(&album.deliverables[2].kind, Kind::Disc { limit, write, .. } if *limit == PLANT_LIMIT && write.len() == 2)
    );
}

#[test]
fn sides_say_which_level_is_cut_at_5_cm_s() {
    let reference = |album: &Album| match album.deliverables[3].kind {
        Kind::Sides { reference_dbfs, .. } => Some(reference_dbfs),
        _ => None,
    };
    assert_eq!(reference(&ok(ALBUM).album), Some(REFERENCE_DBFS));
    let hot = ALBUM.replace("Lp12(rpm: 33)", "Lp12(rpm: 33), reference_dbfs: -12");
    assert_eq!(reference(&ok(&hot).album), Some(-12.0));
    let wild = read("album.ron", &ALBUM.replace("Lp12(rpm: 33)", "Lp12(rpm: 33), reference_dbfs: 6"));
    assert_eq!(wild.unwrap_err().diagnostics[0].code, Code::OutOfRange);
}

#[test]
fn tracks_lie_where_the_layout_says() {
    let sequence = laid(ALBUM, &[180, 200, 60]).unwrap();
    let seconds: Vec<[f64; 3]> =
        sequence.placings.iter().map(|one| [one.begin, one.mark, one.end].map(Time::seconds)).collect();
    // The crossing overlaps 1.5 s, and its mark is in the middle.
    assert_eq!(seconds, [[0.0, 0.0, 180.0], [178.5, 179.25, 378.5], [380.5, 380.5, 440.5]]);
    assert_eq!(sides(&sequence), [("A", 0.0, 378.5), ("B", 380.5, 440.5)]);
    assert_eq!(sequence.placings[2].gap.map(Time::seconds), Some(378.5));
}

fn sides(sequence: &Sequence) -> Vec<(&str, f64, f64)> {
    let side = |side: &deadwax_album::Side| (side.begin.seconds(), side.end.seconds());
    sequence.sides.iter().map(|one| (one.name.as_str(), side(one).0, side(one).1)).collect()
}

#[test]
fn a_gap_at_the_head_of_a_side_is_for_media_without_sides() {
    let turned = "Side(\"A\"), Gap(Seconds(1)), \"run-in\", Gap(Seconds(3)), \"locked\", Gap(Seconds(4)), Side(\"B\"), Gap(CdFrames(150)), \"coda\"";
    let begin = ALBUM.find("Side(\"A\")").unwrap();
    let end = ALBUM.find("\"coda\",").unwrap() + "\"coda\"".len();
    let text = format!("{}{turned}{}", &ALBUM[..begin], &ALBUM[end..]);
    let whole = laid(&text, &[180, 200, 60]).unwrap();
    // Gaps on either side of the turn are one.
    assert_eq!(sides(&whole), [("A", 1.0, 384.0), ("B", 390.0, 450.0)]);
    let cut = whole.on_sides();
    assert_eq!(sides(&cut), [("A", 0.0, 383.0), ("B", 383.0, 443.0)]);
    let marks: Vec<f64> = cut.placings.iter().map(|one| one.mark.seconds()).collect();
    assert_eq!(marks, [0.0, 183.0, 383.0]);
    let gaps: Vec<Option<f64>> = cut.placings.iter().map(|one| one.gap.map(Time::seconds)).collect();
    assert_eq!(gaps, [None, Some(180.0), None]);
    assert_eq!(cut.end.seconds(), 443.0);
    // A lead of a second is in front of each side, and part of it.
    let led = cut.clone().led(Time::of_frames(1, 1));
    assert_eq!(sides(&led), [("A", 0.0, 384.0), ("B", 384.0, 445.0)]);
    let marks: Vec<f64> = led.placings.iter().map(|one| one.mark.seconds()).collect();
    assert_eq!(marks, [1.0, 184.0, 385.0]);
    assert_eq!(led.placings[1].gap.map(Time::seconds), Some(181.0));
    // Without gaps there, both are the same.
    let plain = laid(&ALBUM.replace("Gap(CdFrames(150)), ", ""), &[180, 200, 60]).unwrap();
    assert_eq!(plain.on_sides(), plain);
}

#[test]
fn what_is_hidden_lies_in_the_gap_of_the_first_track() {
    let text = ALBUM
        .replace("Side(\"A\"), \"run-in\"", "Hidden(\"mix/htoa.wav\"), \"run-in\"")
        .replace("Side(\"B\"), ", "");
    let text = text.replace("lp: Sides(post: \"vinyl.ron\", medium: Lp12(rpm: 33)),", "");
    let read = ok(&text);
    let sequence = laid(&text, &[180, 200, 60]).unwrap();
    let (disc, moved) = disc(&read.album, &sequence, 44_100, "");
    assert_eq!((disc.tracks[0].gap, disc.tracks[0].start), (Some(Sectors(0)), Sectors(30 * 75)));
    assert_eq!(disc.tracks[2].gap.map(|gap| disc.tracks[2].start - gap), Some(Sectors(150)));
    assert_eq!(
        moved.iter().map(|one| (one.track, one.index)).collect::<Vec<_>>(),
        [(2, 1), (3, 0), (3, 1)],
        "408.5 s is no whole sector"
    );
    assert_eq!(check(&disc, PLANT_LIMIT), []);
}

#[test]
fn a_mark_between_two_sectors_moves_earlier_and_says_by_how_much() {
    let text = ALBUM.replace("Cross(length: Seconds(1.5), curve: EqualPower)", "Gap(Samples(100))");
    let read = ok(&text);
    let sequence = laid(&text, &[180, 200, 60]).unwrap();
    let (disc, moved) = disc(&read.album, &sequence, 44_100, "");
    assert_eq!(disc.tracks[1].start, Sectors(180 * 75));
    assert_eq!(moved[0].by, Time::of_frames(100, 44_100));
    assert_eq!(disc.tracks[1].gap, None, "a gap of less than a sector is none");
    // The music ends with a whole sector.
    assert_eq!(disc.lead_out, Sectors(442 * 75 + 1));
}

#[test]
fn limits_of_the_disc_are_those_of_the_specification() {
    let of = |tracks: usize, sectors: u64| {
        let names: String = (1..=tracks).map(|n| format!("t{n}: Track(source: \"{n}.wav\"), ")).collect();
        let layout: String = (1..=tracks).map(|n| format!("\"t{n}\", ")).collect();
        let text = format!("Album(format: 1, tracks: {{ {names} }}, layout: [{layout}])");
        let read = ok(&text);
        let length = |_: Option<usize>| Time::of_sectors(sectors as u32);
        let sequence = sequence(&read.album, 0, 44_100, &length).unwrap();
        check(&disc(&read.album, &sequence, 44_100, "").0, PLANT_LIMIT)
    };
    assert_eq!(of(99, 300), []);
    assert_eq!(of(100, 300), [Problem::Tracks(100)]);
    assert_eq!(of(1, 299), [Problem::Short { track: 1, length: Sectors(299) }]);
    // 79:57:00 is taken, 79:57:01 is warned of: the pause counts.
    assert_eq!(of(1, 359_775 - 150), []);
    let long = of(1, 359_775 - 149);
    assert!(
        matches!(long[..], [Problem::Long { end: Sectors(359_776), .. }]) && !long[0].is_error(),
        "{long:?}"
    );
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let text = r#"Album(
    format: 1,
    about: (titel: "Run-out", upc: "0123456789013"),
    loudness: Keep,
    tracks: {
        a: Track(source: "a.wav", isrc: "USABC2600001", fade_out: Fade(length: Seconds(-1))),
        b: Track(source: "b.wav", isrc: "USABC2600001", trim: (head: Frames(3))),
        c: Track(title: "no source"),
        d: Track(source: Source(path: "d.wav", sha256: "9f"), offset_db: 400, isrc: "usabc2600009"),
        e: Track(source: "e.wav"),
    },
    layout: [Gap(Seconds(2)), "a", Cross(length: Seconds(2)), Side("B"), "bb", Gap(Seconds(1)), Gap(Seconds(1)), "a", Hidden("x.wav"), "d", Gap(Samples(1))],
    deliver: {
        cd: Disc(write: [Ddpp], limit: "79:57"),
        lp: Sides(medium: Lp12(rpm: 78)),
        "My Files": Tracks(format: Wav(bits: 20), version: "karaoke"),
        web: Pages(),
    },
)
"#;
    insta::assert_snapshot!(shown(&read("album.ron", text).unwrap_err()));
}

#[test]
fn what_can_only_be_meant_in_one_way_is_mended_by_its_fix() {
    let right = ALBUM;
    for (from, to) in [
        ("title: \"Run-out\"", "titel: \"Run-out\""),
        ("fade_out:", "fadeout:"),
        ("KeepRelative(", "KeepRelativ("),
        ("curve: Smooth", "curve: Smoth"),
        ("\"locked\"", "\"lockd\""),
        ("version: \"instrumental\"", "version: \"instrumentl\""),
        ("[Ddp, Cue]", "[Ddpp, Cue]"),
        ("Lp12(", "Lp21("),
    ] {
        let wrong = right.replacen(from, to, 1);
        assert_ne!(wrong, right, "{from}");
        let errors = read("album.ron", &wrong).unwrap_err();
        let fixes: Vec<_> = errors.diagnostics.iter().filter_map(|error| error.fix.clone()).collect();
        assert_eq!(fixes.len(), 1, "{to}: {}", shown(&errors));
        let mut mended = wrong.clone();
        mended.replace_range(fixes[0].at.1.clone(), &fixes[0].text);
        assert_eq!(mended, right, "{}", fixes[0].title);
    }
}

#[test]
fn a_crossing_longer_than_what_crosses_and_an_index_beyond_its_track_are_refused() {
    assert_eq!(laid(ALBUM, &[1, 200, 60]), Err(vec![Code::BadTime, Code::BadLayout]));
    let two = ALBUM
        .replace("Side(\"B\"), Gap(CdFrames(150))", "Cross(length: Seconds(2))")
        .replace("lp: Sides(post: \"vinyl.ron\", medium: Lp12(rpm: 33)),", "");
    // The middle track cannot cross with both.
    assert_eq!(laid(&two, &[180, 3, 60]), Err(vec![Code::BadLayout]));
    assert!(laid(&two, &[180, 4, 60]).is_ok());
}

#[test]
fn a_graph_is_no_album_and_says_so() {
    let errors = read("x.ron", "Graph(format: 1)").unwrap_err();
    assert_eq!(errors.diagnostics[0].code, Code::NoAlbum);
    let errors = read("x.ron", "Album(format: 2)").unwrap_err();
    assert_eq!(errors.diagnostics[0].code, Code::NewerFormat);
}

proptest! {
    #[test]
    fn any_text_is_an_album_or_errors(text in "(Album\\(|tracks: \\{|layout: \\[|[a-z\"():,{}\\[\\]0-9. -]{0,8}){0,24}") {
        let _ = read("x.ron", &text);
    }

    #[test]
    fn an_album_that_was_cut_or_changed_anywhere_is_an_album_or_errors(at in 0..ALBUM.len(), with in "[A-Za-z0-9\"():,{}\\[\\]. -]{0,3}") {
        let mut text = ALBUM.to_owned();
        text.replace_range(at..(at + 1).min(ALBUM.len()), &with);
        if let Ok(read) = read("x.ron", &text) {
            let length = |_: Option<usize>| Time::of_frames(100, 1);
            if let Ok(sequence) = sequence(&read.album, 0, 44_100, &length) {
                let _ = check(&disc(&read.album, &sequence, 44_100, "").0, PLANT_LIMIT);
            }
        }
        let _ = read("x.ron", &ALBUM[..at]);
    }
}
