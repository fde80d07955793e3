//! Replaces the generated sections of documents, each of which is between two marker
//! lines.

use std::fs;
use std::path::Path;

use crate::shell::Result;

/// Replaces the text between the markers of `section` in `path`.
pub(crate) fn write_section(path: &Path, section: &str, text: &str) -> Result {
    let document = fs::read_to_string(path).map_err(|error| named(path, &error))?;
    let document = replace(&document, section, text).ok_or_else(|| {
        named(
            path,
            &format!("the markers of the section {section:?} are missing"),
        )
    })?;
    fs::write(path, document).map_err(|error| named(path, &error))?;
    println!("wrote the section {section:?} of {}", path.display());
    Ok(())
}

fn named(path: &Path, reason: &dyn std::fmt::Display) -> String {
    format!("{}: {reason}", path.display())
}

fn replace(document: &str, section: &str, text: &str) -> Option<String> {
    let (begin, end) = (
        format!("<!-- begin {section} -->\n"),
        format!("<!-- end {section} -->"),
    );
    let (before, rest) = document.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}{}\n{end}{after}", text.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::replace;

    #[test]
    fn only_the_named_section_is_replaced() {
        let document = "a\n<!-- begin x -->\nold\n<!-- end x -->\n<!-- begin y -->\n<!-- end y -->";
        let expected = "a\n<!-- begin x -->\nnew\n<!-- end x -->\n<!-- begin y -->\n<!-- end y -->";
        assert_eq!(replace(document, "x", "new\n").unwrap(), expected);
    }

    #[test]
    fn a_document_without_the_markers_is_refused() {
        assert_eq!(replace("a\n<!-- begin x -->\n", "x", "new"), None);
    }
}
