//! The command line: reads arguments, calls the library, shows what comes of it.
//!
//! Results go to standard output, everything else to standard error.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is the program that prints")]

mod album;
mod args;
mod cache;
mod check;
mod chosen;
mod codecs;
mod compare;
mod describe;
mod diff;
mod fmt;
mod inspect;
mod learn;
mod lsp;
mod measure;
mod new;
mod preflight;
mod progress;
mod recall;
mod remarks;
mod render;
mod report;
mod set;
mod show;
mod template;
mod watch;

use args::{Arguments, Command, Kinds};
use clap::Parser;
use clap::error::ErrorKind;
use deadwax::Registry;
use std::io::Write as _;
use std::process::ExitCode;

/// What the program says in the end to who called it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// Done, and the answer is no.
    No = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The graph does not compile.
    Graph = 3,
    /// An input cannot be read.
    Input = 4,
    /// An output cannot be written.
    Output = 5,
    /// The render failed.
    Failed = 6,
    /// A template is not there, or is not what it should be.
    Template = 7,
    /// Interrupted.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

const WELCOME: &str = "deadwax: a mix in, a master out, through a graph that a person can read

  deadwax render mix.wav                    a master, no graph needed
  deadwax explain streaming                 what was done to it, in plain words
  deadwax draw streaming                    and as a picture
  deadwax render mix.wav --set loudness=-12 one number changed
  deadwax new graph warm.ron                a graph of your own, to begin with
  deadwax set warm.ron glue.ratio=2         one number in it
  deadwax watch warm.ron mix.wav            rendered again at every save
  deadwax recall mix.streaming.wav          what made this file, and whether it still does
  deadwax nodes                             what graphs are made of
  deadwax inspect mix.wav                   what is broken in it, and what mends it
  deadwax measure mix.streaming.wav         loudness and peaks
  deadwax compare mix.wav mix.streaming.wav what became of it
  deadwax report mix.streaming.wav          a page about it

`deadwax --help` lists everything.";

/// Runs the `deadwax` command on the arguments of this process, with the kinds of nodes that `registry` gives: the library's,
/// and perhaps others.
#[must_use]
pub fn command(registry: fn() -> Registry) -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(mut arguments) => {
            arguments.global.kinds = Kinds(registry);
            arguments
        }
        Err(error) => {
            let _ = error.print();
            let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            return if asked { Exit::Done } else { Exit::Usage }.into();
        }
    };
    quiet_panics();
    let global = &arguments.global;
    let exit = match &arguments.command {
        None => {
            let _ = writeln!(std::io::stdout(), "{WELCOME}");
            Exit::Done
        }
        Some(Command::Render(arguments)) => render::run(arguments, global),
        Some(Command::Check(arguments)) => check::run(arguments, global),
        Some(Command::Explain(arguments)) => describe::explain(arguments, global),
        Some(Command::New(arguments)) => new::run(arguments, global),
        Some(Command::Set(arguments)) => set::run(arguments, global),
        Some(Command::Fmt(arguments)) => fmt::run(arguments, global),
        Some(Command::Diff(arguments)) => diff::run(arguments, global),
        Some(Command::Draw(arguments)) => describe::draw(arguments, global),
        Some(Command::Nodes(arguments)) => describe::nodes(arguments, global),
        Some(Command::Measure(arguments)) => measure::run(arguments, global),
        Some(Command::Inspect(arguments)) => inspect::run(arguments, global),
        Some(Command::Preflight(arguments)) => preflight::run(arguments, global),
        Some(Command::Codecs(arguments)) => codecs::run(arguments, global),
        Some(Command::Compare(arguments)) => compare::run(arguments, global),
        Some(Command::Report(arguments)) => report::run(arguments, global),
        Some(Command::Lsp(arguments)) => lsp::run(arguments, global),
        Some(Command::Recall(arguments)) => recall::run(arguments, global),
        Some(Command::Watch(arguments)) => watch::run(arguments, global),
        Some(Command::Template(arguments)) => template::run(arguments, global),
        Some(Command::Album(arguments)) => album::run(arguments, global),
        Some(Command::Cache(arguments)) => cache::run(arguments, global),
    };
    exit.into()
}

/// A node that panics is reported as an error with its name; the panic's own message would only be in the way.
fn quiet_panics() {
    if std::env::var_os("RUST_BACKTRACE").is_none_or(|wanted| wanted == "0") {
        std::panic::set_hook(Box::new(|_| {}));
    }
}
