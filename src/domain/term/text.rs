//! A term as `inspect` would write it: for values whose text was too long to be kept whole.
//!
//! Only what `inspect` is known to do is done. Whoever uses it compares the beginning with the text that is there.

use std::cmp::Ordering;
use std::collections::HashMap;

/// Terms nested deeper than this are not written.
const DEPTH: usize = 48;

/// Longest number that is written, in bytes.
const BIG: usize = 64;

/// The order in which a struct's fields are written, by its name.
pub type FieldOrder<'t> = HashMap<&'t str, Vec<&'t str>>;

/// Writes a term in at most `longest` bytes; `None` when it cannot be told how `inspect` would.
#[must_use]
pub fn of(bytes: &[u8], fields: &FieldOrder<'_>, longest: usize) -> Option<String> {
    let mut reader = Reader { rest: bytes.strip_prefix(&[131])?, left: longest };
    let value = reader.value(0)?;
    if !reader.rest.is_empty() {
        return None;
    }
    let mut text = String::new();
    write(&value, fields, &mut text);
    (text.len() <= longest).then_some(text)
}

#[derive(Debug, Clone, PartialEq)]
enum Value<'t> {
    Integer(String),
    Float(f64),
    Atom(&'t str),
    Binary(&'t [u8]),
    List(Vec<Value<'t>>, Option<Box<Value<'t>>>),
    Tuple(Vec<Value<'t>>),
    Map(Vec<(Value<'t>, Value<'t>)>),
    Function(&'t str, &'t str, String),
}

struct Reader<'t> {
    rest: &'t [u8],
    left: usize,
}

impl<'t> Reader<'t> {
    fn take(&mut self, count: usize) -> Option<&'t [u8]> {
        let (head, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(head)
    }

    fn number(&mut self, bytes: usize) -> Option<usize> {
        Some(self.take(bytes)?.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)))
    }

    fn atom(&mut self, bytes: usize) -> Option<Value<'t>> {
        let length = self.number(bytes)?;
        std::str::from_utf8(self.take(length)?).ok().map(Value::Atom)
    }

    fn values(&mut self, count: usize, depth: usize) -> Option<Vec<Value<'t>>> {
        // Every value takes a byte at least, here and in the text.
        self.left = self.left.checked_sub(count)?;
        (0..count).map(|_| self.value(depth + 1)).collect()
    }

    fn value(&mut self, depth: usize) -> Option<Value<'t>> {
        if depth > DEPTH {
            return None;
        }
        Some(match self.number(1)? {
            97 => Value::Integer(self.number(1)?.to_string()),
            98 => Value::Integer(i32::from_be_bytes(self.take(4)?.try_into().ok()?).to_string()),
            70 => Value::Float(f64::from_be_bytes(self.take(8)?.try_into().ok()?)),
            106 => Value::List(Vec::new(), None),
            119 => self.atom(1)?,
            118 => self.atom(2)?,
            107 => {
                let length = self.number(2)?;
                let bytes = self.take(length)?;
                Value::List(bytes.iter().map(|byte| Value::Integer(byte.to_string())).collect(), None)
            }
            109 => {
                let length = self.number(4)?;
                Value::Binary(self.take(length)?)
            }
            110 => {
                let length = self.number(1)?;
                let negative = self.number(1)? == 1;
                Value::Integer(decimal(self.take(length)?, negative)?)
            }
            104 => {
                let count = self.number(1)?;
                Value::Tuple(self.values(count, depth)?)
            }
            105 => {
                let count = self.number(4)?;
                Value::Tuple(self.values(count, depth)?)
            }
            108 => {
                let count = self.number(4)?;
                let values = self.values(count, depth)?;
                match self.value(depth + 1)? {
                    Value::List(rest, None) if rest.is_empty() => Value::List(values, None),
                    tail => Value::List(values, Some(Box::new(tail))),
                }
            }
            116 => {
                let count = self.number(4)?;
                let mut values = self.values(count.checked_mul(2)?, depth)?.into_iter();
                let mut pairs = Vec::with_capacity(count);
                while let (Some(key), Some(value)) = (values.next(), values.next()) {
                    pairs.push((key, value));
                }
                pairs.sort_by(|(left, _), (right, _)| order(left, right));
                Value::Map(pairs)
            }
            113 => match (self.value(depth + 1)?, self.value(depth + 1)?, self.value(depth + 1)?) {
                (Value::Atom(module), Value::Atom(name), Value::Integer(arity)) => Value::Function(module, name, arity),
                _ => return None,
            },
            _ => return None,
        })
    }
}

