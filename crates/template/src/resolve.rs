//! From what is asked for to one version of each template: the highest that fits all who ask, as far as a lock has not
//! settled it already.

use crate::index::Version;
use crate::lock::Lock;
use crate::name::{NameError, Release, TemplateName, Wanted};
use crate::source::{Origin, SourceError};
use deadwax_graph::{Code, limits};
use semver::VersionReq;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use thiserror::Error;

/// How often versions are chosen anew, before it is said that they never settle.
const ROUNDS: usize = 100;

/// Who asks for a template.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asker {
    /// A person, now or when the lock was written.
    Person,
    /// A graph file.
    Graph(String),
    /// Another template, by its name and version.
    Template(String),
}

/// A requirement, and who has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// Who asks.
    pub by: Asker,
    /// For what.
    pub wanted: Wanted,
}

/// What sources offer.
pub trait Offers {
    /// The versions of a template, in any order.
    ///
    /// # Errors
    /// When the source cannot be used, or has no such template.
    fn versions(&self, name: &TemplateName) -> Result<Vec<Version>, SourceError>;

    /// What a version of a template uses.
    ///
    /// # Errors
    /// When it cannot be had.
    fn needs(&self, name: &TemplateName, version: &Version) -> Result<Needs, ResolveError>;
}

/// What a template uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// The templates.
    pub wanted: Vec<Wanted>,
    /// What its author used.
    pub lock: Option<Lock>,
}

/// The chosen version of each template.
pub type Resolved = BTreeMap<TemplateName, Version>;

/// No version could be chosen for each template.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// No version fits all who ask.
    #[error("no version of {name} fits: {}, and there {}", listed(asks), offered(versions))]
    NoneFits {
        /// The template.
        name: TemplateName,
        /// Who asks for what.
        asks: Vec<(Asker, VersionReq)>,
        /// The versions that there are.
        versions: Vec<semver::Version>,
    },
    /// Templates that use each other.
    #[error("these templates use each other in a circle: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" -> "))]
    Circle(Vec<TemplateName>),
    /// Templates inside templates beyond the limit.
    #[error("more than {allowed} templates inside each other, from {0} on", allowed = limits::NESTING)]
    TooDeep(TemplateName),
    /// More templates than a graph may use.
    #[error("more than {} templates are needed", limits::TEMPLATES)]
    TooMany,
    /// Each choice asks for another.
    #[error("no choice of versions lasts: each asks for others; those of {0} are among them")]
    Unsettled(TemplateName),
    /// A template names another in no way that is a name.
    #[error("{by} names a template in no way that is one: {cause}")]
    Name {
        /// The template.
        by: String,
        /// Why.
        #[source]
        cause: NameError,
    },
    /// A template carries a lock that cannot be used.
    #[error("the deadwax.lock of {by}: {cause}")]
    Lock {
        /// The template.
        by: String,
        /// Why.
        #[source]
        cause: crate::lock::LockError,
    },
    /// What is locked is offered with other bytes now.
    #[error("{release} has been changed by its source: it was {was}, and is {is} now")]
    Moved {
        /// Which.
        release: Box<Release>,
        /// Its content as it was locked.
        was: crate::ContentHash,
        /// Its content as it is offered.
        is: crate::ContentHash,
    },
    /// A template was made with another than the one that the source of that name has here.
    #[error("{by} was made with {release} of another source than `{}` is here ({origin})", release.name.source())]
    Foreign {
        /// The template that uses it.
        by: String,
        /// The used one, in the version that its author had.
        release: Box<Release>,
        /// Where the author had it from.
        origin: Origin,
    },
    /// What is locked came from elsewhere than the source of that name lies.
    #[error("{name} was locked from {was}, and `{}` is {is} here", name.source())]
    OtherOrigin {
        /// The template.
        name: TemplateName,
        /// Where it came from.
        was: Origin,
        /// Where the source lies.
        is: Origin,
    },
    /// A source cannot be used.
    #[error(transparent)]
    Source(#[from] SourceError),
}

fn listed(asks: &[(Asker, VersionReq)]) -> String {
    asks.iter().map(|(by, requirement)| format!("{by} {requirement}")).collect::<Vec<_>>().join(", ")
}

