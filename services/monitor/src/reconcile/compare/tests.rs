use bihuan_domain::code::{AgencyId, SourceId};
use bihuan_domain::figures::{HolderKind, Standing};
use bihuan_mapping::Entry;
use bihuan_store::quarantine::Fate;

use super::*;
use SourceStatus::{Closed, Deleted, Open, Reopened, Urged, Withdrawn};

fn at(hours: i64) -> Timestamp {
    Timestamp::EPOCH.plus_minutes(60 * hours)
}

fn source() -> SourceId {
    SourceId::new("grid").expect("valid")
}

/// Reported in the first hour, as it is now since the second.
fn clue(id: &str, here: Here) -> Ours {
    let stage = match here {
        Here::Open => Standing::Handling,
        Here::Closed => Standing::Closed,
        Here::Withdrawn | Here::Ended => Standing::Voided,
    };
    Ours {
        clue: ClueId::derive(&source(), id),
        number: format!("no-{id}"),
        source_id: id.to_owned(),
        stage,
        here,
        holder: stage.holder(),
        agency: AgencyId::new("north").ok(),
        said: None,
        reopened: false,
        settled: Vec::new(),
        reported_at: at(1),
        changed_at: at(2),
    }
}

fn entry(id: &str, there: There) -> Entry {
    Entry {
        id: id.to_owned(),
        there,
    }
}

fn said(status: SourceStatus) -> There {
    There::Status(status)
}

/// Made in the fourth hour.
fn manifest(entries: &[(&str, There)]) -> Manifest {
    let mut manifest = Manifest::new(source(), "list.csv", at(4));
    for ((id, there), line) in entries.iter().zip(2..) {
        manifest.add(line, entry(id, *there));
    }
    manifest
}

fn done(manifest: Manifest, coverage: Coverage, ours: &[Ours]) -> Reconciliation {
    let mut comparison = Comparison::new(manifest, coverage, HashSet::new());
    for ours in ours {
        comparison.see(ours);
    }
    comparison.finish(&PutAway::default(), at(5))
}

#[test]
fn each_state_there_is_held_against_each_here() {
    use Cause::{ClosedThere, ClosureNotTaken, EndNotTaken, ReopenedThere, WithdrawnThere};
    let heres = [Here::Open, Here::Closed, Here::Withdrawn, Here::Ended];
    let going = [
        None,
        Some(ClosureNotTaken),
        Some(ReopenedThere),
        Some(EndNotTaken),
    ];
    for (there, causes) in [
        (Open, going),
        (Urged, going),
        (
            Reopened,
            [None, Some(ReopenedThere), Some(ReopenedThere), Some(EndNotTaken)],
        ),
        (Closed, [Some(ClosedThere), None, None, None]),
        (Withdrawn, [Some(WithdrawnThere), None, None, None]),
        (Deleted, [Some(WithdrawnThere), None, None, None]),
    ] {
        for (here, cause) in heres.into_iter().zip(causes) {
            let expected = cause.map_or(Found::Agrees, Found::Differs);
            let found = compare(said(there), &clue("a", here), at(4), false);
            assert_eq!(found, expected, "{there} there, {here:?} here");
        }
    }
    for (there, expected) in [
        (There::Unstated, Found::NotCompared),
        (There::Unknown, Found::Differs(Cause::StatusUnknown)),
    ] {
        assert_eq!(compare(there, &clue("a", Here::Open), at(4), false), expected);
    }
}

