//! `deadwax template index`.

use crate::cli::Exit;
use crate::cli::args::Global;
use crate::cli::show;
use clap::Args;
use deadwax::promise::{Figures, SoundFigures, Step};
use deadwax::template::{IndexFailure, Indexed, Listing, News, index};
use serde_json::{Value, json};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct IndexArguments {
    /// The folder: graph files, and folders in which `graph.ron` is the graph.
    #[arg(value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
    /// Only say what would be written.
    #[arg(short = 'n', long)]
    dry_run: bool,
}

/// Makes a source of a folder of templates.
pub(super) fn run(arguments: &IndexArguments, global: &Global) -> Exit {
    let done = index(&arguments.folder, &global.registry()).and_then(|listing| {
        let written = if arguments.dry_run { Vec::new() } else { listing.write()? };
        Ok((listing, written))
    });
    match done {
        Ok((listing, written)) => {
            if global.json {
                show::json("template-index", true, told(&listing, &written), &[]);
            } else if global.quiet {
                written.iter().for_each(|path| show::out(&path.display().to_string()));
            } else {
                show::out(&summary(&listing, &written));
            }
            Exit::Done
        }
        Err(IndexFailure::Template(error)) => super::fail("template-index", *error, global),
        Err(error) => {
            let exit = if matches!(error, IndexFailure::Write(_)) { Exit::Output } else { Exit::Template };
            let errors = error.told();
            show::diagnostics(&errors.diagnostics, &errors.sources, global);
            if global.json {
                show::json("template-index", false, json!({}), &[(errors.diagnostics, errors.sources)]);
            }
            exit
        }
    }
}

fn told(listing: &Listing, written: &[PathBuf]) -> Value {
    let one = |one: &Indexed| {
        let news = match &one.news {
            News::New => json!({"is": "new"}),
            News::Known => json!({"is": "known"}),
            News::After { version, step, promise } => {
                json!({"is": "after", "version": version, "step": step, "changed": promise.reasons})
            }
        };
        json!({"name": one.name, "version": one.version, "news": news, "measured": one.figures})
    };
    json!({"templates": listing.indexed.iter().map(one).collect::<Vec<_>>(), "written": written})
}

fn summary(listing: &Listing, written: &[PathBuf]) -> String {
    let wide = listing.indexed.iter().map(|one| one.name.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for one in &listing.indexed {
        let news = match &one.news {
            News::New => "new".to_owned(),
            News::Known => "as it was".to_owned(),
            News::After { version, step: Step::Patch, .. } => format!("sounds as {version}"),
            News::After { version, step, .. } => format!("{step} step from {version}"),
        };
        let sound = one.figures.first().map(brief).unwrap_or_default();
        text.push_str(&format!(
            "  {:<wide$}  {:<8}  {news:<22}  {sound}\n",
            one.name,
            one.version.to_string()
        ));
        if let News::After { promise, .. } = &one.news {
            for reason in &promise.reasons {
                text.push_str(&format!("  {:<wide$}            {}\n", "", reason.what));
            }
        }
    }
    match written {
        [] => text.push_str("\n  nothing was written (--dry-run)\n"),
        [index] => text.push_str(&format!("\n  wrote {}\n", index.display())),
        [.., index] => {
            let archives = written.len() - 1;
            let what = if archives == 1 { "1 archive".to_owned() } else { format!("{archives} archives") };
            text.push_str(&format!("\n  wrote {what} and {}\n", index.display()));
            text.push_str("  next  deadwax template source add NAME FOLDER|URL, wherever it is to be used\n");
        }
    }
    text
}

/// What becomes of the first demo signal.
fn brief(figures: &SoundFigures) -> String {
    let change = |of: fn(&Figures) -> Option<f64>| {
        let (before, after) = (show::number(of(&figures.before)), show::number(of(&figures.after)));
        format!("{before} → {after}")
    };
    format!(
        "{}: {} LUFS, {} dBTP",
        figures.signal,
        change(|figures| figures.integrated_lufs),
        change(|figures| figures.true_peak_dbtp)
    )
}
