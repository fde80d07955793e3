//! Finds what the source of a procedural macro reads in addition to its input: files,
//! variables, and the position of the input.

use crate::source::env_vars;
use crate::source::literal::strings;
use crate::source::opaque_crates::LOCATION_VARIABLES;
use crate::source::token::{LexedFile, Span};

/// What code reads when it runs as a macro.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::source) struct MacroInputs {
    /// Whether it reads files.
    pub(super) reads_files: bool,
    /// Whether it may report files or variables to rustc.
    pub(super) reports_inputs: bool,
    /// The variables that it reads by name.
    pub(super) variables: Vec<String>,
    /// The variables that it reads directly from the environment, which rustc does
    /// not track.
    pub(super) untracked: Vec<String>,
    /// Whether it reads variables under computed names.
    pub(super) reads_any_variable: bool,
    /// Whether rustc does not track the variables under computed names.
    pub(super) computes_untracked: bool,
    /// Whether it reads files that a build script wrote.
    pub(super) reads_generated: bool,
    /// Whether it reads the list of all variables.
    pub(super) reads_all_variables: bool,
    /// Whether it changes the case of texts to upper case, as in names of variables.
    pub(super) raises_case: bool,
    /// Texts that may be parts of the names of variables; a hole is `{}`.
    pub(super) parts: Vec<String>,
    /// Whether it reads the position or the source text of its input.
    pub(super) sees_places: bool,
}

/// Methods of paths that query the file system.
const PATH_METHODS: &[&str] = &[
    "canonicalize",
    "exists",
    "is_dir",
    "is_file",
    "is_symlink",
    "metadata",
    "read_dir",
    "read_link",
    "symlink_metadata",
    "try_exists",
];

/// Functions and macros that read files, called on any path.
const READING_FUNCTIONS: &[&str] = &["include_bytes", "include_str", "read_dir", "read_to_string"];

/// Methods of a span that no other type has.
const SPAN_METHODS: &[&str] = &["byte_range", "local_file", "source_file", "source_text"];

impl MacroInputs {
    /// Returns what the token ranges in `code` read.
    pub(super) fn of(code: &[(&LexedFile, Span)]) -> MacroInputs {
        let mut inputs = MacroInputs::default();
        for (file, span) in code {
            inputs.look(file, span.clone());
        }
        let asks_for_lines = code.iter().any(|(file, span)| has_line(file, span.clone()));
        let has_ends = |(file, span): &(&LexedFile, Span)| {
            let mut tokens = span.clone();
            tokens.any(|at| is_method(file, at, &["start", "end"]))
        };
        inputs.sees_places |= asks_for_lines && code.iter().any(has_ends);
        if inputs.reads_any_variable {
            for (file, span) in code {
                inputs.variables.extend(env_vars::likely(file));
                inputs.untracked.extend(env_vars::likely(file));
                inputs.parts.extend(parts(file, span.clone()));
            }
        }
        inputs.tidy();
        inputs
    }

    /// Merges the result for another part of the crate.
    pub(super) fn add(&mut self, other: &MacroInputs) {
        self.reads_files |= other.reads_files;
        self.reports_inputs |= other.reports_inputs;
        self.reads_any_variable |= other.reads_any_variable;
        self.computes_untracked |= other.computes_untracked;
        self.reads_generated |= other.reads_generated;
        self.reads_all_variables |= other.reads_all_variables;
        self.raises_case |= other.raises_case;
        self.sees_places |= other.sees_places;
        self.variables.extend(other.variables.iter().cloned());
        self.untracked.extend(other.untracked.iter().cloned());
        self.parts.extend(other.parts.iter().cloned());
        self.tidy();
    }

    /// Restricts the result for a crate that is known to read only the names of its
    /// own package and of the package that uses it.
    pub(super) fn of_known(mut self) -> MacroInputs {
        let is_of_package = |name: &String| name.starts_with("CARGO_PKG_");
        self.variables.retain(is_of_package);
        self.untracked.retain(is_of_package);
        MacroInputs {
            variables: self.variables,
            untracked: self.untracked,
            ..MacroInputs::default()
        }
    }

    fn tidy(&mut self) {
        let is_place = |name: &String| LOCATION_VARIABLES.contains(&name.as_str());
        for names in [&mut self.variables, &mut self.untracked, &mut self.parts] {
            names.retain(|name| !is_place(name));
            names.sort();
            names.dedup();
        }
    }

