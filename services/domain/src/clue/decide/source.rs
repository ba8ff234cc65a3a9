//! The source sends another version of its record (mode `snapshot`). Text and codes apply; its status is never our stage, but some
//! of what it says is news for us: taken back before anybody had it, closed or reopened by whoever asks the reporter.

use super::super::{
    CallBack, Class, ClosingAuthority, Clue, Event, Field, History, Repeat, Report, Snapshot, SourceStatus,
    Stage, WITHDRAWN,
};
use super::asked::Asked;
use super::{Step, closing, history, verification};
use crate::code::{AreaCode, MatterCode, Severity};
use crate::time::Timestamp;

/// The first version that is seen. One that is over already is counted apart, and nobody is sent there.
pub(super) fn first(asked: &Asked<'_>, report: &Report, snapshot: &Snapshot) -> Vec<Step> {
    let at = changed_at(asked, snapshot);
    let mut report = report.clone();
    if snapshot.status == SourceStatus::Closed && report.class == Class::Ordinary {
        report.class = Class::ClosedAtSource;
    }
    let number = asked.env.number.to_owned();
    let mut steps = vec![Step::from(Event::ClueReported { number, report })];
    match snapshot.status {
        SourceStatus::Closed => {
            let past = History {
                agency: None,
                closed_at: Some(at),
                conclusion: snapshot.conclusion,
                route: false,
            };
            steps.extend(history::closed(&past, None));
        }
        SourceStatus::Withdrawn | SourceStatus::Deleted => steps.push(Step::recorded(at, withdrawn())),
        SourceStatus::Open | SourceStatus::Reopened | SourceStatus::Urged => {
            if asked.policy().admission.automatic {
                steps.push(Event::ClueAdmitted.into());
            }
        }
    }
    steps
}

/// Another version. Only the last applied one counts: A, B, A is two changes.
pub(super) fn again(clue: &Clue, asked: &Asked<'_>, report: &Report, snapshot: &Snapshot) -> Vec<Step> {
    let last = clue.source_record.as_ref();
    let repeated = |repeat| {
        let event = Event::ReportRepeated {
            repeat,
            digest: report.digest,
            history: None,
            version: snapshot.version,
        };
        vec![event.into()]
    };
    let versions = snapshot.version.zip(last.and_then(|last| last.version));
    if report.digest == clue.digest {
        return repeated(Repeat::Unchanged);
    }
    if versions.is_some_and(|(new, known)| new < known) {
        return repeated(Repeat::Stale);
    }
    let at = changed_at(asked, snapshot);
    let changed = last.map(|last| last.changed(snapshot)).unwrap_or_default();
    let turned = last.is_none_or(|last| last.said.status != snapshot.status);
    let codes = Codes::changed(report, &changed);
    let update = Event::SourceUpdated {
        report: report.clone(),
        corrected: must_be_decided(clue, report, &changed),
        changed,
        same_version: versions.is_some_and(|(new, known)| new == known),
    };
    let mut steps = vec![Step::recorded(at, update)];
    let news = if turned {
        news(clue, asked, snapshot.status, at)
    } else {
        Vec::new()
    };
    if !news
        .iter()
        .any(|step| matches!(step.event, Event::ClueVoided { .. }))
    {
        steps.extend(codes.and_then(|codes| codes.apply(clue)).map(Step::from));
    }
    steps.extend(news);
    steps
}

/// The source's own time, but nothing happens before it is known.
fn changed_at(asked: &Asked<'_>, snapshot: &Snapshot) -> Timestamp {
    snapshot.changed_at.min(asked.envelope.received_at)
}

/// The codes that the source changed.
struct Codes {
    matter: Option<MatterCode>,
    area: Option<AreaCode>,
    severity: Option<Severity>,
}

impl Codes {
    fn changed(report: &Report, changed: &[Field]) -> Option<Self> {
        let codes = Self {
            matter: report.matter.clone().filter(|_| changed.contains(&Field::Matter)),
            area: report.area.clone().filter(|_| changed.contains(&Field::Area)),
            severity: report
                .severity
                .clone()
                .filter(|_| changed.contains(&Field::Severity)),
        };
        (codes.matter.is_some() || codes.area.is_some() || codes.severity.is_some()).then_some(codes)
    }

