//! What streaming services do to loudness, and what delivery standards ask for: dated, sourced rules as data.
//!
//! [`Platforms::built_in`] are the rules that come with the program (`platforms.ron`), [`Platforms::parse`] reads
//! others. [`Rule::judge`] says what a service will do to a programme, or whether a delivery is in spec.
//!
//! ```
//! use deadwax_platforms::{Facts, Platforms, State};
//!
//! let platforms = Platforms::built_in();
//! let loud = Facts { integrated_lufs: Some(-9.4), true_peak_dbtp: Some(-2.1), ..Facts::default() };
//! let spotify = platforms.get("spotify").unwrap().judge(&loud);
//! assert_eq!(spotify.state, State::Within);
//! assert_eq!(spotify.sentence, "Spotify will play this 4.6 dB softer");
//! ```

#![forbid(unsafe_code)]

mod judge;
mod read;
mod rule;

pub use judge::{Facts, Finding, Held, Playback, State, Verdict};
pub use read::PlatformsError;
pub use rule::{Ceiling, Grade, Hears, Kind, Moves, Platforms, Rule, Scope};
