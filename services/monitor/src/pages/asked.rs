//! What a visitor asks for, parsed. Whatever is wrong is said by parameter. An empty field of a form asks for nothing.

use axum::http::StatusCode;
use bihuan_domain::clue::TaskKind;
use bihuan_domain::code::{AgencyId, AreaCode};
use bihuan_domain::dispute::{Forum, ForumLevel};
use bihuan_domain::figures::{Basis, By, HolderKind};
use bihuan_runtime::Problem;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::drill::{Drill, Scope, Sum};
use super::labels::HOLDERS;
use crate::report::moment;
use crate::{Cursor, Escalated, Filter, Stages, notices, tasks};

type Result<T, E = Wrong> = std::result::Result<T, E>;

/// A parameter that cannot be understood.
#[derive(Debug)]
pub(super) struct Wrong {
    name: &'static str,
    value: String,
}

/// Parameters of pages that take none.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plain {
    #[serde(rename = "lang")]
    _lang: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListParams {
    #[serde(rename = "lang")]
    _lang: Option<String>,
    pub(super) agency: Option<String>,
    pub(super) area: Option<String>,
    pub(super) matter: Option<String>,
    pub(super) source: Option<String>,
    pub(super) stage: Option<String>,
    pub(super) holder: Option<String>,
    pub(super) overdue: Option<String>,
    pub(super) flagged: Option<String>,
    pub(super) colour: Option<String>,
    pub(super) escalated: Option<String>,
    precedent: Option<String>,
    by: Option<String>,
    key: Option<String>,
    of: Option<String>,
    basis: Option<String>,
    from: Option<String>,
    to: Option<String>,
    as_of: Option<String>,
    cursor: Option<String>,
}

