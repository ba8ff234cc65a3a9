//! What an event of a clue says of its dispute, in JSON.

use bihuan_domain::dispute::{Cause, Claim, Interim, Opening, Position};
use serde_json::{Value, json};

/// `returns`: of the cause `return_limit`, the number of the return.
pub(super) fn opening(opening: &Opening) -> Value {
    let returns = match opening.cause {
        Cause::ReturnLimit { returns } => Some(returns),
        Cause::RefusedReturn | Cause::Claims | Cause::ByAgency | Cause::ByCoordinator => None,
    };
    json!({
        "matter": opening.matter,
        "area": opening.area,
        "severity": opening.severity,
        "cause": opening.cause.as_str(),
        "returns": returns,
        "parties": opening.parties.iter().map(claim).collect::<Vec<_>>(),
        "first_receiver": opening.first_receiver,
    })
}

fn claim(claim: &Claim) -> Value {
    json!({
        "agency": claim.agency,
        "position": claim.position.map(Position::as_str),
        "duty": claim.duty,
    })
}

/// The agency; null: the coordinator of the level.
pub(super) fn interim(interim: &Interim) -> Value {
    match interim {
        Interim::Agency(agency) => json!(agency),
        Interim::Coordinator => Value::Null,
    }
}
