//! Beside people's own work: the live feed is routed, nothing is sent, and the answer is compared with what dispatchers did.

use serde_json::{Value, json};

use crate::{Data, Ran, file};

const MAPPING: &str = r#"
source = "platform"
mode = "snapshot"
format = "json"
[clue]
id = "/id"
reported_at = "/reported"
matter = "/matter"
area = "/area"
[snapshot]
version = "/updated"
agency = "/dept"
"#;

/// Whom the rulebook chooses.
const OURS: &str = "330603-zhzf";
const THEIRS: &str = "330603-hwqy";

/// Imports versions of records: number, version, area, and who has it there.
fn import(data: &Data, name: &str, versions: &[(u32, u32, &str, &str)], flags: &[&str]) -> Ran {
    let folder = tempfile::tempdir().expect("temporary folder");
    let line = |(id, version, area, dept): &(u32, u32, &str, &str)| {
        let record = json!({
            "id": format!("{id}"), "reported": "2026-01-05T08:00:00+08:00", "updated": version,
            "matter": "06001", "area": area, "dept": dept,
        });
        record.to_string() + "\n"
    };
    let (records, mapping) = (folder.path().join(name), folder.path().join("mapping.toml"));
    std::fs::write(&records, versions.iter().map(line).collect::<String>()).expect("written");
    std::fs::write(&mapping, MAPPING).expect("written");
    let [records, mapping, rulebook] =
        [records, mapping, file("deploy/rulebooks/shaoxing")].map(|path| path.display().to_string());
    let arguments = ["import", &records, "--mapping", &mapping, "--rulebook", &rulebook];
    data.run(&[&arguments, flags].concat())
}

#[test]
fn rules_and_dispatchers_are_compared_and_nobody_is_told_anything() {
    let data = Data::empty();
    let first = [
        (1, 1, "330603", OURS),
        (2, 1, "330603", THEIRS),
        (3, 1, "330603", THEIRS),
        (4, 1, "330603", ""),
        (5, 1, "999999", THEIRS),
    ];
    import(&data, "first.jsonl", &first, &["--shadow"]).exits(0);
    // people pass the third on to whom the rules had named
    import(&data, "second.jsonl", &[(3, 2, "330603", OURS)], &[]).exits(0);

    let found = data.json(&["report", "shadow"]);
    assert_eq!(
        found["rights"],
        json!({"both": 1, "rules": 1, "people": 1, "neither": 0, "nobody": 1}),
        "{found}"
    );
    assert_eq!(
        (&found["clues"], &found["waiting"], &found["compared"]),
        (&json!(5), &json!(1), &json!(4))
    );
    assert_eq!(found["rules_accuracy"], 0.5);
    let rows = found["rows"].as_array().expect("rows");
    let of = |agency: Value| rows.iter().find(|row| row["agency"] == agency).expect("a row");
    assert_eq!(of(json!(OURS))["line"], 3, "a line of duties.csv");
    assert_eq!(of(json!(OURS))["instead"][0]["agency"], THEIRS);
    assert_eq!(of(json!(OURS))["instead"][0]["clues"], 1);
    assert_eq!(of(Value::Null)["reason"], "area_missing");

    let later = data.json(&["report", "shadow", "--from", "2026-02-01"]);
    assert_eq!(later["clues"], 0);
    data.run(&["report", "shadow", "--lang", "zh"])
        .exits(0)
        .says("规则准确率");
    data.run(&["verify"]).exits(0);
    assert_eq!(data.tamper("DELETE FROM delivery_event"), 0, "nobody was told");
}

#[test]
fn the_first_start_decides_whether_anything_is_sent() {
    let live = Data::empty();
    import(&live, "first.jsonl", &[(1, 1, "330603", OURS)], &[]).exits(0);
    import(&live, "second.jsonl", &[(2, 1, "330603", OURS)], &["--shadow"])
        .exits(2)
        .says("shadow");
    assert!(
        live.tamper("DELETE FROM delivery_event") > 0,
        "the agency was told"
    );
    let shadow = Data::empty();
    import(&shadow, "first.jsonl", &[(1, 1, "330603", OURS)], &["--shadow"]).exits(0);
    shadow
        .run(&["serve", "--listen", "127.0.0.1:0"])
        .exits(2)
        .says("--shadow");
}
