//! A dispute as people see it: in figures, on pages, in metrics.

use serde_json::Value;

use crate::Data;
use crate::disputing::{HOLDER, OTHER, disputed};
use crate::serving::Server;

fn duty(server: &Server) -> Value {
    server.get("/api/v1/reports/disputes").1["duty"].clone()
}

fn page(server: &Server, path: &str) -> String {
    let (status, text) = server.page(path);
    assert_eq!(status, 200, "{path}: {text}");
    text
}

/// What the first link to a dispute leads to.
fn link(text: &str) -> String {
    let links = text.split("href=\"/disputes/").skip(1);
    let mut ids = links.filter_map(|rest| rest.split('"').next());
    ids.find(|id| *id != "report").expect("a dispute").to_owned()
}

fn open_at(duty: &Value, step: &str) -> Option<u64> {
    let steps = duty["steps"].as_array()?;
    steps.iter().find(|it| it["step"] == step)?["open"].as_u64()
}

#[test]
fn a_dispute_is_counted_shown_to_whom_it_waits_for_and_told_when_it_is_late() {
    let data = Data::empty();
    let (server, clue) = disputed(&data);
    server.until("counted", || duty(&server)["counts"]["opened"] == 1);
    let now = duty(&server);
    assert_eq!(open_at(&now, "negotiation"), Some(1), "{now}");
    assert_eq!(now["between"][0]["disputes"], 1, "{now}");

    let id = link(&page(&server, &format!("/disputes?agency={HOLDER}&lang=en")));
    let (mine, others) = {
        let text = page(&server, &format!("/disputes?agency={HOLDER}&lang=en"));
        let (mine, others) = text.split_once("id=\"others\"").expect("two lists");
        (mine.contains(&id), others.contains(&id))
    };
    assert_eq!((mine, others), (true, false), "it is this party's turn");
    for (path, there) in [
        ("/disputes", true),
        ("/disputes?forum=county", true),
        ("/disputes?forum=city", false),
        ("/disputes?open=false", false),
        ("/disputes?agency=nobody", false),
    ] {
        assert_eq!(page(&server, path).contains(&id), there, "{path}");
    }
    for wrong in [
        "/disputes?forum=village",
        "/disputes?open=maybe",
        "/disputes?who=me",
    ] {
        assert_eq!(server.page(wrong).0, 400, "{wrong}");
    }
    assert_eq!(server.page("/disputes/nothing").0, 404);

    let one = format!("/disputes/{id}");
    for (lang, words) in [
        ("zh", ["协商", "主张无职责"]),
        ("en", ["negotiation", "denies it"]),
    ] {
        let text = page(&server, &format!("{one}?lang={lang}"));
        let command = format!("bihuan dispute act {id} record-minutes");
        for word in [words[0], words[1], &command, "<svg", HOLDER, OTHER] {
            assert!(text.contains(word), "{lang}: {word}");
        }
    }
    assert!(page(&server, &format!("/clues/{clue}")).contains(&one));

    // nobody does anything: it ends before the last level, which lets its time pass
    let opened = server.get("/api/v1/reports/disputes").1["as_of"].clone();
    let opened = opened.as_str().expect("a time").to_owned();
    data.json(&["clock", "advance", "150wd"]);
    let later = duty(&server);
    assert_eq!(
        (&later["counts"]["open"], &later["counts"]["open_late"]),
        (&1.into(), &1.into()),
        "{later}"
    );
    let past = data.json(&["report", "disputes", "--duty", "--as-of", &opened]);
    assert_eq!(open_at(&past, "negotiation"), Some(1), "{past}");
    assert_eq!(past["counts"]["open_late"], 0, "{past}");
    assert!(page(&server, &format!("{one}?lang=en")).contains("the last level is late"));
    let shown = page(&server, "/disputes/report?lang=zh");
    assert!(shown.contains("拒不执行率") && shown.contains("median_working_days v1"));
    server.until("told", || {
        let metrics = server.page("/metrics").1;
        metrics.lines().any(|line| line == "bihuan_disputes_late 1")
    });
    let csv = data
        .run(&["report", "disputes", "--duty", "--format", "csv"])
        .exits(0)
        .stdout();
    let has = |line: &str| csv.lines().any(|it| it.trim_end() == line);
    assert!(has("count,opened,1") && has("figure,breach_rate,"), "{csv}");
    for (lang, word) in [("zh", "定责用时中位数"), ("en", "disputes over duty")] {
        for format in ["table", "markdown"] {
            let asked = ["report", "disputes", "--lang", lang, "--format", format];
            data.run(&asked).exits(0).says(word);
        }
    }
}
