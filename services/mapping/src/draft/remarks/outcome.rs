//! What became of records, as far as a sample tells.

use crate::Mode;
use crate::draft::column::Column;
use crate::draft::header::Role;
use crate::draft::note::Notes;
use crate::draft::plan::Plan;
use crate::draft::sample::Sample;
use crate::draft::{conclusion, status};

const KEY: &str = "history.conclusion";

/// How a record ended.
pub(super) fn outcome(plan: &Plan<'_>, sample: &Sample, notes: &mut Notes) {
    if plan.mode != Mode::History {
        return;
    }
    let is_unsaid = plan.column(Role::Conclusion).is_none();
    let Some(status) = plan.column(Role::Status) else {
        if is_unsaid {
            notes.know(
                "no_conclusion",
                KEY,
                "没有一列说明如何办结：均计为未注明".to_owned(),
                "no column says how a record ended: all count as unstated".to_owned(),
            );
        }
        return;
    };
    if is_unsaid {
        notes.unsure(
            "by_status",
            KEY,
            "状态列只取其关于如何办结的话：在办的词写入 null；是否办结只看 closed_at".to_owned(),
            "a status says only a little about the ending: the words of open records stand in null; closed_at alone says that a record is closed"
                .to_owned(),
        );
    }
    let words: Vec<&str> = status
        .values
        .iter()
        .filter(|(word, count)| **count > 1 && conclusion::is_referral(word))
        .map(|(word, _)| word.as_str())
        .collect();
    if !words.is_empty() {
        let (name, words) = (&status.name, words.join(", "));
        notes.unsure(
            "referred",
            KEY,
            format!("{name} 中的 {words}：移送须有接收方回执才算 transfer_jurisdiction；有回执时写 {{ from, values }}"),
            format!("{words} in {name}: a referral counts as transfer_jurisdiction only with the receiver's receipt; if there is one, say {{ from, values }}"),
        );
    }
    withdrawn(status, sample, notes);
    untimed(plan, status, sample, notes);
}

/// Whether a record's status most likely means this.
fn means(row: &[Option<String>], status: &Column, meaning: &str) -> bool {
    let guess = row[status.at].as_deref().and_then(status::guess);
    guess.is_some_and(|guess| guess.means == meaning)
}

/// What was cancelled is no closing.
fn withdrawn(status: &Column, sample: &Sample, notes: &mut Notes) {
    let count = sample
        .records
        .iter()
        .filter(|row| means(row, status, "withdrawn"))
        .count();
    if count > 0 {
        let name = &status.name;
        notes.unsure(
            "withdrawn",
            "mode",
            format!("{name}：{count} 条像是作废或撤回；history 把它们与其他记录一样计数，snapshot 会按撤回处理"),
            format!("{name}: {count} records look cancelled; history counts them like any other, snapshot takes them as withdrawn"),
        );
    }
}

fn untimed(plan: &Plan<'_>, status: &Column, sample: &Sample, notes: &mut Notes) {
    let closed = plan.column(Role::ClosedAt).map(|column| column.at);
    let is_untimed = |row: &&Vec<Option<String>>| {
        means(row, status, "closed") && closed.is_some_and(|at| row[at].is_none())
    };
    let untimed = sample.records.iter().filter(is_untimed).count();
    if untimed > 0 {
        notes.unsure(
            "closed_untimed",
            "history.closed_at",
            format!("{untimed} 条的状态是办结却没有办结时间：会算作在办；可写 from = [办结时间, 状态时间]"),
            format!("{untimed} records are closed by their status without a time of closing: they would count as open; from may list a second column"),
        );
    }
}

/// Times that contradict what was taken for which.
pub(super) fn order(plan: &Plan<'_>, sample: &Sample, notes: &mut Notes) {
    let (Some(reported), Some(closed)) = (plan.column(Role::ReportedAt), plan.column(Role::ClosedAt)) else {
        return;
    };
    let at = |column: &Column, text: &Option<String>| column.time.as_ref()?.at(text.as_deref()?);
    let early = sample
        .records
        .iter()
        .filter(
            |row| match (at(closed, &row[closed.at]), at(reported, &row[reported.at])) {
                (Some(closed), Some(reported)) => closed < reported,
                _ => false,
            },
        )
        .count();
    if early > 0 && plan.mode == Mode::History {
        notes.unsure(
            "closed_before_reported",
            "history.closed_at",
            format!("{early} 条的办结早于上报：会被标记；若很多，可能取错了列"),
            format!("{early} records were closed before they were reported: they would be flagged; if they are many, a column is wrong"),
        );
    }
}
