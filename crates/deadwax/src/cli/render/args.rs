//! What may be written behind `deadwax render`.

use crate::cli::args::{GraphArguments, Show};
use clap::{Args, ValueEnum};
use deadwax::Stretch;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(in crate::cli) struct RenderArguments {
    /// The mixes.
    #[arg(required = true, value_name = "MIX")]
    pub(in crate::cli) mixes: Vec<PathBuf>,
    /// The graph: a file, an archive and perhaps a preset (`warm-1.0.0.dwx#dense`), or one that comes with deadwax.
    #[arg(short, long, default_value = deadwax::DEFAULT, value_name = "GRAPH")]
    pub(in crate::cli) graph: String,
    #[command(flatten)]
    pub(in crate::cli) values: GraphArguments,
    /// The master; its ending says what it is to be: .wav, .flac, .aiff and others. With several mixes a folder
    /// [default: a WAV file beside the mix].
    #[arg(short, long, value_name = "OUT")]
    pub(in crate::cli) output: Option<PathBuf>,
    /// Write only this part of the programme, exactly as it is in the whole: `1:04..1:20`.
    #[arg(long, value_name = "FROM..TO")]
    pub(in crate::cli) range: Option<Stretch>,
    /// Write what is on a wire, too, aligned with the mix: `glue`, `split.low`, `input`. May be given again.
    #[arg(long = "tap", value_name = "WIRE")]
    pub(in crate::cli) taps: Vec<String>,
    /// Replace an output that is there. Inputs are never replaced.
    #[arg(short, long)]
    pub(in crate::cli) force: bool,
    /// How samples are written [default: as the graph says, else 24].
    #[arg(long, value_enum, value_name = "BITS")]
    pub(in crate::cli) bits: Option<Bits>,
    /// Say this about the programme (`title=Dawn`, `isrc=DEA012300001`). May be given again.
    #[arg(long = "tag", value_name = "KEY=VALUE", value_parser = tag)]
    pub(in crate::cli) tags: Vec<(String, String)>,
    /// Do not keep what the mix says about itself, and say nothing of loudness; nor does the file hold its recipe, unless
    /// `--recipe` asks for it.
    #[arg(long)]
    pub(in crate::cli) no_tags: bool,
    /// Where the recipe goes, from which `deadwax recall` makes the file again [default: embed].
    #[arg(long, value_enum, value_name = "PLACE")]
    pub(in crate::cli) recipe: Option<Place>,
    /// What to do with nodes of a kind that this program does not know [default: refuse the graph].
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(in crate::cli) ghosts: Option<Pass>,
    /// How to show progress.
    #[arg(long, value_enum, default_value_t = Show::Auto)]
    pub(in crate::cli) progress: Show,
    /// The same bytes on every CPU, where FFTs take part; slower.
    #[arg(long)]
    pub(in crate::cli) portable: bool,
    /// Frames in a block. The result is the same for any number.
    #[arg(long, default_value_t = 2048, value_name = "FRAMES", value_parser = clap::value_parser!(u32).range(1..=1 << 20))]
    pub(in crate::cli) block: u32,
    /// MiB of memory for wires kept between passes; what is beyond goes to a temporary file.
    #[arg(long, default_value_t = 512, value_name = "MIB")]
    pub(in crate::cli) spool_memory: u32,
    /// Write a page about it beside the master, as NAME.report.html.
    #[arg(long)]
    pub(in crate::cli) report: bool,
    /// Keep what nodes learn from the mix (a click map, a noise print) beside the graph, to be read, edited and used again.
    #[arg(long)]
    pub(in crate::cli) learn: bool,
    /// Make every stage anew, and keep none: see `deadwax cache`.
    #[arg(long)]
    pub(in crate::cli) no_cache: bool,
    /// Do not measure before and after.
    #[arg(long)]
    pub(in crate::cli) no_measure: bool,
}

/// Where a recipe goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Place {
    /// Into the file; beside it where its kind has no room.
    Embed,
    /// Beside the file, as NAME.dwr.json.
    Sidecar,
    /// Nowhere, not even into the ledger.
    None,
}

/// What to do with nodes of an unknown kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Pass {
    /// Render without them, where each has one input and one output.
    Bypass,
}

/// How samples are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Bits {
    /// 16 bit integers.
    #[value(name = "16")]
    Int16,
    /// 24 bit integers.
    #[value(name = "24")]
    Int24,
    /// 32 bit integers.
    #[value(name = "32")]
    Int32,
    /// 32 bit floating point.
    #[value(name = "float")]
    Float,
    /// 64 bit floating point.
    #[value(name = "double")]
    Double,
}

fn tag(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.trim().to_owned())),
        _ => {
            Err("write KEY=VALUE, as in `title=Dawn`; nothing behind the sign takes the tag away".to_owned())
        }
    }
}
