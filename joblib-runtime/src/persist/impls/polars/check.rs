//! Checks the lengths in an Arrow IPC stream before polars reads it. Polars allocates what
//! a message states, and a program that asks for too much memory is aborted. Polars also
//! takes a stream that ends early for a shorter one.

use polars_arrow::io::ipc::format::ipc::planus::ReadAsRoot;
use polars_arrow::io::ipc::format::ipc::{MessageHeaderRef, MessageRef, RecordBatchRef};

/// Precedes the length of each message.
const CONTINUATION: [u8; 4] = [0xff; 4];

/// The highest number of rows that polars supports.
const MAX_ROWS: u64 = u32::MAX as u64;

/// Fails unless each message of the stream is complete, is of a kind that joblib writes and
/// has its buffers, one behind the other, in the bytes that follow it.
pub(super) fn stream(mut bytes: &[u8]) -> Result<(), String> {
    loop {
        let len;
        (len, bytes) = message_len(bytes).ok_or("it ends early")?;
        if len == 0 {
            return match bytes {
                [] => Ok(()),
                _ => Err("bytes after its end".to_owned()),
            };
        }
        let message;
        (message, bytes) = bytes.split_at_checked(len).ok_or("it ends early")?;
        let message = MessageRef::read_as_root(message).map_err(|it| it.to_string())?;
        let body = message.body_length().map_err(|it| it.to_string())?;
        let body = usize::try_from(body).map_err(|it| it.to_string())?;
        (_, bytes) = bytes.split_at_checked(body).ok_or("it ends early")?;
        match message.header().map_err(|it| it.to_string())? {
            Some(MessageHeaderRef::Schema(_)) => {}
            Some(MessageHeaderRef::RecordBatch(batch)) => arrays(batch, body as u64)?,
            Some(MessageHeaderRef::DictionaryBatch(batch)) => {
                let batch = batch.data().map_err(|it| it.to_string())?;
                arrays(batch.ok_or("a dictionary without values")?, body as u64)?;
            }
            _ => return Err("a message of an unknown kind".to_owned()),
        }
    }
}

fn message_len(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let bytes = bytes.strip_prefix(&CONTINUATION)?;
    let (len, bytes) = bytes.split_first_chunk()?;
    let len = u32::from_le_bytes(*len).try_into().ok()?;
    Some((len, bytes))
}

/// Checks the arrays of a message that `body` bytes follow.
fn arrays(batch: RecordBatchRef<'_>, body: u64) -> Result<(), String> {
    if batch.compression().map_err(|it| it.to_string())?.is_some() {
        return Err("it is compressed".to_owned());
    }
    let nodes = batch.nodes().map_err(|it| it.to_string())?;
    for node in nodes.into_iter().flatten() {
        // An array of nulls has no bytes, every other at least one bit for each value.
        let bits = body.saturating_mul(8);
        if !u64::try_from(node.length()).is_ok_and(|len| len <= bits.max(MAX_ROWS)) {
            return Err(format!("an array of {} values", node.length()));
        }
    }
    let mut end = 0;
    let buffers = batch.buffers().map_err(|it| it.to_string())?;
    for buffer in buffers.into_iter().flatten() {
        let outside = || "a buffer outside its message".to_owned();
        let offset = u64::try_from(buffer.offset()).map_err(|_| outside())?;
        let len = u64::try_from(buffer.length()).map_err(|_| outside())?;
        // Without overlaps the buffers together are not longer than the file.
        if offset < end {
            return Err("buffers that overlap".to_owned());
        }
        end = offset.checked_add(len).ok_or_else(outside)?;
    }
    match end <= body {
        true => Ok(()),
        false => Err("a buffer outside its message".to_owned()),
    }
}
