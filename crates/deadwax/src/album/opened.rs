//! What is known of an album that was opened.

use crate::builtin::GraphRef;
use deadwax_album::{Album, Moved, Sequence};
use deadwax_audio::Info;
use deadwax_disc::Disc;
use deadwax_graph::Overrides;
use deadwax_graph::diagnostic::{Diagnostic, SourceMap};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A recording that was found.
#[derive(Clone, Debug)]
pub struct TrackFound {
    /// Where it lies.
    pub path: PathBuf,
    /// What it says about itself.
    pub info: Info,
    /// The frames that are left when it is trimmed.
    pub kept: Range<u64>,
    /// The graph that it goes through, if there is one.
    pub graph: Option<TrackGraph>,
    /// Other mixes of it, by the name of the version.
    pub versions: Vec<(String, PathBuf)>,
}

/// A graph with what is set in it.
#[derive(Clone, Debug)]
pub struct TrackGraph {
    /// The graph.
    pub graph: GraphRef,
    /// The values.
    pub overrides: Overrides,
}

/// A disc that the album is to become.
#[derive(Clone, Debug)]
pub struct DiscFound {
    /// The deliverable.
    pub deliverable: String,
    /// What is on it.
    pub disc: Disc,
    /// Marks that are earlier than the document says.
    pub moved: Vec<Moved>,
}

/// An album that was opened.
#[derive(Debug)]
pub struct OpenedAlbum {
    /// Where the document lies.
    pub path: PathBuf,
    /// What stands in the document.
    pub album: Album,
    /// The sample rate of the timeline, in Hz.
    pub rate_hz: u32,
    /// The recordings of its tracks, by their number; `None` for one that the layout leaves out.
    pub tracks: Vec<Option<TrackFound>>,
    /// What is hidden in front of the first track.
    pub hidden: Option<TrackFound>,
    /// The graphs of the deliverables, by their number.
    pub posts: Vec<Option<TrackGraph>>,
    /// Where everything is.
    pub sequence: Sequence,
    /// Where everything is on media with sides.
    pub on_sides: Sequence,
    /// The discs that it is to become.
    pub discs: Vec<DiscFound>,
}

impl OpenedAlbum {
    /// Every file that it is read from: the document, its recordings, the files of graphs. Nothing is written over one of them.
    #[must_use]
    pub fn inputs(&self) -> Vec<PathBuf> {
        let tracks = || self.tracks.iter().flatten().chain(&self.hidden);
        let versions = tracks().flat_map(|track| track.versions.iter().map(|(_, path)| path));
        let recordings = tracks().map(|track| &track.path).chain(versions).cloned();
        let graphs = tracks().filter_map(|track| track.graph.as_ref()).chain(self.posts.iter().flatten());
        let graphs = graphs.filter_map(|graph| graph.graph.path().map(Path::to_owned));
        [self.path.clone()].into_iter().chain(recordings).chain(graphs).collect()
    }
}

/// What came of opening an album.
#[derive(Debug)]
pub struct Found {
    /// The album, if nothing is wrong with it.
    pub album: Option<OpenedAlbum>,
    /// What is wrong or worth knowing, and the files it is in: the document's own first, then those of graphs.
    pub told: Vec<(Vec<Diagnostic>, SourceMap)>,
}
