//! Which programme it is: its length, and a hash of its samples.

use crate::Block;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// The programme that a graph runs on, told apart from others by its samples. The same samples in another kind of file are
/// the same programme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Programme {
    /// Its length.
    pub frames: u64,
    /// Of the samples of every channel, as 64 bit floats in little-endian order: the hash of those hashes. In a lesson also
    /// `any`: it is meant for every programme.
    pub sha256: String,
}

/// In the place of a hash: any programme.
const ANY: &str = "any";

impl Programme {
    /// How `other` differs from this one, in words, if it does.
    #[must_use]
    pub fn differs(&self, other: &Self) -> Option<String> {
        match self {
            _ if self.sha256 == ANY => None,
            _ if self.frames != other.frames => {
                Some(format!("that had {} frames, and here are {}", self.frames, other.frames))
            }
            _ if self.sha256 != other.sha256 => Some("it had as many frames, but other samples".to_owned()),
            _ => None,
        }
    }
}

/// Hears samples in blocks of any size, and tells which programme they are.
#[derive(Clone, Debug)]
pub struct ProgrammeHash {
    channels: Vec<Sha256>,
    frames: u64,
    bytes: Vec<u8>,
}

impl ProgrammeHash {
    /// For so many channels.
    #[must_use]
    pub fn new(channels: usize) -> Self {
        Self { channels: vec![Sha256::new(); channels], frames: 0, bytes: Vec::new() }
    }

    /// Hears the next frames.
    pub fn push(&mut self, block: Block<'_>) {
        self.hear(&block.iter().collect::<Vec<_>>());
    }

    /// The same, of a slice per channel, all of the same length.
    pub fn hear(&mut self, planes: &[&[f64]]) {
        for (hash, samples) in self.channels.iter_mut().zip(planes) {
            self.bytes.clear();
            self.bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
            hash.update(&self.bytes);
        }
        self.frames += planes.first().map_or(0, |samples| samples.len()) as u64;
    }

    /// What it was.
    #[must_use]
    pub fn finish(self) -> Programme {
        let mut all = Sha256::new();
        for channel in self.channels {
            all.update(channel.finalize());
        }
        let mut sha256 = String::new();
        for byte in all.finalize() {
            let _ = write!(sha256, "{byte:02x}");
        }
        Programme { frames: self.frames, sha256 }
    }
}
