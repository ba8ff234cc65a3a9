//! The rules of the clocks in words, and nothing else: what happened to a clue, and what follows.
//!
//! - Somebody has to dispatch from when the report is known here; to triage, to sign, to check from when it lies there. An agency
//!   handles from when it gets the clue, or gets it back. The whole runs from the first dispatch until the end, whoever has it.
//! - A clock keeps the limit that it began with. It goes by the calendar that holds when it begins, or is moved: when a pause begins or
//!   ends, by more time, by its source; or when it counted days of a year that was not published, and another calendar holds.
//! - A suspension is a pause until its end at the latest, whenever anybody says that it is over.
//! - A dispute puts a clue into other hands as a transfer does. Whoever has it already goes on, and has to sign from then on if it asked
//!   to return it.
//! - Where the policy says so, a dispute is a pause until it is known whose duty the clue is. Until then nobody knows how long, so that a
//!   clock stands still where it was, unless it is the source's; and again if that is not known any more. It begins when it was known here.
//! - More time counts for the whole, and for whoever has the clue.
//! - A due time that moves is known from then on; what lies before that is not made up for.

mod clocks;
mod steps;

use super::plain::{DAY, Length, MINUTE, Plain, Stretch, length};
use crate::clue::{Binding, Designation, Event, Occurrence, Role, RungKind};
use crate::code::Level;
use crate::dispute::Interim;
use crate::id::DisputeId;
use crate::time::Timestamp;

pub(super) const LIMITS: &str = include_str!("limits.csv");

/// The matters of the county: code, category, severity.
pub(super) const MATTERS: [(&str, &str, &str); 5] = [
    ("stall", "", ""),
    ("noise", "environment", ""),
    ("waste", "environment", "high"),
    ("sign", "street", ""),
    ("shed", "", "low"),
];

/// The steps that have clocks, in the order in which they are listed.
const STEPS: [&str; 6] = ["dispatch", "triage", "acknowledge", "check", "handle", "overall"];

/// A row of `limits.csv`: its line, its cells.
pub(super) type Row = (u32, [String; 6]);

pub(super) fn rows(text: &str, has: impl Fn(&str) -> bool) -> Vec<Row> {
    let lines = text.lines().zip(1..).skip(1).filter(|(line, _)| has(line));
    let row = |(line, number): (&str, u32)| {
        let cells: Vec<_> = line.split(',').map(str::to_owned).collect();
        (number, cells.try_into().expect("six cells"))
    };
    lines.map(row).collect()
}

/// A step of the ladder: name, kind, clock, when.
pub(super) type Rung = (String, RungKind, &'static str, When);

#[derive(Clone, Debug)]
pub(super) enum When {
    Used(i64),
    Before(Length),
    After(Length),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    pub(super) step: &'static str,
    pub(super) since: i64,
    pub(super) due: i64,
    pub(super) own: Option<i64>,
    pub(super) limit: Option<(u32, String)>,
    pub(super) provisional: bool,
    pub(super) known: i64,
    /// Whether it was counted when the next year was known.
    pub(super) by_later: bool,
    pub(super) stands: Option<i64>,
}

/// A step of the ladder as it has to be reached: its name, its clock, for which due time, when, late, to whom of which level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ToCome {
    pub(super) rung: String,
    pub(super) clock: &'static str,
    pub(super) due: i64,
    pub(super) at: i64,
    pub(super) late: bool,
    pub(super) to: (Option<String>, Level),
}

/// Where a clue lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lies {
    Unknown,
    Reported,
    Admitted,
    Triage,
    Coordination(Level),
    Held,
    Returning,
    Suspended { until: i64 },
    Resolved,
    Closed { at: i64 },
    Gone,
}

/// What holds where the clue is.
pub(super) struct Book {
    pub(super) plain: Plain,
    pub(super) later: Plain,
    pub(super) limits: Vec<Row>,
    pub(super) ladder: Vec<Rung>,
    pub(super) binds: Binding,
    /// Whether disputes are pauses.
    pub(super) disputes_pause: bool,
}

