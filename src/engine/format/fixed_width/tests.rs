//! Which texts are tables of aligned columns, and their rows.

use proptest::prelude::*;

use super::FixedWidth;
use super::gaps::Gaps;
use crate::format::testing::{
    bad, cells, check_selection, columns, cuts, decode_all, decode_splits, read_as, whole,
};
use crate::format::{Decoded, Format};

const PROCESSES: &str = "\
USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND
root           1  0.0  0.1 167744 11824 ?        Ss   May01   0:11 /sbin/init splash
root           2  0.0  0.0      0     0 ?        S    May01   0:00 [kthreadd]
daemon       812  0.3  1.2  90016 24816 ?        Ssl  May01  12:40 /usr/lib/policykit-1/polkitd
ann        12045 12.5  3.4 981276 70016 pts/0    Sl+  09:14   1:02 vi  notes.txt
ann        12046  0.0  0.0   8980  3600 pts/1    R+   09:15   0:00 ps aux
bob          900  0.0  0.2  15424  5208 pts/2    S    Apr30   0:00 -bash
bob          901  0.0  0.2  15424  5208 pts/2    S    Apr30   0:00 less -R some file
";

fn gaps(text: &str) -> usize {
    Gaps::find(text.as_bytes()).map_or(0, |gaps| gaps.between.len())
}

#[test]
fn columns_that_line_up_are_found() {
    assert_eq!(gaps(PROCESSES), 10);
    assert_eq!(gaps("apple     3\nfig      12\nbanana  700\n"), 1);
    assert_eq!(gaps("name      city\nJosé      Zürich\nAnn       Rome\nŁukasz    Łódź\n"), 1);
}

#[test]
fn other_texts_have_no_columns() {
    for text in [
        "",
        "one line   only\n",
        "It was night.\nA dog barked, far away, twice.\nThen nothing\n",
        "It was night, and so\nnobody saw how many\ndogs were in the yard.\nThey barked all night,\nand nobody slept.\n",
        "a,  b,  c\n1,  2,  3\n4,  5,  6\n",
        "id | name \n1  | ann  \n22 | bob  \n",
        "10 20 30\n11 21 31\n12 22 32\n",
        "1\t   2\n3\t   4\n5\t   6\n",
        "    indented\n    more\n    text\n",
        "apple\nfig\nbanana and what follows it   far out\n",
    ] {
        assert_eq!(gaps(text), 0, "{text}");
    }
}

#[test]
fn one_line_of_many_may_be_another() {
    let mut text = "a title that is longer than the first column\n".to_owned();
    for row in 0..100 {
        text.push_str(&format!("{:<12}  {row:>5}\n", format!("name_{}", row * row)));
    }
    assert_eq!(gaps(&text), 1);
}

#[test]
fn columns_begin_where_the_user_says() {
    // Columns that touch, with letters of two bytes.
    let text = "idcityn\n01Rom 7\n02Bonn8\n03Köln9\n04";
    let read = |starts: &[u32], header: Option<bool>| {
        let mut sample = whole(text.as_bytes());
        sample.options.column_starts = Some(starts.to_vec());
        sample.options.header = header;
        FixedWidth.sniff(&sample)
    };
    let sniffed = read(&[1, 3, 7], Some(true)).expect("a table");
    assert_eq!(columns(&sniffed), ["id Utf8View", "city Utf8View", "n Int64", "unparsed Utf8View"]);
    let dialect = sniffed.dialect.as_ref().expect("a dialect");
    assert_eq!((dialect.header, dialect.column_starts.as_slice()), (true, &[1, 3, 7][..]));
    let rows =
        cells(&decode_all(sniffed.decoder.as_ref(), text.as_bytes(), sniffed.first_record, &[0, 1, 2, 3]));
    assert_eq!(rows[2], ["03", "Köln", "9", "∅"]);
    assert_eq!(rows[3], ["04", "∅", "∅", "∅"]);
    // What is before the first column belongs to none.
    let sniffed = read(&[3], Some(false)).expect("a table");
    let rows = cells(&decode_all(sniffed.decoder.as_ref(), text.as_bytes(), sniffed.first_record, &[0]));
    assert_eq!(rows, [["cityn"], ["Rom 7"], ["Bonn8"], ["Köln9"], ["∅"]]);
    for refused in [&[][..], &[0, 2], &[1, 5, 5], &[4, 2]] {
        assert!(read(refused, None).is_err(), "{refused:?}");
    }
}

