//! Functions over num-bigint.

use joblib::memoize;
use num_bigint::{BigInt, BigUint, Sign};

fn number(n: u64) -> BigUint {
    BigUint::from(0x1234_5678_9abc_def1_u64 + n).pow(5)
}

#[memoize]
pub fn decimal(n: u64) -> String {
    number(n).to_string()
}

#[memoize]
pub fn radix(n: u64) -> String {
    number(n).to_str_radix(7 + n as u32)
}

#[memoize]
pub fn parsed(n: u64) -> String {
    let text = format!("{n}98765432109876543210987654321098765432109876543210");
    BigUint::parse_bytes(text.as_bytes(), 10).unwrap().to_str_radix(16)
}

#[memoize]
pub fn multiplied(n: u64) -> String {
    let mut product = number(n);
    for k in 1..7 {
        product = &product * number(k);
    }
    product.to_str_radix(36)
}

#[memoize]
pub fn divided(n: u64) -> (String, String) {
    let (a, b) = (number(n).pow(3), number(n + 1));
    ((&a / &b).to_string(), (&a % &b).to_string())
}

#[memoize]
pub fn roots(n: u64) -> [String; 3] {
    let number = number(n);
    [number.sqrt(), number.cbrt(), number.nth_root(5)].map(|root| root.to_string())
}

#[memoize]
pub fn modular(n: u64) -> String {
    number(n).modpow(&number(2), &number(3)).to_string()
}

#[memoize]
pub fn shifted(n: u64) -> (String, u64) {
    let shifted = (number(n) << 17u32) >> 90u32;
    (shifted.to_string(), shifted.bits())
}

#[memoize]
pub fn signed(n: u64) -> [String; 4] {
    let (a, b) = (BigInt::from_biguint(Sign::Minus, number(n)), BigInt::from(n as i64 + 12_345));
    [&a + &b, &a - &b, &a / &b, &a % &b].map(|value| value.to_string())
}

#[memoize]
pub fn digits(n: u64) -> (Vec<u8>, Vec<u32>) {
    (number(n).to_radix_le(11), number(n).to_u32_digits())
}

#[memoize]
pub fn bits(n: u64) -> [String; 3] {
    let (a, b) = (number(n), number(n + 2));
    [&a & &b, &a | &b, &a ^ &b].map(|value| value.to_string())
}
