//! Functions over strum, whose macros write what they call.

use std::str::FromStr;

use joblib::memoize;
use strum::{EnumCount as _, EnumMessage as _, EnumProperty as _, IntoEnumIterator as _};

#[derive(Clone, Copy, strum::EnumString, strum::Display, strum::EnumIter, strum::EnumCount)]
#[strum(serialize_all = "kebab-case")]
enum Method {
    NelderMead,
    ConjugateGradient2,
    #[strum(serialize = "LBFGS", serialize = "l-bfgs")]
    Lbfgs,
    TrustRegionHTTP,
    #[strum(to_string = "brent")]
    BrentMethod,
    Ünïcode,
}

#[derive(strum::EnumMessage, strum::EnumProperty, strum::EnumIter)]
enum Level {
    #[strum(message = "low", props(Red = "255", Green = "0"))]
    LowPower,
    #[strum(message = "high", detailed_message = "very high", props(Red = "10"))]
    HighPower,
    /// Nothing at all.
    #[strum(serialize = "off")]
    Off,
}

#[derive(Clone, strum::AsRefStr, strum::IntoStaticStr, strum::EnumIter)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
enum Shape {
    UnitCube,
    Sphere3D,
    XMLTree,
}

#[derive(strum::Display, strum::EnumIter)]
#[strum(serialize_all = "title_case")]
enum Title {
    HelloWorld,
    FooBAR,
    A1b2,
}

#[memoize]
pub fn shown(n: u64) -> Vec<String> {
    Method::iter().skip(n as usize % 3).map(|method| method.to_string()).collect()
}

#[memoize]
pub fn parsed(n: u64) -> Vec<String> {
    let names = ["nelder-mead", "conjugate-gradient2", "conjugate-gradient-2", "LBFGS", "brent"];
    let all = names.iter().cycle().skip(n as usize).take(4);
    all.map(|name| Method::from_str(name).map_or("none".into(), |method| method.to_string()))
        .collect()
}

#[memoize]
pub fn refused(n: u64) -> String {
    Method::from_str(&"?".repeat(n as usize)).map_or_else(|error| error.to_string(), |_| n.to_string())
}

#[memoize]
pub fn counted(n: u64) -> usize {
    Method::COUNT * n as usize
}

#[memoize]
pub fn messages(n: u64) -> Vec<String> {
    let said = |level: Level| {
        format!("{:?} {:?} {n}", level.get_message(), level.get_detailed_message())
    };
    Level::iter().map(said).collect()
}

#[memoize]
pub fn serializations(n: u64) -> Vec<String> {
    Level::iter().map(|level| format!("{:?} {n}", level.get_serializations())).collect()
}

#[memoize]
pub fn properties(n: u64) -> Vec<Option<String>> {
    let name = ["Red", "Green"][n as usize % 2];
    Level::iter().map(|level| level.get_str(name).map(str::to_owned)).collect()
}

#[memoize]
pub fn borrowed(n: u64) -> Vec<String> {
    Shape::iter().cycle().skip(n as usize).take(2).map(|shape| shape.as_ref().to_owned()).collect()
}

#[memoize]
pub fn fixed(n: u64) -> String {
    let shape = Shape::iter().cycle().nth(n as usize).unwrap();
    <&'static str>::from(shape).to_owned()
}

#[memoize]
pub fn titles(n: u64) -> String {
    Title::iter().cycle().skip(n as usize).take(2).map(|title| title.to_string()).collect()
}

#[memoize]
pub fn backwards(n: u64) -> String {
    let methods: Vec<String> = Method::iter().rev().map(|method| method.to_string()).collect();
    methods[n as usize % methods.len()].clone()
}
