//! The texts that are open in the editor. While one is open, its file on disk does not count.

use crate::paths::path_of;
use crate::position::Lines;
use deadwax_graph::{Folder, LoadError, Loader, Memory, NoTemplate, Template};
use deadwax_template::{LOCK, Pinned, Store};
use lsp_types::{TextDocumentContentChangeEvent, Uri};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// A text that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The editor's number for what stands in it.
    pub version: i32,
    /// What stands in it.
    pub text: String,
    /// Its file, if it has one.
    pub path: Option<PathBuf>,
}

impl Document {
    /// Makes one change after the other.
    pub fn change(&mut self, changes: &[TextDocumentContentChangeEvent]) {
        for change in changes {
            match change {
                TextDocumentContentChangeEvent::TextDocumentContentChangePartial(part) => {
                    let span = Lines::of(&self.text).span(part.range);
                    self.text.replace_range(span, &part.text);
                }
                TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(whole) => {
                    self.text.clone_from(&whole.text);
                }
            }
        }
    }
}

/// All that are open.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    open: HashMap<Uri, Document>,
}

impl Documents {
    /// Opens a text; one of the same address is replaced.
    pub fn open(&mut self, uri: &Uri, version: i32, text: String) {
        self.open.insert(uri.clone(), Document { version, text, path: path_of(uri) });
    }

    /// Changes a text that is open. Changes to an older version than the one that is known come too late, and are left
    /// out; `false` then.
    pub fn change(&mut self, uri: &Uri, version: i32, changes: &[TextDocumentContentChangeEvent]) -> bool {
        let Some(document) = self.open.get_mut(uri).filter(|document| version >= document.version) else {
            return false;
        };
        document.version = version;
        document.change(changes);
        true
    }

    /// Closes a text.
    pub fn close(&mut self, uri: &Uri) {
        self.open.remove(uri);
    }

    /// The text at an address.
    #[must_use]
    pub fn get(&self, uri: &Uri) -> Option<&Document> {
        self.open.get(uri)
    }

    /// Every address, in no order.
    pub fn uris(&self) -> impl Iterator<Item = &Uri> {
        self.open.keys()
    }

    /// The open text of a file, and its address.
    #[must_use]
    pub fn of_file(&self, path: &Path) -> Option<(&Uri, &Document)> {
        self.open.iter().find(|(_, document)| document.path.as_deref().is_some_and(|known| same(known, path)))
    }
}

/// Whether two paths lead to the same file.
fn same(a: &Path, b: &Path) -> bool {
    a == b || a.canonicalize().is_ok_and(|a| b.canonicalize().is_ok_and(|b| a == b))
}

/// The files around a graph that is open: open texts first, then the disk.
pub struct Around<'d> {
    documents: &'d Documents,
    text: &'d str,
    folder: Option<(PathBuf, Folder)>,
    entry: String,
    read: RefCell<Vec<PathBuf>>,
    /// What the lock beside the graph pins.
    pinned: Option<Pinned>,
}

impl<'d> Around<'d> {
    /// The files around the text at `uri`.
    #[must_use]
    pub fn new(documents: &'d Documents, uri: &'d Uri, text: &'d str) -> Self {
        let read = RefCell::new(Vec::new());
        let Some(path) = path_of(uri) else {
            let entry = uri.0.rsplit(['/', ':']).next().unwrap_or_default().to_owned();
            return Self { documents, text, folder: None, entry, read, pinned: None };
        };
        let (folder, entry) = Folder::of(&path);
        let root = path.parent().map(Path::to_owned).unwrap_or_default();
        let pinned = Some(Pinned::beside(&root, Store::of_user()));
        Self { documents, text, folder: Some((root, folder)), entry, read, pinned }
    }

    /// The path of the graph itself.
    #[must_use]
    pub fn entry(&self) -> &str {
        &self.entry
    }

    /// The place of a file that the graph names.
    #[must_use]
    pub fn place(&self, path: &str) -> Option<PathBuf> {
        self.folder.as_ref().map(|(root, _)| root.join(path))
    }

    /// The files that were asked for so far, besides the graph itself.
    #[must_use]
    pub fn files_read(self) -> Vec<PathBuf> {
        self.read.into_inner()
    }
}

