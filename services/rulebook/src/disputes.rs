//! What there is to say about the policy of disputes: offices that are none.

use std::collections::BTreeMap;

use bihuan_domain::code::AgencyId;
use bihuan_domain::dispute::DisputePolicy;
use bihuan_domain::routing::Agency;

use crate::Finding;

const FILE: &str = "rulebook.toml";

/// Whoever coordinates or decides must be an agency of the rulebook.
pub(crate) fn unknown_offices(policy: &DisputePolicy, agencies: &BTreeMap<AgencyId, Agency>) -> Vec<Finding> {
    let offices = policy.coordinators.iter();
    let named = offices.flat_map(|office| {
        let agency = ("agency", &office.agency);
        [agency]
            .into_iter()
            .chain(office.deciding.iter().map(|it| ("deciding", it)))
    });
    named
        .filter(|(_, agency)| !agencies.contains_key(*agency))
        .map(|(column, agency)| unknown_office(column, agency))
        .collect()
}

fn unknown_office(column: &str, agency: &AgencyId) -> Finding {
    Finding::error("office_unknown", FILE)
        .column(column, None)
        .value(agency.as_str())
        .says(
            format!("[[policy.disputes.coordinators]] 指定的部门 {agency} 不在 agencies.csv 中"),
            format!("[[policy.disputes.coordinators]] names {agency}, which agencies.csv does not have"),
        )
        .advises(
            "请在 agencies.csv 中补上该部门，或改正代码",
            "add it to agencies.csv, or mend its code",
        )
}
