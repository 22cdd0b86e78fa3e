//! Maps from bare names, as in `bands: { air: HighShelf(gain_db: 2) }`.
//!
//! RON reads and writes the keys of a map of strings in quotes. A field of type `IndexMap<String, T>` marked
//! `#[serde(with = "deadwax_node::by_name")]` has them bare; a name that stands twice is refused.

use indexmap::IndexMap;
use serde::de::{DeserializeOwned, Deserializer, Error, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::marker::PhantomData;

/// Writes a map.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<T: Serialize, S: Serializer>(
    map: &IndexMap<String, T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut entries = serializer.serialize_map(Some(map.len()))?;
    for (name, value) in map {
        entries.serialize_entry(&Written(name), value)?;
    }
    entries.end()
}

/// Reads a map.
///
/// # Errors
/// Those of the deserializer, and when a name stands twice.
pub fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<IndexMap<String, T>, D::Error> {
    deserializer.deserialize_map(Entries(PhantomData))
}

/// A name to be written: bare where RON allows it.
struct Written<'a>(&'a str);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let letter = |c: char| c.is_ascii_alphabetic() || c == '_';
        let bare = self.0.starts_with(letter) && self.0.chars().all(|c| letter(c) || c.is_ascii_digit());
        match ron::value::RawValue::from_ron(self.0) {
            Ok(raw) if bare => raw.serialize(serializer),
            _ => self.0.serialize(serializer),
        }
    }
}

/// A name that was read.
struct Read(String);

impl<'de> Deserialize<'de> for Read {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_identifier(Bare)
    }
}

struct Bare;

impl Visitor<'_> for Bare {
    type Value = Read;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Read, E> {
        Ok(Read(name.to_owned()))
    }
}

struct Entries<T>(PhantomData<T>);

impl<'de, T: DeserializeOwned> Visitor<'de> for Entries<T> {
    type Value = IndexMap<String, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of names")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut map = IndexMap::new();
        while let Some(Read(name)) = access.next_key()? {
            let value = access.next_value()?;
            if map.contains_key(&name) {
                return Err(A::Error::custom(format_args!("`{name}` stands twice")));
            }
            map.insert(name, value);
        }
        Ok(map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Held {
        #[serde(with = "super")]
        map: IndexMap<String, i32>,
    }

    #[test]
    fn names_are_bare_in_ron_and_plain_in_json() {
        let held: Held = ron::from_str("(map: { low: 1, high_2: /* note */ 2 })").unwrap();
        assert_eq!(held.map.keys().collect::<Vec<_>>(), ["low", "high_2"]);
        let written = ron::to_string(&held).unwrap();
        assert_eq!(written, "(map:{low:1,high_2:2})");
        assert_eq!(ron::from_str::<Held>(&written).unwrap(), held);
        let json = serde_json::to_value(&held).unwrap();
        assert_eq!(json, serde_json::json!({"map": {"low": 1, "high_2": 2}}));
        assert_eq!(serde_json::from_value::<Held>(json).unwrap(), held);
    }

    #[test]
    fn a_name_that_stands_twice_is_refused() {
        let error = ron::from_str::<Held>("(map: { low: 1, low: 2 })").unwrap_err();
        assert!(error.to_string().contains("`low` stands twice"), "{error}");
    }
}
