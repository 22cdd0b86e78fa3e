//! Templates that a graph uses by name: what they see, what they are given, and what is said of them.

use deadwax_graph::diagnostic::{Style, render};
use deadwax_graph::model::UsedTemplate;
use deadwax_graph::{
    Code, Graph, LoadError, Loader, Memory, NoTemplate, Overrides, Template, load, names_template,
};
use std::path::PathBuf;
use std::rc::Rc;

/// Files in memory with a recording each, and templates by their names.
#[derive(Clone, Default)]
struct World {
    files: Memory,
    here: &'static str,
    templates: Rc<Vec<(&'static str, World)>>,
}

impl World {
    fn of(here: &'static str, files: &[(&str, &str)]) -> Self {
        let files = files.iter().fold(Memory::new(), |files, (path, text)| files.with(*path, *text));
        Self { files, here, ..Self::default() }
    }

    fn with(self, templates: Vec<(&'static str, World)>) -> Self {
        Self { templates: Rc::new(templates), ..self }
    }
}

impl Loader for World {
    fn read(&self, path: &str, allowed: usize) -> Result<String, LoadError> {
        self.files.read(path, allowed)
    }

    fn locate(&self, path: &str) -> Result<PathBuf, LoadError> {
        Ok(PathBuf::from(self.here).join(path))
    }

    fn template(&self, named: &str) -> Result<Template, NoTemplate> {
        let (name, preset) =
            named.split_once('#').map_or((named, None), |(name, preset)| (name, Some(preset)));
        let Some((name, world)) = self.templates.iter().find(|(known, _)| *known == name) else {
            return Memory::new().template(named);
        };
        // What is inside others is known to all of them.
        let world = World { templates: self.templates.clone(), ..world.clone() };
        Ok(Template {
            used: UsedTemplate { name: (*name).into(), version: "1.0.0".into(), content: "sha256:0".into() },
            files: Rc::new(world),
            entry: "graph.ron".into(),
            preset: preset.map(str::to_owned),
        })
    }

    fn name(&self, path: &str) -> String {
        format!("{}/{path}", self.here)
    }
}

const TAPE: &str = r#"Graph(
    format: 1,
    use: { stage: "parts/stage.ron" },
    assets: { room: "assets/room.wav" },
    params: { drive: Param(sets: ["a.drive"]), out: Param(sets: ["trim.gain_db"]) },
    presets: { "hot": { drive: 9, out: -3 } },
    nodes: { a: stage, trim: Gain(gain_db: -1) },
    wires: ["input -> a -> trim -> output"],
)"#;
const STAGE: &str = r#"Graph(
    format: 1,
    params: { drive: Param(sets: ["dirt.drive_db"]) },
    nodes: { dirt: Saturator(drive_db: 2) },
    wires: ["input -> dirt -> output"],
)"#;

fn tape() -> World {
    World::of("tape", &[("graph.ron", TAPE), ("parts/stage.ron", STAGE)])
}

fn loaded(world: &World) -> Result<Graph, String> {
    let read = load(&deadwax_nodes::registry(), world, "main.ron", &Overrides::none());
    read.map_err(|errors| render(&errors.diagnostics, &errors.sources, Style::Plain, 10))
}

fn main_of(used: &str, nodes: &str) -> String {
    format!(
        "Graph(format: 1, use: {{ tape: \"{used}\" }}, nodes: {{ {nodes} }}, wires: [\"input -> a -> output\"])"
    )
}

/// A field of a node, as JSON.
fn field(graph: &Graph, node: &str, field: &str) -> f64 {
    let node = graph.nodes.iter().find(|known| known.name == node).unwrap();
    node.node.to_json()[field].as_f64().unwrap()
}

#[test]
fn a_template_is_a_name_and_a_file_ends_in_ron() {
    for name in
        ["house/tape", "house/tape@^1", "house/tape#dense", "house/tape@1.2.0#dense", "tape@1", "Big/x@1"]
    {
        assert!(names_template(name), "{name}");
    }
    for path in
        ["tape", "parts/tape.ron", "house/tape@1.ron", "a/b/c", "./tape", "House/tape", "", "/", "a/", "#"]
    {
        assert!(!names_template(path), "{path}");
    }
}

