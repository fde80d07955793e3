//! std types with equal encodings and different meanings: a file of one is read only as
//! that type, and older files, in which these types have no name, are still read.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::ops::{Bound, Range, RangeFrom, RangeInclusive, RangeTo, RangeToInclusive};
use std::time::{Duration, SystemTime};

use joblib::Persist;

use super::{Place, as_another, assert_contains, there_and_back};

/// Writes one value and loads it as another type.
fn loaded_as<T: Persist, U: Persist>(value: &T) -> Result<U, String> {
    let place = Place::new();
    joblib::dump(value, &place.path).unwrap();
    joblib::load(&place.path).map_err(|error| error.to_string())
}

/// Asserts that the value is not read as a `U`, and that the message names both types.
#[track_caller]
fn is_refused<T: Persist, U: Persist>(value: &T, [has, expected_type]: [&str; 2]) {
    let message = match as_another::<T, U>(value) {
        Ok(_) => panic!("a {has} is read as a {expected_type}"),
        Err(message) => message,
    };
    let expected = format!("the file has std's `{has}`, std's `{expected_type}` was expected");
    assert!(message.contains(&expected), "{message}");
    assert!(message.contains("`#[persist(from = …)]`"), "{message}");
}

macro_rules! each_is_refused_as_the_others {
    ($($value:expr => $ty:ty, $name:literal;)*) => {{
        let others: &[&dyn Fn()] = &[$(&|| {
            each_is_refused_as_the_others!(@as $value, $ty, $name);
        },)*];
        others.iter().for_each(|other| other());
    }};
    (@as $value:expr, $ty:ty, $name:literal) => {{
        let value: $ty = $value;
        macro_rules! unless_same {
            ($other:ty, $other_name:literal) => {
                if $name != $other_name {
                    is_refused::<$ty, $other>(&value, [$name, $other_name]);
                }
            };
        }
        unless_same!(Range<u8>, "Range");
        unless_same!(RangeInclusive<u8>, "RangeInclusive");
        unless_same!(RangeFrom<u8>, "RangeFrom");
        unless_same!(RangeTo<u8>, "RangeTo");
        unless_same!(RangeToInclusive<u8>, "RangeToInclusive");
        unless_same!(std::ops::RangeFull, "RangeFull");
        unless_same!(Bound<u8>, "Bound");
        unless_same!(Duration, "Duration");
        unless_same!(SystemTime, "SystemTime");
        unless_same!(Ipv4Addr, "Ipv4Addr");
        unless_same!(Ipv6Addr, "Ipv6Addr");
        unless_same!(IpAddr, "IpAddr");
        unless_same!(SocketAddrV4, "SocketAddrV4");
        unless_same!(SocketAddrV6, "SocketAddrV6");
        unless_same!(SocketAddr, "SocketAddr");
        assert!(there_and_back(&value) == value);
    }};
}

const V4: Ipv4Addr = Ipv4Addr::LOCALHOST;
const V6: Ipv6Addr = Ipv6Addr::LOCALHOST;

#[test]
fn types_of_std_are_not_read_as_one_another() {
    each_is_refused_as_the_others! {
        1..5 => Range<u8>, "Range";
        1..=5 => RangeInclusive<u8>, "RangeInclusive";
        1.. => RangeFrom<u8>, "RangeFrom";
        ..5 => RangeTo<u8>, "RangeTo";
        ..=5 => RangeToInclusive<u8>, "RangeToInclusive";
        .. => std::ops::RangeFull, "RangeFull";
        Bound::Excluded(5) => Bound<u8>, "Bound";
        Duration::new(5, 7) => Duration, "Duration";
        SystemTime::UNIX_EPOCH + Duration::new(5, 7) => SystemTime, "SystemTime";
        V4 => Ipv4Addr, "Ipv4Addr";
        V6 => Ipv6Addr, "Ipv6Addr";
        IpAddr::V4(V4) => IpAddr, "IpAddr";
        SocketAddrV4::new(V4, 80) => SocketAddrV4, "SocketAddrV4";
        SocketAddrV6::new(V6, 80, 0, 0) => SocketAddrV6, "SocketAddrV6";
        SocketAddr::V4(SocketAddrV4::new(V4, 80)) => SocketAddr, "SocketAddr";
    }
}

#[test]
fn a_range_of_another_kind_is_refused_and_the_field_is_named() {
    #[derive(Persist)]
    struct Window {
        spans: Vec<Option<Range<u32>>>,
    }
    #[derive(Debug, Persist)]
    #[allow(dead_code)]
    struct Other {
        spans: Vec<Option<RangeInclusive<u32>>>,
    }
    let window = Window {
        spans: vec![None, Some(1..5)],
    };
    let place = Place::new();
    joblib::dump(&window, &place.path).unwrap();
    let message = joblib::load::<Other>(&place.path).unwrap_err().to_string();
    let expected =
        "field `spans[]`: the file has std's `Range`, std's `RangeInclusive` was expected";
    assert!(message.contains(expected), "{message}");
    let map: BTreeMap<u8, RangeTo<u8>> = [(1, ..2)].into();
    let refused = as_another::<_, HashMap<u8, RangeToInclusive<u8>>>(&map);
    let message = refused.unwrap_err();
    assert_contains(&message, "field `[]`: the file has std's `RangeTo`");
}

