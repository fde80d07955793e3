//! Builds the schema of a type. Each type that may be recursive is visited once.

use std::any::TypeId;
use std::collections::{HashMap, HashSet};

use super::{Enum, Fallback, Field, Fields, Id, Node, Rank, Schema, Struct, Variant};
use crate::persist::number::NumberKind;
use crate::persist::traits::Save;

/// Builds the schema of a type. Each method adds a node and returns its id.
#[derive(Debug, Default)]
pub struct SchemaBuilder {
    nodes: Vec<Node>,
    known: HashMap<TypeId, Id>,
    /// Transparent types that are currently being described inside a map.
    within: HashSet<TypeId>,
}

/// A field of a struct or a variant, as declared by its type.
#[derive(Clone, Copy, Debug)]
pub struct FieldDecl {
    /// The field name; empty in a tuple.
    pub name: &'static str,
    /// Adds the schema of the field.
    pub schema: fn(&mut SchemaBuilder) -> u32,
    /// Other names that files may use for the field.
    pub aliases: &'static [&'static str],
    /// Writes the default value if a file does not have the field.
    pub default: Option<Fallback>,
}

/// The fields of a struct or a variant.
#[derive(Clone, Copy, Debug)]
pub enum FieldsDecl<'a> {
    /// No fields and no parentheses.
    Unit,
    /// Fields that are identified by position.
    Unnamed(&'a [FieldDecl]),
    /// Fields that are identified by name.
    Named(&'a [FieldDecl]),
}

/// A variant of an enum, as declared by its type.
#[derive(Clone, Copy, Debug)]
pub struct VariantDecl<'a> {
    /// The variant name.
    pub name: &'static str,
    /// Other names that files may use for the variant.
    pub aliases: &'static [&'static str],
    /// The fields of the variant.
    pub shape: FieldsDecl<'a>,
}

/// The declaration of a struct or an enum, without its contents.
#[derive(Clone, Copy, Debug)]
pub struct TypeDecl<'a> {
    /// Identifies the type in this process.
    pub ty: TypeId,
    /// The type name.
    pub name: &'static str,
    /// Older types that are accepted in its place.
    pub older_types: &'a [fn() -> Schema],
}

impl Schema {
    /// Returns the schema of `T`.
    pub fn of<T: Save + ?Sized>() -> Schema {
        let mut schemas = SchemaBuilder::default();
        let root = T::schema(&mut schemas);
        debug_assert_eq!(root, Schema::ROOT);
        Schema {
            nodes: schemas.nodes,
        }
    }
}

impl SchemaBuilder {
    /// Adds a node. Its id is reserved before its child nodes are described, so that
    /// they can refer to it and the root is the first node.
    fn node(&mut self, describe: impl FnOnce(&mut SchemaBuilder) -> Node) -> Id {
        let id = self.nodes.len() as Id;
        self.nodes.push(Node::Unit);
        let node = describe(self);
        self.nodes[id as usize] = node;
        id
    }

    /// Adds a unit value, which has no bytes.
    pub fn unit(&mut self) -> u32 {
        self.node(|_| Node::Unit)
    }

    /// Adds a single number.
    pub fn number(&mut self, kind: NumberKind) -> u32 {
        self.node(|_| Node::Number(kind))
    }

    /// Adds a `char`.
    pub fn char(&mut self) -> u32 {
        self.node(|_| Node::Char)
    }

    /// Adds UTF-8 text.
    pub fn text(&mut self) -> u32 {
        self.node(|_| Node::Text)
    }

    /// Adds a path of the operating system.
    pub fn path(&mut self) -> u32 {
        self.node(|_| Node::Path)
    }

    /// Adds an optional value.
    pub fn option<T: Save>(&mut self) -> u32 {
        self.node(|schemas| Node::Option(T::schema(schemas)))
    }

    /// Adds a sequence of values.
    pub fn seq<T: Save>(&mut self) -> u32 {
        self.node(|schemas| Node::Seq(T::schema(schemas)))
    }

    /// Adds a single number with the same bytes as in an array.
    pub fn fixed(&mut self, kind: NumberKind) -> u32 {
        self.node(|_| Node::Fixed(kind))
    }

    /// Adds a set of values.
    pub fn set<T: Save>(&mut self) -> u32 {
        self.node(|schemas| match T::ORDER.is_of_keys() {
            true => Node::OrderedSet(T::schema_within(schemas)),
            false => Node::Set(T::schema(schemas)),
        })
    }

    /// Adds a map of values by key.
    pub fn map<K: Save, V: Save>(&mut self) -> u32 {
        self.node(|schemas| match K::ORDER.is_of_keys() {
            true => Node::OrderedMap(K::schema_within(schemas), V::schema_within(schemas)),
            false => Node::Map(K::schema(schemas), V::schema(schemas)),
        })
    }

    /// Adds a tuple.
    pub fn tuple(&mut self, parts: &[fn(&mut SchemaBuilder) -> u32]) -> u32 {
        self.node(|schemas| Node::Tuple(parts.iter().map(|part| part(schemas)).collect()))
    }

    /// Adds an array of records.
    pub fn records<T: Save>(&mut self) -> u32 {
        self.node(|schemas| Node::Records(T::schema(schemas)))
    }

    /// Adds a slice of numbers.
    pub fn array(&mut self, kind: NumberKind) -> u32 {
        self.node(|_| Node::Array(kind, Rank::Flat))
    }

