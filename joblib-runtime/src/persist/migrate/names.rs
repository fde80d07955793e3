//! Which field or variant of a file is which of the type: by their own names
//! first, and then by aliases.

use crate::persist::schema::{Field, Variant};

/// Which field of a file one of the type is.
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

/// Which of the file's fields `field` is: the one of its name, or else the one
/// that an alias names.
pub(super) fn called(field: &Field, found: &[Field]) -> FieldSource {
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

/// The number of the variant that one of the file becomes: that of its name, or
/// else the one that has it for an alias.
pub(super) fn becomes(variant: &Variant, asked: &[Variant]) -> Option<usize> {
    let name = variant.name.as_str();
    let own = asked.iter().position(|it| it.name == name);
    own.or_else(|| asked.iter().position(|it| it.aliases.contains(&name)))
}
