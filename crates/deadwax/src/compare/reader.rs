//! A file in blocks of one size.

use deadwax_audio::{Decoder, Info, ReadError};
use std::path::Path;

/// Reads a file in blocks that are full up to the last one.
pub(super) struct Reader {
    decoder: Decoder,
    planes: Vec<Vec<f64>>,
    /// What the decoder gave beyond the last block.
    rest: Vec<Vec<f64>>,
}

impl Reader {
    pub(super) fn open(path: &Path) -> Result<Self, ReadError> {
        let decoder = Decoder::open(path)?;
        let channels = decoder.info().channels;
        Ok(Self { decoder, planes: vec![Vec::new(); channels], rest: vec![Vec::new(); channels] })
    }

    pub(super) fn info(&self) -> &Info {
        self.decoder.info()
    }

    /// The next `frames` frames, or what is left of them.
    pub(super) fn read(&mut self, frames: usize) -> Result<&[Vec<f64>], ReadError> {
        while self.rest[0].len() < frames {
            let Some(planes) = self.decoder.read()? else { break };
            for (rest, plane) in self.rest.iter_mut().zip(planes) {
                rest.extend_from_slice(plane);
            }
        }
        let count = self.rest[0].len().min(frames);
        for (plane, rest) in self.planes.iter_mut().zip(&mut self.rest) {
            plane.clear();
            plane.extend(rest.drain(..count));
        }
        Ok(&self.planes)
    }

    /// Leaves out the next `frames` frames.
    pub(super) fn skip(&mut self, mut frames: u64) -> Result<(), ReadError> {
        while frames > 0 {
            let count = frames.min(1 << 16) as usize;
            let read = self.read(count)?[0].len();
            if read == 0 {
                break;
            }
            frames -= read as u64;
        }
        Ok(())
    }
}

/// The channels of a block as slices.
pub(super) fn slices(planes: &[Vec<f64>]) -> Vec<&[f64]> {
    planes.iter().map(Vec::as_slice).collect()
}
