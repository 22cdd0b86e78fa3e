//! Two executors for the same actors: one after the other, and side by side.

use super::error::{RunError, Time};
use super::stage::Cast;
use crate::actor::{Actor, Shelf, Stepped, lock};
use std::collections::BinaryHeap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Barrier, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What an executor tells and asks while it runs.
pub(super) struct Watch<'a> {
    pub(super) cancel: &'a AtomicBool,
    /// Told how far, in nanoseconds of the programme, the pass has come.
    pub(super) progress: &'a (dyn Fn(u64) + Sync),
}

/// Steps an actor; a panic becomes an error that names the node.
fn step(actor: &mut (dyn Actor + '_)) -> Result<Stepped, RunError> {
    match catch_unwind(AssertUnwindSafe(|| actor.step())) {
        Ok(Ok(stepped)) => Ok(stepped),
        Ok(Err(failure)) => Err(failure.into()),
        Err(payload) => {
            let message = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let message = message.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default();
            let (node, frame, rate_hz) = actor.place();
            Err(RunError::Panic { node: node.to_owned(), at: Time { frame, rate_hz }, message })
        }
    }
}

/// The oracle: every actor in turn, in topological order, until all have finished.
pub(super) fn serial(mut cast: Cast<'_>, watch: &Watch<'_>) -> Result<Shelf, RunError> {
    let mut finished = vec![false; cast.actors.len()];
    loop {
        let (mut moved, mut all) = (false, true);
        for (number, actor) in cast.actors.iter_mut().enumerate() {
            if finished[number] {
                continue;
            }
            if watch.cancel.load(Ordering::Relaxed) {
                return Err(RunError::Interrupted);
            }
            match step(&mut **actor)? {
                Stepped::Worked => moved = true,
                Stepped::Blocked => {}
                Stepped::Finished => (finished[number], moved) = (true, true),
            }
            all &= finished[number];
        }
        (watch.progress)(cast.actors[cast.clock].progress());
        if all {
            return Ok(shelve(cast.actors));
        }
        if !moved {
            return Err(RunError::Stalled { state: fills(cast.actors.iter().map(|actor| Some(&**actor))) });
        }
    }
}

fn shelve<'a>(actors: impl IntoIterator<Item = Box<dyn Actor + 'a>>) -> Shelf {
    let mut shelf = Shelf::default();
    actors.into_iter().for_each(|actor| actor.shelve(&mut shelf));
    shelf
}

fn fills<'a, 'b: 'a>(actors: impl Iterator<Item = Option<&'a (dyn Actor + 'b)>>) -> String {
    let each = actors.flatten().map(|actor| format!("{} {:?}", actor.place().0, actor.fills()));
    each.collect::<Vec<_>>().join(", ")
}

/// Where an actor stands with the scheduler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Blocked; a neighbour that moves wakes it.
    Idle,
    /// In the queue.
    Queued,
    /// At work; the flag says that a neighbour has moved meanwhile.
    Running(bool),
    Finished,
}

/// An actor that can be stepped: what lags most goes first, and of two the one nearer to the end.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Turn(std::cmp::Reverse<u64>, usize);

/// All that the workers share, under one lock that is held for moves only.
struct Board<'a> {
    actors: Vec<Option<Box<dyn Actor + 'a>>>,
    states: Vec<State>,
    queue: BinaryHeap<Turn>,
    /// Whether there are nodes that split their work.
    heavy: bool,
    running: usize,
    unfinished: usize,
    error: Option<RunError>,
    stop: bool,
}

impl Board<'_> {
    fn wake(&mut self, actor: usize) {
        match &mut self.states[actor] {
            state @ State::Idle => {
                *state = State::Queued;
                let progress = self.actors[actor].as_ref().map_or(0, |actor| actor.progress());
                self.queue.push(Turn(std::cmp::Reverse(progress), actor));
            }
            State::Running(again) => *again = true,
            State::Queued | State::Finished => {}
        }
    }

    fn fail(&mut self, error: RunError) {
        self.error.get_or_insert(error);
        self.stop = true;
    }

    /// Notes what a step came to, and wakes who may go on because of it.
    fn settle(&mut self, number: usize, stepped: Stepped, neighbours: &[usize]) {
        let again = self.states[number] == State::Running(true);
        self.states[number] = State::Idle;
        match stepped {
            Stepped::Worked => self.wake(number),
            Stepped::Blocked if again => self.wake(number),
            Stepped::Blocked => {}
            Stepped::Finished => {
                self.states[number] = State::Finished;
                self.unfinished -= 1;
            }
        }
        if stepped != Stepped::Blocked {
            neighbours.iter().for_each(|neighbour| self.wake(*neighbour));
        }
        if self.unfinished == 0 {
            self.stop = true;
        } else if self.running == 0 && self.queue.is_empty() && !self.stop {
            let state = fills(self.actors.iter().map(|actor| actor.as_deref()));
            self.fail(RunError::Stalled { state });
        }
    }
}

