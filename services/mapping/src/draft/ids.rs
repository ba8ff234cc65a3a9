//! What may be wrong with the column taken for the id.

use super::column::Column;
use super::header::Role;
use super::note::Notes;
use super::sample::{Sample, Shape};

const KEY: &str = "clue.id";

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
