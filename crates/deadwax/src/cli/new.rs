//! `deadwax new`: files to begin with.

use super::args::Global;
use super::template::allowed;
use super::{Exit, show};
use clap::{Args, Subcommand};
use deadwax::album::StartError;
use deadwax::diagnostic::{Code, Diagnostic, SourceMap};
use deadwax::{
    Existing, GraphRef, NameError, NewError, NewNodeError, NodeHome, NodeMade, NodeName, Origin, new_graph,
    new_node, write_diagnostic, write_text,
};
use deadwax_node::Family;
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(super) struct NewArguments {
    /// What to write.
    #[command(subcommand)]
    what: New,
}

#[derive(Debug, Subcommand)]
enum New {
    /// A graph of your own, as a copy of another.
    Graph(NewGraphArguments),
    /// A kind of node of your own: a file of the library in a clone of deadwax, else a small crate.
    #[command(after_help = "Examples:
  deadwax new node house-exciter
  deadwax new node HouseExciter --family tone
  deadwax new node house-exciter --deadwax ../deadwax")]
    Node(NewNodeArguments),
    /// An album of mixes, in their order.
    #[command(after_help = "Examples:
  deadwax new album album.ron
  deadwax new album album.ron mixes/*.wav")]
    Album(NewAlbumArguments),
}

#[derive(Debug, Args)]
struct NewAlbumArguments {
    /// The document.
    #[arg(value_name = "ALBUM.ron")]
    path: PathBuf,
    /// The mixes, which lie below the folder of the document.
    #[arg(value_name = "MIX")]
    mixes: Vec<PathBuf>,
    /// Write the SHA-256 of every mix into the document, so that no other file is taken for it.
    #[arg(long)]
    hash: bool,
    /// Replace a file that is there.
    #[arg(short, long)]
    force: bool,
}

#[derive(Debug, Args)]
struct NewNodeArguments {
    /// What it is called: `HouseExciter`, or `house-exciter`.
    #[arg(value_name = "NAME")]
    name: String,
    /// The family it belongs to.
    #[arg(long, default_value = "gain", value_name = "FAMILY", value_parser = family)]
    family: Family,
    /// Make a crate that finds deadwax here: a clone, a git address, or a version [default: the git repository of deadwax].
    #[arg(long, value_name = "PATH|URL|VERSION")]
    deadwax: Option<String>,
}

fn family(text: &str) -> Result<Family, String> {
    let name = |family: &Family| format!("{family:?}").to_lowercase();
    let found = Family::ALL.iter().find(|family| name(family) == text.to_lowercase());
    found
        .copied()
        .ok_or_else(|| format!("there are {}", Family::ALL.iter().map(name).collect::<Vec<_>>().join(", ")))
}

#[derive(Debug, Args)]
struct NewGraphArguments {
    /// The file.
    #[arg(value_name = "FILE")]
    path: PathBuf,
    /// The graph to begin with: a file, or one that comes with deadwax.
    #[arg(long, default_value = deadwax::DEFAULT, value_name = "GRAPH")]
    from: String,
    /// Replace a file that is there.
    #[arg(short, long)]
    force: bool,
}

/// Writes what is wanted.
pub(super) fn run(arguments: &NewArguments, global: &Global) -> Exit {
    match &arguments.what {
        New::Graph(arguments) => graph(arguments, global),
        New::Node(arguments) => node(arguments, global),
        New::Album(arguments) => album(arguments, global),
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
    told(&path, written, "render mix.wav -g", global)
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

/// An album of mixes.
fn album(arguments: &NewAlbumArguments, global: &Global) -> Exit {
    let path = graph_file(&arguments.path);
    let existing = if arguments.force { Existing::Replace } else { Existing::Keep };
    let begun =
        deadwax::album::new_album(&path, &arguments.mixes, arguments.hash).map_err(|error| match error {
            StartError::Read(error) => (Exit::Input, vec![deadwax::read_diagnostic(&error)]),
            StartError::Hash { .. } => {
                (Exit::Input, vec![Diagnostic::general(Code::AudioNotRead, error.to_string())])
            }
            StartError::Outside(_) => {
                let diagnostic = Diagnostic::general(Code::ForbiddenPath, error.to_string());
                (
                    Exit::Usage,
                    vec![diagnostic.help("write the album into a folder that holds the mixes, too")],
                )
            }
        });
    let written = begun.and_then(|text| {
        write_text(&path, &text, existing, &arguments.mixes)
            .map_err(|error| (Exit::Output, vec![write_diagnostic(&error)]))
    });
    told(&path, written, "album check", global)
}

/// Tells that the file at `path` was written, and the command that comes next; or why it was not.
fn told(path: &Path, written: Result<(), (Exit, Vec<Diagnostic>)>, next: &str, global: &Global) -> Exit {
    let (exit, errors) = match written {
        Ok(()) => (Exit::Done, Vec::new()),
        Err(failed) => failed,
    };
    show::diagnostics(&errors, &SourceMap::default(), global);
    if global.json {
        let ok = exit == Exit::Done;
        show::json("new", ok, json!({"path": ok.then_some(path)}), &[(errors, SourceMap::default())]);
    } else if exit == Exit::Done {
        show::out(&path.display().to_string());
        if !global.quiet {
            show::out(&format!("     next  deadwax {next} {}", path.display()));
        }
    }
    exit
}

/// A kind of node, in the library of a clone or in a crate.
fn node(arguments: &NewNodeArguments, global: &Global) -> Exit {
    let home = NodeHome::of(Path::new("."), arguments.deadwax.as_deref().map(Origin::parse));
    let name = arguments.name.parse::<NodeName>().and_then(|name| name.free_in(&global.registry()));
    let made = name
        .map_err(NewNodeError::from)
        .and_then(|name| new_node(&name, arguments.family, &home).map(|made| (name, made)));
    match made {
        Ok((name, made)) if global.json => {
            let by_hand: Vec<_> =
                made.by_hand.iter().map(|(path, line)| json!({"path": path, "line": line})).collect();
            let body =
                json!({"kind": name.kind, "path": made.node, "others": made.others, "by_hand": by_hand});
            show::json("new", true, body, &[]);
            Exit::Done
        }
        Ok((name, made)) => {
            tell_node(&name, &made, &home, global);
            Exit::Done
        }
        Err(error) => {
            let (exit, diagnostic) = refused(&error);
            show::diagnostics(std::slice::from_ref(&diagnostic), &SourceMap::default(), global);
            if global.json {
                show::json("new", false, json!({"path": null}), &[(vec![diagnostic], SourceMap::default())]);
            }
            exit
        }
    }
}

fn tell_node(name: &NodeName, made: &NodeMade, home: &NodeHome, global: &Global) {
    let plain = |path: &Path| path.strip_prefix(".").unwrap_or(path).display().to_string();
    show::out(&plain(&made.node));
    if global.quiet {
        return;
    }
    for path in &made.others {
        show::out(&format!("          {}", plain(path)));
    }
    for (path, line) in &made.by_hand {
        show::out(&format!("  by hand  {}: {line}", path.display()));
    }
    show::out(&match home {
        NodeHome::Library(_) => {
            "     next  cargo test -p deadwax-nodes · cargo xtask codegen · cargo xtask tidy".to_owned()
        }
        NodeHome::Crate(..) => {
            format!("     next  cd {} && cargo test && cargo run -- nodes {}", name.package, name.kind)
        }
    });
}

fn refused(error: &NewNodeError) -> (Exit, Diagnostic) {
    let general = |code, help| Diagnostic::general(code, error.to_string()).help(help);
    match error {
        NewNodeError::Name(NameError::Kind(_)) => {
            (Exit::Usage, general(Code::TakenName, "take another name"))
        }
        NewNodeError::Name(_) => {
            let help = "a name has letters, digits and dashes, and begins with a letter: `house-exciter`";
            (Exit::Usage, general(Code::BadName, help))
        }
        NewNodeError::Write(error) => (Exit::Output, write_diagnostic(error)),
        _ => (Exit::Input, general(Code::NotWritten, "look at the files of the clone")),
    }
}
