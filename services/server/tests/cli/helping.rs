//! A town calls an agency of the county to a clue: from the call to its rating, on a whole installation.

use serde_json::{Value, json};

use crate::serving::Server;
use crate::{Data, file};

const TOWN: &str = "330603001-zf";
const CALLED: &str = "330603-zhzf";

#[test]
fn a_town_calls_an_agency_which_comes_answers_and_is_rated() {
    let data = Data::empty();
    let rulebook = file("deploy/rulebooks/shaoxing").display().to_string();
    let server = Server::start(&data, &["all", "--rulebook", &rulebook]);
    let record = json!({
        "source": "grid", "id": "1", "reported_at": "2026-01-05T08:00:00+08:00",
        "matter": "06007", "area": "330603001", "title": "沿街晾挂",
    });
    assert_eq!(server.post("/api/v1/clues", &[], &record).0, 202);
    let shown = || server.get("/api/v1/clues/grid%2F1").1;
    server.until("dispatched", || shown()["stage"] == "dispatched");
    let agency = shown()["agency"].clone();
    assert_eq!(agency, TOWN);
    let as_agency = |agency: &str, words: &[&str]| {
        let actor = ["--as", "agency", "--actor-agency", agency];
        data.run(&[&["clue", "act", "grid/1"], words, &actor].concat())
    };
    drop(server);
    let call = &[
        "ask-assistance",
        "--agency",
        CALLED,
        "--kind",
        "call",
        "--limit",
        "30min",
        "--reason",
        "现场需要执法",
    ];
    as_agency(TOWN, call).exits(0);
    as_agency(TOWN, call).exits(1);
    as_agency(TOWN, &["rate-task", "--task", "1", "--rating", "5"]).exits(1);
    let listed = data.json(&["task", "list", "--agency", CALLED]);
    let waits = &listed["tasks"][0];
    assert_eq!(
        (&waits["kind"], &waits["responsible"], &waits["next_due"]),
        (&"call".into(), &TOWN.into(), &waits["arrival_at"]),
        "{listed}"
    );
    data.run(&["task", "list", "--lang", "en"])
        .exits(0)
        .says(CALLED)
        .says("call");
    assert_eq!(data.json(&["task", "list", "--overdue"])["tasks"], json!([]));
    data.run(&["task", "list", "--kind", "help"]).exits(2);
    as_agency(CALLED, &["acknowledge-task", "--task", "1"]).exits(0);
    as_agency(CALLED, &["note-arrival", "--task", "1"]).exits(0);
    as_agency(CALLED, &["reply-task", "--task", "1", "--reply", "已到场劝离"]).exits(0);
    as_agency(TOWN, &["rate-task", "--task", "1", "--rating", "4"]).exits(0);
    data.run(&["clue", "act", "grid/1", "tag-campaign", "2026-1"])
        .exits(0);
    assert_eq!(data.json(&["task", "list"])["tasks"], json!([]));
    let over = data.json(&["task", "list", "--over", "--kind", "call"]);
    assert_eq!(
        (&over["tasks"][0]["rating"], &over["tasks"][0]["late"]),
        (&4.into(), &false.into())
    );
    let head: Value = data.json(&["clue", "show", "grid/1"]);
    let tasks = head["tasks"].as_array().expect("tasks");
    assert_eq!((tasks.len(), &head["campaign"]), (1, &"2026-1".into()), "{head}");
    let words = tasks[0].as_str().expect("words");
    assert!(words.contains('4') && words.starts_with('1'), "{words}");
}
