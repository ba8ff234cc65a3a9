//! A year of a simulated county: some hundred clues, each with a life of its own, held against a computation that knows nothing of
//! [`crate::calendar`] or of [`super::super`], but the rules in words (`rules`) and how to count (`plain`).

mod lives;
mod plain;
mod rules;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;

use self::lives::{Life, Random};
use self::plain::{HOLIDAYS, HOURS, LATER, Plain, length};
use self::rules::{Book, LIMITS, MATTERS, Rung, Told, When, rows};
use super::super::super::testing::{Case, area, matter};
use super::super::super::{Binding, Event, Role, RungKind};
use super::super::{Ladder, RungRule};
use crate::calendar::{
    Calendar, DayName, Days, HoursRow, LimitRow, Limits, MonthDay, Season, Step, Weekend, parse_sessions,
};
use crate::code::{CategoryCode, RulebookVersion, Severity, SourceId};
use crate::dispute::InterimRule;
use crate::routing::{Matter, MatterPattern, Rulebook};
use crate::time::Timestamp;

/// The first moment of 2026 in Shaoxing, in microseconds, and one in 2027: until then what was reported in 2026 goes on.
const START: i64 = 1_767_196_800_000_000;
const END: i64 = START + 385 * plain::DAY;
/// When another calendar holds: of 2027 it is known which days are worked, and other hours are. On 10 December, at three.
const PUBLISHED: i64 = START + 343 * plain::DAY + 3 * plain::HOUR;
/// As nobody knows them yet.
const NEXT_YEAR: [(&str, &[&str]); 2] = [
    (
        "holidays",
        &[
            "2027-01-01",
            "2027-01-02",
            "2027-01-03",
            "2027-02-05",
            "2027-02-08",
            "2027-02-09",
        ],
    ),
    ("workdays", &["2027-01-09", "2027-01-10", "2027-02-14"]),
];

const CLUES: u64 = 1000;

/// Of the default ladder, in words: name, kind, clock, when.
const DEFAULT: [(&str, RungKind, &str, &str); 13] = [
    ("blue", RungKind::Colour, "overall", "used 50"),
    ("reminder", RungKind::Reminder, "overall", "used 75"),
    ("yellow", RungKind::Colour, "overall", "used 80"),
    ("red", RungKind::Colour, "overall", "used 100"),
    ("overdue_notice", RungKind::Notice, "overall", "after 1wd"),
    ("escalation", RungKind::Escalation, "overall", "after 3wd"),
    ("bulletin", RungKind::Bulletin, "overall", "after 6wd"),
    ("escalation_2", RungKind::Escalation, "overall", "after 8wd"),
    ("dispatch_overdue", RungKind::Reminder, "dispatch", "used 100"),
    ("triage_overdue", RungKind::Reminder, "triage", "used 100"),
    (
        "acknowledge_overdue",
        RungKind::Reminder,
        "acknowledge",
        "used 100",
    ),
    ("handle_overdue", RungKind::Reminder, "handle", "used 100"),
    ("check_overdue", RungKind::Reminder, "check", "used 100"),
];

/// A ladder of a place that sets its own.
const OTHER: [(&str, RungKind, &str, &str); 12] = [
    ("days_before", RungKind::Reminder, "overall", "before 2d"),
    ("day_before", RungKind::Reminder, "overall", "before 1wd"),
    ("soon", RungKind::Colour, "overall", "before 4wh"),
    ("half_hour", RungKind::Reminder, "acknowledge", "before 30min"),
    ("third", RungKind::Colour, "handle", "used 33"),
    ("over", RungKind::Colour, "overall", "used 100"),
    ("hours_later", RungKind::Escalation, "overall", "after 3h"),
    ("half_day_later", RungKind::Notice, "overall", "after 4wh"),
    ("days_later", RungKind::Escalation, "overall", "after 2d"),
    ("named", RungKind::Bulletin, "handle", "after 2wd"),
    ("desk", RungKind::Notice, "check", "after 5wh"),
    ("triage_half", RungKind::Colour, "triage", "used 50"),
];

