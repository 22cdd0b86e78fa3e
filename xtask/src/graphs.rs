//! What is generated about the shipped graphs: drawings with levels, tables of what can be turned and of what they do to the
//! demo signals, and the page that lists them. What a person has to say about a graph is written by a person, and stays.

use crate::{TaskError, read, root};
use deadwax::draw::svg;
use deadwax::promise::{Figures, SoundFigures, hear};
use deadwax::{
    BUILT_IN, Format, Graph, GraphRef, Layout, Overrides, Settings, levels_of_demo, plan, registry,
};
use deadwax_measure::signals::{DEMO_RATE_HZ, Demo, demos};
use deadwax_node::FieldKind;
use std::fmt::Write as _;
use std::path::PathBuf;

/// From here on a page is generated.
const MARK: &str = "<!-- made by `cargo xtask codegen` from here on -->\n";

/// Every generated file about the shipped graphs, with what belongs in it.
pub(crate) fn files() -> Result<Vec<(PathBuf, String)>, TaskError> {
    let (folder, demos) = (root().join("graphs"), demos());
    let mut index = String::from(
        "# Graphs\n\nThese come with deadwax: `deadwax render mix.wav -g NAME`. Each is a template to begin with: `deadwax new \
         graph mine.ron --from NAME`.\n\nMade by `cargo xtask codegen`; each graph has a page that says when to reach for it.\n",
    );
    let mut files = Vec::new();
    for (name, _) in BUILT_IN {
        let graph = load(name)?;
        let path = folder.join(format!("{name}.md"));
        let page = read(&path)?;
        let said = page.split(MARK).next().unwrap_or_default().trim_end();
        let made =
            generated(&graph, &demos).map_err(|reason| TaskError::Stale(format!("{name}: {reason}")))?;
        files.push((path, format!("{said}\n\n{MARK}{made}")));
        files.push((folder.join(format!("pictures/{name}.svg")), drawing(&graph, &demos)?));
        let about = &graph.about;
        let _ = write!(
            index,
            "\n## [{}]({name}.md)\n\n{} `{name}`\n\n[![{}](pictures/{name}.svg)]({name}.md)\n",
            about.title, about.description, about.title
        );
    }
    files.push((folder.join("README.md"), index));
    Ok(files)
}

fn load(name: &str) -> Result<Graph, TaskError> {
    let wrong = |reason: String| TaskError::Stale(format!("{name}: {reason}"));
    let graph = GraphRef::parse(name).map_err(|error| wrong(error.to_string()))?;
    graph.load(&registry(), &Overrides::none()).map_err(|errors| wrong(errors.to_string()))
}

/// The graph, with the levels of the demo signal that it is made for.
fn drawing(graph: &Graph, demos: &[Demo]) -> Result<String, TaskError> {
    let wanted = if graph.about.tags.iter().any(|tag| tag == "restoration") {
        "worn record"
    } else {
        "drums and bass"
    };
    let stale = |reason: String| TaskError::Stale(format!("{}: {reason}", graph.name));
    let demo =
        demos.iter().find(|demo| demo.name == wanted).ok_or_else(|| stale(format!("no signal {wanted}")))?;
    let settings = Settings { workers: 1, portable: true, ..Settings::default() };
    let levels = levels_of_demo(graph, demo, &settings).map_err(|error| stale(error.to_string()))?;
    Ok(svg(graph, &levels))
}

fn generated(graph: &Graph, demos: &[Demo]) -> Result<String, String> {
    let settings = Settings { workers: 1, portable: true, ..Settings::default() };
    let compiled = plan(graph, Format::new(DEMO_RATE_HZ, Layout::Stereo), &settings)
        .map_err(|errors| format!("{errors:?}"))?;
    let mut text = String::new();
    params(&mut text, graph);
    let late = compiled.plan.wires.iter().map(|wire| wire.late_ms).fold(0.0, f64::max);
    let passes = match compiled.plan.passes.len() {
        1 => "one pass".to_owned(),
        count => format!("{count} passes"),
    };
    let ahead = if late > 0.0 { format!(", {late:.1} ms of look-ahead, aligned") } else { String::new() };
    let _ =
        write!(text, "\n## Measured\n\nOn twelve seconds each of four demo signals: {passes}{ahead}.\n\n");
    text.push_str("| signal | loudness | range | true peak | sides | 100 Hz | 1 kHz | 8 kHz |\n");
    text.push_str("|---|---|---|---|---|---|---|---|\n");
    for sound in hear(graph, demos).map_err(|error| error.to_string())? {
        row(&mut text, &sound.figures());
    }
    text.push_str(
        "\nLoudness in LUFS, range in LU, true peak in dBTP; sides: their power against that of the middle, in dB. The last three\n\
         columns: how much louder an octave has become, in dB, beyond what all of it has become. In the picture: the level of every\n\
         wire, in dB below a full-scale sine.\n",
    );
    Ok(text)
}

fn params(text: &mut String, graph: &Graph) {
    text.push_str("\n## What can be turned\n\n| `--set` | as it is | from | to | |\n|---|---|---|---|---|\n");
    for param in &graph.params {
        let (from, to) = match &param.kind {
            FieldKind::Number { min, max, .. } => (param.unit.show(*min), param.unit.show(*max)),
            _ => ("–".to_owned(), "–".to_owned()),
        };
        let _ = writeln!(text, "| `{}` | {} | {from} | {to} | {} |", param.name, param.value, param.help);
    }
    if graph.presets.is_empty() {
        return;
    }
    text.push_str("\n| `--preset` | |\n|---|---|\n");
    for preset in &graph.presets {
        let values: Vec<String> =
            preset.values.iter().map(|(name, value)| format!("{name} {value}")).collect();
        let _ = writeln!(text, "| `{}` | {} |", preset.name, values.join(", "));
    }
}

fn row(text: &mut String, figures: &SoundFigures) {
    let minus = |text: String| text.replace('-', "−");
    let number = |value: Option<f64>| {
        value.map_or_else(|| "–".to_owned(), |value| minus(format!("{:.1}", value + 0.0)))
    };
    let change = |of: fn(&Figures) -> Option<f64>| {
        let (before, after) = (number(of(&figures.before)), number(of(&figures.after)));
        if before == after { before } else { format!("{before} → {after}") }
    };
    let _ = write!(
        text,
        "| {} | {} | {} | {} | {} |",
        figures.signal,
        change(|figures| figures.integrated_lufs),
        change(|figures| figures.range_lu),
        change(|figures| figures.true_peak_dbtp),
        change(|figures| figures.side_to_mid_db),
    );
    for (_, tone) in &figures.tone_db {
        // What rounds to nothing has no sign.
        let tone = (tone * 10.0).round() / 10.0 + 0.0;
        let _ = write!(text, " {} |", minus(format!("{tone:+.1}")).replace("+0.0", "0"));
    }
    text.push('\n');
}
