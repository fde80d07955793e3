//! Compressed files and fields, with every available codec.

use joblib::{Compress, Dump, Load};

use super::Place;

fn codecs() -> Vec<(Compress, &'static str)> {
    vec![
        #[cfg(feature = "zstd")]
        (Compress::Zstd(3), "zst"),
        #[cfg(feature = "lz4")]
        (Compress::Lz4, "lz4"),
        #[cfg(feature = "zlib")]
        (Compress::Zlib(3), "z"),
        #[cfg(feature = "zlib")]
        (Compress::Gzip(3), "gz"),
        #[cfg(feature = "bz2")]
        (Compress::Bz2(9), "bz2"),
        #[cfg(feature = "xz")]
        (Compress::Xz(6), "xz"),
    ]
}

type Value = (Vec<u64>, String, Vec<u8>);

/// Arrays that compress and one that does not, each over several blocks.
fn value() -> Value {
    let mut state = 1_u64;
    let noise = (0..1_200_000).map(|_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 56) as u8
    });
    let noise = noise.collect();
    (
        (0..300_000).map(|it| it / 9).collect(),
        "text ".repeat(1000),
        noise,
    )
}

#[test]
fn every_codec_brings_back_what_was_written() {
    let value = value();
    for (compress, extension) in codecs() {
        let place = Place::called(&format!("value.joblib.{extension}"));
        let dump = Dump::new().compress(compress);
        dump.to(&place.path, &value).unwrap();
        let mut bytes = Vec::new();
        dump.write(&mut bytes, &value).unwrap();
        assert!(bytes == std::fs::read(&place.path).unwrap(), "{compress:?}");
        assert!(bytes.len() < 2_000_000, "{compress:?}: {}", bytes.len());
        // Readers ignore the extension.
        let other = Place::called("value.bin");
        std::fs::rename(&place.path, &other.path).unwrap();
        assert!(joblib::load::<Value>(&other.path).unwrap() == value);
        let parts = joblib::inspect(&other.path).unwrap().parts;
        let name = format!("{compress:?}").to_lowercase();
        assert!(name.starts_with(&parts[0].compression), "{name}");
        assert!(parts[0].stored < parts[0].bytes);
        assert_eq!(
            parts[2].stored, parts[2].bytes,
            "noise is stored uncompressed"
        );
        let error = joblib::open::<Value>(&other.path).unwrap_err().to_string();
        assert!(error.contains("it is compressed"), "{error}");
    }
}

#[test]
fn every_flipped_byte_of_a_compressed_file_is_an_error() {
    let value = (vec![7_u64; 300], "text".repeat(50));
    for (compress, _) in codecs() {
        let mut bytes = Vec::new();
        Dump::new()
            .compress(compress)
            .write(&mut bytes, &value)
            .unwrap();
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x10;
            let read = Load::new().read::<(Vec<u64>, String)>(&flipped[..]);
            assert!(read.is_err(), "{compress:?}: byte {at}");
        }
    }
}

#[test]
fn a_level_that_does_not_exist_leaves_the_old_file() {
    #[cfg(feature = "zstd")]
    {
        let place = Place::new();
        joblib::dump(&1_u8, &place.path).unwrap();
        let dump = Dump::new().compress(Compress::Zstd(23));
        let error = dump.to(&place.path, &2_u8).unwrap_err().to_string();
        assert!(error.contains("expected 1 to 22"), "{error}");
        assert_eq!(joblib::load::<u8>(&place.path).unwrap(), 1);
    }
}

#[cfg(all(
    feature = "zstd",
    feature = "lz4",
    feature = "zlib",
    feature = "bz2",
    feature = "xz"
))]
#[test]
fn each_field_has_its_own_compression() {
    #[derive(Debug, PartialEq, joblib::Persist)]
    struct Fields {
        #[persist(compress = "none")]
        none: Vec<u64>,
        #[persist(compress = "zstd:9")]
        zstd: Vec<u64>,
        #[persist(compress = "lz4")]
        lz4: Vec<u64>,
        #[persist(compress = "zlib")]
        zlib: Vec<u64>,
        #[persist(compress = "gzip:9")]
        gzip: Vec<u64>,
        #[persist(compress = "bz2")]
        bz2: Vec<u64>,
        #[persist(compress = "xz:0")]
        xz: Vec<u64>,
    }
    let numbers = || value().0;
    let fields = Fields {
        none: numbers(),
        zstd: numbers(),
        lz4: numbers(),
        zlib: numbers(),
        gzip: numbers(),
        bz2: numbers(),
        xz: numbers(),
    };
    assert_eq!(super::there_and_back(&fields), fields);
    let place = Place::new();
    joblib::dump(&fields, &place.path).unwrap();
    for part in joblib::inspect(&place.path).unwrap().parts {
        assert_eq!(part.name, part.compression);
    }
}
