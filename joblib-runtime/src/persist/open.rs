//! Maps a file: its arrays are used in place, and only its body is read. The doc
//! comment of [`open`] states the guarantees of a map.

use std::fmt;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use memmap2::{Mmap, MmapMut, MmapOptions};

use super::aligned::AlignedBytes;
use super::block::RawBlock;
use super::body_encoding::BodyEncoding;
use super::error::{Error, ErrorKind};
use super::file::{self, DiskFile, FileIndex, FileReader, HeadAndTail};
use super::locate;
use super::migrate;
use super::mode::{CopyOnWrite, MapMode, ReadOnly};
use super::reader::BodyReader;
use super::row::{Element, IsElement};
use super::schema::Schema;
use super::source::BodySource;
use super::traits::Persist;
use super::viewer::{ArrayRegions, Viewer};
use crate::unpoisoned::lock;

/// Maps the file at `path`. This reads the body, but no arrays, whose pages are loaded
/// when they are accessed. The time does not depend on the size of the arrays.
///
/// The metadata and the body are verified. Arrays are not, since that would read them:
/// [`Mapped::verify`] verifies the whole file, and [`Mapped::check`] a part of an array
/// before it is used. Arrays of `bool` are scanned, because not every byte is a valid
/// `bool`. Arrays of structs of numbers are read and verified, since there is a view
/// for each struct; rows within them stay in the map.
///
/// The map shows the file as it was when it was opened, even after it is replaced or
/// removed. The file must not be modified or truncated in place, which
/// [`dump`](fn@super::dump) never does: if a process accesses a truncated part of an
/// array, the system kills it (`SIGBUS`). [`Mapped::check`] detects truncation before
/// that.
///
/// # Errors
///
/// Fails if the file cannot be read, is damaged, or has a value of another type; if it,
/// or an array in it, is compressed; or if an array has a narrower number type. Such
/// files can only be loaded.
///
/// # Example
///
/// ```
/// # use joblib_runtime as joblib;
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("numbers.joblib");
/// joblib::persist::dump(&vec![1.5; 1000], &path)?;
/// let file = joblib::persist::open::<Vec<f64>>(&path)?;
/// assert_eq!(file.view()[999], 1.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn open<T: Persist>(path: impl AsRef<Path>) -> Result<Mapped<T>, Error> {
    let path = path.as_ref();
    Mapped::new(path).map_err(|error| error.with_path(path))
}

/// Maps the file at `path` with writable arrays. Changes stay in this process and never
/// reach the file.
///
/// # Errors
///
/// As [`open`].
///
/// # Example
///
/// ```
/// # use joblib_runtime as joblib;
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("numbers.joblib");
/// joblib::persist::dump(&vec![1.5; 1000], &path)?;
/// let mut file = joblib::persist::open_cow::<Vec<f64>>(&path)?;
/// file.view_mut()?[0] = 7.0;
/// assert_eq!(file.view_mut()?[0], 7.0);
/// assert_eq!(joblib::persist::load::<Vec<f64>>(&path)?[0], 1.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn open_cow<T: Persist>(path: impl AsRef<Path>) -> Result<MappedMut<T>, Error> {
    let path = path.as_ref();
    MappedMut::new(path).map_err(|error| error.with_path(path))
}

/// An open file, for both modes.
struct OpenFile {
    path: PathBuf,
    file: DiskFile,
    outline: Arc<FileIndex>,
    form: BodyEncoding,
    /// The body, migrated to the requested type.
    small: AlignedBytes,
}

impl OpenFile {
    fn new(path: &Path, expected: &Schema) -> Result<OpenFile, Error> {
        let (file, len) = DiskFile::open(path)?;
        let ends = HeadAndTail::read(&file, len)?;
        let outline = Arc::new(FileIndex::read(&ends, len)?);
        let mut parts = FileReader::new(&ends, Arc::clone(&outline));
        let len = outline.small().len;
        let (form, small) = if expected.hash()? == outline.header.schema_hash {
            let mut small = Vec::new();
            while (small.len() as u64) < len {
                parts.more(&mut small)?;
            }
            (BodyEncoding::File, small)
        } else {
            let small =
                migrate::migrate_body(expected, &outline.schema, &mut parts, len, u64::MAX)?;
            (BodyEncoding::Adapted, small)
        };
        Ok(OpenFile {
            path: path.to_owned(),
            small: AlignedBytes::new(small),
            file,
            outline,
            form,
        })
    }

    /// Returns options that map the whole file.
    fn options(&self) -> Result<MmapOptions, Error> {
        let mut options = MmapOptions::new();
        let len = usize::try_from(self.outline.len).map_err(|_| {
            ErrorKind::Value("the file is larger than the address space".to_owned())
        })?;
        options.len(len);
        Ok(options)
    }

