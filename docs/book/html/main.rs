//! Makes web pages of the book, with the specifications of `docs/` as further chapters.
//! The argument is the directory for the pages.

use std::error::Error;
use std::path::{Path, PathBuf};

use mdbook_driver::MDBook;
use mdbook_driver::book::{BookItem, Chapter};

/// The specifications: titles, and files of `docs/` without their extension.
const SPECIFICATIONS: [(&str, &str); 6] = [
    ("Fingerprints", "fingerprint"),
    ("Worker processes", "processes"),
    ("Formats on disk", "format"),
    ("Reliability", "reliability"),
    ("Security", "security"),
    ("Performance", "performance"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let output = std::env::args_os().nth(1);
    let output = PathBuf::from(output.ok_or("name the directory for the pages")?);
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("");
    let mut pages = MDBook::load(&book)?;
    pages.config.build.build_dir = std::path::absolute(output)?;
    add_specifications(
        &mut pages,
        book.parent().ok_or("the book is in a directory")?,
    )?;
    pages.book.for_each_chapter_mut(|chapter| {
        chapter.content = with_links_between_pages(&chapter.content);
    });
    pages.build()?;
    let first = pages.config.build.build_dir.join("index.html");
    println!("{}", first.display());
    Ok(())
}

fn add_specifications(pages: &mut MDBook, docs: &Path) -> Result<(), Box<dyn Error>> {
    pages
        .book
        .push_item(BookItem::PartTitle("Specifications".to_owned()));
    for (title, name) in SPECIFICATIONS {
        let file = format!("{name}.md");
        let path = docs.join(&file);
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        let place = Path::new("specification").join(file);
        pages
            .book
            .push_item(Chapter::new(title, text, place, Vec::new()));
    }
    Ok(())
}

/// Turns links to specifications into links to their pages, and links to other files of
/// the repository into text.
fn with_links_between_pages(text: &str) -> String {
    let text = text
        .replace("](../../../", "](repository:")
        .replace("](../../", "](specification/");
    let mut parts = text.split("](repository:");
    let mut changed = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (link, rest) = part.split_once(')').unwrap_or((part, ""));
        let file = link.split('#').next().unwrap_or(link);
        if let Some(open) = changed.rfind('[') {
            changed.remove(open);
        }
        changed.push_str(&format!(" ({file}){rest}"));
    }
    changed
}