impl Loader for Around<'_> {
    fn read(&self, path: &str, allowed: usize) -> Result<String, LoadError> {
        let within = |text: &str| {
            let bytes = text.len();
            let too_large = LoadError::TooLarge { bytes: bytes as u64, allowed };
            if bytes > allowed { Err(too_large) } else { Ok(text.to_owned()) }
        };
        if path == self.entry {
            return within(self.text);
        }
        let none = || LoadError::Io(std::io::Error::from(std::io::ErrorKind::NotFound));
        let (root, folder) = self.folder.as_ref().ok_or_else(none)?;
        let place = root.join(path);
        self.read.borrow_mut().push(place.clone());
        match self.documents.of_file(&place) {
            // A link out of the folder stays forbidden, though the file it leads to is open.
            Some((_, document)) if !place.exists() || folder.locate(path).is_ok() => within(&document.text),
            _ => folder.read(path, allowed),
        }
    }

    fn locate(&self, path: &str) -> Result<PathBuf, LoadError> {
        let none = || LoadError::Io(std::io::Error::from(std::io::ErrorKind::NotFound));
        self.folder.as_ref().ok_or_else(none)?.1.locate(path)
    }

    fn template(&self, named: &str) -> Result<Template, NoTemplate> {
        self.read.borrow_mut().extend(self.place(LOCK));
        match &self.pinned {
            Some(pinned) => pinned.template(named),
            None => Memory::new().template(named),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lsp_types::{Position, Range, TextDocumentContentChangePartial};
    use proptest::prelude::*;

    /// UTF-16 units, as the editor keeps its text: the other way to do the same.
    struct Editor(Vec<u16>);

    impl Editor {
        fn text(&self) -> String {
            String::from_utf16(&self.0).unwrap()
        }

        /// Every place an editor may name: its unit, and what it is called.
        fn places(&self) -> Vec<(usize, Position)> {
            let (mut line, mut character, mut places) = (0, 0, Vec::new());
            for (at, unit) in self.0.iter().enumerate() {
                let (newline, low) = (*unit == u16::from(b'\n'), (0xDC00..0xE000).contains(unit));
                let inside = newline && at > 0 && self.0[at - 1] == u16::from(b'\r');
                if !low && !inside {
                    places.push((at, Position { line, character }));
                }
                let next = self.0.get(at + 1);
                if newline || (*unit == u16::from(b'\r') && next != Some(&u16::from(b'\n'))) {
                    (line, character) = (line + 1, 0);
                } else {
                    character += 1;
                }
            }
            places.push((self.0.len(), Position { line, character }));
            places
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        /// Whatever is typed where, the server has the text that the editor has.
        #[test]
        fn any_sequence_of_changes_keeps_the_text_equal(
            begin in "[ab\u{1D11E}ü\r\n]{0,12}",
            edits in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), "[xy\u{1F39A}é\r\n]{0,4}"), 0..12),
        ) {
            let uri = Uri::from("file:///a.ron");
            let (mut editor, mut documents) = (Editor(begin.encode_utf16().collect()), Documents::default());
            documents.open(&uri, 0, begin);
            for (version, (from, to, new)) in (1..).zip(&edits) {
                let places = editor.places();
                let (a, b) = (from.get(&places), to.get(&places));
                let (start, end) = if a.0 <= b.0 { (a, b) } else { (b, a) };
                let range = Range { start: start.1, end: end.1 };
                let part = TextDocumentContentChangePartial::new(range, None, new.clone());
                prop_assert!(documents.change(&uri, version, &[part.into()]));
                editor.0.splice(start.0..end.0, new.encode_utf16());
                prop_assert_eq!(&documents.get(&uri).unwrap().text, &editor.text());
            }
        }
    }

    #[test]
    fn a_change_to_an_older_version_is_left_out() {
        let uri = Uri::from("file:///a.ron");
        let mut documents = Documents::default();
        documents.open(&uri, 5, "five".into());
        let whole =
            |text: &str| [lsp_types::TextDocumentContentChangeWholeDocument::new(text.to_owned()).into()];
        assert!(!documents.change(&uri, 4, &whole("four")));
        assert!(documents.change(&uri, 6, &whole("six")));
        assert_eq!(documents.get(&uri).unwrap().text, "six");
        documents.close(&uri);
        assert!(!documents.change(&uri, 7, &whole("seven")));
    }
}