    /// Creates a view of the value in `areas`.
    ///
    /// # Safety
    ///
    /// `areas` are those of this file and valid for `'m`, as is `self`; if they are
    /// writable, there are no other references to them.
    unsafe fn view<'m, T: Persist, M: MapMode>(
        &'m self,
        areas: ArrayRegions,
    ) -> Result<T::View<'m, M>, Error> {
        let parts = FileReader::new(&self.file, Arc::clone(&self.outline));
        // SAFETY: the caller guarantees it; the offsets of segments were checked against
        // the length of the file, which is that of the map.
        let mut viewer =
            unsafe { Viewer::<M>::new(self.small.bytes(), self.form, areas, Box::new(parts)) };
        let view = viewer.with_room::<T::View<'m, M>, _>(T::view);
        let view = view.and_then(|view| viewer.reader().end().map(|()| view));
        view.map_err(|error| match error.is_in_body() {
            true => error.in_field(self.field::<T>(viewer.reader().position())),
            false => error,
        })
    }

    /// Returns the path of the field at this position of the body.
    fn field<T: Persist>(&self, position: u64) -> String {
        let parts = Box::new(FileReader::new(&self.file, Arc::clone(&self.outline)));
        let reader = BodyReader::whole(self.small.bytes(), self.form, parts, u64::MAX);
        locate::field(&Schema::of::<T>(), reader, position)
    }

    /// Verifies that the file has not been truncated.
    fn is_whole(&self) -> Result<(), Error> {
        let about = self.file.0.metadata().map_err(ErrorKind::io("reading"))?;
        match about.len() >= self.outline.len {
            true => Ok(()),
            false => Err(ErrorKind::Truncated.into()),
        }
    }
}

/// A mapped file, from [`open`].
///
/// [`view`](Mapped::view) returns the value as long as it lives. It can be sent to and
/// shared with other threads.
pub struct Mapped<T: Persist> {
    /// Borrows from the fields below, so it is declared (and dropped) first.
    view: T::View<'static, ReadOnly>,
    opened: Arc<OpenFile>,
    map: Arc<Mmap>,
    blocks: Mutex<Vec<Option<VerifiedBlocks>>>,
}

/// The blocks of an array, and whether each was verified.
struct VerifiedBlocks {
    stored: Vec<RawBlock>,
    verified: Vec<bool>,
}

impl<T: Persist> Mapped<T> {
    fn new(path: &Path) -> Result<Self, Error> {
        let opened = Arc::new(OpenFile::new(path, &Schema::of::<T>())?);
        // SAFETY: the documentation of `open` requires that nobody modifies or truncates
        // the file.
        let map = unsafe { opened.options()?.map(&opened.file.0) };
        let map = Arc::new(map.map_err(ErrorKind::io("mapping"))?);
        let areas = ArrayRegions {
            small: opened.small.bytes().as_ptr().cast_mut(),
            map: map.as_ptr().cast_mut(),
        };
        // SAFETY: the view borrows from the contents of the two `Arc`s, which it does not
        // outlive: it is declared before them, and `view` lends it for no longer than
        // `self`. Nothing is written through a read-only view.
        let opened_forever: &'static OpenFile = unsafe { &*Arc::as_ptr(&opened) };
        // SAFETY: as above.
        let view = unsafe { opened_forever.view::<T, ReadOnly>(areas)? };
        let blocks = (1..opened.outline.segments.len()).map(|_| None).collect();
        Ok(Mapped {
            view,
            opened,
            map,
            blocks: Mutex::new(blocks),
        })
    }

    /// Returns the value: arrays are borrowed from the map, the rest was read.
    pub fn view(&self) -> &T::View<'_, ReadOnly> {
        let view: *const T::View<'static, ReadOnly> = &raw const self.view;
        // SAFETY: this shortens the lifetime behind a shared reference. Views consist of
        // shared references and owned values only, so nothing with a shorter lifetime can
        // be stored in one.
        unsafe { &*view.cast() }
    }

    /// Returns the path of the file.
    pub fn path(&self) -> &Path {
        &self.opened.path
    }

    /// Reads and verifies the whole file.
    ///
    /// # Errors
    ///
    /// Fails if the file was modified or truncated.
    pub fn verify(&self) -> Result<(), Error> {
        let verified = super::inspect::verify(&self.opened.file, &self.opened.outline);
        verified.map_err(|error| error.with_path(&self.opened.path))
    }

    /// Verifies the blocks (of one mebibyte) that contain `numbers`, which must be part
    /// of an array of this view. Each block is verified once.
    ///
    /// # Errors
    ///
    /// Fails if the blocks were modified or truncated, or `numbers` are not from this
    /// file.
    ///
    /// # Example
    ///
    /// ```
    /// # use joblib_runtime as joblib;
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("numbers.joblib");
    /// # joblib::persist::dump(&vec![1.5; 1000], &path)?;
    /// let file = joblib::persist::open::<Vec<f64>>(&path)?;
    /// let some = &file.view()[10..20];
    /// file.check(some)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check<E: Element>(&self, numbers: &[E]) -> Result<(), Error> {
        let checked = self.opened.is_whole().and_then(|()| {
            let bytes = IsElement::new().bytes_of(numbers).as_ptr_range();
            let small = self.opened.small.bytes().as_ptr_range();
            // The body was verified when it was read.
            if bytes.is_empty() || small.start <= bytes.start && bytes.end <= small.end {
                return Ok(());
            }
            self.check_bytes(bytes.start as usize, bytes.end as usize)
        });
        checked.map_err(|error| error.with_path(&self.opened.path))
    }

    fn check_bytes(&self, start: usize, end: usize) -> Result<(), Error> {
        let base = self.map.as_ptr() as usize;
        let foreign =
            || ErrorKind::Value("the numbers are not in an array of this file".to_owned());
        let start = start.checked_sub(base).ok_or_else(foreign)? as u64;
        let end = (end - base) as u64;
        let segments = &self.opened.outline.segments;
        let is_there =
            |it: &super::layout::ArraySegment| it.start <= start && end <= it.start + it.stored;
        let index = segments
            .iter()
            .skip(1)
            .position(is_there)
            .ok_or_else(foreign)?;
        let segment = &segments[index + 1];
        let part = file::array_name(index as u64);
        let mut known = lock(&self.blocks);
        let blocks = match &mut known[index] {
            Some(blocks) => blocks,
            unknown => {
                let list = segment.read_list(&self.opened.file, &part)?;
                let stored = segment.stored_blocks(&list, &part)?;
                let verified = vec![false; stored.len()];
                unknown.insert(VerifiedBlocks { stored, verified })
            }
        };
        let touched = |block: &RawBlock| block.at < end && start < block.at + block.len as u64;
        for (number, block) in blocks.stored.iter().enumerate() {
            if touched(block) && !blocks.verified[number] {
                let at = block.at as usize;
                block.verify(&self.map[at..at + block.len], &part, number)?;
                blocks.verified[number] = true;
            }
        }
        Ok(())
    }
}

