//! What is told of a notice that was issued or discarded: of each of its clues, and whether that was all.

use std::process::ExitCode;

use bihuan_domain::id::ClueId;
use bihuan_domain::lang::Lang;
use serde_json::{Value, json};

use crate::cli::Common;
use crate::failure::{Failure, Outcome};
use crate::output;

/// What became of one clue of a notice.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) id: ClueId,
    pub(super) number: String,
    pub(super) done: bool,
    /// Why it was refused.
    pub(super) code: Option<String>,
    pub(super) words: Option<(&'static str, &'static str)>,
}

/// What is said of what was done.
pub(super) struct Done {
    /// The key of a script.
    key: &'static str,
    words: (&'static str, &'static str),
    /// Some are left.
    more: (&'static str, &'static str),
}

pub(super) const ISSUED: Done = Done {
    key: "issued",
    words: ("签发", "issued"),
    more: ("还有未签发的，请再次运行本命令", "more are left: run this again"),
};

pub(super) const DISCARDED: Done = Done {
    key: "discarded",
    words: ("弃用", "discarded"),
    more: ("还有未弃用的，请再次运行本命令", "more are left: run this again"),
};

/// Prints what became of each clue. Nothing to do is no answer either.
pub(super) fn told(all: &[Answer], left_out: u64, it: &Done, common: &Common) -> Outcome {
    let lang = common.lang();
    let done = all.iter().filter(|it| it.done).count();
    let refused = all.len() - done;
    if common.is_json() {
        let clues: Vec<_> = all.iter().map(|answer| answer.to_json(it.key)).collect();
        output::json(&json!({it.key: done, "refused": refused, "left_out": left_out, "clues": clues}))?;
    } else {
        print(all, (done, refused), it, lang)?;
        if left_out > 0 {
            output::line(lang.choose(it.more.0, it.more.1))?;
        }
    }
    let whole = refused == 0 && done > 0 && left_out == 0;
    Ok(if whole {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

impl Answer {
    fn to_json(&self, key: &str) -> Value {
        let mut json = json!({"id": self.id, "number": self.number, key: self.done});
        if let Some(code) = &self.code {
            json["code"] = code.as_str().into();
        }
        json
    }
}

fn print(all: &[Answer], (done, refused): (usize, usize), it: &Done, lang: Lang) -> Result<(), Failure> {
    let (zh, en) = it.words;
    for answer in all {
        let words = match (answer.words, &answer.code) {
            (Some((zh, en)), Some(code)) => {
                format!(
                    "{} ({code}): {}",
                    lang.choose("被拒绝", "refused"),
                    lang.choose(zh, en)
                )
            }
            _ => match lang {
                Lang::Zh => format!("已{zh}"),
                Lang::En => en.to_owned(),
            },
        };
        output::line(&format!("{}  {words}", answer.number))?;
    }
    output::line(&match lang {
        Lang::Zh if all.is_empty() => "没有这样的待签发通知".to_owned(),
        Lang::En if all.is_empty() => "no such notice waits".to_owned(),
        Lang::Zh => format!("{zh} {done}，拒绝 {refused}"),
        Lang::En => format!("{en} {done}, refused {refused}"),
    })
}
