//! Encoded bodies: every encoding except the canonical one is rejected.

use std::any::TypeId;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, LinkedList, VecDeque};
use std::num::NonZeroU8;
use std::time::{Duration, SystemTime};

use super::forge::Forge;
use super::{Place, body_refused, body_refused_for, dumped, read, refused, refused_for};
use crate::persist::derive_support::{
    BodyReader, BodyWriter, FieldDecl, FieldsDecl, SchemaBuilder, TypeDecl, Viewer,
};
use crate::persist::row::one_by_one;
use crate::persist::{Dump, Error, ErrorKind, MapMode, Persist, Save};

/// A recursive type.
#[derive(Debug, PartialEq)]
pub(super) struct List {
    pub(super) next: Option<Box<List>>,
}

impl List {
    pub(super) fn of(depth: usize) -> List {
        let next = (1..depth).fold(None, |next, _| Some(Box::new(List { next })));
        List { next }
    }
}

impl Save for List {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        let head = TypeDecl {
            ty: TypeId::of::<List>(),
            name: "List",
            older_types: &[],
        };
        let next = FieldDecl {
            name: "next",
            schema: Option::<Box<List>>::schema,
            aliases: &[],
            default: None,
        };
        schemas.structure(head, FieldsDecl::Named(&[next]))
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        writer.enter()?;
        self.next.save(writer)?;
        writer.leave();
        Ok(())
    }
}

impl Persist for List {
    type View<'m, M: MapMode> = List;
    one_by_one!();

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        reader.enter()?;
        let next = Option::load(reader)?;
        reader.leave();
        Ok(List { next })
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self, Error> {
        Self::load(viewer.reader())
    }
}

/// 2^63 and 2^64 - 1.
const HUGE: [[u8; 10]; 2] = [
    [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1],
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
];

#[test]
fn a_varint_of_more_than_ten_bytes_is_refused() {
    let mut small = vec![0xff; 10];
    small.push(1);
    body_refused::<u64>(&small);
    body_refused::<i64>(&small);
    let mut small = vec![0xff; 19];
    small.push(1);
    body_refused::<u128>(&small);
}

#[test]
fn a_varint_of_more_bits_than_64_is_refused() {
    let mut small = vec![0xff; 9];
    small.push(2);
    body_refused::<u64>(&small);
}

#[test]
fn a_varint_in_a_longer_form_is_refused() {
    body_refused::<u64>(&[0x87, 0]);
    body_refused::<u64>(&[0x80, 0x80, 0]);
    body_refused::<i32>(&[0x80, 0]);
    body_refused::<u128>(&[0x87, 0]);
    body_refused::<Vec<String>>(&[0x80, 0]);
}

#[test]
fn a_varint_that_does_not_end_is_refused() {
    body_refused::<u64>(&[0x80]);
    body_refused::<u64>(&[]);
}

#[test]
fn numbers_that_a_type_does_not_have_are_refused() {
    body_refused_for::<u16>(&[0x80, 0x80, 4], "65536 is out of range for u16");
    body_refused_for::<i16>(&[0x80, 0x80, 4], "32768 is out of range for i16");
    body_refused_for::<u32>(&[0x80, 0x80, 0x80, 0x80, 0x10], "is out of range for u32");
    body_refused_for::<NonZeroU8>(&[0], "the file has 0, a `NonZeroU8` was expected");
    body_refused_for::<Duration>(&[0, 0x80, 0x94, 0xeb, 0xdc, 3], "nanoseconds");
    let far = [&[0xff_u8; 9][..], &[1, 0]].concat();
    body_refused::<(SystemTime, u8)>(&far);
}

#[test]
fn a_byte_after_the_value_is_refused() {
    body_refused_for::<u8>(&[7, 0], "1 extra bytes after the value");
    body_refused_for::<()>(&[0], "1 extra bytes after the value");
    body_refused_for::<String>(&[1, b'a', b'b'], "1 extra bytes after the value");
    body_refused_for::<Vec<u8>>(&[1, 1, 1], "1 extra bytes after the value");
}

#[test]
fn a_length_of_one_more_than_there_is_is_refused() {
    body_refused_for::<String>(&[2, b'a'], "unexpected end");
    body_refused::<Vec<String>>(&[2, 0]);
    body_refused::<Vec<u8>>(&[2, 1]);
    body_refused::<Vec<()>>(&[2, 0]);
    body_refused::<BTreeMap<u8, u8>>(&[2, 1, 1]);
    body_refused::<HashSet<u8>>(&[2, 1]);
}

