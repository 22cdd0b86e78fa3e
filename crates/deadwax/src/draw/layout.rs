//! Where boxes stand: layers from left to right by longest path, and in every layer an order that crosses few lines
//! (Sugiyama's method: barycentres, swept back and forth).

use super::Picture;

/// Sweeps over the layers; more change nothing on graphs of this size.
const SWEEPS: usize = 12;

/// A place in the layout: a box, or a line on its way past a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Item(usize),
    /// The link with this number passes here.
    Pass(usize),
}

/// Layers from left to right, each from top to bottom.
pub(super) struct Layout {
    pub(super) layers: Vec<Vec<Place>>,
    /// The layer of every item.
    pub(super) layer_of: Vec<usize>,
}

/// Lays a picture out. O(sweeps · (boxes + lines) · log boxes).
pub(super) fn lay_out(picture: &Picture) -> Layout {
    let layer_of = layers_by_longest_path(picture);
    let count = layer_of.iter().max().map_or(0, |last| last + 1);
    let mut layers: Vec<Vec<Place>> = vec![Vec::new(); count];
    for (item, layer) in layer_of.iter().enumerate() {
        layers[*layer].push(Place::Item(item));
    }
    for (number, link) in picture.links.iter().enumerate() {
        for layer in &mut layers[layer_of[link.from] + 1..layer_of[link.to].max(layer_of[link.from] + 1)] {
            layer.push(Place::Pass(number));
        }
    }
    let mut layout = Layout { layers, layer_of };
    for sweep in 0..SWEEPS {
        let forward = sweep % 2 == 0;
        for step in 1..count {
            let layer = if forward { step } else { count - 1 - step };
            order_layer(picture, &mut layout, layer, forward);
        }
    }
    layout
}

fn layers_by_longest_path(picture: &Picture) -> Vec<usize> {
    let count = picture.items.len();
    let mut layer = vec![0; count];
    // Lines run one way, so after as many rounds as there are boxes nothing moves any more.
    for _ in 0..count {
        let mut moved = false;
        for link in &picture.links {
            if layer[link.to] < layer[link.from] + 1 {
                layer[link.to] = layer[link.from] + 1;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    layer
}

/// Orders one layer by the mean place of what its members are connected to in the layer before (or behind).
fn order_layer(picture: &Picture, layout: &mut Layout, layer: usize, forward: bool) {
    let beside = if forward { layer.checked_sub(1) } else { Some(layer + 1) };
    let Some(beside) = beside.and_then(|beside| layout.layers.get(beside)) else { return };
    let place_of = |place: Place| beside.iter().position(|other| *other == place).map(|at| at as f64);
    let neighbour = |number: usize| {
        let link = &picture.links[number];
        let end = if forward { link.from } else { link.to };
        place_of(Place::Pass(number)).or_else(|| place_of(Place::Item(end)))
    };
    let weight = |at: usize, place: Place| {
        let found: Vec<f64> = match place {
            Place::Pass(number) => neighbour(number).into_iter().collect(),
            Place::Item(item) => {
                let ends_here =
                    |link: &super::Link| if forward { link.to == item } else { link.from == item };
                let numbers = (0..picture.links.len()).filter(|number| ends_here(&picture.links[*number]));
                // Ports lie one below the other: the first of several lines a little higher.
                numbers
                    .enumerate()
                    .filter_map(|(port, number)| Some(neighbour(number)? + port as f64 * 0.01))
                    .collect()
            }
        };
        if found.is_empty() { at as f64 } else { found.iter().sum::<f64>() / found.len() as f64 }
    };
    let mut weighed: Vec<(f64, usize, Place)> =
        layout.layers[layer].iter().enumerate().map(|(at, place)| (weight(at, *place), at, *place)).collect();
    weighed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    layout.layers[layer] = weighed.into_iter().map(|(_, _, place)| place).collect();
}
