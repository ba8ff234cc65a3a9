//! Column `when` of `duties.csv`: an expression in CEL becomes a checked predicate. The parser is a library's; what may stand in an
//! expression is decided here, on the parsed tree, because a rulebook must be checked before anything is decided by it.

use bihuan_domain::routing::{
    Comparison, Declared, Fact, Literal, Operand, Predicate, Schema, TextTest, Type,
};
use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, SelectExpr, operators};
use cel::parser::Parser;

use crate::Finding;
use crate::cell::Cell;

/// The longest expression, in bytes.
const MAX_LENGTH: usize = 1_000;
/// So many parts an expression may have: more than a person can check.
const MAX_NODES: usize = 100;
/// So deep may they stand within each other.
const MAX_DEPTH: usize = 12;

/// What is wrong with an expression: a stable code, and words in both languages.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Bad {
    code: &'static str,
    zh: String,
    en: String,
}

impl Bad {
    fn new(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            code,
            zh: zh.into(),
            en: en.into(),
        }
    }
}

type Result<T> = std::result::Result<T, Bad>;

/// The predicate in the cell; `None`: there is none, or it is bad and `findings` say so.
pub(crate) fn read(cell: &Cell<'_>, schema: &Schema, findings: &mut Vec<Finding>) -> Option<Predicate> {
    if cell.is_empty() {
        return None;
    }
    match compile(cell.text, schema) {
        Ok(predicate) => Some(predicate),
        Err(bad) => {
            findings.push(cell.error(bad.code).says(bad.zh, bad.en).advises(
                "可用 severity、source、hour、weekday、month 和 rulebook.toml 中 [attributes] 声明的属性，与常量比较",
                "compare severity, source, hour, weekday, month and the attributes declared under [attributes] in rulebook.toml with constants",
            ));
            None
        }
    }
}

/// Parses and checks.
pub(crate) fn compile(text: &str, schema: &Schema) -> Result<Predicate> {
    if text.len() > MAX_LENGTH {
        return Err(too_large());
    }
    let parsed = Parser::new()
        .max_recursion_depth(64)
        .parse(text)
        .map_err(|errors| {
            let detail = errors
                .errors
                .first()
                .map_or_else(String::new, |it| it.msg.clone());
            Bad::new(
                "predicate_syntax",
                format!("条件不是有效的 CEL 表达式：{detail}"),
                format!("the predicate is not a CEL expression: {detail}"),
            )
        })?;
    let mut checker = Checker { schema, nodes: 0 };
    checker.predicate(&parsed, 0)
}

fn too_large() -> Bad {
    Bad::new(
        "predicate_too_large",
        format!("条件过长：至多 {MAX_LENGTH} 字节、{MAX_NODES} 个部分、{MAX_DEPTH} 层"),
        format!(
            "the predicate is too large: at most {MAX_LENGTH} bytes, {MAX_NODES} parts, {MAX_DEPTH} levels"
        ),
    )
}

fn unsupported(what: &str) -> Bad {
    Bad::new(
        "predicate_unsupported",
        format!("条件中不能用 {what}"),
        format!("{what} may not stand in a predicate"),
    )
}

fn of_type(expected: &str, found: Type) -> Bad {
    Bad::new(
        "predicate_type",
        format!("类型不符：此处须为 {expected}，而不是 {}", found.as_str()),
        format!("wrong type: it must be {expected} here, not {}", found.as_str()),
    )
}

struct Checker<'s> {
    schema: &'s Schema,
    nodes: usize,
}

