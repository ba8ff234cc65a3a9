//! The generated Rust is checked in, so that a build needs neither protoc nor a build script; this test keeps it honest.

use std::fs;
use std::path::{Path, PathBuf};

const FILES: &[&str] = &[
    "bihuan/clue/v1/common.proto",
    "bihuan/clue/v1/report.proto",
    "bihuan/clue/v1/command.proto",
    "bihuan/clue/v1/event.proto",
    "bihuan/intake/v1/event.proto",
    "bihuan/intake/v1/command.proto",
    "bihuan/intake/v1/record.proto",
    "bihuan/delivery/v1/event.proto",
    "bihuan/delivery/v1/assignment.proto",
    "bihuan/delivery/v1/callback.proto",
    "bihuan/delivery/v1/reminder.proto",
    "bihuan/dispute/v1/common.proto",
    "bihuan/dispute/v1/command.proto",
    "bihuan/dispute/v1/event.proto",
];

fn crate_dir() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn generate(into: &Path) {
    let proto = crate_dir().join("../../proto");
    let descriptors = protox::compile(FILES, [proto]).expect("the .proto files compile");
    prost_build::Config::new()
        .out_dir(into)
        .compile_fds(descriptors)
        .expect("Rust is generated");
}

#[test]
fn the_checked_in_code_is_what_the_proto_files_say() {
    let checked_in = crate_dir().join("src/generated");
    if std::env::var_os("BIHUAN_REGENERATE").is_some() {
        generate(&checked_in);
        return;
    }
    let fresh = tempfile::tempdir().expect("a temporary folder");
    generate(fresh.path());
    for name in [
        "bihuan.clue.v1.rs",
        "bihuan.intake.v1.rs",
        "bihuan.delivery.v1.rs",
        "bihuan.dispute.v1.rs",
    ] {
        let read = |dir: &Path| fs::read_to_string(dir.join(name)).unwrap_or_default();
        assert!(
            read(&checked_in) == read(fresh.path()),
            "services/contracts/src/generated/{name} is not what proto/ gives; regenerate it:\n    \
             BIHUAN_REGENERATE=1 cargo test -p bihuan-contracts --test generated"
        );
    }
}

#[test]
fn no_proto_file_is_left_out() {
    let proto = crate_dir().join("../../proto");
    let mut found = Vec::new();
    collect(&proto, &mut found);
    let mut found: Vec<_> = found
        .iter()
        .map(|path| path.strip_prefix(&proto).expect("below proto").to_owned())
        .collect();
    let mut listed: Vec<_> = FILES.iter().map(PathBuf::from).collect();
    found.sort();
    listed.sort();
    assert_eq!(found, listed);
}

fn collect(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "proto") {
            found.push(path);
        }
    }
}
