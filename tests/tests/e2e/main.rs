//! Black-box tests of the real program, on both ways to run: what goes right, what is killed, what is wrong, what goes away.

mod crash_cluster;
mod crash_embedded;
mod happy_path;
mod import_accounts;
mod storm;