    /// They count while nobody has the clue.
    fn apply(self, clue: &Clue) -> Option<Event> {
        let Self {
            matter,
            area,
            severity,
        } = self;
        match clue.stage {
            Stage::Reported => Some(Event::ClueRecoded {
                matter,
                area,
                severity,
            }),
            Stage::Admitted | Stage::Triage { .. } | Stage::Coordination { .. } => {
                Some(Event::ClueCorrected {
                    matter,
                    area,
                    severity,
                })
            }
            _ => None,
        }
    }
}

/// Afterwards a person decides ([`super::discrepancy`]). Of codes that did not change, what was to be decided still is.
fn must_be_decided(clue: &Clue, report: &Report, changed: &[Field]) -> bool {
    let was = clue
        .source_record
        .as_ref()
        .is_some_and(|last| last.said.corrected);
    let codes = [Field::Matter, Field::Area, Field::Severity];
    if !codes.iter().any(|field| changed.contains(field)) {
        return was;
    }
    clue.is_open()
        && clue.assignment().is_some()
        && (differs(report.matter.as_ref(), clue.matter.as_ref())
            || differs(report.area.as_ref(), clue.area.as_ref())
            || differs(report.severity.as_ref(), clue.severity.as_ref()))
}

/// A source that says nothing corrects nothing.
fn differs<T: PartialEq>(source: Option<&T>, own: Option<&T>) -> bool {
    source.is_some() && source != own
}

/// What another status at the source means here.
fn news(clue: &Clue, asked: &Asked<'_>, status: SourceStatus, at: Timestamp) -> Vec<Step> {
    match (status, &clue.stage) {
        (SourceStatus::Withdrawn | SourceStatus::Deleted, _)
            if clue.is_open() && clue.first_agency.is_none() =>
        {
            vec![withdrawn().into()]
        }
        (SourceStatus::Closed, Stage::Resolved { verified, .. })
            if asked.needs(clue).closing_authority == ClosingAuthority::Source && !verified.called_back =>
        {
            verification::call_back(clue, asked, CallBack::Satisfied).unwrap_or_default()
        }
        (SourceStatus::Reopened, Stage::Resolved { .. }) => {
            verification::call_back(clue, asked, CallBack::NotDone).unwrap_or_default()
        }
        (SourceStatus::Reopened, Stage::Closed { at: closed_at, .. })
            if closing::in_window(asked, *closed_at, at) =>
        {
            vec![Event::ClueReopened.into()]
        }
        _ => Vec::new(),
    }
}

