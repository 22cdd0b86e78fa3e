//! The recordings that a graph declares, read from disk.

use crate::render::read_diagnostic;
use deadwax_audio::{Decoder, ReadError};
use deadwax_engine::Assets;
use deadwax_graph::Graph;
use deadwax_graph::diagnostic::{Code, Diagnostic};
use deadwax_graph::model::Asset;
use deadwax_node::Recording;
use std::path::Path;
use std::sync::Arc;

/// The most samples, over all channels, that the recordings of a graph may have together: five minutes of stereo at 96 kHz, and half a GiB of
/// memory. A stranger's graph can ask for no more.
const MOST_SAMPLES: usize = 1 << 26;

/// Reads every recording of `graph`.
///
/// # Errors
/// What is wrong with each of them, at the place where it is declared; also when nobody has named one that is asked for.
pub(crate) fn read_assets(graph: &Graph) -> Result<Assets, Vec<Diagnostic>> {
    let (mut assets, mut errors, mut left) = (Assets::new(), Vec::new(), MOST_SAMPLES);
    for asset in &graph.assets {
        let Some(location) = &asset.location else {
            // Said once, at the graph itself, whatever graphs it is passed on to.
            errors.extend((asset.origin.file == 0).then(|| asked(asset)));
            continue;
        };
        match read(asset, location, &mut left) {
            Ok(recording) => {
                assets.insert((asset.origin.file, asset.name.clone()), Arc::new(recording));
            }
            Err(diagnostic) => errors.push(*diagnostic),
        }
    }
    if errors.is_empty() { Ok(assets) } else { Err(errors) }
}

/// That nobody has named a recording which the graph asks for.
fn asked(asset: &Asset) -> Diagnostic {
    let at = (asset.origin.file, asset.origin.span.clone());
    let message = format!("the graph asks for a recording, `{}`", asset.name);
    let label = asset.asked.clone().filter(|help| !help.is_empty());
    let label = label.unwrap_or_else(|| "it brings none along".to_owned());
    let help = format!("name it on the command line: `--asset {}=FILE`", asset.name);
    Diagnostic::new(Code::RecordingAsked, message, at, label).help(help)
}

/// Reads one recording, of at most `left` samples, and takes them off.
fn read(asset: &Asset, location: &Path, left: &mut usize) -> Result<Recording, Box<Diagnostic>> {
    let at = (asset.origin.file, asset.origin.span.clone());
    let placed = |error: &ReadError| {
        let told = read_diagnostic(error);
        Box::new(Diagnostic { at: Some(at.clone()), label: "this recording".into(), ..told })
    };
    let mut decoder = Decoder::open(location).map_err(|error| placed(&error))?;
    let info = decoder.info();
    let mut recording = Recording { rate_hz: info.rate_hz, channels: vec![Vec::new(); info.channels] };
    let mut samples = 0;
    while let Some(planes) = decoder.read().map_err(|error| placed(&error))? {
        for (kept, plane) in recording.channels.iter_mut().zip(planes) {
            kept.extend_from_slice(plane);
        }
        samples = recording.channels.iter().map(Vec::len).sum();
        if samples > *left {
            let message =
                format!("with `{}` the recordings have more than {MOST_SAMPLES} samples", asset.name);
            let told = Diagnostic::new(Code::TooLarge, message, at, "this recording");
            return Err(Box::new(told.help("a recording that a graph brings along is a short one; cut it")));
        }
    }
    *left -= samples;
    if recording.channels.iter().all(Vec::is_empty) {
        let message = format!("`{}` has no samples", asset.name);
        return Err(Box::new(Diagnostic::new(Code::AudioDamaged, message, at, "this recording")));
    }
    Ok(recording)
}
