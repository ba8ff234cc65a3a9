//! From a record to what an agency asks of a clue. Whatever a command needs and the record does not give is a reason for
//! quarantine, with the field: mended, it can be read again. What does not matter to the command is not looked at.

use bihuan_domain::clue::{
    Actor, Command, Conclusion, Evidence, EvidenceKind, Measure, Resolution, Role, Text,
};
use bihuan_domain::code::{AgencyId, MatterCode, SourceId};
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;

use super::codes::led;
use super::{MAX_ID, MAX_TEXT, Name, Outcome, Unfit, is_plain, precision};
use crate::feedback::{Action, Reference, Rules};
use crate::format::Written;
use crate::rule::{self, Record, Rule};
use crate::{Mapping, Registry};

/// The longest code, number or address that a journal carries, in characters.
const MAX_CODE: usize = 256;

/// What an agency did with a clue, or asks about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Feedback {
    pub clue: ClueId,
    /// What it calls the clue, where that is not by its own id.
    pub name: Option<Name>,
    /// What the platform calls its message.
    pub id: Option<String>,
    pub actor: Actor,
    pub occurred_at: Option<Timestamp>,
    pub command: Command,
    pub text: Option<Text>,
}

impl Feedback {
    /// What it says, by the keys of the mapping.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let agency = self.actor.agency.as_ref().map(ToString::to_string);
        let mut fields = vec![
            ("clue", Some(self.clue.to_string())),
            ("agency", agency),
            ("action", Some(self.command.name().to_owned())),
            ("id", self.id.clone()),
            ("person", self.actor.person.clone()),
            ("occurred_at", self.occurred_at.map(|at| at.to_string())),
        ];
        match &self.command {
            Command::RequestReturn { duty, proposed } => fields.extend([
                ("duty", Some(duty.clone())),
                ("proposed", Some(proposed.to_string())),
            ]),
            Command::SuspendClue {
                reason,
                approver,
                until,
            } => fields.extend([
                ("reason", Some(reason.clone())),
                ("approver", Some(approver.clone())),
                ("until", Some(until.to_string())),
            ]),
            Command::RequestExtension { limit } => fields.push(("limit", Some(limit.to_string()))),
            Command::DelegateClue { to } => fields.push(("to", Some(to.to_string()))),
            Command::ResolveClue(resolution) => fields.extend(resolved(resolution)),
            _ => {}
        }
        let said = fields.into_iter();
        said.filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

fn resolved(resolution: &Resolution) -> [(&'static str, Option<String>); 7] {
    let measures: Vec<_> = resolution.measures.iter().map(|it| it.as_str()).collect();
    let evidence: Vec<_> = resolution.evidence.iter().map(|it| it.uri.as_str()).collect();
    let several = |list: Vec<&str>| (!list.is_empty()).then(|| list.join(", "));
    [
        ("conclusion", Some(resolution.conclusion.to_string())),
        ("measures", several(measures)),
        ("evidence", several(evidence)),
        ("substantiated", resolution.substantiated.map(|it| it.to_string())),
        ("matter", resolution.matter.as_ref().map(ToString::to_string)),
        ("legal_basis", resolution.legal_basis.clone()),
        ("document_number", resolution.document_number.clone()),
    ]
}

type Result<T> = std::result::Result<T, Unfit>;

pub(super) fn apply(
    mapping: &Mapping,
    rules: &Rules,
    registry: &dyn Registry,
    record: Record<'_>,
) -> Outcome {
    let said = Said {
        mapping,
        rules,
        registry,
        record,
    };
    match said.feedback() {
        Ok(Some(feedback)) => Outcome::Feedback(feedback),
        Ok(None) => Outcome::Skipped,
        Err(unfit) => unfit.into(),
    }
}

/// A record of feedback under its mapping.
struct Said<'a> {
    mapping: &'a Mapping,
    rules: &'a Rules,
    registry: &'a dyn Registry,
    record: Record<'a>,
}

impl Said<'_> {
    /// `None`: the mapping says that it reports no step.
    fn feedback(&self) -> Result<Option<Feedback>> {
        let rules = self.rules;
        let Some(action) = self.action()? else {
            return Ok(None);
        };
        let (clue, name) = self.clue()?;
        let agency = self.agency(Some(&rules.agency), "agency")?;
        let actor = Actor {
            role: Role::Agency,
            agency: Some(agency),
            person: self.code(rules.person.as_ref(), "person")?,
        };
        let mut words = self.words(rules.remark.as_ref(), "remark")?;
        if matches!(action, Action::RequestReturn | Action::Extend) {
            let reason = self.words(rules.reason.as_ref(), "reason")?;
            words = Some(given(reason, "reason")?);
        }
        Ok(Some(Feedback {
            clue,
            name,
            id: self.code(rules.id.as_ref(), "id")?,
            actor,
            occurred_at: self.time(rules.occurred_at.as_ref(), "occurred_at")?,
            command: self.command(action)?,
            text: words.map(Text::remark),
        }))
    }

