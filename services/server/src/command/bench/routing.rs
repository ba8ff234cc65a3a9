//! Decisions per second on one core by the compiled rulebook, against looking at every row, on random rulebooks and clues. Each
//! decision and explanation is compared with that of the definition.

use std::hint::black_box;
use std::time::{Duration, Instant};

use super::city::{self, Clue};
use super::random::Random;
use super::{Figure, Goal, Result as Measured};
use crate::failure::Failure;
use bihuan_domain::routing::{Answer, CompiledRulebook, Explanation, Question, Rulebook, decide, explain};
use bihuan_rulebook::compile;
use clap::Args;

/// Clues that are asked about before the next way has its turn.
const TURN: usize = 10_000;
/// Of the compared clues, one in so many is explained by the definition as well.
const EXPLAINED: usize = 10;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Rows of duties.csv; a fifth of them carry predicates
    #[arg(long, value_delimiter = ',', default_value = "1000,10000")]
    duties: Vec<usize>,
    /// Random clues
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    clues: u64,
    /// Of these, how many are compared with the definition at rulebooks of more than 1,000 duties
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..))]
    compared: u64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// What a way of deciding took.
#[derive(Default)]
struct Took {
    clues: usize,
    time: Duration,
}

impl Took {
    fn turn<T>(&mut self, questions: &[Question<'_>], decide: impl Fn(&Question<'_>) -> T) -> Vec<T> {
        let started = Instant::now();
        let answers: Vec<_> = questions.iter().map(|it| black_box(decide(it))).collect();
        self.time += started.elapsed();
        self.clues += questions.len();
        answers
    }

    fn per_second(&self) -> f64 {
        self.clues as f64 / self.time.as_secs_f64()
    }
}

impl Options {
    pub(super) fn run(self) -> Result<Measured, Failure> {
        let mut figures = Vec::new();
        for duties in &self.duties {
            figures.extend(self.measure(*duties)?);
        }
        Ok(Measured {
            bench: "routing",
            figures,
        })
    }

    fn measure(&self, duties: usize) -> Result<Vec<Figure>, Failure> {
        let mut random = Random::new(self.seed);
        let files = city::files(duties, &mut random);
        let started = Instant::now();
        let (rulebook, findings) = compile(&files);
        let rulebook = rulebook.ok_or_else(|| {
            let first = findings.iter().find(|finding| finding.is_error());
            let what = first.map_or("", |finding| finding.message_en.as_str());
            let what = format!("the random rulebook has errors: {what}");
            Failure::usage(what.clone(), what)
        })?;
        let compiled = CompiledRulebook::new(rulebook.into());
        let compiling = started.elapsed();
        let rulebook = compiled.rulebook().clone();
        let conditional = rulebook.duties.iter().filter(|duty| duty.when.is_some()).count();
        let all = self.clues as usize;
        let compared = if duties > 1_000 {
            self.compared as usize
        } else {
            all
        };
        let (mut quick, mut reasons, mut plain) = (Took::default(), Took::default(), Took::default());
        let (mut asked, mut differing) = (0, 0);
        while asked < all {
            let clues = city::clues(&rulebook, TURN.min(all - asked), &mut random);
            let questions: Vec<_> = clues.iter().map(question).collect();
            let answers = quick.turn(&questions, |it| compiled.decide(it));
            let explained = reasons.turn(&questions, |it| compiled.explain(it));
            if asked < compared {
                let expected = plain.turn(&questions, |it| decide(&rulebook, it));
                differing += differences(&rulebook, &questions, (&answers, &expected), &explained);
            }
            asked += questions.len();
        }
        if differing > 0 {
            let what = format!("{differing} of {asked} decisions differ from the definition");
            return Err(Failure::usage(what.clone(), what));
        }
        // what 1,000 duties must reach; ten times as many may take twice as long
        let goal = |at_least: f64| Goal::AtLeast(if duties > 1_000 { at_least / 2.0 } else { at_least });
        let of = |what: &str| format!("{what}, {duties} duties");
        Ok(vec![
            Figure::new(of("decisions"), quick.per_second(), "decisions/s").with(goal(300_000.0)),
            Figure::new(of("with explanation"), reasons.per_second(), "decisions/s").with(goal(100_000.0)),
            Figure::new(of("looking at every row"), plain.per_second(), "decisions/s"),
            Figure::new(
                of("index ÷ every row"),
                quick.per_second() / plain.per_second(),
                "times",
            ),
            Figure::new(of("same as every row"), plain.clues as f64, "clues"),
            Figure::new(of("of these with predicates"), conditional as f64, "duties"),
            Figure::new(of("checking and compiling"), compiling.as_secs_f64(), "s").with(Goal::AtMost(1.0)),
        ])
    }
}

/// How many decisions or explanations are not those of the definition.
fn differences(
    rulebook: &Rulebook,
    questions: &[Question<'_>],
    (answers, expected): (&[Answer], &[Answer]),
    explained: &[Explanation],
) -> usize {
    let all = questions.iter().zip(answers).zip(expected).zip(explained);
    let differs = |number: usize, question: &Question<'_>, explanation: &Explanation| {
        number.is_multiple_of(EXPLAINED) && *explanation != explain(rulebook, question)
    };
    all.enumerate()
        .filter(|(number, (((question, answer), expected), explanation))| {
            answer != expected || explanation.answer != **expected || differs(*number, question, explanation)
        })
        .count()
}

fn question(clue: &Clue) -> Question<'_> {
    Question {
        matter: Some(&clue.matter),
        area: Some(&clue.area),
        reported_at: clue.reported_at,
        is_dated: true,
        severity: clue.severity.as_ref(),
        source: None,
        attributes: &clue.attributes,
    }
}