#[test]
fn what_the_source_said_before_decides_whom_to_ask() {
    let ours = |here, status, settled: &[Discrepancy], reopened| Ours {
        said: Some(status),
        settled: settled.to_vec(),
        reopened,
        ..clue("a", here)
    };
    let (closed, withdrawn, again) = (
        Discrepancy::SourceClosed,
        Discrepancy::SourceWithdrawn,
        Discrepancy::SourceReopened,
    );
    let missed = Found::Differs(Cause::UpdateNotReceived);
    for (there, ours, expected) in [
        (Closed, ours(Here::Open, Open, &[], false), missed),
        (Withdrawn, ours(Here::Open, Urged, &[], false), missed),
        (
            Closed,
            ours(Here::Open, Closed, &[], false),
            Found::Differs(Cause::ClosedThere),
        ),
        (Closed, ours(Here::Open, Closed, &[closed], false), Found::Settled),
        // decided about another state
        (Closed, ours(Here::Open, Open, &[closed], false), missed),
        (
            Deleted,
            ours(Here::Open, Deleted, &[withdrawn], false),
            Found::Settled,
        ),
        (
            Open,
            ours(Here::Closed, Open, &[], true),
            Found::Differs(Cause::ReopenedThere),
        ),
        (
            Open,
            ours(Here::Closed, Reopened, &[], true),
            Found::Differs(Cause::ReopenedThere),
        ),
        // deciding about it takes the mark away
        (Open, ours(Here::Closed, Open, &[again], false), Found::Settled),
        (
            Deleted,
            ours(Here::Open, Withdrawn, &[], false),
            Found::Differs(Cause::WithdrawnThere),
        ),
        (
            Deleted,
            ours(Here::Open, Withdrawn, &[withdrawn], false),
            Found::Settled,
        ),
        (Open, ours(Here::Closed, Closed, &[], false), missed),
        (Reopened, ours(Here::Closed, Closed, &[], false), missed),
        (Open, ours(Here::Withdrawn, Deleted, &[], false), missed),
        (
            Open,
            ours(Here::Withdrawn, Open, &[], false),
            Found::Differs(Cause::ReopenedThere),
        ),
        (
            Open,
            ours(Here::Closed, Open, &[], false),
            Found::Differs(Cause::ClosureNotTaken),
        ),
    ] {
        assert_eq!(
            compare(said(there), &ours, at(4), false),
            expected,
            "{there} {ours:?}"
        );
    }
}

#[test]
fn a_failed_callback_is_the_cause_where_they_could_not_know() {
    let failed = Found::Differs(Cause::CallbackFailed);
    for (there, here, expected) in [
        (said(Open), Here::Closed, failed),
        (said(Open), Here::Ended, failed),
        (said(Open), Here::Open, failed),
        (There::Unstated, Here::Closed, failed),
        (said(Closed), Here::Open, Found::Differs(Cause::ClosedThere)),
    ] {
        assert_eq!(
            compare(there, &clue("a", here), at(4), true),
            expected,
            "{there:?}"
        );
    }
    assert_eq!(absent(&clue("a", Here::Open), at(4), true), failed);
    let mut comparison = Comparison::new(
        manifest(&[]),
        Coverage::Partial,
        HashSet::from([clue("a", Here::Open).clue]),
    );
    comparison.see(&clue("a", Here::Open));
    let answer = comparison.finish(&PutAway::default(), at(5));
    assert_eq!(
        answer.rows[0].cause,
        Cause::CallbackFailed,
        "not only of what is listed"
    );
}

#[test]
fn absence_says_something_only_of_a_complete_list() {
    let taken_back = |here| Ours {
        said: Some(Deleted),
        ..clue("a", here)
    };
    for (ours, expected) in [
        (clue("a", Here::Open), Found::Differs(Cause::NotListed)),
        (clue("a", Here::Closed), Found::Differs(Cause::NotListed)),
        (clue("a", Here::Ended), Found::Differs(Cause::NotListed)),
        (clue("a", Here::Withdrawn), Found::Agrees),
        (taken_back(Here::Open), Found::Differs(Cause::GoneThere)),
        (taken_back(Here::Withdrawn), Found::Agrees),
        (taken_back(Here::Closed), Found::Agrees),
    ] {
        assert_eq!(absent(&ours, at(4), false), expected, "{ours:?}");
    }
    let partial = done(manifest(&[]), Coverage::Partial, &[clue("a", Here::Open)]);
    assert!(partial.summary.agrees(), "{partial:?}");
    assert_eq!(
        (partial.summary.counts.not_compared, partial.summary.counts.here),
        (1, 1)
    );
}

