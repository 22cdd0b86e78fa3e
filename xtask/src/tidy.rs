//! House rules that a program can check. Each complaint says what to do.

use crate::{TaskError, read, root};
use deadwax_nodes::registry;
use std::path::{Path, PathBuf};

/// Words that mark unfinished work, and paths of somebody's machine.
const FORBIDDEN: [&str; 8] =
    ["TODO", "FIXME", "XXX", "todo!(", "unimplemented!(", "/home/", "/Users/", "/root/"];

/// Files beyond this many lines ask for a redesign.
const MOST_LINES: usize = 560;

/// Checks everything, and complains of everything at once.
pub(crate) fn check() -> Result<(), TaskError> {
    let mut complaints = Vec::new();
    let sources = rust_files(&root())?;
    nodes(&sources, &mut complaints)?;
    for path in &sources {
        source(path, &read(path)?, &mut complaints);
    }
    if complaints.is_empty() { Ok(()) } else { Err(TaskError::Untidy(complaints)) }
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>, TaskError> {
    let io = |cause| TaskError::Io { path: folder.to_owned(), cause };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(io)? {
        let path = entry.map_err(io)?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            found.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// `MidSideEncode` as `mid_side_encode`.
fn snake(kind: &str) -> String {
    let mut text = String::new();
    for letter in kind.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

/// Every kind has a file of its own name, with its parts in the order of the house.
fn nodes(sources: &[PathBuf], complaints: &mut Vec<String>) -> Result<(), TaskError> {
    for kind in registry().kinds() {
        let file = format!("{}.rs", snake(kind.name()));
        let home = root().join("nodes/src");
        let found = sources
            .iter()
            .find(|path| path.starts_with(&home) && path.file_name().is_some_and(|name| *name == *file));
        let Some(path) = found else {
            complaints.push(format!("{}: write it in nodes/src/<family>/{file}", kind.name()));
            continue;
        };
        let text = read(path)?;
        let parts = ["//!", "#[params]", "impl Node for", "impl "];
        let places: Vec<Option<usize>> = parts[..3].iter().map(|part| text.find(part)).collect();
        if places.iter().any(Option::is_none) || places.windows(2).any(|pair| pair[0] > pair[1]) {
            let order = "what it does (//!), parameters (#[params]), ports and formats (impl Node), state, process, tests";
            complaints.push(format!("{}: keep the order of a node file: {order}", path.display()));
        }
        let body = kind.about.example.strip_prefix(kind.name()).map(str::trim);
        let example = body.and_then(|body| kind.from_ron(if body.is_empty() { "()" } else { body }).ok());
        if example.is_none_or(|node| !node.problems().is_empty()) {
            complaints.push(format!("{}: its example `{}` is not one", kind.name(), kind.about.example));
        }
    }
    Ok(())
}

/// Whether `word` stands in `text`, and not within a longer word.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| !text[..at].ends_with(|before: char| before.is_alphanumeric()))
}

fn source(path: &Path, text: &str, complaints: &mut Vec<String>) {
    let shown = path.strip_prefix(root()).unwrap_or(path).display();
    // This file names the words it looks for.
    if !path.ends_with("xtask/src/tidy.rs") {
        for word in FORBIDDEN.iter().filter(|word| has_word(text, word)) {
            complaints.push(format!("{shown}: `{word}`: finish it, or say it in an issue"));
        }
    }
    let lines = text.lines().count();
    if lines > MOST_LINES {
        complaints.push(format!("{shown}: {lines} lines: is it still one thing?"));
    }
    let headed = text.trim_start().starts_with("//!") || text.trim_start().starts_with("#![");
    if !headed {
        complaints.push(format!("{shown}: say in a `//!` line at the top what it is"));
    }
}
