//! The joint meeting: its agenda in every format, and what came of it.

use std::io::Read as _;

use serde_json::Value;

use crate::precedents::{City, OFFICE, OTHER, digest, list, string};

const HEADER: &str = "item,outcome,agency,basis,reference,sha256";

fn outcome(city: &City, id: &str) -> Option<Value> {
    let agenda = city.data.json(&["dispute", "agenda"]);
    let mut items = list(&agenda["items"]).iter();
    items.find(|it| it["id"] == id).cloned()
}

#[test]
fn the_agenda_is_built_by_itself_and_printed_in_every_format() {
    let city = City::start();
    let (one, two) = (city.dispute("1"), city.dispute("2"));
    city.advance("22wd");
    let agenda = city.data.json(&["dispute", "agenda"]);
    let items = list(&agenda["items"]);
    let kinds: Vec<_> = items.iter().map(|it| string(&it["kind"])).collect();
    assert_eq!(kinds, ["dispute", "dispute", "pair"], "{agenda}");
    let numbers: Vec<_> = items.iter().map(|it| it["number"].as_u64()).collect();
    assert_eq!(numbers, [Some(1), Some(2), Some(3)]);
    let first = &items[0];
    assert_eq!(first["outcome"], "GiveOpinion", "{agenda}");
    assert_eq!(first["agency"], "330603-hwbj", "by the duties: {agenda}");
    assert!(
        first["days"].as_u64() >= Some(18) && first["weight"] == first["days"],
        "{first}"
    );
    let item = string(&first["id"]);
    assert!(
        [&one, &two].iter().any(|it| item == format!("dispute:{it}")),
        "{item}"
    );
    assert_eq!(
        city.data.json(&["dispute", "agenda", "--forum", "county:330603"])["items"],
        agenda["items"]
    );
    let elsewhere = city.data.json(&["dispute", "agenda", "--forum", "county:330602"]);
    assert_eq!(list(&elsewhere["items"]).len(), 0, "{elsewhere}");
    city.data
        .run(&["dispute", "agenda", "--forum", "village"])
        .exits(2);
    let printed = |format: &str, lang: &str| {
        city.data
            .run(&["dispute", "agenda", "--format", format, "--lang", lang])
            .exits(0)
            .stdout()
    };
    let csv = printed("csv", "en");
    assert!(
        csv.starts_with("no.,kind,subject") && csv.contains(&item),
        "{csv}"
    );
    assert!(printed("markdown", "zh").starts_with("| 序号 | 类别 | 议题 |"));
    assert!(printed("table", "zh").contains("反复推诿的单位"));
    let workbook = city.data.path().join("agenda.xlsx").display().to_string();
    let sheet = ["dispute", "agenda", "--format", "xlsx", "--lang", "en"];
    city.data.run(&sheet).exits(2).says("--output FILE");
    city.data
        .run(&[&sheet[..], &["--output", &workbook]].concat())
        .exits(0);
    let mut archive =
        zip::ZipArchive::new(std::fs::File::open(&workbook).expect("a file")).expect("a workbook");
    let mut strings = String::new();
    let mut part = archive.by_name("xl/sharedStrings.xml").expect("strings");
    part.read_to_string(&mut strings).expect("text");
    assert!(strings.contains(&item) && strings.contains("proposed outcome") && strings.contains("sha256"));
    city.data
        .run(&["dispute", "precedents", "--format", "xlsx", "--lang", "en"])
        .exits(2)
        .says("no xlsx");
    for (lang, words) in [("zh", "未决争议"), ("en", "open dispute")] {
        let (status, page) = city.server.page(&format!("/disputes/agenda?lang={lang}"));
        assert!(
            status == 200 && page.contains(words) && page.contains(&item),
            "{status}: {page}"
        );
    }
    assert_eq!(city.server.page("/disputes/agenda?forum=village").0, 400);
    let over_http = city.server.get("/api/v1/disputes/agenda?forum=county:330603");
    assert_eq!(
        (over_http.0, list(&over_http.1["items"]).len()),
        (200, 3),
        "{over_http:?}"
    );
}

