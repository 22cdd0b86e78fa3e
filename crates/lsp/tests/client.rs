//! The server, driven as an editor would: in memory, message by message.

use deadwax_lsp::{ServeError, serve};
use lsp_server::{Connection, Message, Notification, Request, Response};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::thread::{JoinHandle, spawn};
use std::time::Duration;

/// Graphs that albums may name.
const SHIPPED: [(&str, &str); 1] = [("plain", SOUND)];

struct Editor {
    connection: Connection,
    server: JoinHandle<Result<(), ServeError>>,
    next: i32,
    told: HashMap<String, Value>,
}

impl Editor {
    fn start() -> Self {
        Self::with(json!({"workspace": {"workspaceEdit": {"documentChanges": true}}}))
    }

    fn with(capabilities: Value) -> Self {
        let (ours, theirs) = Connection::memory();
        let server = spawn(move || serve(&theirs, &deadwax_nodes::registry(), &SHIPPED));
        let mut editor = Self { connection: ours, server, next: 0, told: HashMap::new() };
        let begun = editor
            .ask("initialize", json!({"processId": null, "rootUri": null, "capabilities": capabilities}));
        assert_eq!(begun.unwrap()["capabilities"]["hoverProvider"], true);
        editor.tell("initialized", json!({}));
        editor
    }

    fn tell(&self, method: &str, params: Value) {
        self.connection.sender.send(Notification { method: method.into(), params }.into()).unwrap();
    }

    fn hear(&mut self) -> Option<Response> {
        match self.connection.receiver.recv_timeout(Duration::from_secs(20)).unwrap() {
            Message::Response(response) => Some(response),
            Message::Notification(Notification { params, .. }) => {
                self.told.insert(params["uri"].as_str().unwrap().to_owned(), params);
                None
            }
            Message::Request(_) => panic!("nothing is asked of an editor"),
        }
    }

    fn ask(&mut self, method: &str, params: Value) -> Result<Value, i32> {
        self.next += 1;
        let id = self.next;
        self.connection.sender.send(Request { id: id.into(), method: method.into(), params }.into()).unwrap();
        loop {
            if let Some(response) = self.hear() {
                assert_eq!(response.id, id.into());
                return response.response_result.map_err(|error| error.code);
            }
        }
    }

    fn open(&self, uri: &str, version: i32, text: &str) {
        let document = json!({"uri": uri, "languageId": "ron", "version": version, "text": text});
        self.tell("textDocument/didOpen", json!({"textDocument": document}));
    }

    fn change(&self, uri: &str, version: i32, changes: Value) {
        let document = json!({"uri": uri, "version": version});
        self.tell("textDocument/didChange", json!({"textDocument": document, "contentChanges": changes}));
    }

    /// What the editor was told of a version of a text.
    fn diagnostics(&mut self, uri: &str, version: i32) -> Vec<Value> {
        while self.told.get(uri).is_none_or(|told| told["version"] != version) {
            self.hear();
        }
        self.told[uri]["diagnostics"].as_array().unwrap().clone()
    }

    fn codes(&mut self, uri: &str, version: i32) -> Vec<String> {
        let found = self.diagnostics(uri, version);
        found.iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect()
    }

    fn end(mut self) {
        assert_eq!(self.ask("shutdown", Value::Null), Ok(Value::Null));
        assert_eq!(self.ask("textDocument/hover", json!({})), Err(-32600), "shut down is shut down");
        self.tell("exit", Value::Null);
        self.server.join().unwrap().unwrap();
    }
}

const URI: &str = "file:///nowhere/mine.ron";
const SOUND: &str = "Graph(\n    format: 1, // 𝄞\r\n    nodes: { a: Gain(gain_db: -3) },\n    wires: [\"input -> a -> output\"],\n)\n";

