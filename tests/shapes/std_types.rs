//! Fields of every std type that serde supports, each in a struct and a variant of its
//! own.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::ffi::{CStr, CString, OsStr, OsString};
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::num::{self, Saturating, Wrapping};
use std::ops::{Bound, Range, RangeFrom, RangeInclusive, RangeTo};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{self, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, SystemTime};

use joblib::{Key, Persist};
use serde::{Deserialize, Serialize};

use crate::{check, persisted};

/// Defines a struct with a field of each type.
macro_rules! fields {
    ($test:ident: $($name:ident($ty:ty) = $value:expr;)*) => {
        #[test]
        fn $test() {
            $(
                #[derive(Persist, Key, Serialize, Deserialize)]
                struct $name { field: $ty }
            )*
            fields!(@check $($name { field: $value },)*);
        }
    };
    (@check $a:expr, $b:expr, $c:expr, $d:expr, $e:expr, $f:expr, $g:expr, $h:expr, $i:expr,
        $j:expr, $($rest:expr,)+) => {
        check(($a, $b, $c, $d, $e, $f, $g, $h, $i, $j));
        fields!(@check $($rest,)*);
    };
    (@check $($value:expr,)*) => {
        check(($($value,)*));
    };
}

fields! { numbers_come_back:
    U8(u8) = 1;
    U16(u16) = 2;
    U32(u32) = 3;
    U64(u64) = u64::MAX;
    U128(u128) = u128::MAX;
    Usize(usize) = 6;
    I8(i8) = -1;
    I16(i16) = -2;
    I32(i32) = -3;
    I64(i64) = i64::MIN;
    I128(i128) = i128::MIN;
    Isize(isize) = -6;
    F32(f32) = -0.0;
    F64(f64) = f64::MIN_POSITIVE;
    Bool(bool) = true;
    Char(char) = 'ß';
    Unit(()) = ();
    NonZeroU8(num::NonZeroU8) = num::NonZeroU8::MAX;
    NonZeroU64(num::NonZeroU64) = num::NonZeroU64::MIN;
    NonZeroI128(num::NonZeroI128) = num::NonZeroI128::MIN;
    NonZeroOfUsize(num::NonZero<usize>) = num::NonZero::<usize>::MAX;
    OfWrapping(Wrapping<u8>) = Wrapping(1);
    OfSaturating(Saturating<i32>) = Saturating(-1);
}

