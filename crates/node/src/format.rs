//! What runs on a wire: a sample rate and a channel layout.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The most channels a wire may carry.
pub const MAX_CHANNELS: usize = 32;

/// How channels stand in the room. The order of channels is that of WAV (front left, front right, centre, LFE, …).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Layout {
    /// One channel.
    Mono,
    /// Left, right.
    Stereo,
    /// Left, right, centre.
    ThreeZero,
    /// Left, right, left surround, right surround.
    Quad,
    /// Left, right, centre, left surround, right surround.
    FiveZero,
    /// Left, right, centre, LFE, left surround, right surround.
    FiveOne,
    /// Left, right, centre, LFE, left back, right back, left side, right side.
    SevenOne,
    /// So many channels of which nothing else is known.
    Discrete(u8),
}

impl Layout {
    /// The usual layout of `count` channels, as a WAV file without a channel mask is read. `None` for 0 channels and
    /// for more than [`MAX_CHANNELS`].
    #[must_use]
    pub fn of_channels(count: usize) -> Option<Self> {
        Some(match count {
            1 => Self::Mono,
            2 => Self::Stereo,
            3 => Self::ThreeZero,
            4 => Self::Quad,
            5 => Self::FiveZero,
            6 => Self::FiveOne,
            8 => Self::SevenOne,
            7 | 9..=MAX_CHANNELS => Self::Discrete(count as u8),
            _ => return None,
        })
    }

    /// The number of channels.
    #[must_use]
    pub fn channels(self) -> usize {
        match self {
            Self::Mono => 1,
            Self::Stereo => 2,
            Self::ThreeZero => 3,
            Self::Quad => 4,
            Self::FiveZero => 5,
            Self::FiveOne => 6,
            Self::SevenOne => 8,
            Self::Discrete(count) => usize::from(count),
        }
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mono => f.write_str("mono"),
            Self::Stereo => f.write_str("stereo"),
            Self::ThreeZero => f.write_str("3.0"),
            Self::Quad => f.write_str("quad"),
            Self::FiveZero => f.write_str("5.0"),
            Self::FiveOne => f.write_str("5.1"),
            Self::SevenOne => f.write_str("7.1"),
            Self::Discrete(count) => write!(f, "{count} channels"),
        }
    }
}

/// Sample rate and channel layout of a wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Format {
    /// Frames per second, in Hz.
    pub rate_hz: u32,
    /// How many channels, and where they stand.
    pub layout: Layout,
}

impl Format {
    /// A format of `rate_hz` and `layout`.
    #[must_use]
    pub fn new(rate_hz: u32, layout: Layout) -> Self {
        Self { rate_hz, layout }
    }

    /// Stereo at `rate_hz`.
    #[must_use]
    pub fn stereo(rate_hz: u32) -> Self {
        Self::new(rate_hz, Layout::Stereo)
    }

    /// The number of channels.
    #[must_use]
    pub fn channels(self) -> usize {
        self.layout.channels()
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let khz = f64::from(self.rate_hz) / 1000.0;
        write!(f, "{}, {khz} kHz", self.layout)
    }
}
