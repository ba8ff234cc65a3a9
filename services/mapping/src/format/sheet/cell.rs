//! What stands in a cell, as text.

use calamine::{Data, ExcelDateTime};

use crate::format::Written;

/// What a cell holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) text: String,
    /// It is text in the sheet too.
    pub(super) is_text: bool,
}

impl Cell {
    /// `None`: nothing that could be seen.
    pub(super) fn of(data: &Data) -> Option<Self> {
        let bare = |text: String| Some(Self { text, is_text: false });
        match data {
            Data::Empty => None,
            Data::String(text) if text.trim().is_empty() => None,
            Data::DateTimeIso(text) if is_time(text) => bare(text.clone()),
            Data::String(text) | Data::DurationIso(text) | Data::DateTimeIso(text) => Some(Self {
                text: text.clone(),
                is_text: true,
            }),
            Data::Int(number) => bare(number.to_string()),
            // the shortest digits that lead back to the same number, never with an exponent
            Data::Float(number) => bare(number.to_string()),
            Data::Bool(truth) => bare(truth.to_string()),
            Data::DateTime(time) => bare(civil(time)),
            Data::Error(error) => bare(error.to_string()),
        }
    }

    pub(super) fn write(&self, row: &mut String) {
        if !self.is_text {
            row.push_str(&self.text);
            return;
        }
        row.push('"');
        for character in self.text.chars() {
            if character == '"' {
                row.push('"');
            }
            row.push(character);
        }
        row.push('"');
    }
}

/// ISO 8601 local time; only the date, where the cell holds a whole day, and only the time of day, where it holds less than one.
fn civil(time: &ExcelDateTime) -> String {
    let days = time.as_f64();
    let seconds = (days * 86_400.0).round() as i64;
    if time.is_duration() || (0.0..1.0).contains(&days) {
        let (hours, rest) = (seconds / 3600, seconds % 3600);
        return format!("{hours:02}:{:02}:{:02}", rest / 60, rest % 60);
    }
    let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second, milli) == (0, 0, 0, 0) {
        return date;
    }
    let fraction = if milli == 0 {
        String::new()
    } else {
        format!(".{milli:03}")
    };
    format!("{date}T{hour:02}:{minute:02}:{second:02}{fraction}")
}

fn is_time(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b':' | b'.' | b'T' | b'Z' | b'+'))
        && text.contains(['-', ':'])
}

/// How a bare cell of a row was written.
pub fn written(bare: &str) -> Written {
    if is_error(bare) {
        Written::Error
    } else if bare.parse::<f64>().is_ok() {
        Written::Number
    } else if is_time(bare) {
        Written::Time
    } else {
        Written::Text
    }
}

/// What spreadsheets write where a formula fails.
pub fn is_error(text: &str) -> bool {
    matches!(
        text.trim(),
        "#N/A"
            | "#REF!"
            | "#VALUE!"
            | "#NAME?"
            | "#DIV/0!"
            | "#NUM!"
            | "#NULL!"
            | "#DATA!"
            | "#GETTING_DATA"
            | "#SPILL!"
            | "#CALC!"
    )
}
