//! The predicate of a duty (column `when`): what must hold of a clue besides matter, area and day. It compares what is declared of
//! clues with constants; there are no loops, no functions of time and no arithmetic, so it ends, costs little, and gives the same
//! answer for ever. What a clue does not say is no silent "no": the decision then is a person's.

use serde::Serialize;

use super::schema::Fact;

/// A predicate, checked: every comparison is between values of one type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Predicate {
    Constant(bool),
    /// A fact that is itself true or false.
    Is(Fact),
    /// Whether the clue says anything about it.
    Has(Fact),
    Not(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    If {
        test: Box<Self>,
        then: Box<Self>,
        otherwise: Box<Self>,
    },
    Compare {
        left: Operand,
        comparison: Comparison,
        right: Operand,
    },
    In {
        left: Operand,
        among: Vec<Literal>,
    },
    Text {
        left: Operand,
        test: TextTest,
        part: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    Fact(Fact),
    Literal(Literal),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Literal {
    Text(String),
    Integer(i64),
    Boolean(bool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextTest {
    StartsWith,
    EndsWith,
    Contains,
}

/// What a clue says about a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value<'a> {
    Text(&'a str),
    Integer(i64),
    Boolean(bool),
}

/// Why a predicate has no answer: a named outcome, neither yes nor no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct Unanswered {
    /// As the rulebook calls it.
    pub fact: String,
    /// The clue says something that is not of the declared type; else it says nothing.
    pub unreadable: bool,
}

/// Where a predicate finds what a clue says.
pub trait Says {
    /// `Ok(None)`: nothing.
    ///
    /// # Errors
    /// It says something that is not of the declared type.
    fn value(&self, fact: &Fact) -> Result<Option<Value<'_>>, Unanswered>;
}

impl Literal {
    pub fn value(&self) -> Value<'_> {
        match self {
            Self::Text(text) => Value::Text(text),
            Self::Integer(number) => Value::Integer(*number),
            Self::Boolean(truth) => Value::Boolean(*truth),
        }
    }
}

impl Comparison {
    fn holds(self, left: Value<'_>, right: Value<'_>) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }
}

impl TextTest {
    fn holds(self, text: &str, part: &str) -> bool {
        match self {
            Self::StartsWith => text.starts_with(part),
            Self::EndsWith => text.ends_with(part),
            Self::Contains => text.contains(part),
        }
    }
}

impl Predicate {
    /// Whether it holds of the clue.
    ///
    /// # Errors
    /// It depends on something that the clue does not say, or says unreadably.
    pub fn holds(&self, clue: &impl Says) -> Result<bool, Unanswered> {
        match self {
            Self::Constant(truth) => Ok(*truth),
            Self::Is(fact) => Ok(said(clue, fact)? == Value::Boolean(true)),
            Self::Has(fact) => Ok(!matches!(clue.value(fact), Ok(None))),
            Self::Not(inner) => Ok(!inner.holds(clue)?),
            // one side is enough if it decides, whatever the other one lacks
            Self::And(left, right) => decided(left.holds(clue), || right.holds(clue), false),
            Self::Or(left, right) => decided(left.holds(clue), || right.holds(clue), true),
            Self::If {
                test,
                then,
                otherwise,
            } => {
                let branch = if test.holds(clue)? { then } else { otherwise };
                branch.holds(clue)
            }
            Self::Compare {
                left,
                comparison,
                right,
            } => Ok(comparison.holds(left.value(clue)?, right.value(clue)?)),
            Self::In { left, among } => {
                let left = left.value(clue)?;
                Ok(among.iter().any(|it| it.value() == left))
            }
            Self::Text { left, test, part } => match left.value(clue)? {
                Value::Text(text) => Ok(test.holds(text, part)),
                Value::Integer(_) | Value::Boolean(_) => Ok(false),
            },
        }
    }

    /// Every fact that it reads, perhaps more than once.
    pub fn facts(&self) -> Vec<&Fact> {
        match self {
            Self::Constant(_) => Vec::new(),
            Self::Is(fact) | Self::Has(fact) => vec![fact],
            Self::Not(inner) => inner.facts(),
            Self::And(left, right) | Self::Or(left, right) => [left.facts(), right.facts()].concat(),
            Self::If {
                test,
                then,
                otherwise,
            } => [test.facts(), then.facts(), otherwise.facts()].concat(),
            Self::Compare { left, right, .. } => left.fact().into_iter().chain(right.fact()).collect(),
            Self::In { left, .. } | Self::Text { left, .. } => left.fact().into_iter().collect(),
        }
    }
}

impl Operand {
    const fn fact(&self) -> Option<&Fact> {
        match self {
            Self::Fact(fact) => Some(fact),
            Self::Literal(_) => None,
        }
    }

    fn value<'v>(&'v self, clue: &'v impl Says) -> Result<Value<'v>, Unanswered> {
        match self {
            Self::Fact(fact) => said(clue, fact),
            Self::Literal(literal) => Ok(literal.value()),
        }
    }
}

fn said<'v>(clue: &'v impl Says, fact: &Fact) -> Result<Value<'v>, Unanswered> {
    clue.value(fact)?.ok_or_else(|| Unanswered {
        fact: fact.name().to_owned(),
        unreadable: false,
    })
}

