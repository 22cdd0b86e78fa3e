//! Differences between wires, less those that follow from parts that are new, gone or moved.

use super::change::{Change, Section, What};
use super::units::{Matched, Unit, head};
use super::wiring::{End, Wiring};
use std::collections::HashSet;

/// The most ports that hear something else for which it is looked whether parts have just moved.
const MOST: usize = 64;

pub(super) fn changes(matched: &Matched<'_>) -> Vec<Change> {
    let (before, after) = (&matched.before, &matched.after);
    let mut left = (before.wiring.clone(), after.wiring.clone());
    let names = |nodes: &Unit<'_>| nodes.iter().map(|node| node.name.clone()).collect::<Vec<_>>();
    let take_out = |wiring: &mut Wiring, nodes: Option<&Unit<'_>>| {
        if let Some(without) = nodes.and_then(|nodes| wiring.without(&names(nodes))) {
            *wiring = without;
        }
    };
    let bypassed =
        |wanted: bool| matched.switched.iter().filter(move |(_, off)| *off == wanted).map(|(unit, _)| unit);
    matched.gone.iter().chain(bypassed(true)).for_each(|unit| take_out(&mut left.0, before.units.get(unit)));
    matched.new.iter().chain(bypassed(false)).for_each(|unit| take_out(&mut left.1, after.units.get(unit)));
    let mut all = moves(matched, &mut left);
    all.extend(rewired(matched, &left));
    all
}

/// Ports that hear something else in both, in order.
fn differing(before: &Wiring, after: &Wiring) -> Vec<End> {
    let gone = before.ports.keys().filter(|port| !after.ports.contains_key(*port));
    after
        .ports
        .keys()
        .chain(gone)
        .filter(|port| before.ports.get(*port) != after.ports.get(*port))
        .cloned()
        .collect()
}

/// Parts that moved: without them, more ports hear the same than their own.
fn moves(matched: &Matched<'_>, left: &mut (Wiring, Wiring)) -> Vec<Change> {
    let mut all = Vec::new();
    loop {
        let now = differing(&left.0, &left.1);
        if now.len() > MOST {
            return all;
        }
        let mut tried = HashSet::new();
        let mut best: Option<(usize, String, (Wiring, Wiring))> = None;
        for unit in now.iter().map(|port| head(&port.node)).filter(|unit| tried.insert(unit.to_string())) {
            let Some(nodes) = matched.after.units.get(unit) else { continue };
            let names: Vec<String> = nodes.iter().map(|node| node.name.clone()).collect();
            let (Some(before), Some(after)) = (left.0.without(&names), left.1.without(&names)) else {
                continue;
            };
            let count = differing(&before, &after).len();
            if count + 1 < now.len() && best.as_ref().is_none_or(|(least, ..)| count < *least) {
                best = Some((count, unit.to_owned(), (before, after)));
            }
        }
        let Some((_, unit, without)) = best else { return all };
        *left = without;
        let place =
            |wiring: &Wiring| wiring.places(std::slice::from_ref(&unit)).remove(&unit).unwrap_or_default();
        let what = What::Moved { from: place(&matched.before.wiring), to: place(&matched.after.wiring) };
        all.push(Change::new(Section::Node, &unit, what));
    }
}

/// What else hears something else.
fn rewired(matched: &Matched<'_>, left: &(Wiring, Wiring)) -> Vec<Change> {
    let heard = |wiring: &Wiring, port: &End| -> Vec<String> {
        wiring
            .ports
            .get(port)
            .into_iter()
            .flatten()
            .map(|end| if head(&end.node) == head(&port.node) { end.to_string() } else { end.seen_outside() })
            .collect()
    };
    let mut all = Vec::new();
    for port in differing(&left.0, &left.1) {
        let unit = head(&port.node).to_owned();
        // Where a part stands that is new or gone is said with it.
        let own = matched.new.contains(&unit) || matched.gone.contains(&unit);
        if own && (port.port.is_none() || port.node.contains('/') || matched.gone.contains(&unit)) {
            continue;
        }
        let (before, after) = (heard(&matched.before.wiring, &port), heard(&matched.after.wiring, &port));
        if before == after {
            continue;
        }
        let sorted = |names: &[String]| {
            let mut names = names.to_vec();
            names.sort();
            names
        };
        let same = sorted(&before) == sorted(&after);
        let what = if same { What::Order { after } } else { What::Hears { before, after } };
        all.push(Change::new(Section::Wire, port.to_string(), what));
    }
    all
}
