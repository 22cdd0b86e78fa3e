//! `deadwax recall`.

use super::Exit;
use super::args::{Global, Show, asset};
use super::progress::Board;
use super::show;
use clap::Args;
use deadwax::diagnostic::{Code, Diagnostic, SourceMap};
use deadwax::recipe::{
    Found, Ledger, Recalled, Recipe, RecordingError, Route, Verdict, VerifyError, find_recipe,
    lay_recordings, verify, write_recalled,
};
use deadwax::template::UsedTemplate;
use deadwax::{Existing, Settings, read_diagnostic, write_diagnostic};
use serde_json::json;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Debug, Args)]
pub(super) struct RecallArguments {
    /// A file that deadwax has made, whatever has become of it since.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where the graph is written.
    #[arg(short, long, default_value = "recalled", value_name = "FOLDER")]
    output: PathBuf,
    /// Render this mix once more, and say whether the samples are the same.
    #[arg(long, value_name = "MIX")]
    verify: Option<PathBuf>,
    /// The file of a recording that the recipe names (`room=hall.wav`), to be laid beside the graph. May be given again.
    #[arg(long = "asset", value_name = "NAME=FILE", value_parser = asset)]
    assets: Vec<(String, PathBuf)>,
    /// Replace a graph that is there and says something else.
    #[arg(short, long)]
    force: bool,
    /// How to show progress.
    #[arg(long, value_enum, default_value_t = Show::Auto)]
    progress: Show,
}

/// What went wrong, for people, and how the program ends.
type Failed = (Exit, Vec<Diagnostic>, SourceMap);

/// Finds the recipe of a file, writes its graph, and tries it.
pub(super) fn run(arguments: &RecallArguments, global: &Global) -> Exit {
    match recall(arguments, global) {
        Ok((exit, told)) => {
            told.show(global);
            exit
        }
        Err((exit, found, sources)) => {
            show::diagnostics(&found, &sources, global);
            if global.json {
                show::json("recall", false, json!({"file": arguments.file}), &[(found, sources)]);
            }
            exit
        }
    }
}

fn failed(exit: Exit, diagnostic: Diagnostic) -> Failed {
    (exit, vec![diagnostic], SourceMap::default())
}

fn recall(arguments: &RecallArguments, global: &Global) -> Result<(Exit, Told), Failed> {
    let found = find_recipe(&arguments.file, Ledger::of_user().as_ref())
        .map_err(|error| failed(Exit::Input, read_diagnostic(&error)))?
        .map_err(|refused| failed(Exit::No, nothing_found(&arguments.file, &refused)))?;
    let existing = if arguments.force { Existing::Replace } else { Existing::Keep };
    lay_recordings(&found.recipe, &arguments.output, &arguments.assets, existing).map_err(not_laid)?;
    let recalled = write_recalled(&found.recipe, &arguments.output, existing)
        .map_err(|error| failed(Exit::Output, write_diagnostic(&error)))?;
    let verdict = match &arguments.verify {
        Some(mix) => Some(try_again(&found.recipe, &recalled, mix, (arguments, global))?),
        None => None,
    };
    let exit = if verdict.as_ref().is_none_or(|verdict| verdict.same) { Exit::Done } else { Exit::No };
    Ok((exit, Told { file: arguments.file.clone(), found, recalled, verdict }))
}

fn not_laid(error: RecordingError) -> Failed {
    let general = |code| Diagnostic::general(code, error.to_string());
    match &error {
        RecordingError::NotNeeded(unknown) => failed(Exit::Usage, unknown.diagnostic()),
        RecordingError::Write(cause) => failed(Exit::Output, write_diagnostic(cause)),
        RecordingError::Other { .. } => {
            let help = "the recipe knows the recording by the hash of its file; look for that very file";
            failed(Exit::Input, general(Code::OtherRecording).help(help))
        }
        _ => failed(Exit::Input, general(Code::AudioNotRead).help("look at the path")),
    }
}

fn nothing_found(file: &Path, refused: &[String]) -> Diagnostic {
    let message = format!("{} has no recipe", file.display());
    let refused =
        refused.iter().fold(Diagnostic::general(Code::NoRecipe, message), |all, reason| all.note(reason));
    refused
        .note("looked in the file, beside it, and in the ledger by its number and by the hash of its samples")
        .help(
            "samples that were changed (another rate, a lossy file) are not found by their hash; try the file that was \
             rendered, or the ledger of whoever rendered it: `DEADWAX_LEDGER=FOLDER`",
        )
}

