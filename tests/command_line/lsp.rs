//! `deadwax lsp`, as an editor calls it: messages over standard input and output.

use crate::command;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

/// An editor.
struct Editor {
    server: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Editor {
    fn start(folder: &Path) -> Self {
        let mut server = command(folder, &["lsp"]);
        let mut server =
            server.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let (to, from) = (server.stdin.take().unwrap(), BufReader::new(server.stdout.take().unwrap()));
        Self { server, to, from }
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.to, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.to.flush().unwrap();
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    fn hear(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.from.read_line(&mut line).unwrap() > 0, "the server is gone");
            match line.trim().strip_prefix("Content-Length: ") {
                Some(bytes) => length = bytes.parse().unwrap(),
                None if line.trim().is_empty() => break,
                None => {}
            }
        }
        let mut body = vec![0; length];
        self.from.read_exact(&mut body).unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    /// The next message of a sort; others are left out.
    fn hear_until(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = self.hear();
            if wanted(&message) {
                return message;
            }
        }
    }

    fn ask(&mut self, id: i32, method: &str, params: Value) -> Value {
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        self.hear_until(|message| message["id"] == id)
    }
}

#[test]
fn an_editor_is_told_what_is_wrong_and_how_to_mend_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut editor = Editor::start(folder.path());
    let begun = editor.ask(1, "initialize", json!({"processId": null, "rootUri": null, "capabilities": {}}));
    assert_eq!(begun["result"]["serverInfo"]["name"], "deadwax");
    editor.tell("initialized", json!({}));
    let text = "Graph(\n    format: 1,\n    nodes: { a: Gian(gain_db: -3) },\n    wires: [\"input -> a -> output\"],\n)\n";
    let uri = format!("file://{}/mine.ron", folder.path().display());
    editor.tell(
        "textDocument/didOpen",
        json!({"textDocument": {"uri": uri, "languageId": "ron", "version": 1, "text": text}}),
    );
    let told = editor.hear_until(|message| message["method"] == "textDocument/publishDiagnostics");
    let wrong = &told["params"]["diagnostics"][0];
    assert_eq!(
        (&wrong["code"], &wrong["range"]["start"]),
        (&json!("DW0101"), &json!({"line": 2, "character": 16}))
    );
    let actions = editor.ask(
        2,
        "textDocument/codeAction",
        json!({"textDocument": {"uri": uri}, "range": wrong["range"], "context": {"diagnostics": [wrong]}}),
    );
    let action = &actions["result"][0];
    assert_eq!(action["title"], "change to `Gain`");
    assert_eq!(action["edit"]["changes"][&uri][0]["newText"], "Gain");
    let unknown = editor.ask(3, "textDocument/foldEverything", json!({}));
    assert_eq!(unknown["error"]["code"], -32601);
    assert_eq!(editor.ask(4, "shutdown", Value::Null)["result"], Value::Null);
    editor.tell("exit", Value::Null);
    assert_eq!(editor.server.wait().unwrap().code(), Some(0));
}

#[test]
fn an_editor_that_leaves_without_a_word_is_no_reason_to_stay() {
    let folder = tempfile::tempdir().unwrap();
    let mut editor = Editor::start(folder.path());
    editor.ask(1, "initialize", json!({"processId": null, "rootUri": null, "capabilities": {}}));
    editor.tell("exit", Value::Null);
    assert_eq!(editor.server.wait().unwrap().code(), Some(1), "it was not shut down");
    let editor = Editor::start(folder.path());
    let Editor { mut server, to, from: _ } = editor;
    drop(to);
    assert_eq!(server.wait().unwrap().code(), Some(4));
}

#[test]
fn the_schema_that_is_printed_is_the_one_in_the_documents() {
    let folder = tempfile::tempdir().unwrap();
    let printed = crate::out(&crate::deadwax(folder.path(), &["nodes", "--schema"]));
    let kept = include_str!("../../docs/schema/graph.json");
    assert_eq!(printed, kept, "run `cargo xtask codegen`");
    let both = crate::deadwax(folder.path(), &["nodes", "Gain", "--schema"]);
    assert_eq!(both.status.code(), Some(2));
}
