//! All cases that predicates can tell apart, tried one after the other: whether a predicate can hold at all, and whether two can
//! hold of one clue. Predicates only compare facts with constants, so finitely many cases stand for all clues.

use std::collections::{BTreeMap, BTreeSet};

use bihuan_domain::routing::{
    Declared, Fact, Literal, Operand, Predicate, Says, Schema, Type, Unanswered, Value,
};

/// More cases are not tried.
const MAX_CASES: usize = 50_000;

/// What is known of a predicate, or of several at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    Never,
    Sometimes,
    /// Of every clue that says what it asks.
    Always,
    /// There are too many cases, or texts are looked into.
    Unknown,
}

/// One case: what a clue says.
struct Case<'c>(BTreeMap<&'c Fact, &'c Option<Literal>>);

impl Says for Case<'_> {
    fn value(&self, fact: &Fact) -> Result<Option<Value<'_>>, Unanswered> {
        let said = self.0.get(fact).copied().and_then(Option::as_ref);
        Ok(said.map(Literal::value))
    }
}

/// Whether all of these can hold of one clue.
pub(crate) fn together(predicates: &[&Predicate], schema: &Schema) -> Holds {
    let Some(values) = values(predicates, schema) else {
        return Holds::Unknown;
    };
    let cases: usize = values
        .values()
        .map(Vec::len)
        .try_fold(1, usize::checked_mul)
        .unwrap_or(usize::MAX);
    if cases > MAX_CASES {
        return Holds::Unknown;
    }
    let (mut held, mut failed) = (false, false);
    for number in 0..cases {
        let case = case(&values, number);
        let answers: Result<Vec<bool>, _> = predicates.iter().map(|it| it.holds(&case)).collect();
        match answers {
            Ok(answers) if answers.iter().all(|it| *it) => held = true,
            Ok(_) => failed = true,
            // what a clue does not say is another finding's matter
            Err(_) => {}
        }
    }
    match (held, failed) {
        (false, _) => Holds::Never,
        (true, false) => Holds::Always,
        (true, true) => Holds::Sometimes,
    }
}

fn case<'c>(values: &'c BTreeMap<Fact, Vec<Option<Literal>>>, mut number: usize) -> Case<'c> {
    let pick = |(fact, values): (&'c Fact, &'c Vec<Option<Literal>>)| {
        let value = &values[number % values.len()];
        number /= values.len();
        (fact, value)
    };
    Case(values.iter().map(pick).collect())
}

/// What each fact may be, as far as the predicates can tell: every constant that it is compared with, something else, and nothing.
/// `None`: a text is looked into and compared, or looked into twice, of which constants tell not enough.
fn values(predicates: &[&Predicate], schema: &Schema) -> Option<BTreeMap<Fact, Vec<Option<Literal>>>> {
    let mut constants = Constants::default();
    for predicate in predicates {
        constants.collect(predicate);
    }
    if constants.parts.len() > 1 || (constants.parts.len() == 1 && constants.has_texts()) {
        return None;
    }
    let Constants { compared, parts } = constants;
    let all: BTreeSet<_> = compared.into_iter().chain(parts).collect();
    let facts = predicates.iter().flat_map(|it| it.facts());
    Some(
        facts
            .map(|fact| (fact.clone(), of_fact(fact, schema, &all)))
            .collect(),
    )
}

fn of_fact(fact: &Fact, schema: &Schema, constants: &BTreeSet<Literal>) -> Vec<Option<Literal>> {
    let numbers = |range: std::ops::RangeInclusive<i64>| {
        let all = range.map(|it| Some(Literal::Integer(it)));
        // where the time of report is not known
        all.chain([None]).collect()
    };
    let name = match fact {
        Fact::Hour => return numbers(0..=23),
        Fact::Weekday => return numbers(1..=7),
        Fact::Month => return numbers(1..=12),
        Fact::Severity | Fact::Source => "",
        Fact::Attribute(name) => name,
    };
    let declared = schema.get(name);
    let values: BTreeSet<Literal> = match declared {
        Some(Declared {
            kind: Type::Boolean, ..
        }) => [true, false].map(Literal::Boolean).into(),
        Some(Declared {
            kind: Type::Integer, ..
        }) => {
            let near = |it: &Literal| match it {
                Literal::Integer(number) => vec![number.saturating_sub(1), *number, number.saturating_add(1)],
                Literal::Text(_) | Literal::Boolean(_) => Vec::new(),
            };
            constants
                .iter()
                .flat_map(near)
                .chain([0])
                .map(Literal::Integer)
                .collect()
        }
        Some(Declared { values, .. }) if !values.is_empty() => {
            values.iter().cloned().map(Literal::Text).collect()
        }
        _ => {
            let texts = constants.iter().filter(|it| matches!(it, Literal::Text(_)));
            // and one that is none of them
            texts
                .cloned()
                .chain([Literal::Text("\u{1}".to_owned())])
                .collect()
        }
    };
    // a source is always there; everything else may be missing
    let mut all: Vec<_> = values.into_iter().map(Some).collect();
    if *fact != Fact::Source {
        all.push(None);
    }
    all
}

