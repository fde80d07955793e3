//! Places in a crate where a number or an operator can become another.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{BinOp, Expr, Lit};

use super::random::Random;
use super::subject::Workspace;
use crate::shell::Result;

/// One edit.
#[derive(Clone, Debug)]
pub(super) struct Site {
    /// The file, from the root of the crate.
    pub(super) file: PathBuf,
    pub(super) line: usize,
    /// Bytes of the expression.
    pub(super) bytes: Range<usize>,
    pub(super) before: String,
    pub(super) after: String,
}

/// Every place in the bodies of functions of the crate.
pub(super) fn find(workspace: &Workspace) -> Result<Vec<Site>> {
    let mut found = Vec::new();
    walk(&workspace.krate, Path::new("src"), &mut found)?;
    Ok(found)
}

/// `count` of them, no two of which overlap.
pub(super) fn choose(mut sites: Vec<Site>, count: usize) -> Vec<Site> {
    Random(1).shuffle(&mut sites);
    let mut chosen: Vec<Site> = Vec::new();
    for site in sites {
        let overlaps = |other: &Site| {
            other.file == site.file
                && other.bytes.start < site.bytes.end
                && site.bytes.start < other.bytes.end
        };
        if chosen.len() < count && !chosen.iter().any(overlaps) {
            chosen.push(site);
        }
    }
    chosen
}

fn walk(krate: &Path, dir: &Path, found: &mut Vec<Site>) -> Result {
    let mut entries: Vec<_> = fs::read_dir(krate.join(dir))?.collect::<std::io::Result<_>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = dir.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            walk(krate, &path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(krate.join(&path))?;
            found.extend(in_text(&path, &text));
        }
    }
    Ok(())
}

fn in_text(file: &Path, text: &str) -> Vec<Site> {
    let mut found = Vec::new();
    if let Ok(tree) = syn::parse_file(text) {
        let mut finder = Finder {
            file,
            text,
            depth: 0,
            found: &mut found,
        };
        finder.visit_file(&tree);
    }
    found
}

struct Finder<'a> {
    file: &'a Path,
    text: &'a str,
    /// Bodies around; places count only inside of one.
    depth: usize,
    found: &'a mut Vec<Site>,
}

impl Finder<'_> {
    fn add(&mut self, expr: &Expr, after: String) {
        let span = expr.span();
        if self.depth > 0 && span.start().line == span.end().line {
            let bytes = span.byte_range();
            self.found.push(Site {
                file: self.file.to_owned(),
                line: span.start().line,
                before: self.text[bytes.clone()].to_owned(),
                bytes,
                after,
            });
        }
    }

    fn inside(&mut self, block: &syn::Block) {
        self.depth += 1;
        visit::visit_block(self, block);
        self.depth -= 1;
    }
}

fn is_test(attrs: &[syn::Attribute]) -> bool {
    attrs.iter().any(|attr| {
        let path = attr.path();
        let test = || {
            attr.parse_args::<syn::Path>()
                .is_ok_and(|path| path.is_ident("test"))
        };
        path.is_ident("test") || (path.is_ident("cfg") && test())
    })
}

/// A number that is not the one in `lit`.
fn other_number(lit: &Lit) -> Option<String> {
    match lit {
        Lit::Int(int) => {
            let value = int.base10_parse::<u64>().ok()?;
            Some(format!("{}{}", value.checked_add(1)?, int.suffix()))
        }
        Lit::Float(float) => {
            let value = float.base10_parse::<f64>().ok()?;
            Some(format!("{:?}{}", value * 1.5 + 0.125, float.suffix()))
        }
        _ => None,
    }
}

/// The operator, and one of the same type.
fn other_operator(op: &BinOp) -> Option<&'static str> {
    Some(match op {
        BinOp::Add(_) => "-",
        BinOp::Sub(_) => "+",
        BinOp::Mul(_) => "/",
        BinOp::Div(_) => "*",
        BinOp::Lt(_) => "<=",
        BinOp::Le(_) => "<",
        BinOp::Gt(_) => ">=",
        BinOp::Ge(_) => ">",
        BinOp::Eq(_) => "!=",
        BinOp::Ne(_) => "==",
        _ => return None,
    })
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if item.sig.constness.is_none() && !is_test(&item.attrs) {
            self.inside(&item.block);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if item.sig.constness.is_none() {
            self.inside(&item.block);
        }
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.inside(block);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}

    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}

    fn visit_pat(&mut self, _: &'ast syn::Pat) {}

    fn visit_type(&mut self, _: &'ast syn::Type) {}

    fn visit_expr_const(&mut self, _: &'ast syn::ExprConst) {}

    fn visit_expr_repeat(&mut self, repeat: &'ast syn::ExprRepeat) {
        self.visit_expr(&repeat.expr);
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        match expr {
            Expr::Lit(lit) => {
                if let Some(after) = other_number(&lit.lit) {
                    self.add(expr, after);
                }
            }
            Expr::Binary(binary) => {
                if let Some(operator) = other_operator(&binary.op) {
                    let start = expr.span().byte_range().start;
                    let op = binary.op.span().byte_range();
                    let end = expr.span().byte_range().end;
                    let text = self.text;
                    let after =
                        format!("{}{operator}{}", &text[start..op.start], &text[op.end..end]);
                    self.add(expr, after);
                }
            }
            _ => {}
        }
        visit::visit_expr(self, expr);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edits(text: &str) -> Vec<String> {
        let sites = in_text(Path::new("lib.rs"), text);
        let edit = |site: &Site| format!("{} > {}", site.before, site.after);
        sites.iter().map(edit).collect()
    }

    #[test]
    fn numbers_and_operators_in_bodies_are_places() {
        let found = edits("fn f(a: u8) -> u8 { if a < 2u8 { a * 3 } else { a } }");
        let expected = ["a < 2u8 > a <= 2u8", "2u8 > 3u8", "a * 3 > a / 3", "3 > 4"];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_no_switch_can_replace_is_no_place() {
        for text in [
            "const N: u8 = 1;",
            "const fn f() -> u8 { 1 }",
            "fn f(a: [u8; 4]) {}",
            "fn f(n: u8) { match n { 1 => {} _ => {} } }",
            "#[cfg(test)] mod tests { fn f() -> u8 { 1 } }",
            "#[test] fn f() { g(1) }",
        ] {
            assert_eq!(edits(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn chosen_places_do_not_overlap() {
        let sites = in_text(Path::new("lib.rs"), "fn f() -> u8 { 1 + 2 * 3 - 4 }");
        let chosen = choose(sites, 9);
        for (i, a) in chosen.iter().enumerate() {
            for b in &chosen[..i] {
                assert!(a.bytes.end <= b.bytes.start || b.bytes.end <= a.bytes.start);
            }
        }
    }
}
