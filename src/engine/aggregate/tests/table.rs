//! What must hold for each line of the table.

use datafusion::prelude::SessionContext;

use crate::aggregate::{AGGREGATES, Aggregate, MODELS, register};

/// Each table and the document that describes it.
const TABLES: [(&[Aggregate], &str, &str); 2] = [
    (AGGREGATES, "docs/AGGREGATES.md", include_str!("../../../../docs/AGGREGATES.md")),
    (MODELS, "docs/LEARNING.md", include_str!("../../../../docs/LEARNING.md")),
];

fn all() -> impl Iterator<Item = &'static Aggregate> {
    TABLES.iter().flat_map(|(table, ..)| *table)
}

#[test]
fn functions_have_the_names_of_the_table() {
    for aggregate in all() {
        let function = (aggregate.function)();
        assert_eq!(function.name(), aggregate.name);
        assert_eq!(function.aliases(), aggregate.aliases, "{}", aggregate.name);
        assert!(aggregate.example.starts_with(aggregate.name), "{}", aggregate.example);
    }
}

#[test]
fn a_session_knows_them_all() {
    let session = SessionContext::new();
    register(&session);
    let state = session.state();
    for aggregate in all() {
        for name in [aggregate.name].iter().chain(aggregate.aliases) {
            let known = state.aggregate_functions().get(*name);
            assert_eq!(known.map(|function| function.name()), Some(aggregate.name), "{name}");
        }
    }
}

#[test]
fn documents_describe_them_all() {
    for (table, name_of_document, document) in TABLES {
        for aggregate in table {
            for name in [aggregate.name].iter().chain(aggregate.aliases) {
                assert!(document.contains(&format!("`{name}")), "{name_of_document} lacks {name}");
            }
        }
    }
}
