//! HTTP: clues as records over the log.
