//! What can be asked of the API, parsed. Whatever is wrong is said by parameter, with what would be right.

use axum::http::StatusCode;
use bihuan_domain::clue::TaskKind;
use bihuan_domain::code::Rung;
use bihuan_domain::figures::{Basis, By, Disputed};
use bihuan_domain::lang::Lang;
use bihuan_runtime::Problem;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::listing::PAGE_MAX;
use crate::report::moment;
use crate::{Cursor, DisputeQuery, Escalated, Filter, ReportQuery, Stages, notices, tasks};

const PAGE: u32 = 50;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AgendaParams {
    /// For a meeting before it: `county:330602`, `city`, `city_government`.
    pub(super) forum: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ClueParams {
    /// Responsible agency; empty: none.
    agency: Option<String>,
    /// An area code: that area and everything within it; or what the source called an area without a code; empty: neither.
    area: Option<String>,
    /// Matter code, or what the source called a matter without a code; empty: neither.
    matter: Option<String>,
    source: Option<String>,
    /// A stage such as `triage` or `closed`, or `open` for all that are not over.
    stage: Option<String>,
    /// Open and past the deadline.
    overdue: Option<String>,
    /// Something was wrong with the record that it came from.
    flagged: Option<String>,
    /// The newest colour of the ladder for the due time that it has, as the policy names it, such as red.
    colour: Option<String>,
    /// The level that the ladder showed it to last, such as county; `unknown`, or `any`.
    escalated: Option<String>,
    /// Dispatched by the precedent of this dispute: its id.
    precedent: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Clues on a page: 1 to 500, 50 unless asked otherwise.
    limit: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ReportParams {
    /// First civil date of the period, such as 2026-01-01.
    from: Option<String>,
    /// First civil date after the period.
    to: Option<String>,
    /// How things stood then: an RFC 3339 time, or a date for the end of that day in the rulebook's zone.
    #[serde(alias = "as-of")]
    as_of: Option<String>,
    /// agency, area, matter, source, conclusion, month or campaign.
    by: Option<String>,
    /// cohort or flow.
    basis: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DisputeParams {
    /// First civil date of the period in which the clues were reported, such as 2026-01-01.
    from: Option<String>,
    /// First civil date after the period.
    to: Option<String>,
    /// How things stood then: an RFC 3339 time, or a date for the end of that day in the rulebook's zone.
    #[serde(alias = "as-of")]
    as_of: Option<String>,
    /// Which clues are listed, those with the most hand-overs first: handover, ping_pong or reopened.
    clues: Option<String>,
    /// So many of them: 1 to 500, 50 unless asked otherwise.
    limit: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ShadowParams {
    /// First civil date of the period in which the clues were reported, such as 2026-01-01.
    from: Option<String>,
    /// First civil date after the period.
    to: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CompetenceParams {
    /// Code of a matter, a part of its name, or a category.
    pub(super) matter: String,
    /// Code of an area, or a part of its name.
    pub(super) area: String,
    /// Civil date in the rulebook's zone, such as 2026-01-01; default: today.
    on: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct QuarantineParams {
    /// waiting, replayed or discarded.
    pub(super) fate: Option<String>,
    /// Reason code.
    pub(super) reason: Option<String>,
    /// Records: 1 to 500, 50 unless asked otherwise.
    limit: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct NoticeParams {
    /// true: those that were issued; false, or nothing: drafts that wait for a person, and reminders that wait for a desk.
    issued: Option<String>,
    /// true: those of which a person decided that they are not issued.
    discarded: Option<String>,
    /// Whom they are about; empty: a desk.
    agency: Option<String>,
    /// A step of the ladder, as the policy names it.
    rung: Option<String>,
    /// Civil day of the draft in the rulebook's zone, such as 2026-01-01.
    day: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TaskParams {
    /// open, or nothing: those that are neither answered nor over; overdue: those of them that are past due; over.
    state: Option<String>,
    /// Who assists.
    agency: Option<String>,
    /// assist or call.
    kind: Option<String>,
}

#[derive(Debug)]
pub(super) struct AskedClues {
    pub(super) filter: Filter,
    pub(super) cursor: Option<Cursor>,
    pub(super) limit: u32,
}

#[derive(Debug)]
pub(super) struct AskedQuarantine {
    pub(super) fate: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) limit: u32,
}

impl ClueParams {
    pub(super) fn asked(self) -> Result<AskedClues> {
        let filter = Filter {
            stage: parse("stage", self.stage.as_deref(), STAGES, Stages::parse)?,
            overdue: parse("overdue", self.overdue.as_deref(), FLAGS, flag)?,
            flagged: parse("flagged", self.flagged.as_deref(), FLAGS, flag)?,
            colour: parse("colour", self.colour.as_deref(), COLOUR, |text| {
                Rung::new(text).ok()
            })?,
            escalated: parse("escalated", self.escalated.as_deref(), LEVELS, Escalated::parse)?,
            precedent: parse("precedent", self.precedent.as_deref(), DISPUTE, |text| {
                text.parse().ok()
            })?,
            agency: self.agency,
            area: self.area,
            matter: self.matter,
            source: self.source,
        };
        let cursor = parse(
            "cursor",
            self.cursor.as_deref(),
            ("`next` of the page before", "上一页的 next"),
            Cursor::parse,
        )?;
        Ok(AskedClues {
            filter,
            cursor,
            limit: limit(self.limit.as_deref())?,
        })
    }
}

impl ReportParams {
    pub(super) fn asked(self, lang: Lang, zone: &TimeZone) -> Result<ReportQuery> {
        let query = ReportQuery {
            as_of: parse("as_of", self.as_of.as_deref(), TIME, |text| moment(text, zone))?,
            from: parse("from", self.from.as_deref(), DATE, |text| text.parse().ok())?,
            to: parse("to", self.to.as_deref(), DATE, |text| text.parse().ok())?,
            by: parse("by", self.by.as_deref(), BYS, By::parse)?,
            basis: parse(
                "basis",
                self.basis.as_deref(),
                ("cohort, flow", "cohort、flow"),
                Basis::parse,
            )?
            .unwrap_or_default(),
            lang,
        };
        check(query.from, query.to)?;
        Ok(query)
    }
}

impl DisputeParams {
    pub(super) fn asked(self, lang: Lang, zone: &TimeZone) -> Result<DisputeQuery> {
        let which = parse("clues", self.clues.as_deref(), DISPUTED, Disputed::parse)?;
        let most = limit(self.limit.as_deref())? as usize;
        let query = DisputeQuery {
            as_of: parse("as_of", self.as_of.as_deref(), TIME, |text| moment(text, zone))?,
            from: parse("from", self.from.as_deref(), DATE, |text| text.parse().ok())?,
            to: parse("to", self.to.as_deref(), DATE, |text| text.parse().ok())?,
            listing: which.map(|which| (which, most)),
            lang,
        };
        check(query.from, query.to)?;
        Ok(query)
    }
}

impl ShadowParams {
    pub(super) fn asked(self) -> Result<(Option<Date>, Option<Date>)> {
        let from = parse("from", self.from.as_deref(), DATE, |text| text.parse().ok())?;
        let to = parse("to", self.to.as_deref(), DATE, |text| text.parse().ok())?;
        check(from, to)?;
        Ok((from, to))
    }
}

impl CompetenceParams {
    pub(super) fn on(&self) -> Result<Option<Date>> {
        parse("on", self.on.as_deref(), DATE, |text| text.parse().ok())
    }
}

impl NoticeParams {
    pub(super) fn asked(self) -> Result<notices::Asked> {
        let issued = parse("issued", self.issued.as_deref(), FLAGS, flag)?;
        let discarded = parse("discarded", self.discarded.as_deref(), FLAGS, flag)?;
        let rung = (
            "a step of the ladder such as overdue_notice",
            "督办阶梯的一级，如 overdue_notice",
        );
        let rung = parse("rung", self.rung.as_deref(), rung, |text| Rung::new(text).ok())?;
        Ok(notices::Asked {
            fate: notices::Fate::of(issued.unwrap_or(false), discarded.unwrap_or(false)),
            agency: self.agency,
            rung: rung.map(|rung| rung.to_string()),
            day: parse("day", self.day.as_deref(), DATE, |text| text.parse().ok())?,
        })
    }
}

impl TaskParams {
    pub(super) fn asked(self) -> Result<tasks::Asked> {
        let states = ("open, overdue, over", "open、overdue、over");
        let kinds = ("assist, call", "assist、call");
        Ok(tasks::Asked {
            state: parse("state", self.state.as_deref(), states, tasks::State::parse)?.unwrap_or_default(),
            agency: self.agency.filter(|agency| !agency.is_empty()),
            kind: parse("kind", self.kind.as_deref(), kinds, TaskKind::parse)?,
        })
    }
}

fn check(from: Option<Date>, to: Option<Date>) -> Result<()> {
    match (from, to) {
        (Some(from), Some(to)) if to < from => Err(wrong(
            "to",
            &to.to_string(),
            ("a date not before `from`", "不早于 from 的日期"),
        )),
        _ => Ok(()),
    }
}

impl QuarantineParams {
    pub(super) fn asked(self) -> Result<AskedQuarantine> {
        let known = |text: &str| {
            ["waiting", "replayed", "discarded"]
                .contains(&text)
                .then(|| text.to_owned())
        };
        let allowed = ("waiting, replayed, discarded", "waiting、replayed、discarded");
        let fate = parse("fate", self.fate.as_deref(), allowed, known)?;
        Ok(AskedQuarantine {
            fate,
            reason: self.reason,
            limit: limit(self.limit.as_deref())?,
        })
    }
}

type Result<T, E = Wrong> = std::result::Result<T, E>;

/// A parameter that cannot be understood.
#[derive(Debug)]
pub(super) struct Wrong {
    name: &'static str,
    value: String,
    allowed: Allowed,
}

/// What would be right: English, Chinese.
type Allowed = (&'static str, &'static str);

const FLAGS: Allowed = ("true, false", "true、false");
const DATE: Allowed = ("a date such as 2026-01-31", "日期，如 2026-01-31");
const TIME: Allowed = (
    "a date such as 2026-01-31 or a time such as 2026-01-31T00:00:00+08:00",
    "日期，如 2026-01-31，或时间，如 2026-01-31T00:00:00+08:00",
);
const BYS: Allowed = (
    "agency, area, matter, source, conclusion, month, campaign",
    "agency、area、matter、source、conclusion、month、campaign",
);
const DISPUTED: Allowed = ("handover, ping_pong, reopened", "handover、ping_pong、reopened");
const COLOUR: Allowed = (
    "a colour of the ladder such as blue, yellow, red",
    "督办阶梯的颜色，如 blue、yellow、red",
);
const DISPUTE: Allowed = ("a dispute's id", "争议标识");
const LEVELS: Allowed = (
    "any, unknown, grid, village, town, county, city",
    "any、unknown、grid、village、town、county、city",
);
const STAGES: Allowed = (
    "open, reported, rejected, admitted, triage, coordination, dispatched, acknowledged, handling, return_requested, \
     suspended, resolved, closed, voided",
    "open、reported、rejected、admitted、triage、coordination、dispatched、acknowledged、handling、return_requested、\
     suspended、resolved、closed、voided",
);

/// An empty value of these parameters is as good as none.
fn parse<T>(
    name: &'static str,
    text: Option<&str>,
    allowed: Allowed,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>> {
    match text.map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => read(text).map(Some).ok_or_else(|| wrong(name, text, allowed)),
    }
}

fn flag(text: &str) -> Option<bool> {
    text.parse().ok()
}

fn limit(text: Option<&str>) -> Result<u32> {
    let allowed = ("a number from 1 to 500", "1 至 500 的数字");
    let read = |text: &str| text.parse().ok().filter(|limit| (1..=PAGE_MAX).contains(limit));
    Ok(parse("limit", text, allowed, read)?.unwrap_or(PAGE))
}

fn wrong(name: &'static str, value: &str, allowed: Allowed) -> Wrong {
    Wrong {
        name,
        value: value.chars().take(80).collect(),
        allowed,
    }
}

impl From<Wrong> for Problem {
    fn from(wrong: Wrong) -> Self {
        let Wrong {
            name,
            value,
            allowed: (en, zh),
        } = wrong;
        Self::new(
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_by_parameter() {
        let text = |text: &str| Some(text.to_owned());
        let cases = [
            ClueParams {
                stage: text("done"),
                ..ClueParams::default()
            }
            .asked()
            .expect_err("stage"),
            ClueParams {
                limit: text("0"),
                ..ClueParams::default()
            }
            .asked()
            .expect_err("limit"),
            ClueParams {
                cursor: text("x"),
                ..ClueParams::default()
            }
            .asked()
            .expect_err("cursor"),
            ReportParams {
                by: text("person"),
                ..ReportParams::default()
            }
            .asked(Lang::Zh, &TimeZone::UTC)
            .expect_err("by"),
            ClueParams {
                escalated: text("province"),
                ..ClueParams::default()
            }
            .asked()
            .expect_err("escalated"),
            ClueParams {
                colour: text("no colour"),
                ..ClueParams::default()
            }
            .asked()
            .expect_err("colour"),
        ];
        let names = ["stage", "limit", "cursor", "by", "escalated", "colour"];
        for (wrong, name) in cases.into_iter().zip(names) {
            let problem = Problem::from(wrong);
            assert_eq!(problem.code(), "invalid_parameter");
            assert_eq!(problem.body(Lang::En)["parameter"], name);
        }
        let backwards = ReportParams {
            from: text("2026-02-01"),
            to: text("2026-01-01"),
            ..ReportParams::default()
        };
        assert!(backwards.asked(Lang::Zh, &TimeZone::UTC).is_err());
    }

    #[test]
    fn what_is_right_is_understood() {
        let text = |text: &str| Some(text.to_owned());
        let params = ReportParams {
            as_of: text("2026-01-31T00:00:00+08:00"),
            from: text("2026-01-01"),
            by: text("month"),
            basis: text("flow"),
            to: text(""),
        };
        let query = params.asked(Lang::En, &TimeZone::UTC).expect("valid");
        assert_eq!(
            (query.by, query.basis, query.to),
            (Some(By::Month), Basis::Flow, None)
        );
        let params = ClueParams {
            overdue: text("true"),
            agency: text(""),
            ..ClueParams::default()
        };
        let asked = params.asked().expect("valid");
        assert_eq!(
            (asked.filter.overdue, asked.filter.agency.as_deref()),
            (Some(true), Some(""))
        );
    }
}
