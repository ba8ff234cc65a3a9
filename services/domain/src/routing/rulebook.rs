//! Everything of one place that decides, as read from a rulebook directory and versioned by its content.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::rows::Rank;
use super::{Predicate, Schema};
use crate::calendar::{Calendar, Limits};
use crate::clue::{Location, Policy};
use crate::code::{
    AgencyId, AreaCode, CategoryCode, CreditCode, Level, MatterCode, RulebookVersion, Severity, SourceId,
};
use crate::geo::{Boundaries, to_wgs84};

#[derive(Clone, Debug)]
pub struct Rulebook {
    pub version: RulebookVersion,
    pub label: String,
    pub title: String,
    pub title_en: String,
    /// The zone whose civil date decides which duties hold.
    pub zone: TimeZone,
    pub policy: Policy,
    pub areas: BTreeMap<AreaCode, Area>,
    /// Where areas lie, for coordinates; perhaps of some areas only, or of none.
    pub boundaries: Boundaries,
    pub agencies: BTreeMap<AgencyId, Agency>,
    pub matters: BTreeMap<MatterCode, Matter>,
    /// A platform's own categories: (source, their code) → matter.
    pub crosswalk: HashMap<(SourceId, String), MatterCode>,
    /// Attributes of clues that predicates may read.
    pub attributes: Schema,
    /// In the order of the file.
    pub duties: Vec<Duty>,
    /// Which days and hours are worked where.
    pub calendar: Calendar,
    /// How long each step may take.
    pub limits: Limits,
}

impl Rulebook {
    /// What holds before any rulebook was activated: nobody has a duty, the policy is the default.
    pub fn none() -> Self {
        Self {
            version: RulebookVersion::none(),
            label: "none".to_owned(),
            title: "无规则库".to_owned(),
            title_en: "no rulebook".to_owned(),
            zone: TimeZone::UTC,
            policy: Policy::default(),
            areas: BTreeMap::new(),
            boundaries: Boundaries::default(),
            agencies: BTreeMap::new(),
            matters: BTreeMap::new(),
            crosswalk: HashMap::new(),
            attributes: Schema::new(),
            duties: Vec::new(),
            calendar: Calendar::none(),
            limits: Limits::default(),
        }
    }

    pub fn is_none(&self) -> bool {
        self.version == RulebookVersion::none()
    }

    /// The area in whose boundary the coordinates lie, whatever their datum.
    pub fn area_at(&self, location: &Location) -> Option<AreaCode> {
        if self.boundaries.is_empty() {
            return None;
        }
        self.boundaries.area_at(to_wgs84(location)).cloned()
    }

    /// What a platform's own code of a matter means: by the crosswalk, else the code itself if the catalogue has it.
    pub fn matter_for(&self, source: &SourceId, code: &str) -> Option<MatterCode> {
        self.crosswalked(source, code)
            .or_else(|| self.matters.get_key_value(code.trim()).map(|(known, _)| known))
            .cloned()
    }

    /// What the crosswalk says a platform's own code means, and nothing else.
    pub fn crosswalked(&self, source: &SourceId, code: &str) -> Option<&MatterCode> {
        self.crosswalk.get(&(source.clone(), code.trim().to_owned()))
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    pub code: AreaCode,
    pub name: String,
    pub name_en: String,
    pub level: Level,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agency {
    pub id: AgencyId,
    pub name: String,
    pub name_en: String,
    pub level: Option<Level>,
    pub area: Option<AreaCode>,
    pub credit_code: Option<CreditCode>,
    pub kind: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matter {
    pub code: MatterCode,
    pub name: String,
    pub name_en: String,
    pub category: Option<CategoryCode>,
    pub severity: Option<Severity>,
    pub basis: String,
}

/// The columns of `duties.csv`, for rows that are proposed or written.
pub const DUTY_COLUMNS: &str = "matter,area,role,agency,from,to,layer,basis,when";

/// Who has which duty where, from when to when, by which basis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// Line in `duties.csv`, from 1 with the header: identifies the row within its rulebook version.
    pub line: u32,
    pub matter: MatterPattern,
    pub area: AreaCode,
    pub agency: AgencyId,
    pub role: DutyRole,
    /// First day on which it holds; `None` = always did.
    pub from: Option<Date>,
    /// First day on which it holds no more; `None` = open.
    pub to: Option<Date>,
    pub layer: Layer,
    pub basis: String,
    /// What else must hold of the clue.
    pub when: Option<When>,
}

/// A predicate of a duty, as it was written and as it was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    pub text: String,
    pub predicate: Predicate,
}

/// What a duty is about; narrower first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MatterPattern {
    Matter(MatterCode),
    Category(CategoryCode),
    Any,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DutyRole {
    /// 主管部门: takes complaints, checks, orders correction.
    FirstHandler,
    /// 综合行政执法: files the penalty case.
    Penalty,
    /// 协办
    Assisting,
}

impl DutyRole {
    pub const ALL: [Self; 3] = [Self::FirstHandler, Self::Penalty, Self::Assisting];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FirstHandler => "first_handler",
            Self::Penalty => "penalty",
            Self::Assisting => "assisting",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// Who made the rule; the closer to the ground, the stronger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    Province,
    City,
    County,
    /// 赋权 to a town.
    Delegation,
}

impl Layer {
    pub const ALL: [Self; 4] = [Self::Province, Self::City, Self::County, Self::Delegation];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Province => "province",
            Self::City => "city",
            Self::County => "county",
            Self::Delegation => "delegation",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layer| layer.as_str() == word)
    }
}

impl Duty {
    /// Which of them decides where both hold; equal: neither.
    pub fn compared_with(&self, other: &Self) -> std::cmp::Ordering {
        Rank::of(self).cmp(&Rank::of(other))
    }

    /// Whether it decides where both hold.
    pub fn is_stronger_than(&self, other: &Self) -> bool {
        Rank::of(self) > Rank::of(other)
    }
}

impl MatterPattern {
    pub fn covers(&self, matter: &MatterCode, category: Option<&CategoryCode>) -> bool {
        match self {
            Self::Matter(code) => code == matter,
            Self::Category(code) => Some(code) == category,
            Self::Any => true,
        }
    }
}

impl std::fmt::Display for MatterPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Matter(code) => f.pad(code.as_str()),
            Self::Category(code) => f.pad(code.as_str()),
            Self::Any => f.pad("*"),
        }
    }
}
