//! Runs a plan: pass after pass, and again where a goal at the output asks for it.

mod error;
mod execute;
mod stage;

pub use error::{RunError, Time};

use crate::actor::{Heard, ProgrammeLength, Shelf, lock};
use crate::compile::{Compiled, Processor};
use crate::io::{Sink, Source};
use crate::plan::{Consumer, Plan};
use crate::spool::{Budget, Spool};
use deadwax_node::learn::Programme;
use deadwax_node::{Body, Goal, NodeError, Report, Step};
use execute::Watch;
use stage::{Listeners, Props};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// More rounds than any sensible goal takes.
const MOST_ROUNDS: usize = 32;

/// How to run.
pub struct RunOptions<'a> {
    /// Bytes that wires kept between passes may take in memory; what is beyond goes to a temporary file.
    pub spool_memory: u64,
    /// Bytes that wires kept between passes may take at all.
    pub spool_limit: u64,
    /// Set by anyone to stop the run.
    pub cancel: &'a AtomicBool,
    /// Told how far the run has come; called often, from any worker.
    pub progress: &'a (dyn Fn(Progress) + Sync),
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// The pass, from 1.
    pub pass: usize,
    /// How many passes there are. A goal may have some of them run again.
    pub passes: usize,
    /// How many times the stretch to a goal has been run, this time included; 1 at first.
    pub round: usize,
    /// Seconds of the programme that are through this pass.
    pub seconds: f64,
}

/// What a finished run tells.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Frames of the programme.
    pub frames: u64,
    /// How many passes were run in all.
    pub passes_run: usize,
    /// What nodes had to tell, by name, in the order they ran.
    pub reports: Vec<(String, Report)>,
    /// What nodes learnt, by name: texts of files that a graph may name in `learned`.
    pub lessons: Vec<(String, String)>,
    /// What came of the goals, by the node's name.
    pub goals: Vec<(String, Report)>,
    /// Bytes that went to temporary files.
    pub spooled_bytes: u64,
}

/// Runs `compiled` from `source` to `sinks` (one for each of the plan's outputs, in order).
///
/// # Errors
/// The first thing that went wrong. No sink is complete then.
pub fn run(
    compiled: &mut Compiled,
    source: &mut dyn Source,
    sinks: &mut [&mut dyn Sink],
    options: &RunOptions<'_>,
) -> Result<Outcome, RunError> {
    if sinks.len() != compiled.plan.outputs.len() {
        return Err(RunError::Sinks { outputs: compiled.plan.outputs.len(), sinks: sinks.len() });
    }
    if let Some(frames) = source.frames() {
        let (needed, allowed) = (compiled.plan.spool_bytes(frames), options.spool_limit);
        if needed > allowed {
            return Err(RunError::SpoolLimit { needed, allowed });
        }
    }
    let pool = match compiled.workers {
        1 => None,
        workers => {
            Some(rayon::ThreadPoolBuilder::new().num_threads(workers).build().map_err(RunError::Threads)?)
        }
    };
    let budget = Budget::new(options.spool_memory);
    let spools = compiled.plan.spools.iter().map(|spool| Spool::new(spool.format, Arc::clone(&budget)));
    let lengths = (0..=compiled.nodes.len()).map(|_| ProgrammeLength::default()).collect();
    let mut show = Show {
        plan: &compiled.plan,
        processors: &mut compiled.nodes,
        spools: spools.map(|spool| Arc::new(Mutex::new(spool))).collect(),
        lengths,
        goals: BTreeMap::new(),
        programme: None,
        outcome: Outcome::default(),
        pool,
        round: 1,
    };
    show.play(source, sinks, options)?;
    Ok(show.finish())
}

