//! Runs the main job on a part of the data, with an edit between runs: what reaches the
//! edit computes again, nothing else does, and undoing an edit costs nothing.

use std::fs;
use std::path::{Path, PathBuf};

use super::main_job::printed;
use crate::shell::{Result, root, target};

/// Enough digits to train on, and few enough to train quickly.
const DIGITS: usize = 150;

struct Edit {
    file: &'static str,
    from: &'static str,
    to: &'static str,
    computes: &'static [&'static str],
}

const EDITS: &[Edit] = &[
    Edit {
        file: "model.rs",
        from: "2.0 * width",
        to: "3.0 * width",
        computes: &["train", "score", "fit"],
    },
    Edit {
        file: "model.rs",
        from: "-1.0",
        to: "-0.5",
        // `score` receives other models.
        computes: &["train", "score", "fit"],
    },
    Edit {
        file: "scoring.rs",
        from: "right.count() as f64",
        to: "right.count() as f64 * 0.5",
        computes: &["score"],
    },
    Edit {
        file: "features.rs",
        from: "max(2.0)",
        to: "max(1.0)",
        computes: &["prepare", "train", "score", "fit"],
    },
    Edit {
        file: "report.rs",
        from: "{components} components",
        to: "{components} axes",
        computes: &[],
    },
    Edit {
        file: "cholesky.rs",
        from: "pub(crate) fn solve(",
        to: "#[inline] // Short.\npub(crate) fn solve(",
        computes: &[],
    },
];

/// Fails if an edit makes other functions compute than expected. The error lists all
/// such edits.
pub(super) fn run() -> Result {
    let copy = Copy::make()?;
    let mut wrong = Vec::new();
    wrong.extend(copy.check("the unedited copy", &["prepare", "train", "score", "fit"])?);
    for edit in EDITS {
        wrong.extend(copy.check_edited(edit)?);
    }
    wrong.extend(copy.check("every edit undone", &[])?);
    if wrong.is_empty() {
        return Ok(());
    }
    Err(wrong.join("\n").into())
}

/// A copy of the example as its own package with its own cache.
struct Copy {
    directory: PathBuf,
}

impl Copy {
    fn make() -> Result<Self> {
        let copy = Self {
            directory: target().join("edited"),
        };
        let (from, to) = (root(), copy.directory.as_path());
        if to.exists() {
            fs::remove_dir_all(to)?;
        }
        fs::create_dir_all(to.join("src"))?;
        fs::create_dir_all(to.join("data"))?;
        for file in fs::read_dir(from.join("examples/grid_search"))? {
            let file = file?;
            fs::copy(file.path(), copy.source(Path::new(&file.file_name())))?;
        }
        let digits = fs::read_to_string(from.join("examples/data/digits.csv"))?;
        let part: Vec<&str> = digits.lines().take(1 + DIGITS).collect();
        fs::write(to.join("data/digits.csv"), part.join("\n"))?;
        fs::write(to.join("Cargo.toml"), manifest(from))?;
        // The same versions, so that existing builds are reused.
        fs::copy(from.join("Cargo.lock"), to.join("Cargo.lock"))?;
        Ok(copy)
    }

    fn source(&self, file: impl AsRef<Path>) -> PathBuf {
        self.directory.join("src").join(file)
    }

    /// Makes the edit, runs the copy, and undoes the edit.
    fn check_edited(&self, edit: &Edit) -> Result<Option<String>> {
        let path = self.source(edit.file);
        let original = fs::read_to_string(&path)?;
        let edited = original.replacen(edit.from, edit.to, 1);
        if edited == original {
            return Err(format!(
                "{}: the text to edit is missing: {:?}",
                edit.file, edit.from
            )
            .into());
        }
        fs::write(&path, edited)?;
        let wrong = self.check(&format!("{} edited", edit.file), edit.computes)?;
        fs::write(&path, original)?;
        Ok(wrong)
    }

    /// Runs the copy and returns an error message if other functions computed than
    /// expected.
    fn check(&self, when: &str, expected: &[&str]) -> Result<Option<String>> {
        println!("-- {when}: {expected:?} should compute");
        let printed = printed(&self.directory.join("Cargo.toml"), &[], &self.directory)?;
        let computed = printed.computed();
        let is_right = computed == expected;
        Ok((!is_right).then(|| format!("{when}: {computed:?} computed instead of {expected:?}")))
    }
}

/// Returns the manifest. The copy is built nine times and does little work, so it is
/// not optimized.
fn manifest(joblib: &Path) -> String {
    format!(
        "[package]\nname = \"grid_search\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         joblib = {{ path = {joblib:?}, features = [\"ndarray\"] }}\nndarray = \"0.17\"\n\n\
         [profile.release.package.grid_search]\nopt-level = 0\n"
    )
}
