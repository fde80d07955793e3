//! Tests crates whose sources may differ from the sources that were compiled, and which
//! of cargo's records the engine trusts.

use std::fs::File;
use std::time::{Duration, Instant, SystemTime};

use super::fixture::{Fixture, hash};
use crate::source::build_unit::md5;

const GO: &str = "pub fn go() -> u32 { 1 }";

/// Creates a crate that was compiled long before its source was written, with the data
/// that rustc stores about the source.
fn written_later(name: &str, root: &str) -> Fixture {
    let app = format!("fn f() -> u32 {{ {name}::go() }}");
    let fixture = Fixture::new(&[
        ("app/src/lib.rs", &app),
        ("dep/Cargo.toml", "[package]\nname = \"dep\"\n"),
        ("dep/src/lib.rs", GO),
    ]);
    let fixture = fixture
        .package("app")
        .unit(name, root, &[], &[])
        .externs(&[(name, name)]);
    let entry = format!("target/debug/.fingerprint/{name}-{}", hash(name));
    fixture.write(&format!("{entry}/invoked.timestamp"), "");
    set_time(&fixture, &format!("{entry}/invoked.timestamp"), 20);
    compile(&fixture, name, root, GO);
    fixture
}

/// Writes a library as rustc would compile it from `text`.
fn compile(fixture: &Fixture, name: &str, root: &str, text: &str) {
    let root = fixture.path().join(root);
    let mut bytes = root.to_str().unwrap().as_bytes().to_vec();
    bytes.extend(md5::digest(text.as_bytes()));
    let file = format!("target/debug/deps/lib{name}-{}.rlib", hash(name));
    std::fs::create_dir_all(fixture.path().join("target/debug/deps")).unwrap();
    std::fs::write(fixture.path().join(file), bytes).unwrap();
}

/// Sets the modification time of a file to `years` years after 1970.
fn set_time(fixture: &Fixture, path: &str, years: u64) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(years * 31_557_600);
    let file = File::options()
        .append(true)
        .open(fixture.path().join(path))
        .unwrap();
    file.set_modified(time).unwrap();
}

/// Returns the fingerprint of `f` and asserts that it is valid for more than one build.
fn lasting(fixture: &Fixture) -> u128 {
    let mut engine = fixture.engine();
    let id = engine.find("crate::f").unwrap();
    let digest = engine.reach_of_item(id).digest;
    assert!(
        engine.world().newer.is_empty(),
        "the fingerprint is valid for one build only"
    );
    assert_eq!(digest, fixture.of("f"));
    digest
}

#[test]
fn a_source_whose_hash_is_in_its_crate_is_believed_whenever_it_was_written() {
    let fixture = written_later("dep", "dep/src/lib.rs");
    let before = lasting(&fixture);
    let longer = format!("{GO} fn other() {{}}");
    fixture.write("dep/src/lib.rs", &longer);
    compile(&fixture, "dep", "dep/src/lib.rs", &longer);
    assert_eq!(
        lasting(&fixture),
        before,
        "the engine does not follow the crate item by item"
    );
}

#[test]
fn what_was_compiled_counts_where_the_source_is_another_one() {
    let fixture = written_later("dep", "dep/src/lib.rs");
    let before = lasting(&fixture);
    fixture.write("dep/src/lib.rs", "pub fn go() -> u32 { 2 }");
    let stale = lasting(&fixture);
    assert_ne!(stale, before);
    compile(
        &fixture,
        "dep",
        "dep/src/lib.rs",
        "pub fn go() -> u32 { 2 }",
    );
    let built = lasting(&fixture);
    assert!(built != stale && built != before);
}

#[test]
fn a_macro_whose_source_may_be_another_one_may_read_any_file() {
    let fixture = written_later("dep", "dep/src/lib.rs");
    fixture.write("app/src/lib.rs", "fn f() -> u32 { dep::go!() }");
    fixture.write(
        "dep/src/lib.rs",
        "#[macro_export] macro_rules! go { () => { 1 } }",
    );
    let before = lasting(&fixture);
    fixture.write("app/words.txt", "any");
    assert_ne!(lasting(&fixture), before);
}

#[cfg(unix)]
#[test]
fn another_source_behind_the_same_path_is_not_taken_for_the_one_that_was_compiled() {
    use std::os::unix::fs::symlink;

    let at = |fixture: &Fixture, name: &str| fixture.path().join(name);
    let exchange: [fn(&std::path::Path, &std::path::Path); 2] = [
        |other, dep| {
            std::fs::rename(dep, dep.with_file_name("old")).unwrap();
            symlink(other, dep).unwrap();
        },
        |other, dep| {
            std::fs::rename(dep, dep.with_file_name("old")).unwrap();
            std::fs::rename(other, dep).unwrap();
        },
    ];
    for exchange in exchange {
        let fixture = written_later("dep", "dep/src/lib.rs");
        fixture.write("other/Cargo.toml", "[package]\nname = \"dep\"\n");
        fixture.write("other/src/lib.rs", "pub fn go() -> u32 { 2 }");
        // Both files are older than the compilation. Their directories are newer.
        std::thread::sleep(Duration::from_millis(30));
        let entry = format!("target/debug/.fingerprint/dep-{}", hash("dep"));
        fixture.write(&format!("{entry}/invoked.timestamp"), "");
        let timestamp = at(&fixture, &format!("{entry}/invoked.timestamp"));
        let file = File::options().append(true).open(timestamp).unwrap();
        file.set_modified(SystemTime::now()).unwrap();
        std::thread::sleep(Duration::from_millis(30));
        let before = lasting(&fixture);
        exchange(&at(&fixture, "other"), &at(&fixture, "dep"));
        let exchanged = lasting(&fixture);
        assert_ne!(exchanged, before);
        compile(
            &fixture,
            "dep",
            "dep/src/lib.rs",
            "pub fn go() -> u32 { 2 }",
        );
        assert_ne!(lasting(&fixture), exchanged);
    }
}

