//! What can be asked of an open dispute now, and by whom: for people who look what comes next. The rules themselves are under
//! `decide/`; a test holds this against them.

use serde::{Deserialize, Serialize};

use super::{Cause, Dispute, DisputePolicy, Forum, InterimRule, Party, Step};
use crate::clue::words;
use crate::code::AgencyId;

words!(
    /// What people ask of a dispute, by the name that it has outside.
    Ask {
        StatePosition = "state_position",
        RecordMinutes = "record_minutes",
        Apply = "apply",
        AcceptApplication = "accept_application",
        RefuseApplication = "refuse_application",
        ForwardApplication = "forward_application",
        Reply = "reply",
        RecordMeeting = "record_meeting",
        GiveOpinion = "give_opinion",
        AcceptOpinion = "accept_opinion",
        DeclineOpinion = "decline_opinion",
        DecideDispute = "decide_dispute",
        WithdrawDispute = "withdraw_dispute",
        AppealRuling = "appeal_ruling",
        AddParty = "add_party",
        NameLead = "name_lead",
        NoteTakenUp = "note_taken_up",
    }
);

/// Something that can be asked now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    pub ask: Ask,
    /// The open step waits for it; the others may be asked besides.
    pub awaited: bool,
    /// At least one.
    pub by: Vec<Asker>,
}

/// Who may ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asker {
    Agency(AgencyId),
    /// `agency`: the one that the policy names; none: any of that level and county that is no party.
    Office {
        forum: Forum,
        agency: Option<AgencyId>,
    },
    Operator,
}

/// What the dispute offers; nothing once it has ended. What the open step waits for comes first.
pub fn offers(dispute: &Dispute, policy: &DisputePolicy) -> Vec<Offer> {
    let Some(step) = dispute.step() else {
        return Vec::new();
    };
    let scene = Scene { dispute, policy };
    let mut all = scene.of_step(step);
    if dispute.rulings.is_empty() {
        all.push(besides(Ask::StatePosition, scene.parties(|_| true)));
        all.push(besides(Ask::AddParty, vec![scene.coordinates(), Asker::Operator]));
        if policy.interim_holder == InterimRule::DesignatedLead {
            all.push(besides(Ask::NameLead, vec![scene.coordinates()]));
        }
    }
    all.push(besides(Ask::WithdrawDispute, scene.withdraws(step)));
    all.retain(|offer| !offer.by.is_empty());
    all
}

#[derive(Clone, Copy)]
struct Scene<'a> {
    dispute: &'a Dispute,
    policy: &'a DisputePolicy,
}

impl Scene<'_> {
    fn of_step(self, step: Step) -> Vec<Offer> {
        let awaited = |ask, by| Offer {
            ask,
            awaited: true,
            by,
        };
        let office = || vec![self.coordinates()];
        match step {
            Step::Negotiation => {
                let mut by = self.parties(|_| true);
                by.push(self.coordinates());
                vec![awaited(Ask::RecordMinutes, by)]
            }
            Step::Application => vec![awaited(Ask::Apply, self.parties(|_| true))],
            Step::Acceptance if self.policy.excluded.is_empty() => {
                vec![awaited(Ask::AcceptApplication, office())]
            }
            Step::Acceptance => vec![
                awaited(Ask::AcceptApplication, office()),
                awaited(Ask::RefuseApplication, office()),
            ],
            Step::Forwarding => vec![awaited(Ask::ForwardApplication, office())],
            Step::Replies => {
                let applicant = self.dispute.applicant.as_ref();
                let waits = |it: &Party| it.replied_at.is_none() && applicant != Some(&it.agency);
                vec![awaited(Ask::Reply, self.parties(waits))]
            }
            Step::Opinion => vec![
                awaited(Ask::GiveOpinion, office()),
                awaited(Ask::RecordMeeting, office()),
            ],
            Step::Consent => {
                let silent = || self.parties(|it| it.consent.is_none());
                vec![
                    awaited(Ask::AcceptOpinion, silent()),
                    awaited(Ask::DeclineOpinion, silent()),
                ]
            }
            Step::Decision => vec![awaited(Ask::DecideDispute, vec![self.decides()])],
            Step::AppealWindow => vec![
                awaited(Ask::AppealRuling, self.parties(|_| true)),
                besides(Ask::NoteTakenUp, self.takes_up()),
            ],
            Step::TakingUp | Step::Breach => vec![awaited(Ask::NoteTakenUp, self.takes_up())],
            Step::Compliance => Vec::new(),
        }
    }

    fn parties(self, which: impl Fn(&Party) -> bool) -> Vec<Asker> {
        let parties = self.dispute.parties.iter().filter(|it| which(it));
        parties.map(|it| Asker::Agency(it.agency.clone())).collect()
    }

    /// Of an appeal whoever made it; of the dispute the parties, and the coordinator who opened it while nothing was applied for.
    fn withdraws(self, step: Step) -> Vec<Asker> {
        let mut by = match &self.dispute.appellant {
            Some(appellant) => self.parties(|it| it.agency == *appellant),
            None if self.dispute.rulings.is_empty() => self.parties(|it| !it.withdraws),
            None => Vec::new(),
        };
        let begins = matches!(step, Step::Negotiation | Step::Application);
        if begins && self.dispute.opening.cause == Cause::ByCoordinator {
            by.push(self.coordinates());
        }
        by
    }

    fn takes_up(self) -> Vec<Asker> {
        let waits = self.dispute.taken_up_at.is_none();
        let agency = self.dispute.responsible().filter(|_| waits);
        agency.map_or_else(Vec::new, |it| vec![Asker::Agency(it.clone()), Asker::Operator])
    }

    fn coordinates(self) -> Asker {
        let office = self.policy.office(&self.dispute.forum);
        Asker::Office {
            forum: self.dispute.forum.clone(),
            agency: office.map(|it| it.agency.clone()),
        }
    }

    fn decides(self) -> Asker {
        let office = self.policy.office(&self.dispute.forum);
        let deciding = office.map(|it| it.deciding.as_ref().unwrap_or(&it.agency));
        Asker::Office {
            forum: self.dispute.forum.clone(),
            agency: deciding.cloned(),
        }
    }
}

fn besides(ask: Ask, by: Vec<Asker>) -> Offer {
    Offer {
        ask,
        awaited: false,
        by,
    }
}
