//! A person's choice as one value that can be kept: columns by their names, so that it outlives the result.

use millrace_protocol::ColumnInfo;
use serde::{Deserialize, Serialize};

use super::{CHARTS, ChartChoice, ChartLook};

/// What a chart shows, to be kept with a query. Fields that are not known are passed over, and those that are
/// missing are as by default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChartSettings {
    /// Names of the result's columns that this was chosen for; for any result that fits when empty.
    pub columns: Vec<String>,
    /// Kind of chart, by `ChartKind::name`.
    pub kind: String,
    /// Column of the horizontal axis.
    pub x: String,
    /// Columns of values.
    pub y: Vec<String>,
    /// Column whose values split the rows.
    pub color: Option<String>,
    /// Column of the sizes of points.
    pub size: Option<String>,
    /// Everything else.
    pub look: ChartLook,
}

impl ChartSettings {
    /// A choice for a result with these columns.
    pub fn of(choice: &ChartChoice, columns: &[ColumnInfo]) -> Self {
        let name = |&index: &u32| columns.get(index as usize).map(|column| column.name.clone());
        Self {
            columns: columns.iter().map(|column| column.name.clone()).collect(),
            kind: choice.kind.to_owned(),
            x: name(&choice.x).unwrap_or_default(),
            y: choice.y.iter().filter_map(name).collect(),
            color: choice.color.as_ref().and_then(name),
            size: choice.size.as_ref().and_then(name),
            look: choice.look.clone(),
        }
    }

    /// The choice, if it was made for a result with these columns and every column fits its kind.
    pub fn choice(&self, columns: &[ColumnInfo]) -> Option<ChartChoice> {
        let same = self.columns.iter().eq(columns.iter().map(|column| &column.name));
        if !self.columns.is_empty() && !same {
            return None;
        }
        let index = |name: &String| (0_u32..).zip(columns).find(|(_, c)| c.name == *name).map(|(i, _)| i);
        let optional = |name: &Option<String>| match name {
            Some(name) => index(name).map(Some),
            None => Some(None),
        };
        let choice = ChartChoice {
            kind: CHARTS.iter().find(|kind| kind.name == self.kind)?.name,
            x: index(&self.x)?,
            y: self.y.iter().map(index).collect::<Option<Vec<_>>>()?,
            color: optional(&self.color)?,
            size: optional(&self.size)?,
            look: self.look.clone(),
        };
        choice.is_drawable(columns).then_some(choice)
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;
    use crate::charts::default_choice;

    fn columns(of: &[(&str, &str)]) -> Vec<ColumnInfo> {
        of.iter().map(|(name, t)| ColumnInfo { name: (*name).into(), type_name: (*t).into() }).collect()
    }

    #[wasm_bindgen_test]
    fn settings_come_back_from_text_and_pass_over_what_is_new() {
        let columns = columns(&[("hour", "TIMESTAMP"), ("region", "VARCHAR"), ("n", "BIGINT")]);
        let mut choice = default_choice(&columns, 9).expect("a chart");
        choice.look.top = Some(5);
        choice.look.y_log = true;
        let settings = ChartSettings::of(&choice, &columns);
        let mut text = serde_json::to_value(&settings).expect("plain data");
        text["new"] = serde_json::json!({ "of": "later" });
        text["look"]["newer"] = serde_json::json!(1);
        text["look"].as_object_mut().expect("an object").remove("bins");
        let read: ChartSettings = serde_json::from_value(text).expect("what was written");
        assert_eq!(read, settings);
        assert_eq!(read.choice(&columns), Some(choice));
    }

    #[wasm_bindgen_test]
    fn settings_for_other_columns_are_not_taken() {
        let of = columns(&[("name", "VARCHAR"), ("n", "BIGINT")]);
        let settings = ChartSettings::of(&default_choice(&of, 9).expect("a chart"), &of);
        let more = columns(&[("name", "VARCHAR"), ("n", "BIGINT"), ("m", "BIGINT")]);
        assert_eq!(settings.choice(&more), None);
        // The same columns with texts where numbers were cannot be drawn.
        assert_eq!(settings.choice(&columns(&[("name", "VARCHAR"), ("n", "VARCHAR")])), None);
        let anywhere = ChartSettings { columns: Vec::new(), ..settings.clone() };
        assert!(anywhere.choice(&more).is_some());
        let unknown = ChartSettings { kind: "pie".into(), ..settings };
        assert_eq!(unknown.choice(&of), None);
    }
}