/// Each with what is wrong with it. `two`: a dispute's item; `pair`: that of a pair; `meeting`: a line that is there before.
fn bad_lines(two: &str, pair: &str, meeting: &str) -> Vec<(String, &'static str)> {
    let sha = digest();
    vec![
        ("dispute:x,none,,,,".to_owned(), "item_unknown"),
        (format!("{two},Shrug,,,,"), "outcome_unknown"),
        (format!("{pair},DecideDispute,{OTHER},b,r,{sha}"), "no_dispute"),
        (format!("{two},GiveOpinion,,,r,{sha}"), "agency_missing"),
        (format!("{two},GiveOpinion,nobody,,r,{sha}"), "agency_unknown"),
        (format!("{two},DecideDispute,{OTHER},,r,{sha}"), "basis_missing"),
        (format!("{two},RecordMeeting,,,,{sha}"), "reference_missing"),
        (format!("{two},RecordMeeting,,,r,abc"), "sha256_invalid"),
        (meeting.to_owned(), "item_repeated"),
    ]
}

#[test]
fn minutes_are_carried_out_line_by_line_and_one_bad_line_stops_them_all() {
    let city = City::start();
    let (one, two) = (city.dispute("1"), city.dispute("2"));
    city.advance("22wd");
    let path = city.data.path().join("minutes.csv");
    let named = path.display().to_string();
    let run = |lines: &[String]| {
        let text = [&[HEADER.to_owned()], lines].concat().join("\n");
        std::fs::write(&path, text).expect("written");
        city.data.run(&[
            "dispute",
            "agenda",
            "--minutes",
            &named,
            "--as",
            &format!("coordinator:{OFFICE}"),
            "--format",
            "json",
        ])
    };
    let item = |id: &str| format!("dispute:{id}");
    let pair = string(&list(&city.data.json(&["dispute", "agenda"])["items"])[2]["id"]);
    let sha = digest();
    let meeting = format!("{},RecordMeeting,,,纪要1,{sha}", item(&one));
    let opinion = format!("{},GiveOpinion,{OTHER},,意见1,{sha}", item(&one));
    let bad = bad_lines(&item(&two), &pair, &meeting);
    let lines: Vec<_> = [&meeting, &opinion]
        .into_iter()
        .chain(bad.iter().map(|(line, _)| line))
        .cloned()
        .collect();
    let printed: Value = serde_json::from_str(&run(&lines).exits(2).stdout()).expect("json");
    let errors: Vec<_> = list(&printed["errors"])
        .iter()
        .map(|it| (it["line"].as_u64(), string(&it["code"])))
        .collect();
    let expected: Vec<_> = (4..)
        .zip(&bad)
        .map(|(line, (_, code))| (Some(line), (*code).to_owned()))
        .collect();
    assert_eq!((errors, &printed["sent"]), (expected, &0.into()));
    assert_eq!(
        outcome(&city, &item(&one)).expect("an item")["outcome"],
        "GiveOpinion",
        "nothing was sent"
    );
    std::fs::write(&path, "item,outcome\n").expect("written");
    city.data
        .run(&["dispute", "agenda", "--minutes", &named, "--lang", "en"])
        .exits(2)
        .says("no column agency");

    let good = [
        meeting,
        opinion,
        format!("{},,,,,", item(&two)),
        format!("{pair},none,,,,"),
    ];
    let done = run(&good).json();
    let statuses: Vec<_> = list(&done)
        .iter()
        .map(|it| (it["line"].as_u64(), string(&it["status"])))
        .collect();
    let expected =
        [(Some(2), "done"), (Some(3), "done"), (Some(5), "noted")].map(|(line, it)| (line, it.to_owned()));
    assert_eq!(statuses, expected, "{done}");
    assert!(
        done[0]["events"].to_string().contains("MeetingRecorded"),
        "{done}"
    );
    let given = outcome(&city, &item(&one)).expect("an item");
    assert_eq!(given["outcome"], "none", "the parties have the word: {given}");
    let again = run(&good).json();
    assert!(
        list(&again)[..2].iter().all(|it| it["status"] == "done_before"),
        "{again}"
    );
    let late = [format!("{},GiveOpinion,{OTHER},,意见2,{sha}", item(&one))];
    let refused: Value = serde_json::from_str(&run(&late).exits(1).stdout()).expect("json");
    assert_eq!(
        (&refused[0]["status"], &refused[0]["code"]),
        (&"rejected".into(), &"wrong_step".into())
    );
}
