//! Tables as RFC 4180 has them, read strictly: a quote that a lenient reader would mend by guessing swallows the rows behind it,
//! and a finding must name the line that a person sees in an editor.

use std::collections::HashMap;
use std::iter::Peekable;
use std::str::Chars;

use bihuan_domain::csv::cell;
use encoding_rs::GB18030;

use crate::cell::Cell;
use crate::{Files, Finding};

/// What a file may look like.
pub(crate) struct Spec {
    pub(crate) file: &'static str,
    /// Whether a rulebook needs the file at all.
    pub(crate) presence: Presence,
    pub(crate) needed: &'static [&'static str],
    pub(crate) optional: &'static [&'static str],
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    Needed,
    Optional,
}

/// A file whose header is in order.
pub(crate) struct Table {
    file: &'static str,
    columns: HashMap<&'static str, usize>,
    rows: Vec<Row>,
}

pub(crate) struct Row {
    pub(crate) line: u32,
    fields: Vec<String>,
}

impl Table {
    /// `None` if the file is absent or cannot be read as a table; what is wrong is in `findings`.
    pub(crate) fn read(files: &Files, spec: &Spec, findings: &mut Vec<Finding>) -> Option<Self> {
        let text = text(files, spec.file, spec.presence, findings)?;
        let mut rows = match records(text) {
            Ok(rows) => rows.into_iter(),
            Err(broken) => {
                findings.push(broken.finding(spec.file));
                return None;
            }
        };
        let header = rows.next().unwrap_or(Row {
            line: 1,
            fields: Vec::new(),
        });
        let columns = columns(&header, spec, findings)?;
        let width = header.fields.len();
        let mut even = Vec::new();
        for row in rows {
            if row.fields.len() == width {
                even.push(row);
            } else {
                findings.push(ragged(spec.file, &row, width));
            }
        }
        Some(Self {
            file: spec.file,
            columns,
            rows: even,
        })
    }

    pub(crate) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The cell without white space around it; empty where the column was left out.
    pub(crate) fn cell<'a>(&'a self, row: &'a Row, column: &'static str) -> Cell<'a> {
        let position = self.columns.get(column).copied();
        let text = position
            .and_then(|at| row.fields.get(at))
            .map_or("", |text| text.trim());
        Cell {
            file: self.file,
            line: row.line,
            column,
            number: position.map(|at| at as u32 + 1),
            text,
        }
    }
}

/// The table with rows added, cells by column; a column that the table lacks is left out. Nothing else of it changes.
pub(crate) fn with_rows(text: &str, rows: &[Vec<(&str, &str)>]) -> String {
    let header = records(text).unwrap_or_default().into_iter().next();
    let header = header.map(|row| row.fields).unwrap_or_default();
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut table = text.to_owned();
    if !table.is_empty() && !table.ends_with('\n') {
        table.push_str(end);
    }
    for row in rows {
        let cell = |column: &String| row.iter().find(|(name, _)| name == column);
        let cells = header
            .iter()
            .map(|column| cell(column).map_or("", |(_, cell)| cell));
        table.push_str(&line(cells));
        table.push_str(end);
    }
    table
}

/// The columns that a table has, and on which line the next row would begin.
pub(crate) fn header(text: &str) -> (Vec<String>, u32) {
    let rows = records(text).unwrap_or_default().into_iter().next();
    let next = text.lines().count() as u32 + 1;
    (rows.map(|row| row.fields).unwrap_or_default(), next)
}

/// A row of a table, without its end.
pub(crate) fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<_> = cells.into_iter().map(cell).collect();
    cells.join(",")
}

/// The text of a file, without its byte order mark.
pub(crate) fn text<'a>(
    files: &'a Files,
    file: &'static str,
    presence: Presence,
    findings: &mut Vec<Finding>,
) -> Option<&'a str> {
    let Some(bytes) = files.get(file) else {
        if presence == Presence::Needed {
            let missing = Finding::error("file_missing", file)
                .says(format!("缺少文件 {file}"), format!("{file} is missing"))
                .advises(
                    "在规则库目录中补上该文件",
                    "add the file to the rulebook directory",
                );
            findings.push(missing);
        }
        return None;
    };
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let line = bytes[..error.valid_up_to()].split(|byte| *byte == b'\n').count() as u32;
            let foreign = Finding::error("not_utf8", file)
                .line(line)
                .says(
                    format!("不是 UTF-8 编码，{}", encoding(bytes).0),
                    format!("the text is not UTF-8: {}", encoding(bytes).1),
                )
                .advises(
                    "另存为 UTF-8（可带 BOM）",
                    "save the file as UTF-8, with or without BOM",
                );
            findings.push(foreign);
            None
        }
    }
}

/// What it is instead, as far as that can be told.
fn encoding(bytes: &[u8]) -> (&'static str, &'static str) {
    let is_gb18030 = || {
        let decoded = GB18030.decode_without_bom_handling_and_without_replacement(bytes);
        decoded.is_some_and(|text| !text.contains('\u{fffd}') && !text.contains('\0'))
    };
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        ("是 UTF-16", "it is UTF-16")
    } else if is_gb18030() {
        (
            "看来是 GB 18030（GBK、ANSI）",
            "it seems to be GB 18030 (GBK, ANSI)",
        )
    } else {
        ("编码不明", "its encoding is not known")
    }
}

