//! Finding type and notation of a column of written values from a sample of them.

use std::collections::BTreeSet;

use millrace_protocol::DateOrder;

use super::evidence::{
    BIGINT as BIGINT_BIT, BOOLEAN as BOOLEAN_BIT, DATE as DATE_BIT, DOUBLE as DOUBLE_BIT,
    TIMESTAMP as TIMESTAMP_BIT, classify,
};
use super::{
    BooleanWords, ColumnForm, ColumnType, EpochUnit, Marks, Notation, NullWords, Order, parse_integer,
    parse_marked, parse_moment, parse_timestamp,
};

/// Values after which a way of reading that does not fit all of them is tried no more.
const ENOUGH_VALUES: u32 = 1_000;
/// Digits behind the point of the seconds from which on milliseconds are too coarse.
const MILLIS_DIGITS: usize = 3;
/// The years 2000 and 2100 in seconds since 1970: numbers between them may be points in time.
const EPOCH_SECONDS: std::ops::Range<i64> = 946_684_800..4_102_444_800;
/// Days without marks between their parts, from the beginning of 1900 to that of 2100.
const COMPACT_DAYS: std::ops::Range<i64> = 19_000_101..21_000_101;

/// Ways of reading that are tried at every value, by their places in [`FieldEvidence::fits`].
const BIGINT: usize = 0;
const DOUBLE: usize = 1;
const BOOLEAN: usize = 2;
const DATE: usize = 3;
const TIMESTAMP: usize = 4;
const POINT: usize = 5;
const COMMA: usize = 6;
/// Of each of [`BooleanWords::GUESSED`].
const WORDS: usize = 7;
/// Of each of [`ORDERS`].
const MOMENTS: usize = WORDS + BooleanWords::GUESSED.len();
const READINGS: usize = MOMENTS + ORDERS.len();

const ORDERS: [Order; 5] = [Order::YearFirst, Order::Named, Order::DayMonth, Order::MonthDay, Order::Compact];
const DAY_MONTH: usize = MOMENTS + 2;
const MONTH_DAY: usize = MOMENTS + 3;

/// What is known of a whole file, or said by the user, and settles what one column leaves open.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context {
    /// Whether numbers have a decimal comma.
    pub decimal_comma: Option<bool>,
    /// The order of dates that are written with numbers alone.
    pub order: Option<DateOrder>,
    /// Whether a comma stands between fields: then one within a number is not taken for a decimal mark.
    pub comma_delimits: bool,
    /// Whether a semicolon does, which is usual where numbers have a decimal comma.
    pub semicolon_delimits: bool,
}

/// How the values of a column seen so far can be read.
#[derive(Clone, Debug, Default)]
pub struct FieldEvidence {
    values: u32,
    fits: [u32; READINGS],
    /// Whether a value was there that can well be called a number: digits too many for an integer,
    /// or `nan`, are numbers only among numbers.
    decisive: bool,
    fraction_digits: usize,
    has_time: bool,
    twelve_hours: bool,
    /// For each reading with marks, whether a decimal mark was there.
    has_decimal: [bool; 2],
    /// For each of the guessed words, whether the one and the other was there.
    words: [[bool; 2]; BooleanWords::GUESSED.len()],
    /// Smallest and largest integer.
    range: Option<(i64, i64)>,
    nans: u32,
    nulls: BTreeSet<Vec<u8>>,
}

