//! A platform's own list against clues that were read, and what is kept of it.

use axum::http::StatusCode;
use bihuan_domain::clue::{Command, Role, SourceStatus};
use bihuan_domain::code::SourceId;
use bihuan_domain::lang::Lang;
use bihuan_domain::time::Timestamp;
use bihuan_mapping::{Entry, There};
use bihuan_monitor::reconcile::kept::{self, BY_HAND};
use bihuan_monitor::reconcile::{Cause, Coverage, Manifest, Outcome, PutAway, Reconciliation, reconcile};
use serde_json::Value;

use crate::life::{Life, monday, source};
use crate::pages::fixture::{get, page};
use crate::world::{World, worlds};

/// Two clues that an agency has, and one that is closed.
pub(crate) async fn three(world: &mut World) -> [Life; 3] {
    let mut lives = [1, 2, 3].map(Life::new);
    for life in &mut lives {
        let events = [life.report(30), life.assign("north")].concat();
        world.clue(0, events).await;
    }
    let closed = lives[2].close("north");
    world.clue(0, closed).await;
    world.read().await;
    lives
}

fn list(entries: &[(&str, SourceStatus)]) -> Manifest {
    made(entries, monday().plus_days(1))
}

pub(crate) fn made(entries: &[(&str, SourceStatus)], at: Timestamp) -> Manifest {
    let mut manifest = Manifest::new(source(), "list.csv", at);
    for ((id, status), line) in entries.iter().zip(2..) {
        let entry = Entry {
            id: (*id).to_owned(),
            there: There::Status(*status),
        };
        manifest.add(line, entry);
    }
    manifest
}

pub(crate) async fn compared(world: &World, entries: &[(&str, SourceStatus)]) -> Reconciliation {
    let now = monday().plus_days(1);
    reconcile(
        &world.store,
        list(entries),
        Coverage::Complete,
        &PutAway::default(),
        now,
    )
    .await
    .expect("compares")
}

pub(crate) const AGREEING: [(&str, SourceStatus); 3] = [
    ("1", SourceStatus::Open),
    ("2", SourceStatus::Urged),
    ("3", SourceStatus::Closed),
];
pub(crate) const DIFFERING: [(&str, SourceStatus); 3] = [
    ("1", SourceStatus::Closed),
    ("3", SourceStatus::Open),
    ("9", SourceStatus::Open),
];

#[tokio::test]
async fn clues_are_held_against_the_list() {
    for mut world in worlds().await {
        three(&mut world).await;
        let agreeing = compared(&world, &AGREEING).await;
        assert!(agreeing.summary.agrees(), "{agreeing:?}");
        assert_eq!(agreeing.summary.counts.agree, 3);
        let differing = compared(&world, &DIFFERING).await;
        let causes: Vec<_> = differing
            .rows
            .iter()
            .map(|row| (row.source_id.as_deref().unwrap_or_default(), row.cause))
            .collect();
        assert_eq!(
            causes,
            [
                ("9", Cause::NeverReceived),
                ("2", Cause::NotListed),
                ("3", Cause::ClosureNotTaken),
                ("1", Cause::ClosedThere),
            ]
        );
        assert_eq!(differing.rows[3].agency.as_deref(), Some("north"));
        let other = Manifest::new(SourceId::new("other").expect("valid"), "x", monday().plus_days(1));
        let nothing = PutAway::default();
        let other = reconcile(&world.store, other, Coverage::Complete, &nothing, monday());
        let other = other.await.expect("compares");
        assert_eq!(
            other.summary.counts.here, 0,
            "clues of another source are no concern"
        );
    }
}

/// Only what began, ended or was told anew explains a difference; who has it does not.
#[tokio::test]
async fn what_happened_since_the_list_was_made_explains_what_differs() {
    for mut world in worlds().await {
        let mut lives = three(&mut world).await;
        let made_at = lives.iter().map(|life| life.now).max().expect("three");
        for life in &mut lives {
            life.now = made_at.plus_days(1);
        }
        let events = [lives[0].transfer("south"), lives[1].close("north")].concat();
        world.clue(0, events).await;
        world.read().await;
        let mut manifest = Manifest::new(source(), "list.csv", made_at);
        for (id, status) in [
            ("1", SourceStatus::Closed),
            ("2", SourceStatus::Open),
            ("3", SourceStatus::Open),
        ] {
            let there = There::Status(status);
            manifest.add(
                1,
                Entry {
                    id: id.to_owned(),
                    there,
                },
            );
        }
        let nothing = PutAway::default();
        let done = reconcile(&world.store, manifest, Coverage::Complete, &nothing, made_at).await;
        let done = done.expect("compares");
        let causes: Vec<_> = done.rows.iter().map(|row| row.cause).collect();
        assert_eq!(causes, [Cause::ClosureNotTaken, Cause::ClosedThere]);
        assert_eq!(done.summary.counts.later, 1, "closed since");
        assert_eq!(done.rows[1].agency.as_deref(), Some("south"));
    }
}