/// A run under way.
struct Show<'a> {
    plan: &'a Plan,
    processors: &'a mut [Processor],
    spools: Vec<Arc<Mutex<Spool>>>,
    /// Of the programme, and of what each node that cuts gives.
    lengths: Vec<ProgrammeLength>,
    /// Goals not yet reached or given up, by node.
    goals: BTreeMap<usize, Box<dyn Goal>>,
    /// Which programme it is, where a node learns.
    programme: Option<Programme>,
    outcome: Outcome,
    pool: Option<rayon::ThreadPool>,
    round: usize,
}

impl Show<'_> {
    fn play(
        &mut self,
        source: &mut dyn Source,
        sinks: &mut [&mut dyn Sink],
        options: &RunOptions<'_>,
    ) -> Result<(), RunError> {
        let mut pass = 0;
        while pass < self.plan.passes.len() {
            let heard = self.pass(pass, source, sinks, options)?;
            self.outcome.passes_run += 1;
            pass = self.conclude(heard)?.unwrap_or(pass + 1);
        }
        self.outcome.frames = self.lengths[0].load(Ordering::Acquire);
        Ok(())
    }

    /// Runs one pass; gives back what was heard in it.
    fn pass(
        &mut self,
        number: usize,
        source: &mut dyn Source,
        sinks: &mut [&mut dyn Sink],
        options: &RunOptions<'_>,
    ) -> Result<BTreeMap<Consumer, Heard>, RunError> {
        let at = Time { frame: 0, rate_hz: self.plan.input.rate_hz };
        source.rewind().map_err(|cause| RunError::Source { at, cause })?;
        self.rewind_spools(number)?;
        for (output, (name, format)) in self.plan.outputs.iter().enumerate() {
            let here =
                self.plan.passes[number].edges.iter().any(|edge| edge.to.contains(&Consumer::Output(output)));
            if here {
                let output_error = |cause| RunError::Sink { output: name.clone(), at, cause };
                sinks[output].start(*format).map_err(output_error)?;
            }
        }
        let listeners = self.listeners(number);
        let heard = listeners.iter().map(|(who, (_, heard))| (*who, Arc::clone(heard))).collect();
        // The first pass always reads the programme to its end.
        let identify =
            number == 0 && self.programme.is_none() && self.processors.iter().any(|node| node.learns);
        let props = Props {
            source,
            sinks,
            processors: &mut *self.processors,
            spools: &self.spools,
            listeners,
            lengths: &self.lengths,
            identify,
        };
        let cast = stage::set(self.plan, number, props);
        let (passes, round) = (self.plan.passes.len(), self.round);
        let progress = |nanos: u64| {
            (options.progress)(Progress { pass: number + 1, passes, round, seconds: nanos as f64 / 1e9 });
        };
        let watch = Watch { cancel: options.cancel, progress: &progress };
        let shelf = match &self.pool {
            None => execute::serial(cast, &watch)?,
            Some(pool) => execute::parallel(cast, pool, &watch)?,
        };
        if let Some(programme) = &shelf.programme {
            self.programme = Some(programme.clone());
        }
        put_back(self.processors, shelf);
        Ok(heard)
    }

    fn rewind_spools(&mut self, pass: usize) -> Result<(), RunError> {
        for (spool, plan) in self.spools.iter().zip(&self.plan.spools) {
            let mut spool = lock(spool);
            if plan.written_in == pass {
                spool.clear();
            } else if plan.written_in < pass {
                spool.rewind().map_err(|cause| RunError::Spool { wire: plan.label.clone(), cause })?;
            }
        }
        Ok(())
    }

    /// Who listens in this pass.
    fn listeners(&mut self, pass: usize) -> Listeners {
        let mut listeners = Listeners::new();
        for edge in &self.plan.passes[pass].edges {
            for consumer in &edge.to {
                let listener = match consumer {
                    Consumer::Listener(node) => match &self.processors[*node].body {
                        Some(Body::Whole(whole)) => whole.listener(),
                        _ => continue,
                    },
                    Consumer::Goal(node) => match (self.goals.get(node), &self.processors[*node].body) {
                        (Some(goal), _) => goal.listener(edge.format),
                        (None, Some(Body::Whole(whole))) => match whole.goal() {
                            Some(goal) => self.goals.entry(*node).or_insert(goal).listener(edge.format),
                            None => continue,
                        },
                        _ => continue,
                    },
                    _ => continue,
                };
                listeners.insert(*consumer, (listener, Heard::default()));
            }
        }
        listeners
    }

    /// Hands what was heard to who waits for it; gives back the pass to go on with, if it is not the next.
    fn conclude(&mut self, heard: BTreeMap<Consumer, Heard>) -> Result<Option<usize>, RunError> {
        let mut again: Option<usize> = None;
        for (who, heard) in heard {
            let Some(report) = lock(&heard).take() else { continue };
            match who {
                Consumer::Listener(node) => self.tell(node, &report)?,
                Consumer::Goal(node) if self.check(node, &report)? => {
                    let pass = self.plan.node(node).map_or(0, |node| node.pass);
                    again = Some(again.map_or(pass, |earliest| earliest.min(pass)));
                }
                _ => {}
            }
        }
        if again.is_some() {
            self.round += 1;
        }
        Ok(again)
    }

    fn tell(&mut self, node: usize, report: &Report) -> Result<(), RunError> {
        if let Some(Body::Whole(whole)) = &mut self.processors[node].body {
            let known = self.programme.as_ref().map_or(Ok(()), |programme| whole.programme(programme));
            let stream = known.and_then(|()| whole.stream(report));
            self.processors[node].heard = Some(stream.map_err(|error| self.node_error(node, error))?);
        }
        Ok(())
    }

    /// Asks a goal whether it is content. `true`: the stretch must run again.
    fn check(&mut self, node: usize, report: &Report) -> Result<bool, RunError> {
        let Some(goal) = self.goals.get_mut(&node) else { return Ok(false) };
        let step = goal.next(report).map_err(|error| self.node_error(node, error))?;
        let name = self.plan.node(node).map(|node| node.name.clone()).unwrap_or_default();
        match step {
            Step::Done(report) => {
                self.outcome.goals.retain(|(known, _)| *known != name);
                self.outcome.goals.push((name, report));
                Ok(false)
            }
            Step::Again(_) if self.round >= MOST_ROUNDS => Err(RunError::Endless { node: name }),
            Step::Again(stream) => {
                self.processors[node].heard = Some(stream);
                Ok(true)
            }
        }
    }

    fn node_error(&self, node: usize, error: NodeError) -> RunError {
        let node = self.plan.node(node).map(|node| node.name.clone()).unwrap_or_default();
        let at = Time { frame: self.lengths[0].load(Ordering::Acquire), rate_hz: self.plan.input.rate_hz };
        RunError::Node { node, at, error }
    }

    fn finish(mut self) -> Outcome {
        for node in &self.plan.nodes {
            let processor = &self.processors[node.id];
            let stream = match (&processor.body, &processor.heard) {
                (Some(Body::Stream(stream)), _) | (_, Some(stream)) => stream,
                _ => continue,
            };
            self.outcome.reports.extend(stream.report().map(|report| (node.name.clone(), report)));
            let lesson = stream.lesson().map(|lesson| (node.name.clone(), lesson.to_owned()));
            self.outcome.lessons.extend(lesson);
        }
        self.outcome.spooled_bytes = self.spools.iter().map(|spool| lock(spool).bytes_in_file()).sum();
        self.outcome
    }
}

/// Gives the processors their bodies back.
fn put_back(processors: &mut [Processor], shelf: Shelf) {
    for (node, stream) in shelf.streams {
        let processor = &mut processors[node];
        match processor.body {
            None => processor.body = Some(Body::Stream(stream)),
            Some(_) => processor.heard = Some(stream),
        }
    }
    for (node, rate) in shelf.rates {
        processors[node].body = Some(Body::Rate(rate));
    }
}
