//! Tasks of the project: the demo mix, the generated pages, the tidy checks. `cargo xtask` lists them.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints")]

mod albums;
mod codegen;
mod demo;
mod graphs;
mod portrait;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const HELP: &str =
    "cargo xtask demo [--check]      compose the demo mix, or see that it is the one that is there
cargo xtask codegen [--check]   write reference pages and schema, or see that they are fresh
cargo xtask tidy                see that the house rules are kept";

/// What a task found, or what stopped it.
#[derive(Debug, thiserror::Error)]
enum TaskError {
    #[error("{path}: {cause}")]
    Io { path: PathBuf, cause: std::io::Error },
    #[error("{path}: {reason}")]
    Flac { path: PathBuf, reason: String },
    #[error("{0}")]
    Stale(String),
    #[error("{}", .0.join("\n"))]
    Untidy(Vec<String>),
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["demo"] => demo::write(),
        ["demo", "--check"] => demo::check(),
        ["codegen"] => codegen::write(),
        ["codegen", "--check"] => codegen::check(),
        ["tidy"] => tidy::check(),
        _ => {
            println!("{HELP}");
            return if words.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) };
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The top of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned).unwrap_or_default()
}

fn read(path: &Path) -> Result<String, TaskError> {
    std::fs::read_to_string(path).map_err(|cause| TaskError::Io { path: path.to_owned(), cause })
}

fn write(path: &Path, text: &str) -> Result<(), TaskError> {
    let io = |cause| TaskError::Io { path: path.to_owned(), cause };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(io)?;
    }
    std::fs::write(path, text).map_err(io)
}
