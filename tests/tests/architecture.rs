//! The invariants of `docs/architecture.md` that a program can check: which crate may know which, who reads the clock, and
//! how long a file may become. Each check is a function from what was found to what is wrong, and is itself tested on
//! something wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const SERVICES: [&str; 6] = [
    "bihuan-intake",
    "bihuan-routing",
    "bihuan-lifecycle",
    "bihuan-dispute",
    "bihuan-delivery",
    "bihuan-monitor",
];
const FOUNDATION: [&str; 7] = [
    "bihuan-domain",
    "bihuan-contracts",
    "bihuan-store",
    "bihuan-stream",
    "bihuan-runtime",
    "bihuan-rulebook",
    "bihuan-mapping",
];
/// What the pure core may not know: runtimes, databases, logs, sockets, telemetry, chance.
const IMPURE: [&str; 14] = [
    "axum",
    "csv",
    "fastrand",
    "futures",
    "metrics",
    "rand",
    "rdkafka",
    "sqlx",
    "tokio",
    "tokio-util",
    "toml",
    "tower",
    "tracing",
    "ureq",
];
/// Of a source file, before its tests.
const LINES: usize = 400;
/// Files that are longer: a list to shorten.
const LONGER: [&str; 0] = [];
const CLOCK: &str = "services/runtime/src/clock.rs";
/// What reads the wall clock or a random source.
const IMPURE_CALLS: [&str; 7] = [
    "SystemTime::now",
    "Timestamp::now",
    "Zoned::now",
    "Utc::now",
    "Uuid::new_v4",
    "Uuid::now_v7",
    "CURRENT_TIMESTAMP",
];

/// Name of a crate and the crates that it names, those of its tests included.
type Crates = BTreeMap<String, BTreeSet<String>>;

#[test]
fn dependencies_point_inwards() {
    assert_none(&outward_dependencies(&crates(&metadata())));
}

#[test]
fn outward_dependencies_are_found() {
    let crates = |of: &[(&str, &[&str])]| -> Crates {
        of.iter()
            .map(|(name, knows)| {
                (
                    (*name).to_owned(),
                    knows.iter().map(|known| (*known).to_owned()).collect(),
                )
            })
            .collect()
    };
    let wrong: [(&str, &str); 11] = [
        ("bihuan-domain", "tokio"),
        ("bihuan-domain", "bihuan-store"),
        ("bihuan-contracts", "bihuan-store"),
        ("bihuan-store", "bihuan-contracts"),
        ("bihuan-runtime", "bihuan-stream"),
        ("bihuan-stream", "bihuan-runtime"),
        ("bihuan-routing", "bihuan-lifecycle"),
        ("bihuan-monitor", "rdkafka"),
        ("e2e", "bihuan-monitor"),
        ("bihuan-dispute", "bihuan-monitor"),
        ("bihuan-monitor", "bihuan-lifecycle"),
    ];
    for (name, knows) in wrong {
        let found = outward_dependencies(&crates(&[(name, &["serde", knows])]));
        assert_eq!(found.len(), 1, "{name} → {knows}: {found:?}");
    }
    assert_eq!(
        outward_dependencies(&crates(&[("bihuan-new", &[])])).len(),
        1,
        "a crate without a rule"
    );
    assert_none(&outward_dependencies(&crates(&[
        ("bihuan-stream", &["bihuan-store", "rdkafka", "tokio"]),
        ("bihuan-server", &["bihuan-lifecycle", "bihuan-routing"]),
    ])));
}

#[test]
fn only_the_runtime_reads_the_clock() {
    let sources = sources();
    let (clock, others): (Vec<_>, Vec<_>) = sources.into_iter().partition(|source| source.path == CLOCK);
    assert_eq!(
        impure_calls(&clock).len(),
        1,
        "the time source has moved: say where"
    );
    assert_none(&impure_calls(&others));
}

