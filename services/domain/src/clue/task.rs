//! The part of an agency beside the responsible one (协办): what it is asked for, until when, and how far it is.

use serde::{Deserialize, Serialize};

use super::{Actor, words};
use crate::calendar::{CalendarVersion, Limit};
use crate::code::{AgencyId, RulebookVersion};
use crate::time::Timestamp;

words!(
    /// What an agency is asked for.
    TaskKind {
        /// 协办: an answer.
        Assist = "assist",
        /// 吹哨报到: to come, and then to answer; whoever called rates it.
        Call = "call",
    }
);

words!(
    /// How far an agency is with its task.
    TaskStanding {
        Asked = "asked",
        /// 签收
        Acknowledged = "acknowledged",
        /// 到场: of a call only.
        Arrived = "arrived",
        /// 办复
        Replied = "replied",
        /// 不能协办: it says why.
        Declined = "declined",
        /// 撤回: whoever asked needs it no more.
        Withdrawn = "withdrawn",
        /// It ended unanswered: the clue ended, or its agency got the clue itself.
        Ended = "ended",
    }
);

impl TaskStanding {
    /// Whether the agency still has to do something.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Asked | Self::Acknowledged | Self::Arrived)
    }
}

/// Until when something of a task is to be done, and what that was computed by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskDue {
    pub at: Timestamp,
    pub limit: Limit,
    /// Line of the limit in `limits.csv`; `None`: whoever asked gave it, or it is the usual one.
    pub row: Option<u32>,
    /// It counts working days of a year whose holidays are not published. It is not computed again.
    pub provisional: bool,
    pub limits_by: RulebookVersion,
    pub calendar_by: RulebookVersion,
    pub calendar: CalendarVersion,
}

/// A task under a clue. It never has the clue: the responsible agency alone does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Counts the clue's tasks from 1.
    pub number: u32,
    pub agency: AgencyId,
    pub kind: TaskKind,
    /// Where an assignment or designation named the agency, whoever assigned: a person, or a service.
    pub asked_by: Actor,
    pub asked_at: Timestamp,
    /// Until when the answer is to come; `None`: no calendar reaches that far.
    pub due: Option<TaskDue>,
    /// Of a call: until when somebody is to be there.
    pub arrival: Option<TaskDue>,
    pub standing: TaskStanding,
    pub arrived_at: Option<Timestamp>,
    /// When it was answered, declined, withdrawn or ended.
    pub over_at: Option<Timestamp>,
    /// Of a call: 1 to 5, by whoever called.
    pub rating: Option<u8>,
}

impl Task {
    pub const fn is_open(&self) -> bool {
        self.standing.is_open()
    }
}

/// What is asked of tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskCommand {
    /// The reason in words is mandatory and travels as the text's remark. `limit`: of an assistance until the answer, of a call
    /// until somebody is there; `None`: by the rulebook.
    Ask {
        agency: AgencyId,
        kind: TaskKind,
        limit: Option<Limit>,
    },
    Acknowledge {
        task: u32,
    },
    /// Somebody is there (到场).
    NoteArrival {
        task: u32,
    },
    /// What was done travels as the text's remark; mandatory.
    Reply {
        task: u32,
    },
    /// The reason in words is mandatory and travels as the text's remark.
    Decline {
        task: u32,
    },
    Rate {
        task: u32,
        rating: u8,
    },
    /// The reason in words is mandatory and travels as the text's remark.
    Withdraw {
        task: u32,
    },
}

impl TaskCommand {
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Ask { .. } => "AskAssistance",
            Self::Acknowledge { .. } => "AcknowledgeTask",
            Self::NoteArrival { .. } => "NoteArrival",
            Self::Reply { .. } => "ReplyTask",
            Self::Decline { .. } => "DeclineTask",
            Self::Rate { .. } => "RateTask",
            Self::Withdraw { .. } => "WithdrawTask",
        }
    }
}

/// What happened to tasks. Whether something was late is said by the due time that holds when it happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::large_enum_variant,
    reason = "there are few, each is made once and moved once"
)]
pub enum TaskEvent {
    Asked {
        task: u32,
        agency: AgencyId,
        kind: TaskKind,
        due: Option<TaskDue>,
        arrival: Option<TaskDue>,
    },
    Acknowledged {
        task: u32,
    },
    ArrivalNoted {
        task: u32,
        late: bool,
    },
    Replied {
        task: u32,
        late: bool,
    },
    Declined {
        task: u32,
        late: bool,
    },
    Rated {
        task: u32,
        rating: u8,
    },
    Withdrawn {
        task: u32,
    },
}

impl TaskEvent {
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Asked { .. } => "AssistanceAsked",
            Self::Acknowledged { .. } => "TaskAcknowledged",
            Self::ArrivalNoted { .. } => "ArrivalNoted",
            Self::Replied { .. } => "TaskReplied",
            Self::Declined { .. } => "TaskDeclined",
            Self::Rated { .. } => "TaskRated",
            Self::Withdrawn { .. } => "TaskWithdrawn",
        }
    }

    /// Number of the task.
    pub const fn task(&self) -> u32 {
        match self {
            Self::Asked { task, .. }
            | Self::Acknowledged { task }
            | Self::ArrivalNoted { task, .. }
            | Self::Replied { task, .. }
            | Self::Declined { task, .. }
            | Self::Rated { task, .. }
            | Self::Withdrawn { task } => *task,
        }
    }
}
