//! Why clues wait in triage, and what would help, in words.

use bihuan_domain::lang::Lang;
use bihuan_domain::routing::{Cause, Group};

use super::Words;

impl Words<'_> {
    /// Why the clues of a group wait.
    pub fn waits(self, cause: &Cause) -> String {
        let lines: Vec<_> = cause.lines.iter().map(ToString::to_string).collect();
        let lines = lines.join(self.say("、", ", "));
        let facts = cause.facts.join(self.say("、", ", "));
        let fixed = match (cause.reason, self.lang) {
            ("tie", Lang::Zh) => return format!("duties.csv 第 {lines} 行同级，指向不同单位"),
            ("tie", Lang::En) => {
                return format!("lines {lines} of duties.csv are of equal rank and name different agencies");
            }
            ("predicate_unanswered", Lang::Zh) => {
                return format!("duties.csv 第 {lines} 行的条件要看 {facts}，线索没有说明或无法读取");
            }
            ("predicate_unanswered", Lang::En) => {
                return format!(
                    "the predicate of line {lines} of duties.csv asks for {facts}, of which the clues say nothing, or nothing readable"
                );
            }
            ("no_duty", _) => (
                "没有职责：该事项在该区域没有主管单位",
                "no duty: nobody is first handler of the matter in the area",
            ),
            ("matter_unknown", _) => ("规则库没有该事项", "the rulebook does not know the matter"),
            ("matter_missing", _) => (
                "没有事项，或来源的叫法没有对照",
                "no matter, or a platform's word that leads to none",
            ),
            ("area_missing", _) => (
                "没有区域，或地址没有对上",
                "no area, or a place that leads to none",
            ),
            ("rulebook_missing", _) => ("尚未启用规则库", "no rulebook is active"),
            _ => ("现行规则库已有结论", "the active rulebook decides it by now"),
        };
        self.say(fixed.0, fixed.1).to_owned()
    }

    /// What to do about it.
    pub fn remedy(self, group: &Group) -> &'static str {
        let draft = group.draft.as_ref();
        let (zh, en) = match group.cause.reason {
            "no_duty" if draft.is_some_and(|draft| draft.agency.is_some()) => (
                "单位取自过去办结的同类线索，请核对",
                "the agency is the one that closed most of such clues: please check",
            ),
            "no_duty" | "matter_missing" => ("请填写 ? 处", "fill in the question mark"),
            "matter_unknown" => ("先补事项，再补职责", "add the matter, then a duty for it"),
            "tie" => (
                "只留一行，或用日期、区域、层级区分",
                "keep one row, or tell them apart by date, area or layer",
            ),
            "predicate_unanswered" => (
                "在映射中带上该属性，或在条件中先写 has(…)",
                "let the mapping keep the attribute, or let the predicate ask has(…) first",
            ),
            "area_missing" => (
                "补 areas.csv 的名称，或在映射中给出区域",
                "add the name to areas.csv, or let the mapping give the area",
            ),
            "rulebook_missing" => ("启用一个规则库", "activate a rulebook"),
            _ => ("可直接分派", "assign it"),
        };
        self.say(zh, en)
    }
}