#[test]
fn every_error_is_told_at_once_with_its_places_and_gone_when_it_is_mended() {
    let mut editor = Editor::start();
    let broken = SOUND.replace("gain_db: -3", "gian_db: -3, gain_db: 500").replace("-> a ->", "-> a -> b ->");
    editor.open(URI, 1, &broken);
    assert_eq!(editor.codes(URI, 1), ["DW0102", "DW0103", "DW0202"]);
    let first = editor.diagnostics(URI, 1).remove(0);
    assert_eq!(first["severity"], 1);
    assert!(
        first["message"].as_str().unwrap().contains("did you mean `gain_db`?\nhelp: fields: gain_db"),
        "{first}"
    );
    assert_eq!(first["relatedInformation"][0]["location"]["uri"], URI);
    editor.change(URI, 2, json!([{"text": SOUND}]));
    assert_eq!(editor.codes(URI, 2), [""; 0]);
    // What only the engine refuses.
    let lanes = SOUND.replace("a: Gain(gain_db: -3)", "a: MidSideDecode");
    editor.change(URI, 3, json!([{"text": lanes}]));
    assert!(!editor.codes(URI, 3).is_empty());
    let mono = SOUND.replace("a: Gain(gain_db: -3)", "a: MidSideEncode, b: MidSideDecode").replace(
        "\"input -> a -> output\"",
        "\"input -> a\", \"a.mid -> b.mid\", \"input -> b.side\", \"b -> output\"",
    );
    editor.change(URI, 4, json!([{"text": mono}]));
    assert_eq!(editor.codes(URI, 4), ["DW0301"]);
    editor.tell("textDocument/didClose", json!({"textDocument": {"uri": URI}}));
    while !editor.told[URI]["version"].is_null() {
        editor.hear();
    }
    assert_eq!(editor.told[URI]["diagnostics"], json!([]), "a closed file has none");
    editor.end();
}

#[test]
fn changes_come_in_parts_and_count_in_utf_16() {
    let mut editor = Editor::start();
    editor.open(URI, 1, SOUND);
    // Behind the clef, which counts as two: `// 𝄞` ends at 20.
    editor.change(
        URI,
        2,
        json!([
            {"range": {"start": {"line": 1, "character": 18}, "end": {"line": 1, "character": 20}}, "text": "𝄞𝄞 x"},
            {"range": {"start": {"line": 2, "character": 30}, "end": {"line": 2, "character": 32}}, "text": "-300"},
        ]),
    );
    let found = editor.diagnostics(URI, 2);
    assert_eq!(found[0]["code"], "DW0103");
    assert_eq!(found[0]["range"]["start"], json!({"line": 2, "character": 30}));
    assert_eq!(found[0]["range"]["end"], json!({"line": 2, "character": 34}));
    editor.change(URI, 1, json!([{"text": "too late"}]));
    assert_eq!(editor.codes(URI, 2), ["DW0103"]);
    editor.end();
}

#[test]
fn the_text_of_another_open_file_counts_before_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let part = SOUND.replace("nodes:", "params: { level: Param(sets: [\"a.gain_db\"]) },\n    nodes:");
    std::fs::write(folder.path().join("part.ron"), &part).unwrap();
    let uri = |name: &str| deadwax_lsp::paths::uri_of(&folder.path().join(name)).0;
    let whole = SOUND
        .replace("nodes:", "use: { part: \"part.ron\" },\n    nodes:")
        .replace("Gain(gain_db: -3)", "part(level: -6)");
    let mut editor = Editor::start();
    editor.open(&uri("whole.ron"), 1, &whole);
    assert_eq!(editor.codes(&uri("whole.ron"), 1), [""; 0]);
    // Unsaved: the param has another name there.
    editor.open(&uri("part.ron"), 1, &part.replace("level:", "loud:"));
    editor.ask("shutdown_is_far", json!({})).unwrap_err();
    while editor.told[&uri("whole.ron")]["diagnostics"] == json!([]) {
        editor.hear();
    }
    assert_eq!(editor.codes(&uri("whole.ron"), 1), ["DW0102"]);
    // Errors of the part are told where it is named, and lead there.
    editor.change(&uri("part.ron"), 2, json!([{"text": part.replace("-> a ->", "-> aa ->")}]));
    assert_eq!(editor.codes(&uri("part.ron"), 2), ["DW0202"]);
    while editor.codes(&uri("whole.ron"), 1) != ["DW0202"] {
        editor.hear();
    }
    let found = editor.diagnostics(&uri("whole.ron"), 1).remove(0);
    assert!(found["message"].as_str().unwrap().starts_with("in part.ron: there is no node `aa`"), "{found}");
    assert_eq!(found["range"]["start"], json!({"line": 2, "character": 17}));
    assert_eq!(found["relatedInformation"][0]["location"]["uri"], uri("part.ron"));
    // Closed, the file on disk counts again.
    editor.tell("textDocument/didClose", json!({"textDocument": {"uri": uri("part.ron")}}));
    while editor.told[&uri("whole.ron")]["diagnostics"] != json!([]) {
        editor.hear();
    }
    let params = json!({"textDocument": {"uri": uri("whole.ron")}, "position": {"line": 3, "character": 17}});
    let place = editor.ask("textDocument/definition", params).unwrap();
    assert_eq!(place["range"]["start"], json!({"line": 2, "character": 11}), "where `part` is declared");
    let params = json!({"textDocument": {"uri": uri("whole.ron")}, "position": {"line": 2, "character": 20}});
    assert_eq!(editor.ask("textDocument/definition", params).unwrap()["uri"], uri("part.ron"));
    editor.end();
}

