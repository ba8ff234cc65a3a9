//! The section `[feedback]`.

use bihuan_domain::clue::{Conclusion, EvidenceKind, Measure};

use super::field::{Fields, Kind};
use super::missing;
use super::same_as::source;
use crate::feedback::{Action, Reference, Rules};
use crate::problem::nearest;
use crate::read::{Item, Reader, Section, as_section};
use crate::rule::Rule;

const KEYS: &[&str] = &[
    "clue",
    "number",
    "agency",
    "action",
    "id",
    "person",
    "occurred_at",
    "remark",
    "reason",
    "duty",
    "proposed",
    "approver",
    "until",
    "limit",
    "to",
    "conclusion",
    "measures",
    "evidence",
    "evidence_kind",
    "substantiated",
    "matter",
    "legal_basis",
    "document_number",
];

pub(super) fn rules(reader: &mut Reader<'_>, root: &Section<'_>, fields: &mut Fields) -> Option<Rules> {
    let Some(section) = reader.section(root, "feedback") else {
        let advice = [
            "写一节 [feedback]，至少有 clue、agency 和 action",
            "write a section [feedback] with at least clue, agency and action",
        ];
        missing(reader, root, "feedback", advice);
        return None;
    };
    reader.only(&section, KEYS);
    not_by_number(reader, &section);
    mandatory(reader, &section);
    let clue = reference(reader, &section, fields);
    let mut field = |key, kind| fields.rule(reader, &section, key, kind);
    let (agency, action) = (field("agency", Kind::Text), field("action", Kind::Text));
    let rules = Rules {
        clue: clue?,
        agency: agency?,
        action: action?,
        id: field("id", Kind::Text),
        person: field("person", Kind::Text),
        occurred_at: field("occurred_at", Kind::Time),
        remark: field("remark", Kind::Text),
        reason: field("reason", Kind::Text),
        duty: field("duty", Kind::Text),
        proposed: field("proposed", Kind::Text),
        approver: field("approver", Kind::Text),
        until: field("until", Kind::Time),
        limit: field("limit", Kind::Text),
        to: field("to", Kind::Text),
        conclusion: field("conclusion", Kind::Text),
        measures: field("measures", Kind::List),
        evidence: field("evidence", Kind::List),
        evidence_kind: field("evidence_kind", Kind::Text),
        substantiated: field("substantiated", Kind::Text),
        matter: field("matter", Kind::Text),
        legal_basis: field("legal_basis", Kind::Text),
        document_number: field("document_number", Kind::Text),
    };
    needed(reader, &section, &rules.action);
    known_words(reader, &section, &rules);
    Some(rules)
}

/// Numbers are given when a clue is reported; where records are read nobody can look one up.
fn not_by_number(reader: &mut Reader<'_>, section: &Section<'_>) {
    let Some(item) = reader.item(section, "number") else {
        return;
    };
    let what = [
        "反馈不能按线索编号指明线索",
        "feedback cannot name its clue by number",
    ];
    let advice = [
        "用 clue = \"/线索标识\"，或 clue = { source = \"…\", id = \"…\" }；派遣通知中有线索标识",
        "say clue = \"/clue_id\" or clue = { source = \"…\", id = \"…\" }; notices of assignments carry the clue's id",
    ];
    reader.report("number", &item, what, advice);
}

fn mandatory(reader: &mut Reader<'_>, section: &Section<'_>) {
    let keys = [
        (
            "clue",
            ["指明反馈的是哪条线索", "say which clue the feedback is about"],
        ),
        ("agency", ["指明是哪个执法单位在反馈", "say which agency speaks"]),
        (
            "action",
            ["指明反馈的是哪一步", "say which step the feedback reports"],
        ),
    ];
    for (key, advice) in keys {
        if reader.item(section, key).is_none() {
            missing(reader, section, key, advice);
        }
    }
}

/// `clue = "/clueId"`, or `clue = { source = "grid", id = "/orderNo" }`.
fn reference(reader: &mut Reader<'_>, section: &Section<'_>, fields: &mut Fields) -> Option<Reference> {
    let item = reader.item(section, "clue")?;
    let table = as_section(&item).filter(|table| {
        let has = |key| reader.item(table, key).is_some();
        has("id") || has("source")
    });
    let Some(table) = table else {
        let id = fields.rule(reader, section, "clue", Kind::Text)?;
        return Some(Reference { source: None, id });
    };
    reader.only(&table, &["source", "id"]);
    for key in ["source", "id"] {
        if reader.item(&table, key).is_none() {
            let advice = [
                "source 是上报平台，id 是线索在那里的编号",
                "source is the platform that reported the clue, id the id that it has there",
            ];
            missing(reader, &table, key, advice);
        }
    }
    let id = fields.rule(reader, &table, "id", Kind::Text);
    let source = source(reader, &table, fields);
    Some(Reference {
        source: Some(source?),
        id: id?,
    })
}

/// What each of the steps that the mapping can give needs must be mapped.
fn needed(reader: &mut Reader<'_>, section: &Section<'_>, action: &Rule) {
    let actions: Vec<_> = action.words().filter_map(Action::parse).collect();
    let asked = Action::ALL.iter().filter(|(_, action)| actions.contains(action));
    for (word, action) in asked {
        for key in action.needs() {
            if reader.item(section, key).is_none() {
                let advice = [&*format!("{word} 需要它"), &*format!("{word} needs it")];
                missing(reader, section, key, advice);
            }
        }
    }
}

