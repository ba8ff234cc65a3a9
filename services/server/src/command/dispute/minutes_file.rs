//! The file in which a joint meeting says what came of its items: read whole and checked before anything of it is sent.

use std::collections::BTreeSet;
use std::path::Path;

use bihuan_dispute::Shown;
use bihuan_domain::code::AgencyId;
use bihuan_domain::dispute::{Agenda, Command, Measure, Paper, Ruling};
use bihuan_domain::id::DisputeId;
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::Rulebook;
use bihuan_store::Store;
use csv::StringRecord;
use serde::Serialize;

use crate::failure::Failure;
use crate::output::Grid;

pub(super) const COLUMNS: [&str; 6] = ["item", "outcome", "agency", "basis", "reference", "sha256"];

/// How a dispute is named as an item.
const DISPUTE: &str = "dispute:";

/// A line that is right.
pub(super) struct Line {
    pub(super) number: u64,
    pub(super) item: String,
    pub(super) measure: Measure,
    /// What is sent, and to which dispute; `None`: the meeting only took note.
    pub(super) asked: Option<(Shown, Command)>,
}

/// What is wrong with a line.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct BadLine {
    /// From 1, with the header.
    pub(super) line: u64,
    pub(super) column: &'static str,
    pub(super) code: &'static str,
    pub(super) value: String,
    message_zh: String,
    message_en: String,
}

/// What lines are held against.
pub(super) struct Known<'a> {
    pub(super) store: &'a Store,
    pub(super) rulebook: &'a Rulebook,
    pub(super) agenda: &'a Agenda,
}

/// The rows of the file with their lines.
pub(super) fn read(path: &Path) -> Result<Vec<(u64, StringRecord)>, Failure> {
    let fail = |error: String| {
        let path = path.display();
        Failure::usage(format!("{path}：{error}"), format!("{path}: {error}"))
    };
    let bytes = std::fs::read(path).map_err(|error| fail(error.to_string()))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| fail("UTF-8?".to_owned()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| fail(error.to_string()))?.clone();
    if let Some(missing) = COLUMNS.iter().find(|name| !header.iter().any(|it| it == **name)) {
        return Err(Failure::usage(
            format!("{} 缺少列 {missing}；须有 {}", path.display(), COLUMNS.join("、")),
            format!(
                "{} has no column {missing}; it needs {}",
                path.display(),
                COLUMNS.join(", ")
            ),
        ));
    }
    let places = COLUMNS.map(|name| header.iter().position(|it| it == name));
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| fail(error.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        let cells = places
            .iter()
            .map(|at| at.and_then(|at| record.get(at)).unwrap_or_default());
        let cells: StringRecord = cells.collect();
        // what nobody wrote anything beside was not talked about
        if cells.iter().skip(1).any(|it| !it.is_empty()) {
            rows.push((line, cells));
        }
    }
    Ok(rows)
}

/// All lines, or everything that is wrong with any of them.
pub(super) async fn checked(
    rows: &[(u64, StringRecord)],
    known: &Known<'_>,
) -> Result<Result<Vec<Line>, Vec<BadLine>>, Failure> {
    let (mut lines, mut bad, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (number, cells) in rows {
        let row = Row {
            number: *number,
            cells,
        };
        let shown = match row.dispute() {
            Some(id) => bihuan_dispute::show(known.store, id).await?,
            None => None,
        };
        let line = row.line(shown, known).and_then(|line| {
            if seen.insert((line.item.clone(), line.measure)) {
                return Ok(line);
            }
            Err(row.bad(
                "item",
                "item_repeated",
                "同一议题的同一结果重复列出",
                "the item has this outcome twice",
            ))
        });
        match line {
            Ok(line) => lines.push(line),
            Err(wrong) => bad.push(wrong),
        }
    }
    Ok(if bad.is_empty() { Ok(lines) } else { Err(bad) })
}

struct Row<'a> {
    number: u64,
    /// In the order of [`COLUMNS`].
    cells: &'a StringRecord,
}

