//! One version of each template: the highest that fits all who ask.

use deadwax_template::{
    Asker, ContentHash, Lock, Needs, Offers, Origin, Pin, ResolveError, Root, SourceError, TemplateName,
    Version, Wanted, resolve,
};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Versions of templates, and what each uses.
#[derive(Clone, Debug, Default)]
struct Shop(BTreeMap<TemplateName, Vec<(semver::Version, Vec<Wanted>)>>);

fn hash(version: &semver::Version, name: &TemplateName) -> ContentHash {
    ContentHash::of(&BTreeMap::from([(name.to_string(), version.to_string().into_bytes())]))
}

fn offered(name: &TemplateName, version: &semver::Version) -> Version {
    Version {
        version: version.clone(),
        archive: format!("{}-{version}.dwx", name.name()),
        content: hash(version, name),
        archive_sha256: String::new(),
        bytes: 0,
        params: Vec::new(),
        presets: Vec::new(),
        kinds: Vec::new(),
        measured: None,
    }
}

impl Shop {
    /// Lines as in `house/a 1.0.0: house/b@^1 house/c`.
    fn of(lines: &[&str]) -> Self {
        let mut shop = Self::default();
        for line in lines {
            let (template, needs) = line.split_once(':').unwrap();
            let (name, version) = template.split_once(' ').unwrap();
            let needs = needs.split_whitespace().map(|need| need.parse().unwrap()).collect();
            shop.0.entry(name.parse().unwrap()).or_default().push((version.parse().unwrap(), needs));
        }
        shop
    }
}

impl Offers for Shop {
    fn versions(&self, name: &TemplateName) -> Result<Vec<Version>, SourceError> {
        let found =
            self.0.get(name).ok_or_else(|| SourceError::NoTemplate { name: name.clone(), near: None })?;
        Ok(found.iter().map(|(version, _)| offered(name, version)).collect())
    }

    fn needs(&self, name: &TemplateName, version: &Version) -> Result<Needs, ResolveError> {
        let (_, wanted) = self.0[name].iter().find(|(known, _)| *known == version.version).unwrap();
        Ok(Needs { wanted: wanted.clone(), lock: None })
    }
}

fn roots(asked: &[&str]) -> Vec<Root> {
    asked.iter().map(|asked| Root { by: Asker::Person, wanted: asked.parse().unwrap() }).collect()
}

fn chosen(shop: &Shop, asked: &[&str], lock: &Lock) -> Result<Vec<String>, ResolveError> {
    let resolved = resolve(&roots(asked), lock, shop)?;
    Ok(resolved.iter().map(|(name, version)| format!("{name} {}", version.version)).collect())
}

fn locked(pins: &[(&str, &str)]) -> Lock {
    let pin = |(name, version): &(&str, &str)| {
        let (name, version): (TemplateName, semver::Version) =
            (name.parse().unwrap(), version.parse().unwrap());
        let content = hash(&version, &name);
        (name, Pin { version, asked: None, origin: Origin::Folder("/".into()), content })
    };
    Lock { pins: pins.iter().map(pin).collect() }
}

#[test]
fn the_highest_version_that_fits_everybody_is_taken() {
    let shop = Shop::of(&[
        "h/a 1.0.0:",
        "h/a 1.1.0: h/b@^1",
        "h/a 2.0.0: h/b@^2",
        "h/b 1.0.0:",
        "h/b 1.5.0:",
        "h/b 2.0.0:",
        "h/c 1.0.0: h/a@^1 h/b@~1.0",
    ]);
    let none = Lock::default();
    assert_eq!(chosen(&shop, &["h/a"], &none).unwrap(), ["h/a 2.0.0", "h/b 2.0.0"]);
    assert_eq!(chosen(&shop, &["h/a@^1"], &none).unwrap(), ["h/a 1.1.0", "h/b 1.5.0"]);
    // What a version asks for that is not taken in the end does not count.
    assert_eq!(chosen(&shop, &["h/a", "h/c"], &none).unwrap(), ["h/a 1.1.0", "h/b 1.0.0", "h/c 1.0.0"]);
}

#[test]
fn what_is_locked_stays_where_it_fits() {
    let shop = Shop::of(&["h/a 1.0.0:", "h/a 1.1.0:", "h/a 2.0.0:"]);
    let lock = locked(&[("h/a", "1.0.0")]);
    assert_eq!(chosen(&shop, &["h/a"], &lock).unwrap(), ["h/a 1.0.0"]);
    assert_eq!(chosen(&shop, &["h/a@>=1.1"], &lock).unwrap(), ["h/a 2.0.0"]);
}

#[test]
fn a_conflict_names_who_asks_for_what() {
    let shop = Shop::of(&["h/a 1.0.0: h/c@^1", "h/b 1.0.0: h/c@^2", "h/c 1.0.0:", "h/c 2.0.0:"]);
    let error = chosen(&shop, &["h/a", "h/b"], &Lock::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no version of h/c fits: h/a 1.0.0 asks for ^1, h/b 1.0.0 asks for ^2, and there are 2.0.0, 1.0.0"
    );
}

