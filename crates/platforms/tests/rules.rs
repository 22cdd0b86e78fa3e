//! The rules that ship, and what they say about programmes.

use deadwax_platforms::{Facts, Grade, Held, Moves, Platforms, PlatformsError, State};
use proptest::prelude::*;

fn programme(loudness: f64, peak: f64) -> Facts {
    Facts {
        integrated_lufs: Some(loudness),
        true_peak_dbtp: Some(peak),
        sample_peak_dbfs: Some(peak - 0.2),
        max_short_term_lufs: Some(loudness + 3.0),
        ..Facts::default()
    }
}

fn judged(name: &str, facts: &Facts) -> deadwax_platforms::Verdict {
    Platforms::built_in().get(name).unwrap_or_else(|| panic!("no rule `{name}`")).judge(facts)
}

#[test]
fn the_rules_that_ship_can_be_read_and_every_one_says_where_it_is_from() {
    let platforms =
        Platforms::parse(include_str!("../platforms.ron")).unwrap_or_else(|error| panic!("{error}"));
    assert!(platforms.rules().count() >= 26);
    for (name, rule) in platforms.rules() {
        assert!(rule.line().contains("checked 2026-"), "{name}: {}", rule.line());
        // No number is made up for what nobody knows.
        if rule.grade == Grade::Unsettled {
            assert_eq!((rule.moves, rule.target_lufs), (Moves::Unknown, None), "{name}");
        }
    }
    for name in ["spotify", "tidal", "acx", "ebu-r128", "netflix", "cd", "atsc-a85", "aes77-track"] {
        assert_eq!(platforms.get(name).unwrap().checked_on, "2026-11-22", "{name}");
    }
}

#[test]
fn a_loud_master_is_played_softer_and_a_soft_one_louder_as_far_as_its_peaks_allow() {
    let loud = judged("spotify", &programme(-10.4, -2.5));
    assert_eq!(loud.state, State::Within);
    assert_eq!(loud.brief, "ok, 3.6 dB down");
    assert_eq!(loud.sentence, "Spotify will play this 3.6 dB softer");
    let playback = loud.playback.unwrap();
    assert!((playback.true_peak_dbtp.unwrap() + 6.1).abs() < 1e-9);
    // The service's own example: −20 LUFS peaking at −5 is raised to −16.
    let soft = judged("spotify", &programme(-20.0, -5.0)).playback.unwrap();
    assert!((soft.loudness_lufs + 16.0).abs() < 1e-9 && (soft.true_peak_dbtp.unwrap() + 1.0).abs() < 1e-9);
    assert!(matches!(soft.held, Some(Held::Headroom { missing_db }) if (missing_db - 2.0).abs() < 1e-9));
    let limited = judged("spotify-loud", &programme(-20.0, -5.0)).playback.unwrap();
    assert!((limited.gain_db - 9.0).abs() < 1e-9);
    assert!(matches!(limited.held, Some(Held::Limiter { down_db }) if (down_db - 5.0).abs() < 1e-9));
    assert_eq!(judged("youtube", &programme(-20.0, -5.0)).sentence, "YouTube will play this as it is");
    assert_eq!(judged("spotify-web", &programme(-5.0, -2.5)).playback.unwrap().gain_db, 0.0);
}

#[test]
fn peaks_break_a_rule_where_the_platform_asks_and_are_advice_elsewhere() {
    let hot = programme(-14.0, 0.3);
    let spotify = judged("spotify", &hot);
    assert_eq!((spotify.state, spotify.brief.as_str()), (State::Outside, "peak +0.3 over -1.0 dBTP"));
    let youtube = judged("youtube", &hot);
    assert_eq!(youtube.state, State::Within);
    assert!(youtube.sentence.ends_with("peak +0.3 over -1.0 dBTP (advice)"), "{}", youtube.sentence);
    assert_eq!(judged("spotify", &programme(-14.0, -0.995)).state, State::Within, "a meter's difference");
    let full = judged("spotify", &programme(-14.0, 0.01));
    assert_eq!(full.brief, "peak 0.0 over -1.0 dBTP");
    let dense = judged("spotify", &programme(-9.0, -1.0));
    assert_eq!(dense.state, State::Within);
    assert!(dense.sentence.contains("-2 dBTP advised"), "{}", dense.sentence);
}

