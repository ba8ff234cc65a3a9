//! The ladder (督办阶梯): what happens by itself as a due time comes nearer and after it has passed.

use serde::{Deserialize, Serialize};

use super::{NoticeState, Reached, Running};
use crate::calendar::{Limit, Step, Unit};
use crate::clue::{Clue, Env, Event, Holder, Stage};
use crate::code::{AgencyId, AreaCode, Level, Rung};
use crate::time::Timestamp;

/// The steps of the ladder, as the policy has them. In `rulebook.toml`: `[[policy.ladder.rungs]]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ladder {
    pub rungs: Vec<RungRule>,
    /// A step that is taken later than this after its time is marked late.
    pub late_after_minutes: u32,
}

/// One step of the ladder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct RungRule {
    pub rung: Rung,
    pub kind: RungKind,
    /// Of which clock.
    pub clock: Step,
    pub when: When,
}

/// What a step of the ladder does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RungKind {
    /// Tells whoever holds the clue; goes by itself.
    Reminder,
    /// A colour on lists and pages (blue, yellow, red).
    Colour,
    /// To the leader of whoever holds the clue (督办通知); drafted, a named person issues it.
    Notice,
    /// Named in a bulletin (通报); drafted, a named person issues it.
    Bulletin,
    /// Shown to the next level: town → county → city.
    Escalation,
}

/// When a step of the ladder is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum When {
    /// So many hundredths of the time are used up; of working time, where the limit counts that. 100: the due time itself.
    Used(u32),
    /// So much is left.
    Before(Limit),
    /// So much later than the due time; of working days, when work begins on the last of them.
    After(Limit),
}

/// The form in which a rulebook has a step: exactly one of `used`, `before` and `after`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    rung: Rung,
    kind: RungKind,
    #[serde(default = "overall")]
    clock: Step,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    used: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

const fn overall() -> Step {
    Step::Overall
}

impl TryFrom<Written> for RungRule {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let when = match (written.used, written.before, written.after) {
            (Some(used @ 1..=100), None, None) => When::Used(used),
            (Some(_), None, None) => return Err("used must be from 1 to 100 (per cent)".to_owned()),
            (None, Some(limit), None) => When::Before(parsed(&limit)?),
            (None, None, Some(limit)) => When::After(parsed(&limit)?),
            _ => return Err("a step of the ladder needs exactly one of used, before and after".to_owned()),
        };
        Ok(Self {
            rung: written.rung,
            kind: written.kind,
            clock: written.clock,
            when,
        })
    }
}

fn parsed(limit: &str) -> Result<Limit, String> {
    limit
        .parse()
        .map_err(|error| format!("{limit:?} is no limit: {error}"))
}

impl From<RungRule> for Written {
    fn from(rule: RungRule) -> Self {
        let (used, before, after) = match rule.when {
            When::Used(used) => (Some(used), None, None),
            When::Before(limit) => (None, Some(limit.to_string()), None),
            When::After(limit) => (None, None, Some(limit.to_string())),
        };
        Self {
            rung: rule.rung,
            kind: rule.kind,
            clock: rule.clock,
            used,
            before,
            after,
        }
    }
}

