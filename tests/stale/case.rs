//! Test cases: a package, the steps that edit and build it, and the expected behaviour
//! of its memoized functions after each step.

use crate::package_files::{Edit, Tree};

/// The files of a small crate: path and text. The start of a manifest and the checksum
/// file of a vendored crate may be omitted.
pub(crate) type Files = &'static [(&'static str, &'static str)];

/// How a step builds and runs the package.
#[derive(Clone, Copy, Debug)]
pub(crate) enum How {
    /// Runs `cargo run` with additional arguments.
    Run(&'static [&'static str]),
    /// Runs `cargo test` with additional arguments. The tests print the lines.
    Test(&'static [&'static str]),
    /// Runs a shell script in the source directory. `$CARGO` is cargo and `$TARGET` is
    /// the target directory.
    Script(&'static str),
}

/// One step and its expected effect. Edits and variables apply to the original package
/// of the case, not to the result of the previous step.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) edits: Vec<Edit>,
    pub(crate) variables: Vec<(&'static str, &'static str)>,
    /// A shell script that runs after the files are saved and before they are built.
    pub(crate) before: &'static str,
    pub(crate) how: How,
    /// Functions whose result differs from the first step.
    pub(crate) changes: &'static [&'static str],
    /// Functions whose result is the same as in the first step and comes from the
    /// cache.
    pub(crate) keeps: &'static [&'static str],
    /// Whether all functions except those in `changes` must keep their stored results.
    pub(crate) is_exact: bool,
    /// Texts that the compiler warnings must contain.
    pub(crate) warns: &'static [&'static str],
}

/// Creates a step that builds and runs the package unchanged.
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

/// Creates a step that replaces the only occurrence of `from` in the file with `to`.
pub(crate) fn edit(file: &'static str, from: &'static str, to: &'static str) -> Step {
    again().and(Edit::Replace(file, from, to))
}

/// Creates a step that swaps the contents of two files.
pub(crate) fn exchange(one: &'static str, two: &'static str) -> Step {
    again().and(Edit::Exchange(one, two))
}

/// Creates a step with additional arguments for `cargo run`.
pub(crate) fn run(arguments: &'static [&'static str]) -> Step {
    again().by(How::Run(arguments))
}

/// Creates a step that sets an environment variable.
pub(crate) fn variable(name: &'static str, value: &'static str) -> Step {
    again().with(name, value)
}

impl Step {
    /// Adds an edit.
    pub(crate) fn and(mut self, edit: Edit) -> Step {
        self.edits.push(edit);
        self
    }

    /// Sets an environment variable.
    pub(crate) fn with(mut self, name: &'static str, value: &'static str) -> Step {
        self.variables.push((name, value));
        self
    }

    /// Sets how the step builds and runs the package.
    pub(crate) fn by(self, how: How) -> Step {
        Step { how, ..self }
    }

    /// Sets a shell script that runs after the files are saved and before they are
    /// built.
    pub(crate) fn after(self, before: &'static str) -> Step {
        Step { before, ..self }
    }

    /// Sets the functions that must recompute and return a different result than in the
    /// first step.
    pub(crate) fn changes(self, changes: &'static [&'static str]) -> Step {
        Step { changes, ..self }
    }

    /// Sets the functions that must recompute and return a different result than in the
    /// first step. All other functions must return their stored results of the first
    /// step.
    pub(crate) fn only(self, changes: &'static [&'static str]) -> Step {
        Step {
            changes,
            is_exact: true,
            ..self
        }
    }

    /// Sets the functions that must return their stored results of the first step.
    pub(crate) fn keeps(self, keeps: &'static [&'static str]) -> Step {
        Step { keeps, ..self }
    }

    /// Sets the texts that the compiler warnings must contain.
    pub(crate) fn warns(self, warns: &'static [&'static str]) -> Step {
        Step { warns, ..self }
    }
}

/// A package, its steps and their expected effects.
pub(crate) struct Case {
    promise: &'static str,
    files: Vec<(String, &'static str)>,
    calls: &'static [&'static str],
    edition: &'static str,
    workspace: &'static str,
    dependencies: String,
    manifest: String,
    pub(crate) steps: Vec<Step>,
    /// Whether the last step undoes the previous edit.
    is_undone: bool,
}

/// Creates a case whose `src/main.rs` is `main` and whose program prints the result of
/// each of `calls`, such as `f(3)`. The first step runs the package unchanged.
pub(crate) fn case(
    promise: &'static str,
    calls: &'static [&'static str],
    main: &'static str,
) -> Case {
    Case {
        promise,
        files: vec![(MAIN.to_owned(), main)],
        calls,
        edition: "2024",
        workspace: "",
        dependencies: String::new(),
        manifest: String::new(),
        steps: vec![again()],
        is_undone: false,
    }
}

/// Creates a case whose program prints the result of `f(3)` only.
pub(crate) fn case_of_f(promise: &'static str, main: &'static str) -> Case {
    case(promise, &["f(3)"], main)
}

/// Returns the scope that replaces the scope of every function, if `JOBLIB_TEST_SCOPE`
/// is set. A wider scope keeps fewer results.
pub(crate) fn scope() -> Option<String> {
    std::env::var("JOBLIB_TEST_SCOPE").ok()
}

