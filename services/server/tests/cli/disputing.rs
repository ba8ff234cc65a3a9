//! A clue that comes into dispute, on a whole installation: the dispute service takes it up, its steps lapse, and the proof holds.

use serde_json::{Value, json};

use crate::serving::Server;
use crate::{Data, file};

const FROM: &str = "2026-01-05T09:00:00+08:00";
/// Whose duty it is by the rulebook.
pub(crate) const HOLDER: &str = "330603001-zf";
/// Who is said to have it.
pub(crate) const OTHER: &str = "330603-zhzf";

fn check(proof: &Value, id: &str) -> Value {
    let checks = proof["checks"].as_array().expect("checks");
    let found = checks.iter().find(|it| it["id"] == id);
    found.unwrap_or_else(|| panic!("{id}: {proof}")).clone()
}

/// A city's rulebook, and a clue over which its holder quarrels: the server, and the clue's id.
pub(crate) fn disputed(data: &Data) -> (Server, String) {
    let rulebook = file("deploy/rulebooks/shaoxing").display().to_string();
    let simulated = [
        "--rulebook",
        &rulebook,
        "--clock",
        "simulated",
        "--from",
        FROM,
        "--speed",
        "0",
    ];
    let server = Server::start(data, &[&["all"], &simulated[..]].concat());
    let record = json!({
        "source": "grid", "id": "1", "reported_at": "2026-01-05T08:00:00+08:00",
        "matter": "06007", "area": "330603001", "title": "沿街晾挂",
    });
    assert_eq!(server.post("/api/v1/clues", &[], &record).0, 202);
    let shown = || server.get("/api/v1/clues/grid%2F1").1;
    server.until("dispatched", || shown()["stage"] == "dispatched");
    assert_eq!(shown()["agency"], HOLDER, "{}", shown());
    let raise = json!({
        "type": "raise_dispute", "cause": "by_agency", "reason": "保洁职责",
        "parties": [
            {"agency": HOLDER, "position": "denies", "duty": "06007"}, {"agency": OTHER},
        ],
        "actor": {"role": "agency", "agency": HOLDER},
    });
    let id = shown()["id"].as_str().expect("an id").to_owned();
    let asked = server.post(&format!("/api/v1/clues/{id}/commands"), &[], &raise);
    assert!([200, 202].contains(&asked.0), "{asked:?}");
    (server, id)
}

#[test]
fn a_clue_in_dispute_has_a_dispute_that_goes_on_by_itself_and_is_proved() {
    let data = Data::empty();
    let (server, _) = disputed(&data);
    // the steps up to the decision lapse, and the forum lets its time pass too
    let advanced = data.json(&["clock", "advance", "60wd"]);
    assert!(advanced["now"].is_string(), "{advanced}");
    drop(server);
    let proof = data.json(&["verify"]);
    assert_eq!(check(&proof, "disputes")["compared"], 1, "{proof}");
    let events = check(&proof, "dispute_journal")["compared"].as_u64();
    assert!(events.is_some_and(|events| events >= 8), "{proof}");
    assert_eq!(
        (&proof["good"], &proof["settled"]),
        (&true.into(), &true.into()),
        "{proof}"
    );
    assert_eq!(data.tamper("UPDATE dispute SET due_at = due_at + 1"), 1);
    let proof: Value =
        serde_json::from_str(&data.run(&["verify", "--format", "json"]).exits(1).stdout()).expect("json");
    assert_eq!(
        check(&proof, "disputes")["first"][0]["check"],
        "dispute_columns",
        "{proof}"
    );
}
