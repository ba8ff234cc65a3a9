//! What commands print: tables for people, one JSON object for scripts, CSV and markdown where a person would want them.

use std::borrow::Cow;
use std::io::Write as _;

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use serde::Serialize;

use crate::cli::Format;
use crate::failure::Failure;

/// A line under the header, none between the rows.
const STYLE: TableStyle = UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none());

/// Prints one JSON object.
pub(crate) fn json<T: Serialize>(value: &T) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(std::io::Error::from)?;
    line(&text)
}

/// Prints a line; a reader that went away ends the command in silence.
pub(crate) fn line(text: &str) -> Result<(), Failure> {
    match writeln!(std::io::stdout().lock(), "{}", harmless(text)) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        done => Ok(done?),
    }
}

/// Text from elsewhere must not move the cursor, nor read from right to left where it does not.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    let is_harmful = |c: char| {
        (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if is_harmful(c) {
            safe.extend(c.escape_default());
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// What there is to say of one thing: a line for each part.
pub(crate) fn details(
    format: Format,
    title: &str,
    lines: impl IntoIterator<Item = (&'static str, String)>,
) -> Result<(), Failure> {
    let lines: Vec<_> = lines.into_iter().collect();
    if format != Format::Table {
        let rows = lines
            .into_iter()
            .map(|(what, value)| vec![what.to_owned(), value]);
        return line(&Grid::new([title, ""], rows).render(format)?);
    }
    let widest = lines.iter().map(|(what, _)| width(what)).max().unwrap_or(0);
    lines.iter().try_for_each(|(what, value)| {
        let padding = " ".repeat(widest - width(what));
        line(&format!("{what}{padding}  {}", value.replace('\n', " ")))
    })
}

/// Columns on a terminal: Chinese characters are two wide.
fn width(text: &str) -> usize {
    text.chars().map(|c| if c >= '\u{2e80}' { 2 } else { 1 }).sum()
}

/// A table with a header; numbers to the right.
pub(crate) fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    Grid::new(header, rows.into_iter().map(Vec::from)).table()
}

/// A table that can be printed in several ways.
#[derive(Debug)]
pub(crate) struct Grid {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Grid {
    pub(crate) fn new<H: Into<String>>(
        header: impl IntoIterator<Item = H>,
        rows: impl IntoIterator<Item = Vec<String>>,
    ) -> Self {
        Self {
            header: header.into_iter().map(Into::into).collect(),
            rows: rows.into_iter().collect(),
        }
    }

    /// JSON is the caller's.
    pub(crate) fn render(&self, format: Format) -> Result<String, Failure> {
        match format {
            Format::Table | Format::Json | Format::Xlsx => Ok(self.table()),
            Format::Csv => self.csv(),
            Format::Markdown => Ok(self.markdown()),
        }
    }

    /// For people: numbers to the right.
    pub(crate) fn table(&self) -> String {
        let mut table = Table::new();
        table.load_style(STYLE).set_header(&self.header);
        for row in &self.rows {
            table.add_row(&row[..]);
        }
        for (index, column) in table.column_iter_mut().enumerate() {
            let mut cells = self.rows.iter().filter_map(|row| row.get(index));
            if cells.all(|text| is_number(text)) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table.to_string()
    }

    /// For people, in so many columns of a terminal: long cells go on in the next line.
    pub(crate) fn within(&self, columns: u16) -> String {
        let mut table = Table::new();
        table
            .load_style(STYLE)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(columns)
            .set_header(&self.header);
        for row in &self.rows {
            table.add_row(&row[..]);
        }
        table.trim_fmt()
    }

    fn csv(&self) -> Result<String, Failure> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let written = writer.write_record(&self.header).and_then(|()| {
            self.rows
                .iter()
                .try_for_each(|row| writer.write_record(row.iter().map(|cell| inert(cell))))
        });
        written.map_err(std::io::Error::other)?;
        let bytes = writer.into_inner().map_err(std::io::Error::other)?;
        Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned())
    }

    fn markdown(&self) -> String {
        let line = |cells: &[String]| {
            let cells: Vec<_> = cells
                .iter()
                .map(|cell| cell.replace('|', "\\|").replace('\n', " "))
                .collect();
            format!("| {} |", cells.join(" | "))
        };
        let rule = format!("| {} |", vec!["---"; self.header.len()].join(" | "));
        let mut lines = vec![line(&self.header), rule];
        lines.extend(self.rows.iter().map(|row| line(row)));
        lines.join("\n")
    }
}

fn is_number(text: &str) -> bool {
    text == "—"
        || text.starts_with(|c: char| c.is_ascii_digit())
            && text.chars().all(|c| c.is_ascii_digit() || ".,% ".contains(c))
}

/// A cell that a spreadsheet would take for a formula is kept as text.
pub(crate) fn inert(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@']) && cell.parse::<f64>().is_err() {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_elsewhere_cannot_move_the_cursor() {
        assert_eq!(
            harmless("标题\u{1b}[31m\r\u{202e}\nx"),
            "标题\\u{1b}[31m\\r\\u{202e}\nx"
        );
        assert!(matches!(harmless("标题 \"x\""), Cow::Borrowed(_)));
    }

    #[test]
    fn cells_cannot_break_out_of_their_table() {
        let row = || vec!["a|b".to_owned(), "=1+1".to_owned()];
        let grid = Grid::new(["x", "y"], [row()]);
        assert_eq!(grid.markdown(), "| x | y |\n| --- | --- |\n| a\\|b | =1+1 |");
        assert_eq!(grid.csv().expect("written"), "x,y\na|b,'=1+1");
    }
}