    fn look(&mut self, file: &LexedFile, span: Span) {
        self.reads_files |= reads_files(file, span.clone());
        self.reports_inputs |= reports_inputs(file, span.clone());
        self.reads_generated |= strings(file, span.clone()).any(|text| text == "OUT_DIR");
        // Code that is built as text may use `env!` with names that the text contains
        // or not.
        for text in strings(file, span.clone()).filter(|text| text.contains("env!")) {
            self.reads_any_variable = true;
            let words = text.split(|c: char| c != '_' && !c.is_ascii_alphanumeric());
            let is_name =
                |word: &&str| word.len() > 1 && !word.contains(|c: char| c.is_ascii_lowercase());
            self.variables
                .extend(words.filter(is_name).map(str::to_owned));
        }
        for at in span {
            self.sees_places |= sees_places(file, at);
            let word = file.text(at);
            self.raises_case |= file.is_word_kind(at) && changes_case(word);
            self.reads_all_variables |= reads_all_variables(file, at);
            if env_vars::asks(file, at) {
                let is_macro = file.is(at + 1, b'!');
                let open = at + 1 + usize::from(is_macro);
                match env_vars::names(file, open) {
                    Some(names) if is_macro => self.variables.extend(names),
                    Some(names) => {
                        self.untracked.extend(names.iter().cloned());
                        self.variables.extend(names);
                    }
                    None => {
                        self.reads_any_variable = true;
                        self.computes_untracked |= !is_macro;
                    }
                }
            } else if passes_env_reader(file, at) {
                self.reads_any_variable = true;
                self.computes_untracked = true;
            }
        }
    }
}

fn changes_case(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    word.contains("upper") || word.contains("shout") || word.contains("scream")
}

/// Returns whether a method with one of these names is called at `at`.
fn is_method(file: &LexedFile, at: usize, names: &[&str]) -> bool {
    let is_called = || at > 0 && file.is(at - 1, b'.') && file.is(at + 1, b'(');
    names.contains(&file.text(at)) && is_called()
}

/// Returns whether the code reads lines or columns, as fields or by methods.
fn has_line(file: &LexedFile, mut span: Span) -> bool {
    let is_line = |at| matches!(file.text(at), "line" | "column");
    span.any(|at| {
        file.is_word(at, "LineColumn") || (at > 0 && is_line(at) && file.is(at - 1, b'.'))
    })
}

/// Returns whether the code at `at` reads the position or the text of a span.
fn sees_places(file: &LexedFile, at: usize) -> bool {
    let is_bare = || at > 1 && file.is_path_sep(at - 2) && file.text(at.max(3) - 3) == "Span";
    (SPAN_METHODS.contains(&file.text(at)) && (is_method(file, at, SPAN_METHODS) || is_bare()))
        || is_method(file, at, &["line", "column"])
        || (is_method(file, at, &["start", "end"]) && is_of_span(file, at - 1))
}

/// Returns whether the expression before the dot at `dot` has the name of a span.
fn is_of_span(file: &LexedFile, dot: usize) -> bool {
    let Some(last) = dot.checked_sub(1) else {
        return false;
    };
    let name = match file.is(last, b')') {
        true => file.mate(last).checked_sub(1),
        false => Some(last),
    };
    let name = name.map_or("", |at| file.text(at)).to_ascii_lowercase();
    name.contains("span") || name == "call_site"
}

/// Returns whether the function that reads a variable is renamed at `at`, or passed
/// to code that calls it.
fn passes_env_reader(file: &LexedFile, at: usize) -> bool {
    let is_asking = matches!(file.text(at), "var" | "var_os" | "vars" | "vars_os");
    let is_of_env = || at > 2 && file.is_path_sep(at - 2) && file.is_word(at - 3, "env");
    let is_value = || file.is(at + 1, b')') || file.is(at + 1, b',');
    is_asking
        && file.is_word_kind(at)
        && (file.is_word(at + 1, "as") || (is_of_env() && is_value()))
}

