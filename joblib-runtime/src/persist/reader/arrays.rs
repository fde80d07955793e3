//! Reads arrays: finds their bytes, inline in the body or in a segment, and converts
//! them to numbers.

use std::mem::MaybeUninit;

use super::BodyReader;
use crate::persist::block::filled_vec;
use crate::persist::body_encoding::{BodyEncoding, INLINE, SEGMENT, SEGMENT_MIN_LEN, gap};
use crate::persist::error::{Error, ErrorKind, invalid_numbers};
use crate::persist::number::{Number, NumberKind, are_valid, swap};
use crate::persist::owner::Owner;
use crate::persist::row::{IsElement, lengths_of};
use crate::persist::schema::Rank;
use crate::persist::traits::Persist;
use crate::persist::untyped::ArrayShape;
use crate::persist::{madvise, widen};

/// The location of the bytes of an array.
pub(in crate::persist) enum ArrayLocation {
    /// Inline, at the current position of the body.
    Here,
    Segment(u64, NumberKind),
}

impl BodyReader<'_> {
    /// Verifies that the next length is `expected`, without consuming it.
    ///
    /// # Errors
    ///
    /// Fails if it is another one. The length is consumed then.
    pub(in crate::persist) fn peek_expected_length(&mut self, expected: u64) -> Result<(), Error> {
        let start = self.position();
        self.read_expected_length(expected)?;
        // The bytes just read are still in the window.
        self.at -= (self.position() - start) as usize;
        Ok(())
    }

    /// Reads the next length, which must be `expected`.
    #[inline]
    fn read_expected_length(&mut self, expected: u64) -> Result<(), Error> {
        match self.varint()? {
            found if found == expected => Ok(()),
            found => {
                let found = format!("an array of {found} values");
                Err(Error::type_mismatch(found, format!("one of {expected}")))
            }
        }
    }

    /// Returns the location of an array of `len` bytes.
    pub(in crate::persist) fn array_location(
        &mut self,
        kind: NumberKind,
        len: u64,
    ) -> Result<ArrayLocation, Error> {
        self.array_location_aligned(kind, kind.size(), len)
    }

    /// As [`array_location`](BodyReader::array_location), for an array with this alignment.
    pub(in crate::persist) fn array_location_aligned(
        &mut self,
        kind: NumberKind,
        align: usize,
        len: u64,
    ) -> Result<ArrayLocation, Error> {
        let place = match self.form {
            BodyEncoding::File if len >= SEGMENT_MIN_LEN => {
                self.next += 1;
                ArrayLocation::Segment(self.next - 1, kind)
            }
            BodyEncoding::File | BodyEncoding::Flat => ArrayLocation::Here,
            BodyEncoding::Adapted => match self.raw()? {
                [INLINE] => ArrayLocation::Here,
                [SEGMENT] => {
                    let index = self.varint()?;
                    let [number] = self.raw()?;
                    let kind = NumberKind::from_number(number);
                    ArrayLocation::Segment(
                        index,
                        kind.ok_or_else(|| {
                            Error::damaged_body("invalid element type of an array")
                        })?,
                    )
                }
                _ => return Err(Error::damaged_body("invalid location of an array")),
            },
        };
        match place {
            ArrayLocation::Segment(index, stored) => {
                let expected = len / kind.size() as u64 * stored.size() as u64;
                if !self.source.get_mut().is_segment(index, stored, expected) {
                    let why = format!("expected {expected} bytes of {}", stored.name());
                    return Err(Error::damaged(format!("array {index}"), why));
                }
            }
            ArrayLocation::Here if len == 0 => {}
            ArrayLocation::Here => self.skip_gap(align)?,
        }
        Ok(place)
    }

    fn skip_gap(&mut self, align: usize) -> Result<(), Error> {
        if self.form == BodyEncoding::Flat {
            return Ok(());
        }
        let gap = gap(self.position(), align);
        match self.take(gap)?.iter().all(|byte| *byte == 0) {
            true => Ok(()),
            false => Err(Error::damaged_body("non-zero padding before an array")),
        }
    }

    /// Returns `count` numbers without a copy, if the owner keeps their memory. If it
    /// returns `None`, [`numbers`](BodyReader::numbers) reads them.
    pub(in crate::persist) fn borrowed_numbers<N: Number>(
        &mut self,
        count: usize,
    ) -> Result<Option<(*const N, Owner)>, Error> {
        let len = bytes_for::<N>(count)?;
        // Only segments that have the same layout as in memory can be used in place.
        if self.form != BodyEncoding::File
            || (len as u64) < SEGMENT_MIN_LEN
            || cfg!(target_endian = "big")
        {
            return Ok(None);
        }
        let index = self.next;
        let source = self.source.get_mut();
        if !source.is_segment(index, N::KIND, len as u64) {
            return Ok(None);
        }
        let Some((start, owner)) = source.keep(index, len)? else {
            return Ok(None);
        };
        self.next += 1;
        let start = start.cast::<N>();
        if !start.is_aligned() {
            return Err(Error::damaged("an array", "it is not aligned"));
        }
        // SAFETY: the source returned `len` valid bytes.
        let bytes = unsafe { std::slice::from_raw_parts(start.cast::<u8>(), len) };
        match are_valid::<N>(bytes) {
            true => Ok(Some((start, owner))),
            false => Err(invalid_numbers(N::KIND)),
        }
    }

    /// Reads `count` numbers.
    ///
    /// # Errors
    ///
    /// Fails if they are missing or invalid.
    pub fn numbers<N: Number>(&mut self, count: usize) -> Result<Vec<N>, Error> {
        self.cells(IsElement::new(), count)
    }

    /// As [`numbers`](BodyReader::numbers), for elements that have the same layout in
    /// files as in memory.
    fn cells<T>(&mut self, cells: IsElement<T>, count: usize) -> Result<Vec<T>, Error> {
        let len = bytes_for::<T>(count)?;
        match self.array_location(cells.kind, len as u64)? {
            ArrayLocation::Here if len as u64 > self.left() => {
                Err(Error::damaged_body("unexpected end before an array"))
            }
            ArrayLocation::Here => {
                self.allowance.take(len as u64)?;
                cells_of(cells, self.take(len)?, count)
            }
            ArrayLocation::Segment(index, kind) if kind == cells.kind => {
                self.allowance.take(len as u64)?;
                cells_from(cells, count, |room| {
                    madvise::request_huge_pages(room);
                    self.source.get_mut().fill(index, room)
                })
            }
            ArrayLocation::Segment(index, kind) => {
                let stored = len / cells.kind.size() * kind.size();
                // The stored bytes, the widened bytes, and the values.
                self.allowance
                    .take((2 * len as u64).saturating_add(stored as u64))?;
                let bytes = self.segment(index, stored)?;
                let bytes = widen::widened(kind, cells.kind, &bytes)?;
                cells_of(cells, &bytes, count)
            }
        }
    }

    /// Reads an array of `LEN` elements, which is too small for a segment.
    #[inline]
    pub(in crate::persist) fn short_array<T, const LEN: usize>(
        &mut self,
        cells: IsElement<T>,
    ) -> Result<[T; LEN], Error> {
        self.read_expected_length(LEN as u64)?;
        let len = size_of::<[T; LEN]>();
        match self.array_location(cells.kind, len as u64)? {
            ArrayLocation::Here => {}
            ArrayLocation::Segment(..) => {
                return Err(Error::damaged_body("a short array is in a segment"));
            }
        }
        let mut room = MaybeUninit::<[T; LEN]>::uninit();
        let bytes = self.take(len)?;
        // SAFETY: the destination has as many bytes, and is not shared.
        let bytes = unsafe {
            room.as_mut_ptr()
                .cast::<u8>()
                .copy_from_nonoverlapping(bytes.as_ptr(), len);
            std::slice::from_raw_parts_mut(room.as_mut_ptr().cast::<u8>(), len)
        };
        swap(cells.kind, bytes);
        match (cells.are_valid)(bytes) {
            // SAFETY: `room` has valid numbers, and `IsElement` proves that `T` consists
            // of such numbers.
            true => Ok(unsafe { room.assume_init() }),
            false => Err(invalid_numbers(cells.kind)),
        }
    }

    /// Reads all bytes of a segment, of which there are `len`.
    pub(in crate::persist) fn segment(&mut self, index: u64, len: usize) -> Result<Vec<u8>, Error> {
        filled_vec(len, |room| self.source.get_mut().fill(index, room))
    }

    /// Whether sequences of rows are stored as one array.
    pub(in crate::persist) fn has_rows(&mut self) -> bool {
        self.differs_from_version_1 |= !self.is_version_1;
        !self.is_version_1
    }

    /// Reads the shape of a sequence of rows with these lengths, outermost first.
    pub(in crate::persist) fn rows_shape(&mut self, lengths: &[u64]) -> Result<ArrayShape, Error> {
        let grid = ArrayShape::read(Rank::Fixed(1 + lengths.len() as u32), self)?;
        let mut known = grid.dimensions.len();
        if self.form == BodyEncoding::Adapted {
            // The lengths of rows are unknown if there are no rows.
            let empty = grid.dimensions.iter().position(|len| *len == 0);
            known = empty.map_or(known, |at| at + 1);
        }
        match grid.dimensions[1..known] == lengths[..known - 1] {
            true => Ok(grid),
            false => Err(Error::type_mismatch(
                format!("an array of rows of {}", shape(&grid.dimensions[1..])),
                format!("one of rows of {}", shape(lengths)),
            )),
        }
    }

    /// Reads many rows of numbers.
    pub(in crate::persist) fn rows<T: Persist>(
        &mut self,
        cells: IsElement<T>,
    ) -> Result<Vec<T>, Error> {
        let grid = self.rows_shape(&lengths_of::<T>())?;
        if !cells.is_bare {
            return self.fetched_rows(cells, &grid);
        }
        let rows = self.cells(cells, grid.rows()?)?;
        if grid.order == 0 {
            return Ok(rows);
        }
        let bytes = cells.bytes_of(&rows);
        self.allowance.take(2 * bytes.len() as u64)?;
        cells_of(
            cells,
            &grid.to_row_major(cells.kind.size(), bytes)?,
            rows.len(),
        )
    }
}

