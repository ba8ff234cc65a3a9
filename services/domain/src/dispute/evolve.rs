//! Folds events into state. Total: it never validates and never panics, it only records what happened.

use super::{
    Breach, Dispute, Document, DocumentKind, Event, Occurrence, Opinion, Outcome, Party, Ruled, Standing,
    State, Step, Then,
};
use crate::code::AgencyId;
use crate::time::Timestamp;

/// The state after `occurrence`.
pub fn evolve(state: &mut State, occurrence: &Occurrence) {
    state.version = occurrence.version;
    state.last_at = occurrence.at;
    state.handle(occurrence.command);
    follow(&mut state.dispute, occurrence);
}

/// The dispute after `occurrence`.
pub(super) fn follow(dispute: &mut Option<Dispute>, it: &Occurrence) {
    if let Event::DisputeOpened { .. } = &it.event {
        *dispute = opened(it);
    } else if let Some(dispute) = dispute {
        apply(dispute, it);
    }
    wind(dispute, it);
}

/// Takes over the deadline that the event has.
pub(super) fn wind(dispute: &mut Option<Dispute>, it: &Occurrence) {
    if let (Some(dispute), Some(new)) = (dispute, &it.deadline)
        && let Standing::Open { deadline, since, .. } = &mut dispute.standing
    {
        // a step may begin later than what led to it
        if deadline.is_none() {
            *since = new.since;
        }
        *deadline = Some(new.clone());
    }
}

fn opened(it: &Occurrence) -> Option<Dispute> {
    let Event::DisputeOpened {
        opening,
        jurisdiction,
        interim,
    } = &it.event
    else {
        return None;
    };
    Some(Dispute {
        id: it.dispute,
        parties: opening.parties.iter().map(Party::from).collect(),
        opening: opening.clone(),
        opened_by: it.actor.clone(),
        opened_at: it.at,
        forum: jurisdiction.forum.clone(),
        jurisdiction: jurisdiction.clone(),
        interim: interim.clone(),
        lead: None,
        applicant: None,
        opinion: None,
        rulings: Vec::new(),
        appeals: 0,
        appellant: None,
        taken_up_at: None,
        breaches: Vec::new(),
        documents: Vec::new(),
        standing: open(Step::Negotiation, it.at),
    })
}

/// One arm an event; what takes more than a line is below.
fn apply(dispute: &mut Dispute, it: &Occurrence) {
    match &it.event {
        Event::DisputeOpened { .. } | Event::DeadlineRevised | Event::CommandRejected { .. } => {}
        Event::PositionStated {
            agency,
            position,
            duty,
            documents,
        } => {
            dispute.documents.extend(documents.iter().cloned());
            with(dispute, agency, |party| {
                (party.position, party.duty) = (Some(*position), Some(duty.clone()));
            });
        }
        Event::MinutesRecorded { agreed, document } => {
            dispute.documents.push(document.clone());
            if agreed.is_none() {
                enter(dispute, Step::Application, it.at);
            }
        }
        Event::DisputeSettled { agency, by } => {
            let (agency, by) = (agency.clone(), *by);
            end(dispute, Outcome::Settled { agency, by }, it.at);
        }
        Event::ApplicationMade { by, document } => {
            dispute.applicant = Some(by.clone());
            dispute.documents.push(document.clone());
            enter(dispute, Step::Acceptance, it.at);
        }
        Event::ApplicationAccepted => enter(dispute, Step::Forwarding, it.at),
        Event::ApplicationRefused { ground } => end(dispute, Outcome::Refused { ground: *ground }, it.at),
        Event::ApplicationForwarded => enter(dispute, Step::Replies, it.at),
        Event::ReplyGiven { agency, document } => {
            dispute.documents.push(document.clone());
            with(dispute, agency, |party| party.replied_at = Some(it.at));
        }
        Event::RepliesComplete => enter(dispute, Step::Opinion, it.at),
        Event::MeetingRecorded { document } => dispute.documents.push(document.clone()),
        Event::OpinionGiven {
            agency,
            forum,
            document,
        } => {
            dispute.documents.push(document.clone());
            dispute.opinion = Some(Opinion {
                agency: agency.clone(),
                forum: forum.clone(),
                at: it.at,
            });
            dispute.parties.iter_mut().for_each(|party| party.consent = None);
            enter(dispute, Step::Consent, it.at);
        }
        Event::OpinionAccepted { agency } => with(dispute, agency, |party| party.consent = Some(true)),
        Event::OpinionDeclined { agency } => {
            with(dispute, agency, |party| party.consent = Some(false));
            enter(dispute, Step::Decision, it.at);
        }
        Event::WithdrawalAgreed { agency } => with(dispute, agency, |party| party.withdraws = true),
        Event::DisputeWithdrawn => end(dispute, Outcome::Withdrawn, it.at),
        Event::PartyAdded {
            claim,
            jurisdiction,
            forum,
        } => {
            dispute.parties.push(claim.into());
            dispute.jurisdiction = jurisdiction.clone();
            let is_elsewhere = dispute.forum != *forum;
            dispute.forum = forum.clone();
            joined(dispute, is_elsewhere, it.at);
        }
        Event::LeadNamed { agency, interim } => {
            dispute.lead = Some(agency.clone());
            dispute.interim = interim.clone();
        }
        Event::StepLapsed { step, then, .. } => lapsed(dispute, *step, then, it.at),
        Event::DisputeDecided { .. }
        | Event::RulingAppealed { .. }
        | Event::AppealWithdrawn { .. }
        | Event::RulingTakenUp { .. }
        | Event::ClueEnded { .. } => ruled(dispute, it),
    }
}

