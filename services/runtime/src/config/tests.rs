use std::fmt::Write as _;

use bihuan_domain::code::AgencyId;

use super::*;

const NOTHING: &dyn Fn(&str) -> Option<String> = &|_| None;

fn parse(text: &str) -> Result<Config, Error> {
    Config::parse(Path::new("etc/bihuan.toml"), text, None, NOTHING)
}

/// The samples are what people start from, so they must be right.
#[test]
fn the_sample_files_can_be_used() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/config");
    let embedded = Config::load(Some(&samples.join("embedded.toml")), None).expect("embedded.toml");
    assert!(embedded.is_embedded());
    let cluster = Config::load(Some(&samples.join("cluster.toml")), None).expect("cluster.toml");
    assert!(!cluster.is_embedded());
    let demo = Config::load(Some(&samples.join("shaoxing-demo.toml")), None).expect("shaoxing-demo.toml");
    for config in [&embedded, &cluster, &demo] {
        for source in &config.intake.source {
            assert!(source.mapping.is_file(), "{}", source.mapping.display());
        }
        let rulebook = config.rulebook.as_ref().expect("a rulebook");
        assert!(rulebook.join("rulebook.toml").is_file(), "{}", rulebook.display());
    }
    let others = std::fs::read_dir(&samples).expect("the samples").count();
    assert_eq!(others, 3, "a sample that no test reads");
}

#[test]
fn callbacks_have_mappings_networks_and_patience() {
    let text = "data = \"d\"\n[delivery]\nallow_private = [\"10.2.0.0/16\", \"::1/128\"]\ncallback_files = \"out\"\n\
                [[delivery.callback]]\nmapping = \"grid.toml\"\n[delivery.retry]\nattempts = 7\n";
    let delivery = parse(text).expect("valid").delivery;
    assert_eq!(delivery.callback[0].mapping, Path::new("etc/grid.toml"));
    assert_eq!(delivery.callback_files.as_deref(), Some(Path::new("etc/out")));
    assert_eq!(delivery.allow_private.len(), 2);
    assert_eq!(
        (delivery.retry.attempts, delivery.retry.longest_ms),
        (7, 3_600_000)
    );
    assert_eq!(
        delivery.agency,
        Delivery::default().agency,
        "agencies are told as ever"
    );
    for (line, problem) in [
        ("allow_private = [\"10.2.0.0\"]", "3: delivery.allow_private"),
        ("concurrency = 0", "delivery.concurrency"),
        ("retry = { attempts = 0 }", "delivery.retry.attempts"),
    ] {
        let error = parse(&format!("data = \"d\"\n[delivery]\n{line}\n")).expect_err(line);
        assert!(error.to_string().contains(problem), "{error}");
    }
}

#[test]
fn one_line_is_enough_and_paths_are_relative_to_the_file() {
    let config = parse("data = \"data\"\nrulebook = \"/rules\"").expect("valid");
    let expected = Config {
        rulebook: Some(PathBuf::from("/rules")),
        ..Config::embedded(PathBuf::from("etc/data"))
    };
    assert_eq!(config, expected);
    assert_eq!(config.partitions, 1);
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
}

#[test]
fn a_cluster_is_a_database_and_brokers() {
    let text = "[store]\nurl = \"postgres://u:secret@h/d\"\n[log]\nbrokers = \"a:9092,b:9092\"\n\
                [log.properties]\nsecurity.protocol = \"SASL_SSL\"\n\"sasl.password\" = \"hidden\"\n\
                socket.timeout.ms = 6000\n";
    let config = parse(text).expect("valid");
    assert_eq!(config.partitions, 6);
    let Mode::Cluster { store, log } = &config.mode else {
        panic!("{config:?}")
    };
    assert_eq!(
        (store.url.as_str(), store.connections),
        ("postgres://u:secret@h/d", 10)
    );
    let properties: Vec<_> = log
        .properties
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert_eq!(
        properties,
        [
            "sasl.password=hidden",
            "security.protocol=SASL_SSL",
            "socket.timeout.ms=6000"
        ]
    );
    let printed = format!("{config:?}");
    assert!(
        !printed.contains("secret") && !printed.contains("hidden"),
        "{printed}"
    );
}

