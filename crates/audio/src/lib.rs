//! Audio files for Deadwax.
//!
//! - [`Decoder`] reads WAV, AIFF, FLAC, MP3, AAC and ALAC in MP4, Ogg Vorbis and CAF, from the start to the end, as
//!   planar `f64`. What an encoder put in front and behind is trimmed. A file that is damaged or shorter than it says is an
//!   error, never a shorter programme.
//! - [`WavWriter`] writes WAV: 16, 24 or 32 bit integers, or 32 bit float. The file appears under its name when it is
//!   whole, or not at all; it never takes the place of an input.
//!
//! Containers and codecs are [symphonia](https://docs.rs/symphonia)'s, PCM encoding is [hound](https://docs.rs/hound)'s.

mod decode;
mod error;
mod mp4;
mod ogg;
mod wav;

pub use decode::{Decoder, Info};
pub use error::{ReadError, WriteError};
pub use wav::{Encoding, Existing, WavWriter, Written, same_file};
