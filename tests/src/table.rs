//! Reads CSV by itself, so that what is counted here shares nothing with the program: RFC 4180, and nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The rows of a file, by column name.
pub fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let text = fs::read_to_string(path).expect("a file in UTF-8");
    let mut lines = cells(text.trim_start_matches('\u{feff}')).into_iter();
    let header = lines.next().expect("a header");
    lines
        .map(|line| {
            assert_eq!(line.len(), header.len(), "{line:?}");
            header.iter().cloned().zip(line).collect()
        })
        .collect()
}

fn cells(text: &str) -> Vec<Vec<String>> {
    let (mut lines, mut line, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut rest = text.chars().peekable();
    while let Some(next) = rest.next() {
        match next {
            '"' if quoted && rest.peek() == Some(&'"') => {
                rest.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => line.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                line.push(std::mem::take(&mut cell));
                lines.push(std::mem::take(&mut line));
            }
            other => cell.push(other),
        }
    }
    if !cell.is_empty() || !line.is_empty() {
        line.push(cell);
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_commas_and_line_ends_within_cells() {
        let read = cells("a,b\r\n\"x, \"\"y\"\"\",\"1\n2\"\n,z");
        assert_eq!(read, [vec!["a", "b"], vec!["x, \"y\"", "1\n2"], vec!["", "z"]]);
    }
}
