use super::{MessageError, MessageReader, MessageWriter};

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
