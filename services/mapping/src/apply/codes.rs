//! Codes and attributes of a report.

use bihuan_domain::clue::{Attribute, Class, Flag};
use bihuan_domain::code::{AgencyId, MatterCode, Severity, SourceId};

use super::Draft;
use crate::format::Written;
use crate::rule::{Found, Rule};
use crate::{Mode, Registry};

/// The longest attribute and the longest name of a matter or area that is kept, in bytes: codes, not prose.
const MAX_CODE: usize = 1024;

/// So many attachments of a record are kept.
const MAX_ATTACHMENTS: usize = 100;

pub(super) fn shortened(text: &str) -> String {
    text[..text.floor_char_boundary(MAX_CODE)].to_owned()
}

/// The matter that a text stands for. A word that the mapping's table lacks is unknown, though it may look like a code of the
/// catalogue: only the crosswalk, which names the source, may lead it.
pub(super) fn led(registry: &dyn Registry, source: &SourceId, found: &Found<'_>) -> Option<MatterCode> {
    match (registry.is_none(), found.known) {
        (true, known) => MatterCode::new(&found.text).ok().filter(|_| known),
        (false, true) => registry.matter(source, &found.text),
        (false, false) => registry.crosswalk(source, &found.text),
    }
}

impl<'a> Draft<'a> {
    /// The matter, and what the source called it if it could not be led to one.
    pub(super) fn matter(&mut self) -> (Option<MatterCode>, Option<String>) {
        let Some(found) = self.read(self.clue.matter.as_ref()) else {
            self.flag(Flag::MatterMissing);
            return (None, None);
        };
        let matter = led(self.registry, &self.mapping.source, &found);
        if matter.is_some() {
            return (matter, None);
        }
        self.flag(Flag::MatterUnknown);
        self.unknown("clue.matter", &found.text);
        (None, Some(shortened(&found.text)))
    }

    /// The recorded agency stays under its own name if nobody knows it. A word that the mapping's table lacks is not known, and may
    /// not pass for the agency that is called so here.
    pub(super) fn agency(&mut self, rule: Option<&'a Rule>) -> Option<AgencyId> {
        let found = self.read(rule)?;
        let namesake = if self.registry.is_none() {
            None
        } else {
            self.registry.agency(&found.text)
        };
        if namesake.is_some() && found.known {
            return namesake;
        }
        if !self.registry.is_none() || !found.known {
            self.flag(Flag::AgencyUnknown);
            let key = match self.mapping.mode {
                Mode::Snapshot => "snapshot.agency",
                Mode::Log => "log.agency",
                Mode::Event | Mode::History => "history.agency",
            };
            self.unknown(key, &found.text);
        }
        if namesake.is_some() {
            return None;
        }
        let own = AgencyId::new(&found.text).ok();
        if own.is_none() {
            self.flag(Flag::ValueUnreadable);
        }
        own
    }

    pub(super) fn severity(&mut self) -> Option<Severity> {
        let found = self.read(self.clue.severity.as_ref())?;
        let severity = if self.registry.is_none() {
            Severity::new(&found.text).ok()
        } else {
            self.registry.severity(&found.text)
        };
        if severity.is_none() || !found.known {
            self.flag(Flag::ValueUnknown);
            self.unknown("clue.severity", &found.text);
        }
        severity.filter(|_| found.known)
    }

    pub(super) fn class(&mut self) -> Class {
        let Some(found) = self.read(self.clue.class.as_ref()) else {
            return Class::Ordinary;
        };
        match &*found.text {
            "ordinary" if found.known => Class::Ordinary,
            "self_handled" if found.known => Class::SelfHandled,
            "closed_at_source" if found.known => Class::ClosedAtSource,
            _ => {
                self.flag(Flag::ValueUnknown);
                self.unknown("clue.class", &found.text);
                Class::Ordinary
            }
        }
    }

    /// Addresses of photos and documents. Where the whole record comes again they only add, so that they are no part of what makes
    /// two records the same.
    pub(super) fn attachments(&mut self) -> Vec<String> {
        let Some(rule) = &self.clue.attachments else {
            return Vec::new();
        };
        let mut attachments: Vec<String> = Vec::new();
        for found in rule.read_each(self.record) {
            let unfit = found.written == Written::Error
                || !found.known
                || found.text.len() > 2 * MAX_CODE
                || found.text.contains(['\0', '\u{fffd}'])
                || attachments.len() == MAX_ATTACHMENTS;
            if unfit {
                self.flag(Flag::ValueUnreadable);
            } else if !attachments.iter().any(|it| *it == found.text) {
                attachments.push(found.text.into_owned());
            }
        }
        if self.mapping.snapshot.is_none() {
            for attachment in &attachments {
                self.canonical.add(Some(attachment));
            }
        }
        attachments
    }

    pub(super) fn attributes(&mut self) -> Vec<Attribute> {
        let mut attributes = Vec::with_capacity(self.clue.attributes.len());
        for (name, index) in &self.clue.attributes {
            let value = self.record.get(*index);
            self.canonical.add(value.as_deref());
            let Some(value) = value else { continue };
            if self.record.written(*index) == Written::Error {
                self.flag(Flag::ValueUnreadable);
                continue;
            }
            if value.len() > MAX_CODE {
                self.flag(Flag::ValueUnreadable);
                continue;
            }
            if value.contains(['\0', '\u{fffd}']) {
                self.flag(Flag::ValueUnreadable);
            }
            attributes.push(Attribute {
                name: name.clone(),
                value: value.replace('\0', "\u{fffd}"),
            });
        }
        attributes
    }
}
