//! What an agency's platform sends back, by a mapping alone: as files, over HTTP, and before the clue that it is about.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::serving::Server;
use crate::{Data, file};

const GRID: &str = r#"
source = "grid-platform"
mode = "snapshot"
format = "json"
time_zone = "Asia/Shanghai"
[clue]
id = "/id"
reported_at = "/reported"
matter = "/matter"
area = "/area"
title = "/title"
[snapshot]
version = "/updated"
"#;

const AGENCIES: &str = r#"
source = "agency-platform"
kind = "feedback"
format = "json"
time_zone = "Asia/Shanghai"
personal = ["/handler/phone"]
[feedback]
clue = { source = "grid-platform", id = "/orderNo" }
agency = { from = "/dept", values = { "越城综合执法" = "330602-zhzf", "柯桥综合执法" = "330603-zhzf" } }
action = { from = "/status", values = { "已签收" = "acknowledge", "退单" = "request_return", "处置中" = "start", "已办结" = "resolve", "心跳" = "skip" } }
person = "/handler/id"
occurred_at = { from = "/time", time = "%Y-%m-%d %H:%M:%S" }
remark = "/remark"
reason = "/remark"
duty = "/basis"
proposed = { from = "/to", values = { "越城综合执法" = "330602-zhzf" } }
conclusion = { from = "/result", values = { "整改到位" = "rectified" } }
measures = { from = "/measures", each = "、", values = { "教育" = "education", "责令改正" = "order_correct" } }
evidence = "/photos"
"#;

/// Two platforms and a place whose clues close by themselves once they are resolved.
struct Place {
    folder: TempDir,
    data: Data,
}

impl Place {
    fn new() -> Self {
        let place = Self {
            folder: tempfile::tempdir().expect("temporary folder"),
            data: Data::empty(),
        };
        for entry in std::fs::read_dir(file("deploy/rulebooks/shaoxing")).expect("a folder") {
            let entry = entry.expect("a file");
            std::fs::copy(entry.path(), place.folder.path().join(entry.file_name())).expect("copied");
        }
        let rulebook = crate::text(place.folder.path().join("rulebook.toml"));
        let policy = "\n[policy.verification.grid-platform]\ncheck = false\nauto_close = true\n";
        place.write("rulebook.toml", &(rulebook + policy));
        place.write("grid.toml.txt", GRID);
        place.write("agencies.toml.txt", AGENCIES);
        place
    }

