//! Random lives: sequences of commands that mostly make sense, so that they get far, and sometimes none.

mod helping;

use proptest::collection::vec;
use proptest::prelude::*;

use crate::calendar::{Calendar, Days, HoursRow, Weekend, parse_sessions};
use crate::code::Severity;
use crate::digest::Digest;

use super::super::testing::{
    CITY, COUNTY, COUNTY_WATER, Case, LIMITS, OTHER_COUNTY, TOWN, agency, area, assign, calendar, called,
    changed, checker, coordinator, decision, deletion, designate, history, hold, limits, matter, of, party,
    raise, release, report, reported_with, request_extension, request_return, resolve, role, rung, snapshot,
    source, suspend, transfer,
};
use super::super::{
    Actor, Binding, CallBack, ClosingAuthority, Command, Designation, Discrepancy, Policy, Role,
    SourceStatus, Task, Verification,
};
use crate::code::Level;
use crate::dispute::{Cause, InterimRule, Position};
use crate::id::{ClueId, CommandId, DisputeId};
use crate::routing::Rulebook;

use self::helping::of_tasks;

/// One thing to ask: what, by whom and when is made out of the numbers once the clue's stage is known.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    /// Something that the stage offers, by somebody who may; else anything by anybody.
    fitting: bool,
    what: usize,
    who: usize,
    target: usize,
    hours: i64,
    claimed_hours: Option<i64>,
}

pub(crate) fn asks() -> impl Strategy<Value = Vec<Ask>> {
    let ask = (
        prop::bool::weighted(0.8),
        0..1000_usize,
        0..1000_usize,
        0..1000_usize,
        0..50_i64,
        any::<bool>(),
        -200..3_i64,
    );
    let ask = ask.prop_map(|(fitting, what, who, target, hours, claims, claimed)| Ask {
        fitting,
        what,
        who,
        target,
        hours,
        claimed_hours: claims.then_some(claimed),
    });
    vec(ask, 1..50)
}

pub(crate) fn policies() -> impl Strategy<Value = Policy> {
    let flags = (
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    );
    (flags, 1..4_u32, 1..4_u32).prop_map(
        |((automatic, approval, check, call_back, auto_close), limit, attempts)| {
            let mut policy = Policy::default();
            policy.admission.automatic = automatic;
            policy.returns.approval = approval;
            policy.returns.limit = limit;
            policy.disputes.designated_may_return = check && call_back;
            policy.disputes.pauses_clock = automatic && check;
            policy.disputes.interim_holder = [
                InterimRule::FirstReceiver,
                InterimRule::UrgentOnly,
                InterimRule::DesignatedLead,
            ][attempts as usize - 1];
            if !approval || limit > 1 {
                policy.disputes.limits.return_window = "60d".parse().expect("a limit");
            }
            policy.clocks.binds = [Binding::Earliest, Binding::Source, Binding::Own][attempts as usize - 1];
            policy.verification.insert(
                "grid".to_owned(),
                Verification {
                    check,
                    call_back,
                    attempts,
                    auto_close,
                    closing_authority: if auto_close {
                        ClosingAuthority::Source
                    } else {
                        ClosingAuthority::Own
                    },
                },
            );
            policy
        },
    )
}

fn target(ask: &Ask) -> &'static str {
    [COUNTY, COUNTY_WATER, TOWN, OTHER_COUNTY, CITY, "unheard of"][ask.target % 6]
}

