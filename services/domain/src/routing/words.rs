//! A decision in words that a person at an agency can check against `duties.csv`.

use super::{Answer, Duty, Explanation, MatterPattern, RowVerdict, Rulebook, Triage, Unanswered, Verdict};
use crate::code::{AgencyId, AreaCode};
use crate::dispute::Provenance;
use crate::lang::Lang;

impl Explanation {
    /// One sentence a line. `rulebook` is the one that the decision was made with.
    pub fn words(&self, lang: Lang, rulebook: &Rulebook) -> Vec<String> {
        let speech = Speech { lang, rulebook };
        let mut lines = vec![speech.outcome(self)];
        lines.extend(self.winner.as_ref().and_then(|winner| speech.ground(winner.line)));
        lines.extend(
            self.winner
                .as_ref()
                .and_then(|winner| speech.dispute(winner.line)),
        );
        lines.extend(speech.beside(self));
        lines.extend(speech.runner_up(self));
        let (elsewhere, lost): (Vec<_>, Vec<_>) = self
            .lost
            .iter()
            .partition(|row| row.verdict == Verdict::OtherArea);
        lines.extend(lost.iter().map(|row| speech.lost(row)));
        lines.extend(speech.elsewhere(elsewhere.len()));
        lines
    }
}

struct Speech<'a> {
    lang: Lang,
    rulebook: &'a Rulebook,
}

