//! What may be wrong with the column taken for the id.

use std::collections::HashSet;

use super::column::Column;
use super::header::Role;
use super::note::Notes;
use super::sample::{Row, Sample, Shape};

const KEY: &str = "clue.id";

/// What the header of a row number says: nothing about the record.
const ROW_NUMBERS: &[&str] = &["序号", "行号", "no", "row", "row number", "index", "s/n", "#"];

/// Whether a column only counts the rows of this file, as a spreadsheet does: the next export counts anew.
pub(super) fn is_row_number(column: &Column, sample: &Sample) -> bool {
    let numbers: Option<Vec<u64>> = sample.cells(column.at).map(|text| text.parse().ok()).collect();
    let Some(numbers) = numbers.filter(|numbers| numbers.len() > 1) else {
        return false;
    };
    let name = column.name.rsplit('/').next().unwrap_or_default();
    let name = name.trim_end_matches('.').to_lowercase();
    let is_named = name.contains("序号") || ROW_NUMBERS.contains(&&*name);
    let rows = (sample.records.len() + sample.broken + 1) as u64;
    let counts_rows = numbers[0] <= 1 && numbers.last().is_some_and(|last| *last <= rows);
    numbers.is_sorted_by(|one, next| one < next) && (is_named || counts_rows)
}

/// Whether a column may be the id where another one only counts rows: its header says so, and it tells records apart.
pub(super) fn is_better(column: &Column, sample: &Sample) -> bool {
    column.header.score(Role::Id) > 0
        && column.header.score(Role::Place) == 0
        && column.distinct * 10 >= sample.records.len()
        && !is_row_number(column, sample)
}

/// How often a record gives an id again and says something else than before. The same row once more says nothing of a platform
/// but that its export repeats it.
pub(super) fn repeats(id: &Column, sample: &Sample) -> usize {
    let rows: HashSet<&Row> = sample.records.iter().filter(|row| row[id.at].is_some()).collect();
    rows.len() - id.distinct
}

pub(super) fn none_found(notes: &mut Notes) {
    notes.unsure(
        "no_id",
        KEY,
        "没有看出编号列，暂取一列；请写上平台用来识别记录的列，或用 { from = [..], join = \"-\" } 合并几列".to_owned(),
        "no column looks like an id, any was taken; name what the platform knows a record by, or join several: { from = [..], join = \"-\" }"
            .to_owned(),
    );
}

pub(super) fn note(id: &Column, others: &[&str], sample: &Sample, notes: &mut Notes) {
    let rows = sample.records.len();
    let name = &id.name;
    if id.header.score(Role::Id) == 0 && id.distinct < rows {
        none_found(notes);
    } else if id.header.score(Role::Id) == 0 {
        notes.unsure(
            "id",
            KEY,
            format!("{name} 各不相同，但表头没有说它是编号；请问平台"),
            format!("{name} is different in every record, but its header does not say that it is the id; ask the platform"),
        );
    }
    if !others.is_empty() {
        let others = others.join(", ");
        notes.unsure(
            "id_several",
            KEY,
            format!("{others} 也可能是编号；取平台在更新和回传时用的那一个，之后不能再换"),
            format!("{others} would do as well; take the one that the platform uses in updates and callbacks: it cannot be changed later"),
        );
    }
    let missing = rows - id.filled;
    if missing > 0 {
        notes.unsure(
            "id_missing",
            KEY,
            format!("{rows} 条中有 {missing} 条没有编号，会被隔离"),
            format!("{missing} of {rows} records have none and would be quarantined"),
        );
    }
    imprecise(id, sample, notes);
}

/// Digits that a spreadsheet or a floating-point number lost.
fn imprecise(id: &Column, sample: &Sample, notes: &mut Notes) {
    let is_scientific =
        |text: &str| text.contains(['e', 'E']) && text.contains('.') && text.parse::<f64>().is_ok();
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_rounded = |text: &str| text.len() > 15 && is_digits(text) && text.ends_with("00");
    let count = |test: &dyn Fn(&str) -> bool| sample.cells(id.at).filter(|text| test(text)).count();
    let lost = count(&is_scientific).max(count(&is_rounded));
    if lost > 0 && (lost * 2 >= id.filled || count(&is_scientific) > 0) {
        notes.unsure(
            "id_imprecise",
            KEY,
            format!("{lost} 个编号像是被电子表格改成了数（末位变 0 或科学计数）；请让平台按文本导出"),
            format!("{lost} ids look as if a spreadsheet made numbers of them (zeros at the end, or an exponent); have them exported as text"),
        );
    } else if sample.shape == Shape::Json && count(&|text| text.len() > 16 && is_digits(text)) > 0 {
        notes.know(
            "id_long",
            KEY,
            "编号超过 16 位：这里按原文读取；平台若按数字处理可能已失真，请核对几个".to_owned(),
            "ids of more than 16 digits: they are read as written; a platform that keeps them as numbers may have lost digits, compare a few"
                .to_owned(),
        );
    }
}
