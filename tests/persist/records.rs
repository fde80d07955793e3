//! Structs that contain only numbers are stored as one array of records, with any layout
//! in memory.

mod change;
mod transparent;

use std::borrow::Cow;
use std::collections::{HashMap, LinkedList, VecDeque};
use std::fmt::Debug;
use std::marker::PhantomData;
use std::num::NonZeroU16;
use std::rc::Rc;
use std::sync::Arc;

use joblib::Persist;

use super::rows::read_as;
use super::{Place, there_and_back};

/// The compiler reorders its fields, and it has padding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Persist)]
struct Sample {
    flag: bool,
    weight: f64,
    id: u32,
    small: i8,
    code: Option2,
}

/// A nested struct.
#[derive(Clone, Copy, Debug, Default, PartialEq, Persist)]
struct Option2(u16, i64);

#[derive(Clone, Copy, Debug, PartialEq, Persist)]
struct Point<T> {
    x: T,
    y: T,
    z: T,
}

/// Without padding and in declaration order.
#[derive(Clone, Copy, Debug, PartialEq, Persist)]
#[repr(C)]
struct Vertex {
    at: [f32; 3],
    normal: [[f32; 2]; 2],
    colour: [u8; 4],
}

#[derive(Clone, Copy, Debug, PartialEq, Persist)]
#[repr(C)]
struct Padded {
    kind: u8,
    at: [f32; 3],
    mask: [bool; 3],
    wide: u128,
}

#[derive(Clone, Copy, Debug, PartialEq, Persist)]
#[repr(C, packed)]
struct Packed {
    kind: u8,
    weight: f64,
    id: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Persist)]
#[repr(align(64))]
struct Aligned {
    weight: f32,
}

/// Has a `Drop` impl and a field with invalid bit patterns.
#[derive(Debug, PartialEq, Persist)]
struct Owned<U> {
    id: u64,
    count: NonZeroU16,
    unit: PhantomData<U>,
}

