//! Records: structs that consist only of numbers. A sequence of them is stored as one
//! array. In files a record has the layout of a C struct, whatever the layout of its
//! type in memory.

mod fields;
mod invalid;
#[cfg(any(test, feature = "fuzz"))]
pub(super) mod sample;
mod schema_layout;

use std::mem::MaybeUninit;

pub use self::fields::{RecordReader, RecordWriter};
pub use self::invalid::InvalidRecord;
pub(super) use self::schema_layout::{
    LayoutCell, MOST_DEPTH, MOST_PARTS, RecordShape, SchemaLayout, gap,
};
use super::error::Error;
use super::number::{Number, NumberKind, from_bytes, swap};
use super::reader::as_bytes;
use super::traits::{Persist, Save};

/// The layout of a type in an array of records.
#[derive(Clone, Copy, Debug)]
pub struct RecordLayout {
    /// The size in files.
    pub(super) size: usize,
    /// The alignment in files.
    pub(super) align: usize,
    many: ElementLayout,
    /// Whether a value has the same layout in memory as in files, without padding.
    pub(super) is_bare: bool,
    /// Whether all bit patterns are valid values.
    takes_any: bool,
    /// Whether its view borrows rows from the map.
    pub(super) has_rows: bool,
    /// The number of nodes, including itself.
    parts: u64,
    /// The nesting depth of nodes.
    depth: u64,
}

/// How a sequence of the type is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ElementLayout {
    /// As a sequence of values.
    Apart,
    /// As an array of numbers.
    Numbers,
    /// As an array of records.
    Records,
}

impl RecordLayout {
    /// The layout of a number, whose sequences are arrays of numbers.
    pub(super) const fn number(kind: NumberKind) -> RecordLayout {
        RecordLayout {
            many: ElementLayout::Numbers,
            takes_any: !matches!(kind, NumberKind::Bool),
            ..RecordLayout::checked(kind)
        }
    }

    /// The layout of a type that is written as a number, but has fewer valid values.
    pub(super) const fn checked(kind: NumberKind) -> RecordLayout {
        RecordLayout {
            size: kind.size(),
            align: kind.part(),
            many: ElementLayout::Apart,
            is_bare: cfg!(target_endian = "little") || kind.part() == 1,
            takes_any: false,
            has_rows: false,
            parts: 1,
            depth: 1,
        }
    }

    /// The layout of a type without contents.
    pub(super) const fn nothing() -> RecordLayout {
        RecordLayout {
            size: 0,
            align: 1,
            many: ElementLayout::Apart,
            is_bare: true,
            takes_any: true,
            has_rows: false,
            parts: 1,
            depth: 1,
        }
    }

    /// The layout of rows of `len` values, if a sequence of them is an array.
    pub(super) const fn rows(self, len: usize) -> Option<RecordLayout> {
        match (self.many, self.size.checked_mul(len)) {
            (ElementLayout::Apart, _) | (_, None) => None,
            (_, Some(size)) => Some(RecordLayout {
                size,
                has_rows: true,
                parts: self.parts + 1,
                depth: self.depth + 1,
                ..self
            }),
        }
    }

    /// The layout of a type that is written as its only field, which has the layout
    /// `field`. The type has `size` bytes in memory. `is_alone` means that all other
    /// fields are markers.
    pub const fn only(
        field: Option<RecordLayout>,
        size: usize,
        is_alone: bool,
    ) -> Option<RecordLayout> {
        match field {
            Some(field) => Some(RecordLayout {
                is_bare: field.is_bare && is_alone && size == field.size,
                ..field
            }),
            None => None,
        }
    }

    /// The layout of a struct with these fields, each with its offset in memory, if it
    /// consists only of numbers. The struct has `size` bytes in memory.
    pub const fn of(fields: &[(Option<RecordLayout>, usize)], size: usize) -> Option<RecordLayout> {
        let (mut layout, mut at) = (StructLayout::start(), 0);
        while at < fields.len() {
            let (field, offset) = fields[at];
            layout = layout.field(field, offset);
            at += 1;
        }
        layout.end(size)
    }

