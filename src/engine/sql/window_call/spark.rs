//! `window.start` and its like, as Spark writes them beside `GROUP BY window(ts, '10 minutes')`.

use std::ops::ControlFlow;

use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{
    AccessExpr, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments,
    GroupByExpr, Ident, ObjectName, OrderByKind, Query, Select, SelectItem, SetExpr, Value, VisitMut,
    VisitorMut, visit_expressions_mut,
};

use super::arguments::function_name;
use crate::window::is_spark_window;

/// Replaces, beside a GROUP BY with a window, the names `window`, `window.start` and `window.end` by what
/// they mean, and gives columns the titles that Spark gives them.
pub(crate) fn name_windows(statement: &mut Statement) {
    match statement {
        Statement::Statement(statement) => {
            let _ = statement.visit(&mut Queries);
        }
        Statement::Explain(explain) => name_windows(&mut explain.statement),
        _ => {}
    }
}

struct Queries;

impl VisitorMut for Queries {
    type Break = ();

    /// `window(…).start`.
    fn pre_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<()> {
        if let Expr::CompoundFieldAccess { root, access_chain } = &*expression
            && let Expr::Function(call) = root.as_ref()
            && window_name(call).is_some()
            && let [AccessExpr::Dot(Expr::Identifier(bound))] = access_chain.as_slice()
        {
            *expression = field(root.as_ref().clone(), &bound.value.to_lowercase());
        }
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        let Query { body, order_by, .. } = query;
        if let Some(window) = name_in(body)
            && let Some(order_by) = order_by
            && let OrderByKind::Expressions(expressions) = &mut order_by.kind
        {
            // `start` alone is a column of the result and stays what it is.
            replace(expressions, &window);
        }
        ControlFlow::Continue(())
    }
}

/// Replaces names in each SELECT of a UNION or the like. Gives the window of one that stands alone.
fn name_in(body: &mut SetExpr) -> Option<Window> {
    match body {
        SetExpr::Select(select) => name_in_select(select),
        SetExpr::SetOperation { left, right, .. } => {
            name_in(left);
            name_in(right);
            None
        }
        _ => None,
    }
}

/// Replaces names in a SELECT, and gives its window.
fn name_in_select(select: &mut Select) -> Option<Window> {
    for item in &mut select.projection {
        if let SelectItem::UnnamedExpr(expression @ Expr::Function(call)) = &*item
            && let Some(name) = window_name(call)
        {
            *item = SelectItem::ExprWithAlias { expr: expression.clone(), alias: Ident::new(name) };
        }
    }
    let window = grouped_window(select)?;
    for item in &mut select.projection {
        let name = match &*item {
            SelectItem::UnnamedExpr(expression) => title(expression, &window),
            _ => None,
        };
        replace(item, &window);
        if let (SelectItem::UnnamedExpr(expression), Some(alias)) = (&*item, name) {
            *item = SelectItem::ExprWithAlias { expr: expression.clone(), alias };
        }
    }
    for clause in [&mut select.having, &mut select.qualify] {
        replace(clause, &window);
    }
    Some(window)
}

/// A call of `window` or `session_window`, and the name by which it is known.
struct Window {
    name: String,
    call: Expr,
}

fn grouped_window(select: &Select) -> Option<Window> {
    let GroupByExpr::Expressions(expressions, _) = &select.group_by else { return None };
    expressions.iter().find_map(|expression| match expression {
        Expr::Function(call) => Some(Window { name: window_name(call)?, call: expression.clone() }),
        _ => None,
    })
}

/// The name of a call, if it is a window.
fn window_name(call: &Function) -> Option<String> {
    let name = function_name(call)?.value.to_lowercase();
    is_spark_window(&name).then_some(name)
}

/// The title of a column without an alias, as Spark gives it.
fn title(expression: &Expr, window: &Window) -> Option<Ident> {
    match expression {
        Expr::Identifier(name) if is_window(name, window) => Some(Ident::new(&window.name)),
        Expr::CompoundIdentifier(names) => bound(names, window).map(Ident::new),
        _ => None,
    }
}

fn replace(place: &mut impl VisitMut, window: &Window) {
    let _ = visit_expressions_mut(place, |expression| {
        match expression {
            Expr::Identifier(name) if is_window(name, window) => *expression = window.call.clone(),
            Expr::CompoundIdentifier(names) => {
                if let Some(bound) = bound(names, window) {
                    *expression = field(window.call.clone(), bound);
                }
            }
            _ => {}
        }
        ControlFlow::<()>::Continue(())
    });
}

fn is_window(name: &Ident, window: &Window) -> bool {
    name.value.eq_ignore_ascii_case(&window.name)
}

/// `start` or `end` of `window.start` or `window.end`.
fn bound(names: &[Ident], window: &Window) -> Option<&'static str> {
    let [of, bound] = names else { return None };
    ["start", "end"].into_iter().find(|each| is_window(of, window) && bound.value.eq_ignore_ascii_case(each))
}

/// `get_field(expression, 'name')`.
fn field(expression: Expr, name: &str) -> Expr {
    let argument = |expression| FunctionArg::Unnamed(FunctionArgExpr::Expr(expression));
    let name = Expr::Value(Value::SingleQuotedString(name.to_owned()).into());
    Expr::Function(Function {
        name: ObjectName::from(vec![Ident::new("get_field")]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args: vec![argument(expression), argument(name)],
            clauses: Vec::new(),
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}
