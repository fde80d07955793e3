//! Arrays as a reader takes them: where their bytes stand, in the small part or
//! as a segment, and the numbers that are made of them.

use std::mem::MaybeUninit;

use super::super::body_encoding::{BodyEncoding, INLINE, SEGMENT, SEGMENT_MIN_LEN, gap};
use super::super::error::{Error, ErrorKind, invalid};
use super::super::number::{Number, NumberKind, swap};
use super::super::owner::Owner;
use super::super::row::{IsElement, lengths_of};
use super::super::schema::Rank;
use super::super::traits::Persist;
use super::super::untyped::ArrayShape;
use super::super::{madvise, widen};
use super::BodyReader;

/// Where the bytes of an array stand.
pub(in crate::persist) enum ArrayLocation {
    /// In the small part, which is there.
    Here,
    Segment(u64, NumberKind),
}

impl BodyReader<'_> {
    /// Makes sure that the next length, which is not taken, is `asked`.
    ///
    /// # Errors
    ///
    /// It is another one, which is taken then: the error is there.
    pub(in crate::persist) fn expects(&mut self, asked: u64) -> Result<(), Error> {
        let start = self.position();
        self.takes(asked)?;
        // What was taken last is in the window still.
        self.at -= (self.position() - start) as usize;
        Ok(())
    }

    /// Takes the next length, which is to be `asked`.
    #[inline]
    pub(super) fn takes(&mut self, asked: u64) -> Result<(), Error> {
        match self.varint()? {
            found if found == asked => Ok(()),
            found => {
                let found = format!("an array of {found} values");
                Err(Error::unlike(found, format!("one of {asked}")))
            }
        }
    }

    /// Where the bytes of an array of `len` stand.
    pub(in crate::persist) fn place(
        &mut self,
        kind: NumberKind,
        len: u64,
    ) -> Result<ArrayLocation, Error> {
        self.place_at(kind, kind.size(), len)
    }

    /// The same of an array that starts at a multiple of `align`.
    pub(in crate::persist) fn place_at(
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
                    ArrayLocation::Segment(index, kind.ok_or_else(|| Error::small("no such kind"))?)
                }
                _ => return Err(Error::small("an array that stands nowhere")),
            },
        };
        match place {
            ArrayLocation::Segment(index, stored) => {
                let expected = len / kind.size() as u64 * stored.size() as u64;
                if !self.source.get_mut().is_segment(index, stored, expected) {
                    let why = format!("it is not the {expected} bytes of {}", stored.name());
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
            false => Err(Error::small("a gap before an array is not empty")),
        }
    }

    /// Takes `count` numbers if they stay where they are, in memory that the
    /// owner keeps. If there is nothing, [`numbers`](BodyReader::numbers) takes
    /// them.
    pub(in crate::persist) fn kept<N: Number>(
        &mut self,
        count: usize,
    ) -> Result<Option<(*const N, Owner)>, Error> {
        let len = bytes_for::<N>(count)?;
        // Nothing else than bytes that follow one another in memory is kept.
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
        // SAFETY: the source says that these bytes are there.
        let bytes = unsafe { std::slice::from_raw_parts(start.cast::<u8>(), len) };
        match N::are_valid(bytes) {
            true => Ok(Some((start, owner))),
            false => Err(invalid(N::KIND)),
        }
    }

    /// Takes `count` numbers.
    ///
    /// # Errors
    ///
    /// They are not there.
    pub fn numbers<N: Number>(&mut self, count: usize) -> Result<Vec<N>, Error> {
        self.cells(IsElement::new(), count)
    }

    /// As [`numbers`](BodyReader::numbers), of numbers or of rows of them, that lie bare
    /// in memory.
    fn cells<T>(&mut self, cells: IsElement<T>, count: usize) -> Result<Vec<T>, Error> {
        let len = bytes_for::<T>(count)?;
        match self.place(cells.kind, len as u64)? {
            ArrayLocation::Here if len as u64 > self.left() => {
                Err(Error::small("it ends before the array"))
            }
            ArrayLocation::Here => {
                self.allowance.take(len as u64)?;
                cells_of(cells, self.take(len)?, count)
            }
            ArrayLocation::Segment(index, kind) if kind == cells.kind => {
                self.allowance.take(len as u64)?;
                let mut values = vec_of::<T>(count)?;
                let room = as_bytes(&mut values.spare_capacity_mut()[..count]);
                madvise::request_huge_pages(room);
                self.source.get_mut().fill(index, room)?;
                finish(cells, &mut values, count)?;
                Ok(values)
            }
            ArrayLocation::Segment(index, kind) => {
                let stored = len / cells.kind.size() * kind.size();
                // What is stored, what it becomes, and the numbers.
                self.allowance
                    .take((2 * len as u64).saturating_add(stored as u64))?;
                let bytes = self.segment(index, stored)?;
                let bytes = widen::widened(kind, cells.kind, &bytes)?;
                cells_of(cells, &bytes, count)
            }
        }
    }

    /// Takes an array of as many numbers, of fewer bytes than a segment has.
    #[inline]
    pub(in crate::persist) fn short_array<T, const LEN: usize>(
        &mut self,
        cells: IsElement<T>,
    ) -> Result<[T; LEN], Error> {
        self.takes(LEN as u64)?;
        let len = size_of::<[T; LEN]>();
        match self.place(cells.kind, len as u64)? {
            ArrayLocation::Here => {}
            ArrayLocation::Segment(..) => return Err(Error::small("a short array lies elsewhere")),
        }
        let mut room = MaybeUninit::<[T; LEN]>::uninit();
        let bytes = self.take(len)?;
        // SAFETY: there is room for as many bytes, in memory that is nobody else's.
        let bytes = unsafe {
            room.as_mut_ptr()
                .cast::<u8>()
                .copy_from_nonoverlapping(bytes.as_ptr(), len);
            std::slice::from_raw_parts_mut(room.as_mut_ptr().cast::<u8>(), len)
        };
        swap(cells.kind, bytes);
        match (cells.are_valid)(bytes) {
            // SAFETY: valid numbers are there, of which the type consists as there
            // are `Cells` of it.
            true => Ok(unsafe { room.assume_init() }),
            false => Err(invalid(cells.kind)),
        }
    }

    /// All bytes of a segment, which are so many.
    pub(in crate::persist) fn segment(&mut self, index: u64, len: usize) -> Result<Vec<u8>, Error> {
        let mut bytes = vec_of::<u8>(len)?;
        let room = &mut bytes.spare_capacity_mut()[..len];
        self.source.get_mut().fill(index, room)?;
        // SAFETY: `fill` filled all of it, or failed.
        unsafe { bytes.set_len(len) };
        Ok(bytes)
    }

    /// Whether many rows of numbers are one array.
    pub(in crate::persist) fn has_rows(&mut self) -> bool {
        self.has_later |= !self.is_older;
        !self.is_older
    }

    /// Takes the dimensions of many rows, which are as long as `lengths` say, the
    /// outer ones first.
    pub(in crate::persist) fn grid(&mut self, lengths: &[u64]) -> Result<ArrayShape, Error> {
        let grid = ArrayShape::read(Rank::Fixed(1 + lengths.len() as u32), self)?;
        let mut known = grid.dimensions.len();
        if self.form == BodyEncoding::Adapted {
            // Nothing tells how long rows are of which there is none.
            let empty = grid.dimensions.iter().position(|len| *len == 0);
            known = empty.map_or(known, |at| at + 1);
        }
        match grid.dimensions[1..known] == lengths[..known - 1] {
            true => Ok(grid),
            false => Err(Error::unlike(
                format!("an array of rows of {}", shape(&grid.dimensions[1..])),
                format!("one of rows of {}", shape(lengths)),
            )),
        }
    }

    /// Takes many rows of numbers.
    pub(in crate::persist) fn rows<T: Persist>(
        &mut self,
        cells: IsElement<T>,
    ) -> Result<Vec<T>, Error> {
        let grid = self.grid(&lengths_of::<T>())?;
        if !cells.is_bare {
            return self.fetched_rows(cells, &grid);
        }
        let rows = self.cells(cells, grid.rows()?)?;
        if grid.order == 0 {
            return Ok(rows);
        }
        let bytes = cells.bytes_of(&rows);
        self.allowance.take(2 * bytes.len() as u64)?;
        cells_of(cells, &grid.turned(cells.kind.size(), bytes)?, rows.len())
    }
}