    /// Returns the layout of the type if sequences of it are arrays of records.
    #[inline]
    pub(super) const fn many<T: Save>() -> Option<RecordLayout> {
        match T::RECORD {
            Some(record) if matches!(record.many, ElementLayout::Records) => Some(record),
            _ => None,
        }
    }

    /// Returns the size of `count` records.
    ///
    /// # Errors
    ///
    /// Fails if it exceeds the address space.
    pub(super) fn bytes(self, count: usize) -> Result<usize, Error> {
        let len = count.checked_mul(self.size);
        len.filter(|len| isize::try_from(*len).is_ok())
            .ok_or_else(|| Error::damaged_body("an array exceeds the address space"))
    }

    /// Whether the bytes in files are valid values in memory without conversion.
    #[inline]
    pub(super) const fn is_copied(self) -> bool {
        self.is_bare && self.takes_any
    }
}

/// Computes the layout of a struct, field by field.
struct StructLayout {
    record: RecordLayout,
    /// Whether all fields have layouts, and the size is within the limit.
    is_plain: bool,
}

impl StructLayout {
    /// Starts a struct without fields.
    const fn start() -> StructLayout {
        StructLayout {
            record: RecordLayout {
                many: ElementLayout::Records,
                ..RecordLayout::nothing()
            },
            is_plain: true,
        }
    }

    /// Adds a field with the layout `field`, at `offset` in memory.
    const fn field(mut self, field: Option<RecordLayout>, offset: usize) -> StructLayout {
        let Some(field) = field else {
            self.is_plain = false;
            return self;
        };
        let own = &mut self.record;
        let at = aligned(own.size, field.align);
        own.is_bare &= field.is_bare && own.size == at && (offset == at || field.size == 0);
        match at.checked_add(field.size) {
            Some(end) if end <= MAX_SIZE => own.size = end,
            _ => self.is_plain = false,
        }
        if own.align < field.align {
            own.align = field.align;
        }
        own.takes_any &= field.takes_any;
        own.has_rows |= field.has_rows;
        own.parts += field.parts;
        if own.depth <= field.depth {
            own.depth = field.depth + 1;
        }
        self
    }

    /// Returns the layout, if the struct consists only of numbers. It has `size` bytes in
    /// memory.
    const fn end(self, size: usize) -> Option<RecordLayout> {
        let mut record = self.record;
        let end = record.size;
        record.size = aligned(end, record.align);
        record.is_bare &= record.size == end && size == end;
        let is_small = record.parts <= MOST_PARTS && record.depth <= MOST_DEPTH;
        match self.is_plain && is_small && record.size > 0 {
            true => Some(record),
            false => None,
        }
    }
}

/// The maximum size of a record.
const MAX_SIZE: usize = isize::MAX as usize / 2;

/// Returns the next multiple of `align`, a power of two.
#[inline]
const fn aligned(at: usize, align: usize) -> usize {
    (at + (align - 1)) & !(align - 1)
}

/// Returns the bytes of values whose layout in memory is that of files.
#[inline]
pub(super) fn bytes_of<T: Save>(values: &[T]) -> Option<&[u8]> {
    if !T::RECORD.is_some_and(|record| record.is_bare) {
        return None;
    }
    // SAFETY: only derived code creates a `RecordLayout` of a struct, from the offset of
    // each field and the size of the struct as the compiler has them. If it is bare, the
    // fields are numbers that fill the value without padding: all bytes are initialized.
    // `u8` has no alignment, and the length is the size of the slice in bytes.
    Some(unsafe { std::slice::from_raw_parts(values.as_ptr().cast(), size_of_val(values)) })
}

/// Writes the bytes of a number to `out`, which has its size.
#[inline]
pub(super) fn store<N: Number>(number: &N, out: &mut [u8]) {
    out.copy_from_slice(bytemuck::bytes_of(number));
    swap(N::KIND, out);
}

