//! `Bytes` and `BytesMut` of `bytes`.

use bytes::{Bytes, BytesMut};
use joblib::Persist;

use super::{Place, as_another, dumped, golden, inspected, key, memoized, refused, there_and_back};

#[derive(Persist)]
struct Message {
    head: Bytes,
    body: BytesMut,
}

#[test]
fn every_value_comes_back() {
    for len in [0, 1, 1000, 100_000] {
        let bytes = Bytes::from(vec![7; len]);
        assert_eq!(there_and_back(&bytes), bytes);
        let bytes = BytesMut::from(&bytes[..]);
        assert_eq!(there_and_back(&bytes), bytes);
    }
    let part = Bytes::from_static(b"a longer text").slice(2..8);
    assert_eq!(there_and_back(&part), part);
}

#[test]
fn a_map_shows_slices() {
    let message = Message {
        head: Bytes::from_static(b"head"),
        body: BytesMut::zeroed(5000),
    };
    let place = Place::of(&message);
    let file = joblib::open::<Message>(&place.path).unwrap();
    let body: &[u8] = file.view().body;
    assert_eq!((file.view().head, body), (&b"head"[..], &[0; 5000][..]));
}

#[test]
fn they_are_arguments_and_results() {
    memoized! {
        Bytes: Bytes::new(), Bytes::from_static(b"text"), Bytes::from(vec![7; 10_000]);
        BytesMut: BytesMut::new(), BytesMut::from(&b"text"[..]);
    }
}

#[test]
fn keys_and_files_are_those_of_a_vec() {
    let (bytes, vec) = (Bytes::from_static(b"text"), b"text".to_vec());
    assert_eq!(key(&bytes), key(&vec));
    assert_eq!(key(&BytesMut::from(&vec[..])), key(&vec));
    assert_ne!(key(&bytes), key(&bytes.slice(1..)));
    assert_eq!(dumped(&bytes), dumped(&vec));
    assert_eq!(as_another::<Bytes>(&vec), Ok(bytes.clone()));
    assert_eq!(as_another::<Vec<u8>>(&bytes), Ok(vec));
    assert_eq!(inspected(&bytes), "an array of u8");
    refused::<Bytes>(&vec![1_u16, 2], "an array of u16");
}

#[test]
fn keys_and_files_never_change() {
    golden! {
        Bytes::from_static(b"text") => 0xae61172bbdd199f4699e0e00f87fd582, "f4478c56c7ab75732d9a03a112ca9ea8";
        BytesMut::from(&b"text"[..]) => 0xae61172bbdd199f4699e0e00f87fd582, "f4478c56c7ab75732d9a03a112ca9ea8";
    }
}
