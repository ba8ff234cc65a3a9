//! A number as its cell shows it, where the sheet pads it with zeros: ids and codes are written so, and `000007` is not `7`.

use calamine::Data;

use super::cell::Cell;

/// Beyond these digits a spreadsheet writes zeros of its own; the number stands as it is then, and is flagged as one.
const KEPT: u32 = 15;

/// `None`: the format does not pad, or the cell holds no whole number.
pub(super) fn shown(data: &Data, format: &str) -> Option<Cell> {
    let number = match data {
        Data::Float(number) if number.fract() == 0.0 && *number >= 0.0 => *number,
        Data::Int(number) if *number >= 0 => *number as f64,
        _ => return None,
    };
    if number >= 10_f64.powi(KEPT as i32) {
        return None;
    }
    let places = places(format)?;
    let width = places.iter().filter(|place| place.is_none()).count();
    // no program shows a number with more digits
    if !(2..=255).contains(&width) {
        return None;
    }
    let digits = format!("{number:0width$}");
    let (mut ahead, mut rest) = digits.split_at(digits.len() - width);
    let mut text = String::new();
    for place in &places {
        if let Some(literal) = place {
            text.push(*literal);
            continue;
        }
        // more digits than places stand before the first of them
        text.push_str(std::mem::take(&mut ahead));
        let (next, behind) = rest.split_at(1.min(rest.len()));
        text.push_str(next);
        rest = behind;
    }
    let is_text = places.iter().any(Option::is_some);
    Some(Cell { text, is_text })
}

/// A digit (`None`) or a character that stands there as it is, for each place of the format; nothing if it asks for more.
fn places(format: &str) -> Option<Vec<Option<char>>> {
    let mut characters = format.split(';').next()?.chars();
    let mut places = Vec::new();
    while let Some(character) = characters.next() {
        match character {
            '0' => places.push(None),
            '-' | ' ' => places.push(Some(character)),
            '\\' => places.push(Some(characters.next()?)),
            // as wide as the next character, which is not seen
            '_' => drop(characters.next()?),
            '"' => loop {
                match characters.next()? {
                    '"' => break,
                    literal => places.push(Some(literal)),
                }
            },
            _ => return None,
        }
    }
    Some(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_a_format_pads_is_read_as_it_is_shown() {
        for (number, format, expected) in [
            (7.0, "000000", Some("000007")),
            (1_234_567.0, "000000", Some("1234567")),
            (7.0, "000000;-000000", Some("000007")),
            (7.0, "000_ ", Some("007")),
            (7.0, "\"G\"0000", Some("G0007")),
            (20_260_001.0, "0000-0000", Some("2026-0001")),
            (120_260_001.0, "0000-0000", Some("12026-0001")),
            (12.0, "\\X00", Some("X12")),
            (0.0, "000", Some("000")),
            (7.5, "000000", None),
            (-7.0, "000000", None),
            (1e15, "000000", None),
            (7.0, "0", None),
            (7.0, "General", None),
            (7.0, "00.00", None),
            (7.0, "#,##0", None),
            (7.0, "0000\"", None),
            (7.0, &"0".repeat(70_000), None),
            (7.0, "", None),
        ] {
            let found = shown(&Data::Float(number), format).map(|cell| cell.text);
            assert_eq!(found.as_deref(), expected, "{number} {format}");
        }
        assert_eq!(shown(&Data::String("7".to_owned()), "000000"), None);
    }
}
