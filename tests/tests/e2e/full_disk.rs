//! The disk is full: the process waits, and goes on when there is room again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use e2e::accounts::{assert_journals, assert_report, assert_verified, settle};
use e2e::installation::Installation;
use e2e::records::Expected;
use e2e::rulebook::EAST;
use e2e::{http, wait_for};
use serde_json::json;

use crate::storm::REST;

/// A small file system, gone when dropped.
struct Disk(PathBuf);

impl Disk {
    /// `None`: not allowed here.
    fn mount(at: &Path) -> Option<Self> {
        fs::create_dir_all(at).expect("a folder");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=24m", "bihuan-e2e"])
            .arg(at)
            .output();
        mounted
            .is_ok_and(|output| output.status.success())
            .then(|| Self(at.to_owned()))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_stops_nothing_for_good() {
    let installation = Installation::small();
    let Some(_disk) = Disk::mount(&installation.data()) else {
        eprintln!("skipped: only root may mount a small file system");
        return;
    };
    let mut process = installation.serve("all", &["all"]);
    process.ready();
    let url = format!("{}/api/v1/clues", process.base());
    let mut accepted = 0_u64;
    let mut post = |first: usize, count: usize| -> u16 {
        let records: Vec<_> = (first..first + count)
            .map(|number| {
                json!({"source": "disk", "id": format!("{number}"), "matter": "noise", "area": EAST,
                "description": "字".repeat(300)})
            })
            .collect();
        let (status, answer) = http::post(&url, &[], &json!(records)).expect("an answer");
        assert!(matches!(status, 202 | 503), "{status} {answer}");
        if status == 202 {
            accepted += count as u64;
        }
        status
    };
    assert_eq!(post(0, 50), 202);
    // the last block of the disk, too
    let ballast = installation.data().join("ballast");
    let filled = Command::new("dd")
        .args(["if=/dev/zero", "bs=4k"])
        .arg(format!("of={}", ballast.display()))
        .output()
        .expect("dd");
    assert!(!filled.status.success(), "the disk is not full");
    let mut next = 50;
    let report = wait_for("the process says that it waits", Duration::from_mins(1), || {
        post(next, 20);
        next += 20;
        process
            .readyz()
            .filter(|(status, _)| *status == 503)
            .map(|(_, report)| report.to_string())
    });
    eprintln!("{report}");
    assert!(report.contains("waiting") && report.contains("full"), "{report}");
    let before = process.log().lines().count();
    std::thread::sleep(Duration::from_secs(3));
    let during = process.log().lines().count() - before;
    assert!(during <= 10, "logs without end:\n{}", process.log());
    assert!(process.is_over().is_none(), "{}", process.log());
    fs::remove_file(&ballast).expect("removed");
    process.ready();
    wait_for("records are accepted again", Duration::from_mins(1), || {
        next += 20;
        (post(next, 20) == 202).then_some(())
    });
    let expected = Expected {
        received: accepted,
        clues: accepted,
        ..Expected::default()
    };
    assert_report(&settle(&installation, &expected, REST), &expected);
    assert_eq!(process.terminate(), Some(0));
    assert_verified(&installation);
    assert_journals(&installation);
    drop(process);
}