/// Which clues to list: by what stands in their rows, and, where a number is followed, by what they add to it.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) filter: Filter,
    pub(super) holder: Option<HolderKind>,
    pub(super) drill: Option<Drill>,
    pub(super) cursor: Option<Cursor>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReportParams {
    #[serde(rename = "lang")]
    _lang: Option<String>,
    pub(super) by: Option<String>,
    pub(super) basis: Option<String>,
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
    pub(super) as_of: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Days {
    #[serde(rename = "lang")]
    _lang: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Notices {
    #[serde(rename = "lang")]
    _lang: Option<String>,
    issued: Option<String>,
    discarded: Option<String>,
    agency: Option<String>,
    rung: Option<String>,
    day: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tasks {
    #[serde(rename = "lang")]
    _lang: Option<String>,
    state: Option<String>,
    agency: Option<String>,
    kind: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Disputes {
    #[serde(rename = "lang")]
    _lang: Option<String>,
    agency: Option<String>,
    forum: Option<String>,
    open: Option<String>,
}

/// Which disputes are listed.
#[derive(Debug)]
pub(super) struct DisputesAsked {
    /// That it is concerned by.
    pub(super) agency: Option<AgencyId>,
    pub(super) level: Option<ForumLevel>,
    /// Of a county alone; of its level, too.
    pub(super) forum: Option<Forum>,
    pub(super) open: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QuarantineParams {
    #[serde(rename = "lang")]
    _lang: Option<String>,
    pub(super) service: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) fate: Option<String>,
    pub(super) cursor: Option<String>,
}

impl ListParams {
    pub(super) fn asked(&self, zone: &TimeZone) -> Result<Asked> {
        let filter = Filter {
            agency: some(self.agency.as_deref()),
            area: some(self.area.as_deref()),
            matter: some(self.matter.as_deref()),
            source: some(self.source.as_deref()),
            stage: parse("stage", self.stage.as_deref(), Stages::parse)?,
            overdue: parse("overdue", self.overdue.as_deref(), |text| text.parse().ok())?,
            flagged: parse("flagged", self.flagged.as_deref(), |text| text.parse().ok())?,
            colour: parse("colour", self.colour.as_deref(), |text| text.parse().ok())?,
            escalated: parse("escalated", self.escalated.as_deref(), Escalated::parse)?,
            precedent: parse("precedent", self.precedent.as_deref(), |text| text.parse().ok())?,
        };
        Ok(Asked {
            filter,
            holder: parse("holder", self.holder.as_deref(), |text| {
                HOLDERS.into_iter().find(|kind| kind.as_str() == text)
            })?,
            drill: self.drill(zone)?,
            cursor: parse("cursor", self.cursor.as_deref(), Cursor::parse)?,
        })
    }

    fn drill(&self, zone: &TimeZone) -> Result<Option<Drill>> {
        let by = parse("by", self.by.as_deref(), By::parse)?;
        let of = parse("of", self.of.as_deref(), Sum::parse)?;
        let scope = scope(
            self.basis.as_deref(),
            [&self.from, &self.to, &self.as_of].map(|it| it.as_deref()),
            zone,
        )?;
        if by.is_none() && of.is_none() && scope == Scope::now() {
            return Ok(None);
        }
        let of = match of {
            Some(of) => of,
            None => Sum::parse("clues").ok_or_else(|| wrong("of", ""))?,
        };
        let key = self.key.clone().unwrap_or_default();
        Ok(Some(Drill {
            scope,
            row: by.map(|by| (by, key)),
            of,
        }))
    }
}

impl ReportParams {
    pub(super) fn by(&self) -> Result<By> {
        Ok(parse("by", self.by.as_deref(), By::parse)?.unwrap_or(By::Agency))
    }

    pub(super) fn scope(&self, zone: &TimeZone) -> Result<Scope> {
        scope(
            self.basis.as_deref(),
            [&self.from, &self.to, &self.as_of].map(|it| it.as_deref()),
            zone,
        )
    }
}

impl Days {
    pub(super) fn asked(&self, zone: &TimeZone) -> Result<(Option<Date>, Option<Date>)> {
        let scope = scope(None, [self.from.as_deref(), self.to.as_deref(), None], zone)?;
        Ok((scope.from, scope.to))
    }
}

impl Notices {
    pub(super) fn asked(&self) -> Result<notices::Asked> {
        let issued = parse("issued", self.issued.as_deref(), |text| text.parse().ok())?;
        let discarded = parse("discarded", self.discarded.as_deref(), |text| text.parse().ok())?;
        Ok(notices::Asked {
            fate: notices::Fate::of(issued.unwrap_or(false), discarded.unwrap_or(false)),
            agency: some(self.agency.as_deref()),
            rung: some(self.rung.as_deref()),
            day: parse("day", self.day.as_deref(), |text| text.parse().ok())?,
        })
    }
}

impl Tasks {
    pub(super) fn asked(&self) -> Result<tasks::Asked> {
        Ok(tasks::Asked {
            state: parse("state", self.state.as_deref(), tasks::State::parse)?.unwrap_or_default(),
            agency: some(self.agency.as_deref()),
            kind: parse("kind", self.kind.as_deref(), TaskKind::parse)?,
        })
    }
}

impl Disputes {
    pub(super) fn asked(&self) -> Result<DisputesAsked> {
        let agency = parse("agency", self.agency.as_deref(), |text| AgencyId::new(text).ok())?;
        let (level, forum) = parse("forum", self.forum.as_deref(), before)?.unzip();
        Ok(DisputesAsked {
            agency,
            level,
            forum: forum.flatten(),
            open: parse("open", self.open.as_deref(), |text| text.parse().ok())?.unwrap_or(true),
        })
    }
}

/// `county`, `county:330602`, `city`, `city_government`.
fn before(text: &str) -> Option<(ForumLevel, Option<Forum>)> {
    match text.split_once(':') {
        None => Some((ForumLevel::parse(text)?, None)),
        Some(("county", area)) => {
            let forum = Forum::County(AreaCode::new(area).ok()?);
            Some((ForumLevel::County, Some(forum)))
        }
        Some(_) => None,
    }
}

fn scope(basis: Option<&str>, [from, to, as_of]: [Option<&str>; 3], zone: &TimeZone) -> Result<Scope> {
    let scope = Scope {
        basis: parse("basis", basis, Basis::parse)?.unwrap_or_default(),
        from: parse("from", from, |text| text.parse().ok())?,
        to: parse("to", to, |text| text.parse().ok())?,
        as_of: parse("as_of", as_of, |text| moment(text, zone))?,
    };
    match (scope.from, scope.to) {
        (Some(from), Some(to)) if to < from => Err(wrong("to", &to.to_string())),
        _ => Ok(scope),
    }
}

pub(super) fn some(text: Option<&str>) -> Option<String> {
    text.map(str::trim)
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

pub(super) fn parse<T>(
    name: &'static str,
    text: Option<&str>,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>> {
    match text.map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => read(text).map(Some).ok_or_else(|| wrong(name, text)),
    }
}

fn wrong(name: &'static str, value: &str) -> Wrong {
    let value = value.chars().take(80).collect();
    Wrong { name, value }
}

impl From<Wrong> for Problem {
    fn from(Wrong { name, value }: Wrong) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "invalid_parameter",
            "A parameter is wrong",
            "参数有误",
        )
        .details(
            format!("{name}={value:?} means nothing here; see the form for what does."),
            format!("{name}=“{value}”在此没有意义；可用的取值见表单。"),
        )
        .with("parameter", name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_form_asks_for_everything_and_nonsense_is_refused() {
        let empty = ListParams {
            stage: Some(String::new()),
            agency: Some(" ".to_owned()),
            ..ListParams::default()
        };
        let asked = empty.asked(&TimeZone::UTC).expect("valid");
        assert_eq!((asked.filter, asked.drill), (Filter::default(), None));
        let nonsense = ListParams {
            of: Some("money".to_owned()),
            ..ListParams::default()
        };
        assert_eq!(nonsense.asked(&TimeZone::UTC).expect_err("no count").name, "of");
    }
}