impl Checker<'_> {
    fn enter(&mut self, depth: usize) -> Result<()> {
        self.nodes += 1;
        if self.nodes > MAX_NODES || depth > MAX_DEPTH {
            return Err(too_large());
        }
        Ok(())
    }

    fn predicate(&mut self, it: &IdedExpr, depth: usize) -> Result<Predicate> {
        self.enter(depth)?;
        match &it.expr {
            Expr::Call(call) => self.call(call, depth),
            Expr::Literal(LiteralValue::Boolean(truth)) => Ok(Predicate::Constant(*truth.inner())),
            Expr::Select(select) if select.test => Ok(Predicate::Has(self.selected(select)?)),
            Expr::Ident(_) | Expr::Select(_) => {
                let fact = self.fact(it)?;
                match self.kind(&fact) {
                    Type::Boolean => Ok(Predicate::Is(fact)),
                    other => Err(of_type("boolean", other)),
                }
            }
            Expr::Comprehension(_) => Err(unsupported("all, exists, map, filter")),
            other => Err(unsupported(name_of(other))),
        }
    }

    fn call(&mut self, call: &CallExpr, depth: usize) -> Result<Predicate> {
        let name = call.func_name.as_str();
        if let Some(target) = &call.target {
            return self.text_test(name, target, &call.args, depth);
        }
        let [left, right] = match call.args.as_slice() {
            [only] if name == operators::LOGICAL_NOT => {
                return Ok(Predicate::Not(Box::new(self.predicate(only, depth + 1)?)));
            }
            [test, then, otherwise] if name == operators::CONDITIONAL => {
                return Ok(Predicate::If {
                    test: Box::new(self.predicate(test, depth + 1)?),
                    then: Box::new(self.predicate(then, depth + 1)?),
                    otherwise: Box::new(self.predicate(otherwise, depth + 1)?),
                });
            }
            [left, right] => [left, right],
            _ => return Err(unsupported(name)),
        };
        match name {
            operators::LOGICAL_AND | operators::LOGICAL_OR => {
                let left = Box::new(self.predicate(left, depth + 1)?);
                let right = Box::new(self.predicate(right, depth + 1)?);
                Ok(if name == operators::LOGICAL_AND {
                    Predicate::And(left, right)
                } else {
                    Predicate::Or(left, right)
                })
            }
            operators::IN => self.among(left, right, depth),
            _ => self.compare(name, left, right, depth),
        }
    }

    fn compare(&mut self, name: &str, left: &IdedExpr, right: &IdedExpr, depth: usize) -> Result<Predicate> {
        let comparison = match name {
            operators::EQUALS => Comparison::Equal,
            operators::NOT_EQUALS => Comparison::NotEqual,
            operators::LESS => Comparison::Less,
            operators::LESS_EQUALS => Comparison::LessOrEqual,
            operators::GREATER => Comparison::Greater,
            operators::GREATER_EQUALS => Comparison::GreaterOrEqual,
            other => return Err(unsupported(other.trim_matches('_'))),
        };
        let (left, kind) = self.operand(left, depth + 1)?;
        let (right, other) = self.operand(right, depth + 1)?;
        if kind != other {
            return Err(of_type(kind.as_str(), other));
        }
        if let (Operand::Fact(_), Operand::Fact(fact)) = (&left, &right) {
            return Err(unsupported(fact.name()));
        }
        let ordered = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        if ordered && kind != Type::Integer {
            return Err(of_type("integer", kind));
        }
        self.known(&left, &right)?;
        self.known(&right, &left)?;
        Ok(Predicate::Compare {
            left,
            comparison,
            right,
        })
    }

    fn among(&mut self, left: &IdedExpr, right: &IdedExpr, depth: usize) -> Result<Predicate> {
        let (left, kind) = self.operand(left, depth + 1)?;
        let Expr::List(list) = &right.expr else {
            return Err(unsupported("in, other than with a list [\"a\", \"b\"]"));
        };
        let mut among = Vec::new();
        for element in &list.elements {
            let (operand, other) = self.operand(element, depth + 1)?;
            if kind != other {
                return Err(of_type(kind.as_str(), other));
            }
            self.known(&left, &operand)?;
            match operand {
                Operand::Literal(literal) => among.push(literal),
                Operand::Fact(fact) => return Err(unsupported(fact.name())),
            }
        }
        Ok(Predicate::In { left, among })
    }

    fn text_test(
        &mut self,
        name: &str,
        target: &IdedExpr,
        args: &[IdedExpr],
        depth: usize,
    ) -> Result<Predicate> {
        let test = match name {
            "startsWith" => TextTest::StartsWith,
            "endsWith" => TextTest::EndsWith,
            "contains" => TextTest::Contains,
            other => return Err(unsupported(other)),
        };
        let (left, kind) = self.operand(target, depth + 1)?;
        if kind != Type::Text {
            return Err(of_type("text", kind));
        }
        let [part] = args else {
            return Err(unsupported(name));
        };
        match self.operand(part, depth + 1)? {
            (Operand::Literal(Literal::Text(part)), _) => Ok(Predicate::Text { left, test, part }),
            (_, other) => Err(of_type("text", other)),
        }
    }

    /// A fact or a constant, and its type.
    fn operand(&mut self, it: &IdedExpr, depth: usize) -> Result<(Operand, Type)> {
        self.enter(depth)?;
        let literal = match &it.expr {
            Expr::Literal(LiteralValue::String(text)) => Literal::Text(text.inner().to_owned()),
            Expr::Literal(LiteralValue::Int(number)) => Literal::Integer(*number.inner()),
            Expr::Literal(LiteralValue::Boolean(truth)) => Literal::Boolean(*truth.inner()),
            Expr::Ident(_) | Expr::Select(_) => {
                let fact = self.fact(it)?;
                let kind = self.kind(&fact);
                return Ok((Operand::Fact(fact), kind));
            }
            other => return Err(unsupported(name_of(other))),
        };
        let kind = match literal {
            Literal::Text(_) => Type::Text,
            Literal::Integer(_) => Type::Integer,
            Literal::Boolean(_) => Type::Boolean,
        };
        Ok((Operand::Literal(literal), kind))
    }

    fn fact(&self, it: &IdedExpr) -> Result<Fact> {
        match &it.expr {
            Expr::Ident(name) => self.named(name),
            Expr::Select(select) if !select.test => self.selected(select),
            other => Err(unsupported(name_of(other))),
        }
    }

    /// `attributes.place_kind`
    fn selected(&self, select: &SelectExpr) -> Result<Fact> {
        match &select.operand.expr {
            Expr::Ident(name) if name == "attributes" => self.attribute(&select.field),
            _ => Err(unsupported(&select.field)),
        }
    }

    fn named(&self, name: &str) -> Result<Fact> {
        let of_every = Fact::OF_EVERY_CLUE.into_iter().find(|fact| fact.name() == name);
        match of_every {
            Some(fact) => Ok(fact),
            None => self.attribute(name),
        }
    }

    fn attribute(&self, name: &str) -> Result<Fact> {
        if self.schema.contains_key(name) {
            return Ok(Fact::Attribute(name.to_owned()));
        }
        Err(Bad::new(
            "predicate_unknown_fact",
            format!("没有声明 {name}"),
            format!("{name} is not declared"),
        ))
    }

    fn kind(&self, fact: &Fact) -> Type {
        match fact {
            Fact::Severity | Fact::Source => Type::Text,
            Fact::Hour | Fact::Weekday | Fact::Month => Type::Integer,
            Fact::Attribute(name) => self.schema.get(name).map_or(Type::Text, |it| it.kind),
        }
    }

    /// A constant that the fact beside it can never be is a slip of the pen.
    fn known(&self, fact: &Operand, literal: &Operand) -> Result<()> {
        let (Operand::Fact(Fact::Attribute(name)), Operand::Literal(Literal::Text(text))) = (fact, literal)
        else {
            return Ok(());
        };
        let Some(Declared { values, .. }) = self.schema.get(name) else {
            return Ok(());
        };
        if values.is_empty() || values.contains(text) {
            return Ok(());
        }
        Err(Bad::new(
            "predicate_unknown_value",
            format!("{name} 不会是 {text:?}；声明的取值：{}", values.join("、")),
            format!("{name} is never {text:?}; declared are: {}", values.join(", ")),
        ))
    }
}

