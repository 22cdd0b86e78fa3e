//! One file through one coder and back, by ffmpeg.
//!
//! Two processes, the one behind the other: samples go into the encoder on a thread of their own, what the decoder gives back is
//! measured on the caller's, and a third watches the clock.

use super::{CodecsError, Coder};
use deadwax_audio::{Decoder, Info, ReadError};
use deadwax_measure::{Measured, Meter, Wanted};
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Time for a coding: so much, and so many times what the file lasts.
const PATIENCE_S: f64 = 120.0;
const PATIENCE_OF_FILE: f64 = 2.0;
/// What comes back is at the most longer by this, in seconds, and by this part: coders pad.
const LONGER_S: f64 = 10.0;
const LONGER: f64 = 1.05;
/// How often the clock is looked at.
const LOOK: Duration = Duration::from_millis(20);
/// Frames that are measured at a time.
const BLOCK: usize = 1 << 14;

/// What came back.
pub(super) enum Coded {
    /// Measured at so many frames per second.
    Heard { measured: Box<Measured>, samples_over: u64, rate_hz: u32 },
    /// Why not.
    Failed(String),
}

/// Why the watch ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// Both processes came to their end.
    Well,
    Badly,
    Late,
    Cancelled,
}

/// Sends the file at `path` through `coder` by ffmpeg's `encoder`, and measures what comes back.
pub(super) fn through(
    coder: &Coder,
    encoder: &str,
    path: &Path,
    info: &Info,
    cancel: &AtomicBool,
) -> Result<Coded, CodecsError> {
    let rate_hz = coder.rate_hz.unwrap_or_else(|| usual(info.rate_hz));
    let source = Decoder::open(path)?;
    let (mut encode, mut decode) = match start(coder, encoder, info, rate_hz) {
        Ok(pair) => pair,
        Err(error) => return Ok(Coded::Failed(format!("ffmpeg does not start: {error}"))),
    };
    let (Some(into), Some(back)) = (encode.stdin.take(), decode.stdout.take()) else {
        return Ok(Coded::Failed("ffmpeg takes no samples".to_owned()));
    };
    let seconds = info.frames.unwrap_or(0) as f64 / f64::from(info.rate_hz);
    let deadline = Instant::now() + Duration::from_secs_f64(PATIENCE_S + PATIENCE_OF_FILE * seconds);
    let most_frames = ((seconds * LONGER + LONGER_S) * f64::from(rate_hz)) as u64;
    let stop = AtomicBool::new(false);
    let (fed, heard, ended) = std::thread::scope(|scope| {
        let fed = scope.spawn(|| feed(source, into));
        let watched = scope.spawn(|| watch([encode, decode], deadline, cancel, &stop));
        let heard = hear(back, rate_hz, info.channels, most_frames);
        if heard.is_err() {
            stop.store(true, Ordering::Relaxed);
        }
        (fed.join(), heard, watched.join())
    });
    if ended.as_ref().is_ok_and(|ended| *ended == Ended::Cancelled) {
        return Err(CodecsError::Interrupted);
    }
    if !fed.unwrap_or(Ok(true))? {
        return Ok(Coded::Failed("the file has samples that are no numbers".to_owned()));
    }
    Ok(match (ended.unwrap_or(Ended::Badly), heard) {
        (Ended::Well, Ok((measured, samples_over))) => Coded::Heard { measured, samples_over, rate_hz },
        (Ended::Late, _) => Coded::Failed(format!("ffmpeg's {encoder} took too long")),
        (_, Err(reason)) => Coded::Failed(format!("ffmpeg's {encoder}: {reason}")),
        _ => Coded::Failed(format!("ffmpeg's {encoder} failed")),
    })
}

/// The rate at which services keep what has `rate_hz`.
fn usual(rate_hz: u32) -> u32 {
    match rate_hz {
        32_000 | 44_100 | 48_000 => rate_hz,
        _ if rate_hz.is_multiple_of(44_100) => 44_100,
        _ => 48_000,
    }
}

