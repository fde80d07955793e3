//! Records: structs of nothing but numbers, many of which are one array. A record
//! lies in files as C lays out a struct, whatever its type does in memory.

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
use super::number::{Number, NumberKind, swap};
use super::traits::{Persist, Save};

/// How a value lies in an array of records.
#[derive(Clone, Copy, Debug)]
pub struct RecordLayout {
    /// Its bytes in files.
    pub(super) size: usize,
    /// What its start is a multiple of.
    pub(super) align: usize,
    many: ElementLayout,
    /// Whether a value in memory is these bytes and no others, none of which lie
    /// between its numbers.
    pub(super) is_bare: bool,
    /// Whether whatever bytes there are, they are a value.
    takes_any: bool,
    /// Whether its view borrows from a map.
    pub(super) has_rows: bool,
    /// Of how many parts it consists, itself among them.
    parts: u64,
    /// How many parts are within one another.
    depth: u64,
}

/// What many of them are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ElementLayout {
    /// A sequence of values.
    Apart,
    /// An array of numbers.
    Numbers,
    /// An array of records.
    Records,
}

impl RecordLayout {
    /// A number, whose arrays are arrays of numbers.
    pub(super) const fn number(kind: NumberKind) -> RecordLayout {
        RecordLayout {
            many: ElementLayout::Numbers,
            takes_any: !matches!(kind, NumberKind::Bool),
            ..RecordLayout::checked(kind)
        }
    }

    /// What is written as a number that not every one is.
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

    /// Nothing.
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

    /// Rows of so many, if many are an array.
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

    /// What is written as its only field, which lies like `field`. The value has
    /// `size` bytes in memory, and `is_alone` says that no other field is there but
    /// markers.
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

    /// A struct with fields that lie so, each at an offset in memory, if it is one of
    /// nothing but numbers. It has `size` bytes in memory.
    pub const fn of(fields: &[(Option<RecordLayout>, usize)], size: usize) -> Option<RecordLayout> {
        let (mut layout, mut at) = (StructLayout::start(), 0);
        while at < fields.len() {
            let (field, offset) = fields[at];
            layout = layout.field(field, offset);
            at += 1;
        }
        layout.end(size)
    }

    /// How many of the type are records, if they are.
    #[inline]
    pub(super) const fn many<T: Save>() -> Option<RecordLayout> {
        match T::RECORD {
            Some(record) if matches!(record.many, ElementLayout::Records) => Some(record),
            _ => None,
        }
    }

    /// The bytes of so many.
    ///
    /// # Errors
    ///
    /// They are more than memory has.
    pub(super) fn bytes(self, count: usize) -> Result<usize, Error> {
        let len = count.checked_mul(self.size);
        len.filter(|len| isize::try_from(*len).is_ok())
            .ok_or_else(|| Error::small("an array longer than memory"))
    }

    /// Whether the bytes of files are values as they are.
    #[inline]
    pub(super) const fn is_copied(self) -> bool {
        self.is_bare && self.takes_any
    }
}

/// A struct whose fields are told one after another.
struct StructLayout {
    record: RecordLayout,
    /// Whether all fields were records, and there is room for them.
    is_plain: bool,
}

impl StructLayout {
    /// Without fields.
    const fn start() -> StructLayout {
        StructLayout {
            record: RecordLayout {
                many: ElementLayout::Records,
                ..RecordLayout::nothing()
            },
            is_plain: true,
        }
    }

