//! What must hold in the end: every record accounted for once, journals without gap or double, everything recomputed alike.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::installation::Installation;
use crate::journal::{Entry, JOURNALS};
use crate::kafka::{self, Found};
use crate::records::Expected;
use crate::wait_for;

/// Waits until nothing is in flight and as many clues are closed as should be; the report at that moment.
#[track_caller]
pub fn settle(installation: &Installation, expected: &Expected, limit: Duration) -> Value {
    let mut last = Value::Null;
    let begun = std::time::Instant::now();
    loop {
        let answer = installation.run(&["report", "closure", "--format", "json"]);
        if answer.code == Some(0) {
            last = answer.json();
            let records = &last["records"];
            let received = records["received"].as_u64().unwrap_or_default();
            let is_done = records["in_flight"] == 0
                && received >= expected.received
                && last["counts"]["closed"].as_u64() >= Some(expected.closed)
                && last["counts"]["triage"].as_u64() >= Some(expected.triage);
            if is_done {
                return last;
            }
        }
        assert!(
            begun.elapsed() < limit,
            "not settled within {limit:?}; expected {expected:?}; records {} counts {} {}",
            last["records"],
            last["counts"],
            answer.stderr
        );
        std::thread::sleep(Duration::from_millis(500));
    }
}

/// The report says exactly this.
#[track_caller]
pub fn assert_report(report: &Value, expected: &Expected) {
    let (records, counts) = (&report["records"], &report["counts"]);
    let found = Expected {
        received: number(&records["received"]),
        clues: number(&counts["clues"]),
        unchanged: number(&records["unchanged"]),
        quarantined: number(&records["quarantined"]),
        triage: number(&counts["triage"]),
        closed: number(&counts["closed"]),
    };
    assert_eq!(&found, expected, "records {records}, counts {counts}");
    assert_identities(report);
}

/// What holds of every report: each record has one disposition, each new one is a clue, each clue is somewhere.
#[track_caller]
pub fn assert_identities(report: &Value) {
    let (records, counts) = (&report["records"], &report["counts"]);
    let sum = |of: &Value, names: &[&str]| names.iter().map(|name| number(&of[*name])).sum::<u64>();
    let dispositions = [
        "new",
        "updated",
        "unchanged",
        "stale",
        "feedback",
        "skipped",
        "quarantined",
        "in_flight",
    ];
    assert_eq!(
        number(&records["received"]),
        sum(records, &dispositions),
        "{records}"
    );
    assert_eq!(number(&records["new"]), number(&counts["clues"]), "{report:#}");
    let states = ["rejected", "voided", "merged", "closed", "open"];
    assert_eq!(number(&counts["clues"]), sum(counts, &states), "{counts}");
}

#[track_caller]
pub fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// `bihuan verify` finds nothing.
#[track_caller]
pub fn assert_verified(installation: &Installation) {
    let answer = installation.run(&["verify"]);
    assert_eq!(answer.code, Some(0), "{}\n{}", answer.stdout, answer.stderr);
}

/// Every journal counts 1, 2, 3 … in each partition; on Kafka it is, repeats dropped, the table byte for byte.
#[track_caller]
pub fn assert_journals(installation: &Installation) {
    for (topic, table) in JOURNALS {
        let entries = installation.tables().journal(table);
        assert_dense(table, &entries);
        if installation.is_cluster() {
            // a service may still be at work, and its newest events on their way: both are read again until they agree
            wait_for(
                &format!("{topic} has what {table} has"),
                Duration::from_mins(1),
                || {
                    let published = without_repeats(topic, &kafka::read_all(installation.brokers(), topic));
                    let entries = installation.tables().journal(table);
                    assert!(published.len() <= entries.len(), "{topic} has more than {table}");
                    (published.len() == entries.len()).then(|| assert_alike(topic, &published, &entries))
                },
            );
        }
    }
}

#[track_caller]
fn assert_dense(table: &str, entries: &[Entry]) {
    let mut next: BTreeMap<i32, i64> = BTreeMap::new();
    for entry in entries {
        let next = next.entry(entry.partition).or_insert(1);
        assert_eq!(entry.sequence, *next, "{table}, partition {}", entry.partition);
        *next += 1;
    }
}

/// Partition, sequence and value of what a reader of the journal accepts: its next sequence; lower is a repeat, which must say
/// the same; higher is a gap.
#[track_caller]
fn without_repeats(topic: &str, found: &[Found]) -> Vec<(u32, i64, Vec<u8>)> {
    let mut accepted: BTreeMap<u32, Vec<&[u8]>> = BTreeMap::new();
    for message in found {
        let sequence = message
            .header("sequence")
            .and_then(|text| text.parse::<usize>().ok());
        let sequence = sequence.unwrap_or_else(|| panic!("{topic}: {message:?} has no sequence"));
        let known = accepted.entry(message.partition).or_default();
        let place = format!("{topic}/{}/{}", message.partition, message.offset);
        if sequence <= known.len() {
            assert!(sequence > 0, "{place}: sequences count from 1");
            assert_eq!(
                known[sequence - 1],
                message.payload,
                "{place} repeats {sequence} otherwise"
            );
        } else {
            assert_eq!(sequence, known.len() + 1, "{place} leaves a gap");
            known.push(&message.payload);
        }
    }
    let of_partition = |(partition, payloads): (u32, Vec<&[u8]>)| {
        let numbered = payloads.into_iter().enumerate();
        numbered
            .map(|(index, payload)| (partition, index as i64 + 1, payload.to_vec()))
            .collect::<Vec<_>>()
    };
    accepted.into_iter().flat_map(of_partition).collect()
}

#[track_caller]
fn assert_alike(topic: &str, published: &[(u32, i64, Vec<u8>)], entries: &[Entry]) {
    for ((partition, sequence, payload), entry) in published.iter().zip(entries) {
        let place = format!("{topic}/{partition} {sequence}");
        assert_eq!(
            (*partition as i32, *sequence),
            (entry.partition, entry.sequence),
            "{place}"
        );
        assert_eq!(*payload, entry.payload, "{place}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(offset: i64, sequence: i64, payload: &[u8]) -> Found {
        Found {
            partition: 0,
            offset,
            headers: vec![("sequence".to_owned(), sequence.to_string().into_bytes())],
            payload: payload.to_vec(),
        }
    }

    #[test]
    fn repeats_are_dropped() {
        let messages = [
            found(0, 1, b"a"),
            found(1, 2, b"b"),
            found(2, 1, b"a"),
            found(3, 3, b"c"),
        ];
        let kept = without_repeats("t", &messages);
        assert_eq!(
            kept.iter().map(|(_, sequence, _)| *sequence).collect::<Vec<_>>(),
            [1, 2, 3]
        );
    }

    #[test]
    #[should_panic(expected = "leaves a gap")]
    fn gaps_are_found() {
        without_repeats("t", &[found(0, 1, b"a"), found(1, 3, b"c")]);
    }

    #[test]
    #[should_panic(expected = "otherwise")]
    fn a_repeat_that_says_something_else_is_found() {
        without_repeats("t", &[found(0, 1, b"a"), found(1, 1, b"x")]);
    }

    #[test]
    #[should_panic(expected = "partition 0")]
    fn a_hole_in_a_table_is_found() {
        let entry = |sequence| Entry {
            partition: 0,
            sequence,
            clue: None,
            kind: String::new(),
            payload: Vec::new(),
        };
        assert_dense("t", &[entry(1), entry(3)]);
    }
}
