//! A step that sources are to be told of: what it is told is fixed when it happens, where it goes when it is sent.

use bihuan_contracts::delivery::{Callback, DeliveryEvent};
use bihuan_domain::clue::{Event, Resolution, Text};
use bihuan_domain::code::{AgencyId, SourceId};
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use bihuan_mapping::{Mapping, Step, Told};

use super::Callbacks;
use super::rows::{Listed, State};
use crate::facts::Facts;

/// A step that is to be told of: everything but texts and names.
pub(crate) struct Due {
    pub(crate) callback: Callback,
    pub(crate) step: Step,
    pub(crate) at: Timestamp,
    pub(crate) facts: Facts,
    /// What the clue is called where it goes.
    source_id: String,
    said: Said,
}

/// A step of a clue, and the facts of the clue with it.
#[derive(Clone, Copy)]
pub(crate) struct Happened<'a> {
    pub(crate) clue: ClueId,
    pub(crate) version: u32,
    pub(crate) at: Timestamp,
    pub(crate) event: &'a Event,
    /// The agency that had it before.
    pub(crate) from: Option<&'a AgencyId>,
    /// After it.
    pub(crate) facts: &'a Facts,
}

/// What only the event says.
#[derive(Default)]
struct Said {
    from_agency: Option<AgencyId>,
    proposed: Option<AgencyId>,
    reason: Option<String>,
    until: Option<Timestamp>,
    resolution: Option<Resolution>,
}

/// A callback that is due from now on, and the event that says so.
pub(crate) struct Made {
    pub(crate) row: Listed,
    pub(crate) event: DeliveryEvent,
}

impl Due {
    /// For every platform that has a record of the clue and is told of this step.
    pub(crate) fn all<'a>(
        callbacks: &'a Callbacks,
        happened: Happened<'a>,
    ) -> impl Iterator<Item = Self> + 'a {
        let facts = happened.facts;
        let first = facts
            .source
            .iter()
            .map(|source| (source, &*facts.source_id, false));
        let links = facts.links.iter().map(|(source, id)| (source, &**id, true));
        let told = first.chain(links);
        told.filter_map(move |(source, id, linked)| Self::of(callbacks, happened, (source, id), linked))
    }

    /// For the platform of a record that stands for the clue beside the first.
    pub(crate) fn linked(
        callbacks: &Callbacks,
        happened: Happened<'_>,
        record: (&SourceId, &str),
    ) -> Option<Self> {
        Self::of(callbacks, happened, record, true)
    }

    fn of(
        callbacks: &Callbacks,
        happened: Happened<'_>,
        (source, id): (&SourceId, &str),
        linked: bool,
    ) -> Option<Self> {
        let step = Step::of(happened.event)?;
        if happened.facts.past || happened.stays() || !callbacks.tells(source, step) {
            return None;
        }
        Some(Self {
            callback: Callback {
                clue: happened.clue,
                version: happened.version,
                source: source.clone(),
                link: linked.then(|| id.to_owned()),
            },
            step,
            at: happened.at,
            facts: happened.facts.clone(),
            source_id: id.to_owned(),
            said: Said::of(happened),
        })
    }

    /// `name`: of the agency that has the clue.
    pub(crate) fn make(
        &self,
        callbacks: &Callbacks,
        partition: u32,
        texts: &[(ClueId, u32, Text)],
        name: Option<String>,
        now: Timestamp,
    ) -> Option<Made> {
        let mapping = &callbacks.of(self.callback.source.as_str())?.mapping;
        let body = mapping.tell(&self.told(mapping, texts, name))?;
        let event = DeliveryEvent::CallbackDue {
            callback: self.callback.clone(),
            event: self.step.as_str().to_owned(),
            at: now,
        };
        let row = Listed {
            partition,
            callback: self.callback.clone(),
            source_id: self.source_id.clone(),
            step: self.step.as_str().to_owned(),
            state: State::Pending,
            attempts: 0,
            since: now,
            due_at: now,
            body: Some(body),
            reason: None,
            status: None,
            turn: true,
            settled_at: None,
            confirmed_at: None,
        };
        Some(Made { row, event })
    }

    fn told(&self, mapping: &Mapping, texts: &[(ClueId, u32, Text)], name: Option<String>) -> Told {
        let Callback {
            clue,
            version,
            source,
            link: _,
        } = &self.callback;
        let facts = self.facts.clone();
        let newest = |part: fn(&Text) -> &Option<String>| newest(texts, *clue, *version, part);
        debug_assert_eq!(mapping.source(), source);
        Told {
            step: self.step,
            key: self.callback.id().key().to_string(),
            clue: *clue,
            version: *version,
            at: self.at,
            number: facts.number,
            source: source.clone(),
            source_id: self.source_id.clone(),
            reported_at: facts.reported_at,
            matter: facts.matter,
            area: facts.area,
            severity: facts.severity,
            deadline: facts.deadline,
            agency: facts.assignment.map(|assignment| assignment.agency),
            agency_name: name,
            from_agency: self.said.from_agency.clone(),
            proposed: self.said.proposed.clone(),
            reason: self.said.reason.clone(),
            until: self.said.until,
            resolution: self.said.resolution.clone(),
            title: newest(|text| &text.title),
            description: newest(|text| &text.description),
            place: newest(|text| &text.place),
            remark: self.remark(texts),
            attributes: facts.attributes,
        }
    }

    /// What was said with this step, not what others said to each other before; of a closing, with the resolution.
    fn remark(&self, texts: &[(ClueId, u32, Text)]) -> Option<String> {
        let of = |wanted: u32| {
            let text = texts
                .iter()
                .find(|(clue, version, _)| *clue == self.callback.clue && *version == wanted);
            text.and_then(|(_, _, text)| text.remark.clone())
        };
        let resolved = self.facts.resolved.filter(|_| self.step == Step::Closed);
        of(self.callback.version).or_else(|| resolved.and_then(of))
    }
}

