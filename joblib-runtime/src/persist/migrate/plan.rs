//! How each part of a file becomes a part of the type that is asked for, or
//! every reason why it does not.

mod messages;
mod named;
mod nested;
mod records;
mod unwrap;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

pub(super) use self::nested::NestedArray;
pub(super) use self::records::{LengthEncoding, RepackedRecords};
use super::names::{FieldSource, becomes, called};
use crate::persist::MAX_DEPTH;
use crate::persist::body_encoding::{COMPACT, DESCRIBED};
use crate::persist::error::{Difference, Error, ErrorKind, Mismatch};
use crate::persist::number::NumberKind;
use crate::persist::schema::{
    Enum, Fallback, Field, Fields, Id, Node, Rank, Schema, Struct, shown,
};
use crate::persist::widen;
use crate::stack;

/// Where a step stands in its plan.
pub(super) type At = usize;

/// How one part of a file is written anew.
#[derive(Clone, Debug)]
pub(super) enum MigrationStep {
    /// As it is: it has no parts that change.
    Same,
    /// As nothing, if the file has none of it: an array of no length.
    Empty,
    /// What serde describes, which the file has in that encoding.
    Serde(u8),
    /// Not at all. What contains itself may count on a part of itself that
    /// turns out so; it is an error only in a file that has it.
    Impossible,
    Number(PlacedNumber, PlacedNumber),
    Option(At),
    /// A sequence or a set.
    Many(At),
    Map(At, At),
    Tuple(Vec<At>),
    Array {
        kinds: (NumberKind, NumberKind),
        ranks: (Rank, Rank),
        /// Where it is, for messages.
        field: Arc<str>,
    },
    /// Sequences within one another, the innermost arrays, as one array of as many
    /// dimensions more as there are sequences.
    Gathered(NestedArray),
    /// The other way round.
    Scattered(NestedArray),
    /// Records, as they are.
    Records,
    /// Records, or what an array has, one by one, or what is one by one to those, or
    /// both.
    Repacked(RepackedRecords),
    Struct(Vec<FieldOrigin>),
    /// For each variant of the file, what it becomes; nothing for those that
    /// the type does not have.
    Enum {
        variants: Vec<Option<(u64, Vec<FieldOrigin>)>>,
        /// Where it is, for messages.
        field: Arc<str>,
    },
    /// An older type, by its number, and how the file becomes that.
    Via(u8, At),
    /// What a type of std is written as, of the same type.
    Named(At),
    /// What a type of std was written as before it had its name.
    Unnamed(At),
    /// What is always there of an option.
    Some(At),
    /// The only field of a struct without names.
    Unwrapped(At),
    /// A struct without names that has it as its only field.
    Wrapped(At),
}

/// A number by itself, and how it stands there.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlacedNumber {
    pub(super) kind: NumberKind,
    /// Whether as its bytes in an array are.
    pub(super) is_fixed: bool,
}

/// Where a field comes from.
#[derive(Clone, Debug)]
pub(super) enum FieldOrigin {
    /// The field of the file with that number.
    Field(usize, At),
    Default(Fallback),
}

/// How a file is written anew.
#[derive(Debug)]
pub(super) struct MigrationPlan {
    pub(super) steps: Vec<MigrationStep>,
    pub(super) root: At,
}

/// A type that a part may become: which of the schemas, and where in it.
type Target = (usize, Id);

/// A schema that needs more steps than these, each with one of a type, is none
/// of ours.
const MOST_STEPS: usize = 1 << 20;

/// Of the names that a file has, so many are told of.
const NAMES: usize = 20;

pub(super) struct MigrationPlanner<'a> {
    found: &'a Schema,
    /// What was asked for, and the older types that were tried.
    asked: Vec<Schema>,
    steps: Vec<MigrationStep>,
    /// Whether a part can become a type, as far as that is known.
    known: HashMap<(Id, Target), Option<At>>,
    /// The older types of a type, once they were looked at.
    olds: HashMap<Target, Vec<Target>>,
    depth: usize,
    /// Whether it was given up.
    is_endless: bool,
    path: Vec<String>,
    differences: Vec<Difference>,
}