impl RungKind {
    pub const ALL: [Self; 5] = [
        Self::Reminder,
        Self::Colour,
        Self::Notice,
        Self::Bulletin,
        Self::Escalation,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reminder => "reminder",
            Self::Colour => "colour",
            Self::Notice => "notice",
            Self::Bulletin => "bulletin",
            Self::Escalation => "escalation",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether a named person must issue it.
    pub const fn is_drafted(self) -> bool {
        matches!(self, Self::Notice | Self::Bulletin)
    }

    pub(in crate::clue) const fn notice(self) -> NoticeState {
        if self.is_drafted() {
            NoticeState::Drafted
        } else {
            NoticeState::None
        }
    }
}

impl Default for Ladder {
    /// Reminder, colours, a notice on the working day after, a bulletin five working days later; each desk and agency is told of its own clock.
    fn default() -> Self {
        let rung = |name: &str, kind, clock, when| {
            Rung::new(name).ok().map(|rung| RungRule {
                rung,
                kind,
                clock,
                when,
            })
        };
        let days = |days| Limit::new(days, Unit::WorkingDays).map_or(When::Used(100), When::After);
        let (overall, kind) = (Step::Overall, RungKind::Reminder);
        let rungs = [
            rung("blue", RungKind::Colour, overall, When::Used(50)),
            rung("reminder", kind, overall, When::Used(75)),
            rung("yellow", RungKind::Colour, overall, When::Used(80)),
            rung("red", RungKind::Colour, overall, When::Used(100)),
            rung("overdue_notice", RungKind::Notice, overall, days(1)),
            rung("escalation", RungKind::Escalation, overall, days(3)),
            rung("bulletin", RungKind::Bulletin, overall, days(6)),
            rung("escalation_2", RungKind::Escalation, overall, days(8)),
            rung("dispatch_overdue", kind, Step::Dispatch, When::Used(100)),
            rung("triage_overdue", kind, Step::Triage, When::Used(100)),
            rung("acknowledge_overdue", kind, Step::Acknowledge, When::Used(100)),
            rung("handle_overdue", kind, Step::Handle, When::Used(100)),
            rung("check_overdue", kind, Step::Check, When::Used(100)),
        ];
        Self {
            rungs: rungs.into_iter().flatten().collect(),
            late_after_minutes: 60,
        }
    }
}

/// To whom a step of the ladder goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// The agency that holds the clue; of an escalation, the one below. `None`: a desk of the level holds it.
    pub agency: Option<AgencyId>,
    pub level: Option<Level>,
    /// Of the level.
    pub area: Option<AreaCode>,
}

/// When the next step of the ladder is reached; `None`: none is left.
pub(super) fn next_rung(clue: &Clue, running: &[Running], env: &Env<'_>) -> Option<Timestamp> {
    upcoming(clue, running, env).map(|(at, ..)| at).min()
}

/// The earliest step of the ladder that is reached by `until`.
pub(in crate::clue) fn due_rung(
    clue: &Clue,
    until: Timestamp,
    now: Timestamp,
    env: &Env<'_>,
) -> Option<(Timestamp, Event)> {
    let clocks = clue.timing.clocks.as_ref()?;
    let reached = upcoming(clue, &clocks.running, env).filter(|(at, ..)| *at <= until);
    let (at, running, rule) = reached.min_by_key(|(at, ..)| *at)?;
    let late_after = i64::from(env.rulebook.policy.ladder.late_after_minutes);
    let event = Event::RungReached {
        step: rule.clock,
        rung: rule.rung.clone(),
        kind: rule.kind,
        due_at: running.due_at,
        late: now > at.plus_minutes(late_after),
        to: recipient(clue, rule.kind, env),
    };
    Some((at, event))
}

/// Every step of the ladder that is still to come for these clocks, with its time, in the order of the policy.
fn upcoming<'a>(
    clue: &'a Clue,
    running: &'a [Running],
    env: &'a Env<'_>,
) -> impl Iterator<Item = (Timestamp, &'a Running, &'a RungRule)> {
    // a clue whose history waits lives in it, until it is dispatched there, and one that its source's log moves is reminded there
    let stands_still =
        matches!(clue.stage, Stage::Suspended { .. }) || clue.pending_history.is_some() || clue.is_logged();
    let rules = env
        .rulebook
        .policy
        .ladder
        .rungs
        .iter()
        .filter(move |_| !stands_still);
    rules.filter_map(move |rule| {
        let mut running = running.iter();
        let running = running.find(|running| running.step == rule.clock && running.stands_since.is_none())?;
        let reached = |it: &&Reached| it.rung == rule.rung && it.step == rule.clock && running.had(it.due_at);
        if clue.timing.reached.iter().find(reached).is_some() {
            return None;
        }
        let at = time_of(rule.when, running, clue, env)?;
        Some((at, running, rule))
    })
}

