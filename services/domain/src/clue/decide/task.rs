//! Agencies beside the responsible one (协办): asked for, signed for, answered; and a call that somebody comes (吹哨报到), rated by
//! whoever called.

use std::collections::BTreeSet;

use super::super::{
    Clue, Event, Role, Stage, Task, TaskCommand, TaskDue, TaskEvent, TaskKind, TaskStanding, clocks,
};
use super::asked::{Asked, in_the_way, wrong_stage};
use super::{Answer, Code, Rejection, Step, history, one};
use crate::calendar::{self, Limit, Unit};
use crate::code::AgencyId;
use crate::time::Timestamp;

const DESK: &[Role] = &[Role::Coordinator, Role::Operator];

/// Where neither whoever asks nor the rulebook says how long: own choice.
const ANSWER: Limit = limit(5, Unit::WorkingDays);
const ARRIVAL: Limit = limit(2, Unit::Hours);

/// So many a clue may have, and an assignment may name: own choice.
const MOST: usize = 100;

const fn limit(amount: u32, unit: Unit) -> Limit {
    match Limit::new(amount, unit) {
        Ok(limit) => limit,
        Err(_) => panic!("a default that is no limit"),
    }
}

pub(super) fn rule(clue: &Clue, asked: &Asked<'_>, command: &TaskCommand) -> Answer {
    match command {
        TaskCommand::Ask { agency, kind, limit } => ask(clue, asked, agency, *kind, *limit),
        TaskCommand::Acknowledge { task } => acknowledge(clue, asked, *task),
        TaskCommand::NoteArrival { task } => arrive(clue, asked, *task),
        TaskCommand::Reply { task } => reply(clue, asked, *task),
        TaskCommand::Decline { task } => decline(clue, asked, *task),
        TaskCommand::Rate { task, rating } => rate(clue, asked, *task, *rating),
        TaskCommand::Withdraw { task } => withdraw(clue, asked, *task),
    }
}

/// While an agency has the clue: it stays responsible, whoever helps.
fn ask(clue: &Clue, asked: &Asked<'_>, agency: &AgencyId, kind: TaskKind, limit: Option<Limit>) -> Answer {
    let (Stage::Held { by, .. } | Stage::ReturnRequested { by, .. } | Stage::Suspended { by, .. }) =
        &clue.stage
    else {
        return Err(wrong_stage(clue));
    };
    asked.holder_or(by, DESK)?;
    asked.reason_in_words()?;
    asked.known(agency, Code::AgencyUnknown, "agency")?;
    if *agency == by.agency {
        return Err(Rejection::of_field(Code::SameAgency, "agency"));
    }
    if has_open(clue, agency) {
        return Err(Rejection::of_field(Code::AlreadyAssisting, "agency"));
    }
    if clue.tasks.len() >= MOST {
        return Err(Code::TooManyTasks.into());
    }
    Ok(vec![asked_for(clue, asked, next(clue), agency, kind, limit)])
}

/// Whether an assignment names no more agencies beside the responsible one than there can be tasks.
pub(super) fn not_too_many(assisting: &[AgencyId]) -> Result<(), Rejection> {
    if assisting.len() <= MOST {
        Ok(())
    } else {
        Err(Rejection::of_field(Code::TooManyTasks, "assisting"))
    }
}

/// What follows for those beside an agency that gets the clue by an assignment or designation: where its source recorded the end, that
/// alone; else they are asked to assist.
pub(super) fn beside(clue: &Clue, asked: &Asked<'_>, agency: &AgencyId, assisting: &[AgencyId]) -> Vec<Step> {
    let past = clue.pending_history.as_ref();
    let closed = past.map_or_else(Vec::new, |past| history::closed(past, Some(agency)));
    if closed.is_empty() {
        of_assisting(clue, asked, agency, assisting)
    } else {
        closed
    }
}

