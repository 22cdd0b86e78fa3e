//! Every render carries its recipe: what it was made of and how, so that it can be made again, to the sample.
//!
//! A recipe holds the graph with everything that it uses inlined, and only what reaches the file. It holds no folder, no
//! name of a person or machine, and no time. Its **matrix number** (`DW-7F3A-92C1`), like the one that is scratched into a
//! record's run-out, is a hash of it: the same graph on the same mix has the same number, wherever and whenever.

mod ledger;
mod place;
mod recall;
mod text;

pub use ledger::{Ledger, LedgerError};
pub use place::{Found, Route, find_recipe, sidecar_of};
pub(crate) use place::{embed, forget};
pub use recall::{Recalled, RecordingError, Verdict, VerifyError, lay_recordings, verify, write_recalled};
pub use text::Untold;
pub(crate) use text::aims;

use crate::render::Settings;
use deadwax_audio::Encoding;
use deadwax_graph::Graph;
use deadwax_graph::model::UsedTemplate;
use deadwax_measure::Measured;
use deadwax_node::Format;
use deadwax_node::learn::Programme;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::File;

/// The version of recipes.
const FORMAT: u32 = 1;

/// The most bytes a recipe may have: learnt data may be long.
pub const MOST_BYTES: usize = 4 << 20;

/// What a file was made of, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The version of the recipe's own form.
    pub format: u32,
    /// The matrix number.
    pub matrix: String,
    /// The version of the program.
    pub engine: String,
    /// Which FFTs took part: `portable`, or the kind of CPU whose were used.
    pub fft: String,
    /// The graph.
    pub graph: RecipeGraph,
    /// The graph's output that the file is of.
    pub output: String,
    /// The part of the programme, if not all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<String>,
    /// The templates that took part by their names. Their nodes stand in the graph: this is to know where they are from, and
    /// no part of the matrix number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub templates: Vec<UsedTemplate>,
    /// The mix.
    pub input: Samples,
    /// The file.
    pub file: RecipeFile,
    /// What the file measures.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub measured: Value,
}

/// The graph of a recipe.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecipeGraph {
    /// What it is called.
    pub name: String,
    /// Its version, if it says one.
    pub version: String,
    /// The graph, as text that can be rendered.
    pub text: String,
    /// Which algorithm each kind of node had.
    pub algorithms: BTreeMap<String, u32>,
    /// Files beside it with what nodes have learnt: name and text.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lessons: BTreeMap<String, String>,
    /// Recordings that it needs and the recipe does not hold: their paths beside the graph, and the hash of each file.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub recordings: BTreeMap<String, String>,
}

/// Samples, told apart from others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Samples {
    /// Frames per second, in Hz.
    pub rate_hz: u32,
    /// Channels.
    pub channels: usize,
    /// Frames.
    pub frames: u64,
    /// The hash of the decoded samples, the same in any kind of file; see [`Programme`].
    pub sha256: String,
}

/// The file that was written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecipeFile {
    /// How samples were written: `Int24`.
    pub encoding: String,
    /// Whether the writer added dither.
    pub dithered: bool,
    /// Its samples.
    pub samples: Samples,
}

impl Samples {
    pub(crate) fn new(format: Format, programme: &Programme) -> Self {
        Self {
            rate_hz: format.rate_hz,
            channels: format.channels(),
            frames: programme.frames,
            sha256: programme.sha256.clone(),
        }
    }

    /// As long as the real ones, for a file whose samples are still to come.
    pub(crate) fn unknown(format: Format) -> Self {
        Self::new(format, &Programme { frames: 0, sha256: "0".repeat(64) })
    }
}

impl Recipe {
    /// The recipe of output `number` of `graph`; its file is not known yet, nor what it measures.
    ///
    /// # Errors
    /// When a part of the graph cannot be told.
    pub(crate) fn new(
        graph: &Graph,
        (number, aims): (usize, &BTreeMap<usize, usize>),
        settings: &Settings,
        input: Samples,
        file: RecipeFile,
    ) -> Result<Self, Untold> {
        let told = text::inlined(graph, aims, number)?;
        let mut recipe = Self {
            format: FORMAT,
            matrix: String::new(),
            engine: env!("CARGO_PKG_VERSION").to_owned(),
            fft: if settings.portable { "portable".to_owned() } else { cpu() },
            graph: told,
            output: graph.outputs[number].clone(),
            range: settings.range.map(|range| range.to_string()),
            templates: graph.templates.clone(),
            input,
            file,
            measured: Value::Null,
        };
        recipe.matrix = recipe.number();
        Ok(recipe)
    }

