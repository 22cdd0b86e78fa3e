//! Node-graph audio mastering.
//!
//! Mastering stages are nodes in a graph that is written in RON. This crate is the front door for programs: load a graph,
//! check it, render files through it. The `deadwax` command is built on nothing else.
//!
//! ```no_run
//! use deadwax::{GraphRef, Job, Overrides, Settings, registry, render};
//! use std::sync::atomic::AtomicBool;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let graph = GraphRef::parse("streaming")?.load(&registry(), &Overrides::none())?;
//! let job = Job { input: "mix.wav".into(), output: "master.wav".into() };
//! let cancel = AtomicBool::new(false);
//! let done = render(&graph, &job, &Settings::default(), &cancel, &|at| println!("{:.1} s", at.seconds))?;
//! println!("{:?}", done.files[0].after);
//! # Ok(())
//! # }
//! ```
//!
//! To add node kinds of your own, register them beside the library's: `registry().register::<MyNode>()`. [`command`] is the
//! whole command, with whatever kinds a program hands it; `deadwax new node` writes such a program.

// The command is built on what every program sees of this crate, under the name that it has there.
extern crate self as deadwax;

pub mod album;
mod assets;
mod builtin;
mod cli;
pub mod codecs;
mod compare;
pub mod draw;
mod explain;
mod files;
pub mod inspect;
mod learned;
mod levels;
mod measure;
mod new;
mod pages;
pub mod preflight;
pub mod promise;
pub mod recipe;
mod render;
pub mod report;
mod revision;
mod set;
mod stages;
pub mod template;

pub use builtin::{BUILT_IN, DEFAULT, GraphRef, UnknownGraph};
pub use cli::command;
pub use compare::{Aligned, CompareError, CompareSettings, Comparison, Difference, Side, ToneBand, compare};
pub use deadwax_audio::{
    Container, Encoding, Existing, Metadata, ReadError, WriteError, read_metadata, write_text,
};
pub use deadwax_engine::{Plan, Progress, RunError};
pub use deadwax_graph::diagnostic;
pub use deadwax_graph::diff;
pub use deadwax_graph::format::format as format_graph;
pub use deadwax_graph::model::NotAsked;
pub use deadwax_graph::{Errors, Ghosts, Graph, Overrides, load};
pub use deadwax_measure::{Measured, Pooled, Wanted};
pub use deadwax_node::{Format, Layout, Registry};
pub use deadwax_nodes::registry;
pub use deadwax_platforms as platforms;
pub use explain::explain;
pub use files::{FileSink, FileSource, Target};
pub use learned::{LearnError, LessonPlace, lesson_places, write_lessons};
pub use levels::{Levels, hear_levels, levels_of_demo};
pub use measure::{Album, Heard, Track, album_facts, facts, listen, measure, programme_of};
pub use new::{NameError, NewError, NewNodeError, NodeHome, NodeMade, NodeName, Origin, new_graph, new_node};
pub use pages::error_page;
pub use render::{
    Job, Outcome, RecipePlace, RenderError, Rendered, Settings, Stretch, StretchError, default_output, plan,
    read_diagnostic, render, write_diagnostic,
};
pub use revision::Revision;
pub use set::{Changed, SetError, set_values};
pub use stages::Stages;

/// The README's Rust compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;

/// So does the node in ten minutes.
#[cfg(doctest)]
#[doc = include_str!("../../../CONTRIBUTING.md")]
pub struct Contributing;
