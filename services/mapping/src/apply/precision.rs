//! Ids that somebody kept as numbers. A spreadsheet holds fifteen digits of a number and writes zeros for the rest, a program that
//! reads JSON into floating point loses what lies beyond 2^53: such an id may be the id of two records.

use crate::format::{Format, Written};
use crate::rule::{Found, Record, Rule};

/// The digits of a number that a spreadsheet keeps.
const KEPT: usize = 15;
/// Up to here every whole number is one of its own in floating point.
const EXACT: u64 = 1 << 53;

/// Whether digits may have been lost of an id, or of a part that it was made of: joined, split or translated it does not show.
pub(super) fn is_lost(rule: &Rule, record: Record<'_>, found: &Found<'_>, format: Format) -> bool {
    let mut parts = rule.parts(record);
    lacks_digits(&found.text, found.written, format)
        || parts.any(|(text, written)| lacks_digits(&text, written, format))
}

fn lacks_digits(id: &str, written: Written, format: Format) -> bool {
    let is_beyond = written == Written::Number && number_is_beyond(id);
    is_beyond || is_scientific(id) || (format.is_table() && is_filled_up(id))
}

fn number_is_beyond(id: &str) -> bool {
    // with a fraction or an exponent, or too long to be read, it is no number that counts records
    id.parse::<i64>()
        .map_or(true, |number| number.unsigned_abs() > EXACT)
}

/// As spreadsheets show a long number: `3.30602E+17`.
fn is_scientific(id: &str) -> bool {
    let Some((mantissa, exponent)) = id.split_once(['E', 'e']) else {
        return false;
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    whole.len() == 1
        && is_number(whole)
        && is_number(fraction)
        && exponent.strip_prefix('+').is_some_and(is_number)
}

/// More digits than a spreadsheet keeps, the rest of them zeros.
fn is_filled_up(id: &str) -> bool {
    id.len() > KEPT
        && id.bytes().all(|byte| byte.is_ascii_digit())
        && id.bytes().skip(KEPT).all(|byte| byte == b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_that_a_number_cannot_hold_are_told_from_text() {
        use Written::{Number, Text};
        for (id, written, format, lost) in [
            ("330602202601050017", Text, Format::Csv, false),
            ("330602202601050000", Text, Format::Csv, true),
            ("330602202601050000", Text, Format::Json, false),
            ("330602202601050", Text, Format::Csv, false),
            ("3306022026010500", Text, Format::Xlsx, true),
            ("330602202601050017", Number, Format::Xlsx, true),
            ("330602202601050017", Text, Format::Xlsx, false),
            ("3.30602E+17", Text, Format::Csv, true),
            ("3E+17", Text, Format::Json, true),
            ("3.30602E17", Text, Format::Csv, false),
            ("33E+17", Text, Format::Csv, false),
            ("A3.3E+17", Text, Format::Csv, false),
            ("9007199254740992", Number, Format::Json, false),
            ("9007199254740993", Number, Format::Json, true),
            ("-9007199254740993", Number, Format::Json, true),
            ("9007199254740993", Text, Format::Json, false),
            ("123456789012345678901234567890", Number, Format::Json, true),
            ("18446744073709551616", Number, Format::Json, true),
            ("1.5e3", Number, Format::Json, true),
            ("7", Number, Format::Json, false),
        ] {
            assert_eq!(
                lacks_digits(id, written, format),
                lost,
                "{id} {written:?} {format:?}"
            );
        }
    }
}