    /// `None`: nothing is to be done.
    fn action(&self) -> Result<Option<Action>> {
        let said = self.rules.action.read(self.record);
        let said = said.ok_or(Unfit("action_missing", "action"))?;
        let action = Action::parse(&said.text).filter(|_| said.known);
        let action = action.ok_or(Unfit("action_unknown", "action"))?;
        Ok(Some(action).filter(|action| *action != Action::Skip))
    }

    fn clue(&self) -> Result<(ClueId, Option<Name>)> {
        let Reference { source, id } = &self.rules.clue;
        let id = self.whole(id).ok_or(Unfit("clue_missing", "clue"))?;
        let Some(source) = source else {
            let clue = id.text.parse().map_err(|_| Unfit("clue_invalid", "clue"))?;
            return Ok((clue, None));
        };
        if id.text.chars().count() > MAX_ID || id.text.contains(is_unfit) {
            return Err(Unfit("clue_invalid", "clue"));
        }
        let source = self.whole(source).ok_or(Unfit("clue_missing", "clue.source"))?;
        let source = SourceId::new(&source.text).map_err(|_| Unfit("clue_invalid", "clue.source"))?;
        let name = Name::new(&source, &id.text);
        Ok((name.clue(), Some(name)))
    }

    /// Part of an id is the id of something else, and so may be one that lost its last digits.
    fn whole<'r>(&'r self, rule: &'r Rule) -> Option<rule::Found<'r>> {
        if rule.is_partial(self.record) {
            return None;
        }
        let found = rule.read(self.record)?;
        let is_whole = is_plain(rule, self.record)
            && found.written != Written::Error
            && !precision::is_lost(rule, self.record, &found, self.mapping.format);
        Some(found).filter(|said| said.known && is_whole)
    }

    fn command(&self, action: Action) -> Result<Command> {
        let rules = self.rules;
        Ok(match action {
            Action::Acknowledge | Action::Skip => Command::AcknowledgeClue,
            Action::RequestReturn => self.request_return()?,
            Action::Start => Command::StartHandling,
            Action::Suspend => Command::SuspendClue {
                reason: given(self.code(rules.reason.as_ref(), "reason")?, "reason")?,
                approver: given(self.code(rules.approver.as_ref(), "approver")?, "approver")?,
                until: given(self.time(rules.until.as_ref(), "until")?, "until")?,
            },
            Action::Resume => Command::ResumeClue,
            Action::Extend => {
                let limit = self.word(rules.limit.as_ref(), "limit", |word| word.parse().ok())?;
                Command::RequestExtension {
                    limit: given(limit, "limit")?,
                }
            }
            Action::Resolve => Command::ResolveClue(self.resolution()?),
            Action::Delegate => Command::DelegateClue {
                to: self.agency(rules.to.as_ref(), "to")?,
            },
        })
    }

    fn request_return(&self) -> Result<Command> {
        let duty = self.code(self.rules.duty.as_ref(), "duty")?;
        Ok(Command::RequestReturn {
            duty: given(duty, "duty")?,
            proposed: self.agency(self.rules.proposed.as_ref(), "proposed")?,
        })
    }

    fn resolution(&self) -> Result<Resolution> {
        let rules = self.rules;
        let conclusion = self.word(rules.conclusion.as_ref(), "conclusion", Conclusion::parse)?;
        let truth = |word: &str| word.parse().ok();
        Ok(Resolution {
            conclusion: given(conclusion, "conclusion")?,
            measures: self.measures()?,
            evidence: self.evidence()?,
            substantiated: self.word(rules.substantiated.as_ref(), "substantiated", truth)?,
            matter: self.matter()?,
            legal_basis: self.code(rules.legal_basis.as_ref(), "legal_basis")?,
            document_number: self.code(rules.document_number.as_ref(), "document_number")?,
        })
    }

