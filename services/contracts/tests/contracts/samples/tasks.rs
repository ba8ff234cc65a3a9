//! What is asked of agencies beside the responsible one, and what they did.

use bihuan_domain::calendar::CalendarVersion;
use bihuan_domain::clue::{Command, Event, TaskCommand, TaskDue, TaskEvent, TaskKind};
use bihuan_domain::code::CampaignCode;

use super::parts::{agency, at, limit, rulebook};

fn campaign() -> CampaignCode {
    CampaignCode::new("2026-渣土").expect("valid")
}

pub(crate) fn task_commands() -> Vec<Command> {
    let tasks = [
        TaskCommand::Ask {
            agency: agency("水利局"),
            kind: TaskKind::Assist,
            limit: None,
        },
        TaskCommand::Ask {
            agency: agency("水利局"),
            kind: TaskKind::Call,
            limit: Some(limit("30min")),
        },
        TaskCommand::Acknowledge { task: 1 },
        TaskCommand::NoteArrival { task: 2 },
        TaskCommand::Reply { task: 3 },
        TaskCommand::Decline { task: 4 },
        TaskCommand::Rate { task: 5, rating: 255 },
        TaskCommand::Withdraw { task: u32::MAX },
    ];
    let campaign = campaign();
    let tags = [Command::TagCampaign { campaign }, Command::UntagCampaign];
    tasks.into_iter().map(Command::Task).chain(tags).collect()
}

fn due(row: Option<u32>) -> TaskDue {
    TaskDue {
        at: at(),
        limit: limit("5wd"),
        row,
        provisional: row.is_none(),
        limits_by: rulebook(),
        calendar_by: rulebook(),
        calendar: CalendarVersion::new("abc123").expect("valid"),
    }
}

pub(crate) fn task_events() -> Vec<Event> {
    let asked = |kind, due, arrival| TaskEvent::Asked {
        task: 1,
        agency: agency("水利局"),
        kind,
        due,
        arrival,
    };
    let mut tasks = vec![
        asked(TaskKind::Assist, None, None),
        asked(TaskKind::Call, Some(due(Some(2))), Some(due(None))),
        TaskEvent::Acknowledged { task: 1 },
        TaskEvent::Rated { task: 1, rating: 5 },
        TaskEvent::Withdrawn { task: 2 },
    ];
    for late in [false, true] {
        tasks.push(TaskEvent::ArrivalNoted { task: 1, late });
        tasks.push(TaskEvent::Replied { task: 1, late });
        tasks.push(TaskEvent::Declined { task: 1, late });
    }
    let campaign = campaign();
    let tags = [Event::CampaignTagged { campaign }, Event::CampaignUntagged];
    tasks.into_iter().map(Event::Task).chain(tags).collect()
}
