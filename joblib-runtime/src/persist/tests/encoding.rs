//! Encoded bodies: every encoding except the canonical one is rejected.

use std::any::TypeId;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, LinkedList, VecDeque};
use std::num::NonZeroU8;
use std::time::{Duration, SystemTime};

use super::forge::Forge;
use super::{Place, dumped, read, refused};
use crate::persist::derive_support::{
    BodyReader, BodyWriter, FieldDecl, FieldsDecl, OneByOne, SchemaBuilder, TypeDecl, Viewer,
};
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
    type Views<'m, M: MapMode> = Vec<List>;
    type Rows = OneByOne;

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        reader.enter()?;
        let next = Option::load(reader)?;
        reader.leave();
        Ok(List { next })
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self, Error> {
        Self::load(viewer.reader())
    }

    fn view_many<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Vec<Self>, Error> {
        viewer.many::<Self>()
    }
}

/// Returns why a body is not a valid `T`.
#[track_caller]
fn no<T: Persist>(small: &[u8]) -> String {
    refused::<T>(&Forge::of::<T>(small).bytes())
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
    no::<u64>(&small);
    no::<i64>(&small);
    let mut small = vec![0xff; 19];
    small.push(1);
    no::<u128>(&small);
}

#[test]
fn a_varint_of_more_bits_than_64_is_refused() {
    let mut small = vec![0xff; 9];
    small.push(2);
    no::<u64>(&small);
}

#[test]
fn a_varint_in_a_longer_form_is_refused() {
    no::<u64>(&[0x87, 0]);
    no::<u64>(&[0x80, 0x80, 0]);
    no::<i32>(&[0x80, 0]);
    no::<u128>(&[0x87, 0]);
    no::<Vec<String>>(&[0x80, 0]);
}

#[test]
fn a_varint_that_does_not_end_is_refused() {
    no::<u64>(&[0x80]);
    no::<u64>(&[]);
}

#[test]
fn numbers_that_a_type_does_not_have_are_refused() {
    assert!(no::<u16>(&[0x80, 0x80, 4]).contains("65536 is out of range for u16"));
    assert!(no::<i16>(&[0x80, 0x80, 4]).contains("32768 is out of range for i16"));
    assert!(no::<u32>(&[0x80, 0x80, 0x80, 0x80, 0x10]).contains("is out of range for u32"));
    assert!(no::<NonZeroU8>(&[0]).contains("the file has 0, a `NonZeroU8` was expected"));
    assert!(no::<Duration>(&[0, 0x80, 0x94, 0xeb, 0xdc, 3]).contains("nanoseconds"));
    let far = [&[0xff_u8; 9][..], &[1, 0]].concat();
    no::<(SystemTime, u8)>(&far);
}

#[test]
fn a_byte_after_the_value_is_refused() {
    assert!(no::<u8>(&[7, 0]).contains("1 extra bytes after the value"));
    assert!(no::<()>(&[0]).contains("1 extra bytes after the value"));
    assert!(no::<String>(&[1, b'a', b'b']).contains("1 extra bytes after the value"));
    assert!(no::<Vec<u8>>(&[1, 1, 1]).contains("1 extra bytes after the value"));
}

#[test]
fn a_length_of_one_more_than_there_is_is_refused() {
    assert!(no::<String>(&[2, b'a']).contains("unexpected end"));
    no::<Vec<String>>(&[2, 0]);
    no::<Vec<u8>>(&[2, 1]);
    no::<Vec<()>>(&[2, 0]);
    no::<BTreeMap<u8, u8>>(&[2, 1, 1]);
    no::<HashSet<u8>>(&[2, 1]);
}

#[test]
fn lengths_beyond_memory_are_refused() {
    for small in HUGE {
        no::<String>(&small);
        no::<Vec<String>>(&small);
        no::<Vec<u8>>(&small);
        no::<Vec<u128>>(&small);
        no::<VecDeque<bool>>(&small);
        no::<LinkedList<u8>>(&small);
        no::<HashMap<String, u8>>(&small);
        no::<BTreeMap<u8, String>>(&small);
        no::<HashSet<u64>>(&small);
        no::<BTreeSet<u64>>(&small);
        no::<[u64; 4]>(&small);
        no::<Box<str>>(&small);
    }
}