fn columns(header: &Row, spec: &Spec, findings: &mut Vec<Finding>) -> Option<HashMap<&'static str, usize>> {
    let mut columns = HashMap::new();
    let known: Vec<_> = spec.needed.iter().chain(spec.optional).copied().collect();
    for (at, name) in header.fields.iter().enumerate() {
        match known.iter().find(|known| *known == name) {
            Some(known) if !columns.contains_key(known) => {
                columns.insert(*known, at);
            }
            found => findings.push(odd_column(
                spec.file,
                header.line,
                at,
                name,
                found.is_some(),
                &known,
            )),
        }
    }
    let missing: Vec<_> = spec
        .needed
        .iter()
        .filter(|name| !columns.contains_key(*name))
        .collect();
    for name in &missing {
        let absent = Finding::error("column_missing", spec.file)
            .line(header.line)
            .column(name, None)
            .says(
                format!("{} 缺少列 {name}", spec.file),
                format!("{} has no column {name}", spec.file),
            )
            .advises(
                format!("在表头补上 {name}，名称须完全一致"),
                format!("add {name} to the header, spelt exactly so"),
            );
        findings.push(absent);
    }
    missing.is_empty().then_some(columns)
}

fn odd_column(file: &str, line: u32, at: usize, name: &str, repeated: bool, known: &[&str]) -> Finding {
    let known = known.join(", ");
    let (zh, en) = if repeated {
        ("重复的列", "repeated column")
    } else {
        ("未知的列", "unknown column")
    };
    Finding::error("column_unknown", file)
        .line(line)
        .column(name, Some(at as u32 + 1))
        .value(name)
        .says(format!("{zh} {name:?}"), format!("{en} {name:?}"))
        .advises(
            format!("删去该列，或改为：{known}"),
            format!("remove it, or use one of: {known}"),
        )
}

fn ragged(file: &str, row: &Row, width: usize) -> Finding {
    let found = row.fields.len();
    Finding::error("csv_invalid", file)
        .line(row.line)
        .says(
            format!("本行有 {found} 个字段，表头有 {width} 个"),
            format!("the row has {found} fields, the header {width}"),
        )
        .advises(
            "补齐或删去逗号；含逗号的内容加双引号",
            "mend the commas; quote a value that holds one",
        )
}

/// A quote that opens or closes nothing.
#[derive(Debug, PartialEq, Eq)]
struct BrokenQuote {
    line: u32,
}

impl BrokenQuote {
    fn finding(&self, file: &str) -> Finding {
        Finding::error("csv_invalid", file)
            .line(self.line)
            .says(
                "双引号不成对，后面的行无法读取",
                "a quote is not closed or stands inside a value; nothing behind it can be read",
            )
            .advises(
                "整个字段加双引号，字段内的双引号写成两个",
                "put the whole value in quotes and write a quote inside it twice",
            )
    }
}

/// All rows that hold anything, the header first.
fn records(text: &str) -> Result<Vec<Row>, BrokenQuote> {
    let mut reader = Reader {
        rest: text.chars().peekable(),
        line: 1,
    };
    let mut rows = Vec::new();
    while reader.rest.peek().is_some() {
        let row = reader.row()?;
        if row.fields.iter().any(|field| !field.trim().is_empty()) {
            rows.push(row);
        }
    }
    Ok(rows)
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    line: u32,
}

impl Reader<'_> {
    fn row(&mut self) -> Result<Row, BrokenQuote> {
        let line = self.line;
        let mut fields = Vec::new();
        loop {
            let field = if self.rest.next_if_eq(&'"').is_some() {
                self.quoted()?
            } else {
                self.plain()?
            };
            fields.push(field);
            match self.rest.next() {
                Some(',') => {}
                Some('\r') => {
                    self.rest.next_if_eq(&'\n');
                    self.line += 1;
                    return Ok(Row { line, fields });
                }
                Some('\n') => {
                    self.line += 1;
                    return Ok(Row { line, fields });
                }
                None => return Ok(Row { line, fields }),
                Some(_) => return Err(BrokenQuote { line: self.line }),
            }
        }
    }

    fn plain(&mut self) -> Result<String, BrokenQuote> {
        let mut field = String::new();
        while let Some(c) = self.rest.next_if(|c| !matches!(c, ',' | '\r' | '\n')) {
            if c == '"' {
                return Err(BrokenQuote { line: self.line });
            }
            field.push(c);
        }
        Ok(field)
    }

    /// After the opening quote, up to and with the closing one.
    fn quoted(&mut self) -> Result<String, BrokenQuote> {
        let opened = self.line;
        let mut field = String::new();
        loop {
            match self.rest.next() {
                None => return Err(BrokenQuote { line: opened }),
                Some('"') if self.rest.next_if_eq(&'"').is_none() => return Ok(field),
                Some(c) => {
                    self.line += u32::from(c == '\n');
                    field.push(c);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(u32, Vec<String>)>, BrokenQuote> {
        records(text).map(|rows| rows.into_iter().map(|row| (row.line, row.fields)).collect())
    }

    #[test]
    fn rows_carry_the_line_on_which_they_begin() {
        for end in ["\n", "\r\n"] {
            let text = ["a,b", "", "\"x", "y\",\"say \"\"so\"\"\"", ",", "1,2"].join(end);
            let rows = read(&text).expect("in order");
            let lines: Vec<_> = rows.iter().map(|row| row.0).collect();
            assert_eq!(lines, [1, 3, 6], "{end:?}");
            assert_eq!(rows[1].1, [format!("x{end}y"), "say \"so\"".to_owned()]);
        }
    }

    #[test]
    fn a_broken_quote_is_where_it_opens() {
        for (text, line) in [("a\n\"b\nc", 2), ("a\nb\"c\n", 2), ("a\n\"b\"c\n", 2)] {
            assert_eq!(read(text), Err(BrokenQuote { line }), "{text:?}");
        }
    }
}
