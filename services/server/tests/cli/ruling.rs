//! Acting on disputes from the command line and over HTTP: from the second return of a clue through a ruling to its closing, and
//! everything that is refused on the way.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::serving::Server;
use crate::{Data, file, text};

const FROM: &str = "2026-01-05T09:00:00+08:00";
/// Whose duty it is by the rulebook.
const TOWN: &str = "330603001-zf";
const COUNTY: &str = "330603-zhzf";
/// Coordinates in the county, and decides in the name of its government.
const OFFICE: &str = "330603-sl";
const GOVERNMENT: &str = "330603-ga";
const DIGEST: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/// A served installation that knows who coordinates, and a clue of the town's.
struct City {
    data: Data,
    server: Server,
    _rulebook: TempDir,
}

impl City {
    fn served() -> Self {
        let rulebook = tempfile::tempdir().expect("temporary folder");
        for entry in std::fs::read_dir(file("deploy/rulebooks/shaoxing")).expect("a folder") {
            let entry = entry.expect("a file");
            std::fs::copy(entry.path(), rulebook.path().join(entry.file_name())).expect("copied");
        }
        let policy = rulebook.path().join("rulebook.toml");
        let office = format!(
            "\n[[policy.disputes.coordinators]]\nlevel = \"county\"\narea = \"330603\"\n\
             agency = \"{OFFICE}\"\ndeciding = \"{GOVERNMENT}\"\n"
        );
        std::fs::write(&policy, text(&policy) + &office).expect("written");
        let data = Data::empty();
        let path = rulebook.path().display().to_string();
        let clock = ["--clock", "simulated", "--from", FROM, "--speed", "0"];
        let server = Server::start(&data, &[&["all", "--rulebook", &path], &clock[..]].concat());
        let city = Self {
            data,
            server,
            _rulebook: rulebook,
        };
        city.reports("1");
        city
    }

    /// A clue of the town's, dispatched.
    fn reports(&self, id: &str) {
        let record = json!({
            "source": "grid", "id": id, "reported_at": "2026-01-05T08:00:00+08:00",
            "matter": "06007", "area": "330603001", "title": "沿街晾挂",
        });
        assert_eq!(self.server.post("/api/v1/clues", &[], &record).0, 202);
        let shown = || self.server.get(&format!("/api/v1/clues/grid%2F{id}")).1;
        self.server.until("dispatched", || shown()["agency"] == TOWN);
    }

    fn clue(&self) -> Value {
        self.data.json(&["clue", "show", "grid/1"])
    }

    /// What came of an action on a clue; as `who`, who may be an agency.
    #[track_caller]
    fn clue_acts(&self, clue: &str, who: &str, action: &[&str], code: i32) -> Value {
        let who = match who {
            "coordinator" | "checker" | "operator" => vec!["--as", who],
            agency => vec!["--as", "agency", "--actor-agency", agency],
        };
        let line = [&["clue", "act", clue, "--format", "json"], action, &who[..]].concat();
        let ran = self.data.run(&line).exits(code);
        serde_json::from_str(&ran.stdout()).expect("json")
    }

    #[track_caller]
    fn acts(&self, who: &str, action: &[&str], code: i32) -> Value {
        let line = [
            &["dispute", "act", "grid/1", "--format", "json", "--as", who],
            action,
        ]
        .concat();
        let ran = self.data.run(&line).exits(code);
        serde_json::from_str(&ran.stdout()).expect("json")
    }

    fn shown(&self) -> Value {
        self.data.json(&["dispute", "show", "grid/1", "--lang", "en"])
    }

    /// Why an action on the dispute is refused.
    #[track_caller]
    fn refused(&self, who: &str, action: &[&str]) -> String {
        let answer = self.acts(who, action, 1);
        assert_eq!(answer["status"], "rejected", "{answer}");
        answer["code"].as_str().expect("a code").to_owned()
    }

    #[track_caller]
    fn clue_refuses(&self, clue: &str, who: &str, action: &[&str]) -> String {
        let answer = self.clue_acts(clue, who, action, 1);
        assert_eq!(answer["status"], "rejected", "{answer}");
        answer["code"].as_str().expect("a code").to_owned()
    }

    fn advances(&self, by: &str) {
        let advanced = self.data.json(&["clock", "advance", by]);
        assert!(advanced["now"].is_string(), "{advanced}");
    }