/// Formats lengths as in `3` and `4 × 3`.
fn shape(lengths: &[u64]) -> String {
    let lengths: Vec<_> = lengths.iter().map(u64::to_string).collect();
    lengths.join(" × ")
}

/// Returns the size of `count` values, which may be zero-sized. Fails if it exceeds the
/// address space.
pub(in crate::persist) fn bytes_for<T>(count: usize) -> Result<usize, Error> {
    let len = count.checked_mul(size_of::<T>());
    len.filter(|len| isize::try_from(*len).is_ok())
        .ok_or_else(|| Error::damaged_body("an array exceeds the address space"))
}

pub(super) fn vec_of<T>(count: usize) -> Result<Vec<T>, Error> {
    let mut values = Vec::new();
    values.try_reserve_exact(count).map_err(|_| {
        let bytes = (count as u64).saturating_mul(size_of::<T>() as u64);
        ErrorKind::OutOfMemory { bytes }
    })?;
    Ok(values)
}

pub(in crate::persist) fn as_bytes<T>(room: &mut [MaybeUninit<T>]) -> &mut [MaybeUninit<u8>] {
    let len = size_of_val(room);
    // SAFETY: this is the same memory, which may be uninitialized in both types; only
    // bytes are written to it, and `u8` has no alignment.
    unsafe { std::slice::from_raw_parts_mut(room.as_mut_ptr().cast(), len) }
}

