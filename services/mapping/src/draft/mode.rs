//! Whether a record is a new report, the whole record again, or a report with what became of it.

use super::header::Role;
use super::note::Notes;
use super::plan::Plan;
use super::sample::Sample;
use crate::Mode;

const KEY: &str = "mode";

pub(super) fn of(plan: &Plan<'_>, sample: &Sample, notes: &mut Notes) -> Mode {
    let has = |role| plan.column(role).is_some();
    let repeated = plan.column(Role::Id).map_or(0, |id| id.filled - id.distinct);
    let mode = if is_versioned(plan) && (repeated > 0 || !has(Role::ClosedAt)) {
        Mode::Snapshot
    } else if has(Role::ClosedAt) {
        Mode::History
    } else {
        Mode::Event
    };
    match mode {
        Mode::Snapshot => snapshot(repeated, sample.records.len(), notes),
        Mode::History => history(plan, repeated, notes),
        Mode::Event => event(plan, repeated, notes),
    }
    mode
}

/// A platform could tell by these what changed since it sent a record last.
fn is_versioned(plan: &Plan<'_>) -> bool {
    plan.column(Role::Status).is_some() && plan.column(Role::UpdatedAt).is_some()
}

fn snapshot(repeated: usize, rows: usize, notes: &mut Notes) {
    if repeated > 0 {
        notes.know(
            "snapshot",
            KEY,
            format!("有状态和更新时间，且 {rows} 条中有 {repeated} 条是同一编号再次出现：平台每次变化都发来整条记录"),
            format!("a status, a time of update, and {repeated} of {rows} records repeat an id: the platform sends the whole record again"),
        );
    } else {
        notes.unsure(
            "snapshot",
            KEY,
            "有状态和更新时间，没有办结时间；样本中没有重复的编号：若平台从不再次发送，改为 event".to_owned(),
            "a status and a time of update but none of closing; no id repeats in the sample: if the platform never sends a record again, say event"
                .to_owned(),
        );
    }
}

fn history(plan: &Plan<'_>, repeated: usize, notes: &mut Notes) {
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
    if repeated > 0 {
        notes.unsure(
            "id_repeated",
            KEY,
            format!("{repeated} 条记录的编号重复：后来的不同内容只记录、不生效；若是更新，改用 snapshot"),
            format!("{repeated} records repeat an id: what a later one says otherwise is on record without effect; if they are updates, use snapshot"),
        );
    } else if is_versioned(plan) {
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
        "没有办结时间，也没有状态加更新时间：每条记录是一次新的上报".to_owned(),
        "no time of closing, and no status with a time of update: each record is a new report".to_owned(),
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