/// A table of values leads to words of ours.
fn known_words(reader: &mut Reader<'_>, section: &Section<'_>, rules: &Rules) {
    let actions = Action::ALL.map(|(word, _)| word);
    let conclusions: Vec<_> = Conclusion::ALL.iter().map(|it| it.as_str()).collect();
    let measures: Vec<_> = Measure::ALL.iter().map(|it| it.as_str()).collect();
    let kinds: Vec<_> = EvidenceKind::ALL.iter().map(|it| it.as_str()).collect();
    let fields: [(&str, Option<&Rule>, &[&str]); 5] = [
        ("action", Some(&rules.action), &actions),
        ("conclusion", rules.conclusion.as_ref(), &conclusions),
        ("measures", rules.measures.as_ref(), &measures),
        ("evidence_kind", rules.evidence_kind.as_ref(), &kinds),
        ("substantiated", rules.substantiated.as_ref(), &["true", "false"]),
    ];
    for (key, rule, known) in fields {
        let (Some(rule), Some(item)) = (rule, reader.item(section, key)) else {
            continue;
        };
        let mut unknown: Vec<_> = rule.words().filter(|word| !known.contains(word)).collect();
        unknown.sort_unstable();
        for word in unknown {
            not_a_word(reader, &item, word, known);
        }
    }
}

fn not_a_word(reader: &mut Reader<'_>, item: &Item<'_>, word: &str, known: &[&str]) {
    let what = [
        &*format!("不认识 {word}"),
        &*format!("{word:?} is not known here"),
    ];
    let advice = match nearest(word, known.iter().copied()) {
        Some(meant) => [format!("是否想写 {meant}？"), format!("did you mean {meant}?")],
        None => [
            format!("可写：{}", known.join("、")),
            format!("it may be {}", known.join(", ")),
        ],
    };
    reader.report("word", item, what, [&advice[0], &advice[1]]);
}

#[cfg(test)]
mod tests {
    use crate::Mapping;

    const GOOD: &str = "source = \"p\"\nkind = \"feedback\"\nformat = \"json\"\n[feedback]\n";

    #[test]
    fn each_key_says_what_it_may_be() {
        let clue = "clue = { source = \"grid\", id = \"/no\" }";
        let who = "agency = \"/dept\"\naction = \"/status\"";
        let values = |table: &str| {
            format!("{clue}\nagency = \"/dept\"\naction = {{ from = \"/s\", values = {{ a = {table} }} }}")
        };
        let table: &[(String, &[(&str, &str)])] = &[
            (format!("{clue}\n{who}"), &[]),
            (format!("clue = \"/clueId\"\n{who}"), &[]),
            (format!("clue = {{ from = [\"/a\", \"/b\"] }}\n{who}"), &[]),
            (
                format!(
                    "clue = {{ source = {{ from = \"/src\" }}, id = {{ from = \"/a\", split = \"-\" }} }}\n{who}"
                ),
                &[],
            ),
            (
                String::new(),
                &[
                    ("key_missing", "feedback.clue"),
                    ("key_missing", "feedback.agency"),
                    ("key_missing", "feedback.action"),
                ],
            ),
            (
                format!("clue = {{ source = \"grid\" }}\n{who}"),
                &[("key_missing", "feedback.clue.id")],
            ),
            (
                format!("clue = {{ source = \"a b\", id = \"/a\" }}\n{who}"),
                &[("source", "feedback.clue.source")],
            ),
            (
                format!("{clue}\nnumber = \"/number\"\n{who}"),
                &[("number", "feedback.number")],
            ),
            (
                format!("{clue}\n{who}\nduties = \"/d\""),
                &[("unknown_key", "feedback.duties")],
            ),
            (values("\"acknowledge\""), &[]),
            (values("\"aknowledge\""), &[("word", "feedback.action")]),
            (values("\"resolve\""), &[("key_missing", "feedback.conclusion")]),
            (
                values("\"request_return\""),
                &[
                    ("key_missing", "feedback.reason"),
                    ("key_missing", "feedback.duty"),
                    ("key_missing", "feedback.proposed"),
                ],
            ),
            (
                format!(
                    "{clue}\n{who}\nmeasures = {{ from = \"/m\", each = \";\", values = {{ x = \"educate\" }} }}"
                ),
                &[("word", "feedback.measures")],
            ),
            (
                format!("{clue}\n{who}\nremark = {{ from = \"/m\", each = \";\" }}"),
                &[("each", "feedback.remark.each")],
            ),
        ];
        for (lines, expected) in table {
            let problems = Mapping::parse(&format!("{GOOD}{lines}\n"))
                .err()
                .unwrap_or_default();
            let found: Vec<_> = problems.iter().map(|it| (it.code, it.key.as_str())).collect();
            assert_eq!(found, *expected, "{lines}");
        }
    }

    #[test]
    fn a_mapping_is_of_one_kind() {
        let feedback = "[feedback]\nclue = \"/c\"\nagency = \"/a\"\naction = \"/s\"\n";
        let clue = "[clue]\nid = \"/id\"\n";
        for (text, key) in [
            (
                format!("source = \"p\"\nformat = \"json\"\n{clue}{feedback}"),
                "feedback",
            ),
            (
                format!("source = \"p\"\nkind = \"feedback\"\nformat = \"json\"\n{clue}{feedback}"),
                "clue",
            ),
            (
                format!(
                    "source = \"p\"\nkind = \"feedback\"\nmode = \"event\"\nformat = \"json\"\n{feedback}"
                ),
                "mode",
            ),
        ] {
            let problems = Mapping::parse(&text).expect_err("two kinds");
            let found: Vec<_> = problems.iter().map(|it| (it.code, it.key.as_str())).collect();
            assert_eq!(found, [("kind", key)], "{text}");
        }
    }
}