/// A clue as the rules see it.
pub(super) struct Told {
    pub(super) book: Book,
    /// Whether the year after this one is published.
    published: bool,
    /// The steps of the ladder to come.
    steps: Vec<ToCome>,
    /// When somebody was going to look again, as of what happened last.
    set: Option<i64>,
    pub(super) lies: Lies,
    pub(super) last_at: i64,
    pub(super) source: String,
    pub(super) matter: String,
    pub(super) severity: String,
    pub(super) area: String,
    pub(super) source_due: Option<i64>,
    pub(super) agency: Option<String>,
    pub(super) signed: bool,
    checked: bool,
    pub(super) extension: Option<Length>,
    pub(super) grants: Vec<(i64, Length)>,
    pub(super) pauses: Vec<Stretch>,
    suspended: Option<i64>,
    /// Times for which nobody knew whose duty it is, and since when that is so.
    unknowns: Vec<Stretch>,
    unknown: Option<i64>,
    /// The open dispute.
    pub(super) dispute: Option<DisputeId>,
    pub(super) designated: Option<Designation>,
    at_desk: i64,
    in_hand: i64,
    dispatched: Option<i64>,
    escalated: usize,
    reached: Vec<(String, &'static str, i64)>,
    pub(super) deadline: Option<i64>,
    pub(super) clocks: Vec<Clock>,
}

impl Told {
    pub(super) fn new(book: Book) -> Self {
        Self {
            book,
            published: false,
            steps: Vec::new(),
            set: None,
            lies: Lies::Unknown,
            last_at: 0,
            source: String::new(),
            matter: String::new(),
            severity: String::new(),
            area: String::new(),
            source_due: None,
            agency: None,
            signed: false,
            checked: false,
            extension: None,
            grants: Vec::new(),
            pauses: Vec::new(),
            suspended: None,
            unknowns: Vec::new(),
            unknown: None,
            dispute: None,
            designated: None,
            at_desk: 0,
            in_hand: 0,
            dispatched: None,
            escalated: 0,
            reached: Vec::new(),
            deadline: None,
            clocks: Vec::new(),
        }
    }

    pub(super) fn clock(&self, step: &str) -> Option<&Clock> {
        self.clocks.iter().find(|clock| clock.step == step)
    }

    fn plain(&self) -> &Plain {
        if self.published {
            &self.book.later
        } else {
            &self.book.plain
        }
    }

    /// Everybody learns which days of the next year are worked.
    pub(super) fn publish(&mut self) {
        self.published = true;
        self.steps = self.upcoming();
    }

    /// Something happened.
    pub(super) fn happens(&mut self, it: &Occurrence) {
        let at = it.at.as_micros();
        self.last_at = at;
        if matches!(it.event, Event::CommandRejected { .. }) {
            return;
        }
        let known = at.max(it.received_at.as_micros());
        let was = self.lies;
        let before = self.moved_by();
        self.moves(&it.event, at, known);
        if let (Lies::Suspended { until }, Some(from)) = (was, self.suspended)
            && !matches!(self.lies, Lies::Suspended { .. })
        {
            self.pauses.push((from, until.min(at)));
            self.suspended = None;
        }
        self.knows(&it.event, at, known);
        let by_itself = it.actor.role == Role::Clock && it.event != Event::DeadlineRevised;
        let moved = before != self.moved_by();
        self.wind(moved, if by_itself { at } else { known });
    }

    /// What moves every clock when it changes: a pause that begins or ends, more time, the source's due time.
    fn moved_by(&self) -> ([bool; 2], usize, usize, Option<i64>) {
        let lasting = [self.suspended.is_some(), self.stands().is_some()];
        (lasting, self.pauses.len(), self.grants.len(), self.source_due)
    }

    /// Whether it is known whose duty it is.
    fn knows(&mut self, event: &Event, at: i64, known: i64) {
        if matches!(
            event,
            Event::ClueDisputed { .. } | Event::ClueHeldForDispute { .. }
        ) {
            self.unknown.get_or_insert(known);
        }
        if self.dispute.is_none() || matches!(event, Event::ClueDesignated { .. }) {
            self.unknowns.extend(self.unknown.take().map(|from| (from, at)));
        }
    }

    /// Since when all its clocks stand still.
    fn stands(&self) -> Option<i64> {
        self.unknown.filter(|_| self.book.disputes_pause)
    }

