//! A shadow run in words: for the command and the page.

use bihuan_domain::figures::{ComparedRow, Comparison, Deadlines, Instead, Rights, Spread};
use bihuan_domain::lang::Lang;

use super::Words;

/// What would have to change, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub clues: u64,
    pub against: u64,
    pub matter: String,
    pub area: String,
    pub went_to: String,
    /// Line of `duties.csv`, or the reason of triage.
    pub rule: String,
    pub row: String,
    pub replaces: String,
    /// The id of a clue.
    pub example: String,
}

/// Who was right, in sums.
pub fn sums(found: &Comparison, lang: Lang) -> Vec<(&'static str, String)> {
    let say = |zh, en| lang.choose(zh, en);
    let Rights {
        both,
        rules,
        people,
        neither,
        nobody,
    } = found.rights;
    let rate = |value: Option<f64>, formula: &str| match value {
        Some(value) => format!("{:.2} %  = {formula}", value * 100.0),
        None => format!("–  = {formula}"),
    };
    let rules_formula = say("(一致 + 规则对) ÷ 可比", "(both + rules right) ÷ compared");
    let people_formula = say("(一致 + 人工对) ÷ 可比", "(both + people right) ÷ compared");
    vec![
        (say("线索", "clues"), found.clues.to_string()),
        (
            say("来源尚未派遣", "not dispatched at the source yet"),
            found.waiting.to_string(),
        ),
        (
            say("规则未参与", "not decided by rules"),
            found.undecided.to_string(),
        ),
        (say("可比", "compared"), found.compared.to_string()),
        (say("一致", "both right"), both.to_string()),
        (
            say("规则对、人工改派", "rules right, people passed it on"),
            rules.to_string(),
        ),
        (
            say("人工对、规则不同", "people right, the rules differ"),
            people.to_string(),
        ),
        (say("都未说中", "neither right"), neither.to_string()),
        (
            say("规则无结论（待分派）", "no answer of the rules (triage)"),
            nobody.to_string(),
        ),
        (
            say("规则准确率", "accuracy of the rules"),
            rate(found.rules_accuracy, rules_formula),
        ),
        (
            say("人工首派准确率", "accuracy of people's first dispatch"),
            rate(found.people_accuracy, people_formula),
        ),
    ]
}

/// How soon an agency is named, and what of the deadlines is kept there.
pub fn clocks(found: &Comparison, lang: Lang) -> Vec<(&'static str, String)> {
    let say = |zh, en| lang.choose(zh, en);
    let clocks = &found.clocks;
    let Deadlines {
        closed_in_time,
        closed_late,
        open,
        overdue,
        taken_back,
        closed_without,
        open_without,
        in_time,
    } = clocks.deadlines;
    let counts = match lang {
        Lang::Zh => format!(
            "期限内办结 {closed_in_time}，逾期办结 {closed_late}，在办未到期 {open}，在办已超期 {overdue}，已撤回 \
             {taken_back}；无期限：已办结 {closed_without}，在办 {open_without}"
        ),
        Lang::En => format!(
            "{closed_in_time} closed in time, {closed_late} closed late, {open} open, {overdue} open and overdue, {taken_back} taken \
             back; without a deadline {closed_without} closed, {open_without} open"
        ),
    };
    let rate = in_time.map_or_else(|| "–".to_owned(), |rate| format!("{:.2} %", rate * 100.0));
    let formula = say(
        "期限内办结 ÷ (期限内办结 + 逾期办结 + 已超期)",
        "closed in time ÷ (closed in time + closed late + overdue)",
    );
    vec![
        (
            say("规则首派用时（自收到）", "rules: receipt to assignment"),
            spread(&clocks.rules, lang),
        ),
        (
            say("人工首派用时（自上报）", "people: report to first dispatch"),
            spread(&clocks.people, lang),
        ),
        (
            say("谁先派遣", "who was sooner"),
            match lang {
                Lang::Zh => format!("规则 {}，人工 {}", clocks.rules_sooner, clocks.people_sooner),
                Lang::En => format!("rules {}, people {}", clocks.rules_sooner, clocks.people_sooner),
            },
        ),
        (say("来源办结与期限", "closings there and deadlines"), counts),
        (
            say("来源按期办结率", "closed in time there"),
            format!("{rate}  = {formula}"),
        ),
    ]
}

fn spread(spread: &Spread, lang: Lang) -> String {
    let Some(mean) = spread.mean_seconds else {
        return "–".to_owned();
    };
    let within = spread.within.iter().map(|it| {
        let (number, zh, en) = match it.seconds {
            seconds if seconds < 3_600 => (seconds / 60, "分钟", "min"),
            seconds if seconds < 86_400 => (seconds / 3_600, "小时", "h"),
            seconds => (seconds / 86_400, "天", "d"),
        };
        format!("≤{number} {} {}", lang.choose(zh, en), it.clues)
    });
    let within = within.collect::<Vec<_>>().join(lang.choose("，", ", "));
    match lang {
        Lang::Zh => format!("{} 条，平均 {:.1} 小时（{within}）", spread.clues, mean / 3_600.0),
        Lang::En => format!("{} clues, mean {:.1} h ({within})", spread.clues, mean / 3_600.0),
    }
}

impl Words<'_> {
    /// One change, and the rule that decides now.
    pub fn change(self, row: &ComparedRow, it: &Instead) -> Change {
        let codes = &it.codes;
        let name = |code: Option<String>, source: &Option<String>| {
            code.or_else(|| source.as_ref().map(|name| format!("“{name}”")))
                .unwrap_or_default()
        };
        let missing = self.say("先补映射或对照表", "mend mapping or crosswalk first");
        let lines = it.replaces.iter().map(ToString::to_string);
        Change {
            clues: it.clues,
            against: it.against,
            matter: name(
                codes.matter.as_ref().map(|it| self.matter(it)),
                &codes.source_matter,
            ),
            area: name(codes.area.as_ref().map(|it| self.area(it)), &codes.source_area),
            went_to: self.agency(&it.agency),
            rule: rule(row),
            row: it.row.clone().unwrap_or_else(|| missing.to_owned()),
            replaces: lines.collect::<Vec<_>>().join(" "),
            example: it.examples.first().map(ToString::to_string).unwrap_or_default(),
        }
    }

    /// To whom clues went instead, those with the most first.
    pub fn went(self, row: &ComparedRow) -> String {
        let went = row.went();
        let went = went
            .iter()
            .take(3)
            .map(|(agency, clues)| format!("{} {clues}", self.agency(agency)));
        went.collect::<Vec<_>>().join(self.say("，", ", "))
    }
}

/// Line of `duties.csv`, or why no row decided.
fn rule(row: &ComparedRow) -> String {
    row.rule
        .line
        .map_or_else(|| row.rule.reason.clone(), |line| line.to_string())
}
