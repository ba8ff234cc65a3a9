use serde_json::Value;

use crate::serving::Server;
use crate::{Data, file, text};

const OPEN: &str = "nyc311/68647387";
const NYPD: [&str; 6] = ["--as", "agency", "--actor-agency", "NYPD", "--person", "P7"];

fn act(data: &Data, action: &[&str], code: i32) -> Value {
    let ran = data
        .run(&[&["clue", "act", OPEN, "--format", "json"], action].concat())
        .exits(code);
    serde_json::from_str(&ran.stdout()).expect("json")
}

#[test]
fn a_clue_goes_its_way_and_tells_it() {
    let data = Data::nyc();
    let by_nypd = |action: &[&str]| act(&data, &[action, &NYPD].concat(), 0);
    assert_eq!(by_nypd(&["acknowledge"])["status"], "done");
    by_nypd(&["start-handling"]);
    let evidence = "after=https://example.org/a.jpg";
    by_nypd(&[
        "resolve",
        "--conclusion",
        "rectified",
        "--evidence",
        evidence,
        "--remark",
        "they stopped",
    ]);
    act(&data, &["pass-check", "--as", "checker", "--person", "P9"], 0);
    let closed = act(&data, &["close"], 0);
    assert_eq!(
        (&closed["events"][0]["type"], &closed["version"]),
        (&"ClueClosed".into(), &8.into())
    );

    let shown = data.json(&["clue", "show", OPEN]);
    assert_eq!(
        (&shown["stage"], &shown["holder"], &shown["next"]),
        (&"closed".into(), &Value::Null, &Value::Null)
    );
    for name in [
        shown["id"].as_str().expect("id"),
        shown["number"].as_str().expect("number"),
    ] {
        assert_eq!(data.json(&["clue", "show", name]), shown, "{name}");
    }
    data.run(&["explain", OPEN, "--lang", "zh"])
        .exits(0)
        .says("签收")
        .says("“they stopped”")
        .says("闭环：整改到位")
        .says("文件第 3 行")
        .says("duties.csv 第 83 行");
    data.run(&["explain", OPEN, "--lang", "en"])
        .exits(0)
        .says("agency Police Department [NYPD] (P7)");
    data.run(&["verify"]).exits(0);
    let report = data.json(&["report", "closure"]);
    assert_eq!(report["counts"]["closed"], 2438);
}

#[test]
fn a_refusal_is_an_answer_in_words() {
    let data = Data::nyc();
    let refused = act(&data, &["close"], 1);
    assert_eq!(
        (&refused["status"], &refused["code"], &refused["stage"]),
        (&"rejected".into(), &"wrong_stage".into(), &"dispatched".into())
    );
    data.run(&["clue", "act", OPEN, "close", "--lang", "zh"])
        .exits(1)
        .says("被拒绝 (wrong_stage) [dispatched]: 线索当前阶段不能这样操作");
    data.run(&["clue", "act", OPEN, "acknowledge", "--expected-version", "1"])
        .exits(1)
        .says("version_conflict");
    data.run(&["clue", "act", "nyc311/nobody", "close"])
        .exits(1)
        .says("clue_unknown");
    data.run(&["clue", "show", "nyc311/nobody"])
        .exits(2)
        .says("nyc311/nobody");
    data.run(&["clue", "act", "no-such-number", "close"]).exits(2);
    data.run(&[
        "clue",
        "act",
        OPEN,
        "suspend",
        "--reason",
        "x",
        "--approver",
        "P1",
        "--until",
        "tomorrow",
    ])
    .exits(2)
    .says("until");
    data.run(&["verify"]).exits(0);
}

#[test]
fn a_routed_clue_tells_the_row_that_won_and_those_that_lost() {
    let data = Data::grid();
    let listed = data.json(&["explain", "shaoxing-grid/G330681202609280039"]);
    let decision = &listed["decisions"][0];
    assert_eq!(
        (&decision["reason"], &decision["row"]),
        (&"matched".into(), &decision["explanation"]["winner"]["line"])
    );
    assert!(
        decision["explanation"]["lost"]
            .as_array()
            .is_some_and(|lost| !lost.is_empty()),
        "{decision}"
    );
    assert!(
        decision["words"][0]
            .as_str()
            .is_some_and(|words| words.starts_with("Responsible: ")),
        "{decision}"
    );
}

#[test]
fn a_command_goes_through_the_server_that_runs() {
    let data = Data::nyc();
    let server = Server::start(&data, &[]);
    act(&data, &[&["acknowledge"], &NYPD[..]].concat(), 0);
    data.run(&["serve", "--listen", "127.0.0.1:0"])
        .exits(2)
        .says("in use");
    drop(server);
    assert_eq!(data.json(&["clue", "show", OPEN])["stage"], "acknowledged");
}

/// Nobody had it, so nobody can have it back: routing says whose duty it is.
#[test]
fn a_reopened_clue_that_no_agency_had_is_routed() {
    let data = Data::empty();
    let folder = tempfile::tempdir().expect("temporary folder");
    let write = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("written");
        path.display().to_string()
    };
    std::fs::create_dir(folder.path().join("rulebook")).expect("a folder");
    for entry in std::fs::read_dir(file("deploy/rulebooks/nyc311")).expect("a folder") {
        let path = entry.expect("a file").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
        // the records are old by now
        let name = format!("rulebook/{name}");
        write(
            &name,
            &text(path).replace("window_days = 15", "window_days = 36500"),
        );
    }
    let mapping = r#"
source = "noise"
mode = "history"
format = "csv"
[clue]
id = "id"
reported_at = "reported"
matter = "matter"
area = "area"
[history]
closed_at = "closed"
"#;
    let records = "id,reported,matter,area,closed\n\
        1,2026-04-01T10:00:00Z,Noise - Street/Sidewalk,36047,2026-04-02T10:00:00Z\n";
    let (mapping, records) = (write("noise.toml", mapping), write("noise.csv", records));
    let rulebook = folder.path().join("rulebook").display().to_string();
    data.run(&["import", &records, "--mapping", &mapping, "--rulebook", &rulebook])
        .exits(0);
    let shown = data.json(&["clue", "show", "noise/1"]);
    assert_eq!(
        (&shown["stage"], &shown["agency"]),
        (&"closed".into(), &Value::Null),
        "{shown}"
    );
    data.run(&["clue", "act", "noise/1", "reopen", "--reason", "again"])
        .exits(0);
    let shown = data.json(&["clue", "show", "noise/1"]);
    assert_eq!(shown["stage"], "dispatched", "{shown}");
}
