//! What the query of a list asks for.

use std::fmt;

use axum::http::StatusCode;
use bihuan_domain::code::AgencyId;
use bihuan_domain::dispute::Forum;
use bihuan_domain::time::Timestamp;
use bihuan_runtime::Problem;
use bihuan_runtime::problem::Result;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::shown::{Cursor, Filter};

const PAGE: u32 = 50;
const PAGE_MAX: u32 = 500;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Listed {
    /// true: those that are open; false: those that have ended.
    open: Option<String>,
    /// The clue's id, its number, or source/source-id.
    pub(super) clue: Option<String>,
    /// That it is a party of, leads, or is named by a ruling of.
    agency: Option<String>,
    /// Before whom they are: `county:330602`, `city` or `city_government`.
    forum: Option<String>,
    /// Whose open step may take no longer than to a time before (RFC 3339).
    due_before: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Disputes on a page: 1 to 500, 50 unless asked otherwise.
    limit: Option<String>,
}

/// Everything but the clue, which has to be looked up.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) filter: Filter,
    pub(super) after: Option<Cursor>,
    pub(super) limit: u32,
}

impl Listed {
    pub(super) fn asked(&self) -> Result<Asked> {
        let filter = Filter {
            open: parse(
                "open",
                self.open.as_deref(),
                ("true or false", "true 或 false"),
                |it| it.parse().ok(),
            )?,
            clue: None,
            agency: parse(
                "agency",
                self.agency.as_deref(),
                ("an agency's id", "单位的标识"),
                |it| AgencyId::new(it).ok(),
            )?,
            forum: parse(
                "forum",
                self.forum.as_deref(),
                (
                    "county:AREA, city or city_government",
                    "county:区划代码、city 或 city_government",
                ),
                |it| it.parse::<Forum>().ok(),
            )?,
            level: None,
            due_before: parse(
                "due_before",
                self.due_before.as_deref(),
                ("a time as RFC 3339 writes it", "RFC 3339 格式的时间"),
                |it| it.parse::<Timestamp>().ok(),
            )?,
        };
        let after = parse(
            "cursor",
            self.cursor.as_deref(),
            ("`next` of the page before", "上一页的 next"),
            Cursor::parse,
        )?;
        let limit = parse(
            "limit",
            self.limit.as_deref(),
            ("a number from 1 to 500", "1 至 500 的数字"),
            |it| it.parse().ok().filter(|limit| (1..=PAGE_MAX).contains(limit)),
        )?;
        Ok(Asked {
            filter,
            after,
            limit: limit.unwrap_or(PAGE),
        })
    }
}

impl Cursor {
    fn parse(text: &str) -> Option<Self> {
        let (due_at, dispute) = text.split_once('.')?;
        let due_at = match due_at {
            "" => None,
            micros => Some(Timestamp::from_micros(micros.parse().ok()?)),
        };
        Some(Self {
            due_at,
            dispute: dispute.parse().ok()?,
        })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(due_at) = self.due_at {
            write!(f, "{}", due_at.as_micros())?;
        }
        write!(f, ".{}", self.dispute)
    }
}

/// An empty value is as good as none.
fn parse<T>(
    name: &'static str,
    text: Option<&str>,
    allowed: (&str, &str),
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>> {
    match text.map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => read(text).map(Some).ok_or_else(|| wrong(name, text, allowed)),
    }
}

fn wrong(name: &'static str, value: &str, (en, zh): (&str, &str)) -> Problem {
    let value: String = value.chars().take(80).collect();
    Problem::new(
        StatusCode::BAD_REQUEST,
        "invalid_parameter",
        "A parameter is wrong",
        "参数有误",
    )
    .details(
        format!("{name}={value:?} should be: {en}"),
        format!("{name}=“{value}”应为：{zh}"),
    )
    .with("parameter", name)
}

#[cfg(test)]
mod tests {
    use bihuan_domain::id::{ClueId, CommandId, DisputeId};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_cursor_round_trips_and_nonsense_is_refused() {
        let dispute = DisputeId::derive(ClueId(Uuid::nil()), CommandId(Uuid::nil()));
        for due_at in [None, Some(Timestamp::from_micros(-5))] {
            let cursor = Cursor { due_at, dispute };
            assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
        }
        for nonsense in ["", ".", "5", "x.y", "5.0"] {
            assert_eq!(Cursor::parse(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn before_whom_is_one_forum_and_what_is_wrong_is_said_by_parameter() {
        let before = |forum: Option<&str>| {
            let asked = Listed {
                forum: forum.map(str::to_owned),
                ..Listed::default()
            };
            asked.asked().map(|it| it.filter.forum)
        };
        let county = Forum::County("330602".parse().expect("valid"));
        assert_eq!(before(None), Ok(None));
        assert_eq!(before(Some("county:330602")), Ok(Some(county)));
        assert_eq!(before(Some("city")), Ok(Some(Forum::City)));
        for wrong in ["county", "city:330602", "town"] {
            let problem = before(Some(wrong)).expect_err("wrong");
            assert_eq!(problem.code(), "invalid_parameter", "{wrong:?}");
        }
        for listed in [
            Listed {
                open: Some("maybe".to_owned()),
                ..Listed::default()
            },
            Listed {
                due_before: Some("soon".to_owned()),
                ..Listed::default()
            },
            Listed {
                limit: Some("501".to_owned()),
                ..Listed::default()
            },
        ] {
            assert!(listed.asked().is_err(), "{listed:?}");
        }
    }
}
