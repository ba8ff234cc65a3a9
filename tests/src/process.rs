//! Processes of the program: commands that end, and services that are killed.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::program;
use crate::{http, parts, wait_for};

/// What a command that ended said.
#[derive(Debug)]
pub struct Answer {
    /// `None`: killed.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Answer {
    /// The one JSON object that it printed.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    #[must_use]
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }
}

/// A running process of the program; killed when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    name: String,
    log: PathBuf,
    port: u16,
}

/// How long a command may take that a person would wait for.
pub const PATIENCE: Duration = Duration::from_mins(5);

/// Runs the program to its end.
#[track_caller]
pub fn run<S: AsRef<OsStr>>(folder: &Path, arguments: &[S]) -> Answer {
    let mut running = start(folder, "command", arguments);
    running.wait(PATIENCE)
}

/// Starts a command whose end is somebody else's matter.
pub fn start<S: AsRef<OsStr>>(folder: &Path, name: &str, arguments: &[S]) -> Running {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let out = folder.join(format!("{name}-{number}.out"));
    let err = folder.join(format!("{name}-{number}.err"));
    let child = Command::new(program())
        .args(arguments)
        .env("LC_ALL", "C.UTF-8")
        .env_remove("BIHUAN_STORE_URL")
        .env_remove("BIHUAN_LOG_BROKERS")
        .stdin(Stdio::null())
        .stdout(File::create(&out).expect("a file"))
        .stderr(File::create(&err).expect("a file"))
        .spawn()
        .expect("the program starts");
    parts::watch_child(child.id());
    Running { child, out, err }
}

/// A command that has not ended yet; killed when dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

impl Running {
    /// Ends it with SIGKILL, if it has not ended by itself.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    pub fn is_over(&mut self) -> bool {
        self.child.try_wait().expect("a child").is_some()
    }

    /// What it printed so far.
    pub fn said(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.out).expect("output")).into_owned()
    }

    #[track_caller]
    pub fn wait(&mut self, limit: Duration) -> Answer {
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                break status;
            }
            if begun.elapsed() > limit {
                self.kill();
                panic!("a command did not end within {limit:?}: {:?}", self.answer(None));
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        self.answer(status.code())
    }

    fn answer(&self, code: Option<i32>) -> Answer {
        let text = |path| String::from_utf8_lossy(&fs::read(path).expect("output")).into_owned();
        Answer {
            code,
            stdout: text(&self.out),
            stderr: text(&self.err),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
        if !std::thread::panicking() {
            let _ = fs::remove_file(&self.out);
            let _ = fs::remove_file(&self.err);
        }
    }
}

impl Process {
    /// Starts `bihuan serve` with these arguments. What it logs is kept in `NAME.log`, that of earlier lives too.
    pub fn serve<S: AsRef<OsStr>>(folder: &Path, name: &str, arguments: &[S]) -> Self {
        let log = folder.join(format!("{name}.log"));
        let port = free_port();
        let written = File::options()
            .create(true)
            .append(true)
            .open(&log)
            .expect("a file");
        let child = Command::new(program())
            .arg("serve")
            .args(arguments)
            .args(["--listen", &format!("127.0.0.1:{port}")])
            .env("LC_ALL", "C.UTF-8")
            .env("NO_COLOR", "1")
            .env_remove("BIHUAN_STORE_URL")
            .env_remove("BIHUAN_LOG_BROKERS")
            .stdin(Stdio::null())
            .stdout(written.try_clone().expect("a descriptor"))
            .stderr(written)
            .spawn()
            .expect("the program starts");
        parts::watch_child(child.id());
        Self {
            child,
            name: name.to_owned(),
            log,
            port,
        }
    }

    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).expect("a log")).into_owned()
    }

    pub fn is_over(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child")
    }

    /// What `/readyz` says, if anybody answers.
    pub fn readyz(&self) -> Option<(u16, Value)> {
        http::get(&format!("{}/readyz", self.base()))
    }

    /// Waits until every part is ready.
    #[track_caller]
    pub fn ready(&mut self) {
        let what = format!("{} is ready", self.name);
        wait_for(&what, Duration::from_secs(90), || {
            if let Some(status) = self.is_over() {
                panic!("{} ended with {status}:\n{}", self.name, tail(&self.log(), 20));
            }
            let (status, report) = self.readyz()?;
            let halted = report["parts"]
                .as_array()
                .is_some_and(|parts| parts.iter().any(|part| part["state"] == "halted"));
            assert!(!halted, "{}: needs a person: {report}", self.name);
            (status == 200).then_some(())
        });
    }

    /// Ends it without warning (SIGKILL).
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Ends it in order (SIGTERM) and says how it went.
    #[track_caller]
    pub fn terminate(&mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status().expect("kill");
        assert!(sent.success() || self.is_over().is_some(), "{pid} is gone");
        let what = format!("{} ends after SIGTERM", self.name);
        wait_for(&what, Duration::from_secs(30), || self.is_over()).code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!(
                "--- the end of {}:\n{}",
                self.log.display(),
                tail(&self.log(), 15)
            );
        }
        self.kill();
    }
}

/// The last lines.
pub fn tail(text: &str, lines: usize) -> String {
    let all: Vec<_> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

/// A port below the range for outgoing connections, so that nobody else takes it in between.
fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = NEXT
            .fetch_add(1, Ordering::Relaxed)
            .wrapping_add(std::process::id().wrapping_mul(97));
        let port = 20_000 + (number % 12_000) as u16;
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
