//! What a mapping says about feedback: which clue a status message means, which agency speaks, and what it asks.

use super::rule::Rule;

/// The fields of `[feedback]`.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) clue: Reference,
    pub(crate) agency: Rule,
    pub(crate) action: Rule,
    /// What the platform calls its message: one that it sends again is a repeat.
    pub(crate) id: Option<Rule>,
    pub(crate) person: Option<Rule>,
    pub(crate) occurred_at: Option<Rule>,
    pub(crate) remark: Option<Rule>,
    pub(crate) reason: Option<Rule>,
    pub(crate) duty: Option<Rule>,
    pub(crate) proposed: Option<Rule>,
    pub(crate) approver: Option<Rule>,
    pub(crate) until: Option<Rule>,
    pub(crate) limit: Option<Rule>,
    pub(crate) to: Option<Rule>,
    pub(crate) conclusion: Option<Rule>,
    pub(crate) measures: Option<Rule>,
    pub(crate) evidence: Option<Rule>,
    pub(crate) evidence_kind: Option<Rule>,
    pub(crate) substantiated: Option<Rule>,
    pub(crate) matter: Option<Rule>,
    pub(crate) legal_basis: Option<Rule>,
    pub(crate) document_number: Option<Rule>,
}

impl Rules {
    /// Its rules under their keys.
    pub(crate) fn by_key(&self) -> Vec<(&'static str, &Rule)> {
        let rules = [
            ("feedback.clue", Some(&self.clue.id)),
            ("feedback.agency", Some(&self.agency)),
            ("feedback.action", Some(&self.action)),
            ("feedback.id", self.id.as_ref()),
            ("feedback.person", self.person.as_ref()),
            ("feedback.occurred_at", self.occurred_at.as_ref()),
            ("feedback.remark", self.remark.as_ref()),
            ("feedback.reason", self.reason.as_ref()),
            ("feedback.duty", self.duty.as_ref()),
            ("feedback.proposed", self.proposed.as_ref()),
            ("feedback.approver", self.approver.as_ref()),
            ("feedback.until", self.until.as_ref()),
            ("feedback.limit", self.limit.as_ref()),
            ("feedback.to", self.to.as_ref()),
            ("feedback.conclusion", self.conclusion.as_ref()),
            ("feedback.measures", self.measures.as_ref()),
            ("feedback.evidence", self.evidence.as_ref()),
            ("feedback.evidence_kind", self.evidence_kind.as_ref()),
            ("feedback.substantiated", self.substantiated.as_ref()),
            ("feedback.matter", self.matter.as_ref()),
            ("feedback.legal_basis", self.legal_basis.as_ref()),
            ("feedback.document_number", self.document_number.as_ref()),
        ];
        let given = rules.into_iter();
        given.filter_map(|(key, rule)| Some((key, rule?))).collect()
    }
}

/// How a record names its clue.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    /// The platform that reported the clue, where `id` is the id that it has there; without it `id` is the clue's own.
    pub(crate) source: Option<Rule>,
    pub(crate) id: Rule,
}

/// What a record asks for, in the words of a mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Acknowledge,
    RequestReturn,
    Start,
    Suspend,
    Resume,
    Extend,
    Resolve,
    Delegate,
    /// Nothing.
    Skip,
}

impl Action {
    pub(crate) const ALL: [(&'static str, Self); 9] = [
        ("acknowledge", Self::Acknowledge),
        ("request_return", Self::RequestReturn),
        ("start", Self::Start),
        ("suspend", Self::Suspend),
        ("resume", Self::Resume),
        ("extend", Self::Extend),
        ("resolve", Self::Resolve),
        ("delegate", Self::Delegate),
        ("skip", Self::Skip),
    ];

    pub(crate) fn parse(word: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(known, _)| *known == word)?;
        Some(found.1)
    }

    /// The keys without which no such command can be formed.
    pub(crate) const fn needs(self) -> &'static [&'static str] {
        match self {
            Self::RequestReturn => &["reason", "duty", "proposed"],
            Self::Suspend => &["reason", "approver", "until"],
            Self::Extend => &["reason", "limit"],
            Self::Resolve => &["conclusion"],
            Self::Delegate => &["to"],
            Self::Acknowledge | Self::Start | Self::Resume | Self::Skip => &[],
        }
    }
}
