//! The page as a whole.

use crate::portrait::Portrait;
use crate::text::{Text, script_json, sentence, time};
use crate::{answer, numbers, stereo, time as over_time, tone};
use deadwax_measure::Pooled;
use deadwax_platforms::{Facts, Rule, Verdict};
use serde_json::Value;
use std::fmt::Write as _;

/// A file in one state: the mix, or the master.
#[derive(Clone, Debug)]
pub struct Version {
    /// The file's name, without its folder.
    pub name: Text,
    /// The codec's short name.
    pub codec: Text,
    /// Bits in a sample of the file.
    pub bits: Option<u32>,
    /// The number of channels.
    pub channels: usize,
    /// What was heard.
    pub portrait: Portrait,
    /// What rules ask about it.
    pub facts: Facts,
}

/// What a graph did.
#[derive(Clone, Debug, Default)]
pub struct GraphPart {
    /// Its name, with its version.
    pub name: Text,
    /// What was set in it.
    pub settings: Vec<Text>,
    /// Its drawing, as SVG. It stands in the page as it is.
    pub drawing: String,
    /// The graph in plain words.
    pub explain: Text,
    /// What nodes tell, by name, as plain data.
    pub reports: Vec<(String, Value)>,
    /// The same in a line each, and what else to know.
    pub remarks: Text,
    /// The loudness it aimed at, in LUFS.
    pub target_lufs: Option<f64>,
}

/// One file of the page.
#[derive(Clone, Debug)]
pub struct Track {
    /// The file.
    pub after: Version,
    /// What it was made of.
    pub before: Option<Version>,
    /// What was done.
    pub graph: Option<GraphPart>,
}

/// A page.
#[derive(Clone, Debug)]
pub struct Page {
    /// What stands on top.
    pub title: Text,
    /// When it was made, as `2026-11-24`.
    pub made_on: Text,
    /// What made it.
    pub made_by: Text,
    /// Who it is for.
    pub client: Text,
    /// Who did it.
    pub engineer: Text,
    /// What else to know.
    pub notes: Text,
    /// The files.
    pub tracks: Vec<Track>,
    /// All files together, where there are several.
    pub album: Option<Pooled>,
    /// The rules that are asked, by name.
    pub rules: Vec<(String, Rule)>,
}

pub(crate) const STYLE: &str = include_str!("style.css");

/// A record's dead wax with its groove running out.
pub(crate) const MARK: &str = "<svg class=\"logo\" viewBox=\"0 0 48 48\" aria-hidden=\"true\"><circle cx=\"24\" cy=\"24\" r=\"22\"/>\
<circle cx=\"24\" cy=\"24\" r=\"17.5\"/><circle cx=\"24\" cy=\"24\" r=\"13\"/>\
<path d=\"M24 33a9 9 0 1 1 9-9\"/><circle class=\"hole\" cx=\"24\" cy=\"24\" r=\"2.5\"/></svg>";

impl Version {
    /// `3:42.2 · stereo · 48 kHz · 24 bit · flac`.
    fn line(&self) -> String {
        let channels = match self.channels {
            1 => "mono".to_owned(),
            2 => "stereo".to_owned(),
            more => format!("{more} channels"),
        };
        let khz = f64::from(self.portrait.measured.rate_hz) / 1000.0;
        let bits = self.bits.map_or_else(String::new, |bits| format!(" · {bits} bit"));
        format!("{} · {channels} · {khz} kHz{bits} · {}", time(self.portrait.seconds()), self.codec)
    }
}

impl Track {
    /// What every rule says about the master.
    pub(crate) fn verdicts<'a>(&self, rules: &'a [(String, Rule)]) -> Vec<(&'a str, &'a Rule, Verdict)> {
        rules.iter().map(|(name, rule)| (name.as_str(), rule, rule.judge(&self.after.facts))).collect()
    }
}

impl Page {
    /// A page about `tracks`, called as its one file is, by this version of deadwax and for nobody yet.
    #[must_use]
    pub fn of(tracks: Vec<Track>, rules: Vec<(String, Rule)>) -> Self {
        let title = match &tracks[..] {
            [track] => track.after.name.clone(),
            _ => Text::from("Report"),
        };
        Self {
            title,
            made_on: Text::default(),
            made_by: Text::from(concat!("deadwax ", env!("CARGO_PKG_VERSION"))),
            client: Text::default(),
            engineer: Text::default(),
            notes: Text::default(),
            tracks,
            album: None,
            rules,
        }
    }