impl<T: Persist> fmt::Debug for Mapped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mapped")
            .field("path", &self.opened.path)
            .finish_non_exhaustive()
    }
}

/// A mapped file with writable arrays, from [`open_cow`].
pub struct MappedMut<T> {
    opened: OpenFile,
    map: MmapMut,
    /// A writable copy of the body, for the arrays in it.
    small: AlignedBytes,
    value: PhantomData<fn() -> T>,
}

impl<T: Persist> MappedMut<T> {
    fn new(path: &Path) -> Result<Self, Error> {
        let opened = OpenFile::new(path, &Schema::of::<T>())?;
        // SAFETY: as in `Mapped::new`.
        let map = unsafe { opened.options()?.map_copy(&opened.file.0) };
        let mut file = MappedMut {
            small: AlignedBytes::new(opened.small.bytes().to_vec()),
            map: map.map_err(ErrorKind::io("mapping"))?,
            opened,
            value: PhantomData,
        };
        file.view_mut()?;
        Ok(file)
    }

    /// Returns the value, like [`Mapped::view`]. Its arrays contain the changes that were
    /// made through [`view_mut`](MappedMut::view_mut); the rest is as in the file.
    ///
    /// # Errors
    ///
    /// As [`view_mut`](MappedMut::view_mut).
    ///
    /// # Example
    ///
    /// ```
    /// # use joblib_runtime as joblib;
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("numbers.joblib");
    /// # joblib::persist::dump(&vec![1.5; 1000], &path)?;
    /// let mut file = joblib::persist::open_cow::<Vec<f64>>(&path)?;
    /// file.view_mut()?[0] = 7.0;
    /// let (one, other) = (file.view()?, file.view()?);
    /// assert_eq!((one[0], other[1]), (7.0, 1.5));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn view(&self) -> Result<T::View<'_, ReadOnly>, Error> {
        let areas = ArrayRegions {
            small: self.small.bytes().as_ptr().cast_mut(),
            map: self.map.as_ptr().cast_mut(),
        };
        // SAFETY: `self` is borrowed as long as the view lives, so both areas are valid,
        // and no writable view, which borrows `self` mutably, exists. Nothing is written
        // through a read-only view.
        let view = unsafe { self.opened.view::<T, ReadOnly>(areas) };
        view.map_err(|error| error.with_path(&self.opened.path))
    }

    /// Returns the path of the file.
    pub fn path(&self) -> &Path {
        &self.opened.path
    }

    /// Returns the value. Its arrays are writable in memory and contain earlier changes;
    /// the rest is as in the file.
    ///
    /// # Errors
    ///
    /// Fails if an array of `bool` in the file was truncated or modified meanwhile.
    pub fn view_mut(&mut self) -> Result<T::View<'_, CopyOnWrite>, Error> {
        let areas = ArrayRegions {
            small: self.small.bytes_mut().as_mut_ptr(),
            map: self.map.as_mut_ptr(),
        };
        // SAFETY: `self` is mutably borrowed, and so are both areas, as long as the view
        // lives.
        let view = unsafe { self.opened.view::<T, CopyOnWrite>(areas) };
        view.map_err(|error| error.with_path(&self.opened.path))
    }
}

impl<T> fmt::Debug for MappedMut<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MappedMut")
            .field("path", &self.opened.path)
            .finish_non_exhaustive()
    }
}
