//! What a draft says about its columns: what is unsure, and what would decide it.

mod outcome;

use super::codes::Codes;
use super::column::Column;
use super::header::Role;
use super::note::Notes;
use super::personal::Personal;
use super::plan::Plan;
use super::sample::Sample;
use super::times::Order;
use crate::Mode;

pub(super) fn all(plan: &Plan<'_>, sample: &Sample, codes: &Codes<'_>, notes: &mut Notes) {
    opening(sample, notes);
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
        (Role::Agency, plan.agency_key()),
    ] {
        let is_asked = match role {
            Role::Agency if plan.mode == Mode::Snapshot => plan.column(role).is_some(),
            Role::Agency => plan.mode == Mode::History,
            _ => true,
        };
        if is_asked {
            code(plan, role, key, codes, notes);
        }
    }
    persons(plan, notes);
    outcome::outcome(plan, sample, notes);
    outcome::order(plan, sample, notes);
    origin(plan, sample, notes);
    if !sample.totals.is_empty() {
        notes.unsure(
            "totals",
            "skip",
            "像是合计行：不是记录；若还有别的这类行，把它们的词加进来".to_owned(),
            "looks like lines of totals, which are no records; add the words of further ones".to_owned(),
        );
    } else if plan.skip.is_some() {
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
        Mode::Event | Mode::Snapshot | Mode::Log => "clue.due_at",
    }
}

fn opening(sample: &Sample, notes: &mut Notes) {
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
}

/// Columns that hold something and of which the draft says nothing.
pub(super) fn unused(plan: &Plan<'_>, used: &[usize], notes: &mut Notes) {
    let unused: Vec<&str> = plan
        .columns
        .iter()
        .filter(|column| column.filled > 0 && !used.contains(&column.at))
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

/// Who writes the sample: a database's log, or an agency's platform that tells of clues which others reported.
fn origin(plan: &Plan<'_>, sample: &Sample, notes: &mut Notes) {
    if sample.envelope.is_some() {
        notes.unsure(
            "key",
            "key",
            "删除可能是没有内容的消息：写 key = \"/编号列\"，见 docs/integrate.md".to_owned(),
            "deletions may be messages without a value: say key = \"/ID\", see docs/integrate.md".to_owned(),
        );
    }
    let status = plan
        .column(Role::Status)
        .or_else(|| plan.column(Role::Conclusion));
    let actions = status.map_or(0, |column| {
        column.values.keys().filter(|word| is_action(word)).count()
    });
    if actions > 1 && plan.column(Role::Matter).is_none() && plan.column(Role::Area).is_none() {
        notes.unsure(
            "feedback",
            "kind",
            "像是执法单位平台的处置反馈，不是上报：若是，写 kind = \"feedback\" 和 [feedback]，见 docs/integrate.md".to_owned(),
            "looks like what an agency's platform says of clues that it has, not like reports: if so, say kind = \"feedback\" and [feedback], see docs/integrate.md"
                .to_owned(),
        );
    }
}

/// What an agency does with a clue.
fn is_action(word: &str) -> bool {
    const ACTIONS: [&str; 10] = [
        "签收",
        "处置中",
        "退单",
        "挂账",
        "已办结",
        "反馈",
        "acknowledg",
        "handling",
        "return",
        "resolved",
    ];
    let word = word.to_lowercase();
    ACTIONS.iter().any(|action| word.contains(action))
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
