//! What there is to say about the ladder of a policy: steps that nobody can tell apart, and steps that are never reached.

use bihuan_domain::calendar::Step;
use bihuan_domain::clue::{Ladder, RungRule};
use bihuan_domain::routing::Rulebook;

use crate::Finding;

const FILE: &str = "rulebook.toml";

/// Steps that have the name of one before them: what was reached and is to be issued is known by that.
pub(crate) fn repeated(ladder: &Ladder) -> Vec<Finding> {
    let is_repeated = |(place, rule): &(usize, &RungRule)| {
        let mut before = ladder.rungs.iter().take(*place);
        before.any(|it| it.rung == rule.rung)
    };
    let rungs = ladder.rungs.iter().enumerate().filter(is_repeated);
    rungs.map(|(_, rule)| rung_repeated(rule)).collect()
}

/// Steps that are never reached. None of the usual ladder, which has steps for every clock whatever the limits are.
pub(crate) fn unreached(rulebook: &Rulebook) -> Vec<Finding> {
    let ladder = &rulebook.policy.ladder;
    if *ladder == Ladder::default() {
        return Vec::new();
    }
    let rungs = ladder.rungs.iter();
    rungs
        .filter(|rule| !has_due_time(rulebook, rule.clock))
        .map(rung_unreached)
        .collect()
}

/// Sources may send one for the clue as a whole.
fn has_due_time(rulebook: &Rulebook, clock: Step) -> bool {
    // what agencies beside the responsible one do has no clock of the clue
    let is_task = matches!(clock, Step::Assist | Step::Arrive);
    !is_task && (clock == Step::Overall || rulebook.limits.rows().iter().any(|row| row.step == clock))
}

fn rung_repeated(rule: &RungRule) -> Finding {
    let name = rule.rung.as_str();
    Finding::error("rung_repeated", FILE)
        .column("rung", None)
        .value(name)
        .says(
            format!("督办阶梯有两个步骤都叫 {name}：触发与签发都以名称为准，无法区分"),
            format!("two steps of the ladder are called {name}: which was reached, and which is issued, is known by the name"),
        )
        .advises("给每个步骤取不同的名称", "give every step a name of its own")
}

fn rung_unreached(rule: &RungRule) -> Finding {
    let (name, clock) = (rule.rung.as_str(), rule.clock.as_str());
    Finding::warning("rung_unreached", FILE)
        .column("rung", None)
        .value(name)
        .says(
            format!("督办步骤 {name} 所依的时钟 {clock} 在 limits.csv 中没有时限：永远不会触发"),
            format!("the step {name} of the ladder goes by the clock {clock}, for which limits.csv has no limit: it is never reached"),
        )
        .advises(
            format!("在 limits.csv 中为 {clock} 补上时限，或删去该步骤"),
            format!("add a limit for {clock} to limits.csv, or remove the step"),
        )
}
