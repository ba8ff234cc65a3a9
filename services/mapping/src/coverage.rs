//! What a mapping and a rulebook leave uncovered of a source: the codes that could be led nowhere, and how many records hold each.

use std::collections::{BTreeMap, HashMap};

use bihuan_domain::clue::Flag;

use super::{Outcome, UnknownCode};

/// How many codes of one field are told apart; of the others only the records are counted.
const MAX_CODES: usize = 10_000;

/// Counts records, in memory that does not grow with their number.
#[derive(Debug, Default)]
pub struct Coverage {
    pub clues: u64,
    pub quarantined: u64,
    pub skipped: u64,
    /// Clues that name no matter, and clues that lie nowhere: no code is missing, a field is.
    pub without_matter: u64,
    pub without_area: u64,
    codes: HashMap<UnknownCode, Met>,
    /// By field.
    told_apart: HashMap<&'static str, usize>,
    others: BTreeMap<&'static str, u64>,
}

#[derive(Debug)]
struct Met {
    records: u64,
    example: String,
}

/// A code that could be led nowhere.
#[derive(Clone, Debug, PartialEq)]
pub struct Uncovered<'c> {
    pub key: &'static str,
    /// `None`: addresses in which no area was found.
    pub code: Option<&'c str>,
    pub records: u64,
    /// Of all records that are clues.
    pub share: f64,
    /// The source's id of the first record that holds it.
    pub example: &'c str,
}

impl Coverage {
    pub fn count(&mut self, outcome: Outcome) {
        match outcome {
            // what an agency says, and what was removed, has no codes of ours to cover
            Outcome::Skipped | Outcome::Feedback(_) | Outcome::Deleted { .. } => self.skipped += 1,
            Outcome::Quarantine { .. } => self.quarantined += 1,
            Outcome::Clue { report, unknown, .. } => {
                self.clues += 1;
                self.without_matter += u64::from(report.flags.contains(&Flag::MatterMissing));
                self.without_area += u64::from(report.flags.contains(&Flag::AreaMissing));
                for code in unknown {
                    self.met(code, &report.source_id);
                }
            }
        }
    }

    fn met(&mut self, code: UnknownCode, example: &str) {
        if let Some(met) = self.codes.get_mut(&code) {
            met.records += 1;
            return;
        }
        let told_apart = self.told_apart.entry(code.key).or_default();
        if *told_apart >= MAX_CODES {
            *self.others.entry(code.key).or_default() += 1;
            return;
        }
        *told_apart += 1;
        let (records, example) = (1, example.to_owned());
        self.codes.insert(code, Met { records, example });
    }

    /// Every record was led somewhere.
    pub fn is_whole(&self) -> bool {
        self.codes.is_empty()
    }

    /// The largest first.
    pub fn uncovered(&self) -> Vec<Uncovered<'_>> {
        let mut codes: Vec<_> = self.codes.iter().collect();
        codes.sort_by(|(a, of_a), (b, of_b)| of_b.records.cmp(&of_a.records).then_with(|| a.cmp(b)));
        codes
            .into_iter()
            .map(|(code, met)| Uncovered {
                key: code.key,
                code: code.code.as_deref(),
                records: met.records,
                share: self.share(met.records),
                example: &met.example,
            })
            .collect()
    }

    /// Records with codes beyond those that are told apart, by field.
    pub fn others(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.others.iter().map(|(key, records)| (*key, *records))
    }

    pub fn share(&self, records: u64) -> f64 {
        records as f64 / self.clues as f64
    }
}

#[cfg(test)]
mod tests {
    use bihuan_domain::clue::Origin;
    use bihuan_domain::id::RecordId;
    use bihuan_domain::routing::Rulebook;
    use bihuan_domain::time::Timestamp;

    use super::*;
    use crate::{Mapping, Receipt};

    const MAPPING: &str = r#"
source = "s"
format = "json"
skip = { from = "/t", values = ["heartbeat"] }
[clue]
id = "/id"
severity = { from = "/s", values = { "急" = "urgent" } }
matter = "/m"
class = { from = "/c", values = { "自办" = "self_handled" } }
"#;

    fn counted(records: impl IntoIterator<Item = String>) -> Coverage {
        let mapping = Mapping::parse(MAPPING).expect("good");
        let bound = mapping.bind_json();
        let mut coverage = Coverage::default();
        for record in records {
            let origin = Origin {
                record: RecordId::of_file("d", 0),
                topic: String::new(),
                partition: 0,
                offset: 0,
                line: None,
            };
            let receipt = Receipt {
                received_at: Timestamp::EPOCH,
                origin,
                route: false,
            };
            coverage.count(bound.outcome(record.as_bytes(), &Rulebook::none(), receipt));
        }
        coverage
    }

    #[test]
    fn the_largest_comes_first_with_its_share_and_an_example() {
        let records = [
            r#"{"id":1,"s":"急","m":"x"}"#,
            r#"{"id":2,"s":"高","c":"自办"}"#,
            r#"{"id":3,"s":"高"}"#,
            r#"{"id":4,"s":"低","c":"x"}"#,
            r#"{"t":"heartbeat"}"#,
            r#"{"s":"高"}"#,
            "{",
        ];
        let coverage = counted(records.map(str::to_owned));
        assert_eq!(
            (coverage.clues, coverage.quarantined, coverage.skipped),
            (4, 2, 1)
        );
        assert_eq!((coverage.without_matter, coverage.without_area), (3, 4));
        let brief: Vec<_> = coverage
            .uncovered()
            .iter()
            .map(|it| (it.key, it.code, it.records, it.share, it.example.to_owned()))
            .collect();
        let expected = [
            ("clue.severity", Some("高"), 2, 0.5, "2".to_owned()),
            ("clue.class", Some("x"), 1, 0.25, "4".to_owned()),
            ("clue.severity", Some("低"), 1, 0.25, "4".to_owned()),
        ];
        assert_eq!(brief, expected);
        assert!(!coverage.is_whole() && counted([r#"{"id":1,"s":"急"}"#.to_owned()]).is_whole());
    }

    #[test]
    fn codes_beyond_the_bound_are_counted_together() {
        let records = (0..MAX_CODES + 3).map(|id| format!(r#"{{"id":{id},"s":"s{id}"}}"#));
        let again = std::iter::once(r#"{"id":"a","s":"s1","c":"odd"}"#.to_owned());
        let coverage = counted(records.chain(again));
        assert_eq!(coverage.uncovered().len(), MAX_CODES + 1);
        assert_eq!(
            coverage.uncovered()[0].records,
            2,
            "what is told apart is counted on"
        );
        assert_eq!(coverage.others().collect::<Vec<_>>(), [("clue.severity", 3)]);
    }
}
