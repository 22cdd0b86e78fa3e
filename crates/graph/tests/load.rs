use deadwax_graph::{
    Memory, Overrides,
    diagnostic::{Style, render},
    load,
};
#[test]
fn streaming() {
    let text = std::fs::read_to_string("../../graphs/streaming.ron").unwrap();
    let r = deadwax_node::Registry::new();
    let e = load(&r, &Memory::new().with("streaming.ron", text), "streaming.ron", &Overrides::none())
        .unwrap_err();
    println!("{}", render(&e.diagnostics, &e.sources, Style::Plain, 10));
}
