//! Albums: documents opened with the recordings and graphs they name, and looked through.

mod open;
mod span;
mod start;

pub use deadwax_album::{Album, Moved, Placing, Sequence, Side, Time, disc, document};
pub use deadwax_disc as paper;
pub use open::{DiscFound, Found, OpenedAlbum, TrackFound, open_album};
pub use start::{StartError, new_album};
