//! Audio files for Deadwax.
//!
//! - [`Decoder`] reads WAV and its kin (RF64, BW64, W64), AIFF, FLAC, MP3, AAC and ALAC in MP4, Ogg Vorbis and CAF, from the
//!   start to the end, as planar `f64`. What an encoder put in front and behind is trimmed. A file that is damaged or shorter
//!   than it says is an error, never a shorter programme.
//! - [`Writer`] writes WAV (RF64 beyond 4 GiB), FLAC and AIFF, and by other people's programs MP3, Opus, AAC and ALAC. The file
//!   appears under its name when it is whole, or not at all; it never takes the place of an input.
//! - [`Metadata`] is what files say about the programme beside its samples.
//!
//! Compressed formats are read by [symphonia](https://docs.rs/symphonia), FLAC is written by
//! [flac-codec](https://docs.rs/flac-codec); the containers of plain samples are this crate's own.

mod aiff;
mod container;
mod decode;
mod error;
mod flac;
mod metadata;
mod mp4;
mod ogg;
mod packets;
mod pcm;
mod place;
mod programs;
mod riff;
mod write;

pub use container::{Container, Encoding};
pub use decode::{Decoder, Info};
pub use error::{ReadError, WriteError};
pub use metadata::{Blob, Broadcast, Loudness, Marker, Metadata, Picture, read_metadata};
pub use place::{Existing, copy_file, same_file, write_bytes, write_text};
pub use write::{Sealed, Spec, Writer, Written};
