//! Writing many rows at once. PostgreSQL takes arrays (`unnest`) in one statement; SQLite takes multi-row statements, built here.

/// How many rows SQLite gets per statement: few distinct statement texts, so that prepared ones are found again.
const CHUNKS: [usize; 4] = [200, 50, 10, 1];

/// Cuts `rows` into slices of few distinct lengths.
pub fn chunks<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = CHUNKS.into_iter().find(|size| *size <= rows.len())?;
        let (chunk, rest) = rows.split_at(size);
        rows = rest;
        Some(chunk)
    })
}

/// `head (?,?),(?,?) tail` for `rows` rows of `columns` columns: for SQLite alone. Its numbered parameters have names, and the
/// driver's look-up of a name goes through all of them, which makes a long statement quadratic.
pub fn statement(head: &str, columns: usize, rows: usize, tail: &str) -> String {
    values(head, columns, rows, tail, |text, _| text.push('?'))
}

/// `head ($1,$2),($3,$4) tail`: for both databases, where rows are few.
pub fn numbered(head: &str, columns: usize, rows: usize, tail: &str) -> String {
    use std::fmt::Write as _;
    values(head, columns, rows, tail, |text, number| {
        let _ = write!(text, "${number}");
    })
}

fn values(
    head: &str,
    columns: usize,
    rows: usize,
    tail: &str,
    parameter: impl Fn(&mut String, usize),
) -> String {
    let mut text = String::with_capacity(head.len() + tail.len() + rows * (columns * 6 + 3));
    text.push_str(head);
    for row in 0..rows {
        text.push_str(if row == 0 { " (" } else { ",(" });
        for column in 0..columns {
            if column > 0 {
                text.push(',');
            }
            parameter(&mut text, row * columns + column + 1);
        }
        text.push(')');
    }
    text.push(' ');
    text.push_str(tail);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_cover_everything_in_order() {
        let rows: Vec<usize> = (0..473).collect();
        let lengths: Vec<usize> = chunks(&rows).map(<[usize]>::len).collect();
        assert_eq!(lengths, [200, 200, 50, 10, 10, 1, 1, 1]);
        assert_eq!(chunks(&rows).flatten().copied().collect::<Vec<_>>(), rows);
    }

    #[test]
    fn a_statement_has_a_parameter_for_each_value() {
        let head = "INSERT INTO t VALUES";
        assert_eq!(
            statement(head, 2, 2, "RETURNING a"),
            "INSERT INTO t VALUES (?,?),(?,?) RETURNING a"
        );
        assert_eq!(numbered(head, 2, 2, ""), "INSERT INTO t VALUES ($1,$2),($3,$4) ");
    }
}