impl FieldEvidence {
    /// Takes one value, without quotes, into account. Empty ones say nothing, and those that mean NULL only
    /// that.
    pub fn add(&mut self, text: &[u8], nulls: &NullWords) {
        let text = text.trim_ascii();
        let is_settled = self.values >= ENOUGH_VALUES && self.fits.iter().all(|&fits| fits < self.values);
        if text.is_empty() || is_settled {
            return;
        }
        if text.eq_ignore_ascii_case(b"nan") && !nulls.are_given() {
            self.nans += 1;
            self.nulls.insert(text.to_vec());
            return;
        }
        if nulls.contains(text) {
            self.nulls.insert(text.to_vec());
            return;
        }
        self.values += 1;
        let (types, decisive) = classify(text);
        self.decisive |= decisive;
        let bits = [
            (BIGINT_BIT, BIGINT),
            (DOUBLE_BIT, DOUBLE),
            (BOOLEAN_BIT, BOOLEAN),
            (DATE_BIT, DATE),
            (TIMESTAMP_BIT, TIMESTAMP),
        ];
        for (bit, reading) in bits {
            self.fits[reading] += u32::from(types & bit != 0);
        }
        if types & BIGINT_BIT != 0
            && self.all(BIGINT)
            && let Some(value) = parse_integer(text)
        {
            let (low, high) = self.range.unwrap_or((value, value));
            self.range = Some((low.min(value), high.max(value)));
        }
        if types & TIMESTAMP_BIT != 0 {
            self.has_time |= types & DATE_BIT == 0;
            let digits = parse_timestamp(text).map_or(0, |timestamp| timestamp.fraction_digits);
            self.fraction_digits = self.fraction_digits.max(digits);
        }
        self.add_numbers(text);
        self.add_words(text);
        self.add_moments(text);
    }

    fn add_numbers(&mut self, text: &[u8]) {
        let unsigned = text.strip_prefix(b"-").unwrap_or(text);
        // Zeros in front mean something in a code, and a number would lose them.
        if matches!(unsigned, [b'0', b'0'..=b'9', ..]) || !unsigned.first().is_some_and(u8::is_ascii_digit) {
            return;
        }
        for (place, marks) in [Marks::POINT, Marks::COMMA].into_iter().enumerate() {
            if self.tries(POINT + place)
                && let Some(number) = parse_marked(text, marks)
                && (number.has_decimal || number.integer.is_some())
            {
                self.fits[POINT + place] += 1;
                self.has_decimal[place] |= number.has_decimal;
            }
        }
    }

    fn add_words(&mut self, text: &[u8]) {
        for (place, words) in BooleanWords::GUESSED.into_iter().enumerate() {
            if self.tries(WORDS + place)
                && let Some(value) = words.parse(text)
            {
                self.fits[WORDS + place] += 1;
                self.words[place][usize::from(value)] = true;
            }
        }
    }

    fn add_moments(&mut self, text: &[u8]) {
        for (place, order) in ORDERS.into_iter().enumerate() {
            if self.tries(MOMENTS + place)
                && let Some(moment) = parse_moment(text, order)
            {
                self.fits[MOMENTS + place] += 1;
                self.fraction_digits = self.fraction_digits.max(moment.fraction_digits);
                self.has_time |= moment.has_time;
                self.twelve_hours |= moment.twelve_hours;
            }
        }
    }

    /// Whether a reading is worth trying at the value that was just counted.
    fn tries(&self, reading: usize) -> bool {
        self.values <= ENOUGH_VALUES || self.fits[reading] + 1 == self.values
    }

    fn all(&self, reading: usize) -> bool {
        self.values > 0 && self.fits[reading] == self.values
    }

    /// Whether numbers are there that have a decimal comma and cannot be read otherwise.
    pub fn shows_decimal_comma(&self) -> bool {
        self.all(COMMA) && self.has_decimal[1] && !self.all(POINT)
    }

    /// Whether numbers are there that have a decimal point and cannot be read otherwise.
    pub fn shows_decimal_point(&self) -> bool {
        (self.all(DOUBLE) || (self.all(POINT) && self.has_decimal[0])) && !self.all(COMMA)
    }

    /// The order of day and month, where the values can be read in one only.
    pub fn shows_order(&self) -> Option<DateOrder> {
        match (self.all(DAY_MONTH), self.all(MONTH_DAY)) {
            (true, false) => Some(DateOrder::DayMonthYear),
            (false, true) => Some(DateOrder::MonthDayYear),
            // A clock of twelve hours goes with the American order.
            (true, true) if self.twelve_hours => Some(DateOrder::MonthDayYear),
            _ => None,
        }
    }

    /// Whether day and month can be told from no value.
    pub fn leaves_order_open(&self) -> bool {
        self.all(DAY_MONTH) && self.all(MONTH_DAY)
    }

    /// Whether no value was there at all.
    pub fn is_empty(&self) -> bool {
        self.values == 0
    }

