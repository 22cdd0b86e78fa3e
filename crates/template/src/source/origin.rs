//! Where a source lies: a folder, a git repository, a folder on the web.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;
use thiserror::Error;

/// Bytes of an address.
const LONGEST: usize = 1024;

/// Where a source lies.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Origin {
    /// A folder of this machine, by its whole path.
    Folder(String),
    /// A git repository, and behind `?ref=` the branch or tag, where it is not the usual one.
    Git(String),
    /// A folder on the web; its address ends in `/`.
    Web(String),
}

/// An address that leads to no source.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OriginError {
    /// It is longer than addresses are, or has letters that none has.
    #[error("`{0}` is no address")]
    Form(String),
    /// A protocol that is not used.
    #[error(
        "`{0}`: sources are read by https, git+https, git+ssh, git+file, or from a folder (http from this machine only)"
    )]
    Protocol(String),
    /// A name or password stands in it, and would stand in every lock.
    #[error("the address has a name or password in it: git and ssh keep those elsewhere")]
    Secret,
    /// A branch or tag that git could take for something else.
    #[error("`{0}` is no branch or tag")]
    Ref(String),
    /// There is no such folder.
    #[error("there is no folder {0}: {1}")]
    NoFolder(String, #[source] std::io::Error),
}

impl Origin {
    /// Reads an address as a person writes it: `https://…`, `git+https://…?ref=v2`, `git+ssh://…`, `git+file:///…`,
    /// `https://….git`, or a folder.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let form = || OriginError::Form(text.chars().take(80).collect());
        if text.is_empty() || text.len() > LONGEST || text.starts_with('-') || text.contains(char::is_control)
        {
            return Err(form());
        }
        let origin = match text.strip_prefix("git+") {
            Some(address) => Self::Git(address.to_owned()),
            None if text.contains("://") => Self::of_web(text),
            None => {
                let failed = |cause| OriginError::NoFolder(text.to_owned(), cause);
                let whole = Path::new(text).canonicalize().map_err(failed)?;
                if !whole.is_dir() {
                    return Err(failed(std::io::ErrorKind::NotADirectory.into()));
                }
                Self::Folder(whole.to_str().ok_or_else(form)?.to_owned())
            }
        };
        origin.check()?;
        Ok(origin)
    }

    fn of_web(text: &str) -> Self {
        let bare = text.split('?').next().unwrap_or(text);
        let is_git = bare.ends_with(".git") || text.starts_with("ssh://") || text.starts_with("file://");
        match is_git {
            true => Self::Git(text.to_owned()),
            false if text.ends_with('/') => Self::Web(text.to_owned()),
            false => Self::Web(format!("{text}/")),
        }
    }

    /// Whether it may be asked: addresses also come from locks, which others may have written.
    ///
    /// # Errors
    /// When its protocol is none that is used, or something in it could be taken for something else.
    pub fn check(&self) -> Result<(), OriginError> {
        let address = self.address();
        if address.is_empty() || address.len() > LONGEST || address.contains(char::is_control) {
            return Err(OriginError::Form(address.chars().take(80).collect()));
        }
        match self {
            Self::Folder(_) => Ok(()),
            Self::Web(address) => {
                if !address.starts_with("https://") && !is_loopback(address) {
                    return Err(OriginError::Protocol(address.clone()));
                }
                let plain =
                    address.bytes().all(|byte| byte.is_ascii_graphic()) && !address.contains(['?', '#']);
                if !plain || !address.ends_with('/') || host(address).is_empty() {
                    return Err(OriginError::Form(address.clone()));
                }
                no_secret(address)
            }
            Self::Git(_) => {
                let (address, branch) = self.repository();
                if !["https://", "ssh://", "file://"].iter().any(|known| address.starts_with(known)) {
                    return Err(OriginError::Protocol(address.to_owned()));
                }
                let host = host(address);
                let local = address.starts_with("file://");
                // ssh would take a host that begins with a hyphen for an option.
                let odd = host.starts_with('-') || host.contains("@-") || host.is_empty() != local;
                if odd || !address.bytes().all(|byte| byte.is_ascii_graphic() || (local && byte == b' ')) {
                    return Err(OriginError::Form(address.to_owned()));
                }
                if !is_branch(branch) {
                    return Err(OriginError::Ref(branch.to_owned()));
                }
                if address.starts_with("ssh://") { Ok(()) } else { no_secret(address) }
            }
        }
    }

    /// The address alone.
    #[must_use]
    pub fn address(&self) -> &str {
        match self {
            Self::Folder(address) | Self::Git(address) | Self::Web(address) => address,
        }
    }

    /// The repository's address, and the branch or tag; for git only.
    pub(crate) fn repository(&self) -> (&str, &str) {
        self.address().split_once("?ref=").unwrap_or((self.address(), "HEAD"))
    }

    /// Whether asking it needs no network.
    #[must_use]
    pub fn is_here(&self) -> bool {
        matches!(self, Self::Folder(_)) || self.address().starts_with("file://")
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Git(address) => write!(f, "git+{address}"),
            Self::Folder(address) | Self::Web(address) => write!(f, "{address}"),
        }
    }
}

