//! A struct with named fields: `Default`, serde, field descriptions and range checks from one attribute per field.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Error, Expr, ExprRange, Field, FieldsNamed, LitStr, RangeLimits};

/// What `#[param(...)]` may say about a field.
#[derive(Default)]
struct Attribute {
    default: Option<Expr>,
    range: Option<ExprRange>,
    len: Option<ExprRange>,
    unit: Option<LitStr>,
    help: Option<LitStr>,
}

impl Attribute {
    fn read(field: &Field) -> syn::Result<Self> {
        let mut found = Self::default();
        for attribute in field.attrs.iter().filter(|a| a.path().is_ident("param")) {
            attribute.parse_nested_meta(|meta| {
                let name = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
                match name.as_str() {
                    "default" => found.default = Some(meta.value()?.parse()?),
                    "range" => found.range = Some(closed_range(meta.value()?.parse()?)?),
                    "len" => found.len = Some(closed_range(meta.value()?.parse()?)?),
                    "unit" => found.unit = Some(meta.value()?.parse()?),
                    "help" => found.help = Some(meta.value()?.parse()?),
                    _ => return Err(meta.error("expected default, range, len, unit or help")),
                }
                Ok(())
            })?;
        }
        if found.help.is_none() {
            return Err(Error::new_spanned(field, "a parameter needs `#[param(help = \"...\")]`"));
        }
        Ok(found)
    }
}

fn closed_range(range: ExprRange) -> syn::Result<ExprRange> {
    match (&range.start, &range.end, &range.limits) {
        (Some(_), Some(_), RangeLimits::Closed(_)) => Ok(range),
        _ => Err(Error::new_spanned(range, "write both ends: `low..=high`")),
    }
}

/// Expands a struct with named fields.
pub(crate) fn expand(input: &DeriveInput, named: &FieldsNamed) -> syn::Result<TokenStream> {
    let (name, vis) = (&input.ident, &input.vis);
    let attrs = &input.attrs;
    let (mut declared, mut defaults, mut described, mut checked) = (vec![], vec![], vec![], vec![]);
    for field in &named.named {
        let attribute = Attribute::read(field)?;
        let (ident, ty, field_vis) = (&field.ident, &field.ty, &field.vis);
        let help = &attribute.help;
        let kept = field.attrs.iter().filter(|a| !a.path().is_ident("param"));
        declared.push(quote!(#[doc = #help] #(#kept)* #field_vis #ident: #ty));
        let default =
            attribute.default.as_ref().map_or(quote!(::core::default::Default::default()), |d| quote!(#d));
        defaults.push(quote!(#ident: #default));
        let limits = limits(&attribute);
        let unit = attribute.unit.as_ref().map_or(
            quote!(::deadwax_node::Unit::of_field(stringify!(#ident))),
            |unit| quote!(::deadwax_node::Unit::named(#unit)),
        );
        described.push(quote!(::deadwax_node::Field {
            name: stringify!(#ident),
            unit: #unit,
            help: #help,
            kind: <#ty as ::deadwax_node::ParamValue>::describe(&#limits),
            default: ::deadwax_node::ParamValue::to_plain(&defaults.#ident),
        }));
        checked.push(quote! {
            path.push(stringify!(#ident));
            ::deadwax_node::ParamValue::check(&self.#ident, &#limits, path, problems);
            path.pop();
        });
    }
    Ok(quote! {
        #(#attrs)*
        #[derive(Clone, Debug, PartialEq, ::deadwax_node::serde::Serialize, ::deadwax_node::serde::Deserialize)]
        #[serde(crate = "::deadwax_node::serde", default, deny_unknown_fields)]
        #vis struct #name { #(#declared,)* }

        impl ::core::default::Default for #name {
            fn default() -> Self {
                Self { #(#defaults,)* }
            }
        }

        impl ::deadwax_node::Params for #name {
            fn fields() -> ::std::vec::Vec<::deadwax_node::Field> {
                #[allow(unused_variables)]
                let defaults = <Self as ::core::default::Default>::default();
                ::std::vec![#(#described),*]
            }
            #[allow(unused_variables)]
            fn check_fields(
                &self,
                path: &mut ::deadwax_node::FieldPath,
                problems: &mut ::std::vec::Vec<::deadwax_node::Problem>,
            ) {
                #(#checked)*
            }
        }
    })
}

fn limits(attribute: &Attribute) -> TokenStream {
    let pair = |range: &Option<ExprRange>, ty: TokenStream| match range {
        Some(ExprRange { start, end, .. }) => {
            quote!(::core::option::Option::Some((#start as #ty, #end as #ty)))
        }
        None => quote!(::core::option::Option::None),
    };
    let range = pair(&attribute.range, quote!(f64));
    let len = pair(&attribute.len, quote!(usize));
    quote!(::deadwax_node::Limits { range: #range, len: #len })
}
