//! `deadwax render --learn`: what nodes learn is kept beside the graph.

use super::args::Arguments;
use super::render::RenderArguments;
use super::report::Failed;
use super::{Exit, show};
use clap::CommandFactory;
use clap::error::ErrorKind;
use deadwax::diagnostic::{Code, Diagnostic, SourceMap};
use deadwax::{
    Existing, Graph, GraphRef, LearnError, LessonPlace, Outcome, lesson_places, write_diagnostic,
    write_lessons,
};
use std::path::PathBuf;

/// Where everything is to be kept, before anything is rendered. The graph forgets what it knows: it is to learn anew.
pub(super) fn places(
    arguments: &RenderArguments,
    reference: &GraphRef,
    graph: &mut Graph,
) -> Result<Vec<LessonPlace>, Failed> {
    if !arguments.learn {
        return Ok(Vec::new());
    }
    if arguments.mixes.len() > 1 {
        let error = Arguments::command()
            .error(ErrorKind::ArgumentConflict, "--learn takes one mix: what is learnt is of that mix alone");
        let _ = error.print();
        return Err((Exit::Usage, Vec::new(), SourceMap::default()));
    }
    let places = lesson_places(reference, graph, existing(arguments)).map_err(|error| failed(&error))?;
    graph.lessons.clear();
    Ok(places)
}

/// Writes what was learnt.
pub(super) fn keep(
    arguments: &RenderArguments,
    reference: &GraphRef,
    places: &[LessonPlace],
    outcome: &Outcome,
) -> Result<Vec<PathBuf>, Failed> {
    let Some(graph) = reference.path().filter(|_| !places.is_empty()) else { return Ok(Vec::new()) };
    let kept = write_lessons(graph, places, &outcome.lessons, existing(arguments));
    kept.map(|kept| kept.into_iter().map(|place| place.path).collect()).map_err(|error| failed(&error))
}

fn existing(arguments: &RenderArguments) -> Existing {
    if arguments.force { Existing::Replace } else { Existing::Keep }
}

fn failed(error: &LearnError) -> Failed {
    let message = error.to_string();
    let (exit, diagnostic) = match error {
        LearnError::BuiltIn { name } | LearnError::Packed { name } => {
            let help =
                format!("take a copy first: `deadwax new graph mine.ron --from {name}`, then `-g mine.ron`");
            (Exit::Graph, Diagnostic::general(Code::NotWritten, message).help(help))
        }
        LearnError::Nothing { .. } => {
            let help = "leave `--learn` away; `deadwax nodes` tells which kinds learn";
            (Exit::Graph, Diagnostic::general(Code::LearnsNothing, message).help(help))
        }
        LearnError::Write(error) => (Exit::Output, write_diagnostic(error)),
        _ => (Exit::Output, Diagnostic::general(Code::NotWritten, message)),
    };
    (exit, vec![diagnostic], SourceMap::default())
}

/// A line for every file that was kept.
pub(super) fn told(kept: &[PathBuf], quiet: bool) {
    let label = if quiet { "" } else { "   learnt  " };
    kept.iter().for_each(|path| show::out(&format!("{label}{}", path.display())));
}