/// Those that an assignment or designation names beside the responsible agency; who assists already goes on. Neither is held up by
/// tasks that the clue had before: beyond the most that it can have, none is opened.
fn of_assisting(clue: &Clue, asked: &Asked<'_>, responsible: &AgencyId, assisting: &[AgencyId]) -> Vec<Step> {
    let mut named = BTreeSet::from([responsible]);
    let new = assisting
        .iter()
        .filter(|agency| named.insert(agency) && !has_open(clue, agency));
    let numbered = (next(clue)..).zip(new.take(MOST.saturating_sub(clue.tasks.len())));
    numbered
        .map(|(number, agency)| asked_for(clue, asked, number, agency, TaskKind::Assist, None))
        .collect()
}

/// Whoever is responsible may leave agencies behind that have not answered, but says why.
pub(super) fn answered_or_said_why(clue: &Clue, asked: &Asked<'_>) -> Result<(), Rejection> {
    let open = clue.tasks.iter().find(|task| task.is_open());
    match open {
        Some(task) if asked.reason_in_words().is_err() => Err(Rejection::of_field(
            Code::OpenTasks,
            &format!("tasks/{}", task.number),
        )),
        _ => Ok(()),
    }
}

fn acknowledge(clue: &Clue, asked: &Asked<'_>, number: u32) -> Answer {
    let task = own(clue, asked, number)?;
    if task.standing != TaskStanding::Asked {
        return Err(of_task(Code::TaskAcknowledged));
    }
    Ok(event(TaskEvent::Acknowledged { task: number }))
}

fn arrive(clue: &Clue, asked: &Asked<'_>, number: u32) -> Answer {
    let task = own(clue, asked, number)?;
    if task.kind != TaskKind::Call {
        return Err(of_task(Code::NotACall));
    }
    if task.standing == TaskStanding::Arrived {
        return Err(of_task(Code::AlreadyArrived));
    }
    let late = is_late(task.arrival.as_ref(), asked.at);
    Ok(event(TaskEvent::ArrivalNoted { task: number, late }))
}

/// Who was called to come answers once there.
fn reply(clue: &Clue, asked: &Asked<'_>, number: u32) -> Answer {
    let task = own(clue, asked, number)?;
    if task.kind == TaskKind::Call && task.standing != TaskStanding::Arrived {
        return Err(of_task(Code::NotArrived));
    }
    asked.reason_in_words()?;
    let late = is_late(task.due.as_ref(), asked.at);
    Ok(event(TaskEvent::Replied { task: number, late }))
}

fn decline(clue: &Clue, asked: &Asked<'_>, number: u32) -> Answer {
    let task = own(clue, asked, number)?;
    asked.reason_in_words()?;
    let late = is_late(task.due.as_ref(), asked.at);
    Ok(event(TaskEvent::Declined { task: number, late }))
}

/// Also of whoever never came, and after the clue ended.
fn rate(clue: &Clue, asked: &Asked<'_>, number: u32, rating: u8) -> Answer {
    let task = known(clue, number)?;
    by_whoever_asked(asked, task, &[Role::Operator])?;
    if task.kind != TaskKind::Call {
        return Err(of_task(Code::NotACall));
    }
    if !(1..=5).contains(&rating) {
        return Err(Rejection::of_field(Code::RatingOutOfRange, "rating"));
    }
    match task.standing {
        TaskStanding::Asked | TaskStanding::Acknowledged => Err(of_task(Code::NotArrived)),
        TaskStanding::Withdrawn => Err(of_task(Code::TaskOver)),
        _ if task.rating.is_some() => Err(of_task(Code::AlreadyRated)),
        _ => Ok(event(TaskEvent::Rated { task: number, rating })),
    }
}

fn withdraw(clue: &Clue, asked: &Asked<'_>, number: u32) -> Answer {
    let task = open(clue, number)?;
    by_whoever_asked(asked, task, DESK)?;
    asked.reason_in_words()?;
    Ok(event(TaskEvent::Withdrawn { task: number }))
}

