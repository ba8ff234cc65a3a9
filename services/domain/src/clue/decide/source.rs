//! The source sends another version of its record (mode `snapshot`). Text and codes apply; its status is never our stage, but some
//! of what it says is news for us: taken back before anybody had it, closed or reopened by whoever asks the reporter.

use super::super::report::attachment;
use super::super::{
    CallBack, Class, ClosingAuthority, Clue, Codes, Deletion, Event, Field, Here, History, Repeat, Report,
    Snapshot, SourceStatus, Stage, TimeBasis, WITHDRAWN,
};
use super::asked::Asked;
use super::{Step, closing, history, verification};
use crate::time::Timestamp;

/// The first version that is seen. One that is over already is counted apart, and nobody is sent there; nor to one of which the
/// source said before that it removed a newer version.
pub(super) fn first(
    asked: &Asked<'_>,
    report: &Report,
    snapshot: &Snapshot,
    removed: Option<&Deletion>,
) -> Vec<Step> {
    let status = snapshot.status.unwrap_or(SourceStatus::Open);
    let removed = removed.filter(|it| is_newer(it, report, snapshot));
    let (mut report, at) = told(asked, report, snapshot, status, true);
    if status == SourceStatus::Closed && report.class == Class::Ordinary {
        report.class = Class::ClosedAtSource;
    }
    let number = asked.env.number.to_owned();
    let mut steps = vec![Step::from(Event::ClueReported { number, report })];
    match status {
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
            if removed.is_some() {
                steps.push(withdrawn().into());
            } else if asked.policy().admission.automatic {
                steps.push(Event::ClueAdmitted.into());
            }
        }
    }
    if let Some(deletion) = removed {
        steps.insert(1, Event::SourceDeleted(deletion.clone()).into());
    }
    steps
}

/// Whether that was removed after this version of it.
fn is_newer(deletion: &Deletion, report: &Report, snapshot: &Snapshot) -> bool {
    let versions = deletion.snapshot.version.zip(snapshot.version);
    (&deletion.source, &deletion.source_id) == (&report.source, &report.source_id)
        && versions.is_some_and(|(gone, this)| gone > this)
}

/// Another version. Only the last applied one counts: A, B, A is two changes.
pub(super) fn again(clue: &Clue, asked: &Asked<'_>, report: &Report, snapshot: &Snapshot) -> Vec<Step> {
    let last = clue.source_record.as_ref();
    let repeated = |repeat| {
        let event = Event::ReportRepeated {
            repeat,
            digest: report.digest,
            history: None,
            log: None,
            version: snapshot.version,
        };
        vec![event.into()]
    };
    let status = snapshot
        .status
        .or(last.map(|last| last.said.status))
        .unwrap_or(SourceStatus::Open);
    let turned = last.is_none_or(|last| last.said.turns(status, snapshot.status_at));
    let attached = attached(clue, report);
    let same = report.digest == last.map_or(clue.digest, |last| last.digest);
    if same && attached.is_empty() && !(turned && last.is_some()) {
        return repeated(Repeat::Unchanged);
    }
    let versions = snapshot.version.zip(last.and_then(|last| last.version));
    if versions.is_some_and(|(new, known)| new < known) {
        return repeated(Repeat::Stale);
    }
    let mut changed = match last {
        Some(last) => last.changed(snapshot),
        // it came in another mode before: of what it said then, only the codes are known
        None => differing(clue, report, CODES),
    };
    if same && turned && last.is_some() {
        // urged again
        changed.push(Field::Status);
    }
    if !attached.is_empty() {
        changed.push(Field::Attachments);
    }
    let (mut update, mut at) = told(asked, report, snapshot, status, turned);
    update.attachments = attached;
    if clue.pending_history.is_some() {
        // it still lives in the history that waits
        at = asked.at;
    }
    let corrected = to_be_decided(clue, report, &changed);
    let codes = codes(clue, report, &changed);
    let update = Event::SourceUpdated {
        report: update,
        changed,
        same_version: versions.is_some_and(|(new, known)| new == known),
        corrected,
    };
    let news = if turned {
        news(clue, asked, status, at)
    } else {
        Vec::new()
    };
    let mut steps = vec![Step::recorded(at, update)];
    let ends = news
        .iter()
        .any(|step| matches!(step.event, Event::ClueVoided { .. }));
    // nobody routes what is given up; should it come back, it has the codes that it has now
    let event = |codes| {
        if ends {
            Event::ClueRecoded(codes)
        } else {
            clue.recoded(codes)
        }
    };
    steps.extend(codes.map(|codes| Step::from(event(codes))));
    steps.extend(news);
    steps
}

