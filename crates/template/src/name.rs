//! How templates are called: `house/tape@^1.2#dense` is source, name, requirement, preset.

use crate::package::is_kebab;
use semver::{Version, VersionReq};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// Bytes of a whole name with requirement and preset.
const LONGEST: usize = 512;
/// Names that some systems keep for devices, so that no folder can have them.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// A template of a source, in no version yet: `house/tape`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TemplateName {
    source: String,
    name: String,
}

/// A template as somebody asks for it: `house/tape@^1.2#dense`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Wanted {
    /// Which.
    pub name: TemplateName,
    /// In which versions, as cargo reads that; any, where nothing is said.
    pub requirement: VersionReq,
    /// With which of its presets.
    pub preset: Option<String>,
}

/// One version of a template: `house/tape 1.2.0`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Release {
    /// Which template.
    pub name: TemplateName,
    /// Which version.
    pub version: Version,
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

/// A text that names no template.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NameError {
    /// It is longer than any name.
    #[error("a name of a template has {LONGEST} bytes at the most")]
    TooLong,
    /// It has not one `/`.
    #[error("`{0}` is no template: write `source/name`, as in `house/tape@^1`")]
    Form(String),
    /// The name of a source is not in kebab-case, or no folder could be called so.
    #[error("`{0}` is no name of a source: small letters, digits, and hyphens between them")]
    Source(String),
    /// The name of a template is not in kebab-case.
    #[error("`{0}` is no name of a template: small letters, digits, and hyphens between them")]
    Name(String),
    /// What stands behind `@` is no requirement.
    #[error("`{text}` is no requirement of a version ({cause}): write `^1.2`, `~1.2.3`, `=1.2.3`, `>=1, <3`")]
    Requirement {
        /// What stands there.
        text: String,
        /// Why.
        #[source]
        cause: semver::Error,
    },
    /// Nothing stands behind `#`, or what no preset is called.
    #[error("`#{0}` names no preset")]
    Preset(String),
}

/// Whether a source may be called so.
#[must_use]
pub fn is_source_name(name: &str) -> bool {
    let device = DEVICES.contains(&name)
        || ["com", "lpt"].iter().any(|port| name.strip_prefix(port).is_some_and(|rest| rest.len() == 1));
    is_kebab(name) && name.starts_with(|first: char| first.is_ascii_lowercase()) && !device
}

impl TemplateName {
    /// The template `name` of the source `source`.
    ///
    /// # Errors
    /// When one of them is no such name.
    pub fn new(source: &str, name: &str) -> Result<Self, NameError> {
        if !is_source_name(source) {
            return Err(NameError::Source(source.to_owned()));
        }
        // A step of a path begins with a letter, so that no name is taken for a number or a range.
        if !is_kebab(name) || !name.starts_with(|first: char| first.is_ascii_lowercase()) {
            return Err(NameError::Name(name.to_owned()));
        }
        Ok(Self { source: source.to_owned(), name: name.to_owned() })
    }

    /// The source's name on this machine.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// A version of it.
    pub(crate) fn release(&self, version: &Version) -> Box<Release> {
        Box::new(Release { name: self.clone(), version: version.clone() })
    }

    /// What the source calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for TemplateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.source, self.name)
    }
}

impl FromStr for TemplateName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let (source, name) = text.split_once('/').ok_or_else(|| NameError::Form(text.to_owned()))?;
        Self::new(source, name)
    }
}

impl FromStr for Wanted {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if text.len() > LONGEST {
            return Err(NameError::TooLong);
        }
        let (rest, preset) = match text.split_once('#') {
            Some((rest, preset)) => (rest, Some(preset)),
            None => (text, None),
        };
        let (name, requirement) = match rest.split_once('@') {
            Some((name, requirement)) => (name, Some(requirement)),
            None => (rest, None),
        };
        let name = name.parse()?;
        let requirement = match requirement {
            None => VersionReq::STAR,
            Some(text) => VersionReq::parse(text)
                .map_err(|cause| NameError::Requirement { text: text.to_owned(), cause })?,
        };
        if preset.is_some_and(|preset| preset.is_empty() || preset.contains(['#', '\0', '\n'])) {
            return Err(NameError::Preset(preset.unwrap_or_default().to_owned()));
        }
        Ok(Self { name, requirement, preset: preset.map(str::to_owned) })
    }
}

impl Wanted {
    /// Whether `version` is one of those that are asked for.
    #[must_use]
    pub fn fits(&self, version: &Version) -> bool {
        self.requirement.matches(version)
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name)?;
        if self.requirement != VersionReq::STAR {
            write!(f, "@{}", self.requirement)?;
        }
        match &self.preset {
            Some(preset) => write!(f, "#{preset}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{NameError, TemplateName, Wanted};

    #[test]
    fn all_four_parts_are_read_and_written_the_same() {
        let wanted: Wanted = "house/three-band-glue@^1.2#re issue".parse().unwrap();
        assert_eq!((wanted.name.source(), wanted.name.name()), ("house", "three-band-glue"));
        assert_eq!(wanted.preset.as_deref(), Some("re issue"));
        for text in ["house/tape", "house/tape@^1", "house/tape@=1.2.0#a", "house/tape@>=1, <3", "h2/t-2#x@1"]
        {
            assert_eq!(text.parse::<Wanted>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_requirement_is_read_as_cargo_reads_it() {
        for (asked, fits, misses) in [
            ("house/tape", "0.0.1", "1.0.0-rc.1"),
            ("house/tape@1.2", "1.9.0", "2.0.0"),
            ("house/tape@^0.3", "0.3.9", "0.4.0"),
            ("house/tape@~1.2.3", "1.2.9", "1.3.0"),
            ("house/tape@=1.2.0", "1.2.0", "1.2.1"),
            ("house/tape@^1.0.0-rc.1", "1.0.0-rc.2", "0.9.0"),
        ] {
            let wanted: Wanted = asked.parse().unwrap();
            assert!(wanted.fits(&fits.parse().unwrap()), "{asked} {fits}");
            assert!(!wanted.fits(&misses.parse().unwrap()), "{asked} {misses}");
        }
    }

    #[test]
    fn what_is_no_name_is_told_by_its_part() {
        for (text, said) in [
            ("tape", "`tape` is no template: write `source/name`"),
            ("House/tape", "`House` is no name of a source"),
            ("-x/tape", "`-x` is no name of a source"),
            ("com1/tape", "`com1` is no name of a source"),
            ("../tape", "`..` is no name of a source"),
            ("house/Tape", "`Tape` is no name of a template"),
            ("house/a/b", "`a/b` is no name of a template"),
            ("house/2", "`2` is no name of a template"),
            ("house/tape@", "`` is no requirement"),
            ("house/tape@new", "`new` is no requirement"),
            ("house/tape#", "`#` names no preset"),
        ] {
            let error: NameError = text.parse::<Wanted>().unwrap_err();
            assert!(error.to_string().starts_with(said), "{text}: {error}");
        }
        assert!(matches!(format!("a/{}", "b".repeat(600)).parse::<Wanted>(), Err(NameError::TooLong)));
        assert!("house/tape@1".parse::<TemplateName>().is_err());
    }
}
