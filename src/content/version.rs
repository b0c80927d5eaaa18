//! The fingerprint of a test set: the same cases have the same hash, whatever moved around them.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::domain::exercise::TestSet;

/// SHA-256 (FIPS 180-4) over the test set's canonical JSON: keys sorted, no spaces. Line numbers are not part of it.
#[must_use]
pub fn version_hash(tests: &TestSet) -> [u8; 32] {
    // A test set holds only strings, numbers, lists and maps with string keys: it can always be written as JSON.
    let value = serde_json::to_value(tests).unwrap_or_default();
    let mut json = String::new();
    write(&value, &mut json);
    Sha256::digest(json.as_bytes()).into()
}

fn write(value: &Value, json: &mut String) {
    match value {
        Value::Object(map) => {
            let mut entries = map.iter().collect::<Vec<_>>();
            entries.sort_by_key(|(key, _)| *key);
            json.push('{');
            for (place, (key, value)) in entries.into_iter().enumerate() {
                json.push_str(if place > 0 { "," } else { "" });
                json.push_str(&Value::from(key.as_str()).to_string());
                json.push(':');
                write(value, json);
            }
            json.push('}');
        }
        Value::Array(items) => {
            json.push('[');
            for (place, item) in items.iter().enumerate() {
                json.push_str(if place > 0 { "," } else { "" });
                write(item, json);
            }
            json.push(']');
        }
        other => json.push_str(&other.to_string()),
    }
}
