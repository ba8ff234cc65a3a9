//! Clocks, extensions and the ladder, from the journal to what people read.

use axum::http::StatusCode;
use bihuan_domain::clue::{Command, Role};
use bihuan_domain::dispute::{Cause, Claim, Position};
use bihuan_domain::figures::By;
use bihuan_domain::lang::Lang;
use bihuan_domain::time::Timestamp;
use bihuan_monitor::ReportQuery;
use serde_json::{Value, json};

use crate::life::{Life, agency, monday};
use crate::pages::fixture::{get, page};
use crate::world::{World, worlds};

fn hours(hours: i64) -> Timestamp {
    monday().plus_minutes(60 * hours)
}

/// Dispatched at 11:00 on Monday, so due at 11:00 on Wednesday.
async fn dispatched(world: &mut World) -> Life {
    let mut life = Life::with_clocks(1, "2d");
    let events = life.dispatched("north");
    world.clue(0, events).await;
    life
}

/// Clocks of handling that are overdue, how many were, and grants.
async fn handling(world: &World, as_of: i64, now: i64) -> (u64, u64, u64) {
    let query = ReportQuery {
        as_of: Some(hours(as_of)),
        ..ReportQuery::default()
    };
    let counts = world.report(&query, hours(now)).await.counts;
    (counts.handle_overdue, counts.open_overdue, counts.extensions)
}

#[tokio::test]
async fn what_was_overdue_before_more_time_was_granted_still_was_so_then() {
    for mut world in worlds().await {
        let mut life = dispatched(&mut world).await;
        let woken = life.wake(hours(30));
        world.clue(0, woken).await;
        world.read().await;
        let before = handling(&world, 30, 30).await;
        assert_eq!(before, (1, 0, 0), "it had until Tuesday at 11:00");
        let extended = life.extend("north", "1d");
        world.clue(0, extended).await;
        world.read().await;
        assert_eq!(
            handling(&world, 33, 33).await,
            (0, 0, 1),
            "it has until Wednesday"
        );
        assert_eq!(
            handling(&world, 30, 33).await,
            before,
            "and had until Tuesday then"
        );
        assert_eq!(
            handling(&world, 60, 60).await,
            (1, 0, 1),
            "of the whole it has until Thursday"
        );
        assert_eq!(handling(&world, 90, 90).await, (1, 1, 1));
        assert_eq!(world.differences().await, []);
    }
}

/// In the report, in the list and on the clue it is the same.
#[tokio::test]
async fn a_clue_whose_clocks_stand_still_is_overdue_nowhere() {
    for mut world in worlds().await {
        for (pauses, overdue) in [(true, 0), (false, 1)] {
            let mut life = Life::with_clocks(if pauses { 1 } else { 2 }, "2d");
            life.book.policy.disputes.pauses_clock = pauses;
            let mut events = life.dispatched("north");
            let party = |id, position: Option<Position>| Claim {
                agency: agency(id),
                position,
                duty: position.map(|_| "7".to_owned()),
            };
            let raise = Command::RaiseDispute {
                cause: Cause::ByAgency,
                parties: vec![party("north", Some(Position::Denies)), party("south", None)],
            };
            events.extend(life.act(Role::Agency, Some("north"), raise));
            world.clue(0, events).await;
            world.read().await;
            // the fixture looks on Thursday: it was due on Wednesday
            let id = life.id.to_string();
            let found = |listed: &Value| {
                let all = listed["clues"].as_array().expect("clues").iter();
                all.filter(|it| it["id"] == *id).cloned().collect::<Vec<_>>()
            };
            assert_eq!(
                found(&list(&world, "?overdue=true").await).len(),
                overdue,
                "pauses: {pauses}"
            );
            let listed = found(&list(&world, "").await);
            assert_eq!(listed[0]["overdue"], json!(!pauses), "{listed:?}");
            let shown = clocks(&world, &life, "en").await;
            let overall = shown["running"].as_array().expect("clocks").last().cloned();
            let overall = overall.expect("runs");
            assert_eq!(overall["overdue"], json!(!pauses));
            assert_eq!(overall["stands_since"].is_null(), !pauses);
            assert_eq!(
                shown["dispute_pauses"].as_array().map(Vec::len),
                Some(usize::from(pauses))
            );
        }
        let report = world.report(&ReportQuery::default(), hours(71)).await;
        assert_eq!((report.counts.open, report.counts.open_overdue), (2, 1));
        assert_eq!(world.differences().await, []);
    }
}

