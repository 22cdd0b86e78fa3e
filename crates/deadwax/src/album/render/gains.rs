//! How loud tracks are beside each other.

use super::error::AlbumError;
use deadwax_album::document::{Anchor, Loudness, Track};
use deadwax_engine::Source;
use deadwax_measure::{Measured, Meter, Pool, Pooled, Wanted};
use deadwax_node::Buffer;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

/// Frames that are heard at a time.
const BLOCK: usize = 1 << 15;

/// What slices of a programme measure, and all of them together.
#[derive(Clone, Debug)]
pub(super) struct Slices {
    pub(super) each: Vec<Measured>,
    pub(super) all: Pooled,
}

/// Measures slices of a programme, which follow each other.
pub(super) fn measure(
    source: &mut dyn Source,
    slices: &[Range<u64>],
    cancel: &AtomicBool,
) -> Result<Slices, AlbumError> {
    let format = source.format();
    let meter = || {
        let meter = Meter::new(format.rate_hz, format.channels(), Wanted::ALL);
        meter.map_err(|error| AlbumError::Unheard(error.into()))
    };
    let mut meters = slices.iter().map(|_| meter()).collect::<Result<Vec<_>, _>>()?;
    source.rewind().map_err(AlbumError::of)?;
    let (mut block, mut at) = (Buffer::new(format.channels(), BLOCK), 0_u64);
    loop {
        if cancel.load(Ordering::Relaxed) {
            return Err(AlbumError::Interrupted);
        }
        let read = source.read(block.block_mut(BLOCK)).map_err(AlbumError::of)?;
        if read == 0 {
            break;
        }
        for (slice, meter) in slices.iter().zip(&mut meters) {
            let (begin, end) = (slice.start.max(at), slice.end.min(at + read as u64));
            if begin < end {
                let part = block.block(read).part((begin - at) as usize, (end - begin) as usize);
                meter.push(&part.iter().collect::<Vec<_>>());
            }
        }
        at += read as u64;
    }
    source.rewind().map_err(AlbumError::of)?;
    let mut pool = Pool::new();
    let each = meters.into_iter().map(|meter| pool.take(meter)).collect();
    Ok(Slices { each, all: pool.measured() })
}

/// What the album's gain is taken from, in LUFS.
pub(super) fn anchor(anchor: Anchor, heard: &Slices) -> Option<f64> {
    match anchor {
        Anchor::Album => heard.all.integrated_lufs,
        Anchor::LoudestTrack => heard.all.loudest_programme_lufs,
    }
}

/// The gain of every track, in dB, on top of what it is offset by; `heard` is what the tracks measure, offsets among it.
pub(super) fn gains(
    loudness: Loudness,
    heard: &Slices,
    tracks: &[Option<&Track>],
) -> Result<Vec<f64>, AlbumError> {
    match loudness {
        Loudness::AsMastered => Ok(vec![0.0; tracks.len()]),
        Loudness::KeepRelative { anchor: at, target_lufs, up } => {
            let gain = anchor(at, heard).map_or(0.0, |lufs| target_lufs - lufs);
            Ok(vec![if up { gain } else { gain.min(0.0) }; tracks.len()])
        }
        Loudness::Match { target_lufs, tolerance_lu, max_gain_db, ceiling_dbtp } => {
            let (mut gains, mut refused) = (Vec::new(), Vec::new());
            for (track, heard) in tracks.iter().zip(&heard.each) {
                let wanted = heard.integrated_lufs.map_or(0.0, |lufs| target_lufs - lufs);
                let name = track.map_or("what is hidden", |track| track.name.value.as_str());
                let peak = heard.true_peak_dbtp.map_or(f64::MIN, |peak| peak + wanted);
                gains.push(match track {
                    Some(track) if track.interlude => 0.0,
                    None => 0.0,
                    Some(_) if wanted.abs() <= tolerance_lu => 0.0,
                    Some(_) if wanted.abs() > max_gain_db => {
                        refused.push(format!("`{name}` would have to be turned by {wanted:+.1} dB, beyond {max_gain_db} dB"));
                        0.0
                    }
                    Some(_) if wanted > 0.0 && peak > ceiling_dbtp => {
                        refused.push(format!(
                            "`{name}` would peak at {peak:.1} dBTP, beyond {ceiling_dbtp}: it has to be limited, not turned up"
                        ));
                        0.0
                    }
                    Some(_) => wanted,
                });
            }
            if refused.is_empty() { Ok(gains) } else { Err(AlbumError::Refused(refused)) }
        }
    }
}
