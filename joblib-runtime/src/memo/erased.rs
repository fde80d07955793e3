//! Results and calls without their types, behind vtables. Code that works on them is
//! compiled once with the library, and not in every crate for each result type.

use super::encoded_result::EncodedResult;
use super::explain::MissReason;
use super::lookup::{Body, Lookup};
use crate::codec::{DESCRIBED, DecodeError, EncodeError, Purpose, ShapeObserver};
use crate::transport::ResultCodec;

/// A result of some type, with its codec.
pub(super) trait AnyResult {
    /// Returns the encodings of its type.
    fn format(&self) -> EncodingVTable;

    /// Like [`ResultCodec::accepts`].
    fn accepts(&self) -> bool;

    /// Like [`ResultCodec::encode`]; observes the type as well.
    fn encode(&self, watch: &mut ShapeObserver, out: &mut Vec<u8>) -> Result<(), EncodeError>;

    /// Like [`ResultCodec::describe`].
    fn describe(&self, purpose: Purpose, out: &mut Vec<u8>) -> Result<(), EncodeError>;

    /// Decodes bytes of it in `encoding`.
    fn read_back(&self, encoding: u8, bytes: &[u8])
    -> Result<Box<dyn AnyResult + '_>, DecodeError>;

    /// Returns whether its `PartialEq` says that it differs from the result that it was
    /// read back from.
    fn is_unequal(&self) -> bool;
}

/// The properties of a result type's encodings.
#[derive(Clone, Copy, Debug)]
pub(super) struct EncodingVTable {
    /// The name of the type.
    pub(super) type_name: &'static str,
    /// The value of [`ResultCodec::TAG`].
    pub(super) encoding: u8,
    /// The value of [`ResultCodec::DESCRIBES`].
    pub(super) describes: bool,
    /// The value of [`ResultCodec::has_unobserved_data`].
    pub(super) has_unobserved_data: bool,
}

impl EncodingVTable {
    /// Returns the encoding of stored descriptions.
    pub(super) fn of_descriptions(self) -> u8 {
        match self.describes {
            true => DESCRIBED,
            // The stored form describes itself.
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
    /// Wraps the result `value`.
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
            encoding: S::TAG,
            describes: S::DESCRIBES,
            has_unobserved_data: S::has_unobserved_data(),
        }
    }

    fn accepts(&self) -> bool {
        self.stored.accepts(self.value())
    }

    fn encode(&self, watch: &mut ShapeObserver, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        watch.observe_type::<R>();
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
            value: self.stored.decoder().decode(encoding, bytes)?,
            of: self.value(),
        };
        let stored = self.stored;
        Ok(Box::new(TypedResult { stored, value }))
    }

    fn is_unequal(&self) -> bool {
        let ResultSlot::ReadBack { value, of } = &self.value else {
            return false;
        };
        // A value that differs from itself, such as a NaN, proves nothing.
        self.stored.are_equal(of, value) == Some(false)
            && self.stored.are_equal(of, of) == Some(true)
    }
}

/// A call whose result is not in memory.
pub(super) trait AnyCall {
    /// Decodes a stored result as the result of the call.
    fn take(&mut self, encoded: EncodedResult<'_>) -> Result<(), DecodeError>;

    /// Like [`Lookup::compute`]. Returns whether the result can be looked up
    /// afterwards.
    fn compute(&mut self, lookup: &Lookup<'_>, miss: &MissReason) -> bool;
}

/// A call for a result of the type `R`.
pub(super) struct TypedCall<'a, 'b, R, S> {
    pub(super) stored: &'a S,
    /// Still there afterwards if the result was found.
    pub(super) body: &'a mut Option<Body<'b, R>>,
    pub(super) result: Option<R>,
}

impl<R, S: ResultCodec<R>> AnyCall for TypedCall<'_, '_, R, S> {
    fn take(&mut self, encoded: EncodedResult<'_>) -> Result<(), DecodeError> {
        self.result = Some(encoded.decode(self.stored.decoder())?);
        Ok(())
    }

    fn compute(&mut self, lookup: &Lookup<'_>, miss: &MissReason) -> bool {
        let body = self.body.take().expect("a call runs its body only once");
        let (result, is_kept) = lookup.compute(self.stored, miss, body);
        self.result = Some(result);
        is_kept
    }
}