#[test]
fn a_fix_comes_as_an_edit_for_the_version_it_is_about() {
    let mut editor = Editor::start();
    editor.open(URI, 7, &SOUND.replace("Gain", "Gian"));
    let range = json!({"start": {"line": 2, "character": 17}, "end": {"line": 2, "character": 17}});
    let params = json!({"textDocument": {"uri": URI}, "range": range, "context": {"diagnostics": []}});
    let actions = editor.ask("textDocument/codeAction", params.clone()).unwrap();
    let edit = &actions[0]["edit"]["documentChanges"][0];
    assert_eq!(edit["textDocument"], json!({"uri": URI, "version": 7}));
    let bytes = json!({"start": {"line": 2, "character": 16}, "end": {"line": 2, "character": 20}});
    assert_eq!(edit["edits"], json!([{"range": bytes, "newText": "Gain"}]));
    assert_eq!(actions[0]["diagnostics"][0]["code"], "DW0101");
    let mut other = params;
    other["context"]["only"] = json!(["source.organizeImports"]);
    assert_eq!(editor.ask("textDocument/codeAction", other).unwrap(), json!([]));
    editor.end();
}

#[test]
fn a_value_is_set_by_a_command_that_answers_with_an_edit() {
    let mut editor = Editor::with(json!({}));
    editor.open(URI, 1, SOUND);
    let set = |path: &str, value: &str, version: Value| json!({"command": "deadwax.set", "arguments": [{"uri": URI, "path": path, "value": value, "version": version}]});
    let edit = editor.ask("workspace/executeCommand", set("a.gain_db", "-4.5", json!(1))).unwrap();
    let bytes = json!({"start": {"line": 2, "character": 30}, "end": {"line": 2, "character": 32}});
    assert_eq!(edit, json!({"changes": {URI: [{"range": bytes, "newText": "-4.5"}]}}));
    for (wrong, code) in [
        (set("a.gain_db", "-4.5", json!(2)), -32801),
        (set("a.gain_db", "-4.5)", Value::Null), -32803),
        (set("b.gain_db", "1", Value::Null), -32803),
        (
            json!({"command": "deadwax.set", "arguments": [{"uri": "untitled:x", "path": "a", "value": "1"}]}),
            -32602,
        ),
        (json!({"command": "deadwax.set"}), -32602),
        (json!({"command": "rm"}), -32602),
    ] {
        assert_eq!(editor.ask("workspace/executeCommand", wrong.clone()), Err(code), "{wrong}");
    }
    editor.end();
}

#[test]
fn completion_hover_and_rename_answer_over_the_wire() {
    let mut editor =
        Editor::with(json!({"textDocument": {"completion": {"completionItem": {"snippetSupport": true}}}}));
    editor.open(URI, 1, SOUND);
    let at = |line: u32, character: u32| json!({"textDocument": {"uri": URI}, "position": {"line": line, "character": character}});
    let items = editor.ask("textDocument/completion", at(2, 18)).unwrap();
    let gain = items.as_array().unwrap().iter().find(|item| item["label"] == "Gain").unwrap();
    assert_eq!((&gain["textEdit"]["newText"], &gain["insertTextFormat"]), (&json!("Gain($1)"), &json!(2)));
    let told = editor.ask("textDocument/hover", at(3, 23)).unwrap();
    let said = told["contents"]["value"].as_str().unwrap();
    assert!(said.contains("**a**: `Gain`") && said.contains("stereo at 44.1 kHz"), "{said}");
    let places = editor.ask("textDocument/prepareRename", at(3, 23)).unwrap();
    assert_eq!(places, json!({"start": {"line": 3, "character": 22}, "end": {"line": 3, "character": 23}}));
    let mut wanted = at(3, 23);
    wanted["newName"] = json!("level");
    let edit = editor.ask("textDocument/rename", wanted.clone()).unwrap();
    assert_eq!(edit["changes"][URI].as_array().unwrap().len(), 2);
    wanted["newName"] = json!("Level!");
    assert_eq!(editor.ask("textDocument/rename", wanted), Err(-32803));
    editor.end();
}

