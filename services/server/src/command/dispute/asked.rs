//! What can be asked of a dispute, as options of the command line; written down in the JSON form that HTTP takes too, so that both
//! are read by the same code.

use std::path::PathBuf;

use bihuan_domain::digest::Digest;
use bihuan_domain::dispute::{Ground, Position};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::failure::Failure;

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// A party says whether it has the duty, and by what (陈述主张)
    StatePosition {
        #[arg(long, value_parser = positions())]
        position: String,
        /// The duty that it relies on
        #[arg(long, value_name = "TEXT")]
        duty: String,
        #[command(flatten)]
        papers: Papers,
    },
    /// What came of the negotiation (协商记录)
    RecordMinutes {
        /// On whom they agree; without it they do not
        #[arg(long, value_name = "AGENCY")]
        agreed: Option<String>,
        #[command(flatten)]
        papers: Papers,
    },
    /// A party asks the coordinator (申请)
    Apply {
        #[command(flatten)]
        papers: Papers,
    },
    /// The coordinator takes it (受理)
    AcceptApplication,
    /// The coordinator does not take it (不予受理)
    RefuseApplication {
        #[arg(long, value_parser = words(Ground::ALL.iter().map(|it| it.as_str())))]
        ground: String,
        /// Why, in words
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// The others get the application (转送)
    ForwardApplication,
    /// A party answers the application (答辩)
    Reply {
        #[command(flatten)]
        papers: Papers,
    },
    /// A joint meeting was held (协调会)
    RecordMeeting {
        #[command(flatten)]
        papers: Papers,
    },
    /// What the coordinator thinks (协调意见书)
    GiveOpinion {
        /// Whose duty it is
        #[arg(long)]
        agency: String,
        #[command(flatten)]
        papers: Papers,
    },
    /// A party accepts the opinion
    AcceptOpinion,
    /// A party does not accept the opinion
    DeclineOpinion,
    /// Make a ruling (裁定)
    Decide(Box<Ruling>),
    /// Give it up (撤回); under appeal: the appeal
    Withdraw,
    /// Ask the next level to review the ruling (申请复核)
    Appeal {
        #[command(flatten)]
        papers: Papers,
    },
    /// Another agency is concerned (追加当事单位)
    AddParty {
        #[arg(long)]
        agency: String,
        #[arg(long, value_parser = positions(), requires = "duty")]
        position: Option<String>,
        /// The duty that it relies on
        #[arg(long, value_name = "TEXT")]
        duty: Option<String>,
    },
    /// Who holds the clue meanwhile, where the policy has that (牵头单位)
    NameLead {
        #[arg(long)]
        agency: String,
    },
    /// The designated agency has taken the clue up (接办); Bihuan notes that by itself where it sees it
    NoteTakenUp {
        #[arg(long)]
        agency: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct Ruling {
    /// Whose duty it is
    #[arg(long, value_name = "AGENCY")]
    responsible: String,
    /// Who assists
    #[arg(long, value_name = "AGENCY")]
    assisting: Vec<String>,
    /// By which law
    #[arg(long, value_name = "TEXT")]
    basis: String,
    /// How long handling may take: 5wd or 10d
    #[arg(long, value_name = "LIMIT")]
    term: Option<String>,
    #[command(flatten)]
    papers: Papers,
}

/// A paper is filed by its reference and the digest of its bytes; the bytes stay where they are.
#[derive(Debug, Args)]
pub(super) struct Papers {
    /// The paper's document number, or where it lies
    #[arg(long, value_name = "REFERENCE")]
    paper: Vec<String>,
    /// SHA-256 of its bytes
    #[arg(long, value_name = "HEX", requires = "paper", conflicts_with = "file")]
    sha256: Vec<String>,
    /// The paper itself: its digest is computed; without --paper its name is the reference
    #[arg(long, value_name = "PATH")]
    file: Vec<PathBuf>,
}

fn words(words: impl IntoIterator<Item = &'static str>) -> PossibleValuesParser {
    PossibleValuesParser::new(words)
}

fn positions() -> PossibleValuesParser {
    words(Position::ALL.iter().map(|it| it.as_str()))
}

impl Action {
    pub(super) fn to_json(&self) -> Result<Value, Failure> {
        Ok(match self {
            Self::StatePosition {
                position,
                duty,
                papers,
            } => {
                json!({"type": "state_position", "position": position, "duty": duty, "papers": papers.all()?})
            }
            Self::RecordMinutes { agreed, papers } => {
                let asked = json!({"type": "record_minutes", "minutes": papers.one()?});
                with(asked, [("agreed", agreed)])
            }
            Self::Apply { papers } => json!({"type": "apply", "application": papers.one()?}),
            Self::AcceptApplication => json!({"type": "accept_application"}),
            Self::RefuseApplication { ground, reason } => {
                json!({"type": "refuse_application", "ground": ground, "reason": reason})
            }
            Self::ForwardApplication => json!({"type": "forward_application"}),
            Self::Reply { papers } => json!({"type": "reply", "reply": papers.one()?}),
            Self::RecordMeeting { papers } => json!({"type": "record_meeting", "minutes": papers.one()?}),
            Self::GiveOpinion { agency, papers } => {
                json!({"type": "give_opinion", "agency": agency, "opinion": papers.one()?})
            }
            Self::AcceptOpinion => json!({"type": "accept_opinion"}),
            Self::DeclineOpinion => json!({"type": "decline_opinion"}),
            Self::Decide(ruling) => ruling.to_json()?,
            Self::Withdraw => json!({"type": "withdraw_dispute"}),
            Self::Appeal { papers } => json!({"type": "appeal_ruling", "application": papers.one()?}),
            Self::AddParty {
                agency,
                position,
                duty,
            } => with(
                json!({"type": "add_party", "agency": agency}),
                [("position", position), ("duty", duty)],
            ),
            Self::NameLead { agency } => json!({"type": "name_lead", "agency": agency}),
            Self::NoteTakenUp { agency } => json!({"type": "note_taken_up", "agency": agency}),
        })
    }
}

impl Ruling {
    pub(super) fn to_json(&self) -> Result<Value, Failure> {
        let asked = json!({
            "type": "decide_dispute",
            "responsible": self.responsible,
            "assisting": self.assisting,
            "basis": self.basis,
            "decision": self.papers.one()?,
        });
        Ok(with(asked, [("term", &self.term)]))
    }
}

/// With the fields that are given.
fn with<const N: usize>(mut asked: Value, fields: [(&str, &Option<String>); N]) -> Value {
    for (field, value) in fields {
        if let Some(value) = value {
            asked[field] = value.as_str().into();
        }
    }
    asked
}

impl Papers {
    fn all(&self) -> Result<Vec<Value>, Failure> {
        if self.file.is_empty() {
            if self.paper.len() != self.sha256.len() {
                return Err(Failure::usage(
                    "每个 --paper 须有一个 --sha256；或用 --file 由本程序计算",
                    "each --paper needs a --sha256; or name the file itself with --file",
                ));
            }
            let pairs = self.paper.iter().zip(&self.sha256);
            return Ok(pairs
                .map(|(paper, digest)| json!({"reference": paper, "digest": digest}))
                .collect());
        }
        if !self.paper.is_empty() && self.paper.len() != self.file.len() {
            return Err(Failure::usage(
                "--paper 与 --file 的个数须相同",
                "there must be as many --paper as --file, or none",
            ));
        }
        let one = |(number, file): (usize, &PathBuf)| {
            let bytes = std::fs::read(file).map_err(|error| {
                let file = file.display();
                Failure::usage(format!("{file} 无法读取：{error}"), format!("{file}: {error}"))
            })?;
            let name = file.file_name().map(|it| it.to_string_lossy().into_owned());
            let reference = self.paper.get(number).cloned().or(name).unwrap_or_default();
            Ok(json!({"reference": reference, "digest": Digest::of_bytes(&bytes).to_string()}))
        };
        self.file.iter().enumerate().map(one).collect()
    }

    fn one(&self) -> Result<Value, Failure> {
        let mut all = self.all()?;
        match (all.pop(), all.is_empty()) {
            (Some(paper), true) => Ok(paper),
            _ => Err(Failure::usage(
                "须附一份文书：--paper 编号 --sha256 摘要，或 --file 文件",
                "it comes with one paper: --paper REFERENCE --sha256 HEX, or --file PATH",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use bihuan_contracts::dispute::from_json;
    use bihuan_domain::dispute::Ask;
    use bihuan_domain::id::{ClueId, CommandId, DisputeId};
    use clap::{Command, FromArgMatches as _};

    use super::*;

    fn read(line: &str) -> Result<Value, Failure> {
        let command = Action::augment_subcommands(Command::new("act"));
        let matches = command.try_get_matches_from(line.split(' ')).expect(line);
        Action::from_arg_matches(&matches).expect(line).to_json()
    }

    #[test]
    fn every_action_is_a_command_that_http_would_take_and_none_lacks() {
        let dispute = {
            let clue = ClueId::derive(&"grid".parse().expect("valid"), "1");
            DisputeId::derive(clue, CommandId::derive(b"1", "test", 0))
        };
        let paper = format!("--paper 7 --sha256 {}", "ab".repeat(32));
        let lines = [
            format!("act state-position --position denies --duty d-7 {paper} {paper}"),
            format!("act record-minutes --agreed a {paper}"),
            format!("act apply {paper}"),
            "act accept-application".to_owned(),
            "act refuse-application --ground internal_matter --reason x".to_owned(),
            "act forward-application".to_owned(),
            format!("act reply {paper}"),
            format!("act record-meeting {paper}"),
            format!("act give-opinion --agency a {paper}"),
            "act accept-opinion".to_owned(),
            "act decline-opinion".to_owned(),
            format!("act decide --responsible a --assisting b --basis c --term 5wd {paper}"),
            "act withdraw".to_owned(),
            format!("act appeal {paper}"),
            "act add-party --agency a --position claims --duty d".to_owned(),
            "act name-lead --agency a".to_owned(),
            "act note-taken-up --agency a".to_owned(),
        ];
        let mut kinds = Vec::new();
        for line in &lines {
            let asked = read(line).unwrap_or_else(|failure| panic!("{line}: {failure}"));
            from_json(dispute, &asked).unwrap_or_else(|error| panic!("{line}: {error}"));
            kinds.push(asked["type"].as_str().map(str::to_owned));
        }
        let all: Vec<_> = Ask::ALL.iter().map(|it| Some(it.as_str().to_owned())).collect();
        assert_eq!(kinds, all);
    }

    #[test]
    fn a_paper_has_a_reference_and_a_digest_and_of_a_file_it_is_computed() {
        for wrong in [
            "act apply",
            "act apply --paper 7",
            "act apply --file /no/such/file",
            &format!(
                "act apply --paper 7 --sha256 {0} --paper 8 --sha256 {0}",
                "ab".repeat(32)
            ),
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.pdf");
        std::fs::write(&file, "abc").expect("written");
        let asked = read(&format!("act apply --file {}", file.display())).expect("read");
        assert_eq!(
            asked["application"],
            json!({
                "reference": "a.pdf",
                "digest": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            })
        );
    }
}
