//! Albums: documents opened with the recordings and graphs they name, and looked through.

mod hashes;
mod open;
mod opened;
mod render;
mod report;
mod services;
mod span;
mod start;

pub use crate::set::move_track;
pub use deadwax_album::{
    Album, MoveError, Moved, Placing, Sequence, Side, Time, To, disc, document, is_album, schema,
};
pub use deadwax_disc as paper;
pub use deadwax_preflight::{Check, Finding, Weight};
pub use open::open_album;
pub use opened::{DiscFound, Found, OpenedAlbum, TrackFound, TrackGraph};
pub use render::{
    AlbumError, AlbumSettings, Delivered, MANIFEST, MASTERS, ManifestFile, Step, delivered_before,
    render_album,
};
pub use report::{
    AlbumChecks, AlbumReport, Aspect, Change, Consistency, DeliverableChecked, HeardTrack, Middle, Moment,
    Outlier, Region, Remedy, Sound, SourceFound, Tone, album_page, check_album, listen_list, listen_tape,
    report_album,
};
pub use services::{ServiceOutcome, services};
pub use start::{StartError, new_album};
