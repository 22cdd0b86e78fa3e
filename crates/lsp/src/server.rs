//! The server: hears what the editor does, and answers what it asks.

use crate::answers;
use crate::check::Checked;
use crate::documents::{Around, Documents};
use crate::edits::{Change, action, lay_out};
use crate::names::Target;
use crate::outline::World;
use crate::paths::{path_of, uri_of};
use crate::position::Lines;
use crate::protocol::{self, SET, Shown};
use crate::symbols::symbols;
use deadwax_graph::Loader;
use deadwax_node::Registry;
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::{
    CodeAction, CodeActionKind, CodeActionParams, CompletionParams, DefinitionParams,
    DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    DocumentFormattingParams, DocumentSymbolParams, ExecuteCommandParams, HoverParams, InitializeParams,
    InitializeResult, Location, PrepareRenameParams, PublishDiagnosticsParams, ReferenceParams, RenameParams,
    ServerInfo, TextDocumentPositionParams, Uri, WorkspaceEdit,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use thiserror::Error;

/// Why the server ended before the editor asked for it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The editor did not begin as the protocol has it.
    #[error("the editor did not begin as the protocol has it: {0}")]
    Begin(#[from] lsp_server::ProtocolError),
    /// The editor is gone.
    #[error("the editor is gone without a word")]
    Gone,
    /// The editor ended without having said so before.
    #[error("the editor ended the server without shutting it down first")]
    NotShutDown,
}

/// Serves an editor until it ends the server. `shipped` are the graphs that come with the program, which albums may name.
///
/// # Errors
/// When the editor does not keep to the protocol, or goes away.
pub fn serve(
    connection: &Connection,
    registry: &Registry,
    shipped: &[(&str, &str)],
) -> Result<(), ServeError> {
    let (id, begin) = connection.initialize_start()?;
    let begin: InitializeParams = serde_json::from_value(begin).unwrap_or_default();
    let result = InitializeResult {
        capabilities: protocol::capabilities(),
        server_info: Some(ServerInfo {
            name: "deadwax".to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        }),
    };
    let mut server = Server::new(connection, (registry, shipped), &begin);
    server.respond(id, Ok(to_value(&result)));
    server.listen()
}

/// Why a request is not answered.
struct Refusal {
    code: ErrorCode,
    message: String,
}

impl Refusal {
    fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

type Answer = Result<Value, Refusal>;

fn to_value(answer: &impl Serialize) -> Value {
    serde_json::to_value(answer).unwrap_or(Value::Null)
}

fn read<T: DeserializeOwned>(params: Value) -> Result<T, Refusal> {
    serde_json::from_value(params).map_err(|error| Refusal::new(ErrorCode::InvalidParams, error.to_string()))
}

/// What is known of a text that is open.
struct Known {
    checked: Checked,
    /// Files that it reads.
    files: Vec<PathBuf>,
}

struct Server<'c> {
    connection: &'c Connection,
    registry: &'c Registry,
    shipped: &'c [(&'c str, &'c str)],
    documents: Documents,
    known: HashMap<Uri, Known>,
    /// Texts that are to be checked again, once the editor has nothing else to say.
    stale: Vec<Uri>,
    snippets: bool,
    versioned_edits: bool,
    shut: bool,
}

impl<'c> Server<'c> {
    fn new(
        connection: &'c Connection,
        (registry, shipped): (&'c Registry, &'c [(&'c str, &'c str)]),
        begin: &InitializeParams,
    ) -> Self {
        let able = to_value(&begin.capabilities);
        let yes = |path: &str| able.pointer(path).and_then(Value::as_bool).unwrap_or(false);
        Self {
            connection,
            registry,
            shipped,
            documents: Documents::default(),
            known: HashMap::new(),
            stale: Vec::new(),
            snippets: yes("/textDocument/completion/completionItem/snippetSupport"),
            versioned_edits: yes("/workspace/workspaceEdit/documentChanges"),
            shut: false,
        }
    }

    fn send(&self, message: impl Into<Message>) {
        // An editor that has gone away is noticed when the next message is waited for.
        let _ = self.connection.sender.send(message.into());
    }

    fn respond(&self, id: RequestId, answer: Answer) {
        self.send(match answer {
            Ok(value) => Response::new_ok(id, value),
            Err(refusal) => Response::new_err(id, refusal.code as i32, refusal.message),
        });
    }

    /// Hears messages; checks texts while there are none.
    fn listen(&mut self) -> Result<(), ServeError> {
        loop {
            let message = match self.connection.receiver.try_recv() {
                Ok(message) => message,
                Err(error) if error.is_disconnected() => return Err(ServeError::Gone),
                Err(_) => match self.stale.pop() {
                    Some(uri) => {
                        self.check(&uri);
                        continue;
                    }
                    None => self.connection.receiver.recv().map_err(|_| ServeError::Gone)?,
                },
            };
            match message {
                Message::Request(request) => self.request(request),
                Message::Notification(told) if told.method == "exit" => {
                    return if self.shut { Ok(()) } else { Err(ServeError::NotShutDown) };
                }
                Message::Notification(told) => self.notification(told),
                // Nothing is ever asked of the editor.
                Message::Response(_) => {}
            }
        }
    }

    /// Answers a request, even where that fails beyond all expectation.
    fn request(&mut self, request: Request) {
        let id = request.id.clone();
        if self.shut {
            self.respond(id, Err(Refusal::new(ErrorCode::InvalidRequest, "the server is shut down")));
            return;
        }
        if request.method == "shutdown" {
            self.shut = true;
            self.respond(id, Ok(Value::Null));
            return;
        }
        let answer = catch_unwind(AssertUnwindSafe(|| self.answer(request)));
        let failed =
            || Err(Refusal::new(ErrorCode::InternalError, "this is a fault of deadwax: please report it"));
        self.respond(id, answer.unwrap_or_else(|_| failed()));
    }

    fn answer(&mut self, Request { method, params, .. }: Request) -> Answer {
        match method.as_str() {
            "textDocument/completion" => self.completion(&read(params)?),
            "textDocument/hover" => self.hover(&read(params)?),
            "textDocument/definition" => self.definition(&read(params)?),
            "textDocument/references" => self.references(&read(params)?),
            "textDocument/prepareRename" => self.prepare_rename(&read(params)?),
            "textDocument/rename" => self.rename(&read(params)?),
            "textDocument/documentSymbol" => self.symbols(&read(params)?),
            "textDocument/formatting" => self.formatting(&read(params)?),
            "textDocument/codeAction" => self.code_actions(&read(params)?),
            "workspace/executeCommand" => self.command(read(params)?),
            other => Err(Refusal::new(ErrorCode::MethodNotFound, format!("there is no method `{other}`"))),
        }
    }

    /// What the editor only tells. What is not understood, or comes too late, changes nothing.
    fn notification(&mut self, Notification { method, params }: Notification) {
        match method.as_str() {
            "textDocument/didOpen" => {
                if let Ok(DidOpenTextDocumentParams { text_document: opened }) = read(params) {
                    self.documents.open(&opened.uri, opened.version, opened.text);
                    self.changed(&opened.uri);
                }
            }
            "textDocument/didChange" => {
                if let Ok(DidChangeTextDocumentParams { text_document, content_changes }) = read(params) {
                    let uri = text_document.text_document_identifier.uri;
                    if self.documents.change(&uri, text_document.version, &content_changes) {
                        self.changed(&uri);
                    }
                }
            }
            "textDocument/didClose" => {
                if let Ok(DidCloseTextDocumentParams { text_document }) = read(params) {
                    let uri = text_document.uri;
                    self.documents.close(&uri);
                    self.known.remove(&uri);
                    self.changed(&uri);
                    self.stale.retain(|stale| *stale != uri);
                    self.publish(&uri, None, Vec::new());
                }
            }
            _ => {}
        }
    }

    /// Notes that a text, and those that use its file, must be looked at again.
    fn changed(&mut self, uri: &Uri) {
        let path = path_of(uri);
        let uses = |known: &Known| path.as_ref().is_some_and(|path| known.files.contains(path));
        let users = self.known.iter().filter(|(_, known)| uses(known)).map(|(user, _)| user.clone());
        let all: Vec<Uri> = users.chain([uri.clone()]).collect();
        for uri in all {
            self.stale.retain(|stale| *stale != uri);
            self.stale.push(uri);
        }
    }

    /// Looks for what is wrong in a text, and tells the editor.
    fn check(&mut self, uri: &Uri) {
        let Some(document) = self.documents.get(uri) else { return };
        let around = Around::new(&self.documents, uri, &document.text);
        let world = World { registry: self.registry, loader: &around, shipped: self.shipped };
        let checked =
            catch_unwind(AssertUnwindSafe(|| answers::check(&document.text, &world, around.entry())));
        let Ok(checked) = checked else { return };
        let shown = Shown { uri, text: &document.text, around: &around, sources: &checked.sources };
        let diagnostics = shown.diagnostics(&checked);
        let version = Some(document.version);
        let known = Known { checked, files: around.files_read() };
        self.known.insert(uri.clone(), known);
        self.publish(uri, version, diagnostics);
    }

    fn publish(&self, uri: &Uri, version: Option<i32>, diagnostics: Vec<lsp_types::Diagnostic>) {
        let params = PublishDiagnosticsParams { uri: uri.clone(), version, diagnostics };
        let method = "textDocument/publishDiagnostics".to_owned();
        self.send(Notification { method, params: to_value(&params) });
    }

    /// Sees that what is known of a text is known of its newest state.
    fn refresh(&mut self, uri: &Uri) {
        if self.stale.contains(uri) {
            self.stale.retain(|stale| stale != uri);
            self.check(uri);
        }
    }

    /// The text at an address: as it is open, or else on disk.
    fn text(&self, uri: &Uri) -> Result<(String, Option<i32>), Refusal> {
        if let Some(document) = self.documents.get(uri) {
            return Ok((document.text.clone(), Some(document.version)));
        }
        let (folder, entry) = path_of(uri)
            .map(|path| deadwax_graph::Folder::of(&path))
            .ok_or_else(|| Refusal::new(ErrorCode::InvalidParams, format!("{uri} is not open")))?;
        let read = folder.read(&entry, deadwax_graph::limits::FILE_BYTES);
        read.map(|text| (text, None))
            .map_err(|error| Refusal::new(ErrorCode::RequestFailed, error.to_string()))
    }

    /// Does something with a text and a place in it.
    fn at<T>(
        &self,
        at: &TextDocumentPositionParams,
        ask: impl FnOnce(&str, usize, &Lines<'_>, &World<'_>) -> T,
    ) -> Result<T, Refusal> {
        let uri = &at.text_document.uri;
        let (text, _) = self.text(uri)?;
        let around = Around::new(&self.documents, uri, &text);
        let world = World { registry: self.registry, loader: &around, shipped: self.shipped };
        let lines = Lines::of(&text);
        Ok(ask(&text, lines.offset(at.position), &lines, &world))
    }

    fn completion(&self, params: &CompletionParams) -> Answer {
        let snippets = self.snippets;
        let items = self.at(&params.text_document_position_params, |text, offset, lines, world| {
            let found = answers::complete(text, offset, world).into_iter().enumerate();
            found.map(|(number, one)| protocol::suggestion(one, number, lines, snippets)).collect::<Vec<_>>()
        })?;
        Ok(to_value(&items))
    }

    fn hover(&mut self, params: &HoverParams) -> Answer {
        let at = &params.text_document_position_params;
        self.refresh(&at.text_document.uri);
        let plan = self.known.get(&at.text_document.uri).and_then(|known| known.checked.plan.as_ref());
        let told = self.at(at, |text, offset, lines, world| {
            answers::hover(text, offset, world, plan).map(|told| protocol::hover(told, lines))
        })?;
        Ok(to_value(&told))
    }

    fn definition(&self, params: &DefinitionParams) -> Answer {
        let at = &params.text_document_position_params;
        let place = self.at(at, |text, offset, lines, world| {
            answers::definition(text, offset, world).map(|target| match target {
                Target::Here(span) => protocol::location(&at.text_document.uri, &span, lines),
                Target::File(path) => {
                    Location { uri: self.known_uri(&path), range: lsp_types::Range::default() }
                }
            })
        })?;
        Ok(to_value(&place))
    }

    /// The address of a file, as the editor has it where it is open.
    fn known_uri(&self, path: &std::path::Path) -> Uri {
        self.documents.of_file(path).map_or_else(|| uri_of(path), |(uri, _)| uri.clone())
    }

    fn references(&self, params: &ReferenceParams) -> Answer {
        let at = &params.text_document_position_params;
        let places = self.at(at, |text, offset, lines, _| {
            let spans = answers::references(text, offset, params.context.include_declaration);
            spans
                .iter()
                .map(|span| protocol::location(&at.text_document.uri, span, lines))
                .collect::<Vec<_>>()
        })?;
        Ok(to_value(&places))
    }

    fn prepare_rename(&self, params: &PrepareRenameParams) -> Answer {
        let range = self.at(&params.text_document_position_params, |text, offset, lines, _| {
            answers::renamable(text, offset).map(|span| lines.range(&span))
        })?;
        Ok(to_value(&range))
    }

    fn rename(&self, params: &RenameParams) -> Answer {
        let at = &params.text_document_position_params;
        let changes =
            self.at(at, |text, offset, _, world| answers::rename(text, offset, &params.new_name, world))?;
        let changes = changes.map_err(|error| Refusal::new(ErrorCode::RequestFailed, error.to_string()))?;
        Ok(to_value(&self.edit(&at.text_document.uri, &changes)?))
    }

    /// Lays a text out, in the one way there is: what the editor says of tabs and blanks does not matter.
    fn formatting(&self, params: &DocumentFormattingParams) -> Answer {
        let (text, _) = self.text(&params.text_document.uri)?;
        let lines = Lines::of(&text);
        // What is wrong with a broken text is told already.
        let change = lay_out(&text).unwrap_or_default();
        Ok(to_value(&change.iter().map(|change| protocol::text_edit(change, &lines)).collect::<Vec<_>>()))
    }

    fn symbols(&self, params: &DocumentSymbolParams) -> Answer {
        let (text, _) = self.text(&params.text_document.uri)?;
        let lines = Lines::of(&text);
        let all: Vec<_> = symbols(&text).into_iter().map(|symbol| protocol::symbol(symbol, &lines)).collect();
        Ok(to_value(&all))
    }

    fn edit(&self, uri: &Uri, changes: &[Change]) -> Result<WorkspaceEdit, Refusal> {
        let (text, version) = self.text(uri)?;
        Ok(protocol::edit(uri, version, changes, &Lines::of(&text), self.versioned_edits))
    }

    fn code_actions(&mut self, params: &CodeActionParams) -> Answer {
        let uri = &params.text_document.uri;
        self.refresh(uri);
        let wanted = params.context.only.as_ref();
        let wanted = wanted.is_none_or(|only| only.contains(&CodeActionKind::QuickFix));
        let known = self.known.get(uri).filter(|_| wanted);
        let (Some(document), Some(known)) = (self.documents.get(uri), known) else {
            return Ok(Value::Array(Vec::new()));
        };
        let around = Around::new(&self.documents, uri, &document.text);
        let shown = Shown { uri, text: &document.text, around: &around, sources: &known.checked.sources };
        let asked = Lines::of(&document.text).span(params.range);
        let mut actions = Vec::new();
        for found in &known.checked.diagnostics {
            let Some((_, span)) = found.at.as_ref().filter(|(file, _)| *file == 0) else { continue };
            let touches = span.start <= asked.end && asked.start <= span.end;
            let Some(fix) = action(found).filter(|_| touches) else { continue };
            let only = Checked {
                diagnostics: vec![found.clone()],
                sources: known.checked.sources.clone(),
                plan: None,
            };
            actions.push(CodeAction {
                title: fix.title,
                kind: Some(CodeActionKind::QuickFix),
                diagnostics: Some(shown.diagnostics(&only)),
                is_preferred: Some(true),
                edit: Some(self.edit(uri, &[fix.change])?),
                ..CodeAction::default()
            });
        }
        Ok(to_value(&actions))
    }

    fn command(&self, params: ExecuteCommandParams) -> Answer {
        if params.command != SET {
            let message = format!("there is no command `{}`", params.command);
            return Err(Refusal::new(ErrorCode::InvalidParams, message));
        }
        let argument = params.arguments.and_then(|all| all.into_iter().next());
        let argument = serde_json::to_value(argument).unwrap_or(Value::Null);
        let wanted: SetArguments = read(argument)?;
        let (text, version) = self.text(&wanted.uri)?;
        if wanted.version.is_some() && wanted.version != version {
            return Err(Refusal::new(ErrorCode::ContentModified, "the text has changed since"));
        }
        let change = answers::set_value(&text, &wanted.path, &wanted.value)
            .map_err(|error| Refusal::new(ErrorCode::RequestFailed, error.to_string()))?;
        Ok(to_value(&self.edit(&wanted.uri, &[change])?))
    }
}

/// What the command `deadwax.set` takes.
#[derive(Deserialize)]
struct SetArguments {
    uri: Uri,
    /// As in `glue.ratio`.
    path: String,
    /// As one would write it.
    value: String,
    /// The version of the text that is meant, if that matters.
    version: Option<i32>,
}