/// Digits of a number that is given as bytes, the smallest first.
fn decimal(bytes: &[u8], negative: bool) -> Option<String> {
    if bytes.len() > BIG {
        return None;
    }
    let mut digits = vec![0_u8];
    for byte in bytes.iter().rev() {
        let mut carry = u32::from(*byte);
        for digit in &mut digits {
            carry += u32::from(*digit) * 256;
            *digit = (carry % 10) as u8;
            carry /= 10;
        }
        while carry > 0 {
            digits.push((carry % 10) as u8);
            carry /= 10;
        }
    }
    let digits: String = digits.iter().rev().map(|digit| char::from(b'0' + digit)).collect();
    Some(if negative { format!("-{digits}") } else { digits })
}

/// Erlang's order of terms, as far as keys of maps need it.
fn order(left: &Value<'_>, right: &Value<'_>) -> Ordering {
    let rank = |value: &Value<'_>| match value {
        Value::Integer(_) | Value::Float(_) => 0,
        Value::Atom(_) => 1,
        Value::Function(..) => 2,
        Value::Tuple(_) => 3,
        Value::Map(_) => 4,
        Value::List(..) => 5,
        Value::Binary(_) => 6,
    };
    let number = |value: &Value<'_>| match value {
        Value::Integer(digits) => digits.parse().unwrap_or(0.0),
        Value::Float(float) => *float,
        _ => 0.0,
    };
    match (left, right) {
        (Value::Atom(left), Value::Atom(right)) => left.cmp(right),
        (Value::Binary(left), Value::Binary(right)) => left.cmp(right),
        (Value::Tuple(left), Value::Tuple(right)) => left.len().cmp(&right.len()).then_with(|| in_turn(left, right)),
        (Value::List(left, _), Value::List(right, _)) => in_turn(left, right).then(left.len().cmp(&right.len())),
        _ => rank(left).cmp(&rank(right)).then(number(left).total_cmp(&number(right))),
    }
}

