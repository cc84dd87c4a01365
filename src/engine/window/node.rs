//! A window's place in a logical plan.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field};
use datafusion::common::{Column, DFSchema, DFSchemaRef, TableReference, plan_err};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, ExprSchemable, Extension, LogicalPlan, UserDefinedLogicalNodeCore};

use super::WindowSpec;
use super::length::shown;
use super::time::{bound_fields, in_unit, is_time, unit_of};

/// Gives each row of its input the windows that it is in: a copy of the row for each, with start, end
/// and time of the window behind its columns.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct WindowNode {
    pub(super) input: LogicalPlan,
    pub(super) spec: WindowSpec,
    /// The event time, or the number of a row.
    pub(super) time: Expr,
    /// How long a session goes on behind a row; an interval. Nothing for other kinds.
    pub(super) gap: Option<Expr>,
    /// What rows of a session have in common.
    pub(super) keys: Vec<Expr>,
    /// Names of the added columns.
    names: [String; 3],
    /// The table of which they are columns, for whoever writes it before them.
    qualifier: Option<TableReference>,
    schema: DFSchemaRef,
}

/// What a window is over.
#[derive(Clone, Debug)]
pub(crate) struct WindowInput {
    pub(crate) plan: LogicalPlan,
    pub(crate) time: Expr,
    pub(crate) gap: Option<Expr>,
    pub(crate) keys: Vec<Expr>,
}

impl WindowNode {
    /// Windows over `input` whose columns have these names.
    ///
    /// # Errors
    /// When the event time is no timestamp, or a column of that name exists.
    pub(crate) fn try_new(spec: WindowSpec, input: WindowInput, names: [String; 3]) -> Result<Self> {
        let WindowInput { plan, time, gap, keys } = input;
        let mut qualifiers: Vec<_> = plan.schema().iter().map(|(qualifier, _)| qualifier.cloned()).collect();
        qualifiers.dedup();
        let qualifier = if qualifiers.len() == 1 { qualifiers.remove(0) } else { None };
        Self::build(spec, WindowInput { plan, time, gap, keys }, names, qualifier)
    }

    fn build(
        spec: WindowSpec,
        input: WindowInput,
        names: [String; 3],
        qualifier: Option<TableReference>,
    ) -> Result<Self> {
        let WindowInput { plan, time, gap, keys } = input;
        let data_type = bounds_type(&spec, &time, plan.schema())?;
        let mut fields: Vec<_> =
            plan.schema().iter().map(|(qualifier, field)| (qualifier.cloned(), Arc::clone(field))).collect();
        fields.extend(bound_fields(&names, &data_type).map(|field| (qualifier.clone(), Arc::new(field))));
        let schema = DFSchema::new_with_metadata(fields, plan.schema().metadata().clone())?;
        Ok(Self { input: plan, spec, time, gap, keys, names, qualifier, schema: Arc::new(schema) })
    }

    /// The node as a plan.
    pub(crate) fn into_plan(self) -> LogicalPlan {
        LogicalPlan::Extension(Extension { node: Arc::new(self) })
    }

    /// The added columns: start, end and time.
    pub(super) fn bounds(&self) -> [Expr; 3] {
        self.names.clone().map(|name| Expr::Column(Column::new(self.qualifier.clone(), name)))
    }

    /// The fields of the added columns.
    pub(super) fn bound_fields(&self) -> Vec<Field> {
        let fields = self.schema.fields();
        fields[fields.len() - self.names.len()..].iter().map(|field| field.as_ref().clone()).collect()
    }
}

/// Type of the added columns: the event time's, in a unit that is fine enough for the lengths.
fn bounds_type(spec: &WindowSpec, time: &Expr, schema: &DFSchema) -> Result<DataType> {
    let time_type = time.get_type(schema)?;
    if spec.kind.counts_rows() && time_type == DataType::Int64 {
        return Ok(time_type);
    }
    if !is_time(&time_type) {
        return plan_err!("The event time of a window must be a timestamp.");
    }
    Ok(in_unit(&time_type, spec.unit(unit_of(&time_type))))
}

impl PartialOrd for WindowNode {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (&self.time, &self.keys, &self.input).partial_cmp(&(&other.time, &other.keys, &other.input))
    }
}

impl UserDefinedLogicalNodeCore for WindowNode {
    fn name(&self) -> &'static str {
        "Window"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.input]
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Expr> {
        let time = std::iter::once(&self.time);
        time.chain(&self.gap).chain(&self.keys).cloned().collect()
    }

    /// A filter on a column of the input keeps or drops a row with all its windows. In sessions it must
    /// be a key: other rows than those that it keeps make sessions longer.
    fn prevent_predicate_push_down_columns(&self) -> HashSet<String> {
        if !self.spec.kind.is_session() {
            return self.names.iter().cloned().collect();
        }
        let is_key = |name: &String| {
            self.keys.iter().any(|key| matches!(key, Expr::Column(column) if column.name == *name))
        };
        let names = self.schema.fields().iter().map(|field| field.name().clone());
        names.filter(|name| !is_key(name)).collect()
    }

    fn fmt_for_explain(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Window: {}, time={}", self.spec, self.time)?;
        if let Some(gap) = &self.gap {
            write!(formatter, ", gap={}", shown(gap))?;
        }
        let keys: Vec<_> = self.keys.iter().map(ToString::to_string).collect();
        if keys.is_empty() { Ok(()) } else { write!(formatter, ", keys=[{}]", keys.join(", ")) }
    }

    fn with_exprs_and_inputs(&self, expressions: Vec<Expr>, inputs: Vec<LogicalPlan>) -> Result<Self> {
        let mut expressions = expressions.into_iter();
        let (Some(time), Some(plan)) = (expressions.next(), inputs.into_iter().next()) else {
            return plan_err!("A window has an input and an event time.");
        };
        let gap = if self.gap.is_some() { expressions.next() } else { None };
        let input = WindowInput { plan, time, gap, keys: expressions.collect() };
        Self::build(self.spec.clone(), input, self.names.clone(), self.qualifier.clone())
    }

    /// The scan below needs to read only what is asked for here, and what the windows depend on.
    fn necessary_children_exprs(&self, output_columns: &[usize]) -> Option<Vec<Vec<usize>>> {
        let input = self.input.schema();
        let mut needed: Vec<usize> =
            output_columns.iter().copied().filter(|column| *column < input.fields().len()).collect();
        for expression in self.expressions() {
            for column in expression.column_refs() {
                needed.push(input.maybe_index_of_column(column)?);
            }
        }
        needed.sort_unstable();
        needed.dedup();
        Some(vec![needed])
    }
}
