//! A case: a package, the events that it goes through, and what its memoized
//! functions must do after each.

use crate::tree::{Edit, Tree};

/// Files that make a small crate of their own: path and text.
pub(crate) type Files = &'static [(&'static str, &'static str)];

/// How a step builds and runs the package.
#[derive(Clone, Copy, Debug)]
pub(crate) enum How {
    /// `cargo run` with further arguments.
    Run(&'static [&'static str]),
    /// `cargo test` with further arguments; the tests print the lines.
    Test(&'static [&'static str]),
    /// A shell script in the directory of the sources, with `$CARGO` and
    /// `$TARGET`, the directory of what is built.
    Script(&'static str),
}

/// One event and what must follow from it. Edits and variables start from the
/// package as the case gives it, not from the step before.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) edits: Vec<Edit>,
    pub(crate) variables: Vec<(&'static str, &'static str)>,
    /// A shell script between saving the files and building them.
    pub(crate) before: &'static str,
    pub(crate) how: How,
    /// Functions that answer otherwise than in the first step.
    pub(crate) changes: &'static [&'static str],
    /// Functions that answer as in the first step, without computing.
    pub(crate) keeps: &'static [&'static str],
    /// Whether all functions but those in `changes` must keep their answers.
    pub(crate) is_exact: bool,
    /// What the compiler's warnings must contain.
    pub(crate) warns: &'static [&'static str],
}

/// A step that builds and runs the package as it is: once more what the first
/// step did, unless something is added.
pub(crate) fn again() -> Step {
    Step {
        edits: Vec::new(),
        variables: Vec::new(),
        before: "",
        how: How::Run(&[]),
        changes: &[],
        keeps: &[],
        is_exact: false,
        warns: &[],
    }
}

/// A step in which the one place of the file that reads `from` becomes `to`.
pub(crate) fn edit(file: &'static str, from: &'static str, to: &'static str) -> Step {
    again().and(Edit::Replace(file, from, to))
}

/// A step in which two files exchange their texts.
pub(crate) fn exchange(one: &'static str, two: &'static str) -> Step {
    again().and(Edit::Exchange(one, two))
}

/// A step with further arguments of `cargo run`.
pub(crate) fn run(arguments: &'static [&'static str]) -> Step {
    again().by(How::Run(arguments))
}

/// A step with an environment variable.
pub(crate) fn variable(name: &'static str, value: &'static str) -> Step {
    again().with(name, value)
}

impl Step {
    /// Makes a further edit.
    pub(crate) fn and(mut self, edit: Edit) -> Step {
        self.edits.push(edit);
        self
    }

    /// Sets an environment variable.
    pub(crate) fn with(mut self, name: &'static str, value: &'static str) -> Step {
        self.variables.push((name, value));
        self
    }

    /// Builds and runs the package in another way.
    pub(crate) fn by(self, how: How) -> Step {
        Step { how, ..self }
    }

    /// Runs a shell script after the files are saved and before they are built.
    pub(crate) fn after(self, before: &'static str) -> Step {
        Step { before, ..self }
    }

    /// Functions that must compute again, and answer otherwise than at first.
    pub(crate) fn changes(self, changes: &'static [&'static str]) -> Step {
        Step { changes, ..self }
    }

    /// The functions that must compute again, and answer otherwise than at first;
    /// the others must answer as at first without computing again.
    pub(crate) fn only(self, changes: &'static [&'static str]) -> Step {
        Step {
            changes,
            is_exact: true,
            ..self
        }
    }

    /// Functions that must answer as at first without computing again.
    pub(crate) fn keeps(self, keeps: &'static [&'static str]) -> Step {
        Step { keeps, ..self }
    }

    /// Texts that the compiler's warnings must contain.
    pub(crate) fn warns(self, warns: &'static [&'static str]) -> Step {
        Step { warns, ..self }
    }
}

/// A package, its events and what must follow from them.
pub(crate) struct Case {
    promise: &'static str,
    files: Vec<(&'static str, &'static str)>,
    calls: &'static [&'static str],
    edition: &'static str,
    workspace: &'static str,
    dependencies: String,
    manifest: String,
    pub(crate) steps: Vec<Step>,
    /// Whether the last step undoes the edit before.
    is_undone: bool,
}

/// A case whose `src/main.rs` is `main`, and whose program prints what each of
/// `calls`, such as `f(3)`, comes to. First the package is run as it is.
pub(crate) fn case(
    promise: &'static str,
    calls: &'static [&'static str],
    main: &'static str,
) -> Case {
    Case {
        promise,
        files: vec![(MAIN, main)],
        calls,
        edition: "2024",
        workspace: "",
        dependencies: String::new(),
        manifest: String::new(),
        steps: vec![again()],
        is_undone: false,
    }
}

/// The scope that all functions get instead of their own, if one is asked for.
/// Scopes that count more keep less.
pub(crate) fn scope() -> Option<String> {
    std::env::var("JOBLIB_TEST_SCOPE").ok()
}

/// The root of the program.
pub(crate) const MAIN: &str = "src/main.rs";

impl Case {
    /// Adds a file.
    pub(crate) fn file(mut self, path: &'static str, text: &'static str) -> Case {
        self.files.push((path, text));
        self
    }

    /// Adds files.
    pub(crate) fn files(mut self, files: Files) -> Case {
        self.files.extend(files);
        self
    }

