//! What is done about a dispute: the parties talk and reply, the coordinator gives an opinion and decides, a ruling is appealed or taken
//! up. Whoever does nothing is overtaken by the deadline.

use bihuan_domain::calendar::Unit;
use bihuan_domain::clue::{Actor, Role};
use bihuan_domain::code::AgencyId;
use bihuan_domain::digest::Digest;
use bihuan_domain::dispute::{Command, Dispute, Paper, Precedent, Ruling, Standing, Step};
use bihuan_domain::time::Timestamp;

use crate::agenda::Turn;
use crate::draws::About;
use crate::year::Year;

/// So many act in the time of a step, at a moment between these parts of its working time.
const ACTS: f64 = 0.9;
const PACE: (f64, f64) = (0.2, 0.95);
/// Of those whom an opinion relieves of the duty.
const RELIEVED_ACCEPTS: f64 = 0.95;
/// Of the rulings that are appealed.
const OVERTURNED: f64 = 0.15;
/// A person takes over so many of the drafts, after so many hours of work.
const APPROVED: f64 = 0.9;
const APPROVAL: (f64, f64) = (40.0, 160.0);

impl Year<'_> {
    /// Whoever is to act at the step that the dispute came to plans that.
    pub(crate) fn plan_dispute(&mut self, number: usize, at: Timestamp) {
        let life = &self.lives[number];
        let Some(state) = life.dispute.as_ref().map(|(_, state)| state) else {
            return;
        };
        if let Some(due) = state.wakes_at() {
            self.agenda.plan(due.max(at), number, Turn::Lapse);
        }
        let Some(dispute) = state.dispute.as_ref() else {
            return;
        };
        let step = match &dispute.standing {
            Standing::Open { step, since, .. } => Some((*step, *since)),
            Standing::Ended { .. } => None,
        };
        if life.step == step {
            return;
        }
        let round = life.round + 1;
        let acting = acting(dispute, &life.case.right, round);
        let mut planned = Vec::new();
        for (place, turn) in acting.into_iter().enumerate() {
            let time = occasion(dispute) + place as u32;
            let turn_at = self.pace(number, dispute, time);
            planned.extend(turn_at.map(|it| (it.max(at), turn)));
        }
        self.lives[number].round = round;
        self.lives[number].step = step;
        for (at, turn) in planned {
            self.agenda.plan(at, number, turn);
        }
    }

    /// When somebody acts at the open step; `None`: not before its time has passed.
    fn pace(&self, number: usize, dispute: &Dispute, time: u32) -> Option<Timestamp> {
        if !self.draw(number, About::Acts, time).happens(ACTS) {
            return None;
        }
        let deadline = dispute.deadline()?;
        let calendar = &self.lives[number].book.rulebook().calendar;
        let length = calendar
            .used(None, deadline.since, deadline.at, Unit::WorkingHours)
            .ok()?;
        let (low, high) = PACE;
        let part = self.draw(number, About::Pace, time).between(low, high);
        let spent = (length as f64 * part) as i64;
        calendar.after_working_time(None, deadline.since, spent).ok()
    }

    /// The coordinator before whom it is.
    pub(crate) fn forum(&mut self, number: usize, at: Timestamp) {
        let life = &self.lives[number];
        let Some(dispute) = life.open_dispute() else {
            return;
        };
        let policy = &life.book.rulebook().policy.disputes;
        let Some(office) = policy.office(&dispute.forum) else {
            return;
        };
        let actor = Actor {
            role: Role::Coordinator,
            ..Actor::agency(office.agency.clone())
        };
        let right = life.case.right.clone();
        let command = match dispute.step() {
            Some(Step::Acceptance) => Command::AcceptApplication,
            Some(Step::Forwarding) => Command::ForwardApplication,
            Some(Step::Opinion) => Command::GiveOpinion {
                agency: right,
                opinion: paper("意见书"),
            },
            Some(Step::Decision) => {
                let is_review = !dispute.rulings.is_empty();
                let overturned = is_review && self.draw(number, About::Overturns, 0).happens(OVERTURNED);
                Command::DecideDispute(Ruling {
                    responsible: if overturned {
                        life.case.wrong.clone()
                    } else {
                        right
                    },
                    assisting: Vec::new(),
                    basis: "三定方案".to_owned(),
                    term: None,
                    decision: paper("裁定书"),
                })
            }
            _ => return,
        };
        self.ask_dispute(number, at, actor, command);
    }

    /// A party.
    pub(crate) fn party(&mut self, number: usize, at: Timestamp, agency: &AgencyId) {
        let life = &self.lives[number];
        let Some(dispute) = life.open_dispute() else {
            return;
        };
        let habit = self.city.habit(agency);
        let happens = |about, probability| self.draw(number, about, dispute.appeals).happens(probability);
        let command = match dispute.step() {
            Some(Step::Negotiation) => {
                let agrees = *agency == life.case.right && happens(About::Agrees, habit.agrees);
                Command::RecordMinutes {
                    agreed: agrees.then(|| agency.clone()),
                    minutes: paper("协商记录"),
                }
            }
            Some(Step::Replies) => Command::Reply {
                reply: paper("答辩意见"),
            },
            Some(Step::Consent) => {
                let is_named = dispute.opinion.as_ref().is_some_and(|it| it.agency == *agency);
                let accepts = if is_named { habit.accepts } else { RELIEVED_ACCEPTS };
                if happens(About::Consents, accepts) {
                    Command::AcceptOpinion
                } else {
                    Command::DeclineOpinion
                }
            }
            Some(Step::AppealWindow) => {
                let is_final = dispute.appeals > 0 || dispute.forum.above().is_none();
                if !is_final && happens(About::Appeals, habit.appeals) {
                    Command::AppealRuling {
                        application: paper("复核申请"),
                    }
                } else if happens(About::TakesUp, habit.agrees) {
                    Command::NoteTakenUp {
                        agency: agency.clone(),
                    }
                } else {
                    return;
                }
            }
            _ => return,
        };
        self.ask_dispute(number, at, Actor::agency(agency.clone()), command);
    }

    /// A person may take the draft over.
    pub(crate) fn propose(&mut self, number: usize, at: Timestamp, precedent: Precedent) {
        if self.draw(number, About::Approves, 0).happens(APPROVED) {
            let (low, high) = APPROVAL;
            let hours = self.draw(number, About::Approval, 0).between(low, high);
            let at = self.later(number, at, hours);
            self.agenda.plan(at, number, Turn::TakeOver(Box::new(precedent)));
        }
    }
}