impl<'a> MigrationPlanner<'a> {
    pub(super) fn new(found: &'a Schema) -> Self {
        MigrationPlanner {
            found,
            asked: Vec::new(),
            steps: Vec::new(),
            known: HashMap::new(),
            olds: HashMap::new(),
            depth: 0,
            is_endless: false,
            path: Vec::new(),
            differences: Vec::new(),
        }
    }

    /// How the file becomes `asked`, or every difference that keeps it from it.
    pub(super) fn plan(mut self, asked: &Schema) -> Result<MigrationPlan, Error> {
        self.asked.push(asked.with_elements());
        match self.step(Schema::ROOT, (0, Schema::ROOT)) {
            _ if self.is_endless => Err(ErrorKind::TooDeep.into()),
            Some(root) => Ok(MigrationPlan {
                steps: self.steps,
                root,
            }),
            None => {
                if self.differences.is_empty() {
                    // Those there were are of types that an older one stood in
                    // for at another place.
                    self.differ(Schema::ROOT, (0, Schema::ROOT));
                }
                let differences = self.differences;
                Err(ErrorKind::Schema(Mismatch { differences }).into())
            }
        }
    }

    fn step(&mut self, found: Id, target: Target) -> Option<At> {
        if let Some(known) = self.known.get(&(found, target)) {
            return *known;
        }
        let at = self.steps.len();
        if self.is_endless || self.depth == MAX_DEPTH || at == MOST_STEPS {
            self.is_endless = true;
            return None;
        }
        self.steps.push(MigrationStep::Impossible);
        // A type within itself becomes what it becomes.
        self.known.insert((found, target), Some(at));
        self.depth += 1;
        let step = stack::with_room(stack::USUAL, || self.with_olds(found, target));
        let step = step.unwrap_or_else(|_| {
            self.is_endless = true;
            None
        });
        self.depth -= 1;
        match step {
            Some(step) => {
                self.steps[at] = step;
                Some(at)
            }
            None => {
                self.known.insert((found, target), None);
                None
            }
        }
    }

    /// An older type that is exactly what the file has goes before differences
    /// that could be bridged, and those before an older type with some.
    fn with_olds(&mut self, found: Id, target: Target) -> Option<MigrationStep> {
        let targets = self.olds_of(target);
        if targets.is_empty() || self.is_exact(found, target) {
            return self.alone(found, target);
        }
        let exact = targets.iter().position(|old| self.is_exact(found, *old));
        if let Some(number) = exact {
            return self.old(number, found, targets[number]);
        }
        let before = self.differences.len();
        if let Some(step) = self.alone(found, target) {
            return Some(step);
        }
        let own = self.differences.split_off(before);
        for (number, old) in targets.into_iter().enumerate() {
            if let Some(step) = self.old(number, found, old) {
                return Some(step);
            }
            self.differences.truncate(before);
        }
        self.differences.extend(own);
        None
    }

    /// The types that are older than that one.
    fn olds_of(&mut self, target: Target) -> Vec<Target> {
        if let Some(known) = self.olds.get(&target) {
            return known.clone();
        }
        let olds = match self.asked[target.0].node(target.1) {
            Node::Struct(Struct { olds, .. }) | Node::Enum(Enum { olds, .. }) => olds.clone(),
            _ => Vec::new(),
        };
        let first = self.asked.len();
        self.asked
            .extend(olds.iter().map(|old| old().with_elements()));
        let targets: Vec<Target> = (first..self.asked.len())
            .map(|it| (it, Schema::ROOT))
            .collect();
        self.olds.insert(target, targets.clone());
        targets
    }

    fn old(&mut self, number: usize, found: Id, target: Target) -> Option<MigrationStep> {
        let at = self.step(found, target)?;
        Some(MigrationStep::Via(u8::try_from(number + 1).ok()?, at))
    }