/// The path of the program's root module.
pub(crate) const MAIN: &str = "src/main.rs";

/// The end of the manifest of a crate of procedural macros.
pub(crate) const PROC_MACRO: &str = "[lib]\nproc-macro = true\n";

/// Adds what the files of crates lack: the start of a manifest, with the name and
/// version of the directory, such as `outer` or `outer-1.1.0`, and the edition 2024, and
/// the checksum file of a crate in the directory `vendor`.
fn complete(tree: &mut Tree) {
    let paths: Vec<String> = tree.keys().cloned().collect();
    for dir in paths
        .iter()
        .filter_map(|path| path.strip_suffix("/src/lib.rs"))
    {
        tree.entry(format!("{dir}/Cargo.toml")).or_default();
        if dir.starts_with("vendor/") {
            tree.entry(format!("{dir}/.cargo-checksum.json"))
                .or_insert_with(|| r#"{"files":{},"package":null}"#.to_owned());
        }
    }
    for (path, text) in tree {
        let Some(dir) = path.strip_suffix("/Cargo.toml") else {
            continue;
        };
        if !text.contains("[package]") && !text.contains("[workspace]") {
            let package = dir.rsplit('/').next().unwrap_or(dir);
            let (name, version) = match package.rsplit_once('-') {
                Some((name, version)) if version.contains('.') => (name, version),
                _ => (package, "1.0.0"),
            };
            let edition = match text.contains("edition") {
                true => "",
                false => "edition = \"2024\"\n",
            };
            *text =
                format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\n{edition}{text}");
        }
    }
}

impl Case {
    /// Adds a file.
    pub(crate) fn file(mut self, path: &'static str, text: &'static str) -> Case {
        self.files.push((path.to_owned(), text));
        self
    }

    /// Adds files.
    pub(crate) fn files(mut self, files: Files) -> Case {
        let owned = |&(path, text): &(&str, _)| (path.to_owned(), text);
        self.files.extend(files.iter().map(owned));
        self
    }

    /// Adds a crate of one file in the directory `name` and a dependency on it.
    pub(crate) fn library(mut self, name: &'static str, text: &'static str) -> Case {
        self.files.push((format!("{name}/src/lib.rs"), text));
        self.needs(name, &[])
    }

    /// Adds the files of a crate in the directory `name` and a dependency on it.
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

    /// Appends text to the manifest.
    pub(crate) fn manifest(mut self, text: &str) -> Case {
        self.manifest.push_str(text);
        self.manifest.push('\n');
        self
    }

    /// Makes the package a member of the workspace in this directory instead of the
    /// root of its own workspace.
    pub(crate) fn inside(self, workspace: &'static str) -> Case {
        Case { workspace, ..self }
    }

    /// Sets the edition. The default is 2024.
    pub(crate) fn edition(self, edition: &'static str) -> Case {
        Case { edition, ..self }
    }

    /// Adds a step.
    pub(crate) fn step(mut self, step: Step) -> Case {
        self.steps.push(step);
        self.is_undone = false;
        self
    }

    /// Adds a step that makes one edit of the original package, and a step that undoes
    /// it. The second step is dropped if another edit follows.
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

    /// Adds a step with one edit that invalidates exactly these functions, and a step
    /// that undoes it.
    pub(crate) fn edit(
        self,
        file: &'static str,
        from: &'static str,
        to: &'static str,
        changes: &'static [&'static str],
    ) -> Case {
        self.edited(edit(file, from, to).only(changes))
    }

    /// Adds a step with one edit that invalidates these functions and may invalidate
    /// others, and a step that undoes it.
    pub(crate) fn edit_wide(
        self,
        file: &'static str,
        from: &'static str,
        to: &'static str,
        changes: &'static [&'static str],
    ) -> Case {
        self.edited(edit(file, from, to).changes(changes))
    }

    /// Adds a step with the original package, in which all results must still be
    /// stored.
    pub(crate) fn undone(self) -> Case {
        self.step(again().only(&[]))
    }

    /// Drops the step that undoes the last edit.
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

    /// Returns the title of the case.
    pub(crate) fn promise(&self) -> &'static str {
        self.promise
    }

    /// Returns whether the title contains each of the space-separated `words`.
    pub(crate) fn has(&self, words: &str) -> bool {
        words.split(' ').all(|word| self.promise.contains(word))
    }

    /// Returns the files of the package. `$JOBLIB` in a text is replaced with the
    /// directory of joblib.
    pub(crate) fn tree(&self) -> Tree {
        let mut tree = Tree::new();
        tree.insert("Cargo.toml".to_owned(), self.package());
        for (path, text) in &self.files {
            tree.insert(path.clone(), (*text).to_owned());
        }
        complete(&mut tree);
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

    /// Returns the end of the program. For each call it prints one line with the name
    /// of the function, whether its result is stored, the result, and the computed
    /// value. The function `aside` is unrelated to all cases.
    fn printing(&self) -> String {
        let line = |call: &&str| {
            let (path, arguments) = call
                .split_once('(')
                .expect("every call has an argument list");
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
