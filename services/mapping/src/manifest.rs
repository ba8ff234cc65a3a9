//! A platform's own list of what it has: the id of each record and, where the list says it, in what state the record is there.
//!
//! It is read by the mapping of the source, of which only the id and the words for the state are used: a list has few columns,
//! and one that lacks the others is no worse for that. What the list does not say is never guessed.

use bihuan_domain::clue::{Conclusion, SourceStatus};

use super::apply::{identity, is_skipped};
use super::rule::{Origin, Record, Rule};
use super::{Bound, Mapping, Mode};
use crate::format::{Slot, encoding};

/// One record of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What the source calls the record.
    pub id: String,
    pub there: There,
}

/// In what state a list says that the record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum There {
    Status(SourceStatus),
    /// The list says nothing about it.
    Unstated,
    /// A word or time that the mapping cannot read.
    Unknown,
}

impl Mapping {
    /// The same mapping for a list: nothing but the column of the id must be there.
    #[must_use]
    pub fn manifest(&self) -> Self {
        let mut manifest = self.clone();
        let is_id = |key: &str| key == "clue.id" || key.starts_with("clue.id.");
        manifest.uses.retain(|used| is_id(&used.key));
        // nothing of a list is shown, sent or kept but what is read of it
        manifest.personal.clear();
        manifest
    }

    fn there(&self, record: Record<'_>) -> There {
        if record.fields.is_deleted() {
            There::Status(SourceStatus::Deleted)
        } else if let Some(rules) = &self.snapshot {
            status(record, rules.status.as_ref(), rules.deleted.as_ref())
        } else if let Some(rules) = &self.history {
            self.closing(record, rules.closed_at.as_ref(), rules.conclusion.as_ref())
        } else {
            There::Unstated
        }
    }

    /// A history has no word for the state: what has a time of closing is closed.
    fn closing(&self, record: Record<'_>, closed_at: Option<&Rule>, conclusion: Option<&Rule>) -> There {
        let closed = There::Status(SourceStatus::Closed);
        if let Some(rule) = said(record, closed_at) {
            let Some(found) = rule.read(record) else {
                return There::Status(SourceStatus::Open);
            };
            let is_time = rule.moment(&found, self.zone.as_ref()).is_some();
            return if is_time { closed } else { There::Unknown };
        }
        let conclusion = said(record, conclusion).and_then(|rule| rule.read(record));
        let is_one = |word: &str| !matches!(Conclusion::parse(word), None | Some(Conclusion::Unstated));
        match conclusion {
            Some(word) if word.known && is_one(&word.text) => closed,
            _ => There::Unstated,
        }
    }
}

fn status(record: Record<'_>, status: Option<&Rule>, deleted: Option<&Rule>) -> There {
    let deleted = said(record, deleted).and_then(|rule| rule.read(record));
    if deleted.is_some_and(|deleted| deleted.text == "true") {
        return There::Status(SourceStatus::Deleted);
    }
    let Some(rule) = said(record, status) else {
        return There::Unstated;
    };
    match rule.read(record) {
        None => There::Status(SourceStatus::Open),
        Some(word) => SourceStatus::parse(&word.text)
            .filter(|_| word.known)
            .map_or(There::Unknown, There::Status),
    }
}

/// The rule, if the record has what it reads: an empty cell says something, a column that is not there does not.
fn said<'m>(record: Record<'_>, rule: Option<&'m Rule>) -> Option<&'m Rule> {
    let has = |index: &usize| {
        let name = &record.names[*index];
        record.fields.get(Slot { index: *index, name }).is_some()
    };
    rule.filter(|rule| match &rule.origin {
        Origin::Constant(_) => true,
        Origin::First(indexes) | Origin::Joined(indexes, _) => indexes.iter().any(has),
    })
}

