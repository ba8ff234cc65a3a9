//! What random lives ask of agencies beside the responsible one.

use super::super::super::testing::{COUNTY, COUNTY_WATER, Case, agency, coordinator, of};
use super::super::super::{Actor, Command, TaskCommand, TaskKind};
use super::{Ask, target};

/// What agencies beside the responsible one are asked for and do, each about one of its tasks.
pub(super) fn of_tasks(case: &Case, ask: &Ask) -> Vec<(Actor, Command)> {
    let clue = case.state.clue.as_ref();
    let by = clue.and_then(|clue| clue.assignment());
    let by = of(by.map_or(COUNTY, |by| by.agency.as_str()));
    let tasks = clue.map_or(&[][..], |clue| &clue.tasks);
    let task = tasks.iter().rev().nth(ask.who % 2);
    let (number, assisting, caller) = match task {
        Some(task) => (task.number, of(task.agency.as_str()), task.asked_by.clone()),
        None => (1, of(COUNTY_WATER), by.clone()),
    };
    let limit = (!ask.who.is_multiple_of(3)).then(|| ["30min", "2wd"][ask.who % 2].parse().expect("a limit"));
    let rating = (ask.what % 6) as u8;
    [
        (
            by,
            TaskCommand::Ask {
                agency: agency(target(ask)),
                kind: TaskKind::ALL[ask.what % 2],
                limit,
            },
        ),
        (assisting.clone(), TaskCommand::Acknowledge { task: number }),
        (assisting.clone(), TaskCommand::NoteArrival { task: number }),
        (assisting.clone(), TaskCommand::Reply { task: number }),
        (assisting, TaskCommand::Decline { task: number }),
        (caller.clone(), TaskCommand::Rate { task: number, rating }),
        (caller, TaskCommand::Withdraw { task: number }),
    ]
    .map(|(actor, command)| (actor, Command::Task(command)))
    .into_iter()
    .chain([
        (
            coordinator(),
            Command::TagCampaign {
                campaign: ["a", "b"][ask.who % 2].parse().expect("a code"),
            },
        ),
        (coordinator(), Command::UntagCampaign),
    ])
    .collect()
}
