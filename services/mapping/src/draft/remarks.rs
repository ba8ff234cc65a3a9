//! What a draft says about its columns: what is unsure, and what would decide it.

use super::codes::Codes;
use super::column::Column;
use super::conclusion;
use super::header::Role;
use super::note::Notes;
use super::personal::Personal;
use super::plan::Plan;
use super::sample::Sample;
use super::status;
use super::times::Order;
use crate::Mode;

pub(super) fn all(plan: &Plan<'_>, sample: &Sample, codes: &Codes<'_>, notes: &mut Notes) {
    opening(plan, sample, notes);
    for (role, key) in [
        (Role::ReportedAt, "clue.reported_at"),
        (Role::DueAt, due_key(plan.mode)),
        (Role::ClosedAt, "history.closed_at"),
        (Role::UpdatedAt, "snapshot.version"),
    ] {
        if let Some(column) = plan.column(role) {
            time(column, key, notes);
        }
    }
    for (role, key) in [
        (Role::Matter, "clue.matter"),
        (Role::Area, "clue.area"),
        (Role::Agency, "history.agency"),
    ] {
        if role != Role::Agency || plan.mode == Mode::History {
            code(plan, role, key, codes, notes);
        }
    }
    persons(plan, notes);
    outcome(plan, sample, notes);
    order(plan, sample, notes);
    if plan.skip.is_some() {
        notes.unsure(
            "skip",
            "skip",
            "像是心跳：不计为记录内容，只证明平台在线".to_owned(),
            "looks like heartbeats: they report nothing and only show that the platform lives".to_owned(),
        );
    }
}

const fn due_key(mode: Mode) -> &'static str {
    match mode {
        Mode::History => "history.due_at",
        Mode::Event | Mode::Snapshot => "clue.due_at",
    }
}

fn opening(plan: &Plan<'_>, sample: &Sample, notes: &mut Notes) {
    let (rows, broken) = (sample.records.len(), sample.broken);
    notes.know(
        "draft",
        "",
        format!("草稿，依据样本的 {rows} 条记录。凡标 unsure 的都要有人决定；改好后用 bihuan mapping check 再看一遍。"),
        format!("A draft after {rows} records of a sample. Whatever is marked unsure is for a person to decide; then look again with bihuan mapping check."),
    );
    if broken > 0 {
        notes.unsure(
            "broken",
            "",
            format!("另有 {broken} 条读不出来，导入时会被隔离；请看 bihuan mapping check 给出的原因"),
            format!(
                "{broken} more could not be read and would be quarantined; bihuan mapping check says why"
            ),
        );
    }
    let unused: Vec<&str> = plan
        .columns
        .iter()
        .filter(|column| column.filled > 0 && plan.role(column).is_none())
        .filter(|column| !plan.attributes.iter().any(|it| it.at == column.at))
        .map(|column| &*column.name)
        .collect();
    if !unused.is_empty() {
        let names = unused.join(", ");
        notes.know(
            "unused",
            "",
            format!("没有用到的列：{names}"),
            format!("Columns not used: {names}"),
        );
    }
}

fn time(column: &Column, key: &'static str, notes: &mut Notes) {
    let Some(reading) = &column.time else { return };
    let (name, unread) = (&column.name, column.filled - reading.read);
    if reading.is_ambiguous() {
        notes.unsure(
            "day_or_month",
            key,
            format!("{name}：没有一个值能区分日和月，暂按月在前；找一个大于 12 的日子核对"),
            format!("{name}: no value tells the day from the month, the month was taken to come first; look for a day above 12"),
        );
    }
    let first = match reading.order {
        Order::Month => Some(["月", "month"]),
        Order::Day => Some(["日", "day"]),
        Order::Fixed | Order::Open => None,
    };
    if let Some([zh, en]) = first {
        notes.know(
            "order",
            key,
            format!("{zh}在前：有大于 12 的日子为证"),
            format!("the {en} comes first: days above 12 show it"),
        );
    }
    if unread > 0 {
        notes.unsure(
            "time_unread",
            key,
            format!("{name}：{} 个值中有 {unread} 个不是这种写法，会被标记；可在 time 里列出多种写法", column.filled),
            format!("{name}: {unread} of {} values are not written so and would be flagged; time may list several patterns", column.filled),
        );
    }
}

