//! An enum whose variants each hold one struct of parameters: an entry that comes in several forms.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DataEnum, DeriveInput, Error, Fields};

/// Expands an enum of newtype variants. The default is the first variant's own default.
pub(crate) fn expand(input: &DeriveInput, data: &DataEnum) -> syn::Result<TokenStream> {
    let (name, vis, attrs) = (&input.ident, &input.vis, &input.attrs);
    let (mut described, mut checked, mut first) = (vec![], vec![], None);
    for variant in &data.variants {
        let ident = &variant.ident;
        let ty = match &variant.fields {
            Fields::Unnamed(held) if held.unnamed.len() == 1 => &held.unnamed[0].ty,
            _ => {
                return Err(Error::new_spanned(variant, "every form holds exactly one struct of parameters"));
            }
        };
        let help = crate::doc_text(&variant.attrs);
        if help.is_empty() {
            return Err(Error::new_spanned(variant, "say in a `///` line what this form does"));
        }
        first.get_or_insert_with(|| quote!(Self::#ident(::core::default::Default::default())));
        described.push(quote!(::deadwax_node::Variant {
            name: stringify!(#ident),
            help: #help,
            fields: <#ty as ::deadwax_node::Params>::fields(),
        }));
        checked
            .push(quote!(Self::#ident(held) => ::deadwax_node::Params::check_fields(held, path, problems)));
    }
    let variants = &data.variants;
    let first = first.ok_or_else(|| Error::new_spanned(input, "an enum needs at least one form"))?;
    Ok(quote! {
        #(#attrs)*
        #[derive(Clone, Debug, PartialEq, ::deadwax_node::serde::Serialize, ::deadwax_node::serde::Deserialize)]
        #[serde(crate = "::deadwax_node::serde")]
        #vis enum #name { #variants }

        impl ::core::default::Default for #name {
            fn default() -> Self {
                #first
            }
        }

        impl ::deadwax_node::ParamValue for #name {
            fn describe(_: &::deadwax_node::Limits) -> ::deadwax_node::FieldKind {
                ::deadwax_node::FieldKind::Variants(::std::vec![#(#described),*])
            }
            fn check(
                &self,
                _: &::deadwax_node::Limits,
                path: &mut ::deadwax_node::FieldPath,
                problems: &mut ::std::vec::Vec<::deadwax_node::Problem>,
            ) {
                match self { #(#checked,)* }
            }
        }
    })
}