/// The report as the journal tells it: with the status that counts, and with the time of the change and how that is known. That
/// of the status, if it turned; but nothing happens after it is known.
fn told(
    asked: &Asked<'_>,
    report: &Report,
    snapshot: &Snapshot,
    status: SourceStatus,
    turned: bool,
) -> (Report, Timestamp) {
    let (at, basis) = match snapshot.status_at {
        Some(at) if turned => (at, TimeBasis::StatusTime),
        _ => (snapshot.changed_at, snapshot.basis),
    };
    let changed_at = at.min(asked.envelope.received_at);
    let report = Report {
        snapshot: Some(Snapshot {
            status: Some(status),
            changed_at,
            basis,
            ..snapshot.clone()
        }),
        ..report.clone()
    };
    (report, changed_at)
}

/// So many attachments a clue may have: an address that changes with every version must not let it grow for ever.
const MAX_ATTACHMENTS: usize = 1_000;

/// The attachments that were not sent before. What a later version lists no longer stays.
fn attached(clue: &Clue, report: &Report) -> Vec<String> {
    let is_new = |it: &&String| !clue.attachments.contains(&attachment(it));
    let room = MAX_ATTACHMENTS.saturating_sub(clue.attachments.len());
    report
        .attachments
        .iter()
        .filter(is_new)
        .take(room)
        .cloned()
        .collect()
}

/// What routing goes by.
const CODES: &[Field] = &[Field::Matter, Field::Area, Field::Severity];

/// Of these fields, the codes in which the source says something else than holds here, be it a word that leads nowhere. A source
/// that says nothing corrects nothing.
fn differing(clue: &Clue, report: &Report, fields: &[Field]) -> Vec<Field> {
    let says_matter = report.matter.is_some() || report.source_matter.is_some();
    let says_area = report.area.is_some() || report.source_area.is_some();
    let differs = |field: &Field| match field {
        Field::Matter => says_matter && report.matter != clue.matter,
        Field::Area => says_area && report.area != clue.area,
        Field::Severity => report.severity.is_some() && report.severity != clue.severity,
        _ => false,
    };
    fields.iter().copied().filter(differs).collect()
}

/// Codes that the source changed count while the clue was never dispatched.
fn codes(clue: &Clue, report: &Report, changed: &[Field]) -> Option<Codes> {
    let differing = differing(clue, report, changed);
    if clue.first_agency.is_some() || differing.is_empty() {
        return None;
    }
    Some(Codes::of(
        &differing,
        report.matter.as_ref(),
        report.area.as_ref(),
        report.severity.as_ref(),
    ))
}

impl Clue {
    /// The codes are other ones. Where nobody has the clue yet, it is routed by them, unless a dispute is to say whose it is.
    pub(super) fn recoded(&self, codes: Codes) -> Event {
        match self.stage {
            _ if self.dispute.is_some() => Event::ClueRecoded(codes),
            Stage::Admitted | Stage::Triage { .. } | Stage::Coordination { .. } => {
                Event::ClueCorrected(codes)
            }
            _ => Event::ClueRecoded(codes),
        }
    }
}

/// Afterwards a person decides ([`super::discrepancy`]): about these and about what was still to be decided.
fn to_be_decided(clue: &Clue, report: &Report, changed: &[Field]) -> Vec<Field> {
    if clue.first_agency.is_none() {
        return Vec::new();
    }
    let was = clue.source_record.as_ref().map(|last| &last.said.corrected);
    let mut fields = CODES.to_vec();
    fields.retain(|field| changed.contains(field) || was.is_some_and(|was| was.contains(field)));
    differing(clue, report, &fields)
}

