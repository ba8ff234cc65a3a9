//! What happened to a dispute, and who may do what, in words.

use bihuan_domain::clue::Assignment;
use bihuan_domain::code::AgencyId;
use bihuan_domain::dispute::{
    Agreement, Asker, ClueEnd, Document, DocumentKind, Event, Forum, Ground, Party, Position, Ruling,
    Skipped, Then, rejection_words,
};
use bihuan_domain::lang::Lang;

use super::Words;

impl Words<'_> {
    /// What happened to a dispute, in one line.
    #[expect(clippy::too_many_lines, reason = "one arm an event")]
    pub fn dispute_event(self, event: &Event) -> String {
        match event {
            Event::DisputeOpened {
                opening,
                jurisdiction,
                interim,
            } => {
                let parties: Vec<_> = opening.parties.iter().map(|it| self.claim(it)).collect();
                let head = format!(
                    "{} ({})",
                    self.say("提出争议", "opened"),
                    self.cause(opening.cause)
                );
                self.line(&[
                    head,
                    parties.join(self.say("、", ", ")),
                    self.before(&jurisdiction.forum),
                    self.meanwhile(interim),
                ])
            }
            Event::PositionStated {
                agency,
                position,
                duty,
                documents,
            } => {
                let said = format!("{} {}", self.agency(agency), self.position(*position));
                let duty = format!("{} {duty}", self.say("依据", "duty"));
                self.line(&[said, duty, self.documents(documents)])
            }
            Event::MinutesRecorded { agreed, document } => {
                let agreed = match agreed {
                    Some(agency) => {
                        format!("{} {}", self.say("商定由", "agreed on"), self.agency(agency))
                    }
                    None => self.say("未达成一致", "no agreement").to_owned(),
                };
                self.line(&[
                    self.say("协商记录", "minutes").to_owned(),
                    agreed,
                    self.document(document),
                ])
            }
            Event::DisputeSettled { agency, by } => {
                let how = match by {
                    Agreement::Negotiation => self.say("协商一致，由", "settled by negotiation:"),
                    Agreement::Opinion => {
                        self.say("各方接受协调意见，由", "settled, all accept the opinion:")
                    }
                };
                format!("{how} {}{}", self.agency(agency), self.say(" 承办", ""))
            }
            Event::ApplicationMade { by, document } => {
                self.of(by, self.say("申请协调", "applies"), Some(document))
            }
            Event::ApplicationAccepted => self.say("受理", "application accepted").to_owned(),
            Event::ApplicationRefused { ground } => self.line(&[
                self.say("不予受理", "application refused").to_owned(),
                self.ground(*ground).to_owned(),
            ]),
            Event::ApplicationForwarded => self
                .say("申请已转送其他单位", "application forwarded to the others")
                .to_owned(),
            Event::ReplyGiven { agency, document } => {
                self.of(agency, self.say("提交答辩意见", "replies"), Some(document))
            }
            Event::RepliesComplete => self.say("答辩完毕", "all have replied").to_owned(),
            Event::MeetingRecorded { document } => self.line(&[
                self.say("召开协调会", "joint meeting").to_owned(),
                self.document(document),
            ]),
            Event::OpinionGiven {
                agency,
                forum,
                document,
            } => {
                let on = self.say("协调意见：由", "opinion:");
                let whom = format!(
                    "{on} {}{}",
                    self.agency(agency),
                    self.say(" 承办", " has the duty")
                );
                self.line(&[whom, self.before(forum), self.document(document)])
            }
            Event::OpinionAccepted { agency } => {
                self.of(agency, self.say("接受协调意见", "accepts the opinion"), None)
            }
            Event::OpinionDeclined { agency } => {
                self.of(agency, self.say("不接受协调意见", "declines the opinion"), None)
            }
            Event::DisputeDecided {
                ruling,
                forum,
                appealable,
                ..
            } => self.decided(ruling, forum, *appealable),
            Event::WithdrawalAgreed { agency } => {
                self.of(agency, self.say("同意撤回", "would withdraw"), None)
            }
            Event::DisputeWithdrawn => self.say("争议已撤回", "withdrawn").to_owned(),
            Event::AppealWithdrawn { agency } => {
                self.of(agency, self.say("撤回复核申请", "withdraws its appeal"), None)
            }
            Event::RulingAppealed {
                agency,
                to,
                skipped,
                document,
            } => {
                let head = self.of(agency, self.say("申请复核", "appeals the ruling"), Some(document));
                self.line(&[head, self.before(to), self.passed(skipped)])
            }
            Event::PartyAdded { claim, forum, .. } => {
                let added = format!(
                    "{} {}",
                    self.say("追加当事单位", "party added:"),
                    self.claim(claim)
                );
                self.line(&[added, self.before(forum)])
            }
            Event::LeadNamed { agency, interim } => {
                let named = format!(
                    "{} {}",
                    self.say("指定牵头单位", "lead named:"),
                    self.agency(agency)
                );
                self.line(&[named, self.meanwhile(interim)])
            }
            Event::RulingTakenUp { agency, late } => {
                let how = if *late {
                    self.say("逾期后接办", "takes it up, late")
                } else {
                    self.say("按裁定接办", "takes it up")
                };
                self.of(agency, how, None)
            }
            Event::ClueEnded { how, carried_out_by } => {
                let ended = self.clue_end(*how).to_owned();
                let done = carried_out_by
                    .as_ref()
                    .map(|it| self.of(it, self.say("已执行裁定", "has carried the ruling out"), None));
                self.line(&[ended, done.unwrap_or_default()])
            }
            Event::StepLapsed { step, then, .. } => {
                let step = step.words(self.lang);
                let lapsed = match self.lang {
                    Lang::Zh => format!("{step}期满"),
                    Lang::En => format!("the time of this step passed: {step}"),
                };
                self.line(&[lapsed, self.then(then)])
            }
            Event::DeadlineRevised => self
                .say(
                    "按新公布的日历重新计算期限",
                    "deadline computed again by a new calendar",
                )
                .to_owned(),
            Event::CommandRejected { command, rejection } => {
                let (zh, en) = rejection_words(&rejection.code);
                format!(
                    "{} {command} ({}): {}",
                    self.say("被拒绝", "refused"),
                    rejection.code,
                    self.lang.choose(zh, en)
                )
            }
        }
    }

    /// A party, what it says of the duty, and how far it was heard.
    pub fn party(self, party: &Party) -> String {
        let consent = party.consent.map(|accepts| {
            if accepts {
                self.say("接受协调意见", "accepts the opinion")
            } else {
                self.say("不接受协调意见", "declines the opinion")
            }
        });
        let position = match (party.position, &party.duty) {
            (Some(position), Some(duty)) => {
                let duty = format!("{} {duty}", self.say("依据", "duty"));
                self.line(&[self.position(position).to_owned(), duty])
            }
            (Some(position), None) => self.position(position).to_owned(),
            (None, _) => self.say("未陈述主张", "no position yet").to_owned(),
        };
        let replied = party.replied_at.map(|at| {
            let at = self.time(at);
            match self.lang {
                Lang::Zh => format!("{at} 答辩"),
                Lang::En => format!("replied {at}"),
            }
        });
        let withdraws = party.withdraws.then(|| self.say("同意撤回", "would withdraw"));
        self.line(&[
            format!("{}: {position}", self.agency(&party.agency)),
            replied.unwrap_or_default(),
            consent.unwrap_or_default().to_owned(),
            withdraws.unwrap_or_default().to_owned(),
        ])
    }

    /// Who may do something.
    pub fn asker(self, asker: &Asker) -> String {
        match asker {
            Asker::Agency(agency)
            | Asker::Office {
                agency: Some(agency), ..
            } => self.agency(agency),
            Asker::Office { forum, agency: None } => self.forum(forum),
            Asker::Operator => self.say("操作员", "an operator").to_owned(),
        }
    }

    pub fn forum(self, forum: &Forum) -> String {
        forum.words(self.lang, self.rulebook)
    }

    pub fn document(self, it: &Document) -> String {
        format!("{} {}", self.document_kind(it.kind), it.reference)
    }

    fn decided(self, ruling: &Ruling, forum: &Forum, appealable: bool) -> String {
        let to = Assignment {
            agency: ruling.responsible.clone(),
            penalty: None,
            assisting: ruling.assisting.clone(),
        };
        let head = self.say("裁定主办 ", "ruling: ");
        let term = ruling.term.map(|limit| {
            let limit = limit.words(self.lang);
            format!("{}{limit}", self.say("执行期限", "term "))
        });
        let appeal = if appealable {
            self.say("可申请复核", "may be appealed")
        } else {
            self.say("不再复核", "final")
        };
        self.line(&[
            self.whom(head, &to),
            ruling.basis.clone(),
            ruling.decision.reference.clone(),
            self.before(forum),
            term.unwrap_or_default(),
            appeal.to_owned(),
        ])
    }

    fn then(self, then: &Then) -> String {
        match then {
            Then::Next(step) => format!("{}{}", self.say("进入", "next: "), step.words(self.lang)),
            Then::Raised { to, step, skipped } => {
                let raised = format!("{}{}", self.say("提级至", "raised to "), self.forum(to));
                let next = format!("{}{}", self.say("进入", "next: "), step.words(self.lang));
                self.line(&[raised, self.passed(skipped), next])
            }
            Then::Escalated => self
                .say("已无上级，报督办部门", "nobody is above: escalated again")
                .to_owned(),
        }
    }

    fn passed(self, skipped: &[Skipped]) -> String {
        let one = |it: &Skipped| {
            let (forum, party) = (self.forum(&it.forum), self.agency(&it.party));
            match self.lang {
                Lang::Zh => format!("不由{forum}处理（{party} 是当事单位）"),
                Lang::En => format!("not before {forum} ({party} is a party)"),
            }
        };
        let all: Vec<_> = skipped.iter().map(one).collect();
        all.join(self.say("，", ", "))
    }

    fn before(self, forum: &Forum) -> String {
        format!("{}{}", self.say("由", "before "), self.forum(forum)) + self.say("处理", "")
    }

    fn of(self, agency: &AgencyId, what: &str, document: Option<&Document>) -> String {
        let document = document.map(|it| self.document(it));
        self.line(&[
            format!("{} {what}", self.agency(agency)),
            document.unwrap_or_default(),
        ])
    }

    fn documents(self, all: &[Document]) -> String {
        let all: Vec<_> = all.iter().map(|it| self.document(it)).collect();
        all.join(self.say("、", ", "))
    }

    /// What there is to say, one after the other.
    fn line(self, parts: &[String]) -> String {
        let parts: Vec<_> = parts
            .iter()
            .filter(|it| !it.is_empty())
            .map(String::as_str)
            .collect();
        parts.join(self.say("，", ", "))
    }

    pub(crate) const fn position(self, position: Position) -> &'static str {
        match position {
            Position::Claims => self.say("主张有职责", "claims it"),
            Position::Denies => self.say("主张无职责", "denies it"),
        }
    }

    const fn ground(self, ground: Ground) -> &'static str {
        match ground {
            Ground::InternalMatter => self.say("属单位内部事务", "an internal matter"),
            Ground::AgencyAgainstCitizen => {
                self.say("属行政机关与相对人之间的争议", "between an agency and a citizen")
            }
            Ground::NotCompetent => self.say("不属受理范围", "not for this forum"),
        }
    }

    const fn clue_end(self, how: ClueEnd) -> &'static str {
        match how {
            ClueEnd::Closed => self.say("线索已闭环", "its clue was closed"),
            ClueEnd::Voided => self.say("线索已作废", "its clue was voided"),
            ClueEnd::Rejected => self.say("线索不予受理", "its clue was rejected"),
            ClueEnd::Merged => self.say("线索已并案", "its clue was merged"),
        }
    }

    pub(crate) const fn document_kind(self, kind: DocumentKind) -> &'static str {
        match kind {
            DocumentKind::Minutes => self.say("记录", "minutes"),
            DocumentKind::Application => self.say("申请书", "application"),
            DocumentKind::Reply => self.say("答辩意见", "reply"),
            DocumentKind::Opinion => self.say("协调意见书", "opinion"),
            DocumentKind::Decision => self.say("裁定书", "decision"),
            DocumentKind::Other => self.say("材料", "paper"),
        }
    }
}