/// `deciding` on either side decides; otherwise both must be answered.
fn decided(
    left: Result<bool, Unanswered>,
    right: impl FnOnce() -> Result<bool, Unanswered>,
    deciding: bool,
) -> Result<bool, Unanswered> {
    if left == Ok(deciding) {
        return Ok(deciding);
    }
    let right = right();
    if right == Ok(deciding) {
        return Ok(deciding);
    }
    left.and(right)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    struct Clue(BTreeMap<&'static str, Value<'static>>);

    impl Says for Clue {
        fn value(&self, fact: &Fact) -> Result<Option<Value<'_>>, Unanswered> {
            Ok(self.0.get(fact.name()).copied())
        }
    }

    fn clue() -> Clue {
        Clue(BTreeMap::from([
            ("hour", Value::Integer(22)),
            ("severity", Value::Text("urgent")),
        ]))
    }

    fn text(name: &str) -> Operand {
        Operand::Fact(Fact::Attribute(name.to_owned()))
    }

    fn equals(name: &str, value: &str) -> Predicate {
        Predicate::Compare {
            left: text(name),
            comparison: Comparison::Equal,
            right: Operand::Literal(Literal::Text(value.to_owned())),
        }
    }

    fn after(hour: i64) -> Predicate {
        Predicate::Compare {
            left: Operand::Fact(Fact::Hour),
            comparison: Comparison::GreaterOrEqual,
            right: Operand::Literal(Literal::Integer(hour)),
        }
    }

    #[test]
    fn comparisons_are_by_value() {
        assert_eq!(after(22).holds(&clue()), Ok(true));
        assert_eq!(after(23).holds(&clue()), Ok(false));
        let among = Predicate::In {
            left: Operand::Fact(Fact::Severity),
            among: vec![
                Literal::Text("high".to_owned()),
                Literal::Text("urgent".to_owned()),
            ],
        };
        assert_eq!(among.holds(&clue()), Ok(true));
        let starts = Predicate::Text {
            left: Operand::Fact(Fact::Severity),
            test: TextTest::StartsWith,
            part: "urg".to_owned(),
        };
        assert_eq!(starts.holds(&clue()), Ok(true));
    }

    #[test]
    fn what_the_clue_does_not_say_is_neither_yes_nor_no_unless_it_does_not_matter() {
        let unknown = || equals("place_kind", "street");
        let missing = Err(Unanswered {
            fact: "place_kind".to_owned(),
            unreadable: false,
        });
        assert_eq!(unknown().holds(&clue()), missing);
        assert_eq!(Predicate::Not(Box::new(unknown())).holds(&clue()), missing);
        let and = |left: Predicate, right: Predicate| Predicate::And(Box::new(left), Box::new(right));
        let or = |left: Predicate, right: Predicate| Predicate::Or(Box::new(left), Box::new(right));
        for (predicate, expected) in [
            (and(unknown(), after(23)), Ok(false)),
            (and(after(23), unknown()), Ok(false)),
            (and(unknown(), after(22)), missing.clone()),
            (or(unknown(), after(22)), Ok(true)),
            (or(after(22), unknown()), Ok(true)),
            (or(after(23), unknown()), missing.clone()),
            (
                and(
                    Predicate::Has(Fact::Attribute("place_kind".to_owned())),
                    unknown(),
                ),
                Ok(false),
            ),
        ] {
            assert_eq!(predicate.holds(&clue()), expected, "{predicate:?}");
        }
    }
}
