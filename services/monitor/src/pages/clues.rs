//! The list of clues: by filters, or those behind a number.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use bihuan_domain::code::{AgencyId, MatterCode};
use bihuan_domain::figures::{By, Standing};
use bihuan_domain::lang::Lang;
use bihuan_domain::time::Timestamp;

use super::address::Address;
use super::asked::{Asked, ListParams};
use super::drill::{Drill, QUARANTINED};
use super::figure::spoken;
use super::ladder::{self, Colour};
use super::listed::{self, Total};
use super::visitor::{Frame, Moment, Visitor};
use super::{Pages, Result, failed, labels};
use crate::names;
use crate::rows::ClueRow;
use crate::words::Words;

/// A clue in the list.
struct ClueLine {
    href: String,
    number: String,
    matter: String,
    area: String,
    agency: String,
    stage: &'static str,
    open: bool,
    holder: String,
    overdue: bool,
    flagged: bool,
    colour: Option<Colour>,
    escalated: Option<String>,
    reported: Moment,
    deadline: Option<Moment>,
    closed: Option<Moment>,
}

/// A choice of a form.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) chosen: bool,
}

/// A field of a form with what may be chosen.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) choices: Vec<Choice>,
}

/// What the number stands for that was followed.
struct Followed {
    words: String,
    scope: Vec<String>,
    counts_records: bool,
}

/// A page of the list, and the rest behind a link.
struct Rows {
    lang: Lang,
    lines: Vec<ClueLine>,
    next: Option<String>,
}

impl Rows {
    fn t<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        self.lang.choose(zh, en)
    }
}

#[derive(Template)]
#[template(path = "clues.html")]
struct Clues {
    f: Frame,
    total: Total,
    involved: String,
    sum: String,
    shown: String,
    followed: Option<Followed>,
    fields: Vec<Field>,
    area: String,
    /// The dispute that is asked for.
    precedent: Option<String>,
    list: Rows,
}

/// What htmx asks for: more rows.
#[derive(Template)]
#[template(path = "clue_rows.html")]
struct More {
    list: Rows,
}

/// `GET /clues`
pub(super) async fn page(State(pages): State<Pages>, visitor: Visitor) -> Response {
    let made = clues(&pages, &visitor).await;
    if visitor.partial {
        return visitor.answer(made.map(|page| More { list: page.list }));
    }
    visitor.answer(made)
}

async fn clues(pages: &Pages, visitor: &Visitor) -> Result<Clues> {
    let params: ListParams = visitor.query()?;
    let (rulebook, now) = ((pages.api.rulebook)(), pages.api.clock.now());
    let asked = params.asked(&rulebook.zone)?;
    let found = listed::list(&pages.api.store, &asked, &rulebook, now).await;
    let found = found.map_err(|error| failed(&error))?;
    let words = Words {
        lang: visitor.lang,
        rulebook: &rulebook,
    };
    let more = |cursor: crate::Cursor| visitor.address(&["cursor"]).with("cursor", &cursor.to_string());
    Ok(Clues {
        f: visitor.frame("/clues", visitor.lang.choose("线索", "Clues")),
        involved: labels::number(found.total.clues),
        sum: labels::number(found.total.sum),
        shown: labels::number(found.total.sum + found.total.unreadable),
        total: found.total,
        followed: asked.drill.as_ref().map(|drill| followed(words, drill)),
        fields: fields(words, &asked),
        area: asked.filter.area.clone().unwrap_or_default(),
        precedent: asked.filter.precedent.map(|it| it.to_string()),
        list: Rows {
            lang: visitor.lang,
            next: found.next.map(|cursor| more(cursor).text()),
            lines: found.rows.iter().map(|row| line(words, row, now)).collect(),
        },
    })
}

fn line(words: Words<'_>, row: &ClueRow, now: Timestamp) -> ClueLine {
    let (lang, rulebook) = (words.lang, words.rulebook);
    let named = |by, key: &Option<String>| {
        key.as_deref()
            .map_or_else(|| "—".to_owned(), |key| names::name(rulebook, lang, by, key))
    };
    let moment = |at: bihuan_store::At| Moment::of(at.0, &rulebook.zone);
    let holder = labels::HOLDERS
        .into_iter()
        .find(|kind| row.holder.as_deref() == Some(kind.as_str()))
        .map(labels::holder);
    ClueLine {
        href: Address::below("/clues", &row.clue_id.to_string()).text(),
        number: row.number.clone(),
        matter: named(By::Matter, &row.matter),
        area: named(By::Area, &row.area),
        agency: named(By::Agency, &row.agency),
        stage: Standing::parse(&row.stage).map_or("", |standing| words.stage(standing)),
        open: row.holder.is_some(),
        holder: holder.map_or("—", |(zh, en)| lang.choose(zh, en)).to_owned(),
        overdue: row.is_overdue(now),
        flagged: row.flagged,
        colour: row.colour.as_deref().and_then(|name| Colour::of(words, name)),
        escalated: row
            .escalated
            .as_deref()
            .map(|level| ladder::escalated(words, level)),
        reported: moment(row.reported_at),
        deadline: row.deadline.map(moment),
        closed: row.closed_at.map(moment),
    }
}

