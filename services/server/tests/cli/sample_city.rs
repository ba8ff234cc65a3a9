//! The made-up platform of the sample city: whole records, the agencies' answers, and what becomes of each order by its fate.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::calling_back::{Receiver, SECRET};
use crate::serving::Server;
use crate::{Data, file, text};

fn expected() -> Value {
    let path = file("tests/fixtures/shaoxing-platform.expected.json");
    serde_json::from_str(&text(path)).expect("JSON")
}

/// Imports one of the fixtures by one of the shipped mappings.
fn import(data: &Data, records: &str, mapping: &str) -> Value {
    let [records, mapping, rulebook] = [
        format!("tests/fixtures/{records}"),
        format!("deploy/mappings/{mapping}.toml"),
        "deploy/rulebooks/shaoxing".to_owned(),
    ]
    .map(|path| file(&path).display().to_string());
    data.json(&["import", &records, "--mapping", &mapping, "--rulebook", &rulebook])
}

fn city() -> Data {
    let (data, expected) = (Data::empty(), expected());
    for (records, mapping, read) in [
        ("shaoxing-platform-1.jsonl", "shaoxing-platform", "first"),
        ("shaoxing-agencies.jsonl", "shaoxing-agencies", "feedback"),
        ("shaoxing-platform-2.jsonl", "shaoxing-platform", "later"),
    ] {
        let summary = import(&data, records, mapping);
        assert_eq!(summary["received"], expected[read], "{records}: {summary}");
        assert_eq!(summary["refused_by_reason"], json!({}), "{summary}");
    }
    data
}

#[test]
fn every_order_ends_as_its_fate_says_and_the_accounts_balance() {
    let (data, expected) = (city(), expected());
    let report = data.json(&["report", "closure"]);
    let of = |fate: &str| expected["fates"][fate].as_u64().expect("a number");
    let counts = &report["counts"];
    assert_eq!(counts["clues"], expected["orders"]);
    assert_eq!(counts["closed"], of("closed") + of("closed_first"), "{counts}");
    assert_eq!(counts["triage"], of("unknown_matter"), "{counts}");
    assert_eq!(counts["returns"], of("returned"), "{counts}");
    assert_eq!(counts["reopened"], of("reopened"), "{counts}");
    let discrepancies = of("withdrawn") + of("corrected") + of("closed_early");
    assert_eq!(counts["discrepancies"], discrepancies, "{counts}");
    assert_eq!(report["records"]["feedback"], expected["feedback"]);
    data.run(&["verify"]).exits(0);
}

#[test]
fn the_platforms_own_list_differs_where_its_orders_do() {
    let (data, expected) = (city(), expected());
    let [list, mapping] = [
        "tests/fixtures/shaoxing-platform-manifest.csv",
        "deploy/mappings/shaoxing-platform-list.toml",
    ]
    .map(|path| file(path).display().to_string());
    let asked = [
        "reconcile",
        "--source",
        "shaoxing-platform",
        &list,
        "--mapping",
        &mapping,
        "--format",
        "json",
        "--made-at",
        "2099-01-01T00:00:00Z",
    ];
    let answer = data.run(&asked).exits(1).stdout();
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    let counts = &answer["counts"];
    assert_eq!(
        (&counts["missing_here"], &counts["missing_there"]),
        (&json!(1), &json!(1)),
        "{counts}"
    );
    let of = |fate: &str| expected["fates"][fate].as_u64().expect("a number");
    assert_eq!(
        counts["status_differs"],
        of("closed_early") + of("withdrawn"),
        "{counts}"
    );
}

#[test]
fn what_the_mapping_calls_personal_is_nowhere() {
    let (data, expected) = (city(), expected());
    for entry in std::fs::read_dir(data.path()).expect("a folder") {
        let path = entry.expect("a file").path();
        let bytes = std::fs::read(&path).expect("read");
        for word in expected["never_shown"].as_array().expect("words") {
            let word = word.as_str().expect("a word").as_bytes();
            let found = bytes.windows(word.len()).any(|window| window == word);
            assert!(
                !found,
                "{} is in {}",
                String::from_utf8_lossy(word),
                path.display()
            );
        }
    }
}

/// The demo's own configuration and mappings, with the receiver where the test has it.
fn told_at(data: &Data, address: &str) -> (String, String) {
    let write = |name: &str, content: &str| {
        let path = data.path().join(name);
        std::fs::write(&path, content).expect("written");
        path.display().to_string()
    };
    write("secret", SECRET);
    let platform = text(file("deploy/mappings/shaoxing-platform.toml"));
    let told = platform
        .replace("127.0.0.1:9100", address)
        .replace("{ env = \"SHAOXING_SECRET\" }", "{ file = \"secret\" }");
    assert!(
        told.contains(address) && told.contains("file = \"secret\""),
        "{told}"
    );
    let platform = write("platform.toml", &told);
    let config = text(file("deploy/config/shaoxing-demo.toml"))
        .replace("../mappings/shaoxing-platform.toml", &platform)
        .replace("../mappings", &file("deploy/mappings").display().to_string())
        .replace("../rulebooks", &file("deploy/rulebooks").display().to_string());
    (write("bihuan.toml", &config), platform)
}

/// What `make demo` shows of callbacks: the shipped mapping, the shipped receiver, and a call for every step that is due.
#[test]
fn the_platform_is_told_of_each_step_in_its_own_words() {
    let (data, expected) = (Data::empty(), expected());
    let mut receiver = Receiver::start(&[]);
    let (config, platform) = told_at(&data, &receiver.address);
    let agencies = file("deploy/mappings/shaoxing-agencies.toml")
        .display()
        .to_string();
    let server = Server::start(&data, &["--config", &config]);
    for (records, mapping) in [
        ("shaoxing-platform-1.jsonl", &platform),
        ("shaoxing-agencies.jsonl", &agencies),
        ("shaoxing-platform-2.jsonl", &platform),
    ] {
        let records = file(&format!("tests/fixtures/{records}")).display().to_string();
        data.run(&["import", &records, "--mapping", mapping, "--config", &config])
            .exits(0);
    }
    let of = |fate: &str| expected["fates"][fate].as_u64().expect("a number");
    let orders = expected["orders"].as_u64().expect("a number");
    let closed = of("closed") + of("reopened");
    let steps = BTreeMap::from([
        (
            "已派遣".to_owned(),
            orders - of("unknown_matter") - of("closed_first"),
        ),
        ("已办结".to_owned(), closed + of("resolved")),
        ("已闭环".to_owned(), closed),
    ]);
    let due: u64 = steps.values().sum();
    server.until("all told", || {
        let account = data.json(&["callback", "list", "--config", &config])["accounts"][0].clone();
        (&account["due"], &account["acknowledged"]) == (&json!(due), &json!(due))
    });
    let mut states: BTreeMap<String, u64> = BTreeMap::new();
    for _ in 0..due {
        let call = receiver.next();
        let answered = (&call["answer"], &call["signature"]);
        assert_eq!(answered, (&json!("ok"), &json!("good")), "{call}");
        let (body, path) = (&call["body"]["data"], call["path"].as_str().expect("a path"));
        let order = body["orderNo"].as_str().expect("an order");
        assert_eq!(path, format!("/api/orders/{order}/steps"));
        let state = body["state"].as_str().expect("a state").to_owned();
        if state == "已办结" {
            assert!(body["result"].is_string(), "{call}");
        }
        *states.entry(state).or_default() += 1;
    }
    assert_eq!(states, steps);
    drop(server);
    data.run(&["verify", "--config", &config])
        .exits(0)
        .says("callbacks");
}