fn in_turn(left: &[Value<'_>], right: &[Value<'_>]) -> Ordering {
    left.iter()
        .zip(right)
        .map(|(left, right)| order(left, right))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

fn write(value: &Value<'_>, fields: &FieldOrder<'_>, out: &mut String) {
    match value {
        Value::Integer(digits) => out.push_str(digits),
        Value::Float(float) => out.push_str(&written_float(*float)),
        Value::Atom(name) => out.push_str(&atom(name)),
        Value::Binary(bytes) => binary(bytes, out),
        Value::Function(module, name, arity) => out.push_str(&format!("&{}.{name}/{arity}", atom(module))),
        Value::Tuple(values) => {
            out.push('{');
            sequence(values, fields, out);
            out.push('}');
        }
        Value::List(values, tail) => list(values, tail.as_deref(), fields, out),
        Value::Map(pairs) => map(pairs, fields, out),
    }
}

fn sequence(values: &[Value<'_>], fields: &FieldOrder<'_>, out: &mut String) {
    for (index, value) in values.iter().enumerate() {
        out.push_str(if index == 0 { "" } else { ", " });
        write(value, fields, out);
    }
}

fn list(values: &[Value<'_>], tail: Option<&Value<'_>>, fields: &FieldOrder<'_>, out: &mut String) {
    let letter = |value: &Value<'_>| match value {
        Value::Integer(digits) => {
            digits.parse().ok().and_then(char::from_u32).filter(|c| matches!(c, ' '..='~' | '\u{7}'..='\r' | '\u{1B}'))
        }
        _ => None,
    };
    let letters: Option<String> = values.iter().map(letter).collect();
    if let Some(letters) = letters.filter(|_| tail.is_none() && !values.is_empty()) {
        out.push_str("~c");
        return quoted(&letters, out);
    }
    let pair = |value: &Value<'_>| matches!(value, Value::Tuple(parts) if matches!(parts[..], [Value::Atom(_), _]));
    let keyword = tail.is_none() && !values.is_empty() && values.iter().all(pair);
    out.push('[');
    for (index, value) in values.iter().enumerate() {
        out.push_str(if index == 0 { "" } else { ", " });
        match value {
            Value::Tuple(parts) if keyword => entry(&parts[0], &parts[1], true, fields, out),
            _ => write(value, fields, out),
        }
    }
    if let Some(tail) = tail {
        out.push_str(" | ");
        write(tail, fields, out);
    }
    out.push(']');
}

fn entry(key: &Value<'_>, value: &Value<'_>, keyword: bool, fields: &FieldOrder<'_>, out: &mut String) {
    match key {
        Value::Atom(name) if keyword => {
            let written = atom(name);
            out.push_str(written.strip_prefix(':').unwrap_or(&written));
            out.push_str(": ");
        }
        _ => {
            write(key, fields, out);
            out.push_str(" => ");
        }
    }
    write(value, fields, out);
}

fn map(pairs: &[(Value<'_>, Value<'_>)], fields: &FieldOrder<'_>, out: &mut String) {
    let find = |name: &str| pairs.iter().find(|(key, _)| *key == Value::Atom(name)).map(|(_, value)| value);
    let keyword = pairs.iter().all(|(key, _)| matches!(key, Value::Atom(_)));
    let mut shown: Vec<&(Value<'_>, Value<'_>)> = pairs.iter().collect();
    match find("__struct__") {
        Some(Value::Atom("Elixir.MapSet")) if let Some(Value::Map(members)) = find("map") => {
            let members: Vec<Value<'_>> = members.iter().map(|(member, _)| member.clone()).collect();
            out.push_str("MapSet.new(");
            list(&members, None, fields, out);
            out.push(')');
            return;
        }
        Some(Value::Atom(name)) if let Some(name) = name.strip_prefix("Elixir.") => {
            out.push_str(&format!("%{name}{{"));
            shown.retain(|(key, _)| *key != Value::Atom("__struct__"));
            if let Some(order) = fields.get(name) {
                shown.sort_by_key(|(key, _)| match key {
                    Value::Atom(key) => order.iter().position(|field| field == key).unwrap_or(usize::MAX),
                    _ => usize::MAX,
                });
            }
        }
        _ => out.push_str("%{"),
    }
    for (index, (key, value)) in shown.into_iter().enumerate() {
        out.push_str(if index == 0 { "" } else { ", " });
        entry(key, value, keyword, fields, out);
    }
    out.push('}');
}

fn written_float(float: f64) -> String {
    let size = float.abs();
    if size == 0.0 || (1e-4..9_007_199_254_740_992.0).contains(&size) {
        return format!("{float:?}");
    }
    let text = format!("{float:e}");
    match text.split_once('e') {
        Some((digits, power)) if !digits.contains('.') => format!("{digits}.0e{power}"),
        _ => text,
    }
}

fn atom(name: &str) -> String {
    let plain = |text: &str| {
        let bare = text.strip_suffix(['?', '!']).unwrap_or(text);
        bare.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && bare.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '@'))
    };
    let alias =
        |text: &str| text.split('.').all(|part| part.starts_with(|c: char| c.is_ascii_uppercase()) && plain(part));
    match name.strip_prefix("Elixir.") {
        Some(module) if alias(module) => return module.to_owned(),
        _ => {}
    }
    if matches!(name, "nil" | "true" | "false") {
        return name.to_owned();
    }
    let mut written = ":".to_owned();
    if plain(name) {
        written.push_str(name);
    } else {
        quoted(name, &mut written);
    }
    written
}

fn binary(bytes: &[u8], out: &mut String) {
    let seen = |c: char| !c.is_control() || matches!(c, '\u{7}'..='\r' | '\u{1B}' | '\u{7F}');
    match std::str::from_utf8(bytes) {
        Ok(text) if text.chars().all(seen) => quoted(text, out),
        _ => {
            let bytes: Vec<String> = bytes.iter().map(u8::to_string).collect();
            out.push_str(&format!("<<{}>>", bytes.join(", ")));
        }
    }
}

fn quoted(text: &str, out: &mut String) {
    out.push('"');
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\u{1B}' => out.push_str("\\e"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{B}' => out.push_str("\\v"),
            '\u{C}' => out.push_str("\\f"),
            '\u{7F}' => out.push_str("\\d"),
            '#' if chars.peek() == Some(&'{') => out.push_str("\\#"),
            '\u{A0}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' => {
                out.push_str(&format!("\\u{:04X}", u32::from(c)));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests;
