//! Files that other people's programs make: MP3, Opus, AAC and ALAC.
//!
//! A program is asked for only when the ending of a file asks for it. It is given a finished WAV file, and what it makes takes
//! its place like any other file: whole, or not at all.

use crate::container::Container;
use crate::error::WriteError;
use crate::metadata::{Metadata, id3};
use crate::place::Place;
use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// What came of it.
pub(crate) struct Made {
    pub(crate) place: Place,
    pub(crate) program: &'static str,
    pub(crate) left_out: Vec<String>,
}

/// The programs that make files of a kind, best first.
fn candidates(container: Container) -> &'static [&'static str] {
    match container {
        Container::Mp3 => &["lame", "ffmpeg"],
        Container::Opus => &["opusenc", "ffmpeg"],
        Container::Aac | Container::Alac => &["ffmpeg"],
        _ => &[],
    }
}

/// The program that is on this machine.
pub(crate) fn find(container: Container, path: &Path) -> Result<&'static str, WriteError> {
    let folders: Vec<_> =
        std::env::var_os("PATH").map(|all| std::env::split_paths(&all).collect()).unwrap_or_default();
    let is_here = |program: &&&str| {
        let file = format!("{program}{}", std::env::consts::EXE_SUFFIX);
        folders.iter().any(|folder| folder.join(&file).is_file())
    };
    let programs = candidates(container);
    programs.iter().find(is_here).copied().ok_or_else(|| WriteError::NoEncoder {
        path: path.to_owned(),
        format: container.name(),
        programs: programs.to_vec(),
    })
}

/// Makes the file of the WAV file at `place`.
pub(crate) fn encode(container: Container, place: &Place, metadata: &Metadata) -> Result<Made, WriteError> {
    let program = find(container, place.path())?;
    let mut made = place.beside()?;
    let (said, left_out) = tags(container, program, metadata);
    let mut command = Command::new(program);
    command.args(arguments(container, program, place.temporary(), made.temporary(), &said));
    let failed = |said: String| WriteError::Encoder { path: place.path().to_owned(), program, said };
    let output = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let last = text.lines().rev().find(|line| !line.trim().is_empty());
        return Err(failed(last.map_or_else(|| output.status.to_string(), |line| line.trim().to_owned())));
    }
    if std::fs::metadata(made.temporary()).is_ok_and(|file| file.len() == 0) {
        return Err(failed("it made an empty file".into()));
    }
    if container == Container::Mp3 {
        // The tag is ours: nothing of it is lost on the way through a command line.
        let bare = std::fs::File::open(made.temporary());
        let mut file = made.another()?;
        (|| {
            file.write_all(&id3::write(metadata))?;
            std::io::copy(&mut bare?, &mut file).map(drop)
        })()
        .map_err(|cause| place.io(cause))?;
    }
    Ok(Made { place: made, program, left_out })
}

fn arguments(
    container: Container,
    program: &str,
    from: &Path,
    to: &Path,
    tags: &[(String, String)],
) -> Vec<OsString> {
    let words = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
    let (from, to) = (from.as_os_str().to_owned(), to.as_os_str().to_owned());
    let mut all = match program {
        "lame" => words("--quiet -b 320 --noreplaygain"),
        "opusenc" => words("--quiet --bitrate 192 --discard-comments --discard-pictures"),
        _ => [words("-v error -nostdin -y -i"), vec![from.clone()]].concat(),
    };
    if program == "lame" {
        all.extend([from, to]);
        return all;
    }
    if program == "opusenc" {
        tags.iter()
            .for_each(|(key, value)| all.extend(["--comment".into(), format!("{key}={value}").into()]));
        all.extend([from, to]);
        return all;
    }
    all.extend(words("-map 0:a -map_metadata -1 -fflags +bitexact -flags:a +bitexact"));
    all.extend(words(match container {
        Container::Mp3 => "-c:a libmp3lame -b:a 320k -id3v2_version 0 -f mp3",
        Container::Opus => "-c:a libopus -b:a 192k -f opus",
        Container::Alac => "-c:a alac -f ipod",
        _ => "-c:a aac -b:a 256k -f ipod",
    }));
    tags.iter().for_each(|(key, value)| all.extend(["-metadata".into(), format!("{key}={value}").into()]));
    all.push(to);
    all
}

/// Tags that ffmpeg has a name for in MP4.
const MP4: [(&str, &str); 9] = [
    ("TITLE", "title"),
    ("ARTIST", "artist"),
    ("ALBUM", "album"),
    ("ALBUMARTIST", "album_artist"),
    ("DATE", "date"),
    ("GENRE", "genre"),
    ("COMMENT", "comment"),
    ("COPYRIGHT", "copyright"),
    ("COMPOSER", "composer"),
];

/// The tags to hand over, and what cannot be handed over.
fn tags(container: Container, program: &str, metadata: &Metadata) -> (Vec<(String, String)>, Vec<String>) {
    let (mut handed, mut left_out) = (Vec::new(), Vec::new());
    match container {
        Container::Mp3 => {}
        Container::Opus => {
            let keys = metadata.tags.iter().filter(|(key, _)| !key.starts_with("REPLAYGAIN_"));
            handed.extend(keys.cloned());
            // Opus has its own: steps of 1/256 dB, to −23 LUFS (RFC 7845).
            if let Some(lufs) = metadata.loudness.and_then(|loudness| loudness.integrated_lufs) {
                let gain = ((-23.0 - lufs) * 256.0).round().clamp(-32_768.0, 32_767.0);
                handed.push(("R128_TRACK_GAIN".into(), format!("{gain:.0}")));
            }
        }
        _ => {
            for (key, name) in MP4 {
                let value = metadata.all(key).collect::<Vec<_>>().join("; ");
                if !value.is_empty() {
                    handed.push((name.into(), value));
                }
            }
            for (key, total, name) in
                [("TRACKNUMBER", "TRACKTOTAL", "track"), ("DISCNUMBER", "DISCTOTAL", "disc")]
            {
                handed.extend(metadata.with_total(key, total).map(|value| (name.to_owned(), value)));
            }
            let known = |key: &str| {
                MP4.iter().any(|(name, _)| *name == key)
                    || ["TRACKNUMBER", "TRACKTOTAL", "DISCNUMBER", "DISCTOTAL"].contains(&key)
            };
            left_out.extend(metadata.tags.iter().filter(|(key, _)| !known(key)).map(|(key, _)| key.clone()));
            left_out.dedup();
        }
    }
    if container != Container::Mp3 && !metadata.pictures.is_empty() {
        left_out.push(format!("pictures ({program} is not given them)"));
    }
    left_out.extend(metadata.of_wav_only());
    if !metadata.markers.is_empty() {
        left_out.push(format!("{} markers", metadata.markers.len()));
    }
    (handed, left_out)
}
