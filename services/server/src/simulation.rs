//! Simulated time: an installation on the embedded store may run by a clock that runs faster than the real one, or stands still until
//! somebody moves it. Its first start decides that; every process that opens the data goes by the same clock.

use std::time::Duration;

use bihuan_domain::time::Timestamp;
use bihuan_runtime::{Clock, Course, Dial};
use bihuan_store::{Connection, Error, Store, installation};
use tokio_util::sync::CancellationToken;

use crate::failure::Failure;

/// What is kept of an installation's clock.
const KEY: &str = "clock";
/// It goes by the machine's.
const WALL: &str = "wall";
/// How often a process that runs looks whether somebody has moved the clock.
const LOOK: Duration = Duration::from_millis(100);

/// The clock of an installation, and what sets it if it is simulated. `asked`: the first start is to decide so.
pub(crate) async fn clock(store: &Store, asked: Option<Course>) -> Result<(Clock, Option<Dial>), Failure> {
    let mut reader = store.read().await?;
    let is_new = installation::get(reader.conn(), "partitions").await?.is_none();
    drop(reader);
    // data that were there before anybody could choose are real
    let first = asked.filter(|_| is_new).map(written);
    let stored = installation::first(store, KEY, first.as_deref().unwrap_or(WALL)).await?;
    match (course(&stored)?, asked) {
        (Some(course), _) => {
            let (clock, dial) = Clock::simulated(course);
            Ok((clock, Some(dial)))
        }
        (None, None) => Ok((Clock::wall(), None)),
        (None, Some(_)) => Err(Error::Fixed {
            what: KEY,
            stored,
            asked: "simulated".to_owned(),
        }
        .into()),
    }
}

/// For whoever only looks.
pub(crate) async fn read(connection: Connection<'_>) -> Result<Clock, Failure> {
    let stored = installation::get(connection, KEY).await?;
    let course = course(stored.as_deref().unwrap_or(WALL))?;
    Ok(course.map_or_else(Clock::wall, |course| Clock::simulated(course).0))
}

/// Has the simulated clock say `simulated` from now on.
pub(crate) async fn set(store: &Store, dial: &Dial, simulated: Timestamp) -> Result<(), Failure> {
    let mut tx = store.begin().await?;
    let stored = installation::get(tx.conn(), KEY).await?.unwrap_or_default();
    let Some(before) = course(&stored)? else {
        return Ok(());
    };
    let course = Course {
        wall: Clock::wall().now(),
        simulated,
        ..before
    };
    installation::put(tx.conn(), KEY, &written(course)).await?;
    tx.commit().await?;
    dial.set(course);
    Ok(())
}

/// Goes on as the clock is set by others, until shutdown.
pub(crate) fn follow(store: &Store, dial: Dial, shutdown: &CancellationToken) {
    let (store, stop) = (store.clone(), shutdown.clone());
    tokio::spawn(async move {
        while stop.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_some() {
            let stored = async { installation::get(store.read().await?.conn(), KEY).await }.await;
            if let Ok(Some(stored)) = stored
                && let Ok(Some(course)) = course(&stored)
            {
                dial.set(course);
            }
        }
    });
}

fn written(course: Course) -> String {
    serde_json::json!({
        "wall": course.wall.as_micros(),
        "simulated": course.simulated.as_micros(),
        "speed": course.speed,
    })
    .to_string()
}

/// `None`: the machine's.
fn course(stored: &str) -> Result<Option<Course>, Failure> {
    if stored == WALL {
        return Ok(None);
    }
    serde_json::from_str(stored).map(Some).map_err(|error| {
        Error::Corrupt {
            what: "clock of the installation",
            detail: error.to_string(),
        }
        .into()
    })
}