    fn alone(&mut self, found: Id, target: Target) -> Option<MigrationStep> {
        let (schema, asked) = target;
        let to = |id: Id| (schema, id);
        let asked_node = self.asked[schema].node(asked).clone();
        match (self.found.node(found), asked_node) {
            (Node::Unit, Node::Unit)
            | (Node::Char, Node::Char)
            | (Node::Text, Node::Text)
            | (Node::Path, Node::Path) => Some(MigrationStep::Same),
            (Node::Serde(it), Node::Described(other)) if *it == other => {
                Some(MigrationStep::Serde(COMPACT))
            }
            (Node::Described(_), Node::Described(_)) => Some(MigrationStep::Serde(DESCRIBED)),
            (found_node, asked_node)
                if let (Some(from), Some(into)) = (found_node.number(), asked_node.number())
                    && (from.kind == into.kind || widen::fits(from.kind, into.kind)) =>
            {
                Some(MigrationStep::Number(from, into))
            }
            (Node::Option(it), Node::Option(other)) => {
                self.step(*it, to(other)).map(MigrationStep::Option)
            }
            (Node::Seq(it), Node::Seq(other))
            | (Node::Set(it) | Node::OrderedSet(it), Node::Set(other) | Node::OrderedSet(other)) => {
                self.path.push("[]".to_owned());
                let step = self.step(*it, to(other)).map(MigrationStep::Many);
                self.path.pop();
                step
            }
            (
                Node::Map(key, value) | Node::OrderedMap(key, value),
                Node::Map(other_key, other_value) | Node::OrderedMap(other_key, other_value),
            ) => {
                self.path.push("[key]".to_owned());
                let key = self.step(*key, to(other_key));
                self.path.pop();
                self.path.push("[]".to_owned());
                let value = self.step(*value, to(other_value));
                self.path.pop();
                Some(MigrationStep::Map(key?, value?))
            }
            (Node::Tuple(parts), Node::Tuple(others)) if parts.len() == others.len() => {
                let steps: Vec<_> = parts
                    .iter()
                    .zip(others)
                    .enumerate()
                    .map(|(place, (part, other))| {
                        self.path.push(format!(".{place}"));
                        let step = self.step(*part, to(other));
                        self.path.pop();
                        step
                    })
                    .collect();
                steps
                    .into_iter()
                    .collect::<Option<_>>()
                    .map(MigrationStep::Tuple)
            }
            (Node::Array(from, rank), Node::Array(into, asked))
                if (*from == into || widen::fits(*from, into)) && is_same_rank(*rank, asked) =>
            {
                Some(MigrationStep::Array {
                    kinds: (*from, into),
                    ranks: (*rank, asked),
                    field: self.field().into(),
                })
            }
            (Node::Seq(_) | Node::Array(..) | Node::Records(_), Node::Unit) => {
                Some(MigrationStep::Empty)
            }
            (Node::Records(_), Node::Records(_)) if self.is_exact(found, target) => {
                Some(MigrationStep::Records)
            }
            (Node::Records(_) | Node::Seq(_) | Node::Array(..), Node::Records(_))
            | (Node::Records(_), Node::Seq(_) | Node::Array(..)) => self.repacked(found, target),
            (Node::Seq(_), Node::Array(into, outer)) => self
                .nested(self.found, found, outer)
                .filter(|(from, ..)| *from == into || widen::fits(*from, into))
                .map(|(from, depth, inner)| {
                    let kinds = (from, into);
                    MigrationStep::Gathered(self.as_nested(depth, inner, outer, kinds))
                })
                .or_else(|| self.repacked(found, target)),
            (Node::Array(from, outer), Node::Seq(_)) => self
                .nested(&self.asked[schema], asked, *outer)
                .filter(|(into, ..)| from == into || widen::fits(*from, *into))
                .map(|(into, depth, inner)| {
                    let kinds = (*from, into);
                    MigrationStep::Scattered(self.as_nested(depth, inner, *outer, kinds))
                })
                .or_else(|| self.repacked(found, target)),
            (Node::Struct(it), Node::Struct(other)) if is_alike(&it.fields, &other.fields) => self
                .fields(&it.fields, &other.fields, schema)
                .map(MigrationStep::Struct),
            (Node::Enum(it), Node::Enum(other)) => self.variants(it, &other, schema),
            (Node::Named(it, part), Node::Named(other, asked_part)) if *it == other => {
                self.step(*part, to(asked_part)).map(MigrationStep::Named)
            }
            (found_node, Node::Named(_, part)) if self.is_unnamed(found_node, to(part)) => {
                self.step(found, to(part)).map(MigrationStep::Unnamed)
            }
            _ => self.seen_through(found, target),
        }
    }

