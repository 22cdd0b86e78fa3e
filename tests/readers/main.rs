//! What other people's programs say of the files that are written here:
//! `cargo test -p deadwax-tests --test readers -- --ignored --nocapture`.
//!
//! Opt-in, because it needs those programs: ffmpeg, sox, libsndfile's `sndfile-info`, mediainfo, exiftool, flac; and Python with
//! `soundfile`, `mutagen` and `wavinfo` (name it with `DEADWAX_PYTHON` if it is not `python3`). Prints a table; what is not on this
//! machine has "not here" in its column.

#![allow(clippy::print_stdout, reason = "a table for whoever asked for it")]

mod programs;
mod theirs;

use deadwax_audio::{Broadcast, Container, Encoding, Existing, Loudness, Metadata, Spec, Writer};
use programs::{Answer, READERS};
use std::path::{Path, PathBuf};

/// A file, and what is true of it.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) spec: Spec,
    pub(crate) planes: Vec<Vec<f64>>,
}

const FRAMES: usize = 4_801;

/// The files: every container, with each encoding it holds, mono, stereo and surround.
fn cases(folder: &Path) -> Vec<Case> {
    let mut cases = Vec::new();
    let kinds = [
        (Container::Wav, "wav"),
        (Container::Rf64, "rf64"),
        (Container::Bw64, "bw64"),
        (Container::Flac, "flac"),
        (Container::Aiff, "aiff"),
    ];
    let encodings = [Encoding::Int16, Encoding::Int24, Encoding::Int32, Encoding::Float32, Encoding::Float64];
    for (container, ending) in kinds {
        for encoding in encodings.into_iter().filter(|encoding| container.holds(*encoding)) {
            for channels in [1, 2, 6] {
                let name = format!("{ending} {encoding} {channels} ch");
                let path = folder.join(format!("{}.{ending}", name.replace(' ', "-")));
                let spec = Spec { container, rate_hz: 48_000, channels, encoding, mask: None };
                // Whole steps of 16 bits, so that every encoding holds them exactly.
                let sample = |channel: usize, n: usize| {
                    f64::from((n * 7_919 + channel * 104_729) as u32 % 65_536) / 32_768.0 - 1.0
                };
                let planes: Vec<Vec<f64>> =
                    (0..channels).map(|c| (0..FRAMES).map(|n| sample(c, n)).collect()).collect();
                let said = said();
                let mut writer = Writer::create(&path, spec, &said, Existing::Keep, &[]).unwrap();
                writer.write(&planes.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap();
                writer.finish(&said).unwrap();
                cases.push(Case { name, path, spec, planes });
            }
        }
    }
    cases
}

pub(crate) const TITLE: &str = "Dämmerung";
pub(crate) const ISRC: &str = "DEA012300001";

fn said() -> Metadata {
    let mut said = Metadata::default();
    for (key, value) in [("TITLE", TITLE), ("ARTIST", "Nobody"), ("ISRC", ISRC), ("TRACKNUMBER", "3/12")] {
        said.add(key, value);
    }
    said.broadcast = Some(Broadcast { originator: "studio".into(), ..Broadcast::default() });
    said.measured(Loudness {
        integrated_lufs: Some(-14.0),
        range_lu: Some(6.5),
        true_peak_dbtp: Some(-1.0),
        max_momentary_lufs: Some(-10.0),
        max_short_term_lufs: Some(-11.5),
    });
    said
}

/// What is wrong with an answer.
fn wrong(case: &Case, answer: &Answer) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut compare = |what: &str, said: Option<String>, is: String| {
        if let Some(said) = said.filter(|said| *said != is) {
            wrong.push(format!("{what} {said}, not {is}"));
        }
    };
    compare("frames", answer.frames.map(|x| x.to_string()), FRAMES.to_string());
    compare("rate", answer.rate_hz.map(|x| x.to_string()), case.spec.rate_hz.to_string());
    compare("channels", answer.channels.map(|x| x.to_string()), case.spec.channels.to_string());
    compare("bits", answer.bits.map(|x| x.to_string()), case.spec.encoding.bits().to_string());
    compare("title", answer.title.clone(), TITLE.into());
    compare("ISRC", answer.isrc.clone(), ISRC.into());
    compare("gain", answer.gain.clone(), "-4.00 dB".into());
    let loudness = answer.loudness.as_ref().map(|x| format!("{x:?}"));
    compare("loudness", loudness, "[-14.0, 6.5, -1.0, -10.0, -11.5]".into());
    if let Some(samples) = &answer.samples {
        let frames = |n: usize| case.planes.iter().map(move |plane| plane[n]);
        if samples.len() != FRAMES * case.spec.channels
            || !(0..FRAMES).flat_map(frames).eq(samples.iter().copied())
        {
            wrong.push("other samples".into());
        }
    }
    wrong
}

/// What a program is known not to open (delivery facts: BW64 is young, RF64 is not for tags).
fn may_refuse(case: &Case, reader: &str) -> bool {
    match case.spec.container {
        Container::Bw64 => reader != "ffmpeg" && reader != "ffprobe",
        Container::Rf64 => matches!(reader, "mutagen" | "exiftool"),
        // SoX 14.4 knows neither kind of floating point in AIFF-C.
        Container::Aiff if !case.spec.encoding.is_integer() => reader == "sox",
        _ => false,
    }
}

#[test]
#[ignore = "opt-in: needs other people's programs"]
fn other_programs_agree_on_everything_that_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut failures = Vec::new();
    println!("\n| | {} |", READERS.map(|(name, _)| name).join(" | "));
    println!("|---|{}", "---|".repeat(READERS.len()));
    for case in cases(folder.path()) {
        let mut row = Vec::new();
        for (name, read) in READERS {
            row.push(match read(&case) {
                Answer { here: false, .. } => "not here".to_owned(),
                Answer { not_for: true, .. } => String::new(),
                Answer { refused: Some(said), .. } => {
                    if !may_refuse(&case, name) {
                        failures.push(format!("{name} refuses {}: {said}", case.name));
                    }
                    "refused".into()
                }
                answer => {
                    let wrong = wrong(&case, &answer);
                    failures.extend(wrong.iter().map(|wrong| format!("{name} of {}: {wrong}", case.name)));
                    if wrong.is_empty() { answer.what() } else { "**differs**".into() }
                }
            });
        }
        println!("| {} | {} |", case.name, row.join(" | "));
    }
    println!("\nf frames, r rate, c channels, b bits, s samples, t title, i ISRC, g ReplayGain, l loudness");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// A hole on the disk: 5 GiB that take no room.
#[test]
#[ignore = "opt-in: needs other people's programs"]
fn a_sparse_rf64_of_5_gib_opens_in_libsndfile_and_ffmpeg() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.wav");
    let spec = Spec {
        container: Container::Wav,
        rate_hz: 192_000,
        channels: 2,
        encoding: Encoding::Int24,
        mask: None,
    };
    let frames = 5 * (1_u64 << 30) / 6 + 1;
    let mut writer = Writer::create(&path, spec, &said(), Existing::Keep, &[]).unwrap();
    writer.silence(frames).unwrap();
    writer.finish(&said()).unwrap();
    let mut answered = 0;
    for (name, found) in programs::frames_of(&path) {
        match found {
            Some(found) => {
                assert_eq!(found, frames, "{name}");
                answered += 1;
            }
            None => println!("{name}: not here"),
        }
    }
    println!("{answered} programs agree on {frames} frames");
}
