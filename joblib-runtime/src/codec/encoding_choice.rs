//! Chooses the encoding of a value that is sent to another process: the compact one if
//! values of its type are known to survive a round trip, and else the self-describing
//! one.
//!
//! serde does not expose which encoding a type needs. Therefore a value that shows a
//! shape that no earlier value on this thread showed is decoded as a test. Once a value
//! of a type does not survive the round trip, the type uses the self-describing encoding
//! from then on, and each value is decoded as a test.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::decode::decode_deep;
use super::described::{decode_part_deep, describe_deep};
use super::encode::encode_deep;
use super::{DecodeError, EncodeError, Purpose, ShapeObserver, TRAVEL_DEPTH, describe_part};

/// Appends `value`, which is decoded as an `O`, to `out`. Returns whether the encoding is
/// the self-describing one.
///
/// # Errors
///
/// Fails if the value cannot be encoded. `out` is then unchanged.
pub(crate) fn encode_chosen<T, O>(value: &T, out: &mut Vec<u8>) -> Result<bool, EncodeError>
where
    T: Serialize + ?Sized,
    O: Serialize + DeserializeOwned,
{
    // The address of a function that is generic over both types identifies them. If two
    // pairs of types share the same code, they also behave the same.
    let round_trips: fn(&T, &[u8]) -> bool = round_trips::<T, O>;
    let mut known = ObservedShapes::take(round_trips as usize);
    let start = out.len();
    let is_described = known.is_described || {
        let encoded = encode_deep(value, TRAVEL_DEPTH, &mut known.watch, out);
        match encoded {
            Err(EncodeError::TooDeep) => {
                known.give_back();
                return encoded.map(|()| false);
            }
            _ => {
                encoded.is_err() || !known.survives_round_trip(|| round_trips(value, &out[start..]))
            }
        }
    };
    if is_described {
        out.truncate(start);
        let describe =
            |purpose, out: &mut Vec<u8>| describe_deep(value, purpose, TRAVEL_DEPTH, out);
        let reread = |bytes: &[u8], purpose| {
            let back: O = decode_part_deep(bytes, TRAVEL_DEPTH)?;
            let mut again = Vec::new();
            let described = describe_deep(&back, purpose, TRAVEL_DEPTH, &mut again);
            Ok(described.ok().map(|()| again))
        };
        let described = describe_part(&describe, &reread, out);
        known.is_described |= described.is_ok();
        known.give_back();
        // A value that cannot be decoded causes an error in the receiver, which reports
        // it.
        return described.map(|_| true);
    }
    known.give_back();
    Ok(false)
}

/// Decodes the value that [`encode_chosen`] appended as `bytes`.
///
/// # Errors
///
/// Fails if the bytes are not the encoding of such a value.
pub(crate) fn decode_chosen<O: DeserializeOwned>(
    is_described: bool,
    bytes: &[u8],
) -> Result<O, DecodeError> {
    match is_described {
        true => decode_part_deep(bytes, TRAVEL_DEPTH),
        false => decode_deep(bytes, TRAVEL_DEPTH),
    }
}

/// Encodings of at least this many bytes are decoded but not compared, because there may
/// be no memory for another copy.
const MAX_COMPARED: usize = 256 << 20;

