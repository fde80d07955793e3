//! Memory use of hostile files: it is bounded by the file length, whatever the file
//! states, and no contents make a reader panic.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::encoding::List;
use super::forge::Forge;
use super::{Place, dumped, read};
use crate::persist::{Persist, inspect, open};

thread_local! {
    static NOW: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

/// The system allocator, with a count for each thread.
struct Counting;

fn count(bytes: isize) {
    let now = NOW.get() + bytes;
    NOW.set(now);
    PEAK.set(PEAK.get().max(now));
}

// SAFETY: all calls are forwarded to the system allocator, and counting does not
// allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller upholds the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller upholds the contract of `alloc_zeroed`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: the caller upholds the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as isize - layout.size() as isize);
        // SAFETY: the caller upholds the contract of `realloc`.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Returns the peak memory use of `work`.
pub(super) fn peak(work: impl FnOnce()) -> usize {
    let before = NOW.get();
    PEAK.set(before);
    work();
    (PEAK.get() - before) as usize
}

/// Reads, maps, and inspects a file and asserts that memory use is bounded.
#[track_caller]
fn assert_bounded<T: Persist>(bytes: &[u8]) {
    let place = Place::with(bytes);
    // Readers trust stated lengths up to a mebibyte and a multiple of the file length.
    let most = (3 << 20) + 100 * bytes.len();
    for (what, took) in [
        ("read", peak(|| drop(read::<T>(bytes)))),
        ("mapped", peak(|| drop(open::<T>(&place.path)))),
        ("inspected", peak(|| drop(inspect(&place.path)))),
    ] {
        assert!(took <= most, "{what}: {took} bytes for {}", bytes.len());
    }
}

/// Like [`assert_bounded`], with several values for every byte of the schema and the body,
/// and correct checksums.
#[track_caller]
fn assert_bounded_when_damaged<T: Persist>(value: &T) {
    let bytes = dumped(value);
    let end = 64 + usize::from(u16::from_le_bytes([bytes[12], bytes[13]]));
    let start = end.next_multiple_of(64);
    let trailer = bytes.len() - 64;
    let small = trailer - 32;
    let len = u64::from_le_bytes(bytes[small..small + 8].try_into().unwrap()) as usize;
    let (schema, small) = (&bytes[64..end], &bytes[start..start + len]);
    let whole = |schema: &[u8], small: &[u8]| Forge::with_schema(schema.to_vec(), small).bytes();
    assert_eq!(whole(schema, small), bytes);
    let values = [0, 1, 2, 0x7f, 0x80, 0xff];
    for at in 0..schema.len() {
        for value in values {
            let mut schema = schema.to_vec();
            schema[at] = value;
            assert_bounded::<T>(&whole(&schema, small));
        }
    }
    for at in 0..small.len() {
        for value in values {
            let mut small = small.to_vec();
            small[at] = value;
            assert_bounded::<T>(&whole(schema, &small));
        }
        assert_bounded::<T>(&whole(schema, &small[..at]));
        let huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
        assert_bounded::<T>(&whole(
            schema,
            &[&small[..at], &huge, &small[at..]].concat(),
        ));
    }
}

#[test]
fn counts_that_are_wrong_take_no_more_memory_than_bytes_could() {
    let value = (
        vec!["a".to_owned(), "bc".to_owned()],
        HashMap::from([("k".to_owned(), vec![1_u64, 2])]),
        BTreeMap::from([(3_u8, Some('c'))]),
        HashSet::from([7_i32]),
        Ok::<Vec<()>, bool>(vec![()]),
    );
    assert_bounded_when_damaged(&value);
}

#[test]
fn depths_that_are_wrong_take_no_more_memory_than_bytes_could() {
    assert_bounded_when_damaged(&vec![List::of(3), List::of(1)]);
}

/// A type whose values take much memory and few bytes.
type Large = Vec<([u64; 8], Vec<[u128; 32]>)>;

#[test]
fn sequences_within_sequences_do_not_each_reserve_what_all_may() {
    // Each sequence claims as many elements as there are bytes left.
    let mut small = Vec::new();
    for left in (0..50_000).rev() {
        crate::codec::varint::write(left, &mut small);
    }
    assert_bounded::<Vec<Vec<Vec<Vec<Vec<Vec<Vec<String>>>>>>>>(
        &Forge::of::<Vec<Vec<Vec<Vec<Vec<Vec<Vec<String>>>>>>>>(&small).bytes(),
    );
    assert_bounded::<Large>(&Forge::of::<Large>(&small).bytes());
}

#[test]
fn a_long_text_that_is_not_there_takes_no_memory() {
    let small = [0xff, 0xff, 0xff, 0x7f];
    assert_bounded::<String>(&Forge::of::<String>(&small).bytes());
    assert_bounded::<Vec<u8>>(&Forge::of::<Vec<u8>>(&small).bytes());
}
