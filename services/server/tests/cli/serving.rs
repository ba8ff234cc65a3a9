use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{Data, file, text};

const JSON: &str = "application/json";
/// What it logs, in its data directory.
const LOG: &str = "serve.log";

/// A running server, ended with the test.
pub(crate) struct Server {
    process: Child,
    address: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    /// On a port of its own, ready.
    pub(crate) fn start(data: &Data, arguments: &[&str]) -> Self {
        let server = Self::spawn(data, arguments);
        // the API opens a moment after the last part is ready
        server.until("ready", || {
            ["/readyz", "/api/openapi.json"].map(|path| server.get(path).0) == [200, 200]
        });
        server
    }

    fn spawn(data: &Data, arguments: &[&str]) -> Self {
        let address = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a free port");
        let mut command = Command::new(env!("CARGO_BIN_EXE_bihuan"));
        command
            .arg("serve")
            .args(arguments)
            .arg("--data")
            .arg(data.path())
            .arg("--listen")
            .arg(address.to_string());
        let process = command
            .stdout(Stdio::null())
            .stderr(File::create(data.path().join(LOG)).expect("a log"))
            .spawn()
            .expect("a server");
        Self { process, address }
    }

    #[track_caller]
    pub(crate) fn until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !is_so() {
            assert!(Instant::now() < deadline, "{}: never {what}", self.address);
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Status and body; 0: nobody answers.
    pub(crate) fn get(&self, path: &str) -> (u16, Value) {
        self.ask("GET", path, JSON, &[], "").unwrap_or_default()
    }

    #[track_caller]
    pub(crate) fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> (u16, Value) {
        self.ask("POST", path, JSON, headers, &body.to_string())
            .expect("an answer")
    }

    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        kind: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> std::io::Result<(u16, Value)> {
        let (status, body) = self.exchange(method, path, kind, headers, body)?;
        Ok((status, serde_json::from_str(&body).unwrap_or_default()))
    }

    /// A page as text.
    #[track_caller]
    pub(crate) fn page(&self, path: &str) -> (u16, String) {
        self.exchange("GET", path, JSON, &[], "").expect("an answer")
    }

    fn exchange(
        &self,
        method: &str,
        path: &str,
        kind: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> std::io::Result<(u16, String)> {
        let mut stream = TcpStream::connect(self.address)?;
        let length = body.len().to_string();
        let always = [
            ("Host", "localhost"),
            ("Connection", "close"),
            ("Content-Type", kind),
            ("Content-Length", &length),
        ];
        let mut request = format!("{method} {path} HTTP/1.1\r\n");
        for (name, value) in always.iter().chain(headers) {
            request.extend([name, ": ", value, "\r\n"]);
        }
        stream.write_all([&request, "\r\n", body].concat().as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let status = answer.get(9..12).and_then(|status| status.parse().ok());
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        Ok((status.unwrap_or_default(), body.to_owned()))
    }
}

/// What waits on the log when the installation is given its first rulebook is resolved and routed by that one: nothing but
/// lifecycle, which activates it, may start before.
#[test]
fn nothing_is_read_before_the_first_rulebook_holds() {
    const CLUES: usize = 200;
    let data = Data::empty();
    let without_intake = Server::start(&data, &["lifecycle"]);
    let clues: Vec<_> = (0..CLUES)
        .map(|n| json!({"source": "grid", "id": n.to_string(), "matter": "06001", "area": "330603"}))
        .collect();
    let (status, _) = without_intake.post("/api/v1/clues", &[], &json!(clues));
    assert_eq!(status, 202);
    drop(without_intake);

    // a rulebook whose reading ends when we say so
    let rulebook = tempfile::tempdir().expect("temporary folder");
    for entry in std::fs::read_dir(file("deploy/rulebooks/shaoxing")).expect("a folder") {
        let entry = entry.expect("a file");
        std::fs::copy(entry.path(), rulebook.path().join(entry.file_name())).expect("copied");
    }
    let duties = rulebook.path().join("duties.csv");
    let content = text(&duties);
    std::fs::remove_file(&duties).expect("removed");
    assert!(
        Command::new("mkfifo")
            .arg(&duties)
            .status()
            .is_ok_and(|ended| ended.success())
    );
    let directory = rulebook.path().display().to_string();
    let server = Server::spawn(&data, &["--rulebook", &directory]);
    server.until("there", || server.get("/readyz").0 == 503);
    std::thread::sleep(Duration::from_secs(1));
    std::fs::write(&duties, content).expect("read");
    let report = || server.get("/api/v1/reports/closure?by=agency").1;
    server.until("all read and routed", || {
        // in this order: before any is there, none waits either
        report()["counts"]["clues"] == CLUES
            && server.get("/api/v1/clues?stage=admitted").1["clues"] == json!([])
    });
    let report = report();
    let rows = report["rows"].as_array().expect("rows");
    let with_clues = rows.iter().filter(|row| row["counts"]["clues"] != 0);
    let agencies: Vec<_> = with_clues.map(|row| &row["key"]).collect();
    assert_eq!(agencies, ["330603-zhzf"], "none in triage: {report}");
}

#[test]
fn another_report_under_a_used_key_is_refused_and_not_counted() {
    let data = Data::empty();
    let server = Server::start(&data, &[]);
    let report = |title: &str| json!({"source": "grid", "id": "1", "title": title});
    let post = |wait: &str, body: &Value| {
        server.post(
            "/api/v1/clues",
            &[("Idempotency-Key", "k"), ("Prefer", wait)],
            body,
        )
    };
    let first = post("wait=20", &report("one"));
    assert_eq!((first.0, &first.1["status"]), (200, &"done".into()));
    assert_eq!(post("wait=20", &report("one")), first);
    let array = json!([report("another"), {"source": "grid", "id": "2"}]);
    for wait in ["wait=20", "respond-async"] {
        for body in [&report("another"), &array] {
            let (status, problem) = post(wait, body);
            assert_eq!(
                (status, &problem["code"]),
                (422, &"idempotency_key_reused".into())
            );
        }
    }
    let records = server.get("/api/v1/reports/closure").1["records"].clone();
    assert_eq!(records["received"], 1, "{records}");
}

#[test]
fn each_part_says_once_that_it_is_ready() {
    let data = Data::empty();
    drop(Server::start(&data, &[]));
    let log = text(data.path().join(LOG));
    for part in [
        "installation",
        "intake",
        "lifecycle",
        "routing",
        "dispute",
        "delivery",
        "monitor",
    ] {
        let lines: Vec<_> = log.lines().filter(|line| line.contains(part)).collect();
        assert!(
            lines.len() == 1 && lines[0].contains("part ready"),
            "{part}: {log}"
        );
    }
}
