//! Lists of clues, and the one clue that an id means.

use std::collections::BTreeSet;

use bihuan_domain::clue::{Command, Role};
use bihuan_domain::figures::By;
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::Rulebook;
use bihuan_domain::time::Timestamp;
use bihuan_monitor::listing::{self, Page, Reading};
use bihuan_monitor::{Cursor, Filter, ReportQuery, Stages};

use crate::life::{Life, monday};
use crate::world::{World, worlds};

async fn list(world: &World, filter: &Filter, after: Option<&str>, limit: u32, now: Timestamp) -> Page {
    let rulebook = Rulebook::none();
    let reading = Reading {
        rulebook: &rulebook,
        lang: Lang::En,
        now,
    };
    let cursor = after.map(|text| Cursor::parse(text).expect("a cursor of ours"));
    listing::list(&world.store, filter, cursor.as_ref(), limit, reading)
        .await
        .expect("lists")
}

/// Twelve clues: even ones with north, one of them closed; odd ones in triage.
async fn twelve(world: &mut World) -> Vec<Life> {
    let mut lives: Vec<Life> = (1..=12).map(Life::new).collect();
    for (life, n) in lives.iter_mut().zip(1_u32..) {
        let mut events = life.report(1);
        events.extend(if n.is_multiple_of(2) {
            life.assign("north")
        } else {
            life.triage()
        });
        if n == 12 {
            events.extend(life.close("north"));
        }
        world.clue(n % 3, events).await;
    }
    world.read().await;
    lives
}

#[tokio::test]
async fn each_filter_keeps_what_it_says() {
    for mut world in worlds().await {
        twelve(&mut world).await;
        let text = |text: &str| Some(text.to_owned());
        let cases = [
            (Filter::default(), 12),
            (
                Filter {
                    agency: text("north"),
                    ..Filter::default()
                },
                6,
            ),
            (
                Filter {
                    agency: text(""),
                    ..Filter::default()
                },
                6,
            ),
            (
                Filter {
                    area: text("3306"),
                    ..Filter::default()
                },
                12,
            ),
            (
                Filter {
                    area: text("330602"),
                    ..Filter::default()
                },
                6,
            ),
            (
                Filter {
                    source: text("hotline"),
                    ..Filter::default()
                },
                0,
            ),
            (
                Filter {
                    stage: Stages::parse("open"),
                    ..Filter::default()
                },
                11,
            ),
            (
                Filter {
                    stage: Stages::parse("triage"),
                    ..Filter::default()
                },
                6,
            ),
            (
                Filter {
                    overdue: Some(true),
                    ..Filter::default()
                },
                5,
            ),
            (
                Filter {
                    overdue: Some(false),
                    ..Filter::default()
                },
                7,
            ),
            (
                Filter {
                    flagged: Some(true),
                    agency: text("north"),
                    ..Filter::default()
                },
                2,
            ),
            (
                Filter {
                    matter: text("stall"),
                    flagged: Some(false),
                    ..Filter::default()
                },
                8,
            ),
        ];
        for (filter, expected) in cases {
            let page = list(&world, &filter, None, 100, monday().plus_days(2)).await;
            assert_eq!(page.clues.len(), expected, "{filter:?}");
            assert_eq!(page.next, None);
        }
    }
}

/// Reports have rows for what has no code, under the name that the source gave it, or under none.
#[tokio::test]
async fn each_row_of_a_report_lists_its_clues() {
    for mut world in worlds().await {
        twelve(&mut world).await;
        for n in 13..=16 {
            let mut life = Life::new(n);
            let named = (n < 15).then(|| "Unspecified".to_owned());
            let events = life.report_as(1, |report| {
                (report.area, report.source_area) = (None, named.clone());
                (report.matter, report.source_matter) = (None, named);
            });
            world.clue(n % 3, events).await;
        }
        world.read().await;
        for by in [By::Agency, By::Area, By::Matter, By::Source] {
            let query = ReportQuery {
                by: Some(by),
                ..ReportQuery::default()
            };
            let rows = world.report(&query, monday()).await.rows;
            assert!(!rows.is_empty());
            if matches!(by, By::Area | By::Matter) {
                let keys: BTreeSet<_> = rows.iter().map(|row| row.key.as_str()).collect();
                assert!(keys.contains("Unspecified") && keys.contains(""), "{keys:?}");
            }
            for row in rows {
                let key = Some(row.key.clone());
                let filter = match by {
                    By::Agency => Filter {
                        agency: key,
                        ..Filter::default()
                    },
                    By::Area => Filter {
                        area: key,
                        ..Filter::default()
                    },
                    By::Matter => Filter {
                        matter: key,
                        ..Filter::default()
                    },
                    _ => Filter {
                        source: key,
                        ..Filter::default()
                    },
                };
                let page = list(&world, &filter, None, 100, monday()).await;
                assert_eq!(page.clues.len() as u64, row.counts.clues, "{by:?} {:?}", row.key);
                if row.key == "Unspecified" {
                    let clue = &page.clues[0];
                    let name = if by == By::Area {
                        &clue.area_name
                    } else {
                        &clue.matter_name
                    };
                    assert_eq!(name.as_deref(), Some("Unspecified"));
                }
            }
        }
        assert_eq!(world.differences().await, []);
    }
}

#[tokio::test]
async fn pages_tile_the_list() {
    for mut world in worlds().await {
        twelve(&mut world).await;
        let mut seen = BTreeSet::new();
        let mut cursor: Option<String> = None;
        let mut pages = 0;
        loop {
            let page = list(&world, &Filter::default(), cursor.as_deref(), 5, monday()).await;
            pages += 1;
            assert!(
                page.clues.iter().all(|clue| seen.insert(clue.number.clone())),
                "none twice"
            );
            match page.next {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
        assert_eq!((seen.len(), pages), (12, 3));
    }
}

#[tokio::test]
async fn a_clue_is_found_by_id_number_and_source() {
    for mut world in worlds().await {
        let lives = twelve(&mut world).await;
        let rulebook = Rulebook::none();
        let reading = Reading {
            rulebook: &rulebook,
            lang: Lang::Zh,
            now: monday(),
        };
        let last = &lives[11];
        for id in [last.id.to_string(), last.number.clone(), "grid/12".to_owned()] {
            let found = listing::find(&world.store, &id, reading)
                .await
                .expect("reads")
                .expect("is there");
            assert_eq!(
                (found.listed.id, found.listed.stage.as_str(), found.partition),
                (last.id, "closed", 0)
            );
            assert_eq!(found.listed.agency.as_deref(), Some("north"));
            assert_eq!(found.facts.clue, last.id);
        }
        for id in ["grid/13", "nothing", "00000000-0000-0000-0000-000000000000", "/"] {
            assert_eq!(
                listing::find(&world.store, id, reading).await.expect("reads"),
                None,
                "{id}"
            );
        }
    }
}

/// A refused command changes nothing but the version, and one about a clue that nobody reported makes none.
#[tokio::test]
async fn refusals_make_no_clue() {
    for mut world in worlds().await {
        let refused = Life::new(7).act(Role::Coordinator, None, Command::CloseClue);
        assert_eq!(refused[0].event.name(), "CommandRejected");
        world.clue(0, refused).await;
        world.read().await;
        assert_eq!(
            list(&world, &Filter::default(), None, 10, monday()).await.clues,
            []
        );
        assert_eq!(world.differences().await, []);
    }
}
