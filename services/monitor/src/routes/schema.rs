//! The reports as OpenAPI describes them: the domain, whose types they are, knows nothing of that.

use bihuan_domain::dispute::{self, ForumLevel};
use bihuan_domain::figures::{
    Basis, By, Counts, DisputeCounts, DisputeKind, DutyCounts, DutyKind, FigureKind, Flow, Records, Split,
};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, Object, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

/// Stands for [`bihuan_domain::figures::Report`].
pub(super) enum ClosureReport {}

type Described = RefOr<Schema>;

fn of(kind: Type) -> Described {
    Object::with_type(kind).into()
}

fn or_null(kind: Type) -> Described {
    Object::with_type(SchemaType::from_iter([kind, Type::Null])).into()
}

/// Everything is there, unless it is added later.
fn object<'a>(fields: impl IntoIterator<Item = (&'a str, Described)>) -> ObjectBuilder {
    let object = ObjectBuilder::new().schema_type(Type::Object);
    fields.into_iter().fold(object, |object, (name, what)| {
        object.property(name, what).required(name)
    })
}

fn numbers(entries: impl Iterator<Item = (&'static str, u64)>) -> ObjectBuilder {
    object(entries.map(|(name, _)| (name, of(Type::Integer))))
}

fn words(words: impl IntoIterator<Item = &'static str>, schema_type: SchemaType) -> Described {
    let words: Vec<serde_json::Value> = words.into_iter().map(Into::into).collect();
    let nothing = matches!(schema_type, SchemaType::Array(_)).then_some(serde_json::Value::Null);
    ObjectBuilder::new()
        .schema_type(schema_type)
        .enum_values(Some(words.into_iter().chain(nothing)))
        .into()
}

fn figures() -> Described {
    figures_of(FigureKind::ALL.map(FigureKind::as_str))
}

fn figures_of<const N: usize>(ids: [&'static str; N]) -> Described {
    let figure = object([
        ("id", words(ids, Type::String.into())),
        ("version", of(Type::Integer)),
        ("numerator", of(Type::Integer)),
        ("denominator", of(Type::Integer)),
        ("value", or_null(Type::Number)),
        ("formula", of(Type::String)),
    ]);
    ArrayBuilder::new().items(figure).into()
}

fn classes() -> Described {
    let line = || object(["clues", "closed", "open"].map(|name| (name, of(Type::Integer)))).into();
    object(["ordinary", "self_handled", "closed_at_source"].map(|name| (name, line()))).into()
}

fn row() -> Described {
    object([
        ("key", of(Type::String)),
        ("name", of(Type::String)),
        ("counts", numbers(Counts::default().entries()).into()),
        ("partition", numbers(Split::default().entries()).into()),
        ("figures", figures()),
    ])
    .property("records", numbers(Records::default().entries()))
    .property("flow", numbers(Flow::default().entries()))
    .into()
}

impl PartialSchema for ClosureReport {
    fn schema() -> Described {
        let records = numbers(Records::default().entries())
            .schema_type(SchemaType::from_iter([Type::Object, Type::Null]))
            .description(Some(
                "null where records have no place: with a period, or in the past",
            ));
        object([
            ("as_of", of(Type::String)),
            ("from", or_null(Type::String)),
            ("to", or_null(Type::String)),
            (
                "by",
                words(
                    By::ALL.map(By::as_str),
                    SchemaType::from_iter([Type::String, Type::Null]),
                ),
            ),
            ("basis", words(Basis::ALL.map(Basis::as_str), Type::String.into())),
            ("rulebook", of(Type::String)),
            ("records", records.into()),
            ("counts", numbers(Counts::default().entries()).into()),
            ("partition", numbers(Split::default().entries()).into()),
            ("classes", classes()),
            ("figures", figures()),
            ("rows", ArrayBuilder::new().items(row()).into()),
        ])
        .property("flow", numbers(Flow::default().entries()))
        .property(
            "shadow",
            Object::builder()
                .schema_type(Type::Boolean)
                .description(Some("true of a shadow run: nobody handles these clues here")),
        )
        .into()
    }
}

impl ToSchema for ClosureReport {}

fn integers<'a>(key: (&'a str, Described), names: impl IntoIterator<Item = &'a str>) -> Described {
    let names = names.into_iter().map(|name| (name, of(Type::Integer)));
    list(object([key].into_iter().chain(names)))
}