#[test]
fn the_environment_overrides_what_is_secret() {
    let environment = |name: &str| match name {
        STORE_URL => Some("postgres://other/d".to_owned()),
        LOG_BROKERS => Some("other:9092".to_owned()),
        _ => None,
    };
    let text = "[log]\nbrokers = \"a:9092\"\npartitions = 12";
    let config = Config::parse(Path::new("b.toml"), text, None, &environment).expect("valid");
    let Mode::Cluster { store, log } = &config.mode else {
        panic!("{config:?}")
    };
    assert_eq!(
        (store.url.as_str(), log.brokers.as_str()),
        ("postgres://other/d", "other:9092")
    );
    assert_eq!(config.partitions, 12);
    // the command line is closer than the environment
    let config = Config::parse(Path::new("b.toml"), "", Some("d".into()), &environment).expect("valid");
    assert_eq!(config.mode, Mode::Embedded { data: "d".into() });
}

#[test]
fn the_command_line_wins_over_the_data_of_the_file() {
    let config = Config::parse(
        Path::new("etc/b.toml"),
        "data = \"old\"",
        Some("new".into()),
        NOTHING,
    )
    .expect("valid");
    assert_eq!(
        config.mode,
        Mode::Embedded { data: "new".into() },
        "relative to where the command runs"
    );
    assert!(matches!(Config::load(None, None), Err(Error::Nowhere)));
    assert!(matches!(
        Config::load(Some(Path::new("/no/such.toml")), None),
        Err(Error::Unreadable(..))
    ));
}

#[test]
fn sources_and_agencies_are_lists() {
    let text = "data = \"d\"\n[[intake.source]]\nmapping = \"grid.toml\"\ntopic = \"grid.events\"\nstart = \"end\"\n\
                [[intake.source]]\nmapping = \"hotline.toml\"\ntopic = \"hotline.v3\"\n\
                [[intake.source]]\nmapping = \"agencies.toml\"\n\
                [[delivery.agency]]\nagency = \"NYPD\"\ntopic = \"nypd.v1\"\n";
    let config = parse(text).expect("valid");
    let starts: Vec<_> = config.intake.source.iter().map(|source| source.start).collect();
    assert_eq!(starts, [Start::End, Start::Beginning, Start::Beginning]);
    assert_eq!(config.intake.source[2].topic, None, "over HTTP alone");
    assert_eq!(config.intake.source[0].mapping, Path::new("etc/grid.toml"));
    let agency = |id| AgencyId::new(id).expect("valid");
    assert_eq!(config.delivery.topic(&agency("NYPD")), Some("nypd.v1"));
    assert_eq!(
        config.delivery.topic(&agency("DSNY")),
        None,
        "the list replaces the default"
    );
    assert_eq!(
        Delivery::default().topic(&agency("DSNY")),
        Some("agency.assignments.v1")
    );
}

#[test]
fn lists_to_reconcile_have_a_time_of_day_and_their_paths() {
    let text = "data = \"d\"\n[[reconcile]]\nsource = \"grid\"\nmanifest = \"lists/grid-*.csv\"\nat = \"06:30\"\n\
                [[reconcile]]\nsource = \"hotline\"\nmanifest = \"/in/list.jsonl\"\nat = \"22:05:30\"\nmapping = \"m.toml\"\n\
                complete = false\n";
    let config = parse(text).expect("valid");
    let told: Vec<_> = config
        .reconcile
        .iter()
        .map(|list| {
            (
                list.manifest.display().to_string(),
                list.at.to_string(),
                list.complete,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("etc/lists/grid-*.csv".to_owned(), "06:30:00".to_owned(), true),
            ("/in/list.jsonl".to_owned(), "22:05:30".to_owned(), false)
        ]
    );
    assert_eq!(
        config.reconcile[1].mapping.as_deref(),
        Some(Path::new("etc/m.toml"))
    );
}

#[test]
fn the_guide_shows_a_list_as_it_may_be_written() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/integrate.md");
    let guide = std::fs::read_to_string(guide).expect("text");
    let (_, block) = guide.split_once("[[reconcile]]\n").expect("the example");
    let (block, _) = block.split_once("```").expect("its end");
    let config = parse(&format!("data = \"d\"\n[[reconcile]]\n{block}")).expect("valid");
    assert_eq!(config.reconcile.len(), 1);
}

