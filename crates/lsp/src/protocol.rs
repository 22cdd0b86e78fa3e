//! From answers to what the protocol has for them.

use crate::check::Checked;
use crate::completion::{Sort, Suggestion};
use crate::documents::Around;
use crate::edits::Change;
use crate::hover::Told;
use crate::outline::{Outline, below};
use crate::paths::uri_of;
use crate::position::Lines;
use crate::symbols::{self, Symbol};
use deadwax_graph::diagnostic::{At, Diagnostic, Severity, SourceMap};
use deadwax_graph::names_template;
use deadwax_graph::tree::{Span, ValueKind};
use lsp_types::{
    Code, CompletionItem, CompletionItemKind, CompletionOptions, DiagnosticRelatedInformation,
    DiagnosticSeverity, DocumentSymbol, ExecuteCommandOptions, Hover, InsertTextFormat, Location,
    MarkupContent, MarkupKind, OptionalVersionedTextDocumentIdentifier, RenameOptions, ServerCapabilities,
    SymbolKind, TextDocumentEdit, TextDocumentIdentifier, TextDocumentSyncKind, TextDocumentSyncOptions,
    TextEdit, Uri, WorkspaceEdit,
};
use std::collections::HashMap;

/// The command that sets a value.
pub(crate) const SET: &str = "deadwax.set";

/// What the server can do.
pub(crate) fn capabilities() -> ServerCapabilities {
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::Incremental),
        ..TextDocumentSyncOptions::default()
    };
    let letters = ["\"", ".", " ", ">", "(", ":", ","];
    ServerCapabilities {
        text_document_sync: Some(sync.into()),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some(letters.map(str::to_owned).to_vec()),
            ..CompletionOptions::default()
        }),
        hover_provider: Some(true.into()),
        definition_provider: Some(true.into()),
        references_provider: Some(true.into()),
        code_action_provider: Some(true.into()),
        document_symbol_provider: Some(true.into()),
        document_formatting_provider: Some(true.into()),
        rename_provider: Some(
            RenameOptions { prepare_provider: Some(true), ..RenameOptions::default() }.into(),
        ),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: vec![SET.to_owned()],
            ..ExecuteCommandOptions::default()
        }),
        ..ServerCapabilities::default()
    }
}

/// Markdown.
fn markdown(value: String) -> MarkupContent {
    MarkupContent { kind: MarkupKind::Markdown, value }
}

/// A suggestion; `snippets` is whether the editor knows what `${1:…}` means.
pub(crate) fn suggestion(
    suggestion: Suggestion,
    number: usize,
    lines: &Lines<'_>,
    snippets: bool,
) -> CompletionItem {
    let Suggestion { label, sort, detail, help, insert, snippet, replaces } = suggestion;
    let snippet = snippet.filter(|_| snippets);
    let format = if snippet.is_some() { InsertTextFormat::Snippet } else { InsertTextFormat::PlainText };
    let edit = TextEdit { range: lines.range(&replaces), new_text: snippet.unwrap_or(insert) };
    CompletionItem {
        label,
        kind: Some(match sort {
            Sort::Part => CompletionItemKind::Keyword,
            Sort::Kind => CompletionItemKind::Class,
            Sort::Graph => CompletionItemKind::Module,
            Sort::Field => CompletionItemKind::Field,
            Sort::Choice => CompletionItemKind::EnumMember,
            Sort::Value => CompletionItemKind::Value,
            Sort::Node => CompletionItemKind::Variable,
            Sort::Port => CompletionItemKind::Interface,
            Sort::Param => CompletionItemKind::Property,
            Sort::File => CompletionItemKind::File,
        }),
        detail: Some(detail).filter(|detail| !detail.is_empty()),
        documentation: Some(help).filter(|help| !help.is_empty()).map(|help| markdown(help).into()),
        // In the order they were made: fields as the kind has them, not by their letters.
        sort_text: Some(format!("{number:04}")),
        insert_text_format: Some(format),
        text_edit: Some(edit.into()),
        ..CompletionItem::default()
    }
}

/// What is told about something.
pub(crate) fn hover(told: Told, lines: &Lines<'_>) -> Hover {
    Hover { contents: markdown(told.text).into(), range: Some(lines.range(&told.span)) }
}

/// A change of a text.
pub(crate) fn text_edit(change: &Change, lines: &Lines<'_>) -> TextEdit {
    TextEdit { range: lines.range(&change.span), new_text: change.text.clone() }
}

/// Changes of one text. `versioned` is whether the editor knows edits that are for a version.
pub(crate) fn edit(
    uri: &Uri,
    version: Option<i32>,
    changes: &[Change],
    lines: &Lines<'_>,
    versioned: bool,
) -> WorkspaceEdit {
    let each = changes.iter().map(|change| text_edit(change, lines));
    if !versioned {
        return WorkspaceEdit {
            changes: Some(HashMap::from([(uri.clone(), each.collect())])),
            ..WorkspaceEdit::default()
        };
    }
    let text_document = OptionalVersionedTextDocumentIdentifier {
        version,
        text_document_identifier: TextDocumentIdentifier { uri: uri.clone() },
    };
    let whole = TextDocumentEdit { text_document, edits: each.map(Into::into).collect() };
    WorkspaceEdit { document_changes: Some(vec![whole.into()]), ..WorkspaceEdit::default() }
}

