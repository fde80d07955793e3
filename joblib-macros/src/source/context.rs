//! The command line of `rustc` for this compilation: the crate's root file, its
//! configuration and the locations of its dependencies.

use std::collections::HashMap;
#[cfg(test)]
use std::path::Path;
use std::path::PathBuf;
use std::time::SystemTime;

use super::build_unit::DepInfo;
use super::cfg::{self, Cfgs};
use super::compile_time;
use super::native_libraries::NativeLibraries;
use super::opaque_crates::LOCATION_VARIABLES;

/// One compilation.
#[derive(Clone, Debug, Default)]
pub(super) struct Compilation {
    /// The crate's root file. Without it only the function itself is known.
    pub(super) root: Option<PathBuf>,
    pub(super) cfgs: Cfgs,
    pub(super) edition: String,
    /// Whether other crates can use this one.
    pub(super) is_library: bool,
    /// The names from `--extern` options, each with its file if one is set.
    pub(super) externs: Vec<(String, Option<PathBuf>)>,
    /// The directories that rustc searches for crates that have no file in
    /// `--extern`.
    crate_dirs: Vec<PathBuf>,
    /// The static libraries to link and the directories to search for them.
    pub(super) native: NativeLibraries,
    /// The directory of the package's `Cargo.toml`.
    pub(super) manifest_dir: PathBuf,
    /// The compiler's output directory, below cargo's target directory.
    pub(super) out_dir: Option<PathBuf>,
    /// The suffix that cargo appends to the file names of this crate.
    suffix: String,
    name: String,
    /// Whether rustc may run through an unknown wrapper, which can change the flags
    /// of each crate.
    pub(super) is_wrapped: bool,
    /// The path remapping options, which decide how paths appear in the compiled
    /// program.
    pub(super) remapped: Vec<String>,
    is_optimized: bool,
    /// Distinguishes this compilation from those of other crates.
    pub(super) identity: String,
    /// Environment variables that override those of the process.
    pub(super) variables: HashMap<String, String>,
    /// When the compiler started.
    pub(super) started: Option<SystemTime>,
}

/// What macros reported to the compiler in the previous compilation of the crate.
#[derive(Debug, Default)]
pub(super) struct SeenBefore {
    /// Files that are not source.
    pub(super) files: Vec<PathBuf>,
    pub(super) variables: Vec<String>,
}

impl Compilation {
    /// Returns the compilation that this process performs.
    pub(super) fn current() -> Compilation {
        let arguments = expand(std::env::args().skip(1));
        let mut context = Compilation::from_arguments(&arguments);
        context.manifest_dir =
            std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(PathBuf::new, PathBuf::from);
        context.is_wrapped = is_wrapped();
        context.started = compile_time::started(context.out_dir.as_deref(), &context.suffix);
        context
    }

    /// Returns a compilation of the crate at `root`, for a package in `manifest_dir`.
    #[cfg(test)]
    pub(super) fn for_test(manifest_dir: &Path, root: &str, cfgs: &[&str]) -> Compilation {
        let mut arguments = vec![manifest_dir.join(root).display().to_string()];
        for cfg in cfgs {
            arguments.push(format!("--cfg={cfg}"));
        }
        let mut context = Compilation::from_arguments(&arguments);
        context.manifest_dir = manifest_dir.to_owned();
        context.is_library = root.ends_with("lib.rs");
        context.edition = "2024".to_owned();
        context
    }

