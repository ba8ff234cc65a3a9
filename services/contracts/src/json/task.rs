//! What an event says of an agency beside the responsible one.

use bihuan_domain::clue::{TaskDue, TaskEvent};
use serde_json::{Value, json};

use super::parts::time;

pub(super) fn task(event: &TaskEvent) -> Value {
    match event {
        TaskEvent::Asked {
            task,
            agency,
            kind,
            due: until,
            arrival,
        } => json!({
            "task": task,
            "agency": agency,
            "kind": kind.as_str(),
            "due": until.as_ref().map(due),
            "arrival": arrival.as_ref().map(due),
        }),
        TaskEvent::Acknowledged { task } | TaskEvent::Withdrawn { task } => json!({"task": task}),
        TaskEvent::ArrivalNoted { task, late }
        | TaskEvent::Replied { task, late }
        | TaskEvent::Declined { task, late } => json!({"task": task, "late": late}),
        TaskEvent::Rated { task, rating } => json!({"task": task, "rating": rating}),
    }
}

fn due(due: &TaskDue) -> Value {
    json!({
        "at": time(due.at),
        "limit": due.limit.to_string(),
        "row": due.row,
        "provisional": due.provisional,
        "limits_by": due.limits_by,
        "calendar_by": due.calendar_by,
        "calendar": due.calendar,
    })
}
