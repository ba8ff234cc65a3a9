//! From a dispute that was decided to a duty that routes: the proposal, the back-test, the row, the check, the activation, the next clue
//! with the words for it; and rulings that contradict each other.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::serving::Server;
use crate::{Data, file, text};

const FROM: &str = "2026-01-05T09:00:00+08:00";
const MATTER: &str = "06010";
const TOWN: &str = "330603001";
/// Whose duty it is by the rulebook.
const HOLDER: &str = "330603-hwbj";
/// Who is said to have it.
pub(crate) const OTHER: &str = "330603-lhyh";
/// A third one of the county, which coordinates.
pub(crate) const OFFICE: &str = "330603-zhzf";
const BASIS: &str = "条例第十七条";

pub(crate) fn digest() -> String {
    "ab".repeat(32)
}

pub(crate) fn list(value: &Value) -> &Vec<Value> {
    value.as_array().expect("a list")
}

pub(crate) fn string(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

/// An installation with time that is moved by hand.
pub(crate) struct City {
    pub(crate) data: Data,
    pub(crate) server: Server,
}

impl City {
    pub(crate) fn start() -> Self {
        let data = Data::empty();
        let rulebook = file("deploy/rulebooks/shaoxing").display().to_string();
        let simulated = [
            "all",
            "--rulebook",
            &rulebook,
            "--clock",
            "simulated",
            "--from",
            FROM,
            "--speed",
            "0",
        ];
        let server = Server::start(&data, &simulated);
        Self { data, server }
    }

    pub(crate) fn clue(&self, id: &str) -> Value {
        self.server.get(&format!("/api/v1/clues/grid%2F{id}")).1
    }

    /// Reported and dispatched.
    pub(crate) fn report(&self, id: &str) {
        let record = json!({"source": "grid", "id": id, "matter": MATTER, "area": TOWN, "title": "垃圾"});
        assert_eq!(self.server.post("/api/v1/clues", &[], &record).0, 202);
        self.server
            .until("dispatched", || self.clue(id)["stage"] == "dispatched");
    }

    /// The clue comes into dispute; the dispute's id.
    pub(crate) fn dispute(&self, id: &str) -> String {
        self.report(id);
        assert_eq!(self.clue(id)["agency"], HOLDER, "{}", self.clue(id));
        let raise = json!({
            "type": "raise_dispute", "cause": "by_agency", "reason": "绿化带内",
            "parties": [{"agency": HOLDER, "position": "denies", "duty": MATTER}, {"agency": OTHER}],
            "actor": {"role": "agency", "agency": HOLDER},
        });
        let clue = string(&self.clue(id)["id"]);
        let asked = self
            .server
            .post(&format!("/api/v1/clues/{clue}/commands"), &[], &raise);
        assert!([200, 202].contains(&asked.0), "{asked:?}");
        let mut found = None;
        self.server.until("in dispute", || {
            let agenda = self.data.json(&["dispute", "agenda"]);
            let items = list(&agenda["items"]).iter();
            found = items
                .filter(|it| it["kind"] == "dispute" && it["clue"] == clue.as_str())
                .map(|it| string(&it["dispute"]))
                .next();
            found.is_some()
        });
        found.expect("a dispute")
    }

    pub(crate) fn advance(&self, by: &str) {
        let advanced = self.data.json(&["clock", "advance", by]);
        assert!(advanced["now"].is_string(), "{advanced}");
    }

    /// Nobody can appeal these rulings any more.
    fn binds(&self, rulings: usize) {
        assert_eq!(self.precedents(), [Value::Null; 0], "they can be appealed");
        self.advance("5wd");
        self.advance("1min");
        self.server
            .until("binding", || self.precedents().len() == rulings);
    }

    /// What is printed of each.
    fn decide(&self, disputes: &[&str], responsible: &str, code: i32) -> Vec<Value> {
        let sha256 = digest();
        let ruling = [
            "dispute",
            "decide-together",
            "--responsible",
            responsible,
            "--basis",
            BASIS,
            "--paper",
            "裁2026-1",
            "--sha256",
            &sha256,
            "--as",
            &format!("coordinator:{OFFICE}"),
            "--format",
            "json",
        ];
        let printed = self
            .data
            .run(&[&ruling[..], disputes].concat())
            .exits(code)
            .stdout();
        list(&serde_json::from_str(&printed).expect("json")).clone()
    }

    fn precedents(&self) -> Vec<Value> {
        list(&self.data.json(&["dispute", "precedents"])).clone()
    }
}

/// A directory of the rulebook that the city decides by.
fn copied() -> TempDir {
    let directory = tempfile::tempdir().expect("temporary folder");
    for entry in std::fs::read_dir(file("deploy/rulebooks/shaoxing")).expect("a folder") {
        let entry = entry.expect("a file");
        std::fs::copy(entry.path(), directory.path().join(entry.file_name())).expect("copied");
    }
    directory
}

fn duties(directory: &Path) -> String {
    text(directory.join("duties.csv"))
}

/// A dispute that is decided, and two clues like its own.
fn decided() -> (City, String) {
    let city = City::start();
    let one = city.dispute("1");
    city.report("2");
    city.report("3");
    city.advance("33wd");
    city.decide(&[&one], OTHER, 0);
    city.binds(1);
    (city, one)
}

#[test]
fn disputes_that_are_one_quarrel_are_shown_together_and_decided_together() {
    let city = City::start();
    let (one, two) = (city.dispute("1"), city.dispute("2"));
    let together = city.data.json(&["dispute", "similar"]);
    let ids = |group: &Value| {
        list(&group["disputes"])
            .iter()
            .map(|it| string(&it["dispute"]))
            .collect::<Vec<_>>()
    };
    assert_eq!(list(&together).len(), 1, "{together}");
    let mut expected = [one.clone(), two.clone()];
    expected.sort();
    let mut found = ids(&together[0]);
    found.sort();
    assert_eq!(found, expected);
    assert_eq!(city.data.json(&["dispute", "similar", &two]), together);
    let quarrels = city.server.get("/api/v1/disputes/similar");
    assert_eq!(
        (quarrels.0, list(&quarrels.1[0]["disputes"]).len()),
        (200, 2),
        "{quarrels:?}"
    );
    // nothing is decided yet
    city.data
        .run(&["dispute", "precedent", &one, "--lang", "en"])
        .exits(1)
        .says("no precedent");
    assert_eq!(city.precedents(), [Value::Null; 0]);
    let refused = city.decide(&[&one], OTHER, 1);
    assert_eq!(refused[0]["code"], "wrong_step", "{refused:?}");

    city.advance("33wd");
    let results = city.decide(&[&one, &two], OTHER, 0);
    let statuses: Vec<_> = results.iter().map(|it| string(&it["status"])).collect();
    assert_eq!(statuses, ["done", "done"], "{results:?}");
    assert!(
        results[0]["events"].to_string().contains("DisputeDecided"),
        "{results:?}"
    );
    let again = city.decide(&[&one, &two], OTHER, 0);
    assert!(again.iter().all(|it| it["status"] == "done_before"), "{again:?}");
    city.binds(2);
    let proposed = city.precedents();
    assert_eq!(proposed.len(), 2, "{proposed:?}");
    for it in &proposed {
        assert_eq!(
            (&it["state"], &it["agency"], &it["by"]),
            (&"proposed".into(), &OTHER.into(), &"ruling".into())
        );
        assert_eq!(list(&it["contradicts"]).len(), 0);
    }
}

#[test]
fn a_precedent_is_tried_on_all_clues_before_anything_is_written() {
    let (city, one) = decided();
    let directory = copied();
    let named = directory.path().display().to_string();
    let before = duties(directory.path());
    let proposal = ["dispute", "precedent", &one, "--rulebook", &named];
    let shown = city.data.json(&proposal);
    let row = string(&shown["row"]);
    assert!(
        row.starts_with(&format!("{MATTER},{TOWN},first_handler,{OTHER},")),
        "{row}"
    );
    assert_eq!(shown["line"], before.lines().count() + 1);
    assert_eq!(shown["conflicts"][0]["rival"], "yields", "{shown}");
    let tried = &shown["backtest"];
    let counts = ["clues", "decided", "otherwise", "open", "wrong"].map(|name| tried[name].as_u64());
    assert_eq!(counts, [3, 3, 3, 3, 0].map(Some), "{shown}");
    assert_eq!(
        (&tried["examples"][0]["from"], &tried["examples"][0]["to"]),
        (&HOLDER.into(), &OTHER.into())
    );
    assert_eq!(duties(directory.path()), before, "nothing is written unasked");
    city.data.run(&proposal).exits(0).says("+ 06010");
    city.data
        .run(&[&proposal[..], &["--to", "2026-01-01", "--lang", "en"]].concat())
        .exits(2)
        .says("later than");
}

#[test]
fn a_ruling_becomes_a_duty_that_routes_the_next_clue_and_says_why() {
    let (city, one) = decided();
    let directory = copied();
    let named = directory.path().display().to_string();
    let before = duties(directory.path());
    let proposal = ["dispute", "precedent", &one, "--rulebook", &named];
    let shown = city.data.json(&proposal);
    let row = string(&shown["row"]);
    let write = [&proposal[..], &["--write", "--lang", "en"]].concat();
    city.data
        .run(&write)
        .exits(0)
        .says("not in force")
        .says("rulebook activate");
    assert_eq!(duties(directory.path()), format!("{before}{row}\n"));
    city.data.run(&write).exits(1).says("says so already");
    assert_eq!(duties(directory.path()), format!("{before}{row}\n"));
    assert_eq!(
        city.precedents()[0]["state"],
        "proposed",
        "it is in no rulebook that is active"
    );
    let told = || city.server.get(&format!("/api/v1/disputes/{one}")).1;
    let page = || city.server.page(&format!("/disputes/{one}?lang=en")).1;
    assert_eq!(
        (&told()["precedent"]["state"], &told()["precedent"]["row"]),
        (&"proposed".into(), &row.as_str().into())
    );
    assert_eq!(told()["routed"], json!({"count": 0, "clues": []}));
    assert!(page().contains("not in rulebook") && page().contains("--write"));
    city.data.run(&["rulebook", "check", &named]).exits(0);
    city.data
        .run(&["rulebook", "activate", &named, "--by", "P1", "--why", "裁定"])
        .exits(0);
    let taken: Vec<_> = city
        .precedents()
        .into_iter()
        .filter(|it| it["state"] == "taken_over")
        .collect();
    assert_eq!(taken.len(), 1, "{taken:?}");
    assert_eq!(
        (&taken[0]["dispute"], &taken[0]["line"]),
        (&one.as_str().into(), &shown["line"])
    );
    let over_http = city.server.get("/api/v1/disputes/precedents").1;
    assert!(
        list(&over_http).iter().any(|it| it["line"] == shown["line"]),
        "{over_http}"
    );

    city.report("4");
    assert_eq!(city.clue("4")["agency"], OTHER, "{}", city.clue("4"));
    let english = format!("By ruling {BASIS} (裁2026-1) of dispute {one}.");
    city.data
        .run(&["explain", "grid/4", "--lang", "en"])
        .exits(0)
        .says(&english);
    let chinese = format!("依据争议 {one} 的裁定：{BASIS} (裁2026-1)。");
    city.data
        .run(&["explain", "grid/4", "--lang", "zh"])
        .exits(0)
        .says(&chinese);
    let clue = string(&city.clue("4")["id"]);
    city.server.until("counted", || told()["routed"]["count"] == 1);
    let told = told();
    assert_eq!(
        (&told["precedent"]["state"], &told["precedent"]["line"]),
        (&"taken_over".into(), &shown["line"]),
        "{told}"
    );
    assert_eq!(told["routed"]["clues"][0]["id"], clue.as_str(), "{told}");
    let link = format!("/clues?precedent={one}");
    let page = page();
    for there in ["taken over", &link, &format!("/clues/{clue}")] {
        assert!(page.contains(there), "{there}: {page}");
    }
    let number = string(&city.clue("4")["number"]);
    let (status, listed) = city.server.page(&link);
    assert!(status == 200 && listed.contains(&number) && listed.matches("/clues/").count() == 1);
    let listed = city.server.get(&format!("/api/v1/clues?precedent={one}"));
    assert_eq!((listed.0, list(&listed.1["clues"]).len()), (200, 1), "{listed:?}");
    for path in ["/clues", "/api/v1/clues"] {
        assert_eq!(city.server.get(&format!("{path}?precedent=x")).0, 400, "{path}");
    }
    city.server.until("on the page", || {
        city.server
            .page(&format!("/clues/{clue}?lang=zh"))
            .1
            .contains(&format!("依据争议 {one} 的裁定"))
    });
}

#[test]
fn rulings_that_contradict_each_other_are_named_on_both_sides_until_one_is_chosen() {
    let city = City::start();
    let (one, two) = (city.dispute("1"), city.dispute("2"));
    city.advance("33wd");
    city.decide(&[&one], OTHER, 0);
    city.decide(&[&two], HOLDER, 0);
    city.binds(2);
    let proposed = city.precedents();
    for (id, other, agency) in [(&one, &two, HOLDER), (&two, &one, OTHER)] {
        let it = proposed
            .iter()
            .find(|it| it["dispute"] == id.as_str())
            .expect("proposed");
        let against = &it["contradicts"];
        assert_eq!(
            (
                list(against).len(),
                &against[0]["dispute"],
                &against[0]["agency"],
                &against[0]["basis"]
            ),
            (
                1,
                &other.as_str().into(),
                &agency.into(),
                &format!("{BASIS} (裁2026-1)").into()
            ),
            "{it}"
        );
    }
    let on_agenda = || {
        let agenda = city.data.json(&["dispute", "agenda"]);
        list(&agenda["items"])
            .iter()
            .filter(|it| it["kind"] == "contradiction")
            .count()
    };
    assert_eq!(on_agenda(), 1);
    let directory = copied();
    let named = directory.path().display().to_string();
    let write = |id: &str| {
        city.data.run(&[
            "dispute",
            "precedent",
            id,
            "--rulebook",
            &named,
            "--write",
            "--lang",
            "en",
        ])
    };
    write(&one).exits(0);
    city.data
        .run(&["rulebook", "activate", &named, "--by", "P1", "--why", "裁定"])
        .exits(0);
    assert_eq!(on_agenda(), 0, "a person chose");
    // the other one beside it would leave the clue to nobody
    let line = duties(directory.path()).lines().count();
    write(&two)
        .exits(0)
        .says("clues go to triage")
        .says(&line.to_string())
        .says("must be mended first");
    city.data
        .run(&["rulebook", "check", &named, "--lang", "en"])
        .exits(1);
}
