//! The first records of a sample, as a mapping would read them.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use bihuan_domain::clue::{Flag, Origin, Report};
use bihuan_domain::id::RecordId;
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::{CompiledRulebook, Rulebook};
use bihuan_intake::import::{Import, ImportError};
use bihuan_mapping::format::{Format, csv};
use bihuan_mapping::{Mapping, Preview, Problem, Receipt, Shown, check, preview};
use bihuan_monitor::words::Words;
use bihuan_runtime::Clock;

use crate::cli::Common;
use crate::failure::Failure;
use crate::{output, rulebooks};

/// What is wrong with the mapping for this sample, and what would become of its first records.
pub(super) fn read(
    mapping: &Mapping,
    path: &Path,
    rulebook: Option<&Path>,
    first: usize,
) -> Result<(Vec<Problem>, Vec<Preview>), Failure> {
    let rulebook = match rulebook {
        Some(directory) => rulebooks::usable(directory)?.1,
        None => Rulebook::none(),
    };
    let registry = CompiledRulebook::new(Arc::new(rulebook));
    let problems = match mapping.format() {
        Format::Csv => check(mapping, Some(&columns(mapping, path)?)),
        Format::Json | Format::Protobuf => check(mapping, None),
    };
    let mut file = match Import::open(path, mapping) {
        Ok(file) => file,
        Err(ImportError::Mapping(_)) if !problems.is_empty() => return Ok((problems, Vec::new())),
        Err(ImportError::Mapping(problems)) => return Ok((problems, Vec::new())),
        Err(error) => return Err(failed(path, &error)),
    };
    let (received_at, mut previews) = (Clock::wall().now(), Vec::new());
    while previews.len() < first
        && let Some(cut) = file.next()
    {
        let cut = cut.map_err(|error| failed(path, &error))?;
        let origin = Origin {
            record: RecordId::of_file(file.digest(), cut.ordinal),
            topic: String::new(),
            partition: 0,
            offset: 0,
            line: Some(cut.line),
        };
        let receipt = Receipt {
            received_at,
            origin,
            route: false,
        };
        let mut seen = preview(file.bound(), &cut.bytes, &registry, receipt);
        if let Some(reason) = cut.broken {
            let shown = Some(file.bound().shown(&cut.bytes));
            seen = Preview {
                disposition: "quarantined",
                reason: Some(reason),
                report: None,
                text: None,
                shown,
                ..seen
            };
        }
        previews.push(seen);
    }
    Ok((problems, previews))
}

fn columns(mapping: &Mapping, path: &Path) -> Result<Vec<String>, Failure> {
    let file = File::open(path).map_err(|error| failed(path, &error))?;
    let table = csv::Table::open(file, mapping.encoding()).map_err(|error| failed(path, &error))?;
    Ok(table.columns().to_vec())
}

fn failed(path: &Path, error: &dyn std::error::Error) -> Failure {
    let path = path.display();
    Failure::usage(format!("{path}：{error}"), format!("{path}: {error}"))
}

pub(super) fn print(record: &Preview, common: &Common) -> Result<(), Failure> {
    let lang = common.lang();
    let (zh, en) = match record.disposition {
        "clue" => ("成为线索", "becomes a clue"),
        "deletion" => (
            "来源已删除，只剩编号",
            "was removed at the source, nothing but its id is left",
        ),
        "quarantined" => ("隔离", "goes to quarantine"),
        _ => ("略过", "is skipped"),
    };
    let line = record.line.unwrap_or(0);
    output::line(&match lang {
        Lang::Zh => format!("第 {line} 行：{zh}"),
        Lang::En => format!("line {line} {en}"),
    })?;
    let mut lines = Vec::new();
    if let Some(reason) = record.reason {
        let (zh, en) = bihuan_intake::words(reason);
        let field = record
            .field
            .as_ref()
            .map(|field| format!(" ({field})"))
            .unwrap_or_default();
        lines.push((
            lang.choose("原因", "reason"),
            format!("{reason}{field}: {}", lang.choose(zh, en)),
        ));
    }
    match &record.shown {
        Some(Shown::Text(text)) => lines.push((lang.choose("内容", "bytes"), text.clone())),
        Some(Shown::Withheld { length, sha256 }) => {
            let hidden = lang.choose("含个人信息，不显示", "not shown, it may name persons");
            lines.push((
                lang.choose("内容", "bytes"),
                format!("{hidden}; {length} B, sha256 {sha256}"),
            ));
        }
        None => {}
    }
    if let Some(report) = &record.report {
        lines.extend(fields(report, lang));
    }
    if let Some(text) = &record.text {
        let parts = [
            ("title", &text.title),
            ("description", &text.description),
            ("place", &text.place),
            ("remark", &text.remark),
        ];
        lines.extend(
            parts
                .into_iter()
                .filter_map(|(name, part)| Some((name, part.clone()?))),
        );
    }
    for (name, value) in lines {
        output::line(&format!("  {name} = {value}"))?;
    }
    Ok(())
}

/// What a report says, by the keys of the mapping.
fn fields(report: &Report, lang: Lang) -> Vec<(&'static str, String)> {
    let unknown = lang.choose("未知", "unknown");
    let code = |code: Option<String>, source: &Option<String>| match (code, source) {
        (Some(code), _) => Some(code),
        (None, Some(text)) => Some(format!("{text} ({unknown})")),
        (None, None) => None,
    };
    let place = report
        .location
        .as_ref()
        .map(|it| format!("{}, {} {:?}", it.longitude, it.latitude, it.datum));
    let attributes: Vec<_> = report
        .attributes
        .iter()
        .map(|it| format!("{}={}", it.name, it.value))
        .collect();
    let history = report.history.as_ref();
    let parts = [
        ("id", Some(format!("{}/{}", report.source, report.source_id))),
        ("reported_at", Some(report.reported_at.to_string())),
        (
            "matter",
            code(
                report.matter.as_ref().map(ToString::to_string),
                &report.source_matter,
            ),
        ),
        (
            "area",
            code(report.area.as_ref().map(ToString::to_string), &report.source_area),
        ),
        ("severity", report.severity.as_ref().map(ToString::to_string)),
        ("location", place),
        ("due_at", report.source_due_at.map(|at| at.to_string())),
        (
            "attributes",
            (!attributes.is_empty()).then(|| attributes.join(", ")),
        ),
        (
            "agency",
            history.and_then(|it| it.agency.as_ref().map(ToString::to_string)),
        ),
        (
            "closed_at",
            history.and_then(|it| it.closed_at.map(|at| at.to_string())),
        ),
        ("conclusion", history.map(|it| it.conclusion.to_string())),
        ("flags", flags(&report.flags, lang)),
    ];
    parts
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

fn flags(flags: &[Flag], lang: Lang) -> Option<String> {
    let none = Rulebook::none();
    let words = Words {
        lang,
        rulebook: &none,
    };
    let said: Vec<_> = flags.iter().map(|flag| words.flag(*flag)).collect();
    (!said.is_empty()).then(|| said.join(lang.choose("；", "; ")))
}
