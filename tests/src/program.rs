//! The program under test: `BIHUAN_BIN`, or the debug build of this workspace, built once by the run.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::root;

/// The binary `bihuan`.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| match std::env::var_os("BIHUAN_BIN") {
        Some(path) => {
            let path = PathBuf::from(path);
            assert!(path.is_file(), "BIHUAN_BIN={} is not a file", path.display());
            path
        }
        None => build(),
    })
}

fn build() -> PathBuf {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let done = Command::new(cargo)
        .args([
            "build",
            "--quiet",
            "--package",
            "bihuan-server",
            "--bin",
            "bihuan",
        ])
        .current_dir(root())
        .status()
        .expect("cargo");
    assert!(done.success(), "bihuan-server does not build");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join("debug/bihuan")
}