    /// Returned twice: the clue is in dispute.
    fn disputed(&self) {
        for (from, to) in [(TOWN, COUNTY), (COUNTY, TOWN)] {
            self.clue_acts("grid/1", from, &returns(to), 0);
            self.clue_acts("grid/1", "coordinator", &["approve-return", "--to", to], 0);
        }
        let listed = || self.data.json(&["dispute", "list", "--clue", "grid/1", "--open"]);
        self.server
            .until("in dispute", || listed()["disputes"][0].is_object());
    }

    /// Up to the decision.
    fn heard(&self) {
        self.disputed();
        let coordinator = format!("coordinator:{OFFICE}");
        let (town, county) = (format!("agency:{TOWN}"), format!("agency:{COUNTY}"));
        for (who, action) in [
            (&county, paper(&["record-minutes"])),
            (&county, paper(&["apply"])),
            (&coordinator, vec!["accept-application"]),
            (&coordinator, vec!["forward-application"]),
            (&town, paper(&["reply"])),
            (&coordinator, paper(&["record-meeting"])),
            (&coordinator, paper(&["give-opinion", "--agency", TOWN])),
            (&county, vec!["accept-opinion"]),
            (&town, vec!["decline-opinion"]),
        ] {
            assert_eq!(self.acts(who, &action, 0)["status"], "done");
        }
    }
}

fn returns(to: &str) -> [&str; 7] {
    [
        "request-return",
        "--reason",
        "不属于本单位职责",
        "--duty",
        "06007",
        "--propose",
        to,
    ]
}

fn paper<'a>(action: &[&'a str]) -> Vec<&'a str> {
    [action, &["--paper", "越协〔2026〕1 号", "--sha256", DIGEST]].concat()
}

