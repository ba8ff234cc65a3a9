//! Pages: rendered in both languages, every figure as the report has it, every link alive, every number as many as it leads to.

pub(crate) mod fixture;

use std::collections::{BTreeMap, BTreeSet};

use axum::http::{StatusCode, header};
use bihuan_domain::clue::{Command, Role};
use bihuan_domain::figures::{By, Figure};
use bihuan_domain::id::RecordId;
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::Rulebook;
use bihuan_monitor::{ReportQuery, report, trend};
use bihuan_store::text::{self, Stored};

use crate::life::Life;
use crate::world::worlds;
use fixture::{book, get, links, now, page, sixty, total};

/// Everything that a page has to show, in its own writing.
fn shown(figure: &Figure) -> String {
    match figure.value {
        None => "—".to_owned(),
        Some(value) => format!("{:.2}%", value * 100.0),
    }
}

#[tokio::test]
async fn each_page_answers_in_both_languages_and_shows_the_figures_of_the_report() {
    for mut world in worlds().await {
        let lives = sixty(&mut world).await;
        let clue = format!("/clues/{}", lives[5].id);
        let record = RecordId::of_position("c", "clue.inbound.v1", 0, 60);
        let record = format!("/quarantine/{record}");
        for lang in [Lang::Zh, Lang::En] {
            let query = ReportQuery {
                by: Some(By::Agency),
                lang,
                ..ReportQuery::default()
            };
            let report = report::closure(&world.store, &query, now(), &book())
                .await
                .expect("reports");
            let (overview, table) = (page(&world, "/", lang).await, page(&world, "/report", lang).await);
            for figure in &report.figures {
                if !figure.id.is_multiple() {
                    assert!(table.contains(&shown(figure)), "{figure:?}");
                }
            }
            for text in [&overview, &table] {
                assert!(
                    text.contains(&shown(&report.figures[0])) && text.contains(&shown(&report.figures[1]))
                );
                for row in &report.rows {
                    let name = row
                        .name
                        .replace('&', "&#38;")
                        .replace('<', "&#60;")
                        .replace('>', "&#62;");
                    assert!(text.contains(&name), "{name}");
                }
            }
            assert!(overview.contains(lang.choose("平衡", "balanced")));
            for path in [
                "/clues",
                &clue,
                "/disputes",
                "/disputes/report",
                "/quarantine",
                &record,
                "/accounts",
            ] {
                let text = page(&world, path, lang).await;
                assert!(
                    text.contains(lang.choose("lang=\"zh-CN\"", "lang=\"en\"")),
                    "{path}"
                );
            }
        }
    }
}

/// Every page within two clicks of the first: all there, and each number leads to as many.
#[tokio::test]
async fn every_link_is_alive_and_every_number_leads_to_as_many() {
    for mut world in worlds().await {
        sixty(&mut world).await;
        let mut waiting: Vec<String> = [
            "/",
            "/accounts",
            "/report?by=conclusion",
            "/report?by=month&basis=flow",
        ]
        .map(str::to_owned)
        .into();
        waiting.push("/report?by=source&as_of=2026-01-05T15:00:00%2B08:00".to_owned());
        waiting.push("/report?by=area&basis=flow&from=2026-01-05&to=2026-01-06".to_owned());
        let mut known: BTreeSet<String> = waiting.iter().cloned().collect();
        let mut told: BTreeMap<String, (String, i64)> = BTreeMap::new();
        let mut pages = 0;
        while let Some(path) = waiting.pop() {
            let answer = get(&world, &path, &[]).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            pages += 1;
            let count = told.get(&path);
            if let Some((from, number)) = count {
                assert_eq!(total(&answer.body), Some(*number), "{from} → {path}");
            }
            if path.starts_with("/clues") || path.contains("lang=") {
                continue;
            }
            for (href, text) in links(&answer.body) {
                let (href, _) = href.split_once('#').unwrap_or((&href, ""));
                if !href.starts_with('/') {
                    continue;
                }
                let listed = href.starts_with("/clues?") || href.starts_with("/quarantine?");
                if let (true, Ok(number)) = (listed, text.replace(',', "").parse()) {
                    told.insert(href.to_owned(), (path.clone(), number));
                }
                if known.insert(href.to_owned()) {
                    waiting.push(href.to_owned());
                }
            }
        }
        assert!(
            pages > 60 && told.len() > 40,
            "{pages} pages, {} numbers",
            told.len()
        );
    }
}

#[tokio::test]
async fn a_long_list_is_read_page_by_page_and_in_parts() {
    for mut world in worlds().await {
        sixty(&mut world).await;
        for start in ["/clues", "/clues?of=clues"] {
            let (mut next, mut numbers) = (Some(start.to_owned()), Vec::new());
            while let Some(path) = next.take() {
                let part = get(&world, &path, &[("hx-request", "true")]).await.body;
                assert!(!part.contains("<html"), "only rows");
                let found = links(&part);
                next = found
                    .iter()
                    .map(|(href, _)| href.clone())
                    .find(|href| href.contains("cursor="));
                numbers.extend(
                    found
                        .into_iter()
                        .map(|(_, text)| text)
                        .filter(|text| text.starts_with("330602-")),
                );
            }
            let different: BTreeSet<_> = numbers.iter().collect();
            assert_eq!((numbers.len(), different.len()), (60, 60), "{start}");
        }
    }
}