impl Speech<'_> {
    fn outcome(&self, explanation: &Explanation) -> String {
        let (label, version) = (&self.rulebook.label, &self.rulebook.version);
        match &explanation.answer {
            Answer::Assigned { assignment, .. } => {
                let agency = self.agency(&assignment.agency);
                match self.lang {
                    Lang::Zh => format!("主办：{agency}。规则库 {label}，版本 {version}。"),
                    Lang::En => format!("Responsible: {agency}, by rulebook {label}, version {version}."),
                }
            }
            Answer::Triage { reason } => {
                let why = triage(*reason, self.lang);
                match self.lang {
                    Lang::Zh => format!("转人工分派：{why}。规则库 {label}，版本 {version}。"),
                    Lang::En => format!("Manual triage: {why}. Rulebook {label}, version {version}."),
                }
            }
        }
    }

    fn ground(&self, line: u32) -> Option<String> {
        let duty = self.duty(line)?;
        let (matter, area, layer) = (
            self.matter(&duty.matter),
            self.area(&duty.area),
            duty.layer.as_str(),
        );
        let basis = match Provenance::read(&duty.basis) {
            Some(provenance) => provenance.basis,
            None if duty.basis.is_empty() => self.lang.choose("未注明", "not stated"),
            None => &duty.basis,
        };
        let dates = self.dates(duty);
        let predicate = duty
            .when
            .as_ref()
            .map_or_else(String::new, |when| match self.lang {
                Lang::Zh => format!("，条件 {}", when.text),
                Lang::En => format!(", when {}", when.text),
            });
        Some(match self.lang {
            Lang::Zh => format!(
                "依据 duties.csv 第 {line} 行：事项 {matter}，区域 {area}，层级 {layer}，有效期 {dates}{predicate}；法定依据：{basis}。"
            ),
            Lang::En => format!(
                "By duties.csv line {line}: matter {matter}, area {area}, layer {layer}, valid {dates}{predicate}; legal basis: {basis}."
            ),
        })
    }

    /// Which dispute the row comes from, if it comes from one.
    fn dispute(&self, line: u32) -> Option<String> {
        let provenance = Provenance::read(&self.duty(line)?.basis)?;
        Some(provenance.words(self.lang))
    }

    /// Penalty and assisting agencies.
    fn beside(&self, explanation: &Explanation) -> Vec<String> {
        let Answer::Assigned { assignment, .. } = &explanation.answer else {
            return Vec::new();
        };
        let mut lines = Vec::new();
        if let Some(agency) = &assignment.penalty {
            let head = self.lang.choose("立案处罚：", "Penalty case: ");
            lines.push(format!(
                "{head}{}{}",
                self.agency(agency),
                self.rows(&explanation.penalty)
            ));
        } else if !explanation.penalty.is_empty() {
            let text = self.lang.choose(
                "立案处罚：未定，同级规则指向不同单位",
                "Penalty case: undecided, rows of equal rank name different agencies",
            );
            lines.push(format!("{text}{}", self.rows(&explanation.penalty)));
        }
        if !assignment.assisting.is_empty() {
            let names: Vec<_> = assignment
                .assisting
                .iter()
                .map(|agency| self.agency(agency))
                .collect();
            let head = self.lang.choose("协办：", "Assisting: ");
            let names = names.join(self.lang.choose("、", ", "));
            lines.push(format!("{head}{names}{}", self.rows(&explanation.assisting)));
        }
        lines
    }

    fn runner_up(&self, explanation: &Explanation) -> Option<String> {
        explanation.winner.as_ref()?;
        let Some(duty) = explanation.runner_up.and_then(|line| self.duty(line)) else {
            let none = self.lang.choose(
                "没有其他单位的规则在当日当地适用。",
                "No row of another agency holds there on that day.",
            );
            return Some(none.to_owned());
        };
        let agency = self.agency(&duty.agency);
        Some(match self.lang {
            Lang::Zh => format!("次选：{agency}，第 {} 行。", duty.line),
            Lang::En => format!("Runner-up: {agency}, line {}.", duty.line),
        })
    }

    fn lost(&self, row: &RowVerdict) -> String {
        let agency = self.agency(&row.agency);
        let why = verdict(&row.verdict, self.lang);
        match self.lang {
            Lang::Zh => format!("第 {} 行（{agency}）未采用：{why}。", row.line),
            Lang::En => format!("Line {} ({agency}) was not used: {why}.", row.line),
        }
    }

    fn elsewhere(&self, rows: usize) -> Option<String> {
        (rows > 0).then(|| match self.lang {
            Lang::Zh => format!("同一事项另有 {rows} 行只适用于其他区域。"),
            Lang::En => format!("Rows about the same matter that hold only in other areas: {rows}."),
        })
    }

    fn rows(&self, lines: &[u32]) -> String {
        let numbers: Vec<_> = lines.iter().map(ToString::to_string).collect();
        match self.lang {
            Lang::Zh => format!("（第 {} 行）。", numbers.join("、")),
            Lang::En => format!(" (line {}).", numbers.join(", ")),
        }
    }

    fn duty(&self, line: u32) -> Option<&Duty> {
        self.rulebook.duties.iter().find(|duty| duty.line == line)
    }

    fn agency(&self, id: &AgencyId) -> String {
        let known = self.rulebook.agencies.get(id);
        named(
            id.as_str(),
            known.map(|agency| name(self.lang, &agency.name, &agency.name_en)),
        )
    }

    fn area(&self, code: &AreaCode) -> String {
        let known = self.rulebook.areas.get(code);
        named(
            code.as_str(),
            known.map(|area| name(self.lang, &area.name, &area.name_en)),
        )
    }

    fn matter(&self, pattern: &MatterPattern) -> String {
        match pattern {
            MatterPattern::Matter(code) => {
                let known = self.rulebook.matters.get(code);
                named(
                    code.as_str(),
                    known.map(|matter| name(self.lang, &matter.name, &matter.name_en)),
                )
            }
            MatterPattern::Category(code) => match self.lang {
                Lang::Zh => format!("类别 {code}"),
                Lang::En => format!("category {code}"),
            },
            MatterPattern::Any => self.lang.choose("*（全部）", "* (all)").to_owned(),
        }
    }

    fn dates(&self, duty: &Duty) -> String {
        match (self.lang, duty.from, duty.to) {
            (Lang::Zh, None, None) => "不限".to_owned(),
            (Lang::Zh, Some(from), None) => format!("{from} 起"),
            (Lang::Zh, None, Some(to)) => format!("{to} 前"),
            (Lang::Zh, Some(from), Some(to)) => format!("{from} 起、{to} 前"),
            (Lang::En, None, None) => "always".to_owned(),
            (Lang::En, Some(from), None) => format!("from {from}"),
            (Lang::En, None, Some(to)) => format!("before {to}"),
            (Lang::En, Some(from), Some(to)) => format!("from {from} to before {to}"),
        }
    }
}

