//! The instructions that a build script run printed for cargo.

use std::fs;
use std::path::{Path, PathBuf};

use crate::source::cfg;

/// A run of a build script.
#[derive(Debug)]
pub(super) struct BuildScriptRun {
    pub(super) out_dir: PathBuf,
    output: String,
}

impl BuildScriptRun {
    /// Reads the directory in which cargo stores the run.
    pub(super) fn read(dir: &Path) -> Option<BuildScriptRun> {
        Some(BuildScriptRun {
            output: fs::read_to_string(dir.join("output")).ok()?,
            out_dir: dir.join("out"),
        })
    }

    /// Returns the values set by `cargo::rustc-cfg`.
    pub(super) fn cfgs(&self) -> Vec<String> {
        let printed = self.printed();
        let cfgs = printed.filter_map(|printed| printed.strip_prefix("rustc-cfg="));
        cfgs.map(cfg::canonical).collect()
    }

    /// Returns the other instructions for the compilation of the package. The output
    /// directory of the run is written as `OUT_DIR`.
    pub(super) fn instructions(&self) -> Vec<String> {
        let out_dir = self.out_dir.to_string_lossy();
        let printed = self
            .printed()
            .filter(|printed| printed.starts_with("rustc-"));
        printed
            .filter(|printed| {
                !printed.starts_with("rustc-cfg=") && !printed.starts_with("rustc-check-cfg=")
            })
            .map(|printed| printed.replace(&*out_dir, "OUT_DIR"))
            .flat_map(|printed| match printed.strip_prefix("rustc-flags=") {
                Some(flags) => of_flags(flags),
                None => vec![printed],
            })
            .collect()
    }

    fn printed(&self) -> impl Iterator<Item = &str> {
        let lines = self.output.lines().map(str::trim);
        lines.filter_map(|line| line.strip_prefix("cargo::").or(line.strip_prefix("cargo:")))
    }
}

/// Returns the instructions for `-l` and `-L` flags, with or without a space after
/// them.
fn of_flags(flags: &str) -> Vec<String> {
    let mut words = flags.split_whitespace();
    let mut printed = Vec::new();
    while let Some(word) = words.next() {
        let kinds = [("-l", "rustc-link-lib"), ("-L", "rustc-link-search")];
        let known = kinds.iter().find_map(|(flag, instruction)| {
            let rest = word.strip_prefix(flag)?;
            Some((*instruction, rest))
        });
        match known {
            Some((instruction, "")) => {
                printed.push(format!(
                    "{instruction}={}",
                    words.next().unwrap_or_default()
                ));
            }
            Some((instruction, rest)) => printed.push(format!("{instruction}={rest}")),
            None => printed.push(format!("rustc-flags={word}")),
        }
    }
    printed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(output: &str) -> BuildScriptRun {
        BuildScriptRun {
            out_dir: PathBuf::from("/t/out"),
            output: output.to_owned(),
        }
    }

    #[test]
    fn flags_are_the_instructions_they_stand_for() {
        let printed =
            run("cargo:rustc-flags=-L native=/t/out -lstatic=one -l two\n").instructions();
        assert_eq!(
            printed,
            [
                "rustc-link-search=native=OUT_DIR",
                "rustc-link-lib=static=one",
                "rustc-link-lib=two"
            ]
        );
    }

    #[test]
    fn a_condition_is_the_same_however_it_is_spelled() {
        for spelled in [
            "mode=\"fast\"",
            "mode =\"fast\"",
            " mode = \"fast\"",
            "mode=r#\"fast\"#",
            "mode=\"f\\x61st\"",
        ] {
            let output = format!("cargo::rustc-cfg={spelled}\n");
            assert_eq!(run(&output).cfgs(), ["mode=\"fast\""], "{spelled}");
        }
    }
}