/// The same plan on the workers of `pool`.
pub(super) fn parallel(
    cast: Cast<'_>,
    pool: &rayon::ThreadPool,
    watch: &Watch<'_>,
) -> Result<Shelf, RunError> {
    let count = cast.actors.len();
    let mut board = Board {
        actors: cast.actors.into_iter().map(Some).collect(),
        states: vec![State::Idle; count],
        queue: BinaryHeap::with_capacity(count + 1),
        heavy: cast.heavy,
        running: 0,
        unfinished: count,
        error: None,
        stop: count == 0,
    };
    (0..count).for_each(|actor| board.wake(actor));
    let board = Mutex::new(board);
    let bell = Condvar::new();
    // A node that splits its work waits for the parts, and takes whatever the pool has to do meanwhile. That must not be
    // another worker, which comes back only at the end: all have begun before the first takes a turn.
    let all_here = Barrier::new(pool.current_num_threads());
    pool.in_place_scope(|scope| {
        for _ in 0..pool.current_num_threads() {
            scope.spawn(|_| {
                all_here.wait();
                work(&board, &bell, &cast.neighbours, cast.clock, watch);
            });
        }
    });
    let board = board.into_inner().unwrap_or_else(PoisonError::into_inner);
    match board.error {
        Some(error) => Err(error),
        None => Ok(shelve(board.actors.into_iter().flatten())),
    }
}

/// How long a worker with nothing to do sleeps before it looks whether a node has split its work.
const NAP: Duration = Duration::from_micros(500);

/// A worker without a turn takes parts of what a heavy node has split, or sleeps until something moves.
fn help<'g, 'a>(
    held: MutexGuard<'g, Board<'a>>,
    board: &'g Mutex<Board<'a>>,
    bell: &Condvar,
) -> MutexGuard<'g, Board<'a>> {
    // Only while another worker is at it there can be parts.
    if held.heavy && held.running > 0 {
        drop(held);
        let helped = rayon::yield_now() == Some(rayon::Yield::Executed);
        let held = lock(board);
        if helped || held.stop || !held.queue.is_empty() {
            return held;
        }
        return bell.wait_timeout(held, NAP).unwrap_or_else(PoisonError::into_inner).0;
    }
    bell.wait(held).unwrap_or_else(PoisonError::into_inner)
}

/// One worker: takes the next turn, steps the actor with no lock held, says what came of it.
fn work(
    board: &Mutex<Board<'_>>,
    bell: &Condvar,
    neighbours: &[Vec<usize>],
    clock: usize,
    watch: &Watch<'_>,
) {
    let mut held = lock(board);
    loop {
        if held.stop {
            bell.notify_all();
            return;
        }
        if watch.cancel.load(Ordering::Relaxed) {
            held.fail(RunError::Interrupted);
            continue;
        }
        let Some(Turn(_, number)) = held.queue.pop() else {
            held = help(held, board, bell);
            continue;
        };
        held.states[number] = State::Running(false);
        held.running += 1;
        let Some(mut actor) = held.actors[number].take() else { continue };
        drop(held);
        let stepped = step(&mut *actor);
        if number == clock {
            (watch.progress)(actor.progress());
        }
        held = lock(board);
        held.actors[number] = Some(actor);
        held.running -= 1;
        match stepped {
            Ok(stepped) => held.settle(number, stepped, &neighbours[number]),
            Err(error) => held.fail(error),
        }
        // One turn is this worker's own; whatever else there is, the others may have.
        if held.queue.len() > 1 || held.stop {
            bell.notify_all();
        }
    }
}
