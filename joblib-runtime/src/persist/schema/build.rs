//! Takes the schema of a type, visiting each type that may contain itself
//! once.

use std::any::TypeId;
use std::collections::{HashMap, HashSet};

use super::{Enum, Fallback, Field, Fields, Id, Node, Rank, Schema, Struct, Variant};
use crate::persist::number::NumberKind;
use crate::persist::traits::Save;

/// The schema of a type, being taken. Each method gives the node it added.
#[derive(Debug, Default)]
pub struct SchemaBuilder {
    nodes: Vec<Node>,
    known: HashMap<TypeId, Id>,
    /// Transparent types that are being described within a map.
    within: HashSet<TypeId>,
}

/// A field of a struct or a variant, as its type declares it.
#[derive(Clone, Copy, Debug)]
pub struct FieldDecl {
    /// Its name; empty in a tuple.
    pub name: &'static str,
    /// Its schema.
    pub schema: fn(&mut SchemaBuilder) -> u32,
    /// Other names that files may have for it.
    pub aliases: &'static [&'static str],
    /// Its value where a file has none.
    pub default: Option<Fallback>,
}

/// The fields of a struct or a variant.
#[derive(Clone, Copy, Debug)]
pub enum FieldsDecl<'a> {
    /// None, and no parentheses.
    Unit,
    /// By their places.
    Unnamed(&'a [FieldDecl]),
    /// By their names.
    Named(&'a [FieldDecl]),
}

/// A variant of an enum, as its type declares it.
#[derive(Clone, Copy, Debug)]
pub struct VariantDecl<'a> {
    /// Its name.
    pub name: &'static str,
    /// Other names that files may have for it.
    pub aliases: &'static [&'static str],
    /// Its fields.
    pub shape: FieldsDecl<'a>,
}

/// A struct or an enum by itself.
#[derive(Clone, Copy, Debug)]
pub struct TypeDecl<'a> {
    /// What tells it from other types in this process.
    pub ty: TypeId,
    /// Its name.
    pub name: &'static str,
    /// Older types that are read in its place.
    pub olds: &'a [fn() -> Schema],
}

impl Schema {
    /// The schema of `T`.
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
    /// A node whose parts are described after it has its place, so that they
    /// may name it and the first node is the type itself.
    fn node(&mut self, describe: impl FnOnce(&mut SchemaBuilder) -> Node) -> Id {
        let id = self.nodes.len() as Id;
        self.nodes.push(Node::Unit);
        let node = describe(self);
        self.nodes[id as usize] = node;
        id
    }

    /// No bytes.
    pub fn unit(&mut self) -> u32 {
        self.node(|_| Node::Unit)
    }

    /// A number by itself.
    pub fn number(&mut self, kind: NumberKind) -> u32 {
        self.node(|_| Node::Number(kind))
    }

    /// A `char`.
    pub fn char(&mut self) -> u32 {
        self.node(|_| Node::Char)
    }

    /// UTF-8.
    pub fn text(&mut self) -> u32 {
        self.node(|_| Node::Text)
    }

    /// A path of the system's.
    pub fn path(&mut self) -> u32 {
        self.node(|_| Node::Path)
    }

    /// One or none.
    pub fn option<T: Save>(&mut self) -> u32 {
        self.node(|schemas| Node::Option(T::schema(schemas)))
    }

    /// Many, in order.
    pub fn seq<T: Save>(&mut self) -> u32 {
        self.node(|schemas| Node::Seq(T::schema(schemas)))
    }

    /// A number by itself, as its bytes in an array are.
    pub fn fixed(&mut self, kind: NumberKind) -> u32 {
        self.node(|_| Node::Fixed(kind))
    }

    /// Many, without order.
    pub fn set<T: Save>(&mut self) -> u32 {
        self.node(|schemas| match T::ORDER.is_of_keys() {
            true => Node::OrderedSet(T::schema_within(schemas)),
            false => Node::Set(T::schema(schemas)),
        })
    }

    /// Many by their keys.
    pub fn map<K: Save, V: Save>(&mut self) -> u32 {
        self.node(|schemas| match K::ORDER.is_of_keys() {
            true => Node::OrderedMap(K::schema_within(schemas), V::schema_within(schemas)),
            false => Node::Map(K::schema(schemas), V::schema(schemas)),
        })
    }

    /// Several, one after another.
    pub fn tuple(&mut self, parts: &[fn(&mut SchemaBuilder) -> u32]) -> u32 {
        self.node(|schemas| Node::Tuple(parts.iter().map(|part| part(schemas)).collect()))
    }

    /// Many in an array of records.
    pub fn records<T: Save>(&mut self) -> u32 {
        self.node(|schemas| Node::Records(T::schema(schemas)))
    }

    /// Numbers in a slice.
    pub fn array(&mut self, kind: NumberKind) -> u32 {
        self.node(|_| Node::Array(kind, Rank::Flat))
    }

    /// Numbers in so many dimensions, or in any number of them.
    pub fn grid(&mut self, kind: NumberKind, dimensions: Option<usize>) -> u32 {
        let rank = dimensions.map_or(Rank::Any, |count| Rank::Fixed(count as u32));
        self.node(|_| Node::Array(kind, rank))
    }

    /// A `Result`, which is an enum with other variants.
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
                olds: Vec::new(),
            })
        })
    }

    /// A type of std that is written as a `T` and is none.
    pub fn std_type<T: Save>(&mut self, name: &str) -> u32 {
        self.node(|schemas| Node::Named(name.to_owned(), T::schema(schemas)))
    }

    /// What serde describes.
    pub fn serde<T: ?Sized>(&mut self) -> u32 {
        self.node(|_| Node::Described(simple(std::any::type_name::<T>())))
    }

    /// A struct.
    pub fn structure(&mut self, head: TypeDecl<'_>, shape: FieldsDecl<'_>) -> u32 {
        self.named(head, |schemas| {
            Node::Struct(Struct {
                name: head.name.to_owned(),
                fields: schemas.fields(shape),
                olds: head.olds.to_vec(),
            })
        })
    }

    /// An enum.
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
                olds: head.olds.to_vec(),
            })
        })
    }

    /// What functions of the user's describe to serde, in the module `name`.
    pub fn with(&mut self, name: &str) -> u32 {
        self.node(|_| Node::Described(format!("with {name}")))
    }

    /// What is written as its only field, of which `describe` adds the type.
    pub fn transparent(&mut self, ty: TypeId, describe: fn(&mut SchemaBuilder) -> u32) -> u32 {
        if let Some(&id) = self.known.get(&ty) {
            return id;
        }
        // Within itself, it is the node that comes next.
        self.known.insert(ty, self.nodes.len() as Id);
        let id = describe(self);
        self.known.insert(ty, id);
        id
    }

    /// As [`transparent`](SchemaBuilder::transparent), of one that stands in a map with
    /// keys in their order; `whole` describes it where it stands elsewhere.
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

/// What files of version 1 know a type by: its name without the modules it and
/// its parts are in.
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
