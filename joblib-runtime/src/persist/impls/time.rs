//! Times and network addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::number::checked;
use crate::persist::derive_support::{BodyReader, BodyWriter, SchemaBuilder, Viewer};
use crate::persist::error::{Error, ErrorKind};
use crate::persist::mode::MapMode;
use crate::persist::row::one_by_one;
use crate::persist::traits::{Persist, Save};

const NANOS: u32 = 1_000_000_000;

checked! {
    [] Duration as "Duration" of (u64, u32),
        |time| (time.as_secs(), time.subsec_nanos()),
        |time| match time {
            (seconds, nanos) if nanos < NANOS => Ok(Duration::new(seconds, nanos)),
            (_, nanos) => Err(Error::damaged_body(format!("invalid number of nanoseconds {nanos}"))),
        };
    [] Ipv4Addr as "Ipv4Addr" of u32, |address| address.to_bits(), |bits| Ok(Ipv4Addr::from_bits(bits));
    [] Ipv6Addr as "Ipv6Addr" of u128, |address| address.to_bits(), |bits| Ok(Ipv6Addr::from_bits(bits));
    [] IpAddr as "IpAddr" of Result<Ipv4Addr, Ipv6Addr>,
        |address| match *address {
            IpAddr::V4(address) => Ok(address),
            IpAddr::V6(address) => Err(address),
        },
        |address| Ok(match address {
            Ok(address) => IpAddr::V4(address),
            Err(address) => IpAddr::V6(address),
        });
    [] SocketAddrV4 as "SocketAddrV4" of (Ipv4Addr, u16),
        |address| (*address.ip(), address.port()),
        |parts| Ok(SocketAddrV4::new(parts.0, parts.1));
    [] SocketAddrV6 as "SocketAddrV6" of (Ipv6Addr, u16, u32, u32),
        |address| (*address.ip(), address.port(), address.flowinfo(), address.scope_id()),
        |parts| Ok(SocketAddrV6::new(parts.0, parts.1, parts.2, parts.3));
    [] SocketAddr as "SocketAddr" of Result<SocketAddrV4, SocketAddrV6>,
        |address| match *address {
            SocketAddr::V4(address) => Ok(address),
            SocketAddr::V6(address) => Err(address),
        },
        |address| Ok(match address {
            Ok(address) => SocketAddr::V4(address),
            Err(address) => SocketAddr::V6(address),
        });
}

/// Encoded as seconds since 1970, rounded down, and the remaining nanoseconds.
impl Save for SystemTime {
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        schemas.named_type::<(i64, u32)>("SystemTime")
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        let (seconds, nanos) = match self.duration_since(UNIX_EPOCH) {
            Ok(after) => (i64::try_from(after.as_secs()).ok(), after.subsec_nanos()),
            Err(error) => {
                let before = error.duration();
                let seconds = 0_i64.checked_sub_unsigned(before.as_secs());
                match before.subsec_nanos() {
                    0 => (seconds, 0),
                    nanos => (seconds.and_then(|it| it.checked_sub(1)), NANOS - nanos),
                }
            }
        };
        let seconds = seconds.ok_or_else(|| {
            let message = format!("the time {self:?} is out of range");
            ErrorKind::Value(message)
        })?;
        writer.signed(seconds);
        writer.varint(nanos.into());
        Ok(())
    }
}

impl Persist for SystemTime {
    type View<'m, M: MapMode> = SystemTime;
    one_by_one!();

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        let (seconds, nanos) = <(i64, u32)>::load(reader)?;
        if nanos >= NANOS {
            return Err(Error::damaged_body(format!(
                "invalid number of nanoseconds {nanos}"
            )));
        }
        let whole = Duration::from_secs(seconds.unsigned_abs());
        let start = match seconds {
            0.. => UNIX_EPOCH.checked_add(whole),
            _ => UNIX_EPOCH.checked_sub(whole),
        };
        start
            .and_then(|start| start.checked_add(Duration::from_nanos(nanos.into())))
            .ok_or_else(|| Error::damaged_body("a time out of range for this system"))
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self, Error> {
        Self::load(viewer.reader())
    }
}