#[test]
fn lengths_beyond_memory_are_refused() {
    for small in HUGE {
        body_refused::<String>(&small);
        body_refused::<Vec<String>>(&small);
        body_refused::<Vec<u8>>(&small);
        body_refused::<Vec<u128>>(&small);
        body_refused::<VecDeque<bool>>(&small);
        body_refused::<LinkedList<u8>>(&small);
        body_refused::<HashMap<String, u8>>(&small);
        body_refused::<BTreeMap<u8, String>>(&small);
        body_refused::<HashSet<u64>>(&small);
        body_refused::<BTreeSet<u64>>(&small);
        body_refused::<[u64; 4]>(&small);
        body_refused::<Box<str>>(&small);
    }
}

#[test]
fn as_many_nothings_as_can_be_counted_are_refused() {
    for small in HUGE {
        body_refused_for::<Vec<()>>(&small, "unexpected end");
        body_refused::<Vec<[(); 0]>>(&small);
    }
}

#[test]
fn what_stands_for_nothing_is_zero() {
    assert_eq!(
        read::<Vec<()>>(&Forge::of::<Vec<()>>(&[2, 0, 0]).bytes()).unwrap(),
        [(), ()]
    );
    body_refused_for::<Vec<()>>(&[2, 0, 1], "non-zero filler byte for an empty element");
}

#[test]
fn an_option_of_two_is_refused() {
    body_refused_for::<Option<u8>>(&[2, 1], "invalid bool byte 0x02");
    body_refused::<Option<()>>(&[255]);
}

#[test]
fn a_variant_that_does_not_exist_is_refused() {
    body_refused_for::<Result<u8, u8>>(&[2, 1], "invalid variant index 2");
    body_refused::<Result<u8, u8>>(&HUGE[1]);
}

#[test]
fn a_map_with_a_key_twice_is_refused() {
    let small = [2, 1, 0, 1, 0];
    body_refused_for::<HashMap<u8, u8>>(&small, "duplicate key in a map");
    body_refused_for::<BTreeMap<u8, u8>>(&small, "duplicate key in a map");
}

#[test]
fn a_map_out_of_order_is_refused() {
    let small = [2, 2, 0, 1, 0];
    body_refused_for::<HashMap<u8, u8>>(&small, "keys are not in ascending order");
    body_refused_for::<BTreeMap<u8, u8>>(&small, "keys are not in ascending order");
}

#[test]
fn a_set_out_of_order_or_with_a_value_twice_is_refused() {
    for (small, why) in [
        ([2, 2, 1], "keys are not in ascending order"),
        ([2, 1, 1], "duplicate value in a set"),
    ] {
        body_refused_for::<HashSet<u8>>(&small, why);
        body_refused_for::<BTreeSet<u8>>(&small, why);
    }
}

#[test]
fn keys_that_become_equal_in_another_type_are_refused() {
    // The key order of another type is unknown, but keys must be unique.
    let forged = Forge::of::<HashMap<u8, u8>>(&[2, 1, 0, 1, 0]).bytes();
    refused_for::<HashMap<u16, u8>>(&forged, "duplicate key in a map");
}

#[test]
fn a_value_as_deep_as_can_be_comes_back_and_one_deeper_is_refused() {
    let deepest = List::of(256);
    assert_eq!(read::<List>(&dumped(&deepest)).unwrap(), deepest);
    let written = Dump::new().write(Vec::new(), &List::of(257));
    assert!(matches!(written.unwrap_err().kind(), ErrorKind::TooDeep));
    let mut small = vec![1; 256];
    small.push(0);
    body_refused_for::<List>(&small, "deeper than 256 levels");
}

#[test]
fn a_depth_of_a_million_is_refused() {
    let mut small = vec![1; 1_000_000];
    small.push(0);
    body_refused::<List>(&small);
}

#[test]
fn what_cannot_be_written_leaves_the_old_file() {
    let place = Place::new();
    super::super::dump(&List::of(2), &place.path).unwrap();
    assert!(super::super::dump(&List::of(300), &place.path).is_err());
    assert_eq!(super::load::<List>(&place.path).unwrap(), List::of(2));
    assert_eq!(place.names(), ["value"]);
}

#[test]
fn reading_a_float_as_an_integer_is_an_error() {
    refused_for::<u64>(&dumped(&1.5_f64), "the file has f64, u64 was expected");
    refused::<Vec<i32>>(&dumped(&vec![1.5_f32; 3]));
}

#[test]
fn a_result_is_read_where_the_type_around_it_changed() {
    let value: (Result<u8, u16>, u32) = (Err(5), 7);
    let wider: (Result<u16, u32>, u64) = read(&dumped(&value)).unwrap();
    assert_eq!(wider, (Err(5), 7));
}
