//! `task!`: a closure that other processes can look up and run. It expands like
//! a `#[parallel]` function of the argument and the captures, where all tasks
//! share the captures.

mod implicit_captures;
mod input;
mod render;

use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned;
use syn::{ReturnType, Type, parse_quote};

use self::input::TaskInput;
use crate::errors::ErrorList;
use crate::function;
use crate::parallel::args::Args;
use crate::parallel::model::Model;
use crate::source::{self, FingerprintScope};

/// Returns the task expression, or the errors.
pub(crate) fn expand(tokens: TokenStream) -> TokenStream {
    match try_expand(tokens) {
        Ok(task) => task,
        Err(errors) => quote!({ #errors }),
    }
}

fn try_expand(tokens: TokenStream) -> Result<TokenStream, TokenStream> {
    let mut errors = ErrorList::default();
    let input = match syn::parse2::<TaskInput>(tokens) {
        Ok(input) => input,
        Err(error) => return Err(error.into_compile_error()),
    };
    input.check(&mut errors);
    implicit_captures::check(&input, &mut errors);
    errors.or(())?;
    let item = as_function(&input);
    let function = function::parse(&item, "task").map_err(syn::Error::into_compile_error)?;
    let reach = source::reach(&function, &TokenStream::new(), FingerprintScope::Reach);
    let mut errors = ErrorList::default();
    let line = input.closure.inputs_begin.span.start().line;
    let names = input.captures.iter().map(|it| it.name.clone()).collect();
    let args = Args::of_task(names, input.krate.clone(), line, &mut errors);
    let mut model = Model::of_task(function, args);
    if input.output().is_none() {
        model.output = parse_quote!(__JoblibR);
        let params = &mut model.generics.params;
        params.push(parse_quote!(__JoblibR));
        params.push(parse_quote!(const __JOBLIB_ENCODING: ::core::primitive::u8));
    }
    input.check_types(&model, &mut errors);
    errors.or(())?;
    Ok(render::render(&input, &model, &reach))
}

/// Returns the closure as a function item, the form that [`source::reach`] takes.
fn as_function(input: &TaskInput) -> TokenStream {
    let name = proc_macro2::Ident::new("task", input.closure.inputs_begin.span());
    let argument = &input.argument().map(|it| quote!(#it));
    let (captures, types): (Vec<_>, Vec<_>) =
        input.captures.iter().map(|it| (&it.name, &it.ty)).unzip();
    let output = match &input.closure.output {
        ReturnType::Default => quote!(),
        ReturnType::Type(..) => {
            let ty: Option<&Type> = input.output();
            quote!(-> #ty)
        }
    };
    let body = input.body();
    quote!(fn #name(#argument, #(#captures: #types),*) #output { #body })
}
