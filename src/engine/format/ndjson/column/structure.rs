//! Structs: objects.

use std::sync::Arc;

use arrow::array::{Array, builder::NullBufferBuilder};
use arrow::array::{ArrayRef, StructArray};
use arrow::datatypes::Fields;

use super::{Column, column};
use crate::format::ndjson::column_type::{JsonType, struct_fields};
use crate::format::ndjson::issues::Issues;
use crate::format::ndjson::keys::{KeyOrder, KeySet, Member};
use crate::format::ndjson::scan::{Kind, Scanner, Value};

/// Columns of the members.
pub struct Structure {
    path: String,
    keys: KeyOrder,
    fields: Fields,
    members: Vec<Box<dyn Column>>,
    /// The values of the members in the object at hand.
    found: Vec<Option<Value>>,
    nulls: NullBufferBuilder,
}

impl Structure {
    /// An empty column.
    pub fn new(path: String, members: &[(String, JsonType)]) -> Self {
        let keys = KeySet::new(members.iter().map(|(key, _)| key.as_bytes()));
        Self {
            keys: KeyOrder::new(Arc::new(keys)),
            fields: struct_fields(members),
            members: members.iter().map(|(key, kind)| column(kind, format!("{path}.{key}"))).collect(),
            found: vec![None; members.len()],
            nulls: NullBufferBuilder::new(0),
            path,
        }
    }
}

impl Column for Structure {
    fn append(&mut self, bytes: &[u8], value: Option<Value>, issues: &mut Issues<'_>) {
        let value = value.filter(|value| value.kind != Kind::Null);
        let object = value.filter(|value| value.kind == Kind::Object);
        self.nulls.append(object.is_some());
        self.found.fill(None);
        if let Some(object) = object {
            let Self { keys, found, path, .. } = self;
            let mut scanner = Scanner { bytes, pos: object.start };
            // The scan of the whole record has been over this object, and found no fault.
            let _ = scanner.object(0, keys, |member, value| match member {
                Member::Known(number) => found[number] = Some(value),
                Member::Unknown(key) if value.kind != Kind::Null => issues.unknown_key(path, key),
                Member::Unknown(_) => (),
            });
        } else if let Some(other) = value {
            issues.not_a_value(&self.path, other, "STRUCT");
        }
        for (member, value) in self.members.iter_mut().zip(&self.found) {
            member.append(bytes, *value, issues);
        }
    }

    fn finish(&mut self) -> ArrayRef {
        let members: Vec<ArrayRef> = self.members.iter_mut().map(|member| member.finish()).collect();
        let nulls = self.nulls.finish();
        debug_assert!(members.iter().all(|member| nulls.as_ref().is_none_or(|n| n.len() == member.len())));
        Arc::new(StructArray::new(self.fields.clone(), members, nulls))
    }
}
