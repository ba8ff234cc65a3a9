//! `bihuan calendar due`: a deadline for each time on standard input, as fast as they come.

use std::io::{BufRead, BufWriter, ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use bihuan_domain::calendar::{Calendar, Due, Limit, Part};
use bihuan_domain::code::AreaCode;
use bihuan_domain::lang::Lang;
use bihuan_domain::time::Timestamp;
use clap::Args;
use jiff::civil::DateTime;
use serde::Serialize;

use super::usable;
use crate::cli::{Common, Format};
use crate::failure::{Failure, Outcome};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// How long: 30min, 3h (passing), 2wh (working hours), 5wd (working days) or 10d (calendar days)
    #[arg(long, value_name = "LIMIT", allow_hyphen_values = true)]
    limit: String,
    /// By the calendar of this rulebook (default: China's statutory holidays, 08:00–12:00 and 14:00–18:00)
    #[arg(long, value_name = "DIR")]
    rulebook: Option<PathBuf>,
    /// By the working hours of this place
    #[arg(long, value_name = "CODE")]
    area: Option<String>,
    /// Say what was counted and what was not
    #[arg(long)]
    explain: bool,
}

/// A line that gave a deadline.
#[derive(Serialize)]
struct Answer {
    line: u64,
    due: String,
    provisional: bool,
    #[serde(flatten)]
    why: Option<Why>,
}

#[derive(Serialize)]
struct Why {
    parts: Vec<Part>,
    zh: String,
    en: String,
}

/// A line that gave none.
#[derive(Serialize)]
struct Refusal<'a> {
    line: u64,
    value: &'a str,
    error: &'static str,
}

struct Asked {
    calendar: Calendar,
    limit: Limit,
    area: Option<AreaCode>,
    explain: bool,
    is_json: bool,
    lang: Lang,
}

impl Options {
    pub(super) fn run(self, common: &Common) -> Outcome {
        if matches!(common.format, Format::Csv | Format::Markdown) {
            return Err(Failure::usage(
                "calendar due 只有 --format table 和 json",
                "calendar due prints --format table or json",
            ));
        }
        let limit = super::limit("--limit", &self.limit)?;
        let area = self.area.as_deref().map(str::parse::<AreaCode>).transpose();
        let area = area.map_err(|error| {
            let text = &error.value;
            Failure::usage(
                format!("--area {text:?} 不是有效的区域代码"),
                format!("--area {text:?} {}", error.problem),
            )
        })?;
        let asked = Asked {
            calendar: usable(self.rulebook.as_deref())?,
            limit,
            area,
            explain: self.explain,
            is_json: common.is_json(),
            lang: common.lang(),
        };
        let output = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
        match asked.answer(std::io::stdin().lock(), output) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
            Err(error) => Err(error.into()),
            Ok(0) => Ok(ExitCode::SUCCESS),
            Ok(_) => Ok(ExitCode::from(2)),
        }
    }
}

impl Asked {
    /// A line of output for each of input; how many lines gave no deadline.
    fn answer(&self, mut input: impl BufRead, mut output: impl Write) -> std::io::Result<u64> {
        let (mut number, mut refused) = (0, 0);
        let mut bytes = Vec::new();
        while input.read_until(b'\n', &mut bytes)? > 0 {
            number += 1;
            let text = String::from_utf8_lossy(&bytes);
            let text = text.trim();
            if let Err(error) = self.one(number, text, &mut output)? {
                refused += 1;
                self.refuse(number, text, error, &mut output)?;
            }
            bytes.clear();
        }
        output.flush()?;
        Ok(refused)
    }

    /// Writes the deadline, or gives the code of what is wrong.
    fn one(
        &self,
        line: u64,
        text: &str,
        output: &mut impl Write,
    ) -> std::io::Result<Result<(), &'static str>> {
        let Some(start) = self.moment(text) else {
            return Ok(Err("time_unreadable"));
        };
        let area = self.area.as_ref();
        if !self.explain {
            return match self.calendar.due(area, start, self.limit) {
                Ok(due) => self.write(line, due, None, output).map(Ok),
                Err(error) => Ok(Err(error.code())),
            };
        }
        match self.calendar.explain(area, start, self.limit) {
            Ok(working) => {
                let why = Why {
                    zh: working.words(Lang::Zh),
                    en: working.words(Lang::En),
                    parts: working.parts,
                };
                self.write(line, working.due, Some(why), output).map(Ok)
            }
            Err(error) => Ok(Err(error.code())),
        }
    }

    fn write(&self, line: u64, due: Due, why: Option<Why>, output: &mut impl Write) -> std::io::Result<()> {
        let Due { at, provisional } = due;
        let shown = super::shown(at, self.calendar.zone());
        if self.is_json {
            let answer = Answer {
                line,
                due: shown,
                provisional,
                why,
            };
            serde_json::to_writer(&mut *output, &answer)?;
            return writeln!(output);
        }
        let mark = if provisional { " provisional" } else { "" };
        match why {
            None => writeln!(output, "{shown}{mark}"),
            Some(Why { zh, en, .. }) => writeln!(output, "{shown}{mark}\t{}", self.lang.choose(&zh, &en)),
        }
    }

    fn refuse(
        &self,
        line: u64,
        value: &str,
        error: &'static str,
        output: &mut impl Write,
    ) -> std::io::Result<()> {
        let value: String = value.chars().take(80).collect();
        let (zh, en) = if error == "time_unreadable" {
            ("不是时间", "is not a time")
        } else {
            (
                "不在 2004 至 2100 年之内，或期限超出此范围",
                "or its deadline lies outside the years 2004 to 2100",
            )
        };
        eprintln!("bihuan: 第 {line} 行 {value:?} {zh} / line {line}: {value:?} {en} ({error})");
        if self.is_json {
            let refusal = Refusal {
                line,
                value: &value,
                error,
            };
            serde_json::to_writer(&mut *output, &refusal)?;
            return writeln!(output);
        }
        writeln!(output, "error")
    }

    /// A moment as RFC 3339 writes it, or by the clock of the place.
    fn moment(&self, text: &str) -> Option<Timestamp> {
        if let Ok(at) = text.parse() {
            return Some(at);
        }
        // a date alone is no time: at which hour somebody received something is not for us to guess
        let length = "2026-04-30 16:40".len();
        let is_whole = text.len() >= length && text.is_ascii();
        let local: DateTime = text.parse().ok().filter(|_| is_whole && text.contains(':'))?;
        let at = self.calendar.zone().to_timestamp(local).ok()?;
        Some(at.into())
    }
}
