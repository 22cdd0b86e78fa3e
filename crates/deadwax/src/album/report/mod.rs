//! What an album sounds like, track by track, and what stands out.

mod change;
mod checks;
mod hear;
mod listen;
mod page;

pub use change::{Change, Remedy};
pub use checks::{AlbumChecks, DeliverableChecked, SourceFound, check_album};
pub use deadwax_album::consistency::{Aspect, Consistency, Middle, Outlier, Region, Sound, Tone};
pub use hear::HeardTrack;
pub use listen::{Moment, listen_list, listen_tape};
pub use page::album_page;

use super::opened::OpenedAlbum;
use super::render::hold::Hold;
use super::render::masters::masters;
use super::render::{AlbumError, AlbumSettings};
use deadwax_album::consistency::consistency;
use deadwax_measure::Pooled;
use deadwax_node::Registry;

/// An album that was heard.
#[derive(Clone, Debug)]
pub struct AlbumReport {
    /// Its tracks in their order, and what is hidden in front of them.
    pub tracks: Vec<HeardTrack>,
    /// All of it as one programme; its loudness is gated over all tracks together.
    pub all: Pooled,
    /// How well its tracks go together.
    pub consistency: Consistency,
    /// What would bring those that stand out to the others.
    pub changes: Vec<Change>,
}

impl Change {
    /// What is odd about a track, in words: `4.2 dB brighter than the middle (treble)`.
    #[must_use]
    pub fn what(&self) -> String {
        let outlier = &self.outlier;
        let (more, less) = outlier.aspect.more_and_less();
        let word = if outlier.beyond > 0.0 { more } else { less };
        let region = match outlier.aspect {
            Aspect::Tone(region) => format!(" ({})", region.words()),
            _ => String::new(),
        };
        let unit = outlier.aspect.unit();
        format!("{:.1} {unit} {word} than the middle{region}", outlier.beyond.abs())
    }
}

/// Hears every track of `opened` as the album leaves it, before anything that a deliverable does. Masters that are not there
/// are made, and kept in the folder of `settings`.
///
/// # Errors
/// The first thing that went wrong.
pub fn report_album(
    opened: &OpenedAlbum,
    registry: &Registry,
    settings: &AlbumSettings<'_>,
) -> Result<AlbumReport, AlbumError> {
    let _held = Hold::take(&settings.output)?;
    let masters = masters(opened, None, settings, registry)?;
    let hear::Heard { tracks, all } = hear::hear(opened, &masters, settings)?;
    let sounds: Vec<Sound> = tracks.iter().map(|track| track.sound.clone()).collect();
    let consistency = consistency(&sounds);
    let odd = (&consistency.middles[..], &consistency.outliers[..]);
    let changes = change::changes(opened, &tracks, odd, registry)?;
    Ok(AlbumReport { tracks, all, consistency, changes })
}
