//! Sets a pass up: makes its rings and actors from the plan.

use crate::actor::{
    Actor, Cluster, Heard, Listen, ProgrammeLength, ReadSource, ReadSpool, Resampler, Stage, WriteSink,
    WriteSpool,
};
use crate::compile::Processor;
use crate::io::{Sink, Source};
use crate::plan::{Consumer, Edge, Plan, Producer, output_name};
use crate::ring::{Reader, Writer, ring};
use crate::spool::Spool;
use deadwax_node::learn::ProgrammeHash;
use deadwax_node::{Analyze, Body, Buffer};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// What a pass works with, beside the plan.
pub(super) struct Props<'a, 'b> {
    pub(super) source: &'a mut dyn Source,
    pub(super) sinks: &'a mut [&'b mut dyn Sink],
    pub(super) processors: &'a mut [Processor],
    pub(super) spools: &'a [Arc<Mutex<Spool>>],
    /// Who listens, and where it leaves what it heard.
    pub(super) listeners: Listeners,
    /// The length of every timeline: of the programme, and of what each node that cuts gives.
    pub(super) lengths: &'a [ProgrammeLength],
    /// Whether somebody wants to know which programme it is.
    pub(super) identify: bool,
}

/// Who listens to wires: nodes that hear the whole programme first, and goals.
pub(super) type Listeners = BTreeMap<Consumer, (Box<dyn Analyze>, Heard)>;

/// The actors of a pass, in topological order, and who lies next to whom.
pub(super) struct Cast<'a> {
    pub(super) actors: Vec<Box<dyn Actor + 'a>>,
    /// For every actor, those at the other ends of its rings.
    pub(super) neighbours: Vec<Vec<usize>>,
    /// The actor whose progress is the pass's.
    pub(super) clock: usize,
    /// Whether there are nodes that may split their work: those that learn, which are the heavy ones.
    pub(super) heavy: bool,
}

/// The rings of a pass, whose ends are handed out one by one.
struct Rings {
    writers: BTreeMap<Producer, (usize, Writer)>,
    readers: BTreeMap<Consumer, (usize, Reader)>,
}

impl Rings {
    fn new(edges: &[Edge], block: usize) -> Self {
        let (mut writers, mut readers) = (BTreeMap::new(), BTreeMap::new());
        for (number, edge) in edges.iter().enumerate() {
            let (writer, ends) = ring(edge.capacity, edge.format.channels(), block, edge.to.len());
            writers.insert(edge.from, (number, writer));
            readers.extend(edge.to.iter().copied().zip(ends).map(|(to, end)| (to, (number, end))));
        }
        Self { writers, readers }
    }
}

/// Makes the actors of pass `number`.
pub(super) fn set<'a>(plan: &'a Plan, number: usize, props: Props<'a, '_>) -> Cast<'a> {
    let pass = &plan.passes[number];
    let heavy = props.processors.iter().any(|node| node.learns);
    let mut build = Build {
        plan,
        rings: Rings::new(&pass.edges, plan.block),
        actors: Vec::new(),
        ends: vec![Vec::new(); pass.edges.len()],
        lengths: props.lengths,
        identify: props.identify,
    };
    build.sources(&pass.edges, props.source, props.spools);
    for cluster in &pass.clusters {
        build.cluster(cluster, props.processors);
    }
    let clock = build.actors.len();
    let mut sinks: Vec<Option<&'a mut dyn Sink>> =
        props.sinks.iter_mut().map(|sink| Some(&mut **sink as _)).collect();
    build.takers(&pass.edges, &mut sinks, props.spools, props.listeners);
    let mut neighbours = vec![Vec::new(); build.actors.len()];
    for ends in &build.ends {
        for one in ends {
            neighbours[*one].extend(ends.iter().filter(|other| *other != one));
        }
    }
    for list in &mut neighbours {
        list.sort_unstable();
        list.dedup();
    }
    Cast { clock: clock.min(build.actors.len().saturating_sub(1)), actors: build.actors, neighbours, heavy }
}

struct Build<'a> {
    plan: &'a Plan,
    rings: Rings,
    actors: Vec<Box<dyn Actor + 'a>>,
    /// For every ring, the actors at its ends.
    ends: Vec<Vec<usize>>,
    lengths: &'a [ProgrammeLength],
    identify: bool,
}

impl<'a> Build<'a> {
    fn writer(&mut self, producer: Producer) -> Option<Writer> {
        let (edge, writer) = self.rings.writers.remove(&producer)?;
        self.ends[edge].push(self.actors.len());
        Some(writer)
    }

    fn reader(&mut self, consumer: Consumer) -> Option<Reader> {
        let (edge, reader) = self.rings.readers.remove(&consumer)?;
        self.ends[edge].push(self.actors.len());
        Some(reader)
    }