fn calendar(more: &[(&str, &[&str])], hours: &str) -> Calendar {
    let file: BTreeMap<String, BTreeMap<Date, String>> =
        serde_json::from_str(HOLIDAYS).expect("the shipped file");
    let days = |kind: &str| {
        let more = more
            .iter()
            .filter(|(it, _)| *it == kind)
            .flat_map(|(_, days)| *days);
        let more = more.map(|day| day.parse().expect("a date"));
        let all = file[kind].keys().copied().chain(more);
        all.map(|day| (day, DayName::default())).collect()
    };
    let days = Days {
        holidays: days("holidays"),
        workdays: days("workdays"),
    };
    let hours = hours.lines().skip(1).map(|line| {
        let cells: Vec<_> = line.split(',').collect();
        HoursRow {
            area: Some(area(cells[0])),
            season: MonthDay::parse(cells[1])
                .zip(MonthDay::parse(cells[2]))
                .map(|(from, to)| Season { from, to }),
            sessions: parse_sessions(cells[3]).expect("sessions"),
        }
    });
    let zone = TimeZone::get("Asia/Shanghai").expect("bundled");
    Calendar::new(zone, days, hours.collect(), Weekend::default())
}

/// The same rulebook with that calendar.
fn next_year(book: &Rulebook) -> Rulebook {
    static KNOWN: std::sync::LazyLock<Calendar> = std::sync::LazyLock::new(|| calendar(&NEXT_YEAR, LATER));
    let mut book = book.clone();
    book.version = RulebookVersion::new("def456").expect("valid");
    book.calendar = KNOWN.clone();
    book
}

fn limit_rows(rows: &[rules::Row]) -> Limits {
    let row = |(line, [matter_or, severity, source, place, step, limit]): &rules::Row| LimitRow {
        line: *line,
        matter: match matter_or.as_str() {
            "*" => MatterPattern::Any,
            it if MATTERS.iter().any(|(code, ..)| *code == it) => MatterPattern::Matter(matter(it)),
            it => MatterPattern::Category(CategoryCode::new(it).expect("valid")),
        },
        severity: Severity::new(severity).ok(),
        source: SourceId::new(source).ok(),
        area: (!place.is_empty()).then(|| area(place)),
        step: Step::parse(step).expect("a step"),
        limit: limit.parse().expect("a limit"),
    };
    Limits::new(rows.iter().map(row).collect())
}

