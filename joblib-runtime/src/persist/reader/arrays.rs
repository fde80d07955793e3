//! Arrays as a reader takes them: where their bytes stand, in the small part or
//! as a segment, and the numbers that are made of them.

use std::mem::MaybeUninit;

use super::super::error::{Error, ErrorKind, invalid};
use super::super::form::{Form, HERE, INLINE, SEGMENT, gap};
use super::super::kept::Owner;
use super::super::number::{Kind, Number, swap};
use super::super::{pages, widen};
use super::Reader;

/// Where the bytes of an array stand.
pub(in crate::persist) enum Place {
    /// In the small part, which is there.
    Here,
    Segment(u64, Kind),
}

impl Reader<'_> {
    /// Where the bytes of an array of `len` stand.
    pub(in crate::persist) fn place(&mut self, kind: Kind, len: u64) -> Result<Place, Error> {
        let place = match self.form {
            Form::File if len >= INLINE => {
                self.next += 1;
                Place::Segment(self.next - 1, kind)
            }
            Form::File | Form::Flat => Place::Here,
            Form::Adapted => match self.raw()? {
                [HERE] => Place::Here,
                [SEGMENT] => {
                    let index = self.varint()?;
                    let [number] = self.raw()?;
                    let kind = Kind::from_number(number);
                    Place::Segment(index, kind.ok_or_else(|| Error::small("no such kind"))?)
                }
                _ => return Err(Error::small("an array that stands nowhere")),
            },
        };
        match place {
            Place::Segment(index, stored) => {
                let expected = len / kind.size() as u64 * stored.size() as u64;
                if !self.source.get_mut().is_segment(index, stored, expected) {
                    let why = format!("it is not the {expected} bytes of {}", stored.name());
                    return Err(Error::damaged(format!("array {index}"), why));
                }
            }
            Place::Here if len == 0 => {}
            Place::Here => self.skip_gap(kind)?,
        }
        Ok(place)
    }

    fn skip_gap(&mut self, kind: Kind) -> Result<(), Error> {
        if self.form == Form::Flat {
            return Ok(());
        }
        let gap = gap(self.position(), kind.size());
        match self.take(gap)?.iter().all(|byte| *byte == 0) {
            true => Ok(()),
            false => Err(Error::small("a gap before an array is not empty")),
        }
    }

    /// Takes `count` numbers if they stay where they are, in memory that the
    /// owner keeps. If there is nothing, [`numbers`](Reader::numbers) takes
    /// them.
    pub(in crate::persist) fn kept<N: Number>(
        &mut self,
        count: usize,
    ) -> Result<Option<(*const N, Owner)>, Error> {
        let len = bytes_for::<N>(count)?;
        // Nothing else than bytes that follow one another in memory is kept.
        if self.form != Form::File || (len as u64) < INLINE || cfg!(target_endian = "big") {
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
        let len = bytes_for::<N>(count)?;
        match self.place(N::KIND, len as u64)? {
            Place::Here if len as u64 > self.left() => {
                Err(Error::small("it ends before the array"))
            }
            Place::Here => {
                self.allowance.take(len as u64)?;
                numbers_of(self.take(len)?)
            }
            Place::Segment(index, kind) if kind == N::KIND => {
                self.allowance.take(len as u64)?;
                let mut numbers = vec_of::<N>(count)?;
                let room = as_bytes(&mut numbers.spare_capacity_mut()[..count]);
                pages::ask_for_large(room);
                self.source.get_mut().fill(index, room)?;
                finish(&mut numbers, count)?;
                Ok(numbers)
            }
            Place::Segment(index, kind) => {
                let stored = len / size_of::<N>() * kind.size();
                // What is stored, what it becomes, and the numbers.
                self.allowance
                    .take((2 * len as u64).saturating_add(stored as u64))?;
                let mut bytes = vec_of::<u8>(stored)?;
                let room = &mut bytes.spare_capacity_mut()[..stored];
                self.source.get_mut().fill(index, room)?;
                // SAFETY: `fill` filled all of it, or failed.
                unsafe { bytes.set_len(stored) };
                numbers_of(&widen::widened(kind, N::KIND, &bytes)?)
            }
        }
    }
}

/// The bytes of `count` numbers.
pub(in crate::persist) fn bytes_for<N: Number>(count: usize) -> Result<usize, Error> {
    let len = count.checked_mul(size_of::<N>());
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

fn as_bytes<N: Number>(room: &mut [MaybeUninit<N>]) -> &mut [MaybeUninit<u8>] {
    let len = size_of_val(room);
    // SAFETY: the same memory, of which nothing is taken to be initialized;
    // only bytes are ever written, and `u8` has no alignment.
    unsafe { std::slice::from_raw_parts_mut(room.as_mut_ptr().cast(), len) }
}

/// Takes the first `count` numbers of the spare capacity, which is filled with
/// bytes in the order of files, for initialized.
fn finish<N: Number>(numbers: &mut Vec<N>, count: usize) -> Result<(), Error> {
    let room = as_bytes(&mut numbers.spare_capacity_mut()[..count]);
    // SAFETY: all of it was filled.
    let bytes =
        unsafe { std::slice::from_raw_parts_mut(room.as_mut_ptr().cast::<u8>(), room.len()) };
    swap(N::KIND, bytes);
    if !N::are_valid(bytes) {
        return Err(invalid(N::KIND));
    }
    // SAFETY: there is room for `count`, and valid values are there.
    unsafe { numbers.set_len(count) };
    Ok(())
}

/// The numbers that `bytes`, in the order of files, are.
fn numbers_of<N: Number>(bytes: &[u8]) -> Result<Vec<N>, Error> {
    let count = bytes.len() / size_of::<N>();
    let mut numbers = vec_of::<N>(count)?;
    let start = numbers.as_mut_ptr().cast::<u8>();
    // SAFETY: there is room for `count` numbers, which are no more bytes than
    // there are, in memory that is nobody else's.
    unsafe { start.copy_from_nonoverlapping(bytes.as_ptr(), count * size_of::<N>()) };
    finish(&mut numbers, count)?;
    Ok(numbers)
}
