//! std types that have a name in files, and the types that stand for them in older files.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::ops::{Bound, Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};
use std::time::{Duration, SystemTime};

type Ends<A, B, C> = (
    (Range<A>, RangeInclusive<B>, RangeFrom<A>),
    (RangeTo<B>, RangeToInclusive<C>, RangeFull),
    [Bound<A>; 3],
);
type Times = (Duration, SystemTime);
type Addresses = (
    (Ipv4Addr, Ipv6Addr, [IpAddr; 2]),
    (SocketAddrV4, SocketAddrV6, [SocketAddr; 2]),
);

/// All of these types, with parameters.
pub(super) type Standard<A, B, C> = (Ends<A, B, C>, Times, Addresses, Vec<Option<Range<A>>>);

type UnnamedV4 = (u32, u16);
type UnnamedV6 = (u128, u16, u32, u32);

/// The types as which older files store them.
pub(super) type Unnamed = (
    (
        ((u8, u8), (i32, i32), (u8,)),
        ((i32,), (String,), ()),
        [(u8, Option<u8>); 3],
    ),
    ((u64, u32), (i64, u32)),
    (
        (u32, u128, [Result<u32, u128>; 2]),
        (UnnamedV4, UnnamedV6, [Result<UnnamedV4, UnnamedV6>; 2]),
    ),
    Vec<Option<(u8, u8)>>,
);

const V4: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const V6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);

pub(super) fn standard() -> Standard<u8, i32, String> {
    let (v4, v6) = (SocketAddrV4::new(V4, 80), SocketAddrV6::new(V6, 443, 1, 2));
    (
        (
            (1..5, -300..=300, 7..),
            (..-1, ..="end".to_owned(), ..),
            [Bound::Unbounded, Bound::Included(1), Bound::Excluded(2)],
        ),
        (
            Duration::new(5, 999_999_999),
            SystemTime::UNIX_EPOCH - Duration::new(1, 1),
        ),
        (
            (V4, V6, [V4.into(), V6.into()]),
            (v4, v6, [v4.into(), v6.into()]),
        ),
        vec![None, Some(0..255)],
    )
}

pub(super) fn unnamed() -> Unnamed {
    let (v4, v6) = (V4.to_bits(), V6.to_bits());
    let sockets = ((v4, 80), (v6, 443, 1, 2));
    (
        (
            ((1, 5), (-300, 300), (7,)),
            ((-1,), ("end".to_owned(),), ()),
            [(0, None), (1, Some(1)), (2, Some(2))],
        ),
        ((5, 999_999_999), (-2, 999_999_999)),
        (
            (v4, v6, [Ok(v4), Err(v6)]),
            (sockets.0, sockets.1, [Ok(sockets.0), Err(sockets.1)]),
        ),
        vec![None, Some((0, 255))],
    )
}
