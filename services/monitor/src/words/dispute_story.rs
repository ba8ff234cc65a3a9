//! What happened to a dispute, in words.

use bihuan_domain::code::AgencyId;
use bihuan_domain::dispute::{
    Agreement, Cause, Claim, ClueEnd, Event, Forum, Ground, Interim, Position, Rejection, Ruling, Step, Then,
    rejection_words,
};
use bihuan_domain::lang::Lang;

use super::Words;

impl Words<'_> {
    /// Before whom; of a county's: which.
    pub fn forum(self, forum: &Forum) -> String {
        let name = forum.level().words(self.lang);
        match (forum.county(), self.lang) {
            (None, _) => name.to_owned(),
            (Some(area), Lang::Zh) => format!("{name}（{}）", self.area(area)),
            (Some(area), Lang::En) => format!("{name} ({})", self.area(area)),
        }
    }

    /// What happened, in one line.
    pub fn dispute_event(self, event: &Event) -> String {
        match event {
            Event::DisputeOpened { opening, interim, .. } => {
                let parties: Vec<_> = opening.parties.iter().map(|it| self.claim(it)).collect();
                self.opened(opening.cause, &parties.join(self.say("、", ", ")), interim)
            }
            Event::PositionStated {
                agency,
                position,
                duty,
                ..
            } => self.claim(&Claim {
                agency: agency.clone(),
                position: Some(*position),
                duty: Some(duty.clone()),
            }),
            Event::MinutesRecorded { agreed, document } => {
                let head = self.say("提交协商记录 ", "minutes recorded: ");
                let end = match agreed {
                    Some(agency) => {
                        format!("{}{}", self.say("，商定由 ", ", agreed on "), self.agency(agency))
                    }
                    None => self.say("，未达成一致", ", no agreement").to_owned(),
                };
                format!("{head}{}{end}", document.reference)
            }
            Event::DisputeSettled { agency, by } => {
                let how = match by {
                    Agreement::Negotiation => {
                        self.say("协商一致，由 ", "settled by negotiation; the duty is that of ")
                    }
                    Agreement::Opinion => self.say(
                        "各方接受协调意见，由 ",
                        "settled by the opinion; the duty is that of ",
                    ),
                };
                format!("{how}{}{}", self.agency(agency), self.say(" 负责", ""))
            }
            Event::LeadNamed { agency, .. } => {
                format!(
                    "{}{}",
                    self.say("指定牵头单位 ", "lead named: "),
                    self.agency(agency)
                )
            }
            Event::PartyAdded { claim, forum, .. } => format!(
                "{}{}{}{}",
                self.say("追加当事单位 ", "party added: "),
                self.claim(claim),
                self.say("，由 ", ", before "),
                self.forum(forum)
            ),
            Event::RulingTakenUp { agency, late } => {
                let late = if *late {
                    self.say("（曾拒不执行）", " (late, after a breach)")
                } else {
                    ""
                };
                format!(
                    "{}{}{late}",
                    self.say("接办：", "taken up by "),
                    self.agency(agency)
                )
            }
            Event::ClueEnded { how, carried_out_by } => self.clue_ended(*how, carried_out_by.is_some()),
            Event::StepLapsed { step, then, .. } => self.lapsed(*step, then),
            Event::DeadlineRevised => self
                .say(
                    "日历更新，期限重新计算",
                    "the calendar changed: deadline counted again",
                )
                .to_owned(),
            Event::CommandRejected { rejection, .. } => self.dispute_refused(rejection),
            Event::WithdrawalAgreed { agency } => self.by("同意撤回：", "agrees to withdraw: ", agency),
            Event::DisputeWithdrawn => self.say("撤回争议", "withdrawn").to_owned(),
            _ => self.heard(event),
        }
    }

    /// From the application to the ruling.
    fn heard(self, event: &Event) -> String {
        let with = |zh, en, reference: &str| format!("{}{reference}", self.say(zh, en));
        match event {
            Event::ApplicationMade { by, document } => {
                let head = self.by("申请协调：", "applied: ", by);
                format!("{head} ({})", document.reference)
            }
            Event::ApplicationAccepted => self.say("受理申请", "the application is accepted").to_owned(),
            Event::ApplicationRefused { ground } => {
                let ground = match ground {
                    Ground::InternalMatter => self.say("单位内部事务", "an internal matter"),
                    Ground::AgencyAgainstCitizen => {
                        self.say("与相对人之间的争议", "an agency against a citizen")
                    }
                    Ground::NotCompetent => self.say("不属受理范围", "not competent"),
                };
                with("不予受理：", "refused: ", ground)
            }
            Event::ApplicationForwarded => self
                .say("转送其他当事单位", "forwarded to the other parties")
                .to_owned(),
            Event::ReplyGiven { agency, document } => {
                let head = self.by("答辩：", "replied: ", agency);
                format!("{head} ({})", document.reference)
            }
            Event::RepliesComplete => self.say("各方均已答辩", "everybody has replied").to_owned(),
            Event::MeetingRecorded { document } => {
                with("协调会记录 ", "joint meeting: ", &document.reference)
            }
            Event::OpinionGiven { agency, document, .. } => {
                let head = self.by("协调意见：由 ", "opinion: the duty is that of ", agency);
                format!("{head} ({})", document.reference)
            }
            Event::OpinionAccepted { agency } => self.by("接受协调意见：", "accepts the opinion: ", agency),
            Event::OpinionDeclined { agency } => {
                self.by("不接受协调意见：", "declines the opinion: ", agency)
            }
            Event::DisputeDecided { ruling, forum, .. } => self.decided(ruling, forum),
            Event::AppealWithdrawn { agency } => self.by("撤回复核申请：", "appeal withdrawn: ", agency),
            Event::RulingAppealed { agency, to, .. } => {
                let head = self.by("申请复核：", "appealed: ", agency);
                format!("{head}{}{}", self.say("，由 ", ", to "), self.forum(to))
            }
            _ => event.name().to_owned(),
        }
    }

    fn by(self, zh: &'static str, en: &'static str, agency: &AgencyId) -> String {
        format!("{}{}", self.say(zh, en), self.agency(agency))
    }

    fn opened(self, cause: Cause, parties: &str, interim: &Interim) -> String {
        let (cause, meanwhile) = (self.cause(cause), self.meanwhile(interim));
        match self.lang {
            Lang::Zh => format!("提出争议（{cause}）：{parties}；{meanwhile}"),
            Lang::En => format!("opened ({cause}): {parties}; {meanwhile}"),
        }
    }

    /// A ruling, in one line.
    pub fn decided(self, ruling: &Ruling, forum: &Forum) -> String {
        let (agency, forum, reference) = (
            self.agency(&ruling.responsible),
            self.forum(forum),
            &ruling.decision.reference,
        );
        match self.lang {
            Lang::Zh => format!(
                "{forum}裁定由 {agency} 负责，依据 {}（{reference}）",
                ruling.basis
            ),
            Lang::En => {
                format!(
                    "{forum} decided: the duty is that of {agency}, on {} ({reference})",
                    ruling.basis
                )
            }
        }
    }

    fn clue_ended(self, how: ClueEnd, is_carried_out: bool) -> String {
        let how = match how {
            ClueEnd::Closed => self.say("线索闭环", "the clue was closed"),
            ClueEnd::Voided => self.say("线索作废", "the clue was voided"),
            ClueEnd::Rejected => self.say("线索不予受理", "the clue was rejected"),
            ClueEnd::Merged => self.say("线索并入另一条", "the clue was merged"),
        };
        if is_carried_out {
            format!("{how}{}", self.say("，裁定已执行", ": the ruling is carried out"))
        } else {
            how.to_owned()
        }
    }

    fn lapsed(self, step: Step, then: &Then) -> String {
        let over = match self.lang {
            Lang::Zh => format!("{}期满", step.words(self.lang)),
            Lang::En => format!("the time of {} is over", step.words(self.lang)),
        };
        let then = match then {
            Then::Next(Step::Breach) => self
                .say("，未接办：拒不执行", ", not taken up: a breach")
                .to_owned(),
            Then::Next(next) => {
                format!("{}{}", self.say("，自动转入 ", ", on to "), next.words(self.lang))
            }
            Then::Raised { to, step, .. } => format!(
                "{}{}{}{}",
                self.say("，提级至 ", ", raised to "),
                self.forum(to),
                self.say("：", ": "),
                step.words(self.lang)
            ),
            Then::Escalated => self
                .say(
                    "，已无上级，再次提级督办",
                    ", nobody is above: late and escalated again",
                )
                .to_owned(),
        };
        format!("{over}{then}")
    }

    fn dispute_refused(self, rejection: &Rejection) -> String {
        let (zh, en) = rejection_words(&rejection.code);
        format!(
            "{}{}",
            self.say("操作被拒绝：", "refused: "),
            self.lang.choose(zh, en)
        )
    }

    pub(crate) const fn position(self, position: Position) -> &'static str {
        match position {
            Position::Claims => self.say("主张有职责", "claims it"),
            Position::Denies => self.say("主张无职责", "denies it"),
        }
    }
}