/// Returns whether all variables are read at `at`.
fn reads_all_variables(file: &LexedFile, at: usize) -> bool {
    let is_named = matches!(file.text(at), "vars" | "vars_os") && file.is_word_kind(at);
    let is_own = at > 0 && (file.is(at - 1, b'.') || file.is_word(at - 1, "fn"));
    let is_empty_call = file.is(at + 1, b'(') && file.is(at + 2, b')');
    is_named && !is_own && is_empty_call
}

/// Returns the string literals that look like names of variables or parts of such
/// names.
fn parts(file: &LexedFile, span: Span) -> Vec<String> {
    let is_name = |text: &String| {
        let plain = text.replace("{}", "");
        let is_part = |c: char| c == '_' || c.is_ascii_alphanumeric();
        let is_upper = plain.chars().all(|c| !c.is_ascii_lowercase());
        plain.len() > 1 && plain.chars().all(is_part) && (is_upper || plain.len() < text.len())
    };
    let texts = strings(file, span).map(|text| holes(&text));
    texts.filter(is_name).collect()
}

/// Returns a format string with empty holes.
fn holes(text: &str) -> String {
    let mut plain = String::new();
    let mut is_within = false;
    for c in text.chars() {
        is_within = (is_within || c == '{') && c != '}';
        if !is_within || c == '{' {
            plain.push(c);
        }
    }
    plain
}

/// Returns whether code names a function that reads files, or generates such code.
pub(super) fn reads_files(file: &LexedFile, mut span: Span) -> bool {
    span.any(|at| {
        let is_path = || file.is_path_sep(at + 1) || (at > 1 && file.is_path_sep(at - 2));
        let word = file.text(at);
        let is_word = || file.is_word_kind(at) && !is_doc(file, at);
        match word {
            "fs" => is_word() && (is_path() || file.is_word(at + 1, "as")),
            "include" => file.is(at + 1, b'!'),
            "Command" => is_word() && file.is_path_sep(at + 1),
            _ if READING_FUNCTIONS.contains(&word) => is_word(),
            _ => {
                PATH_METHODS.contains(&word)
                    && (is_method(file, at, PATH_METHODS) || of_path(file, at))
            }
        }
    })
}

/// Returns whether a function of `Path` is named, as in `Path::exists`.
fn of_path(file: &LexedFile, at: usize) -> bool {
    let is_path = |at: usize| matches!(file.text(at), "Path" | "PathBuf");
    at > 2 && file.is_path_sep(at - 2) && is_path(at - 3)
}

/// Returns whether the file is read only as documentation of the code itself.
fn is_doc(file: &LexedFile, at: usize) -> bool {
    at > 1 && file.is(at - 1, b'=') && file.is_word(at - 2, "doc")
}

/// Returns whether code reports what it reads to rustc, or generates code that does.
fn reports_inputs(file: &LexedFile, span: Span) -> bool {
    let is_word = |at: usize| match file.text(at) {
        "include" | "env" | "option_env" => file.is(at + 1, b'!'),
        "include_str" | "include_bytes" => !is_doc(file, at),
        "tracked_env" | "tracked_path" => true,
        word => file.is_word_kind(at) && is_tracking_macro(word),
    };
    let mut words = span.clone();
    words.any(is_word) || strings(file, span).any(|text| is_telling(&text))
}

/// Returns whether a text is such code, or the name of a macro in it.
fn is_telling(text: &str) -> bool {
    text.contains("include") || text.contains("env!") || text == "env" || text == "option_env"
}

