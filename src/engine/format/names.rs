//! Names of columns that SQL can use.

use std::collections::{HashMap, HashSet};

/// Names that a warning lists before it only counts.
const LISTED_NAMES: usize = 5;

/// Names for `count` columns: trimmed, none empty, none twice (not even in other capitals, because
/// SQL does not tell them apart). Tells in `warnings` what was changed.
pub fn unique_names(header: &[String], count: usize, warnings: &mut Vec<String>) -> Vec<String> {
    let given: HashSet<String> = header.iter().map(|name| name.trim().to_lowercase()).collect();
    let mut used: HashMap<String, usize> = HashMap::new();
    let mut names = Vec::with_capacity(count);
    let mut changed = Vec::new();
    for column in 0..count {
        let title = header.get(column).map_or("", |name| name.trim());
        let wanted = if title.is_empty() { format!("column_{}", column + 1) } else { title.to_owned() };
        let key = wanted.to_lowercase();
        let mut name = wanted.clone();
        // The first of several equal names keeps it; a made name takes none that the header has.
        let last = used.get(&key).copied();
        let mut number = last.unwrap_or(1);
        let mut free = last.is_none() && !(title.is_empty() && given.contains(&key));
        while !free {
            number += 1;
            name = format!("{wanted}_{number}");
            let key = name.to_lowercase();
            free = !used.contains_key(&key) && !given.contains(&key);
        }
        used.insert(key, number);
        used.entry(name.to_lowercase()).or_insert(1);
        if column < header.len() && name != title {
            changed.push(format!("column {} is called {name}", column + 1));
        }
        names.push(name);
    }
    if !changed.is_empty() {
        let more = changed.len().saturating_sub(LISTED_NAMES);
        changed.truncate(LISTED_NAMES);
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        warnings.push(format!("Empty or repeated column names were replaced: {}{more}.", changed.join(", ")));
    }
    names
}
