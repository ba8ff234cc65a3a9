//! In whose place something is asked of a dispute.

use bihuan_domain::clue::{Actor, Role};
use clap::Args;

#[derive(Debug, Args)]
pub(super) struct Who {
    /// Who acts: agency:ID, coordinator:ID or operator
    #[arg(long = "as", global = true, value_name = "WHO", default_value = "operator", value_parser = actor)]
    actor: Actor,
    /// Your staff reference
    #[arg(long, global = true)]
    person: Option<String>,
    /// Seconds to wait for each outcome
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 30)]
    pub(super) wait: u64,
}

impl Who {
    pub(super) fn actor(&self) -> Actor {
        Actor {
            person: self.person.clone(),
            ..self.actor.clone()
        }
    }
}

fn actor(text: &str) -> Result<Actor, String> {
    let form = || "write agency:ID, coordinator:ID or operator".to_owned();
    let (role, agency) = match text.split_once(':') {
        Some(("agency", agency)) => (Role::Agency, Some(agency)),
        Some(("coordinator", agency)) => (Role::Coordinator, Some(agency)),
        None if text == "operator" => (Role::Operator, None),
        _ => return Err(form()),
    };
    let agency = agency.map(str::parse).transpose().map_err(|_| form())?;
    Ok(Actor {
        agency,
        ..Actor::service(role)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_acts_for_an_agency_for_an_office_or_as_operator() {
        let acts = |text| {
            actor(text).map(|it| {
                (
                    it.role,
                    it.agency.as_ref().map(|agency| agency.as_str().to_owned()),
                )
            })
        };
        assert_eq!(acts("agency:A:1"), Ok((Role::Agency, Some("A:1".to_owned()))));
        assert_eq!(
            acts("coordinator:B"),
            Ok((Role::Coordinator, Some("B".to_owned())))
        );
        assert_eq!(acts("operator"), Ok((Role::Operator, None)));
        for wrong in ["agency", "agency:", "king:A", "operator:A", ""] {
            assert!(acts(wrong).is_err(), "{wrong}");
        }
    }
}
