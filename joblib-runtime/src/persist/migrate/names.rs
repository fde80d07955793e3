//! Matches the fields and variants of a file with those of the requested type: by name
//! first, then by alias.

use crate::persist::schema::{Field, Variant};

/// The field or fields of a file that match one field of the type.
pub(super) enum FieldSource {
    None,
    One(usize),
    Two(usize, usize),
}

impl FieldSource {
    pub(super) fn at(place: usize, found: &[Field]) -> FieldSource {
        match place < found.len() {
            true => FieldSource::One(place),
            false => FieldSource::None,
        }
    }
}

/// Finds the field of the file that has the name of `field` or, if there is none, one
/// of its aliases.
pub(super) fn source_of(field: &Field, found: &[Field]) -> FieldSource {
    if let Some(own) = found.iter().position(|it| it.name == field.name) {
        return FieldSource::One(own);
    }
    let is_it = |it: &Field| field.aliases.contains(&it.name.as_str());
    let mut others = (0..found.len()).filter(|number| is_it(&found[*number]));
    match (others.next(), others.next()) {
        (Some(one), Some(other)) => FieldSource::Two(one, other),
        (Some(one), None) => FieldSource::One(one),
        (None, _) => FieldSource::None,
    }
}

/// Returns the number of the variant of the type that a variant of the file becomes:
/// the one with the same name or, if there is none, the one with that name as an alias.
pub(super) fn target_variant(variant: &Variant, expected: &[Variant]) -> Option<usize> {
    let name = variant.name.as_str();
    let own = expected.iter().position(|it| it.name == name);
    own.or_else(|| expected.iter().position(|it| it.aliases.contains(&name)))
}