    fn sources(&mut self, edges: &[Edge], source: &'a mut dyn Source, spools: &[Arc<Mutex<Spool>>]) {
        let mut source = Some(source);
        for edge in edges {
            let buffer = || Buffer::new(edge.format.channels(), self.plan.block);
            let rate_hz = edge.format.rate_hz;
            match edge.from {
                Producer::Node(..) => {}
                Producer::Input => {
                    let buffer = buffer();
                    let (Some(source), Some(output)) = (source.take(), self.writer(edge.from)) else {
                        continue;
                    };
                    let length = Arc::clone(&self.lengths[0]);
                    self.actors.push(Box::new(ReadSource {
                        source,
                        output,
                        buffer,
                        rate_hz,
                        length,
                        frames: 0,
                        hash: self.identify.then(|| ProgrammeHash::new(edge.format.channels())),
                    }));
                }
                Producer::Spool(index) => {
                    let buffer = buffer();
                    let Some(output) = self.writer(edge.from) else { continue };
                    let (spool, who) = (Arc::clone(&spools[index]), self.plan.spools[index].label.clone());
                    self.actors.push(Box::new(ReadSpool { spool, who, output, buffer, rate_hz, frames: 0 }));
                }
            }
        }
    }

    fn cluster(&mut self, cluster: &[usize], processors: &mut [Processor]) {
        let (Some(&head), Some(&last)) = (cluster.first(), cluster.last()) else { return };
        let wires = processors[head].wires.clone();
        let readers: Vec<Reader> = wires
            .iter()
            .filter_map(|(port, _, wire)| {
                self.reader(Consumer::Node { node: head, port: *port, wire: *wire })
            })
            .collect();
        let writers: Vec<Option<Writer>> =
            (0..processors[last].outputs.len()).map(|port| self.writer(Producer::Node(last, port))).collect();
        let rate_hz = processors[last].outputs.first().map_or(1, |format| format.rate_hz);
        let block = self.plan.block;
        if let Some(Body::Rate(_)) = &processors[head].body {
            let Some(Body::Rate(mut rate)) = processors[head].body.take() else { return };
            rate.reset();
            let Some(reader) = readers.into_iter().next() else { return };
            let channels = processors[head].outputs.first().map_or(0, |format| format.channels());
            let timeline = processors[head].timeline;
            let counted_at = match timeline.checked_sub(1) {
                None => self.plan.input.rate_hz,
                Some(node) => processors[node].outputs.first().map_or(1, |format| format.rate_hz),
            };
            let actor = Resampler::new(
                (head, self.name(head)),
                (rate, processors[head].latency),
                (reader, writers.into_iter().next().flatten()),
                (Arc::clone(&self.lengths[timeline]), (counted_at, rate_hz)),
                channels,
                block,
            );
            self.actors.push(Box::new(actor));
            return;
        }
        let stages: Vec<Stage> =
            cluster.iter().filter_map(|id| self.stage(*id, &mut processors[*id])).collect();
        if !stages.is_empty() {
            self.actors.push(Box::new(Cluster::new(stages, readers, writers, block, rate_hz)));
        }
    }

    fn stage(&self, id: usize, processor: &mut Processor) -> Option<Stage> {
        let mut stream = match processor.body.take() {
            Some(Body::Stream(stream)) => stream,
            other => {
                processor.body = other;
                processor.heard.take()?
            }
        };
        stream.reset();
        let skip = usize::from(processor.in_place);
        let ports: Vec<(usize, usize)> =
            processor.wires.iter().skip(skip).map(|(port, channels, _)| (*port, *channels)).collect();
        let how = (processor.in_place, processor.latency);
        let length = processor.cuts.then(|| Arc::clone(&self.lengths[1 + id]));
        let who = (id, self.name(id));
        Some(Stage::new(who, stream, how, length, &ports, &processor.outputs, self.plan.block))
    }

    fn name(&self, id: usize) -> String {
        self.plan.node(id).map(|node| node.name.clone()).unwrap_or_default()
    }

    fn takers(
        &mut self,
        edges: &[Edge],
        sinks: &mut [Option<&'a mut dyn Sink>],
        spools: &[Arc<Mutex<Spool>>],
        mut listeners: Listeners,
    ) {
        for edge in edges {
            let rate_hz = edge.format.rate_hz;
            for to in &edge.to {
                if matches!(to, Consumer::Node { .. }) {
                    continue;
                }
                let Some(reader) = self.reader(*to) else { continue };
                let actor = match *to {
                    Consumer::Node { .. } => continue,
                    Consumer::Output(index) => sinks.get_mut(index).and_then(Option::take).map(|sink| {
                        WriteSink::actor(sink, output_name(&self.plan.outputs[index].0), reader, rate_hz)
                    }),
                    Consumer::Spool(index) => {
                        let (spool, who) =
                            (Arc::clone(&spools[index]), self.plan.spools[index].label.clone());
                        Some(WriteSpool::actor(spool, who, reader, rate_hz) as Box<dyn Actor + 'a>)
                    }
                    Consumer::Goal(node) | Consumer::Listener(node) => {
                        listeners.remove(to).map(|(listener, heard)| {
                            Listen::actor(listener, heard, self.name(node), reader, rate_hz)
                                as Box<dyn Actor + 'a>
                        })
                    }
                };
                self.actors.extend(actor);
            }
        }
    }
}