#[test]
fn a_crate_that_was_compiled_elsewhere_counts_by_what_was_compiled() {
    let fixture = written_later("dep", "dep/src/lib.rs");
    let entry = format!("target/debug/.fingerprint/dep-{}", hash("dep"));
    set_time(&fixture, &format!("{entry}/invoked.timestamp"), 200);
    // Cargo writes paths within a workspace relative to the workspace root.
    let here = std::env::current_dir().unwrap();
    let up = "../".repeat(here.components().count() - 1);
    let root = fixture.path().join("dep/src/lib.rs");
    let root = format!("{up}{}", root.strip_prefix("/").unwrap().display());
    let info = format!("target/debug/deps/dep-{}.d", hash("dep"));
    fixture.write(&info, &format!("libdep.rlib: {root}\n"));
    let made_at = |place: &str, text: &str| {
        let file = format!("target/debug/deps/libdep-{}.rlib", hash("dep"));
        let bytes = [place.as_bytes(), &md5::digest(text.as_bytes())].concat();
        std::fs::write(fixture.path().join(file), bytes).unwrap();
        lasting(&fixture)
    };
    let here = here.join(&root);
    let here = here.to_str().unwrap();
    // If the crate was compiled at this path, comparing times is sufficient.
    let followed = made_at(here, GO);
    assert_eq!(made_at(here, "unlisted"), followed);
    assert_eq!(made_at("/elsewhere/dep/src/lib.rs", GO), followed);
    assert_ne!(made_at("/elsewhere/dep/src/lib.rs", "another"), followed);
}

#[test]
fn the_times_of_a_copy_are_not_waited_for() {
    let fixture = written_later("dep", "dep/src/lib.rs").unit(
        "dep",
        "dep/src/lib.rs",
        &[],
        &["one_that_is_not_there"],
    );
    let entry = format!("target/debug/.fingerprint/dep-{}", hash("dep"));
    set_time(&fixture, &format!("{entry}/lib-dep"), 10);
    set_time(&fixture, &format!("{entry}/lib-dep.json"), 11);
    let start = Instant::now();
    let before = lasting(&fixture);
    assert!(start.elapsed() < Duration::from_secs(30));
    compile(&fixture, "dep", "dep/src/lib.rs", "another");
    assert_ne!(
        lasting(&fixture),
        before,
        "the bytes of the library do not count"
    );
}

#[test]
fn of_units_that_write_to_one_file_the_one_counts_that_made_it() {
    let fixture = Fixture::new(&[
        ("app/src/lib.rs", "fn f() -> u32 { dep::go() }"),
        ("dep/Cargo.toml", "[package]\nname = \"dep\"\n"),
        (
            "dep/src/lib.rs",
            "pub fn go() -> u32 { if cfg!(feature = \"fast\") { 1 } else { 2 } } fn other() {}",
        ),
        ("target/debug/deps/libdep.rlib", ""),
    ]);
    let fixture = fixture.package("app");
    let root = fixture.path().join("dep/src/lib.rs");
    let info = format!("libdep.rlib: {}\n", root.display());
    fixture.write("target/debug/deps/dep.d", &info);
    for (unit, feature, years) in [("1", "slow", 10), ("2", "fast", 20)] {
        let entry = format!("target/debug/.fingerprint/dep-000000000000000{unit}");
        let record = format!(
            "{{\"features\":\"[\\\"{feature}\\\"]\",\"profile\":7,\"deps\":[],\"rustflags\":[]}}"
        );
        fixture.write(&format!("{entry}/lib-dep.json"), &record);
        fixture.write(&format!("{entry}/lib-dep"), &hash(unit));
        fixture.write(&format!("{entry}/invoked.timestamp"), "");
        set_time(&fixture, &format!("{entry}/invoked.timestamp"), years);
    }
    let artifact = fixture.path().join("target/debug/deps/libdep.rlib");
    let of = |years: u64| {
        let root = root.to_str().unwrap().as_bytes();
        let text = std::fs::read(fixture.path().join("dep/src/lib.rs")).unwrap();
        std::fs::write(&artifact, [root, &md5::digest(&text)].concat()).unwrap();
        set_time(&fixture, "target/debug/deps/libdep.rlib", years);
        let mut context = fixture.context();
        context.externs = vec![("dep".to_owned(), Some(artifact.clone()))];
        let mut engine = crate::source::engine::FingerprintEngine::new(context);
        let id = engine.find("crate::f").unwrap();
        let summary = engine.reach_of_item(id);
        (
            summary.digest,
            engine.items_text(&summary).contains("dep::go"),
        )
    };
    let (slow, is_followed) = of(11);
    assert!(is_followed);
    let (fast, is_followed) = of(21);
    assert!(is_followed);
    assert_ne!(slow, fast);
}
