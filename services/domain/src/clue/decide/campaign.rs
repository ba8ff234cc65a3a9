//! A clue belongs to a campaign (专项行动), to report by. It changes nothing else about it.

use super::super::{Clue, Event, Role};
use super::asked::Asked;
use super::{Answer, Code, Rejection, one};
use crate::code::CampaignCode;

const ENTITLED: &[Role] = &[Role::Coordinator, Role::Operator];

/// Also of a clue that ended; another campaign takes the place of the one before.
pub(super) fn tag(clue: &Clue, asked: &Asked<'_>, campaign: &CampaignCode) -> Answer {
    asked.entitled(ENTITLED)?;
    if clue.campaign.as_ref() == Some(campaign) {
        return Err(Rejection::of_field(Code::AlreadyTagged, "campaign"));
    }
    Ok(one(Event::CampaignTagged {
        campaign: campaign.clone(),
    }))
}

pub(super) fn untag(clue: &Clue, asked: &Asked<'_>) -> Answer {
    asked.entitled(ENTITLED)?;
    match clue.campaign {
        Some(_) => Ok(one(Event::CampaignUntagged)),
        None => Err(Code::NotTagged.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Command;
    use super::super::super::testing::{COUNTY, Case, coordinator, of};
    use super::*;

    fn tagged(campaign: &str) -> Command {
        Command::TagCampaign {
            campaign: campaign.parse().expect("a code"),
        }
    }

    #[test]
    fn a_clue_belongs_to_one_campaign_at_a_time_also_after_it_ended() {
        for mut case in [Case::admitted(), Case::dispatched(), Case::closed()] {
            let stage = case.stage();
            assert_eq!(case.refusal(of(COUNTY), tagged("2026-渣土")), "not_entitled");
            assert_eq!(
                case.when(coordinator(), tagged("2026-渣土")).events(),
                ["CampaignTagged"]
            );
            let again = case.when(coordinator(), tagged("2026-渣土"));
            assert_eq!(again.refused(), ("already_tagged", Some("campaign")));
            assert_eq!(case.refusal(coordinator(), tagged("2026-油烟")), "");
            assert_eq!(
                case.clue().campaign.as_ref().map(CampaignCode::as_str),
                Some("2026-油烟")
            );
            assert_eq!(case.refusal(coordinator(), Command::UntagCampaign), "");
            assert_eq!(case.refusal(coordinator(), Command::UntagCampaign), "not_tagged");
            assert_eq!((case.stage(), &case.clue().campaign), (stage, &None));
        }
    }
}
