//! Built-in macros and functions of the standard library that turn data from outside
//! the tokens, or the position of the tokens, into values.

use std::sync::Arc;

use super::RefCollector;
use crate::source::cfg::render;
use crate::source::env_vars;
use crate::source::name::Name;
use crate::source::references::Unresolved;
use crate::source::token::Span;
use crate::source::use_tree::UsePath;

impl RefCollector<'_> {
    /// Records functions whose result, and types whose text, is the location or the
    /// text of source code.
    pub(super) fn data(&mut self, path: &UsePath, next: usize) {
        let Some(last) = path.last() else { return };
        match last.as_str() {
            "caller" => self.facts.has_positions = true,
            "set_hook" => self.facts.has_positions |= self.may_read_panic(next),
            // The preceding type can have any name.
            "capture" | "force_capture" => self.facts.has_positions |= path.names.len() > 1,
            "type_name" | "type_name_of_val" => self.facts.has_module_path = true,
            // Its `Debug` output contains the path of its type parameter.
            "PhantomData" => self.facts.has_module_path = true,
            _ => {}
        }
    }

    /// Does the same for the name at `at`, which follows a type in angle brackets.
    pub(super) fn data_of_type(&mut self, at: usize) {
        if let Some(name) = self.file.name(at) {
            let names = vec![Name::new("Self"), name];
            let path = UsePath {
                global: false,
                names,
            };
            self.data(&path, at + 1);
        }
    }

    /// Returns whether the argument that opens at `open` may be a hook that reads the
    /// panic's location. `Box::new(|_| …)` does not, and neither does the previous
    /// hook.
    pub(super) fn may_read_panic(&self, open: usize) -> bool {
        let file = self.file;
        if !file.opens(open) {
            return true;
        }
        let inside = file.inside(open);
        let words = |words: &[&str], at: usize| {
            let mut words = words.iter().zip(at..);
            words.all(|(word, at)| file.text(at) == *word)
        };
        let at = inside.start;
        let closure = at + 5 + usize::from(file.is_word(at + 5, "move"));
        let is_ignored =
            words(&["Box", ":", ":", "new", "("], at) && words(&["|", "_", "|"], closure);
        let is_before = inside.len() == 1 && self.is_hook_before(file.text(at));
        !(is_ignored || is_before)
    }

    /// Returns whether the only value that the name gets comes from `let name =
    /// take_hook();`.
    fn is_hook_before(&self, name: &str) -> bool {
        let file = self.file;
        let lets = file.all().filter(|&at| file.is_word(at, "let"));
        let mut bound = lets.filter(|at| file.text(at + 1) == name).peekable();
        let is_taken = |at: usize| {
            let end = (at..file.len()).find(|&at| file.is(at, b';'));
            file.is(at + 2, b'=')
                && end.is_some_and(|end| end > 3 && file.is_word(end - 3, "take_hook"))
        };
        bound.peek().is_some() && bound.all(is_taken)
    }

    /// Records a variable that a procedural macro reads at expansion time:
    /// `var("NAME")`, whose arguments open at `open`.
    pub(super) fn read_by_macro(&mut self, path: &UsePath, open: usize) {
        let is_var = path
            .last()
            .is_some_and(|last| last == "var" || last == "var_os");
        // A local variable can have this name, too.
        let is_function = self.file.is(open, b'(') || path.names.len() > 1;
        if !is_var || !is_function || !self.world.krate(self.krate).is_proc_macro {
            return;
        }
        match env_vars::names(self.file, open) {
            Some(names) => self.facts.envs.extend(names),
            None => {
                let dir = &self.world.krate(self.krate).origin.dir;
                let files = self.world.files.iter();
                let own = files.filter(|file| file.path.starts_with(dir));
                let names = own.flat_map(|file| env_vars::likely(file));
                self.facts.envs.extend(names);
            }
        }
    }

    /// Handles built-in macros that read data from outside the tokens. Returns
    /// whether `name` is one of them.
    pub(super) fn built_in(&mut self, name: Name, inside: Span) -> bool {
        match name.as_str() {
            "include_str" | "include_bytes" => self.include(inside, false),
            "include" => self.include(inside, true),
            "env" | "option_env" => self.variable(inside),
            "cfg" => self.cfg(inside),
            "cfg_select" => self.conditions_of_arms(inside),
            "line" | "column" | "file" => self.facts.has_positions = true,
            "module_path" => self.facts.has_module_path = true,
            "stringify" => self.facts.has_text = true,
            _ => return false,
        }
        true
    }

    pub(super) fn include(&mut self, argument: Span, is_code: bool) {
        let found = match self.is_macro {
            // The path is relative to the file that calls the macro.
            true => None,
            false => self
                .world
                .file_argument(self.krate, self.file, argument.clone(), None),
        };
        match found {
            Some(path) if !is_code => {
                let argument = render(self.file, argument);
                self.facts.files.push((argument, path));
            }
            _ => self.facts.open.push(Unresolved::Include {
                file: Arc::clone(self.file),
                argument,
                is_code,
            }),
        }
    }

    pub(super) fn variable(&mut self, inside: Span) {
        let comma = inside.clone().find(|&i| self.file.is(i, b','));
        let argument = inside.start..comma.unwrap_or(inside.end);
        match self
            .world
            .text_argument(self.krate, self.file, argument.clone(), None)
        {
            Some(name) => self.facts.envs.push(name),
            None => {
                let file = Arc::clone(self.file);
                self.facts.open.push(Unresolved::Variable(file, argument));
            }
        }
    }

    /// Adds the predicates of `cfg_select! { predicate => …, _ => … }`, which expands
    /// to the first arm whose predicate holds.
    pub(super) fn conditions_of_arms(&mut self, arms: Span) {
        let file = self.file;
        let mut start = arms.start;
        let mut at = arms.start;
        while at < arms.end {
            if !(file.is(at, b'=') && file.is(at + 1, b'>') && file.is_joint(at)) {
                at = file.after(at);
                continue;
            }
            if !file.is_word(start, "_") {
                self.cfg(start..at);
            }
            at += 2;
            let is_block = file.is(at, b'{') && file.opens(at);
            while !is_block && at < arms.end && !file.is(at, b',') {
                at = file.after(at);
            }
            at = if is_block { file.after(at) } else { at };
            start = if file.is(at, b',') { at + 1 } else { at };
            at = start;
        }
    }

    pub(super) fn cfg(&mut self, predicate: Span) {
        let is_complete = !predicate.clone().any(|i| self.file.is(i, b'$'));
        // The predicates in a macro are evaluated in the crate that calls it.
        if self.is_macro && !(is_complete && self.krate == 0) {
            self.facts.open.push(Unresolved::Conditions);
        }
        if is_complete {
            let cfgs = &self.world.krate(self.krate).cfgs;
            let truth = cfgs.eval(self.file, predicate.clone());
            self.facts.cfgs.push((render(self.file, predicate), truth));
        }
    }
}
