//! YAML values with their places, as far as the front matter tells them apart.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

/// The front matter's entries in order, each with its place.
pub(super) struct Entries(pub Vec<(Spanned<String>, Spanned<Yaml>)>);

/// Any YAML value, as far as we tell them apart.
pub(super) enum Yaml {
    Text(String),
    Number,
    Bool,
    Null,
    List(Vec<Spanned<Yaml>>),
    Map,
    /// What only Elixir has, or computes.
    Other,
}

impl Yaml {
    /// What it is, in words.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Number => "a number",
            Self::Bool => "true or false",
            Self::Null => "empty",
            Self::List(_) => "a list",
            Self::Map => "a map",
            Self::Other => "another value",
        }
    }
}

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Map;
        impl<'de> Visitor<'de> for Map {
            type Value = Entries;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("lines of the form `key: value`")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Map)
    }
}

impl<'de> Deserialize<'de> for Yaml {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Yaml;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_bool<E>(self, _: bool) -> Result<Yaml, E> {
                Ok(Yaml::Bool)
            }
            fn visit_i64<E>(self, _: i64) -> Result<Yaml, E> {
                Ok(Yaml::Number)
            }
            fn visit_u64<E>(self, _: u64) -> Result<Yaml, E> {
                Ok(Yaml::Number)
            }
            fn visit_f64<E>(self, _: f64) -> Result<Yaml, E> {
                Ok(Yaml::Number)
            }
            fn visit_str<E>(self, text: &str) -> Result<Yaml, E> {
                Ok(Yaml::Text(text.to_owned()))
            }
            fn visit_unit<E>(self) -> Result<Yaml, E> {
                Ok(Yaml::Null)
            }
            fn visit_none<E>(self) -> Result<Yaml, E> {
                Ok(Yaml::Null)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Yaml, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Yaml::List(items))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Yaml, A::Error> {
                while map.next_entry::<serde::de::IgnoredAny, serde::de::IgnoredAny>()?.is_some() {}
                Ok(Yaml::Map)
            }
        }
        deserializer.deserialize_any(Any)
    }
}
