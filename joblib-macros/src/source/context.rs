//! What the compiler was told: the crate's root file, its configuration and
//! where its dependencies are, read from the command line of `rustc`.

use std::collections::HashMap;
#[cfg(test)]
use std::path::Path;
use std::path::PathBuf;

use super::cfg::Cfgs;
use super::token::{File, Span};

/// Which package a source file belongs to.
#[derive(Clone, Debug, Default)]
pub(super) struct Origin {
    /// The directory of its `Cargo.toml`.
    pub(super) dir: PathBuf,
    pub(super) package: String,
    /// Whether it is the crate being compiled.
    pub(super) is_own: bool,
}

/// One compilation.
#[derive(Clone, Debug, Default)]
pub(super) struct Context {
    /// The crate's root file; without one only the function itself counts.
    pub(super) root: Option<PathBuf>,
    pub(super) cfgs: Cfgs,
    /// Names after `--extern` and the file each stands for.
    pub(super) externs: Vec<(String, Option<PathBuf>)>,
    /// The directory of the package's `Cargo.toml`.
    pub(super) manifest_dir: PathBuf,
    /// Where the compiler writes, below cargo's target directory.
    pub(super) out_dir: Option<PathBuf>,
    /// Environment variables that stand before those of the process.
    pub(super) variables: HashMap<String, String>,
}

impl Context {
    /// The compilation this process is.
    pub(super) fn current() -> Context {
        let arguments = expand(std::env::args().skip(1));
        let mut context = Context::from_arguments(&arguments);
        context.manifest_dir =
            std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(PathBuf::new, PathBuf::from);
        context
    }

    /// A compilation of the crate at `root`, of a package in `manifest_dir`.
    #[cfg(test)]
    pub(super) fn for_test(manifest_dir: &Path, root: &str, cfgs: &[&str]) -> Context {
        let mut arguments = vec![manifest_dir.join(root).display().to_string()];
        for cfg in cfgs {
            arguments.push(format!("--cfg={cfg}"));
        }
        let mut context = Context::from_arguments(&arguments);
        context.manifest_dir = manifest_dir.to_owned();
        context
    }

    fn from_arguments(arguments: &[String]) -> Context {
        let mut context = Context::default();
        context.cfgs.complete = true;
        context.cfgs.native = true;
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            if !argument.starts_with('-') {
                if argument.ends_with(".rs") && context.root.is_none() {
                    context.root = absolute(argument);
                }
                continue;
            }
            let (option, value) = match argument.split_once('=') {
                Some((option, value)) if option.starts_with("--") => (option, value.to_owned()),
                _ if takes_value(argument) => {
                    (argument.as_str(), rest.next().cloned().unwrap_or_default())
                }
                _ if argument.starts_with("-C") => ("-C", argument[2..].to_owned()),
                _ => (argument.as_str(), String::new()),
            };
            context.option(option, value);
        }
        context
    }

    fn option(&mut self, option: &str, value: String) {
        match option {
            "--cfg" => {
                self.cfgs.set.insert(value.replace(" = ", "="));
            }
            "--extern" => {
                let (name, path) = match value.split_once('=') {
                    Some((name, path)) => (name, Some(PathBuf::from(path))),
                    None => (value.as_str(), None),
                };
                let name = name.rsplit(':').next().unwrap_or(name);
                self.externs.push((name.to_owned(), path));
            }
            "--test" => self.cfgs.test = true,
            "--target" => self.cfgs.native = false,
            "--out-dir" => self.out_dir = absolute(&value),
            "-C" | "--codegen" => {
                if let Some(flag) = value.strip_prefix("debug-assertions=") {
                    self.cfgs.debug_assertions = Some(matches!(flag, "on" | "yes" | "y" | "true"));
                }
            }
            _ => {}
        }
    }

    /// The value of an environment variable while compiling.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        self.variables
            .get(name)
            .cloned()
            .or_else(|| std::env::var(name).ok())
    }

    /// The file that the arguments of `include_str!` and its like name, if
    /// they say it in literals, `concat!` and `env!`, and it exists.
    pub(super) fn file_argument(
        &self,
        file: &File,
        span: Span,
        origin: &Origin,
    ) -> Option<PathBuf> {
        let mut text = String::new();
        self.text_argument(file, span, origin, &mut text)?;
        let path = file.path.parent()?.join(&text);
        if path.is_file() {
            return Some(path);
        }
        let generated = text.strip_prefix(OUT_DIR)?;
        self.generated(generated.trim_start_matches('/'), origin)
    }

    fn text_argument(
        &self,
        file: &File,
        span: Span,
        origin: &Origin,
        text: &mut String,
    ) -> Option<()> {
        let mut at = span.start;
        while at < span.end {
            if file.is(at, b',') {
                at += 1;
            } else if file.is(at + 1, b'!') && file.opens(at + 2) {
                let inside = file.inside(at + 2);
                match file.text(at) {
                    "concat" => self.text_argument(file, inside, origin, text)?,
                    "env" => text.push_str(&self.env_argument(file, inside.start, origin)?),
                    _ => return None,
                }
                at = file.after(at + 2);
            } else {
                text.push_str(&unquote(file.text(at))?);
                at += 1;
            }
        }
        Some(())
    }

    fn env_argument(&self, file: &File, at: usize, origin: &Origin) -> Option<String> {
        let name = unquote(file.text(at))?;
        match name.as_str() {
            _ if origin.is_own => self.variable(&name),
            "CARGO_MANIFEST_DIR" => Some(origin.dir.display().to_string()),
            "OUT_DIR" => Some(OUT_DIR.to_owned()),
            _ => None,
        }
    }

    /// The newest file of this name that the build script of `origin` wrote.
    fn generated(&self, name: &str, origin: &Origin) -> Option<PathBuf> {
        let build = self.out_dir.as_ref()?.parent()?.join("build");
        let prefix = format!("{}-", origin.package);
        let mut found: Vec<_> = std::fs::read_dir(build)
            .ok()?
            .filter_map(Result::ok)
            .filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix))
            .map(|entry| entry.path().join("out").join(name))
            .filter_map(|path| Some((path.metadata().ok()?.modified().ok()?, path)))
            .collect();
        found.sort();
        found.pop().map(|(_, path)| path)
    }
}

/// Stands for the output directory of another crate's build script.
const OUT_DIR: &str = "\u{1}OUT_DIR";

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
    )
}

/// Arguments with those that stand in `@file`s.
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

/// The text of a plain string literal.
pub(super) fn unquote(literal: &str) -> Option<String> {
    let start = literal.find('"')? + 1;
    let end = literal.rfind('"')?;
    let text = literal.get(start..end)?;
    let is_raw = literal.starts_with('r');
    (is_raw || !text.contains('\\')).then(|| text.to_owned())
}
