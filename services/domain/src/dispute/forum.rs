//! Before whom a dispute is: the coordinator of a county, of the city, or the city's government.

use std::fmt;
use std::str::FromStr;

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

/// `city`, `city_government`, `county:330602`.
impl FromStr for Forum {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "write county:AREA, city or city_government";
        let (level, area) = match text.split_once(':') {
            Some((level, area)) => (level, Some(area)),
            None => (text, None),
        };
        match (ForumLevel::parse(level), area) {
            (Some(ForumLevel::County), Some(area)) => area.parse().map(Self::County).map_err(|_| FORM),
            (Some(ForumLevel::City), None) => Ok(Self::City),
            (Some(ForumLevel::CityGovernment), None) => Ok(Self::CityGovernment),
            _ => Err(FORM),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forum_is_named_by_its_level_and_a_countys_by_its_area() {
        let county = Forum::County("330602".parse().expect("an area"));
        let table = [
            ("county:330602", county),
            ("city", Forum::City),
            ("city_government", Forum::CityGovernment),
        ];
        for (text, forum) in table {
            assert_eq!(text.parse(), Ok(forum));
        }
        for wrong in ["", "county", "county:", "city:330602", "town:330602", "City"] {
            assert!(wrong.parse::<Forum>().is_err(), "{wrong}");
        }
    }
}