fn known(clue: &Clue, number: u32) -> Result<&Task, Rejection> {
    let task = clue.tasks.iter().find(|task| task.number == number);
    task.ok_or_else(|| of_task(Code::TaskUnknown))
}

fn open(clue: &Clue, number: u32) -> Result<&Task, Rejection> {
    let task = known(clue, number)?;
    if task.is_open() {
        Ok(task)
    } else {
        Err(in_the_way(Code::TaskOver, clue))
    }
}

/// An open task, by its agency; or by somebody who speaks for one that has no terminal.
fn own<'c>(clue: &'c Clue, asked: &Asked<'_>, number: u32) -> Result<&'c Task, Rejection> {
    let task = known(clue, number)?;
    let actor = asked.actor();
    let is_its = actor.role == Role::Agency && actor.agency.as_ref() == Some(&task.agency);
    if !is_its && !DESK.contains(&actor.role) {
        return Err(of_task(Code::NotAssisting));
    }
    open(clue, number)
}

/// The agency that asked; where no agency did, the desk; or one of these.
fn by_whoever_asked(asked: &Asked<'_>, task: &Task, others: &[Role]) -> Result<(), Rejection> {
    let actor = asked.actor();
    let asks = if task.asked_by.role == Role::Agency {
        actor.role == Role::Agency && actor.agency == task.asked_by.agency
    } else {
        DESK.contains(&actor.role)
    };
    if asks || others.contains(&actor.role) {
        Ok(())
    } else {
        Err(of_task(Code::DidNotAsk))
    }
}

fn has_open(clue: &Clue, agency: &AgencyId) -> bool {
    clue.tasks
        .iter()
        .any(|task| task.is_open() && task.agency == *agency)
}

fn next(clue: &Clue) -> u32 {
    clue.tasks.last().map_or(1, |task| task.number.saturating_add(1))
}

fn asked_for(
    clue: &Clue,
    asked: &Asked<'_>,
    task: u32,
    agency: &AgencyId,
    kind: TaskKind,
    limit: Option<Limit>,
) -> Step {
    let is_call = kind == TaskKind::Call;
    let answer = limit.filter(|_| !is_call);
    Event::Task(TaskEvent::Asked {
        task,
        agency: agency.clone(),
        kind,
        due: due(clue, asked, (calendar::Step::Assist, ANSWER), answer),
        arrival: is_call
            .then(|| due(clue, asked, (calendar::Step::Arrive, ARRIVAL), limit))
            .flatten(),
    })
    .into()
}

/// By the limit that was given, else by the rulebook's row, else by the usual one; from when it was received, since nobody knows of it
/// before, whenever whoever asks says it was asked.
fn due(
    clue: &Clue,
    asked: &Asked<'_>,
    (step, usual): (calendar::Step, Limit),
    given: Option<Limit>,
) -> Option<TaskDue> {
    let env = asked.env;
    let row = clocks::limit(clue, step, env).filter(|_| given.is_none());
    let limit = given.or(row.map(|row| row.limit));
    let limit = limit.unwrap_or(usual);
    let calendar = &env.current.calendar;
    let due = calendar.due(clue.area.as_ref(), asked.received(), limit).ok()?;
    Some(TaskDue {
        at: due.at,
        limit,
        row: row.map(|row| row.line),
        provisional: due.provisional,
        limits_by: env.rulebook.version.clone(),
        calendar_by: env.current.version.clone(),
        calendar: calendar.version().clone(),
    })
}

fn is_late(due: Option<&TaskDue>, at: Timestamp) -> bool {
    due.is_some_and(|due| at > due.at)
}

fn of_task(code: Code) -> Rejection {
    Rejection::of_field(code, "task")
}

fn event(event: TaskEvent) -> Vec<Step> {
    one(Event::Task(event))
}

#[cfg(test)]
mod tests;
