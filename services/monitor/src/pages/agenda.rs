//! The agenda of a joint meeting, to be printed or taken along.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::address::Address;
use super::visitor::{Frame, Moment, Visitor};
use super::{Pages, Result, failed, unusable};
use crate::agenda;
use crate::routes::precedents::forum;
use crate::words::Words;
use crate::words::agenda::AgendaRow;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    forum: Option<String>,
    /// Of the page; read by [`Visitor`].
    #[serde(rename = "lang")]
    _lang: Option<String>,
}

#[derive(Template)]
#[template(path = "agenda.html")]
struct AgendaPage {
    f: Frame,
    as_of: Moment,
    forum: String,
    rows: Vec<AgendaRow>,
    json: String,
}

/// `GET /disputes/agenda`
pub(super) async fn page(State(pages): State<Pages>, visitor: Visitor) -> Response {
    let made = made(&pages, &visitor).await;
    visitor.answer(made)
}

async fn made(pages: &Pages, visitor: &Visitor) -> Result<AgendaPage> {
    let params: Params = visitor.query()?;
    let (api, lang) = (&pages.api, visitor.lang);
    let asked = forum(params.forum.as_deref())?;
    let now = api.clock.now();
    let active = api.library.active(now).await;
    let active = active.map_err(|error| unusable(&error))?;
    let found = agenda::agenda(&api.store, &api.library, &active, asked.as_ref(), now).await;
    let found = found.map_err(|error| failed(&error))?;
    let rulebook = active.rulebook();
    let text = params.forum.filter(|it| !it.is_empty());
    Ok(AgendaPage {
        f: visitor.frame("/disputes/agenda", lang.choose("联席会议议题", "Joint meeting")),
        as_of: Moment::of(now, &rulebook.zone),
        rows: Words { lang, rulebook }.agenda(&found.items),
        json: Address::to("/api/v1/disputes/agenda")
            .with_some("forum", text.as_deref())
            .text(),
        forum: text.unwrap_or_default(),
    })
}
