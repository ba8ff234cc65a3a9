//! The year: turns come one after the other, each asks something of a clue or a dispute, and what happened plans the next ones. What
//! the service `dispute` does between the two is its own code.

use std::sync::Arc;

use bihuan_dispute::rules;
use bihuan_domain::clue::{self, Actor, Event, Role, Stage, Text};
use bihuan_domain::code::SourceId;
use bihuan_domain::dispute::{self, ClueEnd, Precedent};
use bihuan_domain::id::{ClueId, CommandId, DisputeId};
use bihuan_domain::time::Timestamp;

use crate::agenda::{Agenda, Turn};
use crate::books::Books;
use crate::draws::{About, Draw};
use crate::life::{Life, Settled};
use crate::quarrel::City;
use crate::setting::Setting;

/// The first moment of 2025 in China, and the days in which clues are reported: the holidays of it and of the year after are known.
const START: i64 = 1_735_660_800_000_000;
const DAYS: f64 = 365.0;
/// So long it is looked on: what is not closed half a year after the last report is open.
const END: i64 = 545;
const HOUR: f64 = 3_600_000_000.0;

pub(crate) const SOURCE: &str = "city";

pub(crate) struct Year<'a> {
    pub(crate) city: &'a City,
    pub(crate) setting: Setting,
    pub(crate) books: Books,
    pub(crate) agenda: Agenda,
    pub(crate) lives: Vec<Life>,
    pub(crate) source: SourceId,
}

impl<'a> Year<'a> {
    /// Before the first clue is reported.
    pub(crate) fn new(city: &'a City, setting: Setting, clues: usize) -> Result<Self, String> {
        let books = Books::new(setting)?;
        let source = SourceId::new(SOURCE).map_err(|error| error.to_string())?;
        let (mut agenda, mut lives) = (Agenda::default(), Vec::with_capacity(clues));
        for number in 0..clues {
            let day = city.draws.of(number, About::ReportedAt, 0).between(0.0, DAYS);
            let reported_at = Timestamp::from_micros(START + (day * 24.0 * HOUR) as i64);
            lives.push(Life {
                id: ClueId::derive(&source, &number.to_string()),
                case: city.case(number).map_err(|error| error.to_string())?,
                reported_at,
                book: books.current(),
                clue: clue::State::default(),
                dispute: None,
                commands: 0,
                hand: 0,
                round: 0,
                step: None,
                is_drafted: false,
                hands: crate::handing::Hands::default(),
                tally: crate::life::Tally::default(),
            });
            agenda.plan(reported_at, number, Turn::Report);
        }
        Ok(Self {
            city,
            setting,
            books,
            agenda,
            lives,
            source,
        })
    }

    /// To the end.
    pub(crate) fn run(&mut self) -> Result<(), String> {
        let end = Timestamp::from_micros(START).plus_days(END);
        while let Some((at, clue, turn)) = self.agenda.next(end) {
            match turn {
                Turn::Report => self.report(clue, at)?,
                Turn::Desk { hand } if hand == self.lives[clue].hand => self.dispatch(clue, at),
                Turn::Look { hand } if hand == self.lives[clue].hand => self.look(clue, at),
                Turn::Finish { hand } if hand == self.lives[clue].hand => self.finish(clue, at),
                Turn::Check => self.check(clue, at),
                Turn::Forum { round } if round == self.lives[clue].round => self.forum(clue, at),
                Turn::Party { round, agency } if round == self.lives[clue].round => {
                    self.party(clue, at, &agency);
                }
                Turn::Lapse => self.lapse(clue, at),
                Turn::TakeOver(precedent) => self.books.take_over(&precedent)?,
                // meanwhile it is in other hands, or the dispute is at another step
                Turn::Desk { .. }
                | Turn::Look { .. }
                | Turn::Finish { .. }
                | Turn::Forum { .. }
                | Turn::Party { .. } => {}
            }
        }
        Ok(())
    }

    pub(crate) fn draw(&self, clue: usize, about: About, time: u32) -> Draw {
        self.city.draws.of(clue, about, time)
    }

