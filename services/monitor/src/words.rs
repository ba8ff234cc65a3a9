//! Events, stages and flags in words, for `bihuan explain` and for pages. Names are those of the given rulebook; a code that
//! it does not know stays as it is.

use bihuan_domain::clue::{
    Actor, Assignment, CallBack, Event, Flag, History, Measure, Repeat, Resolution, Role, RoutingDecision,
    rejection_words,
};
use bihuan_domain::code::{AgencyId, AreaCode, Level, MatterCode};
use bihuan_domain::figures::{By, Standing};
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::Rulebook;
use bihuan_domain::time::Timestamp;

use crate::names;

/// A language, and the rulebook whose names and zone are used.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    pub lang: Lang,
    pub rulebook: &'a Rulebook,
}

impl Words<'_> {
    const fn say(self, zh: &'static str, en: &'static str) -> &'static str {
        self.lang.choose(zh, en)
    }

    fn named(self, by: By, key: &str) -> String {
        let name = names::name(self.rulebook, self.lang, by, key);
        if name == key {
            name
        } else {
            format!("{name} [{key}]")
        }
    }

    pub fn agency(self, id: &AgencyId) -> String {
        self.named(By::Agency, id.as_str())
    }

    pub fn area(self, code: &AreaCode) -> String {
        self.named(By::Area, code.as_str())
    }

    pub fn matter(self, code: &MatterCode) -> String {
        self.named(By::Matter, code.as_str())
    }

    /// In the rulebook's zone, with its offset.
    pub fn time(self, at: Timestamp) -> String {
        let zoned = at.to_jiff().to_zoned_datetime(self.rulebook.zone.clone());
        zoned.strftime("%Y-%m-%d %H:%M:%S %:z").to_string()
    }

    /// Who acted.
    pub fn actor(self, actor: &Actor) -> String {
        let mut words = self.role(actor.role).to_owned();
        if let Some(agency) = &actor.agency {
            words = format!("{words} {}", self.agency(agency));
        }
        match &actor.person {
            Some(person) => format!("{words} ({person})"),
            None => words,
        }
    }

    const fn role(self, role: Role) -> &'static str {
        match role {
            Role::Source => self.say("来源平台", "source"),
            Role::Routing => self.say("自动派遣", "routing"),
            Role::Clock => self.say("时限时钟", "clock"),
            Role::Agency => self.say("单位", "agency"),
            Role::Coordinator => self.say("协调员", "coordinator"),
            Role::Checker => self.say("核查员", "checker"),
            Role::CallBack => self.say("回访员", "call-back"),
            Role::Operator => self.say("操作员", "operator"),
        }
    }

    const fn level(self, level: Level) -> &'static str {
        match level {
            Level::Grid => self.say("网格", "grid"),
            Level::Village => self.say("村社", "village"),
            Level::Town => self.say("乡镇街道", "town"),
            Level::County => self.say("县级", "county"),
            Level::City => self.say("市级", "city"),
        }
    }

    /// What happened, in one line.
    pub fn event(self, event: &Event) -> String {
        match event {
            Event::ClueReported { number, report } => {
                let head = format!("{} {number}", self.say("上报，编号", "reported under number"));
                let history = report.history.as_ref().map(|it| self.history(it));
                self.with(head, history)
            }
            Event::ReportRepeated { repeat, history, .. } => {
                let head = self.repeat(*repeat).to_owned();
                self.with(head, history.as_ref().map(|it| self.history(it)))
            }
            Event::ClueAdmitted => self.say("受理", "admitted").to_owned(),
            Event::ClueRejected { reason } => self.reason("不予受理", "out of scope", reason),
            Event::ClueCorrected { matter, area } => self.corrected(matter.as_ref(), area.as_ref()),
            Event::ClueHeldForTriage { decision } => {
                self.reason("转人工分派", "held for triage", self.decision(decision))
            }
            Event::ClueHeldForCoordination { level, returns } => match self.lang {
                Lang::Zh => format!("第 {returns} 次退单，交{}协调", self.level(*level)),
                Lang::En => format!(
                    "return no. {returns}: held for the coordinator ({})",
                    self.level(*level)
                ),
            },
            Event::ClueAssigned {
                assignment,
                decision,
                deadline,
                recorded,
            } => self.assigned(assignment, decision, *deadline, *recorded),
            Event::ClueDelegated { from, to } => {
                let (from, to) = (self.agency(from), self.agency(to));
                match self.lang {
                    Lang::Zh => format!("下派：{from} → {to}"),
                    Lang::En => format!("handed down: {from} → {to}"),
                }
            }
            Event::ClueAcknowledged => self.say("签收", "signed for").to_owned(),
            Event::ReturnRequested { duty, proposed, .. } => {
                let proposed = self.agency(proposed);
                match self.lang {
                    Lang::Zh => format!("申请退单：依据 {duty}，建议 {proposed}"),
                    Lang::En => format!("asks to return it: duty {duty}, proposes {proposed}"),
                }
            }
            Event::ReturnApproved => self.say("同意退单", "return approved").to_owned(),
            Event::ReturnRefused => self.say("不同意退单", "return refused").to_owned(),
            Event::ClueTransferred {
                from,
                to,
                basis,
                recorded,
            } => self.transferred(from.as_ref(), to, basis.as_deref(), *recorded),
            Event::HandlingStarted => self.say("开始处置", "handling started").to_owned(),
            Event::ClueSuspended { suspension } => {
                let (until, approver) = (self.time(suspension.until), &suspension.approver);
                match self.lang {
                    Lang::Zh => format!("挂账至 {until}（{}，批准人 {approver}）", suspension.reason),
                    Lang::En => format!(
                        "suspended until {until} ({}, approved by {approver})",
                        suspension.reason
                    ),
                }
            }
            Event::ClueResumed => self.say("恢复办理", "resumed").to_owned(),
            Event::ClueResolved { resolution } => {
                let head = self.say("处置反馈：", "resolved: ");
                format!("{head}{}", self.resolution(resolution))
            }
            Event::CheckPassed => self.say("核查通过", "check passed").to_owned(),
            Event::CheckFailed => self
                .say("核查未通过，返工", "check failed: back to the agency")
                .to_owned(),
            Event::CallBackRecorded { result, attempt } => self.called_back(*result, *attempt),
            Event::ClueClosed {
                resolution, recorded, ..
            } => {
                let head = self.say("闭环：", "closed: ");
                let tail = self.recorded(*recorded);
                format!("{head}{}{tail}", self.resolution(resolution))
            }
            Event::ClueReopened => self.say("重开", "reopened").to_owned(),
            Event::ClueVoided { reason } => self.reason("作废", "voided", reason),
            Event::CommandRejected { command, rejection } => {
                let (zh, en) = rejection_words(&rejection.code);
                match self.lang {
                    Lang::Zh => format!("拒绝 {command}（{}）：{zh}", rejection.code),
                    Lang::En => format!("refused {command} ({}): {en}", rejection.code),
                }
            }
        }
    }

    fn reason(self, zh: &'static str, en: &'static str, reason: &str) -> String {
        match self.lang {
            Lang::Zh => format!("{zh}：{reason}"),
            Lang::En => format!("{en}: {reason}"),
        }
    }

    fn with(self, head: String, more: Option<String>) -> String {
        match more {
            Some(more) => format!("{head}{}{more}", self.say("；", "; ")),
            None => head,
        }
    }

    const fn repeat(self, repeat: Repeat) -> &'static str {
        match repeat {
            Repeat::Unchanged => self.say("重复上报，内容未变", "reported again, unchanged"),
            Repeat::Updated => self.say("重复上报，有更新", "reported again with news"),
            Repeat::Stale => self.say("重复上报，内容不采用", "reported again, not applied"),
        }
    }

    /// What the source says became of the clue.
    fn history(self, history: &History) -> String {
        let agency = history
            .agency
            .as_ref()
            .map(|it| self.agency(it))
            .unwrap_or_default();
        let closed = match history.closed_at {
            Some(at) => format!("{} {}", self.say("已于", "closed"), self.time(at)),
            None => self.say("未办结", "not closed").to_owned(),
        };
        match self.lang {
            Lang::Zh => format!("来源记录：{agency} {closed}"),
            Lang::En => format!("by the source's record: {agency} {closed}"),
        }
    }

    fn corrected(self, matter: Option<&MatterCode>, area: Option<&AreaCode>) -> String {
        let matter = matter.map(|it| format!("{} {}", self.say("事项", "matter"), self.matter(it)));
        let area = area.map(|it| format!("{} {}", self.say("区域", "area"), self.area(it)));
        let parts: Vec<_> = matter.into_iter().chain(area).collect();
        self.reason("更正", "corrected", &parts.join(self.say("，", ", ")))
    }

    fn assigned(
        self,
        assignment: &Assignment,
        decision: &RoutingDecision,
        deadline: Option<Timestamp>,
        recorded: bool,
    ) -> String {
        let mut words = format!(
            "{}{}",
            self.say("派遣给 ", "assigned to "),
            self.agency(&assignment.agency)
        );
        if let Some(penalty) = &assignment.penalty {
            words = format!(
                "{words}{}{}",
                self.say("，立案处罚 ", ", penalty by "),
                self.agency(penalty)
            );
        }
        if !assignment.assisting.is_empty() {
            let names: Vec<_> = assignment.assisting.iter().map(|it| self.agency(it)).collect();
            words = format!(
                "{words}{}{}",
                self.say("，协办 ", ", assisted by "),
                names.join(self.say("、", ", "))
            );
        }
        if let Some(deadline) = deadline {
            words = format!("{words}{}{}", self.say("，时限 ", ", due "), self.time(deadline));
        }
        if recorded {
            return format!("{words}{}", self.recorded(true));
        }
        let why = self.decision(decision);
        match (self.lang, decision.row) {
            (Lang::Zh, Some(row)) => format!("{words}（{why}，duties.csv 第 {row} 行）"),
            (Lang::En, Some(row)) => format!("{words} ({why}, duties.csv line {row})"),
            (_, None) => format!("{words} ({why})"),
        }
    }

    fn transferred(
        self,
        from: Option<&AgencyId>,
        to: &AgencyId,
        basis: Option<&str>,
        recorded: bool,
    ) -> String {
        let from = from
            .map(|it| format!("{} → ", self.agency(it)))
            .unwrap_or_default();
        let head = self.say("转办：", "transferred: ");
        let basis = basis.map(|it| format!(" ({it})")).unwrap_or_default();
        format!(
            "{head}{from}{}{basis}{}",
            self.agency(to),
            self.recorded(recorded)
        )
    }

    const fn recorded(self, recorded: bool) -> &'static str {
        if recorded {
            self.say("（来源记录）", " (by the source's record)")
        } else {
            ""
        }
    }

    fn called_back(self, result: CallBack, attempt: u32) -> String {
        let result = match result {
            CallBack::Satisfied => self.say("满意", "satisfied"),
            CallBack::NotDone => self.say("未办好，返工", "not done: back to the agency"),
            CallBack::NotApplicable => self.say("无需回访", "not applicable"),
            CallBack::Unreachable => self.say("联系不上", "unreachable"),
        };
        match self.lang {
            Lang::Zh => format!("第 {attempt} 次回访：{result}"),
            Lang::En => format!("call-back no. {attempt}: {result}"),
        }
    }

    /// Conclusion and what goes with it.
    pub fn resolution(self, resolution: &Resolution) -> String {
        let conclusion = resolution.conclusion.as_str();
        let mut parts = vec![names::name(self.rulebook, self.lang, By::Conclusion, conclusion)];
        parts.extend(resolution.measures.iter().map(|it| self.measure(*it).to_owned()));
        parts.extend(resolution.substantiated.map(|it| {
            let words = if it {
                self.say("属实", "substantiated")
            } else {
                self.say("不属实", "not substantiated")
            };
            words.to_owned()
        }));
        parts.extend(resolution.legal_basis.clone());
        parts.extend(resolution.document_number.clone());
        if !resolution.evidence.is_empty() {
            parts.push(format!(
                "{} {}",
                self.say("佐证", "evidence"),
                resolution.evidence.len()
            ));
        }
        parts.join(self.say("，", ", "))
    }

    const fn measure(self, measure: Measure) -> &'static str {
        match measure {
            Measure::OrderCorrect => self.say("责令改正", "ordered to correct"),
            Measure::Education => self.say("教育劝导", "education"),
            Measure::Mitigation => self.say("从轻减轻", "mitigation"),
            Measure::FastProcedure => self.say("简易快办", "fast procedure"),
            Measure::Seizure => self.say("查封扣押", "seizure"),
            Measure::Other => self.say("其他措施", "another measure"),
        }
    }

    /// Why a clue went where it went; the code itself where a later program made it.
    pub fn decision(self, decision: &RoutingDecision) -> &'static str {
        let (zh, en) = match decision.reason.as_str() {
            "matched" => ("按职责规则", "by the duty rows"),
            "recorded" => ("按来源记录", "by the source's record"),
            "by_person" => ("人工分派", "by a person"),
            "rulebook_missing" => ("尚未启用规则库", "no rulebook is active"),
            "matter_missing" => ("没有事项", "the matter is missing"),
            "matter_unknown" => ("规则库没有该事项", "the rulebook does not know the matter"),
            "area_missing" => ("没有区域", "the area is missing"),
            "no_duty" => ("没有适用的职责规则", "no duty row holds there on that day"),
            "tie" => (
                "同级规则指向不同单位",
                "rows of equal rank name different agencies",
            ),
            _ => return self.say("其他原因", "for another reason"),
        };
        self.lang.choose(zh, en)
    }

    pub const fn stage(self, stage: Standing) -> &'static str {
        match stage {
            Standing::Reported => self.say("已上报，待受理", "reported, waits for admission"),
            Standing::Rejected => self.say("不予受理", "rejected"),
            Standing::Admitted => self.say("已受理，待派遣", "admitted, waits for routing"),
            Standing::Triage => self.say("待人工分派", "in triage"),
            Standing::Coordination => self.say("协调中", "in coordination"),
            Standing::Dispatched => self.say("已派遣，待签收", "dispatched"),
            Standing::Acknowledged => self.say("已签收", "acknowledged"),
            Standing::Handling => self.say("处置中", "being handled"),
            Standing::ReturnRequested => self.say("申请退单", "return requested"),
            Standing::Suspended => self.say("挂账", "suspended"),
            Standing::Resolved => self.say("已反馈，待核查", "resolved, waits for verification"),
            Standing::Closed => self.say("已闭环", "closed"),
            Standing::Voided => self.say("作废", "voided"),
        }
    }

    /// What should happen next to a clue of this stage, and by whom; `None`: nothing need happen any more.
    pub const fn next(self, stage: Standing) -> Option<&'static str> {
        Some(match stage {
            Standing::Reported => self.say("受理或不予受理", "somebody admits or rejects it"),
            Standing::Admitted => self.say("自动派遣", "routing assigns it"),
            Standing::Triage => self.say(
                "人工分派，或更正事项、区域",
                "a person assigns it, or corrects matter or area",
            ),
            Standing::Coordination => self.say("协调员指定主办单位", "the coordinator names the agency"),
            Standing::Dispatched => self.say(
                "主办单位签收或申请退单",
                "the agency signs for it or asks to return it",
            ),
            Standing::Acknowledged => self.say("主办单位开始处置", "the agency starts handling"),
            Standing::Handling => self.say("主办单位反馈处置结果", "the agency reports its resolution"),
            Standing::ReturnRequested => self.say("同意或不同意退单", "the return is approved or refused"),
            Standing::Suspended => self.say("到期或提前恢复办理", "it is resumed, by the date at the latest"),
            Standing::Resolved => self.say("核查、回访后闭环", "it is checked, called back and closed"),
            Standing::Rejected | Standing::Closed | Standing::Voided => return None,
        })
    }

    pub const fn flag(self, flag: Flag) -> &'static str {
        match flag {
            Flag::MatterMissing => self.say("没有事项", "no matter"),
            Flag::MatterUnknown => self.say("事项未知", "matter unknown"),
            Flag::AreaMissing => self.say("没有区域", "no area"),
            Flag::AreaUnknown => self.say("区域未知", "area unknown"),
            Flag::AgencyUnknown => self.say("单位未知", "agency unknown"),
            Flag::ConclusionUnknown => self.say("结论未知", "conclusion unknown"),
            Flag::ReportedAtMissing => self.say(
                "没有上报时间，以接收时间代替",
                "no time of report; time of receipt stands in",
            ),
            Flag::ReportedAtUnreadable => self.say(
                "上报时间无法读取，以接收时间代替",
                "time of report unreadable; time of receipt stands in",
            ),
            Flag::ReportedInFuture => self.say("上报时间在将来", "reported in the future"),
            Flag::ClosedAtUnreadable => self.say("办结时间无法读取", "time of closing unreadable"),
            Flag::DueAtUnreadable => self.say("时限无法读取", "due time unreadable"),
            Flag::ClosedBeforeReported => self.say("办结早于上报", "closed before it was reported"),
            Flag::LocationUnreadable => self.say("坐标无法读取", "location unreadable"),
            Flag::ValueUnknown => self.say("有未知的取值", "a value is unknown"),
            Flag::ValueUnreadable => self.say("有无法读取的取值", "a value is unreadable"),
        }
    }
}