impl Happened<'_> {
    /// Whether an agency was designated that had it already: for its source nothing moved.
    fn stays(&self) -> bool {
        matches!(self.event, Event::ClueDesignated { assignment, .. } if self.from == Some(&assignment.agency))
    }
}

impl Said {
    fn of(happened: Happened<'_>) -> Self {
        let none = Self::default();
        match happened.event {
            Event::ClueRejected { reason } | Event::ClueVoided { reason } => Self {
                reason: Some(reason.clone()),
                ..none
            },
            Event::ClueSuspended { suspension } => Self {
                reason: Some(suspension.reason.clone()),
                until: Some(suspension.until),
                ..none
            },
            Event::ReturnRequested { proposed, .. } => Self {
                proposed: Some(proposed.clone()),
                ..none
            },
            Event::ClueTransferred { from, .. } => Self {
                from_agency: from.clone(),
                ..none
            },
            Event::ClueDesignated { .. } => Self {
                from_agency: happened.from.cloned(),
                ..none
            },
            Event::ClueDelegated { from, .. } => Self {
                from_agency: Some(from.clone()),
                ..none
            },
            Event::ClueResolved { resolution } | Event::ClueClosed { resolution, .. } => Self {
                resolution: Some(resolution.clone()),
                ..none
            },
            _ => none,
        }
    }
}

/// A part of a clue's text as it was at a version.
pub(crate) fn newest(
    texts: &[(ClueId, u32, Text)],
    clue: ClueId,
    version: u32,
    part: fn(&Text) -> &Option<String>,
) -> Option<String> {
    let then = texts.iter().filter(|(of, at, _)| *of == clue && *at <= version);
    let stated = then.filter_map(|(_, at, text)| Some((*at, part(text).as_ref()?)));
    stated
        .max_by_key(|(at, _)| *at)
        .map(|(_, text)| text.clone())
        .filter(|text| !text.is_empty())
}
