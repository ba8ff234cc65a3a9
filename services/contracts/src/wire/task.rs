//! What commands and events of a clue say of agencies beside the responsible one, and of its campaign.

use bihuan_domain::clue::{Command, Event, TaskCommand, TaskDue, TaskEvent};
use bihuan_domain::code::CampaignCode;

use super::clocks::limit;
use super::{Result, Wire, Word as _, code, optional_part, time, word};
use crate::DecodeError;
use crate::generated::clue::v1 as proto;
use crate::generated::clue::v1::{command, event};

pub(crate) const fn command_type(command: &TaskCommand) -> &'static str {
    match command {
        TaskCommand::Ask { .. } => "bihuan.clue.v1.AskAssistance",
        TaskCommand::Acknowledge { .. } => "bihuan.clue.v1.AcknowledgeTask",
        TaskCommand::NoteArrival { .. } => "bihuan.clue.v1.NoteArrival",
        TaskCommand::Reply { .. } => "bihuan.clue.v1.ReplyTask",
        TaskCommand::Decline { .. } => "bihuan.clue.v1.DeclineTask",
        TaskCommand::Rate { .. } => "bihuan.clue.v1.RateTask",
        TaskCommand::Withdraw { .. } => "bihuan.clue.v1.WithdrawTask",
    }
}

pub(crate) const fn event_type(event: &TaskEvent) -> &'static str {
    match event {
        TaskEvent::Asked { .. } => "bihuan.clue.v1.AssistanceAsked",
        TaskEvent::Acknowledged { .. } => "bihuan.clue.v1.TaskAcknowledged",
        TaskEvent::ArrivalNoted { .. } => "bihuan.clue.v1.ArrivalNoted",
        TaskEvent::Replied { .. } => "bihuan.clue.v1.TaskReplied",
        TaskEvent::Declined { .. } => "bihuan.clue.v1.TaskDeclined",
        TaskEvent::Rated { .. } => "bihuan.clue.v1.TaskRated",
        TaskEvent::Withdrawn { .. } => "bihuan.clue.v1.TaskWithdrawn",
    }
}

pub(super) fn asked_of(command: &TaskCommand) -> command::Body {
    use command::Body;
    match *command {
        TaskCommand::Ask {
            ref agency,
            kind,
            limit,
        } => Body::AskAssistance(proto::AskAssistance {
            agency: agency.to_string(),
            kind: kind.number(),
            limit: limit.map(|limit| limit.to_string()),
        }),
        TaskCommand::Acknowledge { task } => Body::AcknowledgeTask(proto::AcknowledgeTask { task }),
        TaskCommand::NoteArrival { task } => Body::NoteArrival(proto::NoteArrival { task }),
        TaskCommand::Reply { task } => Body::ReplyTask(proto::ReplyTask { task }),
        TaskCommand::Decline { task } => Body::DeclineTask(proto::DeclineTask { task }),
        TaskCommand::Rate { task, rating } => Body::RateTask(proto::RateTask {
            task,
            rating: rating.into(),
        }),
        TaskCommand::Withdraw { task } => Body::WithdrawTask(proto::WithdrawTask { task }),
    }
}

pub(super) fn to_be_asked(it: &proto::AskAssistance) -> Result<Command> {
    let limit = it.limit.as_deref().map(|text| limit(text, "limit"));
    Ok(Command::Task(TaskCommand::Ask {
        agency: code(&it.agency, "agency")?,
        kind: word(it.kind, "kind")?,
        limit: limit.transpose()?,
    }))
}

pub(super) fn to_be_rated(it: proto::RateTask) -> Result<Command> {
    Ok(Command::Task(TaskCommand::Rate {
        task: it.task,
        rating: rating(it.rating)?,
    }))
}

/// Whether it is one of those that can be given is for the clue to say.
fn rating(number: u32) -> Result<u8> {
    u8::try_from(number).map_err(|_| DecodeError::invalid("rating", format!("{number} is no rating")))
}

pub(super) fn happened(it: &TaskEvent) -> event::Body {
    use event::Body;
    match *it {
        TaskEvent::Asked {
            task,
            ref agency,
            kind,
            ref due,
            ref arrival,
        } => Body::AssistanceAsked(proto::AssistanceAsked {
            task,
            agency: agency.to_string(),
            kind: kind.number(),
            due: due.as_ref().map(Wire::to_wire),
            arrival: arrival.as_ref().map(Wire::to_wire),
        }),
        TaskEvent::Acknowledged { task } => Body::TaskAcknowledged(proto::TaskAcknowledged { task }),
        TaskEvent::ArrivalNoted { task, late } => Body::ArrivalNoted(proto::ArrivalNoted { task, late }),
        TaskEvent::Replied { task, late } => Body::TaskReplied(proto::TaskReplied { task, late }),
        TaskEvent::Declined { task, late } => Body::TaskDeclined(proto::TaskDeclined { task, late }),
        TaskEvent::Rated { task, rating } => Body::TaskRated(proto::TaskRated {
            task,
            rating: rating.into(),
        }),
        TaskEvent::Withdrawn { task } => Body::TaskWithdrawn(proto::TaskWithdrawn { task }),
    }
}

pub(super) fn tagged(campaign: &CampaignCode) -> event::Body {
    event::Body::CampaignTagged(proto::CampaignTagged {
        campaign: campaign.to_string(),
    })
}

pub(super) fn was_asked(it: proto::AssistanceAsked) -> Result<Event> {
    Ok(Event::Task(TaskEvent::Asked {
        task: it.task,
        agency: code(&it.agency, "agency")?,
        kind: word(it.kind, "kind")?,
        due: optional_part(it.due, "due")?,
        arrival: optional_part(it.arrival, "arrival")?,
    }))
}

pub(super) fn was_rated(it: proto::TaskRated) -> Result<Event> {
    Ok(Event::Task(TaskEvent::Rated {
        task: it.task,
        rating: rating(it.rating)?,
    }))
}

impl Wire for TaskDue {
    type Message = proto::TaskDue;

    fn to_wire(&self) -> proto::TaskDue {
        proto::TaskDue {
            at_us: Some(self.at.as_micros()),
            limit: self.limit.to_string(),
            row: self.row,
            provisional: self.provisional,
            limits_by: self.limits_by.to_string(),
            calendar_by: self.calendar_by.to_string(),
            calendar: self.calendar.to_string(),
        }
    }

    fn from_wire(message: proto::TaskDue) -> Result<Self> {
        Ok(Self {
            at: time(message.at_us, "at_us")?,
            limit: limit(&message.limit, "limit")?,
            row: message.row,
            provisional: message.provisional,
            limits_by: code(&message.limits_by, "limits_by")?,
            calendar_by: code(&message.calendar_by, "calendar_by")?,
            calendar: code(&message.calendar, "calendar")?,
        })
    }
}