/// A part of the outline of a text.
pub(crate) fn symbol(symbol: Symbol, lines: &Lines<'_>) -> DocumentSymbol {
    let Symbol { name, detail, sort, span, name_span, inside } = symbol;
    let inside: Vec<DocumentSymbol> = inside.into_iter().map(|one| self::symbol(one, lines)).collect();
    DocumentSymbol {
        // A name of nothing is no name for an editor.
        name: if name.is_empty() { "\"\"".to_owned() } else { name },
        detail: Some(detail).filter(|detail| !detail.is_empty()),
        kind: match sort {
            symbols::Sort::Part => SymbolKind::Namespace,
            symbols::Sort::Named => SymbolKind::Object,
        },
        tags: None,
        #[allow(deprecated, reason = "the protocol still has the field")]
        deprecated: None,
        range: lines.range(&span),
        selection_range: lines.range(&name_span),
        children: Some(inside).filter(|inside| !inside.is_empty()),
    }
}

/// A place in the text at `uri`.
pub(crate) fn location(uri: &Uri, span: &Span, lines: &Lines<'_>) -> Location {
    Location { uri: uri.clone(), range: lines.range(span) }
}

/// Everything that is wrong, as the editor shows it.
pub(crate) struct Shown<'a> {
    pub(crate) uri: &'a Uri,
    pub(crate) text: &'a str,
    pub(crate) around: &'a Around<'a>,
    pub(crate) sources: &'a SourceMap,
}

impl Shown<'_> {
    /// What is wrong in the file itself; what is wrong in files it uses, where it names them.
    pub(crate) fn diagnostics(&self, checked: &Checked) -> Vec<lsp_types::Diagnostic> {
        let lines = Lines::of(self.text);
        let mut shown = Vec::new();
        let mut elsewhere: Vec<(&str, Vec<&Diagnostic>)> = Vec::new();
        for diagnostic in &checked.diagnostics {
            match &diagnostic.at {
                Some((file, _)) if *file != 0 => {
                    let name = self.sources.get(*file).map_or("", |source| source.name.as_str());
                    match elsewhere.iter_mut().find(|(known, _)| *known == name) {
                        Some((_, found)) => found.push(diagnostic),
                        None => elsewhere.push((name, vec![diagnostic])),
                    }
                }
                at => {
                    let span = at.as_ref().map_or(0..0, |(_, span)| span.clone());
                    shown.push(self.diagnostic(diagnostic, lines.range(&span)));
                }
            }
        }
        for (name, found) in elsewhere {
            shown.extend(self.in_other_file(name, &found, &lines));
        }
        shown
    }

    fn diagnostic(&self, found: &Diagnostic, range: lsp_types::Range) -> lsp_types::Diagnostic {
        let related = found.related.iter().filter_map(|(at, label)| self.related(at, label));
        let related: Vec<_> = related.collect();
        lsp_types::Diagnostic {
            range,
            severity: Some(match found.code.severity() {
                Severity::Error => DiagnosticSeverity::Error,
                Severity::Warning => DiagnosticSeverity::Warning,
            }),
            code: Some(Code::String(found.code.to_string())),
            source: Some("deadwax".to_owned()),
            message: told(found).into(),
            related_information: Some(related).filter(|related| !related.is_empty()),
            ..lsp_types::Diagnostic::default()
        }
    }

    fn related(&self, (file, span): &At, label: &str) -> Option<DiagnosticRelatedInformation> {
        let source = self.sources.get(*file)?;
        let location = match file {
            0 => location(self.uri, span, &Lines::of(self.text)),
            _ => {
                let uri = uri_of(&self.around.place(&source.name)?);
                location(&uri, span, &Lines::of(&source.text))
            }
        };
        Some(DiagnosticRelatedInformation { location, message: label.to_owned() })
    }

    /// What is wrong in another file, at the place where this one names it.
    fn in_other_file(
        &self,
        name: &str,
        found: &[&Diagnostic],
        lines: &Lines<'_>,
    ) -> Option<lsp_types::Diagnostic> {
        const MOST: usize = 10;
        let worst = found.iter().find(|one| one.is_error()).or(found.first())?;
        let outline = Outline::of(self.text);
        let named = ["use", "learned"].into_iter().flat_map(|part| outline.part(part));
        let named: Vec<_> = named.collect();
        let leads = |entry: &&deadwax_graph::tree::Entry| match &entry.value.kind {
            // The files of a template are called `house/tape@1.2.0:graph.ron`.
            ValueKind::Text(named) if names_template(named) => {
                let template = named.split(['@', '#']).next().unwrap_or_default();
                name.strip_prefix(template).is_some_and(|rest| rest.starts_with('@'))
            }
            ValueKind::Text(path) => below(path).as_deref() == Some(name),
            _ => false,
        };
        let span = named
            .iter()
            .copied()
            .find(leads)
            .or(named.first().copied())
            .map(|entry| entry.value.span.clone());
        let range = lines.range(&span.unwrap_or(0..0));
        let shown = lsp_types::Diagnostic {
            message: format!("in {name}: {}", told(worst)).into(),
            ..self.diagnostic(worst, range)
        };
        let places = found.iter().filter_map(|one| self.related(one.at.as_ref()?, &one.message));
        Some(lsp_types::Diagnostic { related_information: Some(places.take(MOST).collect()), ..shown })
    }
}

/// What is wrong, why, and what to do about it.
fn told(found: &Diagnostic) -> String {
    let mut text = found.message.clone();
    if !matches!(found.label.as_str(), "" | "here") {
        text.push_str(&format!(": {}", found.label));
    }
    for help in &found.help {
        text.push_str(&format!("\nhelp: {help}"));
    }
    for note in &found.notes {
        text.push_str(&format!("\nnote: {note}"));
    }
    text
}