    fn fields(
        &mut self,
        found: &Fields,
        asked: &Fields,
        schema: usize,
    ) -> Option<Vec<FieldOrigin>> {
        let is_named = matches!(asked, Fields::Named(_));
        let found = found.all();
        let parts: Vec<_> = asked
            .all()
            .iter()
            .enumerate()
            .map(|(place, field)| {
                self.path.push(match is_named {
                    true => format!(".{}", field.name),
                    false => format!(".{place}"),
                });
                let source = match is_named {
                    true => called(field, found),
                    false => FieldSource::at(place, found),
                };
                let part = match (source, field.default) {
                    (FieldSource::One(number), _) => self
                        .step(found[number].node, (schema, field.node))
                        .map(|at| FieldOrigin::Field(number, at)),
                    (FieldSource::None, Some(default)) => Some(FieldOrigin::Default(default)),
                    (FieldSource::None, None) => self.lacks(field, found, schema),
                    (FieldSource::Two(one, other), _) => {
                        self.is_ambiguous(field, [&found[one].name, &found[other].name], schema)
                    }
                };
                self.path.pop();
                part
            })
            .collect();
        parts.into_iter().collect()
    }

    fn variants(&mut self, found: &Enum, asked: &Enum, schema: usize) -> Option<MigrationStep> {
        let mut is_whole = true;
        let mut steps = Vec::new();
        for variant in &found.variants {
            // Several of the file may become one: a value is of one of them.
            let Some(number) = becomes(variant, &asked.variants) else {
                // It is an error only in a file that has a value of it.
                steps.push(None);
                continue;
            };
            let other = &asked.variants[number];
            self.path.push(format!("::{}", shown(&variant.name)));
            let parts = match is_alike(&variant.fields, &other.fields) {
                true => self.fields(&variant.fields, &other.fields, schema),
                false => {
                    let (found, asked) = (variant.fields.describe(), other.fields.describe());
                    self.difference(found, asked, String::new());
                    None
                }
            };
            self.path.pop();
            match parts {
                Some(parts) => steps.push(Some((number as u64, parts))),
                None => is_whole = false,
            }
        }
        is_whole.then(|| MigrationStep::Enum {
            variants: steps,
            field: self.field().into(),
        })
    }

    /// Whether the file has there exactly what the type writes, or wrote before types of
    /// std had names.
    fn is_exact(&self, found: Id, (schema, asked): Target) -> bool {
        let asked_schema = &self.asked[schema];
        let mut seen = HashSet::new();
        let mut waiting = vec![(found, asked)];
        while let Some((found, asked)) = waiting.pop() {
            if !seen.insert((found, asked)) {
                continue;
            }
            let (it, other) = (self.found.node(found), asked_schema.node(asked));
            if let (false, Node::Named(_, part)) = (matches!(it, Node::Named(..)), other) {
                waiting.push((found, *part));
                continue;
            }
            if !it.is_like(other) {
                return false;
            }
            waiting.extend(it.parts().into_iter().zip(other.parts()));
        }
        true
    }
}

impl Node {
    /// The number that it is by itself.
    fn number(&self) -> Option<PlacedNumber> {
        let (kind, is_fixed) = match self {
            Node::Number(kind) => (*kind, false),
            Node::Fixed(kind) => (*kind, true),
            _ => return None,
        };
        Some(PlacedNumber { kind, is_fixed })
    }
}

fn is_alike(found: &Fields, asked: &Fields) -> bool {
    matches!(
        (found, asked),
        (Fields::Unit, Fields::Unit)
            | (Fields::Named(_) | Fields::Unit, Fields::Named(_))
            | (Fields::Unnamed(_) | Fields::Unit, Fields::Unnamed(_))
            | (Fields::Named(_) | Fields::Unnamed(_), Fields::Unit)
    )
}

/// Whether arrays of these ranks can be the same array.
fn is_same_rank(found: Rank, asked: Rank) -> bool {
    match (found.count(), asked.count()) {
        (Some(found), Some(asked)) => found == asked,
        _ => true,
    }
}
