//! The page of every error code, for `deadwax explain DW0102`.

use deadwax_graph::Code;

macro_rules! pages {
    ($($number:literal),+ $(,)?) => {
        const PAGES: &[(&str, &str)] = &[$((
            concat!("DW", $number),
            include_str!(concat!("../../../docs/errors/DW", $number, ".md")),
        )),+];
    };
}

pages!(
    "0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010", "0011", "0012", "0013",
    "0014", "0101", "0102", "0103", "0104", "0105", "0106", "0107", "0108", "0109", "0110", "0111", "0112",
    "0113", "0114", "0115", "0116", "0117", "0118", "0201", "0202", "0203", "0204", "0205", "0206", "0207",
    "0208", "0210", "0211", "0212", "0301", "0302", "0305", "0306", "0307", "0308", "0309", "0310", "0311",
    "0401", "0402", "0403", "0404", "0405", "0406", "0407", "0501", "0502", "0503", "0504", "0505", "0506",
    "0507", "0508", "0509", "0510", "0511", "0512", "0513", "0514", "0520", "0521", "0522", "0530", "0531",
    "0532", "0533", "0540", "0541", "0542"
);

/// The page of `code`, in Markdown.
#[must_use]
pub fn error_page(code: Code) -> &'static str {
    let name = code.to_string();
    PAGES.iter().find(|(known, _)| *known == name).map_or_else(|| code.title(), |(_, page)| page)
}

#[cfg(test)]
mod tests {
    use super::{Code, error_page};

    #[test]
    fn every_code_has_its_page_in_the_program() {
        for code in Code::ALL {
            assert!(error_page(*code).starts_with(&format!("# {code}: {}", code.title())), "{code}");
        }
    }
}
