//! One reconciliation a day, whoever makes it and whenever the list comes.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::http::StatusCode;
use bihuan_domain::clue::SourceStatus;
use bihuan_domain::code::SourceId;
use bihuan_domain::lang::Lang;
use bihuan_domain::time::Timestamp;
use bihuan_monitor::Result;
use bihuan_monitor::reconcile::daily::tick;
use bihuan_monitor::reconcile::kept::{self, MANIFEST_MISSING, MAPPING_MISSING};
use bihuan_monitor::reconcile::{Cause, Coverage, Lists, Manifest, Outcome, Plan, PutAway, Unread};
use bihuan_runtime::Clock;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::life::{monday, source};
use crate::pages::fixture::{get_planned, page};
use crate::reconciling::{AGREEING, DIFFERING, compared, made, three};
use crate::world::{World, worlds};

/// Lists that were asked for.
struct Asked {
    times: AtomicUsize,
    list: std::result::Result<Vec<(&'static str, SourceStatus)>, Unread>,
    /// When the newest list was made.
    newest: Mutex<Option<Timestamp>>,
    broken: bool,
}

impl Asked {
    fn of(list: std::result::Result<Vec<(&'static str, SourceStatus)>, Unread>) -> Self {
        Self {
            times: AtomicUsize::new(0),
            list,
            newest: Mutex::new(Some(monday())),
            broken: false,
        }
    }

    fn made(&self, at: Option<Timestamp>) {
        *self.newest.lock().expect("whole") = at;
    }

    fn times(&self) -> usize {
        self.times.load(Ordering::SeqCst)
    }
}

impl Lists for Asked {
    async fn newest(&self, _: &SourceId) -> Option<Timestamp> {
        *self.newest.lock().expect("whole")
    }