/// Copies `bytes` to `room`.
///
/// # Errors
///
/// Fails if they are not as many.
pub(super) fn copy_to(room: &mut [MaybeUninit<u8>], bytes: &[u8]) -> Result<(), Error> {
    if room.len() != bytes.len() {
        return Err(Error::damaged_body(
            "an array does not have its stated length",
        ));
    }
    room.copy_from_slice(bytemuck::must_cast_slice(bytes));
    Ok(())
}

/// Returns `count` values. `fill` fills all of their bytes, in the byte order of files,
/// or fails.
fn cells_from<T>(
    cells: IsElement<T>,
    count: usize,
    fill: impl FnOnce(&mut [MaybeUninit<u8>]) -> Result<(), Error>,
) -> Result<Vec<T>, Error> {
    let mut values = vec_of::<T>(count)?;
    let room = as_bytes(&mut values.spare_capacity_mut()[..count]);
    fill(room)?;
    // SAFETY: `fill` succeeded, so it has filled all of it.
    let bytes =
        unsafe { std::slice::from_raw_parts_mut(room.as_mut_ptr().cast::<u8>(), room.len()) };
    swap(cells.kind, bytes);
    if !(cells.are_valid)(bytes) {
        return Err(invalid_numbers(cells.kind));
    }
    // SAFETY: the capacity is at least `count`, the bytes are valid numbers, and
    // `IsElement` proves that `T` consists of such numbers.
    unsafe { values.set_len(count) };
    Ok(values)
}

/// Converts `bytes`, in the byte order of files, to `count` values.
fn cells_of<T>(cells: IsElement<T>, bytes: &[u8], count: usize) -> Result<Vec<T>, Error> {
    cells_from(cells, count, |room| copy_to(room, bytes))
}
