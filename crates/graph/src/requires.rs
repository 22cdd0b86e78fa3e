//! What a graph says that it needs: of the program, of the mix, of kinds of nodes that do not come with the program.

use crate::diagnostic::{Code, Diagnostic};
use crate::model::Graph;
use crate::tree::parse;
use deadwax_node::{Format, Layout};
use semver::{Version, VersionReq};
use serde::{Deserialize, Serialize};

/// Sample rates of mixes that there are.
const RATES_HZ: std::ops::RangeInclusive<u32> = 8_000..=768_000;

/// What a graph needs. All of it may be left out; an empty list is any.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Requires {
    /// Which versions of this program, as in `>=0.1`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub deadwax: String,
    /// Numbers of channels of the mix.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<usize>,
    /// Sample rates of the mix, in Hz.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rates_hz: Vec<u32>,
    /// Kinds of nodes that come with another program.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<String>,
}

/// Why a graph is not for this program.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unmet {
    /// What is written is no range of versions.
    #[error("`{0}` is no range of versions")]
    NoRange(String),
    /// This program is of another version.
    #[error("this graph needs deadwax {0}, and this is {version}", version = env!("CARGO_PKG_VERSION"))]
    Version(String),
}

impl Requires {
    /// Whether this program is one of those.
    pub(crate) fn program(&self) -> Result<(), Unmet> {
        if self.deadwax.is_empty() {
            return Ok(());
        }
        let range = VersionReq::parse(&self.deadwax).map_err(|_| Unmet::NoRange(self.deadwax.clone()))?;
        let met = Version::parse(env!("CARGO_PKG_VERSION")).is_ok_and(|version| range.matches(&version));
        if met { Ok(()) } else { Err(Unmet::Version(self.deadwax.clone())) }
    }

    /// Whether the kind is one of those that come with another program, however its name is written.
    pub(crate) fn names(&self, kind: &str) -> bool {
        let plain = |name: &str| name.replace(['_', '-'], "").to_lowercase();
        self.nodes.iter().any(|name| plain(name) == plain(kind))
    }

    /// A format that the graph is for: `usual`, as far as it may be.
    #[must_use]
    pub fn format(&self, usual: Format) -> Format {
        let (mut rate_hz, mut layout) = (usual.rate_hz, usual.layout);
        if !self.rates_hz.is_empty() && !self.rates_hz.contains(&rate_hz) {
            // A stranger's number is not taken at its word: memory grows with the rate.
            let sane = self.rates_hz.iter().find(|rate| RATES_HZ.contains(rate));
            rate_hz = sane.copied().unwrap_or(rate_hz);
        }
        if !self.channels.is_empty() && !self.channels.contains(&usual.channels()) {
            layout = self.channels.iter().find_map(|count| Layout::of_channels(*count)).unwrap_or(layout);
        }
        Format::new(rate_hz, layout)
    }
}

impl Graph {
    /// What the graph needs and a mix of `format` is not.
    #[must_use]
    pub fn unmet(&self, format: Format) -> Vec<Diagnostic> {
        let Some(requires) = &self.about.requires else { return Vec::new() };
        let listed = |all: &mut dyn Iterator<Item = String>| all.collect::<Vec<_>>().join(" or ");
        let mut found = Vec::new();
        if !requires.channels.is_empty() && !requires.channels.contains(&format.channels()) {
            let wanted = listed(&mut requires.channels.iter().map(ToString::to_string));
            let plural = if wanted == "1" { "channel" } else { "channels" };
            let count = format.channels();
            let message = format!("this graph is for {wanted} {plural}, and the mix has {count}");
            found.push(self.at_requirement("channels", message));
        }
        if !requires.rates_hz.is_empty() && !requires.rates_hz.contains(&format.rate_hz) {
            let wanted = listed(&mut requires.rates_hz.iter().map(|rate| format!("{rate} Hz")));
            let message = format!("this graph is for {wanted}, and the mix has {} Hz", format.rate_hz);
            found.push(self.at_requirement("rates_hz", message));
        }
        found
    }

    fn at_requirement(&self, field: &str, message: String) -> Diagnostic {
        let text = self.sources.get(0).map_or("", |source| &source.text);
        let root = parse(text, 0, &mut Vec::new());
        let diagnostic = Diagnostic::general(Code::Unmet, message)
            .help("bring the mix to that, or take the requirement out of `about` and try");
        match root.at_path(&format!("about.requires.{field}")) {
            Some(value) => {
                Diagnostic { at: Some((0, value.span.clone())), label: "so it says".into(), ..diagnostic }
            }
            None => diagnostic,
        }
    }
}