    /// So many hours of work later.
    pub(crate) fn later(&self, clue: usize, at: Timestamp, hours: f64) -> Timestamp {
        let micros = (hours * HOUR) as i64;
        let calendar = &self.lives[clue].book.rulebook().calendar;
        let later = calendar.after_working_time(None, at, micros);
        later.unwrap_or_else(|_| at.plus_micros(micros))
    }

    /// Asks something of a clue. Whether it was done.
    pub(crate) fn ask(&mut self, number: usize, at: Timestamp, actor: Actor, command: clue::Command) -> bool {
        let current = self.books.current();
        let life = &mut self.lives[number];
        let book = Arc::clone(&life.book);
        let env = clue::Env {
            rulebook: book.rulebook(),
            current: current.rulebook(),
            number: "",
        };
        if life.clue.wakes_at().is_some_and(|due| due <= at) {
            for it in clue::wake(life.id, &life.clue, at, at, &env) {
                clue::evolve(&mut life.clue, &it);
            }
        }
        life.commands += 1;
        let envelope = clue::Envelope {
            id: CommandId::derive(life.id.0.as_bytes(), SOURCE, life.commands),
            clue: life.id,
            causation: None,
            actor,
            expected_version: None,
            occurred_at: None,
            received_at: at,
            command,
            text: Some(Text::remark("模拟")),
        };
        let clue::Decision::Events(events) = clue::decide(&life.clue, &envelope, &env) else {
            return false;
        };
        for it in &events {
            clue::evolve(&mut life.clue, it);
        }
        for it in &events {
            self.happened(number, it);
        }
        !events
            .iter()
            .any(|it| matches!(it.event, Event::CommandRejected { .. }))
    }

    /// What an event of a clue leads to.
    fn happened(&mut self, number: usize, it: &clue::Occurrence) {
        match &it.event {
            Event::ClueAdmitted => self.route(number, it.at),
            Event::ClueHeldForTriage { .. } => self.laid_on_desk(number, it.at),
            Event::ReturnApproved => self.lives[number].hands.sent_back(),
            Event::ClueAssigned { .. }
            | Event::ClueTransferred { .. }
            | Event::ClueHeldForDispute { .. }
            | Event::ClueReleasedFromDispute { .. } => {
                self.handed(number, it.at);
            }
            Event::ClueDisputed { dispute, opening, .. } => {
                self.handed(number, it.at);
                let opener = rules::opener(opening.cause, &it.actor);
                let life = &mut self.lives[number];
                life.is_drafted = false;
                life.dispute = Some((*dispute, dispute::State::default()));
                self.ask_dispute(
                    number,
                    it.at,
                    opener,
                    dispute::Command::OpenDispute(opening.clone()),
                );
            }
            Event::ClueDesignated { .. } => {
                self.handed(number, it.at);
                self.note(number, it);
            }
            _ => self.note(number, it),
        }
    }

    /// What the open dispute is to note of it.
    fn note(&mut self, number: usize, it: &clue::Occurrence) {
        let life = &self.lives[number];
        let Some(open) = life.open_dispute() else { return };
        let taken_up = || {
            let agency = rules::awaited(open)?;
            let is = rules::has_taken_up(&life.clue, agency);
            is.then(|| dispute::Command::NoteTakenUp {
                agency: agency.clone(),
            })
        };
        let ended = rules::end(&it.event).map(|how: ClueEnd| dispute::Command::NoteClueEnded { how });
        if let Some(command) = ended.or_else(taken_up) {
            self.ask_dispute(number, it.at, Actor::service(Role::Dispute), command);
        }
    }

    /// Somebody has it, perhaps the same as before.
    fn handed(&mut self, number: usize, at: Timestamp) {
        let life = &mut self.lives[number];
        let Some(clue) = &life.clue.clue else { return };
        let Some(by) = clue.assignment() else { return };
        let is_new = life.hands.come_to(&by.agency);
        let is_untouched = matches!(
            &clue.stage,
            Stage::Held {
                progress: clue::Progress::Dispatched,
                ..
            }
        );
        if is_new || is_untouched {
            life.hand += 1;
            let hand = life.hand;
            let at = self.first_look(number, at);
            self.agenda.plan(at, number, Turn::Look { hand });
        }
    }

