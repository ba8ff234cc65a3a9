//! Other codes of a clue: what routing goes by, changed by its source or by a person.

use serde::{Deserialize, Serialize};

use super::Field;
use crate::code::{AreaCode, MatterCode, Severity};

/// The codes that count from now on. A field that is `None` stays as it was, unless it is `cleared`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Codes {
    pub matter: Option<MatterCode>,
    pub area: Option<AreaCode>,
    pub severity: Option<Severity>,
    /// Of matter, area and severity, those for which the source now has a word that leads nowhere: the old code holds no more.
    pub cleared: Vec<Field>,
}

impl Codes {
    /// What is said of `fields`; where nothing is known of one, it is cleared.
    pub(super) fn of(
        fields: &[Field],
        matter: Option<&MatterCode>,
        area: Option<&AreaCode>,
        severity: Option<&Severity>,
    ) -> Self {
        let has = |field: Field| fields.contains(&field);
        let known = |field: &Field| match field {
            Field::Matter => matter.is_some(),
            Field::Area => area.is_some(),
            Field::Severity => severity.is_some(),
            _ => true,
        };
        Self {
            matter: matter.cloned().filter(|_| has(Field::Matter)),
            area: area.cloned().filter(|_| has(Field::Area)),
            severity: severity.cloned().filter(|_| has(Field::Severity)),
            cleared: fields.iter().copied().filter(|field| !known(field)).collect(),
        }
    }

    /// The matter that counts now, of a clue that had `known`.
    pub fn matter_after<'a>(&'a self, known: Option<&'a MatterCode>) -> Option<&'a MatterCode> {
        self.after(Field::Matter, self.matter.as_ref(), known)
    }

    pub fn area_after<'a>(&'a self, known: Option<&'a AreaCode>) -> Option<&'a AreaCode> {
        self.after(Field::Area, self.area.as_ref(), known)
    }

    pub fn severity_after<'a>(&'a self, known: Option<&'a Severity>) -> Option<&'a Severity> {
        self.after(Field::Severity, self.severity.as_ref(), known)
    }

    fn after<'a, T>(&self, field: Field, new: Option<&'a T>, known: Option<&'a T>) -> Option<&'a T> {
        new.or_else(|| known.filter(|_| !self.cleared.contains(&field)))
    }
}