const fn name_of(expr: &Expr) -> &'static str {
    match expr {
        Expr::Call(_) => "a function",
        Expr::List(_) => "a list",
        Expr::Map(_) | Expr::Struct(_) => "a map",
        Expr::Literal(_) => "such a constant",
        Expr::Comprehension(_) => "a comprehension",
        Expr::Unspecified | Expr::Ident(_) | Expr::Select(_) => "this",
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(crate) fn schema() -> Schema {
        let declared = |kind, values: &[&str]| Declared {
            kind,
            values: values.iter().map(|it| (*it).to_owned()).collect(),
        };
        Schema::from([
            (
                "place_kind".to_owned(),
                declared(Type::Text, &["street", "residential"]),
            ),
            ("floors".to_owned(), declared(Type::Integer, &[])),
            ("night".to_owned(), declared(Type::Boolean, &[])),
            ("descriptor".to_owned(), declared(Type::Text, &[])),
        ])
    }

    #[test]
    fn what_officials_write_is_understood() {
        for text in [
            "true",
            "severity == \"urgent\"",
            "hour >= 22 || hour < 6",
            "weekday in [6, 7] && !night",
            "attributes.place_kind == 'street'",
            "place_kind != \"street\"",
            "has(attributes.floors) && floors > 3",
            "descriptor.startsWith(\"Loud\") || descriptor.contains('音乐')",
            "source in [\"hotline\", \"grid\"] ? month <= 6 : false",
        ] {
            assert!(
                compile(text, &schema()).is_ok(),
                "{text}: {:?}",
                compile(text, &schema())
            );
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let deep = format!("{}night{}", "!(night && ".repeat(10), ")".repeat(10));
        let long = format!("descriptor == \"{}\"", "x".repeat(2_000));
        let wide = vec!["night"; 80].join(" || ");
        for (text, code) in [
            ("severity = 'a'", "predicate_syntax"),
            ("", "predicate_syntax"),
            ("weather == 'rain'", "predicate_unknown_fact"),
            ("attributes.weather == 'rain'", "predicate_unknown_fact"),
            ("place_kind == 'stret'", "predicate_unknown_value"),
            ("place_kind in ['street', 'stret']", "predicate_unknown_value"),
            ("hour == '22'", "predicate_type"),
            ("severity > 'a'", "predicate_type"),
            ("hour", "predicate_type"),
            ("floors.contains('1')", "predicate_type"),
            ("[1, 2].all(x, x > 0)", "predicate_unsupported"),
            ("descriptor.matches('(a+)+b')", "predicate_unsupported"),
            ("hour + 1 > 3", "predicate_unsupported"),
            ("size(descriptor) > 3", "predicate_unsupported"),
            ("hour > 1.5", "predicate_unsupported"),
            ("now() > 3", "predicate_unsupported"),
            ("hour > weekday", "predicate_unsupported"),
            (&deep, "predicate_too_large"),
            (&long, "predicate_too_large"),
            (&wide, "predicate_too_large"),
        ] {
            let found = compile(text, &schema());
            assert_eq!(
                found.as_ref().err().map(|bad| bad.code),
                Some(code),
                "{text}: {found:?}"
            );
        }
    }

    proptest! {
        /// Whoever writes a rulebook may write anything.
        #[test]
        fn nothing_that_is_written_takes_the_check_down(
            words in prop::collection::vec(prop::sample::select(WORDS), 0..30),
            noise in ".{0,40}",
        ) {
            let _ = compile(&words.join(" "), &schema());
            let _ = compile(&noise, &schema());
        }
    }

    const WORDS: &[&str] = &[
        "hour",
        "severity",
        "night",
        "attributes",
        ".",
        "place_kind",
        "has",
        "all",
        "exists",
        "map",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        "x",
        "&&",
        "||",
        "!",
        "==",
        "<",
        "in",
        "?",
        ":",
        "'street'",
        "\"",
        "22",
        "9223372036854775808",
        "1.5",
        "-",
        "+",
        "null",
        "true",
        "r'",
        "b'a'",
        "\\",
        "噪声",
        "floors",
    ];
}
