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

/// Who coordinates decides already before whom a clue is held; the rest waits for whoever runs disputes.
pub(crate) fn unapplied(policy: &DisputePolicy) -> Option<Finding> {
    let applied = DisputePolicy {
        coordinators: policy.coordinators.clone(),
        ..DisputePolicy::default()
    };
    (*policy != applied).then(|| {
        Finding::warning("disputes_unapplied", FILE)
            .column("policy.disputes", None)
            .says(
                "[policy.disputes] 中除 coordinators 外的设置目前尚不生效：争议的各环节还没有自动运行",
                "of [policy.disputes] nothing but the coordinators has any effect yet: no dispute is run by itself",
            )
            .advises(
                "可以保留，但请勿据此认为退单期限等规则已经生效",
                "they may stay, but do not count on them, the return window for one",
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
