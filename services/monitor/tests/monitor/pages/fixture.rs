//! Clues to show, and a visitor who reads.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use bihuan_contracts::intake::IntakeEvent;
use bihuan_domain::clue::{Command, Role};
use bihuan_domain::id::RecordId;
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::{Agency, Rulebook};
use bihuan_domain::time::Timestamp;
use bihuan_monitor::pages;
use bihuan_monitor::reconcile::Plan;
use bihuan_monitor::routes::{self, Api};
use bihuan_rulebook::Library;
use bihuan_runtime::Clock;
use bihuan_store::installation;
use bihuan_store::quarantine::{self, Fate, Quarantined};
use tower::ServiceExt as _;

use crate::life::{Life, agency, monday, source};
use crate::world::World;

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

pub(crate) fn now() -> Timestamp {
    monday().plus_days(3)
}

pub(crate) fn book() -> Arc<Rulebook> {
    let mut book = Rulebook::none();
    for (id, name, name_en) in [
        ("north", "城北<分局>", "North & Co"),
        ("south", "城南分局", "South"),
    ] {
        let agency = Agency {
            id: agency(id),
            name: name.to_owned(),
            name_en: name_en.to_owned(),
            level: None,
            area: None,
            credit_code: None,
            kind: String::new(),
        };
        book.agencies.insert(agency.id.clone(), agency);
    }
    Arc::new(book)
}

pub(crate) async fn get(world: &World, path: &str, headers: &[(&str, &str)]) -> Answer {
    get_planned(world, path, headers, &[]).await
}

/// The same where this is reconciled every day.
pub(crate) async fn get_planned(
    world: &World,
    path: &str,
    headers: &[(&str, &str)],
    plans: &[Plan],
) -> Answer {
    let book = book();
    let mut reader = world.store.read().await.expect("reads");
    let shadow = installation::is_shadow(reader.conn()).await.expect("reads");
    drop(reader);
    let api = Api {
        store: world.store.clone(),
        clock: Clock::fixed(now()).0,
        rulebook: Arc::new(move || book.clone()),
        library: Library::new(world.store.clone()),
        partitions: 1,
        shadow,
        comparisons: Arc::default(),
        plans: plans.into(),
    };
    let app = pages::routes(api.clone()).merge(routes::routes(api));
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = app
        .oneshot(request.body(Body::empty()).expect("a request"))
        .await
        .expect("answers");
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = to_bytes(response.into_body(), 1 << 22).await.expect("a body");
    let body = String::from_utf8_lossy(&bytes).into_owned();
    Answer {
        status,
        headers,
        body,
    }
}

pub(crate) async fn page(world: &World, path: &str, lang: Lang) -> String {
    let accepted = lang.choose("zh-CN", "en");
    let answer = get(world, path, &[("accept-language", accepted)]).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}");
    answer.body
}

/// Sixty clues in every condition that a page tells apart, and one record that could not be read.
pub(crate) async fn sixty(world: &mut World) -> Vec<Life> {
    let mut lives: Vec<Life> = (1..=60).map(Life::new).collect();
    for (life, n) in lives.iter_mut().zip(1_u32..) {
        let mut events = life.report(if n.is_multiple_of(4) { 1 } else { 30 });
        match n % 10 {
            0 => events.extend(life.triage()),
            1 => events.extend(life.reject()),
            2..=5 => {
                events.extend(life.assign("north"));
                events.extend(life.close("north"));
            }
            6 => {
                events.extend(life.assign("north"));
                events.extend(life.transfer("south"));
                events.extend(life.close("south"));
                events.extend(life.act(Role::Coordinator, None, Command::ReopenClue));
            }
            _ => events.extend(life.assign("south")),
        }
        world.clue(n % 3, events).await;
    }
    world
        .intake(
            0,
            IntakeEvent::RecordsAccepted {
                source: source(),
                topic: "clue.inbound.v1".to_owned(),
                partition: 0,
                first_offset: 0,
                last_offset: 59,
                count: 60,
                at: monday(),
            },
        )
        .await;
    unreadable(world).await;
    world.read().await;
    world.received(61).await;
    lives
}

pub(crate) async fn unreadable(world: &mut World) {
    let id = RecordId::of_position("c", "clue.inbound.v1", 0, 60);
    let record = Quarantined {
        partition: 0,
        id,
        group: "intake".to_owned(),
        topic: "clue.inbound.v1".to_owned(),
        topic_partition: 0,
        offset: 60,
        source: Some(source().to_string()),
        file: None,
        line: None,
        reason: "not_json".to_owned(),
        field: None,
        mapping: None,
        headers: "{}".to_owned(),
        bytes: "王小明 13900000000".as_bytes().to_vec(),
        received_at: monday(),
        fate: Fate::Waiting,
    };
    let mut tx = world.store.begin().await.expect("begins");
    quarantine::put(tx.conn(), &[record]).await.expect("kept");
    tx.commit().await.expect("commits");
    world
        .intake(
            0,
            IntakeEvent::RecordQuarantined {
                id,
                source: Some(source()),
                topic: "clue.inbound.v1".to_owned(),
                partition: 0,
                offset: 60,
                file: None,
                line: None,
                reason: "not_json".to_owned(),
                field: None,
                bytes: 21,
                at: monday(),
            },
        )
        .await;
}

/// (address, text) of every link.
pub(crate) fn links(page: &str) -> Vec<(String, String)> {
    let anchors = page.split("<a ").skip(1).filter_map(|rest| {
        let (tag, rest) = rest.split_once('>')?;
        let (text, _) = rest.split_once("</a>")?;
        let (_, href) = tag.split_once("href=\"")?;
        let (href, _) = href.split_once('"')?;
        Some((unescaped(href), text.trim().to_owned()))
    });
    anchors.collect()
}

pub(crate) fn unescaped(text: &str) -> String {
    text.replace("&#38;", "&").replace("&amp;", "&")
}

pub(crate) fn total(page: &str) -> Option<i64> {
    let (_, rest) = page.split_once("data-total=\"")?;
    rest.split_once('"')?.0.parse().ok()
}
