//! Decimal numbers of `rust_decimal`.

use rust_decimal::Decimal;

use super::{as_another, forged, golden, inspected, key, memoized, refused, there_and_back};

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn negative_zero() -> Decimal {
    let mut zero = Decimal::ZERO;
    zero.set_sign_negative(true);
    zero
}

#[test]
fn every_value_comes_back() {
    let smallest = decimal("0.0000000000000000000000000001");
    for number in [
        decimal("1.0"),
        decimal("1.00"),
        decimal("-12.345"),
        smallest,
        Decimal::MIN,
        Decimal::MAX,
    ] {
        assert_eq!(there_and_back(&number).to_string(), number.to_string());
    }
    let back = there_and_back(&negative_zero());
    assert_eq!(back.serialize(), negative_zero().serialize());
}

#[test]
fn they_are_arguments_and_results() {
    memoized! { Decimal: decimal("1.0"), decimal("1.00"), decimal("-12.345"), Decimal::MAX; }
}

#[test]
fn numbers_that_are_printed_differently_have_different_keys() {
    assert_eq!(decimal("1.0"), decimal("1.00"));
    assert_ne!(key(&decimal("1.0")), key(&decimal("1.00")));
    assert_ne!(key(&negative_zero()), key(&Decimal::ZERO));
    assert_ne!(key(&decimal("-1")), key(&decimal("1")));
    assert_eq!(key(&decimal("1.00")), key(&Decimal::new(100, 2)));
}

#[test]
fn values_that_do_not_exist_are_refused() {
    forged!("rust_decimal::Decimal" of (u128, u8, bool));
    for parts in [
        (1 << 96, 0, false),
        (u128::MAX, 0, true),
        (1, 29, false),
        (1, 255, false),
    ] {
        refused::<Decimal>(&Forged(parts), "is not a valid `rust_decimal::Decimal`");
    }
    let most = as_another::<Decimal>(&Forged(((1 << 96) - 1, 0, true)));
    assert_eq!(most, Ok(Decimal::MIN));
}

#[test]
fn a_file_says_which_type_it_has() {
    assert_eq!(inspected(&Decimal::ONE), "`rust_decimal::Decimal`");
    refused::<f64>(
        &Decimal::ONE,
        "the file has `rust_decimal::Decimal`, f64 was expected",
    );
    refused::<Decimal>(
        &(1_u128, 0_u8, false),
        "`rust_decimal::Decimal` was expected",
    );
}

#[test]
fn keys_and_files_never_change() {
    golden! {
        decimal("-12.345") => 0x5140b708453c140bd90651fee9583648, "ef1f435c3ad77a6c5b874afd813e1d22";
        decimal("1.00") => 0xe5f89752a1a83d2ec35d3971ebb028af, "117a1826f58c802c1067ff42fac64bb8";
    }
}
