//! The recordings that a graph declares, read from disk.

use crate::render::read_diagnostic;
use deadwax_audio::{Decoder, ReadError};
use deadwax_engine::Assets;
use deadwax_graph::Graph;
use deadwax_graph::diagnostic::{Code, Diagnostic};
use deadwax_graph::model::Asset;
use deadwax_node::Recording;
use std::sync::Arc;

/// The most samples, over all channels, that one recording may have: 64 MiB of memory. A stranger's graph can ask for no
/// more.
const MOST_SAMPLES: usize = 8 << 20;

/// Reads every recording of `graph`.
///
/// # Errors
/// What is wrong with each of them, at the place where it is declared.
pub(crate) fn read_assets(graph: &Graph) -> Result<Assets, Vec<Diagnostic>> {
    let (mut assets, mut errors) = (Assets::new(), Vec::new());
    for asset in &graph.assets {
        match read(asset) {
            Ok(recording) => {
                assets.insert((asset.origin.file, asset.name.clone()), Arc::new(recording));
            }
            Err(diagnostic) => errors.push(*diagnostic),
        }
    }
    if errors.is_empty() { Ok(assets) } else { Err(errors) }
}

fn read(asset: &Asset) -> Result<Recording, Box<Diagnostic>> {
    let at = (asset.origin.file, asset.origin.span.clone());
    let placed = |error: &ReadError| {
        let told = read_diagnostic(error);
        Box::new(Diagnostic { at: Some(at.clone()), label: "this recording".into(), ..told })
    };
    let mut decoder = Decoder::open(&asset.location).map_err(|error| placed(&error))?;
    let info = decoder.info();
    let mut recording = Recording { rate_hz: info.rate_hz, channels: vec![Vec::new(); info.channels] };
    while let Some(planes) = decoder.read().map_err(|error| placed(&error))? {
        for (kept, plane) in recording.channels.iter_mut().zip(planes) {
            kept.extend_from_slice(plane);
        }
        let samples: usize = recording.channels.iter().map(Vec::len).sum();
        if samples > MOST_SAMPLES {
            let message = format!("`{}` has more than {MOST_SAMPLES} samples", asset.name);
            let told = Diagnostic::new(Code::TooLarge, message, at, "this recording");
            return Err(Box::new(told.help("a recording that a graph brings along is a short one; cut it")));
        }
    }
    if recording.channels.iter().all(Vec::is_empty) {
        let message = format!("`{}` has no samples", asset.name);
        return Err(Box::new(Diagnostic::new(Code::AudioDamaged, message, at, "this recording")));
    }
    Ok(recording)
}