async fn list(world: &World, query: &str) -> Value {
    let answer = get(world, &format!("/api/v1/clues{query}"), &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    serde_json::from_str(&answer.body).expect("JSON")
}

async fn clocks(world: &World, life: &Life, lang: &str) -> Value {
    let path = format!("/api/v1/clues/{}", life.id);
    let answer = get(world, &path, &[("accept-language", lang)]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let shown: Value = serde_json::from_str(&answer.body).expect("JSON");
    shown["clocks"].clone()
}

/// The fixture looks on Thursday at 09:00: the clue was signed for, extended, suspended and handed over, and the ladder climbed.
async fn eventful(world: &mut World) -> Life {
    let mut life = dispatched(world).await;
    let mut events = life.act(Role::Agency, Some("north"), Command::AcknowledgeClue);
    events.extend(life.extend("north", "1d"));
    events.extend(life.act(
        Role::Agency,
        Some("north"),
        Command::SuspendClue {
            reason: "litigation".to_owned(),
            approver: "B9".to_owned(),
            until: hours(30),
        },
    ));
    events.extend(life.wake(hours(31)));
    events.extend(life.transfer("south"));
    events.extend(life.wake(hours(71)));
    world.clue(0, events).await;
    world.read().await;
    life
}

#[tokio::test]
async fn the_clocks_of_a_clue_are_told_with_their_working() {
    for mut world in worlds().await {
        let life = eventful(&mut world).await;
        let shown = clocks(&world, &life, "en").await;
        let steps: Vec<_> = shown["running"].as_array().expect("clocks").iter().collect();
        let names: Vec<_> = steps.iter().map(|it| &it["step"]).collect();
        assert_eq!(names, ["acknowledge", "handle", "overall"]);
        // two days and one more, and the 24 hours from 15:00 on Monday that it was suspended
        let overall = steps[2];
        assert_eq!(overall["since"], "2026-01-05T03:00:00Z");
        assert_eq!(overall["limit"], "2d");
        assert_eq!(overall["row"], 4);
        assert_eq!(overall["provisional"], false);
        let working = overall["working"].to_string();
        for text in [
            "line 4 of limits.csv",
            "1 calendar day more",
            "while suspended",
            "with that, due",
        ] {
            assert!(working.contains(text), "{text}: {working}");
        }
        assert!(working.contains("dispatched Mon 2026-01-05 03:00"), "{working}");
        let acknowledge = steps[0];
        assert_eq!(
            (&acknowledge["began"], &overall["began"]),
            (&json!("transferred"), &json!("assigned"))
        );
        let working = acknowledge["working"].to_string();
        assert!(
            working.contains("handed over ") && !working.contains("received"),
            "{working}"
        );
        assert_eq!(
            (&acknowledge["limit"], &acknowledge["overdue"]),
            (&json!("1h"), &json!(true))
        );
        assert!(acknowledge["seconds_left"].as_i64().is_some_and(|left| left < 0));
        let ended = &shown["ended"][0];
        assert_eq!(
            (&ended["step"], &ended["in_time"]),
            (&json!("acknowledge"), &json!(true))
        );
        let extension = &shown["extensions"][0];
        assert_eq!(
            (&extension["limit"], &extension["answer"]),
            (&json!("1d"), &json!("granted"))
        );
        assert_eq!(shown["suspensions"][0]["to"], hours(30).to_string());
        assert_eq!(shown["first_deadline"], hours(50).to_string());
        let rungs: Vec<_> = shown["ladder"].as_array().expect("rungs").iter().collect();
        assert!(
            rungs.iter().any(|it| it["rung"] == "acknowledge_overdue"),
            "{rungs:?}"
        );
        let chinese = clocks(&world, &life, "zh-CN").await;
        let working = chinese["running"][2]["working"].to_string();
        assert!(
            working.contains("挂账") && working.contains("同意延期1个自然日"),
            "{working}"
        );
        assert!(
            working.contains(" 派遣；时限2个自然日") && !working.contains("收到"),
            "{working}"
        );
        let working = chinese["running"][0]["working"].to_string();
        assert!(working.contains(" 转办；时限1小时"), "{working}");
    }
}

#[tokio::test]
async fn the_page_of_a_clue_draws_its_clocks_in_both_languages() {
    for mut world in worlds().await {
        let life = eventful(&mut world).await;
        let path = format!("/clues/{}", life.id);
        for (lang, texts) in [
            (
                Lang::Zh,
                [
                    "时限图：",
                    "城北&#60;分局&#62;",
                    "城南分局",
                    "签收",
                    "全程",
                    "现在",
                ],
            ),
            (
                Lang::En,
                [
                    "Time line of the clocks:",
                    "North",
                    "South",
                    "acknowledge",
                    "overall",
                    "now",
                ],
            ),
        ] {
            let page = page(&world, &path, lang).await;
            let (_, rest) = page.split_once("<svg class=\"clocks\"").expect("a drawing");
            let (drawing, _) = rest.split_once("</svg>").expect("an end");
            for text in texts {
                assert!(drawing.contains(text), "{text}: {drawing}");
            }
            for class in ["passed", "left", "overdue", "pause", "due", "now", "rung rung-"] {
                assert!(
                    drawing.contains(&format!("class=\"{class}")),
                    "{class}: {drawing}"
                );
            }
        }
        let mut plain = Life::new(2);
        let events = plain.report_as(1, |report| report.source_due_at = None);
        world.clue(1, events).await;
        world.read().await;
        let page = page(&world, &format!("/clues/{}", plain.id), Lang::En).await;
        assert!(page.contains("There are no clocks.") && !page.contains("<svg class=\"clocks\""));
    }
}

#[tokio::test]
async fn overview_and_report_show_how_times_were_kept() {
    for mut world in worlds().await {
        eventful(&mut world).await;
        for path in ["/", "/report"] {
            for (lang, texts) in [
                (
                    Lang::Zh,
                    ["按时签收率", "50.00%", "超期 1 至 3 天", "积存", "期限暂定"],
                ),
                (
                    Lang::En,
                    [
                        "on-time acknowledgement",
                        "50.00%",
                        "overdue for 1 to 3 days",
                        "backlog",
                        "due times provisional",
                    ],
                ),
            ] {
                let page = page(&world, path, lang).await;
                for text in texts {
                    assert!(page.contains(text), "{path}: {text}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_clock_stands_in_the_row_of_the_agency_that_had_it_and_leads_to_the_clue() {
    for mut world in worlds().await {
        eventful(&mut world).await;
        let query = ReportQuery {
            by: Some(By::Agency),
            ..ReportQuery::default()
        };
        let report = world.report(&query, hours(71)).await;
        let counts = |key: &str| report.rows.iter().find(|row| row.key == key).expect(key).counts;
        let (north, south) = (counts("north"), counts("south"));
        assert_eq!((north.acknowledge_ended, north.acknowledge_in_time), (1, 1));
        assert_eq!((south.acknowledge_ended, south.acknowledge_overdue), (0, 1));
        assert_eq!((north.clues, south.clues), (0, 1));
        for (key, of, total) in [
            ("north", "acknowledge_in_time", 1),
            ("north", "acknowledge_overdue", 0),
            ("north", "clues", 0),
            ("south", "acknowledge_in_time", 0),
            ("south", "acknowledge_overdue", 1),
            ("south", "clues", 1),
        ] {
            let path = format!("/clues?by=agency&key={key}&of={of}");
            let page = page(&world, &path, Lang::En).await;
            assert!(page.contains(&format!("data-total=\"{total}\"")), "{path}");
        }
    }
}