    fn moves(&mut self, event: &Event, at: i64, known: i64) {
        match event {
            Event::ClueReported { report, .. } => {
                self.lies = Lies::Reported;
                self.at_desk = known;
                self.source = report.source.to_string();
                self.matter = report.matter.as_ref().expect("one").to_string();
                self.severity = report
                    .severity
                    .as_ref()
                    .map_or(String::new(), ToString::to_string);
                self.area = report.area.as_ref().expect("one").to_string();
                self.source_due = report.source_due_at.map(Timestamp::as_micros);
            }
            Event::SourceUpdated { report, .. } => {
                self.source_due = report.source_due_at.map(Timestamp::as_micros);
            }
            Event::ClueAdmitted => (self.lies, self.at_desk) = (Lies::Admitted, self.at_desk.max(known)),
            Event::ClueCorrected(codes) => {
                (self.lies, self.at_desk) = (Lies::Admitted, at);
                self.agency = None;
                let (matter, area) = (codes.matter.as_ref(), codes.area.as_ref());
                self.matter = matter.map_or_else(|| self.matter.clone(), ToString::to_string);
                self.area = area.map_or_else(|| self.area.clone(), ToString::to_string);
            }
            Event::ClueHeldForTriage { .. } if self.lies == Lies::Triage => {}
            Event::ClueHeldForTriage { .. } => self.desk(Lies::Triage, at),
            Event::ClueDisputed { dispute, .. } => {
                self.dispute = Some(*dispute);
                self.disputed(event, at);
            }
            Event::ClueHeldForDispute { .. } | Event::ClueDesignated { .. } => self.disputed(event, at),
            Event::ClueReleasedFromDispute { .. } => self.dispute = None,
            Event::ClueAssigned { assignment, .. } => self.gets(assignment.agency.as_str(), at),
            Event::ClueTransferred { to, .. } => self.gets(to.as_str(), at),
            Event::ClueDelegated { to, .. } => {
                (self.lies, self.at_desk, self.signed) = (Lies::Held, at, false);
                self.agency = Some(to.to_string());
            }
            Event::ClueAcknowledged | Event::HandlingStarted => self.signed = true,
            Event::ReturnRequested { .. } => self.lies = Lies::Returning,
            Event::ReturnRefused => (self.lies, self.at_desk) = (Lies::Held, at),
            Event::ClueSuspended { suspension } => {
                let until = suspension.until.as_micros();
                (self.lies, self.suspended) = (Lies::Suspended { until }, Some(at));
            }
            Event::ClueResumed => self.lies = Lies::Held,
            Event::ExtensionRequested { limit } => self.extension = Some(length(&limit.to_string())),
            Event::ExtensionGranted { limit } => {
                self.grants.push((at, length(&limit.to_string())));
                self.extension = None;
            }
            Event::ExtensionRefused => self.extension = None,
            Event::ClueResolved { .. } => {
                self.desk(Lies::Resolved, at);
                self.checked = false;
            }
            Event::CheckPassed => self.checked = true,
            Event::CheckFailed | Event::ClueReopened { .. } => {
                (self.lies, self.in_hand, self.signed) = (Lies::Held, at, true);
            }
            Event::ClueClosed { .. } => {
                (self.lies, self.extension, self.dispute) = (Lies::Closed { at }, None, None);
            }
            Event::ClueVoided { .. } | Event::ClueRejected { .. } => self.lies = Lies::Gone,
            Event::RungReached {
                rung,
                step,
                due_at,
                kind,
                ..
            } => {
                let step = STEPS.into_iter().find(|it| *it == step.as_str()).expect("a step");
                self.reached.push((rung.to_string(), step, due_at.as_micros()));
                self.escalated += usize::from(*kind == RungKind::Escalation);
            }
            Event::ReturnApproved | Event::DeadlineRevised => {}
            other => panic!("no life has a {}", other.name()),
        }
    }

    /// A dispute puts it into other hands as a transfer does; whoever has it already goes on, and what it asked for is over.
    fn disputed(&mut self, event: &Event, at: i64) {
        let (agency, level) = match event {
            Event::ClueDisputed { interim, level, .. } | Event::ClueHeldForDispute { interim, level, .. } => {
                let agency = match interim {
                    Interim::Agency(agency) => Some(agency.to_string()),
                    Interim::Coordinator => None,
                };
                (agency, *level)
            }
            Event::ClueDesignated { assignment, .. } => (Some(assignment.agency.to_string()), Level::County),
            _ => return,
        };
        match agency {
            Some(agency) if self.agency.as_ref() == Some(&agency) => {
                if self.lies == Lies::Returning {
                    (self.lies, self.at_desk) = (Lies::Held, at);
                }
            }
            Some(agency) => self.gets(&agency, at),
            None if self.lies == Lies::Coordination(level) => {}
            None => self.desk(Lies::Coordination(level), at),
        }
        if let Event::ClueDesignated { by, .. } = event {
            self.designated = Some(*by);
            self.dispute = self.dispute.filter(|_| *by == Designation::Ruling);
        }
    }

    fn desk(&mut self, lies: Lies, at: i64) {
        if lies != Lies::Resolved {
            self.agency = None;
        }
        (self.lies, self.at_desk, self.extension) = (lies, at, None);
    }

    fn gets(&mut self, agency: &str, at: i64) {
        self.desk(Lies::Held, at);
        (self.in_hand, self.signed, self.designated) = (at, false, None);
        self.agency = Some(agency.to_owned());
        self.dispatched.get_or_insert(at);
    }

    /// When a command counts as done that came then, and of which somebody claims that it happened earlier.
    pub(super) fn effective(&self, received: i64, claimed: Option<i64>) -> i64 {
        let believed = claimed.filter(|at| (received - 7 * DAY..=received + 10 * MINUTE).contains(at));
        believed.unwrap_or(received).max(self.last_at)
    }
}