#[test]
fn a_template_brings_its_own_parts_and_recordings() {
    let world = World::of("mine", &[("main.ron", &main_of("house/tape@^1", "a: tape"))]);
    let graph = loaded(&world.with(vec![("house/tape@^1", tape())])).unwrap();
    assert_eq!(graph.nodes.iter().map(|node| &node.name[..]).collect::<Vec<_>>(), ["a/a/dirt", "a/trim"]);
    assert_eq!(graph.assets[0].location, Some(PathBuf::from("tape/assets/room.wav")));
    assert_eq!(graph.templates.len(), 1);
    assert_eq!(graph.templates[0].name, "house/tape@^1");
}

#[test]
fn a_preset_comes_first_and_the_fields_of_the_node_after_it() {
    let of = |used: &str, node: &str| {
        let world = World::of("mine", &[("main.ron", &main_of(used, node))]);
        let graph = loaded(&world.with(vec![("house/tape", tape())])).unwrap();
        (field(&graph, "a/a/dirt", "drive_db"), field(&graph, "a/trim", "gain_db"))
    };
    assert_eq!(of("house/tape", "a: tape"), (2.0, -1.0));
    assert_eq!(of("house/tape#hot", "a: tape"), (9.0, -3.0));
    assert_eq!(of("house/tape#hot", "a: tape(drive: 5)"), (5.0, -3.0));
    assert_eq!(of("house/tape", "a: tape(drive: 5)"), (5.0, -1.0));
}

#[test]
fn a_preset_that_is_not_there_is_shown_where_it_is_asked_for() {
    let world = World::of("mine", &[("main.ron", &main_of("house/tape#hto", "a: tape"))]);
    let said = loaded(&world.with(vec![("house/tape", tape())])).unwrap_err();
    insta::assert_snapshot!(said);
}

#[test]
fn a_name_that_is_not_locked_says_what_to_do() {
    let world = World::of("mine", &[("main.ron", &main_of("house/tape@^1", "a: tape"))]);
    let errors = load(&deadwax_nodes::registry(), &world, "main.ron", &Overrides::none()).unwrap_err();
    assert_eq!(errors.diagnostics[0].code, Code::NotLocked);
    insta::assert_snapshot!(render(&errors.diagnostics, &errors.sources, Style::Plain, 10));
}

/// The user's folder has a file of the very name that the template asks for, and the other way round.
#[test]
fn a_template_and_the_folder_of_the_graph_cannot_see_each_other() {
    let reaching = TAPE.replace("parts/stage.ron", "secret.ron");
    let world = World::of("mine", &[("main.ron", &main_of("house/tape", "a: tape")), ("secret.ron", STAGE)]);
    let template = World::of("tape", &[("graph.ron", &reaching)]);
    let said = loaded(&world.with(vec![("house/tape", template)])).unwrap_err();
    assert!(said.contains("tape/secret.ron cannot be read") && !said.contains("mine/secret.ron"), "{said}");
    for path in ["../secret.ron", "/secret.ron", "parts/../../secret.ron"] {
        let reaching = TAPE.replace("parts/stage.ron", path);
        let world =
            World::of("mine", &[("main.ron", &main_of("house/tape", "a: tape")), ("secret.ron", STAGE)]);
        let template = World::of("tape", &[("graph.ron", &reaching)]);
        let said = loaded(&world.with(vec![("house/tape", template)])).unwrap_err();
        assert!(said.contains("DW0506"), "{path}: {said}");
    }
    let world = World::of("mine", &[("main.ron", &main_of("parts/stage.ron", "a: tape"))]);
    let said = loaded(&world.with(vec![("house/tape", tape())])).unwrap_err();
    assert!(said.contains("mine/parts/stage.ron cannot be read"), "{said}");
}

#[test]
fn templates_inside_each_other_may_not_close_a_circle() {
    let a = TAPE.replace("parts/stage.ron", "house/b");
    let b = STAGE
        .replace("params:", "use: { back: \"house/a\" },\n    params:")
        .replace("Saturator(drive_db: 2)", "back");
    let world = World::of("mine", &[("main.ron", &main_of("house/a", "a: tape"))]);
    let templates = vec![
        ("house/a", World::of("a", &[("graph.ron", &a)])),
        ("house/b", World::of("b", &[("graph.ron", &b)])),
    ];
    let said = loaded(&world.with(templates)).unwrap_err();
    assert!(said.contains("DW0507") && said.contains("a/graph.ron -> b/graph.ron -> a/graph.ron"), "{said}");
}
