//! Asking programs what they see in a file.

use super::Case;
use deadwax_audio::Container;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// What a program says. What it does not say is `None`.
#[derive(Default)]
pub(crate) struct Answer {
    pub(crate) here: bool,
    /// The program has nothing to do with such files.
    pub(crate) not_for: bool,
    pub(crate) refused: Option<String>,
    pub(crate) frames: Option<u64>,
    pub(crate) rate_hz: Option<u64>,
    pub(crate) channels: Option<u64>,
    pub(crate) bits: Option<u64>,
    pub(crate) title: Option<String>,
    pub(crate) isrc: Option<String>,
    pub(crate) gain: Option<String>,
    pub(crate) loudness: Option<Vec<f64>>,
    pub(crate) samples: Option<Vec<f64>>,
}

impl Answer {
    fn not_for() -> Self {
        Self { here: true, not_for: true, ..Self::default() }
    }

    /// What was said, by letters.
    pub(crate) fn what(&self) -> String {
        let parts = [
            (self.frames.is_some(), 'f'),
            (self.rate_hz.is_some(), 'r'),
            (self.channels.is_some(), 'c'),
            (self.bits.is_some(), 'b'),
            (self.samples.is_some(), 's'),
            (self.title.is_some(), 't'),
            (self.isrc.is_some(), 'i'),
            (self.gain.is_some(), 'g'),
            (self.loudness.is_some(), 'l'),
        ];
        let said: String = parts.iter().filter(|(said, _)| *said).map(|(_, letter)| letter).collect();
        if said.is_empty() { "ok".into() } else { said }
    }
}

type Reader = fn(&Case) -> Answer;

/// Everybody who is asked.
pub(crate) const READERS: [(&str, Reader); 11] = [
    ("ffprobe", ffprobe),
    ("ffmpeg", ffmpeg),
    ("sox", sox),
    ("sndfile-info", sndfile_info),
    ("mediainfo", mediainfo),
    ("exiftool", exiftool),
    ("flac -t", flac),
    ("metaflac", metaflac),
    ("soundfile", |case| python(case, "soundfile")),
    ("mutagen", |case| python(case, "mutagen")),
    ("wavinfo", |case| python(case, "wavinfo")),
];