#[tokio::test]
async fn the_newest_run_is_shown_with_its_ids_in_both_languages() {
    for mut world in worlds().await {
        let lives = three(&mut world).await;
        for lang in [Lang::Zh, Lang::En] {
            let text = page(&world, "/reconcile", lang).await;
            assert!(text.contains(lang.choose("尚未核对过", "Nothing was reconciled yet")));
        }
        let missing = get(&world, "/reconcile/grid", &[]).await;
        assert_eq!(missing.status, StatusCode::NOT_FOUND);
        let first = compared(&world, &DIFFERING).await;
        kept::by_hand(&world.store, &source(), &first, monday())
            .await
            .expect("kept");
        for lang in [Lang::Zh, Lang::En] {
            let text = page(&world, "/reconcile", lang).await;
            assert!(
                text.contains("/reconcile/grid") && text.contains(lang.choose("有差异", "differs")),
                "{text}"
            );
            let text = page(&world, "/reconcile/grid", lang).await;
            for word in [
                Cause::NeverReceived.as_str(),
                Cause::ClosedThere.words(lang),
                lang.choose("城北&#60;分局&#62;", "North &#38; Co"),
                &lives[2].number,
            ] {
                assert!(text.contains(word), "{word} in {text}");
            }
        }
        // a newer run takes its place
        let second = compared(&world, &AGREEING).await;
        kept::by_hand(&world.store, &source(), &second, monday().plus_days(1))
            .await
            .expect("kept");
        assert!(page(&world, "/reconcile/grid", Lang::En).await.contains("agrees"));
        let runs = kept::newest(&world.store).await.expect("reads");
        let told: Vec<_> = runs.iter().map(|run| (run.run.as_str(), run.outcome)).collect();
        assert_eq!(told, [(BY_HAND, Outcome::Agrees)]);
        assert_eq!(runs[0].differences(Cause::ClosedThere), Some(0));
    }
}

#[tokio::test]
async fn the_api_tells_the_newest_run_of_each_source() {
    for mut world in worlds().await {
        three(&mut world).await;
        let json = async |path: &str| -> Value {
            let answer = get(&world, path, &[]).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}");
            serde_json::from_str(&answer.body).expect("JSON")
        };
        assert_eq!(
            json("/api/v1/reconciliations").await["reconciliations"],
            Value::Array(Vec::new())
        );
        let unknown = get(&world, "/api/v1/reconciliations/grid", &[]).await;
        assert_eq!(unknown.status, StatusCode::NOT_FOUND);
        let done = compared(&world, &DIFFERING).await;
        kept::by_hand(&world.store, &source(), &done, monday())
            .await
            .expect("kept");
        let all = json("/api/v1/reconciliations").await;
        let run = &all["reconciliations"][0];
        assert_eq!(
            (&run["source"], &run["outcome"], &run["started_at"]),
            (&"grid".into(), &"differs".into(), &monday().to_string().into())
        );
        assert_eq!(
            (
                &run["summary"]["counts"]["differences"],
                &run["problem"],
                &run["rows"]
            ),
            (&4.into(), &Value::Null, &Value::Null)
        );
        let one = json("/api/v1/reconciliations/grid").await;
        assert_eq!(
            (&one["rows"][0]["cause"], &one["rows"][0]["source_id"]),
            (&"never_received".into(), &"9".into())
        );
    }
}

#[tokio::test]
async fn the_officer_who_acted_last_for_the_agency_is_named() {
    for mut world in worlds().await {
        let mut lives = three(&mut world).await;
        let signed = lives[0].act(Role::Agency, Some("north"), Command::AcknowledgeClue);
        // what a coordinator does is not the agency's
        let moved = lives[1].transfer("south");
        world.clue(0, [signed, moved].concat()).await;
        world.read().await;
        let entries = [
            ("1", SourceStatus::Closed),
            ("2", SourceStatus::Closed),
            ("3", SourceStatus::Closed),
        ];
        let late = monday().plus_days(9);
        let nothing = PutAway::default();
        let done = reconcile(
            &world.store,
            made(&entries, late),
            Coverage::Complete,
            &nothing,
            late,
        )
        .await;
        let done = done.expect("compares");
        let told: Vec<_> = done
            .rows
            .iter()
            .map(|row| (row.agency.as_deref(), row.person.as_deref()))
            .collect();
        assert_eq!(told, [(Some("north"), Some("Agency")), (Some("south"), None)]);
        let groups: Vec<_> = done
            .summary
            .groups
            .iter()
            .map(|it| it.person.as_deref())
            .collect();
        assert_eq!(groups, [Some("Agency"), None]);
        kept::by_hand(&world.store, &source(), &done, late)
            .await
            .expect("kept");
        let text = page(&world, "/reconcile/grid", Lang::En).await;
        assert!(text.contains("North &#38; Co (Agency)"), "{text}");
    }
}
