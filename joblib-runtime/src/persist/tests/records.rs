//! Arrays of records: their layout, validation, and the older encoding in caches.

use std::collections::LinkedList;

use super::forge::{ArraySegment, Forge};
use super::schema::field;
use super::{Place, dumped, read, refused, refused_for};
use crate::codec;
use crate::persist::embedded;
use crate::persist::number::NumberKind;
use crate::persist::record::RecordLayout;
use crate::persist::record::sample::Sample;
use crate::persist::schema::{Field, Fields, Node, Rank, Schema, Struct};
use crate::persist::traits::Save;
use crate::persist::{Load, Persist, inspect, open};

/// Two records: a flag, one byte of padding, two numbers, two bytes of padding, a
/// number.
const TWO: [u8; 24] = [
    1, 0, 2, 0, 3, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0xff, 0xff, 5, 0, 0, 0, 0, 1, 0, 0,
];

fn two() -> Vec<Sample> {
    let sample = |flag, at, id| Sample { flag, at, id };
    vec![sample(true, [2, 3], 4), sample(false, [0xffff, 5], 256)]
}

fn samples(count: usize) -> Vec<Sample> {
    (0..count).map(Sample::new).collect()
}

/// Returns a body with `count` records with rows of two values, after padding.
fn small(count: u8, records: &[u8]) -> Vec<u8> {
    [&[count, 2, 0, 0], records].concat()
}

#[track_caller]
fn no(small: &[u8]) -> String {
    let message = refused::<Vec<Sample>>(&Forge::of::<Vec<Sample>>(small).bytes());
    // It is not valid for another type either.
    let forged = Forge::of::<Vec<Sample>>(small).bytes();
    assert!(read::<LinkedList<Sample>>(&forged).is_err());
    message
}

fn encoded<T: Persist>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    embedded::encode(value, &mut bytes).unwrap();
    bytes
}

/// Returns a body as stored in the cache; `flags` are the highest bits.
fn cached(small: &[u8], flags: u64) -> Vec<u8> {
    let end = 8 + small.len() as u64;
    [&(end | flags << 61).to_le_bytes()[..], small].concat()
}

#[test]
fn records_lie_as_in_c() {
    let expected = small(2, &TWO);
    let file = Forge::of::<Vec<Sample>>(&expected).bytes();
    assert!(dumped(&two()) == file);
    assert_eq!(read::<Vec<Sample>>(&file).unwrap(), two());
    assert_eq!(encoded(&Vec::<Sample>::new()), cached(&[0, 2], 1));
    let pair = vec![[Sample::new(0), Sample::new(1)]; 3];
    assert_eq!(read::<Vec<[Sample; 2]>>(&dumped(&pair)).unwrap(), pair);
}

#[test]
fn long_arrays_of_records_are_segments() {
    // Up to 85 records are stored in the body.
    for count in [85, 86, 1000] {
        let values = samples(count);
        let place = Place::with(&dumped(&values));
        let inspection = inspect(&place.path).unwrap();
        let part = &inspection.parts[0];
        assert_eq!(part.what, "an array of the struct `Sample`");
        assert_eq!(
            (&part.shape[..], part.bytes),
            (&[count as u64][..], 12 * count as u64)
        );
        assert_eq!(part.checksum.is_some(), count > 85);
        assert_eq!(inspection.version, 4);
        let file = open::<Vec<Sample>>(&place.path).unwrap();
        let at: &[u16] = file.view()[count - 1].at;
        assert_eq!(at, values[count - 1].at);
        assert_eq!(format!("{:?}", file.view()), format!("{values:?}"));
    }
}

#[test]
fn records_that_are_damaged_are_refused() {
    let with = |at: usize, byte: u8| {
        let mut records = TWO;
        records[at] = byte;
        no(&small(2, &records))
    };
    assert!(with(0, 2).contains("bool"));
    for gap in [1, 6, 7, 13, 18, 19] {
        assert!(
            with(gap, 1).contains("non-zero padding in a record"),
            "{gap}"
        );
    }
    assert!(no(&small(3, &TWO)).contains("unexpected end"));
    assert!(no(&small(1, &TWO)).contains("extra bytes after the value"));
    for len in 0..28 {
        no(&small(2, &TWO)[..len]);
    }
    // Rows of another length, and invalid padding before the array.
    assert!(
        no(&[2, 1, 0, 0]).contains("field `[].at`: the file has rows of 1, rows of 2 was expected")
    );
    no(&[&[2, 2, 0, 1][..], &TWO].concat());
    refused::<Vec<Sample>>(&Forge::of::<Vec<Sample>>(&[0, 3]).bytes());
}

