//! `deadwax template list` and `search`.

use super::add::pinned;
use super::{allowed, fail};
use crate::cli::Exit;
use crate::cli::args::Global;
use crate::cli::show;
use clap::Args;
use deadwax::diagnostic::{Diagnostic, SourceMap};
use deadwax::template::{Access, Index, Listed, Lock, Shelf, Store, TemplateError};
use serde_json::{Value, json};
use std::path::Path;
use std::rc::Rc;

#[derive(Debug, Args)]
pub(super) struct SearchArguments {
    /// Words that stand in its name, title, description, tags, kinds of nodes or params; all of them.
    #[arg(value_name = "WORDS")]
    words: Vec<String>,
    /// Only those with this tag.
    #[arg(long, value_name = "TAG")]
    tag: Option<String>,
    /// Only those that have a node of this kind.
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
}

/// What the lock here pins, and what each source has told.
struct Known {
    lock: Lock,
    indexes: Vec<(String, String, Rc<Index>)>,
    /// What is wrong with sources; the others count all the same.
    wrong: Vec<Diagnostic>,
}

/// Reads what sources told before; those that were never asked are asked.
fn known(global: &Global) -> Result<Known, TemplateError> {
    let store = Store::of_user().ok_or(TemplateError::NoStore)?;
    let access = Access { offline: allowed(global).offline, anew: false };
    let shelf =
        Shelf::new(Path::new("."), store, access).map_err(|error| TemplateError::shelf(error.into()))?;
    let lock = shelf.lock().map_err(|error| TemplateError::shelf(error.into()))?;
    let (mut indexes, mut wrong) = (Vec::new(), Vec::new());
    for (name, origin) in shelf.sources().iter() {
        match shelf.index(name) {
            Ok(index) => indexes.push((name.to_owned(), origin.to_string(), index)),
            Err(error) => wrong.extend(TemplateError::shelf(error.into()).told().diagnostics),
        }
    }
    Ok(Known { lock, indexes, wrong })
}

/// Lists what is locked here, and what there is.
pub(super) fn list(global: &Global) -> Exit {
    let known = match known(global) {
        Ok(known) => known,
        Err(error) => return fail("template-list", error, global),
    };
    if global.json {
        let locked: Vec<Value> = known.lock.pins.iter().map(|(name, pin)| pinned(name, pin)).collect();
        let sources: Vec<Value> = known
            .indexes
            .iter()
            .map(
                |(name, origin, index)| json!({"name": name, "origin": origin, "templates": index.templates}),
            )
            .collect();
        return end(&known, "template-list", json!({"locked": locked, "sources": sources}), global);
    }
    let mut text = String::new();
    for (number, (name, pin)) in known.lock.pins.iter().enumerate() {
        let label = if number == 0 { "locked" } else { "" };
        let index = known.indexes.iter().find(|(source, _, _)| source == name.source());
        let newest =
            index.and_then(|(_, _, index)| index.get(name.name())).and_then(|listed| listed.versions.last());
        let newer = newest.filter(|newest| newest.version > pin.version);
        let newer = newer.map_or(String::new(), |newest| format!(" · there is {}", newest.version));
        text.push_str(&format!("{label:>9}  {name} {}{newer}\n", pin.version));
    }
    for (source, origin, index) in &known.indexes {
        text.push_str(&format!("   source  {source} · {origin}\n"));
        text.push_str(&lines(index.templates.iter().map(|listed| (source.as_str(), listed))));
    }
    if text.is_empty() && known.wrong.is_empty() {
        text =
            "no template is locked here, and no source is known; `deadwax template source add NAME ADDRESS`"
                .into();
    }
    show::out(&text);
    end(&known, "template-list", Value::Null, global)
}

/// Looks for templates among those that sources told of.
pub(super) fn search(arguments: &SearchArguments, global: &Global) -> Exit {
    let known = match known(global) {
        Ok(known) => known,
        Err(error) => return fail("template-search", error, global),
    };
    let found: Vec<(&str, &Listed)> = known
        .indexes
        .iter()
        .flat_map(|(source, _, index)| index.templates.iter().map(move |listed| (source.as_str(), listed)))
        .filter(|(_, listed)| fits(listed, arguments))
        .collect();
    if global.json {
        let each: Vec<Value> =
            found.iter().map(|(source, listed)| json!({"source": source, "template": listed})).collect();
        let exit = end(&known, "template-search", json!({"found": each}), global);
        return if found.is_empty() { exit.max(Exit::No) } else { exit };
    }
    match found.is_empty() {
        true => show::out("nothing fits; `deadwax template list` shows everything that sources have"),
        false => show::out(&lines(found.iter().copied())),
    }
    let exit = end(&known, "template-search", Value::Null, global);
    if found.is_empty() { exit.max(Exit::No) } else { exit }
}

fn end(known: &Known, schema: &str, body: Value, global: &Global) -> Exit {
    let found = vec![(known.wrong.clone(), SourceMap::default())];
    if global.json {
        show::json(schema, known.wrong.is_empty(), body, &found);
    } else {
        show::diagnostics(&known.wrong, &SourceMap::default(), global);
    }
    if known.wrong.is_empty() { Exit::Done } else { Exit::Template }
}

fn fits(listed: &Listed, asked: &SearchArguments) -> bool {
    let newest = listed.versions.last();
    let kinds = newest.map_or(&[][..], |newest| &newest.kinds[..]);
    let params = newest.map_or(&[][..], |newest| &newest.params[..]);
    let texts = [&listed.name, &listed.title, &listed.description].into_iter();
    let all: Vec<String> =
        texts.chain(&listed.tags).chain(kinds).chain(params).map(|text| text.to_lowercase()).collect();
    let has = |word: &String| all.iter().any(|text| text.contains(&word.to_lowercase()));
    let same = |asked: &Option<String>, known: &[String]| {
        asked.as_ref().is_none_or(|asked| known.iter().any(|one| one.eq_ignore_ascii_case(asked)))
    };
    asked.words.iter().all(has) && same(&asked.tag, &listed.tags) && same(&asked.kind, kinds)
}

/// A line for each template, its versions with the newest first.
fn lines<'a>(templates: impl Iterator<Item = (&'a str, &'a Listed)>) -> String {
    const MOST: usize = 4;
    let each: Vec<(String, String, &str)> = templates
        .map(|(source, listed)| {
            let mut versions: Vec<String> =
                listed.versions.iter().rev().take(MOST).map(|one| one.version.to_string()).collect();
            if listed.versions.len() > MOST {
                versions.push("…".into());
            }
            (format!("{source}/{}", listed.name), versions.join(" "), &*listed.title)
        })
        .collect();
    let wide = |part: fn(&(String, String, &str)) -> usize| each.iter().map(part).max().unwrap_or(0);
    let (names, versions) = (wide(|one| one.0.chars().count()), wide(|one| one.1.chars().count()));
    let line = |(name, version, title): &(String, String, &str)| {
        format!("           {name:<names$}  {version:<versions$}  {title}").trim_end().to_owned() + "\n"
    };
    each.iter().map(line).collect()
}
