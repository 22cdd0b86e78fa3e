//! A naive interpreter to hold the engine against.

use super::Channelled;
use deadwax_graph::model::{From, Graph, Node as Placed, NodeId, To};
use deadwax_node::{Body, Buffer, Format, Io, Rate, Setup, SideInput};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The naive interpreter: every node once, over the whole programme; latency is silence behind and a cut in front. Knows
/// nothing of blocks, rings, passes or clusters. Goals are not interpreted.
pub fn interpret(graph: &Graph, input: &Channelled, format: Format) -> Channelled {
    let programme = input[0].len();
    let mut done: BTreeMap<(usize, usize), (Channelled, Format)> = BTreeMap::new();
    let mut left: Vec<usize> = (0..graph.nodes.len()).collect();
    while !left.is_empty() {
        let ready = |id: &usize| {
            graph.wires.iter().all(|wire| match (wire.from, wire.to) {
                (From::Node(from, port), To::Node(to, _)) if to.0 == *id => {
                    done.contains_key(&(from.0, port))
                }
                _ => true,
            })
        };
        let at = left.iter().position(ready).expect("no loops");
        let id = left.remove(at);
        let fetch = |from: From| match from {
            From::Input(_) => (input.clone(), format),
            From::Node(node, port) => done[&(node.0, port)].clone(),
        };
        let ports = graph.nodes[id].node.ports();
        let wires = (0..ports.inputs.len()).flat_map(|port| {
            let here = graph.wires.iter().filter(move |wire| wire.to == To::Node(NodeId(id), port));
            here.map(move |wire| (port, wire.from))
        });
        let wires: Vec<(usize, Channelled, Format)> =
            wires.map(|(port, from)| (port, fetch(from))).map(|(p, (x, f))| (p, x, f)).collect();
        for (port, made) in
            run_node(&graph.nodes[id], &wires, (programme, format.rate_hz)).into_iter().enumerate()
        {
            done.insert((id, port), made);
        }
    }
    let wire = graph.wires.iter().find(|wire| wire.to == To::Output(0)).expect("an output");
    match wire.from {
        From::Input(_) => input.clone(),
        From::Node(node, port) => done[&(node.0, port)].0.clone(),
    }
}

fn run_node(
    placed: &Placed,
    wires: &[(usize, Channelled, Format)],
    (programme, programme_hz): (usize, u32),
) -> Vec<(Channelled, Format)> {
    let node = &*placed.node;
    let ports = node.ports();
    let main = wires[0].2;
    let rate_hz = node.output_rate(main.rate_hz).unwrap();
    let outputs: Vec<Format> =
        ports.outputs.iter().map(|p| Format::new(rate_hz, p.layout(main.layout))).collect();
    let mut inputs = vec![None; ports.inputs.len()];
    let mut counts = vec![0; ports.inputs.len()];
    for (port, _, format) in wires {
        inputs[*port] = Some(*format);
        counts[*port] += 1;
    }
    // FNV-1a of the name, as documented for seeds.
    let seed = placed
        .name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    let frames = wires[0].1[0].len();
    let setup = Setup {
        inputs,
        wires: counts,
        outputs: outputs.clone(),
        seed,
        max_frames: frames + 5_000,
        portable: false,
        assets: BTreeMap::new(),
        lesson: None,
        workers: 1,
    };
    let prepared = node.prepare(&setup).unwrap();
    let late = prepared.latency as usize;
    let mut stream = match prepared.body {
        Body::Stream(stream) => stream,
        Body::Whole(mut whole) => {
            let mut listener = whole.listener();
            listener.hear(0, Buffer::from_channels(&wires[0].1).block(frames)).unwrap();
            whole.stream(&listener.finish().unwrap()).unwrap()
        }
        Body::Rate(mut rate) => {
            let total = (programme * rate_hz as usize).div_ceil(programme_hz as usize);
            return vec![(run_rate(&mut *rate, &wires[0].1, late, total), outputs[0])];
        }
    };
    let padded = |x: &Channelled| {
        let longer: Channelled =
            x.iter().map(|c| c.iter().copied().chain(std::iter::repeat_n(0.0, late)).collect()).collect();
        Buffer::from_channels(&longer)
    };
    let skip = usize::from(ports.in_place());
    let side: Vec<SideInput> = wires
        .iter()
        .skip(skip)
        .map(|(port, x, _)| SideInput { port: *port, buffer: Arc::new(padded(x)) })
        .collect();
    let mut made: Vec<Buffer> = outputs.iter().map(|f| Buffer::new(f.channels(), frames + late)).collect();
    if skip == 1 {
        made[0] = padded(&wires[0].1);
    }
    stream.process(&mut Io::new(0, frames + late, &side, &mut made)).unwrap();
    let cut = |b: &Buffer| b.block(frames + late).iter().map(|c| c[late..].to_vec()).collect::<Channelled>();
    made.iter().map(cut).zip(outputs).collect()
}

fn run_rate(rate: &mut dyn Rate, input: &Channelled, late: usize, total: usize) -> Channelled {
    let (frames_in, frames_out) = rate.chunk();
    let mut made: Channelled = vec![Vec::new(); input.len()];
    let mut at = 0;
    while made[0].len() < total + late {
        let chunk: Channelled = input
            .iter()
            .map(|c| (at..at + frames_in).map(|n| c.get(n).copied().unwrap_or(0.0)).collect())
            .collect();
        let mut output = Buffer::new(input.len(), frames_out);
        rate.process(Buffer::from_channels(&chunk).block(frames_in), &mut output.block_mut(frames_out))
            .unwrap();
        for (made, channel) in made.iter_mut().zip(output.block(frames_out).iter()) {
            made.extend_from_slice(channel);
        }
        at += frames_in;
    }
    made.into_iter().map(|c| c[late..late + total].to_vec()).collect()
}
