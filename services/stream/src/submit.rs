//! Why a command that somebody sends through the log has no answer.

/// Another request was carried out under the key of this one, which therefore never will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key was used for another request")]
pub struct KeyReused;

/// Why a command is not known to be on the log, or what became of it is not known. Sending it again under the same key is safe.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    #[error(transparent)]
    KeyReused(#[from] KeyReused),
    #[error(transparent)]
    Store(#[from] bihuan_store::Error),
    #[error(transparent)]
    Log(#[from] crate::Error),
    #[error("the log does not answer")]
    Slow,
}
