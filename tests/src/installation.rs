//! An installation of its own for a test, of either kind: its folder, its configuration, its processes and commands.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

use crate::journal::Tables;
use crate::parts::{self, Held};
use crate::process::{self, Answer, Process, Running};
use crate::{kafka, rulebook};

/// Where agencies are told; not a topic of Bihuan's own, so whoever runs Kafka makes it.
pub const NOTICES: &str = "agency.assignments.v1";

/// Every role of a cluster, each by itself.
pub const ROLES: [&str; 6] = ["intake", "lifecycle", "routing", "dispute", "delivery", "monitor"];

pub enum Way {
    /// Store and log in a folder.
    Embedded,
    /// PostgreSQL and Kafka, ours alone until this is dropped.
    Cluster(Held),
}

pub struct Installation {
    pub way: Way,
    folder: TempDir,
    tables: Tables,
}

impl Installation {
    /// In a new folder, with this rulebook.
    pub fn embedded(rulebook: &Path) -> Self {
        let folder = folder();
        let data = folder.path().join("data");
        let tables = Tables::sqlite(&data);
        let new = Self {
            way: Way::Embedded,
            folder,
            tables,
        };
        new.configure(rulebook, "");
        new
    }

    /// On a new database and without any topic, with this rulebook.
    pub fn cluster(rulebook: &Path) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let held = parts::hold();
        let name = format!(
            "e2e_{}_{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let server = format!("postgres://bihuan@127.0.0.1:{}", held.postgres_port);
        Tables::postgres(&format!("{server}/postgres")).execute(&format!("CREATE DATABASE {name}"));
        kafka::clean(&held.brokers, &[NOTICES]);
        let new = Self {
            way: Way::Cluster(held),
            folder: folder(),
            tables: Tables::postgres(&format!("{server}/{name}")),
        };
        new.configure(rulebook, "");
        new
    }

    /// Embedded, with the rulebook of these tests.
    pub fn small() -> Self {
        let folder = folder();
        Self::embedded(&rulebook::write(folder.path())).beside(&folder)
    }

    /// A cluster, with the rulebook of these tests.
    pub fn small_cluster() -> Self {
        let folder = folder();
        Self::cluster(&rulebook::write(folder.path())).beside(&folder)
    }

    /// Keeps the rulebook of `folder` within the installation.
    fn beside(self, folder: &TempDir) -> Self {
        let kept = self.folder.path().join("rulebook");
        fs::rename(folder.path().join("rulebook"), &kept).expect("moved");
        self.configure(&kept, "");
        self
    }

    /// Writes the configuration again; `more` is TOML that is added to it.
    pub fn configure(&self, rulebook: &Path, more: &str) {
        let parts = match &self.way {
            Way::Embedded => format!("data = '{}'\n", self.data().display()),
            Way::Cluster(held) => format!(
                "[store]\nurl = {:?}\nconnections = 5\n[log]\nbrokers = {:?}\npartitions = {}\n",
                self.tables.url(),
                held.brokers,
                kafka::PARTITIONS
            ),
        };
        let text = format!("rulebook = '{}'\n{parts}\n{more}\n", rulebook.display());
        fs::write(self.config(), text).expect("written");
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Of an embedded one.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn config(&self) -> PathBuf {
        self.folder.path().join("bihuan.toml")
    }

    /// The rulebook of [`Installation::small`].
    pub fn rulebook(&self) -> PathBuf {
        self.folder.path().join("rulebook")
    }

    /// What an administrator sees in the database.
    pub const fn tables(&self) -> &Tables {
        &self.tables
    }

    #[track_caller]
    pub fn brokers(&self) -> &str {
        match &self.way {
            Way::Cluster(held) => &held.brokers,
            Way::Embedded => panic!("an embedded installation has no Kafka"),
        }
    }

    pub const fn is_cluster(&self) -> bool {
        matches!(self.way, Way::Cluster(_))
    }

    /// Writes a file into its folder.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, content).expect("written");
        path
    }

    fn arguments(&self, words: &[&str]) -> Vec<OsString> {
        let mut all: Vec<OsString> = words.iter().map(OsString::from).collect();
        all.extend([
            "--config".into(),
            self.config().into(),
            "--lang".into(),
            "en".into(),
        ]);
        all
    }

    /// Runs a command to its end.
    #[track_caller]
    pub fn run(&self, words: &[&str]) -> Answer {
        process::run(self.folder.path(), &self.arguments(words))
    }

    /// The same, as a script would: one JSON object.
    #[track_caller]
    pub fn ask(&self, words: &[&str]) -> serde_json::Value {
        let answer = self.run(&[words, &["--format", "json"]].concat());
        answer.ok().json()
    }

    /// Starts a command.
    pub fn start(&self, name: &str, words: &[&str]) -> Running {
        process::start(self.folder.path(), name, &self.arguments(words))
    }

    /// Starts services; `name` tells them apart.
    pub fn serve(&self, name: &str, roles: &[&str]) -> Process {
        Process::serve(self.folder.path(), name, &self.arguments(roles))
    }

    /// Everything that this way to run needs, ready.
    #[track_caller]
    pub fn serve_all(&self) -> Vec<Process> {
        let mut all: Vec<_> = match self.way {
            Way::Embedded => vec![self.serve("all", &["all"])],
            Way::Cluster(_) => ROLES.iter().map(|role| self.serve(role, &[role])).collect(),
        };
        all.iter_mut().for_each(Process::ready);
        all
    }
}

fn folder() -> TempDir {
    tempfile::Builder::new()
        .prefix("bihuan-e2e-")
        .tempdir()
        .expect("a folder")
}