/// Tells the occasions to act apart: by step, level, appeal, and how often it was escalated. Whoever did nothing may do so at the next.
fn occasion(dispute: &Dispute) -> u32 {
    let Standing::Open {
        step, escalations, ..
    } = &dispute.standing
    else {
        return 0;
    };
    let parts = [
        *step as u32,
        dispute.forum.level() as u32,
        dispute.appeals,
        *escalations,
    ];
    parts.iter().fold(0, |sum, part| sum * 64 + part) * 16
}

/// Whoever is to act at the open step.
fn acting(dispute: &Dispute, right: &AgencyId, round: u32) -> Vec<Turn> {
    let party = |agency: &AgencyId| Turn::Party {
        round,
        agency: agency.clone(),
    };
    let all = || dispute.parties.iter();
    match dispute.step() {
        // one of them puts down what came of the talks: whoever might take it
        Some(Step::Negotiation) => vec![party(right)],
        Some(Step::Acceptance | Step::Forwarding | Step::Opinion | Step::Decision) => {
            vec![Turn::Forum { round }]
        }
        Some(Step::Replies) => all()
            .filter(|it| it.replied_at.is_none())
            .map(|it| party(&it.agency))
            .collect(),
        Some(Step::Consent) => all().map(|it| party(&it.agency)).collect(),
        Some(Step::AppealWindow) => dispute.responsible().map(party).into_iter().collect(),
        Some(Step::Application | Step::TakingUp | Step::Breach | Step::Compliance) | None => Vec::new(),
    }
}

fn paper(reference: &str) -> Paper {
    Paper {
        reference: reference.to_owned(),
        digest: Digest::of([reference.as_bytes()]),
    }
}