#[test]
fn a_version_with_other_bytes_than_it_had_is_refused() {
    let shop = Shop::of(&["h/a 1.0.0:", "h/a 1.1.0:"]);
    let mut lock = locked(&[("h/a", "1.0.0")]);
    let pin = lock.pins.values_mut().next().unwrap();
    pin.content = ContentHash::of(&BTreeMap::new());
    assert!(matches!(chosen(&shop, &["h/a"], &lock), Err(ResolveError::Moved { .. })));
    // Even where another would be taken.
    assert!(matches!(chosen(&shop, &["h/a@>=1.1"], &lock), Err(ResolveError::Moved { .. })));
}

#[test]
fn circles_and_depth_end() {
    let circle = Shop::of(&["h/a 1.0.0: h/b", "h/b 1.0.0: h/c", "h/c 1.0.0: h/b"]);
    let error = chosen(&circle, &["h/a"], &Lock::default()).unwrap_err();
    assert_eq!(error.to_string(), "these templates use each other in a circle: h/b -> h/c -> h/b");
    let deep = |depth: usize| {
        let lines: Vec<String> = (0..depth)
            .map(|at| match at + 1 < depth {
                true => format!("h/a{at} 1.0.0: h/a{}", at + 1),
                false => format!("h/a{at} 1.0.0:"),
            })
            .collect();
        chosen(&Shop::of(&lines.iter().map(String::as_str).collect::<Vec<_>>()), &["h/a0"], &Lock::default())
    };
    assert_eq!(deep(8).unwrap().len(), 8);
    assert!(matches!(deep(9), Err(ResolveError::TooDeep(_))));
    assert!(matches!(deep(40), Err(ResolveError::TooDeep(_))));
    // Every layer uses all of the next: many ways, few templates.
    let wide: Vec<String> = (0..7)
        .flat_map(|layer| {
            (0..8).map(move |at| {
                let next =
                    (0..8).map(|next| format!("h/l{}-{next}", layer + 1)).collect::<Vec<_>>().join(" ");
                format!("h/l{layer}-{at} 1.0.0: {}", if layer < 6 { next } else { String::new() })
            })
        })
        .collect();
    let wide = Shop::of(&wide.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(chosen(&wide, &["h/l0-0"], &Lock::default()).unwrap().len(), 1 + 6 * 8);
}

#[test]
fn a_choice_that_would_take_itself_back_ends_in_an_error() {
    let shop = Shop::of(&["h/a 1.0.0:", "h/a 2.0.0: h/b", "h/b 1.0.0: h/a@^1"]);
    // a 2 needs b, which refuses a 2; without a 2 there is no b.
    let error = chosen(&shop, &["h/a"], &Lock::default()).unwrap_err();
    assert!(matches!(error, ResolveError::Circle(_)), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Against every choice that there is: what is chosen fits everybody, and no template could be higher alone.
    #[test]
    fn what_is_chosen_fits_everybody_and_nothing_could_be_higher(
        needs in prop::collection::vec(prop::collection::vec((0..4_usize, 0..4_usize), 0..3), 12),
        asked in prop::collection::vec((0..4_usize, 0..4_usize), 1..4),
    ) {
        const ASKS: [&str; 4] = ["*", "^1", "^2", ">=1.1"];
        let mut lines = Vec::new();
        for (at, needs) in needs.iter().enumerate() {
            let (layer, version) = (at / 3, ["1.0.0", "1.1.0", "2.0.0"][at % 3]);
            let needs = needs.iter().filter(|(to, _)| *to > layer);
            let needs: Vec<String> = needs.map(|(to, ask)| format!("h/t{to}@{}", ASKS[*ask])).collect();
            lines.push(format!("h/t{layer} {version}: {}", needs.join(" ")));
        }
        let shop = Shop::of(&lines.iter().map(String::as_str).collect::<Vec<_>>());
        let asked: Vec<String> = asked.iter().map(|(to, ask)| format!("h/t{to}@{}", ASKS[*ask])).collect();
        let roots = roots(&asked.iter().map(String::as_str).collect::<Vec<_>>());
        let Ok(resolved) = resolve(&roots, &Lock::default(), &shop) else { return Ok(()) };
        let mut all: Vec<Wanted> = roots.into_iter().map(|root| root.wanted).collect();
        for (name, version) in &resolved {
            all.extend(shop.needs(name, version).unwrap().wanted);
        }
        for wanted in &all {
            prop_assert!(wanted.fits(&resolved[&wanted.name].version), "{wanted}");
        }
        for (name, version) in &resolved {
            prop_assert!(all.iter().any(|wanted| wanted.name == *name), "nobody asks for {name}");
            for other in shop.versions(name).unwrap().iter().filter(|other| other.version > version.version) {
                let fits = all.iter().filter(|wanted| wanted.name == *name).all(|wanted| wanted.fits(&other.version));
                prop_assert!(!fits, "{name} {} is higher", other.version);
            }
        }
    }
}
