//! Tasks of assisting agencies, from the journal to the lists in which they stand.

use axum::http::StatusCode;
use bihuan_domain::clue::{Command, Occurrence, Role, TaskCommand, TaskKind};
use bihuan_domain::lang::Lang;
use serde_json::Value;

use crate::life::{Life, agency};
use crate::pages::fixture::{get, page};
use crate::world::{World, worlds};

fn ask(life: &mut Life, whom: &str, kind: TaskKind, limit: &str) -> Vec<Occurrence> {
    let asked = TaskCommand::Ask {
        agency: agency(whom),
        kind,
        limit: Some(limit.parse().expect("a limit")),
    };
    act(life, "north", asked)
}

fn act(life: &mut Life, by: &str, command: TaskCommand) -> Vec<Occurrence> {
    life.act(Role::Agency, Some(by), Command::Task(command))
}

/// Two clues that the north has since Monday. About one it asks the south for an answer; to the other it calls the south, and asks the
/// west for an answer. People look at them on Thursday.
async fn asked_for(world: &mut World) -> (Life, Life) {
    let (mut first, mut second) = (Life::with_clocks(1, "9d"), Life::with_clocks(2, "9d"));
    let mut events = first.dispatched("north");
    events.extend(ask(&mut first, "south", TaskKind::Assist, "9d"));
    world.clue(0, events).await;
    let mut events = second.dispatched("north");
    events.extend(ask(&mut second, "south", TaskKind::Call, "30min"));
    events.extend(ask(&mut second, "west", TaskKind::Assist, "2h"));
    world.clue(1, events).await;
    world.read().await;
    (first, second)
}

async fn tasks(world: &World, query: &str) -> Value {
    let answer = get(
        world,
        &format!("/api/v1/tasks{query}"),
        &[("accept-language", "en")],
    )
    .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    serde_json::from_str(&answer.body).expect("JSON")
}

/// (number of the clue, task, agency)
fn named(found: &Value) -> Vec<(String, u64, String)> {
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    let all = found["tasks"].as_array().expect("tasks").iter();
    let name = |it: &Value| {
        let task = it["task"].as_u64().expect("a number");
        (text(&it["number"]), task, text(&it["agency"]))
    };
    all.map(name).collect()
}

#[tokio::test]
async fn open_tasks_are_listed_with_what_is_due_first_at_the_top() {
    for mut world in worlds().await {
        let (first, second) = asked_for(&mut world).await;
        let assist = (first.number.clone(), 1, "south".to_owned());
        let call = (second.number.clone(), 1, "south".to_owned());
        let other = (second.number.clone(), 2, "west".to_owned());
        let found = tasks(&world, "").await;
        assert_eq!(
            named(&found),
            [call.clone(), other.clone(), assist.clone()],
            "{found}"
        );
        let shown = &found["tasks"][0];
        assert_eq!(
            (&shown["kind"], &shown["responsible"], &shown["next_due"]),
            (&"call".into(), &"north".into(), &shown["arrival_at"])
        );
        for (query, expected) in [
            ("?agency=south", vec![call.clone(), assist.clone()]),
            ("?agency=north", vec![]),
            ("?kind=assist", vec![other.clone(), assist.clone()]),
            ("?state=overdue", vec![call.clone(), other.clone()]),
            ("?kind=call&agency=west", vec![]),
            ("?state=open&agency=", vec![call, other, assist]),
            ("?state=over", vec![]),
        ] {
            assert_eq!(named(&tasks(&world, query).await), expected, "{query}");
        }
        for wrong in ["?state=late", "?kind=help", "?rung=blue"] {
            let answer = get(&world, &format!("/api/v1/tasks{wrong}"), &[]).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
        }
        assert_eq!(world.differences().await, []);
    }
}

