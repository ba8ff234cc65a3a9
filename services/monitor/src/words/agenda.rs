//! What a joint meeting talks about, in words.

use bihuan_domain::code::{AgencyId, AreaCode, MatterCode};
use bihuan_domain::dispute::{Item, Measure, Open, Pair, Precedent, ProposalGround, Rival, Subject};
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::Group;
use serde::Serialize;
use utoipa::ToSchema;

use super::Words;

/// An item as it is listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AgendaRow {
    /// From 1, in the order of the agenda.
    pub number: usize,
    /// By which minutes name it.
    pub id: String,
    /// `dispute`, `breach`, `pair`, `triage`, `contradiction`.
    pub kind: &'static str,
    pub kind_words: &'static str,
    pub subject: String,
    pub days: u64,
    pub weight: u64,
    /// What is proposed: a word that minutes can have as the outcome.
    pub outcome: &'static str,
    /// On whom.
    #[schema(value_type = Option<String>)]
    pub agency: Option<AgencyId>,
    pub proposal: String,
    /// Of a dispute or breach.
    pub dispute: Option<String>,
    pub clue: Option<String>,
}

/// The columns for people.
pub const fn agenda_header(lang: Lang) -> [&'static str; 7] {
    match lang {
        Lang::Zh => ["序号", "类别", "议题", "天数", "权重", "建议", "议题编号"],
        Lang::En => [
            "no.",
            "kind",
            "subject",
            "days",
            "weight",
            "proposed outcome",
            "item",
        ],
    }
}

impl AgendaRow {
    /// In the order of [`agenda_header`].
    pub fn cells(&self) -> [String; 7] {
        [
            self.number.to_string(),
            self.kind_words.to_owned(),
            self.subject.clone(),
            self.days.to_string(),
            self.weight.to_string(),
            self.proposal.clone(),
            self.id.clone(),
        ]
    }
}

