//! `bihuan explain`.

use clap::Args;

use crate::cli::Common;
use crate::failure::{Failure, Outcome};

#[derive(Debug, Args)]
pub(crate) struct Explain {}

impl Explain {
    pub(crate) async fn run(self, _common: &Common) -> Outcome {
        Err(Failure::usage("尚未实现", "not implemented yet"))
    }
}