    fn from_arguments(arguments: &[String]) -> Compilation {
        let mut context = Compilation {
            edition: "2015".to_owned(),
            ..Compilation::default()
        };
        context.cfgs.complete = true;
        context.cfgs.native = true;
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            if !argument.starts_with('-') {
                let path = absolute(argument).filter(|path| path.is_file());
                let is_source = |path: &PathBuf| path.extension().is_some_and(|e| e == "rs");
                // A wrapper gets the path of the compiler as its first argument.
                if path.is_some() && !context.root.as_ref().is_some_and(is_source) {
                    context.root = path;
                }
                continue;
            }
            let (option, value) = match argument.split_once('=') {
                Some((option, value)) if option.starts_with("--") => (option, value.to_owned()),
                _ if takes_value(argument) => {
                    (argument.as_str(), rest.next().cloned().unwrap_or_default())
                }
                _ if ["-C", "-L", "-l"].iter().any(|o| argument.starts_with(o)) => {
                    (&argument[..2], argument[2..].to_owned())
                }
                _ => (argument.as_str(), String::new()),
            };
            context.option(option, value);
        }
        let is_debug = !context.is_optimized;
        context.cfgs.debug_assertions.get_or_insert(is_debug);
        context
    }

    /// Returns cargo's target directory: two levels above the directory of the
    /// dependencies.
    pub(super) fn target_dir(&self) -> Option<PathBuf> {
        let deps = self.out_dir.as_ref()?;
        let target = deps
            .ancestors()
            .find(|dir| dir.join("CACHEDIR.TAG").is_file());
        target
            .or_else(|| deps.ancestors().nth(2))
            .map(PathBuf::from)
    }

    /// Reads the dependency file that rustc wrote in the previous compilation of this
    /// crate.
    pub(super) fn seen_before(&self) -> SeenBefore {
        let path = self.out_dir.as_ref().map(|out_dir| {
            let name = format!("{}{}.d", self.name, self.suffix);
            out_dir.join(name)
        });
        let info = path
            .and_then(|path| DepInfo::read(&path))
            .unwrap_or_default();
        let is_source = |path: &PathBuf| path.extension().is_some_and(|e| e == "rs");
        let is_place = |name: &String| LOCATION_VARIABLES.contains(&name.as_str());
        SeenBefore {
            files: info
                .sources
                .into_iter()
                .filter(|path| !is_source(path))
                .collect(),
            variables: info
                .variables
                .into_keys()
                .filter(|name| !is_place(name))
                .collect(),
        }
    }

    fn option(&mut self, option: &str, value: String) {
        match option {
            "--cfg" => {
                self.cfgs.set.insert(cfg::canonical(&value));
            }
            "--extern" => {
                let (name, path) = match value.split_once('=') {
                    Some((name, path)) => (name, absolute(path)),
                    None => (value.as_str(), None),
                };
                let name = name.rsplit(':').next().unwrap_or(name);
                self.externs.push((name.to_owned(), path));
            }
            "--test" => self.cfgs.test = true,
            "--target" => self.cfgs.native = cfg::is_here(&value),
            "--edition" => self.edition = value,
            "--crate-type" => self.is_library |= value.contains("lib"),
            "--crate-name" => {
                self.identity.push_str(&value);
                self.name = value;
            }
            "--out-dir" => self.out_dir = absolute(&value),
            "-L" => {
                self.native.search(&value);
                let (kind, path) = value.split_once('=').unwrap_or(("all", &value));
                if matches!(kind, "all" | "crate") {
                    self.crate_dirs.extend(absolute(path));
                }
            }
            "-l" => self.native.link(&value),
            "--remap-path-prefix" => self.remapped.push(value),
            "-O" => self.is_optimized = true,
            "-C" | "--codegen" => {
                self.codegen(&value);
            }
            _ => {}
        }
    }

    /// Applies a `-C` option. rustc accepts `-` and `_` in its name.
    fn codegen(&mut self, option: &str) {
        let (name, value) = match option.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (option, None),
        };
        let text = value.unwrap_or_default();
        match name.replace('_', "-").as_str() {
            "debug-assertions" => {
                let is_on = value.is_none_or(|it| matches!(it, "on" | "yes" | "y" | "true"));
                self.cfgs.debug_assertions = Some(is_on);
            }
            "opt-level" => self.is_optimized = text != "0",
            "extra-filename" => self.suffix = text.to_owned(),
            "metadata" => self.identity.push_str(&format!("metadata={text}")),
            "link-arg" | "link-args" | "pre-link-arg" | "pre-link-args" => {
                self.native.add_linker_arguments(text);
            }
            _ => {}
        }
    }

    /// Returns whether rustc got a file for the crate `name`.
    pub(super) fn is_given(&self, name: &str) -> bool {
        let mut externs = self.externs.iter();
        externs.any(|(given, path)| given == name && path.is_some())
    }

    /// Returns the candidate files of a crate that rustc finds by its name alone. The
    /// metadata in the files decides which one rustc uses. A crate without a file in
    /// these directories belongs to the compiler.
    pub(super) fn crate_files(&self, name: &str) -> Vec<PathBuf> {
        let start = format!("lib{name}");
        let is_crate = |path: &PathBuf| {
            let named = path.file_name().and_then(|name| name.to_str());
            let kind = path.extension().and_then(|kind| kind.to_str());
            named.is_some_and(|named| named.starts_with(&start))
                && matches!(kind, Some("rlib" | "rmeta" | "so" | "dylib"))
        };
        let listed = self.crate_dirs.iter().filter_map(|dir| dir.read_dir().ok());
        let entries = listed.flatten().flatten().map(|entry| entry.path());
        let mut found: Vec<PathBuf> = entries.filter(is_crate).collect();
        found.sort();
        found.dedup();
        found
    }

    /// Returns rustc's name of the crate.
    pub(super) fn crate_name(&self) -> &str {
        &self.name
    }

    /// Returns the value of an environment variable during compilation.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        self.variables
            .get(name)
            .cloned()
            .or_else(|| std::env::var(name).ok())
    }
}