#[tokio::test]
async fn a_clue_is_told_with_its_texts_and_nobody_is_named() {
    for mut world in worlds().await {
        let lives = sixty(&mut world).await;
        let texts = [Stored {
            partition: 0,
            clue: lives[5].id,
            version: 1,
            text: bihuan_domain::clue::Text {
                title: Some("<script>alert(1)</script>".to_owned()),
                ..bihuan_domain::clue::Text::default()
            },
        }];
        let mut tx = world.store.begin().await.expect("begins");
        text::append(tx.conn(), &texts).await.expect("appends");
        tx.commit().await.expect("commits");
        let told = page(&world, &format!("/clues/{}", lives[5].number), Lang::En).await;
        for words in ["transferred", "reopened", "by the duty rows", "North &#38; Co"] {
            assert!(told.contains(words), "{words}");
        }
        assert!(
            told.contains("&#60;script&#62;") && !told.contains("<script>alert"),
            "escaped"
        );
        assert!(!told.contains("(Source)"), "the reporting side stays unnamed");
        let kept = page(&world, "/quarantine", Lang::Zh).await;
        assert!(
            kept.contains("not_json") && !kept.contains("13900000000"),
            "never its bytes"
        );
    }
}

#[tokio::test]
async fn errors_are_pages_and_every_page_is_fenced_in() {
    for world in worlds().await {
        let cases = [
            ("/", StatusCode::OK),
            ("/clues?stage=done", StatusCode::BAD_REQUEST),
            ("/clues?of=money", StatusCode::BAD_REQUEST),
            ("/clues?shape=round", StatusCode::BAD_REQUEST),
            ("/report?from=2026-02-01&to=2026-01-01", StatusCode::BAD_REQUEST),
            ("/clues/nobody", StatusCode::NOT_FOUND),
            ("/quarantine/nothing", StatusCode::NOT_FOUND),
        ];
        for (path, expected) in cases {
            let answer = get(&world, path, &[]).await;
            assert_eq!(answer.status, expected, "{path}");
            assert!(answer.body.starts_with("<!DOCTYPE html>"), "{path}");
            let policy = answer.headers[header::CONTENT_SECURITY_POLICY]
                .to_str()
                .expect("text");
            assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"));
            assert!(
                !answer.body.contains("style=\"") && !answer.body.contains("onclick"),
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn what_pages_load_is_kept_for_ever_under_its_digest() {
    for world in worlds().await {
        let start = get(&world, "/?lang=en", &[("accept-language", "zh")]).await;
        let cookie = start.headers[header::SET_COOKIE].to_str().expect("text");
        assert!(cookie.starts_with("lang=en;") && start.body.contains("lang=\"en\""));
        let mut loaded = 0;
        for part in start.body.split('"').filter(|part| part.starts_with("/assets/")) {
            let answer = get(&world, part, &[]).await;
            assert_eq!(answer.status, StatusCode::OK, "{part}");
            assert!(
                answer.headers[header::CACHE_CONTROL]
                    .to_str()
                    .expect("text")
                    .contains("immutable")
            );
            loaded += 1;
        }
        assert!(loaded >= 5, "{loaded}");
        let other = get(&world, "/assets/0000000000000000/bihuan.css", &[]).await;
        assert_eq!(other.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn the_trend_counts_days_of_the_rulebooks_zone() {
    for mut world in worlds().await {
        let mut life = Life::new(1);
        let mut events = [life.report(1), life.assign("north"), life.close("north")].concat();
        life.now = life.now.plus_days(1);
        events.extend(life.act(Role::Coordinator, None, Command::ReopenClue));
        events.extend(life.close("north"));
        world.clue(0, events).await;
        world.read().await;
        let days = trend::days(&world.store, &Rulebook::none(), 30)
            .await
            .expect("counts");
        let counted: Vec<_> = days
            .iter()
            .map(|day| (day.date.to_string(), day.received, day.closed))
            .collect();
        let expected = [("2026-01-05".to_owned(), 1, 1), ("2026-01-06".to_owned(), 0, 1)];
        assert_eq!(counted, expected);
        assert_eq!(
            trend::days(&world.store, &Rulebook::none(), 1)
                .await
                .expect("counts")
                .len(),
            1
        );
    }
}

#[tokio::test]
async fn the_accounts_page_says_what_each_source_was_told() {
    for mut world in worlds().await {
        let nobody = page(&world, "/accounts", Lang::En).await;
        assert!(!nobody.contains("id=\"callbacks\""), "{nobody}");
        for event in [
            crate::callbacks::due("grid", 2),
            crate::callbacks::failed("grid", 2),
        ] {
            world.delivery(0, event).await;
        }
        world.read().await;
        for (lang, words) in [
            (Lang::Zh, ["回传", "未送达"]),
            (Lang::En, ["Callbacks", "failed"]),
        ] {
            let shown = page(&world, "/accounts", lang).await;
            let table = shown.split("id=\"callbacks\"").nth(1).expect("a table");
            assert!(words.iter().all(|word| table.contains(word)), "{table}");
            assert!(table.contains("<td>grid</td>"), "{table}");
        }
    }
}
