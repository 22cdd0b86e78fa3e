//! The other way round: what other programs write is read to the sample.

use deadwax_audio::{Decoder, read_metadata};
use std::path::Path;
use std::process::{Command, Stdio};

/// A second and a bit of noise, as a file of ffmpeg's, by these arguments.
fn ffmpeg(path: &Path, arguments: &str, piped: bool) -> Option<()> {
    let mut all: Vec<&str> =
        "-v error -nostdin -y -f lavfi -i anoisesrc=r=44100:d=1.0007:a=0.5:s=1 -ac 2".split(' ').collect();
    all.extend(arguments.split(' '));
    let mut command = Command::new("ffmpeg");
    if piped {
        command.args(all).arg("-").stdout(std::fs::File::create(path).unwrap());
    } else {
        command.args(all).arg(path);
    }
    command.status().ok()?.success().then_some(())
}

/// Every sample, frame by frame.
fn ours(path: &Path) -> Result<Vec<f64>, String> {
    let mut decoder = Decoder::open(path).map_err(|error| error.to_string())?;
    let mut all = Vec::new();
    while let Some(planes) = decoder.read().map_err(|error| error.to_string())? {
        for frame in 0..planes[0].len() {
            all.extend(planes.iter().map(|plane| plane[frame]));
        }
    }
    Ok(all)
}

fn theirs(path: &Path) -> Vec<f64> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-i"])
        .arg(path)
        .args(["-f", "f64le", "-"])
        .stderr(Stdio::null())
        .output()
        .unwrap();
    output.stdout.as_chunks::<8>().0.iter().map(|sample| f64::from_le_bytes(*sample)).collect()
}

/// Name, arguments of ffmpeg, and whether into a pipe.
const FILES: [(&str, &str, bool); 30] = [
    ("u8.wav", "-c:a pcm_u8", false),
    ("s16.wav", "-c:a pcm_s16le", false),
    ("s24.wav", "-c:a pcm_s24le", false),
    ("s32.wav", "-c:a pcm_s32le", false),
    ("s64.wav", "-c:a pcm_s64le", false),
    ("f32.wav", "-c:a pcm_f32le", false),
    ("f64.wav", "-c:a pcm_f64le", false),
    ("alaw.wav", "-c:a pcm_alaw", false),
    ("mulaw.wav", "-c:a pcm_mulaw", false),
    ("mono.wav", "-ac 1 -c:a pcm_s24le", false),
    ("surround.wav", "-ac 6 -c:a pcm_s24le", false),
    ("bext.wav", "-write_bext 1 -metadata description=x -c:a pcm_s24le", false),
    ("rf64.wav", "-rf64 always -c:a pcm_s24le", false),
    ("auto.wav", "-rf64 auto -c:a pcm_s24le", false),
    ("piped.wav", "-f wav -c:a pcm_s24le", true),
    ("piped-f64.wav", "-f wav -c:a pcm_f64le", true),
    ("s16.w64", "-c:a pcm_s16le", false),
    ("f32.w64", "-c:a pcm_f32le", false),
    ("s24.w64", "-ac 1 -c:a pcm_s24le", false),
    ("piped.w64", "-f w64 -c:a pcm_s24le", true),
    ("s8.aiff", "-c:a pcm_s8", false),
    ("s16.aiff", "-c:a pcm_s16be", false),
    ("s24.aiff", "-c:a pcm_s24be", false),
    ("s32.aiff", "-c:a pcm_s32be", false),
    ("f32.aiff", "-c:a pcm_f32be", false),
    ("f64.aiff", "-c:a pcm_f64be", false),
    ("sowt.aiff", "-c:a pcm_s16le", false),
    ("s24.caf", "-c:a pcm_s24be", false),
    ("s24.flac", "-c:a flac -sample_fmt s32", false),
    ("alac.m4a", "-c:a alac", false),
];

