//! By what a dispute names the agency whose duty a clue is.

use serde::{Deserialize, Serialize};

use super::words;

words!(
    /// How it was found.
    Designation {
        /// 裁定: until it is carried out the dispute stays open.
        Ruling = "ruling",
        /// 一致意见: with it the dispute is over.
        Agreement = "agreement",
    }
);
