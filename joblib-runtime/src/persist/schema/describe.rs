//! Describes nodes for people. The text is short, whatever the file contains.

use super::{Fields, Id, Node, Rank, Schema};

/// The maximum depth of nested types in a description.
const DEPTH: usize = 3;

/// No further types are described after this many bytes.
const LONG: usize = 200;

/// The maximum number of characters shown of a name.
const NAME: usize = 60;

/// Returns a name from a file in a form that is safe to print: truncated if it is long,
/// and with control characters escaped.
pub(in crate::persist) fn printable(name: &str) -> String {
    let mut shown = String::new();
    for char in name.chars().take(NAME) {
        match char {
            '\'' | '"' | '\\' => shown.push(char),
            _ => shown.extend(char.escape_debug()),
        }
    }
    if name.chars().nth(NAME).is_some() {
        shown.push('…');
    }
    shown
}

/// Returns whether the named type is of std. The name of any other is a path.
pub(in crate::persist) fn is_std(name: &str) -> bool {
    !name.contains("::")
}

impl Schema {
    /// Describes the node at `id`, similar to a Rust type.
    pub(in crate::persist) fn describe(&self, id: Id) -> String {
        let mut out = String::new();
        self.describe_node(id, DEPTH, &mut out);
        out
    }

    fn describe_node(&self, id: Id, depth: usize, out: &mut String) {
        let deeper = match depth.checked_sub(1) {
            Some(deeper) if out.len() < LONG => deeper,
            _ => return out.push('…'),
        };
        match self.node(id) {
            Node::Unit => out.push_str("()"),
            Node::Number(kind) | Node::Fixed(kind) => out.push_str(kind.name()),
            Node::Char => out.push_str("char"),
            Node::Text => out.push_str("text"),
            Node::Path => out.push_str("a path"),
            Node::Option(some) => self.all(out, deeper, "Option<", &[*some], "", ">"),
            Node::Seq(item) => self.all(out, deeper, "a sequence of ", &[*item], "", ""),
            Node::Set(item) | Node::OrderedSet(item) => {
                self.all(out, deeper, "a set of ", &[*item], "", "")
            }
            Node::Map(key, value) | Node::OrderedMap(key, value) => {
                self.all(out, deeper, "a map from ", &[*key, *value], " to ", "");
            }
            Node::Tuple(parts) => self.all(out, deeper, "(", parts, ", ", ")"),
            Node::Array(kind, rank) => {
                out.push_str("an array of ");
                out.push_str(kind.name());
                match rank {
                    Rank::Flat => {}
                    Rank::Fixed(1) => out.push_str(" with 1 dimension"),
                    Rank::Fixed(count) => out.push_str(&format!(" with {count} dimensions")),
                    Rank::Any => out.push_str(" with any number of dimensions"),
                }
            }
            Node::Records(item) => self.all(out, deeper, "an array of ", &[*item], "", ""),
            Node::Named(name, _) => {
                out.push_str(if is_std(name) { "std's `" } else { "`" });
                out.push_str(&printable(name));
                out.push('`');
            }
            Node::Struct(it) => out.push_str(&format!("the struct `{}`", printable(&it.name))),
            Node::Enum(it) => out.push_str(&format!("the enum `{}`", printable(&it.name))),
            Node::Described(name) if name.is_empty() => out.push_str("a serde value"),
            Node::Serde(name) | Node::Described(name) => {
                out.push_str(&format!("the serde type `{}`", printable(name)));
            }
        }
    }

    /// Appends several nodes, with text around and between them.
    fn all(
        &self,
        out: &mut String,
        depth: usize,
        before: &str,
        parts: &[Id],
        between: &str,
        after: &str,
    ) {
        out.push_str(before);
        for (place, part) in parts.iter().enumerate() {
            if place > 0 {
                out.push_str(between);
            }
            self.describe_node(*part, depth, out);
            if out.len() >= LONG && place + 1 < parts.len() {
                out.push('…');
                break;
            }
        }
        out.push_str(after);
    }
}

impl Fields {
    /// Describes the kind of fields.
    pub(in crate::persist) fn describe(&self) -> String {
        match self {
            Fields::Unit => "no fields".to_owned(),
            Fields::Unnamed(fields) => format!("{} unnamed fields", fields.len()),
            Fields::Named(_) => "named fields".to_owned(),
        }
    }
}
