//! `bihuan report`.

use clap::Args;

use crate::cli::Common;
use crate::failure::{Failure, Outcome};

#[derive(Debug, Args)]
pub(crate) struct Report {}

impl Report {
    pub(crate) async fn run(self, _common: &Common) -> Outcome {
        Err(Failure::usage("尚未实现", "not implemented yet"))
    }
}
