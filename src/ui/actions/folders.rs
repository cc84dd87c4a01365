//! Which files of a folder are one table.

/// Files that hold several tables themselves.
const OF_SEVERAL: &[&str] =
    &["xlsx", "xls", "xlsb", "xlsm", "ods", "db", "sqlite", "sqlite3", "zip", "tar", "tgz"];
/// Endings that say how a file is compressed, and behind which the format stands.
const COMPRESSED: &[&str] = &["gz", "bgz", "zst", "zstd", "bz2", "xz", "lz4", "sz"];

/// Files that become tables together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// The one table of all of them; without a name the file becomes a table by itself.
    pub(super) table: Option<String>,
    /// Their places among the files that were given.
    pub(super) files: Vec<usize>,
}

/// Which files are one table, by their paths: those of a dropped folder whose names differ in numbers alone, and all of
/// a kind where folders are called `key=value`. `taken` are names of tables that there are.
pub(super) fn groups(paths: &[String], taken: &[String]) -> Vec<Group> {
    let mut kinds: Vec<(Kind, Vec<usize>)> = Vec::new();
    let mut alone = Vec::new();
    for (place, path) in paths.iter().enumerate() {
        let Some(kind) = Kind::of(path) else {
            alone.push(place);
            continue;
        };
        match kinds.iter_mut().find(|(other, _)| *other == kind) {
            Some((_, files)) => files.push(place),
            None => kinds.push((kind, vec![place])),
        }
    }
    let (several, single): (Vec<_>, Vec<_>) =
        kinds.into_iter().partition(|(kind, files)| kind.has_keys || files.len() > 1);
    alone.extend(single.into_iter().flat_map(|(_, files)| files));
    alone.sort_unstable();
    let mut names: Vec<String> = taken.to_vec();
    let mut groups: Vec<Group> = Vec::new();
    for (kind, files) in &several {
        let is_only = several.iter().filter(|(other, _)| other.root == kind.root).count() == 1;
        let wanted = if is_only || kind.shape.is_empty() {
            identifier(&kind.root)
        } else {
            identifier(&format!("{}_{}", kind.root, kind.shape))
        };
        let numbered = (2..).map(|number| format!("{wanted}_{number}"));
        let name = std::iter::once(wanted.clone()).chain(numbered).find(|name| !names.contains(name));
        names.extend(name.clone());
        groups.push(Group { table: name, files: files.clone() });
    }
    groups.extend(alone.into_iter().map(|place| Group { table: None, files: vec![place] }));
    groups
}

/// What files of one table have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Kind {
    /// The folder that was given.
    root: String,
    /// The format, by the ending.
    ending: String,
    /// The name without what numbers files; nothing where folders say what tells them apart.
    shape: String,
    has_keys: bool,
}

impl Kind {
    fn of(path: &str) -> Option<Self> {
        let (folders, name) = path.rsplit_once('/')?;
        let root = folders.split('/').next()?.to_owned();
        let mut parts: Vec<&str> = name.split('.').collect();
        if parts.len() > 1 && parts.last().is_some_and(|last| is_one_of(last, COMPRESSED)) {
            parts.pop();
        }
        let ending = if parts.len() > 1 { parts.pop()?.to_lowercase() } else { String::new() };
        if is_one_of(&ending, OF_SEVERAL) {
            return None;
        }
        let has_keys = folders.split('/').any(|folder| folder.find('=').is_some_and(|at| at > 0));
        let letters = parts.concat().chars().filter(|letter| letter.is_alphabetic()).collect::<String>();
        let shape = if has_keys { String::new() } else { letters.to_lowercase() };
        Some(Self { root, ending, shape, has_keys })
    }
}

fn is_one_of(ending: &str, list: &[&str]) -> bool {
    list.iter().any(|known| known.eq_ignore_ascii_case(ending))
}

/// A name that needs no quotes.
fn identifier(text: &str) -> String {
    let name: String =
        text.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect::<String>().to_lowercase();
    let begins_well = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    if begins_well { name } else { format!("t_{name}") }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn grouped(paths: &[&str]) -> Vec<String> {
        let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
        let text = |group: Group| {
            let files: Vec<&str> = group.files.iter().map(|&file| paths[file].as_str()).collect();
            format!("{}: {}", group.table.unwrap_or_default(), files.join(" "))
        };
        groups(&paths, &["logs".to_owned()]).into_iter().map(text).collect()
    }

    #[wasm_bindgen_test]
    fn files_that_are_told_apart_by_numbers_or_folders_are_one_table() {
        assert_eq!(
            grouped(&["Sales 2024/year=2024/a.parquet", "Sales 2024/year=2025/b.parquet"]),
            ["sales_2024: Sales 2024/year=2024/a.parquet Sales 2024/year=2025/b.parquet"]
        );
        assert_eq!(
            grouped(&["d/2024/x_01.csv", "d/2024/x_02.csv.gz", "d/orders.csv", "d/note.txt"]),
            ["d: d/2024/x_01.csv d/2024/x_02.csv.gz", ": d/orders.csv", ": d/note.txt"]
        );
        assert_eq!(
            grouped(&["logs/a1.log", "logs/a2.log", "logs/b1.log", "logs/b2.log"]),
            ["logs_a: logs/a1.log logs/a2.log", "logs_b: logs/b1.log logs/b2.log"]
        );
        assert_eq!(grouped(&["logs/a1.log", "logs/a2.log"]), ["logs_2: logs/a1.log logs/a2.log"]);
    }

    #[wasm_bindgen_test]
    fn files_without_a_folder_and_files_of_several_tables_stay_alone() {
        assert_eq!(
            grouped(&["a1.csv", "a2.csv", "d/book1.xlsx", "d/book2.xlsx"]),
            [": a1.csv", ": a2.csv", ": d/book1.xlsx", ": d/book2.xlsx"]
        );
    }
}
