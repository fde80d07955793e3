//! Standard programs decompress files whose extension names a compression format.

use std::process::{Command, Stdio};

use joblib::Dump;

use super::Place;

/// Returns extensions and the programs that decompress such files.
fn programs() -> Vec<(&'static str, &'static [&'static str])> {
    vec![
        #[cfg(feature = "zlib")]
        ("gz", &["gzip", "-dc"]),
        #[cfg(feature = "bz2")]
        ("bz2", &["bzip2", "-dc"]),
        #[cfg(feature = "xz")]
        ("xz", &["xz", "-dc"]),
        #[cfg(feature = "xz")]
        ("lzma", &["xz", "--format=lzma", "-dc"]),
        #[cfg(feature = "zstd")]
        ("zst", &["zstd", "-dc"]),
        #[cfg(feature = "lz4")]
        ("lz4", &["lz4", "-dc"]),
        #[cfg(feature = "zlib")]
        (
            "z",
            &[
                "python3",
                "-c",
                "import sys, zlib; sys.stdout.buffer.write(zlib.decompress(open(sys.argv[1], 'rb').read()))",
            ],
        ),
    ]
}

type Value = (Vec<u64>, String, Vec<u8>);

/// More than a mebibyte, partly zeros and partly incompressible.
fn value() -> Value {
    let noise = (0..400_000_u64).map(|it| (it.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8);
    (
        (0..100_000).map(|it| it / 9).collect(),
        "text".repeat(999),
        noise.collect(),
    )
}

#[test]
fn decompressed_files_equal_the_plain_file_and_can_be_mapped() {
    let value = value();
    let mut plain = Vec::new();
    Dump::new().write(&mut plain, &value).unwrap();
    for (extension, command_line) in programs() {
        let place = Place::called(&format!("value.joblib.{extension}"));
        joblib::dump(&value, &place.path).unwrap();
        assert!(
            joblib::load::<Value>(&place.path).unwrap() == value,
            "{extension}"
        );
        let mut command = Command::new(command_line[0]);
        command
            .args(&command_line[1..])
            .arg(&place.path)
            .stdin(Stdio::null());
        let Ok(unpacked) = command.output() else {
            eprintln!("skipped: {} is not installed", command_line[0]);
            continue;
        };
        let stderr = String::from_utf8_lossy(&unpacked.stderr);
        assert!(unpacked.status.success(), "{extension}: {stderr}");
        assert!(unpacked.stdout == plain, "{extension}");
        let whole = Place::new();
        std::fs::write(&whole.path, &unpacked.stdout).unwrap();
        joblib::open::<Value>(&whole.path)
            .unwrap()
            .verify()
            .unwrap();
    }
}

#[test]
fn zeros_are_loaded_at_any_compression_ratio() {
    let zeros = vec![0_u8; 6 << 20];
    for (extension, _) in programs() {
        let place = Place::called(&format!("zeros.{extension}"));
        joblib::dump(&zeros, &place.path).unwrap();
        assert!(
            joblib::load::<Vec<u8>>(&place.path).unwrap() == zeros,
            "{extension}"
        );
    }
}
