use serde_json::Value;

use crate::{Data, file};

fn proof(data: &Data) -> Value {
    let ran = data.run(&["verify", "--format", "json"]).exits(1);
    serde_json::from_str(&ran.stdout()).expect("json")
}

/// The checks that found something: (check, the first code, the first clue).
fn found(proof: &Value) -> Vec<(&str, &str, &Value)> {
    let checks = proof["checks"].as_array().expect("checks").iter();
    let bad = checks.filter(|check| check["differences"] != 0);
    bad.map(|check| {
        let first = &check["first"][0];
        (
            check["id"].as_str().expect("id"),
            first["check"].as_str().expect("check"),
            &first["clue"],
        )
    })
    .collect()
}

#[test]
fn what_nobody_touched_is_proven() {
    for data in [Data::nyc(), Data::grid()] {
        let proof = data.json(&["verify"]);
        assert_eq!((&proof["good"], &proof["settled"]), (&true.into(), &true.into()));
        let compared = |id: &str| {
            let check = proof["checks"]
                .as_array()
                .expect("checks")
                .iter()
                .find(|check| check["id"] == id);
            check.expect(id)["compared"].as_u64().expect("a count")
        };
        for id in [
            "clues",
            "intake_journal",
            "texts",
            "projection",
            "holders",
            "accounts",
        ] {
            assert!(compared(id) > 0, "{id} compared nothing");
        }
    }
}

/// The migration that needs what was not kept lets monitor build everything again, from journals that are kept for ever.
#[test]
fn a_projection_of_an_older_version_is_built_again() {
    let data = Data::grid();
    let before = data.json(&["report", "closure", "--by", "area"]);
    data.tamper("ALTER TABLE monitor_clue DROP COLUMN source_area");
    data.tamper("ALTER TABLE monitor_clue DROP COLUMN source_matter");
    data.tamper("ALTER TABLE monitor_clue RENAME COLUMN stage TO state");
    data.tamper("DROP TABLE monitor_reconciliation");
    data.tamper("DROP TABLE monitor_feedback");
    data.tamper("DROP TABLE monitor_source");
    data.tamper("DROP TABLE monitor_callback");
    data.tamper("DROP TABLE monitor_link");
    data.tamper("DROP TABLE monitor_notice");
    data.tamper("DROP TABLE monitor_precedent");
    data.tamper("DROP TABLE monitor_task");
    data.tamper("DROP INDEX monitor_clue_triage");
    data.tamper("DROP INDEX monitor_clue_colour");
    data.tamper("DROP INDEX monitor_clue_escalated");
    data.tamper("ALTER TABLE monitor_clue DROP COLUMN colour");
    data.tamper("ALTER TABLE monitor_clue DROP COLUMN escalated");
    data.tamper("ALTER TABLE monitor_clue DROP COLUMN stands_since");
    let migrations = std::fs::read_dir(file("services/monitor/migrations"))
        .expect("a folder")
        .count() as u64;
    assert_eq!(
        data.tamper("DELETE FROM schema_migration WHERE service = 'monitor' AND number >= 2"),
        migrations - 1
    );
    data.run(&["clue", "act", "shaoxing-grid/nobody", "close"])
        .exits(1);
    let after = data.json(&["report", "closure", "--by", "area"]);
    assert_eq!(
        (&after["rows"], &after["records"]),
        (&before["rows"], &before["records"])
    );
    data.run(&["verify"]).exits(0);
}

#[test]
fn a_row_changed_by_hand_is_found_and_named() {
    let clue = "7ea9bb30-c3b2-58c6-bdb0-6f6fa264f8fd";
    let changes = [
        (
            "UPDATE monitor_clue SET agency = 'DOT' WHERE source_id = '68647387'",
            "projection",
            "clue_is_fold",
        ),
        (
            "DELETE FROM monitor_clue WHERE source_id = '68647387'",
            "projection",
            "events_have_clue",
        ),
        (
            "UPDATE clue_text SET title = 'x' WHERE clue_id = x'7ea9bb30c3b258c6bdb06f6fa264f8fd'",
            "texts",
            "text_digest",
        ),
        (
            "DELETE FROM clue_text WHERE clue_id = x'7ea9bb30c3b258c6bdb06f6fa264f8fd'",
            "texts",
            "text_digest",
        ),
        (
            "DELETE FROM clue_state WHERE clue_id = x'7ea9bb30c3b258c6bdb06f6fa264f8fd'",
            "clues",
            "events_have_state",
        ),
    ];
    for (change, check, code) in changes {
        let data = Data::nyc();
        assert_eq!(data.tamper(change), 1, "{change}");
        let proof = proof(&data);
        assert!(
            found(&proof).contains(&(check, code, &clue.into())),
            "{change}: {:?}",
            found(&proof)
        );
        data.run(&["verify", "--lang", "en"])
            .exits(1)
            .says(clue)
            .says(code);
    }
}