    /// With another field, which lies like `field`, and at `offset` in memory.
    const fn field(mut self, field: Option<RecordLayout>, offset: usize) -> StructLayout {
        let Some(field) = field else {
            self.is_plain = false;
            return self;
        };
        let own = &mut self.record;
        let at = aligned(own.size, field.align);
        own.is_bare &= field.is_bare && own.size == at && (offset == at || field.size == 0);
        match at.checked_add(field.size) {
            Some(end) if end <= LONGEST => own.size = end,
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

    /// The struct, if it is one of nothing but numbers; it has `size` bytes in memory.
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

/// The longest record.
const LONGEST: usize = isize::MAX as usize / 2;

/// The next multiple of `align`, a power of two.
#[inline]
const fn aligned(at: usize, align: usize) -> usize {
    (at + (align - 1)) & !(align - 1)
}

/// The bytes of values that have no others.
#[inline]
pub(super) fn bytes_of<T: Save>(values: &[T]) -> Option<&[u8]> {
    if !T::RECORD.is_some_and(|record| record.is_bare) {
        return None;
    }
    // SAFETY: derived code, which alone makes a `Record` of a struct, tells the
    // offset of each field in memory and the size of the value as the compiler has
    // them. Where it is bare, the fields are numbers that fill the value without a
    // gap: all bytes are initialized. `u8` has no alignment, and the length is that
    // of the slice in bytes.
    Some(unsafe { std::slice::from_raw_parts(values.as_ptr().cast(), size_of_val(values)) })
}

/// Puts the bytes of a number into `out`, which has room for it.
#[inline]
pub(super) fn store<N: Number>(number: &N, out: &mut [u8]) {
    out.copy_from_slice(super::number::bytes_of(std::slice::from_ref(number)));
    swap(N::KIND, out);
}

/// The number of which these are the bytes.
///
/// # Errors
///
/// They are no such number.
#[inline]
pub(super) fn fetch<N: Number>(bytes: &[u8]) -> Result<N, InvalidRecord> {
    let mut room = [0; 16];
    let room = &mut room[..size_of::<N>()];
    if bytes.len() != room.len() {
        return Err(InvalidRecord::Length);
    }
    room.copy_from_slice(bytes);
    swap(N::KIND, room);
    match N::are_valid(room) {
        // SAFETY: the bytes are those of a value, wherever they lie.
        true => Ok(unsafe { room.as_ptr().cast::<N>().read_unaligned() }),
        false => Err(InvalidRecord::Number(N::KIND)),
    }
}

/// Puts each of `values` into `out`, one after another.
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

/// The values of which `bytes` are the records, each of `size`.
///
/// # Errors
///
/// They are no such values.
#[inline]
pub(super) fn fetch_all<T: Persist, const LEN: usize>(
    bytes: &[u8],
    size: usize,
) -> Result<[T; LEN], InvalidRecord> {
    let mut room = [const { MaybeUninit::<T>::uninit() }; LEN];
    if T::RECORD.is_some_and(RecordLayout::is_copied) && bytes.len() == size_of_val(&room) {
        let start = room.as_mut_ptr().cast::<u8>();
        // SAFETY: there is room for as many bytes, which are values whatever they are.
        return Ok(unsafe {
            start.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
            std::ptr::from_ref(&room).cast::<[T; LEN]>().read()
        });
    }
    for (at, value) in room.iter_mut().enumerate() {
        let record = bytes.get(at * size..(at + 1) * size);
        value.write(T::fetch(record.ok_or(InvalidRecord::Length)?)?);
    }
    // SAFETY: each value was written, and none of them is used through `room` again.
    Ok(unsafe { std::ptr::from_ref(&room).cast::<[T; LEN]>().read() })
}

/// Takes the `count` records in the spare capacity of `values` for the values that they
/// are. They were filled in where [`start_of`] says.
///
/// # Errors
///
/// They are no such values.
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
        // SAFETY: the record is within the spare capacity and was filled by the caller.
        // It was not written over: where a value is the larger one, the records end
        // where the values do, so that value `at - 1` ends no later than record `at`
        // begins; where it is not, both begin at the same place, and value `at - 1`
        // ends at `at * size_of::<T>()`, which is no more than `at * record.size`.
        let bytes = unsafe {
            let first = base.cast::<u8>().add(start + at * record.size);
            std::slice::from_raw_parts(first, record.size)
        };
        match T::fetch(bytes) {
            // SAFETY: there is room for it, and `bytes` are used no more.
            Ok(value) => unsafe { base.add(at).write(value) },
            Err(unfit) => {
                // SAFETY: as many were written.
                unsafe { values.set_len(at) };
                return Err(unfit.into());
            }
        }
    }
    // SAFETY: all were written.
    unsafe { values.set_len(count) };
    Ok(())
}

/// At which byte of the room for values their records begin, to become values from the
/// first one on: they end where the values do, if a value is larger than a record.
pub(super) fn start_of<T>(count: usize, record: RecordLayout) -> usize {
    count * size_of::<T>().saturating_sub(record.size)
}
