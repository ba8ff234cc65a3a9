//! Notices to leaders and bulletins: what waits for a person, to be printed, with the calls that issue and discard it; and of what the
//! desks were reminded.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use bihuan_domain::time::Timestamp;

use super::asked::Notices as Params;
use super::visitor::{Frame, Moment, Visitor};
use super::{Pages, Result, failed};
use crate::listing::Reading;
use crate::notices::{self, Bundle, Fate, NoticeClue};
use crate::words::Words;

/// One notice.
struct Notice {
    to: String,
    rung: String,
    day: String,
    clues: Vec<Line>,
    /// The command lines that issue and discard it; `None`: that was done, or it is a reminder.
    issue: Option<(String, String)>,
    /// A desk was reminded.
    reminder: bool,
    /// Of some clue it is too late.
    left_over: bool,
}

struct Line {
    href: String,
    number: String,
    matter: String,
    area: String,
    stage: &'static str,
    due: Moment,
    overdue: String,
    drafted: Moment,
    /// When it was issued or discarded.
    settled: Option<Moment>,
    left_over: bool,
}

#[derive(Template)]
#[template(path = "notices.html")]
struct NoticePage {
    f: Frame,
    issued: bool,
    discarded: bool,
    notices: Vec<Notice>,
    left_out: u64,
}

/// `GET /notices`
pub(super) async fn page(State(pages): State<Pages>, visitor: Visitor) -> Response {
    let made = made(&pages, &visitor).await;
    visitor.answer(made)
}

async fn made(pages: &Pages, visitor: &Visitor) -> Result<NoticePage> {
    let params: Params = visitor.query()?;
    let asked = params.asked()?;
    let (rulebook, lang) = ((pages.api.rulebook)(), visitor.lang);
    let reading = Reading {
        rulebook: &rulebook,
        lang,
        now: pages.api.clock.now(),
    };
    let found = notices::list(&pages.api.store, &asked, reading).await;
    let found = found.map_err(|error| failed(&error))?;
    let words = Words {
        lang,
        rulebook: &rulebook,
    };
    Ok(NoticePage {
        f: visitor.frame("/notices", lang.choose("督办通知与通报", "Notices and bulletins")),
        issued: asked.fate == Fate::Issued,
        discarded: asked.fate == Fate::Discarded,
        notices: found
            .notices
            .iter()
            .map(|it| Notice::of(it, asked.fate, words))
            .collect(),
        left_out: found.left_out,
    })
}

impl Notice {
    fn of(bundle: &Bundle, fate: Fate, words: Words<'_>) -> Self {
        let key = &bundle.key;
        let about = match &key.agency {
            Some(agency) => format!("--agency {agency}"),
            None => "--desk".to_owned(),
        };
        let call = |action: &str, rest: &str| {
            format!(
                "bihuan notice {action} {about} --rung {} --day {} --person …{rest}",
                key.rung, key.day
            )
        };
        let waits = fate == Fate::Open && bundle.is_drafted();
        Self {
            to: bundle.agency_name.clone(),
            rung: bundle.rung_words.clone(),
            day: key.day.to_string(),
            clues: bundle.clues.iter().map(|it| Line::of(it, words)).collect(),
            issue: waits.then(|| (call("issue", ""), call("discard", " --reason …"))),
            reminder: !bundle.is_drafted(),
            left_over: bundle.clues.iter().any(|it| it.left_over),
        }
    }
}

impl Line {
    fn of(clue: &NoticeClue, words: Words<'_>) -> Self {
        let zone = &words.rulebook.zone;
        let moment = |text: &str| Moment::of(text.parse::<Timestamp>().unwrap_or_default(), zone);
        let nothing = || "—".to_owned();
        Self {
            href: format!("/clues/{}", clue.id),
            number: clue.number.clone(),
            matter: clue.matter_name.clone().unwrap_or_else(nothing),
            area: clue.area_name.clone().unwrap_or_else(nothing),
            stage: clue.stage_words,
            due: moment(&clue.due_at),
            overdue: if clue.overdue_seconds < 0 {
                nothing()
            } else {
                words.length(clue.overdue_seconds)
            },
            drafted: moment(&clue.drafted_at),
            settled: clue
                .issued_at
                .as_deref()
                .or(clue.discarded_at.as_deref())
                .map(moment),
            left_over: clue.left_over,
        }
    }
}