    /// The matrix number that belongs to what the recipe says, apart from the file that came of it.
    #[must_use]
    pub fn number(&self) -> String {
        let said = json!([
            self.engine,
            self.graph,
            self.output,
            self.range,
            self.input,
            self.file.encoding,
            self.file.dithered,
        ]);
        let hash = Sha256::digest(said.to_string().as_bytes());
        format!("DW-{:02X}{:02X}-{:02X}{:02X}", hash[0], hash[1], hash[2], hash[3])
    }

    /// Notes what came of it.
    pub(crate) fn made(&mut self, samples: Samples, measured: Option<&Measured>) {
        self.file.samples = samples;
        if let Some(measured) = measured {
            self.measured = json!({
                "integrated_lufs": measured.integrated_lufs,
                "loudness_range_lu": measured.loudness_range_lu,
                "true_peak_dbtp": measured.true_peak_dbtp,
            });
        }
    }

    /// The recipe as text: JSON.
    #[must_use]
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a recipe.
    ///
    /// # Errors
    /// When the text is none, or is not what it was when its number was given.
    pub fn from_text(text: &str) -> Result<Self, RecipeError> {
        if text.len() > MOST_BYTES {
            return Err(RecipeError::TooLarge { bytes: text.len() });
        }
        let text = text.trim_end_matches('\0');
        let format = serde_json::from_str::<Value>(text).map_err(RecipeError::Unreadable)?["format"].as_u64();
        if format.is_some_and(|format| format > u64::from(FORMAT)) {
            return Err(RecipeError::Newer);
        }
        let recipe: Self = serde_json::from_str(text).map_err(RecipeError::Unreadable)?;
        if recipe.number() != recipe.matrix {
            return Err(RecipeError::Edited { said: recipe.matrix.clone(), is: recipe.number() });
        }
        Ok(recipe)
    }

    /// How the samples were written.
    #[must_use]
    pub fn encoding(&self) -> Option<Encoding> {
        let all = [Encoding::Int16, Encoding::Int24, Encoding::Int32, Encoding::Float32, Encoding::Float64];
        all.into_iter().find(|encoding| format!("{encoding:?}") == self.file.encoding)
    }
}

/// A text that is no recipe.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecipeError {
    /// It is longer than any recipe.
    #[error("it has {bytes} bytes, and a recipe has {MOST_BYTES} at the most")]
    TooLarge {
        /// Its length.
        bytes: usize,
    },
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(#[source] serde_json::Error),
    /// It is of a later version of the program.
    #[error("it is of a newer form than this program knows")]
    Newer,
    /// Somebody has changed it.
    #[error("it has been changed: it says {said}, and its number would be {is}")]
    Edited {
        /// The matrix number that stands in it.
        said: String,
        /// The one that belongs to it.
        is: String,
    },
}

/// The kind of CPU, as far as FFTs depend on it.
pub(crate) fn cpu() -> String {
    #[cfg_attr(not(target_arch = "x86_64"), allow(unused_mut))]
    let mut name = std::env::consts::ARCH.to_owned();
    #[cfg(target_arch = "x86_64")]
    for (known, is_there) in [
        (" sse4.1", std::arch::is_x86_feature_detected!("sse4.1")),
        (" avx", std::arch::is_x86_feature_detected!("avx")),
        (" fma", std::arch::is_x86_feature_detected!("fma")),
    ] {
        name.push_str(if is_there { known } else { "" });
    }
    name
}

/// The hash of a file's bytes; `None` when it cannot be read.
pub(crate) fn hash_of_file(file: &mut File) -> Option<String> {
    let mut hash = Sha256::new();
    std::io::copy(file, &mut hash).ok()?;
    Some(hex(&hash.finalize()))
}

/// Bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
