//! Tables of values that lie in files: written into the mapping before it is read, so that a mapping is one text with one digest
//! and a store that remembers it needs no file.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Place, Problem};
use crate::format::csv::{self, Table};
use crate::format::encoding::{self, Encoding};

/// Where a mapping says `values = { file = "…" }`.
struct Mention {
    key: String,
    file: String,
    span: Range<usize>,
}

/// The mapping with the tables in it; `read` gives the bytes of a file that it names.
///
/// # Errors
/// Every file that cannot be read, or is no such table. Text that is no TOML stays as it is: whoever reads it says so.
pub fn with_tables(
    text: &str,
    mut read: impl FnMut(&str) -> std::io::Result<Vec<u8>>,
) -> Result<String, Vec<Problem>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Ok(text.to_owned());
    }
    let mut mentions = Vec::new();
    collect("", document.get_ref(), &mut mentions);
    mentions.sort_by_key(|mention| mention.span.start);
    let mut whole = text.to_owned();
    let mut problems = Vec::new();
    // from the end, so that the places before stay where they are
    for mention in mentions.iter().rev() {
        let table = read(&mention.file)
            .map_err(|error| error.to_string())
            .and_then(|bytes| inline(&bytes));
        match table {
            Ok(table) => whole.replace_range(mention.span.clone(), &table),
            Err(detail) => problems.push(unusable(text, mention, &detail)),
        }
    }
    problems.reverse();
    if problems.is_empty() {
        Ok(whole)
    } else {
        Err(problems)
    }
}

fn collect(outer: &str, table: &DeTable<'_>, mentions: &mut Vec<Mention>) {
    for (key, value) in table {
        let name = key.get_ref();
        let path = if outer.is_empty() {
            name.to_string()
        } else {
            format!("{outer}.{name}")
        };
        let DeValue::Table(inner) = value.get_ref() else {
            continue;
        };
        match (name.as_ref(), file_of(inner)) {
            ("values", Some(file)) => mentions.push(Mention {
                key: format!("{path}.file"),
                file: file.to_owned(),
                span: value.span(),
            }),
            _ => collect(&path, inner, mentions),
        }
    }
}

fn file_of<'t>(table: &'t DeTable<'_>) -> Option<&'t str> {
    let mut entries = table.iter();
    let (key, value): (_, &Spanned<DeValue<'_>>) = entries.next()?;
    match (key.get_ref().as_ref(), value.get_ref(), entries.next()) {
        ("file", DeValue::String(file), None) => Some(file),
        _ => None,
    }
}

/// The rows as an inline table: the first column is what the source says, the second what it means here.
fn inline(bytes: &[u8]) -> Result<String, String> {
    let table = Table::open(bytes, Encoding::Auto).map_err(|error| error.to_string())?;
    if table.columns().len() < 2 {
        return Err("the header has fewer than two columns".to_owned());
    }
    let mut values = BTreeMap::new();
    for frame in table {
        let frame = frame.map_err(|error| error.to_string())?;
        let line = frame.line;
        if let Some(reason) = frame.broken {
            return Err(format!("line {line}: {reason}"));
        }
        let row = encoding::text(&frame.raw);
        let cells = csv::cells(&row).map_err(|bad| format!("line {line}: {bad}"))?;
        let [from, to, ..] = cells.as_slice() else {
            return Err(format!("line {line}: fewer than two cells"));
        };
        let (from, to) = (from.trim().to_owned(), to.trim().to_owned());
        if from.is_empty() || from.chars().chain(to.chars()).any(char::is_control) {
            return Err(format!("line {line}: {from:?} is no value"));
        }
        if let Some(other) = values.get(&from)
            && *other != to
        {
            return Err(format!("line {line}: {from} means {other} already"));
        }
        values.insert(from, to);
    }
    let mut text = String::from("{");
    for (from, to) in &values {
        let _ = write!(text, " {} = {},", quoted(from), quoted(to));
    }
    text.truncate(text.trim_end_matches(',').len());
    text.push_str(" }");
    Ok(text)
}

/// A basic string of TOML; there are no control characters in it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn unusable(text: &str, mention: &Mention, detail: &str) -> Problem {
    let file = &mention.file;
    Problem::new(
        "values_file",
        &mention.key,
        Place::of(text, mention.span.clone()),
        [
            &format!("{file} 不能用作对照表：{detail}"),
            &format!("{file} cannot be used as a table of values: {detail}"),
        ],
        [
            "用 CSV：有表头，第一列是来源的说法，第二列是对应的编码",
            "use CSV with a header: the first column is what the source says, the second what it means here",
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Mapping;

    const MAPPING: &str = "source = \"s\"\nformat = \"csv\"\n[clue]\nid = \"id\"\n\
        matter = { from = \"m\", values = { file = \"matters.csv\" }, default = \"x\" }\narea = { from = \"a\", values = { file = \"areas.csv\" } }\n";

    fn with(matters: &str, areas: &str) -> Result<String, Vec<Problem>> {
        with_tables(MAPPING, |file| match file {
            "matters.csv" => Ok(matters.as_bytes().to_vec()),
            "areas.csv" if !areas.is_empty() => Ok(areas.as_bytes().to_vec()),
            _ => Err(std::io::Error::from(std::io::ErrorKind::NotFound)),
        })
    }

    #[test]
    fn a_table_in_a_file_is_as_one_in_the_mapping() {
        let text = with(
            "theirs,ours,remark\n占道,06001,x\n\"a \"\"b\"\" \\\",06002,\n占道,06001,again\n",
            "from,to\nYC,330602\n",
        )
        .expect("good");
        assert!(
            text.contains(r#"values = { "a \"b\" \\" = "06002", "占道" = "06001" }, default = "x""#),
            "{text}"
        );
        assert!(
            text.ends_with("area = { from = \"a\", values = { \"YC\" = \"330602\" } }\n"),
            "{text}"
        );
        assert_eq!(text.lines().count(), MAPPING.lines().count(), "places stay");
        Mapping::parse(&text).expect("a mapping");
        let empty = with("from,to\n", "from,to\n").expect("good");
        Mapping::parse(&empty).expect("a mapping");
    }

    #[test]
    fn what_is_no_table_is_said_with_file_and_line() {
        let good = "from,to\nYC,330602\n";
        let table = [
            ("from\na\n", good, "fewer than two columns"),
            ("", good, "no header"),
            ("from,to\na\n", good, "line 2: fewer than two cells"),
            ("from,to\n,b\n", good, "line 2: \"\" is no value"),
            ("from,to\na,b\na,c\n", good, "line 3: a means b already"),
            ("from,to\n\"a,b\n", good, "line 2: csv_quote"),
            (good, "", "areas.csv"),
        ];
        for (matters, areas, expected) in table {
            let problems = with(matters, areas).expect_err("refused");
            let problem = &problems[0];
            assert_eq!((problems.len(), problem.code), (1, "values_file"), "{problems:?}");
            assert!(problem.what.en.contains(expected), "{problem}");
            let place = if areas.is_empty() {
                (6, "clue.area.values.file")
            } else {
                (5, "clue.matter.values.file")
            };
            assert_eq!((problem.line, problem.key.as_str()), place);
        }
    }
}
