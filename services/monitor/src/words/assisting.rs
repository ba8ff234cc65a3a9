//! The words for what agencies beside the responsible one are asked for and do.

use bihuan_domain::clue::{TaskEvent, TaskKind};
use bihuan_domain::figures::Assisted;
use bihuan_domain::lang::Lang;
use bihuan_domain::time::Timestamp;

use super::Words;

impl Words<'_> {
    /// What happened to a task.
    pub(super) fn of_task(self, event: &TaskEvent) -> String {
        let (number, late) = (event.task(), |late: bool| {
            if late { self.say("，逾期", ", late") } else { "" }
        });
        match event {
            TaskEvent::Asked {
                agency,
                kind,
                due,
                arrival,
                ..
            } => {
                let (agency, what) = (self.agency(agency), self.task_kind(*kind));
                let mut words = match self.lang {
                    Lang::Zh => format!("{what}任务 {number}：{agency}"),
                    Lang::En => format!("task {number} ({what}): {agency}"),
                };
                if let Some(arrival) = arrival {
                    words.push_str(self.say("，到场期限 ", ", to arrive by "));
                    words.push_str(&self.time(arrival.at));
                }
                if let Some(due) = due {
                    words.push_str(self.say("，办复期限 ", ", to answer by "));
                    words.push_str(&self.time(due.at));
                }
                words
            }
            TaskEvent::Acknowledged { .. } => self.task_is(number, ("已签收", "signed for"), ""),
            TaskEvent::ArrivalNoted { late: it, .. } => {
                self.task_is(number, ("已到场", "somebody arrived"), late(*it))
            }
            TaskEvent::Replied { late: it, .. } => self.task_is(number, ("已办复", "answered"), late(*it)),
            TaskEvent::Declined { late: it, .. } => self.task_is(number, ("不能协办", "declined"), late(*it)),
            TaskEvent::Withdrawn { .. } => self.task_is(number, ("已撤回", "withdrawn"), ""),
            TaskEvent::Rated { rating, .. } => match self.lang {
                Lang::Zh => format!("任务 {number} 评价 {rating} 分"),
                Lang::En => format!("task {number} rated {rating} of 5"),
            },
        }
    }

    /// A task as it stands at `now`: whose, how far, until when.
    pub fn assisted(self, task: &Assisted<'_>, now: Timestamp) -> String {
        let (number, agency) = (task.task, self.agency(task.agency));
        let (kind, state) = (self.task_kind(task.kind()), self.task_state(task, now));
        let mut words = match self.lang {
            Lang::Zh => format!("{number} {agency}（{kind}）：{state}"),
            Lang::En => format!("{number} {agency} ({kind}): {state}"),
        };
        if let Some(due_at) = task.due_at.filter(|_| task.over_at.is_none()) {
            words.push_str(self.say("，期限 ", ", due "));
            words.push_str(&self.time(due_at));
        }
        if let Some(rating) = task.rating {
            words.push_str(self.say("，评价 ", ", rated "));
            words.push_str(&rating.to_string());
        }
        words
    }

    /// How far it is.
    pub fn task_state(self, task: &Assisted<'_>, now: Timestamp) -> &'static str {
        if task.answered_at.is_some() {
            self.say("已答复", "answered")
        } else if task.over_at.is_some() {
            self.say("未答复，已结束", "over, not answered")
        } else if task.is_overdue(now) || task.is_missed(now) {
            self.say("逾期", "overdue")
        } else if task.arrived_at.is_some() {
            self.say("已到场", "somebody arrived")
        } else {
            self.say("办理中", "open")
        }
    }

    pub const fn task_kind(self, kind: TaskKind) -> &'static str {
        match kind {
            TaskKind::Assist => self.say("协办", "assist"),
            TaskKind::Call => self.say("吹哨", "call"),
        }
    }

    fn task_is(self, number: u32, (zh, en): (&str, &str), late: &str) -> String {
        match self.lang {
            Lang::Zh => format!("任务 {number} {zh}{late}"),
            Lang::En => format!("task {number}: {en}{late}"),
        }
    }
}
