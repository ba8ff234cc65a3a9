//! The rulebooks of a year: the first one, and one more for each precedent that a person takes over.

use std::collections::BTreeMap;
use std::sync::Arc;

use bihuan_domain::code::{AgencyId, AreaCode, MatterCode};
use bihuan_domain::dispute::Precedent;
use bihuan_domain::routing::CompiledRulebook;
use bihuan_rulebook::{Files, compile};

use crate::place;
use crate::setting::Setting;

pub(crate) struct Books {
    files: Files,
    current: Arc<CompiledRulebook>,
    /// Rows of the first one: those after them are precedents.
    rows: u32,
    taken_over: BTreeMap<(MatterCode, AreaCode), AgencyId>,
    pub(crate) contradicted: u32,
}

impl Books {
    pub(crate) fn new(setting: Setting) -> Result<Self, String> {
        let files = place::files(setting);
        let current = compiled(&files)?;
        let rows = current.rulebook().duties.iter().map(|duty| duty.line).max();
        Ok(Self {
            files,
            current,
            rows: rows.unwrap_or_default(),
            taken_over: BTreeMap::new(),
            contradicted: 0,
        })
    }

    /// What holds now.
    pub(crate) fn current(&self) -> Arc<CompiledRulebook> {
        Arc::clone(&self.current)
    }

    pub(crate) const fn is_precedent(&self, row: u32) -> bool {
        row > self.rows
    }

    pub(crate) fn precedents(&self) -> u32 {
        self.taken_over.len() as u32
    }

    /// One that says otherwise than an earlier one about the same matter and place is left for people to settle.
    pub(crate) fn take_over(&mut self, precedent: &Precedent) -> Result<(), String> {
        let key = (precedent.matter.clone(), precedent.area.clone());
        match self.taken_over.get(&key) {
            Some(agency) if *agency == precedent.agency => return Ok(()),
            Some(_) => {
                self.contradicted += 1;
                return Ok(());
            }
            None => {}
        }
        let mut duties = self.files.get("duties.csv").unwrap_or_default().to_vec();
        duties.extend(precedent.row().bytes().chain([b'\n']));
        self.files.insert("duties.csv", duties);
        self.current = compiled(&self.files)?;
        self.taken_over.insert(key, precedent.agency.clone());
        Ok(())
    }
}

fn compiled(files: &Files) -> Result<Arc<CompiledRulebook>, String> {
    let (rulebook, findings) = compile(files);
    let first = || {
        findings
            .iter()
            .find(|it| it.is_error())
            .map(|it| it.message_en.clone())
    };
    let rulebook = rulebook.ok_or_else(|| first().unwrap_or_default())?;
    Ok(Arc::new(CompiledRulebook::new(Arc::new(rulebook))))
}
