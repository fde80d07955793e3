use std::sync::Arc;

use super::{AsBorrowed, Encoding, NUMBERS, Owned, SERDE, Transport};
use crate::wire::{MessageReader, MessageWriter, ReceivedSlice};

type Numbers = Encoding<NUMBERS>;
type Serde = Encoding<SERDE>;

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
    Serde::put(&name, &mut writer).unwrap();
    Numbers::put(&big, &mut writer).unwrap();
    Serde::put(&7_u8, &mut writer).unwrap();
    Numbers::put(&shared, &mut writer).unwrap();
    Numbers::put(&big[..3], &mut writer).unwrap();
    let message = message(&writer);
    let mut reader = MessageReader::new(bytes_of(&message, writer.len()));
    let taken: String = Serde::take(&mut reader).unwrap();
    assert_eq!(taken, name);
    let lent = <Numbers as Transport<[f64]>>::lend(&mut reader).unwrap();
    assert_eq!(lent.borrowed(), big);
    assert!(
        matches!(lent, ReceivedSlice::Borrowed(_)),
        "aligned numbers are not copied"
    );
    let seven: u8 = Serde::take(&mut reader).unwrap();
    assert_eq!(seven, 7);
    let three: Arc<[u32]> = Numbers::take(&mut reader).unwrap();
    assert_eq!(three, shared);
    let vec: Owned<Vec<f64>> = <Numbers as Transport<Vec<f64>>>::lend(&mut reader).unwrap();
    assert_eq!(vec.borrowed(), &big[..3]);
    reader.end().unwrap();
}

#[test]
fn borrowed_text_and_slices_come_back() {
    let words = ["a".to_owned(), "b".to_owned()];
    let mut writer = MessageWriter::new();
    Serde::put("text", &mut writer).unwrap();
    Serde::put(&words[..], &mut writer).unwrap();
    let message = message(&writer);
    let mut reader = MessageReader::new(bytes_of(&message, writer.len()));
    let text = <Serde as Transport<str>>::lend(&mut reader).unwrap();
    let lent = <Serde as Transport<[String]>>::lend(&mut reader).unwrap();
    assert_eq!((text.borrowed(), lent.borrowed()), ("text", &words[..]));
}
