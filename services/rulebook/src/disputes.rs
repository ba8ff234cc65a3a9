//! What there is to say about the policy of disputes: offices that are none, and settings that nothing goes by yet.

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

/// The clocks of a clue run on while it is in dispute.
pub(crate) fn unapplied(policy: &DisputePolicy) -> Option<Finding> {
    policy.pauses_clock.then(|| {
        Finding::warning("disputes_unapplied", FILE)
            .column("policy.disputes.pauses_clock", None)
            .says(
                "[policy.disputes] 的 pauses_clock 目前尚不生效：争议期间线索的时限照常计算",
                "pauses_clock of [policy.disputes] has no effect yet: the clocks of a clue in dispute run on",
            )
            .advises(
                "可以保留，但请勿据此认为争议期间不计时",
                "it may stay, but do not count on clocks that stand still",
            )
    })
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