fields! { texts_come_back:
    OfString(String) = "s".to_owned();
    BoxedStr(Box<str>) = "b".into();
    RcStr(Rc<str>) = "r".into();
    ArcStr(Arc<str>) = "a".into();
    CowStr(Cow<'static, str>) = "c".into();
    OfPathBuf(PathBuf) = "p".into();
    BoxedPath(Box<Path>) = Path::new("b").into();
    CowPath(Cow<'static, [u8]>) = vec![1].into();
    OfOsString(OsString) = "o".into();
    OfCString(CString) = c"c".into();
}

fields! { sequences_come_back:
    OfVec(Vec<u8>) = vec![1];
    VecOfStrings(Vec<String>) = vec!["s".to_owned()];
    VecOfUnits(Vec<()>) = vec![(), ()];
    VecOfBools(Vec<bool>) = vec![true, false];
    VecOfArrays(Vec<[f32; 3]>) = vec![[1.0; 3], [2.0; 3]];
    Deque(VecDeque<u16>) = [1, 2].into();
    List(LinkedList<u16>) = [1, 2].into();
    Heap(BinaryHeap<u16>) = [1, 2].into();
    Array0([u8; 0]) = [];
    Array3([u8; 3]) = [1; 3];
    Array32([String; 32]) = [const { String::new() }; 32];
    ArrayOfArrays([[u8; 2]; 3]) = [[1; 2]; 3];
    BoxedSlice(Box<[u8]>) = [1].into();
    BoxedTexts(Box<[String]>) = ["s".to_owned()].into();
    ArcSlice(Arc<[u8]>) = [1].into();
    RcSlice(Rc<[f64]>) = [1.0].into();
    CowSlice(Cow<'static, [u16]>) = vec![1].into();
}

fields! { maps_and_sets_come_back:
    Hashed(HashMap<String, Vec<u8>>) = [("k".to_owned(), vec![1])].into();
    Ordered(BTreeMap<u64, String>) = [(300, "v".to_owned()), (2, String::new())].into();
    HashedSet(HashSet<u32>) = [1, 300].into();
    OrderedSet(BTreeSet<String>) = ["a".to_owned()].into();
    MapOfMaps(HashMap<u8, BTreeMap<i8, HashSet<char>>>) = [(1, [(2, ['c'].into())].into())].into();
    KeyedByTuple(BTreeMap<(u8, String), ()>) = [((1, "k".to_owned()), ())].into();
    KeyedByVec(HashMap<Vec<u8>, u8>) = [(vec![1], 2)].into();
    KeyedByOption(BTreeMap<Option<u8>, u8>) = [(None, 1), (Some(2), 2)].into();
    EmptyMap(BTreeMap<String, String>) = BTreeMap::new();
}

fields! { small_types_come_back:
    OfOption(Option<u8>) = Some(1);
    NoneOfStrings(Option<String>) = None;
    OptionOfOption(Option<Option<u8>>) = Some(None);
    OfResult(Result<u8, String>) = Err("e".to_owned());
    OfBox(Box<u8>) = Box::new(1);
    OfRc(Rc<String>) = Rc::new("r".to_owned());
    OfArc(Arc<Vec<u8>>) = Arc::new(vec![1]);
    BoxOfBox(Box<Box<[u8]>>) = Box::new([1].into());
    Marker(PhantomData<u8>) = PhantomData;
    MarkerOfStr(PhantomData<str>) = PhantomData;
    OfReverse(Reverse<u8>) = Reverse(1);
    OfRange(Range<u8>) = 1..2;
    Inclusive(RangeInclusive<u8>) = 1..=2;
    From(RangeFrom<u8>) = 1..;
    To(RangeTo<u8>) = ..1;
    OfBound(Bound<u8>) = Bound::Excluded(1);
    Tuple1((u8,)) = (1,);
    Tuple2((u8, String)) = (1, "s".to_owned());
    Tuple7((u8, u8, u8, u8, u8, u8, Vec<u8>)) = (1, 2, 3, 4, 5, 6, vec![7]);
    Nested((((u8,), u8), [(u8, u8); 2])) = (((1,), 2), [(3, 4); 2]);
}

fields! { times_and_addresses_come_back:
    OfDuration(Duration) = Duration::new(1, 2);
    Time(SystemTime) = SystemTime::UNIX_EPOCH + Duration::new(1, 2);
    V4(Ipv4Addr) = Ipv4Addr::LOCALHOST;
    V6(Ipv6Addr) = Ipv6Addr::LOCALHOST;
    Ip(IpAddr) = Ipv6Addr::LOCALHOST.into();
    Socket4(SocketAddrV4) = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 1);
    Socket6(SocketAddrV6) = SocketAddrV6::new(Ipv6Addr::LOCALHOST, 1, 2, 3);
    Socket(SocketAddr) = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 1);
}

/// For types that can change or have no key.
macro_rules! persisted_fields {
    ($test:ident: $($name:ident($ty:ty) = $value:expr, |$back:ident| $check:expr;)*) => {
        #[test]
        fn $test() {
            $(
                #[derive(Persist, Serialize, Deserialize)]
                struct $name { field: $ty }
                let $back = persisted(&$name { field: $value }).field;
                assert!($check, stringify!($ty));
            )*
        }
    };
}

persisted_fields! { what_can_change_comes_back:
    OfCell(Cell<u8>) = Cell::new(1), |it| it.get() == 1;
    OfRefCell(RefCell<Vec<u8>>) = RefCell::new(vec![1]), |it| *it.borrow() == [1];
    OfMutex(Mutex<Vec<u8>>) = Mutex::new(vec![1]), |it| *it.lock().unwrap() == [1];
    OfRwLock(RwLock<Vec<u8>>) = RwLock::new(vec![1]), |it| *it.read().unwrap() == [1];
    Shared(Arc<Mutex<u8>>) = Arc::new(Mutex::new(1)), |it| *it.lock().unwrap() == 1;
    ABool(atomic::AtomicBool) = true.into(), |it| it.load(Ordering::SeqCst);
    AU8(atomic::AtomicU8) = 1.into(), |it| it.load(Ordering::SeqCst) == 1;
    AU16(atomic::AtomicU16) = 300.into(), |it| it.load(Ordering::SeqCst) == 300;
    AU32(atomic::AtomicU32) = 1.into(), |it| it.load(Ordering::SeqCst) == 1;
    AU64(atomic::AtomicU64) = u64::MAX.into(), |it| it.load(Ordering::SeqCst) == u64::MAX;
    AUsize(atomic::AtomicUsize) = 1.into(), |it| it.load(Ordering::SeqCst) == 1;
    AI8(atomic::AtomicI8) = (-1).into(), |it| it.load(Ordering::SeqCst) == -1;
    AI16(atomic::AtomicI16) = (-1).into(), |it| it.load(Ordering::SeqCst) == -1;
    AI32(atomic::AtomicI32) = (-1).into(), |it| it.load(Ordering::SeqCst) == -1;
    AI64(atomic::AtomicI64) = i64::MIN.into(), |it| it.load(Ordering::SeqCst) == i64::MIN;
    AIsize(atomic::AtomicIsize) = (-1).into(), |it| it.load(Ordering::SeqCst) == -1;
    Atomics(Vec<atomic::AtomicU8>) = vec![1.into(), 2.into()], |it| it.len() == 2;
    BoxedC(Box<CStr>) = c"c".into(), |it| &*it == c"c";
    BoxedOs(Box<OsStr>) = OsStr::new("o").into(), |it| &*it == "o";
    Weak(std::sync::Weak<u8>) = std::sync::Weak::new(), |it| it.upgrade().is_none();
    RcWeak(std::rc::Weak<String>) = std::rc::Weak::new(), |it| it.upgrade().is_none();
    Thirteen((u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8)) =
        (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13), |it| it.12 == 13;
}

/// For types that serde cannot read.
macro_rules! without_serde {
    ($test:ident: $($name:ident($ty:ty) = $value:expr;)*) => {
        #[test]
        fn $test() {
            $(
                #[derive(Persist, Key)]
                struct $name { field: $ty }
                let value = $name { field: $value };
                let back = persisted(&value);
                assert!(value.field == back.field, stringify!($ty));
                assert_eq!(crate::key(&value), crate::key(&back));
            )*
        }
    };
}

without_serde! { what_serde_cannot_read_comes_back:
    RcPath(Rc<Path>) = Path::new("r").into();
    ArcPath(Arc<Path>) = Path::new("a").into();
    ArcOs(Arc<OsStr>) = OsStr::new("a").into();
    RcC(Rc<CStr>) = c"r".into();
    ArcC(Arc<CStr>) = c"a".into();
    CowOfPath(Cow<'static, Path>) = PathBuf::from("c").into();
    CowOfOs(Cow<'static, OsStr>) = OsString::from("c").into();
    ToInclusive(std::ops::RangeToInclusive<u8>) = ..=1;
    Full(std::ops::RangeFull) = ..;
    Long([u8; 100]) = [1; 100];
}

#[test]
fn weak_references_end_a_cycle() {
    #[derive(Persist)]
    struct Child {
        name: String,
        parent: std::rc::Weak<Parent>,
    }
    #[derive(Persist)]
    struct Parent {
        children: Vec<Child>,
    }
    let parent = Rc::new_cyclic(|parent| Parent {
        children: vec![Child {
            name: "c".to_owned(),
            parent: parent.clone(),
        }],
    });
    let back = persisted(&*parent);
    assert_eq!(back.children[0].name, "c");
    assert!(back.children[0].parent.upgrade().is_none());
    assert!(parent.children[0].parent.upgrade().is_some());
}