    /// The texts for NULL that were met.
    pub fn nulls(&self) -> impl Iterator<Item = &[u8]> {
        self.nulls.iter().map(Vec::as_slice)
    }

    /// Type and notation that all values have; text when there is no other.
    pub fn form(&self, context: &Context) -> ColumnForm {
        if self.values == 0 || !self.decisive {
            return ColumnForm::VARCHAR;
        }
        let as_comma = context.decimal_comma == Some(true) && self.all(COMMA);
        let plain = |column_type| ColumnForm::from(column_type);
        match () {
            () if self.all(BIGINT) && self.nans > 0 => plain(ColumnType::Double),
            () if self.all(BIGINT) => plain(ColumnType::Bigint),
            () if as_comma => self.marked(Marks::COMMA, self.has_decimal[1]),
            () if self.all(DOUBLE) => plain(ColumnType::Double),
            () if self.all(BOOLEAN) => plain(ColumnType::Boolean),
            () if self.all(DATE) => plain(ColumnType::Date),
            () if self.all(TIMESTAMP) => plain(self.timestamp()),
            () => self.other_form(context),
        }
    }

    fn other_form(&self, context: &Context) -> ColumnForm {
        let (point, comma) = (self.all(POINT), self.all(COMMA));
        let may_be_comma = context.decimal_comma.unwrap_or(!context.comma_delimits);
        let rather_comma = context.decimal_comma.unwrap_or(context.semicolon_delimits);
        if comma && may_be_comma && (!point || rather_comma) {
            return self.marked(Marks::COMMA, self.has_decimal[1]);
        }
        if point && context.decimal_comma != Some(true) {
            return self.marked(Marks::POINT, self.has_decimal[0]);
        }
        for (place, words) in BooleanWords::GUESSED.into_iter().enumerate() {
            if self.all(WORDS + place) && self.words[place] == [true, true] {
                return ColumnForm { column_type: ColumnType::Boolean, notation: Notation::Words(words) };
            }
        }
        let fitting = || ORDERS.into_iter().enumerate().filter(|(place, _)| self.all(MOMENTS + place));
        let wanted = fitting().map(|(_, order)| order).find(|&order| Some(order) == order_of(context.order));
        match wanted.or_else(|| fitting().map(|(_, order)| order).next()) {
            Some(order) => self.written(order),
            None => ColumnForm::VARCHAR,
        }
    }

    /// The notation in which most values are of a type that the user has chosen.
    pub fn form_of(&self, column_type: ColumnType, context: &Context) -> ColumnForm {
        let found = self.form(context);
        let is_time = |kind| matches!(kind, ColumnType::TimestampMillis | ColumnType::TimestampMicros);
        if found.column_type == column_type || (is_time(found.column_type) && is_time(column_type)) {
            return found;
        }
        let best = |readings: &[usize]| {
            readings.iter().rev().copied().max_by_key(|&reading| self.fits[reading]).unwrap_or_default()
        };
        let with = |notation| ColumnForm { column_type, notation };
        match column_type {
            ColumnType::Varchar => ColumnForm::VARCHAR,
            ColumnType::Bigint | ColumnType::Double => {
                let plain = if column_type == ColumnType::Bigint { BIGINT } else { DOUBLE };
                let marks = match context.decimal_comma {
                    Some(true) => Some(Marks::COMMA),
                    _ if best(&[plain, POINT, COMMA]) == POINT => Some(Marks::POINT),
                    _ if best(&[plain, POINT, COMMA]) == COMMA => Some(Marks::COMMA),
                    _ => None,
                };
                with(marks.map_or(Notation::Plain, Notation::Marked))
            }
            ColumnType::Boolean => with(Notation::Words(BooleanWords::Any)),
            ColumnType::Date | ColumnType::TimestampMillis | ColumnType::TimestampMicros => {
                if is_time(column_type)
                    && self.fits[BIGINT] * 2 > self.values
                    && let Some(unit) = self.epoch_unit()
                {
                    return Self::epoch(unit);
                }
                let plain = if column_type == ColumnType::Date { DATE } else { TIMESTAMP };
                let readings: Vec<usize> = std::iter::once(plain).chain(MOMENTS..READINGS).collect();
                let best = best(&readings);
                let tied = self.fits[DAY_MONTH].max(self.fits[MONTH_DAY]) == self.fits[best];
                let order = order_of(context.order).filter(|_| tied);
                let order = order.or_else(|| best.checked_sub(MOMENTS).map(|place| ORDERS[place]));
                let kind = if is_time(column_type) { self.timestamp() } else { column_type };
                let notation = order.map_or(Notation::Plain, Notation::Written);
                ColumnForm { column_type: kind, notation }
            }
        }
    }