/// Of disputes over duty.
fn duty() -> Described {
    let step = words(
        dispute::Step::ALL.iter().map(|it| it.as_str()),
        Type::String.into(),
    );
    let level = words(ForumLevel::ALL.iter().map(|it| it.as_str()), Type::String.into());
    let names = ["one", "one_name", "other", "other_name"].map(|name| (name, of(Type::String)));
    let numbers_of = ["disputes", "to_one", "to_other"].map(|name| (name, of(Type::Integer)));
    let ways = ["open", "settled_by_negotiation", "settled_by_opinion", "decided"];
    object([
        ("counts", numbers(DutyCounts::default().entries()).into()),
        ("figures", figures_of(DutyKind::ALL.map(DutyKind::as_str))),
        ("steps", integers(("step", step), ["open", "open_overdue"])),
        ("levels", integers(("level", level), ways)),
        ("between", list(object(names.into_iter().chain(numbers_of)))),
    ])
    .into()
}

/// Stands for [`bihuan_domain::figures::DisputeReport`].
pub(super) enum DisputesReport {}

impl PartialSchema for DisputesReport {
    fn schema() -> Described {
        let pair = object([
            ("from", of(Type::String)),
            ("from_name", of(Type::String)),
            ("to", of(Type::String)),
            ("to_name", of(Type::String)),
            ("hand_overs", of(Type::Integer)),
        ]);
        let clue = object([
            ("id", of(Type::String)),
            ("number", of(Type::String)),
            ("source", of(Type::String)),
            ("source_id", of(Type::String)),
            ("hand_overs", of(Type::Integer)),
            ("reopened", of(Type::Integer)),
            ("returns", of(Type::Integer)),
            ("holders", list(of(Type::String))),
        ]);
        object([
            ("as_of", of(Type::String)),
            ("from", or_null(Type::String)),
            ("to", or_null(Type::String)),
            ("rulebook", of(Type::String)),
            ("counts", numbers(DisputeCounts::default().entries()).into()),
            ("figures", figures_of(DisputeKind::ALL.map(DisputeKind::as_str))),
            ("pairs", list(pair)),
            ("duty", duty()),
        ])
        .property("clues", list(clue))
        .into()
    }
}

impl ToSchema for DisputesReport {}

/// Stands for [`bihuan_domain::figures::Comparison`].
pub(super) enum ShadowReport {}

fn counts<const N: usize>(names: [&str; N]) -> ObjectBuilder {
    object(names.map(|name| (name, of(Type::Integer))))
}

fn list(items: impl Into<Described>) -> Described {
    ArrayBuilder::new().items(items.into()).into()
}

fn rights() -> Described {
    counts(["both", "rules", "people", "neither", "nobody"]).into()
}

fn clocks() -> Described {
    let spread = || {
        object([
            ("clues", of(Type::Integer)),
            ("mean_seconds", or_null(Type::Number)),
            ("within", list(counts(["seconds", "clues"]))),
        ])
    };
    let deadlines = counts([
        "closed_in_time",
        "closed_late",
        "open",
        "overdue",
        "taken_back",
        "closed_without",
        "open_without",
    ]);
    let deadlines = deadlines
        .property("in_time", or_null(Type::Number))
        .required("in_time");
    object([
        ("rules", spread().into()),
        ("people", spread().into()),
        ("rules_sooner", of(Type::Integer)),
        ("people_sooner", of(Type::Integer)),
        ("deadlines", deadlines.into()),
    ])
    .into()
}

fn instead() -> Described {
    object([
        ("matter", or_null(Type::String)),
        ("area", or_null(Type::String)),
        ("source_matter", or_null(Type::String)),
        ("source_area", or_null(Type::String)),
        ("agency", of(Type::String)),
        ("clues", of(Type::Integer)),
        ("against", of(Type::Integer)),
        ("row", or_null(Type::String)),
        ("replaces", list(of(Type::Integer))),
        ("examples", list(of(Type::String))),
    ])
    .into()
}

impl PartialSchema for ShadowReport {
    fn schema() -> Described {
        let row = object([
            ("rulebook", of(Type::String)),
            ("line", or_null(Type::Integer)),
            ("reason", of(Type::String)),
            ("agency", or_null(Type::String)),
            ("clues", of(Type::Integer)),
            ("rights", rights()),
            ("instead", list(instead())),
        ]);
        object([
            ("clues", of(Type::Integer)),
            ("waiting", of(Type::Integer)),
            ("undecided", of(Type::Integer)),
            ("compared", of(Type::Integer)),
            ("rights", rights()),
            ("rules_accuracy", or_null(Type::Number)),
            ("people_accuracy", or_null(Type::Number)),
            ("clocks", clocks()),
            ("rows", list(row)),
        ])
        .into()
    }
}

impl ToSchema for ShadowReport {}
