//! Finds the conditions in the source of a crate that only the compiler can decide,
//! because a profile or a flag may set them for a single package.

/// The conditions that the sources of a crate use.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CfgUses {
    /// Debug assertions, overflow checks or the panic strategy.
    pub(super) of_profile: bool,
    /// Processor features, and other conditions that only flags decide.
    of_flags: bool,
    /// The paths of files, as data.
    of_paths: bool,
}

/// Prefixes of flags that decide no condition.
const IGNORED_FLAGS: &[&str] = &[
    "ar",
    "codegen-units",
    "debuginfo",
    "embed-bitcode",
    "force-frame-pointers",
    "incremental",
    "link",
    "lto",
    "prefer-dynamic",
    "rpath",
    "save-temps",
    "split-debuginfo",
    "strip",
    "symbol-mangling-version",
    "threads",
];

impl CfgUses {
    /// Adds the conditions that a source uses.
    ///
    /// The macros themselves are often compiled without optimization, so this uses
    /// the standard library to search for a character that is rare in source.
    pub(super) fn read(&mut self, source: &[u8], is_root: bool) {
        let source = String::from_utf8_lossy(source);
        let names = |asked: &str, rare: char| {
            let offset = asked.find(rare).unwrap_or_default();
            let places = source.match_indices(rare).map(|(at, _)| at);
            let mut starts = places.filter_map(|at| at.checked_sub(offset));
            starts.any(|start| source.as_bytes()[start..].starts_with(asked.as_bytes()))
        };
        // Unstable features can be enabled only in the root file.
        let of_root = [
            ("cfg_sanitize", 'z'),
            ("cfg_relocation_model", '_'),
            ("cfg_ub_checks", 'k'),
        ];
        self.of_profile = self.of_profile
            || names("debug_assertions", 'g')
            || names("\"unwind\"", 'w')
            || names("\"abort\"", 'b')
            || (is_root && names("overflow_checks", 'k'));
        self.of_flags = self.of_flags
            || names("target_feature", 'g')
            || (is_root && of_root.iter().any(|(asked, rare)| names(asked, *rare)));
        self.of_paths = self.of_paths || names("file!", '!') || names("Location", 'L');
    }

    /// Returns the flags that may decide the conditions in use.
    pub(super) fn flags(self, flags: &[String]) -> Vec<String> {
        let mut found = Vec::new();
        let mut flags = flags.iter().map(String::as_str);
        while let Some(flag) = flags.next() {
            let (kind, option) = match flag {
                "-C" | "-Z" | "--codegen" | "--remap-path-prefix" => {
                    (flag, flags.next().unwrap_or_default())
                }
                _ => parts(flag),
            };
            if self.is_decided_by(kind, option) {
                // rustc accepts `-` and `_` in option names.
                let (name, value) = option.split_once('=').unwrap_or((option, ""));
                let name = match kind {
                    "--remap-path-prefix" => name.to_owned(),
                    _ => name.replace('_', "-"),
                };
                found.push(format!("flag {kind} {name}={value}"));
            }
        }
        found
    }

    fn is_decided_by(self, kind: &str, option: &str) -> bool {
        match kind {
            "-C" | "-Z" | "--codegen" => {
                let option = option.replace('_', "-");
                let is_known = IGNORED_FLAGS.iter().any(|start| option.starts_with(start));
                (self.of_profile || self.of_flags) && !is_known
            }
            "--remap-path-prefix" => self.of_paths,
            "-O" => self.of_profile,
            _ => false,
        }
    }
}

/// Splits a flag that is one word into the flag and its option.
fn parts(flag: &str) -> (&str, &str) {
    match flag.split_once('=') {
        Some(parts) if flag.starts_with("--") => parts,
        _ if flag.starts_with("-C") || flag.starts_with("-Z") => flag.split_at(2),
        _ => (flag, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::CfgUses;

    fn asked(source: &str) -> CfgUses {
        let mut asked = CfgUses::default();
        asked.read(source.as_bytes(), true);
        asked
    }

    #[test]
    fn what_asks_is_found_wherever_it_stands() {
        assert!(asked("debug_assertions").of_profile);
        assert!(asked("gg k #![feature(cfg_overflow_checks)]").of_profile);
        assert!(asked("é if cfg!(debug_assertions) { 1 } else { 2 }").of_profile);
        assert!(asked("if cfg!(panic = \"abort\") { 1 }").of_profile);
        let plain = asked("g debug_assert!(true); overflow_check debug_assertion; let panic = 1;");
        assert!(!plain.of_profile && !plain.of_flags);
        assert!(!asked("").of_profile);
        assert!(asked("#[cfg(target_feature = \"avx2\")]").of_flags);
    }

    #[test]
    fn flags_count_where_they_may_decide_what_is_asked_for() {
        let flags = [
            "-C",
            "target-feature=+avx2",
            "-Clink-arg=-s",
            "--cap-lints=warn",
        ];
        let flags = flags.map(str::to_owned);
        assert_eq!(asked("").flags(&flags), [""; 0]);
        let counting = asked("cfg!(target_feature = \"avx2\")").flags(&flags);
        assert_eq!(counting, ["flag -C target-feature=+avx2"]);
        let off = ["-C".to_owned(), "debug_assertions=off".to_owned()];
        let counting = asked("cfg!(debug_assertions)").flags(&off);
        assert_eq!(counting, ["flag -C debug-assertions=off"]);
        let remapped = ["--remap-path-prefix=src=x".to_owned()];
        assert_eq!(asked("file!()").flags(&remapped).len(), 1);
        assert_eq!(asked("1").flags(&remapped).len(), 0);
    }
}
