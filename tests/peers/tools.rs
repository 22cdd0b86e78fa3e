//! Running nodes and other programs over the same samples, and tables.

use deadwax_node::conformance::Rig;
use deadwax_node::{Format, Layout};
use deadwax_tests::Channels;
use std::process::Command;

/// A node, written as in a graph, over `input`; its latency taken off.
pub(crate) fn node(text: &str, rate_hz: u32, input: &Channels) -> Vec<Channels> {
    let registry = deadwax_nodes::registry();
    let (name, _) = text.split_once('(').unwrap_or((text, ""));
    let body = &text[name.len()..];
    let kind = registry.get(name).unwrap_or_else(|| panic!("no kind {name}"));
    let node = kind.from_ron(if body.is_empty() { "()" } else { body }).unwrap();
    assert!(node.problems().is_empty(), "{text}: {:?}", node.problems());
    let format = Format::new(rate_hz, Layout::of_channels(input.len()).unwrap());
    let mut rig = Rig::new(&*node, format, false).unwrap();
    let late = rig.prepared().latency as usize;
    let longer: Channels = input.iter().map(|x| x.iter().copied().chain(vec![0.0; late]).collect()).collect();
    let frames = longer[0].len();
    let mut out = rig.run(&[longer], &[frames]).unwrap();
    out.iter_mut().flatten().for_each(|channel| {
        channel.drain(..late);
    });
    out
}

/// Runs `program` over raw 64 bit floats in a file; `None` where the program is not here.
fn through(
    program: &str,
    input: &Channels,
    arguments: impl Fn(&str, &str) -> Vec<String>,
) -> Option<Channels> {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("in.raw"), folder.path().join("out.raw"));
    let frames = input[0].len();
    let bytes: Vec<u8> =
        (0..frames).flat_map(|n| input.iter().flat_map(move |channel| channel[n].to_le_bytes())).collect();
    std::fs::write(&from, bytes).unwrap();
    let arguments = arguments(&from.display().to_string(), &to.display().to_string());
    let done = Command::new(program).args(&arguments).output().ok()?;
    assert!(done.status.success(), "{program}: {}", String::from_utf8_lossy(&done.stderr));
    let bytes = std::fs::read(&to).unwrap();
    let mut out = vec![Vec::new(); input.len()];
    for (index, sample) in bytes.as_chunks::<8>().0.iter().enumerate() {
        out[index % input.len()].push(f64::from_le_bytes(*sample));
    }
    Some(out)
}

/// ffmpeg with the audio filters `filters`.
pub(crate) fn ffmpeg(filters: &str, rate_hz: u32, input: &Channels) -> Option<Channels> {
    let (rate, channels) = (rate_hz.to_string(), input.len().to_string());
    through("ffmpeg", input, |from, to| {
        let raw = ["-f", "f64le", "-ar", &rate, "-ac", &channels];
        let all = ["-v", "error", "-y"].into_iter().chain(raw).chain(["-i", from, "-af", filters]).chain(raw);
        all.chain([to]).map(str::to_owned).collect()
    })
}

/// SoX with the effects `effects`.
pub(crate) fn sox(effects: &str, rate_hz: u32, input: &Channels) -> Option<Channels> {
    let (rate, channels) = (rate_hz.to_string(), input.len().to_string());
    through("sox", input, |from, to| {
        let raw = ["-t", "raw", "-e", "floating-point", "-b", "64", "-r", &rate, "-c", &channels];
        let all = ["-D", "-V1"].into_iter().chain(raw).chain([from]).chain(raw).chain([to]);
        all.chain(effects.split(' ')).map(str::to_owned).collect()
    })
}

/// [`ffmpeg`] to another sample rate.
pub(crate) fn ffmpeg_to(filters: &str, [from_hz, to_hz]: [u32; 2], input: &Channels) -> Option<Channels> {
    let (from_hz, to_hz, channels) = (from_hz.to_string(), to_hz.to_string(), input.len().to_string());
    through("ffmpeg", input, |from, to| {
        let before = ["-v", "error", "-y", "-f", "f64le", "-ar", &from_hz, "-ac", &channels, "-i", from];
        let behind = ["-af", filters, "-f", "f64le", "-ar", &to_hz, to];
        before.into_iter().chain(behind).map(str::to_owned).collect()
    })
}

/// [`sox`] to another sample rate.
pub(crate) fn sox_to(effects: &str, [from_hz, to_hz]: [u32; 2], input: &Channels) -> Option<Channels> {
    let (from_hz, to_hz, channels) = (from_hz.to_string(), to_hz.to_string(), input.len().to_string());
    through("sox", input, |from, to| {
        let raw = ["-t", "raw", "-e", "floating-point", "-b", "64", "-c", &channels, "-r"];
        let before = ["-D", "-V1"].into_iter().chain(raw).chain([&*from_hz, from]);
        let behind = raw.into_iter().chain([&*to_hz, to]).chain(effects.split(' '));
        before.chain(behind).map(str::to_owned).collect()
    })
}

/// An impulse of a quarter at the front.
pub(crate) fn impulse(frames: usize) -> Vec<f64> {
    let mut signal = vec![0.0; frames];
    signal[0] = 0.25;
    signal
}

#[allow(clippy::disallowed_methods, reason = "an independent reference")]
pub(crate) fn sine(rate_hz: u32, hz: f64, peak: f64, frames: usize) -> Vec<f64> {
    (0..frames)
        .map(|n| peak * (std::f64::consts::TAU * (hz * n as f64 / f64::from(rate_hz)).fract()).sin())
        .collect()
}

/// The magnitude of a response to [`impulse`] at `hz`, in dB, by the sum that defines it.
#[allow(clippy::disallowed_methods, reason = "an independent reference")]
pub(crate) fn magnitude_db(response: &[f64], hz: f64, rate_hz: u32) -> f64 {
    let (mut re, mut im) = (0.0, 0.0);
    for (n, x) in response.iter().enumerate() {
        let (sin, cos) = (std::f64::consts::TAU * (hz * n as f64 / f64::from(rate_hz)).fract()).sin_cos();
        re += x * cos;
        im -= x * sin;
    }
    10.0 * ((re * re + im * im) / 0.0625).log10()
}

/// Rows of names and figures.
pub(crate) struct Table {
    title: &'static str,
    heads: Vec<&'static str>,
    rows: Vec<(String, Vec<String>)>,
}

impl Table {
    pub(crate) fn new(title: &'static str, heads: &[&'static str]) -> Self {
        Self { title, heads: heads.to_vec(), rows: Vec::new() }
    }

    /// A row of figures; `None` where the program is not here.
    pub(crate) fn row(&mut self, name: &str, figures: Option<Vec<f64>>) {
        let cells = figures.map_or_else(
            || vec!["not here".to_owned(); self.heads.len()],
            |figures| figures.iter().map(|x| shown(*x)).collect(),
        );
        self.rows.push((name.to_owned(), cells));
    }

    #[allow(clippy::print_stdout, reason = "a table for whoever asked for it")]
    pub(crate) fn print(&self) {
        println!("\n### {}\n\n| | {} |", self.title, self.heads.join(" | "));
        println!("|---|{}", "---:|".repeat(self.heads.len()));
        for (name, cells) in &self.rows {
            println!("| {name} | {} |", cells.join(" | "));
        }
    }
}

fn shown(x: f64) -> String {
    match x.abs() {
        size if size == 0.0 || !x.is_finite() => format!("{x}"),
        size if size < 0.01 => format!("{x:.1e}"),
        size if size < 10.0 => format!("{x:.3}"),
        _ => format!("{x:.1}"),
    }
}
