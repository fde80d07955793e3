//! Plans how each value of a file becomes a value of the requested type, or collects
//! every difference that prevents it.

mod messages;
mod named;
mod nested;
mod records;
mod unwrap;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

pub(super) use self::nested::NestedArray;
pub(super) use self::records::{LengthEncoding, RepackedRecords};
use super::names::{FieldSource, source_of, target_variant};
use crate::persist::MAX_DEPTH;
use crate::persist::body_encoding::{COMPACT, DESCRIBED};
use crate::persist::error::{Difference, Error, ErrorKind, Mismatch};
use crate::persist::number::NumberKind;
use crate::persist::schema::{
    Enum, Fallback, Field, Fields, Id, Node, Rank, Schema, Struct, is_std, printable,
};
use crate::persist::widen;
use crate::stack;

/// The index of a step in its plan.
pub(super) type At = usize;

/// How one value of a file is rewritten.
#[derive(Clone, Debug)]
pub(super) enum MigrationStep {
    /// Copied unchanged: it contains no values that change.
    Same,
    /// Written as nothing if it is empty in the file; for example, an array of length
    /// 0.
    Empty,
    /// A serde value, which the file has in this encoding.
    Serde(u8),
    /// Not possible. A recursive type may depend on a conversion of itself that turns
    /// out to be impossible; this is an error only in a file that has such a value.
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
        /// Path of the field, for messages.
        field: Arc<str>,
    },
    /// Nested sequences with arrays innermost become one array. Each level of nesting
    /// adds one dimension.
    Gathered(NestedArray),
    /// The reverse of `Gathered`.
    Scattered(NestedArray),
    /// Records, copied unchanged.
    Records,
    /// Records or array elements become separately encoded values, or the reverse, or
    /// records and arrays become each other.
    Repacked(RepackedRecords),
    Struct(Vec<FieldOrigin>),
    /// The target of each variant of the file; `None` for variants that the type does
    /// not have.
    Enum {
        variants: Vec<Option<(u64, Vec<FieldOrigin>)>>,
        /// Path of the field, for messages.
        field: Arc<str>,
    },
    /// Converts the file to an older type, given by its number, which the type accepts.
    Via(u8, At),
    /// The encoding of a named std type, converted to the same std type.
    Named(At),
    /// The encoding of a std type from before the format stored its name.
    Unnamed(At),
    /// A value that becomes `Some` of an option.
    Some(At),
    /// The only field of a tuple struct becomes the value itself.
    Unwrapped(At),
    /// A value becomes the only field of a tuple struct.
    Wrapped(At),
}

/// A single number and its encoding.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlacedNumber {
    pub(super) kind: NumberKind,
    /// Whether it has the same bytes as in an array.
    pub(super) is_fixed: bool,
}

/// Where the value of a field comes from.
#[derive(Clone, Debug)]
pub(super) enum FieldOrigin {
    /// The field of the file with this number.
    Field(usize, At),
    Default(Fallback),
}

/// How a file is rewritten.
#[derive(Debug)]
pub(super) struct MigrationPlan {
    pub(super) steps: Vec<MigrationStep>,
    pub(super) root: At,
}

/// A type that a value may become: the index of the schema and the node in it.
type Target = (usize, Id);

/// The maximum number of steps. Each step pairs a node of the file with a node of the
/// type, and no valid schema needs this many.
const MOST_STEPS: usize = 1 << 20;

/// The maximum number of field names that a message lists.
const NAMES: usize = 20;

pub(super) struct MigrationPlanner<'a> {
    found: &'a Schema,
    /// The requested schema, followed by the older types that were tried.
    expected: Vec<Schema>,
    steps: Vec<MigrationStep>,
    /// The step for each pair of a node and a type, `None` if the conversion is
    /// impossible.
    known: HashMap<(Id, Target), Option<At>>,
    /// The older types of each type, once they have been loaded.
    olds: HashMap<Target, Vec<Target>>,
    depth: usize,
    /// Whether planning was abandoned because of depth or number of steps.
    is_abandoned: bool,
    path: Vec<String>,
    differences: Vec<Difference>,
}

impl<'a> MigrationPlanner<'a> {
    pub(super) fn new(found: &'a Schema) -> Self {
        MigrationPlanner {
            found,
            expected: Vec::new(),
            steps: Vec::new(),
            known: HashMap::new(),
            olds: HashMap::new(),
            depth: 0,
            is_abandoned: false,
            path: Vec::new(),
            differences: Vec::new(),
        }
    }

