//! What the values of a sample are, and the types that follow from that.

use std::collections::HashMap;

use super::column_type::JsonType;
use super::keys::{KeyOrder, KeySet, Member};
use super::scan::{Kind, Scanner, Value};
use super::unescape::string_bytes;
use crate::format::value::{ColumnType, Evidence, parse_integer};

/// Keys from which on the keys of a nested object are data rather than names.
const MAX_NESTED_KEYS: usize = 500;
/// Structs and lists in each other; what is deeper stays JSON.
const DEEPEST_TYPE: u32 = 16;

/// All values seen in one place.
#[derive(Debug, Default)]
pub struct Shape {
    booleans: bool,
    integers: bool,
    /// Numbers with a point or an exponent, and integers that are too large.
    doubles: bool,
    strings: Option<Evidence>,
    objects: Option<Members>,
    items: Option<Box<Shape>>,
}

/// The keys of all objects seen in one place, in the order of their first appearance.
#[derive(Debug, Default)]
pub struct Members {
    /// The keys.
    pub keys: Vec<Vec<u8>>,
    shapes: Vec<Shape>,
    numbers: HashMap<Vec<u8>, usize>,
}

impl Members {
    /// Takes the members of an object inside `depth` others into account; of keys that are new only so
    /// many that there are `limit` in all.
    pub fn add(&mut self, bytes: &[u8], members: &[(Value, Value)], limit: usize, depth: u32) {
        for (key, value) in members {
            let (key, _) = string_bytes(bytes, *key);
            let number = match self.numbers.get(&*key) {
                Some(&number) => number,
                None if self.keys.len() < limit => {
                    self.numbers.insert(key.to_vec(), self.keys.len());
                    self.keys.push(key.into_owned());
                    self.shapes.push(Shape::default());
                    self.keys.len() - 1
                }
                None => continue,
            };
            self.shapes[number].add(bytes, *value, depth);
        }
    }

    /// The types of the values, in the order of the keys.
    pub fn types(&self, depth: u32) -> Vec<JsonType> {
        self.shapes.iter().map(|shape| shape.json_type(depth)).collect()
    }

    fn struct_type(&self, depth: u32) -> JsonType {
        if self.keys.is_empty() || self.keys.len() > MAX_NESTED_KEYS || depth >= DEEPEST_TYPE {
            return JsonType::Json;
        }
        let names = self.keys.iter().map(|key| String::from_utf8_lossy(key).into_owned());
        JsonType::Struct(names.zip(self.types(depth + 1)).collect())
    }
}

impl Shape {
    /// Takes a value into account that the scan has found to be right.
    fn add(&mut self, bytes: &[u8], value: Value, depth: u32) {
        let mut scanner = Scanner { bytes, pos: value.start };
        match value.kind {
            Kind::Null => (),
            Kind::True | Kind::False => self.booleans = true,
            Kind::Integer if parse_integer(value.raw(bytes)).is_some() => self.integers = true,
            Kind::Integer | Kind::Fraction => self.doubles = true,
            Kind::Plain | Kind::Escaped => {
                self.strings.get_or_insert_default().add(&string_bytes(bytes, value).0);
            }
            // Their types do not depend on what is in them.
            Kind::Object if depth >= DEEPEST_TYPE => {
                self.objects.get_or_insert_default();
            }
            Kind::Array if depth >= DEEPEST_TYPE => {
                self.items.get_or_insert_default();
            }
            Kind::Object => {
                let mut members = Vec::new();
                // All keys are unknown to an empty set, and so all are told.
                let _ = scanner.object(0, &mut KeyOrder::new(KeySet::default().into()), |member, value| {
                    if let Member::Unknown(key) = member {
                        members.push((key, value));
                    }
                });
                self.objects.get_or_insert_default().add(bytes, &members, MAX_NESTED_KEYS + 1, depth + 1);
            }
            Kind::Array => {
                let items = self.items.get_or_insert_default();
                let _ = scanner.array(0, |item| items.add(bytes, item, depth + 1));
            }
        }
    }

    /// The narrowest type that takes all values.
    fn json_type(&self, depth: u32) -> JsonType {
        use ColumnType as Simple;
        let numbers = self.integers || self.doubles;
        let kinds = [numbers, self.booleans, self.strings.is_some()];
        let nested = [self.objects.is_some(), self.items.is_some()];
        if kinds.iter().chain(&nested).filter(|&&seen| seen).count() > 1 {
            return JsonType::Json;
        }
        match self {
            Self { objects: Some(members), .. } => members.struct_type(depth),
            Self { items: Some(_), .. } if depth >= DEEPEST_TYPE => JsonType::Json,
            Self { items: Some(items), .. } => JsonType::List(Box::new(items.json_type(depth + 1))),
            Self { booleans: true, .. } => JsonType::Simple(Simple::Boolean),
            Self { doubles: true, .. } => JsonType::Simple(Simple::Double),
            Self { integers: true, .. } => JsonType::Simple(Simple::Bigint),
            // A string is a time or a text; if it were a number, it would have no quotes.
            Self { strings: Some(evidence), .. } => JsonType::Simple(match evidence.column_type() {
                time @ (Simple::Date | Simple::TimestampMillis | Simple::TimestampMicros) => time,
                _ => Simple::Varchar,
            }),
            Self { .. } => JsonType::Unknown,
        }
    }
}