/// Returns whether `value` survives a round trip through `bytes`, its compact encoding.
fn round_trips<T, O>(value: &T, bytes: &[u8]) -> bool
where
    T: Serialize + ?Sized,
    O: Serialize + DeserializeOwned,
{
    let back = catch_unwind(AssertUnwindSafe(|| decode_deep::<O>(bytes, TRAVEL_DEPTH)));
    let Ok(Ok(back)) = back else {
        return false;
    };
    if bytes.len() >= MAX_COMPARED {
        return true;
    }
    let mut again = Vec::new();
    let encoded = encode_deep(
        &back,
        TRAVEL_DEPTH,
        &mut ShapeObserver::default(),
        &mut again,
    );
    if encoded.is_ok() && again == bytes {
        return true;
    }
    drop(again);
    // Hashed collections may come in another order.
    match (unordered(value), unordered(&back)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

/// Returns an encoding of the value that does not depend on the order of hashed
/// collections.
fn unordered<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, EncodeError> {
    let mut out = Vec::new();
    describe_deep(value, Purpose::CompareUnordered, TRAVEL_DEPTH, &mut out)?;
    Ok(out)
}

/// What this thread knows about a type.
struct ObservedShapes {
    /// Identifies the type.
    of: usize,
    watch: ShapeObserver,
    /// Whether no value of the type was tested yet.
    is_new: bool,
    is_described: bool,
}

thread_local! {
    static KNOWN: RefCell<Vec<ObservedShapes>> = const { RefCell::new(Vec::new()) };
}

impl ObservedShapes {
    /// Takes the state of a type out of the thread-local list until it is given back,
    /// because a `Serialize` may itself send values.
    fn take(of: usize) -> ObservedShapes {
        let found = KNOWN.try_with(|known| {
            let mut known = known.borrow_mut();
            let place = known.iter().position(|it| it.of == of)?;
            Some(known.swap_remove(place))
        });
        // While the thread is ending, the list is gone and nothing is known.
        found.ok().flatten().unwrap_or_else(|| ObservedShapes {
            of,
            watch: ShapeObserver::new(Default::default()),
            is_new: true,
            is_described: false,
        })
    }

    fn give_back(mut self) {
        self.watch.discard();
        // While the thread is ending, the list is gone and the state is dropped.
        let _ = KNOWN.try_with(|known| known.borrow_mut().push(self));
    }

    /// Returns whether a value that was just encoded survives the round trip. Calls
    /// `round_trips` to test it if the value shows a new shape.
    fn survives_round_trip(&mut self, round_trips: impl FnOnce() -> bool) -> bool {
        if !self.is_new && self.watch.new_shapes().is_empty() {
            return true;
        }
        let survives_round_trip = round_trips();
        if survives_round_trip {
            self.is_new = false;
            self.watch.mark_seen();
        }
        survives_round_trip
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::fmt::Debug;

    use serde::Deserialize;

    use super::*;

    fn travelled<T>(value: &T) -> bool
    where
        T: Serialize + DeserializeOwned + PartialEq + Debug,
    {
        let mut out = vec![7];
        let is_described = encode_chosen::<T, T>(value, &mut out).unwrap();
        assert_eq!(&decode_chosen::<T>(is_described, &out[1..]).unwrap(), value);
        is_described
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum EncodingKind {
        Plain(u8),
        #[serde(skip)]
        #[allow(dead_code, reason = "only its position in the enum matters")]
        Skipped,
        After(Option<Box<EncodingKind>>),
        Last(Vec<String>),
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct PartialRead {
        #[serde(skip_serializing_if = "Option::is_none", default)]
        left_out: Option<u8>,
        rest: u8,
    }

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    struct HalfEncoded {
        #[serde(skip_serializing, default)]
        never: u8,
        one: u8,
        two: u8,
    }

    #[test]
    fn values_that_need_no_description_travel_without() {
        for _ in 0..3 {
            assert!(!travelled(&vec![Some(1.5), None]));
            assert!(!travelled(&("text".to_owned(), [1_u8; 4], 'c')));
            let map: HashMap<u32, String> = (0..100).map(|it| (it, it.to_string())).collect();
            assert!(!travelled(&map));
        }
    }

    #[test]
    fn a_type_that_asks_what_it_reads_is_described() {
        for _ in 0..2 {
            assert!(travelled(&serde_json::json!({"a": [1, null, 2.5]})));
            assert!(travelled(&Some(serde_json::json!(1))));
        }
    }

    #[test]
    fn a_type_is_described_from_the_first_value_on_that_needs_it() {
        let partial = |left_out| PartialRead { left_out, rest: 1 };
        assert!(!travelled(&partial(Some(1))));
        assert!(travelled(&partial(None)));
        assert!(travelled(&partial(Some(1))));
        let within = |json| vec![(1_u8, json)];
        assert!(!travelled(&within(None::<serde_json::Value>)));
        assert!(travelled(&within(Some(serde_json::json!("a")))));
    }

    #[test]
    fn a_variant_behind_a_skipped_one_is_seen_when_it_first_comes() {
        assert!(!travelled(&EncodingKind::Plain(1)));
        assert!(travelled(&EncodingKind::After(None)));
        assert!(travelled(&EncodingKind::Last(vec!["a".to_owned()])));
    }

    #[test]
    fn a_field_that_is_never_written_shifts_no_other() {
        let halved = HalfEncoded {
            never: 0,
            one: 1,
            two: 2,
        };
        assert!(travelled(&halved));
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Chain(Option<Box<Chain>>);

    fn chain(links: usize) -> Chain {
        (0..links).fold(Chain(None), |rest, _| Chain(Some(Box::new(rest))))
    }

    #[test]
    fn a_chain_of_ten_thousand_links_travels_either_way() {
        let deep = chain(10_000);
        let mut out = Vec::new();
        let is_described = encode_chosen::<Chain, Chain>(&deep, &mut out).unwrap();
        assert!(!is_described);
        drop(decode_chosen::<Chain>(false, &out).unwrap());
        out.clear();
        describe_deep(&deep, Purpose::Exact, TRAVEL_DEPTH, &mut out).unwrap();
        let read = |bytes: &[u8]| decode_chosen::<Chain>(true, bytes).map(drop);
        assert_eq!(read(&out), Ok(()));
    }

    #[test]
    fn what_is_deeper_than_can_travel_is_refused_and_appends_nothing() {
        // The drop is recursive and needs a large stack.
        let thread = std::thread::Builder::new().stack_size(64 << 20);
        let refused = thread.spawn(|| {
            let mut out = vec![7];
            let deep = chain(TRAVEL_DEPTH / 2 + 1);
            let refused = encode_chosen::<Chain, Chain>(&deep, &mut out);
            assert_eq!(refused, Err(EncodeError::TooDeep));
            assert_eq!(out, [7]);
        });
        refused.unwrap().join().unwrap();
    }
}