    fn write(&self, name: &str, content: &str) -> String {
        let path = self.path(name);
        std::fs::write(&path, content).expect("written");
        path
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn import(&self, name: &str, mapping: &str, records: &[Value]) -> Value {
        let lines: Vec<_> = records.iter().map(|it| it.to_string() + "\n").collect();
        let records = self.write(&format!("{name}.jsonl"), &lines.concat());
        self.data.json(&[
            "import",
            &records,
            "--mapping",
            &self.path(mapping),
            "--rulebook",
            &self.path(""),
        ])
    }

    fn grid(&self, name: &str, records: &[Value]) -> Value {
        self.import(name, "grid.toml.txt", records)
    }

    fn agencies(&self, name: &str, records: &[Value]) -> Value {
        self.import(name, "agencies.toml.txt", records)
    }

    fn stage(&self, id: &str) -> Value {
        self.data.json(&["clue", "show", &format!("grid-platform/{id}")])["stage"].clone()
    }
}

fn order(id: &str) -> Value {
    json!({
        "id": id,
        "reported": "2026-01-05T08:00:00+08:00",
        "updated": "2026-01-05T08:00:00+08:00",
        "matter": "06001",
        "area": "330603",
        "title": "占道经营",
    })
}

fn status(id: &str, status: &str, more: &Value) -> Value {
    let mut message = json!({
        "orderNo": id,
        "dept": "柯桥综合执法",
        "status": status,
        "time": "2026-01-05 10:00:00",
        "handler": {"id": "K-07", "phone": "13800000000"},
    });
    for (name, value) in more.as_object().expect("members") {
        message[name] = value.clone();
    }
    message
}

fn resolved(id: &str) -> Value {
    let more = json!({"result": "整改到位", "measures": "教育、责令改正", "photos": ["https://p/1.jpg"], "remark": "已整改"});
    status(id, "已办结", &more)
}

fn dispositions(summary: &Value) -> Value {
    let mut all = summary["dispositions"].clone();
    if let Some(all) = all.as_object_mut() {
        all.retain(|_, count| *count != 0);
    }
    all
}

#[test]
fn an_agencys_platform_closes_what_another_platform_reported() {
    let place = Place::new();
    place.grid("orders", &[order("a"), order("b"), order("c")]);
    let none = json!({});
    let messages = [
        status("a", "已签收", &none),
        status("a", "处置中", &none),
        resolved("a"),
        // signed for and begun without a word of it
        resolved("b"),
        status("-", "心跳", &none),
        status("c", "已签收", &none),
        status("c", "已签收", &none),
        status("c", "到场", &none),
        status(
            "c",
            "退单",
            &json!({"remark": "不属我单位", "to": "越城综合执法"}),
        ),
        status("c", "已签收", &json!({"dept": "三大队"})),
    ];
    let summary = place.agencies("statuses", &messages);
    assert_eq!(
        dispositions(&summary),
        json!({"feedback": 6, "skipped": 1, "quarantined": 3}),
        "{summary}"
    );
    assert_eq!(
        (
            &summary["quarantined_by_reason"],
            &summary["refused_by_reason"],
            &summary["parked"]
        ),
        (
            &json!({"action_unknown": 1, "agency_unknown": 1, "field_missing": 1}),
            &json!({"already_acknowledged": 1}),
            &json!(0)
        )
    );
    assert_eq!(
        ["a", "b", "c"].map(|id| place.stage(id)),
        ["closed", "closed", "acknowledged"]
    );
    let report = place.data.json(&["report", "closure"]);
    let records = &report["records"];
    assert_eq!(
        (
            &records["received"],
            &records["new"],
            &records["feedback"],
            &records["in_flight"]
        ),
        (&json!(13), &json!(3), &json!(6), &json!(0))
    );
    place
        .data
        .run(&["explain", "grid-platform/b", "--lang", "en"])
        .exits(0)
        .says("330603-zhzf");
    place.data.run(&["verify"]).exits(0);

    // the mapping is mended, and what waits in quarantine is read
    let mended = AGENCIES.replace("\"心跳\" = \"skip\"", "\"心跳\" = \"skip\", \"到场\" = \"start\"");
    let mended = place.write("mended.toml.txt", &mended);
    place
        .data
        .run(&[
            "quarantine",
            "replay",
            "--reason",
            "action_unknown",
            "--mapping",
            &mended,
        ])
        .exits(0);
    assert_eq!(place.stage("c"), "handling");
    let records = place.data.json(&["report", "closure"])["records"].clone();
    assert_eq!(
        (
            &records["received"],
            &records["feedback"],
            &records["quarantined"],
            &records["replayed"]
        ),
        (&json!(13), &json!(7), &json!(2), &json!(1))
    );
    let again = place.agencies("statuses", &messages);
    assert_eq!((&again["received"], &again["repeated"]), (&json!(0), &json!(10)));
    place.data.run(&["verify"]).exits(0);
}

#[test]
fn feedback_that_comes_before_its_clue_is_applied_when_that_is_dispatched() {
    let place = Place::new();
    let early = [status("a", "已签收", &json!({})), resolved("a"), resolved("b")];
    let summary = place.agencies("early", &early);
    assert_eq!(dispositions(&summary), json!({"feedback": 3}), "{summary}");
    assert_eq!(
        (&summary["parked"], &summary["refused_by_reason"]),
        (&json!(3), &json!({}))
    );
    place.data.run(&["clue", "show", "grid-platform/a"]).exits(2);
    place.data.run(&["verify"]).exits(0);
    let summary = place.grid("orders", &[order("a")]);
    assert_eq!(
        (&summary["parked"], dispositions(&summary)),
        (&json!(1), json!({"new": 1}))
    );
    assert_eq!(place.stage("a"), "closed");
    place.data.run(&["verify"]).exits(0);
    assert_eq!(
        place
            .data
            .tamper("UPDATE lifecycle_parked SET sequence = sequence + 1"),
        1
    );
    place.data.run(&["verify"]).exits(1).says("parked_is_undecided");
}

#[test]
fn both_platforms_post_their_own_records() {
    let place = Place::new();
    let (grid, agencies) = (place.path("grid.toml.txt"), place.path("agencies.toml.txt"));
    let config = place.write(
        "bihuan.toml.txt",
        &format!(
            "data = \"{}\"\nrulebook = \"{}\"\n[[intake.source]]\nmapping = \"{grid}\"\n[[intake.source]]\nmapping = \"{agencies}\"\n",
            place.data.path().display(),
            place.folder.path().display(),
        ),
    );
    let server = Server::start(&place.data, &["--config", &config]);
    let wait = [("Prefer", "wait=20")];
    let to = |source: &str| format!("/api/v1/sources/{source}/records");

    let early = server.post(&to("agency-platform"), &[], &status("a", "已签收", &json!({})));
    assert_eq!(
        (early.0, &early.1["records"][0]["status"]),
        (202, &json!("accepted"))
    );
    server.until("parked", || server.get("/api/v1/parked").1["total"] == 1);

    let (code, answer) = server.post(&to("grid-platform"), &wait, &json!([order("a"), order("b")]));
    assert_eq!(
        (code, &answer["counts"]),
        (200, &json!({"report": 2})),
        "{answer}"
    );
    assert_eq!(
        answer["records"][0]["outcome"]["events"][0]["type"],
        "ClueReported"
    );
    let stage = |id: &str| server.get(&format!("/api/v1/clues/grid-platform%2F{id}")).1["stage"].clone();
    server.until("signed for", || {
        stage("a") == "acknowledged" && stage("b") == "dispatched"
    });

    let body = json!([
        resolved("a"),
        status("b", "到场", &json!({})),
        status("b", "心跳", &json!({})),
        status("b", "已签收", &json!({"dept": "越城综合执法"})),
    ]);
    let keyed = [("Prefer", "wait=20"), ("Idempotency-Key", "k1")];
    let (code, answer) = server.post(&to("agency-platform"), &keyed, &body);
    assert_eq!(code, 200, "{answer}");
    let counts = json!({"feedback": 2, "quarantined": 1, "skipped": 1});
    assert_eq!((&answer["counts"], &answer["received"]), (&counts, &json!(4)));
    let records = answer["records"].as_array().expect("records");
    let statuses: Vec<_> = records
        .iter()
        .map(|it| it["status"].as_str().unwrap_or(""))
        .collect();
    assert_eq!(statuses, ["done", "accepted", "accepted", "refused"]);
    assert_eq!(
        (&records[1]["reason"], &records[1]["field"]),
        (&json!("action_unknown"), &json!("action"))
    );
    assert_eq!(
        records[3]["outcome"]["events"][0]["data"]["code"], "not_holder",
        "{answer}"
    );
    server.until("closed", || stage("a") == "closed");
    assert_eq!(
        server.post(&to("agency-platform"), &keyed, &body),
        (200, answer.clone()),
        "the same again"
    );
    let (code, problem) = server.post(&to("agency-platform"), &keyed, &status("a", "处置中", &json!({})));
    assert_eq!((code, &problem["code"]), (422, &json!("idempotency_key_reused")));

    for (source, body, expected) in [
        ("nobody", json!({}), (404, "source_unknown")),
        ("agency-platform", json!([]), (400, "invalid_body")),
    ] {
        let (code, problem) = server.post(&to(source), &[], &body);
        assert_eq!(
            (code, problem["code"].as_str().unwrap_or("")),
            expected,
            "{problem}"
        );
    }
    // seven records: the repeat is none
    server.until("settled", || {
        let records = server.get("/api/v1/reports/closure").1["records"].clone();
        records["received"] == 7 && records["feedback"] == 3 && records["in_flight"] == 0
    });
    server.until("balanced", || {
        server.get("/api/v1/accounts").1["balanced"] == true
    });
    drop(server);
    place.data.run(&["verify"]).exits(0);
}

#[test]
fn a_table_is_posted_with_its_header() {
    let place = Place::new();
    let mapping = "source = \"tables\"\nformat = \"csv\"\npersonal = [\"phone\"]\n[clue]\nid = \"no\"\ntitle = \"title\"\n";
    let mapping = place.write("tables.toml.txt", mapping);
    let config = place.write(
        "bihuan.toml.txt",
        &format!("data = \"d\"\n[[intake.source]]\nmapping = \"{mapping}\"\n"),
    );
    let server = Server::start(&place.data, &["--config", &config]);
    let path = "/api/v1/sources/tables/records";
    let table = "no,title,phone\r\n1,占道经营,138\r\n2,\"夜间,施工\",139\r\n3,x\r\n";
    let wait = [("Prefer", "wait=20")];
    let (status, answer) = server
        .ask("POST", path, "text/csv", &wait, table)
        .expect("an answer");
    assert_eq!(
        (status, &answer["counts"]),
        (200, &json!({"report": 2, "quarantined": 1})),
        "{answer}"
    );
    assert_eq!(answer["records"][2]["reason"], "csv_fields");
    server.until("counted", || {
        let records = server.get("/api/v1/reports/closure").1["records"].clone();
        records["received"] == 3 && records["new"] == 2 && records["quarantined"] == 1
    });
    let (status, problem) = server
        .ask("POST", path, "text/csv", &wait, "a,b\n1,2\n")
        .expect("an answer");
    assert_eq!((status, &problem["code"]), (400, &json!("invalid_body")));
    let detail = problem["detail"].as_str().unwrap_or_default();
    assert!(detail.contains("there is no column no"), "{problem}");
}

/// The fenced block of that kind behind the guide's section on feedback.
fn of_the_guide(kind: &str) -> String {
    let guide = crate::text(file("docs/integrate.md"));
    let (_, section) = guide
        .split_once("## An agency's platform answers")
        .expect("the section");
    let (_, block) = section.split_once(&format!("```{kind}\n")).expect("a block");
    block.split_once("```").expect("an end").0.to_owned()
}

#[test]
fn the_guides_example_is_true() {
    let place = Place::new();
    place.write("agencies.toml.txt", &of_the_guide("toml"));
    let message: Value = serde_json::from_str(&of_the_guide("json")).expect("a message");
    place.grid("orders", &[order("G1")]);
    let summary = place.agencies("guide", &[message]);
    assert_eq!(dispositions(&summary), json!({"feedback": 1}), "{summary}");
    assert_eq!(place.stage("G1"), "closed");
}

#[test]
fn a_check_shows_what_a_status_message_becomes() {
    let place = Place::new();
    let sample = place.write("sample.jsonl", &format!("{}\n", resolved("a")));
    let mapping = place.path("agencies.toml.txt");
    crate::bihuan(&["mapping", "check", &mapping, &sample, "--lang", "en"])
        .exits(0)
        .says("becomes an agency's command")
        .says("ResolveClue")
        .says("education, order_correct");
    crate::bihuan(&[
        "import",
        &sample,
        "--mapping",
        &mapping,
        "--dry-run",
        "--format",
        "json",
    ])
    .exits(0)
    .says("\"feedback\": 1");
}

#[test]
fn what_waits_for_a_clue_that_never_comes_is_listed_and_given_up() {
    let place = Place::new();
    place.grid("orders", &[order("a")]);
    let none = json!({});
    place.agencies(
        "early",
        &[status("never", "已签收", &none), status("never", "处置中", &none)],
    );
    let waiting = place.data.json(&["parked", "list"]);
    assert_eq!(waiting["total"], 2, "{waiting}");
    let id = waiting["oldest"][0]["command_id"].as_str().expect("an id");
    let discard = ["parked", "discard", id, "--reason", "not ours", "--person", "7"];
    place.data.run(&discard).exits(0).says("discarded");
    assert_eq!(place.data.json(&["parked", "list"])["total"], 1);
    place.data.run(&discard).exits(2).says("waits for its clue");
    place.data.run(&["verify"]).exits(0);
}
