use serde_json::Value;

use crate::{Data, file, text};

fn waiting(data: &Data) -> Vec<Value> {
    let page = data.json(&["quarantine", "list", "--fate", "waiting"]);
    page["records"].as_array().expect("records").clone()
}

#[test]
fn what_names_persons_is_never_shown() {
    let data = Data::grid();
    let expected: Value =
        serde_json::from_str(&text(file("tests/fixtures/shaoxing-grid.expected.json"))).expect("json");
    let hidden: Vec<_> = expected["never_shown"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert!(hidden.len() > 1);
    let records = waiting(&data);
    assert_eq!(records.len(), 3);
    let mut shown = 0;
    for record in &records {
        let id = record["id"].as_str().expect("id");
        for format in ["table", "json", "markdown"] {
            let out = data
                .run(&["quarantine", "show", id, "--format", format])
                .exits(0)
                .stdout();
            assert!(hidden.iter().all(|word| !out.contains(word)), "{out}");
            shown += usize::from(out.contains("reportTime"));
        }
    }
    assert_eq!(
        shown, 6,
        "two records in three formats, and the broken one not at all"
    );
    data.run(&["quarantine", "list", "--reason", "json", "--lang", "zh"])
        .exits(0)
        .says("不是有效的 JSON");
}

#[test]
fn mended_records_are_read_after_all_and_others_given_up() {
    let data = Data::grid();
    data.run(&["quarantine", "replay", "--all", "--lang", "en"])
        .exits(1)
        .says("0 of 3 done");
    let mapping = data.path().join("mended.toml");
    let mended = text(file("deploy/mappings/shaoxing-grid.toml"))
        .replace("\"/id\"", "{ from = [\"/id\", \"/address\"] }");
    std::fs::write(&mapping, mended).expect("written");
    let mapping = mapping.display().to_string();
    data.run(&[
        "quarantine",
        "replay",
        "--reason",
        "id_missing",
        "--mapping",
        &mapping,
        "--lang",
        "en",
    ])
    .exits(0)
    .says("2 of 2 done");
    let rest = waiting(&data);
    assert_eq!(rest.len(), 1);
    let id = rest[0]["id"].as_str().expect("id");
    data.run(&["quarantine", "discard", id]).exits(2);
    data.run(&["quarantine", "discard", id, "--reason", " "]).exits(2);
    data.run(&[
        "quarantine",
        "discard",
        id,
        "--reason",
        "cut off at the source",
        "--person",
        "P1",
    ])
    .exits(0);
    let shown = data.json(&["quarantine", "show", id]);
    assert_eq!(
        (&shown["fate"], &shown["fate_by"]),
        (&"discarded".into(), &"P1".into())
    );
    data.run(&["quarantine", "show", "nonsense"]).exits(2);
    data.run(&["verify"]).exits(0);
    let records = &data.json(&["report", "closure"])["records"];
    let counts = ["received", "new", "quarantined", "replayed", "discarded"]
        .map(|key| records[key].as_u64().expect(key));
    assert_eq!(counts, [60, 58, 1, 2, 1]);
}

#[test]
fn a_rulebook_is_activated_and_shown() {
    let data = Data::nyc();
    let old = data.json(&["rulebook", "show"]);
    assert_eq!(
        (&old["label"], &old["duties"]),
        (&"nyc311-2026".into(), &131.into())
    );
    let changed = crate::usage::rulebook(&[("rulebook.toml", "nyc311-2026", "nyc311-2027")]);
    let directory = changed.path().display().to_string();
    assert_eq!(
        data.json(&["rulebook", "show", &directory])["active_since"],
        Value::Null
    );
    let new = data.json(&["rulebook", "activate", &directory, "--by", "P1", "--why", "new"]);
    assert_eq!(data.json(&["rulebook", "show"]), new);
    assert!(new["active_since"].is_string() && new["version"] != old["version"]);
    let version = old["version"].as_str().expect("version");
    assert_eq!(
        data.json(&["rulebook", "show", version])["active_since"],
        Value::Null
    );
    data.run(&["explain", "nyc311/68647387", "--lang", "en"])
        .exits(0)
        .says(version);
    data.run(&["verify"]).exits(0);
}