/// The cache is no proof of itself: another version's is folded again, and what nobody writes is found.
#[test]
fn no_state_escapes_by_its_bytes_or_its_partition() {
    let foreign = Data::grid();
    let rows = foreign.tamper("UPDATE clue_state SET state = x'ff00'");
    let proof_of = foreign.json(&["verify"]);
    assert_eq!(proof_of["checks"][0]["refolded"], rows, "no difference, but said");
    foreign
        .run(&["verify", "--lang", "en"])
        .exits(0)
        .says("after folding");
    let changes: [(&str, &[&str]); 5] = [
        (
            "UPDATE clue_state SET state = CAST(state || x'00' AS BLOB)",
            &["state_readable"],
        ),
        (
            "UPDATE clue_state SET state = x'', sequence = 1",
            &["state_head", "state_is_fold"],
        ),
        (
            "DELETE FROM lease WHERE consumer_group = 'lifecycle'",
            &["journal_has_lease"],
        ),
        (
            "INSERT INTO clue_state SELECT 77, clue_id, version, sequence, state FROM clue_state",
            &["state_has_events"],
        ),
        (
            "INSERT INTO clue_event SELECT 78, sequence, clue_id, previous, at, type, payload FROM clue_event WHERE partition = 0",
            &["journal_has_lease"],
        ),
    ];
    for (change, codes) in changes {
        let data = Data::grid();
        assert!(data.tamper(change) > 0, "{change}");
        let ran = data
            .run(&["verify", "--format", "json", "--first", "1000"])
            .exits(1);
        let proof: Value = serde_json::from_str(&ran.stdout()).expect("json");
        let clues = &proof["checks"][0];
        assert_eq!(clues["id"], "clues");
        let first = clues["first"].as_array().expect("differences");
        for code in codes {
            assert!(
                first.iter().any(|it| it["check"] == *code),
                "{change}: {code} not in {first:?}"
            );
        }
    }
}

#[test]
fn a_journal_changed_by_hand_breaks_its_chain() {
    let changes = [
        ("UPDATE clue_event SET at = at + 1 WHERE sequence = 5", "clues"),
        ("DELETE FROM clue_event WHERE sequence = 5", "clues"),
        (
            "UPDATE intake_event SET at = at + 1 WHERE sequence = 1",
            "intake_journal",
        ),
        (
            "UPDATE delivery_event SET at = at + 1 WHERE sequence = 1",
            "delivery_journal",
        ),
        (
            "UPDATE lease SET out_sequence = out_sequence + 1 WHERE consumer_group = 'intake'",
            "intake_journal",
        ),
    ];
    for (change, check) in changes {
        let data = Data::grid();
        assert!(data.tamper(change) > 0, "{change}");
        let proof = proof(&data);
        assert!(
            found(&proof).iter().any(|(id, _, _)| *id == check),
            "{change}: {:?}",
            found(&proof)
        );
    }
}

#[test]
fn an_erased_text_is_no_difference() {
    let data = Data::grid();
    let erased =
        data.tamper("UPDATE clue_text SET title = NULL, description = NULL, place = NULL, remark = NULL");
    assert!(erased > 0);
    data.run(&["verify"]).exits(0);
}

#[test]
fn a_clue_that_nobody_holds_is_found() {
    let data = Data::grid();
    assert!(data.tamper("UPDATE monitor_clue SET holder = NULL WHERE stage = 'dispatched'") > 0);
    let proof = proof(&data);
    assert!(
        found(&proof)
            .iter()
            .any(|(check, code, _)| (*check, *code) == ("holders", "open_has_holder"))
    );
    assert!(
        found(&proof)
            .iter()
            .any(|(check, code, _)| (*check, *code) == ("accounts", "open_has_holder"))
    );
}