/// `None`: never; what should have come before the due time became known is not made up for.
fn time_of(when: When, running: &Running, clue: &Clue, env: &Env<'_>) -> Option<Timestamp> {
    let calendar = &env.current.calendar;
    let place = clue.area.as_ref();
    let ahead = |at: Timestamp| (at > running.known_at && at > running.since).then_some(at);
    match when {
        When::Used(100) => passed_at(running),
        When::Used(percent) => ahead(share(running, percent, clue, env)?),
        When::Before(limit) => ahead(calendar.before(place, running.due_at, limit).ok()?),
        When::After(limit) => {
            let passed = passed_at(running)?;
            let at = calendar
                .due_with(place, passed, &[limit], &clue.pauses(env))
                .ok()?
                .at;
            if limit.unit() == Unit::WorkingDays {
                calendar.opening(place, at).ok()
            } else {
                Some(at)
            }
        }
    }
}

/// When its holder was late, as far as the ladder goes: at the due time, or when it was known if that had passed by then.
fn passed_at(running: &Running) -> Option<Timestamp> {
    (!running.silent).then(|| running.due_at.max(running.known_at))
}

/// When so many hundredths of the time are used up: of working time where the limit counts that, and of no time that was paused.
fn share(running: &Running, percent: u32, clue: &Clue, env: &Env<'_>) -> Option<Timestamp> {
    let calendar = &env.current.calendar;
    let place = clue.area.as_ref();
    let (since, due_at) = (running.since, running.due_at);
    let continuous = matches!(
        running.limit.map(Limit::unit),
        Some(Unit::Minutes | Unit::Hours | Unit::Days)
    );
    let unit = if continuous {
        Unit::Hours
    } else {
        Unit::WorkingHours
    };
    let used =
        |from: Timestamp, to: Timestamp| calendar.used(place, from.max(since), to.min(due_at), unit).ok();
    let after = |micros| {
        if continuous {
            Some(since.plus_micros(micros))
        } else {
            calendar.after_working_time(place, since, micros).ok()
        }
    };
    let pauses = clue.pauses(env);
    let stood_still = pauses
        .iter()
        .map(|pause| used(pause.from, pause.to))
        .sum::<Option<i64>>()?;
    let whole = used(since, due_at)? - stood_still;
    let mut part = whole / 100 * i64::from(percent) + whole % 100 * i64::from(percent) / 100;
    let mut at = after(part)?;
    for pause in pauses.iter().take_while(|pause| pause.from < due_at) {
        if pause.from >= at {
            break;
        }
        part += used(pause.from, pause.to)?;
        at = after(part)?;
    }
    Some(at)
}

/// Whoever holds the clue; of an escalation, the level above it, one further for each that came before.
fn recipient(clue: &Clue, kind: RungKind, env: &Env<'_>) -> Recipient {
    let holder = clue.holder();
    let known = |agency: &AgencyId| {
        let mut books = [env.rulebook, env.current].into_iter();
        books.find_map(|book| book.agencies.get(agency))
    };
    let (agency, level, area) = match holder {
        Some(Holder::Agency(agency)) => {
            let entry = known(agency);
            let (level, area) = entry.map_or((None, None), |it| (it.level, it.area.clone()));
            (Some(agency.clone()), level, area)
        }
        Some(Holder::Coordinator(level)) => (None, Some(level), clue.area.clone()),
        _ => (None, Some(Level::County), clue.area.clone()),
    };
    if kind != RungKind::Escalation {
        return Recipient { agency, level, area };
    }
    let rungs = &env.rulebook.policy.ladder.rungs;
    let is_escalation = |rung: &Rung| {
        rungs
            .iter()
            .any(|it| it.rung == *rung && it.kind == RungKind::Escalation)
    };
    let before = clue
        .timing
        .reached
        .iter()
        .filter(|it| is_escalation(&it.rung))
        .count();
    let level = (0..=before).fold(level, |level, _| level.map(above));
    let area = area.and_then(|area| area_of(&area, level?, env));
    Recipient { agency, level, area }
}

/// Town → county → city.
const fn above(level: Level) -> Level {
    match level {
        Level::Grid | Level::Village => Level::Town,
        Level::Town => Level::County,
        Level::County | Level::City => Level::City,
    }
}

/// The area of that level in which `area` lies.
fn area_of(area: &AreaCode, level: Level, env: &Env<'_>) -> Option<AreaCode> {
    let areas = [env.rulebook, env.current]
        .into_iter()
        .flat_map(|book| book.areas.values());
    let mut around = areas.filter(|it| it.level == level && area.is_within(&it.code));
    around.next().map(|it| it.code.clone())
}