#[test]
fn a_text_is_laid_out_by_one_edit_that_leaves_both_ends_alone() {
    let mut editor = Editor::start();
    let ask = |editor: &mut Editor| {
        let options = json!({"tabSize": 2, "insertSpaces": false});
        editor
            .ask("textDocument/formatting", json!({"textDocument": {"uri": URI}, "options": options}))
            .unwrap()
    };
    let laid_out = SOUND.replace("1, // 𝄞\r\n", "1,  // 𝄞\n");
    editor.open(URI, 1, &laid_out);
    assert_eq!(ask(&mut editor), json!([]), "it is laid out");
    editor.change(URI, 2, json!([{"text": laid_out.replace("gain_db: -3", "gain_db:-3 ")}]));
    let edits = ask(&mut editor);
    let place = json!({"start": {"line": 2, "character": 29}, "end": {"line": 2, "character": 32}});
    assert_eq!(edits, json!([{"range": place, "newText": " -3"}]));
    editor.change(URI, 3, json!([{"range": place, "text": " -3"}]));
    assert_eq!(ask(&mut editor), json!([]), "the edit leaves nothing to do");
    editor.change(URI, 4, json!([{"text": laid_out.replace("gain_db: -3)", "gain_db:-3 ")}]));
    assert_eq!(ask(&mut editor), json!([]), "a broken text is not touched");
    editor.end();
}

#[test]
fn what_is_not_understood_is_refused_and_harms_nothing() {
    let mut editor = Editor::start();
    editor.tell("$/cancelRequest", json!({"id": 99}));
    editor.tell("$/setTrace", json!({"value": "off"}));
    editor.tell("textDocument/didOpen", json!({"nonsense": true}));
    editor.change(URI, 1, json!([{"text": "never opened"}]));
    assert_eq!(editor.ask("textDocument/semanticTokens/full", json!({})), Err(-32601));
    assert_eq!(editor.ask("textDocument/hover", json!({"textDocument": 3})), Err(-32602));
    let gone = json!({"textDocument": {"uri": "file:///nowhere/at/all.ron"}, "position": {"line": 0, "character": 0}});
    assert_eq!(editor.ask("textDocument/hover", gone), Err(-32803));
    // A stranger's file: deep, long, or no graph at all.
    let wide = format!("Graph(format: 1, nodes: {{ {} }}, wires: [\"input -> a0 -> output\"])", {
        (0..5000).map(|number| format!("a{number}: Gain,")).collect::<String>()
    });
    let texts = ["(".repeat(100_000), "x".repeat(2 << 20), "\u{0}\"\\u{FFFFFFFF}".to_owned(), wide];
    for (version, text) in (1..).zip(texts) {
        editor.open(URI, version, &text);
        for (method, more) in [
            ("completion", json!({})),
            ("hover", json!({})),
            ("definition", json!({})),
            ("references", json!({"context": {"includeDeclaration": true}})),
            ("rename", json!({"newName": "b"})),
        ] {
            let mut params = json!({"textDocument": {"uri": URI}, "position": {"line": 0, "character": 30}});
            params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let answer = editor.ask(&format!("textDocument/{method}"), params);
            assert!(answer.is_ok() || answer == Err(-32803), "{method}: {answer:?}");
        }
        assert!(!editor.codes(URI, version).is_empty());
    }
    editor.end();
}

