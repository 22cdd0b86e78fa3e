//! Where each file of a graph lies: in the graph's own folder, or in a template that is used by its name.

use super::loader::{Loader, Template, below, names_template};
use crate::diagnostic::{At, Code, Diagnostic};
use crate::limits;
use crate::model::UsedTemplate;
use std::rc::Rc;

/// A file, and whose it is. A path never leads from one package into another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    /// 0 for the graph's own folder, else the number of a template, from 1 on.
    package: usize,
    pub(super) path: String,
}

impl Place {
    /// A file in the graph's own folder.
    pub(super) fn own(path: &str) -> Self {
        Self { package: 0, path: path.to_owned() }
    }

    /// A file of the same package, at another path.
    pub(super) fn beside(&self, path: String) -> Self {
        Self { package: self.package, path }
    }
}

/// The graph's own folder, and the templates that were asked for so far.
pub(super) struct Packages<'a> {
    own: &'a dyn Loader,
    templates: Vec<(UsedTemplate, Rc<dyn Loader>)>,
}

impl<'a> Packages<'a> {
    pub(super) fn new(own: &'a dyn Loader) -> Self {
        Self { own, templates: Vec::new() }
    }

    /// Where the files of that place come from.
    pub(super) fn loader(&self, place: &Place) -> &dyn Loader {
        match place.package.checked_sub(1).and_then(|number| self.templates.get(number)) {
            Some((_, loader)) => &**loader,
            None => self.own,
        }
    }

    /// What people call a file.
    pub(super) fn name(&self, place: &Place) -> String {
        self.loader(place).name(&place.path)
    }

    /// The same, shorter: without the graph's own folder.
    pub(super) fn shown(&self, place: &Place) -> String {
        if place.package == 0 { place.path.clone() } else { self.name(place) }
    }

    /// The templates, by name.
    pub(super) fn used(&self) -> Vec<UsedTemplate> {
        let mut all: Vec<_> = self.templates.iter().map(|(used, _)| used.clone()).collect();
        all.sort();
        all
    }

    /// The file that `named`, in the file `by`, stands for, and the preset that it is used with; noted when a graph may not
    /// use it.
    pub(super) fn find(
        &mut self,
        by: &Place,
        named: &str,
        at: &At,
        errors: &mut Vec<Diagnostic>,
    ) -> Option<(Place, Option<String>)> {
        if !names_template(named) {
            let help = "a graph uses files below its own folder, as in `\"parts/tape.ron\"`";
            return Some((allowed(by, named, at, help, errors)?, None));
        }
        let Template { used, files, entry, preset } = match self.loader(by).template(named) {
            Ok(template) => template,
            Err(error) => {
                let said = error.to_string();
                let diagnostic = Diagnostic::new(error.code, said, at.clone(), "used here");
                errors.push(diagnostic.help(error.help));
                return None;
            }
        };
        let known = self.templates.iter().position(|(known, _)| *known == used);
        let number = known.unwrap_or_else(|| {
            self.templates.push((used, files));
            self.templates.len() - 1
        });
        if number >= limits::TEMPLATES {
            let message = format!("more than {} templates", limits::TEMPLATES);
            let help = "copy graphs into the folder of this one, or use fewer";
            errors.push(Diagnostic::new(Code::UseTooDeep, message, at.clone(), "one too many").help(help));
            return None;
        }
        Some((Place { package: number + 1, path: entry }, preset))
    }
}

/// The file of the same package that `named`, in the file `by`, stands for; noted when a graph may not use it.
pub(super) fn allowed(
    by: &Place,
    named: &str,
    at: &At,
    help: &str,
    errors: &mut Vec<Diagnostic>,
) -> Option<Place> {
    let path = below(&by.path, named);
    if path.is_none() {
        let message = format!("`{named}` is no path a graph may use");
        let diagnostic = Diagnostic::new(Code::ForbiddenPath, message, at.clone(), "not below this folder");
        errors.push(diagnostic.help(help));
    }
    path.map(|path| by.beside(path))
}
