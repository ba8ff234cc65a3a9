//! Black-box tests of the real program, on both ways to run: what goes right, what is killed, what is wrong, what goes away.

mod activation;
mod bad_files;
mod bad_input;
mod by_hand;
mod callbacks;
mod crash_cluster;
mod crash_embedded;
mod disputes;
mod feedback;
mod full_disk;
mod happy_path;
mod import_accounts;
mod ladder;
mod outage;
mod snapshots;
mod storm;
