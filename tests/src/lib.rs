//! Black-box tests over the real binary live in `tests/tests/`.