    /// Plans the conversion of the file to `expected`. Fails with every difference that
    /// prevents the conversion.
    pub(super) fn plan(mut self, expected: &Schema) -> Result<MigrationPlan, Error> {
        self.expected.push(expected.with_elements());
        match self.step(Schema::ROOT, (0, Schema::ROOT)) {
            _ if self.is_abandoned => Err(ErrorKind::TooDeep.into()),
            Some(root) => Ok(MigrationPlan {
                steps: self.steps,
                root,
            }),
            None => {
                if self.differences.is_empty() {
                    // All differences belonged to types that an older type replaced in
                    // another field, so report the root.
                    self.mismatch(Schema::ROOT, (0, Schema::ROOT));
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
        if self.is_abandoned || self.depth == MAX_DEPTH || at == MOST_STEPS {
            self.is_abandoned = true;
            return None;
        }
        self.steps.push(MigrationStep::Impossible);
        // A recursive type refers to its own step.
        self.known.insert((found, target), Some(at));
        self.depth += 1;
        let step = stack::with_room(stack::DEFAULT_ROOM, || self.with_older_types(found, target));
        let step = step.unwrap_or_else(|_| {
            self.is_abandoned = true;
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

    /// Plans a conversion in order of preference: an older type that the file matches
    /// exactly, then the type itself, then an older type that needs conversions.
    fn with_older_types(&mut self, found: Id, target: Target) -> Option<MigrationStep> {
        let targets = self.older_types_of(target);
        if targets.is_empty() || self.is_exact(found, target) {
            return self.direct(found, target);
        }
        let exact = targets.iter().position(|old| self.is_exact(found, *old));
        if let Some(number) = exact {
            return self.via_older_type(number, found, targets[number]);
        }
        let before = self.differences.len();
        if let Some(step) = self.direct(found, target) {
            return Some(step);
        }
        let own = self.differences.split_off(before);
        for (number, old) in targets.into_iter().enumerate() {
            if let Some(step) = self.via_older_type(number, found, old) {
                return Some(step);
            }
            self.differences.truncate(before);
        }
        self.differences.extend(own);
        None
    }

    /// Returns the older types that `target` accepts.
    fn older_types_of(&mut self, target: Target) -> Vec<Target> {
        if let Some(known) = self.olds.get(&target) {
            return known.clone();
        }
        let olds = match self.expected[target.0].node(target.1) {
            Node::Struct(Struct {
                older_types: olds, ..
            })
            | Node::Enum(Enum {
                older_types: olds, ..
            }) => olds.clone(),
            _ => Vec::new(),
        };
        let first = self.expected.len();
        self.expected
            .extend(olds.iter().map(|old| old().with_elements()));
        let targets: Vec<Target> = (first..self.expected.len())
            .map(|it| (it, Schema::ROOT))
            .collect();
        self.olds.insert(target, targets.clone());
        targets
    }

    fn via_older_type(
        &mut self,
        number: usize,
        found: Id,
        target: Target,
    ) -> Option<MigrationStep> {
        let at = self.step(found, target)?;
        Some(MigrationStep::Via(u8::try_from(number + 1).ok()?, at))
    }

    fn direct(&mut self, found: Id, target: Target) -> Option<MigrationStep> {
        let (schema, expected) = target;
        let to = |id: Id| (schema, id);
        let expected_node = self.expected[schema].node(expected).clone();
        match (self.found.node(found), expected_node) {
            (Node::Unit, Node::Unit)
            | (Node::Char, Node::Char)
            | (Node::Text, Node::Text)
            | (Node::Path, Node::Path) => Some(MigrationStep::Same),
            (Node::Serde(it), Node::Described(other)) if *it == other => {
                Some(MigrationStep::Serde(COMPACT))
            }
            (Node::Described(_), Node::Described(_)) => Some(MigrationStep::Serde(DESCRIBED)),
            (found_node, expected_node)
                if let (Some(from), Some(into)) = (found_node.number(), expected_node.number())
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
            (Node::Array(from, rank), Node::Array(into, expected))
                if (*from == into || widen::fits(*from, into)) && is_same_rank(*rank, expected) =>
            {
                Some(MigrationStep::Array {
                    kinds: (*from, into),
                    ranks: (*rank, expected),
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
                .nested(&self.expected[schema], expected, *outer)
                .filter(|(into, ..)| from == into || widen::fits(*from, *into))
                .map(|(into, depth, inner)| {
                    let kinds = (*from, into);
                    MigrationStep::Scattered(self.as_nested(depth, inner, *outer, kinds))
                })
                .or_else(|| self.repacked(found, target)),
            (Node::Struct(it), Node::Struct(other)) if is_compatible(&it.fields, &other.fields) => {
                self.fields(&it.fields, &other.fields, schema)
                    .map(MigrationStep::Struct)
            }
            (Node::Enum(it), Node::Enum(other)) => self.variants(it, &other, schema),
            (Node::Named(it, part), Node::Named(other, expected_part)) if *it == other => self
                .step(*part, to(expected_part))
                .map(MigrationStep::Named),
            (found_node, Node::Named(name, part))
                if is_std(&name) && self.is_unnamed(found_node, to(part)) =>
            {
                self.step(found, to(part)).map(MigrationStep::Unnamed)
            }
            _ => self.rewrapped(found, target),
        }
    }

    fn fields(
        &mut self,
        found: &Fields,
        expected: &Fields,
        schema: usize,
    ) -> Option<Vec<FieldOrigin>> {
        let is_named = matches!(expected, Fields::Named(_));
        let found = found.all();
        let parts: Vec<_> = expected
            .all()
            .iter()
            .enumerate()
            .map(|(place, field)| {
                self.path.push(match is_named {
                    true => format!(".{}", field.name),
                    false => format!(".{place}"),
                });
                let source = match is_named {
                    true => source_of(field, found),
                    false => FieldSource::at(place, found),
                };
                let part = match (source, field.default) {
                    (FieldSource::One(number), _) => self
                        .step(found[number].node, (schema, field.node))
                        .map(|at| FieldOrigin::Field(number, at)),
                    (FieldSource::None, Some(default)) => Some(FieldOrigin::Default(default)),
                    (FieldSource::None, None) => self.missing_field(field, found, schema),
                    (FieldSource::Two(one, other), _) => {
                        self.ambiguous_field(field, [&found[one].name, &found[other].name], schema)
                    }
                };
                self.path.pop();
                part
            })
            .collect();
        parts.into_iter().collect()
    }

    fn variants(&mut self, found: &Enum, expected: &Enum, schema: usize) -> Option<MigrationStep> {
        let mut is_whole = true;
        let mut steps = Vec::new();
        for variant in &found.variants {
            // Several variants of the file may become the same one, since a value has
            // only one variant.
            let Some(number) = target_variant(variant, &expected.variants) else {
                // This is an error only in a file that has a value of this variant.
                steps.push(None);
                continue;
            };
            let other = &expected.variants[number];
            self.path.push(format!("::{}", printable(&variant.name)));
            let parts = match is_compatible(&variant.fields, &other.fields) {
                true => self.fields(&variant.fields, &other.fields, schema),
                false => {
                    let (found, expected) = (variant.fields.describe(), other.fields.describe());
                    self.difference(found, expected, String::new());
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

    /// Returns whether the file has exactly what the type writes, or wrote before std
    /// types had names in the format.
    fn is_exact(&self, found: Id, (schema, expected): Target) -> bool {
        let expected_schema = &self.expected[schema];
        let mut seen = HashSet::new();
        let mut waiting = vec![(found, expected)];
        while let Some((found, expected)) = waiting.pop() {
            if !seen.insert((found, expected)) {
                continue;
            }
            let (it, other) = (self.found.node(found), expected_schema.node(expected));
            if let (false, Node::Named(name, part)) = (matches!(it, Node::Named(..)), other)
                && is_std(name)
            {
                waiting.push((found, *part));
                continue;
            }
            if !it.matches_shallowly(other) {
                return false;
            }
            waiting.extend(it.parts().into_iter().zip(other.parts()));
        }
        true
    }
}

impl Node {
    /// Returns the number kind and encoding if the node is a single number.
    fn number(&self) -> Option<PlacedNumber> {
        let (kind, is_fixed) = match self {
            Node::Number(kind) => (*kind, false),
            Node::Fixed(kind) => (*kind, true),
            _ => return None,
        };
        Some(PlacedNumber { kind, is_fixed })
    }
}

fn is_compatible(found: &Fields, expected: &Fields) -> bool {
    matches!(
        (found, expected),
        (Fields::Unit, Fields::Unit)
            | (Fields::Named(_) | Fields::Unit, Fields::Named(_))
            | (Fields::Unnamed(_) | Fields::Unit, Fields::Unnamed(_))
            | (Fields::Named(_) | Fields::Unnamed(_), Fields::Unit)
    )
}

/// Returns whether arrays of these ranks can be the same array.
fn is_same_rank(found: Rank, expected: Rank) -> bool {
    match (found.count(), expected.count()) {
        (Some(found), Some(expected)) => found == expected,
        _ => true,
    }
}
