//! What there is to say about the ladder of a policy: steps that nobody can tell apart, and steps that are never reached.

use bihuan_domain::calendar::Step;
use bihuan_domain::clue::{Ladder, RungRule};
use bihuan_domain::routing::Rulebook;

use crate::Finding;

const FILE: &str = "rulebook.toml";

/// Nothing of the usual ladder, which has steps for every clock whatever the limits are.
pub(crate) fn ladder(rulebook: &Rulebook) -> Vec<Finding> {
    let ladder = &rulebook.policy.ladder;
    if *ladder == Ladder::default() {
        return Vec::new();
    }
    let rungs = &ladder.rungs;
    let repeated = rungs.iter().enumerate().filter(|(place, rule)| {
        let mut before = rungs.iter().take(*place);
        before.any(|it| it.rung == rule.rung)
    });
    let unreached = rungs.iter().filter(|rule| !has_due_time(rulebook, rule.clock));
    repeated
        .map(|(_, rule)| rung_repeated(rule))
        .chain(unreached.map(rung_unreached))
        .collect()
}

/// Sources may send one for the clue as a whole.
fn has_due_time(rulebook: &Rulebook, clock: Step) -> bool {
    clock == Step::Overall || rulebook.limits.rows().iter().any(|row| row.step == clock)
}

fn rung_repeated(rule: &RungRule) -> Finding {
    let name = rule.rung.as_str();
    Finding::warning("rung_repeated", FILE)
        .column("rung", None)
        .value(name)
        .says(
            format!("督办阶梯有两个步骤都叫 {name}：同一时钟的后一个不会触发，签发时也分不清"),
            format!("two steps of the ladder are called {name}: of one clock the second is never reached, and notices are issued by name"),
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
