//! A duty is added to a rulebook's files, and nothing else of them changes.

use crate::Files;
use crate::duties::FILE;
use crate::table::{header, with_rows};

const MARK: &str = "\u{feff}";

/// The table has no column for what a row says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lacking(pub Vec<String>);

/// The files with the row at the end of `duties.csv`, cells by column, and the line that it has there.
pub fn with_duty(files: &Files, row: &[(&str, &str)]) -> Result<(Files, u32), Lacking> {
    let bytes = files.get(FILE).unwrap_or_default();
    let text = String::from_utf8_lossy(bytes);
    let (mark, table) = match text.strip_prefix(MARK) {
        Some(table) => (MARK, table),
        None => ("", &*text),
    };
    let (columns, line) = header(table);
    let has = |column: &str| columns.iter().any(|it| it == column);
    let lacking = row
        .iter()
        .filter(|(column, cell)| !cell.is_empty() && !has(column));
    let lacking: Vec<_> = lacking.map(|(column, _)| (*column).to_owned()).collect();
    if !lacking.is_empty() {
        return Err(Lacking(lacking));
    }
    let mut added = files.clone();
    added.insert(FILE, format!("{mark}{}", with_rows(table, &[row.to_vec()])));
    Ok((added, line))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: [(&str, &str); 4] = [("matter", "m"), ("agency", "a, b"), ("area", "33"), ("when", "")];

    fn added(table: &str) -> Result<(String, u32), Lacking> {
        let mut files = Files::default();
        files.insert(FILE, table);
        let (files, line) = with_duty(&files, &ROW)?;
        let text = String::from_utf8(files.get(FILE).expect("there").to_vec()).expect("text");
        Ok((text, line))
    }

    #[test]
    fn the_row_goes_to_the_columns_that_the_table_has() {
        let table = [
            (
                "area,agency,matter\n1,2,3\n",
                "area,agency,matter\n1,2,3\n33,\"a, b\",m\n",
                3,
            ),
            (
                "area,agency,matter\r\n1,2,3",
                "area,agency,matter\r\n1,2,3\r\n33,\"a, b\",m\r\n",
                3,
            ),
            (
                "\u{feff}area,basis,agency,matter\n",
                "\u{feff}area,basis,agency,matter\n33,,\"a, b\",m\n",
                2,
            ),
        ];
        for (before, after, line) in table {
            assert_eq!(added(before), Ok((after.to_owned(), line)), "{before:?}");
        }
    }

    #[test]
    fn nothing_is_lost_in_a_table_without_the_column() {
        assert_eq!(added("area,matter\n"), Err(Lacking(vec!["agency".to_owned()])));
    }
}
