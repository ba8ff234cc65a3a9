//! Notices to leaders and bulletins: what waits for a person, to be printed, with the call that issues it.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use bihuan_domain::time::Timestamp;

use super::asked::Notices as Params;
use super::visitor::{Frame, Moment, Visitor};
use super::{Pages, Result, failed};
use crate::listing::Reading;
use crate::notices::{self, Bundle, NoticeClue};
use crate::words::Words;

/// One notice.
struct Notice {
    to: String,
    rung: String,
    day: String,
    clues: Vec<Line>,
    /// The command line that issues it; `None`: it was issued.
    issue: Option<String>,
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
    issued: Option<Moment>,
}

#[derive(Template)]
#[template(path = "notices.html")]
struct NoticePage {
    f: Frame,
    issued: bool,
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
        issued: asked.issued,
        notices: found
            .notices
            .iter()
            .map(|it| Notice::of(it, asked.issued, words))
            .collect(),
        left_out: found.left_out,
    })
}

impl Notice {
    fn of(bundle: &Bundle, issued: bool, words: Words<'_>) -> Self {
        let key = &bundle.key;
        let about = match &key.agency {
            Some(agency) => format!("--agency {agency}"),
            None => "--desk".to_owned(),
        };
        let issue = format!(
            "bihuan notice issue {about} --rung {} --day {} --person …",
            key.rung, key.day
        );
        Self {
            to: bundle.agency_name.clone(),
            rung: bundle.rung_words.clone(),
            day: key.day.to_string(),
            clues: bundle.clues.iter().map(|it| Line::of(it, words)).collect(),
            issue: (!issued).then_some(issue),
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
            overdue: words.length(clue.overdue_seconds),
            drafted: moment(&clue.drafted_at),
            issued: clue.issued_at.as_deref().map(moment),
        }
    }
}