#[test]
fn headers_are_found() {
    let names = |text: &str| {
        let sniffed = FixedWidth.sniff(&whole(text.as_bytes())).expect("a table");
        let names: Vec<String> = sniffed.schema.fields().iter().map(|field| field.name().clone()).collect();
        (names.join(" "), sniffed.first_line)
    };
    assert_eq!(
        names(PROCESSES),
        ("USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND unparsed".to_owned(), 2)
    );
    assert_eq!(names("apple     3\nfig      12\nbanana  700\n").0, "column_1 column_2 unparsed");
    let ruled = "name   colour\n------ ------\nann    red\nbob    green\ncarla  blue\n";
    assert_eq!(names(ruled), ("name colour unparsed".to_owned(), 3));
}

#[test]
fn rows_have_types_and_those_that_do_not_fit_are_told() {
    let text = format!(
        "{PROCESSES}\nbobby-the-long-named 9 0.0 0.2 15424 5208 pts/2 S Apr30 0:00 -bash\nlongnames    7\n"
    );
    let (sniffed, _) = read_as(&FixedWidth, PROCESSES.as_bytes());
    let all: Vec<usize> = (0..sniffed.schema.fields().len()).collect();
    let decoded = decode_all(sniffed.decoder.as_ref(), text.as_bytes(), sniffed.first_record, &all);
    let types = columns(&sniffed);
    assert_eq!(types[..4], ["USER Utf8View", "PID Int64", "%CPU Float64", "%MEM Float64"]);
    let rows = cells(&decoded);
    assert_eq!(rows.len(), 9);
    assert_eq!(rows[3][..5], ["ann", "12045", "12.5", "3.4", "981276"]);
    assert_eq!(rows[3][10], "vi  notes.txt");
    assert_eq!((rows[7][0].as_str(), rows[7][1].as_str()), ("∅", "∅"));
    assert!(rows[7][11].starts_with("bobby"), "{:?}", rows[7]);
    assert_eq!((rows[8][0].as_str(), rows[8][1].as_str(), rows[8][2].as_str()), ("longnames", "7", "∅"));
    let reasons = bad(&decoded);
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    assert!(reasons[0].1.contains("divided"), "{reasons:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_splits_give_the_same_rows(
        order in prop::collection::vec(0usize..11, 1..40),
        sizes in prop_oneof![prop::collection::vec(1usize..4, 1..4), prop::collection::vec(1usize..200, 1..4)],
        look_ahead in 0usize..120,
        batch_rows in 1usize..20,
        wanted in prop::collection::vec(any::<bool>(), 1..9),
    ) {
        let lines: Vec<&str> = PROCESSES.lines().skip(1).collect();
        let mut text = PROCESSES.to_owned();
        for number in order {
            text += lines.get(number).copied().unwrap_or_else(|| ["", "  ", "what-is-this?", "é"][number - lines.len()]);
            text.push('\n');
        }
        let (found, _) = read_as(&FixedWidth, PROCESSES.as_bytes());
        let all: Vec<usize> = (0..found.schema.fields().len()).collect();
        let whole = decode_all(found.decoder.as_ref(), text.as_bytes(), found.first_record, &all);
        check_selection(&found, text.as_bytes(), batch_rows, &wanted);
        let cuts = cuts(found.first_record as usize, text.len(), &sizes);
        let decoded = decode_splits(&found, text.as_bytes(), &cuts, look_ahead, batch_rows);
        let rows: Vec<Vec<String>> = decoded.iter().flat_map(cells).collect();
        prop_assert_eq!(rows, cells(&whole));
        let count = |decoded: &Decoded| decoded.bad().count;
        prop_assert_eq!(decoded.iter().map(count).sum::<u64>(), count(&whole));
    }
}
