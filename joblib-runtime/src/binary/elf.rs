//! Reads the bytes of an executable file that identify the code: the whole file, except
//! for the sections that only debuggers read. `scope = "binary"` is documented not to
//! depend on debug information. Unloaded sections of other names count, since a program may
//! read them from its own file.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

/// Passes the bytes that identify the code to `take`, chunk by chunk.
pub(super) fn read_code(file: &File, mut take: impl FnMut(&[u8])) -> io::Result<()> {
    let len = file.metadata()?.len();
    let mut skipped = debug_sections(file, len).unwrap_or_default();
    skipped.sort_by_key(|range| range.start);
    let mut at = 0;
    for range in skipped {
        read(file, at..range.start.max(at), &mut take)?;
        at = at.max(range.end);
    }
    read(file, at..len.max(at), &mut take)
}

fn read(file: &File, range: Range<u64>, take: &mut impl FnMut(&[u8])) -> io::Result<()> {
    const CHUNK: u64 = 1 << 20;
    let mut chunk = vec![0; CHUNK.min(range.end - range.start) as usize];
    let mut at = range.start;
    while at < range.end {
        let wanted = CHUNK.min(range.end - at) as usize;
        file.read_exact_at(&mut chunk[..wanted], at)?;
        take(&chunk[..wanted]);
        at += wanted as u64;
    }
    Ok(())
}

/// Returns the byte ranges of the debug sections of a 64-bit little-endian ELF file, or
/// `None` if the file has another format. The whole file is then read.
fn debug_sections(file: &File, len: u64) -> Option<Vec<Range<u64>>> {
    let mut header = [0; 64];
    file.read_exact_at(&mut header, 0).ok()?;
    if header[..6] != *b"\x7fELF\x02\x01" {
        return None;
    }
    let number = |at: usize, size: usize| little_endian(&header[at..at + size]);
    let (table, size) = (number(40, 8), number(58, 2));
    let (count, names) = (number(60, 2), number(62, 2));
    if size != 64 || names >= count {
        return None;
    }
    let mut sections = vec![0; (count * size) as usize];
    file.read_exact_at(&mut sections, table).ok()?;
    let sections: Vec<Section> = sections.chunks_exact(64).map(Section::read).collect();
    let names = &sections[names as usize];
    // A name table of this size is damage.
    let names_len = names.len().filter(|&len| len < 1 << 24)?;
    let mut text = vec![0; names_len as usize];
    file.read_exact_at(&mut text, names.offset).ok()?;
    let is_debug = |section: &&Section| {
        let name = text.get(section.name as usize..).unwrap_or_default();
        section.is_unloaded
            && [&b".debug_"[..], b".zdebug_"]
                .iter()
                .any(|it| name.starts_with(it))
    };
    let ranges = sections.iter().filter(is_debug).filter_map(|section| {
        let end = section.offset.checked_add(section.len()?)?;
        (end <= len).then_some(section.offset..end)
    });
    Some(ranges.collect())
}

/// An entry of the section table.
struct Section {
    name: u64,
    /// Whether the section is not loaded into memory.
    is_unloaded: bool,
    offset: u64,
    size: u64,
    /// Whether its bytes are in the file.
    has_bytes: bool,
}

impl Section {
    fn read(entry: &[u8]) -> Section {
        const ALLOCATED: u64 = 2;
        const NO_BITS: u64 = 8;
        let number = |at: usize, size: usize| little_endian(&entry[at..at + size]);
        Section {
            name: number(0, 4),
            has_bytes: number(4, 4) != NO_BITS,
            is_unloaded: number(8, 8) & ALLOCATED == 0,
            offset: number(24, 8),
            size: number(32, 8),
        }
    }

    fn len(&self) -> Option<u64> {
        self.has_bytes.then_some(self.size)
    }
}

fn little_endian(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |number, &byte| number << 8 | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::proc::EXECUTABLE;

    fn code_len(file: &File) -> u64 {
        let mut code_len = 0;
        read_code(file, |bytes| code_len += bytes.len() as u64).unwrap();
        code_len
    }

    #[test]
    fn a_file_of_another_form_counts_as_a_whole() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&[7; 3 << 20]).unwrap();
        assert_eq!(code_len(&file), 3 << 20);
    }

    #[test]
    fn all_but_what_debuggers_read_counts() {
        let file = File::open(EXECUTABLE).unwrap();
        let len = file.metadata().unwrap().len();
        let skipped: u64 = debug_sections(&file, len)
            .expect("the test executable is a 64-bit little-endian ELF file")
            .iter()
            .map(|range| range.end - range.start)
            .sum();
        assert_eq!(code_len(&file), len - skipped);
    }

    #[test]
    fn damaged_tables_are_passed_over() {
        let file = File::open(EXECUTABLE).unwrap();
        let mut header = [0; 64];
        file.read_exact_at(&mut header, 0).unwrap();
        for at in 0..64 {
            let mut damaged = header;
            damaged[at] ^= 0xff;
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&damaged).unwrap();
            assert_eq!(code_len(&file), 64);
        }
    }
}