    async fn read(&self, _: &SourceId) -> Result<std::result::Result<(Manifest, PutAway), Unread>> {
        self.times.fetch_add(1, Ordering::SeqCst);
        if self.broken {
            let error = bihuan_store::Error::Address("away".to_owned());
            return Err(error.into());
        }
        // so that whoever else looks does it meanwhile
        tokio::task::yield_now().await;
        let Some(at) = self.newest(&source()).await else {
            return Ok(Err(unread(MANIFEST_MISSING)));
        };
        let read = |entries: Vec<_>| (made(&entries, at), PutAway::default());
        Ok(self.list.clone().map(read))
    }
}

fn unread(code: &str) -> Unread {
    Unread {
        code: code.to_owned(),
        words_zh: "没有清单".to_owned(),
        words_en: "there is no list".to_owned(),
        list: None,
    }
}

fn plan() -> [Plan; 1] {
    [Plan {
        source: source(),
        at: "06:30".parse().expect("a time"),
        coverage: Coverage::Complete,
    }]
}

fn zone() -> TimeZone {
    TimeZone::get("Asia/Shanghai").expect("bundled")
}

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_look_one_makes_the_run_of_a_day() {
    for mut world in worlds().await {
        three(&mut world).await;
        let lists = Asked::of(Ok(DIFFERING.to_vec()));
        let (clock, hand) = Clock::fixed(time("2026-01-06T06:29:00+08:00"));
        let now = || clock.now();
        let look = || async {
            let (plans, zone) = (plan(), zone());
            let looks = (0..8).map(|_| tick(&world.store, &lists, &plans, &zone, &now));
            let made = futures::future::join_all(looks).await;
            made.into_iter().map(|made| made.expect("looks")).sum::<usize>()
        };
        assert_eq!((look().await, lists.times()), (0, 0), "not before its time");
        hand.advance(Duration::from_mins(1));
        assert_eq!((look().await, lists.times()), (1, 1));
        hand.advance(Duration::from_hours(16));
        assert_eq!((look().await, lists.times()), (0, 1), "once a day");
        hand.advance(Duration::from_hours(8));
        lists.made(Some(now()));
        assert_eq!((look().await, lists.times()), (1, 2), "and every day");
        hand.advance(Duration::from_hours(1));
        lists.made(Some(now()));
        assert_eq!(
            (look().await, lists.times()),
            (1, 3),
            "and once more for a newer list"
        );
        let runs = kept::newest(&world.store).await.expect("reads");
        assert_eq!(
            (runs[0].run.as_str(), runs[0].outcome),
            ("2026-01-07", Outcome::Differs)
        );
        let (_, rows) = kept::of_source(&world.store, "grid")
            .await
            .expect("reads")
            .expect("a run");
        assert_eq!(rows.len(), 4);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_ends_between_a_look_and_its_claim_is_not_made_again() {
    for mut world in worlds().await {
        three(&mut world).await;
        let lists = Asked::of(Ok(DIFFERING.to_vec()));
        let morning = time("2026-01-06T07:00:00+08:00");
        let claim = kept::claim(&world.store, &source(), "2026-01-06", None, morning).await;
        let claim = claim.expect("claims").expect("nobody else has");
        let done = compared(&world, &AGREEING).await;
        let asked = AtomicUsize::new(0);
        // the second time is asked when the run under way has been seen
        let now = || {
            if asked.fetch_add(1, Ordering::SeqCst) == 1 {
                let finish = kept::finish(&world.store, &claim, Ok(&done), morning);
                let held = tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(finish));
                assert!(held.expect("writes"), "it is the first to end");
            }
            morning
        };
        let made = tick(&world.store, &lists, &plan(), &zone(), &now).await;
        assert_eq!((made.expect("looks"), lists.times()), (0, 0));
    }
}

#[tokio::test]
async fn a_list_that_cannot_be_read_is_an_outcome() {
    for mut world in worlds().await {
        three(&mut world).await;
        let lists = Asked::of(Err(unread("manifest_unreadable")));
        let now = || time("2026-01-06T07:00:00+08:00");
        let made = tick(&world.store, &lists, &plan(), &zone(), &now).await;
        assert_eq!(made.expect("looks"), 1);
        for lang in [Lang::Zh, Lang::En] {
            for path in ["/reconcile", "/reconcile/grid"] {
                let text = page(&world, path, lang).await;
                assert!(
                    text.contains(lang.choose("没有清单", "there is no list"))
                        && text.contains(lang.choose("清单未能读取", "list not read")),
                    "{text}"
                );
            }
        }
        let runs = kept::newest(&world.store).await.expect("reads");
        assert_eq!(
            (runs[0].outcome, runs[0].differences(Cause::NotListed)),
            (Outcome::Failed, None)
        );
    }
}

#[tokio::test]
async fn a_run_that_was_cut_off_is_made_again() {
    for mut world in worlds().await {
        three(&mut world).await;
        let mut lists = Asked::of(Ok(AGREEING.to_vec()));
        lists.broken = true;
        let morning = time("2026-01-06T07:00:00+08:00");
        let outage = tick(&world.store, &lists, &plan(), &zone(), &|| morning).await;
        assert!(outage.is_err(), "an outage passes: the day is free again");
        // one that claimed it and is gone
        let gone = kept::claim(&world.store, &source(), "2026-01-06", None, morning).await;
        let gone = gone.expect("claims").expect("nobody else has");
        lists.broken = false;
        let soon = morning.plus_minutes(59);
        let made = tick(&world.store, &lists, &plan(), &zone(), &|| soon).await;
        assert_eq!(made.expect("looks"), 0, "it may still be at it");
        let later = morning.plus_minutes(61);
        let made = tick(&world.store, &lists, &plan(), &zone(), &|| later).await;
        assert_eq!(made.expect("looks"), 1);
        let late = compared(&world, &DIFFERING).await;
        let held = kept::finish(&world.store, &gone, Ok(&late), later)
            .await
            .expect("asks");
        assert!(!held, "whoever was overtaken changes nothing");
        let runs = kept::newest(&world.store).await.expect("reads");
        assert_eq!(runs[0].outcome, Outcome::Agrees);
    }
}

/// What the newest run says, and whether a look made one.
async fn told(world: &World, lists: &Asked, now: &str) -> (usize, String, Outcome, String) {
    let now = time(now);
    let made = tick(&world.store, lists, &plan(), &zone(), &|| now).await;
    let run = kept::newest(&world.store).await.expect("reads").remove(0);
    let code = run.problem.map(|it| it.code).unwrap_or_default();
    (made.expect("looks"), run.run, run.outcome, code)
}

#[tokio::test]
async fn a_list_that_comes_late_is_waited_for_and_yesterdays_is_not_todays() {
    for mut world in worlds().await {
        three(&mut world).await;
        let lists = Asked::of(Ok(AGREEING.to_vec()));
        lists.made(None);
        let waits = |made, day: &str| (made, day.to_owned(), Outcome::Failed, MANIFEST_MISSING.to_owned());
        let agrees = |made, day: &str| (made, day.to_owned(), Outcome::Agrees, String::new());
        let at = async |now| told(&world, &lists, now).await;
        assert_eq!(at("2026-01-06T06:30:00+08:00").await, waits(1, "2026-01-06"));
        assert_eq!(at("2026-01-06T08:00:00+08:00").await, waits(0, "2026-01-06"));
        lists.made(Some(time("2026-01-06T08:30:00+08:00")));
        assert_eq!(at("2026-01-06T09:00:00+08:00").await, agrees(1, "2026-01-06"));
        assert_eq!(at("2026-01-06T23:00:00+08:00").await, agrees(0, "2026-01-06"));
        // the next day nothing new has come
        assert_eq!(at("2026-01-07T06:30:00+08:00").await, waits(1, "2026-01-07"));
        assert_eq!(at("2026-01-07T23:59:00+08:00").await, waits(0, "2026-01-07"));
        assert_eq!(
            at("2026-01-08T07:00:00+08:00").await,
            waits(1, "2026-01-08"),
            "nor the day after"
        );
        let read = lists.times();
        lists.made(Some(time("2026-01-08T07:30:00+08:00")));
        assert_eq!(at("2026-01-08T07:31:00+08:00").await, agrees(1, "2026-01-08"));
        assert_eq!(lists.times(), read + 1);
    }
}

#[tokio::test]
async fn a_list_that_cannot_be_read_is_read_again_only_when_it_changed_and_a_mapping_after_a_while() {
    for mut world in worlds().await {
        three(&mut world).await;
        for (code, later) in [("manifest_unreadable", 0), (MAPPING_MISSING, 1)] {
            let day = if later == 0 { "2026-01-06" } else { "2026-01-07" };
            let lists = Asked::of(Err(unread(code)));
            lists.made(Some(time(&format!("{day}T06:00:00+08:00"))));
            let at = async |clock: &str| told(&world, &lists, &format!("{day}T{clock}+08:00")).await.0;
            assert_eq!(at("07:00:00").await, 1, "{code}");
            assert_eq!(at("07:05:00").await, 0, "{code}: not at every look");
            assert_eq!(at("07:20:00").await, later, "{code}");
            lists.made(Some(time(&format!("{day}T07:21:00+08:00"))));
            assert_eq!(at("07:22:00").await, 1, "{code}");
        }
    }
}

#[tokio::test]
async fn a_source_that_has_not_run_yet_is_shown_with_its_time() {
    for world in worlds().await {
        for lang in [Lang::Zh, Lang::En] {
            let text = planned(&world, "/reconcile", lang).await;
            assert!(
                text.contains(lang.choose("尚未运行", "not run yet")) && text.contains("06:30"),
                "{text}"
            );
        }
        let json: Value =
            serde_json::from_str(&planned(&world, "/api/v1/reconciliations", Lang::En).await).expect("JSON");
        assert_eq!(json["not_run_yet"][0]["source"], "grid");
        assert_eq!(json["not_run_yet"][0]["at"], "06:30");
        let lists = Asked::of(Ok(AGREEING.to_vec()));
        told(&world, &lists, "2026-01-06T06:30:00+08:00").await;
        let text = planned(&world, "/reconcile", Lang::En).await;
        assert!(!text.contains("not run yet"), "{text}");
    }
}

async fn planned(world: &World, path: &str, lang: Lang) -> String {
    let accepted = lang.choose("zh-CN", "en");
    let answer = get_planned(world, path, &[("accept-language", accepted)], &plan()).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}");
    answer.body
}
