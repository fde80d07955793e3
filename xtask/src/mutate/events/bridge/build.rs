//! Reads a file and a variable, and writes code and a variable.

fn main() {
    println!("cargo:rerun-if-changed=input.txt");
    println!("cargo:rerun-if-env-changed=EVENTS_SCRIPT");
    let input = std::fs::read_to_string("input.txt").unwrap();
    let script = std::env::var("EVENTS_SCRIPT").unwrap_or_default();
    println!("cargo:rustc-env=EVENTS_SCRIPTED={script}");
    let made = format!(
        "/// What the build script makes.\npub fn made(n: u64) -> u64 {{ n + {} }}\n",
        input.trim()
    );
    let out = std::path::PathBuf::from(std::env::var_os("OUT_DIR").unwrap());
    std::fs::write(out.join("made.rs"), made).unwrap();
}
