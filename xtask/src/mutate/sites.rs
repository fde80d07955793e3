//! Finds the places in a crate where a number, a bool or an operator can be replaced.

use std::fmt;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{BinOp, Expr, ExprLit, Lit, Meta, UnOp};

use super::subject::Workspace;
use crate::random::Random;
use crate::shell::Result;

/// One edit.
#[derive(Clone, Debug)]
pub(super) struct Site {
    /// The file, relative to the root of the crate.
    pub(super) file: PathBuf,
    pub(super) line: usize,
    /// The byte range of the expression.
    pub(super) bytes: Range<usize>,
    pub(super) before: String,
    pub(super) after: String,
    /// Whether a condition evaluated at run time may replace the expression. It may not
    /// in constants, patterns, types and macro arguments.
    pub(super) is_switch: bool,
    /// The offset of the body of the enclosing function.
    pub(super) body: usize,
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, line) = (self.file.display(), self.line);
        write!(
            f,
            "{file}:{line}\t`{}` became `{}`",
            self.before, self.after
        )
    }
}

/// Finds all sites in the crate, except in tests.
pub(super) fn find(workspace: &Workspace) -> Result<Vec<Site>> {
    below(&workspace.krate)
}

/// Finds all sites in a directory of the crate.
pub(super) fn below(krate: &Path) -> Result<Vec<Site>> {
    let mut found = Vec::new();
    walk(krate, Path::new("src"), &mut found)?;
    Ok(found)
}

/// Selects `count` of the sites, no two of which overlap.
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
            body: 0,
            depth: 0,
            fixed: 0,
            found: &mut found,
        };
        finder.visit_file(&tree);
    }
    found
}

struct Finder<'a> {
    file: &'a Path,
    text: &'a str,
    /// The offset of the enclosing body.
    body: usize,
    /// The number of enclosing bodies.
    depth: usize,
    /// The number of enclosing constructs that are evaluated at compile time.
    fixed: usize,
    found: &'a mut Vec<Site>,
}

impl Finder<'_> {
    fn add(&mut self, span: Span, after: String) {
        let bytes = span.byte_range();
        if span.start().line == span.end().line && !bytes.is_empty() {
            self.found.push(Site {
                file: self.file.to_owned(),
                line: span.start().line,
                before: self.text[bytes.clone()].to_owned(),
                bytes,
                after,
                is_switch: self.depth > 0 && self.fixed == 0,
                body: self.body,
            });
        }
    }

    fn body(&mut self, block: &syn::Block, is_const: bool) {
        let start = block
            .stmts
            .first()
            .map_or(0, |first| first.span().byte_range().start);
        let around = std::mem::replace(&mut self.body, start);
        self.depth += 1;
        let visit = |finder: &mut Self| visit::visit_block(finder, block);
        if is_const {
            self.fixed(visit);
        } else {
            visit(self);
        }
        self.depth -= 1;
        self.body = around;
    }

    fn fixed(&mut self, visit: impl FnOnce(&mut Self)) {
        self.fixed += 1;
        visit(self);
        self.fixed -= 1;
    }

    /// Visits numbers among tokens that are not parsed, such as macro arguments.
    fn tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Literal(literal) => {
                    let span = literal.span();
                    if let Some(after) = other_literal(&Lit::new(literal)) {
                        self.fixed(|finder| finder.add(span, after));
                    }
                }
                _ => {}
            }
        }
    }
}

fn is_test(attrs: &[syn::Attribute]) -> bool {
    attrs.iter().any(|attr| {
        let Meta::List(list) = &attr.meta else {
            return attr.path().is_ident("test");
        };
        let tokens = list.tokens.to_string();
        let has = |word| {
            tokens
                .split(|c: char| !c.is_alphanumeric())
                .any(|w| w == word)
        };
        list.path.is_ident("cfg") && has("test") && !has("not")
    })
}

/// Returns a number or bool other than the one in `lit`.
fn other_literal(lit: &Lit) -> Option<String> {
    match lit {
        Lit::Int(int) => {
            let value = int.base10_parse::<u64>().ok()?;
            Some(format!("{}{}", value.checked_add(1)?, int.suffix()))
        }
        Lit::Float(float) => {
            let value = float.base10_parse::<f64>().ok()?;
            Some(format!("{:?}{}", value * 1.5 + 0.125, float.suffix()))
        }
        Lit::Bool(truth) => Some((!truth.value).to_string()),
        _ => None,
    }
}

