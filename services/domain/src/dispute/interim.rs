//! Who holds a clue until it is settled whose duty it is: it is never left lying.

use serde::{Deserialize, Serialize};

use super::{DisputePolicy, InterimRule, Opening};
use crate::code::AgencyId;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interim {
    Agency(AgencyId),
    /// Nobody's hands but those of the coordinator before whom the dispute is.
    Coordinator,
}

/// By the policy; `lead` is whom the coordinator named. A clue that was never dispatched is the coordinator's.
pub fn interim_holder(opening: &Opening, lead: Option<&AgencyId>, policy: &DisputePolicy) -> Interim {
    let first = opening.first_receiver.as_ref();
    let agency = match policy.interim_holder {
        InterimRule::FirstReceiver => first,
        InterimRule::UrgentOnly => {
            first.filter(|_| policy.is_urgent(opening.matter.as_ref(), opening.severity.as_ref()))
        }
        InterimRule::DesignatedLead => lead.or(first),
    };
    agency.map_or(Interim::Coordinator, |agency| Interim::Agency(agency.clone()))
}

#[cfg(test)]
mod tests {
    use super::super::testing::opening;
    use super::*;
    use crate::clue::testing::{COUNTY, TOWN, agency};
    use crate::code::{MatterCode, Severity};

    #[test]
    fn the_policy_says_who_holds_the_clue_meanwhile() {
        use InterimRule::{DesignatedLead, FirstReceiver, UrgentOnly};
        let table = [
            (FirstReceiver, false, false, None, true, Some(COUNTY)),
            (FirstReceiver, false, false, Some(TOWN), true, Some(COUNTY)),
            (FirstReceiver, false, false, None, false, None),
            (UrgentOnly, false, false, None, true, None),
            (UrgentOnly, true, false, None, true, Some(COUNTY)),
            (UrgentOnly, false, true, None, true, Some(COUNTY)),
            (UrgentOnly, true, false, None, false, None),
            (DesignatedLead, false, false, None, true, Some(COUNTY)),
            (DesignatedLead, false, false, Some(TOWN), true, Some(TOWN)),
            (DesignatedLead, false, false, Some(TOWN), false, Some(TOWN)),
            (DesignatedLead, false, false, None, false, None),
        ];
        for (rule, by_severity, by_matter, lead, dispatched, holder) in table {
            let mut policy = DisputePolicy {
                interim_holder: rule,
                ..DisputePolicy::default()
            };
            let mut it = opening(&[COUNTY, TOWN]);
            it.first_receiver = dispatched.then(|| agency(COUNTY));
            it.severity = by_severity.then(|| Severity::new("urgent").expect("valid"));
            if by_matter {
                policy.urgent.matters.extend(it.matter.clone());
            } else {
                policy
                    .urgent
                    .matters
                    .push(MatterCode::new("other").expect("valid"));
            }
            let expected = holder.map_or(Interim::Coordinator, |it| Interim::Agency(agency(it)));
            let found = interim_holder(&it, lead.map(agency).as_ref(), &policy);
            assert_eq!(found, expected, "{rule:?} {by_severity} {by_matter} {lead:?}");
        }
    }
}