fn ladder(rungs: &[(&str, RungKind, &'static str, &str)]) -> (Vec<Rung>, Ladder) {
    let plain = rungs.iter().map(|(name, kind, clock, when)| {
        let (word, value) = when.split_once(' ').expect("two words");
        let when = match word {
            "used" => When::Used(value.parse().expect("per cent")),
            "before" => When::Before(length(value)),
            _ => When::After(length(value)),
        };
        ((*name).to_owned(), *kind, *clock, when)
    });
    let written = rungs.iter().map(|(name, kind, clock, when)| {
        let (word, value) = when.split_once(' ').expect("two words");
        let value = value
            .parse::<u32>()
            .map_or_else(|_| format!("{value:?}"), |it| it.to_string());
        let text = format!(
            r#"{{"rung": "{name}", "kind": "{}", "clock": "{clock}", "{word}": {value}}}"#,
            kind.as_str()
        );
        serde_json::from_str::<RungRule>(&text).expect("a step")
    });
    let ladder = Ladder {
        rungs: written.collect(),
        late_after_minutes: 60,
    };
    (plain.collect(), ladder)
}

fn life(seed: u64) -> Life {
    static CALENDAR: std::sync::LazyLock<Calendar> = std::sync::LazyLock::new(|| calendar(&[], HOURS));
    let mut random = Random::new(seed);
    let binds = random.of(&[
        Binding::Earliest,
        Binding::Earliest,
        Binding::Source,
        Binding::Own,
    ]);
    let limited = random.percent(90);
    let disputes_pause = random.percent(40);
    let limits = rows(LIMITS, |line| limited || !line.contains(",overall,"));
    let (rungs, other) = ladder(if random.percent(70) { &DEFAULT } else { &OTHER });
    let mut case = Case::new().with(|policy| {
        policy.clocks.binds = binds;
        policy.admission.automatic = random.percent(85);
        policy.returns.limit = 1 + random.below(3) as u32;
        policy.disputes.interim_holder = random.of(&[InterimRule::FirstReceiver, InterimRule::UrgentOnly]);
        policy.disputes.pauses_clock = disputes_pause;
        policy.disputes.limits.return_window = "380d".parse().expect("a limit");
        if rungs[0].0 != DEFAULT[0].0 {
            policy.ladder = other.clone();
        }
    });
    case.rulebook.calendar = CALENDAR.clone();
    case.rulebook.limits = limit_rows(&limits);
    for (code, category, severity) in MATTERS {
        let entry = Matter {
            code: matter(code),
            name: code.to_owned(),
            name_en: String::new(),
            category: CategoryCode::new(category).ok(),
            severity: Severity::new(severity).ok(),
            basis: String::new(),
        };
        case.rulebook.matters.insert(matter(code), entry);
    }
    let told = Told::new(Book {
        plain: Plain::new(&[], HOURS),
        later: Plain::new(&NEXT_YEAR, LATER),
        limits,
        ladder: rungs,
        binds,
        disputes_pause,
    });
    Life::new(seed, case, told, random)
}

/// What happened to a clue, for whoever reads why a test failed.
fn words(case: &Case) -> String {
    let shown = |at: Timestamp| {
        let zone = TimeZone::get("Asia/Shanghai").expect("bundled");
        zone.to_datetime(at.to_jiff())
            .strftime("%a %m-%d %H:%M:%S%.f")
            .to_string()
    };
    let line = |it: &crate::clue::Occurrence| {
        let clocks = it.clocks.as_ref().map(|clocks| {
            let due = clocks.running.iter().map(|clock| {
                let limit = clock
                    .limit
                    .map_or_else(|| "source".to_owned(), |limit| limit.to_string());
                format!("{} {limit} until {}", clock.step, shown(clock.due_at))
            });
            let next = clocks.next_rung.map_or_else(|| "never".to_owned(), shown);
            format!(": {}; next step {next}", due.collect::<Vec<_>>().join(", "))
        });
        let more = match &it.event {
            Event::RungReached { rung, .. } => format!(" {rung}"),
            Event::ClueSuspended { suspension } => format!(" until {}", shown(suspension.until)),
            Event::ExtensionRequested { limit } => format!(" {limit}"),
            Event::CommandRejected { command, rejection } => format!(" {command} {}", rejection.code),
            _ => String::new(),
        };
        let (name, at, known) = (it.event.name(), shown(it.at), shown(it.received_at));
        format!("{at} (known {known}) {name}{more}{}", clocks.unwrap_or_default())
    };
    case.journal.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What holds of a whole life, whatever it was.
fn reconcile(life: &Life) {
    let mut seen = BTreeSet::new();
    let (mut ended, mut before) = (true, Timestamp::EPOCH);
    for it in &life.case.journal {
        match &it.event {
            Event::ClueClosed { .. } | Event::ClueVoided { .. } | Event::ClueRejected { .. } => ended = true,
            Event::ClueReported { .. } | Event::ClueReopened { .. } => ended = false,
            Event::RungReached {
                step, rung, due_at, ..
            } => {
                let again = !seen.insert((*step, rung.clone(), *due_at));
                let early = it.actor.role != Role::Clock || it.at > it.received_at.max(before);
                if again || ended || early {
                    let found = (again, ended, early);
                    life.differ(
                        "once, of an open clue, not in advance",
                        &(false, false, false),
                        &found,
                    );
                }
            }
            _ => {}
        }
        before = it.at;
    }
}

#[test]
fn a_year_of_a_county_is_as_the_rules_say_in_words() {
    assert_eq!(
        ladder(&DEFAULT).1,
        Ladder::default(),
        "the default ladder in words"
    );
    let mut seen = BTreeSet::new();
    for seed in 0..CLUES {
        let mut life = life(seed);
        life.live();
        reconcile(&life);
        seen.append(&mut life.seen);
    }
    assert_reached(&seen);
}

/// The year is worth something only if what can happen does.
fn assert_reached(seen: &BTreeSet<String>) {
    let rungs = DEFAULT
        .iter()
        .chain(&OTHER)
        .map(|(name, ..)| format!("rung {name}"));
    let units = ["min", "h", "wh", "wd", "d"].map(|unit| format!("overall by {unit}"));
    let binds = [
        "Earliest gives source",
        "Earliest gives own",
        "Source gives source",
        "Own gives source",
    ];
    let events = [
        "DeadlineRevised",
        "ClueResumed",
        "ExtensionGranted",
        "ExtensionRefused",
        "ClueReopened",
        "ClueDisputed",
        "ClueHeldForDispute",
        "ClueDesignated",
        "ClueReleasedFromDispute",
    ];
    let refused = [
        "overdue",
        "deadline_of_source",
        "extension_too_long",
        "extensions_used_up",
        "extension_pending",
        "extension_not_requested",
        "reopen_window_over",
        "until_too_far",
        "until_in_past",
        "in_dispute",
        "designated_may_not_return",
    ];
    let words = [&binds[..], &events, &refused].concat();
    let expected = rungs.chain(units).chain(words.into_iter().map(str::to_owned));
    let missing: Vec<_> = expected.filter(|it| !seen.contains(it)).collect();
    assert!(missing.is_empty(), "no life had {missing:?}; they had {seen:?}");
}
