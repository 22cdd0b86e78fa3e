//! An enum of unit variants: a choice among bare words.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DataEnum, DeriveInput, Error};

/// Expands an enum of unit variants. The default is the variant marked `#[default]`, else the first.
pub(crate) fn expand(input: &DeriveInput, data: &DataEnum) -> syn::Result<TokenStream> {
    let (name, vis, attrs) = (&input.ident, &input.vis, &input.attrs);
    let marked = data.variants.iter().position(|v| v.attrs.iter().any(|a| a.path().is_ident("default")));
    let (mut declared, mut described) = (vec![], vec![]);
    for (index, variant) in data.variants.iter().enumerate() {
        let help = crate::doc_text(&variant.attrs);
        if help.is_empty() {
            return Err(Error::new_spanned(variant, "say in a `///` line what this choice does"));
        }
        let ident = &variant.ident;
        let kept = variant.attrs.iter().filter(|a| !a.path().is_ident("default"));
        let default = (index == marked.unwrap_or(0)).then(|| quote!(#[default]));
        declared.push(quote!(#(#kept)* #default #ident));
        described.push(quote!(::deadwax_node::Choice { name: stringify!(#ident), help: #help }));
    }
    Ok(quote! {
        #(#attrs)*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq,
            ::deadwax_node::serde::Serialize, ::deadwax_node::serde::Deserialize,
        )]
        #[serde(crate = "::deadwax_node::serde")]
        #vis enum #name { #(#declared,)* }

        impl ::deadwax_node::ParamValue for #name {
            fn describe(_: &::deadwax_node::Limits) -> ::deadwax_node::FieldKind {
                ::deadwax_node::FieldKind::Choice(::std::vec![#(#described),*])
            }
            fn check(
                &self,
                _: &::deadwax_node::Limits,
                _: &mut ::deadwax_node::FieldPath,
                _: &mut ::std::vec::Vec<::deadwax_node::Problem>,
            ) {
            }
        }
    })
}
