//! `bihuan rulebook list`: every activation that was ever asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use bihuan_domain::lang::Lang;
use bihuan_domain::time::Timestamp;
use bihuan_monitor::words::Words;
use bihuan_rulebook::{Activations, State};
use bihuan_store::activation::{Activation, Request};
use bihuan_store::document::{self, Kind};
use serde::Serialize;
use serde_json::Value;

use crate::activation::civil;
use crate::cli::Common;
use crate::failure::{Failure, Outcome};
use crate::output::{self, Grid};
use crate::session::Reading;

#[derive(Serialize)]
struct Listed {
    /// `None`: from before activations were counted.
    activation: Option<u32>,
    version: String,
    label: String,
    /// RFC 3339; `None`: for all clues.
    from: Option<String>,
    asked_at: Option<String>,
    by: Option<String>,
    why: Option<String>,
    state: State,
    withdrawn_by: Option<String>,
    withdrawn_why: Option<String>,
    backtest: Option<Value>,
    #[serde(skip)]
    since: Option<Timestamp>,
}

pub(super) async fn list(common: &Common) -> Outcome {
    show(common, &Reading::open(common).await?).await?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn show(common: &Common, reading: &Reading) -> Result<(), Failure> {
    let book = Activations::of(&reading.store, reading.partitions).await?;
    let labels = document::list(reading.store.read().await?.conn(), Kind::Rulebook).await?;
    let labels: BTreeMap<String, String> = labels.into_iter().collect();
    let now = reading.now();
    let mut listed = uncounted(&book, now);
    listed.extend(book.requests.iter().map(|it| of(it, book.state(it, now))));
    for it in &mut listed {
        it.label = labels.get(&it.version).cloned().unwrap_or_default();
    }
    if common.is_json() {
        return output::json(&listed);
    }
    print(common, reading, &listed).await
}

async fn print(common: &Common, reading: &Reading, listed: &[Listed]) -> Result<(), Failure> {
    let (lang, rulebook) = (common.lang(), reading.rulebook().await?);
    let words = Words {
        lang,
        rulebook: rulebook.rulebook(),
    };
    let header = match lang {
        Lang::Zh => [
            "序号",
            "版本",
            "标签",
            "适用于自此上报的线索",
            "提出人",
            "理由",
            "状态",
            "回测",
        ],
        Lang::En => [
            "no.",
            "version",
            "label",
            "for clues reported from",
            "by",
            "why",
            "state",
            "back-test",
        ],
    };
    let rows = listed.iter().map(|it| {
        let from = it.since.map(|from| civil(from, rulebook.rulebook()));
        vec![
            it.activation.map(|number| number.to_string()).unwrap_or_default(),
            it.version.clone(),
            it.label.clone(),
            from.unwrap_or_else(|| lang.choose("全部", "all").to_owned()),
            it.by.clone().unwrap_or_default(),
            it.why.clone().unwrap_or_default(),
            state(it, words),
            it.backtest
                .as_ref()
                .map(|it| words.tested(it))
                .unwrap_or_default(),
        ]
    });
    output::line(&Grid::new(header, rows).render(common.format)?)
}

fn state(listed: &Listed, words: Words<'_>) -> String {
    let withdrawn = listed
        .withdrawn_by
        .as_deref()
        .zip(listed.withdrawn_why.as_deref());
    words.activation(listed.state, withdrawn)
}

fn of(request: &Request, state: State) -> Listed {
    let withdrawal = request.withdrawal.as_ref();
    Listed {
        activation: Some(request.number),
        version: request.version.clone(),
        label: String::new(),
        from: request.from.map(|from| from.to_string()),
        asked_at: Some(request.asked_at.to_string()),
        by: Some(request.by.clone()),
        why: Some(request.why.clone()),
        state,
        withdrawn_by: withdrawal.map(|it| it.by.clone()),
        withdrawn_why: withdrawal.map(|it| it.why.clone()),
        backtest: request
            .backtest
            .as_deref()
            .and_then(|text| serde_json::from_str(text).ok()),
        since: request.from,
    }
}

/// What was journalled before activations were counted.
fn uncounted(book: &Activations, now: Timestamp) -> Vec<Listed> {
    let of_old = |it: &&Activation| it.number.is_none();
    let rows = book.journalled.iter().flat_map(|rows| rows.iter().filter(of_old));
    let versions: BTreeSet<&str> = rows.map(|it| &*it.version).collect();
    let newest = book.journalled.iter().find_map(|rows| rows.iter().rfind(of_old));
    let holds = |it: &Request| book.state(it, now) == State::Holds;
    let replaced = book.requests.iter().any(holds);
    let listed = |version: &str| Listed {
        activation: None,
        version: version.to_owned(),
        label: String::new(),
        from: None,
        asked_at: None,
        by: None,
        why: None,
        state: if !replaced && newest.is_some_and(|it| it.version == version) {
            State::Holds
        } else {
            State::Replaced
        },
        withdrawn_by: None,
        withdrawn_why: None,
        backtest: None,
        since: None,
    };
    versions.into_iter().map(listed).collect()
}
