//! What is done about a clue: it is reported, routed, looked at, returned, handled, checked.

use bihuan_domain::clue::{
    Actor, Class, Command, Conclusion, Origin, Progress, Report, Resolution, Role, RoutingDecision, Stage,
};
use bihuan_domain::code::AgencyId;
use bihuan_domain::digest::Digest;
use bihuan_domain::id::RecordId;
use bihuan_domain::routing::{Answer, Subject};
use bihuan_domain::time::Timestamp;

use crate::draws::About;
use crate::habit::RETURNS_FOREIGN;
use crate::year::{SOURCE, Year};

/// Hours of work until an agency looks at what it got.
const LOOK: (f64, f64) = (1.0, 24.0);
/// Of those that mean to return it, so many look in time where there is a window, and by then.
const HURRY: f64 = 0.7;
const HURRIED: (f64, f64) = (1.0, 12.0);
/// Until it takes up what it was designated for, and where it ignores that.
const TAKING_UP: (f64, f64) = (0.5, 6.0);
const IGNORED: (f64, f64) = (16.0, 120.0);
const HANDLING: (f64, f64) = (4.0, 80.0);
/// So much longer whoever denies the duty takes.
const RELUCTANT: f64 = 1.5;
const CHECK: (f64, f64) = (1.0, 8.0);