#[test]
fn what_came_after_the_list_was_made_is_not_held_against_it() {
    let new = Ours {
        reported_at: at(6),
        ..clue("a", Here::Open)
    };
    assert_eq!(absent(&new, at(4), false), Found::Later);
    let closed = Ours {
        changed_at: at(6),
        ..clue("a", Here::Closed)
    };
    assert_eq!(compare(said(Open), &closed, at(4), false), Found::Later);
    assert_eq!(
        compare(said(Open), &closed, at(7), false),
        Found::Differs(Cause::ClosureNotTaken)
    );
}

#[test]
fn the_answer_has_a_row_for_each_difference_and_the_sums_hold() {
    let mut list = manifest(&[
        ("a", said(Open)),
        ("b", said(Closed)),
        ("c", said(Open)),
        ("new", said(Open)),
        ("bad", said(Open)),
        ("gone", said(Open)),
        ("b", said(Closed)),
        ("s", There::Unstated),
    ]);
    list.add_unreadable(10);
    let mut put_away = PutAway::default();
    put_away.add(Some("bad".to_owned()), &Fate::Waiting);
    let discarded = Fate::Discarded {
        at: at(1),
        by: "li".to_owned(),
        reason: "x".to_owned(),
    };
    put_away.add(Some("gone".to_owned()), &discarded);
    let mut comparison = Comparison::new(list, Coverage::Complete, HashSet::new());
    for ours in [
        clue("a", Here::Open),
        clue("b", Here::Open),
        clue("c", Here::Closed),
        clue("d", Here::Closed),
        clue("s", Here::Open),
    ] {
        comparison.see(&ours);
    }
    let Reconciliation { summary, rows } = comparison.finish(&put_away, at(5));
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row.ask.as_str(),
                row.cause,
                row.source_id.as_deref().unwrap_or(""),
                row.line,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("platform", Cause::NeverReceived, "new", Some(5)),
            ("platform", Cause::NotListed, "d", None),
            ("platform", Cause::ClosureNotTaken, "c", Some(4)),
            ("platform", Cause::ListedTwice, "b", Some(8)),
            ("platform", Cause::LineUnreadable, "", Some(10)),
            ("agency", Cause::ClosedThere, "b", Some(8)),
            ("operator", Cause::Quarantined, "bad", Some(6)),
            ("operator", Cause::Discarded, "gone", Some(7)),
        ]
    );
    assert_eq!(rows[5].agency.as_deref(), Some("north"));
    assert_eq!(
        (rows[5].there.as_deref(), rows[5].here.as_deref()),
        (Some("closed"), Some("handling"))
    );
    let counts = summary.counts;
    assert_eq!(counts.differences, rows.len() as u64);
    assert_eq!(
        summary.groups.iter().map(|group| group.count).sum::<u64>(),
        counts.differences
    );
    assert_eq!((counts.records, counts.listed, counts.here), (9, 7, 5));
    assert_eq!(
        (counts.missing_here, counts.missing_there, counts.status_differs),
        (3, 1, 2)
    );
    assert_eq!((counts.duplicate, counts.unreadable), (1, 1));
    // of the clues here, each is one thing
    assert_eq!(
        counts.here,
        counts.agree
            + counts.not_compared
            + counts.settled
            + counts.later
            + counts.missing_there
            + counts.status_differs
    );
}

#[test]
fn a_record_that_nobody_can_name_may_be_the_one_that_is_missing() {
    let mut put_away = PutAway::default();
    assert_eq!(put_away.cause("a"), Cause::NeverReceived);
    put_away.add(None, &Fate::Waiting);
    assert_eq!(put_away.cause("a"), Cause::PerhapsQuarantined);
    put_away.add(Some("a".to_owned()), &Fate::Waiting);
    assert_eq!(put_away.cause("a"), Cause::Quarantined);
    assert_eq!(clue("a", Here::Open).holder, Some(HolderKind::Agency));
}
