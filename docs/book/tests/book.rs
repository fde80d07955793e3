//! The chapters are complete, their links lead somewhere, and what they quote exists.
//! Their Rust examples are documentation tests of this package.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// What a document contains, as far as it is checked.
struct Document {
    path: PathBuf,
    /// Targets of links and images.
    links: Vec<String>,
    /// Anchors of headings.
    anchors: BTreeSet<String>,
    /// Code blocks: the words after the fence, and the text.
    blocks: Vec<(String, String)>,
}

impl Document {
    fn read(path: PathBuf) -> Document {
        let text = read(&path);
        let mut document = Document {
            path,
            links: Vec::new(),
            anchors: BTreeSet::new(),
            blocks: Vec::new(),
        };
        let mut heading = None;
        let mut block = None;
        for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
            match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    document.links.push(dest_url.into_string());
                }
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => document.add_anchor(&heading.take().unwrap()),
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                    block = Some((info.into_string(), String::new()));
                }
                Event::End(TagEnd::CodeBlock) => document.blocks.extend(block.take()),
                Event::Text(text) | Event::Code(text) => {
                    let place = block.as_mut().map(|(_, text)| text).or(heading.as_mut());
                    place.into_iter().for_each(|it| it.push_str(&text));
                }
                _ => {}
            }
        }
        document
    }

    /// Adds the anchor that mdBook and others give a heading.
    fn add_anchor(&mut self, heading: &str) {
        let kept = heading.chars().filter_map(|c| match c {
            ' ' => Some('-'),
            '-' | '_' => Some(c),
            _ => c.is_alphanumeric().then(|| c.to_ascii_lowercase()),
        });
        let anchor: String = kept.collect();
        let numbered = (1..).map(|n| format!("{anchor}-{n}"));
        let free = std::iter::once(anchor.clone())
            .chain(numbered)
            .find(|it| !self.anchors.contains(it));
        self.anchors.extend(free);
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns the documents directly in `dir`, below the root of the repository.
fn documents(dir: &str) -> Vec<Document> {
    let files = fs::read_dir(root().join(dir)).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    let documents = paths.filter(|path| path.extension().is_some_and(|end| end == "md"));
    documents.map(Document::read).collect()
}

fn chapters() -> Vec<Document> {
    let mut chapters = documents("docs/book/src");
    chapters.retain(|chapter| chapter.path.file_name().unwrap() != "SUMMARY.md");
    assert!(!chapters.is_empty());
    chapters
}

fn name(document: &Document) -> &str {
    document.path.file_name().unwrap().to_str().unwrap()
}

#[test]
fn each_chapter_is_in_the_summary_and_is_tested() {
    let summary = Document::read(root().join("docs/book/src/SUMMARY.md"));
    let examples = read(&root().join("docs/book/lib.rs"));
    for chapter in chapters() {
        let file = name(&chapter);
        assert!(summary.links.iter().any(|link| link == file), "{file}");
        assert!(examples.contains(&format!("\"{file}\"")), "{file}");
    }
}

#[test]
fn each_link_leads_to_a_file_and_a_heading() {
    let mut dead = Vec::new();
    for dir in [".", "docs", "docs/book/src"] {
        for document in documents(dir) {
            let links = document.links.iter().filter(|link| !link.contains("://"));
            dead.extend(
                links
                    .filter(|link| !is_alive(&document, link))
                    .map(|link| format!("{}: {link}", document.path.display())),
            );
        }
    }
    assert!(dead.is_empty(), "{}", dead.join("\n"));
}

fn is_alive(document: &Document, link: &str) -> bool {
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let path = match file {
        "" => document.path.clone(),
        file => document.path.with_file_name(file),
    };
    path.exists() && (anchor.is_empty() || Document::read(path).anchors.contains(anchor))
}

#[test]
fn each_example_in_rust_is_compiled() {
    for chapter in chapters() {
        for (info, text) in &chapter.blocks {
            let known = [
                "console",
                "python",
                "rust",
                "rust,compile_fail",
                "text",
                "toml",
            ];
            assert!(known.contains(&&**info), "{}: `{info}`", name(&chapter));
            let is_code = text.contains("fn ") || text.contains("let ");
            assert!(
                !is_code || info != "text" || text.starts_with(">>"),
                "{}: {text}",
                name(&chapter)
            );
        }
    }
}

/// A message may be continued on the next line of the source.
fn messages() -> String {
    let mut text = String::new();
    let mut dirs = ["joblib-macros/src", "joblib-runtime/src", "ui-tests"]
        .map(|dir| root().join(dir))
        .to_vec();
    while let Some(dir) = dirs.pop() {
        for path in fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().path())
        {
            match path.extension().and_then(|end| end.to_str()) {
                Some("rs" | "stderr") => text.push_str(&read(&path)),
                None if path.is_dir() => dirs.push(path),
                _ => {}
            }
        }
    }
    let lines: Vec<&str> = text.split("\\\n").map(str::trim_start).collect();
    lines.concat().replace("\\\"", "\"")
}

/// Panics unless each part of `quoted` between ellipses and punctuation is in `messages`.
/// Returns the number of parts.
fn parts_found(quoted: &str, messages: &str) -> usize {
    let pieces = quoted.split(['…', ':', ';']);
    let trimmed = pieces.map(|piece| piece.trim().trim_matches(['`', ',', ' ']));
    let parts = trimmed.filter(|part| part.len() > 3);
    parts
        .inspect(|part| assert!(messages.contains(part), "{part:?} of {quoted:?}"))
        .count()
}

#[test]
fn each_message_is_one_of_the_program() {
    let chapter = Document::read(root().join("docs/book/src/troubleshooting.md"));
    let messages = messages();
    let quoted = chapter.blocks.iter().filter(|(info, _)| info == "text");
    let count: usize = quoted.map(|(_, text)| parts_found(text, &messages)).sum();
    assert!(count > 50, "{count} parts");
}

#[test]
fn each_reason_of_a_miss_is_one_of_the_program() {
    let chapter = read(&root().join("docs/book/src/troubleshooting.md"));
    let (_, section) = chapter.split_once("## Why a call computes").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let reasons = rows.map(|row| row.split(" | ").next().unwrap().trim_start_matches("| "));
    let messages = messages();
    let count: usize = reasons.map(|it| parts_found(it, &messages)).sum();
    assert!(count > 10, "{count} parts");
}

/// Returns the numbers with a unit of time in `text`, as "131 ns".
fn times(text: &str) -> Vec<String> {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || "<>|,;()".contains(c))
        .filter(|word| !word.is_empty())
        .collect();
    let pairs = words.windows(2).filter(|pair| {
        let unit = pair[1].trim_end_matches(['.', ':']);
        ["ns", "µs"].contains(&unit) && pair[0].parse::<f64>().is_ok()
    });
    pairs
        .map(|pair| format!("{} {}", pair[0], pair[1].trim_end_matches(['.', ':'])))
        .collect()
}

#[test]
fn each_figure_is_one_that_was_measured() {
    let measured = read(&root().join("docs/performance.md"));
    for file in ["performance-guide.md", "images/cost.svg"] {
        let times = times(&read(&root().join("docs/book/src").join(file)));
        assert!(times.len() > 3, "{file}: {times:?}");
        // A round number is an order of magnitude and not a figure.
        for time in times
            .iter()
            .filter(|time| !["10 ns", "1 µs", "10 µs", "100 ns", "100 µs"].contains(&&***time))
        {
            assert!(measured.contains(time), "{file}: {time}");
        }
    }
}
