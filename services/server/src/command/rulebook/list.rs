//! `bihuan rulebook list`: every activation that was ever asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

use bihuan_domain::lang::Lang;
use bihuan_domain::routing::Rulebook;
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
pub(super) struct Listed {
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
    /// If the state is not that it is withdrawn, the withdrawal came too late.
    withdrawn_at: Option<String>,
    withdrawn_by: Option<String>,
    withdrawn_why: Option<String>,
    backtest: Option<Value>,
    #[serde(skip)]
    times: Times,
}

/// As a table says them in the rulebook's zone.
#[derive(Default)]
struct Times {
    from: Option<Timestamp>,
    asked: Option<Timestamp>,
    withdrawn: Option<Timestamp>,
}

/// What is listed, and what that takes.
pub(super) struct Known {
    activations: Activations,
    /// By version.
    labels: BTreeMap<String, String>,
    now: Timestamp,
}

impl Known {
    pub(super) async fn read(reading: &Reading) -> Result<Self, Failure> {
        let mut reader = reading.store.snapshot().await?;
        let activations = Activations::read(reader.conn(), reading.partitions).await?;
        let labels = document::list(reader.conn(), Kind::Rulebook).await?;
        Ok(Self {
            activations,
            labels: labels.into_iter().collect(),
            now: reading.now(),
        })
    }

    pub(super) fn listed(&self, number: u32) -> Option<Listed> {
        let mut requests = self.activations.requests.iter();
        requests.find(|it| it.number == number).map(|it| self.of(it))
    }

    pub(super) fn newest(&self, version: &str) -> Option<Listed> {
        let mut newest = self.activations.requests.iter().rev();
        newest.find(|it| it.version == version).map(|it| self.of(it))
    }

    fn all(&self) -> Vec<Listed> {
        let mut listed = self.uncounted();
        listed.extend(self.activations.requests.iter().map(|it| self.of(it)));
        listed
    }

    fn label(&self, version: &str) -> String {
        self.labels.get(version).cloned().unwrap_or_default()
    }

    fn of(&self, request: &Request) -> Listed {
        let withdrawal = request.withdrawal.as_ref();
        let times = Times {
            from: request.from,
            asked: Some(request.asked_at),
            withdrawn: withdrawal.map(|it| it.at),
        };
        Listed {
            activation: Some(request.number),
            version: request.version.clone(),
            label: self.label(&request.version),
            from: times.from.map(|from| from.to_string()),
            asked_at: times.asked.map(|at| at.to_string()),
            by: Some(request.by.clone()),
            why: Some(request.why.clone()),
            state: self.activations.state(request, self.now),
            withdrawn_at: times.withdrawn.map(|at| at.to_string()),
            withdrawn_by: withdrawal.map(|it| it.by.clone()),
            withdrawn_why: withdrawal.map(|it| it.why.clone()),
            backtest: request
                .backtest
                .as_deref()
                .and_then(|text| serde_json::from_str(text).ok()),
            times,
        }
    }

    /// What was journalled before activations were counted. Of these the first use that was asked for since is one: it holds where
    /// they did.
    fn uncounted(&self) -> Vec<Listed> {
        let (known, now) = (&self.activations, self.now);
        let of_old = |it: &&Activation| it.number.is_none();
        let rows = known
            .journalled
            .iter()
            .flat_map(|rows| rows.iter().filter(of_old));
        let mut versions: BTreeSet<&str> = rows.map(|it| &*it.version).collect();
        for request in known.requests.iter().filter(|it| it.from.is_none()) {
            versions.remove(&*request.version);
        }
        let newest = known.journalled.iter().find_map(|rows| rows.iter().rfind(of_old));
        let replaced = known.holds(now).is_some();
        let listed = |version: &str| Listed {
            activation: None,
            version: version.to_owned(),
            label: self.label(version),
            from: None,
            asked_at: None,
            by: None,
            why: None,
            state: if !replaced && newest.is_some_and(|it| it.version == version) {
                State::Holds
            } else {
                State::Replaced
            },
            withdrawn_at: None,
            withdrawn_by: None,
            withdrawn_why: None,
            backtest: None,
            times: Times::default(),
        };
        versions.into_iter().map(listed).collect()
    }
}

pub(super) async fn list(common: &Common) -> Outcome {
    show(common, &Reading::open(common).await?).await?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn show(common: &Common, reading: &Reading) -> Result<(), Failure> {
    let listed = Known::read(reading).await?.all();
    if common.is_json() {
        return output::json(&listed);
    }
    print(common, reading.rulebook().await?.rulebook(), &listed)
}

/// A table; times in the zone of `rulebook`.
pub(super) fn print(common: &Common, rulebook: &Rulebook, listed: &[Listed]) -> Result<(), Failure> {
    let lang = common.lang();
    let words = Words { lang, rulebook };
    let header = match lang {
        Lang::Zh => [
            "序号",
            "版本",
            "标签",
            "适用于自此上报的线索",
            "提出时间",
            "提出人",
            "理由",
            "状态",
            "撤销时间",
            "回测",
        ],
        Lang::En => [
            "no.",
            "version",
            "label",
            "for clues reported from",
            "asked at",
            "by",
            "why",
            "state",
            "withdrawn at",
            "back-test",
        ],
    };
    let time = |at: Option<Timestamp>| at.map(|at| civil(at, rulebook));
    let rows = listed.iter().map(|it| {
        vec![
            it.activation.map(|number| number.to_string()).unwrap_or_default(),
            it.version.clone(),
            it.label.clone(),
            time(it.times.from).unwrap_or_else(|| lang.choose("全部", "all").to_owned()),
            time(it.times.asked).unwrap_or_default(),
            it.by.clone().unwrap_or_default(),
            it.why.clone().unwrap_or_default(),
            state(it, words),
            time(it.times.withdrawn).unwrap_or_default(),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn first(number: u32) -> Request {
        Request {
            number,
            version: "b".to_owned(),
            from: None,
            asked_at: Timestamp::from_micros(1),
            by: "operator".to_owned(),
            why: "first use".to_owned(),
            backtest: None,
            withdrawal: None,
        }
    }

    #[test]
    fn what_was_activated_of_old_is_listed_once() {
        let row = |sequence, version: &str| Activation {
            sequence,
            version: version.to_owned(),
            from: None,
            number: None,
            withdrawn: None,
        };
        let mut known = Known {
            activations: Activations {
                requests: Vec::new(),
                journalled: vec![vec![row(1, "a"), row(9, "b")], vec![row(1, "a"), row(5, "b")]],
            },
            labels: BTreeMap::new(),
            now: Timestamp::from_micros(5),
        };
        let told = |known: &Known| -> Vec<(Option<u32>, String, State)> {
            let all = known.all().into_iter();
            all.map(|it| (it.activation, it.version, it.state)).collect()
        };
        let [a, b] = ["a", "b"].map(str::to_owned);
        let expected = [
            (None, a.clone(), State::Replaced),
            (None, b.clone(), State::Holds),
        ];
        assert_eq!(told(&known), expected);
        // as every start of an installation whose configuration names it asks for it
        known.activations.requests.push(first(1));
        assert_eq!(
            told(&known),
            [(None, a, State::Replaced), (Some(1), b, State::Holds)]
        );
    }
}
