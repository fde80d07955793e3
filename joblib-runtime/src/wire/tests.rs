#![allow(clippy::needless_borrow, reason = "generated code contains it")]

use std::sync::Arc;

use super::transport::*;
use super::{MessageError, MessageReader, MessageWriter, Owned};

/// Returns the message with the alignment that it has where it is received.
fn message(writer: &MessageWriter<'_>) -> Vec<u128> {
    let mut bytes = Vec::new();
    writer.append_to(&mut bytes);
    assert_eq!(bytes.len(), writer.len());
    let mut aligned = vec![0_u128; bytes.len().div_ceil(16)];
    for (word, chunk) in aligned.iter_mut().zip(bytes.chunks(16)) {
        let mut padded = [0; 16];
        padded[..chunk.len()].copy_from_slice(chunk);
        *word = u128::from_ne_bytes(padded);
    }
    aligned
}

fn bytes_of(message: &[u128], len: usize) -> &[u8] {
    &bytemuck::cast_slice(message)[..len]
}

#[test]
fn values_come_back_in_order() {
    let (name, big) = ("fold".to_owned(), vec![0.5_f64; 4_000]);
    let shared: Arc<[u32]> = vec![1, 2, 3].into();
    let mut writer = MessageWriter::new();
    (&&encode_probe::<Direct, _>(&name))
        .put(&mut writer)
        .unwrap();
    (&&encode_probe::<Direct, _>(&big))
        .put(&mut writer)
        .unwrap();
    (&&encode_probe::<Direct, _>(&7_u8))
        .put(&mut writer)
        .unwrap();
    (&&encode_probe::<Direct, _>(&shared))
        .put(&mut writer)
        .unwrap();
    (&&encode_probe::<Direct, _>(&big[..3]))
        .put(&mut writer)
        .unwrap();
    let message = message(&writer);
    let mut reader = MessageReader::new(bytes_of(&message, writer.len()));
    let taken: String = (&&DecodeProbe::<Direct, String>::NEW)
        .take(&mut reader)
        .unwrap();
    assert_eq!(taken, name);
    let lent = (&&DecodeRefProbe::<Direct, [f64]>::NEW)
        .lend(&mut reader)
        .unwrap();
    assert_eq!(lent.borrowed(), big);
    assert!(
        matches!(lent, super::ReceivedSlice::Borrowed(_)),
        "aligned numbers are not copied"
    );
    let seven: u8 = (&&DecodeProbe::<Direct, u8>::NEW)
        .take(&mut reader)
        .unwrap();
    assert_eq!(seven, 7);
    let three: Arc<[u32]> = (&&DecodeProbe::<Direct, Arc<[u32]>>::NEW)
        .take(&mut reader)
        .unwrap();
    assert_eq!(three, shared);
    let vec: Owned<Vec<f64>> = (&&DecodeRefProbe::<Direct, Vec<f64>>::NEW)
        .lend(&mut reader)
        .unwrap();
    assert_eq!(vec.borrowed(), &big[..3]);
    reader.end().unwrap();
}

#[test]
fn unaligned_numbers_are_copied() {
    let numbers = [1_u64, 2];
    let mut writer = MessageWriter::new();
    writer.numbers(&numbers);
    let mut bytes = vec![0];
    writer.append_to(&mut bytes);
    let taken = MessageReader::new(&bytes[1..])
        .numbers::<u64>()
        .unwrap()
        .into_vec();
    assert_eq!(taken, numbers);
}

#[test]
fn borrowed_text_and_slices_come_back() {
    let words = ["a".to_owned(), "b".to_owned()];
    let mut writer = MessageWriter::new();
    (&&encode_probe::<Direct, _>("text"))
        .put(&mut writer)
        .unwrap();
    (&&encode_probe::<Direct, _>(&words[..]))
        .put(&mut writer)
        .unwrap();
    let message = message(&writer);
    let mut reader = MessageReader::new(bytes_of(&message, writer.len()));
    let text = (&&DecodeRefProbe::<Direct, str>::NEW)
        .lend(&mut reader)
        .unwrap();
    let lent = (&&DecodeRefProbe::<Direct, [String]>::NEW)
        .lend(&mut reader)
        .unwrap();
    assert_eq!((text.borrowed(), lent.borrowed()), ("text", &words[..]));
}

#[test]
fn every_truncation_is_an_error() {
    let numbers = [1_u16, 2, 3];
    let mut writer = MessageWriter::new();
    writer.value("some text").unwrap();
    writer.numbers(&numbers);
    let mut bytes = Vec::new();
    writer.append_to(&mut bytes);
    for len in 0..bytes.len() {
        let mut reader = MessageReader::new(&bytes[..len]);
        let text = reader.value::<String>();
        let result = text.and_then(|_| reader.numbers::<u16>().map(super::ReceivedSlice::into_vec));
        assert!(result.is_err(), "{len} bytes");
    }
}

#[test]
fn lengths_are_not_believed() {
    let mut bytes = u64::MAX.to_ne_bytes().to_vec();
    bytes.extend([0; 24]);
    assert_eq!(
        MessageReader::new(&bytes).value::<String>(),
        Err(MessageError::Truncated)
    );
    assert_eq!(
        MessageReader::new(&bytes).numbers::<u8>(),
        Err(MessageError::Truncated)
    );
    bytes[..8].copy_from_slice(&3_u64.to_ne_bytes());
    let ragged = Err(MessageError::Ragged { bytes: 3, size: 2 });
    assert_eq!(MessageReader::new(&bytes).numbers::<u16>(), ragged);
}