#[test]
fn templates_are_what_the_lock_beside_the_graph_pins() {
    use deadwax_template::{Lock, Origin, Package, Pin};
    let folder = tempfile::tempdir().unwrap();
    let uri = |name: &str| deadwax_lsp::paths::uri_of(&folder.path().join(name)).0;
    let part = SOUND.replace(
        "nodes:",
        "about: (name: \"part\", version: \"1.0.0\"),\n    params: { level: Param(sets: [\"a.gain_db\"]) },\n    nodes:",
    );
    let package = Package::new([("graph.ron".to_owned(), part.into_bytes())].into()).unwrap();
    let whole = SOUND
        .replace("nodes:", "use: { part: \"house/part@^1\" },\n    nodes:")
        .replace("Gain(gain_db: -3)", "part(level: -6)");
    let mut editor = Editor::start();
    editor.open(&uri("whole.ron"), 1, &whole);
    assert_eq!(editor.codes(&uri("whole.ron"), 1)[0], "DW0555");
    let found = editor.diagnostics(&uri("whole.ron"), 1).remove(0);
    assert_eq!(found["range"]["start"], json!({"line": 2, "character": 17}), "where it is named");
    assert!(found["message"].as_str().unwrap().contains("deadwax template add house/part"), "{found}");

    let pin = Pin {
        version: package.version().clone(),
        asked: None,
        origin: Origin::Web("https://example.org/".into()),
        content: package.content_hash(),
    };
    let lock = Lock { pins: [("house/part".parse().unwrap(), pin)].into() };
    std::fs::write(folder.path().join("deadwax.lock"), lock.write()).unwrap();
    package.unpack_to(&folder.path().join("templates/house/part-1.0.0")).unwrap();
    editor.change(&uri("whole.ron"), 2, json!([{"text": whole}]));
    assert_eq!(editor.codes(&uri("whole.ron"), 2), [""; 0]);
    // Its params are known, and its graph is a step away.
    editor.change(&uri("whole.ron"), 3, json!([{"text": whole.replace("level: -6", "lvel: -6")}]));
    assert_eq!(editor.codes(&uri("whole.ron"), 3), ["DW0102"]);
    let params = json!({"textDocument": {"uri": uri("whole.ron")}, "position": {"line": 2, "character": 20}});
    let place = editor.ask("textDocument/definition", params).unwrap();
    assert_eq!(place["uri"], uri("templates/house/part-1.0.0/graph.ron"));

    std::fs::write(folder.path().join("templates/house/part-1.0.0/README.md"), "more").unwrap();
    editor.change(&uri("whole.ron"), 4, json!([{"text": whole}]));
    assert_eq!(editor.codes(&uri("whole.ron"), 4)[0], "DW0556");
    editor.end();
}

#[test]
fn an_album_is_helped_with_like_a_graph() {
    const ALBUM: &str = "// 𝄞\nAlbum(format: 1, graph: \"plain\",\n    tracks: { one: Track(source: \"a.wav\"), },\n    layout: [\"one\"])\n";
    let mut editor = Editor::start();
    editor.open(URI, 1, ALBUM);
    assert_eq!(editor.codes(URI, 1), [""; 0]);
    let at = |line: u32, character: u32| json!({"textDocument": {"uri": URI}, "position": {"line": line, "character": character}});
    let hover = editor.ask("textDocument/hover", at(2, 5)).unwrap();
    assert!(hover["contents"]["value"].as_str().unwrap().contains("layout calls them by"), "{hover}");
    let place = editor.ask("textDocument/definition", at(3, 15)).unwrap();
    assert_eq!(place["range"]["start"], json!({"line": 2, "character": 14}));
    let mut params = at(3, 15);
    params["newName"] = json!("run-in");
    let edit = editor.ask("textDocument/rename", params).unwrap();
    let texts: Vec<&str> = edit["documentChanges"][0]["edits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edit| edit["newText"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["\"run-in\"", "run-in"]);
    let outline = editor.ask("textDocument/documentSymbol", json!({"textDocument": {"uri": URI}})).unwrap();
    assert_eq!(outline[2]["children"][0]["name"], "one");
    let laid = editor.ask(
        "textDocument/formatting",
        json!({"textDocument": {"uri": URI}, "options": {"tabSize": 2, "insertSpaces": true}}),
    );
    assert_eq!(laid.unwrap().as_array().unwrap().len(), 1);
    let set = json!({"command": "deadwax.set", "arguments": [{"uri": URI, "path": "tracks.one.offset_db", "value": "-2"}]});
    let edit = editor.ask("workspace/executeCommand", set).unwrap();
    assert_eq!(edit["documentChanges"][0]["edits"][0]["newText"], ", offset_db: -2");
    // What becomes a graph while somebody writes is one from then on.
    editor.change(URI, 2, json!([{"text": ALBUM.replace("\"one\"]", "\"two\"]")}]));
    assert_eq!(editor.codes(URI, 2), ["DW0704", "DW0702"]);
    editor.change(URI, 4, json!([{"text": ALBUM.replace("Track(", "Trak(").replace("source:", "sorce:")}]));
    let line = json!({"start": {"line": 2, "character": 0}, "end": {"line": 2, "character": 40}});
    let params = json!({"textDocument": {"uri": URI}, "range": line, "context": {"diagnostics": []}});
    let actions = editor.ask("textDocument/codeAction", params).unwrap();
    let titles: Vec<&str> =
        actions.as_array().unwrap().iter().map(|one| one["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["change to `Track`", "change to `source`"]);
    editor.change(URI, 5, json!([{"text": SOUND}]));
    assert_eq!(editor.codes(URI, 5), [""; 0]);
    editor.end();
}