/// What facts are held against.
#[derive(Default)]
struct Constants {
    compared: BTreeSet<Literal>,
    /// What is looked for within texts, once for each time.
    parts: Vec<Literal>,
}

impl Constants {
    fn has_texts(&self) -> bool {
        self.compared.iter().any(|it| matches!(it, Literal::Text(_)))
    }

    fn collect(&mut self, predicate: &Predicate) {
        match predicate {
            Predicate::Constant(_) | Predicate::Is(_) | Predicate::Has(_) => {}
            Predicate::Compare { left, right, .. } => {
                for operand in [left, right] {
                    if let Operand::Literal(literal) = operand {
                        self.compared.insert(literal.clone());
                    }
                }
            }
            Predicate::In { among, .. } => self.compared.extend(among.iter().cloned()),
            Predicate::Text { part, .. } => {
                self.parts.push(Literal::Text(part.clone()));
            }
            Predicate::Not(inner) => self.collect(inner),
            Predicate::And(left, right) | Predicate::Or(left, right) => {
                self.collect(left);
                self.collect(right);
            }
            Predicate::If {
                test,
                then,
                otherwise,
            } => [test, then, otherwise]
                .into_iter()
                .for_each(|it| self.collect(it)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::predicate::compile;
    use crate::predicate::tests::schema;

    #[test]
    fn whether_a_predicate_can_hold_is_found_by_trying() {
        for (text, expected) in [
            ("hour >= 22 || hour < 6", Holds::Sometimes),
            ("hour > 23", Holds::Never),
            ("hour >= 0", Holds::Always),
            ("weekday == 6 && weekday == 7", Holds::Never),
            (
                "place_kind != 'street' && place_kind != 'residential'",
                Holds::Never,
            ),
            ("has(attributes.place_kind)", Holds::Sometimes),
            ("floors > 3 && floors < 5", Holds::Sometimes),
            ("floors > 3 && floors < 4", Holds::Never),
            ("night && !night", Holds::Never),
            ("descriptor == 'a' && descriptor == 'b'", Holds::Never),
            ("descriptor != 'a'", Holds::Sometimes),
            ("descriptor.contains('a')", Holds::Sometimes),
            (
                "descriptor.contains('a') && descriptor.startsWith('b')",
                Holds::Unknown,
            ),
            ("descriptor.contains('a') && descriptor != 'a'", Holds::Unknown),
            (
                "descriptor.startsWith('a') && !descriptor.endsWith('a')",
                Holds::Unknown,
            ),
            ("has(attributes.floors)", Holds::Sometimes),
            ("!has(attributes.floors)", Holds::Sometimes),
            ("true", Holds::Always),
            ("false", Holds::Never),
        ] {
            let predicate = compile(text, &schema()).expect("a predicate");
            assert_eq!(together(&[&predicate], &schema()), expected, "{text}");
        }
    }

    #[test]
    fn conditions_that_exclude_each_other_are_told_from_those_that_do_not() {
        for (a, b, expected) in [
            ("hour < 6", "hour >= 22", Holds::Never),
            ("hour < 6", "weekday == 7", Holds::Sometimes),
            ("severity == 'urgent'", "severity == 'high'", Holds::Never),
            ("severity == 'urgent'", "severity != 'high'", Holds::Sometimes),
        ] {
            let (a, b) = (
                compile(a, &schema()).expect("a predicate"),
                compile(b, &schema()).expect("a predicate"),
            );
            assert_eq!(together(&[&a, &b], &schema()), expected);
        }
    }
}