/// Lengths as in `3` and `4 × 3`.
fn shape(lengths: &[u64]) -> String {
    let lengths: Vec<_> = lengths.iter().map(u64::to_string).collect();
    lengths.join(" × ")
}

/// The bytes of `count` values, each of which has some or none.
pub(in crate::persist) fn bytes_for<T>(count: usize) -> Result<usize, Error> {
    let len = count.checked_mul(size_of::<T>());
    len.filter(|len| isize::try_from(*len).is_ok())
        .ok_or_else(|| Error::small("an array longer than memory"))
}

pub(super) fn vec_of<T>(count: usize) -> Result<Vec<T>, Error> {
    let mut values = Vec::new();
    values.try_reserve_exact(count).map_err(|_| {
        let bytes = (count as u64).saturating_mul(size_of::<T>() as u64);
        ErrorKind::OutOfMemory { bytes }
    })?;
    Ok(values)
}

pub(super) fn as_bytes<T>(room: &mut [MaybeUninit<T>]) -> &mut [MaybeUninit<u8>] {
    let len = size_of_val(room);
    // SAFETY: the same memory, of which nothing is taken to be initialized;
    // only bytes are ever written, and `u8` has no alignment.
    unsafe { std::slice::from_raw_parts_mut(room.as_mut_ptr().cast(), len) }
}

/// Takes the first `count` values of the spare capacity, which is filled with
/// bytes in the order of files, for initialized.
fn finish<T>(cells: IsElement<T>, values: &mut Vec<T>, count: usize) -> Result<(), Error> {
    let room = as_bytes(&mut values.spare_capacity_mut()[..count]);
    // SAFETY: all of it was filled.
    let bytes =
        unsafe { std::slice::from_raw_parts_mut(room.as_mut_ptr().cast::<u8>(), room.len()) };
    swap(cells.kind, bytes);
    if !(cells.are_valid)(bytes) {
        return Err(invalid(cells.kind));
    }
    // SAFETY: there is room for `count`, and valid numbers are there, of which the
    // type consists as there are `Cells` of it.
    unsafe { values.set_len(count) };
    Ok(())
}

/// The `count` values that `bytes`, in the order of files, are.
fn cells_of<T>(cells: IsElement<T>, bytes: &[u8], count: usize) -> Result<Vec<T>, Error> {
    let mut values = vec_of::<T>(count)?;
    let room = as_bytes(&mut values.spare_capacity_mut()[..count]);
    if room.len() != bytes.len() {
        return Err(Error::small("an array of another length than it says"));
    }
    let start = room.as_mut_ptr().cast::<u8>();
    // SAFETY: there is room for as many bytes, in memory that is nobody else's.
    unsafe { start.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
    finish(cells, &mut values, count)?;
    Ok(values)
}