#[test]
fn messages_name_file_line_and_key() {
    let cases = [
        ("data = \"d\"\ncolour = 1", "2: colour: unknown field `colour`"),
        (
            "data = \"d\"\n[batch]\nmax_record = 1",
            "3: batch.max_record: unknown field `max_record`",
        ),
        (
            "data = \"d\"\n\n[batch]\nmax_records = \"x\"",
            "4: batch.max_records: invalid type",
        ),
        (
            "data = \"d\"\n[batch]\nmax_bytes = 0",
            "3: batch.max_bytes: must be at least 1",
        ),
        (
            "data = \"d\"\n[server]\nlisten = \"everywhere\"",
            "3: server.listen: invalid socket address",
        ),
        (
            "data = \"d\"\nserver = { listen = 5 }",
            "2: server.listen: invalid type",
        ),
        (
            "data = \"d\"\n[telemetry]\nformat = \"xml\"",
            "3: telemetry.format: unknown variant `xml`",
        ),
        (
            "data = \"d\"\n[[intake.source]]\ntopic = \"t\"",
            "2: intake.source[0]: missing field `mapping`",
        ),
        (
            "data = \"d\"\n[[intake.source]]\nmapping = \"m\"\ntopic = \"t\"\n[[intake.source]]\nmapping = \"n\"\ntopic = \"t\"",
            "7: intake.source[1].topic: \"t\" is read by another",
        ),
        (
            "data = \"d\"\n[[intake.source]]\nmapping = \"m\"\ntopic = \"a b\"",
            "4: intake.source[0].topic: \"a b\" is no topic name",
        ),
        (
            "data = \"d\"\n[[reconcile]]\nsource = \"s\"\nmanifest = \"m\"\nat = \"noon\"",
            "5: reconcile[0].at: ",
        ),
        (
            "data = \"d\"\n[[reconcile]]\nsource = \"s\"\nmanifest = \"\"\nat = \"06:30\"",
            "4: reconcile[0].manifest: is empty",
        ),
        (
            "data = \"d\"\n[[reconcile]]\nsource = \"s\"\nmanifest = \"m\"\nat = \"06:30\"\n[[reconcile]]\nsource = \"s\"\nmanifest = \"n\"\nat = \"07:30\"",
            "7: reconcile[1].source: \"s\" has an entry already",
        ),
        (
            "data = \"d\"\n[log]\npartitions = 0",
            "3: log.partitions: must be at least 1",
        ),
        (
            "data = \"d\"\n[log]\npartitions = -1",
            "3: log.partitions: invalid value",
        ),
        (
            "data = \"d\"\n[store]\nconnections = 3",
            "2: store: contradicts `data`",
        ),
        ("data = \"\"", "1: data: is empty"),
        ("data = ", "1: "),
        ("", "1: store.url: is missing"),
        (
            "[store]\nconnections = 3",
            "1: store.url: is missing (or set BIHUAN_STORE_URL",
        ),
        (
            "\n[store]\nurl = \"mysql://u:secret@h/d\"",
            "3: store.url: must begin with postgres://",
        ),
    ];
    for (text, expected) in cases {
        let error = parse(text).expect_err(text).to_string();
        assert!(
            error.starts_with(&format!("etc/bihuan.toml:{expected}")),
            "{text:?} gave {error:?}"
        );
        assert!(!error.contains("secret"), "{error}");
    }
}

#[test]
fn messages_about_a_cluster_do_too() {
    let store = "[store]\nurl = \"postgres://h/d\"\n";
    for (rest, expected) in [
        ("", "1: log.brokers: is missing"),
        (
            "connections = 1\n[log]\nbrokers = \"b\"",
            "3: store.connections: must be at least 2",
        ),
        (
            "[log]\nbrokers = \"b\"\n[log.properties]\ngroup.id = \"g\"",
            "6: log.properties.group.id: is set by bihuan",
        ),
        (
            "[log]\nbrokers = \"b\"\n[log.properties]\n\"group.id\" = \"g\"",
            "5: log.properties.group.id: is set by bihuan",
        ),
        (
            "[log]\nbrokers = \"b\"\n[log.properties]\nx = [1]",
            "6: log.properties.x: must be a string",
        ),
    ] {
        let mut text = store.to_owned();
        write!(text, "{rest}").expect("a string");
        let error = parse(&text).expect_err(&text).to_string();
        assert!(
            error.starts_with(&format!("etc/bihuan.toml:{expected}")),
            "{text:?} gave {error:?}"
        );
    }
}
