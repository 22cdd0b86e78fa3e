//! Recordings through used graphs: what a graph asks for is the recording of the same name that the graph which uses it
//! declares. That one may ask for it in its turn; at the outermost graph a person is asked. Nothing else binds one.

use super::document::{AssetSource, Document};
use super::files::{File, Files};
use crate::diagnostic::{At, Code, Diagnostic};
use crate::model::{Asset, Origin};
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

/// The recordings of all files that have been taken in.
#[derive(Default)]
pub(super) struct Recordings {
    all: Vec<Asset>,
    /// Where in `all` those of a file are.
    of_file: HashMap<usize, Range<usize>>,
}

/// Who uses a graph: the number of its file, the node in whose place the graph stands, and where.
pub(super) struct User<'a> {
    pub(super) file: usize,
    pub(super) node: &'a str,
    pub(super) at: At,
}

impl Recordings {
    /// Takes in those of a file, which `user` uses, if one does. Gives back the file: another copy of it where it stands
    /// with other recordings elsewhere, since recordings are known by the number of the file.
    pub(super) fn of(
        &mut self,
        files: &mut Files<'_>,
        file: &Rc<File>,
        user: Option<&User<'_>>,
        errors: &mut Vec<Diagnostic>,
    ) -> Option<Rc<File>> {
        let passed_on = self.passed_on(&file.document, user, &mut files.diagnostics);
        let mut file = file.clone();
        if let Some(known) = self.known(file.document.file) {
            let asked = known.iter().filter(|asset| asks(&file.document, &asset.name));
            if asked.map(bound).eq(passed_on.iter().map(bound)) {
                return Some(file);
            }
            file = files.copy(&file)?;
        }
        let begin = self.all.len();
        self.all.extend(files.assets(&file, &passed_on, errors));
        self.of_file.insert(file.document.file, begin..self.all.len());
        Some(file)
    }

    pub(super) fn take(&mut self) -> Vec<Asset> {
        std::mem::take(&mut self.all)
    }

    fn known(&self, file: usize) -> Option<&[Asset]> {
        self.all.get(self.of_file.get(&file)?.clone())
    }

    /// What the file asks for, as its user has it.
    fn passed_on(
        &self,
        document: &Document,
        user: Option<&User<'_>>,
        errors: &mut Vec<Diagnostic>,
    ) -> Vec<Asset> {
        let mut found = Vec::new();
        for asset in &document.assets {
            let AssetSource::Ask(help) = &asset.source else { continue };
            let origin = Origin { file: document.file, span: asset.span.clone() };
            let Some(user) = user else {
                let (name, asked) = (asset.name.clone(), Some(help.clone()));
                found.push(Asset { name, location: None, asked, origin });
                continue;
            };
            let theirs = self.known(user.file).unwrap_or_default();
            match theirs.iter().find(|theirs| theirs.name == asset.name) {
                Some(theirs) => found.push(Asset { origin, ..theirs.clone() }),
                None => {
                    let (node, name) = (user.node, &asset.name);
                    let message = format!("`{node}` asks for a recording `{name}`, and this graph has none");
                    let label = format!("needs `{name}`");
                    errors.push(
                        Diagnostic::new(Code::RecordingAsked, message, user.at.clone(), label)
                            .related((document.file, asset.span.clone()), "asked for here")
                            .help(format!(
                                "declare it in this graph, `assets: {{ {name}: \"FILE.wav\" }}`, or pass the question on \
                                 with `Ask`"
                            )),
                    );
                }
            }
        }
        found
    }
}

fn asks(document: &Document, name: &str) -> bool {
    let asks = |source: &AssetSource| matches!(source, AssetSource::Ask(_));
    document.assets.iter().any(|asset| asset.name == name && asks(&asset.source))
}

fn bound(asset: &Asset) -> (&str, Option<&std::path::PathBuf>, Option<&String>) {
    (&asset.name, asset.location.as_ref(), asset.asked.as_ref())
}