    fn laid_on_desk(&mut self, number: usize, at: Timestamp) {
        self.lives[number].hand += 1;
        let hand = self.lives[number].hand;
        let hours = self.draw(number, About::Desk, hand).skewed(0.5, 8.0);
        let at = self.later(number, at, hours);
        self.agenda.plan(at, number, Turn::Desk { hand });
    }

    /// Asks something of the clue's dispute, and tells the clue what came of it.
    pub(crate) fn ask_dispute(
        &mut self,
        number: usize,
        at: Timestamp,
        actor: Actor,
        command: dispute::Command,
    ) -> bool {
        let current = self.books.current();
        let life = &mut self.lives[number];
        let book = Arc::clone(&life.book);
        let env = dispute::Env {
            rulebook: book.rulebook(),
            current: current.rulebook(),
            now: at,
        };
        let Some((id, state)) = &life.dispute else {
            return false;
        };
        life.commands += 1;
        let envelope = dispute::Envelope {
            id: CommandId::derive(id.0.as_bytes(), SOURCE, life.commands),
            dispute: *id,
            causation: None,
            actor,
            expected_version: None,
            occurred_at: None,
            received_at: at,
            command,
            text: Some(Text::remark("模拟")),
        };
        let dispute::Decision::Events(events) = dispute::decide(state, &envelope, &env) else {
            return false;
        };
        let rejected = events
            .iter()
            .any(|it| matches!(it.event, dispute::Event::CommandRejected { .. }));
        self.settle(number, at, &events);
        !rejected
    }

    /// The time of a step may have passed.
    fn lapse(&mut self, number: usize, at: Timestamp) {
        let current = self.books.current();
        let life = &self.lives[number];
        let Some((id, state)) = &life.dispute else { return };
        if state.wakes_at().is_none_or(|due| due > at) {
            return;
        }
        let env = dispute::Env {
            rulebook: life.book.rulebook(),
            current: current.rulebook(),
            now: at,
        };
        let events = dispute::wake(*id, state, at, at, &env);
        self.settle(number, at, &events);
    }

    /// What happened to a dispute is told its clue; then whoever is to act on it plans that.
    fn settle(&mut self, number: usize, at: Timestamp, events: &[dispute::Occurrence]) {
        let life = &mut self.lives[number];
        let Some((id, state)) = &mut life.dispute else {
            return;
        };
        let id: DisputeId = *id;
        let mut told = Vec::new();
        for it in events {
            told.extend(rules::told(state, it));
            dispute::evolve(state, it);
        }
        for command in told {
            self.ask(number, at, Actor::service(Role::Dispute), command);
        }
        // telling the clue may have led to another one
        if self.lives[number]
            .dispute
            .as_ref()
            .is_some_and(|(of, _)| *of == id)
        {
            self.draft(number, at);
            self.plan_dispute(number, at);
            self.count_ended(number);
        }
    }

    fn count_ended(&mut self, number: usize) {
        let life = &mut self.lives[number];
        let ended = life
            .dispute
            .as_ref()
            .and_then(|(_, state)| state.dispute.as_ref());
        if let Some(dispute) = ended.filter(|it| !it.is_open()) {
            life.tally.disputes.push(Settled::of(dispute));
            life.dispute = None;
        }
    }

    /// What is settled, or ruled and binding, a person may take over.
    fn draft(&mut self, number: usize, at: Timestamp) {
        let life = &mut self.lives[number];
        let dispute = life
            .dispute
            .as_ref()
            .and_then(|(_, state)| state.dispute.as_ref());
        let Some(dispute) = dispute.filter(|_| self.setting.has_precedents() && !life.is_drafted) else {
            return;
        };
        if dispute.is_open() && !dispute.is_bound() {
            return;
        }
        let Some(precedent) = Precedent::of(dispute, life.book.rulebook()) else {
            return;
        };
        life.is_drafted = true;
        self.propose(number, at, precedent);
    }
}
