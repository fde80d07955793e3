//! Tests with real sources that code has one canonical form in every style of
//! `rustfmt`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::source::normalize;
use crate::source::token::LexedFile;

/// Two very different styles.
const STYLES: [&str; 2] = [
    "max_width=60,use_small_heuristics=Off",
    "max_width=200,use_small_heuristics=Max",
];

fn formatted(text: &str, style: &str) -> Option<String> {
    let mut child = Command::new("rustfmt")
        .args(["--edition=2024", "--config", style])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(text.as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    (output.status.success() && !output.stdout.is_empty())
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Returns the canonical form without imports and modules, which are not part of any
/// item.
fn canonical(text: &str) -> String {
    let file = LexedFile::new(PathBuf::new(), text.to_owned());
    let bytes = normalize::canonical(&file, file.all(), None);
    String::from_utf8_lossy(&bytes).replace('\0', " ")
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Returns the text around the first difference.
fn difference(a: &str, b: &str) -> String {
    let at = a
        .bytes()
        .zip(b.bytes())
        .position(|(a, b)| a != b)
        .unwrap_or(0);
    let around = |text: &str| {
        let bytes = text.as_bytes();
        let range = at.saturating_sub(120)..(at + 80).min(bytes.len());
        String::from_utf8_lossy(&bytes[range]).into_owned()
    };
    format!("{}\n  against\n{}", around(a), around(b))
}

#[test]
fn every_style_of_rustfmt_has_one_canonical_form() {
    let mut paths = Vec::new();
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut paths,
    );
    let mut compared = 0;
    let mut different = Vec::new();
    for path in &paths {
        let text = std::fs::read_to_string(path).unwrap();
        for style in STYLES {
            let other = formatted(&text, style);
            let other =
                other.unwrap_or_else(|| panic!("rustfmt failed to format {}", path.display()));
            let (here, there) = (canonical(&text), canonical(&other));
            compared += 1;
            if here != there {
                different.push(format!("{}: {}", path.display(), difference(&here, &there)));
            }
        }
    }
    assert!(compared > 20);
    assert!(
        different.is_empty(),
        "{} of {compared}:\n{}",
        different.len(),
        different.join("\n\n")
    );
}
