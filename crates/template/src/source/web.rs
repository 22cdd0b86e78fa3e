//! A source that is a folder on the web. Every address that is asked, redirected or not, is held against the same rules.

use super::origin::is_loopback;
use super::{Access, Origin, SourceError, key};
use crate::limits::INDEX_BYTES;
use crate::store::Store;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;
use thiserror::Error;
use ureq::Agent;
use ureq::http::{Response, StatusCode, header};

/// How long one answer may take, and how long it may take until there is a connection.
const WHOLE: Duration = Duration::from_secs(120);
const CONNECT: Duration = Duration::from_secs(15);
/// How often one is sent elsewhere.
const REDIRECTS: usize = 5;

/// A web folder cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WebError {
    /// No answer, or none that can be read.
    #[error("{0}")]
    Request(#[source] Box<ureq::Error>),
    /// The server says no.
    #[error("the server answers {0}")]
    Status(StatusCode),
    /// It sends elsewhere, again and again.
    #[error("it leads elsewhere more than {REDIRECTS} times")]
    Redirects,
    /// It sends to where nothing is asked.
    #[error("it leads to `{0}`, which is neither https nor this machine")]
    Elsewhere(String),
    /// The answer is longer than it may be.
    #[error("it has more than {0} bytes")]
    TooLarge(usize),
}

/// An index as it was told, and how to ask whether it is still so.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    etag: Option<String>,
    modified: Option<String>,
    index: String,
}

/// The bytes of the index: those that are kept, unless they are to be asked anew and have changed.
pub(super) fn index(address: &str, store: &Store, access: Access) -> Result<Vec<u8>, SourceError> {
    let place = PathBuf::from("indexes").join(format!("{}.json", key(address)));
    // What is damaged is asked for again.
    let kept =
        store.read(&place, 4 * INDEX_BYTES)?.and_then(|bytes| serde_json::from_slice::<Told>(&bytes).ok());
    if let Some(told) = kept.as_ref().filter(|_| access.offline || !access.anew) {
        return Ok(told.index.clone().into_bytes());
    }
    if access.offline {
        return Err(SourceError::Offline(Origin::Web(address.to_owned())));
    }
    let whole = format!("{address}index.json");
    let failed = |cause| SourceError::Web { address: whole.clone(), cause };
    let mut response = get(&whole, kept.as_ref()).map_err(failed)?;
    if let (StatusCode::NOT_MODIFIED, Some(told)) = (response.status(), kept) {
        return Ok(told.index.into_bytes());
    }
    let bytes = body(&mut response, INDEX_BYTES).map_err(failed)?;
    let said = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (etag, modified) = (said(header::ETAG), said(header::LAST_MODIFIED));
    // What is no index is not kept.
    if let (Ok(_), Ok(index)) = (crate::index::Index::read(&bytes), String::from_utf8(bytes.clone())) {
        let told = serde_json::to_vec(&Told { etag, modified, index }).unwrap_or_default();
        store.write(&place, &told)?;
    }
    Ok(bytes)
}

/// The bytes of an archive.
pub(super) fn archive(
    address: &str,
    path: &str,
    most: usize,
    access: Access,
) -> Result<Vec<u8>, SourceError> {
    if access.offline {
        return Err(SourceError::Offline(Origin::Web(address.to_owned())));
    }
    let whole = format!("{address}{}", encoded(path));
    let failed = |cause| SourceError::Web { address: whole.clone(), cause };
    let mut response = get(&whole, None).map_err(failed)?;
    body(&mut response, most).map_err(failed)
}

