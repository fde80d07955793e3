//! Copies the permissions of a file to the file that replaces it: owner, group, mode,
//! and access control list. If a permission cannot be copied, it is not granted to
//! anyone else.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;

use rustix::fs::{
    Gid, Mode, Uid, XattrFlags, fchmod, fchown, fremovexattr, fsetxattr, getxattr, lgetxattr,
};
use rustix::io::{Errno, retry_on_intr};

use super::target::{DirEntry, ExistingFile};
use crate::persist::error::{Error, ErrorKind};

/// The extended attribute that stores the access control list.
const LIST: &str = "system.posix_acl_access";

/// The size in bytes that is sufficient for most lists.
const USUAL_LEN: usize = 1024;

/// The permission bits of owner, group, and others. The set-user-ID and set-group-ID
/// bits are not copied to new contents.
const BITS: u32 = 0o777;

/// The permissions of a file.
pub(super) struct FilePermissions {
    owner: u32,
    group: u32,
    mode: u32,
    list: AccessControlList,
}

/// The access control list of a file.
enum AccessControlList {
    /// No list; the mode is complete.
    None,
    Some(Vec<u8>),
    /// The list of the file is left unchanged.
    Same,
}

impl FilePermissions {
    /// Returns the current permissions of the old file.
    pub(super) fn of(old: &ExistingFile, place: &DirEntry) -> Result<FilePermissions, Error> {
        let about = old.metadata();
        let about = about.map_err(ErrorKind::io("reading the metadata of the old file"))?;
        let list = list(old, place).map_err(ErrorKind::io("reading the access control list"))?;
        Ok(FilePermissions {
            owner: about.uid(),
            group: about.gid(),
            mode: about.mode() & BITS,
            list: list.map_or(AccessControlList::None, AccessControlList::Some),
        })
    }

    /// Returns the permissions of `file`, to be restored later.
    pub(super) fn own(file: &File) -> io::Result<FilePermissions> {
        let about = file.metadata()?;
        Ok(FilePermissions {
            owner: about.uid(),
            group: about.gid(),
            mode: about.mode() & BITS,
            list: AccessControlList::Same,
        })
    }

    /// Applies the permissions to `fresh`, which only its owner can open until then. At
    /// no time can anyone open the file who is not allowed to in the end.
    pub(super) fn apply(&self, fresh: &File) -> Result<(), Error> {
        let applied = self.try_apply(fresh);
        applied.map_err(ErrorKind::io("copying the permissions of the old file"))
    }

    fn try_apply(&self, fresh: &File) -> io::Result<()> {
        let about = fresh.metadata()?;
        // The group is set first, since the group permissions are meant for this group;
        // the owner last, since only the owner may change the other permissions.
        let has_group = about.gid() == self.group || {
            let group = Some(Gid::from_raw(self.group));
            retry_on_intr(|| fchown(fresh, None, group)).is_ok()
        };
        let mode = match self.apply_list(fresh, has_group) {
            true => self.mode_if(has_group),
            false => self.mode & 0o700,
        };
        if about.mode() & 0o7777 != mode || !matches!(self.list, AccessControlList::None) {
            retry_on_intr(|| fchmod(fresh, Mode::from_raw_mode(mode)))?;
        }
        if about.uid() != self.owner {
            // Without the right to change the owner, the file belongs to its writer.
            let owner = Some(Uid::from_raw(self.owner));
            let _ = retry_on_intr(|| fchown(fresh, owner, None));
        }
        Ok(())
    }

    /// Returns whether the file has the list or needs none.
    fn apply_list(&self, fresh: &File, has_group: bool) -> bool {
        match &self.list {
            AccessControlList::Same => true,
            // The directory may have a default list, which the new file inherited.
            AccessControlList::None => matches!(
                retry_on_intr(|| fremovexattr(fresh, LIST)),
                Ok(()) | Err(Errno::NODATA | Errno::OPNOTSUPP | Errno::NOSYS)
            ),
            // The list has entries for the old group.
            AccessControlList::Some(_) if !has_group => false,
            AccessControlList::Some(list) => {
                retry_on_intr(|| fsetxattr(fresh, LIST, list, XattrFlags::empty())).is_ok()
            }
        }
    }

    /// Returns the mode to set. If the group differs from the old one, its members and
    /// those of the old group, who now count as others, may do no more than either
    /// could.
    fn mode_if(&self, has_group: bool) -> u32 {
        if has_group {
            return self.mode;
        }
        let both = self.mode >> 3 & self.mode & 0o7;
        self.mode & 0o700 | both << 3 | both
    }
}

/// Returns the access control list of the old file, if it has one. It is read through
/// the open descriptor, whatever is at the path by then; the path is used only if
/// `/proc` is not mounted.
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

/// Reads a list with `read` into a buffer that grows as needed.
fn list_by(read: impl Fn(&mut [u8]) -> Result<usize, Errno>) -> Result<Vec<u8>, Errno> {
    let mut list = vec![0; USUAL_LEN];
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