fn ruling<'a>(responsible: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let decide = ["decide", "--responsible", responsible, "--basis", "条例第 17 条"];
    paper(&[&decide, more].concat())
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story from its beginning to its end")]
fn a_clue_that_was_returned_twice_goes_through_a_ruling_to_its_closing() {
    let city = City::served();
    city.disputed();
    let shown = city.shown();
    assert_eq!(
        (
            &shown["standing"],
            &shown["opening"]["cause"],
            &shown["opening"]["returns"]
        ),
        (&"negotiation".into(), &"return_limit".into(), &2.into()),
        "{shown}"
    );
    assert_eq!(shown["forum"], json!({"level": "county", "county": "330603"}));
    assert!(
        shown["working"]
            .as_str()
            .is_some_and(|it| it.contains("7 working days")),
        "{}",
        shown["working"]
    );
    let next = &shown["next"][0];
    assert_eq!(
        (&next["command"], &next["awaited"]),
        (&"record_minutes".into(), &true.into())
    );
    let by: Vec<_> = next["by"]
        .as_array()
        .expect("askers")
        .iter()
        .map(|it| &it["agency"])
        .collect();
    assert_eq!(by, [TOWN, COUNTY, OFFICE], "{next}");

    let (town, county) = (format!("agency:{TOWN}"), format!("agency:{COUNTY}"));
    let (office, government) = (
        format!("coordinator:{OFFICE}"),
        format!("coordinator:{GOVERNMENT}"),
    );
    // not before they talked; nobody coordinates what it is a party of; nobody else does
    assert_eq!(city.refused(&county, &paper(&["apply"])), "minutes_missing");
    assert_eq!(
        city.acts(&county, &paper(&["record-minutes"]), 0)["status"],
        "done"
    );
    assert_eq!(city.acts(&county, &paper(&["apply"]), 0)["status"], "done");
    assert_eq!(
        city.refused(&format!("coordinator:{COUNTY}"), &["accept-application"]),
        "own_coordinator"
    );
    assert_eq!(
        city.refused("coordinator:330602-zhzf", &["accept-application"]),
        "wrong_coordinator"
    );
    assert_eq!(city.refused(&town, &["accept-application"]), "not_entitled");
    assert_eq!(city.refused("operator", &["accept-application"]), "not_entitled");
    city.advances("1wd");
    city.acts(&office, &["accept-application"], 0);
    city.acts(&office, &["forward-application"], 0);
    city.acts(&town, &paper(&["reply"]), 0);
    city.acts(&office, &paper(&["give-opinion", "--agency", TOWN]), 0);
    city.acts(&town, &["decline-opinion"], 0);
    assert_eq!(city.shown()["standing"], "decision");

    assert_eq!(
        city.refused(&government, &ruling("nobody", &[])),
        "agency_unknown"
    );
    assert_eq!(city.refused(&office, &ruling(TOWN, &[])), "not_deciding");
    assert_eq!(city.refused(&town, &ruling(COUNTY, &[])), "not_entitled");
    let version = city.shown()["version"].to_string();
    let decided = city.acts(
        &government,
        &ruling(TOWN, &["--expected-version", &version, "--term", "9wd"]),
        0,
    );
    assert_eq!(decided["events"][0]["type"], "DisputeDecided", "{decided}");
    // two rulings at once: whoever looked before the first one, and whoever looked after it
    let again = ruling(COUNTY, &["--expected-version", &version]);
    assert_eq!(city.refused(&government, &again), "version_conflict");
    assert_eq!(city.refused(&government, &ruling(COUNTY, &[])), "wrong_step");

    city.advances("5wd");
    city.advances("1min");
    let designated = || city.data.json(&["explain", "grid/1"])["events"].to_string();
    city.server
        .until("designated", || designated().contains("\"ClueDesignated\""));
    assert_eq!(city.clue()["agency"], TOWN);
    let refused = city.clue_refuses("grid/1", TOWN, &returns(COUNTY));
    assert!(
        ["in_dispute", "designated_may_not_return"].contains(&&*refused),
        "{refused}"
    );
    for action in [&["acknowledge"][..], &["start-handling"]] {
        city.clue_acts("grid/1", TOWN, action, 0);
    }
    city.server
        .until("taken up", || city.shown()["standing"] == "compliance");
    assert_eq!(city.shown()["deadline"]["limit"], "9wd");
    let resolve = [
        "resolve",
        "--conclusion",
        "rectified",
        "--evidence",
        "after=https://example.org/a.jpg",
    ];
    city.clue_acts("grid/1", TOWN, &resolve, 0);
    city.clue_acts("grid/1", "checker", &["pass-check"], 0);
    city.clue_acts("grid/1", "operator", &["close"], 0);
    city.server
        .until("carried out", || city.shown()["standing"] == "carried_out");
    assert_eq!(city.refused(&town, &["withdraw"]), "ended");
    let raise = [
        "raise-dispute",
        "--cause",
        "by_coordinator",
        "--party",
        TOWN,
        "--party",
        COUNTY,
    ];
    let raise = [&raise[..], &["--reason", "again"]].concat();
    assert_eq!(city.clue_refuses("grid/1", "operator", &raise), "wrong_stage");

    let says = |lang, words: &[&str]| {
        for line in [&["explain", "grid/1"][..], &["dispute", "show", "grid/1"]] {
            let ran = city.data.run(&[line, &["--lang", lang]].concat()).exits(0);
            words.iter().fold(ran, |ran, word| ran.says(word));
        }
    };
    says(
        "zh",
        &[
            "裁定主办 柯桥街道办事处",
            "复核期期满",
            "线索已闭环",
            "按裁定接办",
            "已执行 [carried_out]",
        ],
    );
    says(
        "en",
        &[
            "ruling: ",
            "the time of this step passed: appeal window",
            "takes it up",
            "carried out [carried_out]",
        ],
    );
    assert_eq!(
        city.data.json(&["dispute", "list", "--open"])["disputes"],
        json!([])
    );
    drop(city.server);
    assert_eq!(city.data.json(&["verify"])["good"], true);
}

