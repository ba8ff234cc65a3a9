//! How far the agencies beside the responsible one are.

use super::super::{Clue, Holder, Occurrence, Task, TaskEvent, TaskStanding};
use crate::time::Timestamp;

pub(super) fn apply(clue: &mut Clue, it: &Occurrence, event: &TaskEvent) {
    if let TaskEvent::Asked {
        task,
        agency,
        kind,
        due,
        arrival,
    } = event
    {
        clue.tasks.push(Task {
            number: *task,
            agency: agency.clone(),
            kind: *kind,
            asked_by: it.actor.clone(),
            asked_at: it.at,
            due: due.clone(),
            arrival: arrival.clone(),
            standing: TaskStanding::Asked,
            arrived_at: None,
            over_at: None,
            rating: None,
        });
    }
    let Some(task) = clue.tasks.iter_mut().find(|task| task.number == event.task()) else {
        return;
    };
    match event {
        TaskEvent::Asked { .. } => {}
        TaskEvent::Acknowledged { .. } => task.standing = TaskStanding::Acknowledged,
        TaskEvent::ArrivalNoted { .. } => {
            task.standing = TaskStanding::Arrived;
            task.arrived_at = Some(it.at);
        }
        TaskEvent::Replied { .. } => over(task, TaskStanding::Replied, it.at),
        TaskEvent::Declined { .. } => over(task, TaskStanding::Declined, it.at),
        TaskEvent::Withdrawn { .. } => over(task, TaskStanding::Withdrawn, it.at),
        TaskEvent::Rated { rating, .. } => task.rating = Some(*rating),
    }
}

/// Tasks end with the clue, and nobody assists itself.
pub(super) fn settle(clue: &mut Clue, at: Timestamp) {
    if !clue.tasks.iter().any(Task::is_open) {
        return;
    }
    let is_over = !clue.is_open();
    let has_it = match clue.holder() {
        Some(Holder::Agency(agency)) => Some(agency.clone()),
        _ => None,
    };
    for task in clue.tasks.iter_mut().filter(|task| task.is_open()) {
        if is_over || has_it.as_ref() == Some(&task.agency) {
            over(task, TaskStanding::Ended, at);
        }
    }
}

fn over(task: &mut Task, standing: TaskStanding, at: Timestamp) {
    task.standing = standing;
    task.over_at = Some(at);
}