/// Returns whether a word is likely the name of such a macro.
fn is_tracking_macro(word: &str) -> bool {
    word.starts_with("include_") && !word.contains("dir")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(text: &str) -> MacroInputs {
        let file = LexedFile::new("".into(), text.to_owned());
        MacroInputs::of(&[(&file, file.all())])
    }

    #[test]
    fn the_source_of_a_macro_says_whether_it_reads() {
        for text in [
            "use std::fs;\nfn f() { fs::read(x); }",
            "fn f() { std::fs::File::open(x) }",
            "quote! { include_str!(#path) }",
            "quote! { include!(#path) }",
            "fn f(dir: &Path) -> bool { dir.join(name).exists() }",
            "fn f() { paths.filter(|path| path.is_file()); }",
            "fn f() { paths.filter(Path::is_dir); }",
            "use std::process::Command; fn f() { Command::new(\"git\").output(); }",
        ] {
            assert!(inputs(text).reads_files, "{text}");
        }
        for text in [
            "// std::fs::read(x)\nfn f(fs: syn::File) { for f in fs {} }",
            "fn f() { quote! { \"fs::read\" } }",
            "#![doc = include_str!(\"../README.md\")] fn f(exists: bool) -> bool { exists }",
        ] {
            assert!(!inputs(text).reads_files, "{text}");
            assert!(!inputs(text).reports_inputs, "{text}");
        }
    }

    #[test]
    fn the_source_of_a_macro_says_whether_it_tells_of_what_it_reads() {
        for text in [
            "quote! { include_bytes!(#path) }",
            "fn f() { format!(\"const _: &str = include_str!({path:?});\") }",
            "quote! { option_env!(#name) }",
            "fn f() { proc_macro::tracked_env::var(name) }",
        ] {
            assert!(inputs(text).reports_inputs, "{text}");
        }
        assert!(!inputs("fn f() { std::env::var(\"A\"); quote!(fn f() {}) }").reports_inputs);
    }

    #[test]
    fn variables_that_a_macro_asks_for_are_found() {
        let text = r#"const OUTER: &str = "one"; static LATER: &str = "TWO";
            fn f() { std::env::var("ONE"); var_os(OUTER); quote!(env!("THREE"));
            std::env::var(&LATER); env::var("CARGO_MANIFEST_DIR") } const NOT: &str = "NOT";"#;
        assert_eq!(inputs(text).variables, ["ONE", "THREE", "TWO", "one"]);
        assert_eq!(inputs(text).untracked, ["ONE", "TWO", "one"]);
    }

    #[test]
    fn a_variable_under_a_name_from_elsewhere_may_be_any_text_that_looks_like_one() {
        let text = r#"fn of(name: &str) -> String { std::env::var(name).unwrap() }
            const NAME: &str = "no name"; fn f() { of("MY_KNOB"); of("CARGO_MANIFEST_DIR") }"#;
        assert_eq!(inputs(text).variables, ["MY_KNOB"]);
        assert!(inputs(text).reads_any_variable);
        assert!(inputs("fn f() { names.map(std::env::var) }").computes_untracked);
        assert!(inputs("use std::env::var as look;").computes_untracked);
        assert!(!inputs("fn f() { quote!(env!(#name)) }").computes_untracked);
        let made = inputs("fn f() { format!(\"option_env!({name:?}) + env!(\\\"KNOB\\\")\") }");
        assert!(made.reads_any_variable && made.variables.contains(&"KNOB".to_owned()));
        assert!(!inputs("use std::env::var; fn f() { var(\"A\"); }").reads_any_variable);
        assert!(
            !inputs("impl Scope { fn var(&self) {} fn f(&self) { self.var(x) } }")
                .reads_any_variable
        );
    }

    #[test]
    fn a_crate_that_is_known_looks_at_its_package_alone() {
        let text = "fn f() { fs::read(x); var(\"MY_DEBUG\"); var(\"CARGO_PKG_NAME\"); }";
        let known = inputs(text).of_known();
        assert_eq!(known.variables, ["CARGO_PKG_NAME"]);
        assert!(!known.reads_files);
    }

    #[test]
    fn all_variables_are_asked_for_by_their_list() {
        assert!(inputs("fn f() { std::env::vars().find(|it| it.0 == name) }").reads_all_variables);
        assert!(!inputs("fn f() { scope.vars(); } fn vars() {}").reads_all_variables);
    }

    #[test]
    fn a_macro_that_asks_where_its_input_stands_is_known() {
        for text in [
            "fn f() { Span::call_site().line() }",
            "fn f() { let s = item.span(); s.start().line }",
            "fn f() { let LineColumn { line, .. } = s.start(); }",
            "fn f() { a.span().end() == b.span().start() }",
            "fn f() { span.source_text() }",
            "fn f() { spans.map(Span::source_text) }",
            "fn f() { name.span().unwrap().byte_range() }",
        ] {
            assert!(inputs(text).sees_places, "{text}");
        }
        for text in [
            "fn f() { Error::new(item.span(), \"no\") }",
            "fn f(found: Match) { text[found.start()..found.end()] }",
            "struct Error { line: usize } fn f() { quote_spanned!(span=> x) }",
        ] {
            assert!(!inputs(text).sees_places, "{text}");
        }
    }
}
