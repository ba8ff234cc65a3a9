//! What a mapping asks the rulebook: whether it knows a code.

use bihuan_domain::clue::{Location, Policy};
use bihuan_domain::code::{AgencyId, AreaCode, Level, MatterCode, Severity, SourceId};
use bihuan_domain::routing::{CompiledRulebook, Named, Rulebook};

/// How the text of an area is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AreaBy {
    Code,
    /// A name, or a text in which one stands.
    Name,
    CodeOrName,
}

/// What is known of codes. Where no rulebook was activated ([`Registry::is_none`]) codes are taken as they are, unflagged.
pub trait Registry {
    fn is_none(&self) -> bool;
    /// The matter that a source's own category, or a code or name of the catalogue, stands for.
    fn matter(&self, source: &SourceId, text: &str) -> Option<MatterCode>;
    /// The matter that a source's own category stands for; nothing else is asked for one that the mapping does not know.
    fn crosswalk(&self, source: &SourceId, text: &str) -> Option<MatterCode>;
    /// `within` narrows names to an area and what lies in it.
    fn area(&self, text: &str, by: AreaBy, within: Option<&AreaCode>) -> Named;
    /// The area in whose boundary the coordinates lie.
    fn area_at(&self, location: &Location) -> Option<AreaCode>;
    /// The agency by its id; a source's name of it is led to the id by the mapping.
    fn agency(&self, text: &str) -> Option<AgencyId>;
    fn severity(&self, text: &str) -> Option<Severity>;
    fn policy(&self) -> &Policy;
}

/// By exact code, and by the crosswalk.
impl Registry for Rulebook {
    fn is_none(&self) -> bool {
        Self::is_none(self)
    }

    fn matter(&self, source: &SourceId, text: &str) -> Option<MatterCode> {
        self.matter_for(source, text)
    }

    fn crosswalk(&self, source: &SourceId, text: &str) -> Option<MatterCode> {
        self.crosswalked(source, text).cloned()
    }

    fn area(&self, text: &str, by: AreaBy, _: Option<&AreaCode>) -> Named {
        let code = match (by, self.areas.get_key_value(text)) {
            (AreaBy::Name, _) => None,
            (_, Some((code, _))) => Some(code.clone()),
            (_, None) => AreaCode::new(text).ok().and_then(|code| below_a_town(self, code)),
        };
        code.map_or(Named::Nothing, Named::One)
    }

    fn area_at(&self, location: &Location) -> Option<AreaCode> {
        Self::area_at(self, location)
    }

    fn agency(&self, text: &str) -> Option<AgencyId> {
        self.agencies.get_key_value(text).map(|(id, _)| id.clone())
    }

    /// Rulebooks have no list of severities: any code may be one.
    fn severity(&self, text: &str) -> Option<Severity> {
        Severity::new(text).ok()
    }

    fn policy(&self) -> &Policy {
        &self.policy
    }
}

/// Codes of villages and grids go on below what a rulebook lists; such a place lies in the town it starts with.
fn below_a_town(rulebook: &Rulebook, code: AreaCode) -> Option<AreaCode> {
    let text = code.as_str();
    let parent = (1..text.len())
        .rev()
        .find_map(|length| rulebook.areas.get(&text[..length]))?;
    (parent.level <= Level::Town).then_some(code)
}

/// By code, then by name.
impl Registry for CompiledRulebook {
    fn is_none(&self) -> bool {
        self.rulebook().is_none()
    }

    fn matter(&self, source: &SourceId, text: &str) -> Option<MatterCode> {
        self.rulebook().matter(source, text)
    }

    fn crosswalk(&self, source: &SourceId, text: &str) -> Option<MatterCode> {
        self.rulebook().crosswalk(source, text)
    }

    fn area(&self, text: &str, by: AreaBy, within: Option<&AreaCode>) -> Named {
        match (self.rulebook().area(text, by, within), by) {
            (Named::Nothing, AreaBy::Name) => self.gazetteer().find_by_name(text, within),
            (Named::Nothing, AreaBy::CodeOrName) => self.gazetteer().find(text, within),
            (found, _) => found,
        }
    }

    fn area_at(&self, location: &Location) -> Option<AreaCode> {
        self.rulebook().area_at(location)
    }

    fn agency(&self, text: &str) -> Option<AgencyId> {
        self.rulebook().agency(text)
    }

    fn severity(&self, text: &str) -> Option<Severity> {
        self.rulebook().severity(text)
    }

    fn policy(&self) -> &Policy {
        &self.rulebook().policy
    }
}
