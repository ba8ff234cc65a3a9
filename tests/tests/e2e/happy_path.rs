//! A clue's whole life, on both ways to run.

use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Duration;

use bihuan_contracts::delivery::AssignmentNotice;
use e2e::accounts::{assert_journals, assert_report, assert_verified, settle};
use e2e::agency::{Agencies, Desk};
use e2e::installation::{Installation, NOTICES};
use e2e::kafka::{self, Sender, Sent};
use e2e::process::Process;
use e2e::random::Random;
use e2e::records::{Expected, protobuf};
use e2e::rulebook::{EAST, WEST, agency};
use e2e::{http, wait_for};
use serde_json::{Value, json};

use crate::crash_cluster::StopAtEnd;
use crate::storm::REST;

fn record(id: &str, matter: &str, area: &str) -> Value {
    json!({"source": "grid", "id": id, "matter": matter, "area": area, "reported_at": "2026-01-05T08:00:00+08:00",
        "title": format!("标题 {id}"), "description": "路边堆放垃圾", "place": "解放路 1 号"})
}

const LIVES: [(&str, &str, &str); 4] = [
    ("A1", "noise", EAST),
    ("A2", "waste", WEST),
    ("A3", "sign", EAST),
    ("A4", "noise", WEST),
];

fn expected() -> Expected {
    Expected {
        received: 4,
        clues: 4,
        closed: 4,
        ..Expected::default()
    }
}

/// Once the agencies have done their part: report, story, notices, proof.
fn assert_lives(installation: &Installation, notices: &[AssignmentNotice]) {
    assert_report(&settle(installation, &expected(), REST), &expected());
    for (id, matter, area) in LIVES {
        let notice = notices
            .iter()
            .find(|notice| notice.title.as_deref() == Some(&format!("标题 {id}")));
        let notice = notice.unwrap_or_else(|| panic!("{id} in {notices:?}"));
        assert_eq!(notice.agency.as_str(), agency(matter, area), "{id}");
        assert_eq!(notice.description.as_deref(), Some("路边堆放垃圾"), "{id}");
        assert_eq!(notice.place.as_deref(), Some("解放路 1 号"), "{id}");
        let name = format!("grid/{id}");
        let story = installation.run(&["explain", &name]).ok().stdout;
        assert!(story.contains(&notice.number), "{story}");
        let shown = installation.ask(&["clue", "show", &name]);
        assert!(shown.to_string().contains("closed"), "{shown}");
    }
    let by_agency = installation.ask(&["report", "closure", "--by", "agency"]);
    let rows = by_agency["rows"].as_array().expect("rows");
    let closed = |agency: &str| {
        let row = rows.iter().find(|row| row["key"] == agency);
        row.map_or(0, |row| row["counts"]["closed"].as_u64().unwrap_or_default())
    };
    assert_eq!(["city", "east", "west"].map(closed), [1, 1, 2]);
}

fn notices(payloads: impl IntoIterator<Item = Vec<u8>>) -> Vec<AssignmentNotice> {
    let notice = |payload: Vec<u8>| AssignmentNotice::decode(&payload).expect("a notice");
    payloads.into_iter().map(notice).collect()
}

#[test]
fn on_kafka_and_postgresql_from_each_form_of_a_record_to_the_closed_clue() {
    let installation = Installation::small_cluster();
    let mut processes = installation.serve_all();
    let sender = Sender::new(installation.brokers());
    for (partition, (headers, payload)) in forms().into_iter().enumerate() {
        let headers = headers
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()));
        sender.send(&Sent {
            topic: "clue.inbound.v1".to_owned(),
            partition: partition as u32,
            headers: headers.collect(),
            payload,
            key: String::new(),
        });
    }
    sender.flush();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _stop = StopAtEnd(&stop);
        let agencies = Agencies::new(
            Desk::kafka(installation.brokers()),
            Random::for_test("happy_path"),
        );
        scope.spawn(|| agencies.work(&stop, &AtomicBool::new(false), &AtomicU64::new(0)));
        let told = wait_for("four notices", REST, || {
            let found = kafka::read_all(installation.brokers(), NOTICES);
            (found.len() == 4).then_some(found)
        });
        assert_lives(
            &installation,
            &notices(told.into_iter().map(|found| found.payload)),
        );
    });
    assert_journals(&installation);
    assert_verified(&installation);
    for process in &mut processes {
        assert_eq!(process.terminate(), Some(0), "{}", process.name());
    }
}

/// Headers and payload.
type Form = (Vec<(&'static str, &'static str)>, Vec<u8>);

/// Protobuf, JSON, CloudEvents in binary and in structured mode.
fn forms() -> [Form; 4] {
    let [first, second, third, fourth] = LIVES.map(|(id, matter, area)| record(id, matter, area));
    let event = json!({"specversion": "1.0", "id": "ce-4", "source": "/grid", "type": "grid.reported",
        "datacontenttype": "application/json", "data": fourth});
    let binary = vec![
        ("ce_specversion", "1.0"),
        ("ce_id", "ce-3"),
        ("ce_source", "/grid"),
        ("ce_type", "grid.reported"),
        ("content-type", "application/json"),
    ];
    [
        (vec![("content-type", "application/protobuf")], protobuf(&first)),
        (
            vec![("content-type", "application/json")],
            second.to_string().into_bytes(),
        ),
        (binary, third.to_string().into_bytes()),
        (
            vec![("content-type", "application/cloudevents+json")],
            event.to_string().into_bytes(),
        ),
    ]
}

#[test]
fn on_a_laptop_from_http_to_the_closed_clue() {
    let installation = Installation::small();
    let mut processes = installation.serve_all();
    let process: &Process = &processes[0];
    let [first, second, third, fourth] = LIVES.map(|(id, matter, area)| record(id, matter, area));
    let url = format!("{}/api/v1/clues", process.base());
    for body in [first, json!([second, third, fourth])] {
        let (status, answer) = http::post(&url, &[], &body).expect("an answer");
        assert_eq!(status, 202, "{answer}");
    }
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _stop = StopAtEnd(&stop);
        let base = process.base();
        let desk = Desk::Http {
            tables: installation.tables(),
            base: Box::new(move || base.clone()),
        };
        let agencies = Agencies::new(desk, Random::for_test("happy_path"));
        scope.spawn(|| agencies.work(&stop, &AtomicBool::new(false), &AtomicU64::new(0)));
        let told = wait_for("four notices", Duration::from_mins(1), || {
            let sql =
                format!("SELECT payload FROM queue_record WHERE topic = '{NOTICES}' ORDER BY record_offset");
            let told = installation.tables().bytes(&sql);
            (told.len() == 4).then_some(told)
        });
        assert_lives(&installation, &notices(told));
    });
    assert_journals(&installation);
    assert_verified(&installation);
    assert_eq!(processes[0].terminate(), Some(0));
    assert_verified(&installation);
}
