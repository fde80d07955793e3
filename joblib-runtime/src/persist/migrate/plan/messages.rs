//! Describes the differences that prevent a file from becoming the requested type.

use super::*;

impl MigrationPlanner<'_> {
    pub(super) fn mismatch(
        &mut self,
        found: Id,
        (schema, expected): Target,
    ) -> Option<MigrationStep> {
        let has = self.found.describe(found);
        let wants = self.expected[schema].describe(expected);
        let is_narrower = match (self.found.node(found), self.expected[schema].node(expected)) {
            (Node::Number(from) | Node::Fixed(from), Node::Number(into) | Node::Fixed(into))
            | (Node::Array(from, _), Node::Array(into, _)) => widen::fits(*into, *from),
            _ => false,
        };
        let by_place = matches!(
            (self.found.node(found), self.expected[schema].node(expected)),
            (Node::Serde(_), Node::Described(_))
        );
        let is_named = matches!(
            (self.found.node(found), self.expected[schema].node(expected)),
            (Node::Named(..), _) | (_, Node::Named(..))
        );
        let hint = match (is_narrower, by_place) {
            _ if is_named => {
                "the types have different meanings even if they are encoded alike; \
                 `#[persist(from = …)]` on a struct converts from a struct with the other type"
            }
            (true, _) => "numbers can be widened but not narrowed",
            (_, true) => {
                "version 1 of the format stores no field names for this value, so only the type \
                 with that name can read it; `#[persist(from = …)]` converts from that type"
            }
            _ => "",
        };
        self.difference(has, wants, hint.to_owned());
        None
    }

    /// Reports that two fields of the file match aliases of `field`.
    pub(super) fn ambiguous_field(
        &mut self,
        field: &Field,
        names: [&str; 2],
        schema: usize,
    ) -> Option<FieldOrigin> {
        let [one, other] = names.map(printable);
        let has = format!("both `{one}` and `{other}`");
        let expected = self.expected[schema].describe(field.node);
        let name = &field.name;
        let hint = format!("both are aliases of `{name}`, which is ambiguous; remove one alias");
        self.difference(has, expected, hint);
        None
    }

    pub(super) fn missing_field(
        &mut self,
        field: &Field,
        found: &[Field],
        schema: usize,
    ) -> Option<FieldOrigin> {
        let names = found.iter().take(NAMES);
        let mut names: Vec<_> = names
            .map(|it| format!("`{}`", printable(&it.name)))
            .collect();
        if found.len() > NAMES {
            names.push(format!("{} more", found.len() - NAMES));
        }
        let has = match (found.is_empty(), field.name.is_empty()) {
            (true, _) => "no fields".to_owned(),
            (_, true) => format!("{} fields", found.len()),
            _ => format!("no such field, but {}", names.join(", ")),
        };
        let expected = self.expected[schema].describe(field.node);
        let hint = "`#[persist(default)]` supplies a value, `#[persist(alias = \"…\")]` adds \
                    another name";
        self.difference(has, expected, hint.to_owned());
        None
    }

    /// Returns the path of the current field.
    pub(super) fn field(&self) -> String {
        let field = self.path.concat();
        field.strip_prefix('.').unwrap_or(&field).to_owned()
    }

    pub(super) fn difference(&mut self, found: String, expected: String, hint: String) {
        self.differences.push(Difference {
            field: self.field(),
            found,
            asked: expected,
            hint,
        });
    }
}
