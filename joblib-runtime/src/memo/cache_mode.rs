//! `JOBLIB_RS_CACHE`: how the user of a program changes, without editing it, what
//! memoized functions read, compute and store.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::diagnostics;
use super::entry::now;
use crate::secure_execution;

/// What the calls of a function may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum CacheMode {
    /// As the program says.
    #[default]
    On,
    /// Computes every call. Nothing is read or stored.
    Off,
    /// Reads stored results and stores none on disk.
    ReadOnly,
    /// Recomputes what was stored before the program started.
    Refresh,
    /// Panics instead of computing.
    Strict,
}

/// The modes that the environment sets.
#[derive(Debug, Default, PartialEq, Eq)]
struct CacheModes {
    all: CacheMode,
    /// Names of functions with their modes. The last one that fits applies.
    functions: Vec<(String, CacheMode)>,
}

/// Returns the mode of the function `name`, its path with the crate.
pub(super) fn of(name: &str) -> CacheMode {
    modes().of(name)
}

/// Returns whether no function may use a disk.
pub(super) fn is_off() -> bool {
    modes().are_all(|mode| mode == CacheMode::Off)
}

/// Returns whether no function may write to a disk.
pub(super) fn is_read_only() -> bool {
    modes().are_all(|mode| matches!(mode, CacheMode::Off | CacheMode::ReadOnly))
}

/// When the program started, for `refresh`, in nanoseconds since 1970. A worker process
/// has the start of the program that it works for.
static STARTED: AtomicU64 = AtomicU64::new(0);

/// Returns the time before which stored results are recomputed by `refresh`.
pub(crate) fn started() -> u64 {
    let known = STARTED.load(Relaxed);
    if known != 0 {
        return known;
    }
    let now = now();
    let first = STARTED.compare_exchange(0, now, Relaxed, Relaxed);
    first.map_or_else(|earlier| earlier, |_| now)
}

/// Sets the time that [`started`] returns.
pub(crate) fn set_started(at: u64) {
    STARTED.store(at, Relaxed);
}

fn modes() -> &'static CacheModes {
    static MODES: LazyLock<CacheModes> = LazyLock::new(|| {
        started();
        let value = secure_execution::var_os("JOBLIB_RS_CACHE").filter(|value| !value.is_empty());
        let Some(value) = value else {
            return CacheModes::default();
        };
        let modes = match value.to_str() {
            Some(text) => parse(text),
            None => Err("it is not UTF-8".to_owned()),
        };
        modes.unwrap_or_else(|reason| {
            diagnostics::warn(format_args!(
                "invalid JOBLIB_RS_CACHE {value:?} is ignored: {reason}; expected `on`, `off`, \
                 `read-only`, `refresh` or `strict` for all functions, or for one as in \
                 `simulate=refresh`, separated by commas"
            ));
            CacheModes::default()
        })
    });
    &MODES
}

impl CacheModes {
    fn of(&self, name: &str) -> CacheMode {
        let mut functions = self.functions.iter().rev();
        let own = functions.find(|(path, _)| is_path_of(path, name));
        own.map_or(self.all, |(_, mode)| *mode)
    }

    fn are_all(&self, fits: fn(CacheMode) -> bool) -> bool {
        fits(self.all) && self.functions.iter().all(|(_, mode)| fits(*mode))
    }
}

/// Returns whether `path` is the last part of the path `name`, from a `::` on.
fn is_path_of(path: &str, name: &str) -> bool {
    name.strip_suffix(path)
        .is_some_and(|above| above.is_empty() || above.ends_with("::"))
}

fn parse(text: &str) -> Result<CacheModes, String> {
    let mut modes = CacheModes::default();
    let mut all = None;
    for part in text.split(',').map(str::trim) {
        let (name, mode) = match part.rsplit_once('=') {
            Some((name, mode)) => (Some(name.trim()), mode.trim()),
            None => (None, part),
        };
        let mode = match mode {
            "on" => CacheMode::On,
            "off" => CacheMode::Off,
            "read-only" => CacheMode::ReadOnly,
            "refresh" => CacheMode::Refresh,
            "strict" => CacheMode::Strict,
            other => return Err(format!("`{other}` is not a mode")),
        };
        match name {
            Some("") => return Err(format!("`{part}` has no name of a function")),
            Some(name) => modes.functions.push((name.to_owned(), mode)),
            None if all.is_some() => return Err("it has two modes for all functions".to_owned()),
            None => all = Some(mode),
        }
    }
    modes.all = all.unwrap_or_default();
    Ok(modes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_mode_that_names_a_function_applies_to_it() {
        let modes = parse("read-only, simulate=refresh,app::fit = off,fit=strict").unwrap();
        let cases = [
            ("app::load", CacheMode::ReadOnly),
            ("app::simulate", CacheMode::Refresh),
            ("other::inner::simulate", CacheMode::Refresh),
            ("app::resimulate", CacheMode::ReadOnly),
            ("app::fit", CacheMode::Strict),
            ("simulate", CacheMode::Refresh),
        ];
        for (name, mode) in cases {
            assert_eq!(modes.of(name), mode, "{name}");
        }
    }

    #[test]
    fn a_cache_is_read_only_if_no_function_may_write() {
        for (text, is_read_only) in [
            ("read-only", true),
            ("read-only,load=off", true),
            ("read-only,load=on", false),
            ("load=read-only", false),
            ("strict", false),
        ] {
            let modes = parse(text).unwrap();
            let reads = |mode| matches!(mode, CacheMode::Off | CacheMode::ReadOnly);
            assert_eq!(modes.are_all(reads), is_read_only, "{text}");
        }
    }

    #[test]
    fn an_invalid_value_is_named() {
        for (text, named) in [
            ("fast", "`fast`"),
            ("simulate=", "``"),
            ("=off", "`=off`"),
            ("off,on", "two modes"),
            ("off,,x=on", "``"),
        ] {
            let reason = parse(text).unwrap_err();
            assert!(reason.contains(named), "{text}: {reason}");
        }
    }
}