/// The name in the language, as far as there is one.
pub(super) fn name<'n>(lang: Lang, zh: &'n str, en: &'n str) -> &'n str {
    if en.is_empty() { zh } else { lang.choose(zh, en) }
}

/// A name with its code, where it has one.
pub(super) fn named(code: &str, name: Option<&str>) -> String {
    match name {
        Some(name) if !name.is_empty() && name != code => format!("{name} [{code}]"),
        _ => code.to_owned(),
    }
}

const fn triage(reason: Triage, lang: Lang) -> &'static str {
    match reason {
        Triage::RulebookMissing => lang.choose("尚未启用规则库", "no rulebook is active"),
        Triage::MatterMissing => lang.choose("线索没有事项", "the clue names no matter"),
        Triage::MatterUnknown => lang.choose("规则库没有该事项", "the rulebook does not know the matter"),
        Triage::AreaMissing => lang.choose("线索没有区域", "the clue names no area"),
        Triage::NoDuty => lang.choose(
            "没有职责规则在当日当地适用",
            "no duty row holds there on that day",
        ),
        Triage::Tie => lang.choose(
            "同级规则指向不同单位，不作猜测",
            "rows of equal rank name different agencies; nobody guesses",
        ),
        Triage::Unanswered => lang.choose(
            "规则的条件所依据的内容，线索没有说明或无法读取，不作猜测",
            "a row's predicate depends on what the clue does not say or says unreadably; nobody guesses",
        ),
    }
}

fn verdict(verdict: &Verdict, lang: Lang) -> String {
    let day = |date: Option<jiff::civil::Date>| date.map_or_else(String::new, |date| date.to_string());
    let fixed = match verdict {
        Verdict::NotYetValid { from } => {
            return match lang {
                Lang::Zh => format!("{} 起才生效", day(*from)),
                Lang::En => format!("it holds only from {}", day(*from)),
            };
        }
        Verdict::Expired { to } => {
            return match lang {
                Lang::Zh => format!("自 {} 起失效", day(*to)),
                Lang::En => format!("it ended before {}", day(*to)),
            };
        }
        Verdict::PredicateUnanswered(what) => return unanswered(what, lang),
        Verdict::Won => ("采用", "it won"),
        Verdict::LessSpecificMatter => ("事项不如采用行具体", "its matter is less specific"),
        Verdict::ShorterArea => ("区域不如采用行具体", "its area is less specific"),
        Verdict::LowerLayer => ("层级低于采用行", "its layer is weaker"),
        Verdict::SameAgency => ("与采用行同级同单位，重复", "it repeats the winning row"),
        Verdict::Tied => ("与其他单位的规则同级", "it ties with a row of another agency"),
        Verdict::OtherArea => ("适用于其他区域", "it holds in another area"),
        Verdict::NoPredicate => (
            "没有条件，不如有条件且成立的采用行具体",
            "it has no predicate; the winning row has one that holds",
        ),
        Verdict::PredicateFalse => ("条件不成立", "its predicate does not hold"),
        Verdict::Blocked => (
            "本可采用，但另有同级规则的条件无法判断",
            "it would have won, but the predicate of a row as strong has no answer",
        ),
        Verdict::NotCompetent => (
            "赋权只对乡镇街道在其辖区内有效",
            "a delegation binds only a town within its own area",
        ),
    };
    lang.choose(fixed.0, fixed.1).to_owned()
}

fn unanswered(what: &Unanswered, lang: Lang) -> String {
    let fact = &what.fact;
    match (lang, what.unreadable) {
        (Lang::Zh, false) => format!("条件无法判断：线索没有 {fact}"),
        (Lang::Zh, true) => format!("条件无法判断：线索的 {fact} 不是声明的类型"),
        (Lang::En, false) => format!("its predicate has no answer: the clue says nothing of {fact}"),
        (Lang::En, true) => {
            format!("its predicate has no answer: the clue's {fact} is not of the declared type")
        }
    }
}
