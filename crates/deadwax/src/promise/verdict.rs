//! How big a step a new version of a template has to be.
//!
//! A version promises sound, by [Semantic Versioning](https://semver.org) read for ears: a patch sounds the same and is turned
//! by the same params; a minor step adds something and sounds the same as long as nobody touches it; a major step may sound
//! different. Below 1.0.0 the second number counts as the first, and the third as the second.

use super::sound::{Apart, SAME_DBFS};
use deadwax_graph::Graph;
use deadwax_graph::model::Param;
use deadwax_node::FieldKind;
use semver::Version;
use std::fmt;

/// A step from one version to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// The same sound, turned by the same params.
    Patch,
    /// More to turn; the same sound where nobody turns it.
    Minor,
    /// Another sound, or params and outputs that are gone.
    Major,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        })
    }
}

impl Step {
    /// The step from `old` to `new`; whatever comes before or after a pre-release may differ as it likes.
    #[must_use]
    pub fn between(old: &Version, new: &Version) -> Self {
        let first =
            if old.major == 0 && new.major == 0 { old.minor != new.minor } else { old.major != new.major };
        let second = if old.major == 0 { old.patch != new.patch } else { old.minor != new.minor };
        match (first || !old.pre.is_empty() || !new.pre.is_empty(), second) {
            (true, _) => Self::Major,
            (false, true) => Self::Minor,
            (false, false) => Self::Patch,
        }
    }

    /// The lowest version that is this step on from `old`.
    #[must_use]
    pub fn after(self, old: &Version) -> Version {
        let Version { major, minor, patch, .. } = *old;
        match (self, major) {
            (Self::Major, 1..) => Version::new(major + 1, 0, 0),
            (Self::Minor, 1..) | (Self::Major, 0) => Version::new(major, minor + 1, 0),
            _ => Version::new(major, minor, patch + 1),
        }
    }
}

/// One reason why the step must be as big as it must be.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Reason {
    /// The least step that it needs.
    pub step: Step,
    /// What changed, for people.
    pub what: String,
}

/// What changed between two versions of a template, as far as the promise goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Promise {
    /// All reasons for more than a patch.
    pub reasons: Vec<Reason>,
}

impl Promise {
    /// The least step that all of it needs.
    #[must_use]
    pub fn needed(&self) -> Step {
        self.reasons.iter().map(|reason| reason.step).max().unwrap_or(Step::Patch)
    }

    /// The reasons that a step of `taken` is too small for.
    pub fn beyond(&self, taken: Step) -> impl Iterator<Item = &Reason> {
        self.reasons.iter().filter(move |reason| reason.step > taken)
    }

    fn because(&mut self, step: Step, what: impl Into<String>) {
        self.reasons.push(Reason { step, what: what.into() });
    }

    /// What a user of `old` finds changed in `new`: ends, params, presets.
    pub(crate) fn outside(old: &Graph, new: &Graph) -> Self {
        let mut promise = Self::default();
        promise.ends("input", &old.inputs, &new.inputs, Step::Major);
        promise.ends("output", &old.outputs, &new.outputs, Step::Minor);
        for param in &old.params {
            match new.params.iter().find(|other| other.name == param.name) {
                None => promise.because(Step::Major, format!("the param `{}` is gone", param.name)),
                Some(other) => promise.param(param, other),
            }
        }
        for param in &new.params {
            if old.params.iter().all(|other| other.name != param.name) {
                promise.because(Step::Minor, format!("the param `{}` is new", param.name));
            }
        }
        for preset in &old.presets {
            if new.presets.iter().all(|other| other.name != preset.name) {
                promise.because(Step::Major, format!("the preset \"{}\" is gone", preset.name));
            }
        }
        for preset in &new.presets {
            if old.presets.iter().all(|other| other.name != preset.name) {
                promise.because(Step::Minor, format!("the preset \"{}\" is new", preset.name));
            }
        }
        promise
    }

    fn ends(&mut self, what: &str, old: &[String], new: &[String], added: Step) {
        for gone in old.iter().filter(|name| !new.contains(name)) {
            self.because(Step::Major, format!("the {what} `{gone}` is gone"));
        }
        for name in new.iter().filter(|name| !old.contains(name)) {
            self.because(added, format!("the {what} `{name}` is new"));
        }
    }

    fn param(&mut self, old: &Param, new: &Param) {
        let name = &old.name;
        if old.unit != new.unit {
            self.because(Step::Major, format!("`{name}` counts something else"));
        }
        match (&old.kind, &new.kind) {
            (
                FieldKind::Number { min, max, integer, .. },
                FieldKind::Number { min: low, max: high, integer: whole, .. },
            ) => {
                if low > min || high < max || (*whole && !integer) {
                    let what = format!("`{name}` went from {min} to {max}, and goes from {low} to {high}");
                    self.because(Step::Major, what);
                } else if low < min || high > max || (*integer && !whole) {
                    self.because(
                        Step::Minor,
                        format!("`{name}` goes from {low} to {high}, further than before"),
                    );
                }
            }
            (old, new) if old != new => {
                self.because(Step::Major, format!("`{name}` takes other values than before"));
            }
            _ => {}
        }
    }

    /// Adds what is heard: `as_what` says how the templates were set, as in `at its defaults`.
    pub(crate) fn heard(&mut self, as_what: &str, apart: &Apart) {
        match apart {
            same if same.is_same() => {}
            Apart::By { level_dbfs, demo } => {
                let what = format!(
                    "{as_what} it sounds different: {level_dbfs:.1} dBFS on {demo} (the same is below {SAME_DBFS} dBFS)"
                );
                self.because(Step::Major, what);
            }
            Apart::Otherwise(why) => self.because(Step::Major, format!("{as_what}: {why}")),
            Apart::Not => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_read_as_semver_reads_them() {
        let step = |old: &str, new: &str| Step::between(&old.parse().unwrap(), &new.parse().unwrap());
        let (patch, minor, major) = (Step::Patch, Step::Minor, Step::Major);
        for (old, new, expected) in [
            ("1.2.3", "1.2.4", patch),
            ("1.2.3", "1.3.0", minor),
            ("1.2.3", "2.0.0", major),
            ("0.2.3", "0.2.4", minor),
            ("0.2.3", "0.3.0", major),
            ("0.2.3", "1.0.0", major),
            ("1.0.0-rc.1", "1.0.0", major),
            ("1.2.3", "1.2.3+build", patch),
        ] {
            assert_eq!(step(old, new), expected, "{old} -> {new}");
        }
    }

    #[test]
    fn the_version_that_is_proposed_is_such_a_step() {
        for old in ["1.2.3", "0.2.3", "0.0.1"] {
            let old: Version = old.parse().unwrap();
            for step in [Step::Patch, Step::Minor, Step::Major] {
                let new = step.after(&old);
                assert!(new > old && Step::between(&old, &new) >= step, "{old}: {step} is {new}");
            }
        }
    }
}