impl<U> Drop for Owned<U> {
    fn drop(&mut self) {
        assert!(self.count.get() > 0);
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Metre {}

fn sample(at: usize) -> Sample {
    Sample {
        flag: at.is_multiple_of(3),
        weight: at as f64 + 0.5,
        id: at as u32 * 7,
        small: at as i8,
        code: Option2(at as u16, -(at as i64)),
    }
}

fn samples(count: usize) -> Vec<Sample> {
    (0..count).map(sample).collect()
}

fn vertices(count: usize) -> Vec<Vertex> {
    let vertex = |at: usize| Vertex {
        at: [at as f32, 0.5, -1.0],
        normal: [[1.0, at as f32], [0.25, -0.0]],
        colour: [at as u8, 1, 2, 255],
    };
    (0..count).map(vertex).collect()
}

fn padded(count: usize) -> Vec<Padded> {
    let padded = |at: usize| Padded {
        kind: at as u8,
        at: [at as f32, 1.5, -2.0],
        mask: [true, false, at.is_multiple_of(2)],
        wide: u128::MAX - at as u128,
    };
    (0..count).map(padded).collect()
}

fn points(count: usize) -> Vec<Point<f32>> {
    let point = |at: usize| Point {
        x: at as f32,
        y: 0.5,
        z: -(at as f32),
    };
    (0..count).map(point).collect()
}

/// The values as a list, whose elements are stored one by one as in older files.
fn apart<T: Clone>(values: &[T]) -> LinkedList<T> {
    values.iter().cloned().collect()
}

/// Returns a description and the shape of each part of the file.
fn parts_of<T: Persist>(value: &T) -> Vec<(String, Vec<u64>)> {
    let place = Place::new();
    joblib::dump(value, &place.path).unwrap();
    let parts = joblib::inspect(&place.path).unwrap().parts;
    parts.into_iter().map(|it| (it.what, it.shape)).collect()
}

/// Asserts that arrays of several lengths come back, also from files that store the
/// elements one by one.
#[track_caller]
fn come_back<T: Persist + Clone + Debug + PartialEq>(make: impl Fn(usize) -> Vec<T>) {
    for count in [0, 1, 2, 9, 64, 3000] {
        let values = make(count);
        assert!(there_and_back(&values) == values, "{count}");
        let one_by_one: LinkedList<T> = read_as(&values).unwrap();
        assert!(one_by_one.iter().eq(&values), "{count}");
        assert!(
            read_as::<_, Vec<T>>(&apart(&values)).unwrap() == values,
            "{count}"
        );
        let place = Place::new();
        joblib::dump(&values, &place.path).unwrap();
        joblib::open::<Vec<T>>(&place.path)
            .unwrap()
            .verify()
            .unwrap();
        joblib::open_cow::<Vec<T>>(&place.path).unwrap();
    }
}

#[test]
fn structs_of_numbers_come_back_with_any_layout() {
    come_back(samples);
    come_back(vertices);
    come_back(padded);
    come_back(points);
    come_back(|count| (0..count).map(|at| Aligned { weight: at as f32 }).collect());
    come_back(|count| {
        let packed = |at: usize| Packed {
            kind: at as u8,
            weight: at as f64,
            id: at as u16,
        };
        (0..count).map(packed).collect()
    });
    come_back(|count| (0..count).map(|at| Option2(at as u16, at as i64)).collect());
}

#[test]
fn structs_of_numbers_are_one_array_in_the_file() {
    let array = |what: &str, shape: &[u64]| (what.to_owned(), shape.to_vec());
    let value = (
        samples(1000),
        vertices(3),
        [points(1)[0]; 5],
        vec![[points(1)[0]; 3]; 40],
        vec![Aligned { weight: 1.0 }; 300],
    );
    let expected = [
        array("an array of the struct `Sample`", &[1000]),
        array("an array of the struct `Vertex`", &[3]),
        array("an array of the struct `Point`", &[5]),
        array("an array of an array of the struct `Point`", &[40, 3]),
        array("an array of the struct `Aligned`", &[300]),
    ];
    assert_eq!(parts_of(&value), expected);
    assert_eq!(there_and_back(&value), value);
    // The C layout: 1, padding 7, 8, 4, 1, padding 3, 2, padding 6, 8.
    let place = Place::new();
    joblib::dump(&value, &place.path).unwrap();
    let inspection = joblib::inspect(&place.path).unwrap();
    let bytes: Vec<_> = inspection.parts.iter().map(|it| it.bytes).collect();
    assert_eq!(bytes, [40_000, 3 * 32, 5 * 12, 40 * 36, 300 * 4]);
    assert_eq!(inspection.version, 4);
}

#[test]
fn other_structs_are_written_one_by_one() {
    #[derive(Clone, Debug, PartialEq, Persist)]
    struct Texts {
        id: u32,
        name: String,
    }
    #[derive(Clone, Debug, PartialEq, Persist)]
    struct Skips {
        id: u32,
        #[persist(skip)]
        seen: bool,
    }
    #[derive(Clone, Debug, PartialEq, Persist)]
    struct Letters {
        id: u32,
        letter: char,
    }
    #[derive(Clone, Debug, PartialEq, Persist)]
    struct Empty {
        none: [u32; 0],
        marker: PhantomData<u8>,
    }
    #[derive(Clone, Debug, PartialEq, Persist)]
    struct Unit;
    #[derive(Clone, Debug, PartialEq, Persist)]
    enum Either {
        One(u32),
        Other { at: f64 },
    }
    #[track_caller]
    fn is_apart<T: Persist + Clone + Debug + PartialEq>(value: T) {
        let values = vec![value; 500];
        assert_eq!(there_and_back(&values), values);
        assert!(parts_of(&values)[0].0.starts_with("a sequence of"));
    }
    is_apart(Texts {
        id: 1,
        name: "one".to_owned(),
    });
    is_apart(Skips { id: 1, seen: false });
    is_apart(Letters {
        id: 1, letter: 'ü'
    });
    is_apart(Empty {
        none: [],
        marker: PhantomData,
    });
    is_apart(Unit);
    is_apart(Either::One(3));
    is_apart(Either::Other { at: 0.5 });
}

#[test]
fn structs_with_destructors_and_checked_numbers_come_back() {
    for count in [0, 3, 5000] {
        let owned = |at: usize| Owned::<Metre> {
            id: at as u64,
            count: NonZeroU16::new(at as u16 + 1).unwrap(),
            unit: PhantomData,
        };
        let values: Vec<_> = (0..count).map(owned).collect();
        assert_eq!(there_and_back(&values), values);
        let mut deque: VecDeque<_> = (0..count).map(owned).collect();
        deque.rotate_left(count / 3);
        assert_eq!(there_and_back(&deque), deque);
    }
    #[derive(Clone, Debug, Persist)]
    #[allow(dead_code)]
    struct Raw {
        id: u64,
        count: u16,
        unit: PhantomData<()>,
    }
    let raw = Raw {
        id: 1,
        count: 0,
        unit: PhantomData,
    };
    for count in [2, 2000] {
        let error = read_as::<_, Vec<Owned<Metre>>>(&vec![raw.clone(); count]).unwrap_err();
        assert!(error.contains("NonZeroU16"), "{error}");
    }
}

#[test]
fn structs_of_numbers_come_back_in_every_container() {
    let values = samples(500);
    let boxed: Box<[Sample]> = values.clone().into();
    assert_eq!(there_and_back(&boxed), boxed);
    let shared: Arc<[Sample]> = values.clone().into();
    assert_eq!(there_and_back(&shared), shared);
    let counted: Rc<[Sample]> = values.clone().into();
    assert_eq!(there_and_back(&counted), counted);
    let mut deque: VecDeque<Point<f32>> = points(500).into();
    deque.rotate_left(100);
    assert_eq!(there_and_back(&deque), deque);
    let cow: Cow<'static, [Sample]> = Cow::Owned(values.clone());
    assert_eq!(there_and_back(&cow), cow);
    let some = (
        Some(values.clone()),
        None::<Vec<Sample>>,
        Ok::<_, u8>(values.clone()),
    );
    assert_eq!(there_and_back(&some), some);
    let map = HashMap::from([("a".to_owned(), values.clone()), ("b".to_owned(), vec![])]);
    assert_eq!(there_and_back(&map), map);
    let many = vec![values.clone(), vec![], samples(3)];
    assert_eq!(there_and_back(&many), many);
    let array: [Sample; 20] = samples(20).try_into().unwrap();
    assert_eq!(there_and_back(&array), array);
    let large: Box<[[Padded; 100]; 100]> =
        vec![<[Padded; 100]>::try_from(padded(100)).unwrap(); 100]
            .into_boxed_slice()
            .try_into()
            .unwrap();
    assert!(there_and_back(&large) == large);
    let nested = vec![[[points(1)[0]; 2]; 3]; 100];
    assert_eq!(there_and_back(&nested), nested);
    let slice = Place::new();
    joblib::dump(&values[..300], &slice.path).unwrap();
    assert_eq!(
        joblib::load::<Vec<Sample>>(&slice.path).unwrap(),
        values[..300]
    );
}

#[test]
fn views_show_records_and_borrow_their_rows() {
    for count in [1, 5000] {
        let place = Place::new();
        let value = (
            padded(count),
            vertices(count),
            samples(count),
            vec![[vertices(1)[0]; 2]; count],
        );
        type Value = (Vec<Padded>, Vec<Vertex>, Vec<Sample>, Vec<[Vertex; 2]>);
        joblib::dump(&value, &place.path).unwrap();
        let file = joblib::open::<Value>(&place.path).unwrap();
        let (padded, vertices, samples, pairs) = file.view();
        for at in [0, count - 1] {
            let row: &[f32] = padded[at].at;
            assert_eq!(row, value.0[at].at);
            assert_eq!(padded[at].mask, value.0[at].mask);
            assert_eq!(
                (padded[at].kind, padded[at].wide),
                (value.0[at].kind, value.0[at].wide)
            );
            let normal: &[[f32; 2]] = vertices[at].normal;
            assert_eq!(normal, value.1[at].normal);
            assert_eq!(samples[at].code.1, value.2[at].code.1);
            assert_eq!(pairs[at][1].colour, value.3[at][1].colour);
        }
        file.check(padded[count - 1].at).unwrap();
        let mut file = joblib::open_cow::<Value>(&place.path).unwrap();
        let mut view = file.view_mut().unwrap();
        view.0[count - 1].at[2] = 7.0;
        view.3[0][1].colour[3] = 9;
        let view = file.view_mut().unwrap();
        assert_eq!((view.0[count - 1].at[2], view.3[0][1].colour[3]), (7.0, 9));
        assert_eq!(view.0[count - 1].at[1], value.0[count - 1].at[1]);
        assert_eq!(joblib::load::<Value>(&place.path).unwrap(), value);
    }
}

#[cfg(feature = "zstd")]
#[test]
fn compressed_records_are_loaded_and_viewed_where_nothing_is_borrowed() {
    let place = Place::new();
    let dump = joblib::Dump::new().compress(joblib::Compress::Zstd(3));
    dump.to(&place.path, &samples(5000)).unwrap();
    assert!(joblib::load::<Vec<Sample>>(&place.path).unwrap() == samples(5000));
    let file = joblib::open::<Vec<Sample>>(&place.path).unwrap();
    assert_eq!(file.view()[4999].weight, 4999.5);
    dump.to(&place.path, &padded(5000)).unwrap();
    let error = joblib::open::<Vec<Padded>>(&place.path)
        .unwrap_err()
        .to_string();
    assert!(error.contains("compressed"), "{error}");
}

#[test]
fn damaged_records_are_refused() {
    let value = (samples(3), padded(200));
    let mut file = Vec::new();
    joblib::Dump::new().write(&mut file, &value).unwrap();
    for at in (0..file.len()).step_by(7) {
        let mut damaged = file.clone();
        damaged[at] ^= 0x11;
        let read = joblib::Load::new().read::<(Vec<Sample>, Vec<Padded>)>(&damaged[..]);
        assert!(read.is_err(), "{at}");
    }
    for len in 0..file.len() {
        let read = joblib::Load::new().read::<(Vec<Sample>, Vec<Padded>)>(&file[..len]);
        assert!(read.is_err(), "{len}");
    }
}

#[test]
fn limits_hold_for_records() {
    let mut file = Vec::new();
    joblib::Dump::new()
        .write(&mut file, &samples(50_000))
        .unwrap();
    let few = joblib::Load::new().limit_bytes(1 << 20);
    let error = few.read::<Vec<Sample>>(&file[..]).unwrap_err();
    assert!(
        matches!(error.kind(), joblib::persist::ErrorKind::Limit { .. }),
        "{error}"
    );
    let enough = joblib::Load::new().limit_bytes(4 << 20);
    assert_eq!(enough.read::<Vec<Sample>>(&file[..]).unwrap().len(), 50_000);
}

#[test]
fn values_smaller_than_their_records_waste_no_capacity() {
    assert!(size_of::<Packed>() < 24);
    let values = vec![
        Packed {
            kind: 1,
            weight: 0.5,
            id: 2
        };
        5000
    ];
    let back = there_and_back(&values);
    assert!(back == values && back.capacity() == back.len());
}

#[test]
fn equal_structs_have_equal_hashes_with_any_layout() {
    #[derive(Persist)]
    #[repr(C)]
    struct Declared {
        flag: bool,
        weight: f64,
        id: u32,
    }
    #[derive(Persist)]
    struct Arranged {
        flag: bool,
        weight: f64,
        id: u32,
    }
    #[derive(Persist)]
    #[repr(C, packed)]
    struct Dense {
        flag: bool,
        weight: f64,
        id: u32,
    }
    macro_rules! hashes {
        ($($ty:ident)*) => {
            [$({
                let value = |at: u32| $ty { flag: at == 1, weight: at.into(), id: at };
                joblib::hash(&(0..100).map(value).collect::<Vec<_>>())
            }),*]
        };
    }
    let [declared, arranged, dense] = hashes!(Declared Arranged Dense);
    assert!(declared == arranged && arranged == dense);
}

#[test]
fn a_write_only_type_is_read_as_a_type_with_the_same_fields() {
    #[derive(Persist)]
    #[persist(write_only)]
    struct Written {
        id: u32,
        at: [f32; 2],
    }
    #[derive(Debug, PartialEq, Persist)]
    struct Read {
        id: u32,
        at: [f32; 2],
    }
    let place = Place::new();
    let written: Vec<_> = (0..300).map(|id| Written { id, at: [0.5; 2] }).collect();
    joblib::dump(&written, &place.path).unwrap();
    let read: Vec<Read> = joblib::load(&place.path).unwrap();
    assert_eq!(
        read[299],
        Read {
            id: 299,
            at: [0.5; 2]
        }
    );
    assert!(joblib::hash(&written) == joblib::hash(&read));
}
