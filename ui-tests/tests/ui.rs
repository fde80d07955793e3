//! Checks the compiler messages of programs that must fail to compile.

/// The directories of these programs, one for each topic.
const TOPICS: [&str; 20] = [
    "options",
    "arguments",
    "results",
    "function",
    "names",
    "pin",
    "limits",
    "warnings",
    "derive",
    "parallel/options",
    "parallel/function",
    "parallel/processes",
    "parallel/threads",
    "parallel/asynchronous",
    "parallel/rayon",
    "parallel/task",
    "parallel/main",
    "persist/fields",
    "persist/attributes",
    "persist/types",
];

#[test]
fn wrong_programs_get_the_message_beside_them() {
    let cases = trybuild::TestCases::new();
    for topic in TOPICS {
        cases.compile_fail(format!("{topic}/*.rs"));
    }
}
