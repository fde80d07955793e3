//! Golden values of keys, so that keys never change by accident.

use std::borrow::Cow;
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::convert::Infallible;
use std::ffi::OsStr;
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::num::{NonZero, Saturating, Wrapping};
use std::ops::Bound;
use std::path::Path;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::Serialize;

use crate::key::{FileContents, KeyHasher, feed_serde, of};

#[test]
fn keys_of_numbers_never_change() {
    golden! { of:
        () => 0x51025a4491835505e12ef9d2eb86ceeb,
        true => 0xe47f10c79243838966e9c4aa7c53ef78,
        'ß' => 0x18a5cf9f6d0bfa761a2f5c85a6fce39b,
        1u8 => 0x3d0805e30e9f8ce8e0ddbd3b8606de93,
        1u16 => 0x0938897b7f8e5c4fcd453add307eeabe,
        1u32 => 0x67b33c2459e69db9a4582560308f1c5f,
        1u64 => 0x39402d9dd04214bb81ea55122fad95a2,
        1u128 => 0x23f67118462f3f23282fc86b611c395e,
        1usize => 0x4e74f4be79c4454fd593ca65efec411b,
        -1i8 => 0xa91363de2bd075d18e848c22ad961687,
        -1i16 => 0x98030b1ecfef412e85f664697bffd064,
        -1i32 => 0x6f72d729800ac91b12bb0b82ffaa723b,
        -1i64 => 0xf8c19adcbf5b5b65a920846ca1917e61,
        -1i128 => 0x7025b590e3c523146f658a69e811bb28,
        -1isize => 0xa7605b38afdb123c67921ad9d9030161,
        1.5f32 => 0x61d6ebede807899913770486eada325c,
        1.5f64 => 0xa7181213d98725b3052504f94ce697a4,
        -0.0f64 => 0xe18da15d9cd67dc8ca6d8b7f40a43593,
        f64::from_bits(0x7ff8_0000_dead_beef) => 0xf3811f88b81d0040a7f9cf93dd797ad5,
        NonZero::<u32>::MIN => 0xee0c5ee6276797cb3bd1aa5e94543e7b,
        Wrapping(1u8) => 0xb56468b2a9072fe5a985a37286273c81,
        Saturating(1u8) => 0xaf84c5da324dbb1befef045276c13bd9,
    }
}

#[test]
fn keys_of_text_never_change() {
    golden! { of:
        "" => 0x334b47f318706e33ef6fa53f5b034ee4,
        "text" => 0x3894dedb4a2592fc25bb544bec484763,
        Cow::Borrowed("text") => 0x3894dedb4a2592fc25bb544bec484763,
        Path::new("a/b") => 0xc59d7aa9842537b62d9cea02279d0b63,
        OsStr::new("a/b") => 0xd3933627484d68e527eb0d57a7131932,
        c"a/b" => 0x053c251d4729d124879476b378d2e90c,
        FileContents("/nowhere/at/all") => 0x23d562a534c9e7089472d8edd410028f,
    }
}

#[test]
fn keys_of_collections_never_change() {
    golden! { of:
        [0.5f64; 0] => 0xd11adf2b822285f5a11b597147c89e27,
        [0.5f32; 3] => 0x4481015c4a1c78c15af6d24df92d90e5,
        [[1u8, 2], [3, 4]] => 0xfec3408780b36041c93ed26333c3f642,
        vec![1u16, 2, 3] => 0x5af501601024d3d0fc6c5e7dc9600b88,
        Vec::<u16>::new() => 0xc01b27c15eb04099a02fc62346e116f8,
        vec![vec![1u8], vec![]] => 0x75ade9d5e741ff16b60931091e316025,
        (0..1000u32).collect::<Vec<_>>() => 0x1685374a2962fe12aedbcf6ddb679490,
        VecDeque::from([1u8, 2]) => 0xf2bfe2c11063c9a6d30dc558c7abbfd0,
        LinkedList::from([1u8, 2]) => 0x8c3255730151e1b7d54f84b7800d5918,
        BTreeMap::from([(1u8, "one"), (2, "two")]) => 0x4e21f376d7417f4b8c2cb77eee213aba,
        BTreeSet::from([1u8, 2]) => 0xdc98c20f4d1f38a5fe1aa1e8cd4f6907,
        HashMap::from([(1u8, "one"), (2, "two")]) => 0xb401249efc607ebaaffc9b9b7a2e14e8,
        HashSet::from([1u8, 2]) => 0xe5f66107e861b32136b55b8e0ac7bc68,
        BinaryHeap::from([1u8, 2]) => 0x1dde0d7613d1901ffa3544774d5ee4bc,
        (1u8,) => 0x40a1c3ba70359c117c31f8f532c0d91c,
        (1u8, 2u16, "three") => 0xf28427a7254fb1c4b3ca41a79b4b9698,
        (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12) => 0xb7f230bc7150173a55484ec361f69369,
    }
}

