//! Before whom a dispute is, and why.

use bihuan_domain::code::AreaCode;
use bihuan_domain::dispute::{Forum, ForumLevel, Jurisdiction, Place, Placed, Reason, Skipped};

use super::unknown;
use crate::DecodeError;
use crate::generated::dispute::v1 as proto;
use crate::wire::{Result, Wire, Word, code, optional_code, part, parts, word};

/// Of what is a county's: which.
fn county(text: Option<&str>) -> Result<AreaCode> {
    optional_code(text, "county")?.ok_or_else(|| DecodeError::missing("county"))
}

impl Wire for Forum {
    type Message = proto::Forum;

    fn to_wire(&self) -> proto::Forum {
        proto::Forum {
            level: self.level().number(),
            county: self.county().map(ToString::to_string),
        }
    }

    fn from_wire(message: proto::Forum) -> Result<Self> {
        Ok(match word(message.level, "level")? {
            ForumLevel::County => Self::County(county(message.county.as_deref())?),
            ForumLevel::City => Self::City,
            ForumLevel::CityGovernment => Self::CityGovernment,
        })
    }
}

impl Wire for Placed {
    type Message = proto::Placed;

    fn to_wire(&self) -> proto::Placed {
        use proto::PlaceKind as K;
        let (kind, county) = match &self.place {
            Place::County(area) => (K::County, Some(area)),
            Place::City => (K::City, None),
            Place::Unplaced => (K::Unplaced, None),
        };
        proto::Placed {
            party: self.party.to_string(),
            place: kind as i32,
            county: county.map(ToString::to_string),
        }
    }

    fn from_wire(message: proto::Placed) -> Result<Self> {
        use proto::PlaceKind as K;
        let place = match K::try_from(message.place) {
            Ok(K::Unspecified) => return Err(DecodeError::missing("place")),
            Ok(K::County) => Place::County(county(message.county.as_deref())?),
            Ok(K::City) => Place::City,
            Ok(K::Unplaced) => Place::Unplaced,
            Err(_) => return Err(unknown("place", message.place)),
        };
        Ok(Self {
            party: code(&message.party, "party")?,
            place,
        })
    }
}

impl Wire for Reason {
    type Message = proto::Reason;

    fn to_wire(&self) -> proto::Reason {
        use proto::ReasonKind as K;
        let (kind, party, other) = match self {
            Self::OneCounty => (K::OneCounty, None, None),
            Self::TwoCounties { one, other } => (K::TwoCounties, Some(one), Some(other)),
            Self::CityAgency { party } => (K::CityAgency, Some(party), None),
            Self::Unplaced { party } => (K::Unplaced, Some(party), None),
            Self::NoParty => (K::NoParty, None, None),
        };
        proto::Reason {
            kind: kind as i32,
            party: party.map(ToString::to_string),
            other: other.map(ToString::to_string),
        }
    }

    fn from_wire(message: proto::Reason) -> Result<Self> {
        use proto::ReasonKind as K;
        let party = || code(message.party.as_deref().unwrap_or_default(), "party");
        match K::try_from(message.kind) {
            Ok(K::Unspecified) => Err(DecodeError::missing("kind")),
            Ok(K::OneCounty) => Ok(Self::OneCounty),
            Ok(K::TwoCounties) => Ok(Self::TwoCounties {
                one: party()?,
                other: code(message.other.as_deref().unwrap_or_default(), "other")?,
            }),
            Ok(K::CityAgency) => Ok(Self::CityAgency { party: party()? }),
            Ok(K::Unplaced) => Ok(Self::Unplaced { party: party()? }),
            Ok(K::NoParty) => Ok(Self::NoParty),
            Err(_) => Err(unknown("kind", message.kind)),
        }
    }
}

impl Wire for Skipped {
    type Message = proto::Skipped;

    fn to_wire(&self) -> proto::Skipped {
        proto::Skipped {
            forum: Some(self.forum.to_wire()),
            party: self.party.to_string(),
        }
    }

    fn from_wire(message: proto::Skipped) -> Result<Self> {
        Ok(Self {
            forum: part(message.forum, "forum")?,
            party: code(&message.party, "party")?,
        })
    }
}

impl Wire for Jurisdiction {
    type Message = proto::Jurisdiction;

    fn to_wire(&self) -> proto::Jurisdiction {
        proto::Jurisdiction {
            forum: Some(self.forum.to_wire()),
            reason: Some(self.reason.to_wire()),
            placed: self.placed.iter().map(Wire::to_wire).collect(),
            skipped: self.skipped.iter().map(Wire::to_wire).collect(),
        }
    }

    fn from_wire(message: proto::Jurisdiction) -> Result<Self> {
        Ok(Self {
            forum: part(message.forum, "forum")?,
            reason: part(message.reason, "reason")?,
            placed: parts(message.placed, "placed")?,
            skipped: parts(message.skipped, "skipped")?,
        })
    }
}
