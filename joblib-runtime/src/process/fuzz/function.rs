//! The function that the seeds refer to, which a worker can run.

use std::any::TypeId;

use crate::task::Registration;
use crate::wire::{MessageReader, MessageWriter};

/// Returns the numbers that it receives.
pub(super) const ECHO: Registration = Registration {
    name: "joblib_runtime::fuzz::echo",
    identity: TypeId::of::<Echo>,
    fingerprint: 0,
    schema: "",
    open: |_| {
        Some(Ok(Box::new(|reader, put| {
            let numbers = reader.numbers::<u64>()?;
            reader.end()?;
            let mut result = MessageWriter::new();
            result.numbers(&numbers);
            put(&result);
            Ok(())
        })))
    },
};

/// The type that identifies [`ECHO`].
struct Echo;

inventory::submit! { ECHO }

/// Reads values of various types until the message is empty or invalid.
pub(super) fn take_all(mut reader: MessageReader<'_>) {
    while reader.left() > 0 {
        let left = reader.left();
        let taken = match left % 4 {
            0 => reader.value::<Vec<Option<u32>>>().map(drop),
            3 => reader.chosen::<Vec<Option<u32>>>().map(drop),
            1 => reader.numbers::<f64>().map(drop),
            _ => reader.numbers::<u8>().map(drop),
        };
        if taken.is_err() {
            break;
        }
        assert!(reader.left() < left);
    }
    let _ = reader.end();
}