fn offered(versions: &[semver::Version]) -> String {
    let shown: Vec<_> = versions.iter().rev().take(8).map(ToString::to_string).collect();
    match (shown.len(), versions.len()) {
        (0, _) => "is none".to_owned(),
        (1, 1) => format!("is {} only", shown[0]),
        (shown_count, all) if shown_count < all => format!("are {} and older ones", shown.join(", ")),
        _ => format!("are {}", shown.join(", ")),
    }
}

impl fmt::Display for Asker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person => write!(f, "you ask for"),
            Self::Graph(name) | Self::Template(name) => write!(f, "{name} asks for"),
        }
    }
}

impl ResolveError {
    /// What kind of error it is.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Source(error) => error.code(),
            Self::Moved { .. } | Self::Foreign { .. } | Self::OtherOrigin { .. } => Code::TemplateChanged,
            Self::Circle(_) => Code::UseLoop,
            Self::TooDeep(_) | Self::TooMany => Code::UseTooDeep,
            Self::Lock { .. } => Code::LockNotUsed,
            Self::Name { .. } | Self::NoneFits { .. } | Self::Unsettled(_) => Code::NoVersionFits,
        }
    }

    /// What to do about it, where there is something.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Self::Source(error) => return error.help(),
            Self::NoneFits { .. } => "ask for less in one of them, or use a copy of the graph by its path".into(),
            Self::Moved { .. } => {
                "a version never changes: ask whoever keeps the source, or add the template anew without its entry in \
                 deadwax.lock"
                    .into()
            }
            Self::Foreign { release, origin: Origin::Folder(_), .. } => {
                format!("ask whoever made it for the source that he calls `{}`, and give this one another name", release.name.source())
            }
            Self::Foreign { release, origin, .. } => {
                format!("`deadwax template source add {} {origin}`, and give the other source another name", release.name.source())
            }
            Self::OtherOrigin { name, .. } => {
                format!("give this source another name than `{}`, or take {name} out of deadwax.lock", name.source())
            }
            Self::Unsettled(name) => format!("settle one: `deadwax template add {name}@=VERSION`"),
            Self::Circle(_) | Self::TooDeep(_) | Self::TooMany | Self::Name { .. } | Self::Lock { .. } => {
                "tell whoever made the template".into()
            }
        })
    }
}

/// Who asks for what, by template.
type Asks = BTreeMap<TemplateName, Vec<(Asker, VersionReq)>>;

/// Chooses a version of each template that `roots` ask for and that those use. What `lock` pins stays as it is where it
/// fits.
///
/// # Errors
/// When no version fits all who ask, or templates use each other in a circle or too deeply.
pub fn resolve(roots: &[Root], lock: &Lock, offers: &dyn Offers) -> Result<Resolved, ResolveError> {
    let mut chosen = Resolved::new();
    for _ in 0..ROUNDS {
        let asks = asks(roots, &chosen, offers)?;
        if asks.len() > limits::TEMPLATES {
            return Err(ResolveError::TooMany);
        }
        let (mut next, mut refused) = (Resolved::new(), None);
        for (name, asks) in &asks {
            match choose(name, asks, lock, offers) {
                Ok(version) => drop(next.insert(name.clone(), version)),
                // Who asks for what cannot be had may not be asked himself, when all is settled.
                Err(error @ ResolveError::NoneFits { .. }) => drop(refused.get_or_insert(error)),
                Err(error) => return Err(error),
            }
        }
        let settled = same(&next, &chosen);
        chosen = next;
        match refused {
            Some(error) if settled => return Err(error),
            None if settled => {
                own_locks(&chosen, offers)?;
                return Ok(chosen);
            }
            _ => {}
        }
    }
    let last = chosen.into_keys().next_back();
    Err(last.map_or(ResolveError::TooMany, ResolveError::Unsettled))
}

fn same(a: &Resolved, b: &Resolved) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|((a, one), (b, two))| a == b && one.version == two.version)
}