/// All that can be asked, with somebody who may ask it.
fn commands(case: &Case, ask: &Ask) -> Vec<(Actor, Command)> {
    let drafted = || rung(["overdue_notice", "bulletin", "red"][ask.target % 3]);
    let to = target(ask);
    let holder = case.state.clue.as_ref().and_then(|clue| clue.assignment());
    let holder = of(holder.map_or(COUNTY, |by| by.agency.as_str()));
    let (holder_again, holder_too) = (holder.clone(), holder.clone());
    let desk = coordinator();
    let closed_at = ask.claimed_hours.map(|hours| case.now.plus_minutes(60 * hours));
    let past = history(
        (!ask.who.is_multiple_of(3)).then_some(to),
        closed_at,
        ask.who.is_multiple_of(2),
    );
    let past_or_none = (!ask.what.is_multiple_of(3)).then(|| past.clone());
    vec![
        (role(Role::Source), Command::ReportClue(report())),
        (role(Role::Source), reported_with(past)),
        (role(Role::Source), changed(past_or_none)),
        (desk.clone(), Command::AdmitClue),
        (
            desk.clone(),
            Command::RejectClue {
                reason: "litigation".to_owned(),
            },
        ),
        (
            role(Role::Routing),
            Command::HoldForTriage {
                decision: decision("tie"),
            },
        ),
        (desk.clone(), assign(to)),
        (holder.clone(), Command::DelegateClue { to: agency(to) }),
        (holder.clone(), Command::AcknowledgeClue),
        (holder.clone(), request_return(to)),
        (
            desk.clone(),
            Command::ApproveReturn {
                to: ask.who.is_multiple_of(2).then(|| agency(to)),
            },
        ),
        (desk.clone(), Command::RefuseReturn),
        (desk.clone(), transfer(to)),
        (holder.clone(), Command::StartHandling),
        (holder.clone(), suspend(case.now.plus_days(20))),
        (role(Role::Clock), Command::ResumeClue),
        (holder, resolve()),
        (checker(), Command::PassCheck),
        (checker(), Command::FailCheck),
        (role(Role::CallBack), called(CallBack::ALL[ask.who % 4])),
        (desk.clone(), Command::CloseClue),
        (desk.clone(), Command::ReopenClue),
        (
            desk.clone(),
            Command::VoidClue {
                reason: "test_data".to_owned(),
            },
        ),
        (
            desk,
            Command::CorrectClue {
                matter: Some(matter("330217B00000")),
                area: None,
                category: None,
            },
        ),
        (role(Role::Source), version(ask)),
        (
            [coordinator(), holder_again][ask.who % 2].clone(),
            Command::SettleDiscrepancy {
                discrepancy: Discrepancy::ALL[ask.what % 5],
                accept: ask.target.is_multiple_of(2),
            },
        ),
        (role(Role::Source), deletion(None)),
        (
            role(Role::Source),
            Command::NoteMissing {
                file: Digest::of([ask.what.to_be_bytes().as_slice()]),
            },
        ),
        (role(Role::Source), elsewhere(version(ask))),
        (role(Role::Source), elsewhere(deletion(None))),
        (
            role(Role::Routing),
            Command::OfferClue {
                rulebook: decision("tie").rulebook,
            },
        ),
        (holder_too, request_extension(["3wh", "2wd", "9wd"][ask.who % 3])),
        (coordinator(), Command::GrantExtension),
        (coordinator(), Command::RefuseExtension),
        (
            coordinator(),
            Command::IssueNotice {
                rung: drafted(),
                ended: ask.who.is_multiple_of(2),
            },
        ),
        (coordinator(), Command::DiscardNotice { rung: drafted() }),
    ]
}

/// What brings it into dispute, and what the service that settles disputes asks.
fn of_disputes(case: &Case, ask: &Ask) -> [(Actor, Command); 7] {
    let to = target(ask);
    let clue = case.state.clue.as_ref();
    let by = clue.and_then(|clue| clue.assignment());
    let by = by.map_or(COUNTY, |by| by.agency.as_str());
    let nobodys = DisputeId::derive(
        ClueId::derive(&source(), "none"),
        CommandId::derive(b"none", "test", 0),
    );
    let dispute = clue.and_then(|clue| clue.dispute).unwrap_or(nobodys);
    let other = if to == CITY { COUNTY } else { CITY };
    let denied = [party(by, Some(Position::Denies)), party(to, None)];
    let claimed = [party(to, Some(Position::Claims)), party(by, None)];
    let levels = [Level::County, Level::City];
    let interim = (!ask.who.is_multiple_of(3)).then_some(to);
    let way = Designation::ALL[ask.who % 2];
    let service = || role(Role::Dispute);
    [
        (of(by), raise(Cause::ByAgency, &denied)),
        (of(to), raise(Cause::Claims, &claimed)),
        (
            coordinator(),
            raise(Cause::ByCoordinator, &[party(to, None), party(other, None)]),
        ),
        (of(by), raise(Cause::RefusedReturn, &[])),
        (service(), hold(dispute, interim, levels[ask.who % 2])),
        (service(), designate(dispute, to, way)),
        (service(), release(dispute)),
    ]
}

/// The same of another platform's record.
fn elsewhere(mut command: Command) -> Command {
    let (source, id) = match &mut command {
        Command::ReportClue(report) => (&mut report.source, &mut report.source_id),
        Command::NoteDeleted(deletion) => (&mut deletion.source, &mut deletion.source_id),
        _ => return command,
    };
    *source = "hotline".parse().expect("valid");
    "H-1".clone_into(id);
    command
}

/// The whole record again, in some state and with some other codes.
fn version(ask: &Ask) -> Command {
    let number = i64::try_from(ask.who % 7).unwrap_or(0);
    snapshot(number, SourceStatus::ALL[ask.target % 6], |report| {
        if ask.what.is_multiple_of(2) {
            report.area = Some(area("330602"));
        }
        if ask.what.is_multiple_of(3) {
            report.severity = Severity::new("high").ok();
        }
    })
}