fn try_again(
    recipe: &Recipe,
    recalled: &Recalled,
    mix: &Path,
    (arguments, global): (&RecallArguments, &Global),
) -> Result<Verdict, Failed> {
    let cancel = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&cancel);
    let _ = ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed));
    let settings = Settings::default();
    let workers = global.jobs.map_or(settings.workers, usize::from);
    let settings = Settings { workers, ..settings };
    let board = Board::new(arguments.progress, global);
    let line = board.file(mix);
    let progress = |progress| line.update(progress);
    let verdict = verify(recipe, recalled, mix, &global.registry(), &settings, (&cancel, &progress));
    line.finish();
    verdict.map_err(|error| match error {
        VerifyError::Read(error) => failed(Exit::Input, read_diagnostic(&error)),
        VerifyError::Graph(errors) => (Exit::Graph, errors.diagnostics, errors.sources),
        VerifyError::Render(error) => (Exit::Failed, error.diagnostics(), SourceMap::default()),
        other => failed(Exit::Failed, Diagnostic::general(Code::NotWritten, other.to_string())),
    })
}

struct Told {
    file: PathBuf,
    found: Found,
    recalled: Recalled,
    verdict: Option<Verdict>,
}

impl Told {
    fn show(&self, global: &Global) {
        if global.json {
            self.json();
        } else {
            show::out(&self.text(global));
        }
    }

    fn json(&self) {
        let Found { recipe, route, same_samples, refused } = &self.found;
        let route = match route {
            Route::File => "file",
            Route::Sidecar => "sidecar",
            Route::Number => "matrix number",
            Route::Samples => "sample hash",
        };
        let verdict = self.verdict.as_ref();
        let body = json!({
            "file": self.file, "found_by": route, "same_samples": same_samples, "refused": refused,
            "recipe": recipe, "graph": self.recalled.graph, "learnt": self.recalled.lessons,
            "missing": self.recalled.missing, "verified": verdict.map(|verdict| verdict.same),
            "differences": verdict.map(|verdict| &verdict.differences),
        });
        show::json("recall", verdict.is_none_or(|verdict| verdict.same), body, &[]);
    }

    fn text(&self, global: &Global) -> String {
        let Found { recipe, route, same_samples, refused } = &self.found;
        if global.quiet {
            return self.recalled.graph.display().to_string();
        }
        let mut text = String::new();
        for reason in refused {
            let _ = writeln!(text, "  skipped  {reason}");
        }
        let route = match route {
            Route::File => "the recipe in the file",
            Route::Sidecar => "the recipe beside the file",
            Route::Number => "the matrix number in its comment, in the ledger",
            Route::Samples => "the hash of its samples, in the ledger",
        };
        let _ = writeln!(text, " found by  {route}");
        let _ = writeln!(text, "   matrix  {}", recipe.matrix);
        let seconds = recipe.input.frames as f64 / f64::from(recipe.input.rate_hz.max(1));
        let version = if recipe.graph.version.is_empty() {
            String::new()
        } else {
            format!(" {}", recipe.graph.version)
        };
        let part = recipe.range.as_ref().map_or_else(String::new, |range| format!(", {range} of it"));
        let _ = writeln!(
            text,
            "     made  by {}{version} (deadwax {}), from a mix of {} at {} kHz{part}, samples {}…",
            recipe.graph.name,
            recipe.engine,
            show::time(seconds),
            f64::from(recipe.input.rate_hz) / 1000.0,
            recipe.input.sha256.get(..12).unwrap_or_default(),
        );
        for UsedTemplate { name, version, content } in &recipe.templates {
            let _ = writeln!(text, "     with  {name} {version} ({content})");
        }
        let now = if *same_samples {
            "as they were rendered"
        } else {
            "not as they were rendered: something has changed them since"
        };
        let _ = writeln!(text, "  samples  {now}");
        let _ = writeln!(text, "    wrote  {}", self.recalled.graph.display());
        for (path, hash) in &self.recalled.missing {
            let _ = writeln!(text, "    needs  {} (sha256 {hash})", path.display());
        }
        match &self.verdict {
            None => {
                let _ = write!(text, "     next  deadwax recall {} --verify MIX", self.file.display());
            }
            Some(verdict) => {
                let answer = if verdict.same {
                    "rendered again: the same samples ✓"
                } else {
                    "not the same samples"
                };
                let _ = write!(text, " verified  {answer}");
                for difference in &verdict.differences {
                    let _ = write!(text, "\n           {difference}");
                }
            }
        }
        text
    }
}
