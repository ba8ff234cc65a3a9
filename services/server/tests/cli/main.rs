//! The command line as people and scripts meet it: the real program on data directories of its own.

mod acting;
mod activating;
mod calendar;
mod calling_back;
mod changes;
mod covering;
mod describing;
mod disputes_seen;
mod disputing;
mod drafting;
mod feedback;
mod formats;
mod guide;
mod handing_over;
mod helping;
mod learning;
mod linking;
mod made_dispute;
mod meeting;
mod mending;
mod precedents;
mod proving;
mod putting_away;
mod reconciling;
mod reporting;
mod rules;
mod ruling;
mod sample_city;
mod serving;
mod shadow;
mod snapshots;
mod timing;
mod usage;
mod weekly;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;
use sqlx::Connection as _;
use tempfile::TempDir;

/// A file of the repository.
fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn text(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(path).expect("a text")
}

/// How the program ended.
struct Ran(Output);

impl Ran {
    #[track_caller]
    fn exits(self, code: i32) -> Self {
        assert_eq!(
            self.0.status.code(),
            Some(code),
            "stdout: {}\nstderr: {}",
            self.stdout(),
            self.stderr()
        );
        self
    }

    fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.0.stdout).into_owned()
    }

    fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    #[track_caller]
    fn says(self, words: &str) -> Self {
        let (out, err) = (self.stdout(), self.stderr());
        assert!(
            out.contains(words) || err.contains(words),
            "no {words:?} in\n{out}\n{err}"
        );
        self
    }

    #[track_caller]
    fn json(self) -> Value {
        let text = self.exits(0).stdout();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }
}

fn bihuan<S: AsRef<std::ffi::OsStr>>(arguments: &[S]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bihuan"));
    command
        .args(arguments)
        .env("LC_ALL", "C.UTF-8")
        .env_remove("BIHUAN_STORE_URL")
        .env_remove("BIHUAN_LOG_BROKERS");
    Ran(command.output().expect("the program runs"))
}

/// A data directory.
struct Data(TempDir);

impl Data {
    fn empty() -> Self {
        Self(tempfile::tempdir().expect("temporary folder"))
    }

    /// With New York's records imported.
    fn nyc() -> Self {
        static IMPORTED: OnceLock<Data> = OnceLock::new();
        IMPORTED
            .get_or_init(|| Self::imported("nyc311.csv", "nyc311", "nyc311"))
            .copy()
    }

    /// With New York's records routed by its rulebook.
    fn routed() -> Self {
        static IMPORTED: OnceLock<Data> = OnceLock::new();
        let import = || Self::imported_as("nyc311.csv", "nyc311", "nyc311", &["--route"]);
        IMPORTED.get_or_init(import).copy()
    }

    /// With the grid platform's records imported.
    fn grid() -> Self {
        static IMPORTED: OnceLock<Data> = OnceLock::new();
        IMPORTED
            .get_or_init(|| Self::imported("shaoxing-grid.jsonl", "shaoxing-grid", "shaoxing"))
            .copy()
    }

    fn imported(records: &str, mapping: &str, rulebook: &str) -> Self {
        Self::imported_as(records, mapping, rulebook, &[])
    }

    fn imported_as(records: &str, mapping: &str, rulebook: &str, how: &[&str]) -> Self {
        let data = Self::empty();
        let (records, mapping, rulebook) = (
            file(&format!("tests/fixtures/{records}")),
            file(&format!("deploy/mappings/{mapping}.toml")),
            file(&format!("deploy/rulebooks/{rulebook}")),
        );
        let [records, mapping, rulebook] =
            [records, mapping, rulebook].map(|path| path.display().to_string());
        let import = ["import", &records, "--mapping", &mapping, "--rulebook", &rulebook];
        data.run(&[&import[..], how].concat()).exits(0);
        data
    }

    fn copy(&self) -> Self {
        let copy = Self::empty();
        for entry in std::fs::read_dir(self.path()).expect("a folder") {
            let entry = entry.expect("a file");
            std::fs::copy(entry.path(), copy.path().join(entry.file_name())).expect("copied");
        }
        copy
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let data = self.path().display().to_string();
        bihuan(&[arguments, &["--data", &data]].concat())
    }

    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Value {
        self.run(&[arguments, &["--format", "json"]].concat()).json()
    }

    /// Changes the database behind the program's back; the rows that were changed.
    fn tamper(&self, statement: &'static str) -> u64 {
        let url = format!("sqlite://{}", self.path().join("bihuan.sqlite").display());
        let changed = async {
            let mut connection = sqlx::SqliteConnection::connect(&url).await?;
            let done = sqlx::query(statement).execute(&mut connection).await?;
            connection.close().await?;
            Ok::<_, sqlx::Error>(done.rows_affected())
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(changed).expect("changed")
    }
}