#[test]
fn as_many_nothings_as_can_be_counted_are_refused() {
    for small in HUGE {
        assert!(no::<Vec<()>>(&small).contains("unexpected end"));
        no::<Vec<[(); 0]>>(&small);
    }
}

#[test]
fn what_stands_for_nothing_is_zero() {
    assert_eq!(
        read::<Vec<()>>(&Forge::of::<Vec<()>>(&[2, 0, 0]).bytes()).unwrap(),
        [(), ()]
    );
    let message = no::<Vec<()>>(&[2, 0, 1]);
    assert!(
        message.contains("non-zero filler byte for an empty element"),
        "{message}"
    );
}

#[test]
fn an_option_of_two_is_refused() {
    assert!(no::<Option<u8>>(&[2, 1]).contains("invalid bool byte 0x02"));
    no::<Option<()>>(&[255]);
}

#[test]
fn a_variant_that_does_not_exist_is_refused() {
    assert!(no::<Result<u8, u8>>(&[2, 1]).contains("invalid variant index 2"));
    no::<Result<u8, u8>>(&HUGE[1]);
}

#[test]
fn a_map_with_a_key_twice_is_refused() {
    let small = [2, 1, 0, 1, 0];
    assert!(no::<HashMap<u8, u8>>(&small).contains("duplicate key in a map"));
    assert!(no::<BTreeMap<u8, u8>>(&small).contains("duplicate key in a map"));
}

#[test]
fn a_map_out_of_order_is_refused() {
    let small = [2, 2, 0, 1, 0];
    assert!(no::<HashMap<u8, u8>>(&small).contains("keys are not in ascending order"));
    assert!(no::<BTreeMap<u8, u8>>(&small).contains("keys are not in ascending order"));
}

#[test]
fn a_set_out_of_order_or_with_a_value_twice_is_refused() {
    for (small, why) in [
        ([2, 2, 1], "keys are not in ascending order"),
        ([2, 1, 1], "duplicate value in a set"),
    ] {
        assert!(no::<HashSet<u8>>(&small).contains(why));
        assert!(no::<BTreeSet<u8>>(&small).contains(why));
    }
}

#[test]
fn keys_that_become_equal_in_another_type_are_refused() {
    // The key order of another type is unknown, but keys must be unique.
    let forged = Forge::of::<HashMap<u8, u8>>(&[2, 1, 0, 1, 0]).bytes();
    let message = refused::<HashMap<u16, u8>>(&forged);
    assert!(message.contains("duplicate key in a map"), "{message}");
}

#[test]
fn a_value_as_deep_as_can_be_comes_back_and_one_deeper_is_refused() {
    let deepest = List::of(256);
    assert_eq!(read::<List>(&dumped(&deepest)).unwrap(), deepest);
    let written = Dump::new().write(Vec::new(), &List::of(257));
    assert!(matches!(written.unwrap_err().kind(), ErrorKind::TooDeep));
    let mut small = vec![1; 256];
    small.push(0);
    assert!(no::<List>(&small).contains("deeper than 256 levels"));
}

#[test]
fn a_depth_of_a_million_is_refused() {
    let mut small = vec![1; 1_000_000];
    small.push(0);
    no::<List>(&small);
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
    let message = refused::<u64>(&dumped(&1.5_f64));
    assert!(
        message.contains("the file has f64, u64 was expected"),
        "{message}"
    );
    refused::<Vec<i32>>(&dumped(&vec![1.5_f32; 3]));
}

#[test]
fn a_result_is_read_where_the_type_around_it_changed() {
    let value: (Result<u8, u16>, u32) = (Err(5), 7);
    let wider: (Result<u16, u32>, u64) = read(&dumped(&value)).unwrap();
    assert_eq!(wider, (Err(5), 7));
}