/// Starts encoder and decoder, the one behind the other.
fn start(coder: &Coder, encoder: &str, info: &Info, rate_hz: u32) -> std::io::Result<(Child, Child)> {
    let (from, to) = (info.rate_hz.to_string(), rate_hz.to_string());
    let (channels, kbits) = (info.channels.to_string(), format!("{}k", coder.kbits));
    let plain = ["-hide_banner", "-v", "error", "-nostdin"];
    let mut encode = Command::new("ffmpeg")
        .args(plain)
        .args(["-f", "f64le", "-ar", &from, "-ac", &channels, "-i", "pipe:0"])
        .args(["-c:a", encoder, "-b:a", &kbits, "-ar", &to, "-f", coder.muxer, "pipe:1"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let coded = encode.stdout.take().map_or_else(Stdio::null, Stdio::from);
    let decode = Command::new("ffmpeg")
        .args(plain)
        .args(["-f", coder.demuxer, "-c:a", coder.decoder, "-i", "pipe:0"])
        .args(["-c:a", "pcm_f32le", "-f", "f32le", "pipe:1"])
        .stdin(coded)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    match decode {
        Ok(decode) => Ok((encode, decode)),
        Err(error) => {
            let _ = encode.kill();
            let _ = encode.wait();
            Err(error)
        }
    }
}

/// Hands all samples over, and tells whether all are numbers: others end it. An encoder that takes no more has failed, which its
/// end will tell.
fn feed(mut source: Decoder, into: impl Write) -> Result<bool, ReadError> {
    let mut into = BufWriter::with_capacity(1 << 16, into);
    while let Some(planes) = source.read()? {
        for frame in 0..planes.first().map_or(0, Vec::len) {
            for plane in planes {
                if !plane[frame].is_finite() {
                    return Ok(false);
                }
                if into.write_all(&plane[frame].to_le_bytes()).is_err() {
                    return Ok(true);
                }
            }
        }
    }
    // What cannot be written any more is the encoder's failure, too.
    let _ = into.flush();
    Ok(true)
}

/// Waits for both processes, and ends them when it is time.
fn watch(mut both: [Child; 2], deadline: Instant, cancel: &AtomicBool, stop: &AtomicBool) -> Ended {
    loop {
        let ended = both.iter_mut().map(|child| child.try_wait()).collect::<Vec<_>>();
        let over = match () {
            () if ended.iter().all(|one| matches!(one, Ok(Some(_)))) => {
                let well = ended.iter().all(|one| matches!(one, Ok(Some(status)) if status.success()));
                return if well { Ended::Well } else { Ended::Badly };
            }
            () if cancel.load(Ordering::Relaxed) => Some(Ended::Cancelled),
            () if stop.load(Ordering::Relaxed) || ended.iter().any(Result::is_err) => Some(Ended::Badly),
            () if Instant::now() > deadline => Some(Ended::Late),
            () => None,
        };
        if let Some(over) = over {
            for child in &mut both {
                let _ = child.kill();
                let _ = child.wait();
            }
            return over;
        }
        std::thread::sleep(LOOK);
    }
}

/// Measures what comes back: its figures, with places above 0 dBTP, and how many samples are at full scale or beyond.
fn hear(
    mut back: impl Read,
    rate_hz: u32,
    channels: usize,
    most_frames: u64,
) -> Result<(Box<Measured>, u64), String> {
    let wanted =
        Wanted { windows: false, history: false, psr: false, overs_above_dbtp: Some(0.0), ..Wanted::ALL };
    let mut meter = Meter::new(rate_hz, channels, wanted).map_err(|error| error.to_string())?;
    let mut bytes = vec![0; BLOCK * channels * 4];
    let mut planes = vec![Vec::with_capacity(BLOCK); channels];
    let (mut frames, mut over) = (0_u64, 0_u64);
    loop {
        let read = fill(&mut back, &mut bytes).map_err(|error| error.to_string())?;
        if read == 0 {
            break;
        }
        planes.iter_mut().for_each(Vec::clear);
        for frame in bytes[..read].chunks_exact(channels * 4) {
            for (plane, word) in planes.iter_mut().zip(frame.as_chunks::<4>().0) {
                let sample = f64::from(f32::from_le_bytes(*word));
                // What is no number has no peak, and must not pass for silence.
                if !sample.is_finite() {
                    return Err("gives back what is no number".to_owned());
                }
                over += u64::from(sample.abs() >= 1.0);
                plane.push(sample);
            }
        }
        frames += planes[0].len() as u64;
        if frames > most_frames {
            return Err("gives back more than it was given".to_owned());
        }
        meter.push(&planes.iter().map(Vec::as_slice).collect::<Vec<_>>());
    }
    if frames == 0 {
        return Err("gives nothing back".to_owned());
    }
    Ok((Box::new(meter.finish()), over))
}

/// Reads until `bytes` are full, or nothing more comes.
fn fill(back: &mut impl Read, bytes: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < bytes.len() {
        match back.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
