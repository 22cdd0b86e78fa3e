//! A web server for one folder, on this machine, that remembers what it was asked.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// A server. It ends with the test's process.
pub struct Server {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
    led: Arc<Mutex<HashMap<String, String>>>,
}

impl Server {
    /// Serves the files below `folder`.
    pub fn of(folder: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        let server = Self { address, asked: Arc::default(), led: Arc::default() };
        let (folder, asked, led) = (folder.to_owned(), server.asked.clone(), server.led.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = answer(stream, &folder, &asked, &led);
            }
        });
        server
    }

    /// Its address.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What was asked since this was asked last: `GET /index.json 200`.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    /// Sends whoever asks for `path` to another address.
    pub fn lead(&self, path: &str, to: &str) {
        self.led.lock().unwrap().insert(path.to_owned(), to.to_owned());
    }
}

fn answer(
    mut stream: TcpStream,
    folder: &Path,
    asked: &Mutex<Vec<String>>,
    led: &Mutex<HashMap<String, String>>,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut known = String::new();
    for line in lines {
        let line = line?;
        if line.is_empty() {
            break;
        }
        match line.split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("if-none-match") => {
                known = value.trim().to_owned()
            }
            _ => {}
        }
    }
    let file: PathBuf = folder.join(path.trim_start_matches('/'));
    let to = led.lock().unwrap().get(&path).cloned();
    let (status, more, body) = match (to, std::fs::read(file)) {
        (Some(to), _) => ("302 Found", format!("Location: {to}\r\n"), Vec::new()),
        (None, Ok(bytes)) => {
            let tag =
                format!("\"{}-{}\"", bytes.len(), bytes.iter().map(|byte| u64::from(*byte)).sum::<u64>());
            let same = tag == known;
            let status = if same { "304 Not Modified" } else { "200 OK" };
            (status, format!("ETag: {tag}\r\n"), if same { Vec::new() } else { bytes })
        }
        (None, Err(_)) => ("404 Not Found", String::new(), b"no".to_vec()),
    };
    asked.lock().unwrap().push(format!("GET {path} {}", &status[..3]));
    let head =
        format!("HTTP/1.1 {status}\r\n{more}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    stream.write_all(head.as_bytes())?;
    stream.write_all(&body)?;
    stream.flush()
}
