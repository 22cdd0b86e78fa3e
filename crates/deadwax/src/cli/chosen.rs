//! The rules of platforms that the command line asks for.

use super::Exit;
use super::args::PlatformArguments;
use deadwax::diagnostic::{Code, Diagnostic};
use deadwax::platforms::{Platforms, Rule};
use std::path::Path;

/// Rules and the names of those that are asked for, in that order.
pub(super) struct Chosen {
    platforms: Platforms,
    names: Vec<String>,
}

impl Chosen {
    /// Reads the rules; `otherwise` are the names where none is asked for, those that there are.
    pub(super) fn read(
        arguments: &PlatformArguments,
        otherwise: &[&str],
    ) -> Result<Self, (Exit, Box<Diagnostic>)> {
        let platforms = match &arguments.platforms {
            None => Platforms::built_in(),
            Some(path) => read(path).map_err(|error| (Exit::Input, error))?,
        };
        let mut names: Vec<String> = Vec::new();
        for asked in arguments.names.iter().map(|name| name.trim().to_lowercase()) {
            let known = platforms.get(&asked).is_some();
            let new: Vec<String> = match asked.as_str() {
                "all" if !known => platforms.rules().map(|(name, _)| name.to_owned()).collect(),
                _ if known => vec![asked],
                _ => return Err((Exit::Usage, unknown(&asked, &platforms))),
            };
            let missing: Vec<String> = new.into_iter().filter(|name| !names.contains(name)).collect();
            names.extend(missing);
        }
        if names.is_empty() {
            let there = otherwise.iter().filter(|name| platforms.get(name).is_some());
            names = there.map(|name| (*name).to_owned()).collect();
        }
        Ok(Self { platforms, names })
    }

    /// Of the rules that come with deadwax those called `names`.
    pub(super) fn usual(names: &[&str]) -> Self {
        let platforms = Platforms::built_in();
        Self { platforms, names: names.iter().map(|name| (*name).to_owned()).collect() }
    }

    /// The same, to keep.
    pub(super) fn owned(&self) -> Vec<(String, Rule)> {
        self.rules().map(|(name, rule)| (name.to_owned(), rule.clone())).collect()
    }

    /// The rules, by name.
    pub(super) fn rules(&self) -> impl Iterator<Item = (&str, &Rule)> {
        self.names.iter().filter_map(|name| Some((name.as_str(), self.platforms.get(name)?)))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The lowest true peak that any of them asks for, in dBTP.
    pub(super) fn ceiling(&self) -> Option<f64> {
        self.rules().filter_map(|(_, rule)| rule.asked_ceiling()).reduce(f64::min)
    }
}

fn read(path: &Path) -> Result<Platforms, Box<Diagnostic>> {
    let wrong = |reason: String| {
        let message = format!("{}: {reason}", path.display());
        let diagnostic = Diagnostic::general(Code::PlatformsNotRead, message);
        Box::new(diagnostic.help("`crates/platforms/platforms.ron` in the sources is the model"))
    };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    Platforms::parse(&text).map_err(|error| wrong(error.to_string()))
}

fn unknown(name: &str, platforms: &Platforms) -> Box<Diagnostic> {
    let names: Vec<&str> = platforms.rules().map(|(name, _)| name).collect();
    let near = names.iter().map(|known| (known, strsim::jaro_winkler(known, name)));
    let near = near.filter(|(_, score)| *score > 0.85).max_by(|a, b| a.1.total_cmp(&b.1));
    let diagnostic = Diagnostic::general(Code::UnknownPlatform, format!("there is no rule for `{name}`"));
    let diagnostic = match near {
        Some((near, _)) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic,
    };
    Box::new(diagnostic.note(format!("there are {}; `all` takes every one", names.join(", "))))
}