impl Words<'_> {
    /// All of them, numbered.
    pub fn agenda(self, items: &[Item]) -> Vec<AgendaRow> {
        (1..)
            .zip(items)
            .map(|(number, it)| self.agenda_row(number, it))
            .collect()
    }

    fn agenda_row(self, number: usize, item: &Item) -> AgendaRow {
        let (kind, zh, en) = match &item.subject {
            Subject::Dispute(_) => ("dispute", "未决争议", "open dispute"),
            Subject::Breach { .. } => ("breach", "拒不执行裁定", "breach of a ruling"),
            Subject::Pair(_) => ("pair", "反复推诿的单位", "recurring pair"),
            Subject::Unowned(_) => ("triage", "无主管单位的事项", "matter without an owner"),
            Subject::Contradiction(_) => ("contradiction", "相互矛盾的裁定", "contradictory rulings"),
        };
        let open = match &item.subject {
            Subject::Dispute(it) | Subject::Breach { dispute: it, .. } => Some(it),
            _ => None,
        };
        AgendaRow {
            number,
            id: item.id(),
            kind,
            kind_words: self.say(zh, en),
            subject: self.agenda_subject(item),
            days: item.days,
            weight: item.weight,
            outcome: item.proposal.measure.as_str(),
            agency: item.proposal.agency.clone(),
            proposal: self.agenda_proposal(item),
            dispute: open.map(|it| it.dispute.to_string()),
            clue: open.map(|it| it.clue.to_string()),
        }
    }

    fn agenda_subject(self, item: &Item) -> String {
        match &item.subject {
            Subject::Dispute(open) => self.open_dispute(open),
            Subject::Breach { agency, dispute } => {
                let (agency, about) = (
                    self.agency(agency),
                    self.about(dispute.matter.as_ref(), dispute.area.as_ref()),
                );
                match self.lang {
                    Lang::Zh => format!("{agency} 逾期未按裁定接办：{about}"),
                    Lang::En => format!("{agency} did not take up in time what was ruled: {about}"),
                }
            }
            Subject::Pair(pair) => self.pair(pair),
            Subject::Unowned(it) => self.unowned(&it.0),
            Subject::Contradiction(both) => {
                let about = self.about(Some(&both.0.matter), Some(&both.0.area));
                let (one, other) = (self.held(&both.0), self.held(&both.1));
                match self.lang {
                    Lang::Zh => format!("{about}：{one}；{other}"),
                    Lang::En => format!("{about}: {one}; {other}"),
                }
            }
        }
    }

    fn open_dispute(self, open: &Open) -> String {
        let about = self.about(open.matter.as_ref(), open.area.as_ref());
        let parties: Vec<_> = open.parties.iter().map(|it| self.agency(it)).collect();
        let parties = parties.join(self.say("、", ", "));
        let (forum, step) = (self.forum(&open.forum), open.step.words(self.lang));
        let due = open.due.map(|at| self.time(at));
        let due = match (self.lang, due) {
            (_, None) => String::new(),
            (Lang::Zh, Some(at)) => format!("，期限 {at}"),
            (Lang::En, Some(at)) => format!(", due {at}"),
        };
        match self.lang {
            Lang::Zh => format!("{about}：{parties}；{forum}，{step}{due}"),
            Lang::En => format!("{about}: {parties}; before {forum}, {step}{due}"),
        }
    }

    fn pair(self, pair: &Pair) -> String {
        let [one, other] = pair.agencies.each_ref().map(|it| self.agency(it));
        let (disputes, hand_overs) = (pair.disputes, pair.hand_overs);
        match self.lang {
            Lang::Zh => format!("{one} 与 {other}：争议 {disputes} 件，互转 {hand_overs} 次"),
            Lang::En => format!("{one} and {other}: disputes {disputes}, hand-overs {hand_overs}"),
        }
    }

    fn unowned(self, group: &Group) -> String {
        let cause = &group.cause;
        let matter = cause.matter.as_ref().map(|it| self.matter(it));
        let matter = matter.or_else(|| cause.source_matter.as_ref().map(|it| format!("“{it}”")));
        let area = cause.county.as_ref().map(|it| self.area(it));
        let area = area.or_else(|| cause.source_area.as_ref().map(|it| format!("“{it}”")));
        let about: Vec<_> = matter.into_iter().chain(area).collect();
        let (about, clues, why) = (about.join(self.say("，", ", ")), group.clues, self.waits(cause));
        match self.lang {
            Lang::Zh => format!("{about}：{clues} 条线索待分派，{why}"),
            Lang::En => format!("{about}: {clues} clues wait, {why}"),
        }
    }

    fn held(self, it: &Precedent) -> String {
        let (agency, basis, dispute) = (self.agency(&it.agency), &it.basis, it.provenance);
        match self.lang {
            Lang::Zh => format!("{agency}（{basis}，{} 起，争议 {dispute}）", it.from),
            Lang::En => format!("{agency} ({basis}, from {}, dispute {dispute})", it.from),
        }
    }

    fn about(self, matter: Option<&MatterCode>, area: Option<&AreaCode>) -> String {
        let matter = matter.map_or_else(
            || self.say("事项不明", "matter unknown").to_owned(),
            |it| self.matter(it),
        );
        let area = area.map_or_else(
            || self.say("区域不明", "area unknown").to_owned(),
            |it| self.area(it),
        );
        format!("{matter}{}{area}", self.say("，", ", "))
    }

    fn agenda_proposal(self, item: &Item) -> String {
        let measure = match (item.proposal.measure, &item.subject) {
            (Measure::RecordMeeting, _) => ("形成会议纪要", "record the minutes"),
            (Measure::GiveOpinion, _) => ("提出协调意见", "give an opinion"),
            (Measure::DecideDispute, _) => ("作出裁定", "make a ruling"),
            (Measure::None, Subject::Dispute(_)) => {
                ("尚在办理，听取情况", "it goes its way; hear how it stands")
            }
            (Measure::None, Subject::Breach { .. }) => (
                "督促接办，必要时追责",
                "have it taken up, and ask who answers for it",
            ),
            (Measure::None, Subject::Pair(_)) => ("厘清两单位职责边界", "draw the line between their duties"),
            (Measure::None, Subject::Unowned(_)) => (
                "明确主管单位，补入规则库",
                "name an owner, and add the row to the rulebook",
            ),
            (Measure::None, Subject::Contradiction(_)) => {
                ("择一采用，写入规则库", "choose one of them for the rulebook")
            }
        };
        let measure = self.say(measure.0, measure.1);
        let Some(agency) = &item.proposal.agency else {
            return measure.to_owned();
        };
        let agency = self.agency(agency);
        let why = match (self.lang, item.proposal.ground) {
            (_, None) => String::new(),
            (Lang::Zh, Some(ProposalGround::Precedent(it))) => format!("（争议 {it} 已如此确定）"),
            (Lang::En, Some(ProposalGround::Precedent(it))) => format!(" (as in dispute {it})"),
            (Lang::Zh, Some(ProposalGround::Row(line))) => format!("（duties.csv 第 {line} 行）"),
            (Lang::En, Some(ProposalGround::Row(line))) => format!(" (duties.csv line {line})"),
            (Lang::Zh, Some(ProposalGround::Closed)) => "（过去多由其办结）".to_owned(),
            (Lang::En, Some(ProposalGround::Closed)) => " (it closed most of them)".to_owned(),
        };
        match self.lang {
            Lang::Zh => format!("{measure}：{agency}{why}"),
            Lang::En => format!("{measure}: {agency}{why}"),
        }
    }

    /// What becomes of a row that stands against a precedent.
    pub const fn rival(self, rival: Rival) -> &'static str {
        let (zh, en) = match rival {
            Rival::Ties => (
                "同级并列：两行并存时线索转人工分派，请为其中一行写明截止日（to）",
                "it ties: with both, clues go to triage; give one of them an end (to)",
            ),
            Rival::Wins => (
                "更强：在其范围内仍按该行分派；如不再适用，请写明截止日（to）",
                "it is stronger and goes on deciding where it holds; give it an end (to) if it is not to",
            ),
            Rival::Yields => (
                "更弱：在先例范围内不再适用",
                "it is weaker and decides no more where the precedent holds",
            ),
        };
        self.say(zh, en)
    }
}
