//! `bihuan dispute agenda --minutes`: what came of a joint meeting is asked of the disputes, one command after the other. Nothing of
//! a file with a bad line is sent.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use bihuan_domain::dispute::Measure;
use bihuan_monitor::agenda;
use serde_json::json;

use super::minutes_file::{Known, checked, grid, read};
use super::send::send;
use super::who::Who;
use crate::cli::{Common, Format};
use crate::failure::Outcome;
use crate::output;
use crate::session::Session;

pub(super) async fn carry_out(session: &Session, path: &Path, who: &Who, common: &Common) -> Outcome {
    let (reading, lang) = (session.reading(), common.lang());
    let rows = read(path)?;
    let active = reading.rulebook().await?;
    let agenda = agenda::agenda(&reading.store, &reading.library, &active, None, reading.now()).await?;
    let known = Known {
        store: &reading.store,
        rulebook: active.rulebook(),
        agenda: &agenda,
    };
    let lines = match checked(&rows, &known).await? {
        Ok(lines) => lines,
        Err(bad) => {
            if common.format == Format::Json {
                output::json(&json!({"sent": 0, "errors": bad}))?;
            } else {
                output::line(&grid(&bad, lang).render(common.format)?)?;
            }
            eprintln!(
                "{}",
                lang.choose(
                    "文件有误，未发送任何内容",
                    "the file is wrong: nothing of it was sent"
                )
            );
            return Ok(ExitCode::from(2));
        }
    };
    let (mut results, mut is_refused) = (Vec::new(), false);
    for line in lines {
        let mut told = json!({"status": "noted"});
        let mut words = lang.choose("记录在案", "noted").to_owned();
        if let Some((shown, command)) = line.asked {
            let wait = Duration::from_secs(who.wait);
            let became = send(session, &shown, command, who.actor(), wait).await?;
            is_refused |= became.is_rejected();
            (told, words) = (became.json(lang), became.words(lang));
        }
        told["line"] = json!(line.number);
        told["item"] = json!(line.item);
        told["outcome"] = json!(Measure::as_str(line.measure));
        if common.is_json() {
            results.push(told);
        } else {
            let (number, item, outcome) = (line.number, &line.item, line.measure);
            output::line(&format!("{number}  {item}  {outcome}  {words}"))?;
        }
    }
    if common.is_json() {
        output::json(&results)?;
    }
    Ok(ExitCode::from(u8::from(is_refused)))
}