fn withdrawn() -> Event {
    Event::ClueVoided {
        reason: WITHDRAWN.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{
        COUNTY, Case, Outcome, area, assign, coordinator, monday, of, report, resolve, role, snapshot,
    };
    use super::super::super::{Command, Discrepancy, Role, SourceStatus as S, TimeBasis};
    use super::*;

    /// A clue and the version that follows, what its source says then, what happens, where the clue is then, and what is shown.
    type Said<'a> = ((Case, i64), S, &'a [&'a str], &'a str, &'a [Discrepancy]);

    fn says(case: &mut Case, version: i64, status: S, change: impl FnOnce(&mut Report)) -> Outcome {
        case.when(role(Role::Source), snapshot(version, status, change))
    }

    fn same(_: &mut Report) {}

    fn elsewhere(report: &mut Report) {
        report.area = Some(area("330602"));
    }

    fn reported() -> Case {
        Case::new().given(role(Role::Source), snapshot(1, S::Open, same))
    }

    fn dispatched() -> Case {
        reported().given(role(Role::Routing), assign(COUNTY))
    }

    fn resolved(authority: ClosingAuthority) -> Case {
        dispatched()
            .with(|policy| {
                let needs = policy.verification.entry("grid".to_owned()).or_default();
                (needs.check, needs.call_back, needs.auto_close) = (false, true, true);
                needs.closing_authority = authority;
            })
            .given(of(COUNTY), resolve())
    }

    fn update(outcome: &Outcome) -> (&[Field], bool, bool) {
        match &outcome.0[0].event {
            Event::SourceUpdated {
                changed,
                same_version,
                corrected,
                ..
            } => (changed, *same_version, *corrected),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_the_version_applied_last_counts_for_sameness() {
        let mut case = reported();
        assert_eq!(says(&mut case, 2, S::Open, same).events(), ["ReportRepeated"]);
        // the first content again is a change once another was applied
        assert_eq!(
            says(&mut case, 3, S::Open, elsewhere).events(),
            ["SourceUpdated", "ClueCorrected"]
        );
        assert_eq!(
            says(&mut case, 4, S::Open, same).events(),
            ["SourceUpdated", "ClueCorrected"]
        );
        // an unchanged one of version 9 makes 8 stale
        assert_eq!(says(&mut case, 9, S::Open, same).events(), ["ReportRepeated"]);
        let stale = says(&mut case, 8, S::Closed, elsewhere);
        assert!(matches!(
            stale.0[0].event,
            Event::ReportRepeated {
                repeat: Repeat::Stale,
                version: Some(8),
                ..
            }
        ));
        assert_eq!((stale.0.len(), case.stage()), (1, "admitted"));
        assert_eq!(stale.0[0].text, None, "its text is not the clue's");
        let again = says(&mut case, 9, S::Urged, same);
        assert_eq!(update(&again), (&[Field::Status][..], true, false));
    }

    #[test]
    fn a_change_happened_when_the_source_says_but_not_before_it_is_known() {
        let mut case = reported();
        let outcome = says(&mut case, 1, S::Open, elsewhere);
        assert_eq!(outcome.0[0].at, monday().plus_minutes(60));
        let outcome = says(&mut case, 1_000, S::Open, same);
        assert_eq!(outcome.0[0].at, case.now, "not ahead of its receipt");
        let Event::SourceUpdated { report, .. } = &outcome.0[0].event else {
            panic!("{outcome:?}");
        };
        assert_eq!(
            report.snapshot.as_ref().map(|it| it.basis),
            Some(TimeBasis::Version)
        );
    }

    #[test]
    fn codes_apply_before_the_dispatch_and_are_for_a_person_afterwards() {
        let waits = Case::new()
            .with(|policy| policy.admission.automatic = false)
            .given(role(Role::Source), snapshot(1, S::Open, same));
        let table: [(Case, &[&str]); 3] = [
            (waits, &["SourceUpdated", "ClueRecoded"]),
            (reported(), &["SourceUpdated", "ClueCorrected"]),
            (dispatched(), &["SourceUpdated"]),
        ];
        for (mut case, events) in table {
            let stage = case.stage();
            assert_eq!(says(&mut case, 2, S::Open, elsewhere).events(), events);
            assert_eq!(case.stage(), stage);
            let applied = case.clue().area == Some(area("330602"));
            assert_eq!(applied, stage != "dispatched");
            let expected: &[_] = if applied {
                &[]
            } else {
                &[Discrepancy::SourceCorrected]
            };
            assert_eq!(case.clue().discrepancies(), expected);
        }
        // taken back by the source itself
        let mut case = dispatched();
        says(&mut case, 2, S::Open, elsewhere);
        says(&mut case, 3, S::Urged, elsewhere);
        assert_eq!(case.clue().discrepancies(), [Discrepancy::SourceCorrected]);
        says(&mut case, 4, S::Open, same);
        assert_eq!(case.clue().discrepancies(), []);
    }

    #[test]
    fn what_a_person_corrected_stays_until_the_source_changes_it() {
        let mut case = reported();
        let correct = Command::CorrectClue {
            matter: None,
            area: Some(area("330603")),
            category: None,
        };
        case = case.given(coordinator(), correct);
        says(&mut case, 2, S::Urged, same);
        assert_eq!(case.clue().area, Some(area("330603")));
        says(&mut case, 3, S::Open, elsewhere);
        assert_eq!(case.clue().area, Some(area("330602")));
    }

    #[test]
    fn another_time_of_report_is_listed_and_keeps_the_cohort() {
        let mut case = reported();
        let outcome = says(&mut case, 2, S::Open, |it| it.reported_at = monday().plus_days(9));
        assert_eq!(update(&outcome).0, [Field::ReportedAt]);
        assert_eq!(case.clue().reported_at, report().reported_at);
        assert!(case.state.last_at < monday().plus_days(1));
    }

    #[test]
    fn the_status_of_the_source_is_news_and_never_our_stage() {
        use ClosingAuthority::{Own, Source};
        let closed = || resolved(Source).given(role(Role::Source), snapshot(2, S::Closed, same));
        let late = || {
            let mut case = closed();
            case.now = case.now.plus_days(40);
            case
        };
        let version = |case: Case| (case, 40 * 24);
        let table: [Said<'_>; 14] = [
            ((reported(), 2), S::Withdrawn, &["ClueVoided"], "voided", &[]),
            ((reported(), 2), S::Deleted, &["ClueVoided"], "voided", &[]),
            (
                (dispatched(), 2),
                S::Withdrawn,
                &[],
                "dispatched",
                &[Discrepancy::SourceWithdrawn],
            ),
            ((closed(), 3), S::Withdrawn, &[], "closed", &[]),
            (
                (reported(), 2),
                S::Closed,
                &[],
                "admitted",
                &[Discrepancy::SourceClosed],
            ),
            (
                (dispatched(), 2),
                S::Closed,
                &[],
                "dispatched",
                &[Discrepancy::SourceClosed],
            ),
            (
                (resolved(Own), 2),
                S::Closed,
                &[],
                "resolved",
                &[Discrepancy::SourceClosed],
            ),
            (
                (resolved(Source), 2),
                S::Closed,
                &["CallBackRecorded", "ClueClosed"],
                "closed",
                &[],
            ),
            (
                (resolved(Own), 2),
                S::Reopened,
                &["CallBackRecorded"],
                "handling",
                &[],
            ),
            ((closed(), 3), S::Reopened, &["ClueReopened"], "handling", &[]),
            (
                version(late()),
                S::Reopened,
                &[],
                "closed",
                &[Discrepancy::SourceReopened],
            ),
            ((dispatched(), 2), S::Reopened, &[], "dispatched", &[]),
            ((dispatched(), 2), S::Urged, &[], "dispatched", &[]),
            ((closed(), 3), S::Urged, &[], "closed", &[]),
        ];
        for ((mut case, version), status, events, stage, discrepancies) in table {
            let outcome = says(&mut case, version, status, same);
            let from = outcome.0[0].event.name();
            assert_eq!(from, "SourceUpdated", "{status} at {stage}");
            assert_eq!(outcome.events()[1..], *events, "{status} at {stage}");
            assert_eq!(case.stage(), stage, "{status}");
            assert_eq!(case.clue().discrepancies(), discrepancies, "{status} at {stage}");
        }
    }

    #[test]
    fn urging_is_counted_when_it_begins() {
        let mut case = dispatched();
        for (version, status) in (2..).zip([S::Urged, S::Open, S::Urged]) {
            says(&mut case, version, status, same);
        }
        says(&mut case, 5, S::Urged, elsewhere);
        let urged = case.clue().source_record.as_ref().map(|it| it.said.urged);
        assert_eq!(urged, Some(2));
    }

    #[test]
    fn what_is_over_when_first_seen_is_counted_apart() {
        let mut case = Case::new();
        let outcome = says(&mut case, 5, S::Closed, same);
        assert_eq!(outcome.events(), ["ClueReported", "ClueClosed"]);
        assert!(
            matches!(&outcome.0[0].event, Event::ClueReported { report, .. } if report.class == Class::ClosedAtSource)
        );
        assert!(
            matches!(&outcome.0[1].event, Event::ClueClosed { recorded: true, .. })
                && outcome.0[1].at > outcome.0[0].at
        );
        assert_eq!(case.clue().discrepancies(), []);
        let mut case = Case::new();
        assert_eq!(
            says(&mut case, 5, S::Deleted, same).events(),
            ["ClueReported", "ClueVoided"]
        );
        says(&mut case, 6, S::Open, same);
        assert_eq!(case.clue().discrepancies(), [Discrepancy::SourceReopened]);
    }
}
