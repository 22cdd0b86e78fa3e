//! How a wire is written: `a.port -> b -> c`.

use crate::tree::Span;

/// One name between the arrows of a wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End<'t> {
    /// The node, or `input` or `output`.
    pub node: &'t str,
    /// The port, if one is named.
    pub port: Option<&'t str>,
    /// The bytes of both in the text of the wire, without the blanks around them.
    pub span: Span,
}

/// The ends of a wire, in order. Nothing is looked up, and a name may be empty or no name at all.
pub fn ends(wire: &str) -> impl Iterator<Item = End<'_>> {
    let mut offset = 0;
    wire.split("->").map(move |part| {
        let name = part.trim();
        let start = offset + (part.len() - part.trim_start().len());
        offset += part.len() + "->".len();
        let (node, port) = name.split_once('.').map_or((name, None), |(node, port)| (node, Some(port)));
        End { node, port, span: start..start + name.len() }
    })
}

#[cfg(test)]
mod tests {
    use super::ends;

    #[test]
    fn the_bytes_of_every_end_are_known() {
        let wire = "  a.low->b  -> ü.x -> ";
        let found: Vec<_> = ends(wire).map(|end| (&wire[end.span.clone()], end.node, end.port)).collect();
        assert_eq!(
            found,
            [("a.low", "a", Some("low")), ("b", "b", None), ("ü.x", "ü", Some("x")), ("", "", None)]
        );
    }
}
