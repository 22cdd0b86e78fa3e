//! `deadwax new`: files to begin with.

use super::args::{Global, New, NewArguments, NewGraphArguments};
use super::template::allowed;
use super::{Exit, show};
use deadwax::diagnostic::{Code, Diagnostic, SourceMap};
use deadwax::{Existing, GraphRef, NewError, new_graph, write_diagnostic, write_text};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Writes what is wanted.
pub(super) fn run(arguments: &NewArguments, global: &Global) -> Exit {
    match &arguments.what {
        New::Graph(arguments) => graph(arguments, global),
    }
}

/// The file of a graph that a person names, with or without its ending.
pub(super) fn graph_file(named: &Path) -> PathBuf {
    if named.extension().is_some_and(|ending| ending == "ron") {
        return named.to_owned();
    }
    let mut whole = named.as_os_str().to_owned();
    whole.push(".ron");
    whole.into()
}

/// A graph, of the program's own or of a person's.
fn graph(arguments: &NewGraphArguments, global: &Global) -> Exit {
    let path = graph_file(&arguments.path);
    let written = text(arguments, &path, global).and_then(|text| {
        let existing = if arguments.force { Existing::Replace } else { Existing::Keep };
        write_text(&path, &text, existing, &[])
            .map_err(|error| (Exit::Output, vec![write_diagnostic(&error)]))
    });
    let (exit, errors) = match written {
        Ok(()) => (Exit::Done, Vec::new()),
        Err(failed) => failed,
    };
    show::diagnostics(&errors, &SourceMap::default(), global);
    if global.json {
        let ok = exit == Exit::Done;
        show::json("new", ok, json!({"path": ok.then_some(&path)}), &[(errors, SourceMap::default())]);
    } else if exit == Exit::Done {
        show::out(&path.display().to_string());
        if !global.quiet {
            show::out(&format!("     next  deadwax render mix.wav -g {}", path.display()));
        }
    }
    exit
}

fn text(
    arguments: &NewGraphArguments,
    path: &Path,
    global: &Global,
) -> Result<String, (Exit, Vec<Diagnostic>)> {
    let from = GraphRef::parse(&arguments.from).map_err(|error| {
        (Exit::Graph, vec![Diagnostic::general(Code::GraphNotRead, error.to_string()).help(error.help())])
    })?;
    new_graph(&from.allowed(allowed(global)), path).map_err(|error| {
        let help = match error {
            NewError::Read { .. } => "is the name right?",
            NewError::NamesOthers { .. } => "copy the whole folder, or put the new graph into the same one",
            _ => "`deadwax check` tells what is wrong with it",
        };
        (Exit::Graph, vec![Diagnostic::general(Code::GraphNotRead, error.to_string()).help(help)])
    })
}