fn followed(words: Words<'_>, drill: &Drill) -> Followed {
    let lang = words.lang;
    let mut scope = Vec::new();
    if let Some((by, key)) = &drill.row {
        let (zh, en) = labels::by(*by);
        let name = names::name(words.rulebook, lang, *by, key);
        scope.push(format!(
            "{}{}{name}",
            lang.choose(zh, en),
            lang.choose("：", ": ")
        ));
    }
    let dates = [
        (drill.scope.from, lang.choose("自", "from")),
        (drill.scope.to, lang.choose("至（不含）", "to before")),
    ];
    for (date, word) in dates {
        scope.extend(date.map(|date| format!("{word} {date}")));
    }
    if let Some(as_of) = drill.scope.as_of {
        scope.push(format!("{} {}", lang.choose("截至", "as of"), words.time(as_of)));
    }
    if drill.scope.from.is_some() || drill.scope.to.is_some() {
        let (zh, en) = labels::basis(drill.scope.basis);
        scope.push(lang.choose(zh, en).to_owned());
    }
    Followed {
        words: spoken(lang, &drill.of),
        scope,
        counts_records: drill.of.has(QUARANTINED),
    }
}

fn fields(words: Words<'_>, asked: &Asked) -> Vec<Field> {
    let (lang, rulebook, filter) = (words.lang, words.rulebook, &asked.filter);
    let open = Choice {
        value: "open".to_owned(),
        label: labels::count(lang, "open"),
        chosen: filter.stage == Some(crate::Stages::Open),
    };
    let standing = |it: Standing| Choice {
        value: it.as_str().to_owned(),
        label: words.stage(it).to_owned(),
        chosen: filter.stage == Some(crate::Stages::At(it)),
    };
    let holder = |it: bihuan_domain::figures::HolderKind| {
        let (zh, en) = labels::holder(it);
        Choice {
            value: it.as_str().to_owned(),
            label: lang.choose(zh, en).to_owned(),
            chosen: asked.holder == Some(it),
        }
    };
    let stages = std::iter::once(open).chain(Standing::ALL.map(standing));
    let agency_keys = rulebook.agencies.keys().map(AgencyId::as_str);
    let matter_keys = rulebook.matters.keys().map(MatterCode::as_str);
    let named = |by, keys: &mut dyn Iterator<Item = &str>, chosen: &Option<String>| {
        choices(words, by, keys, chosen.as_deref())
    };
    let yes = |chosen: Option<bool>| {
        let said = |value: bool, label: &str| Choice {
            value: value.to_string(),
            label: label.to_owned(),
            chosen: chosen == Some(value),
        };
        vec![
            said(true, lang.choose("是", "yes")),
            said(false, lang.choose("否", "no")),
        ]
    };
    let field = |name, label, choices| Field { name, label, choices };
    vec![
        field("stage", lang.choose("阶段", "Stage"), stages.collect()),
        field(
            "holder",
            lang.choose("当前责任方", "Holder"),
            labels::HOLDERS.map(holder).into(),
        ),
        field(
            "agency",
            lang.choose("执法单位", "Agency"),
            named(By::Agency, &mut agency_keys.into_iter(), &filter.agency),
        ),
        field(
            "matter",
            lang.choose("事项", "Matter"),
            named(By::Matter, &mut matter_keys.into_iter(), &filter.matter),
        ),
        field("overdue", lang.choose("超期", "Overdue"), yes(filter.overdue)),
        field("flagged", lang.choose("有标记", "Flagged"), yes(filter.flagged)),
        field(
            "colour",
            lang.choose("督办颜色", "Colour"),
            ladder::colour_choices(words, filter),
        ),
        field(
            "escalated",
            lang.choose("提级督办", "Escalated to"),
            ladder::level_choices(words, filter),
        ),
    ]
}

/// The rulebook's keys by name; one that it does not know is offered where it is chosen already.
fn choices(
    words: Words<'_>,
    by: By,
    keys: &mut dyn Iterator<Item = &str>,
    chosen: Option<&str>,
) -> Vec<Choice> {
    let choice = |key: &str| Choice {
        value: key.to_owned(),
        label: names::name(words.rulebook, words.lang, by, key),
        chosen: chosen == Some(key),
    };
    let mut choices: Vec<Choice> = keys.map(choice).collect();
    if let Some(key) = chosen
        && !choices.iter().any(|choice| choice.chosen)
    {
        choices.push(choice(key));
    }
    choices
}
