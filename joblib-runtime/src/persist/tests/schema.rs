//! Schemas of files that describe types that no Rust program has.

use std::any::TypeId;
use std::time::{Duration, Instant};

use super::encoding::List;
use super::forge::Forge;
use super::{Place, assert_contains, read, refused, refused_for};
use crate::codec;
use crate::persist::derive_support::{
    BodyReader, BodyWriter, FieldsDecl, SchemaBuilder, TypeDecl, Viewer,
};
use crate::persist::number::NumberKind;
use crate::persist::row::one_by_one;
use crate::persist::schema::{Enum, Field, Fields, Id, Node, Rank, Struct, Variant};
use crate::persist::{Dump, Error, MapMode, Persist, Save, inspect};

/// A struct without fields. Every struct can be read as this type, which skips all
/// fields.
#[derive(Debug, PartialEq)]
struct Nothing;

impl Save for Nothing {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        let head = TypeDecl {
            ty: TypeId::of::<Nothing>(),
            name: "Nothing",
            older_types: &[],
        };
        schemas.structure(head, FieldsDecl::Unit)
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        writer.enter()?;
        writer.leave();
        Ok(())
    }
}

impl Persist for Nothing {
    type View<'m, M: MapMode> = Nothing;
    one_by_one!();

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        reader.enter()?;
        reader.leave();
        Ok(Nothing)
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self, Error> {
        Self::load(viewer.reader())
    }
}

fn encoded(nodes: &[Node]) -> Vec<u8> {
    let mut bytes = Vec::new();
    codec::encode(&nodes.to_vec(), &mut bytes).unwrap();
    bytes
}

fn forged(nodes: &[Node], small: &[u8]) -> Vec<u8> {
    Forge::with_schema(encoded(nodes), small).bytes()
}

pub(super) fn field(name: &str, node: Id) -> Field {
    Field {
        name: name.to_owned(),
        node,
        aliases: &[],
        default: None,
    }
}

fn structure(name: &str, fields: Vec<Field>) -> Node {
    Node::Struct(Struct {
        name: name.to_owned(),
        fields: Fields::Named(fields),
        older_types: Vec::new(),
    })
}