impl Compilation {
    /// Returns the names of the environment variables that are set.
    pub(super) fn variable_names(&self) -> Vec<String> {
        let of_process = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        self.variables.keys().cloned().chain(of_process).collect()
    }
}

/// Returns whether cargo starts rustc through a wrapper that is not known to forward
/// all arguments unchanged.
fn is_wrapped() -> bool {
    const VARIABLES: [&str; 4] = [
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "CARGO_BUILD_RUSTC_WRAPPER",
        "CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER",
    ];
    const KNOWN: [&str; 6] = [
        "cachepot",
        "ccache",
        "clippy-driver",
        "kache",
        "rust-analyzer",
        "sccache",
    ];
    VARIABLES.iter().any(|name| {
        let program = std::env::var_os(name).unwrap_or_default();
        let stem = std::path::Path::new(&program).file_stem();
        stem.is_some_and(|stem| !KNOWN.iter().any(|known| stem == *known))
    })
}

fn takes_value(option: &str) -> bool {
    matches!(
        option,
        "--cfg"
            | "--extern"
            | "--target"
            | "--out-dir"
            | "-C"
            | "--codegen"
            | "--edition"
            | "--crate-name"
            | "--crate-type"
            | "--emit"
            | "-L"
            | "-l"
            | "-o"
            | "--cap-lints"
            | "--check-cfg"
            | "--error-format"
            | "--json"
            | "--sysroot"
            | "-A"
            | "-W"
            | "-D"
            | "-F"
            | "-Z"
            | "--print"
            | "--color"
            | "--remap-path-prefix"
            | "--allow"
            | "--warn"
            | "--deny"
            | "--forbid"
            | "--diagnostic-width"
            | "--env-set"
            | "--explain"
            | "--force-warn"
    )
}

/// Replaces each `@file` argument with the lines of the file.
fn expand(arguments: impl Iterator<Item = String>) -> Vec<String> {
    let mut all = Vec::new();
    for argument in arguments {
        match argument.strip_prefix('@').map(std::fs::read_to_string) {
            Some(Ok(text)) => all.extend(text.lines().map(str::to_owned)),
            _ => all.push(argument),
        }
    }
    all
}

fn absolute(path: &str) -> Option<PathBuf> {
    std::path::absolute(path).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Compilation {
        let arguments: Vec<String> = arguments.iter().map(|it| (*it).to_owned()).collect();
        Compilation::from_arguments(&arguments)
    }

    #[test]
    fn options_of_code_generation_are_read_in_every_spelling() {
        for off in ["debug-assertions=off", "debug_assertions=no"] {
            assert_eq!(parsed(&["-C", off]).cfgs.debug_assertions, Some(false));
            let joined = format!("-C{off}");
            assert_eq!(parsed(&[&joined]).cfgs.debug_assertions, Some(false));
        }
        let on = parsed(&["-O", "-C", "debug_assertions"]);
        assert_eq!(on.cfgs.debug_assertions, Some(true));
        assert_eq!(
            parsed(&["-Copt_level=2"]).cfgs.debug_assertions,
            Some(false)
        );
    }

    #[test]
    fn conditions_are_the_same_however_they_are_spelled() {
        for spelled in [
            "mode=\"fast\"",
            "mode =\"fast\"",
            "mode=r\"fast\"",
            "mode=\"f\\x61st\"",
        ] {
            let set = parsed(&["--cfg", spelled]).cfgs.set;
            assert!(set.contains("mode=\"fast\""), "{set:?}");
        }
        assert!(parsed(&["--cfg", "r#async"]).cfgs.set.contains("async"));
    }

    #[test]
    fn what_the_linker_is_given_is_found() {
        let dir = tempfile::TempDir::new().unwrap();
        let object = dir.path().join("native.o");
        std::fs::write(&object, "").unwrap();
        let argument = format!("link-arg={}", object.display());
        let given = parsed(&["-C", &argument]).native.files();
        assert_eq!(given, std::slice::from_ref(&object));
        let arguments = format!("-Clink_args=-s {}", object.display());
        assert_eq!(parsed(&[&arguments]).native.files(), [object]);
    }

    #[test]
    fn a_target_that_is_this_machine_decides_what_no_target_does() {
        assert!(parsed(&[]).cfgs.native);
        assert!(!parsed(&["--target", "wasm32-unknown-unknown"]).cfgs.native);
        assert!(!parsed(&["--target=some/target.json"]).cfgs.native);
        #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
        assert!(
            parsed(&["--target", "x86_64-unknown-linux-gnu"])
                .cfgs
                .native
        );
    }
}