#[test]
fn reading_the_clock_is_found() {
    let source = |text: &str| {
        [Source {
            path: "services/intake/src/lib.rs".to_owned(),
            text: text.to_owned(),
        }]
    };
    assert_eq!(
        impure_calls(&source("fn f() {\n    let at = SystemTime::now();\n}\n")).len(),
        1
    );
    assert_eq!(
        impure_calls(&source("created timestamptz DEFAULT CURRENT_TIMESTAMP")).len(),
        1
    );
    assert_none(&impure_calls(&source(
        "    // never SystemTime::now\n    clock.now()",
    )));
}

#[test]
fn files_stay_short() {
    assert_none(&long_files(&sources(), &LONGER));
}

#[test]
fn long_files_are_found() {
    let source = |name: &str, code: usize, tests: usize| Source {
        path: format!("services/intake/src/{name}"),
        text: format!(
            "{}#[cfg(test)]\nmod tests {{\n{}}}\n",
            "code\n".repeat(code),
            "test\n".repeat(tests)
        ),
    };
    assert_none(&long_files(&[source("a.rs", LINES, 500)], &[]));
    let long = [source("a.rs", LINES + 1, 0)];
    assert_eq!(long_files(&long, &[]).len(), 1);
    assert_none(&long_files(&long, &["services/intake/src/a.rs"]));
    assert_none(&long_files(
        &[source("tests.rs", 900, 0), source("a_tests.rs", 900, 0)],
        &[],
    ));
    let short = [source("a.rs", 10, 0)];
    assert_eq!(
        long_files(&short, &["services/intake/src/a.rs"]).len(),
        1,
        "an exception that nobody needs"
    );
}

/// An ADR that lists what is not used any more, or not all that is, is worse than none.
#[test]
fn every_dependency_has_its_reason() {
    let read = |path: &str| fs::read_to_string(root().join(path)).expect("text");
    let (manifest, reasons) = (read("Cargo.toml"), read("docs/adr/0002-dependencies.md"));
    assert_none(&unreasoned(&manifest, &reasons));
    assert_eq!(
        unreasoned(
            &format!("{manifest}\n[workspace.dependencies]\nleft-pad = \"1\"\n"),
            &reasons
        )
        .len(),
        1
    );
    assert_eq!(
        unreasoned(&manifest, &format!("{reasons}\n| `left-pad` | nothing |\n")).len(),
        1
    );
}

fn unreasoned(manifest: &str, reasons: &str) -> Vec<String> {
    let mut used = BTreeSet::new();
    let mut inside = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line == "[workspace.dependencies]";
        } else if let (true, Some((name, _))) = (inside && !line.starts_with('#'), line.split_once('=')) {
            used.insert(name.trim());
        }
    }
    let rows = reasons
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let named: BTreeSet<&str> = rows.collect();
    let ours = |name: &&&str| !name.starts_with("bihuan-");
    let missing = used.iter().filter(ours).filter(|name| !named.contains(**name));
    let gone = named.iter().filter(|name| !used.contains(**name));
    missing
        .map(|name| format!("{name} is not in docs/adr/0002-dependencies.md: say why it is needed"))
        .chain(gone.map(|name| format!("{name} is in docs/adr/0002-dependencies.md and nowhere else")))
        .collect()
}

/// The workspace crates that `name` may know; `None` for a crate that has no rule yet.
fn allowed(name: &str) -> Option<BTreeSet<&'static str>> {
    let foundation: &[&str] = match name {
        "bihuan-domain" => &[],
        "bihuan-contracts" | "bihuan-store" | "bihuan-runtime" | "bihuan-mapping" => &["bihuan-domain"],
        "bihuan-rulebook" => &["bihuan-domain", "bihuan-store"],
        "bihuan-stream" => &["bihuan-domain", "bihuan-contracts", "bihuan-store"],
        "e2e" => &["bihuan-domain", "bihuan-contracts"],
        // it reads disputes as their service keeps them, and shows them
        "bihuan-monitor" => return Some(FOUNDATION.into_iter().chain(["bihuan-dispute"]).collect()),
        // it simulates people around the rules that a service goes by
        "bihuan-city" => &["bihuan-domain", "bihuan-rulebook", "bihuan-dispute"],
        name if SERVICES.contains(&name) => &FOUNDATION,
        "bihuan-server" => {
            let all = FOUNDATION.into_iter().chain(SERVICES);
            return Some(all.chain(["bihuan-city"]).collect());
        }
        _ => return None,
    };
    Some(foundation.iter().copied().collect())
}

