//! Times of a column that could not be read, and the pattern that would read them. Each is another text, and one pattern mends them
//! all: all of them decide which it is, for only a day above twelve tells it from a month.

use jiff::tz::TimeZone;

use super::{Finding, SHOWN};
use crate::Mapping;
use crate::draft::times::{self, Numbers, Reading};
use crate::problem::Bilingual;
use crate::rule::Rule;
use crate::time::Form;

/// How many texts are kept.
const KEPT: usize = 1_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unread {
    pub(super) line: u32,
    pub(super) column: String,
    pub(super) texts: Vec<String>,
    /// What is counted only.
    pub(super) more: usize,
}

impl Unread {
    pub(super) fn add(&mut self, text: &str) {
        if self.texts.len() < KEPT {
            self.texts.push(text.to_owned());
        } else {
            self.more += 1;
        }
    }

    /// One for each thing to write.
    pub(super) fn findings(self, mapping: &Mapping, key: &str, rule: &Rule) -> Vec<Finding> {
        let texts: Vec<&str> = self.texts.iter().map(String::as_str).collect();
        let common = times::reading(&texts, Numbers::MayBeTimes);
        let mut findings: Vec<Finding> = Vec::new();
        for text in texts {
            let advice = advice(mapping, rule, text, common.as_ref());
            if let Some(known) = findings.iter_mut().find(|it| it.advice == advice) {
                known.count += 1;
                continue;
            }
            findings.push(Finding {
                code: "time_unreadable",
                key: key.to_owned(),
                line: self.line,
                column: self.column.clone(),
                text: text.chars().take(SHOWN).collect(),
                count: 1,
                advice,
            });
        }
        if let Some(most) = findings.iter_mut().max_by_key(|finding| finding.count) {
            most.count += self.more;
        }
        findings
    }
}

fn advice(mapping: &Mapping, rule: &Rule, text: &str, common: Option<&Reading>) -> Bilingual {
    let iso = [Form::Iso];
    let forms = if rule.time.is_empty() {
        &iso[..]
    } else {
        &rule.time
    };
    let reads = |form: &Form| form.read(text, Some(&TimeZone::UTC)).is_some();
    if mapping.zone.is_none() && forms.iter().any(reads) {
        return Bilingual {
            zh: "这个时间不带时差：在文件开头写 time_zone = \"Asia/Shanghai\"".to_owned(),
            en: "this time carries no offset: say time_zone = \"Asia/Shanghai\" at the top, or the zone it is in".to_owned(),
        };
    }
    let common = common.filter(|reading| reading.at(text).is_some());
    let patterns = common.map_or_else(
        || times::pattern_for(text).into_iter().collect(),
        |reading| reading.forms.clone(),
    );
    match &patterns[..] {
        [pattern] => Bilingual {
            zh: format!("写 time = \"{pattern}\"；几种写法并存时用列表"),
            en: format!("say time = \"{pattern}\", or a list if there are several forms"),
        },
        [] if forms != iso && reads(&Form::Iso) => Bilingual {
            zh: "这是 ISO 8601：删去 time 即可".to_owned(),
            en: "this is ISO 8601: remove time".to_owned(),
        },
        [] => Bilingual {
            zh: "若这个词表示空，写 null = [\"…\"]；否则写出它的 time 格式".to_owned(),
            en: "if the word means empty, say null = [\"…\"]; else give the pattern in time".to_owned(),
        },
        several => Bilingual {
            zh: format!("有几种写法：写 time = {several:?}"),
            en: format!("there are several forms: say time = {several:?}"),
        },
    }
}
