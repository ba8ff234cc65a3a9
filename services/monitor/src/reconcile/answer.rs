//! What a reconciliation says: counts, groups by whom to ask and why, and a row for each difference.

use std::collections::BTreeMap;

use bihuan_domain::lang::Lang;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Ask, Cause, Difference};

/// The whole answer; keys are stable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reconciliation {
    #[serde(flatten)]
    pub summary: Summary,
    /// By whom to ask, cause and id of the source.
    pub rows: Vec<Row>,
}

/// The answer without what differs one by one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Summary {
    pub source: String,
    /// The file that was read.
    pub manifest: String,
    /// When the list was made, RFC 3339: what happened later is not compared.
    pub made_at: String,
    /// When it was compared, RFC 3339.
    pub as_of: String,
    /// The list was taken to hold everything that the platform has.
    pub complete: bool,
    pub counts: Counts,
    pub groups: Vec<Group>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Counts {
    /// Lines of the list.
    pub records: u64,
    /// Ids of the list, each once.
    pub listed: u64,
    /// Clues of the source here.
    pub here: u64,
    /// On both sides, and in the same state.
    pub agree: u64,
    /// The list says nothing of their state or, where it is not complete, of the clue.
    pub not_compared: u64,
    /// They differ, and a person has decided about that.
    pub settled: u64,
    /// Of what came or changed here after the list was made.
    pub later: u64,
    pub missing_here: u64,
    pub missing_there: u64,
    pub status_differs: u64,
    pub callback_failed: u64,
    pub duplicate: u64,
    pub unreadable: u64,
    /// The sum of the six before.
    pub differences: u64,
}

/// Differences about which the same people are asked for the same cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Group {
    pub ask: Ask,
    /// Which agency, where an agency is asked.
    #[schema(required)]
    pub agency: Option<String>,
    /// Staff reference (工号) of who acted last for it, where known.
    #[serde(default)]
    #[schema(required)]
    pub person: Option<String>,
    pub difference: Difference,
    pub cause: Cause,
    pub words_zh: String,
    pub words_en: String,
    pub count: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Row {
    pub ask: Ask,
    #[schema(required)]
    pub agency: Option<String>,
    /// Staff reference (工号) of who acted last for the agency on this clue, where known.
    #[serde(default)]
    #[schema(required)]
    pub person: Option<String>,
    pub difference: Difference,
    pub cause: Cause,
    /// What the source calls it; null for a line without a usable id.
    #[schema(required)]
    pub source_id: Option<String>,
    /// The clue's id here, or the one that it would have.
    #[schema(required)]
    pub clue: Option<String>,
    #[schema(required)]
    pub number: Option<String>,
    /// The state by the list.
    #[schema(required)]
    pub there: Option<String>,
    /// The stage here.
    #[schema(required)]
    pub here: Option<String>,
    /// Line of the list, from 1.
    #[schema(required)]
    pub line: Option<u64>,
}

impl Counts {
    pub const fn of(&self, difference: Difference) -> u64 {
        match difference {
            Difference::MissingHere => self.missing_here,
            Difference::MissingThere => self.missing_there,
            Difference::StatusDiffers => self.status_differs,
            Difference::CallbackFailed => self.callback_failed,
            Difference::Duplicate => self.duplicate,
            Difference::Unreadable => self.unreadable,
        }
    }

    /// Each count but the sums, with its words.
    pub fn told(&self, lang: Lang) -> impl Iterator<Item = (&'static str, u64)> {
        let say = |zh, en| lang.choose(zh, en);
        let same = [
            (say("清单中的编号", "ids in the list"), self.listed),
            (say("此处的线索", "clues here"), self.here),
            (say("一致", "agree"), self.agree),
            (
                say("未比较（清单未说明）", "not compared: the list does not say"),
                self.not_compared,
            ),
            (
                say("不一致，已有人处理", "differ, and a person has decided"),
                self.settled,
            ),
            (
                say("清单生成后才有", "came or changed after the list was made"),
                self.later,
            ),
        ];
        let counts = *self;
        let differing = Difference::ALL.map(|it| (it.words(lang), counts.of(it)));
        same.into_iter().chain(differing)
    }

    pub(super) fn add(&mut self, difference: Difference) {
        self.differences += 1;
        *match difference {
            Difference::MissingHere => &mut self.missing_here,
            Difference::MissingThere => &mut self.missing_there,
            Difference::StatusDiffers => &mut self.status_differs,
            Difference::CallbackFailed => &mut self.callback_failed,
            Difference::Duplicate => &mut self.duplicate,
            Difference::Unreadable => &mut self.unreadable,
        } += 1;
    }
}

impl Group {
    /// By whom to ask, then by cause.
    pub(super) fn of(rows: &[Row]) -> Vec<Self> {
        let mut groups = BTreeMap::new();
        for row in rows {
            let who = (row.ask, row.agency.clone(), row.person.clone());
            *groups.entry((who, row.cause)).or_default() += 1;
        }
        let group = |(((ask, agency, person), cause), count): (_, u64)| {
            let cause: Cause = cause;
            Self {
                ask,
                agency,
                person,
                difference: cause.difference(),
                cause,
                words_zh: cause.words(Lang::Zh).to_owned(),
                words_en: cause.words(Lang::En).to_owned(),
                count,
            }
        };
        groups.into_iter().map(group).collect()
    }

    pub fn words(&self, lang: Lang) -> &str {
        lang.choose(&self.words_zh, &self.words_en)
    }
}

impl Reconciliation {
    /// Says who acted for the agencies that are asked: (row, staff reference).
    pub(super) fn name(&mut self, officers: impl IntoIterator<Item = (usize, String)>) {
        for (row, person) in officers {
            self.rows[row].person = Some(person);
        }
        self.rows.sort_by(|a, b| a.key().cmp(&b.key()));
        self.summary.groups = Group::of(&self.rows);
    }
}

type Key<'a> = (
    Ask,
    Option<&'a str>,
    Option<&'a str>,
    Cause,
    Option<&'a str>,
    Option<u64>,
);

impl Row {
    pub(super) fn key(&self) -> Key<'_> {
        (
            self.ask,
            self.agency.as_deref(),
            self.person.as_deref(),
            self.cause,
            self.source_id.as_deref(),
            self.line,
        )
    }
}

impl Summary {
    pub const fn agrees(&self) -> bool {
        self.counts.differences == 0
    }
}
