//! What must hold for each line of the table.

use datafusion::prelude::SessionContext;

use crate::aggregate::{AGGREGATES, register};

#[test]
fn functions_have_the_names_of_the_table() {
    for aggregate in AGGREGATES {
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
    for aggregate in AGGREGATES {
        for name in [aggregate.name].iter().chain(aggregate.aliases) {
            let known = state.aggregate_functions().get(*name);
            assert_eq!(known.map(|function| function.name()), Some(aggregate.name), "{name}");
        }
    }
}

#[test]
fn documents_describe_them_all() {
    let documents = include_str!("../../../../docs/AGGREGATES.md");
    for aggregate in AGGREGATES {
        for name in [aggregate.name].iter().chain(aggregate.aliases) {
            assert!(documents.contains(&format!("`{name}")), "docs/AGGREGATES.md lacks {name}");
        }
    }
}
