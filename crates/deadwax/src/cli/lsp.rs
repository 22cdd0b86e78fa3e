//! `deadwax lsp`: an editor's help.

use super::args::Global;
use super::{Exit, show};
use clap::Args;
use deadwax::diagnostic::{Code, Diagnostic, SourceMap};
use deadwax_lsp::ServeError;
use lsp_server::Connection;

/// Nothing needs to be said: the editor does the talking.
#[derive(Debug, Args)]
pub(super) struct LspArguments {
    /// Over standard input and output, which is the only way there is: some editors say so.
    #[arg(long)]
    stdio: bool,
}

/// Serves the editor until it is done.
pub(super) fn run(arguments: &LspArguments, global: &Global) -> Exit {
    let _ = arguments.stdio;
    let (connection, threads) = Connection::stdio();
    let served = deadwax_lsp::serve(&connection, &global.registry(), deadwax::BUILT_IN);
    drop(connection);
    let (exit, told) = match served {
        // The thread that reads ends with the editor's last word.
        Ok(()) => match threads.join() {
            Ok(()) => return Exit::Done,
            Err(error) => (Exit::Output, error.to_string()),
        },
        Err(error @ ServeError::NotShutDown) => (Exit::No, error.to_string()),
        Err(error) => (Exit::Input, error.to_string()),
    };
    let diagnostic = Diagnostic::general(Code::Interrupted, format!("the language server has ended: {told}"))
        .help("an editor starts `deadwax lsp` itself, and talks to it");
    show::diagnostics(&[diagnostic], &SourceMap::default(), global);
    exit
}
