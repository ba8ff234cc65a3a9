//! The words for who gets a clue.

use bihuan_domain::clue::{Assignment, RoutingDecision};
use bihuan_domain::lang::Lang;
use bihuan_domain::time::Timestamp;

use super::Words;

impl Words<'_> {
    pub(super) fn assigned(
        self,
        assignment: &Assignment,
        decision: &RoutingDecision,
        deadline: Option<Timestamp>,
        recorded: bool,
    ) -> String {
        let mut words = self.whom(self.say("派遣给 ", "assigned to "), assignment);
        if let Some(deadline) = deadline {
            words = format!("{words}{}{}", self.say("，时限 ", ", due "), self.time(deadline));
        }
        if recorded {
            return format!("{words}{}", self.recorded(true));
        }
        let why = self.decision(decision);
        match (self.lang, decision.row) {
            (Lang::Zh, Some(row)) => format!("{words}（{why}，duties.csv 第 {row} 行）"),
            (Lang::En, Some(row)) => format!("{words} ({why}, duties.csv line {row})"),
            (_, None) => format!("{words} ({why})"),
        }
    }

    /// Who has it, and who stands beside.
    pub(super) fn whom(self, head: &str, assignment: &Assignment) -> String {
        let mut words = format!("{head}{}", self.agency(&assignment.agency));
        if let Some(penalty) = &assignment.penalty {
            words = format!(
                "{words}{}{}",
                self.say("，立案处罚 ", ", penalty by "),
                self.agency(penalty)
            );
        }
        if !assignment.assisting.is_empty() {
            let names: Vec<_> = assignment.assisting.iter().map(|it| self.agency(it)).collect();
            words = format!(
                "{words}{}{}",
                self.say("，协办 ", ", assisted by "),
                names.join(self.say("、", ", "))
            );
        }
        words
    }
}
