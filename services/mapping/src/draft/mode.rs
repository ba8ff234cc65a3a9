//! Whether a record is a new report, the whole record again, or a report with what became of it.

use super::header::Role;
use super::ids;
use super::note::Notes;
use super::plan::Plan;
use super::sample::Sample;
use crate::Mode;

const KEY: &str = "mode";

pub(super) fn of(plan: &Plan<'_>, sample: &Sample, notes: &mut Notes) -> Mode {
    if sample.envelope.is_some() {
        notes.know(
            "envelope",
            KEY,
            "数据库变更：每条都是整条记录的一个版本".to_owned(),
            "changes of a database: each is a version of the whole record".to_owned(),
        );
        return Mode::Snapshot;
    }
    let has = |role| plan.column(role).is_some();
    let id = plan.column(Role::Id);
    let repeats = id.map_or(0, |id| ids::repeats(id, sample));
    let is_versioned = has(Role::UpdatedAt) && (repeats > 0 || (has(Role::Status) && !has(Role::ClosedAt)));
    let mode = if is_versioned {
        Mode::Snapshot
    } else if has(Role::ClosedAt) {
        Mode::History
    } else {
        Mode::Event
    };
    match mode {
        Mode::Snapshot => snapshot(plan, repeats, sample.records.len(), notes),
        Mode::History => history(plan, repeats, notes),
        Mode::Event | Mode::Log => event(plan, repeats, notes),
    }
    let again = id.map_or(0, |id| id.filled - id.distinct) - repeats;
    if again > 0 {
        notes.know(
            "row_repeated",
            KEY,
            format!("{again} 行与前面某行完全相同：第二次不改变什么"),
            format!("{again} rows are the same as one before: the second time changes nothing"),
        );
    }
    mode
}

fn snapshot(plan: &Plan<'_>, repeats: usize, rows: usize, notes: &mut Notes) {
    if repeats == 0 {
        notes.unsure(
            "snapshot",
            KEY,
            "有状态和更新时间，没有办结时间；样本中没有重复的编号：若平台从不再次发送，改为 event".to_owned(),
            "a status and a time of update but none of closing; no id repeats in the sample: if the platform never sends a record again, say event"
                .to_owned(),
        );
        return;
    }
    let zh = format!("有更新时间，且 {rows} 条中有 {repeats} 条是同一编号再次出现、内容不同");
    let en =
        format!("a time of update, and {repeats} of {rows} records give an id again and say something else");
    if plan.column(Role::ClosedAt).is_some() {
        notes.unsure(
            "snapshot",
            KEY,
            format!("{zh}；也有办结时间：若是既往数据的导出，改用 history（[history] closed_at），往年的指标才准"),
            format!("{en}; there is a time of closing too: if this is an export of past records, use history ([history] closed_at), for the figures of past years"),
        );
    } else {
        notes.know(
            "snapshot",
            KEY,
            format!("{zh}：平台每次变化都发来整条记录"),
            format!("{en}: the platform sends the whole record again"),
        );
    }
}

fn history(plan: &Plan<'_>, repeats: usize, notes: &mut Notes) {
    if plan.column(Role::Agency).is_some() {
        notes.know(
            "history",
            KEY,
            "有办结时间和承办单位：记录里写着后来怎样了".to_owned(),
            "a time of closing and an agency: the record says what became of it".to_owned(),
        );
    } else {
        notes.unsure(
            "history",
            KEY,
            "有办结或答复时间，但没有看出承办单位：若该时间不是办结，改为 event 并删去 [history]".to_owned(),
            "a time of closing or reply, but no column looks like the agency: if that time is not a closing, say event and remove [history]"
                .to_owned(),
        );
    }
    if repeats > 0 {
        notes.unsure(
            "id_repeated",
            KEY,
            format!("{repeats} 条记录的编号重复而内容不同：后来的不同内容只记录、不生效；若是更新，改用 snapshot"),
            format!("{repeats} records give an id again and say something else: what contradicts the first is on record without effect; if they are updates, use snapshot"),
        );
    } else if plan.column(Role::Status).is_some() && plan.column(Role::UpdatedAt).is_some() {
        notes.unsure(
            "history",
            KEY,
            "也有状态和更新时间：若平台会再次发送整条记录，改用 snapshot".to_owned(),
            "there are a status and a time of update too: if the platform sends the whole record again, use snapshot".to_owned(),
        );
    }
}

fn event(plan: &Plan<'_>, repeated: usize, notes: &mut Notes) {
    let status = plan.column(Role::Status);
    notes.know(
        "event",
        KEY,
        "没有办结时间，也看不出会再次发送：每条记录是一次新的上报".to_owned(),
        "no time of closing, and nothing that is sent again: each record is a new report".to_owned(),
    );
    if repeated > 0 || status.is_some() {
        notes.unsure(
            "id_repeated",
            KEY,
            format!("重复的编号：{repeated}；状态列：{}。若平台会再次发送同一条记录，用 snapshot", status.map_or("无", |column| &column.name)),
            format!(
                "repeated ids: {repeated}; a column of status: {}. If the platform sends a record again, use snapshot",
                status.map_or("none", |column| &column.name)
            ),
        );
    }
}
