//! `deploy/demo-dispute`: one made dispute from the second return to the next clue that its precedent dispatches, told on one page.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::{Ran, bihuan, file, text};

const FIRST: &str = "shaoxing-grid/XG330603202603020001";
const NEXT: &str = "shaoxing-grid/XG330603202604130002";
/// Whose duty it is by the rulebook, and whose by the ruling.
const CLEANING: &str = "330603-hwbj";
const GREEN: &str = "330603-lhyh";

fn demonstrated(folder: &str) -> Ran {
    let ran = Command::new(file("deploy/demo-dispute"))
        .args([env!("CARGO_BIN_EXE_bihuan"), folder])
        .env("LC_ALL", "C.UTF-8")
        .env_remove("BIHUAN_STORE_URL")
        .env_remove("BIHUAN_LOG_BROKERS")
        .stdin(Stdio::null())
        .output();
    Ran(ran.expect("the demo runs")).exits(0)
}

fn types(events: &Value) -> Vec<&str> {
    let events = events.as_array().expect("events").iter();
    events.filter_map(|it| it["type"].as_str()).collect()
}

/// In both languages, in one file, with these besides.
#[track_caller]
fn is_told_on_one_page(folder: &str, besides: &[&str]) {
    let zh = [
        "第 2 次退单",
        "申请退单",
        "期满",
        "已采纳",
        "此后按此先例派遣的线索",
    ];
    let en = [
        "return no. 2",
        "asks to return it",
        "lapsed",
        "taken over",
        "Clues that it dispatched since",
    ];
    for (lang, words) in [("zh", zh), ("en", en)] {
        let page = text(format!("{folder}/dispute.{lang}.html"));
        let always = ["虚构示例", "<svg", "<style>"];
        for word in words.iter().chain(besides).chain(&always) {
            assert!(page.contains(word), "{lang}: {word}");
        }
        assert!(!page.contains("/assets/"), "{lang}: one file");
    }
}

#[test]
fn a_made_dispute_is_shown_from_its_second_return_to_the_next_clue_that_its_precedent_dispatches() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path().join("demo").display().to_string();
    let ran = demonstrated(&folder);
    let out = ran.stdout();
    for said in [
        "By ruling 《浙江省综合行政执法条例》第十七条",
        "依据争议 ",
        " 的裁定：",
        "Everything is as the events say.",
    ] {
        assert!(out.contains(said), "{said}: {out}");
    }
    let data = format!("{folder}/data");
    let json = |arguments: &[&str]| {
        let all = [arguments, &["--data", &data, "--format", "json", "--lang", "en"]].concat();
        bihuan(&all).json()
    };
    assert_eq!(json(&["clue", "show", FIRST])["stage"], "closed");
    let next = json(&["clue", "show", NEXT]);
    assert_eq!(next["agency"], GREEN, "{next}");

    let dispute = json(&["dispute", "show", FIRST]);
    assert_eq!(
        (
            &dispute["standing"],
            &dispute["opening"]["cause"],
            &dispute["opening"]["returns"]
        ),
        (&"carried_out".into(), &"return_limit".into(), &2.into()),
        "{dispute}"
    );
    assert_eq!(
        dispute["interim"], CLEANING,
        "the first receiver held it: {dispute}"
    );
    let happened = types(&dispute["events"]);
    for event in [
        "MinutesRecorded",
        "ApplicationMade",
        "OpinionGiven",
        "StepLapsed",
        "DisputeDecided",
        "RulingTakenUp",
    ] {
        assert!(happened.contains(&event), "{event}: {happened:?}");
    }
    let precedent = &dispute["precedent"];
    assert_eq!(
        (&precedent["state"], &precedent["agency"], &precedent["by"]),
        (&"taken_over".into(), &GREEN.into(), &"ruling".into()),
        "{precedent}"
    );
    let duties = text(format!("{folder}/rulebook-2/duties.csv"));
    let line = precedent["line"]
        .as_u64()
        .and_then(|it| usize::try_from(it).ok())
        .expect("a line");
    assert_eq!(duties.lines().nth(line - 1), precedent["row"].as_str());
    let routed = &dispute["routed"];
    assert_eq!(
        (&routed["count"], &routed["clues"][0]["number"]),
        (&1.into(), &next["number"]),
        "{routed}"
    );
    let printed = [
        &["dispute", "show", FIRST][..],
        &["--data", &data, "--lang", "en"],
    ]
    .concat();
    bihuan(&printed)
        .exits(0)
        .says("taken over: line")
        .says("1 in all");

    let [number, version] = [&next["number"], &precedent["rulebook"]].map(|it| it.as_str().expect("text"));
    is_told_on_one_page(&folder, &[number, version]);
    assert_eq!(json(&["verify"])["good"], true);
}
