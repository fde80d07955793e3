//! Arrays with invalid numbers, counts, and locations.

use super::forge::{ArraySegment, Forge};
use super::{Place, assert_contains, dumped, read, refused, refused_for};
use crate::codec;
use crate::persist::number::NumberKind;
use crate::persist::schema::{Node, Rank};
use crate::persist::{Load, embedded, inspect, open};

fn schema(nodes: &[Node]) -> Vec<u8> {
    let mut bytes = Vec::new();
    codec::encode(&nodes.to_vec(), &mut bytes).unwrap();
    bytes
}

/// Inspects an array of `f64` of which only the shape is present.
#[track_caller]
fn inspected(rank: Rank, shape: &[u8]) -> Result<Vec<u64>, String> {
    let forged = Forge::with_schema(schema(&[Node::Array(NumberKind::F64, rank)]), shape);
    let place = Place::with(&forged.bytes());
    assert!(read::<Vec<f32>>(&forged.bytes()).is_err());
    let inspection = inspect(&place.path).map_err(|error| error.to_string())?;
    Ok(inspection.parts[0].shape.clone())
}

const TWO_TO_32: [u8; 5] = [0x80, 0x80, 0x80, 0x80, 0x10];

#[test]
fn a_shape_whose_product_overflows_is_refused() {
    let shape = [&[2][..], &TWO_TO_32, &TWO_TO_32, &[0]].concat();
    let error = inspected(Rank::Any, &shape).unwrap_err();
    assert_contains(&error, "an array exceeds the address space");
    let shape = [&TWO_TO_32[..], &TWO_TO_32, &[0]].concat();
    inspected(Rank::Fixed(2), &shape).unwrap_err();
}

#[test]
fn a_shape_whose_bytes_overflow_is_refused() {
    let two_to_62 = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40];
    inspected(Rank::Flat, &two_to_62).unwrap_err();
    refused::<Vec<f64>>(&Forge::of::<Vec<f64>>(&two_to_62).bytes());
    let two_to_60 = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10];
    refused_for::<Vec<f64>>(
        &Forge::of::<Vec<f64>>(&two_to_60).bytes(),
        "exceeds the address space",
    );
}

#[test]
fn a_dimension_of_zero_is_an_array_of_nothing() {
    let shape = inspected(Rank::Any, &[3, 5, 0, 7, 0]);
    assert_eq!(shape.unwrap(), [5, 0, 7]);
}

#[test]
fn sixty_five_dimensions_are_a_shape() {
    let mut small = vec![65];
    small.extend([1; 64]);
    small.extend([0, 0]);
    assert_eq!(inspected(Rank::Any, &small).unwrap().len(), 65);
}

#[test]
fn more_dimensions_than_bytes_are_refused() {
    for count in [3, 1 << 20, u32::MAX] {
        let error = inspected(Rank::Fixed(count), &[1, 0]).unwrap_err();
        assert!(error.contains("unexpected end"), "{error}");
    }
    inspected(Rank::Any, &[200, 1, 1]).unwrap_err();
}

#[test]
fn an_order_that_does_not_exist_is_refused() {
    let error = inspected(Rank::Fixed(2), &[0, 0, 2]).unwrap_err();
    assert!(error.contains("invalid bool byte"), "{error}");
}

#[test]
fn a_bool_of_two_is_refused_in_every_place() {
    refused_for::<bool>(&Forge::of::<bool>(&[2]).bytes(), "invalid bool byte 0x02");
    refused_for::<Vec<bool>>(
        &Forge::of::<Vec<bool>>(&[2, 0, 2]).bytes(),
        "an array of bool is damaged",
    );
    let mut bytes = vec![1; 2000];
    bytes[1999] = 2;
    let segment = Forge::of::<Vec<bool>>(&[0xd0, 0x0f]).raw_array(NumberKind::Bool, &bytes);
    refused_for::<Vec<bool>>(&segment.bytes(), "an array of bool is damaged");
    // Mapping these bytes would create invalid `bool` values.
    let place = Place::with(&segment.bytes());
    assert!(open::<Vec<bool>>(&place.path).is_err());
    assert!(super::super::open_cow::<Vec<bool>>(&place.path).is_err());
}

#[test]
fn a_surrogate_is_no_char() {
    let forged = Forge::of::<char>(&[3, 0xed, 0xa0, 0x80]);
    refused_for::<char>(&forged.bytes(), "invalid UTF-8 in text");
}

#[test]
fn a_char_is_one_character() {
    for small in [&[0][..], &[2, b'a', b'b']] {
        refused_for::<char>(&Forge::of::<char>(small).bytes(), "not a single character");
    }
}

#[test]
fn text_that_is_not_utf_8_is_refused() {
    let forged = Forge::of::<String>(&[2, 0xc3, 0x28]);
    refused_for::<String>(&forged.bytes(), "invalid UTF-8 in text");
}

#[test]
fn one_of_many_texts_is_seen_not_to_be_utf_8_wherever_it_is() {
    let good: Vec<String> = (0..1500).map(|n| format!("text {n}")).collect();
    for at in (0..good.len()).step_by(83) {
        // The changed byte is a `#` among kilobytes of ASCII.
        let mut texts = good.clone();
        texts[at].push('#');
        let mut forged = Forge::of::<Vec<String>>(&embedded::parts(&texts).unwrap().0);
        let small = &mut forged.segments[0].blocks[0];
        let at = small.iter().position(|byte| *byte == b'#');
        small[at.unwrap()] = 0xff;
        refused_for::<Vec<String>>(&forged.bytes(), "invalid UTF-8 in text");
    }
}