/// What stands between `://` and the path.
fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or("", |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default()
}

fn no_secret(address: &str) -> Result<(), OriginError> {
    if host(address).contains('@') { Err(OriginError::Secret) } else { Ok(()) }
}

/// Whether an address leads to this machine by plain HTTP: to nobody else is anything sent unsealed.
pub(crate) fn is_loopback(address: &str) -> bool {
    let Some(rest) = address.strip_prefix("http://") else { return false };
    let host = rest.split('/').next().unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    ["127.0.0.1", "localhost", "[::1]"].contains(&name)
}

/// Whether git takes it for the name of a branch, tag or commit, and for nothing else.
fn is_branch(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._/-+".contains(&byte);
    !name.is_empty() && !name.starts_with(['-', '/', '.']) && name.bytes().all(plain) && !name.contains("..")
}

#[cfg(test)]
mod tests {
    use super::{Origin, OriginError};

    #[test]
    fn an_address_says_what_kind_of_source_it_is() {
        let git = |text: &str| Origin::Git(text.to_owned());
        let web = |text: &str| Origin::Web(text.to_owned());
        for (text, origin) in [
            ("https://example.org/graphs", web("https://example.org/graphs/")),
            ("http://127.0.0.1:8000/", web("http://127.0.0.1:8000/")),
            ("git+https://example.org/g?ref=v2", git("https://example.org/g?ref=v2")),
            ("https://example.org/g.git", git("https://example.org/g.git")),
            ("ssh://git@example.org/g", git("ssh://git@example.org/g")),
            ("git+file:///srv/g", git("file:///srv/g")),
        ] {
            assert_eq!(Origin::parse(text).unwrap(), origin, "{text}");
        }
        assert!(matches!(Origin::parse("."), Ok(Origin::Folder(_))));
    }

    #[test]
    fn what_could_do_something_else_is_refused() {
        for text in [
            "",
            "-upload",
            "http://example.org/",
            "http://127.0.0.1.example.org/",
            "http://localhost@example.org/",
            "ftp://example.org/",
            "git+http://example.org/g",
            "git+ext::sh -c id",
            "git+ssh://-oProxyCommand=id/g",
            "git+ssh://a@-oProxyCommand=id/g",
            "git+https://example.org/g?ref=--upload-pack=id",
            "git+https://example.org/g?ref=a..b",
            "git+https://me:secret@example.org/g",
            "https://me:secret@example.org/",
            "https:///x/",
            "https://example.org/?a=b",
            "https://example.org/\n",
            "no/such/folder",
            "Cargo.toml",
        ] {
            assert!(Origin::parse(text).is_err(), "{text}");
        }
        assert!(matches!(Origin::parse("https://me@example.org/"), Err(OriginError::Secret)));
    }
}
