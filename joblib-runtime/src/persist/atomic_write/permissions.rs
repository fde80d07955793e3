//! Who may open a file: its owner, its group, its mode and its access list,
//! which the file that takes its place is given. What cannot be given is given
//! to nobody else in its stead.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;

use rustix::fs::{
    Gid, Mode, Uid, XattrFlags, fchmod, fchown, fremovexattr, fsetxattr, getxattr, lgetxattr,
};
use rustix::io::{Errno, retry_on_intr};

use super::super::error::{Error, ErrorKind};
use super::target::{DirEntry, ExistingFile};

/// The attribute that is a file's access list.
const LIST: &str = "system.posix_acl_access";

/// Most lists take no more bytes.
const USUAL: usize = 1024;

/// Bits that let owner, group and others do something. Those that give a
/// program the rights of its file's owner do not go to new contents.
const BITS: u32 = 0o777;

/// Who may open a file.
pub(super) struct FilePermissions {
    owner: u32,
    group: u32,
    mode: u32,
    list: AccessControlList,
}

/// The access list of a file.
enum AccessControlList {
    /// It has none; the mode says all.
    None,
    Some(Vec<u8>),
    /// It stays as it is.
    Same,
}

impl FilePermissions {
    /// Who may open the old file at this moment.
    pub(super) fn of(old: &ExistingFile, place: &DirEntry) -> Result<FilePermissions, Error> {
        let about = old.metadata();
        let about = about.map_err(ErrorKind::io("looking at the old file"))?;
        let list = list(old, place).map_err(ErrorKind::io("looking at the access list"))?;
        Ok(FilePermissions {
            owner: about.uid(),
            group: about.gid(),
            mode: about.mode() & BITS,
            list: list.map_or(AccessControlList::None, AccessControlList::Some),
        })
    }

    /// Who may open `file`, to be given it back.
    pub(super) fn own(file: &File) -> io::Result<FilePermissions> {
        let about = file.metadata()?;
        Ok(FilePermissions {
            owner: about.uid(),
            group: about.gid(),
            mode: about.mode() & BITS,
            list: AccessControlList::Same,
        })
    }

    /// Gives it to `fresh`, which is its owner's alone until then. At no moment
    /// may anybody open it who may not in the end.
    pub(super) fn give(&self, fresh: &File) -> Result<(), Error> {
        let given = self.try_give(fresh);
        given.map_err(ErrorKind::io("giving it the access rights of the old file"))
    }

    fn try_give(&self, fresh: &File) -> io::Result<()> {
        let about = fresh.metadata()?;
        // First the group, since what the mode gives it is for this group; last
        // the owner, since only the owner may change the others.
        let has_group = about.gid() == self.group || {
            let group = Some(Gid::from_raw(self.group));
            retry_on_intr(|| fchown(fresh, None, group)).is_ok()
        };
        let mode = match self.give_list(fresh, has_group) {
            true => self.mode_if(has_group),
            false => self.mode & 0o700,
        };
        if about.mode() & 0o7777 != mode || !matches!(self.list, AccessControlList::None) {
            retry_on_intr(|| fchmod(fresh, Mode::from_raw_mode(mode)))?;
        }
        if about.uid() != self.owner {
            // Where it may not be, it is its writer's.
            let owner = Some(Uid::from_raw(self.owner));
            let _ = retry_on_intr(|| fchown(fresh, owner, None));
        }
        Ok(())
    }

    /// Whether the file has the list now, or needs none.
    fn give_list(&self, fresh: &File, has_group: bool) -> bool {
        match &self.list {
            AccessControlList::Same => true,
            // The directory may have given it one.
            AccessControlList::None => matches!(
                retry_on_intr(|| fremovexattr(fresh, LIST)),
                Ok(()) | Err(Errno::NODATA | Errno::OPNOTSUPP | Errno::NOSYS)
            ),
            // It says what the group may do, which is for the old group.
            AccessControlList::Some(_) if !has_group => false,
            AccessControlList::Some(list) => {
                retry_on_intr(|| fsetxattr(fresh, LIST, list, XattrFlags::empty())).is_ok()
            }
        }
    }

    /// In another group than the old one, both its members and those of the old
    /// group, who are others then, may do no more than either could.
    fn mode_if(&self, has_group: bool) -> u32 {
        if has_group {
            return self.mode;
        }
        let both = self.mode >> 3 & self.mode & 0o7;
        self.mode & 0o700 | both << 3 | both
    }
}

/// The access list of the old file, if it has one: of the file that is held, whatever is
/// at its path by now; by its path only where there is no `/proc`.
fn list(old: &ExistingFile, place: &DirEntry) -> io::Result<Option<Vec<u8>>> {
    let link = old.link()?;
    let held = list_by(|to| getxattr(&link, LIST, to));
    let list = match held {
        Err(Errno::NOENT) => list_by(|to| lgetxattr(&place.path, LIST, to)),
        held => held,
    };
    match list {
        Ok(list) => Ok(Some(list)),
        Err(Errno::NODATA | Errno::OPNOTSUPP | Errno::NOSYS) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The list that `read` gives, in as much room as it takes.
fn list_by(read: impl Fn(&mut [u8]) -> Result<usize, Errno>) -> Result<Vec<u8>, Errno> {
    let mut list = vec![0; USUAL];
    loop {
        match retry_on_intr(|| read(&mut list)) {
            Err(Errno::RANGE) => list.resize(2 * list.len(), 0),
            read => {
                list.truncate(read?);
                return Ok(list);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode_in_another_group(mode: u32) -> u32 {
        let list = AccessControlList::None;
        let (owner, group) = (0, 0);
        let access = FilePermissions {
            owner,
            group,
            mode,
            list,
        };
        access.mode_if(false)
    }

    #[test]
    fn another_group_may_do_what_everybody_could() {
        for (mode, expected) in [
            (0o640, 0o600),
            (0o660, 0o600),
            (0o664, 0o644),
            (0o755, 0o755),
            (0o604, 0o600),
            (0o646, 0o644),
        ] {
            assert_eq!(mode_in_another_group(mode), expected, "{mode:o}");
        }
    }
}