/// What another status at the source means here.
pub(super) fn news(clue: &Clue, asked: &Asked<'_>, status: SourceStatus, at: Timestamp) -> Vec<Step> {
    let never_dispatched = clue.first_agency.is_none();
    match &clue.stage {
        Stage::Resolved { verified, .. } => {
            let authority = asked.needs(clue).closing_authority;
            let result = match status {
                SourceStatus::Closed if authority == ClosingAuthority::Source && !verified.called_back => {
                    CallBack::Satisfied
                }
                SourceStatus::Reopened => CallBack::NotDone,
                _ => return Vec::new(),
            };
            verification::call_back(clue, asked, result).unwrap_or_default()
        }
        Stage::Closed { at: closed_at, .. }
            if status == SourceStatus::Reopened && closing::in_window(asked, *closed_at, at) =>
        {
            vec![Event::ClueReopened { recorded: false }.into()]
        }
        // taken back, and sent again
        Stage::Voided { .. } if status.is_going() && clue.here() == Here::Withdrawn && never_dispatched => {
            vec![Event::ClueReopened { recorded: false }.into()]
        }
        _ if status.is_withdrawn() && clue.is_open() && never_dispatched => vec![withdrawn().into()],
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
        COUNTY, Case, Outcome, area, assign, coordinator, matter, monday, of, report, resolve, role,
        since_hour, snapshot,
    };
    use super::super::super::{Command, Discrepancy, Role, SourceStatus as S, TimeBasis};
    use super::*;
    use crate::code::Severity;

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
            } => (changed, *same_version, !corrected.is_empty()),
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
    fn what_is_given_up_has_the_codes_that_its_source_said_last() {
        let mut case = reported();
        let gone = says(&mut case, 2, S::Withdrawn, elsewhere);
        assert_eq!(gone.events(), ["SourceUpdated", "ClueRecoded", "ClueVoided"]);
        let back = says(&mut case, 3, S::Open, elsewhere);
        assert_eq!(back.events(), ["SourceUpdated", "ClueReopened"]);
        assert_eq!(
            (case.stage(), &case.clue().area),
            ("admitted", &Some(area("330602")))
        );
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
        let table: Vec<Said<'_>> = vec![
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
            (
                (closed(), 3),
                S::Urged,
                &[],
                "closed",
                &[Discrepancy::SourceReopened],
            ),
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

    /// What we called back comes back as its receipt.
    #[test]
    fn a_source_that_closes_what_was_closed_here_agrees() {
        for authority in [ClosingAuthority::Own, ClosingAuthority::Source] {
            let mut case = dispatched()
                .with(|policy| {
                    let needs = policy.verification.entry("grid".to_owned()).or_default();
                    (needs.check, needs.call_back, needs.auto_close) = (false, false, true);
                    needs.closing_authority = authority;
                })
                .given(of(COUNTY), resolve());
            assert_eq!(case.stage(), "closed");
            assert_eq!(says(&mut case, 2, S::Closed, same).events(), ["SourceUpdated"]);
            assert_eq!((case.stage(), case.clue().discrepancies()), ("closed", vec![]));
            assert_eq!(says(&mut case, 3, S::Closed, same).events(), ["ReportRepeated"]);
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
        // sent again: it was never anybody's
        assert_eq!(
            says(&mut case, 6, S::Open, elsewhere).events(),
            ["SourceUpdated", "ClueRecoded", "ClueReopened"]
        );
        assert_eq!((case.stage(), case.clue().discrepancies()), ("admitted", vec![]));
        assert_eq!(case.clue().area, Some(area("330602")));
    }

    #[test]
    fn a_clue_that_was_reopened_and_closed_again_is_no_discrepancy() {
        let mut case =
            resolved(ClosingAuthority::Source).given(role(Role::Source), snapshot(2, S::Closed, same));
        assert_eq!(
            says(&mut case, 3, S::Reopened, elsewhere).events(),
            ["SourceUpdated", "ClueReopened"]
        );
        assert_eq!(
            case.clue().discrepancies(),
            [Discrepancy::SourceCorrected],
            "what changed meanwhile is not lost"
        );
        let case = case
            .with(|policy| {
                let needs = policy.verification.entry("grid".to_owned()).or_default();
                needs.call_back = false;
            })
            .given(of(COUNTY), resolve());
        assert_eq!((case.stage(), case.clue().discrepancies()), ("closed", vec![]));
        // a platform without a word for reopening: nothing is invented, but it is shown, and urging does not hide it
        for (status, shown) in [(S::Open, true), (S::Reopened, true), (S::Withdrawn, false)] {
            let mut case =
                resolved(ClosingAuthority::Source).given(role(Role::Source), snapshot(2, S::Closed, same));
            case.now = case.now.plus_days(40);
            for (version, status) in [(960, status), (961, if shown { S::Urged } else { status })] {
                says(&mut case, version, status, elsewhere);
            }
            let shown = if shown {
                vec![Discrepancy::SourceReopened]
            } else {
                vec![]
            };
            assert_eq!(
                (case.stage(), case.clue().discrepancies()),
                ("closed", shown),
                "{status}"
            );
        }
    }

    #[test]
    fn what_was_dispatched_once_is_not_taken_from_a_persons_desk() {
        // routed by what the person accepted, unless a dispute is to say whose duty it is
        for (mut case, stage) in [
            (Case::in_old_coordination(), "admitted"),
            (Case::in_coordination(), "coordination"),
        ] {
            assert_eq!(says(&mut case, 1, S::Open, elsewhere).events(), ["SourceUpdated"]);
            assert_eq!(case.stage(), "coordination");
            assert_eq!(case.clue().discrepancies(), [Discrepancy::SourceCorrected]);
            // still to be decided, though only something else changed
            says(&mut case, 2, S::Open, |it| {
                elsewhere(it);
                it.severity = Severity::new("high").ok();
            });
            assert!(
                matches!(&case.journal.last().expect("an event").event, Event::SourceUpdated { corrected, .. }
                    if *corrected == [Field::Area, Field::Severity])
            );
            let case = case.given(
                coordinator(),
                Command::SettleDiscrepancy {
                    discrepancy: Discrepancy::SourceCorrected,
                    accept: true,
                },
            );
            assert_eq!((case.stage(), &case.clue().area), (stage, &Some(area("330602"))));
        }
    }

    #[test]
    fn a_word_that_stands_for_no_status_leaves_it_as_it_was() {
        let unknown = |version: i64| {
            let Command::ReportClue(mut report) = snapshot(version, S::Urged, elsewhere) else {
                unreachable!("a report");
            };
            if let Some(snapshot) = &mut report.snapshot {
                snapshot.status = None;
                snapshot.status_at = Some(monday());
            }
            Command::ReportClue(report)
        };
        let mut case = dispatched().given(role(Role::Source), snapshot(2, S::Withdrawn, same));
        let outcome = case.when(role(Role::Source), unknown(3));
        let Event::SourceUpdated { report, .. } = &outcome.0[0].event else {
            panic!("{outcome:?}");
        };
        let told = report.snapshot.as_ref().expect("a snapshot");
        assert_eq!(
            (told.status, told.basis),
            (Some(S::Withdrawn), TimeBasis::Version),
            "not the time of a status that did not turn"
        );
        assert!(
            case.clue()
                .discrepancies()
                .contains(&Discrepancy::SourceWithdrawn)
        );
    }

    /// A word that leads nowhere is news as much as a code: the old one holds no more.
    #[test]
    fn a_code_that_nobody_knows_takes_the_place_of_the_one_before() {
        let unheard = |it: &mut Report| {
            (it.matter, it.source_matter) = (None, Some("新类别".to_owned()));
            (it.area, it.source_area) = (None, Some("新区".to_owned()));
        };
        let mut case = reported();
        assert!(case.clue().matter.is_some() && case.clue().area.is_some());
        assert_eq!(
            says(&mut case, 2, S::Open, unheard).events(),
            ["SourceUpdated", "ClueCorrected"]
        );
        assert_eq!((&case.clue().matter, &case.clue().area), (&None, &None));
        assert_eq!(
            says(&mut case, 3, S::Open, same).events(),
            ["SourceUpdated", "ClueCorrected"]
        );
        assert_eq!(case.clue().matter, report().matter);

        let mut case = dispatched();
        assert_eq!(says(&mut case, 2, S::Open, unheard).events(), ["SourceUpdated"]);
        assert_eq!(case.clue().discrepancies(), [Discrepancy::SourceCorrected]);
        assert_eq!(case.clue().matter, report().matter);
        let accepted = Command::SettleDiscrepancy {
            discrepancy: Discrepancy::SourceCorrected,
            accept: true,
        };
        let case = case.given(coordinator(), accepted);
        assert_eq!((case.stage(), &case.clue().matter), ("dispatched", &None));

        // what is said no longer corrects nothing
        let mut case = reported();
        let silent = |it: &mut Report| it.matter = None;
        assert_eq!(says(&mut case, 2, S::Open, silent).events(), ["SourceUpdated"]);
        assert_eq!(case.clue().matter, report().matter);
    }

    #[test]
    fn another_matter_is_routed_again_and_afterwards_a_persons_affair() {
        let other = |it: &mut Report| it.matter = Some(matter("06003"));
        let mut case = reported();
        let outcome = says(&mut case, 2, S::Open, other);
        assert_eq!(outcome.events(), ["SourceUpdated", "ClueCorrected"]);
        assert_eq!(update(&outcome).0, [Field::Matter]);
        assert_eq!(case.clue().matter, Some(matter("06003")));
        let mut case = dispatched();
        says(&mut case, 2, S::Open, other);
        assert_eq!(
            (&case.clue().matter, case.holder()),
            (&report().matter, Some(COUNTY))
        );
        assert_eq!(case.clue().discrepancies(), [Discrepancy::SourceCorrected]);
    }

    #[test]
    fn attachments_only_add() {
        let with = |addresses: &[&str]| {
            let addresses: Vec<_> = addresses.iter().map(|it| (*it).to_owned()).collect();
            move |it: &mut Report| it.attachments = addresses
        };
        let attached = |outcome: &Outcome| match &outcome.0[0].event {
            Event::SourceUpdated { report, changed, .. } => {
                Some((report.attachments.clone(), changed.clone()))
            }
            _ => None,
        };
        let mut case = Case::new().given(role(Role::Source), snapshot(1, S::Open, with(&["a"])));
        let more = says(&mut case, 2, S::Open, with(&["b", "a"]));
        assert_eq!(
            attached(&more),
            Some((vec!["b".to_owned()], vec![Field::Attachments]))
        );
        for fewer in [&["b"][..], &[]] {
            let outcome = says(&mut case, 3, S::Open, with(fewer));
            assert_eq!(outcome.events(), ["ReportRepeated"], "what is left out stays");
        }
        let other = says(&mut case, 4, S::Urged, with(&["c"]));
        assert_eq!(
            attached(&other),
            Some((vec!["c".to_owned()], vec![Field::Status, Field::Attachments]))
        );
        assert_eq!(
            says(&mut case, 3, S::Open, with(&["d"])).events(),
            ["ReportRepeated"],
            "stale"
        );
        assert_eq!(case.clue().attachments.len(), 3);
        let many: Vec<_> = (0..2 * MAX_ATTACHMENTS).map(|it| it.to_string()).collect();
        for (version, half) in (5..).zip(many.chunks(MAX_ATTACHMENTS)) {
            let half: Vec<_> = half.iter().map(String::as_str).collect();
            says(&mut case, version, S::Open, with(&half));
        }
        assert_eq!(
            case.clue().attachments.len(),
            MAX_ATTACHMENTS,
            "and within bounds"
        );
    }

    #[test]
    fn a_source_that_urges_again_says_when() {
        let urged = |version, hour| since_hour(hour, snapshot(version, S::Urged, same));
        let mut case = dispatched();
        for (version, hour, events) in [
            (2, 2, ["SourceUpdated"]),
            (3, 2, ["ReportRepeated"]),
            (4, 4, ["SourceUpdated"]),
            (5, 3, ["ReportRepeated"]),
        ] {
            let outcome = case.when(role(Role::Source), urged(version, hour));
            assert_eq!(outcome.events(), events, "{version}");
        }
        let said = case.clue().source_record.as_ref().map(|it| it.said.clone());
        assert_eq!(said.map(|it| it.urged), Some(2));
    }

    #[test]
    fn whoever_has_the_last_word_may_have_said_it_before_the_agency() {
        for (authority, events, stage) in [
            (
                ClosingAuthority::Source,
                &["ClueResolved", "CallBackRecorded", "ClueClosed"][..],
                "closed",
            ),
            (ClosingAuthority::Own, &["ClueResolved"], "resolved"),
        ] {
            let mut case = dispatched().with(|policy| {
                let needs = policy.verification.entry("grid".to_owned()).or_default();
                (needs.check, needs.call_back, needs.auto_close) = (false, true, true);
                needs.closing_authority = authority;
            });
            says(&mut case, 2, S::Closed, same);
            assert_eq!(case.stage(), "dispatched");
            assert_eq!(case.when(of(COUNTY), resolve()).events(), events);
            assert_eq!(case.stage(), stage);
        }
    }

    #[test]
    fn a_source_that_sent_events_before_is_followed_by_its_codes() {
        let mut case = Case::admitted();
        let outcome = says(&mut case, 1, S::Open, elsewhere);
        assert_eq!(outcome.events(), ["SourceUpdated", "ClueCorrected"]);
        assert_eq!(update(&outcome).0, [Field::Area]);
        assert_eq!(
            says(&mut case, 2, S::Open, elsewhere).events(),
            ["ReportRepeated"]
        );
    }
}