#[tokio::test]
async fn what_is_past_due_is_overdue_until_it_is_done_and_late_for_ever() {
    for mut world in worlds().await {
        let (mut first, mut second) = asked_for(&mut world).await;
        let count = |found: &Value| named(found).len();
        let overdue = tasks(&world, "?state=overdue&agency=south").await;
        assert_eq!(named(&overdue), [(second.number.clone(), 1, "south".to_owned())]);
        let shown = &overdue["tasks"][0];
        assert!(
            shown["seconds_left"].as_i64() < Some(0) && shown["late"] == true,
            "{shown}"
        );
        // somebody came, too late: what is due next is the answer
        let events = act(&mut second, "south", TaskCommand::NoteArrival { task: 1 });
        world.clue(1, events).await;
        world.read().await;
        assert_eq!(
            count(&tasks(&world, "?state=overdue&agency=south&kind=call").await),
            0
        );
        let came = tasks(&world, "?agency=south&kind=call").await;
        assert_eq!(
            (&came["tasks"][0]["late"], &came["tasks"][0]["next_due"]),
            (&true.into(), &came["tasks"][0]["due_at"])
        );
        let events = act(&mut second, "south", TaskCommand::Reply { task: 1 });
        world.clue(1, events).await;
        let events = act(&mut second, "north", TaskCommand::Rate { task: 1, rating: 2 });
        world.clue(1, events).await;
        // tasks end with their clue
        let events = first.close("north");
        world.clue(0, events).await;
        world.read().await;
        let over = tasks(&world, "?state=over&agency=south").await;
        let of = |number: &str| {
            let all = over["tasks"].as_array().expect("tasks").iter();
            all.clone()
                .find(|it| it["number"] == number)
                .expect("listed")
                .clone()
        };
        let rated = of(&second.number);
        assert_eq!(
            (&rated["rating"], &rated["late"], &rated["next_due"]),
            (&2.into(), &true.into(), &Value::Null)
        );
        assert!(rated["answered_at"].is_string() && of(&first.number)["answered_at"].is_null());
        assert_eq!(count(&tasks(&world, "?agency=south").await), 0);
        assert_eq!(world.differences().await, []);
    }
}

#[tokio::test]
async fn the_page_of_tasks_says_whose_they_are_and_until_when() {
    for mut world in worlds().await {
        let none = page(&world, "/tasks", Lang::En).await;
        assert!(none.contains("There are none."));
        let (_, mut second) = asked_for(&mut world).await;
        for (lang, texts) in [
            (Lang::Zh, ["协办任务", "城南分局", "吹哨", "逾期", "已超期"]),
            (
                Lang::En,
                [
                    "Tasks of assisting agencies",
                    "South",
                    "call",
                    "overdue",
                    "overdue for",
                ],
            ),
        ] {
            let page = page(&world, "/tasks", lang).await;
            for text in texts.into_iter().chain([second.number.as_str()]) {
                assert!(page.contains(text), "{text}");
            }
        }
        let of_nobody = page(&world, "/tasks?agency=north&state=overdue", Lang::En).await;
        assert!(
            of_nobody.contains("There are none.")
                && of_nobody.contains("/api/v1/tasks?state=overdue&#38;agency=north")
        );
        let events = act(&mut second, "west", TaskCommand::Decline { task: 2 });
        world.clue(1, events).await;
        world.read().await;
        let over = page(&world, "/tasks?state=over", Lang::En).await;
        assert!(over.contains("answered") && over.contains(" · 2</a>") && !over.contains(" · 1</a>"));
        let wrong = get(&world, "/tasks?state=soon", &[]).await;
        assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn a_task_that_was_changed_by_hand_is_found() {
    for change in [
        "DELETE FROM monitor_task WHERE kind = 'call'",
        "UPDATE monitor_task SET next_due = NULL WHERE kind = 'call'",
    ] {
        for mut world in worlds().await {
            asked_for(&mut world).await;
            assert_eq!(world.differences().await, []);
            world.tamper(change).await;
            let checks: Vec<_> = world.differences().await.iter().map(|it| it.check).collect();
            assert!(
                !checks.is_empty() && checks.iter().all(|it| *it == "task_is_fold"),
                "{checks:?}"
            );
        }
    }
}
