//! What may be written on the command line.

use super::album::AlbumArguments;
use super::cache::CacheArguments;
use super::codecs::CodecsArguments;
use super::diff::DiffArguments;
use super::fmt::FmtArguments;
use super::new::NewArguments;
use super::preflight::PreflightArguments;
use super::recall::RecallArguments;
use super::render::RenderArguments;
use super::set::SetArguments;
use super::template::TemplateArguments;
use super::watch::WatchArguments;
use clap::{Args, Parser, Subcommand, ValueEnum};
use deadwax::Registry;
use std::path::PathBuf;

/// Node-graph audio mastering: a mix in, a master out, through a graph that a person can read.
#[derive(Debug, Parser)]
#[command(name = "deadwax", version, max_term_width = 100, after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) global: Global,
}

const EXAMPLES: &str = "Examples:
  deadwax render mix.wav
  deadwax render mix.wav -g three-band-glue --set loudness=-12
  deadwax explain streaming";

/// Flags that every command has. They stand behind its own, whatever number of commands there is.
#[derive(Clone, Debug, Args)]
pub(super) struct Global {
    /// Say nothing but errors and results.
    #[arg(short, long, global = true, display_order = 900)]
    pub(super) quiet: bool,
    /// One JSON object on standard output.
    #[arg(long, global = true, display_order = 901)]
    pub(super) json: bool,
    /// When to use colour.
    #[arg(long, value_enum, default_value_t = Colour::Auto, global = true, display_order = 902)]
    pub(super) color: Colour,
    /// How many workers [default: as many as there are cores]. The result is the same for any number.
    #[arg(short, long, global = true, display_order = 903, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) jobs: Option<u16>,
    /// Use of templates only what was fetched before, and ask no network.
    #[arg(long, global = true, display_order = 904)]
    pub(super) offline: bool,
    /// Use of templates only what deadwax.lock pins, and do not change it.
    #[arg(long, global = true, display_order = 905)]
    pub(super) locked: bool,
    /// The kinds of nodes of this program.
    #[arg(skip)]
    pub(super) kinds: Kinds,
}

impl Global {
    /// The kinds of nodes of this program.
    pub(super) fn registry(&self) -> Registry {
        (self.kinds.0)()
    }
}

/// Where the kinds of nodes come from: the library, and whatever a program adds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kinds(pub(super) fn() -> Registry);

