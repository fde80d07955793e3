//! Results and calls without their types, behind tables of functions: what works on
//! them is compiled once, with the library, and not in every crate for each type of
//! results.

use super::explain::MissReason;
use super::lookup::{Body, Lookup};
use super::persist_codec::{self, EncodedResult};
use crate::codec::result_codec::ResultCodec;
use crate::codec::{DESCRIBED, DecodeError, EncodeError, Purpose, ShapeObserver};

/// A result of some type, with the way it is stored.
pub(super) trait AnyResult {
    /// What its type says of its encodings.
    fn format(&self) -> EncodingVTable;

    /// As [`ResultCodec::accepts`].
    fn accepts(&self) -> bool;

    /// As [`ResultCodec::encode`]; notes the type, too.
    fn encode(&self, watch: &mut ShapeObserver, out: &mut Vec<u8>) -> Result<(), EncodeError>;

    /// As [`ResultCodec::describe`].
    fn describe(&self, purpose: Purpose, out: &mut Vec<u8>) -> Result<(), EncodeError>;

    /// What bytes of it in `encoding` are read back as.
    fn read_back(&self, encoding: u8, bytes: &[u8])
    -> Result<Box<dyn AnyResult + '_>, DecodeError>;

    /// Whether it differs, by its own account, from what it was read back of.
    fn is_unequal(&self) -> bool;
}

/// What the type of a result says of its encodings.
#[derive(Clone, Copy, Debug)]
pub(super) struct EncodingVTable {
    /// The name of the type.
    pub(super) type_name: &'static str,
    /// As [`ResultCodec::ENCODING`].
    pub(super) encoding: u8,
    /// As [`ResultCodec::DESCRIBES`].
    pub(super) describes: bool,
    /// As [`ResultCodec::is_veiled`].
    pub(super) is_veiled: bool,
}

impl EncodingVTable {
    /// The encoding of descriptions to be kept.
    pub(super) fn of_descriptions(self) -> u8 {
        match self.describes {
            true => DESCRIBED,
            // What is stored describes itself.
            false => self.encoding,
        }
    }
}

/// A result of the type `R`.
pub(super) struct TypedResult<'a, R, S> {
    stored: &'a S,
    value: ResultSlot<'a, R>,
}

enum ResultSlot<'a, R> {
    Given(&'a R),
    ReadBack { value: R, of: &'a R },
}

impl<'a, R, S> TypedResult<'a, R, S> {
    /// The result `value`.
    pub(super) fn new(stored: &'a S, value: &'a R) -> Self {
        let value = ResultSlot::Given(value);
        TypedResult { stored, value }
    }

    fn value(&self) -> &R {
        match &self.value {
            ResultSlot::Given(value) => value,
            ResultSlot::ReadBack { value, .. } => value,
        }
    }
}

impl<R, S: ResultCodec<R>> AnyResult for TypedResult<'_, R, S> {
    fn format(&self) -> EncodingVTable {
        EncodingVTable {
            type_name: std::any::type_name::<R>(),
            encoding: S::ENCODING,
            describes: S::DESCRIBES,
            is_veiled: S::is_veiled(),
        }
    }

    fn accepts(&self) -> bool {
        self.stored.accepts(self.value())
    }

    fn encode(&self, watch: &mut ShapeObserver, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        watch.is_a::<R>();
        self.stored.encode(self.value(), watch, out)
    }

    fn describe(&self, purpose: Purpose, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.stored.describe(self.value(), purpose, out)
    }

    fn read_back(
        &self,
        encoding: u8,
        bytes: &[u8],
    ) -> Result<Box<dyn AnyResult + '_>, DecodeError> {
        let value = ResultSlot::ReadBack {
            value: persist_codec::decode::<R, S>(encoding, bytes)?,
            of: self.value(),
        };
        let stored = self.stored;
        Ok(Box::new(TypedResult { stored, value }))
    }

    fn is_unequal(&self) -> bool {
        let ResultSlot::ReadBack { value, of } = &self.value else {
            return false;
        };
        // A value that differs from itself, such as a NaN, says nothing by that.
        self.stored.are_equal(of, value) == Some(false)
            && self.stored.are_equal(of, of) == Some(true)
    }
}

/// A call whose result is not in memory.
pub(super) trait AnyCall {
    /// Takes what is stored of a result for that of the call.
    fn take(&mut self, encoded: EncodedResult<'_>) -> Result<(), DecodeError>;

    /// As [`Lookup::compute`]; whether the result can be found now.
    fn compute(&mut self, wanted: &Lookup<'_>, miss: &MissReason) -> bool;
}

/// A call for a result of the type `R`.
pub(super) struct TypedCall<'a, 'b, R, S> {
    pub(super) stored: &'a S,
    /// What is left if the result was found.
    pub(super) body: &'a mut Option<Body<'b, R>>,
    pub(super) result: Option<R>,
}

impl<R, S: ResultCodec<R>> AnyCall for TypedCall<'_, '_, R, S> {
    fn take(&mut self, encoded: EncodedResult<'_>) -> Result<(), DecodeError> {
        self.result = Some(encoded.decode::<R, S>()?);
        Ok(())
    }

    fn compute(&mut self, wanted: &Lookup<'_>, miss: &MissReason) -> bool {
        let body = self.body.take().expect("a call computes once");
        let (result, is_kept) = wanted.compute(self.stored, miss, body);
        self.result = Some(result);
        is_kept
    }
}