impl Row<'_> {
    fn cell(&self, column: &str) -> &str {
        let at = COLUMNS.iter().position(|it| *it == column);
        at.and_then(|at| self.cells.get(at)).unwrap_or_default()
    }

    fn dispute(&self) -> Option<DisputeId> {
        self.cell("item").strip_prefix(DISPUTE)?.parse().ok()
    }

    fn bad(&self, column: &'static str, code: &'static str, zh: &str, en: &str) -> BadLine {
        BadLine {
            line: self.number,
            column,
            code,
            value: self.cell(column).chars().take(120).collect(),
            message_zh: zh.to_owned(),
            message_en: en.to_owned(),
        }
    }

    fn line(&self, shown: Option<Shown>, known: &Known<'_>) -> Result<Line, BadLine> {
        let item = self.cell("item");
        if shown.is_none() && known.agenda.item(item).is_none() {
            return Err(self.bad(
                "item",
                "item_unknown",
                "议题中没有此编号",
                "the agenda has no such item",
            ));
        }
        let measure = Measure::parse(self.cell("outcome")).ok_or_else(|| {
            self.bad(
                "outcome",
                "outcome_unknown",
                "须为 RecordMeeting、GiveOpinion、DecideDispute 或 none",
                "it is RecordMeeting, GiveOpinion, DecideDispute or none",
            )
        })?;
        let asked = match (measure, shown) {
            (Measure::None, _) => None,
            (_, None) => {
                return Err(self.bad(
                    "outcome",
                    "no_dispute",
                    "此议题不是未决争议，只能填 none",
                    "the item is no open dispute: its outcome can only be none",
                ));
            }
            (Measure::RecordMeeting, Some(shown)) => Some((
                shown,
                Command::RecordMeeting {
                    minutes: self.paper()?,
                },
            )),
            (Measure::GiveOpinion, Some(shown)) => Some((
                shown,
                Command::GiveOpinion {
                    agency: self.agency(known.rulebook)?,
                    opinion: self.paper()?,
                },
            )),
            (Measure::DecideDispute, Some(shown)) => Some((
                shown,
                Command::DecideDispute(Ruling {
                    responsible: self.agency(known.rulebook)?,
                    assisting: Vec::new(),
                    basis: self.basis()?,
                    term: None,
                    decision: self.paper()?,
                }),
            )),
        };
        Ok(Line {
            number: self.number,
            item: item.to_owned(),
            measure,
            asked,
        })
    }

    fn agency(&self, rulebook: &Rulebook) -> Result<AgencyId, BadLine> {
        let text = self.cell("agency");
        if text.is_empty() {
            return Err(self.bad(
                "agency",
                "agency_missing",
                "须写明单位",
                "it must say which agency",
            ));
        }
        let known = AgencyId::new(text)
            .ok()
            .filter(|it| rulebook.agencies.contains_key(it));
        known.ok_or_else(|| {
            self.bad(
                "agency",
                "agency_unknown",
                "规则库中没有这个单位",
                "the rulebook knows no such agency",
            )
        })
    }

    fn basis(&self) -> Result<String, BadLine> {
        let text = self.cell("basis");
        if text.is_empty() {
            return Err(self.bad(
                "basis",
                "basis_missing",
                "裁定须写明依据",
                "a ruling states its legal basis",
            ));
        }
        Ok(text.to_owned())
    }

    fn paper(&self) -> Result<Paper, BadLine> {
        let reference = self.cell("reference");
        if reference.is_empty() {
            return Err(self.bad(
                "reference",
                "reference_missing",
                "须写明文书编号或存放位置",
                "it must say the paper's number or where it lies",
            ));
        }
        let digest = self.cell("sha256").parse().map_err(|_| {
            self.bad(
                "sha256",
                "sha256_invalid",
                "须为文书的 SHA-256（64 位十六进制）",
                "it must be the paper's SHA-256, 64 hexadecimal digits",
            )
        })?;
        Ok(Paper {
            reference: reference.to_owned(),
            digest,
        })
    }
}

/// For people.
pub(super) fn grid(bad: &[BadLine], lang: Lang) -> Grid {
    let header = match lang {
        Lang::Zh => ["行", "列", "代码", "值", "问题"],
        Lang::En => ["line", "column", "code", "value", "what is wrong"],
    };
    let rows = bad.iter().map(|it| {
        vec![
            it.line.to_string(),
            it.column.to_owned(),
            it.code.to_owned(),
            it.value.clone(),
            lang.choose(&it.message_zh, &it.message_en).to_owned(),
        ]
    });
    Grid::new(header, rows)
}
