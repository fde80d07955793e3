//! Keys of network addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use super::{Key, KeyHasher, tag};

macro_rules! addresses {
    ($($type:ty = $tag:ident, |$address:ident, $hasher:ident| $feed:expr);* $(;)?) => {$(
        impl Key for $type {
            fn feed_type(hasher: &mut KeyHasher) {
                hasher.write_u8(tag::$tag);
            }

            fn feed(&self, $hasher: &mut KeyHasher) {
                let $address = self;
                $feed
            }
        }
    )*};
}

addresses! {
    Ipv4Addr = IPV4, |address, hasher| address.octets().feed(hasher);
    Ipv6Addr = IPV6, |address, hasher| address.octets().feed(hasher);
    IpAddr = IP, |address, hasher| match address {
        IpAddr::V4(address) => feed_version(4, address, hasher),
        IpAddr::V6(address) => feed_version(6, address, hasher),
    };
    SocketAddrV4 = SOCKET_V4, |address, hasher| {
        address.ip().feed(hasher);
        address.port().feed(hasher);
    };
    SocketAddrV6 = SOCKET_V6, |address, hasher| {
        address.ip().feed(hasher);
        address.port().feed(hasher);
        address.flowinfo().feed(hasher);
        address.scope_id().feed(hasher);
    };
    SocketAddr = SOCKET, |address, hasher| match address {
        SocketAddr::V4(address) => feed_version(4, address, hasher),
        SocketAddr::V6(address) => feed_version(6, address, hasher),
    };
}

fn feed_version(version: u8, address: &impl Key, hasher: &mut KeyHasher) {
    hasher.write_u8(version);
    address.feed(hasher);
}