#[test]
fn damaged_records_in_segments_are_refused() {
    let good: Vec<u8> = TWO.iter().copied().cycle().take(2400).collect();
    let file = |kind: NumberKind, bytes: &[u8], count: u8| {
        let forged = Forge::of::<Vec<Sample>>(&[count | 0x80, 1, 2]);
        forged
            .segment(ArraySegment::plain(kind as u8, bytes))
            .bytes()
    };
    let read_back = read::<Vec<Sample>>(&file(NumberKind::U8, &good, 200 & 0x7f)).unwrap();
    assert_eq!((read_back.len(), read_back[199]), (200, two()[1]));
    for (at, byte) in [(2388, 7), (2389, 1), (0, 3)] {
        let mut bytes = good.clone();
        bytes[at] = byte;
        refused::<Vec<Sample>>(&file(NumberKind::U8, &bytes, 200 & 0x7f));
        assert!(read::<LinkedList<Sample>>(&file(NumberKind::U8, &bytes, 200 & 0x7f)).is_err());
    }
    // Another count, and another number kind.
    refused::<Vec<Sample>>(&file(NumberKind::U8, &good, 199 & 0x7f));
    refused::<Vec<Sample>>(&file(NumberKind::U8, &good, 201 & 0x7f));
    refused::<Vec<Sample>>(&file(NumberKind::U16, &good, 200 & 0x7f));
}

#[test]
fn more_records_than_there_can_be_are_refused() {
    let huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
    for count in [&huge[..], &[0xff, 0xff, 0xff, 0xff, 7], &[0xff, 0x7f]] {
        no(&[count, &[2]].concat());
        no(&[count, &[2, 0, 0, 0], &TWO].concat());
        let one_by_one = Forge::of::<LinkedList<Sample>>(count).bytes();
        refused::<Vec<Sample>>(&one_by_one);
    }
    // A row length that exceeds memory.
    no(&[&[1][..], &huge].concat());
}

#[test]
fn what_was_one_by_one_in_caches_of_before_is_read() {
    // With and without another field that uses an older encoding.
    let list: LinkedList<Sample> = two().into_iter().collect();
    let as_list = encoded(&list);
    assert_eq!(as_list[7], 0);
    let values: Vec<Sample> = embedded::decode(&as_list).unwrap();
    assert_eq!(values, two());
    let rows = (vec![[1_u8, 2]], list);
    let (first, values): (Vec<[u8; 2]>, Vec<Sample>) = embedded::decode(&encoded(&rows)).unwrap();
    assert_eq!((first, values), (vec![[1, 2]], two()));
    let nested: Vec<Vec<Sample>> = vec![samples(2); 3];
    let lists: Vec<LinkedList<Sample>> = vec![samples(2).into_iter().collect(); 3];
    assert_eq!(
        embedded::decode::<Vec<Vec<Sample>>>(&encoded(&lists)).unwrap(),
        nested
    );
    let pairs: Vec<[Sample; 2]> = embedded::decode(&encoded(&lists)).unwrap();
    assert!(
        pairs
            .iter()
            .zip(&nested)
            .all(|(one, other)| one[..] == other[..])
    );
}

#[test]
fn records_in_caches_say_so() {
    let bytes = encoded(&two());
    assert_eq!(bytes[7], 0x20);
    assert_eq!(embedded::decode::<Vec<Sample>>(&bytes).unwrap(), two());
    let mut without = bytes.clone();
    without[7] = 0;
    assert!(embedded::decode::<Vec<Sample>>(&without).is_err());
    let mut plain = encoded(&7_u8);
    plain[7] |= 0x20;
    assert!(embedded::decode::<u8>(&plain).is_err());
    let long = samples(2000);
    assert_eq!(
        embedded::decode::<Vec<Sample>>(&encoded(&long)).unwrap(),
        long
    );
}

fn structure(fields: Vec<Field>) -> Node {
    Node::Struct(Struct {
        name: "S".to_owned(),
        fields: Fields::Named(fields),
        older_types: Vec::new(),
    })
}

fn with_nodes(nodes: &[Node], small: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    codec::encode(&nodes.to_vec(), &mut bytes).unwrap();
    Forge::with_schema(bytes, small).bytes()
}

