//! The environment variable that makes a process a worker and identifies the parent and
//! the binary that it belongs to.

use std::any::TypeId;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use twox_hash::XxHash3_64;

/// Set in worker processes only.
pub(super) const VARIABLE: &str = "JOBLIB_RS_WORKER";

/// The version of the protocol; it is incremented with every change.
const VERSION: u32 = 2;

/// Identifies this copy of joblib. A program can contain several versions of joblib,
/// each with its own registry of functions. A worker belongs to the copy that started
/// it.
fn copy_id() -> u64 {
    let mut hasher = XxHash3_64::default();
    TypeId::of::<WorkerEnv>().hash(&mut hasher);
    hasher.finish()
}

/// Whether the text is for another copy of joblib in the program.
pub(super) fn is_for_other_copy(text: &str) -> bool {
    let (copy_of, _) = text.split_once(' ').unwrap_or((text, ""));
    copy_of.len() == 16 && u64::from_str_radix(copy_of, 16).is_ok_and(|it| it != copy_id())
}

/// The parameters that a parent passes to a worker in the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WorkerEnv {
    /// The process ID of the parent.
    pub(super) parent: u32,
    /// The nesting depth of the worker: the number of worker processes above it, itself
    /// included.
    pub(super) depth: u32,
    /// The identifier of the parent's binary.
    pub(super) build: u128,
    /// The digest of the registry of the parent's binary.
    pub(super) registry: u128,
    /// The stack size of the thread that runs tasks, in bytes, if it is set.
    pub(super) stack: Option<usize>,
    /// The descriptors that the worker inherits by mistake.
    pub(super) leaked: Vec<i32>,
}

impl fmt::Display for WorkerEnv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let WorkerEnv {
            parent,
            depth,
            build,
            registry,
            stack,
            leaked,
        } = self;
        let stack = stack.unwrap_or_default();
        write!(
            f,
            "{:016x} {VERSION} {parent} {depth} {build:032x} {registry:032x} {stack}",
            copy_id()
        )?;
        leaked.iter().try_for_each(|fd| write!(f, " {fd}"))
    }
}

impl FromStr for WorkerEnv {
    type Err = ();

    fn from_str(text: &str) -> Result<WorkerEnv, ()> {
        let mut fields = text.split(' ');
        let mut field = || fields.next().ok_or(());
        u64::from_str_radix(field()?, 16).map_err(drop)?;
        let version: u32 = field()?.parse().map_err(drop)?;
        if version != VERSION {
            return Err(());
        }
        Ok(WorkerEnv {
            parent: field()?.parse().map_err(drop)?,
            depth: field()?.parse().map_err(drop)?,
            build: u128::from_str_radix(field()?, 16).map_err(drop)?,
            registry: u128::from_str_radix(field()?, 16).map_err(drop)?,
            stack: Some(field()?.parse().map_err(drop)?).filter(|bytes| *bytes > 0),
            leaked: fields
                .map(|fd| fd.parse().map_err(drop))
                .collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_read_as_it_was_written() {
        let marker = WorkerEnv {
            parent: 12,
            depth: 1,
            build: 7,
            registry: u128::MAX,
            stack: Some(1 << 20),
            leaked: vec![5, 9],
        };
        assert_eq!(marker.to_string().parse(), Ok(marker.clone()));
        let usual = WorkerEnv {
            stack: None,
            ..marker
        };
        assert_eq!(usual.to_string().parse(), Ok(usual));
    }

    #[test]
    fn a_marker_is_for_one_joblib_only() {
        let marker = WorkerEnv {
            parent: 12,
            depth: 1,
            build: 7,
            registry: 8,
            stack: None,
            leaked: vec![],
        };
        let text = marker.to_string();
        assert!(!is_for_other_copy(&text));
        assert!(is_for_other_copy(&format!(
            "{:016x}{}",
            copy_id() ^ 1,
            &text[16..]
        )));
        for text in ["", "1", "1 12 1 7 8", "0123456789abcdeg 1", "by hand"] {
            assert!(!is_for_other_copy(text), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_marker_of_this_version_is_refused() {
        for text in [
            "",
            "1",
            "0 1 1 0 0 0 0",
            "0 2 1 0 0 0",
            "0 2 1 0 g 0 0",
            "0 2 1 0 0 0 -1",
            "0 2 1 0 0 0 0 x",
        ] {
            assert_eq!(text.parse::<WorkerEnv>(), Err(()), "{text:?}");
        }
    }
}