/// A path as it stands in an address.
fn encoded(path: &str) -> String {
    let mut text = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

type Answer = Response<ureq::Body>;

/// Asks for `address`; with what was told before, only whether that has changed.
fn get(address: &str, before: Option<&Told>) -> Result<Answer, WebError> {
    let here = is_loopback(address);
    let mut config = Agent::config_builder()
        .timeout_global(Some(WHOLE))
        .timeout_connect(Some(CONNECT))
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .user_agent(concat!("deadwax/", env!("CARGO_PKG_VERSION")));
    if here {
        // Nothing in between knows this machine.
        config = config.proxy(None);
    }
    let agent: Agent = config.build().into();
    let mut at = address.to_owned();
    for _ in 0..=REDIRECTS {
        let mut request = agent.get(&at);
        if let Some(told) = before {
            let tags = [(header::IF_NONE_MATCH, &told.etag), (header::IF_MODIFIED_SINCE, &told.modified)];
            for (name, value) in tags.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?))) {
                request = request.header(name, value);
            }
        }
        let response = request.call().map_err(|error| WebError::Request(Box::new(error)))?;
        let status = response.status();
        if status == StatusCode::OK || (status == StatusCode::NOT_MODIFIED && before.is_some()) {
            return Ok(response);
        }
        let leads = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
        match leads.filter(|_| status.is_redirection()) {
            None => return Err(WebError::Status(status)),
            Some(leads) => at = led(&at, leads, here)?,
        }
    }
    Err(WebError::Redirects)
}

/// Where one is sent from `at`. From elsewhere nobody is sent to this machine.
fn led(at: &str, leads: &str, here: bool) -> Result<String, WebError> {
    let start = at.find("://").map_or(0, |found| found + "://".len());
    let host = at[start..].find('/').map_or(at.len(), |found| start + found);
    let whole = if leads.contains("://") {
        leads.to_owned()
    } else if leads.starts_with("//") {
        format!("{}:{leads}", &at[..start - "://".len()])
    } else if leads.starts_with('/') {
        format!("{}{leads}", &at[..host])
    } else {
        let folder = at.rfind('/').map_or(at.len(), |found| found.max(host) + 1).min(at.len());
        format!("{}{leads}", &at[..folder])
    };
    let allowed = whole.starts_with("https://") || (here && is_loopback(&whole));
    if allowed { Ok(whole) } else { Err(WebError::Elsewhere(whole.chars().take(200).collect())) }
}

fn body(response: &mut Answer, most: usize) -> Result<Vec<u8>, WebError> {
    // One byte more than is allowed, so that what is too long is told from what is just long enough.
    let read = response.body_mut().with_config().limit(most as u64 + 1).read_to_vec();
    match read {
        Ok(bytes) if bytes.len() <= most => Ok(bytes),
        Ok(_) | Err(ureq::Error::BodyExceedsLimit(_)) => Err(WebError::TooLarge(most)),
        Err(error) => Err(WebError::Request(Box::new(error))),
    }
}

#[cfg(test)]
mod tests {
    use super::{encoded, led};

    #[test]
    fn one_is_led_on_as_browsers_are() {
        let at = "https://example.org/a/index.json";
        for (leads, whole) in [
            ("b.json", "https://example.org/a/b.json"),
            ("/b.json", "https://example.org/b.json"),
            ("//other.org/b", "https://other.org/b"),
            ("https://other.org/b", "https://other.org/b"),
        ] {
            assert_eq!(led(at, leads, false).unwrap(), whole, "{leads}");
        }
    }

    #[test]
    fn nobody_is_led_out_of_what_is_sealed_or_to_this_machine() {
        for leads in ["http://example.org/", "http://127.0.0.1/", "file:///etc/passwd", "ftp://x/"] {
            assert!(led("https://example.org/index.json", leads, false).is_err(), "{leads}");
        }
        assert!(led("http://127.0.0.1:1/index.json", "/b", true).is_ok());
        assert!(led("http://127.0.0.1:1/index.json", "http://example.org/", true).is_err());
    }

    #[test]
    fn letters_that_an_address_has_not_are_written_out() {
        assert_eq!(encoded("a b/ü#1.dwx"), "a%20b/%C3%BC%231.dwx");
    }
}