#[test]
fn ranges_become_wider_and_optional_as_their_bounds_do() {
    assert_eq!(as_another::<_, Range<u64>>(&(1_u8..5)), Ok(1..5));
    assert_eq!(
        as_another::<_, RangeInclusive<i32>>(&(-1_i8..=5)),
        Ok(-1..=5)
    );
    assert_eq!(
        as_another::<_, Option<RangeFrom<f64>>>(&(0.5_f32..)),
        Ok(Some(0.5..))
    );
    let bound = Bound::Excluded("a".to_owned());
    assert_eq!(
        as_another::<_, Bound<Box<str>>>(&bound),
        Ok(Bound::Excluded("a".into()))
    );
    #[derive(Debug, PartialEq, Persist)]
    struct Around(Range<u16>);
    assert_eq!(as_another::<_, Around>(&(1_u8..5)), Ok(Around(1..5)));
    assert_eq!(as_another::<_, Range<u32>>(&Around(1..5)), Ok(1..5));
}

#[test]
fn a_type_of_std_is_not_read_as_its_encoding() {
    #[track_caller]
    fn is_refused<T: Persist, U: Persist>(value: &T, has: &str) {
        let message = as_another::<T, U>(value).map(drop).unwrap_err();
        assert_contains(&message, &format!("the file has std's `{has}`"));
    }
    is_refused::<_, (u8, u8)>(&(1_u8..5), "Range");
    is_refused::<_, (u64, u32)>(&Duration::new(1, 2), "Duration");
    is_refused::<_, (i64, u64)>(&SystemTime::UNIX_EPOCH, "SystemTime");
    is_refused::<_, u32>(&V4, "Ipv4Addr");
    is_refused::<_, Vec<u32>>(&vec![V4], "Ipv4Addr");
    is_refused::<_, u128>(&V6, "Ipv6Addr");
    is_refused::<_, Result<u32, u128>>(&IpAddr::V4(V4), "IpAddr");
    #[derive(Persist)]
    struct Span {
        start: u8,
        end: u8,
    }
    is_refused::<_, Span>(&(1_u8..5), "Range");
    let message = as_another::<_, Range<u8>>(&Span { start: 1, end: 5 }).unwrap_err();
    assert!(message.contains("std's `Range` was expected"), "{message}");
}

/// In older files, these types have no name of their own.
#[test]
fn an_unnamed_value_is_read_as_the_type_with_that_encoding() {
    assert_eq!(as_another::<_, Range<u8>>(&(1_u8, 5_u8)), Ok(1..5));
    assert_eq!(as_another::<_, Range<u64>>(&(1_u8, 5_u8)), Ok(1..5));
    assert_eq!(
        as_another::<_, RangeInclusive<u8>>(&(1_u8, 5_u8)),
        Ok(1..=5)
    );
    assert_eq!(as_another::<_, RangeFrom<u8>>(&(1_u8,)), Ok(1..));
    assert_eq!(
        as_another::<_, RangeTo<Vec<f64>>>(&(vec![1.0],)),
        Ok(..vec![1.0])
    );
    assert_eq!(as_another::<_, std::ops::RangeFull>(&()), Ok(..));
    let bound = (1_u8, Some('a'));
    assert_eq!(
        as_another::<_, Bound<char>>(&bound),
        Ok(Bound::Included('a'))
    );
    let time = (5_u64, 7_u32);
    assert_eq!(as_another::<_, Duration>(&time), Ok(Duration::new(5, 7)));
    let address = 0x7f00_0001_u32;
    assert_eq!(as_another::<_, Ipv4Addr>(&address), Ok(V4));
    let either = Ok::<u32, u128>(address);
    assert_eq!(as_another::<_, IpAddr>(&either), Ok(IpAddr::V4(V4)));
    let socket = (address, 80_u16);
    let expected = SocketAddrV4::new(V4, 80);
    assert_eq!(as_another::<_, SocketAddrV4>(&socket), Ok(expected));
    let either = Ok::<_, (u128, u16, u32, u32)>(socket);
    assert_eq!(as_another::<_, SocketAddr>(&either), Ok(expected.into()));
    // These are not the encodings of the types.
    assert!(as_another::<_, Ipv6Addr>(&address).is_err());
    assert!(as_another::<_, Duration>(&socket).is_err());
    assert!(as_another::<_, Range<u64>>(&time).is_err());
    assert!(as_another::<_, Ipv4Addr>(&7_u8).is_err());
}

#[test]
fn hashes_of_types_of_std_differ() {
    assert_ne!(joblib::hash(&(1_u8..5)), joblib::hash(&(1_u8..=5)));
    assert_ne!(joblib::hash(&(1_u8..)), joblib::hash(&(..1_u8)));
    assert_ne!(joblib::hash(&V4), joblib::hash(&V4.to_bits()));
}

#[test]
fn an_inspection_names_types_of_std() {
    let place = Place::new();
    joblib::dump(&(1_u8, Duration::new(5, 7)), &place.path).unwrap();
    let inspection = joblib::inspect(&place.path).unwrap();
    assert_eq!(inspection.parts[1].what, "std's `Duration`");
    assert_eq!(inspection.version, 5);
}

/// The conversion of `from` precedes the conversion of the fields.
#[test]
fn an_older_type_with_types_of_std_is_read_from_files_without_their_names() {
    #[derive(Persist)]
    struct Written<T> {
        limit: T,
        unit: u8,
    }
    #[derive(Persist)]
    #[persist(from = Written<Duration>)]
    struct Later {
        limit: Duration,
        #[persist(default)]
        scale: u8,
    }
    impl From<Written<Duration>> for Later {
        fn from(Written { limit, unit }: Written<Duration>) -> Later {
            let scale = unit;
            Later { limit, scale }
        }
    }
    let limit = Duration::new(5, 7);
    let named: Later = loaded_as(&Written { limit, unit: 3 }).unwrap();
    assert_eq!((named.limit, named.scale), (limit, 3));
    let unnamed = Written {
        limit: (5_u64, 7_u32),
        unit: 3,
    };
    let unnamed: Later = loaded_as(&unnamed).unwrap();
    assert_eq!((unnamed.limit, unnamed.scale), (limit, 3));
}
