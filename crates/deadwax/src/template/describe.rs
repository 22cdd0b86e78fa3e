//! A template in a few lines: what one wants to know before one uses it.

use super::opened::Opened;
use super::portrait::{Portrait, Reach};
use crate::explain::value_and_range;
use deadwax_graph::model::About;
use std::fmt::Write as _;

/// Graphs in the place of nodes that are named; more are only counted.
const MOST_NAMED: usize = 4;

/// The template in words; `name` is what one calls it on the command line.
#[must_use]
pub fn describe(name: &str, opened: &Opened, portrait: &Portrait) -> String {
    let (about, graph) = (opened.package.about(), &opened.graph);
    let mut text = headline(about);
    let mut line = |label: &str, told: String| {
        let _ = writeln!(text, "{label:>9}  {told}");
    };
    line("does", does(portrait));
    line("costs", costs(portrait));
    line("needs", needs(&portrait.takes));
    let each = |(path, bytes): &(String, usize)| format!("{path} ({})", size(*bytes));
    let reads: Vec<String> = portrait.reads.iter().map(each).collect();
    line("reads", if reads.is_empty() { "the mix, and nothing else".into() } else { reads.join(", ") });
    line("writes", portrait.writes.join(", "));
    let wide = graph.params.iter().map(|param| param.name.len()).max().unwrap_or(0);
    let values: Vec<String> = graph.params.iter().map(value_and_range).collect();
    let value_wide = values.iter().map(|value| value.chars().count()).max().unwrap_or(0);
    for (number, (param, value)) in graph.params.iter().zip(&values).enumerate() {
        let told = format!("{:<wide$}  {value:<value_wide$}  {}", param.name, plain(&param.help));
        line(if number == 0 { "params" } else { "" }, told.trim_end().to_owned());
    }
    if !graph.presets.is_empty() {
        let names: Vec<String> = graph.presets.iter().map(|preset| plain(&preset.name)).collect();
        line("presets", names.join(", "));
    }
    let kept = if opened.package.file("LICENSE").is_some() { ", in LICENSE" } else { "" };
    line(
        "licence",
        if about.license.is_empty() { "none is said".into() } else { plain(&about.license) + kept },
    );
    line("content", opened.package.content_hash().to_string());
    line("next", format!("deadwax render mix.wav -g {name} · deadwax explain {name}"));
    text
}

fn headline(about: &About) -> String {
    let said = |lead: &str, word: &str| if word.is_empty() { String::new() } else { format!("{lead}{word}") };
    let authors = said("  ·  ", &plain(&about.authors.join(", ")));
    let title = said("  ", &plain(&about.title));
    let mut text = format!("{} {}{title}{authors}\n", about.name, about.version);
    if !about.description.is_empty() {
        let _ = writeln!(text, "{}", plain(&about.description));
    }
    text.push('\n');
    text
}

fn does(portrait: &Portrait) -> String {
    let count =
        |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    let mut told = count(portrait.nodes, "node", "nodes");
    let each = portrait.inside.iter().take(MOST_NAMED).map(|(outer, count)| format!("{count} in `{outer}`"));
    let mut inside: Vec<String> = each.collect();
    let more = portrait.inside.len().saturating_sub(MOST_NAMED);
    inside.extend((more > 0).then(|| format!("others in {more} more graphs")));
    if !inside.is_empty() {
        let _ = write!(told, ", of which {}", inside.join(", "));
    }
    let _ = write!(told, " · {}", count(portrait.passes, "pass", "passes"));
    if portrait.late_ms > 0.0 {
        let _ = write!(told, " · looks {:.1} ms ahead, aligned", portrait.late_ms);
    }
    told
}

fn costs(portrait: &Portrait) -> String {
    let mut told = match portrait.x_realtime {
        Some(speed) if speed >= 10.0 => format!("about {speed:.0}× real time on this machine"),
        Some(speed) => format!("about {speed:.1}× real time on this machine"),
        None => "so much that a few seconds were not rendered in ten".to_owned(),
    };
    let _ = write!(told, " · {} KiB of blocks", portrait.block_bytes.div_ceil(1024));
    if portrait.kept_per_minute > 0 {
        let _ = write!(told, ", {} MiB kept for each minute", portrait.kept_per_minute.div_ceil(1 << 20));
    }
    told
}

fn needs(takes: &Reach) -> String {
    let layouts: Vec<String> = takes.layouts.iter().map(ToString::to_string).collect();
    let rates: Vec<String> = takes.rates_hz.iter().map(|hz| (f64::from(*hz) / 1000.0).to_string()).collect();
    let rates = if takes.any_rate() { "any rate".to_owned() } else { format!("{} kHz", rates.join(", ")) };
    format!(
        "{} · {rates} · no nodes but those that deadwax {} has",
        layouts.join(" or "),
        env!("CARGO_PKG_VERSION")
    )
}

/// A stranger's text on one line, without what a terminal takes for something else than letters.
fn plain(text: &str) -> String {
    let turns = |letter: char| matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|letter| if letter.is_control() || turns(letter) { ' ' } else { letter }).collect()
}

/// Bytes for people: `412 kB`.
#[must_use]
pub fn size(bytes: usize) -> String {
    match bytes {
        0..1000 => format!("{bytes} B"),
        1000..10_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        10_000..1_000_000 => format!("{} kB", bytes / 1000),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}