fn code(plan: &Plan<'_>, role: Role, key: &'static str, codes: &Codes<'_>, notes: &mut Notes) {
    let Some(column) = plan.column(role) else {
        return missing(role, key, codes, notes);
    };
    let name = &column.name;
    let Some(coverage) = codes.coverage(role, column) else {
        notes.unsure(
            "codes_unchecked",
            key,
            format!(
                "{name} 有 {} 种取值，未与规则库核对；加 --rulebook DIR 再起草一次",
                column.distinct
            ),
            format!(
                "{name} has {} values that were compared with no rulebook; draft again with --rulebook DIR",
                column.distinct
            ),
        );
        return;
    };
    let (percent, unknown, all) = (coverage.percent(), coverage.unknown, column.distinct);
    let says = [
        format!(
            "规则库认识 {name} 的 {percent}% 的记录；{all} 种取值中 {unknown} 种不认识，会被标记并待人工分派：写入 values"
        ),
        format!(
            "the rulebook knows {percent}% of the records by {name}; {unknown} of {all} values are unknown, would be flagged and go to triage: give them values"
        ),
    ];
    let [zh, en] = says;
    if unknown > 0 {
        notes.unsure("codes", key, zh, en);
    } else {
        notes.know(
            "codes",
            key,
            format!("规则库认识 {name} 的全部 {all} 种取值"),
            format!("the rulebook knows all {all} values of {name}"),
        );
    }
}

fn missing(role: Role, key: &'static str, codes: &Codes<'_>, notes: &mut Notes) {
    let (zh, en, example) = match role {
        Role::Matter => ("事项", "the matter", "matter = { value = \"…\" }"),
        Role::Area if codes.only_area().is_some() => {
            notes.know(
                "only_area",
                key,
                "规则库只有这一个区域".to_owned(),
                "the rulebook has this area only".to_owned(),
            );
            return;
        }
        Role::Area => ("区域", "the area", "area = { value = \"…\" }"),
        _ => ("承办单位", "the agency", "agency = { value = \"…\" }"),
    };
    notes.unsure(
        "no_column",
        key,
        format!("没有看出{zh}的列：线索会被标记；若全部相同，写 {example}"),
        format!("no column looks like {en}: clues would be flagged; if it is always the same, say {example}"),
    );
}

fn persons(plan: &Plan<'_>, notes: &mut Notes) {
    for column in plan.personal() {
        let (zh, en) = match column.personal {
            Some(Personal::Identity) => ("身份证号", "identity numbers"),
            Some(Personal::Phone) => ("电话号码", "telephone numbers"),
            Some(Personal::Email) => ("电子邮箱", "e-mail addresses"),
            Some(Personal::Name) => ("像是姓名", "looks like names of persons"),
            None => ("按表头像是个人信息", "personal by its header"),
        };
        let name = &column.name;
        notes.know(
            "personal",
            "personal",
            format!("{name}：{zh}"),
            format!("{name}: {en}"),
        );
    }
    for (role, key) in [
        (Role::Title, "clue.title"),
        (Role::Description, "clue.description"),
        (Role::Place, "clue.place"),
    ] {
        if let Some(column) = plan.column(role).filter(|column| column.holds_numbers) {
            let name = &column.name;
            notes.unsure(
                "personal_within",
                key,
                format!("{name} 的文字里有电话或证件号码：它会作为文字内容保存（可整行删除）；若不应保存，不要映射它"),
                format!("{name} holds telephone or identity numbers within its text: it is kept as the clue's text (and can be erased); if it must not be, do not map it"),
            );
        }
    }
    if !plan.attributes.is_empty() {
        notes.unsure(
            "attributes",
            "clue.attributes",
            "随线索保存的编码，规则可读取：删去不需要的，并确认没有一列写着人".to_owned(),
            "codes kept with the clue, which rules may read: remove what is not needed, and make sure that none names a person"
                .to_owned(),
        );
    }
    if plan.personal().next().is_none() {
        notes.unsure(
            "no_personal",
            "personal",
            "没有看出个人信息的列；请确认".to_owned(),
            "no column looks personal; make sure of it".to_owned(),
        );
    }
}

/// How a record ended.
fn outcome(plan: &Plan<'_>, sample: &Sample, notes: &mut Notes) {
    if plan.mode != Mode::History {
        return;
    }
    if plan.column(Role::Conclusion).is_none() {
        notes.know(
            "no_conclusion",
            "history.conclusion",
            "没有一列说明如何办结：均计为未注明".to_owned(),
            "no column says how a record ended: all count as unstated".to_owned(),
        );
    }
    let Some(status) = plan.column(Role::Status) else {
        return;
    };
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
            "history.conclusion",
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

/// Duplicates and cancelled records are no closings.
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
            format!("{name}：{count} 条像是作废、撤回或重复；history 把它们与其他记录一样计数，snapshot 会按撤回处理"),
            format!("{name}: {count} records look cancelled or duplicate; history counts them like any other, snapshot takes them as withdrawn"),
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
fn order(plan: &Plan<'_>, sample: &Sample, notes: &mut Notes) {
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
