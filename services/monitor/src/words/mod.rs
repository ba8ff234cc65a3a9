//! Events, stages and flags in words, for `bihuan explain` and for pages. Names are those of the given rulebook; a code that
//! it does not know stays as it is.

mod activation;
pub mod agenda;
mod assigning;
mod assisting;
pub mod backtest;
mod clocks;
mod codes;
mod dispute;
mod disputed;
mod duty;
mod precedent;
pub mod shadow;
mod triage;

use bihuan_domain::clue::{Actor, CallBack, Event, Field, History, Report, Resolution, rejection_words};
use bihuan_domain::code::{AgencyId, AreaCode, MatterCode};
use bihuan_domain::figures::By;
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

    /// What happened, in one line.
    #[expect(clippy::too_many_lines, reason = "one arm an event")]
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
            Event::ClueLinked { report } => {
                let head = self.say("关联记录", "linked record").to_owned();
                let status = report.snapshot.as_ref().and_then(|snapshot| snapshot.status);
                let says = status.map(|status| self.source_status(status).to_owned());
                self.with(format!("{head} {} / {}", report.source, report.source_id), says)
            }
            Event::LinkRepeated {
                source,
                source_id,
                repeat,
                ..
            } => {
                format!("{}: {source} / {source_id}", self.link_repeat(*repeat))
            }
            Event::ClueAdmitted => self.say("受理", "admitted").to_owned(),
            Event::ClueRejected { reason } => self.reason("不予受理", "out of scope", reason),
            Event::SourceUpdated {
                report,
                changed,
                same_version,
                ..
            } => self.updated(report, changed, *same_version),
            Event::SourceDeleted(_) => self.say("来源已删除该记录", "removed at the source").to_owned(),
            Event::UnknownDeleted(_) => self
                .say(
                    "来源删除了一条从未上报的记录，不新建线索",
                    "the source removed a record that was never reported: no clue is made of it",
                )
                .to_owned(),
            Event::SourceMissing { .. } => self
                .say(
                    "来源的完整清单中没有该记录",
                    "a complete file of the source does not list it",
                )
                .to_owned(),
            Event::ClueCorrected(codes) => self.corrected(self.say("更正", "corrected"), codes),
            Event::ClueRecoded(codes) => self.corrected(
                self.say("更正编码，承办不变", "codes corrected, holder stays"),
                codes,
            ),
            Event::WithdrawalConfirmed => self
                .say(
                    "同意因来源撤回而作废，待第二人确认",
                    "agreed to give it up; a second person must",
                )
                .to_owned(),
            Event::DiscrepancySettled {
                discrepancy,
                accepted,
            } => {
                let head = if *accepted {
                    self.say("以来源为准", "the source is right")
                } else {
                    self.say("以此处为准", "the source is not followed")
                };
                format!("{head}{}{}", self.say("：", ": "), self.discrepancy(*discrepancy))
            }
            Event::ClueHeldForTriage { decision } => {
                self.reason("转人工分派", "held for triage", self.decision(decision))
            }
            Event::ClueOffered { rulebook } => match self.lang {
                Lang::Zh => format!("按新规则库重新派遣（{rulebook}）"),
                Lang::En => format!("offered to a newer rulebook ({rulebook})"),
            },
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
            Event::ExtensionRequested { limit } => self.extension_requested(*limit),
            Event::ExtensionGranted { limit } => self.extension_granted(*limit),
            Event::ExtensionRefused => self.say("不同意延期", "more time refused").to_owned(),
            Event::DeadlineRevised => self
                .say(
                    "节假日安排已公布，期限重新计算",
                    "a calendar was published: deadlines computed again",
                )
                .to_owned(),
            Event::RungReached { .. } => self.rung_reached(event),
            Event::NoticeIssued { rung, due_at, .. } => self.notice_issued(rung, *due_at),
            Event::NoticeDiscarded { rung, due_at, .. } => self.notice_discarded(rung, *due_at),
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
            Event::ClueReopened { recorded } => self.reopened(*recorded),
            Event::ClueVoided { reason } => self.reason("作废", "voided", reason),
            Event::ClueDisputed { .. }
            | Event::ClueHeldForDispute { .. }
            | Event::ClueDesignated { .. }
            | Event::ClueReleasedFromDispute { .. } => self.of_dispute(event),
            Event::Task(event) => self.of_task(event),
            Event::CampaignTagged { campaign } => {
                format!("{}{campaign}", self.say("列入专项行动：", "campaign: "))
            }
            Event::CampaignUntagged => self.say("移出专项行动", "taken out of its campaign").to_owned(),
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

    /// What the source changed, and since when.
    fn updated(self, report: &Report, changed: &[Field], same_version: bool) -> String {
        let fields: Vec<_> = changed.iter().map(|field| self.field(*field)).collect();
        let mut words = format!(
            "{}{}",
            self.say("来源更新：", "updated by the source: "),
            fields.join(self.say("、", ", "))
        );
        if let Some(snapshot) = &report.snapshot {
            let status = snapshot.status.map_or("", |status| self.source_status(status));
            let (at, basis) = (self.time(snapshot.changed_at), self.basis(snapshot.basis));
            words = match self.lang {
                Lang::Zh => format!("{words}；来源状态 {status}，{at}（{basis}）"),
                Lang::En => format!("{words}; there it is {status}, {at} ({basis})"),
            };
        }
        if same_version {
            words.push_str(self.say(
                "；版本相同，按先后",
                "; the same version again, in order of reading",
            ));
        }
        words
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
}

#[cfg(test)]
mod tests {
    use bihuan_domain::clue::Rejection;
    use bihuan_domain::figures::Standing;

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
