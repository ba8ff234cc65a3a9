//! What a check has found, as a table.

use bihuan_domain::lang::Lang;
use bihuan_rulebook::{Finding, Severity};

use crate::output::Grid;

/// A row for each finding.
pub(crate) fn grid(findings: &[Finding], lang: Lang) -> Grid {
    let header = match lang {
        Lang::Zh => ["级别", "位置", "代码", "问题", "建议"],
        Lang::En => ["severity", "place", "code", "what is wrong", "what to do"],
    };
    Grid::new(header, findings.iter().map(|it| row(it, lang)))
}

fn row(finding: &Finding, lang: Lang) -> Vec<String> {
    let severity = match finding.severity {
        Severity::Error => lang.choose("错误", "error"),
        Severity::Warning => lang.choose("警告", "warning"),
        Severity::Note => lang.choose("提示", "note"),
    };
    let mut place = finding.file.clone();
    if let Some(line) = finding.line {
        place = format!("{place}:{line}");
    }
    if let Some(column) = &finding.column {
        place = format!("{place}:{column}");
    }
    vec![
        severity.to_owned(),
        place,
        finding.code.to_owned(),
        finding.message(lang).to_owned(),
        finding.advice(lang).to_owned(),
    ]
}
