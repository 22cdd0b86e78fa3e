//! The report: a page about files, and about what a graph did to them.

use crate::levels::Levels;
use crate::measure::facts;
use crate::{draw, explain, plan, render::Settings};
use deadwax_audio::{Decoder, Info, ReadError};
use deadwax_graph::Graph;
use deadwax_graph::diagnostic::Diagnostic;
use deadwax_measure::{Pool, Pooled};
use deadwax_node::{Format, Report};
use deadwax_report::PortraitMeter;
use std::path::Path;

pub use deadwax_report::{GraphPart, Page, Portrait, Text, Track, Version};

/// A file that was heard to its end, for a page.
#[derive(Debug)]
pub struct Sitting {
    name: Text,
    info: Info,
    meter: PortraitMeter,
}

/// Hears the file at `path` in bounded memory; true peaks above `ceiling_dbtp` are marked.
///
/// # Errors
/// When it cannot be read.
pub fn sit(path: &Path, ceiling_dbtp: f64) -> Result<Sitting, ReadError> {
    let mut decoder = Decoder::open(path)?;
    let mut info = decoder.info().clone();
    let mut meter = PortraitMeter::new(info.rate_hz, info.channels, ceiling_dbtp)
        .map_err(|error| ReadError::Header { path: path.to_owned(), reason: error.to_string() })?;
    let mut frames = 0;
    while let Some(planes) = decoder.read()? {
        frames += planes.first().map_or(0, Vec::len) as u64;
        meter.push(&planes.iter().map(Vec::as_slice).collect::<Vec<_>>());
    }
    info.frames = Some(frames);
    // The folder is nobody's business but the owner's.
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(Sitting { name: Text::new(name), info, meter })
}

impl Sitting {
    /// What a page shows of it; `album` takes it in.
    #[must_use]
    pub fn version(self, album: &mut Pool) -> Version {
        let Self { name, info, meter } = self;
        let portrait = meter.finish_into(album);
        let facts = facts(&info, &portrait.measured, portrait.floor_dbfs);
        Version {
            name,
            codec: Text::new(info.codec),
            bits: info.bits,
            channels: info.channels,
            portrait,
            facts,
        }
    }
}

/// Versions of files, and all of them together where there are several.
#[must_use]
pub fn versions(sittings: Vec<Sitting>) -> (Vec<Version>, Option<Pooled>) {
    let mut pool = Pool::new();
    let several = sittings.len() > 1;
    let versions = sittings.into_iter().map(|sitting| sitting.version(&mut pool)).collect();
    (versions, several.then(|| pool.measured()))
}

/// What a page shows of a graph that a file of `format` goes through; `reports` are what its nodes told in a render, if there was
/// one, `remarks` the same for people, and `levels` how loud its wires were.
///
/// # Errors
/// When the graph does not work at that format.
pub fn graph_part(
    graph: &Graph,
    format: Format,
    settings: Vec<Text>,
    reports: &[(String, Report)],
    remarks: Text,
    levels: &Levels,
) -> Result<GraphPart, Vec<Diagnostic>> {
    let compiled = plan(graph, format, &Settings { workers: 1, ..Settings::default() })?;
    let about = &graph.about;
    let name = match about.version.as_str() {
        "" => graph.name.clone(),
        version => format!("{} {version}", graph.name),
    };
    let aims = graph.nodes.iter().filter(|node| node.on);
    Ok(GraphPart {
        name: Text::new(name),
        settings,
        drawing: draw::svg(graph, levels),
        explain: Text::new(explain(graph, &compiled.plan)),
        reports: reports.iter().map(|(name, report)| (name.clone(), report.to_json())).collect(),
        remarks,
        target_lufs: aims.filter_map(|node| node.node.to_json()["target_lufs"].as_f64()).next_back(),
    })
}

/// Today in UTC, as `2026-11-24`.
#[must_use]
pub fn today() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    date(now.map_or(0, |now| now.as_secs() / 86_400) as i64)
}

/// The day so many days after 1 January 1970, in the Gregorian calendar: eras of 400 years, each beginning on 1 March.
fn date(days: i64) -> String {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn days_have_their_dates() {
        for (days, expected) in
            [(0, "1970-01-01"), (11_016, "2000-02-29"), (11_017, "2000-03-01"), (20_781, "2026-11-24")]
        {
            assert_eq!(date(days), expected);
        }
    }
}
