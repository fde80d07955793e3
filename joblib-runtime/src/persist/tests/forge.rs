//! Builds files with hostile contents and correct checksums, to test the checks behind
//! the checksums.

use twox_hash::{XxHash3_64, XxHash3_128};

use crate::persist::layout::{ALIGNMENT, ENTRY, HEADER, Header, MAGIC, TRAILER};
use crate::persist::number::{Number, NumberKind};
use crate::persist::schema::Schema;
use crate::persist::traits::Save;

/// Changes bytes before their checksum is computed.
type Patch = Box<dyn Fn(&mut Vec<u8>)>;

/// The number for the body among the segment kinds in the directory.
pub(super) const SMALL: u8 = 0xff;

/// A segment as it will be written to the file.
pub(super) struct ArraySegment {
    pub(super) kind: u8,
    pub(super) codec: u8,
    /// The length according to the directory.
    pub(super) len: u64,
    /// The blocks as they are stored.
    pub(super) blocks: Vec<Vec<u8>>,
}

impl ArraySegment {
    pub(super) fn plain(kind: u8, bytes: &[u8]) -> ArraySegment {
        ArraySegment {
            kind,
            codec: 0,
            len: bytes.len() as u64,
            blocks: bytes.chunks(1 << 20).map(<[u8]>::to_vec).collect(),
        }
    }

    fn alignment(&self) -> u64 {
        match self.codec == 0 && self.kind != SMALL && self.len >= 64 << 10 {
            true => 4096,
            false => ALIGNMENT,
        }
    }

    fn list(&self) -> Vec<u8> {
        let mut list = Vec::new();
        for block in &self.blocks {
            list.extend_from_slice(&XxHash3_64::oneshot(block).to_le_bytes());
            if self.codec != 0 {
                list.extend_from_slice(&(block.len() as u64).to_le_bytes());
            }
        }
        list
    }
}

/// A file under construction.
pub(super) struct Forge {
    pub(super) schema: Vec<u8>,
    pub(super) segments: Vec<ArraySegment>,
    header: Patch,
    lists: Patch,
    directory: Patch,
    trailer: Patch,
    gaps: u8,
}

impl Forge {
    /// A file with the schema of `T` and this body.
    pub(super) fn of<T: Save>(small: &[u8]) -> Forge {
        Forge::with_schema(Schema::of::<T>().bytes().unwrap(), small)
    }

    /// A file with this schema and body.
    pub(super) fn with_schema(schema: Vec<u8>, small: &[u8]) -> Forge {
        Forge {
            schema,
            segments: vec![ArraySegment::plain(SMALL, small)],
            header: Box::new(|_| ()),
            lists: Box::new(|_| ()),
            directory: Box::new(|_| ()),
            trailer: Box::new(|_| ()),
            gaps: 0,
        }
    }

    pub(super) fn array<N: Number>(self, numbers: &[N]) -> Forge {
        self.raw_array(N::KIND, bytemuck::must_cast_slice(numbers))
    }

    pub(super) fn raw_array(self, kind: NumberKind, bytes: &[u8]) -> Forge {
        self.segment(ArraySegment::plain(kind as u8, bytes))
    }

    pub(super) fn segment(mut self, segment: ArraySegment) -> Forge {
        self.segments.push(segment);
        self
    }

    /// Changes the header; its checksum is still correct.
    pub(super) fn header(mut self, patch: impl Fn(&mut Vec<u8>) + 'static) -> Forge {
        self.header = Box::new(patch);
        self
    }

    pub(super) fn lists(mut self, patch: impl Fn(&mut Vec<u8>) + 'static) -> Forge {
        self.lists = Box::new(patch);
        self
    }

    pub(super) fn directory(mut self, patch: impl Fn(&mut Vec<u8>) + 'static) -> Forge {
        self.directory = Box::new(patch);
        self
    }

    pub(super) fn trailer(mut self, patch: impl Fn(&mut Vec<u8>) + 'static) -> Forge {
        self.trailer = Box::new(patch);
        self
    }

    /// Sets the byte that fills gaps.
    pub(super) fn gaps(mut self, byte: u8) -> Forge {
        self.gaps = byte;
        self
    }

    fn head(&self) -> Vec<u8> {
        let mut head = Vec::new();
        head.extend_from_slice(&MAGIC);
        let (version, hash) = match Schema::from_bytes(&self.schema) {
            Ok(schema) => (schema.version(), schema.hash().unwrap()),
            Err(_) => (1, XxHash3_128::oneshot(&self.schema)),
        };
        head.extend_from_slice(&version.to_le_bytes());
        head.extend_from_slice(&(self.schema.len() as u32).to_le_bytes());
        head.extend_from_slice(&hash.to_le_bytes());
        head.resize(HEADER - 8, 0);
        (self.header)(&mut head);
        let checksum = XxHash3_64::oneshot(&[&head[..], &self.schema].concat());
        head.extend_from_slice(&checksum.to_le_bytes());
        head
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut file = self.head();
        let header = Header::checksum_of(file[..].first_chunk().unwrap());
        file.extend_from_slice(&self.schema);
        let align = |file: &mut Vec<u8>, alignment: u64| {
            file.resize(file.len().next_multiple_of(alignment as usize), self.gaps);
        };
        align(&mut file, ALIGNMENT);
        let (mut lists, mut entries) = (Vec::new(), Vec::new());
        for segment in &self.segments {
            align(&mut file, segment.alignment());
            file.extend(segment.blocks.concat());
            let mut list = segment.list();
            (self.lists)(&mut list);
            let stored: usize = segment.blocks.iter().map(Vec::len).sum();
            entries.extend_from_slice(&segment.len.to_le_bytes());
            entries.extend_from_slice(&(stored as u64).to_le_bytes());
            entries.extend_from_slice(&XxHash3_64::oneshot(&list).to_le_bytes());
            entries.extend_from_slice(&[segment.kind, segment.codec, 0, 0, 0, 0, 0, 0]);
            lists.extend(list);
        }
        align(&mut file, ALIGNMENT);
        (self.directory)(&mut entries);
        let len = file.len() + lists.len() + entries.len() + TRAILER;
        let mut trailer = Vec::new();
        for number in [
            (entries.len() / ENTRY) as u64,
            lists.len() as u64,
            len as u64,
            XxHash3_64::oneshot(&entries),
            header,
            0,
        ] {
            trailer.extend_from_slice(&number.to_le_bytes());
        }
        (self.trailer)(&mut trailer);
        let checksum = XxHash3_64::oneshot(&trailer);
        trailer.extend_from_slice(&checksum.to_le_bytes());
        trailer.extend_from_slice(b"jbl\n\x1aend");
        for part in [lists, entries, trailer] {
            file.extend(part);
        }
        file
    }
}

/// Returns a patch that writes a number at an offset.
pub(super) fn put(at: usize, number: u64) -> impl Fn(&mut Vec<u8>) {
    move |bytes| bytes[at..at + 8].copy_from_slice(&number.to_le_bytes())
}