    fn measures(&self) -> Result<Vec<Measure>> {
        let mut measures = Vec::new();
        for said in self.list(self.rules.measures.as_ref(), "measures")? {
            let measure = Measure::parse(&said.text).filter(|_| said.known);
            let measure = measure.ok_or(Unfit("value_unknown", "measures"))?;
            if !measures.contains(&measure) {
                measures.push(measure);
            }
        }
        Ok(measures)
    }

    fn evidence(&self) -> Result<Vec<Evidence>> {
        let kind = self.word(
            self.rules.evidence_kind.as_ref(),
            "evidence_kind",
            EvidenceKind::parse,
        )?;
        let kind = kind.unwrap_or(EvidenceKind::Reference);
        let addresses = self.list(self.rules.evidence.as_ref(), "evidence")?.into_iter();
        addresses
            .map(|said| {
                let uri = fit(&said, "evidence", 2 * MAX_CODE)?;
                Ok(Evidence {
                    kind,
                    uri,
                    digest: None,
                })
            })
            .collect()
    }

    fn matter(&self) -> Result<Option<MatterCode>> {
        let Some(said) = self.read(self.rules.matter.as_ref(), "matter")? else {
            return Ok(None);
        };
        let matter = led(self.registry, &self.mapping.source, &said);
        matter.map(Some).ok_or(Unfit("value_unknown", "matter"))
    }

    /// Only an agency that the mapping lets through and the rulebook knows.
    fn agency(&self, rule: Option<&Rule>, field: &'static str) -> Result<AgencyId> {
        let said = given(self.read(rule, field)?, field)?;
        let agency = if self.registry.is_none() {
            AgencyId::new(&said.text).ok()
        } else {
            self.registry.agency(&said.text)
        };
        agency
            .filter(|_| said.known)
            .ok_or(Unfit("agency_unknown", field))
    }

    fn time(&self, rule: Option<&Rule>, field: &'static str) -> Result<Option<Timestamp>> {
        let Some((rule, said)) = rule.and_then(|rule| Some((rule, rule.read(self.record)?))) else {
            return Ok(None);
        };
        let at = rule.moment(&said, self.mapping.zone.as_ref());
        at.map(Some).ok_or(Unfit("time_unreadable", field))
    }

    /// One of our words.
    fn word<T>(
        &self,
        rule: Option<&Rule>,
        field: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>> {
        let Some(said) = self.read(rule, field)? else {
            return Ok(None);
        };
        let word = parse(&said.text).filter(|_| said.known);
        word.map(Some).ok_or(Unfit("value_unknown", field))
    }

    /// What a journal may carry: short, and in one line.
    fn code(&self, rule: Option<&Rule>, field: &'static str) -> Result<Option<String>> {
        let said = self.read(rule, field)?;
        said.map(|said| fit(&said, field, MAX_CODE)).transpose()
    }

    /// What a person wrote.
    fn words(&self, rule: Option<&Rule>, field: &'static str) -> Result<Option<String>> {
        let Some(said) = self.read(rule, field)? else {
            return Ok(None);
        };
        if said.text.len() > MAX_TEXT {
            return Err(Unfit("text_too_long", field));
        }
        Ok(Some(said.text.replace('\0', "\u{fffd}")))
    }

    /// What a sheet could not compute is no value.
    fn read<'r>(&'r self, rule: Option<&'r Rule>, field: &'static str) -> Result<Option<rule::Found<'r>>> {
        let found = rule.and_then(|rule| rule.read(self.record));
        found.map(|found| told(found, field)).transpose()
    }

    fn list<'r>(&'r self, rule: Option<&'r Rule>, field: &'static str) -> Result<Vec<rule::Found<'r>>> {
        let found = rule.map(|rule| rule.read_each(self.record)).unwrap_or_default();
        found.into_iter().map(|found| told(found, field)).collect()
    }
}

fn told<'r>(found: rule::Found<'r>, field: &'static str) -> Result<rule::Found<'r>> {
    if found.written == Written::Error {
        return Err(Unfit("value_unknown", field));
    }
    Ok(found)
}

fn is_unfit(character: char) -> bool {
    character.is_control() || character == '\u{fffd}'
}

fn fit(said: &rule::Found<'_>, field: &'static str, most: usize) -> Result<String> {
    let is_fit = said.known && said.text.chars().count() <= most && !said.text.contains(is_unfit);
    if is_fit {
        Ok(said.text.clone().into_owned())
    } else {
        Err(Unfit("value_unknown", field))
    }
}

fn given<T>(value: Option<T>, field: &'static str) -> Result<T> {
    value.ok_or(Unfit("field_missing", field))
}