#[test]
fn keys_of_small_types_never_change() {
    golden! { of:
        Some(1u8) => 0xbbba619623c7668cebfd1e5cf14063f0,
        None::<u8> => 0x9beae3f4866e8a69e0164bbcf40e4502,
        None::<Infallible> => 0xeb638f691bd8d0490c3074d7f1dfe3a5,
        Ok::<u8, u8>(1) => 0x2bde2712364d4251c59f0dced67cf449,
        Err::<u8, u8>(1) => 0x81eec41924517283dc9d02015f99d77b,
        Ordering::Less => 0x431847c347ccf59799f031a8832e66dc,
        Reverse(1u8) => 0xe6d0148ec6aa72735284e746ef3d9f7e,
        PhantomData::<u8> => 0x44677833353eec6c7a80546fef409986,
        1u8..2 => 0x1bc7ea5a96674e8920d530fab5142fec,
        1u8..=2 => 0x1104841c885d1e39cd2a5c7137f0cd19,
        1u8.. => 0x09f978ce0df7553df9368f6edc77563e,
        ..1u8 => 0x73031afcc610f211cf614a56256272b7,
        ..=1u8 => 0x310cb32170303ab83892e5caed463db3,
        .. => 0x275810d2c0a538385e03d77c392f4884,
        Bound::Included(1u8) => 0x7423e813a923b4c29384422c31077fc0,
        Bound::Excluded(1u8) => 0x0b2a642deddc2ab8433feb068f6f178e,
        Bound::<u8>::Unbounded => 0x11239fad00bdb2d32f0b2645dff06715,
        Duration::new(1, 2) => 0xad54c11fe0cbce0167a2bc956a54c440,
        SystemTime::UNIX_EPOCH + Duration::new(1, 2) => 0xc68d45d733cfff9a0570bbbec0a60914,
        SystemTime::UNIX_EPOCH - Duration::new(1, 2) => 0x6e336475aca45d5cea715975de214110,
        Ipv4Addr::LOCALHOST => 0xcbfd4148bddd060603cdd8a576087a8f,
        Ipv6Addr::LOCALHOST => 0x942836472d6b6c202967d91e0eb73514,
        IpAddr::V4(Ipv4Addr::LOCALHOST) => 0x60a4d0c148b4b83d6941edfdc33bfc9c,
        SocketAddrV4::new(Ipv4Addr::LOCALHOST, 80) => 0x80b01e0e261f4a0a6ca67c55ddebd75d,
        SocketAddrV6::new(Ipv6Addr::LOCALHOST, 80, 1, 2) => 0x3aecaf6a170add4289aabfadfb1d8021,
        SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 80) => 0xf59a7142329b69e2751898dd89fcd201,
    }
}

#[derive(Serialize)]
enum Described {
    Unit,
    New(u8),
    Tuple(u8, char),
    Struct {
        text: &'static str,
        map: HashMap<u8, bool>,
    },
}

#[test]
fn keys_by_serialize_never_change() {
    fn by_serialize(value: &Described) -> u128 {
        let mut hasher = KeyHasher::new();
        feed_serde(value, &mut hasher).unwrap();
        hasher.finish()
    }
    let text = "text";
    let map = HashMap::from([(1, true), (2, false)]);
    golden! { by_serialize:
        Described::Unit => 0x6305303495dbca9e32e7c896c89c92d0,
        Described::New(1) => 0x9e81cceff9c0d5bce219162b737aa92f,
        Described::Tuple(1, 'ß') => 0xce8743883cbc8eea586cd9680086478a,
        Described::Struct { text, map } => 0x938bb07310ad67f63a6a0a0c8b4a245b,
    }
}

#[test]
fn keys_of_maps_by_serialize_never_change() {
    fn by_serialize<T: Serialize>(value: &T) -> u128 {
        let mut hasher = KeyHasher::new();
        feed_serde(value, &mut hasher).unwrap();
        hasher.finish()
    }
    golden! { by_serialize:
        HashMap::from([(1u8, true), (2, false)]) => 0xc36ad77070cea9987c62b033261e332b,
        BTreeMap::from([(1u8, true), (2, false)]) => 0xc36ad77070cea9987c62b033261e332b,
        indexmap::IndexMap::from([(1u8, true), (2, false)]) => 0x78d446048ef420821baaf5ea99d60cc3,
        HashSet::from([1u8, 2]) => 0x6ed98b472aa91a6ffa8ae9378bdaff73,
        BTreeSet::from([1u8, 2]) => 0xac472a24764e025d23af83bcc97cacef,
        BinaryHeap::from([1u8, 2]) => 0xf8a4534fdce33198fe273f32c7a64989,
    }
}

#[test]
fn owners_are_what_they_own() {
    let text = of("text");
    assert_eq!(of(&"text".to_owned()), text);
    assert_eq!(of(&Cow::<str>::Owned("text".to_owned())), text);
    assert_eq!(of(&Box::<str>::from("text")), text);
    assert_eq!(of(&Rc::<str>::from("text")), text);
    assert_eq!(of(&Arc::new("text")), text);
    assert_eq!(of(&&&"text"), text);
    assert_eq!(of(&Pin::new(&"text")), text);
    assert_eq!(of(&Path::new("a").to_owned()), of(Path::new("a")));
    assert_eq!(of(&vec![1u8, 2]), of(&[1u8, 2][..]));
    assert_eq!(of(&Box::new(1.5)), of(&1.5));
}
