//! How far the ladder has come, on lists and on the first page.

use axum::http::StatusCode;
use bihuan_domain::code::Level;
use bihuan_domain::lang::Lang;
use bihuan_domain::time::Timestamp;
use bihuan_store::Connection;
use serde_json::Value;

use crate::life::{Life, monday};
use crate::pages::fixture::{book, get, page};
use crate::world::{World, worlds};

fn hours(hours: i64) -> Timestamp {
    monday().plus_minutes(60 * hours)
}

/// Due at 11:00 on Tuesday, and known to the rulebook at the county.
fn life(n: u32) -> Life {
    let mut life = Life::with_clocks(n, "1d");
    life.book.agencies = book().agencies.clone();
    for agency in life.book.agencies.values_mut() {
        agency.level = Some(Level::County);
    }
    life
}

/// One with nothing yet, one yellow, one red, one that the city sees, one of unknown level, one that was granted more time when it
/// was yellow, and one that was closed late.
async fn seven(world: &mut World) {
    for n in 1..=7 {
        let mut life = life(n);
        if n == 5 {
            life.book.agencies.clear();
        }
        let mut events = life.dispatched("north");
        match n {
            1 => events.extend(life.wake(hours(4))),
            2 => events.extend(life.wake(hours(24))),
            3 => events.extend(life.wake(hours(28))),
            4 | 5 => events.extend(life.wake(hours(24 * 5))),
            6 => {
                events.extend(life.wake(hours(23)));
                events.extend(life.extend("north", "1d"));
            }
            _ => {
                events.extend(life.wake(hours(28)));
                events.extend(life.close("north"));
            }
        }
        world.clue(n % 3, events).await;
    }
    world.read().await;
}

async fn numbers(world: &World, query: &str) -> Vec<String> {
    let answer = get(world, &format!("/api/v1/clues?{query}"), &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let found: Value = serde_json::from_str(&answer.body).expect("JSON");
    let clues = found["clues"].as_array().expect("clues").iter();
    let number = |it: &Value| {
        it["number"]
            .as_str()
            .unwrap_or_default()
            .replace("330602-20260105-", "")
    };
    let mut numbers: Vec<_> = clues.map(number).collect();
    numbers.sort_unstable();
    numbers
}

#[tokio::test]
async fn lists_are_filtered_by_colour_and_by_level() {
    for mut world in worlds().await {
        seven(&mut world).await;
        for (query, expected) in [
            ("colour=blue", &[][..]),
            ("colour=yellow", &["000002"]),
            ("colour=red", &["000003", "000004", "000005"]),
            ("colour=red&escalated=city", &["000004"]),
            ("escalated=city", &["000004"]),
            ("escalated=unknown", &["000005"]),
            ("escalated=any", &["000004", "000005"]),
            ("escalated=county", &[]),
        ] {
            assert_eq!(numbers(&world, query).await, expected, "{query}");
        }
        let refused = get(&world, "/api/v1/clues?escalated=province", &[]).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        let refused = get(&world, "/clues?colour=dark%20red", &[]).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        let listed = page(&world, "/clues?colour=red&escalated=city", Lang::Zh).await;
        assert!(
            listed.contains("data-total=\"1\"") && listed.contains("提级：市级"),
            "{listed}"
        );
        assert!(
            listed.contains("rung-red") && listed.contains("红色超期"),
            "{listed}"
        );
        assert_eq!(world.differences().await, [], "the journal says so");
    }
}

#[tokio::test]
async fn the_first_page_counts_clues_by_colour_and_by_level() {
    for mut world in worlds().await {
        seven(&mut world).await;
        for (lang, words) in [
            (Lang::Zh, ["蓝色提示", "黄色预警", "红色超期", "提级督办：市级"]),
            (Lang::En, ["blue", "yellow", "red", "escalated: city"]),
        ] {
            let page = page(&world, "/", lang).await;
            for word in words {
                assert!(page.contains(word), "{word}");
            }
            for (path, count) in [("colour=yellow", 1), ("colour=red", 3), ("escalated=city", 1)] {
                let number = format!("<a href=\"/clues?{path}\">{count}</a>");
                assert!(page.contains(&number), "{number}: {page}");
            }
        }
    }
}

/// A list of few clues among many must not read them all.
#[tokio::test]
async fn colours_and_levels_are_found_by_index() {
    for world in worlds().await {
        let mut reader = world.store.read().await.expect("reads");
        let Connection::Sqlite(c) = reader.conn() else {
            continue;
        };
        for (statement, index) in [
            (
                "SELECT colour, count(*) FROM monitor_clue WHERE colour IS NOT NULL GROUP BY colour",
                "monitor_clue_colour",
            ),
            (
                "SELECT clue_id FROM monitor_clue WHERE colour = 'red' ORDER BY reported_at DESC, clue_id DESC LIMIT 51",
                "monitor_clue_colour",
            ),
            (
                "SELECT clue_id FROM monitor_clue WHERE escalated = 'city' ORDER BY reported_at DESC, clue_id DESC LIMIT 51",
                "monitor_clue_escalated",
            ),
        ] {
            let text = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
            let plan: Vec<(i64, i64, i64, String)> =
                sqlx::query_as(text).fetch_all(&mut *c).await.expect("a plan");
            let told: Vec<_> = plan.into_iter().map(|(.., told)| told).collect();
            assert!(told.iter().any(|it| it.contains(index)), "{statement}: {told:?}");
            assert!(
                !told.iter().any(|it| it.contains("TEMP B-TREE")),
                "{statement}: {told:?}"
            );
        }
    }
}
