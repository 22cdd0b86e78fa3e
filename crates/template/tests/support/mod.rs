//! Sources of templates for tests: folders, git repositories and a web server on this machine.

#![allow(dead_code, unreachable_pub, reason = "shared by tests that each use a part of it")]

pub mod server;

use deadwax_template::{Index, Listed, Package, Version};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// A package of these files.
pub fn package(files: &[(&str, &[u8])]) -> Package {
    let files = files.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec()));
    Package::new(files.collect::<BTreeMap<_, _>>()).unwrap()
}

/// A package with one node, and what it uses.
pub fn small(name: &str, version: &str, used: &[&str]) -> Package {
    let uses: Vec<String> = used.iter().enumerate().map(|(at, used)| format!("u{at}: \"{used}\"")).collect();
    let nodes: Vec<String> = (0..used.len()).map(|at| format!("n{at}: u{at},")).collect();
    let chain: Vec<String> = (0..used.len()).map(|at| format!("n{at} -> ")).collect();
    let text = format!(
        "Graph(\n    format: 1,\n    about: (name: \"{name}\", version: \"{version}\"),\n    use: {{ {} }},\n    \
         nodes: {{ trim: Gain(gain_db: -1), {} }},\n    wires: [\"input -> {}trim -> output\"],\n)\n",
        uses.join(", "),
        nodes.join(" "),
        chain.concat(),
    );
    package(&[("graph.ron", text.as_bytes())])
}

/// What an index says of a package, whose archive lies at `archive`.
pub fn version(package: &Package, archive: &str) -> Version {
    let bytes = package.archive();
    Version {
        version: package.version().clone(),
        archive: archive.to_owned(),
        content: package.content_hash(),
        archive_sha256: Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect(),
        bytes: bytes.len() as u64,
        params: Vec::new(),
        presets: Vec::new(),
        kinds: vec!["Gain".into()],
        measured: None,
    }
}

/// Writes a source with these packages into `folder`.
pub fn publish(folder: &Path, packages: &[Package]) {
    std::fs::create_dir_all(folder.join("archives")).unwrap();
    let mut templates: BTreeMap<String, Listed> = BTreeMap::new();
    for package in packages {
        let about = package.about();
        let archive = format!("archives/{}-{}.dwx", about.name, package.version());
        std::fs::write(folder.join(&archive), package.archive()).unwrap();
        let listed = templates.entry(about.name.clone()).or_insert_with(|| Listed {
            name: about.name.clone(),
            title: about.title.clone(),
            description: about.description.clone(),
            license: about.license.clone(),
            tags: about.tags.clone(),
            versions: Vec::new(),
        });
        listed.versions.push(version(package, &archive));
    }
    let index = Index::new(templates.into_values().collect()).unwrap();
    std::fs::write(folder.join("index.json"), index.write()).unwrap();
}

/// Runs git in `folder`; `None` where there is none on this machine.
pub fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    command.args([
        "-c",
        "user.name=Test",
        "-c",
        "user.email=test@example.org",
        "-c",
        "init.defaultBranch=main",
    ]);
    command.args(["-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null"]);
    let output = command.args(arguments).current_dir(folder).output().ok()?;
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Makes a repository of a folder, or a commit of what has changed in it; `false` where there is no git.
pub fn commit(folder: &Path) -> bool {
    let made = folder.join(".git").exists() || git(folder, &["init", "--quiet"]).is_some();
    if made {
        git(folder, &["add", "--all"]);
        git(folder, &["commit", "--quiet", "--allow-empty", "-m", "templates"]);
    }
    made
}
