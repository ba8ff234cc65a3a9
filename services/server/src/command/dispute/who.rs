//! In whose place something is asked of a dispute.

use bihuan_domain::clue::{Actor, Role};
use bihuan_domain::code::AgencyId;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};

#[derive(Debug, Args)]
pub(super) struct Who {
    /// In what capacity you act
    #[arg(long = "as", value_name = "ROLE", default_value = "coordinator",
        value_parser = PossibleValuesParser::new(Role::ALL.map(Role::as_str)).try_map(|it| role(&it)))]
    role: Role,
    /// The office that you act for
    #[arg(long, value_name = "AGENCY")]
    actor_agency: Option<AgencyId>,
    /// Your staff reference
    #[arg(long)]
    person: Option<String>,
    /// Seconds to wait for each outcome
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub(super) wait: u64,
}

fn role(word: &str) -> Result<Role, String> {
    Role::ALL
        .into_iter()
        .find(|role| role.as_str() == word)
        .ok_or_else(|| word.to_owned())
}

impl Who {
    pub(super) fn actor(&self) -> Actor {
        Actor {
            role: self.role,
            agency: self.actor_agency.clone(),
            person: self.person.clone(),
        }
    }
}