#[test]
fn records_of_more_than_numbers_are_refused() {
    let a = || vec![field("a", 2)];
    for nodes in [
        vec![Node::Records(0)],
        vec![Node::Records(1), Node::Number(NumberKind::U8)],
        vec![Node::Records(1), Node::Records(0)],
        vec![Node::Records(1), structure(a()), Node::Text],
        vec![
            Node::Records(1),
            structure(a()),
            Node::Option(3),
            Node::Unit,
        ],
        vec![Node::Records(1), structure(a()), Node::Seq(3), Node::Unit],
        vec![
            Node::Records(1),
            structure(a()),
            Node::Array(NumberKind::U8, Rank::Any),
        ],
        vec![
            Node::Records(1),
            structure(a()),
            Node::Array(NumberKind::U8, Rank::Fixed(0)),
        ],
        vec![
            Node::Records(1),
            structure(a()),
            Node::Array(NumberKind::U8, Rank::Fixed(u32::MAX)),
        ],
        // Recursive, directly and indirectly.
        vec![Node::Records(1), structure(vec![field("a", 1)])],
        vec![
            Node::Records(1),
            structure(a()),
            structure(vec![field("b", 1)]),
        ],
        vec![Node::Records(1), structure(a()), Node::Records(1)],
    ] {
        refused_for::<Vec<Sample>>(
            &with_nodes(&nodes, &[0, 0, 0]),
            "a record has fields that are not numbers",
        );
    }
}

#[test]
fn records_of_more_parts_than_there_may_be_are_refused_at_once() {
    // Each struct contains the next one twice.
    let mut nodes = vec![Node::Records(1)];
    for next in 2..40 {
        nodes.push(structure(vec![field("a", next), field("b", next)]));
    }
    nodes.push(Node::Number(NumberKind::U8));
    refused_for::<Vec<Sample>>(
        &with_nodes(&nodes, &[0]),
        "a record has fields that are not numbers",
    );
    // Nested more deeply than supported.
    let mut nodes = vec![Node::Records(1)];
    for next in 2..400 {
        nodes.push(structure(vec![field("a", next)]));
    }
    nodes.push(Node::Number(NumberKind::U8));
    refused::<Vec<Sample>>(&with_nodes(&nodes, &[0]));
}

#[test]
fn records_of_no_bytes_end() {
    let nodes = [
        Node::Records(1),
        structure(vec![field("a", 2)]),
        Node::Array(NumberKind::U8, Rank::Flat),
    ];
    let none = with_nodes(&nodes, &[0xff, 0xff, 0xff, 0xff, 7, 0]);
    assert!(refused::<LinkedList<Sample>>(&none).contains("lacks") || !none.is_empty());
    let place = Place::with(&none);
    let message = inspect(&place.path).unwrap_err().to_string();
    assert!(message.contains("records have a size of zero"), "{message}");
}

#[test]
fn a_type_knows_where_its_records_lie_as_in_memory() {
    #[derive(Clone, Copy)]
    #[repr(C)]
    struct Dense(u32, u16, u16);
    let fields = [
        (u32::RECORD, std::mem::offset_of!(Dense, 0)),
        (u16::RECORD, std::mem::offset_of!(Dense, 1)),
        (u16::RECORD, std::mem::offset_of!(Dense, 2)),
    ];
    let of = |size| RecordLayout::of(&fields, size);
    let dense = of(size_of::<Dense>()).unwrap();
    assert_eq!(dense.is_bare, cfg!(target_endian = "little"));
    assert!(dense.is_copied() == dense.is_bare);
    assert!(!of(16).unwrap().is_bare, "padding at the end of the value");
    let apart = [fields[1], fields[0]];
    assert!(
        !RecordLayout::of(&apart, 8).unwrap().is_bare,
        "another field order"
    );
    assert!(RecordLayout::of(&[], 0).is_none() && RecordLayout::of(&[(None, 0)], 8).is_none());
    // The compiler may reorder these fields.
    let sample = Sample::RECORD.unwrap();
    assert_eq!((sample.size, sample.align, sample.is_bare), (12, 4, false));
    assert!(String::RECORD.is_none() && <[String; 3]>::RECORD.is_none());
    assert!(<[std::num::NonZeroU8; 3]>::RECORD.is_none());
}

#[test]
fn limits_and_streams_hold_for_records() {
    let file = dumped(&samples(9000));
    let limited = Load::new()
        .limit_bytes(50_000)
        .read::<Vec<Sample>>(&file[..]);
    assert!(limited.is_err());
    let stream = [&file[..], &file[..]].concat();
    let mut input = &stream[..];
    for _ in 0..2 {
        let values: Option<Vec<Sample>> = Load::new().read_next(&mut input).unwrap();
        assert_eq!(values, Some(samples(9000)));
    }
    // The version is that of arrays of records.
    let schema = Schema::of::<Vec<Sample>>();
    assert_eq!(schema.version(), 4);
}