#[test]
fn what_may_not_be_returned_or_disputed_is_refused_in_words() {
    let city = City::served();
    // a return without grounds does not even come as far as the clue
    for flag in ["reason", "duty"] {
        let mut line = returns(COUNTY);
        let is_flag = |it: &&str| it.strip_prefix("--") == Some(flag);
        let place = line.iter().position(is_flag).expect("a flag");
        line[place + 1] = " ";
        let act = ["clue", "act", "grid/1", "--as", "agency", "--actor-agency", TOWN];
        city.data.run(&[&act[..], &line].concat()).exits(2).says(flag);
    }
    assert_eq!(city.clue_refuses("grid/1", COUNTY, &returns(TOWN)), "not_holder");
    let raise = |parties: &[&'static str]| {
        let head = ["raise-dispute", "--cause", "by_agency", "--reason", "x"];
        let parties = parties.iter().flat_map(|it| ["--party", *it]);
        head.into_iter().chain(parties).collect::<Vec<_>>()
    };
    assert_eq!(
        city.clue_refuses("grid/1", TOWN, &raise(&["nobody"])),
        "agency_unknown"
    );
    assert_eq!(city.clue_refuses("grid/1", COUNTY, &raise(&[TOWN])), "not_holder");
    city.data
        .run(&["dispute", "show", "grid/1", "--lang", "zh"])
        .exits(2)
        .says("有争议");
    city.data
        .run(&["dispute", "act", "grid/1", "accept-opinion", "--as", "king"])
        .exits(2);
    city.advances("2wd");
    city.advances("1min");
    assert_eq!(
        city.clue_refuses("grid/1", TOWN, &returns(COUNTY)),
        "return_window_over"
    );
    city.data
        .run(
            &[
                &["clue", "act", "grid/1", "--as", "agency", "--actor-agency", TOWN][..],
                &returns(COUNTY),
            ]
            .concat(),
        )
        .exits(1)
        .says("return_window_over");
    city.reports("2");
    let raised = city.clue_acts("grid/2", TOWN, &raise(&[COUNTY]), 0);
    assert_eq!(raised["events"][0]["type"], "ClueDisputed", "{raised}");
    assert_eq!(city.clue_refuses("grid/2", TOWN, &returns(COUNTY)), "in_dispute");
    let listed = |more: &[&str]| {
        let line = [&["dispute", "list", "--open"], more].concat();
        city.data.json(&line)["disputes"]
            .as_array()
            .expect("disputes")
            .len()
    };
    city.server.until("in dispute", || listed(&[]) == 1);
    for (filter, found) in [
        (&["--agency", TOWN][..], 1),
        (&["--agency", OFFICE], 0),
        (&["--forum", "county:330603"], 1),
        (&["--forum", "county:330602"], 0),
        (&["--forum", "city"], 0),
        (&["--due-before", "2027-01-01T00:00:00Z"], 1),
        (&["--due-before", "2026-01-01T00:00:00Z"], 0),
        (&["--clue", "grid/2"], 1),
        (&["--clue", "grid/1"], 0),
    ] {
        assert_eq!(listed(filter), found, "{filter:?}");
    }
    // whoever raised it gives it up: the clue is free again
    city.data
        .run(&[
            "dispute",
            "act",
            "grid/2",
            "withdraw",
            "--as",
            &format!("agency:{TOWN}"),
        ])
        .exits(0)
        .says("withdrawn");
    city.server.until("released", || {
        let events = city.data.json(&["explain", "grid/2"])["events"].to_string();
        events.contains("ClueReleasedFromDispute")
    });
}

#[test]
fn a_ruling_is_appealed_and_what_the_parties_accept_settles_it() {
    let city = City::served();
    city.heard();
    let government = format!("coordinator:{GOVERNMENT}");
    city.acts(&government, &ruling(TOWN, &[]), 0);
    let folder = tempfile::tempdir().expect("a folder");
    let appeal = folder.path().join("复核申请.txt");
    std::fs::write(&appeal, "abc").expect("written");
    let appeal = ["appeal", "--file", &appeal.display().to_string()].map(str::to_owned);
    let appeal: Vec<_> = appeal.iter().map(String::as_str).collect();
    assert_eq!(city.refused("agency:330603-jj", &appeal), "not_party");
    let appealed = city.acts(&format!("agency:{TOWN}"), &appeal, 0);
    let document = &appealed["events"][0]["data"]["document"];
    assert_eq!(
        (&document["reference"], &document["digest"]),
        (&"复核申请.txt".into(), &DIGEST.into())
    );
    let shown = city.shown();
    assert_eq!(
        (&shown["standing"], &shown["forum"]["level"], &shown["appellant"]),
        (&"decision".into(), &"city".into(), &TOWN.into()),
        "{shown}"
    );
    assert_eq!(city.refused(&government, &ruling(TOWN, &[])), "not_deciding");
    let final_ruling = city.acts(
        "coordinator:3306-zhzf",
        &ruling(COUNTY, &["--assisting", TOWN]),
        0,
    );
    assert_eq!(
        final_ruling["events"][0]["data"]["appealable"], false,
        "{final_ruling}"
    );
    city.server
        .until("designated", || city.clue()["agency"] == COUNTY);
}