impl Year<'_> {
    pub(crate) fn report(&mut self, number: usize, at: Timestamp) -> Result<(), String> {
        let life = &mut self.lives[number];
        life.book = self.books.current();
        let report = report(self.source.clone(), number, life).map_err(|error| error.to_string())?;
        self.ask(
            number,
            at,
            Actor::service(Role::Source),
            Command::ReportClue(report),
        );
        Ok(())
    }

    /// Whose duty it is, as routing says.
    pub(crate) fn route(&mut self, number: usize, at: Timestamp) {
        let life = &self.lives[number];
        let rulebook = life.book.rulebook();
        let subject = Subject {
            source: self.source.clone(),
            reported_at: life.reported_at,
            is_dated: true,
            matter: Some(life.case.matter.clone()),
            area: Some(life.case.area.clone()),
            severity: None,
            attributes: Vec::new(),
        };
        let answer = life.book.decide(&subject.question(&rulebook.zone));
        let decision = answer.decision(rulebook);
        let command = match answer {
            Answer::Assigned { assignment, row } => {
                self.lives[number].tally.by_precedent = self.books.is_precedent(row);
                Command::AssignClue {
                    agency: assignment.agency,
                    penalty: assignment.penalty,
                    assisting: assignment.assisting,
                    decision,
                }
            }
            Answer::Triage { .. } => Command::HoldForTriage { decision },
        };
        self.ask(number, at, Actor::service(Role::Routing), command);
    }

    /// No row says whose it is: the desk names one of the two.
    pub(crate) fn dispatch(&mut self, number: usize, at: Timestamp) {
        let life = &self.lives[number];
        let names_right = self.draw(number, About::Guess, 0).happens(0.5);
        let agency = if names_right {
            &life.case.right
        } else {
            &life.case.wrong
        };
        let command = Command::AssignClue {
            agency: agency.clone(),
            penalty: None,
            assisting: Vec::new(),
            decision: RoutingDecision {
                rulebook: life.book.rulebook().version.clone(),
                row: None,
                reason: "by_person".to_owned(),
            },
        };
        self.ask(number, at, Actor::service(Role::Coordinator), command);
    }

    /// When whoever got the clue looks at it.
    pub(crate) fn first_look(&self, number: usize, at: Timestamp) -> Timestamp {
        let life = &self.lives[number];
        let draw = |about| self.draw(number, about, life.hand);
        let (low, high) = match life.holder() {
            Some(agency) if life.clue.clue.as_ref().is_some_and(|it| it.designated) => {
                let ignores = draw(About::Obeys).happens(self.city.habit(agency).ignores);
                if ignores { IGNORED } else { TAKING_UP }
            }
            Some(agency)
                if self.setting.has_window()
                    && life.open_dispute().is_none()
                    && self.means_to_return(number, agency)
                    && draw(About::Hurry).happens(HURRY) =>
            {
                HURRIED
            }
            _ => LOOK,
        };
        self.later(number, at, draw(About::Look).skewed(low, high))
    }

    /// Whether it says that the clue is not its duty.
    fn means_to_return(&self, number: usize, agency: &AgencyId) -> bool {
        let life = &self.lives[number];
        let habit = self.city.habit(agency);
        let is_right = *agency == life.case.right;
        let probability = match (is_right, life.case.is_contested, life.tally.by_precedent) {
            (true, true, true) => habit.returns_settled,
            (false, true, true) | (false, false, _) => RETURNS_FOREIGN,
            (_, true, false) => habit.returns_contested,
            (true, false, _) => habit.returns_own,
        };
        self.draw(number, About::Return, life.hand).happens(probability)
    }

    pub(crate) fn look(&mut self, number: usize, at: Timestamp) {
        let life = &self.lives[number];
        let Some(clue) = &life.clue.clue else { return };
        let Stage::Held {
            by,
            progress: Progress::Dispatched,
        } = &clue.stage
        else {
            return;
        };
        let agency = by.agency.clone();
        if clue.designated {
            self.take_up(number, at, &agency);
        } else if life.open_dispute().is_some() {
            // it only holds it meanwhile
            let handles = self.city.habit(&agency).handles_meanwhile;
            if self.draw(number, About::Meanwhile, 0).happens(handles) {
                self.take_up(number, at, &agency);
            }
        } else if !self.means_to_return(number, &agency) {
            self.take_up(number, at, &agency);
        } else {
            let command = Command::RequestReturn {
                duty: "三定方案".to_owned(),
                proposed: life.other(&agency).clone(),
            };
            if !self.ask(number, at, Actor::agency(agency.clone()), command) {
                self.lives[number].tally.barred += 1;
                self.take_up(number, at, &agency);
            }
        }
    }

    fn take_up(&mut self, number: usize, at: Timestamp, agency: &AgencyId) {
        let actor = Actor::agency(agency.clone());
        self.ask(number, at, actor.clone(), Command::AcknowledgeClue);
        self.ask(number, at, actor, Command::StartHandling);
        let life = &self.lives[number];
        let is_settled = life.tally.by_precedent || life.clue.clue.as_ref().is_some_and(|it| it.designated);
        let denies = *agency != life.case.right || (life.case.is_contested && !is_settled);
        let (low, high) = HANDLING;
        let hours = self.draw(number, About::Handling, 0).skewed(low, high);
        let at = self.later(number, at, if denies { hours * RELUCTANT } else { hours });
        let hand = life.hand;
        self.agenda.plan(at, number, crate::agenda::Turn::Finish { hand });
    }

    pub(crate) fn finish(&mut self, number: usize, at: Timestamp) {
        let Some(agency) = self.lives[number].holder().cloned() else {
            return;
        };
        let resolution = Resolution {
            conclusion: Conclusion::Rectified,
            measures: Vec::new(),
            evidence: Vec::new(),
            substantiated: None,
            matter: None,
            legal_basis: None,
            document_number: None,
        };
        if self.ask(
            number,
            at,
            Actor::agency(agency),
            Command::ResolveClue(resolution),
        ) {
            let (low, high) = CHECK;
            let hours = self.draw(number, About::Check, 0).skewed(low, high);
            let at = self.later(number, at, hours);
            self.agenda.plan(at, number, crate::agenda::Turn::Check);
        }
    }

    /// It closes by itself then, as the policy says.
    pub(crate) fn check(&mut self, number: usize, at: Timestamp) {
        self.ask(number, at, Actor::service(Role::Checker), Command::PassCheck);
    }
}

fn report(
    source: bihuan_domain::code::SourceId,
    number: usize,
    life: &crate::life::Life,
) -> Result<Report, std::num::TryFromIntError> {
    let id = number.to_string();
    Ok(Report {
        source,
        origin: Origin {
            record: RecordId::of_file(SOURCE, number as u64),
            topic: SOURCE.to_owned(),
            partition: 0,
            offset: i64::try_from(number)?,
            line: None,
        },
        class: Class::Ordinary,
        reported_at: life.reported_at,
        matter: Some(life.case.matter.clone()),
        area: Some(life.case.area.clone()),
        severity: None,
        source_matter: None,
        source_area: None,
        location: None,
        attributes: Vec::new(),
        attachments: Vec::new(),
        source_due_at: None,
        flags: Vec::new(),
        digest: Digest::of([id.as_bytes()]),
        source_id: id,
        history: None,
        snapshot: None,
        log: None,
    })
}
