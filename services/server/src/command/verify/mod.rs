//! `bihuan verify`: recomputes everything from events and checks every account.

mod shown;
mod texts;

use std::process::ExitCode;

use bihuan_monitor::accounts::Accounts;
use bihuan_rulebook::Library;
use bihuan_store::Reader;
use bihuan_store::chain::{self, Break};
use bihuan_store::journal::Journal;
use clap::Args;
use serde::Serialize;

use crate::cli::Common;
use crate::failure::{Failure, Outcome};
use crate::output;
use crate::session::Reading;

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// How many differences of each check to print
    #[arg(long, default_value_t = 20, value_name = "N")]
    first: usize,
}

/// What was compared, and what is not as it should be.
#[derive(Debug, Serialize)]
struct Proof {
    /// RFC 3339.
    as_of: String,
    /// Nothing differs.
    good: bool,
    /// Nothing is on its way; what is on its way is no difference, and not proven either.
    settled: bool,
    in_flight: u64,
    checks: Vec<Check>,
}

#[derive(Debug, Serialize)]
struct Check {
    /// Stable code.
    id: &'static str,
    /// How many things were compared; of what, say the words of the check.
    compared: u64,
    /// Of the clues: states of another format, which were folded again from events first.
    #[serde(skip_serializing_if = "Option::is_none")]
    refolded: Option<u64>,
    differences: usize,
    first: Vec<Difference>,
}

#[derive(Debug, Serialize)]
struct Difference {
    check: &'static str,
    partition: u32,
    clue: Option<String>,
    expected: String,
    found: String,
}

impl Verify {
    pub(crate) async fn run(self, common: &Common) -> Outcome {
        let reading = Reading::open(common).await?;
        let proof = self.prove(&reading).await?;
        if common.is_json() {
            output::json(&proof)?;
        } else {
            shown::print(&proof, common.lang())?;
        }
        Ok(if proof.good {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(1)
        })
    }

    async fn prove(&self, reading: &Reading) -> Result<Proof, Failure> {
        let mut reader = reading.store.snapshot().await?;
        let reader = &mut reader;
        let mut checks = vec![self.lifecycle(reader, &reading.library).await?];
        for (id, journal, group) in [
            ("intake_journal", Journal::Intake, bihuan_intake::GROUP),
            ("delivery_journal", Journal::Delivery, bihuan_delivery::GROUP),
            ("dispute_journal", Journal::Dispute, bihuan_dispute::GROUP),
        ] {
            let (entries, breaks) = chain::verify(reader, journal, group).await?;
            checks.push(self.check(id, entries, breaks));
        }
        let (disputes, differences) = bihuan_dispute::verify::verify(reader).await?;
        checks.push(self.check("disputes", disputes, differences));
        let (texts, differences) = texts::verify(reader).await?;
        checks.push(self.check("texts", texts, differences));
        let (events, differences) = bihuan_monitor::verify::verify(reader, &reading.library).await?;
        checks.push(self.check("projection", events, differences));
        let (clues, differences) = bihuan_monitor::holders::verify(reader).await?;
        checks.push(self.check("holders", clues, differences));
        let (callbacks, differences) = bihuan_delivery::callback::verify::verify(reader).await?;
        checks.push(self.check("callbacks", callbacks, differences));
        let accounts = bihuan_monitor::accounts::accounts(&reading.store, reading.now()).await?;
        checks.push(self.accounts(&accounts));
        Ok(Proof {
            as_of: accounts.as_of,
            good: checks.iter().all(|check| check.differences == 0),
            settled: accounts.settled,
            in_flight: accounts.in_flight,
            checks,
        })
    }

    async fn lifecycle(&self, reader: &mut Reader, library: &Library) -> Result<Check, Failure> {
        let verified = bihuan_lifecycle::verify(reader, library).await?;
        Ok(Check {
            refolded: Some(verified.refolded),
            ..self.check("clues", verified.events, verified.differences)
        })
    }

    /// While monitor has journalled events still to count, an equation may be out of balance for a moment.
    fn accounts(&self, accounts: &Accounts) -> Check {
        let counted = accounts.behind.values().all(|events| *events == 0);
        let unbalanced = accounts
            .equations
            .iter()
            .filter(|equation| counted && !equation.balanced);
        let differences = unbalanced.map(|equation| Difference {
            check: equation.id,
            partition: 0,
            clue: None,
            expected: equation.left.sum.to_string(),
            found: equation.right.sum.to_string(),
        });
        self.check(
            "accounts",
            accounts.equations.len() as u64,
            differences.collect::<Vec<_>>(),
        )
    }

    fn check<D: Into<Difference>>(&self, id: &'static str, compared: u64, differences: Vec<D>) -> Check {
        Check {
            id,
            compared,
            refolded: None,
            differences: differences.len(),
            first: differences.into_iter().take(self.first).map(Into::into).collect(),
        }
    }
}

impl From<bihuan_lifecycle::Difference> for Difference {
    fn from(it: bihuan_lifecycle::Difference) -> Self {
        let clue = it.clue.map(|clue| clue.to_string());
        Self {
            check: it.check,
            partition: it.partition,
            clue,
            expected: it.expected,
            found: it.found,
        }
    }
}

impl From<bihuan_dispute::verify::Difference> for Difference {
    fn from(it: bihuan_dispute::verify::Difference) -> Self {
        let clue = it.clue.map(|clue| clue.to_string());
        Self {
            check: it.check,
            partition: it.partition,
            clue,
            expected: it.expected,
            found: it.found,
        }
    }
}

impl From<bihuan_monitor::verify::Difference> for Difference {
    fn from(it: bihuan_monitor::verify::Difference) -> Self {
        let clue = it.clue.map(|clue| clue.to_string());
        Self {
            check: it.check,
            partition: it.partition,
            clue,
            expected: it.expected,
            found: it.found,
        }
    }
}

impl From<bihuan_delivery::callback::verify::Difference> for Difference {
    fn from(it: bihuan_delivery::callback::verify::Difference) -> Self {
        Self {
            check: it.check,
            partition: it.partition,
            clue: Some(it.clue.to_string()),
            expected: it.expected,
            found: it.found,
        }
    }
}

impl From<Break> for Difference {
    fn from(it: Break) -> Self {
        Self {
            check: it.check,
            partition: it.partition,
            clue: None,
            expected: it.expected,
            found: it.found,
        }
    }
}