/// Inspects a file with these nodes and asserts that it takes little time.
#[track_caller]
fn inspected(nodes: &[Node], small: &[u8]) -> Result<String, String> {
    let place = Place::with(&forged(nodes, small));
    let start = Instant::now();
    let inspected = inspect(&place.path);
    let took = start.elapsed();
    assert!(took < Duration::from_secs(20), "{took:?}");
    match inspected {
        Ok(inspection) => Ok(inspection.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn a_schema_without_nodes_is_refused() {
    refused_for::<u8>(&forged(&[], &[7]), "the schema is damaged: it is empty");
}

#[test]
fn a_node_that_is_not_there_is_refused() {
    for node in [
        Node::Option(1),
        Node::Seq(u32::MAX),
        Node::Set(1),
        Node::Records(1),
        Node::Map(0, 1),
        Node::Tuple(vec![0, 0, 7]),
        Node::Named("Range".to_owned(), 1),
        structure("S", vec![field("a", 1)]),
    ] {
        refused_for::<u8>(&forged(&[node], &[7]), "a node refers to a missing node");
    }
}

#[test]
fn a_node_of_no_known_kind_is_refused() {
    for schema in [
        &[1, 20, 0][..],
        &[1, 19],
        &[1, 19, 0],
        &[1, 18],
        &[1, 15],
        &[1, 15, 17],
        &[1, 16, 0],
        &[1, 17],
        &[1, 1, 17],
        &[1, 10, 0, 3],
        &[1, 200, 1],
    ] {
        let bytes = Forge::with_schema(schema.to_vec(), &[7]).bytes();
        refused_for::<u8>(&bytes, "the schema is damaged");
    }
}

#[test]
fn a_schema_that_counts_more_nodes_than_it_has_is_refused() {
    for schema in [&[2, 0][..], &[0xff, 0xff, 0xff, 0xff, 0x0f]] {
        let bytes = Forge::with_schema(schema.to_vec(), &[7]).bytes();
        refused_for::<u8>(&bytes, "the schema is damaged");
    }
}

#[test]
fn bytes_after_a_schema_are_refused() {
    let mut schema = encoded(&[Node::Unit]);
    schema.push(0);
    let bytes = Forge::with_schema(schema, &[7]).bytes();
    refused_for::<u8>(&bytes, "the schema is damaged");
}

#[test]
fn names_given_twice_are_refused() {
    let fields = vec![field("a", 1), field("a", 1)];
    refused_for::<u8>(
        &forged(&[structure("S", fields), Node::Unit], &[]),
        "duplicate name `a`",
    );
    let variant = || Variant {
        name: "V".to_owned(),
        fields: Fields::Unit,
        aliases: &[],
    };
    let it = Node::Enum(Enum {
        name: "E".to_owned(),
        variants: vec![variant(), variant()],
        older_types: Vec::new(),
    });
    refused_for::<u8>(&forged(&[it], &[0]), "duplicate name `V`");
}

#[test]
fn a_place_with_a_name_is_refused() {
    let it = Node::Struct(Struct {
        name: "S".to_owned(),
        fields: Fields::Unnamed(vec![field("a", 1)]),
        older_types: Vec::new(),
    });
    refused_for::<u8>(&forged(&[it, Node::Unit], &[]), "has a name");
}

#[test]
fn an_enum_without_variants_has_no_values() {
    let it = Node::Enum(Enum {
        name: "Never".to_owned(),
        variants: Vec::new(),
        older_types: Vec::new(),
    });
    let error = inspected(&[it], &[0]).unwrap_err();
    assert!(error.contains("invalid variant index 0"), "{error}");
}

/// Asserts that types are rejected by [`inspect`] and when they are skipped as unused
/// fields.
#[track_caller]
fn assert_refused_when_skipped(nodes: &[Node], small: &[u8]) -> String {
    let error = inspected(nodes, small).unwrap_err();
    // The same nodes, with ids shifted by one, as a field that is not needed.
    let shift = |id: &Id| id + 1;
    let mut outer = vec![structure("Outer", vec![field("passed", 1)])];
    outer.extend(nodes.iter().map(|node| match node {
        Node::Option(id) => Node::Option(shift(id)),
        Node::Seq(id) => Node::Seq(shift(id)),
        Node::Map(key, value) => Node::Map(shift(key), shift(value)),
        Node::Tuple(parts) => Node::Tuple(parts.iter().map(shift).collect()),
        Node::Named(name, id) => Node::Named(name.clone(), shift(id)),
        node => node.clone(),
    }));
    let start = Instant::now();
    assert!(read::<Nothing>(&forged(&outer, small)).is_err());
    let took = start.elapsed();
    assert!(took < Duration::from_secs(20), "{took:?}");
    error
}

#[test]
fn what_is_passed_over_is_passed_over() {
    let nodes = [
        structure("S", vec![field("a", 1)]),
        Node::Option(2),
        Node::Text,
    ];
    assert_eq!(
        read::<Nothing>(&forged(&nodes, &[1, 2, b'a', b'b'])).unwrap(),
        Nothing
    );
}

#[test]
fn a_type_within_itself_that_takes_no_bytes_is_refused() {
    assert_refused_when_skipped(&[Node::Tuple(vec![0])], &[]);
    assert_refused_when_skipped(&[Node::Tuple(vec![0, 0])], &[]);
    assert_refused_when_skipped(&[Node::Tuple(vec![1]), Node::Tuple(vec![0])], &[0; 1000]);
    assert_refused_when_skipped(&[Node::Named("Range".to_owned(), 0)], &[]);
}

#[test]
fn a_million_options_within_one_another_are_refused() {
    let error = assert_refused_when_skipped(&[Node::Option(0)], &[1; 1_000_000]);
    assert!(error.contains("unexpected end"), "{error}");
}

#[test]
fn a_million_sequences_within_one_another_are_refused() {
    let error = assert_refused_when_skipped(&[Node::Seq(0)], &[1; 1_000_000]);
    assert!(error.contains("nested deeper"), "{error}");
}

#[test]
fn a_million_maps_within_one_another_are_refused() {
    assert_refused_when_skipped(&[Node::Map(0, 0)], &[1; 1_000_000]);
}

#[test]
fn tuples_of_nothing_that_double_thirty_times_are_refused() {
    let mut nodes: Vec<Node> = (1..40).map(|next| Node::Tuple(vec![next, next])).collect();
    nodes.push(Node::Unit);
    let error = assert_refused_when_skipped(&nodes, &[]);
    assert!(error.contains("too many nodes"), "{error}");
}

#[test]
fn a_sequence_of_tuples_of_nothing_that_double_is_refused() {
    let mut nodes = vec![Node::Seq(1)];
    nodes.extend((2..40).map(|next| Node::Tuple(vec![next, next])));
    nodes.push(Node::Unit);
    let mut small = vec![100];
    small.extend([0; 100]);
    assert_refused_when_skipped(&nodes, &small);
}

#[test]
fn a_message_about_a_type_of_many_parts_is_short() {
    let wide = Node::Tuple(vec![0; 20_000]);
    let error = read::<u8>(&forged(std::slice::from_ref(&wide), &[]))
        .unwrap_err()
        .to_string();
    assert!(error.len() < 2000, "{}", error.len());
    inspected(&[wide], &[]).unwrap_err();
}

#[test]
fn names_in_messages_are_shortened_and_without_control_characters() {
    let name = format!("\u{1b}[2J\u{202e}{}", "n".repeat(500_000));
    let fields = vec![field(&name, 1)];
    let nodes = [structure(&name, fields), Node::Number(NumberKind::U8)];
    let description = inspected(&nodes, &[7]).unwrap();
    assert!(description.len() < 2000, "{}", description.len());
    assert_contains(&description, "\\u{1b}[2J\\u{202e}nnn");
    let error = read::<List>(&forged(&nodes, &[7])).unwrap_err().to_string();
    assert!(error.len() < 2000 && !error.contains('\u{1b}'), "{error}");
}

#[test]
fn a_message_about_structs_with_a_long_name_is_written_quickly() {
    let name = "n".repeat(900_000);
    let nodes = [
        Node::Seq(1),
        structure("S", vec![field(&name, 2)]),
        Node::Number(NumberKind::U8),
    ];
    let mut small = vec![0xc0, 0x84, 0x3d];
    small.extend(vec![7; 1_000_000]);
    inspected(&nodes, &small).unwrap();
}

#[test]
fn a_type_nested_deeper_than_any_is_refused_where_it_is_compared() {
    // Each struct is like the requested list and contains the next one.
    let mut nodes = Vec::new();
    for at in (0..20_000).step_by(2) {
        nodes.push(structure("List", vec![field("next", at + 1)]));
        nodes.push(Node::Option(at + 2));
    }
    nodes.push(structure("List", Vec::new()));
    refused_for::<List>(&forged(&nodes, &[0]), "nested deeper");
}

#[test]
fn more_types_than_can_be_compared_are_refused_in_a_moment() {
    let fields = |next: Id| vec![field("next", next), field("x", next), field("y", next)];
    let mut nodes: Vec<Node> = (0..30_000)
        .map(|at| structure("List", fields((at * 7 + 1) % 30_000)))
        .collect();
    nodes.push(Node::Unit);
    refused::<List>(&forged(&nodes, &[0]));
}

#[test]
fn a_schema_longer_than_can_be_read_is_not_written() {
    struct Long;
    impl Save for Long {
        fn schema(schemas: &mut SchemaBuilder) -> u32 {
            let head = TypeDecl {
                ty: TypeId::of::<Long>(),
                name: Box::leak("n".repeat(2 << 20).into_boxed_str()),
                older_types: &[],
            };
            schemas.structure(head, FieldsDecl::Unit)
        }

        fn save<'v>(&'v self, _: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
            Ok(())
        }
    }
    let written = Dump::new().write(Vec::new(), &Long);
    let message = written.unwrap_err().to_string();
    assert_contains(&message, "at most 1048576 are supported");
}

#[test]
fn an_array_of_any_rank_is_not_taken_for_a_slice() {
    let nodes = [Node::Array(NumberKind::F64, Rank::Any)];
    refused_for::<Vec<f64>>(
        &forged(&nodes, &[2, 1, 1, 0, 0, 0, 0, 0]),
        "1 were expected",
    );
}
