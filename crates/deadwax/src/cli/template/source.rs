//! `deadwax template source`.

use super::{allowed, fail};
use crate::cli::Exit;
use crate::cli::args::Global;
use crate::cli::show;
use clap::{Args, Subcommand};
use deadwax::template::{Access, Origin, Source, SourceError, Sources, Store, TemplateError};
use serde_json::{Value, json};

#[derive(Debug, Args)]
pub(super) struct SourceArguments {
    /// What to do.
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Give a source a name on this machine.
    Add(Add),
    /// List the sources that this machine knows.
    List,
    /// Forget a source. What was fetched from it stays.
    Remove(Remove),
}

#[derive(Debug, Args)]
struct Add {
    /// The name, which stands in front of its templates: `house/tape`.
    #[arg(value_name = "NAME")]
    name: String,
    /// Where it lies: a folder, `https://…`, or a git repository: `git+https://…?ref=v2`, `git+ssh://…`.
    #[arg(value_name = "ADDRESS")]
    address: String,
}

#[derive(Debug, Args)]
struct Remove {
    /// The name.
    #[arg(value_name = "NAME")]
    name: String,
}

/// Does what is wanted with the names of sources.
pub(super) fn run(arguments: &SourceArguments, global: &Global) -> Exit {
    match done(&arguments.what, global) {
        Ok(()) => Exit::Done,
        Err(error) => fail("template-source", error, global),
    }
}

fn done(what: &What, global: &Global) -> Result<(), TemplateError> {
    let wrong = |error: SourceError| TemplateError::shelf(error.into());
    let store = Store::of_user().ok_or(TemplateError::NoStore)?;
    let mut sources = Sources::read(&store).map_err(wrong)?;
    let said = match what {
        What::List if global.json => String::new(),
        What::List => {
            let lines: Vec<String> =
                sources.iter().map(|(name, origin)| format!("{name:>9}  {origin}")).collect();
            if lines.is_empty() {
                "no source is known; `deadwax template source add NAME ADDRESS`".into()
            } else {
                lines.join("\n")
            }
        }
        What::Remove(Remove { name }) => {
            let origin = sources.remove(name).map_err(wrong)?;
            format!("  removed  {name} · {origin}")
        }
        What::Add(Add { name, address }) => {
            let origin = Origin::parse(address).map_err(|error| wrong(error.into()))?;
            let offline = allowed(global).offline;
            let access = Access { offline, anew: !offline };
            // What has no index that can be read is no source, and gets no name.
            let source = Source::new(name, origin.clone(), &store, access).map_err(wrong)?;
            let count = source.index().map_err(wrong)?.templates.len();
            sources.add(name, origin.clone()).map_err(wrong)?;
            let templates = if count == 1 { "1 template".to_owned() } else { format!("{count} templates") };
            format!("    added  {name} · {origin} · {templates}\n     next  deadwax template list")
        }
    };
    if global.json {
        let each: Vec<Value> = sources
            .iter()
            .map(|(name, origin)| json!({"name": name, "origin": origin.to_string()}))
            .collect();
        show::json("template-source", true, json!({"sources": each}), &[]);
    } else if !global.quiet || matches!(what, What::List) {
        show::out(&said);
    }
    Ok(())
}
