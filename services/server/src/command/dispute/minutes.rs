//! `bihuan dispute agenda --minutes`: what came of a joint meeting is asked of the disputes, one command after the other. Nothing of
//! a file with a bad line is sent.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use bihuan_contracts::dispute::Request;
use bihuan_domain::dispute::Measure;
use bihuan_monitor::agenda;
use bihuan_monitor::words::Words;
use serde_json::json;

use super::minutes_file::{Known, checked, grid, read};
use super::outcome;
use super::who::Who;
use crate::cli::{Common, Format};
use crate::failure::Outcome;
use crate::output;
use crate::session::Session;
use crate::submit::Disputes;

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
    let words = Words {
        lang,
        rulebook: active.rulebook(),
    };
    let disputes = Disputes::new(session, Duration::from_secs(who.wait));
    let (mut results, mut is_refused, mut unanswered) = (Vec::new(), false, None);
    for line in lines {
        let mut told = json!({"status": "noted"});
        let mut said = lang.choose("记录在案", "noted").to_owned();
        if let Some((shown, command)) = line.asked {
            let dispute = &shown.dispute;
            let request = Request {
                dispute: dispute.id,
                actor: Some(who.actor()),
                expected_version: None,
                occurred_at: None,
                command,
                text: None,
            };
            let answered = match disputes.ask_once(dispute.opening.clue, request).await {
                Ok(answered) => answered,
                Err(failure) => {
                    unanswered = Some(failure);
                    break;
                }
            };
            is_refused |= outcome::is_refused(&answered);
            told = outcome::json(&answered, lang);
            said = outcome::words(&answered, words).join("; ");
        }
        told["line"] = json!(line.number);
        told["item"] = json!(line.item);
        told["outcome"] = json!(Measure::as_str(line.measure));
        if common.is_json() {
            results.push(told);
        } else {
            let (number, item, measure) = (line.number, &line.item, line.measure);
            output::line(&format!("{number}  {item}  {measure}  {said}"))?;
        }
    }
    if common.is_json() {
        output::json(&results)?;
    }
    // what was done before it is printed first
    unanswered.map_or(Ok(ExitCode::from(u8::from(is_refused))), Err)
}
