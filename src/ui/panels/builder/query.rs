//! What the builder's cards say, before it becomes SQL.

use millrace_protocol::TableInfo;
use serde::{Deserialize, Serialize};

use super::{saved, window::Window};
use crate::charts::ColumnClass;

/// The choices of all cards.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BuilderQuery {
    /// Name of the table.
    pub table: String,
    /// Conditions, all of which must hold.
    pub filters: Vec<Filter>,
    /// Windows that rows are put into; those with problems are left out.
    pub window: Option<Window>,
    /// Columns whose equal values make a group.
    pub groups: Vec<Group>,
    /// What is computed of each group.
    pub aggregates: Vec<Aggregate>,
    /// Output column to sort by, by its name, and whether the largest comes first.
    pub sort: Option<(String, bool)>,
    /// Most rows of the result.
    pub limit: Option<u64>,
}

/// A condition on a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Filter {
    /// Name of the column.
    pub column: String,
    /// How it is compared.
    pub operator: Operator,
    /// What it is compared with, as typed; the second one is for [`Operator::Between`].
    pub values: [String; 2],
}

/// How a filter compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `BETWEEN`, both ends included.
    Between,
    /// Contains the text, in upper or lower case.
    Contains,
    /// Begins with the text.
    StartsWith,
    /// Is one of the values, which are separated by commas.
    OneOf,
    /// Is true.
    IsTrue,
    /// Is false.
    IsFalse,
    /// `IS NULL`
    IsNull,
    /// `IS NOT NULL`
    IsNotNull,
}

/// A grouping column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// Name of the column.
    pub column: String,
    /// For times: the unit of the calendar that makes a group, one of [`CALENDAR_UNITS`]. Groups of other
    /// lengths are windows.
    #[serde(with = "saved::calendar_unit", default)]
    pub unit: Option<saved::UnitName>,
}

/// Units that times are grouped by, shortest first.
pub const CALENDAR_UNITS: &[&str] = &["second", "minute", "hour", "day", "week", "month", "quarter", "year"];

/// A value computed of each group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Aggregate {
    /// What is computed.
    pub function: Function,
    /// Of which column; ignored by [`Function::CountRows`].
    pub column: String,
}

/// What an aggregate computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Function {
    /// `count(*)`
    CountRows,
    /// `count(DISTINCT column)`
    CountDistinct,
    /// `sum`
    Sum,
    /// `avg`
    Average,
    /// `min`
    Minimum,
    /// `max`
    Maximum,
}

impl Operator {
    /// What people read, and how many values it takes.
    pub fn label(self) -> &'static str {
        match self {
            Self::Equal => t!("is"),
            Self::NotEqual => t!("is not"),
            Self::Less => "<",
            Self::AtMost => "≤",
            Self::Greater => ">",
            Self::AtLeast => "≥",
            Self::Between => t!("between"),
            Self::Contains => t!("contains"),
            Self::StartsWith => t!("starts with"),
            Self::OneOf => t!("is one of"),
            Self::IsTrue => t!("is true"),
            Self::IsFalse => t!("is false"),
            Self::IsNull => t!("is empty (null)"),
            Self::IsNotNull => t!("is not empty"),
        }
    }

    /// How many of [`Filter::values`] count.
    pub fn value_count(self) -> usize {
        match self {
            Self::IsTrue | Self::IsFalse | Self::IsNull | Self::IsNotNull => 0,
            Self::Between => 2,
            _ => 1,
        }
    }

    /// What is offered for a class of columns; the first is the default.
    pub fn offered(class: ColumnClass) -> &'static [Self] {
        use Operator::*;
        match class {
            ColumnClass::Number => {
                &[AtLeast, Greater, AtMost, Less, Equal, NotEqual, Between, OneOf, IsNull, IsNotNull]
            }
            ColumnClass::Timestamp | ColumnClass::Date => &[AtLeast, Less, Between, Equal, IsNull, IsNotNull],
            ColumnClass::Boolean => &[IsTrue, IsFalse, IsNull, IsNotNull],
            ColumnClass::Text => &[Equal, NotEqual, Contains, StartsWith, OneOf, IsNull, IsNotNull],
        }
    }
}

impl Function {
    /// All of them, in the order in which they are offered.
    pub const ALL: &[Self] =
        &[Self::CountRows, Self::CountDistinct, Self::Sum, Self::Average, Self::Minimum, Self::Maximum];

    /// What people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::CountRows => t!("count rows"),
            Self::CountDistinct => t!("count distinct"),
            Self::Sum => t!("sum"),
            Self::Average => t!("average"),
            Self::Minimum => t!("minimum"),
            Self::Maximum => t!("maximum"),
        }
    }

    /// Whether it can be computed of a column of this class.
    pub fn takes(self, class: ColumnClass) -> bool {
        match self {
            Self::Sum | Self::Average => class == ColumnClass::Number,
            Self::Minimum | Self::Maximum => class != ColumnClass::Boolean,
            Self::CountRows | Self::CountDistinct => true,
        }
    }
}

impl BuilderQuery {
    /// The first rows of a table.
    pub fn rows_of(table: &TableInfo) -> Self {
        Self { table: table.name.clone(), limit: Some(1000), ..Self::default() }
    }

    /// Counts rows where groups would otherwise have no value.
    pub fn count_if_nothing_else(&mut self) {
        if self.aggregates.is_empty() {
            self.aggregates.push(Aggregate { function: Function::CountRows, column: String::new() });
        }
    }

    /// The same choices as far as `table` has their columns.
    #[must_use]
    pub fn fitted_to(mut self, table: &TableInfo) -> Self {
        let class = |name: &str| class_of(table, name);
        self.table.clone_from(&table.name);
        self.filters.retain(|filter| {
            class(&filter.column).is_some_and(|class| Operator::offered(class).contains(&filter.operator))
        });
        self.groups.retain(|group| {
            class(&group.column).is_some_and(|class| group.unit.is_none() || class.is_time())
        });
        self.window = self.window.take().and_then(|window| window.fitted_to(table));
        self.aggregates.retain(|aggregate| {
            aggregate.function == Function::CountRows
                || class(&aggregate.column).is_some_and(|class| aggregate.function.takes(class))
        });
        self
    }
}

/// The class of a table's column, if there is one of that name.
pub fn class_of(table: &TableInfo, column: &str) -> Option<ColumnClass> {
    table.columns.iter().find(|info| info.name == column).map(ColumnClass::of)
}