    /// The page, as HTML.
    #[must_use]
    pub fn html(&self) -> String {
        let mut out = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
             content=\"width=device-width,initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
             <meta name=\"generator\" content=\"{}\">\n<title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
            self.made_by, self.title
        );
        self.head(&mut out);
        if self.tracks.len() > 1 {
            answer::overview(&mut out, self);
        }
        for (n, track) in self.tracks.iter().enumerate() {
            self.track(&mut out, n, track);
        }
        self.foot(&mut out);
        let _ = write!(
            out,
            "<script type=\"application/json\" id=\"deadwax\">{}</script>\n</body>\n</html>\n",
            script_json(&numbers::json(self))
        );
        out
    }

    fn head(&self, out: &mut String) {
        let _ = write!(out, "<header>{MARK}<div><h1>{}</h1><p class=\"sub\">", self.title);
        match &self.tracks[..] {
            [track] => {
                if let Some(before) = &track.before {
                    let _ = write!(out, "{} → {}<br>", before.name, track.after.name);
                }
                out.push_str(&track.after.line());
            }
            tracks => {
                let seconds: f64 = tracks.iter().map(|track| track.after.portrait.seconds()).sum();
                let _ = write!(out, "{} files · {}", tracks.len(), time(seconds));
            }
        }
        out.push_str("</p></div><dl>");
        for (what, text) in
            [("made", &self.made_on), ("for", &self.client), ("by", &self.engineer), ("with", &self.made_by)]
        {
            if !text.is_empty() {
                let _ = write!(out, "<div><dt>{what}</dt><dd>{text}</dd></div>");
            }
        }
        out.push_str("</dl></header>\n");
        if !self.notes.is_empty() {
            let _ = writeln!(out, "<p class=\"notes\">{}</p>", self.notes);
        }
    }

    fn track(&self, out: &mut String, n: usize, track: &Track) {
        let _ = writeln!(out, "<main class=\"track\" id=\"track-{}\">", n + 1);
        if self.tracks.len() > 1 {
            let _ = writeln!(
                out,
                "<h2 class=\"name\">{}. {}</h2><p class=\"sub\">{}</p>",
                n + 1,
                track.after.name,
                track.after.line()
            );
        }
        answer::section(out, track, &self.rules);
        over_time::section(out, track);
        out.push_str("<section class=\"part\"><h2>Tone and space</h2>\n");
        tone::figures(out, track);
        stereo::figures(out, track);
        out.push_str("</section>\n");
        if let Some(graph) = &track.graph {
            graph.section(out);
        }
        out.push_str("</main>\n");
    }

    /// Where rules come from, and a line to sign on.
    fn foot(&self, out: &mut String) {
        out.push_str("<footer><h2>Where the rules come from</h2><table class=\"rules\"><tbody>\n");
        for (_, rule) in &self.rules {
            let asks = sentence(&rule.asks().join(", "));
            let note = sentence(&rule.note);
            let _ = writeln!(
                out,
                "<tr><th>{}</th><td>{asks}<br><i>{note}</i></td><td>{} · {} · {}</td></tr>",
                Text::new(rule.name.as_str()),
                Text::new(rule.source.as_str()),
                rule.grade.words(),
                Text::new(rule.checked_on.as_str())
            );
        }
        out.push_str(
            "</tbody></table><p class=\"small\">What services do is no judgement of the sound: a loud master is played \
             softer, a soft one often as it is. Services change their rules; look again before you rely on one.</p>\
             <p class=\"sign\"><span>approved</span><span>date</span></p></footer>\n",
        );
    }
}

impl GraphPart {
    fn section(&self, out: &mut String) {
        let _ = writeln!(out, "<section class=\"part graph\"><h2>The graph: {}</h2>", self.name);
        if !self.settings.is_empty() {
            let settings: Vec<String> = self.settings.iter().map(Text::to_string).collect();
            let _ = write!(out, "<p class=\"sub\">{}</p>", settings.join(" · "));
        }
        let _ = writeln!(out, "<div class=\"drawing\">{}</div>", self.drawing);
        if !self.remarks.is_empty() {
            let _ = writeln!(out, "<h3>What the nodes found</h3><pre>{}</pre>", self.remarks);
        }
        let _ = writeln!(out, "<h3>In plain words</h3><pre>{}</pre></section>", self.explain);
    }
}
