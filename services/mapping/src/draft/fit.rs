//! How well a column fits a field.

use super::codes::{Codes, Coverage};
use super::column::Column;
use super::header::Role;
use super::status;

/// From this share of records on, in hundredths, a rulebook's knowing a column says what the column is.
const KNOWN: usize = 50;
/// From this score on a header says by itself what a column is.
const NAMED: u32 = 15;
/// The codes of a status are few …
const MAX_STATUSES: usize = 12;
/// … and short, in characters.
const MAX_STATUS: usize = 8;
/// What is told the reporter is no part of the report.
const ANSWERS: &[&str] = &[
    "回复",
    "答复",
    "处理",
    "处置",
    "办理",
    "reply",
    "response",
    "resolution",
];

/// For the id: different in every record, and called so.
pub(super) fn id(column: &Column, rows: usize) -> u32 {
    let share = |part: usize| (part * 40 / rows.max(1)) as u32;
    2 * column.header.score(Role::Id) + share(column.distinct) + share(column.filled)
}

/// Words that are known, or few codes below a header that says so: what 10, 20 and 30 mean the platform knows.
fn is_status(column: &Column) -> bool {
    let is_named = column.header.score(Role::Status) >= NAMED;
    let knows = column.values.keys().any(|word| status::guess(word).is_some());
    column.is_code()
        && (knows || (is_named && column.distinct <= MAX_STATUSES && column.longest <= MAX_STATUS))
}

/// For a field: its header, its form, and what the rulebook knows of it; 0 if it cannot be one.
pub(super) fn field(column: &Column, role: Role, codes: &Codes<'_>) -> u32 {
    let coverage = codes.coverage(role, column);
    let known = coverage.as_ref().map_or(0, Coverage::percent);
    let by_header = column.header.score(role);
    let fits = match role {
        Role::Status => is_status(column),
        Role::Conclusion | Role::Severity => column.is_code(),
        // where there is one area only, what the rulebook does not know is a place
        Role::Area if codes.only_area().is_some() && known < KNOWN => false,
        Role::Matter | Role::Area | Role::Agency => {
            let is_named = by_header >= NAMED && column.is_short();
            column.is_category() || (column.time.is_none() && (is_named || known >= KNOWN))
        }
        Role::Description => column.time.is_none() && !column.header.has_any(ANSWERS),
        Role::Title | Role::Place => column.time.is_none() && !column.is_prose(),
        _ => false,
    };
    let depth = coverage.map_or(0, |coverage| coverage.depth) as u32;
    let is_telling = role == Role::Description && column.is_prose();
    match (fits, by_header) {
        (false, _) => 0,
        (true, 0) if known < KNOWN => 0,
        // of a county's column and a town's, the town's says more
        (true, score) if role == Role::Area => score + known as u32 / 2 + 2 * depth,
        (true, score) => score + known as u32 / 2 + 10 * u32::from(is_telling),
    }
}
