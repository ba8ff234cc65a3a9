//! A private Kafka and PostgreSQL, started by `deploy/local/up`: those that the run was given (`BIHUAN_TEST_PARTS`, the folder,
//! or `BIHUAN_TEST_CONFIG`, the file in it), else ones of its own, which are gone when it ends, however it ends.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::root;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Kafka,
    Postgres,
}

impl Part {
    const fn name(self) -> &'static str {
        match self {
            Self::Kafka => "kafka",
            Self::Postgres => "postgres",
        }
    }
}

/// Where they are.
#[derive(Debug)]
pub struct Parts {
    folder: PathBuf,
    pub brokers: String,
    pub postgres_port: u16,
}

/// The right to use them: one test at a time.
pub type Held = MutexGuard<'static, Parts>;

/// Waits for the parts to be free, and sees to it that both answer.
pub fn hold() -> Held {
    static PARTS: OnceLock<Mutex<Parts>> = OnceLock::new();
    let parts = PARTS
        .get_or_init(|| Mutex::new(Parts::up()))
        .lock()
        // a test that failed may have left a part stopped: it is started below
        .unwrap_or_else(PoisonError::into_inner);
    parts.start(Part::Kafka);
    parts.start(Part::Postgres);
    parts
}

impl Parts {
    fn up() -> Self {
        let given = std::env::var_os("BIHUAN_TEST_PARTS")
            .map(PathBuf::from)
            .or_else(|| {
                let config = PathBuf::from(std::env::var_os("BIHUAN_TEST_CONFIG")?);
                let folder = config.parent()?.to_owned();
                folder.join("ports").is_file().then_some(folder)
            });
        let folder = given.unwrap_or_else(|| {
            let folder = watched().join("parts");
            script("up", &[folder.to_str().expect("UTF-8")]);
            folder
        });
        let ports = fs::read_to_string(folder.join("ports")).expect("ports of Kafka and PostgreSQL");
        let port = |name: &str| -> u16 {
            let line = ports
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            line.and_then(|port| port.trim().parse().ok()).expect("a port")
        };
        Self {
            brokers: format!("127.0.0.1:{}", port("KAFKA_PORT")),
            postgres_port: port("POSTGRES_PORT"),
            folder,
        }
    }

    pub fn start(&self, part: Part) {
        self.tell(part, "start");
    }

    pub fn stop(&self, part: Part) {
        self.tell(part, "stop");
    }

    /// Without warning.
    pub fn kill(&self, part: Part) {
        self.tell(part, "kill");
    }

    fn tell(&self, part: Part, what: &str) {
        script("part", &[self.folder.to_str().expect("UTF-8"), part.name(), what]);
    }
}

fn script(name: &str, arguments: &[&str]) {
    let path = root().join("deploy/local").join(name);
    let done = Command::new(&path)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .expect("a script");
    assert!(done.success(), "{} {arguments:?}: {done}", path.display());
}

/// A child of this run, to be ended with it even if it is ended by force.
pub(crate) fn watch_child(id: u32) {
    static FILE: OnceLock<Mutex<File>> = OnceLock::new();
    let file = FILE.get_or_init(|| Mutex::new(File::create(watched().join("children")).expect("a file")));
    let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
    writeln!(file, "{id}").expect("written");
}

/// A folder that a watcher cleans up when this process is gone.
fn watched() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = tempfile::Builder::new()
            .prefix("bihuan-e2e.")
            .tempdir()
            .expect("a folder")
            .keep();
        fs::create_dir(folder.join("parts")).expect("a folder");
        let watcher = r#"
            trap '' INT TERM HUP
            while kill -0 "$1" 2>/dev/null; do sleep 1; done
            while read -r child; do
                [ "$(cat "/proc/$child/comm" 2>/dev/null)" != bihuan ] || kill -KILL "$child"
            done <"$2/children"
            "$3" "$2/parts" --remove
            rm -rf -- "$2""#;
        Command::new("setsid")
            .args(["--fork", "sh", "-c", watcher, "watcher"])
            .arg(std::process::id().to_string())
            .arg(&folder)
            .arg(root().join("deploy/local/down"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("a watcher");
        folder
    })
}