/// Reads a number from its bytes.
///
/// # Errors
///
/// Fails if they are not a valid number.
#[inline]
pub(super) fn fetch<N: Number>(bytes: &[u8]) -> Result<N, InvalidRecord> {
    let mut room = [0; 16];
    let room = &mut room[..size_of::<N>()];
    if bytes.len() != room.len() {
        return Err(InvalidRecord::Length);
    }
    room.copy_from_slice(bytes);
    swap(N::KIND, room);
    from_bytes(room).ok_or(InvalidRecord::Number(N::KIND))
}

/// Writes all `values` to `out`, contiguously.
#[inline]
pub(super) fn store_all<T: Save>(values: &[T], size: usize, out: &mut [u8]) {
    match bytes_of(values) {
        Some(bytes) => out.copy_from_slice(bytes),
        None if size == 0 => {}
        None => {
            let each = values.iter().zip(out.chunks_exact_mut(size));
            each.for_each(|(value, out)| value.store(out));
        }
    }
}

/// Reads `LEN` values from their records, each of `size` bytes.
///
/// # Errors
///
/// Fails if they are not valid values.
#[inline]
pub(super) fn fetch_all<T: Persist, const LEN: usize>(
    bytes: &[u8],
    size: usize,
) -> Result<[T; LEN], InvalidRecord> {
    let mut room = [const { MaybeUninit::<T>::uninit() }; LEN];
    if T::RECORD.is_some_and(RecordLayout::is_copied) && bytes.len() == size_of_val(&room) {
        as_bytes(&mut room).copy_from_slice(bytemuck::must_cast_slice(bytes));
    } else {
        for (at, value) in room.iter_mut().enumerate() {
            let record = bytes.get(at * size..(at + 1) * size);
            value.write(T::fetch(record.ok_or(InvalidRecord::Length)?)?);
        }
    }
    // SAFETY: each value was written, or all bytes of values that any bytes are valid
    // for. `room` is not used after this.
    Ok(unsafe { std::ptr::from_ref(&room).cast::<[T; LEN]>().read() })
}

/// Converts the `count` records in the spare capacity of `values` into values, in
/// place. The caller has written the records at the offset that [`start_of`] returns.
///
/// # Errors
///
/// Fails if they are not valid values.
pub(super) fn spread<T: Persist>(
    values: &mut Vec<T>,
    count: usize,
    record: RecordLayout,
) -> Result<(), Error> {
    let room = values.spare_capacity_mut();
    let start = start_of::<T>(count, record);
    assert!(size_of_val(room) >= start + count * record.size && room.len() >= count);
    let base = room.as_mut_ptr().cast::<T>();
    for at in 0..count {
        // SAFETY: the record is within the spare capacity and was written by the caller.
        // No value has overwritten it: if values are larger than records, the records end
        // where the values do, so value `at - 1` ends no later than record `at` starts;
        // otherwise both start at the same address, and value `at - 1` ends at `at *
        // size_of::<T>()`, which is at most `at * record.size`.
        let bytes = unsafe {
            let first = base.cast::<u8>().add(start + at * record.size);
            std::slice::from_raw_parts(first, record.size)
        };
        match T::fetch(bytes) {
            // SAFETY: there is room for it, and `bytes` is not used after this.
            Ok(value) => unsafe { base.add(at).write(value) },
            Err(invalid) => {
                // SAFETY: `at` values were written.
                unsafe { values.set_len(at) };
                return Err(invalid.into());
            }
        }
    }
    // SAFETY: all values were written.
    unsafe { values.set_len(count) };
    Ok(())
}

/// Returns the offset in the space for `count` values at which their records start, so
/// that they can be converted in place from the first one on: if values are larger than
/// records, the records end where the values do.
pub(super) fn start_of<T>(count: usize, record: RecordLayout) -> usize {
    count * size_of::<T>().saturating_sub(record.size)
}