#[test]
fn deliveries_meet_a_standard_or_not() {
    assert_eq!(judged("ebu-r128", &programme(-23.1, -3.0)).brief, "ok");
    assert_eq!(judged("ebu-r128", &programme(-13.9, -1.0)).brief, "too loud, 9.1 LU");
    assert_eq!(judged("ebu-r128", &programme(-24.0, -1.0)).brief, "too soft, 1.0 LU");
    assert_eq!(judged("ebu-r128-live", &programme(-24.0, -1.0)).state, State::Within);
    assert_eq!(judged("ebu-r128-s2", &programme(-15.0, -1.0)).brief, "too loud, 1.0 LU");
    let s1 = judged("ebu-r128-s1", &Facts { max_short_term_lufs: Some(-15.0), ..programme(-23.0, -3.0) });
    assert_eq!(s1.brief, "loudest 3 s -15.0 over -18.0 LUFS");
    let book = Facts { rms_dbfs: Some(-20.0), floor_dbfs: Some(-55.0), ..programme(-20.0, -4.0) };
    assert_eq!(judged("acx", &book).brief, "noise floor -55.0 over -60.0 dBFS");
    let cd = Facts { rate_hz: Some(48_000), bits: Some(24), channels: Some(2), ..programme(-9.0, -0.2) };
    assert_eq!(judged("cd", &cd).sentence, "CD: 48 kHz, not 44.1 kHz; 24 bit, not 16");
    let cd = Facts { rate_hz: Some(44_100), bits: Some(16), ..cd };
    assert_eq!(judged("cd", &cd).state, State::Within);
    let lossy = Facts { bits: None, ..cd };
    assert_eq!(judged("cd", &lossy).state, State::Unknown);
}

#[test]
fn what_is_not_known_stays_unknown() {
    let any = programme(-14.0, -3.0);
    for name in ["soundcloud", "qobuz", "netflix", "cinema-trailer"] {
        let verdict = judged(name, &any);
        assert_eq!((verdict.state, verdict.brief.as_str()), (State::Unknown, "unknown"), "{name}");
        assert_eq!(verdict.playback, None);
    }
    // What is known breaks it all the same.
    assert_eq!(judged("netflix", &programme(-27.0, -1.0)).state, State::Outside);
    let silence = judged("ebu-r128", &Facts::default());
    assert_eq!(silence.state, State::Unknown);
}

#[test]
fn errors_say_where() {
    let rule = |fields: &str| {
        format!(
            "Platforms(\n format: 1,\n rules: {{\n  \"a\": (name: \"A\", kind: Service, source: \"x\", grade: P, \
             checked_on: \"2026-01-01\", {fields}),\n }},\n)"
        )
    };
    assert!(Platforms::parse(&rule("")).is_ok());
    let text = |fields: &str| Platforms::parse(&rule(fields)).unwrap_err();
    let PlatformsError::Text { line, reason, .. } = text("target: -14") else { panic!() };
    assert_eq!(line, 4);
    assert!(reason.contains("target"), "{reason}");
    let twice = rule("").replace(" },\n)", "  \"a\": (name: \"B\"),\n },\n)");
    assert!(Platforms::parse(&twice).unwrap_err().to_string().contains("line 5"));
    for (fields, field) in [
        ("target_lufs: NaN", "target_lufs"),
        ("target_lufs: inf", "target_lufs"),
        ("tolerance_lu: 1", "tolerance_lu"),
        ("range_lufs: (-16, -20)", "range_lufs"),
        ("moves: Down", "moves"),
        ("louder_than_lufs: -14", "louder_than_lufs"),
    ] {
        let error = text(fields);
        assert!(
            matches!(&error, PlatformsError::Rule { field: found, .. } if *found == field),
            "{fields}: {error}"
        );
    }
    let date = rule("").replace("2026-01-01", "yesterday");
    assert!(Platforms::parse(&date).unwrap_err().to_string().contains("checked_on"));
    let newer = rule("").replace("format: 1", "format: 2");
    assert!(Platforms::parse(&newer).unwrap_err().to_string().contains("format 2"));
    let large = format!("// {}", " ".repeat(1 << 20));
    assert!(matches!(Platforms::parse(&large), Err(PlatformsError::TooLarge { .. })));
}

proptest! {
    /// Strangers' files end in an error, never in a panic.
    #[test]
    fn anything_can_be_read_or_refused(text in ".{0,200}") {
        let _ = Platforms::parse(&text);
    }

    #[test]
    fn a_service_never_turns_the_wrong_way_nor_above_its_headroom(
        loudness in -60.0..0.0_f64, peak in -40.0..6.0_f64,
    ) {
        let facts = programme(loudness, peak);
        for (name, rule) in Platforms::built_in().rules() {
            let Some(playback) = rule.playback(&facts) else { continue };
            match rule.moves {
                Moves::Down => prop_assert!(playback.gain_db <= 0.0, "{}", name),
                Moves::Up => prop_assert!(playback.gain_db >= 0.0, "{}", name),
                Moves::Never => prop_assert_eq!(playback.gain_db, 0.0),
                _ => {}
            }
            if let (true, Some(most)) = (playback.gain_db > 0.0, rule.up_to_dbtp) {
                prop_assert!(playback.true_peak_dbtp.unwrap() <= most + 1e-9, "{}", name);
            }
        }
    }
}