impl Default for Kinds {
    fn default() -> Self {
        Self(deadwax::registry)
    }
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Colour {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How to show progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Show {
    /// Bars on a terminal, a line per pass elsewhere.
    Auto,
    /// Bars.
    Bar,
    /// A line per pass.
    Plain,
    /// A JSON object per event, on standard error.
    Json,
    /// Nothing.
    None,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a master of a mix.
    #[command(
        visible_alias = "master",
        after_help = "Examples:
  deadwax render mix.wav
  deadwax render *.wav -g cd
  deadwax render mix.wav -o master.flac --tag title=Dawn
  deadwax render mix.wav --preset dense --set ceiling=-2 -o master.wav"
    )]
    Render(RenderArguments),
    /// Look for errors in graphs, without rendering.
    #[command(after_help = "Examples:
  deadwax check my.ron
  deadwax check my.ron --input mix.wav
  deadwax check streaming --json")]
    Check(CheckArguments),
    /// Say in plain words what a graph does, or what an error code means.
    #[command(after_help = "Examples:
  deadwax explain streaming
  deadwax explain my.ron --plan
  deadwax explain DW0210")]
    Explain(ExplainArguments),
    /// Write a file to begin with.
    #[command(after_help = "Examples:
  deadwax new graph mine.ron
  deadwax new graph transfers/side-a.ron --from restore-vinyl
  deadwax new node house-exciter")]
    New(NewArguments),
    /// Set values in a graph or album; nothing else of it changes.
    #[command(after_help = "Examples:
  deadwax set warm.ron glue.ratio=2
  deadwax set warm.ron loudness=-12 ceiling=-2
  deadwax set warm.ron \"about.title=A warmer master\"
  deadwax set album.ron tracks.one.offset_db=-1.5 deliver.cd.limit=74:00:00")]
    Set(SetArguments),
    /// Lay graphs and albums out: one way for all, comments and order kept.
    #[command(after_help = "Examples:
  deadwax fmt warm.ron
  deadwax fmt graphs/*.ron album.ron --check
  deadwax fmt - < warm.ron")]
    Fmt(FmtArguments),
    /// Say in words what differs between two graphs.
    #[command(after_help = "Examples:
  deadwax diff streaming warm.ron
  deadwax diff warm.ron@HEAD~1 warm.ron
  deadwax diff streaming cd --json")]
    Diff(DiffArguments),
    /// Draw a graph.
    #[command(after_help = "Examples:
  deadwax draw three-band-glue
  deadwax draw my.ron -o my.svg --levels mix.wav
  deadwax draw my.ron --as mermaid")]
    Draw(DrawArguments),
    /// List the kinds of nodes, or tell about one.
    #[command(after_help = "Examples:
  deadwax nodes
  deadwax nodes Compressor
  deadwax nodes --schema
  deadwax nodes --json")]
    Nodes(NodesArguments),
    /// Measure loudness and peaks of audio files.
    #[command(after_help = "Examples:
  deadwax measure master.wav
  deadwax measure album/*.flac --for spotify,tidal
  deadwax measure master.wav --for cd,ebu-r128 --json")]
    Measure(MeasureArguments),
    /// Find what is broken in a recording: clicks, clipping, hum, hiss and more, and what mends it.
    #[command(after_help = "Examples:
  deadwax inspect mix.wav
  deadwax inspect side-a.wav --graph side-a.ron
  deadwax inspect transfers/*.wav --json")]
    Inspect(InspectArguments),
    /// Look through files before they are sent off: ends, joints, phase, bits, where they come from, peaks.
    #[command(after_help = "Examples:
  deadwax preflight master.wav
  deadwax preflight album/*.flac --gapless --for spotify,apple-music
  deadwax preflight mixes/*.wav --json")]
    Preflight(PreflightArguments),
    /// Find out what the coders of services make of the peaks of files, with the ffmpeg of this machine.
    #[command(after_help = "Examples:
  deadwax codecs master.wav
  deadwax codecs album/*.flac --overs overs.csv
  deadwax codecs master.wav --fail-over 0 --json")]
    Codecs(CodecsArguments),
    /// Lay two files over each other: aligned, as loud as each other, one taken from the other.
    #[command(after_help = "Examples:
  deadwax compare mix.wav mix.streaming.wav
  deadwax compare a.wav b.wav --null difference.wav
  deadwax compare old.wav new.wav --no-match --max-diff -90")]
    Compare(CompareArguments),
    /// Write a page about audio files: measurements, playback on services, pictures.
    #[command(after_help = "Examples:
  deadwax report master.wav
  deadwax report mix.streaming.wav --before mix.wav --graph streaming
  deadwax report album/*.flac -o album.html --for spotify,cd")]
    Report(ReportArguments),
    /// Help an editor with graphs and albums, over standard input and output (Language Server Protocol).
    #[command(after_help = "Examples:
  deadwax lsp
  deadwax lsp --stdio
  deadwax lsp --help")]
    Lsp(super::lsp::LspArguments),
    /// Render again at every save of a graph, and tell only what moved.
    #[command(after_help = "Examples:
  deadwax watch warm.ron mix.wav
  deadwax watch warm.ron mix.wav --range 1:04..1:20
  deadwax watch warm.ron mix.wav --preset quiet -o try.wav")]
    Watch(WatchArguments),
    /// Find the recipe of a file that deadwax has made, and write its graph.
    #[command(after_help = "Examples:
  deadwax recall mix.streaming.wav
  deadwax recall \"Harbour FINAL final.flac\" -o harbour
  deadwax recall mix.streaming.wav --verify mix.wav")]
    Recall(RecallArguments),
    /// Templates: graphs with everything they need, in one file.
    #[command(after_help = "Examples:
  deadwax template show streaming
  deadwax template pack warm.ron
  deadwax template verify warm-1.0.0.dwx")]
    Template(TemplateArguments),
    /// Albums: one document for the tracks, what follows what, and what is made of it.
    #[command(after_help = "Examples:
  deadwax new album album.ron mixes/*.wav
  deadwax album check album.ron
  deadwax album check album.ron --json")]
    Album(AlbumArguments),
    /// Tell how much room rendered stages take that are kept to be used again, or free it.
    #[command(after_help = "Examples:
  deadwax cache
  deadwax cache --clear
  deadwax render mix.wav --no-cache")]
    Cache(CacheArguments),
}

/// Which graph, and what is set in it.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct GraphArguments {
    /// A preset of the graph.
    #[arg(long, value_name = "NAME")]
    pub(super) preset: Option<String>,
    /// Set a param (`loudness=-12`), or any field (`glue.ratio=2`). May be given again.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
    pub(super) values: Vec<(String, String)>,
    /// The file of a recording that the graph asks for (`room=hall.wav`). May be given again.
    #[arg(long = "asset", value_name = "NAME=FILE", value_parser = asset)]
    pub(super) assets: Vec<(String, PathBuf)>,
}

pub(super) fn asset(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, file)) if !name.trim().is_empty() && !file.is_empty() => {
            Ok((name.trim().to_owned(), PathBuf::from(file)))
        }
        _ => Err("write NAME=FILE, as in `room=hall.wav`".to_owned()),
    }
}

pub(super) fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() && !value.trim().is_empty() => {
            Ok((key.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("write KEY=VALUE, as in `loudness=-12`".to_owned()),
    }
}

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// The graphs.
    #[arg(required = true, value_name = "GRAPH")]
    pub(super) graphs: Vec<String>,
    /// Check for the format of this file [default: stereo at 44.1 kHz].
    #[arg(long, value_name = "MIX")]
    pub(super) input: Option<PathBuf>,
    #[command(flatten)]
    pub(super) values: GraphArguments,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    /// A graph, or an error code.
    #[arg(value_name = "GRAPH|CODE")]
    pub(super) what: String,
    /// The plan itself: passes, chains of nodes, and what lies between them.
    #[arg(long)]
    pub(super) plan: bool,
    #[command(flatten)]
    pub(super) values: GraphArguments,
}

#[derive(Debug, Args)]
pub(super) struct DrawArguments {
    /// The graph.
    #[arg(value_name = "GRAPH")]
    pub(super) graph: String,
    /// The file; its ending says how: .svg, .dot, .mmd [default: the terminal].
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// How to draw on standard output.
    #[arg(long = "as", value_enum, value_name = "FORM")]
    pub(super) form: Option<Form>,
    /// Send this file through the graph, and tell at every wire how loud it is there.
    #[arg(long, value_name = "MIX")]
    pub(super) levels: Option<PathBuf>,
    /// For that, the file of a recording that the graph asks for (`room=hall.wav`). May be given again.
    #[arg(long = "asset", requires = "levels", value_name = "NAME=FILE", value_parser = asset)]
    pub(super) assets: Vec<(String, PathBuf)>,
    /// Replace a file that is there.
    #[arg(short, long)]
    pub(super) force: bool,
}

/// How to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// With letters and lines.
    Terminal,
    /// As a picture.
    Svg,
    /// For Graphviz.
    Dot,
    /// For Markdown.
    Mermaid,
}

#[derive(Debug, Args)]
pub(super) struct NodesArguments {
    /// One kind.
    #[arg(value_name = "KIND")]
    pub(super) kind: Option<String>,
    /// Print the JSON Schema of a graph of these kinds, which says how RON maps to JSON.
    #[arg(long, conflicts_with = "kind")]
    pub(super) schema: bool,
}

#[derive(Debug, Args)]
pub(super) struct MeasureArguments {
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) platforms: PlatformArguments,
    /// All files together too, as one album.
    #[arg(long)]
    pub(super) album: bool,
    /// Comma-separated values instead of a table.
    #[arg(long, conflicts_with = "json")]
    pub(super) csv: bool,
}

/// Which rules of platforms are asked.
#[derive(Clone, Debug, Args)]
pub(super) struct PlatformArguments {
    /// What these services do with it and whether these standards are met: `spotify,cd`, or `all`.
    #[arg(long = "for", value_name = "NAMES", value_delimiter = ',')]
    pub(super) names: Vec<String>,
    /// Rules of your own instead of those that come with deadwax.
    #[arg(long, value_name = "FILE")]
    pub(super) platforms: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct InspectArguments {
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// Write a graph that mends what was found; a folder for one of each file.
    #[arg(short, long, value_name = "GRAPH")]
    pub(super) graph: Option<PathBuf>,
    /// Replace a graph that is there.
    #[arg(short, long)]
    pub(super) force: bool,
    /// Show up to a hundred places of each fault instead of five.
    #[arg(short, long)]
    pub(super) all: bool,
    /// How to show progress.
    #[arg(long, value_enum, default_value_t = Show::Auto)]
    pub(super) progress: Show,
}

#[derive(Debug, Args)]
pub(super) struct CompareArguments {
    /// The first file.
    #[arg(value_name = "A")]
    pub(super) a: PathBuf,
    /// The second file.
    #[arg(value_name = "B")]
    pub(super) b: PathBuf,
    /// Leave levels as they are.
    #[arg(long)]
    pub(super) no_match: bool,
    /// Write the difference as a WAV file of 24 bit.
    #[arg(long, value_name = "FILE")]
    pub(super) null: Option<PathBuf>,
    /// Replace that file when it is there. A and B are never replaced.
    #[arg(short, long)]
    pub(super) force: bool,
    /// Exit 1 when the difference has more power than A by this: `-60` is a millionth of it.
    #[arg(long, value_name = "DB", allow_hyphen_values = true, value_parser = finite)]
    pub(super) max_diff: Option<f64>,
}

pub(super) fn finite(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|number: &f64| number.is_finite())
        .ok_or_else(|| "write a number of dB, as in `-60`".to_owned())
}

#[derive(Debug, Args)]
pub(super) struct ReportArguments {
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// The page [default: beside the file, as NAME.report.html].
    #[arg(short, long, value_name = "PAGE")]
    pub(super) output: Option<PathBuf>,
    /// Replace a page that is there. Audio files are never replaced.
    #[arg(short, long)]
    pub(super) force: bool,
    /// What the file was made of, to show both.
    #[arg(long, value_name = "MIX")]
    pub(super) before: Option<PathBuf>,
    /// The graph that made it, to show what it does.
    #[arg(short, long, value_name = "GRAPH")]
    pub(super) graph: Option<String>,
    #[command(flatten)]
    pub(super) values: GraphArguments,
    #[command(flatten)]
    pub(super) platforms: PlatformArguments,
    /// What stands on top [default: the file's name].
    #[arg(long, value_name = "TEXT")]
    pub(super) title: Option<String>,
    /// Who it is for.
    #[arg(long, value_name = "TEXT")]
    pub(super) client: Option<String>,
    /// Who did it.
    #[arg(long, value_name = "TEXT")]
    pub(super) engineer: Option<String>,
    /// What else to know.
    #[arg(long, value_name = "TEXT")]
    pub(super) notes: Option<String>,
}
