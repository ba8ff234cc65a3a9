//! Before whom a dispute is: the coordinator of a county, of the city, or the city's government.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::clue::words;
use crate::code::{AreaCode, Level};
use crate::lang::Lang;

words!(
    /// The level of a [`Forum`], lowest first.
    ForumLevel {
        /// 县级协调
        County = "county",
        /// 市级协调
        City = "city",
        /// 市政府
        CityGovernment = "city_government",
    }
);

/// Who has a dispute before them. Of a county it is said which.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Forum {
    County(AreaCode),
    City,
    /// Above it there is nobody.
    CityGovernment,
}

impl Forum {
    pub const fn level(&self) -> ForumLevel {
        match self {
            Self::County(_) => ForumLevel::County,
            Self::City => ForumLevel::City,
            Self::CityGovernment => ForumLevel::CityGovernment,
        }
    }

    /// The level of administration that it belongs to.
    pub const fn administration(&self) -> Level {
        match self {
            Self::County(_) => Level::County,
            Self::City | Self::CityGovernment => Level::City,
        }
    }

    pub const fn county(&self) -> Option<&AreaCode> {
        match self {
            Self::County(area) => Some(area),
            Self::City | Self::CityGovernment => None,
        }
    }

    /// The next one up; `None`: this is the last.
    pub const fn above(&self) -> Option<Self> {
        match self {
            Self::County(_) => Some(Self::City),
            Self::City => Some(Self::CityGovernment),
            Self::CityGovernment => None,
        }
    }
}

impl ForumLevel {
    pub const fn words(self, lang: Lang) -> &'static str {
        match self {
            Self::County => lang.choose("县（市、区）协调部门", "the county's coordinator"),
            Self::City => lang.choose("市协调部门", "the city's coordinator"),
            Self::CityGovernment => lang.choose("市政府", "the city's government"),
        }
    }
}

impl fmt::Display for Forum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::County(area) => write!(f, "county {area}"),
            Self::City | Self::CityGovernment => self.level().fmt(f),
        }
    }
}
