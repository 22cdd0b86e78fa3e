//! The `#[params]` attribute of `deadwax-node`: a node's parameters, with default, range, unit and help in one place.
//!
//! Documented where it is used: see `deadwax_node::params`. Three shapes are understood:
//!
//! - a struct with named fields (a node, or one entry of a map such as an equaliser band);
//! - an enum of unit variants (a choice written as a bare word);
//! - an enum whose variants each hold one such struct (an entry that comes in several forms).

mod choice;
mod fields;
mod variants;

use proc_macro::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields, parse_macro_input};

/// Turns a struct or enum into parameters; see `deadwax_node::params` for what may be written.
#[proc_macro_attribute]
pub fn params(_attributes: TokenStream, item: TokenStream) -> TokenStream {
    let input = parse_macro_input!(item as DeriveInput);
    let expanded = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(named) => fields::expand(&input, named),
            other => Err(syn::Error::new_spanned(other, "parameters are a struct with named fields")),
        },
        Data::Enum(data) if data.variants.iter().all(|v| matches!(v.fields, Fields::Unit)) => {
            choice::expand(&input, data)
        }
        Data::Enum(data) => variants::expand(&input, data),
        Data::Union(data) => {
            Err(syn::Error::new_spanned(data.union_token, "parameters are a struct or an enum"))
        }
    };
    expanded
        .unwrap_or_else(|error| {
            let error = error.to_compile_error();
            quote!(#error)
        })
        .into()
}

/// The text of an item's `///` lines, joined by blanks.
fn doc_text(attributes: &[syn::Attribute]) -> String {
    let lines = attributes.iter().filter(|a| a.path().is_ident("doc")).filter_map(|a| match &a.meta {
        syn::Meta::NameValue(syn::MetaNameValue {
            value: syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }),
            ..
        }) => Some(text.value().trim().to_owned()),
        _ => None,
    });
    lines.collect::<Vec<_>>().join(" ").trim().to_owned()
}
