//! Runs the small examples twice, each in an empty directory: the second run computes
//! nothing, prints the same and writes the same, valid pictures.

use std::fs;
use std::path::Path;

use crate::shell::{Result, cargo, output, root, target};

struct Example {
    name: &'static str,
    package: Package,
    /// The picture that it writes.
    picture: Option<&'static str>,
}

enum Package {
    Examples,
    /// Those whose crates take minutes to compile, in the build of their tests.
    Heavy,
}

impl Package {
    fn manifest(&self) -> &'static str {
        match self {
            Package::Examples => "examples/Cargo.toml",
            Package::Heavy => "heavy-tests/Cargo.toml",
        }
    }

    fn build(&self) -> &'static [&'static str] {
        match self {
            // One set of features for all, so that joblib is built once.
            Package::Examples => &["--release", "--features", "image,plot,rand"],
            Package::Heavy => &["--all-features"],
        }
    }
}

const EXAMPLES: &[Example] = &[
    Example {
        name: "pendulum",
        package: Package::Examples,
        picture: Some("pendulum.svg"),
    },
    Example {
        name: "cell_count",
        package: Package::Examples,
        picture: Some("cells.png"),
    },
    Example {
        name: "option_price",
        package: Package::Examples,
        picture: None,
    },
    Example {
        name: "weather",
        package: Package::Heavy,
        picture: None,
    },
];

/// Fails at the first example that breaks its promise.
pub(crate) fn run() -> Result {
    for example in EXAMPLES {
        let directory = tempfile::tempdir()?;
        let (first, second) = (
            Run::of(example, directory.path())?,
            Run::of(example, directory.path())?,
        );
        first
            .compare(&second)
            .map_err(|error| format!("{}: {error}", example.name))?;
    }
    Ok(())
}

/// What a run left.
struct Run {
    /// The first word of the line with `computed, … loaded`.
    computed: u64,
    /// All other lines.
    printed: Vec<String>,
    picture: Option<Vec<u8>>,
}

impl Run {
    fn of(example: &Example, directory: &Path) -> Result<Self> {
        let mut command = cargo();
        command
            .args(["run", "--quiet", "--manifest-path"])
            .arg(root().join(example.package.manifest()))
            .args(example.package.build())
            .args(["--example", example.name])
            .current_dir(directory)
            .env("CARGO_TARGET_DIR", target());
        let text = output(&mut command)?;
        print!("{text}");
        let (counts, printed): (Vec<&str>, Vec<&str>) = text
            .lines()
            .partition(|line| line.contains(" computed, ") && line.contains(" loaded, in "));
        let [counts] = counts[..] else {
            return Err(format!("{}: no single line of counts", example.name).into());
        };
        let computed = counts.split(' ').next().unwrap_or_default().parse()?;
        let picture = example.picture.map(|path| picture(&directory.join(path)));
        Ok(Self {
            computed,
            printed: printed.into_iter().map(str::to_owned).collect(),
            picture: picture.transpose()?,
        })
    }

    fn compare(&self, second: &Self) -> Result {
        if self.computed == 0 {
            return Err("nothing computed in an empty directory".into());
        }
        if second.computed > 0 {
            return Err(format!("the second run computed {} results", second.computed).into());
        }
        if self.printed != second.printed {
            return Err("the second run printed something else".into());
        }
        if self.picture != second.picture {
            return Err("the second run wrote another picture".into());
        }
        Ok(())
    }
}

/// Reads a picture, and fails unless it is a whole SVG or PNG file.
fn picture(path: &Path) -> Result<Vec<u8>> {
    let bytes = fs::read(path)?;
    let is_svg = bytes.starts_with(b"<svg ") && bytes.trim_ascii_end().ends_with(b"</svg>");
    let is_png = bytes.starts_with(b"\x89PNG\r\n\x1a\n") && bytes.ends_with(b"IEND\xaeB`\x82");
    if is_svg || is_png {
        Ok(bytes)
    } else {
        Err(format!(
            "{}: neither a whole SVG nor a whole PNG file",
            path.display()
        )
        .into())
    }
}