#[test]
fn what_the_parties_agree_on_settles_it_and_is_not_returned() {
    let city = City::served();
    city.disputed();
    let (office, agreed) = (
        format!("coordinator:{OFFICE}"),
        paper(&["record-minutes", "--agreed", TOWN]),
    );
    // the county alone cannot agree that the town has it
    assert_eq!(
        city.refused(&format!("agency:{COUNTY}"), &agreed),
        "agreed_behind_back"
    );
    let settled = city.acts(&office, &agreed, 0);
    assert_eq!(settled["events"][1]["type"], "DisputeSettled", "{settled}");
    city.server.until("designated", || {
        let events = city.data.json(&["explain", "grid/1"])["events"].to_string();
        events.contains("\"ClueDesignated\"")
    });
    assert_eq!(city.clue()["agency"], TOWN);
    assert_eq!(
        city.clue_refuses("grid/1", TOWN, &returns(COUNTY)),
        "designated_may_not_return"
    );
}

/// A dispute that the town raises over HTTP.
fn raised(city: &City, clue: &str) -> Value {
    let raise = json!({
        "type": "raise_dispute", "cause": "by_agency", "reason": "保洁职责",
        "parties": [{"agency": TOWN, "position": "denies", "duty": "06007"}, {"agency": COUNTY}],
        "actor": {"role": "agency", "agency": TOWN},
    });
    let path = format!("/api/v1/clues/grid%2F{clue}/commands");
    let (status, done) = city.server.post(&path, &[("Prefer", "wait=20")], &raise);
    assert_eq!((status, &done["status"]), (200, &"done".into()), "{done}");
    let listed = || city.server.get(&format!("/api/v1/disputes?clue=grid%2F{clue}")).1;
    city.server
        .until("in dispute", || listed()["disputes"][0].is_object());
    listed()["disputes"][0].clone()
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story from its beginning to its end")]
fn over_http_a_dispute_is_read_and_acted_on() {
    let city = City::served();
    let dispute = raised(&city, "1");
    let path = format!("/api/v1/disputes/{}", dispute["id"].as_str().expect("an id"));
    let commands = format!("{path}/commands");
    let shown = || city.server.get(&path).1;
    assert_eq!(
        (
            &shown()["standing"],
            &shown()["events"][0]["type"],
            &shown()["next"][0]["command"]
        ),
        (
            &"negotiation".into(),
            &"DisputeOpened".into(),
            &"record_minutes".into()
        ),
        "{}",
        shown()
    );
    let waits = ("Prefer", "wait=20");
    let minutes = |reference: &str| {
        json!({
            "type": "record_minutes", "minutes": {"reference": reference, "digest": DIGEST},
            "actor": {"role": "agency", "agency": COUNTY},
        })
    };
    // one key, one command: sent again it is the same, and another one is refused
    let keyed = |body: &Value| {
        city.server
            .post(&commands, &[waits, ("Idempotency-Key", "k")], body)
    };
    let first = keyed(&minutes("1"));
    assert_eq!(
        (first.0, &first.1["events"][0]["type"]),
        (200, &"MinutesRecorded".into()),
        "{first:?}"
    );
    assert_eq!(keyed(&minutes("1")), first);
    let (status, problem) = keyed(&minutes("2"));
    assert_eq!(
        (status, &problem["code"]),
        (422, &"idempotency_key_reused".into())
    );
    // who does not wait is told where the outcome will be
    let apply = json!({
        "type": "apply", "application": {"reference": "3", "digest": DIGEST},
        "actor": {"role": "agency", "agency": COUNTY},
    });
    let (status, accepted) = city.server.post(&commands, &[], &apply);
    assert_eq!(
        (status, &accepted["status"]),
        (202, &"accepted".into()),
        "{accepted}"
    );
    let location = accepted["location"].as_str().expect("a location").to_owned();
    city.server
        .until("decided", || city.server.get(&location).0 == 200);
    let became = city.server.get(&location).1;
    assert_eq!(
        (&became["status"], &became["events"][0]["type"]),
        (&"done".into(), &"ApplicationMade".into())
    );
    // refused: in a problem for those who wait, else among what became of it
    let (status, problem) = city.server.post(&commands, &[waits], &apply);
    assert_eq!(
        (status, &problem["code"], &problem["step"]),
        (409, &"wrong_step".into(), &"acceptance".into()),
        "{problem}"
    );
    let refused = problem["command_id"].as_str().expect("an id");
    let became = city.server.get(&format!("{commands}/{refused}")).1;
    assert_eq!(
        (&became["status"], &became["code"]),
        (&"rejected".into(), &"wrong_step".into()),
        "{became}"
    );
    let accept = json!({"type": "accept_application", "actor": {"role": "coordinator", "agency": OFFICE}});
    let stale = city
        .server
        .post(&commands, &[waits, ("If-Match", "\"1\"")], &accept);
    assert_eq!((stale.0, &stale.1["code"]), (412, &"version_conflict".into()));
    let current = format!("\"{}\"", shown()["version"]);
    let fresh = city
        .server
        .post(&commands, &[waits, ("If-Match", &current)], &accept);
    assert_eq!(
        (fresh.0, &shown()["standing"]),
        (200, &"forwarding".into()),
        "{fresh:?}"
    );
    // what cannot be read
    for (body, code) in [
        (json!({"type": "open_dispute"}), "type_unknown"),
        (json!({"type": "apply"}), "field_missing"),
        (
            json!({"type": "accept_application", "colour": "red"}),
            "field_invalid",
        ),
    ] {
        let (status, problem) = city.server.post(&commands, &[], &body);
        assert_eq!((status, &problem["code"]), (400, &code.into()), "{problem}");
    }
    let nobody = "/api/v1/disputes/00000000-0000-0000-0000-000000000000";
    for (path, status, code) in [
        (nobody, 404, "dispute_unknown"),
        ("/api/v1/disputes/x", 404, "dispute_unknown"),
        ("/api/v1/disputes?forum=town", 400, "invalid_parameter"),
        ("/api/v1/disputes?colour=red", 400, "invalid_query"),
    ] {
        let (found, problem) = city.server.get(path);
        assert_eq!(
            (found, &problem["code"]),
            (status, &code.into()),
            "{path}: {problem}"
        );
    }
    let (status, problem) = city.server.post(&format!("{nobody}/commands"), &[waits], &accept);
    assert_eq!((status, &problem["code"]), (404, &"dispute_unknown".into()));
    let described = city.server.get("/api/openapi.json").1;
    let of_commands = &described["paths"]["/api/v1/disputes/{id}/commands"]["post"];
    assert!(of_commands["requestBody"].is_object(), "{of_commands}");
}

#[test]
fn over_http_disputes_are_listed_page_by_page_the_open_ones_first() {
    let city = City::served();
    for id in ["2", "3"] {
        city.reports(id);
    }
    let all = ["1", "2", "3"].map(|clue| raised(&city, clue)["id"].clone());
    let withdraw = json!({"type": "withdraw_dispute", "actor": {"role": "agency", "agency": TOWN}});
    let path = format!("/api/v1/disputes/{}/commands", all[1].as_str().expect("an id"));
    assert_eq!(
        city.server.post(&path, &[("Prefer", "wait=20")], &withdraw).0,
        200
    );
    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = city
            .server
            .get(&format!("/api/v1/disputes?limit=1&cursor={cursor}"))
            .1;
        pages.push((
            page["disputes"][0]["id"].clone(),
            page["disputes"][0]["standing"].clone(),
        ));
        match page["next"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
        assert!(pages.len() < 4, "{pages:?}");
    }
    assert_eq!(pages.len(), 3, "{pages:?}");
    assert!(
        all.iter().all(|id| pages.iter().any(|(found, _)| found == id)),
        "{pages:?}"
    );
    assert_eq!(pages[2], (all[1].clone(), "withdrawn".into()));
    let count = |query: &str| {
        let found = city.server.get(&format!("/api/v1/disputes?{query}")).1;
        found["disputes"].as_array().map_or(99, Vec::len)
    };
    for (query, found) in [
        ("open=true", 2),
        ("open=false", 1),
        ("forum=county:330603", 3),
        ("forum=county:330602", 0),
        ("forum=city", 0),
        ("agency=330603-zhzf&open=true", 2),
        ("due_before=2026-01-01T00:00:00Z", 0),
        ("clue=grid%2F2", 1),
        ("clue=nothing", 0),
    ] {
        assert_eq!(count(query), found, "{query}");
    }
}
