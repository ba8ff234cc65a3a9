//! Who acted last for the agency that is asked: its officer by staff reference, which is all that the journal has of a person.

use std::collections::HashMap;

use bihuan_domain::clue::Role;
use bihuan_store::journal::{self, Journal};
use bihuan_store::{Connection, Reader, sql};
use futures::TryStreamExt as _;
use uuid::Uuid;

use super::{Ask, Row};
use crate::{Result, codec};

/// Of so many differences: each reads the journal of its clue.
const NAMED: usize = 20_000;

/// By clue the rows that are about it, several records of one source may be, and whom they ask.
type Wanted<'r> = HashMap<Uuid, Vec<(usize, &'r str)>>;

/// (row, staff reference) of the rows about which an agency is asked.
pub(super) async fn of(reader: &mut Reader, rows: &[Row]) -> Result<Vec<(usize, String)>> {
    let mut wanted: Wanted<'_> = HashMap::new();
    for (at, row) in rows.iter().enumerate().filter(|(_, row)| row.ask == Ask::Agency) {
        let clue = row.clue.as_ref().and_then(|clue| clue.parse().ok());
        if let (Some(clue), Some(agency)) = (clue, &row.agency)
            && wanted.len() < NAMED
        {
            wanted.entry(clue).or_default().push((at, agency));
        }
    }
    let mut officers = Vec::new();
    if wanted.is_empty() {
        return Ok(officers);
    }
    for (clue, partition, newest) in places(reader.conn(), &wanted).await? {
        for (row, agency) in wanted.get(&clue).into_iter().flatten() {
            let person = last(reader.conn(), (partition, newest), agency).await?;
            officers.extend(person.map(|person| (*row, person)));
        }
    }
    Ok(officers)
}

/// Where the journals of these clues end.
async fn places(connection: Connection<'_>, wanted: &Wanted<'_>) -> Result<Vec<(Uuid, u32, i64)>> {
    let mut found = Vec::with_capacity(wanted.len());
    sql!(connection, c => {
        let text = "SELECT partition, clue_id, newest FROM monitor_clue WHERE holder = 'agency'";
        let mut rows = sqlx::query_as::<_, (i32, Uuid, i64)>(text).fetch(c);
        while let Some((partition, clue, newest)) = rows.try_next().await? {
            if wanted.contains_key(&clue) {
                found.push((clue, partition as u32, newest));
            }
        }
    });
    Ok(found)
}

async fn last(
    connection: Connection<'_>,
    (partition, newest): (u32, i64),
    agency: &str,
) -> Result<Option<String>> {
    let mut person = None;
    for entry in journal::chain(connection, Journal::Clue, partition, newest).await? {
        let Some(occurrence) = codec::occurrence(&entry)? else {
            continue;
        };
        let actor = occurrence.actor;
        let is_theirs = actor.role == Role::Agency && actor.agency.is_some_and(|it| it.as_str() == agency);
        if is_theirs && actor.person.is_some() {
            person = actor.person;
        }
    }
    Ok(person)
}