/// Runs `program`; an answer that it is not here, or refused, where that is so.
fn run(program: &str, arguments: &[&str]) -> Result<Output, Box<Answer>> {
    match Command::new(program).args(arguments).output() {
        Err(_) => Err(Box::default()),
        Ok(output) if !output.status.success() => {
            let said = String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or("").to_owned();
            Err(Box::new(Answer { here: true, refused: Some(said), ..Answer::default() }))
        }
        Ok(output) => Ok(output),
    }
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn path(case: &Case) -> &str {
    case.path.to_str().unwrap()
}

/// A number, written as one or as text.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

fn string(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn ffprobe(case: &Case) -> Answer {
    let output =
        match run("ffprobe", &["-v", "error", "-show_format", "-show_streams", "-of", "json", path(case)]) {
            Ok(output) => output,
            Err(answer) => return *answer,
        };
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    let (stream, tags) = (&value["streams"][0], &value["format"]["tags"]);
    let either = |a: &str, b: &str| string(&tags[a]).or_else(|| string(&tags[b]));
    Answer {
        here: true,
        frames: number(&stream["duration_ts"]),
        rate_hz: number(&stream["sample_rate"]),
        channels: number(&stream["channels"]),
        bits: number(&stream["bits_per_raw_sample"]).or_else(|| number(&stream["bits_per_sample"])),
        title: either("TITLE", "title"),
        isrc: either("ISRC", "TSRC"),
        gain: either("REPLAYGAIN_TRACK_GAIN", "replaygain_track_gain"),
        ..Answer::default()
    }
}

fn samples(bytes: &[u8]) -> Vec<f64> {
    bytes.as_chunks::<8>().0.iter().map(|sample| f64::from_le_bytes(*sample)).collect()
}

fn ffmpeg(case: &Case) -> Answer {
    match run("ffmpeg", &["-v", "error", "-nostdin", "-i", path(case), "-f", "f64le", "-"]) {
        Ok(output) => Answer { here: true, samples: Some(samples(&output.stdout)), ..Answer::default() },
        Err(answer) => *answer,
    }
}

fn sox(case: &Case) -> Answer {
    let mut answer = Answer { here: true, ..Answer::default() };
    for flag in ["-s", "-r", "-c", "-b"] {
        let output = match run("soxi", &[flag, path(case)]) {
            Ok(output) => output,
            Err(answer) => return *answer,
        };
        let said = text(&output).trim().parse().ok();
        match flag {
            "-s" => answer.frames = said,
            "-r" => answer.rate_hz = said,
            "-c" => answer.channels = said,
            // SoX keeps 32 bits: of wider words it says what it makes of them.
            _ => answer.bits = said.filter(|_| case.spec.encoding.is_integer()),
        }
    }
    // SoX works with 32 bit integers, which hold these samples exactly.
    let raw = ["-t", "raw", "-e", "floating-point", "-b", "64", "-"];
    match run("sox", &[&["-D", "-V1", path(case)][..], &raw].concat()) {
        Ok(output) => answer.samples = Some(samples(&output.stdout)),
        Err(answer) => return *answer,
    }
    answer
}

/// The number behind `name` and a colon.
fn behind(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find(|line| line.trim_start().starts_with(name))?;
    line.split_once(':')?.1.trim().parse().ok()
}

fn sndfile_info(case: &Case) -> Answer {
    let output = match run("sndfile-info", &[path(case)]) {
        Ok(output) => output,
        Err(answer) => return *answer,
    };
    let said = text(&output);
    if said.contains("Error") {
        return Answer { here: true, refused: Some("error".into()), ..Answer::default() };
    }
    let end = said.rsplit("----------").next().unwrap_or("").to_owned();
    Answer {
        here: true,
        frames: behind(&end, "Frames"),
        rate_hz: behind(&end, "Sample Rate"),
        channels: behind(&end, "Channels"),
        ..Answer::default()
    }
}

fn mediainfo(case: &Case) -> Answer {
    let output = match run("mediainfo", &["--Output=JSON", path(case)]) {
        Ok(output) => output,
        Err(answer) => return *answer,
    };
    let value: Value = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    let tracks = value["media"]["track"].as_array().cloned().unwrap_or_default();
    let of = |kind: &str| tracks.iter().find(|track| track["@type"] == kind).cloned().unwrap_or(Value::Null);
    let (general, audio) = (of("General"), of("Audio"));
    if audio.is_null() {
        return Answer { here: true, refused: Some("no audio".into()), ..Answer::default() };
    }
    let extra = &audio["extra"];
    let names = [
        "LoudnessValue",
        "LoudnessRange",
        "MaxTruePeakLevel",
        "MaxMomentaryLoudness",
        "MaxShortTermLoudness",
    ];
    let loudness: Vec<f64> = names.iter().filter_map(|name| extra[*name].as_str()?.parse().ok()).collect();
    // Of AIFF files that had to be padded it counts milliseconds, and makes frames of them.
    let odd = case.planes[0].len() * case.spec.channels * usize::from(case.spec.encoding.bits() / 8) % 2 == 1;
    let padded = odd && case.spec.container == Container::Aiff;
    Answer {
        here: true,
        frames: number(&audio["SamplingCount"]).filter(|_| !padded),
        rate_hz: number(&audio["SamplingRate"]),
        channels: number(&audio["Channels"]),
        bits: number(&audio["BitDepth"]),
        title: string(&general["Track"]),
        isrc: string(&general["ISRC"]),
        loudness: (loudness.len() == 5).then_some(loudness),
        ..Answer::default()
    }
}

fn exiftool(case: &Case) -> Answer {
    let output = match run("exiftool", &["-j", "-n", path(case)]) {
        Ok(output) => output,
        Err(answer) => return *answer,
    };
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    let value = &value[0];
    if value["Error"].is_string() {
        return Answer { here: true, refused: string(&value["Error"]), ..Answer::default() };
    }
    Answer {
        here: true,
        rate_hz: number(&value["SampleRate"]),
        channels: number(&value["NumChannels"]).or_else(|| number(&value["Channels"])),
        title: string(&value["Title"]),
        isrc: string(&value["ISRC"]).or_else(|| string(&value["Isrc"])),
        ..Answer::default()
    }
}

fn flac(case: &Case) -> Answer {
    if case.spec.container != Container::Flac {
        return Answer::not_for();
    }
    match run("flac", &["-t", "-s", path(case)]) {
        Ok(_) => Answer { here: true, ..Answer::default() },
        Err(answer) => *answer,
    }
}

fn metaflac(case: &Case) -> Answer {
    if case.spec.container != Container::Flac {
        return Answer::not_for();
    }
    let show = ["--show-total-samples", "--show-sample-rate", "--show-channels", "--show-bps"];
    let tags =
        ["--no-utf8-convert", "--show-tag=TITLE", "--show-tag=ISRC", "--show-tag=REPLAYGAIN_TRACK_GAIN"];
    let output = match run("metaflac", &[&show[..], &tags, &[path(case)]].concat()) {
        Ok(output) => output,
        Err(answer) => return *answer,
    };
    let said = text(&output);
    let lines: Vec<&str> = said.lines().collect();
    let line = |n: usize| lines.get(n).and_then(|line| line.parse().ok());
    let tag =
        |n: usize| lines.get(n).and_then(|line| line.split_once('=')).map(|(_, value)| value.to_owned());
    Answer {
        here: true,
        frames: line(0),
        rate_hz: line(1),
        channels: line(2),
        bits: line(3),
        title: tag(4),
        isrc: tag(5),
        gain: tag(6),
        ..Answer::default()
    }
}

fn python(case: &Case, library: &str) -> Answer {
    if library == "wavinfo" && matches!(case.spec.container, Container::Flac | Container::Aiff) {
        return Answer::not_for();
    }
    let program = std::env::var("DEADWAX_PYTHON").unwrap_or_else(|_| "python3".into());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("readers/readers.py");
    let raw = case.path.with_extension("raw");
    let output = match run(&program, &[script.to_str().unwrap(), path(case), raw.to_str().unwrap()]) {
        Ok(output) => output,
        Err(answer) => return *answer,
    };
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    let said = &value[library];
    Answer {
        here: said["here"] == true,
        not_for: false,
        refused: string(&said["refused"]),
        frames: number(&said["frames"]),
        rate_hz: number(&said["rate_hz"]),
        channels: number(&said["channels"]),
        bits: number(&said["bits"]),
        title: string(&said["title"]),
        isrc: string(&said["isrc"]),
        gain: string(&said["gain"]),
        loudness: said["loudness"].as_array().map(|all| all.iter().filter_map(Value::as_f64).collect()),
        samples: said["raw"].as_bool().and_then(|_| std::fs::read(&raw).ok()).map(|bytes| samples(&bytes)),
    }
}

/// How many frames each program counts in a file; `None` where it is not here.
pub(crate) fn frames_of(file: &Path) -> [(&'static str, Option<u64>); 3] {
    let name = file.to_str().unwrap();
    let sndfile = run("sndfile-info", &[name]).ok();
    let sndfile = sndfile.and_then(|output| {
        let said = text(&output);
        behind(said.rsplit("----------").next()?, "Frames")
    });
    let ffprobe =
        run("ffprobe", &["-v", "error", "-show_entries", "stream=duration_ts", "-of", "csv=p=0", name]);
    let ffprobe = ffprobe.ok().and_then(|output| text(&output).trim().parse().ok());
    let soxi = run("soxi", &["-s", name]).ok().and_then(|output| text(&output).trim().parse().ok());
    [("sndfile-info", sndfile), ("ffprobe", ffprobe), ("soxi", soxi)]
}
