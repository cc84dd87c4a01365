//! What was selected in one chart as conditions on the rows of tables, which other charts read as well.

use millrace_protocol::ColumnInfo;
use millrace_recipe::{LinkedCondition, Origin, identifier, unrounded};

use super::{Condition, Picked};

/// Conditions on a result as conditions on what its columns are computed of.
///
/// `origin` knows what the column of a name and place is computed of.
///
/// # Errors
/// Gives the name of the first column that is not computed of single rows.
pub fn linked(
    conditions: &[Condition],
    columns: &[ColumnInfo],
    origin: impl Fn(&str, usize) -> Option<Origin>,
) -> Result<Vec<LinkedCondition>, String> {
    let one = |condition: &Condition| {
        let name = &condition.column;
        let place = columns.iter().position(|column| column.name == *name);
        let origin = place.and_then(|place| origin(name, place)).ok_or_else(|| name.clone())?;
        // A stretch of rounded times is one of the times, which are compared faster than they are rounded.
        let time = unrounded(&origin.expression).filter(|_| matches!(condition.picked, Picked::Range { .. }));
        Ok(LinkedCondition {
            expression: time.map_or(origin.expression, |time| identifier(&time)),
            columns: origin.columns,
            condition: serde_json::to_value(condition).unwrap_or_default(),
        })
    };
    conditions.iter().map(one).collect()
}

/// The condition on the result that a linked one was made of; `None` for what cannot be understood.
pub fn condition_of(linked: &LinkedCondition) -> Option<Condition> {
    serde_json::from_value(linked.condition.clone()).ok()
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn stretches_of_rounded_times_are_stretches_of_times() {
        let columns = [("hour", "TIMESTAMP"), ("n", "BIGINT")]
            .map(|(name, t)| ColumnInfo { name: name.into(), type_name: t.into() });
        let origin = |name: &str, place: usize| {
            (name == "hour" && place == 0).then(|| Origin {
                expression: "date_trunc('hour', \"At\")".into(),
                columns: vec!["At".into()],
            })
        };
        let range = Picked::Range { low: 0.0, high: Some(3.6e6) };
        let of = |column: &ColumnInfo| {
            let condition = Condition::new(column, range.clone()).expect("a condition");
            linked(&[condition], &columns, origin)
        };
        let conditions = of(&columns[0]).expect("it is of single rows");
        assert_eq!(conditions[0].expression, "\"At\"");
        let back = condition_of(&conditions[0]).expect("what was written");
        assert_eq!(
            back.sql_of(&conditions[0].expression),
            "\"At\" >= TIMESTAMP '1970-01-01 00:00:00' AND \"At\" < TIMESTAMP '1970-01-01 01:00:00'"
        );
        assert_eq!(of(&columns[1]), Err("n".to_owned()));
    }
}
