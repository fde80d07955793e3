//! Sparse matrices and vectors of `sprs`: encoded as structs with three and two arrays.
//! Their structure is validated whenever they are read.

use std::any::TypeId;
use std::borrow::Cow;
use std::ops::Deref;

use sprs::errors::StructureError;
use sprs::{CsMatBase, CsMatI, CsVecBase, CsVecI, SpIndex};

use crate::persist::derive_support::{
    BodyReader, BodyWriter, FieldDecl, FieldsDecl, SchemaBuilder, TypeDecl, Viewer,
};
use crate::persist::error::Error;
use crate::persist::mode::MapMode;
use crate::persist::number::Number;
use crate::persist::row::one_by_one;
use crate::persist::traits::{Persist, Save};

fn field(name: &'static str, schema: fn(&mut SchemaBuilder) -> u32) -> FieldDecl {
    FieldDecl {
        name,
        schema,
        aliases: &[],
        default: None,
    }
}

fn array<N: Number>(schemas: &mut SchemaBuilder) -> u32 {
    schemas.array(N::KIND)
}

fn save_array<'v, N: Number>(numbers: &'v [N], writer: &mut BodyWriter<'v, '_>) {
    writer.length(numbers.len());
    writer.numbers(numbers);
}

fn load_array<N: Number>(reader: &mut BodyReader<'_>) -> Result<Vec<N>, Error> {
    let count = reader.count()?;
    reader.numbers(count)
}

fn view_array<'m, N: Number, M: MapMode>(
    viewer: &mut Viewer<'m, M>,
) -> Result<M::Slice<'m, N>, Error> {
    let count = viewer.reader().count()?;
    viewer.numbers(count)
}

fn invalid(why: impl std::fmt::Display) -> Error {
    Error::damaged_body(format!("invalid sparse matrix: {why}"))
}

impl<N, I, Iptr, IptrStorage, IndStorage, DataStorage> Save
    for CsMatBase<N, I, IptrStorage, IndStorage, DataStorage, Iptr>
where
    N: Number,
    I: SpIndex + Number,
    Iptr: SpIndex + Number,
    IptrStorage: Deref<Target = [Iptr]>,
    IndStorage: Deref<Target = [I]>,
    DataStorage: Deref<Target = [N]>,
{
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        let head = TypeDecl {
            ty: TypeId::of::<CsMatI<N, I, Iptr>>(),
            name: "CsMat",
            older_types: &[],
        };
        let fields = [
            field("rows", usize::schema),
            field("columns", usize::schema),
            field("is_csc", bool::schema),
            field("indptr", array::<Iptr>),
            field("indices", array::<I>),
            field("data", array::<N>),
        ];
        schemas.structure(head, FieldsDecl::Named(&fields))
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        writer.enter()?;
        writer.varint(self.rows() as u64);
        writer.varint(self.cols() as u64);
        writer.raw(&[self.is_csc().into()]);
        // The `indptr` of a slice of a matrix starts at an offset, which is subtracted.
        match self.indptr().to_proper() {
            Cow::Borrowed(_) => save_array(self.indptr().into_raw_storage(), writer),
            Cow::Owned(counted) => writer.temporary(|writer| {
                save_array(&counted, writer);
                Ok(())
            })?,
        }
        save_array(self.indices(), writer);
        save_array(self.data(), writer);
        writer.leave();
        Ok(())
    }
}

/// The fields before the arrays of a matrix.
struct SparseHeader {
    shape: (usize, usize),
    is_csc: bool,
}

impl SparseHeader {
    fn read(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        Ok(SparseHeader {
            shape: (reader.count()?, reader.count()?),
            is_csc: reader.flag()?,
        })
    }