fn outward_dependencies(crates: &Crates) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, knows) in crates {
        let Some(allowed) = allowed(name) else {
            wrong.push(format!(
                "{name} has no rule in tests/tests/architecture.rs: say what it may know"
            ));
            continue;
        };
        for known in knows {
            // a crate may know itself: that is how its tests turn a feature on
            let ours = known.starts_with("bihuan-") && known != name;
            let outwards = ours && !allowed.contains(known.as_str());
            let impure = name == "bihuan-domain" && IMPURE.contains(&known.as_str());
            // the black-box tests talk to Kafka as a platform would
            let log = known == "rdkafka" && !matches!(name.as_str(), "bihuan-stream" | "e2e");
            if outwards || impure || log {
                wrong.push(format!("{name} may not depend on {known}"));
            }
        }
    }
    wrong
}

fn impure_calls(sources: &[Source]) -> Vec<String> {
    let mut wrong = Vec::new();
    for source in sources {
        for (number, line) in source.text.lines().enumerate() {
            let comment = line.trim_start().starts_with("//") || line.trim_start().starts_with("--");
            let call = IMPURE_CALLS.iter().find(|call| line.contains(**call));
            if let Some(call) = call.filter(|_| !comment) {
                wrong.push(format!("{}:{}: {call}", source.path, number + 1));
            }
        }
    }
    wrong
}

fn long_files(sources: &[Source], longer: &[&str]) -> Vec<String> {
    let mut excused: BTreeSet<_> = longer.iter().copied().collect();
    let mut wrong = Vec::new();
    for source in sources.iter().filter(|source| source.is_code()) {
        let lines = source
            .text
            .lines()
            .take_while(|line| line.trim() != "#[cfg(test)]")
            .count();
        if lines > LINES && !excused.remove(source.path.as_str()) {
            wrong.push(format!(
                "{}: {lines} lines before its tests, at most {LINES}",
                source.path
            ));
        }
    }
    wrong.extend(
        excused
            .into_iter()
            .map(|path| format!("{path} is not too long: take it off the list")),
    );
    wrong
}

#[track_caller]
fn assert_none(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

struct Source {
    /// From the root of the workspace, with `/`.
    path: String,
    text: String,
}

impl Source {
    /// Written by hand, and not a test as a whole.
    fn is_code(&self) -> bool {
        let rust = Path::new(&self.path)
            .extension()
            .is_some_and(|extension| extension == "rs");
        let test = self.path.ends_with("/tests.rs")
            || self.path.ends_with("_tests.rs")
            || self.path.contains("/tests/");
        rust && !test && !self.path.contains("/generated/")
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every `.rs` and `.sql` file of the services.
fn sources() -> Vec<Source> {
    let root = root();
    let mut folders = vec![root.join("services")];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "rs" || extension == "sql")
            {
                let name = path
                    .strip_prefix(&root)
                    .expect("below the root")
                    .to_string_lossy()
                    .replace('\\', "/");
                let text = fs::read_to_string(&path).expect("text");
                sources.push(Source { path: name, text });
            }
        }
    }
    assert!(sources.len() > 50, "the services have moved: say where");
    sources
}

fn metadata() -> Value {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn crates(metadata: &Value) -> Crates {
    let packages = metadata["packages"].as_array().expect("packages");
    let name = |value: &Value| value["name"].as_str().expect("a name").to_owned();
    packages
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().expect("dependencies");
            (name(package), dependencies.iter().map(name).collect())
        })
        .collect()
}
