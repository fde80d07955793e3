//! Differences that keep a file from becoming the type that is asked for, in
//! words.

use super::*;

impl MigrationPlanner<'_> {
    pub(super) fn differ(&mut self, found: Id, (schema, asked): Target) -> Option<MigrationStep> {
        let has = self.found.describe(found);
        let wants = self.asked[schema].describe(asked);
        let is_narrower = match (self.found.node(found), self.asked[schema].node(asked)) {
            (Node::Number(from) | Node::Fixed(from), Node::Number(into) | Node::Fixed(into))
            | (Node::Array(from, _), Node::Array(into, _)) => widen::fits(*into, *from),
            _ => false,
        };
        let by_place = matches!(
            (self.found.node(found), self.asked[schema].node(asked)),
            (Node::Serde(_), Node::Described(_))
        );
        let is_named = matches!(
            (self.found.node(found), self.asked[schema].node(asked)),
            (Node::Named(..), _) | (_, Node::Named(..))
        );
        let hint = match (is_narrower, by_place) {
            _ if is_named => {
                "they mean different things, however they are written; `#[persist(from = …)]` on \
                 a struct with the one goes on from a struct with the other"
            }
            (true, _) => "numbers are made wider and never narrower",
            (_, true) => {
                "version 1 of the format has no names of fields there, so that only the type of \
                 that name reads it; `#[persist(from = …)]` goes on from there"
            }
            _ => "",
        };
        self.difference(has, wants, hint.to_owned());
        None
    }

    /// Two fields of the file are called what aliases of `field` say.
    pub(super) fn is_ambiguous(
        &mut self,
        field: &Field,
        names: [&str; 2],
        schema: usize,
    ) -> Option<FieldOrigin> {
        let [one, other] = names.map(shown);
        let has = format!("both `{one}` and `{other}`");
        let asked = self.asked[schema].describe(field.node);
        let name = &field.name;
        let hint = format!(
            "both are aliases of `{name}`, and nothing tells which one it is; leave one alias out"
        );
        self.difference(has, asked, hint);
        None
    }

    pub(super) fn lacks(
        &mut self,
        field: &Field,
        found: &[Field],
        schema: usize,
    ) -> Option<FieldOrigin> {
        let names = found.iter().take(NAMES);
        let mut names: Vec<_> = names.map(|it| format!("`{}`", shown(&it.name))).collect();
        if found.len() > NAMES {
            names.push(format!("{} more", found.len() - NAMES));
        }
        let has = match (found.is_empty(), field.name.is_empty()) {
            (true, _) => "no fields".to_owned(),
            (_, true) => format!("{} fields", found.len()),
            _ => format!("no such field, but {}", names.join(", ")),
        };
        let asked = self.asked[schema].describe(field.node);
        let hint = "`#[persist(default)]` fills it in, `#[persist(alias = \"…\")]` \
                    says what else it is called";
        self.difference(has, asked, hint.to_owned());
        None
    }

    /// The path to where it is.
    pub(super) fn field(&self) -> String {
        let field = self.path.concat();
        field.strip_prefix('.').unwrap_or(&field).to_owned()
    }

    pub(super) fn difference(&mut self, found: String, asked: String, hint: String) {
        self.differences.push(Difference {
            field: self.field(),
            found,
            asked,
            hint,
        });
    }
}