impl Bound<'_> {
    /// What one record of a list says; `None`: the mapping leaves such records out.
    ///
    /// # Errors
    /// Why it says nothing: it is no record, or has no usable id.
    pub fn entry(&self, raw: &[u8]) -> Result<Option<Entry>, &'static str> {
        let text = encoding::text(raw);
        let Some(row) = self.read(&text).map_err(|bad| bad.reason)? else {
            return Ok(None);
        };
        let mapping = self.mapping();
        let record = Record {
            names: &mapping.names,
            fields: &row,
        };
        if is_skipped(mapping, record) {
            return Ok(None);
        }
        // feedback names no record of its platform
        let clue = mapping.clue().ok_or("id_missing")?;
        let id = identity(clue, record)?.text;
        let id = id.into_owned();
        let there = match mapping.mode() {
            Mode::Event | Mode::Log => There::Unstated,
            Mode::History | Mode::Snapshot => mapping.there(record),
        };
        Ok(Some(Entry { id, there }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SNAPSHOT: &str = "mode = \"snapshot\"\n[clue]\nid = \"id\"\ntitle = \"标题\"\n[snapshot]\nversion = \"更新\"\n\
        status = { from = \"状态\", values = { \"待办\" = \"open\", \"办结\" = \"closed\", \"撤回\" = \"withdrawn\" } }\n\
        deleted = { from = \"删除\", values = { 1 = true } }\n";
    const HISTORY: &str = "mode = \"history\"\ntime_zone = \"Asia/Shanghai\"\n[clue]\nid = \"id\"\narea = \"区划\"\n\
        [history]\nclosed_at = { from = \"closed\", time = \"%Y-%m-%d\" }\n\
        conclusion = { from = \"result\", values = { done = \"rectified\" }, default = \"unstated\" }\n";
    const EVENT: &str = "[clue]\nid = \"id\"\nmatter = \"事项\"\n";

    fn mapping(format: &str, rest: &str) -> Mapping {
        let text = format!("source = \"s\"\nformat = \"{format}\"\n{rest}");
        Mapping::parse(&text).expect("good").manifest()
    }

    fn is(status: SourceStatus) -> There {
        There::Status(status)
    }

    #[test]
    fn a_list_says_what_its_columns_say_and_no_more() {
        use SourceStatus::{Closed, Deleted, Open, Withdrawn};
        let cases: [(&str, &[&str], &str, There); 14] = [
            (SNAPSHOT, &["id", "状态"], "a,待办", is(Open)),
            (SNAPSHOT, &["id", "状态"], "a,", is(Open)),
            (SNAPSHOT, &["状态", "id"], "办结,a", is(Closed)),
            (SNAPSHOT, &["id", "状态"], "a,撤回", is(Withdrawn)),
            (SNAPSHOT, &["id", "状态"], "a,归档", There::Unknown),
            (SNAPSHOT, &["id", "状态"], "a,closed", There::Unknown),
            (SNAPSHOT, &["id", "删除"], "a,1", is(Deleted)),
            (SNAPSHOT, &["id", "删除"], "a,0", There::Unstated),
            (SNAPSHOT, &["id"], "a", There::Unstated),
            (HISTORY, &["id", "closed"], "a,2026-01-05", is(Closed)),
            (HISTORY, &["id", "closed"], "a,", is(Open)),
            (HISTORY, &["id", "closed"], "a,soon", There::Unknown),
            (HISTORY, &["id", "result"], "a,done", is(Closed)),
            (EVENT, &["id", "状态"], "a,办结", There::Unstated),
        ];
        for (rest, columns, row, expected) in cases {
            let mapping = mapping("csv", rest);
            let columns: Vec<_> = columns.iter().map(|name| (*name).to_owned()).collect();
            let bound = mapping.bind_columns(&columns).expect("only the id is needed");
            let entry = bound.entry(row.as_bytes()).expect("read").expect("not skipped");
            assert_eq!(
                (entry.id.as_str(), entry.there),
                ("a", expected),
                "{columns:?} {row}"
            );
        }
        let history = mapping("csv", HISTORY);
        let columns = ["id", "result"].map(str::to_owned);
        let bound = history.bind_columns(&columns).expect("fits");
        for row in ["a,", "a,未知"] {
            let entry = bound.entry(row.as_bytes()).expect("read").expect("not skipped");
            assert_eq!(entry.there, There::Unstated, "{row}: no conclusion is not open");
        }
    }

    #[test]
    fn json_that_lacks_a_member_does_not_say_it() {
        let text = SNAPSHOT
            .replace("\"id\"", "\"/id\"")
            .replace("\"状态\"", "\"/状态\"");
        let mapping = mapping("json", &text.replace("\"删除\"", "\"/删除\""));
        let bound = mapping.bind_json();
        for (record, expected) in [
            ("{\"id\": 7}", There::Unstated),
            ("{\"id\": 7, \"状态\": null}", There::Unstated),
            ("{\"id\": 7, \"状态\": \"\"}", is(SourceStatus::Open)),
            ("{\"id\": 7, \"状态\": \"办结\"}", is(SourceStatus::Closed)),
        ] {
            let entry = bound
                .entry(record.as_bytes())
                .expect("read")
                .expect("not skipped");
            assert_eq!((entry.id.as_str(), entry.there), ("7", expected), "{record}");
        }
        assert_eq!(bound.entry(b"{\"id\": "), Err("json"));
        assert_eq!(bound.entry("{\"状态\": \"办结\"}".as_bytes()), Err("id_missing"));
    }

    #[test]
    fn the_id_must_be_there_and_what_is_left_out_stays_out() {
        let csv = mapping("csv", SNAPSHOT);
        let problems = csv.bind_columns(&["编号".to_owned()]).expect_err("no id");
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(problems[0].key, "clue.id");
        let skipping = format!("skip = {{ from = \"kind\", values = [\"heartbeat\"] }}\n{EVENT}");
        let skipping = mapping("csv", &skipping);
        let columns = ["id", "kind"].map(str::to_owned);
        let bound = skipping.bind_columns(&columns).expect("fits");
        assert_eq!(bound.entry(b"a,heartbeat"), Ok(None));
        assert_eq!(bound.entry(b",x"), Err("id_missing"));
    }
}