/// Of a ruling and after it.
fn ruled(dispute: &mut Dispute, it: &Occurrence) {
    match &it.event {
        Event::DisputeDecided {
            ruling,
            forum,
            document,
            appealable,
        } => {
            dispute.documents.push(document.clone());
            dispute.rulings.push(Ruled {
                ruling: ruling.clone(),
                forum: forum.clone(),
                at: it.at,
            });
            (dispute.appellant, dispute.taken_up_at) = (None, None);
            let next = if *appealable {
                Step::AppealWindow
            } else {
                Step::TakingUp
            };
            enter(dispute, next, it.at);
        }
        Event::RulingAppealed {
            agency, to, document, ..
        } => {
            dispute.documents.push(document.clone());
            dispute.appeals = dispute.appeals.saturating_add(1);
            dispute.appellant = Some(agency.clone());
            dispute.taken_up_at = None;
            dispute.forum = to.clone();
            enter(dispute, Step::Decision, it.at);
        }
        Event::AppealWithdrawn { .. } => {
            dispute.appellant = None;
            enter(dispute, Step::TakingUp, it.at);
        }
        Event::RulingTakenUp { .. } => {
            dispute.taken_up_at = Some(it.at);
            repent(dispute, it.at);
            // until its end the ruling may still be appealed
            if dispute.step() != Some(Step::AppealWindow) {
                enter(dispute, Step::Compliance, it.at);
            }
        }
        Event::ClueEnded { how, carried_out_by } => {
            repent(dispute, it.at);
            let outcome = match carried_out_by {
                Some(agency) => Outcome::CarriedOut {
                    agency: agency.clone(),
                },
                None => Outcome::ClueEnded { how: *how },
            };
            end(dispute, outcome, it.at);
        }
        _ => {}
    }
}

/// The time of the step is over.
fn lapsed(dispute: &mut Dispute, step: Step, then: &Then, at: Timestamp) {
    match then {
        Then::Next(next) => {
            if *next == Step::Breach {
                breached(dispute, at);
            }
            enter(dispute, *next, at);
        }
        Then::Raised { to, step, .. } => {
            dispute.forum = to.clone();
            enter(dispute, *step, at);
        }
        Then::Escalated => {
            let again = match &dispute.standing {
                Standing::Open { escalations, .. } => escalations.saturating_add(1),
                Standing::Ended { .. } => return,
            };
            dispute.standing = Standing::Open {
                step,
                since: at,
                escalations: again,
                deadline: None,
            };
        }
    }
}

/// Who comes in after the application was forwarded must be heard too; another forum has its own time.
fn joined(dispute: &mut Dispute, is_elsewhere: bool, at: Timestamp) {
    match dispute.step() {
        Some(Step::Replies | Step::Opinion | Step::Consent | Step::Decision) => {
            enter(dispute, Step::Forwarding, at);
        }
        Some(step @ (Step::Acceptance | Step::Forwarding)) if is_elsewhere => enter(dispute, step, at),
        _ => {}
    }
}

fn breached(dispute: &mut Dispute, since: Timestamp) {
    let designated = dispute.ruling().map(|ruling| ruling.responsible.clone());
    dispute.breaches.extend(designated.map(|agency| Breach {
        agency,
        since,
        ended: None,
    }));
}

/// A breach that lasts is over, and stays on record.
fn repent(dispute: &mut Dispute, at: Timestamp) {
    if let Some(breach) = dispute.breaches.last_mut() {
        breach.ended.get_or_insert(at);
    }
}

const fn open(step: Step, since: Timestamp) -> Standing {
    Standing::Open {
        step,
        since,
        escalations: 0,
        deadline: None,
    }
}

fn enter(dispute: &mut Dispute, step: Step, at: Timestamp) {
    if dispute.is_open() {
        dispute.standing = open(step, at);
    }
}

fn end(dispute: &mut Dispute, outcome: Outcome, at: Timestamp) {
    if dispute.is_open() {
        dispute.standing = Standing::Ended { outcome, at };
    }
}

fn with(dispute: &mut Dispute, agency: &AgencyId, change: impl FnOnce(&mut Party)) {
    if let Some(party) = dispute.party_mut(agency) {
        change(party);
    }
}

impl Dispute {
    /// What was filed last of a kind.
    pub fn document(&self, kind: DocumentKind) -> Option<&Document> {
        self.documents.iter().rev().find(|it| it.kind == kind)
    }
}