#[test]
fn many_texts_are_mapped_as_they_are_whatever_their_letters() {
    for at in (0..1500).step_by(83) {
        let mut texts: Vec<String> = (0..1500).map(|n| format!("text {n}")).collect();
        texts[at] = "ü".repeat(at);
        let place = Place::with(&dumped(&texts));
        assert_eq!(*open::<Vec<String>>(&place.path).unwrap().view(), texts);
    }
}

#[test]
fn zero_bytes_in_text_are_kept() {
    let text = "a\0b".to_owned();
    assert_eq!(read::<String>(&dumped(&text)).unwrap(), text);
}

#[test]
fn the_bits_of_every_float_are_kept() {
    let odd = [
        f64::from_bits(0x7ff8_dead_beef_0001),
        f64::from_bits(0xfff0_0000_0000_0001),
        -0.0,
        f64::NEG_INFINITY,
        f64::from_bits(1),
    ];
    let bits = |numbers: &[f64]| numbers.iter().map(|it| it.to_bits()).collect::<Vec<_>>();
    for count in [1, 5, 500, 20_000] {
        let numbers: Vec<f64> = odd.iter().copied().cycle().take(count).collect();
        let bytes = dumped(&numbers);
        assert_eq!(bits(&read::<Vec<f64>>(&bytes).unwrap()), bits(&numbers));
        let place = Place::with(&bytes);
        assert_eq!(
            bits(open::<Vec<f64>>(&place.path).unwrap().view()),
            bits(&numbers)
        );
    }
    for number in odd {
        let back: f64 = read(&dumped(&number)).unwrap();
        assert_eq!(back.to_bits(), number.to_bits());
    }
    let single = f32::from_bits(0x7fc0_1234);
    let back: f32 = read(&dumped(&single)).unwrap();
    assert_eq!(back.to_bits(), single.to_bits());
}

#[test]
fn the_gap_before_an_array_is_zeros() {
    let small = |gap: u8| {
        let mut small = vec![7, 1];
        small.resize(8, gap);
        small.extend_from_slice(&1.5_f64.to_le_bytes());
        Forge::of::<(u8, Vec<f64>)>(&small).bytes()
    };
    assert_eq!(read::<(u8, Vec<f64>)>(&small(0)).unwrap(), (7, vec![1.5]));
    refused_for::<(u8, Vec<f64>)>(&small(1), "non-zero padding before an array");
}

#[test]
fn an_array_without_the_gap_before_it_is_refused() {
    let small = [&[7, 1][..], &1.5_f64.to_le_bytes()].concat();
    refused_for::<(u8, Vec<f64>)>(
        &Forge::of::<(u8, Vec<f64>)>(&small).bytes(),
        "the body is damaged",
    );
}

#[test]
fn an_array_of_as_many_bytes_as_the_small_part_and_one_more_is_refused() {
    let forged = Forge::of::<Vec<u8>>(&[3, 1, 2]);
    refused_for::<Vec<u8>>(&forged.bytes(), "unexpected end before an array");
}

#[test]
fn a_short_array_in_a_segment_is_refused() {
    let forged = Forge::of::<Vec<u8>>(&[10]).raw_array(NumberKind::U8, &[1; 10]);
    refused::<Vec<u8>>(&forged.bytes());
}

#[test]
fn a_long_array_in_the_small_part_is_refused() {
    let small = [&[0xd0, 0x0f][..], &[1; 2000]].concat();
    refused::<Vec<u8>>(&Forge::of::<Vec<u8>>(&small).bytes());
}

#[test]
fn another_count_than_that_of_a_fixed_array_is_refused() {
    for small in [&[2, 1, 2][..], &[4, 1, 2, 3, 4]] {
        let message = refused::<[u8; 3]>(&Forge::of::<[u8; 3]>(small).bytes());
        let found = format!(
            "the file has an array of {} values, one of 3 was expected",
            small[0]
        );
        assert!(message.contains(&found), "{message}");
    }
}

#[test]
fn an_array_that_is_wider_in_memory_counts_as_what_it_becomes() {
    let bytes = dumped(&vec![7_u8; 100_000]);
    let read = |limit| Load::new().limit_bytes(limit).read::<Vec<u128>>(&bytes[..]);
    assert!(read(1_000_000).is_err());
    assert_eq!(read(10_000_000).unwrap(), vec![7; 100_000]);
}

#[test]
fn holes_of_a_sparse_file_are_zeros_and_no_values() {
    let bytes = dumped(&vec![1.5_f64; 20_000]);
    let place = Place::with(&bytes);
    let file = std::fs::File::options()
        .write(true)
        .open(&place.path)
        .unwrap();
    file.set_len(4096 + 4096).unwrap();
    file.set_len(bytes.len() as u64).unwrap();
    refused::<Vec<f64>>(&std::fs::read(&place.path).unwrap());
}

#[test]
fn a_sparse_file_of_a_tebibyte_is_refused_at_once() {
    let bytes = dumped(&vec![1.5_f64; 20_000]);
    let place = Place::with(&bytes);
    let file = std::fs::File::options()
        .write(true)
        .open(&place.path)
        .unwrap();
    file.set_len(1 << 40).unwrap();
    assert!(super::load::<Vec<f64>>(&place.path).is_err());
    assert!(open::<Vec<f64>>(&place.path).is_err());
    assert!(inspect(&place.path).is_err());
}

#[test]
fn blocks_of_another_length_than_they_have_are_refused() {
    let segment = ArraySegment {
        blocks: vec![vec![0; 1000], vec![0; 1400]],
        ..ArraySegment::plain(13, &[0; 2400])
    };
    let forged = Forge::of::<Vec<f64>>(&[0xac, 2]).segment(segment);
    refused::<Vec<f64>>(&forged.bytes());
}