    /// Adds the files of a crate that lies in the directory `name`, and a
    /// dependency on it.
    pub(crate) fn needs(self, name: &'static str, files: Files) -> Case {
        self.files(files)
            .depends(format!("{name} = {{ path = \"{name}\" }}"))
    }

    /// Adds a line below `[dependencies]`.
    pub(crate) fn depends(mut self, line: impl AsRef<str>) -> Case {
        self.dependencies.push_str(line.as_ref());
        self.dependencies.push('\n');
        self
    }

    /// Adds text at the end of the manifest.
    pub(crate) fn manifest(mut self, text: &str) -> Case {
        self.manifest.push_str(text);
        self.manifest.push('\n');
        self
    }

    /// Makes the package a member of the workspace in this directory, instead of
    /// the root of its own.
    pub(crate) fn inside(self, workspace: &'static str) -> Case {
        Case { workspace, ..self }
    }

    /// Says the edition, which is 2024 otherwise.
    pub(crate) fn edition(self, edition: &'static str) -> Case {
        Case { edition, ..self }
    }

    /// Adds a step.
    pub(crate) fn step(mut self, step: Step) -> Case {
        self.steps.push(step);
        self.is_undone = false;
        self
    }

    /// Adds a step that makes one edit of the package as it was at first, and one
    /// that undoes it, unless another edit comes next.
    fn edited(mut self, step: Step) -> Case {
        if self.is_undone {
            self.steps.pop();
        }
        let case = self.step(step).undone();
        Case {
            is_undone: true,
            ..case
        }
    }

    /// Adds a step that makes one edit, which changes these functions alone, and a
    /// step that undoes it.
    pub(crate) fn edit(
        self,
        file: &'static str,
        from: &'static str,
        to: &'static str,
        changes: &'static [&'static str],
    ) -> Case {
        self.edited(edit(file, from, to).only(changes))
    }

    /// Adds a step that makes one edit, which changes these functions and may make
    /// others compute again, and a step that undoes it.
    pub(crate) fn edit_wide(
        self,
        file: &'static str,
        from: &'static str,
        to: &'static str,
        changes: &'static [&'static str],
    ) -> Case {
        self.edited(edit(file, from, to).changes(changes))
    }

    /// Adds a step with the package as it was at first, when all answers must be
    /// there still.
    pub(crate) fn undone(self) -> Case {
        self.step(again().only(&[]))
    }

    /// Leaves out that the last edit is undone.
    pub(crate) fn shortened(mut self) -> Case {
        if self.is_undone {
            self.steps.pop();
        }
        self
    }

    /// Replaces the first step.
    pub(crate) fn first(mut self, step: Step) -> Case {
        self.steps[0] = step;
        self
    }

    /// What the case is about.
    pub(crate) fn promise(&self) -> &'static str {
        self.promise
    }

    /// Whether all of `words` are in the promise.
    pub(crate) fn has(&self, words: &str) -> bool {
        words.split(' ').all(|word| self.promise.contains(word))
    }

    /// The files of the package. A text that says `$JOBLIB` means the directory
    /// of joblib.
    pub(crate) fn tree(&self) -> Tree {
        let mut tree = Tree::new();
        tree.insert("Cargo.toml".to_owned(), self.package());
        for (path, text) in &self.files {
            tree.insert((*path).to_owned(), (*text).to_owned());
        }
        if let Some(main) = tree.get_mut(MAIN) {
            *main = format!("#![allow(dead_code, unused)] {main}\n{}", self.printing());
        }
        for text in tree.values_mut() {
            *text = text.replace("$JOBLIB", env!("CARGO_MANIFEST_DIR"));
            if let Some(scope) = scope() {
                *text = text.replace("memoize]", &format!("memoize(scope = \"{scope}\")]"));
            }
        }
        tree
    }

    fn package(&self) -> String {
        let Case {
            edition,
            workspace,
            dependencies,
            manifest,
            ..
        } = self;
        let (member, root) = match *workspace {
            "" if manifest.contains("[workspace]") => (String::new(), ""),
            "" => (String::new(), "[workspace]\n"),
            elsewhere => (format!("workspace = \"{elsewhere}\"\n"), ""),
        };
        format!(
            "[package]\n\
             name = \"app\"\n\
             version = \"1.0.0\"\n\
             edition = \"{edition}\"\n\
             {member}\
             [dependencies]\n\
             joblib = {{ path = \"$JOBLIB\", default-features = false }}\n\
             {dependencies}\
             {manifest}\
             {root}\
             [profile.dev]\n\
             debug = false\n"
        )
    }

    /// The end of the program: for each call one line with the name of the
    /// function, whether its answer is stored, the answer, and what it computes.
    /// The function `aside` has nothing to do with any case.
    fn printing(&self) -> String {
        let line = |call: &&str| {
            let (path, arguments) = call.split_once('(').expect("a call has arguments");
            format!(
                "    println!(\"joblib\\t{path}\\t{{}}\\t{{:?}}\\t{{:?}}\", \
                 {path}::check({arguments}, {path}({arguments}, {path}::uncached({arguments});\n"
            )
        };
        let lines: String = self.calls.iter().chain(&["aside(1)"]).map(line).collect();
        let aside = "#[memoize] fn aside(x: i64) -> i64 { x - 1 }";
        format!("use joblib::memoize;\n{aside}\nfn main() {{\n{lines}}}\n")
    }
}