/// To a dispute.
const SETTLING: &[usize] = &[40, 41, 41, 41, 42];

/// To an open task.
const HELPING: &[usize] = &[44, 45, 45, 46, 46, 47, 48, 49];

/// To a request for more time.
const ANSWERS: &[usize] = &[32, 32, 33];

/// What a stage offers, by place in [`commands`].
fn offered(stage: &str) -> &'static [usize] {
    match stage {
        "unknown" => &[0, 0, 1, 1, 24, 24, 26],
        "reported" => &[2, 3, 4, 22, 24, 26, 27],
        "admitted" => &[2, 4, 5, 6, 6, 6, 22, 23, 24, 28, 29],
        "triage" => &[2, 4, 5, 6, 6, 12, 23, 24, 30, 38, 38],
        "coordination" => &[2, 2, 6, 12, 23, 24, 25, 22, 40, 41],
        "dispatched" | "acknowledged" | "handling" => &[
            2, 7, 8, 9, 9, 12, 13, 14, 16, 16, 24, 25, 25, 26, 27, 28, 28, 29, 31, 31, 31, 32, 32, 32, 33,
            34, 34, 35, 35, 36, 37, 38, 39, 39, 43, 43, 43, 50, 51,
        ],
        "return_requested" => &[2, 10, 10, 11, 32, 12, 24, 25, 26, 27, 38],
        "suspended" => &[2, 15, 22, 24, 25, 43],
        "resolved" => &[2, 17, 18, 19, 19, 20, 24, 24],
        "closed" => &[2, 21, 24, 28, 48, 50],
        _ => &[2, 24, 25, 26],
    }
}

pub(super) fn choose(case: &mut Case, ask: &Ask) -> (Actor, Command) {
    case.now = case.now.plus_minutes(60 * ask.hours);
    case.occurred_at = ask.claimed_hours.map(|hours| case.now.plus_minutes(60 * hours));
    let mut all = commands(case, ask);
    all.extend(of_disputes(case, ask));
    all.extend(of_tasks(case, ask));
    if ask.fitting {
        let clue = case.state.clue.as_ref();
        let is_asked = clue.is_some_and(|clue| clue.timing.extension.is_some()) && !ask.who.is_multiple_of(3);
        let is_disputed = clue.is_some_and(|clue| clue.dispute.is_some()) && ask.who.is_multiple_of(4);
        let has_task = clue.is_some_and(|clue| clue.tasks.iter().any(Task::is_open)) && ask.who % 3 == 1;
        let offers = match case.stage() {
            _ if is_disputed => SETTLING,
            _ if is_asked => ANSWERS,
            _ if has_task => HELPING,
            stage => offered(stage),
        };
        return all.swap_remove(offers[ask.what % offers.len()]);
    }
    let (_, command) = all.swap_remove(ask.what % all.len());
    let agency = ask.target.is_multiple_of(2).then(|| agency(target(ask)));
    let person = ask
        .what
        .is_multiple_of(2)
        .then(|| ["A1", "B9"][ask.who % 2].to_owned());
    (
        Actor {
            role: Role::ALL[ask.who % Role::ALL.len()],
            agency,
            person,
        },
        command,
    )
}

/// The same rulebook where work begins late in the morning, which is of another version.
fn opening_later(book: &Rulebook) -> Box<Rulebook> {
    let sessions = parse_sessions("11:30-12:00 14:00-18:00").expect("sessions");
    let row = HoursRow {
        area: None,
        season: None,
        sessions,
    };
    let mut book = Box::new(book.clone());
    book.calendar = with(&book, calendar().days().clone(), vec![row]);
    book.version = "def456".parse().expect("valid");
    book
}

fn with(book: &Rulebook, days: Days, hours: Vec<HoursRow>) -> Calendar {
    Calendar::new(book.calendar.zone().clone(), days, hours, Weekend::default())
}

pub(crate) fn lived(policy: Policy, asks: &[Ask]) -> Case {
    let mut case = Case::new().with(|it| *it = policy);
    case.rulebook.calendar = calendar();
    if asks.first().is_some_and(|ask| ask.target.is_multiple_of(3)) {
        // of no year anything is published
        case.rulebook.calendar = with(&case.rulebook, Days::default(), Vec::new());
    }
    case.rulebook.limits = limits(LIMITS);
    for ask in asks {
        let (actor, command) = choose(&mut case, ask);
        // now and then nobody says why
        case.remark = (ask.hours % 10 > 0).then(|| "事由".to_owned());
        case.when(actor, command);
        // or another calendar takes effect
        if ask.what.is_multiple_of(4) {
            case.current = Some(opening_later(&case.rulebook));
        }
        // somebody looks now and then
        if ask.target.is_multiple_of(3) {
            case.wake(case.now);
        }
    }
    case
}
