//! A reconciliation as people read it: counts, whom to ask about what, and the ids.

use std::io::{BufWriter, Write};

use bihuan_domain::lang::Lang;
use bihuan_domain::routing::Rulebook;
use bihuan_monitor::reconcile::{Ask, Counts, Group, Reconciliation, Row};

use crate::cli::Format;
use crate::failure::Failure;
use crate::output::{self, Grid};

/// As many differences are printed one by one.
const PRINTED: usize = 50;
/// Spreadsheet programs take a CSV for UTF-8 only with it.
const BYTE_ORDER_MARK: &str = "\u{feff}";

pub(super) fn print(
    done: &Reconciliation,
    format: Format,
    lang: Lang,
    rulebook: &Rulebook,
) -> Result<(), Failure> {
    let summary = &done.summary;
    output::line(&match lang {
        Lang::Zh => format!(
            "{}：清单 {}（{} 生成）与此处（截至 {}）",
            summary.source, summary.manifest, summary.made_at, summary.as_of
        ),
        Lang::En => format!(
            "{}: the list {} (made {}) and ours (as of {})",
            summary.source, summary.manifest, summary.made_at, summary.as_of
        ),
    })?;
    output::line(&counts(&summary.counts, lang).render(format)?)?;
    if summary.agrees() {
        return output::line(lang.choose("一致", "they agree"));
    }
    output::line(&groups(&summary.groups, lang, rulebook).render(format)?)?;
    let printed = done.rows.len().min(PRINTED);
    output::line(&rows(&done.rows[..printed], lang).render(format)?)?;
    if printed < done.rows.len() {
        let more = done.rows.len() - printed;
        output::line(&match lang {
            Lang::Zh => format!("另有 {more} 条；用 --output 文件.xlsx 写出全部"),
            Lang::En => format!("{more} more; --output FILE.xlsx writes all of them"),
        })?;
    }
    Ok(())
}

/// Everything, for a spreadsheet program; row by row, because there may be as many as the platform has records.
pub(super) fn spreadsheet(done: &Reconciliation, lang: Lang, file: impl Write) -> std::io::Result<()> {
    let mut file = BufWriter::new(file);
    file.write_all(BYTE_ORDER_MARK.as_bytes())?;
    let mut table = csv::Writer::from_writer(file);
    table.write_record(header(lang))?;
    for row in &done.rows {
        // an id stays as it is, or nobody could look it up by what stands here
        table.write_record(cells(row, lang).map(|cell| output::inert(&cell)))?;
    }
    table.flush()
}

fn counts(counts: &Counts, lang: Lang) -> Grid {
    let header = [
        lang.choose("核对", "reconciliation"),
        lang.choose("数量", "count"),
    ];
    let rows = counts
        .told(lang)
        .map(|(name, count)| vec![name.to_owned(), count.to_string()]);
    Grid::new(header, rows)
}

fn groups(groups: &[Group], lang: Lang, rulebook: &Rulebook) -> Grid {
    let header = match lang {
        Lang::Zh => ["问谁", "差异", "原因", "数量"],
        Lang::En => ["ask", "difference", "cause", "count"],
    };
    let rows = groups.iter().map(|group| {
        vec![
            asked(group, lang, rulebook),
            group.difference.words(lang).to_owned(),
            format!("{}: {}", group.cause.as_str(), group.words(lang)),
            group.count.to_string(),
        ]
    });
    Grid::new(header, rows)
}

/// Whom to ask, by name where it is an agency.
fn asked(group: &Group, lang: Lang, rulebook: &Rulebook) -> String {
    let (Ask::Agency, Some(id)) = (group.ask, &group.agency) else {
        return group.ask.words(lang).to_owned();
    };
    let name = rulebook.agencies.get(id.as_str()).map(|agency| {
        let english = Some(agency.name_en.as_str()).filter(|name| !name.is_empty());
        lang.choose(&agency.name, english.unwrap_or(&agency.name))
    });
    let agency = name.map_or_else(|| id.clone(), |name| format!("{name} [{id}]"));
    match &group.person {
        Some(person) => format!("{agency} ({person})"),
        None => agency,
    }
}

pub(super) fn rows(rows: &[Row], lang: Lang) -> Grid {
    Grid::new(header(lang), rows.iter().map(|row| cells(row, lang).into()))
}

/// The column of the list's line.
pub(super) const LINE: u16 = 9;

pub(super) const fn header(lang: Lang) -> [&'static str; 11] {
    match lang {
        Lang::Zh => [
            "问谁",
            "单位",
            "经办人",
            "差异",
            "原因",
            "来源编号",
            "线索编号",
            "平台状态",
            "此处环节",
            "清单行",
            "说明",
        ],
        Lang::En => [
            "ask",
            "agency",
            "officer",
            "difference",
            "cause",
            "source id",
            "number",
            "there",
            "here",
            "line",
            "what to do",
        ],
    }
}

pub(super) fn cells(row: &Row, lang: Lang) -> [String; 11] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        row.ask.words(lang).to_owned(),
        text(&row.agency),
        text(&row.person),
        row.difference.words(lang).to_owned(),
        row.cause.as_str().to_owned(),
        text(&row.source_id),
        text(&row.number),
        text(&row.there),
        text(&row.here),
        row.line.map(|line| line.to_string()).unwrap_or_default(),
        row.cause.words(lang).to_owned(),
    ]
}