    /// Adds an array of numbers with this number of dimensions, or any number if
    /// `None`.
    pub fn grid(&mut self, kind: NumberKind, dimensions: Option<usize>) -> u32 {
        let rank = dimensions.map_or(Rank::Any, |count| Rank::Fixed(count as u32));
        self.node(|_| Node::Array(kind, rank))
    }

    /// Adds a `Result`, encoded as an enum.
    pub fn result<T: Save, E: Save>(&mut self) -> u32 {
        self.node(|schemas| {
            let case = |name: &str, node| Variant {
                name: name.to_owned(),
                fields: Fields::Unnamed(vec![Field {
                    name: String::new(),
                    node,
                    aliases: &[],
                    default: None,
                }]),
                aliases: &[],
            };
            let (ok, err) = (T::schema(schemas), E::schema(schemas));
            Node::Enum(Enum {
                name: "Result".to_owned(),
                variants: vec![case("Ok", ok), case("Err", err)],
                older_types: Vec::new(),
            })
        })
    }

    /// Adds a type of std or of another crate that is encoded as a `T` but is a different
    /// type.
    pub fn named_type<T: Save>(&mut self, name: &str) -> u32 {
        self.named_by(name, T::schema)
    }

    /// As [`named_type`](SchemaBuilder::named_type), with the encoding that `describe` adds.
    pub fn named_by(&mut self, name: &str, describe: fn(&mut SchemaBuilder) -> u32) -> u32 {
        self.node(|schemas| Node::Named(name.to_owned(), describe(schemas)))
    }

    /// Adds a value that is encoded with serde.
    pub fn serde<T: ?Sized>(&mut self) -> u32 {
        self.node(|_| Node::Described(simple(std::any::type_name::<T>())))
    }

    /// Adds a struct.
    pub fn structure(&mut self, head: TypeDecl<'_>, shape: FieldsDecl<'_>) -> u32 {
        self.named(head, |schemas| {
            Node::Struct(Struct {
                name: head.name.to_owned(),
                fields: schemas.fields(shape),
                older_types: head.older_types.to_vec(),
            })
        })
    }

    /// Adds an enum.
    pub fn enumeration(&mut self, head: TypeDecl<'_>, cases: &[VariantDecl<'_>]) -> u32 {
        self.named(head, |schemas| {
            let variant = |case: &VariantDecl<'_>| Variant {
                name: case.name.to_owned(),
                fields: schemas.fields(case.shape),
                aliases: case.aliases,
            };
            Node::Enum(Enum {
                name: head.name.to_owned(),
                variants: cases.iter().map(variant).collect(),
                older_types: head.older_types.to_vec(),
            })
        })
    }

    /// Adds a value that the user's serde functions in the module `name` encode.
    pub fn with(&mut self, name: &str) -> u32 {
        self.node(|_| Node::Described(format!("with {name}")))
    }

    /// Adds a type that is encoded as its only field, which `describe` adds.
    pub fn transparent(&mut self, ty: TypeId, describe: fn(&mut SchemaBuilder) -> u32) -> u32 {
        if let Some(&id) = self.known.get(&ty) {
            return id;
        }
        // Inside itself, it refers to the node that is added next.
        self.known.insert(ty, self.nodes.len() as Id);
        let id = describe(self);
        self.known.insert(ty, id);
        id
    }

    /// Adds a type like [`transparent`](SchemaBuilder::transparent), inside a map with
    /// ordered keys. `whole` describes the type outside of such a map.
    pub fn transparent_within(
        &mut self,
        ty: TypeId,
        describe: fn(&mut SchemaBuilder) -> u32,
        whole: fn(&mut SchemaBuilder) -> u32,
    ) -> u32 {
        if !self.within.insert(ty) {
            return whole(self);
        }
        let id = describe(self);
        self.within.remove(&ty);
        id
    }

    fn named(
        &mut self,
        head: TypeDecl<'_>,
        describe: impl FnOnce(&mut SchemaBuilder) -> Node,
    ) -> Id {
        if let Some(&id) = self.known.get(&head.ty) {
            return id;
        }
        self.known.insert(head.ty, self.nodes.len() as Id);
        self.node(describe)
    }

    fn fields(&mut self, shape: FieldsDecl<'_>) -> Fields {
        let mut described = |parts: &[FieldDecl]| {
            let field = |part: &FieldDecl| Field {
                name: part.name.to_owned(),
                node: (part.schema)(self),
                aliases: part.aliases,
                default: part.default,
            };
            parts.iter().map(field).collect()
        };
        match shape {
            FieldsDecl::Unit => Fields::Unit,
            FieldsDecl::Unnamed(parts) => Fields::Unnamed(described(parts)),
            FieldsDecl::Named(parts) => Fields::Named(described(parts)),
        }
    }
}

/// Returns the type name that version 1 of the format uses: without the module paths of
/// the type and its parameters.
fn simple(name: &str) -> String {
    let mut simple = String::new();
    let mut segment = 0;
    for char in name.chars() {
        simple.push(char);
        if simple.ends_with("::") {
            simple.truncate(segment);
        } else if !char.is_alphanumeric() && char != '_' && char != ':' {
            segment = simple.len();
        }
    }
    simple
}

#[cfg(test)]
mod tests {
    use super::simple;

    #[test]
    fn modules_are_no_part_of_a_name() {
        let name = "alloc::vec::Vec<(u8, a::b::C<[core::option::Option<d::E_1>; 3]>)>";
        assert_eq!(simple(name), "Vec<(u8, C<[Option<E_1>; 3]>)>");
        assert_eq!(simple("f64"), "f64");
    }
}
