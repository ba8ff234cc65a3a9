//! What a dispute does by itself when the time of its step has passed: nobody asks it, and the same state at the same time
//! always does the same. No path leaves it without a next step, a next level, or somebody to whom it is reported.

use super::sequel::Sequel;
use super::{Dispute, DisputePolicy, Env, Event, Lapse, Occurrence, Standing, State, Step, Then, next_above};
use crate::id::DisputeId;
use crate::time::Timestamp;

impl State {
    /// When something is to happen by itself next; `None`: the dispute is not open.
    pub fn wakes_at(&self) -> Option<Timestamp> {
        let deadline = self.dispute.as_ref()?.deadline()?;
        Some(deadline.over_at().max(self.last_at))
    }

    /// Whether the deadline goes by a calendar that was not published when it was computed.
    pub fn is_provisional(&self) -> bool {
        let deadline = self.dispute.as_ref().and_then(Dispute::deadline);
        deadline.is_some_and(|it| it.provisional)
    }
}

/// What happens by itself up to `until`, each at the time at which it was due; nothing, if the dispute woke too early. `now` is
/// later where commands that may come before are still on their way.
pub fn wake(
    dispute: DisputeId,
    state: &State,
    until: Timestamp,
    now: Timestamp,
    env: &Env<'_>,
) -> Vec<Occurrence> {
    let mut sequel = Sequel::new(dispute, state, env);
    sequel.wake(until, now);
    sequel.written
}

/// The next thing that is due by `until`, and when it was.
pub(super) fn due(dispute: &Dispute, until: Timestamp, env: &Env<'_>) -> Option<(Option<Timestamp>, Event)> {
    let Standing::Open {
        step,
        deadline: Some(deadline),
        ..
    } = &dispute.standing
    else {
        return None;
    };
    if deadline.can_be_revised(env) {
        return Some((None, Event::DeadlineRevised));
    }
    let event = deadline.is_over(until).then(|| Event::StepLapsed {
        step: *step,
        due_at: deadline.at,
        then: lapse(dispute, *step, &env.rulebook.policy.disputes),
    })?;
    Some((Some(deadline.at), event))
}

fn lapse(dispute: &Dispute, step: Step, policy: &DisputePolicy) -> Then {
    let proceed = |rule, next| match rule {
        Lapse::Proceed => Then::Next(next),
        Lapse::NextLevel => raised(dispute, step, policy).unwrap_or(Then::Next(next)),
    };
    match step {
        Step::Negotiation => Then::Next(Step::Application),
        // applied by itself
        Step::Application => Then::Next(Step::Acceptance),
        Step::Acceptance => proceed(policy.on_lapse.acceptance, Step::Forwarding),
        Step::Forwarding => proceed(policy.on_lapse.forwarding, Step::Replies),
        Step::Replies => Then::Next(Step::Opinion),
        Step::Opinion => proceed(policy.on_lapse.opinion, Step::Decision),
        // who says nothing does not accept
        Step::Consent => Then::Next(Step::Decision),
        Step::Decision => {
            // the next level hears the parties first, unless it reviews a ruling
            let again = if dispute.rulings.is_empty() {
                Step::Opinion
            } else {
                Step::Decision
            };
            raised(dispute, again, policy).unwrap_or(Then::Escalated)
        }
        Step::AppealWindow if dispute.taken_up_at.is_some() => Then::Next(Step::Compliance),
        Step::AppealWindow => Then::Next(Step::TakingUp),
        Step::TakingUp => Then::Next(Step::Breach),
        Step::Breach | Step::Compliance => Then::Escalated,
    }
}

fn raised(dispute: &Dispute, step: Step, policy: &DisputePolicy) -> Option<Then> {
    let (to, skipped) = next_above(&dispute.forum, policy, &dispute.agencies())?;
    Some(Then::Raised { to, step, skipped })
}
