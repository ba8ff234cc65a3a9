//! Tasks of the agencies that assist: what is due next, and whose it is.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use bihuan_domain::clue::TaskKind;
use bihuan_domain::lang::Lang;
use bihuan_domain::time::Timestamp;

use super::address::Address;
use super::agencies::{Agency, agencies};
use super::asked::Tasks as Params;
use super::clues::{Choice, Field};
use super::visitor::{Frame, Moment, Visitor};
use super::{Pages, Result, failed};
use crate::listing::Reading;
use crate::tasks::{self, Asked, ShownTask};
use crate::words::Words;

struct Line {
    href: String,
    number: String,
    task: u32,
    agency: String,
    kind: &'static str,
    state: &'static str,
    overdue: bool,
    matter: String,
    area: String,
    responsible: String,
    asked: Moment,
    /// What is still to come; of a task that is over, when it ended.
    at: Option<Moment>,
    /// How much time is left.
    left: String,
    late: bool,
    rating: Option<u8>,
}

#[derive(Template)]
#[template(path = "tasks.html")]
struct TaskPage {
    f: Frame,
    agency: String,
    agencies: Vec<Agency>,
    fields: Vec<Field>,
    over: bool,
    lines: Vec<Line>,
    left_out: u64,
    /// The same as JSON.
    json: String,
}

/// `GET /tasks`
pub(super) async fn page(State(pages): State<Pages>, visitor: Visitor) -> Response {
    let made = made(&pages, &visitor).await;
    visitor.answer(made)
}

async fn made(pages: &Pages, visitor: &Visitor) -> Result<TaskPage> {
    let params: Params = visitor.query()?;
    let asked = params.asked()?;
    let (rulebook, lang) = ((pages.api.rulebook)(), visitor.lang);
    let reading = Reading {
        rulebook: &rulebook,
        lang,
        now: pages.api.clock.now(),
    };
    let found = tasks::list(&pages.api.store, &asked, reading).await;
    let found = found.map_err(|error| failed(&error))?;
    let words = Words {
        lang,
        rulebook: &rulebook,
    };
    Ok(TaskPage {
        f: visitor.frame("/tasks", lang.choose("协办任务", "Tasks of assisting agencies")),
        agencies: agencies(words),
        fields: fields(&asked, words),
        over: asked.state == tasks::State::Over,
        lines: found.tasks.iter().map(|it| Line::of(it, words)).collect(),
        left_out: found.left_out,
        json: json(&asked),
        agency: asked.agency.unwrap_or_default(),
    })
}

fn json(asked: &Asked) -> String {
    Address::to("/api/v1/tasks")
        .with("state", asked.state.as_str())
        .with_some("agency", asked.agency.as_deref())
        .with_some("kind", asked.kind.map(TaskKind::as_str))
        .text()
}

fn fields(asked: &Asked, words: Words<'_>) -> Vec<Field> {
    let lang = words.lang;
    let states = tasks::State::ALL.into_iter().map(|state| Choice {
        value: state.as_str().to_owned(),
        label: called(state, lang).to_owned(),
        chosen: asked.state == state,
    });
    let kinds = TaskKind::ALL.iter().map(|kind| Choice {
        value: kind.as_str().to_owned(),
        label: words.task_kind(*kind).to_owned(),
        chosen: asked.kind == Some(*kind),
    });
    vec![
        Field {
            name: "state",
            label: lang.choose("状态", "State"),
            choices: states.collect(),
        },
        Field {
            name: "kind",
            label: lang.choose("类型", "Kind"),
            choices: kinds.collect(),
        },
    ]
}

const fn called(state: tasks::State, lang: Lang) -> &'static str {
    match (state, lang) {
        (tasks::State::Open, Lang::Zh) => "办理中",
        (tasks::State::Open, Lang::En) => "open",
        (tasks::State::Overdue, Lang::Zh) => "逾期",
        (tasks::State::Overdue, Lang::En) => "overdue",
        (tasks::State::Over, Lang::Zh) => "已结束",
        (tasks::State::Over, Lang::En) => "over",
    }
}

impl Line {
    fn of(task: &ShownTask, words: Words<'_>) -> Self {
        let zone = &words.rulebook.zone;
        let moment = |text: &str| Moment::of(text.parse::<Timestamp>().unwrap_or_default(), zone);
        let nothing = || "—".to_owned();
        Self {
            href: format!("/clues/{}", task.clue),
            number: task.number.clone(),
            task: task.task,
            agency: task.agency_name.clone(),
            kind: task.kind_words,
            state: task.state_words,
            overdue: task.seconds_left.is_some_and(|left| left < 0),
            matter: task.matter_name.clone().unwrap_or_else(nothing),
            area: task.area_name.clone().unwrap_or_else(nothing),
            responsible: task.responsible_name.clone().unwrap_or_else(nothing),
            asked: moment(&task.asked_at),
            at: task.over_at.as_deref().or(task.next_due.as_deref()).map(moment),
            left: task
                .seconds_left
                .map_or_else(String::new, |left| words.left(left)),
            late: task.late,
            rating: task.rating,
        }
    }
}