    fn matrix<N, I, Iptr, IptrStorage, IndStorage, DataStorage>(
        self,
        indptr: IptrStorage,
        indices: IndStorage,
        data: DataStorage,
    ) -> Result<CsMatBase<N, I, IptrStorage, IndStorage, DataStorage, Iptr>, Error>
    where
        I: SpIndex,
        Iptr: SpIndex,
        IptrStorage: Deref<Target = [Iptr]>,
        IndStorage: Deref<Target = [I]>,
        DataStorage: Deref<Target = [N]>,
    {
        let outer = match self.is_csc {
            true => self.shape.1,
            false => self.shape.0,
        };
        if indptr.len().checked_sub(1) != Some(outer) {
            return Err(invalid("`indptr` has the wrong length"));
        }
        if indptr[0] != Iptr::default() {
            return Err(invalid("`indptr` does not begin with zero"));
        }
        let matrix = match self.is_csc {
            true => CsMatBase::try_new_csc(self.shape, indptr, indices, data),
            false => CsMatBase::try_new(self.shape, indptr, indices, data),
        };
        matrix.map_err(|(.., error): (_, _, _, StructureError)| invalid(error))
    }
}

impl<N, I, Iptr> Persist for CsMatI<N, I, Iptr>
where
    N: Number,
    I: SpIndex + Number,
    Iptr: SpIndex + Number,
{
    type View<'m, M: MapMode> = CsMatBase<N, I, &'m [Iptr], &'m [I], M::Slice<'m, N>, Iptr>;
    one_by_one!();

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        reader.enter()?;
        let outer = SparseHeader::read(reader)?;
        let (indptr, indices) = (load_array(reader)?, load_array(reader)?);
        let matrix = outer.matrix(indptr, indices, load_array(reader)?)?;
        reader.leave();
        Ok(matrix)
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
        viewer.reader().enter()?;
        let outer = SparseHeader::read(viewer.reader())?;
        let indptr = M::shared(view_array::<Iptr, M>(viewer)?);
        let indices = M::shared(view_array::<I, M>(viewer)?);
        let matrix = outer.matrix(indptr, indices, view_array::<N, M>(viewer)?)?;
        viewer.reader().leave();
        Ok(matrix)
    }
}

impl<IStorage, DStorage, N, I> Save for CsVecBase<IStorage, DStorage, N, I>
where
    N: Number,
    I: SpIndex + Number,
    IStorage: Deref<Target = [I]>,
    DStorage: Deref<Target = [N]>,
{
    fn schema(schemas: &mut SchemaBuilder) -> u32 {
        let head = TypeDecl {
            ty: TypeId::of::<CsVecI<N, I>>(),
            name: "CsVec",
            older_types: &[],
        };
        let fields = [
            field("len", usize::schema),
            field("indices", array::<I>),
            field("data", array::<N>),
        ];
        schemas.structure(head, FieldsDecl::Named(&fields))
    }

    fn save<'v>(&'v self, writer: &mut BodyWriter<'v, '_>) -> Result<(), Error> {
        writer.enter()?;
        writer.varint(self.dim() as u64);
        save_array(self.indices(), writer);
        save_array(self.data(), writer);
        writer.leave();
        Ok(())
    }
}

impl<N: Number, I: SpIndex + Number> Persist for CsVecI<N, I> {
    type View<'m, M: MapMode> = CsVecBase<&'m [I], M::Slice<'m, N>, N, I>;
    one_by_one!();

    fn load(reader: &mut BodyReader<'_>) -> Result<Self, Error> {
        reader.enter()?;
        let len = reader.count()?;
        let indices = load_array(reader)?;
        let vector = CsVecBase::try_new(len, indices, load_array(reader)?);
        reader.leave();
        vector.map_err(|(.., error)| invalid(error))
    }

    fn view<'m, M: MapMode>(viewer: &mut Viewer<'m, M>) -> Result<Self::View<'m, M>, Error> {
        viewer.reader().enter()?;
        let len = viewer.reader().count()?;
        let indices = M::shared(view_array::<I, M>(viewer)?);
        let vector = CsVecBase::try_new(len, indices, view_array::<N, M>(viewer)?);
        viewer.reader().leave();
        vector.map_err(|(.., error)| invalid(error))
    }
}
