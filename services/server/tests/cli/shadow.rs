//! Beside people's own work: the live feed is routed, nothing is sent, and the answer is compared with what dispatchers did.

use serde_json::{Value, json};

use crate::calling_back::Receiver;
use crate::serving::Server;
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

/// Two platforms of a live feed: one sends the whole record again, the other what became of it. Both are told of each step, and the
/// agency has a topic: outside a shadow run.
fn live(data: &Data, receiver: &Receiver) -> String {
    let told = format!(
        "[callback]\nurl = \"http://{}/steps/{{source_id}}\"\n[callback.admitted]\n[callback.dispatched]\n",
        receiver.address
    );
    let due = MAPPING.replace("area = \"/area\"", "area = \"/area\"\ndue_at = \"/due\"");
    let words = "status = { from = \"/state\", values = { \"办结\" = \"closed\", \"在办\" = \"open\" } }\n";
    let history = due
        .replace("\"platform\"", "\"export\"")
        .replace("\"snapshot\"", "\"history\"")
        .replace(
            "[snapshot]\nversion = \"/updated\"",
            "[history]\nclosed_at = \"/closed\"",
        );
    let mut config = vec![
        "[delivery]\nallow_private = [\"127.0.0.1/32\"]\n".to_owned(),
        format!("[[delivery.agency]]\nagency = \"{OURS}\"\ntopic = \"agency.keqiao\"\n"),
    ];
    for (name, mapping) in [("platform.toml", due + words), ("export.toml", history)] {
        std::fs::write(data.path().join(name), mapping + &told).expect("written");
        config.push(format!("[[intake.source]]\nmapping = \"{name}\"\n"));
    }
    let path = data.path().join("bihuan.toml");
    std::fs::write(&path, config.concat()).expect("written");
    path.display().to_string()
}

fn serve(data: &Data, config: &str, flags: &[&str]) -> Server {
    let rulebook = file("deploy/rulebooks/shaoxing").display().to_string();
    let arguments = ["all", "--config", config, "--rulebook", &rulebook];
    Server::start(data, &[&arguments, flags].concat())
}

/// Posts records of a platform and waits until they are decided.
fn feed(server: &Server, source: &str, records: &[Value]) {
    let path = format!("/api/v1/sources/{source}/records");
    let wait = [("Prefer", "wait=20")];
    let (status, answer) = server.post(&path, &wait, &json!(records));
    assert_eq!(
        (status, &answer["counts"]["quarantined"]),
        (200, &Value::Null),
        "{answer}"
    );
}

fn record(id: &str, dept: &str, more: &Value) -> Value {
    let mut record = json!({
        "id": id, "reported": "2026-01-05T08:00:00+08:00", "updated": 1, "matter": "06001", "area": "330603", "dept": dept,
        "due": "2026-01-08T08:00:00+08:00",
    });
    let fields = more.as_object().expect("fields").clone();
    record.as_object_mut().expect("a record").extend(fields);
    record
}

#[test]
fn a_served_shadow_run_takes_the_live_feed_tells_nobody_and_compares() {
    let data = Data::empty();
    let receiver = Receiver::start(&[]);
    let config = live(&data, &receiver);
    let server = serve(&data, &config, &["--shadow"]);
    let report = || server.get("/api/v1/reports/shadow?from=2026-01-01").1;
    feed(
        &server,
        "platform",
        &[
            record("1", OURS, &json!({})),
            record("2", THEIRS, &json!({})),
            record("3", THEIRS, &json!({"area": "999999"})),
        ],
    );
    let closed = json!({"closed": "2026-01-06T08:00:00+08:00"});
    feed(
        &server,
        "export",
        &[record("1", OURS, &json!({})), record("2", THEIRS, &closed)],
    );
    server.until("all decided", || {
        server.get("/api/v1/clues?stage=admitted").1["clues"] == json!([])
            && server.get("/api/v1/accounts").1["balanced"] == true
    });
    // people pass one on, and one is closed there after the deadline
    let later = json!({"updated": 2});
    let late = json!({"updated": 2, "state": "办结"});
    feed(
        &server,
        "platform",
        &[record("2", OURS, &later), record("1", OURS, &late)],
    );
    server.until("read", || server.get("/api/v1/accounts").1["balanced"] == true);
    let summed = || data.json(&["report", "shadow", "--config", &config]);
    server.until("compared", || summed()["rights"]["rules"] == 1);
    let found = summed();
    assert_eq!(
        (&found["clues"], &found["undecided"], &found["rights"]),
        (
            &json!(5),
            &json!(0),
            &json!({"both": 2, "rules": 1, "people": 1, "neither": 0, "nobody": 1})
        ),
        "{found}"
    );
    let deadlines = &found["clocks"]["deadlines"];
    assert_eq!(
        (&deadlines["closed_in_time"], &deadlines["closed_late"]),
        (&json!(1), &json!(1)),
        "{deadlines}"
    );
    let rows = found["rows"].as_array().expect("rows");
    let changes: Vec<_> = rows
        .iter()
        .flat_map(|row| row["instead"].as_array().expect("a list"))
        .collect();
    assert!(
        changes
            .iter()
            .any(|it| it["row"] == format!("06001,330603,first_handler,{THEIRS}")),
        "{found}"
    );
    assert_eq!(report()["clues"], 5);
    let closure = server.get("/api/v1/reports/closure").1;
    assert_eq!(closure["shadow"], true);
    drop(server);
    data.run(&["report", "closure", "--config", &config])
        .exits(0)
        .says("not handled here");
    data.run(&["report", "shadow", "--config", &config])
        .exits(0)
        .says(&format!("06001,330603,first_handler,{THEIRS}"));
    assert_eq!(receiver.heard(), Vec::<String>::new(), "no platform was called");
    for (statement, what) in [
        ("DELETE FROM delivery_event", "journalled"),
        ("DELETE FROM delivery_callback", "due"),
        (
            "DELETE FROM queue_end WHERE topic = 'agency.keqiao'",
            "sent to the agency",
        ),
    ] {
        assert_eq!(data.tamper(statement), 0, "nothing was {what}");
    }
}

/// The same feed in earnest, so that silence above means something.
#[test]
fn the_same_feed_outside_a_shadow_run_is_told_to_platform_and_agency() {
    let data = Data::empty();
    let mut receiver = Receiver::start(&[]);
    let config = live(&data, &receiver);
    let server = serve(&data, &config, &[]);
    feed(&server, "platform", &[record("1", OURS, &json!({}))]);
    assert_eq!(receiver.next()["path"], "/steps/1");
    assert_eq!(receiver.next()["path"], "/steps/1", "admitted and dispatched");
    drop(server);
    assert_eq!(
        data.tamper("DELETE FROM queue_end WHERE topic = 'agency.keqiao'"),
        1
    );
}
