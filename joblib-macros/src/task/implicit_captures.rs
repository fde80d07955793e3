//! Finds variables of the enclosing function that the closure captures without
//! declaring them, as far as the tokens show it.

use std::collections::HashSet;

use proc_macro2::Ident;
use syn::visit::{self, Visit};
use syn::{
    Expr, ExprBinary, ExprCast, ExprField, ExprIndex, ExprMethodCall, ExprRange, ExprReference,
    ExprUnary, PatIdent,
};

use super::input::TaskInput;
use crate::errors::ErrorList;

/// Reports each undeclared capture once. It reports lower-case names that are
/// operands of an expression, because functions, which have such names too, are
/// only called or passed as values. The compiler reports the other captures.
pub(super) fn check(input: &TaskInput, errors: &mut ErrorList) {
    let mut bound = BoundNames::default();
    bound.visit_expr_closure(&input.closure);
    let names = input
        .captures
        .iter()
        .map(|capture| capture.name.to_string());
    bound.0.extend(names);
    let mut used = UsedNames {
        known: bound.0,
        found: Vec::new(),
    };
    used.visit_expr(&input.closure.body);
    for name in used.found {
        let message = format!(
            "`{name}` is a variable of the enclosing function and must be captured explicitly; \
             write its name and type before the closure, as in `task!([{name}: …] |…| …)`"
        );
        errors.at(name.span(), message);
    }
}

/// The names that patterns inside the closure bind.
#[derive(Default)]
struct BoundNames(HashSet<String>);

impl<'ast> Visit<'ast> for BoundNames {
    fn visit_pat_ident(&mut self, pat: &'ast PatIdent) {
        self.0.insert(pat.ident.to_string());
        visit::visit_pat_ident(self, pat);
    }
}

/// The operands in the closure that are not bound inside it.
struct UsedNames {
    known: HashSet<String>,
    found: Vec<Ident>,
}

impl UsedNames {
    fn operand(&mut self, expr: &Expr) {
        let Expr::Path(path) = expr else {
            return;
        };
        let Some(name) = path.path.get_ident() else {
            return;
        };
        let text = name.to_string();
        let is_variable = !text.starts_with(char::is_uppercase) && text != "self";
        if is_variable && self.known.insert(text) {
            self.found.push(name.clone());
        }
    }
}

impl<'ast> Visit<'ast> for UsedNames {
    fn visit_expr_binary(&mut self, expr: &'ast ExprBinary) {
        self.operand(&expr.left);
        self.operand(&expr.right);
        visit::visit_expr_binary(self, expr);
    }

    fn visit_expr_unary(&mut self, expr: &'ast ExprUnary) {
        self.operand(&expr.expr);
        visit::visit_expr_unary(self, expr);
    }

    fn visit_expr_cast(&mut self, expr: &'ast ExprCast) {
        self.operand(&expr.expr);
        visit::visit_expr_cast(self, expr);
    }

    fn visit_expr_reference(&mut self, expr: &'ast ExprReference) {
        self.operand(&expr.expr);
        visit::visit_expr_reference(self, expr);
    }

    fn visit_expr_field(&mut self, expr: &'ast ExprField) {
        self.operand(&expr.base);
        visit::visit_expr_field(self, expr);
    }

    fn visit_expr_index(&mut self, expr: &'ast ExprIndex) {
        self.operand(&expr.expr);
        self.operand(&expr.index);
        visit::visit_expr_index(self, expr);
    }

    fn visit_expr_range(&mut self, expr: &'ast ExprRange) {
        let ends = [expr.start.as_deref(), expr.end.as_deref()];
        ends.into_iter().flatten().for_each(|end| self.operand(end));
        visit::visit_expr_range(self, expr);
    }

    fn visit_expr_method_call(&mut self, expr: &'ast ExprMethodCall) {
        self.operand(&expr.receiver);
        visit::visit_expr_method_call(self, expr);
    }
}