/// Returns another operator of the same type.
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
        BinOp::And(_) => "||",
        BinOp::Or(_) => "&&",
        BinOp::AddAssign(_) => "-=",
        BinOp::SubAssign(_) => "+=",
        BinOp::MulAssign(_) => "/=",
        BinOp::DivAssign(_) => "*=",
        _ => return None,
    })
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if !is_test(&item.attrs) {
            self.visit_signature(&item.sig);
            self.body(&item.block, item.sig.constness.is_some());
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.visit_signature(&item.sig);
        self.body(&item.block, item.sig.constness.is_some());
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.visit_signature(&item.sig);
        if let Some(block) = &item.default {
            self.body(block, false);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        self.fixed(|finder| visit::visit_item_const(finder, item));
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        self.fixed(|finder| visit::visit_item_static(finder, item));
    }

    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        if !is_test(&item.attrs) {
            visit::visit_item_macro(self, item);
        }
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.tokens(call.tokens.clone());
    }

    fn visit_pat(&mut self, pat: &'ast syn::Pat) {
        self.fixed(|finder| visit::visit_pat(finder, pat));
    }

    fn visit_type(&mut self, ty: &'ast syn::Type) {
        self.fixed(|finder| visit::visit_type(finder, ty));
    }

    fn visit_expr_const(&mut self, expr: &'ast syn::ExprConst) {
        self.fixed(|finder| visit::visit_expr_const(finder, expr));
    }

    fn visit_expr_repeat(&mut self, repeat: &'ast syn::ExprRepeat) {
        self.visit_expr(&repeat.expr);
        self.fixed(|finder| finder.visit_expr(&repeat.len));
    }

    /// Visits only the beginning of a table. Otherwise tables would dominate the sites.
    fn visit_expr_array(&mut self, array: &'ast syn::ExprArray) {
        for element in array.elems.iter().take(6) {
            self.visit_expr(element);
        }
    }

    fn visit_expr_lit(&mut self, expr: &'ast ExprLit) {
        if let Some(after) = other_literal(&expr.lit) {
            self.add(expr.lit.span(), after);
        }
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        let span = expr.span();
        match expr {
            Expr::Unary(unary) if !matches!(unary.op, UnOp::Deref(_)) => {
                let operand = unary.expr.span().byte_range();
                self.add(span, self.text[operand].to_owned());
            }
            Expr::Binary(binary) => {
                if let Some(operator) = other_operator(&binary.op) {
                    let (start, end) = (span.byte_range().start, span.byte_range().end);
                    let op = binary.op.span().byte_range();
                    let text = self.text;
                    let after =
                        format!("{}{operator}{}", &text[start..op.start], &text[op.end..end]);
                    self.add(span, after);
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

    fn edits(text: &str, is_switch: bool) -> Vec<String> {
        let sites = in_text(Path::new("lib.rs"), text);
        let edit = |site: &Site| format!("{} > {}", site.before, site.after);
        let wanted = sites.iter().filter(|site| site.is_switch == is_switch);
        wanted.map(edit).collect()
    }

    #[test]
    fn numbers_bools_and_operators_in_bodies_are_switches() {
        let found = edits(
            "fn f(a: i8) -> i8 { if a < 2i8 { a * 3 } else { -a } }",
            true,
        );
        let expected = [
            "a < 2i8 > a <= 2i8",
            "2i8 > 3i8",
            "a * 3 > a / 3",
            "3 > 4",
            "-a > a",
        ];
        assert_eq!(found, expected);
        assert_eq!(edits("fn f() { g(true) }", true), ["true > false"]);
    }

    #[test]
    fn expressions_evaluated_at_compile_time_are_not_switches() {
        for text in [
            "const N: u8 = 1;",
            "static N: u8 = 1;",
            "const fn f() -> u8 { 1 }",
            "fn f(a: [u8; 1]) {}",
            "fn f() { let a = [b; 1]; }",
            "fn f(n: u8) { match n { 1 => {} _ => {} } }",
            "fn f() { g!(a, 1) }",
            "macro_rules! f { () => { 1 } }",
        ] {
            assert_eq!(edits(text, false), ["1 > 2"], "{text}");
            assert_eq!(edits(text, true), [""; 0], "{text}");
        }
    }

    #[test]
    fn tests_have_no_sites() {
        for text in [
            "#[cfg(test)] mod tests { fn f() -> u8 { 1 } }",
            "#[cfg(all(test, feature = \"std\"))] mod tests { fn f() -> u8 { 1 } }",
            "#[test] fn f() { g(1) }",
        ] {
            assert_eq!(
                (edits(text, true), edits(text, false)),
                (vec![], vec![]),
                "{text}"
            );
        }
    }

    #[test]
    fn chosen_sites_do_not_overlap() {
        let sites = in_text(Path::new("lib.rs"), "fn f() -> u8 { 1 + 2 * 3 - 4 }");
        let chosen = choose(sites, 9);
        for (i, a) in chosen.iter().enumerate() {
            for b in &chosen[..i] {
                assert!(a.bytes.end <= b.bytes.start || b.bytes.end <= a.bytes.start);
            }
        }
    }
}
