//! One HTML page about a master, or an album of them: what it measures, how it will be played, and what was done to it.
//!
//! The page is one file without script, with pictures drawn as SVG; it is readable in light and dark, on a phone and on
//! A4. All its numbers are in it once more as JSON. Whatever comes from files is a [`Text`], which never becomes markup.
//!
//! A [`PortraitMeter`] hears a file once; [`Page::html`] writes the page. [`AlbumPage`] is the page about an album as a whole.

#![forbid(unsafe_code)]

mod album;
mod answer;
mod figure;
mod numbers;
mod page;
mod portrait;
mod stereo;
mod text;
mod time;
mod tone;

pub use album::{AlbumPage, AlbumTrack, COLUMNS, Cell, DeliverablePart, Remark, Table};
pub use page::{GraphPart, Page, Track, Version};
pub use portrait::{Portrait, PortraitMeter};
pub use text::Text;
