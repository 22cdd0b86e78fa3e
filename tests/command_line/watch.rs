//! `deadwax watch`, as someone uses it who turns a number in an editor.

use super::{command, folder};
use std::io::{BufRead, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

struct Watching {
    child: Child,
    lines: Receiver<String>,
}

impl Watching {
    fn begin(folder: &Path, arguments: &[&str]) -> Self {
        let mut child =
            command(folder, arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (send, lines) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || out.lines().map_while(Result::ok).for_each(|line| drop(send.send(line))));
        Self { child, lines }
    }

    /// The next line that has `part` in it.
    fn until(&self, part: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(Duration::from_secs(60)).expect("the next line in time");
            if line.contains(part) {
                return line;
            }
        }
    }

    fn end(mut self) -> (Option<i32>, String) {
        let interrupt =
            std::process::Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        assert!(interrupt.unwrap().success());
        let status = self.child.wait().unwrap();
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (status.code(), said)
    }
}

const GRAPH: &str = "Graph(
    format: 1,
    nodes: {
        glue: Compressor(threshold_db: -30, ratio: 2),
        peak: Limiter(ceiling_dbtp: -1),
    },
    wires: [\"input -> glue -> peak -> output\"],
)
";

#[cfg(unix)]
#[test]
fn every_save_is_rendered_and_only_what_moved_is_told() {
    let folder = folder();
    let file = folder.path().join("warm.ron");
    std::fs::write(&file, GRAPH).unwrap();
    let watching = Watching::begin(folder.path(), &["watch", "warm.ron", "mix.wav", "--range", "1..4"]);
    watching.until("watching");
    let out = folder.path().join("mix.warm.watch.wav");
    let first = std::fs::read(&out).unwrap();
    std::fs::write(&file, GRAPH.replace("ratio: 2", "ratio: 4")).unwrap();
    let line = watching.until("glue: ratio");
    assert!(line.contains("glue: ratio 2 → 4"), "{line}");
    assert!(line.contains("loudness"), "{line}");
    let second = std::fs::read(&out).unwrap();
    assert!(second != first);
    // A mistake is told, and the next save mends it.
    std::fs::write(&file, GRAPH.replace("ratio: 2", "ratoi: 2")).unwrap();
    std::thread::sleep(Duration::from_millis(600));
    std::fs::write(&file, GRAPH).unwrap();
    let line = watching.until("glue: ratio");
    assert!(line.contains("glue: ratio 4 → 2"), "{line}");
    assert!(std::fs::read(&out).unwrap() == first, "and back again, the same bytes");
    let (code, said) = watching.end();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("did you mean `ratio`?"), "{said}");
}

#[test]
fn watching_what_cannot_be_written_ends_at_once() {
    let folder = folder();
    std::fs::write(folder.path().join("warm.ron"), GRAPH).unwrap();
    let arguments = ["watch", "warm.ron", "mix.wav", "-o", "mix.wav"];
    let output = super::deadwax(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(5), "{}", super::err(&output));
    let output = super::deadwax(folder.path(), &["watch", "warm.ron", "mix.wav", "--range", "9:00..9:30"]);
    assert_eq!(output.status.code(), Some(2), "{}", super::err(&output));
}