#[test]
#[ignore = "opt-in: needs other people's programs"]
fn what_other_programs_write_is_read_to_the_sample() {
    let folder = tempfile::tempdir().unwrap();
    let mut failures = Vec::new();
    let check = |name: &str, path: &Path, failures: &mut Vec<String>| {
        let said = match ours(path) {
            Err(error) => format!("**{error}**"),
            Ok(samples) if samples == theirs(path) => format!("the same {} samples", samples.len()),
            Ok(samples) if theirs(path).is_empty() => format!("{} samples; ffmpeg reads none", samples.len()),
            Ok(samples) => format!("**{} samples, not the {} of ffmpeg**", samples.len(), theirs(path).len()),
        };
        println!("| {name} | {said} |");
        if said.contains("**") {
            failures.push(format!("{name}: {said}"));
        }
    };
    println!("\n| written elsewhere | read here |\n|---|---|");
    for (name, arguments, piped) in FILES {
        let path = folder.path().join(name);
        match ffmpeg(&path, arguments, piped) {
            Some(()) => check(name, &path, &mut failures),
            None => println!("| {name} | not written here |"),
        }
    }
    // What lossy codecs give back depends on the decoder; the length does not.
    let path = folder.path().join("aac.m4a");
    if ffmpeg(&path, "-c:a aac", false).is_some() {
        let frames = ours(&path).map(|samples| samples.len() / 2);
        println!("| aac.m4a | {frames:?} frames |");
        if frames != Ok(44_131) {
            failures.push(format!("aac.m4a: {frames:?} frames, not 44131"));
        }
    }
    // SoX into a pipe leaves a size near the largest that is signed, and its own kinds of headers elsewhere.
    for (name, arguments) in [
        ("sox-pipe.wav", "-n -r 48000 -c 2 -b 24 -t wav - synth 1 pinknoise"),
        ("sox-20.wav", "-n -r 48000 -c 1 -b 32 -e floating-point -t wav - synth 1 pinknoise"),
        ("sox.w64", "-n -r 48000 -c 2 -b 16 -t w64 - synth 1 pinknoise"),
        ("sox.aiff", "-n -r 48000 -c 1 -b 24 -t aiff - synth 4801s pinknoise"),
        ("sox.aifc", "-n -r 48000 -c 2 -b 16 -t aifc - synth 1 pinknoise"),
    ] {
        let path = folder.path().join(name);
        let file = std::fs::File::create(&path).unwrap();
        let mut command = Command::new("sox");
        command.args(arguments.split(' ')).stdout(file).stderr(Stdio::null());
        match command.status() {
            Ok(status) if status.success() => check(name, &path, &mut failures),
            _ => println!("| {name} | not written here |"),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What ffmpeg says in each kind of file.
#[test]
#[ignore = "opt-in: needs other people's programs"]
fn what_other_programs_say_in_tags_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let (artist, title) = ("Zoë & Co", "Dämmerung");
    println!("\n| written elsewhere | read here |\n|---|---|");
    let mut failures = Vec::new();
    for (ending, codec) in [
        ("wav", "pcm_s16le"),
        ("flac", "flac"),
        ("mp3", "libmp3lame"),
        ("ogg", "libvorbis"),
        ("m4a", "aac"),
        ("aiff", "pcm_s16be"),
    ] {
        let path = folder.path().join(format!("tagged.{ending}"));
        let (artist_is, title_is) = (format!("artist={artist}"), format!("title={title}"));
        let mut command = Command::new("ffmpeg");
        command.args("-v error -nostdin -y -f lavfi -i anoisesrc=d=0.5".split(' '));
        if ending == "aiff" {
            command.args(["-write_id3v2", "1"]);
        }
        command.args(["-c:a", codec, "-metadata", &artist_is, "-metadata", &title_is]);
        command.args(["-metadata", "track=3/12"]).arg(&path);
        if !command.status().is_ok_and(|status| status.success()) {
            println!("| {ending} | not written here |");
            continue;
        }
        let told = read_metadata(&path).unwrap();
        let found = (told.get("ARTIST"), told.get("TITLE"), told.get("TRACKNUMBER"));
        println!("| {ending} | {:?} |", told.tags);
        if found != (Some(artist), Some(title), Some("3")) {
            failures.push(format!("{ending}: {found:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