/// Who asks for what, when these versions are chosen.
fn asks(roots: &[Root], chosen: &Resolved, offers: &dyn Offers) -> Result<Asks, ResolveError> {
    let mut walk = Walk { chosen, offers, asks: Asks::new(), heights: BTreeMap::new(), way: Vec::new() };
    for root in roots {
        walk.note(root.by.clone(), &root.wanted);
    }
    for root in roots {
        if walk.height(&root.wanted.name)? > limits::NESTING {
            return Err(ResolveError::TooDeep(root.wanted.name.clone()));
        }
    }
    Ok(walk.asks)
}

struct Walk<'a> {
    chosen: &'a Resolved,
    offers: &'a dyn Offers,
    asks: Asks,
    /// How many templates lie inside each other, for those that have been walked through.
    heights: BTreeMap<TemplateName, usize>,
    way: Vec<TemplateName>,
}

impl Walk<'_> {
    fn note(&mut self, by: Asker, wanted: &Wanted) {
        let asks = self.asks.entry(wanted.name.clone()).or_default();
        let ask = (by, wanted.requirement.clone());
        if !asks.contains(&ask) {
            asks.push(ask);
        }
    }

    /// Walks through what a template uses.
    fn height(&mut self, name: &TemplateName) -> Result<usize, ResolveError> {
        if let Some(known) = self.heights.get(name) {
            return Ok(*known);
        }
        if let Some(begin) = self.way.iter().position(|known| known == name) {
            let circle = self.way[begin..].iter().chain([name]).cloned().collect();
            return Err(ResolveError::Circle(circle));
        }
        // Far beyond what is allowed nothing more is looked at.
        if self.way.len() > 2 * limits::NESTING {
            return Err(ResolveError::TooDeep(name.clone()));
        }
        let Some(version) = self.chosen.get(name) else { return Ok(1) };
        let by = format!("{name} {}", version.version);
        self.way.push(name.clone());
        let mut height = 1;
        for wanted in self.offers.needs(name, version)?.wanted {
            self.note(Asker::Template(by.clone()), &wanted);
            height = height.max(1 + self.height(&wanted.name)?);
        }
        self.way.pop();
        self.heights.insert(name.clone(), height);
        Ok(height)
    }
}

fn choose(
    name: &TemplateName,
    asks: &[(Asker, VersionReq)],
    lock: &Lock,
    offers: &dyn Offers,
) -> Result<Version, ResolveError> {
    let mut versions = offers.versions(name)?;
    versions.sort_by(|a, b| a.version.cmp(&b.version));
    let fits = |version: &semver::Version| asks.iter().all(|(_, requirement)| requirement.matches(version));
    if let Some(pin) = lock.pins.get(name) {
        let offered = versions.iter().find(|one| one.version == pin.version);
        match offered {
            Some(one) if one.content != pin.content => {
                let (release, was, is) = (name.release(&pin.version), pin.content, one.content);
                return Err(ResolveError::Moved { release, was, is });
            }
            Some(one) if fits(&pin.version) => return Ok(one.clone()),
            None if fits(&pin.version) => {
                return Err(SourceError::NoVersion { release: name.release(&pin.version) }.into());
            }
            _ => {}
        }
    }
    let best = versions.iter().rev().find(|one| fits(&one.version)).cloned();
    best.ok_or_else(|| ResolveError::NoneFits {
        name: name.clone(),
        asks: asks.to_vec(),
        versions: versions.into_iter().map(|one| one.version).collect(),
    })
}

/// The name of a source means on this machine what its owner says. Where an author had another source of that name, what
/// it offers is something else, and that is seen by what the author's own lock says.
fn own_locks(chosen: &Resolved, offers: &dyn Offers) -> Result<(), ResolveError> {
    for (by, version) in chosen {
        let Needs { wanted, lock: Some(lock) } = offers.needs(by, version)? else { continue };
        let names: BTreeSet<_> = wanted.into_iter().map(|wanted| wanted.name).collect();
        for (name, pin) in lock.pins.iter().filter(|(name, _)| names.contains(*name)) {
            let known = offers.versions(name)?.into_iter().find(|one| one.version == pin.version);
            if known.is_none_or(|one| one.content != pin.content) {
                let by = format!("{by} {}", version.version);
                let (release, origin) = (name.release(&pin.version), pin.origin.clone());
                return Err(ResolveError::Foreign { by, release, origin });
            }
        }
    }
    Ok(())
}
