//! Files that are made with a dialect and columns of known types.

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// How many there are.
pub const FILES: u64 = 300;

const DELIMITERS: &[&str] = &[",", ",", ",", ";", ";", "\t", "\t", "|", "^", "~", "||", "\u{1f}"];
const WORDS: &[&str] = &[
    "amber",
    "birch",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "grove",
    "heath",
    "inlet",
    "jade",
    "knoll",
    "larch",
    "North Cape",
    "São Paulo",
    "Zürich",
    "low tide",
];
const MONTHS: &[&str] = &["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A file and the truth about it.
pub struct Made {
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: String,
    /// Between fields.
    pub delimiter: String,
    /// Around fields; empty when it has none.
    pub quote: String,
    /// Whether it has names.
    pub header: bool,
    /// SQL types of its columns.
    pub types: Vec<&'static str>,
}

/// What a column holds.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Integer,
    Double,
    Price,
    Boolean,
    Answer,
    IsoDate,
    DayFirst,
    MonthFirst,
    NamedMonth,
    Timestamp,
    TwelveHours,
    Code,
    Word,
    Sentence,
}

const KINDS: [(Kind, &str); 14] = [
    (Kind::Integer, "BIGINT"),
    (Kind::Double, "DOUBLE"),
    (Kind::Price, "DOUBLE"),
    (Kind::Boolean, "BOOLEAN"),
    (Kind::Answer, "BOOLEAN"),
    (Kind::IsoDate, "DATE"),
    (Kind::DayFirst, "DATE"),
    (Kind::MonthFirst, "DATE"),
    (Kind::NamedMonth, "DATE"),
    (Kind::Timestamp, "TIMESTAMP"),
    (Kind::TwelveHours, "TIMESTAMP"),
    (Kind::Code, "VARCHAR"),
    (Kind::Word, "VARCHAR"),
    (Kind::Sentence, "VARCHAR"),
];

impl Made {
    /// The file of a seed. One column at least is no text: without any, nobody can tell names from values.
    pub fn of_seed(seed: u64) -> Self {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let delimiter = DELIMITERS[random.random_range(0..DELIMITERS.len())];
        let quote = if random.random_bool(0.2) { "'" } else { "\"" };
        let header = random.random_bool(0.7);
        let line_end = if random.random_bool(0.3) { "\r\n" } else { "\n" };
        let count = random.random_range(2..9);
        let rows = random.random_range(8..120);
        let decimal = if delimiter == ";" && random.random_bool(0.5) { "," } else { "." };
        let nulls = ["", "NA", "NULL"][random.random_range(0..3)];
        let null_share = [0.0, 0.0, 0.1][random.random_range(0..3)];
        let mut columns: Vec<(Kind, &'static str)> = vec![KINDS[random.random_range(0..11)]];
        while columns.len() < count {
            columns
                .insert(random.random_range(0..=columns.len()), KINDS[random.random_range(0..KINDS.len())]);
        }
        let mut text = String::new();
        if header && random.random_bool(0.1) {
            text.push_str(&format!("Report {seed}{line_end}made by a test{line_end}{line_end}"));
        }
        if header {
            let names: Vec<String> = (0..count).map(|column| format!("field_{column}")).collect();
            text.push_str(&(names.join(delimiter) + line_end));
        }
        let mut is_quoted = false;
        for row in 0..rows {
            for (place, (kind, sql)) in columns.iter().enumerate() {
                if place > 0 {
                    text.push_str(delimiter);
                }
                // The first rows have everything that tells the types.
                let is_null = row > 4 && *sql != "VARCHAR" && random.random_bool(null_share);
                let value = if is_null {
                    nulls.to_owned()
                } else {
                    kind.value(row, decimal, delimiter, quote, &mut random)
                };
                let must = value.contains(delimiter) || value.contains(quote);
                if must {
                    is_quoted = true;
                    text.push_str(&format!("{quote}{}{quote}", value.replace(quote, &quote.repeat(2))));
                } else {
                    text.push_str(&value);
                }
            }
            text.push_str(line_end);
        }
        Self {
            name: format!("made_{seed:03}.csv"),
            text,
            delimiter: delimiter.to_owned(),
            quote: if is_quoted { quote.to_owned() } else { String::new() },
            header,
            types: columns.iter().map(|(_, sql)| *sql).collect(),
        }
    }
}

impl Kind {
    fn value(
        self,
        row: usize,
        decimal: &str,
        delimiter: &str,
        quote: &str,
        random: &mut Xoshiro256PlusPlus,
    ) -> String {
        let day = if row == 1 { 25 } else { random.random_range(1..29) };
        let (month, year) = (random.random_range(1..13), random.random_range(1995..2026));
        let word = WORDS[random.random_range(0..WORDS.len())];
        match self {
            Self::Integer => random.random_range(-5_000..90_000).to_string(),
            Self::Double => format!("{:.3}", random.random_range(-50.0..900.0)).replace('.', decimal),
            Self::Price => format!("{:.2}", random.random_range(0.5..999.0)).replace('.', decimal),
            Self::Boolean => if random.random_bool(0.5) { "true" } else { "false" }.to_owned(),
            Self::Answer => if row.is_multiple_of(2) { "yes" } else { "no" }.to_owned(),
            Self::IsoDate => format!("{year}-{month:02}-{day:02}"),
            Self::DayFirst => format!("{day:02}/{month:02}/{year}"),
            Self::MonthFirst => format!("{month:02}/{day:02}/{year}"),
            Self::NamedMonth => format!("{day:02}-{}-{year}", MONTHS[month - 1]),
            Self::Timestamp => format!("{year}-{month:02}-{day:02} {:02}:{:02}:00", day % 24, month * 4),
            Self::TwelveHours => format!("{month}/{day}/{year} {}:{:02} PM", month, day),
            Self::Code => format!("{:05}", row * 37 % 1_000),
            Self::Word => word.to_owned(),
            Self::Sentence if row.is_multiple_of(3) => format!("{word}{delimiter} then {quote}{word}{quote}"),
            Self::Sentence => format!("{word} and {}", WORDS[random.random_range(0..WORDS.len())]),
        }
    }
}