#[cfg(test)]
mod tests {
    use bihuan_domain::clue::Rejection;

    use super::*;

    fn words(rulebook: &Rulebook, lang: Lang) -> Words<'_> {
        Words { lang, rulebook }
    }

    #[test]
    fn every_open_stage_has_a_next_step_and_no_other_has() {
        let none = Rulebook::none();
        for stage in Standing::ALL {
            for lang in [Lang::Zh, Lang::En] {
                let it = words(&none, lang);
                assert!(!it.stage(stage).is_empty());
                assert_eq!(it.next(stage).is_some(), stage.is_open(), "{stage:?}");
            }
        }
    }

    #[test]
    fn events_are_told_in_both_languages() {
        let none = Rulebook::none();
        let agency = AgencyId::new("NYPD").expect("valid");
        let transfer = Event::ClueTransferred {
            from: None,
            to: agency,
            basis: None,
            recorded: true,
        };
        assert_eq!(words(&none, Lang::Zh).event(&transfer), "转办：NYPD（来源记录）");
        assert_eq!(
            words(&none, Lang::En).event(&transfer),
            "transferred: NYPD (by the source's record)"
        );
        let refused = Event::CommandRejected {
            command: "CloseClue".to_owned(),
            rejection: Rejection {
                code: "check_missing".to_owned(),
                field: None,
                stage: None,
            },
        };
        assert!(
            words(&none, Lang::En)
                .event(&refused)
                .starts_with("refused CloseClue (check_missing): The clue")
        );
    }
}