#[cfg(test)]
mod tests {
    use bihuan_domain::digest::Digest;
    use bihuan_domain::dispute::{Paper, Step};
    use bihuan_domain::routing::Rulebook;
    use bihuan_domain::time::Timestamp;

    use super::*;

    #[test]
    fn a_ruling_a_lapse_and_an_end_are_told_in_both_languages() {
        let agency = |id| AgencyId::new(id).expect("valid");
        let ruling = Ruling {
            responsible: agency("A"),
            assisting: vec![agency("B")],
            basis: "条例第 17 条".to_owned(),
            term: Some("5wd".parse().expect("a limit")),
            decision: Paper {
                reference: "越裁 1 号".to_owned(),
                digest: Digest::ZERO,
            },
        };
        let document = Document {
            kind: DocumentKind::Decision,
            reference: ruling.decision.reference.clone(),
            digest: Digest::ZERO,
        };
        let table = [
            (
                Event::DisputeDecided {
                    ruling,
                    forum: Forum::City,
                    document,
                    appealable: false,
                },
                "裁定主办 A，协办 B，条例第 17 条，越裁 1 号，由市协调部门处理，执行期限5个工作日，不再复核",
                "ruling: A, assisted by B, 条例第 17 条, 越裁 1 号, before the city's coordinator, term 5 working days, final",
            ),
            (
                Event::StepLapsed {
                    step: Step::Decision,
                    due_at: Timestamp::EPOCH,
                    then: Then::Raised {
                        to: Forum::CityGovernment,
                        step: Step::Opinion,
                        skipped: vec![Skipped {
                            forum: Forum::City,
                            party: agency("A"),
                        }],
                    },
                },
                "裁定期满，提级至市政府，不由市协调部门处理（A 是当事单位），进入协调意见",
                "the time of this step passed: decision, raised to the city's government, not before the city's coordinator (A is a party), next: the coordinator's opinion",
            ),
            (
                Event::ClueEnded {
                    how: ClueEnd::Closed,
                    carried_out_by: Some(agency("A")),
                },
                "线索已闭环，A 已执行裁定",
                "its clue was closed, A has carried the ruling out",
            ),
        ];
        let rulebook = Rulebook::none();
        for (event, zh, en) in table {
            for (lang, expected) in [(Lang::Zh, zh), (Lang::En, en)] {
                let rulebook = &rulebook;
                assert_eq!(Words { lang, rulebook }.dispute_event(&event), expected);
            }
        }
    }
}