    /// Days without marks between their parts, or points in time as numbers, in a column of integers whose name
    /// says that it holds such.
    pub fn form_by_name(&self, name: &str) -> Option<ColumnForm> {
        if !self.all(BIGINT) || self.nans > 0 {
            return None;
        }
        let (low, high) = self.range?;
        let days = COMPACT_DAYS.contains(&low) && COMPACT_DAYS.contains(&high);
        if days && self.all(MOMENTS + 4) && says(name, &["date", "day", "datum", "dt", "ymd"]) {
            return Some(self.written(Order::Compact));
        }
        let unit = self.epoch_unit()?;
        says(name, &["time", "timestamp", "ts", "epoch", "date", "datetime", "at", "unixtime"])
            .then(|| Self::epoch(unit))
    }

    /// The unit in which all integers are points in time of this century.
    fn epoch_unit(&self) -> Option<EpochUnit> {
        let (low, high) = self.range?;
        let within = |unit: EpochUnit| {
            let seconds = |value: i64| value.div_euclid(unit.per_second());
            EPOCH_SECONDS.contains(&seconds(low)) && EPOCH_SECONDS.contains(&seconds(high))
        };
        EpochUnit::ALL.into_iter().map(|(unit, _)| unit).find(|&unit| within(unit))
    }

    fn epoch(unit: EpochUnit) -> ColumnForm {
        let column_type = match unit {
            EpochUnit::Seconds | EpochUnit::Millis => ColumnType::TimestampMillis,
            EpochUnit::Micros | EpochUnit::Nanos => ColumnType::TimestampMicros,
        };
        ColumnForm { column_type, notation: Notation::Epoch(unit) }
    }

    fn marked(&self, marks: Marks, has_decimal: bool) -> ColumnForm {
        let column_type = if has_decimal || self.nans > 0 { ColumnType::Double } else { ColumnType::Bigint };
        ColumnForm { column_type, notation: Notation::Marked(marks) }
    }

    fn written(&self, order: Order) -> ColumnForm {
        let column_type = if self.has_time { self.timestamp() } else { ColumnType::Date };
        ColumnForm { column_type, notation: Notation::Written(order) }
    }

    fn timestamp(&self) -> ColumnType {
        if self.fraction_digits > MILLIS_DIGITS {
            ColumnType::TimestampMicros
        } else {
            ColumnType::TimestampMillis
        }
    }
}

/// Whether the text, taken alone, is anything but text.
pub fn is_typed(text: &[u8], nulls: &NullWords, context: &Context) -> bool {
    let mut evidence = FieldEvidence::default();
    evidence.add(text, nulls);
    evidence.form(context) != ColumnForm::VARCHAR
}

fn order_of(order: Option<DateOrder>) -> Option<Order> {
    Some(match order? {
        DateOrder::DayMonthYear => Order::DayMonth,
        DateOrder::MonthDayYear => Order::MonthDay,
        DateOrder::YearMonthDay => Order::YearFirst,
    })
}

/// Whether one of these words is a part of the name: `created_at`, `eventTime`, `ts`.
fn says(name: &str, words: &[&str]) -> bool {
    let mut parts = vec![String::new()];
    let mut after_small = false;
    for letter in name.chars() {
        if !letter.is_alphabetic() || (letter.is_uppercase() && after_small) {
            parts.push(String::new());
        }
        after_small = letter.is_lowercase();
        if letter.is_alphabetic()
            && let Some(part) = parts.last_mut()
        {
            part.extend(letter.to_lowercase());
        }
    }
    parts.iter().any(|part| words.contains(&part.as_str()))
}
