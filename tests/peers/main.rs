//! Ours beside ffmpeg's and SoX's, on the same signals: `cargo test -p deadwax-tests --test peers -- --ignored --nocapture`.
//!
//! Opt-in, because it needs other people's programs. Each test prints a table and asserts only what is said of ours. A program that
//! is not on this machine has "not here" in its row.

mod convert;
mod declick;
mod declip;
mod dehum;
mod denoise;
mod dynamics;
mod knowing;
mod renders;
mod restore;
mod stereo;
mod tone;
mod tools;

pub(crate) use renders::tracks;
pub(crate) use tools::{Table, ffmpeg, ffmpeg_to, impulse, magnitude_db, node, sine, sox, sox_to};
