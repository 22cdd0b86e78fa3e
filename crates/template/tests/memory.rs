//! However an archive is made, reading it takes no more memory than its own bytes and limits account for.

mod zip;

use deadwax_template::{Package, limits};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use zip::{Entry, GRAPH, blocks, with};

#[global_allocator]
static MEMORY: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Bytes that reading takes, all together, those that are given back among them.
fn taken(archive: &[u8]) -> usize {
    let region = Region::new(MEMORY);
    let _ = Package::from_archive(archive);
    region.change().bytes_allocated
}

/// One test alone: others beside it would be counted too.
#[test]
fn no_archive_takes_more_memory_than_the_limits_allow() {
    let packed = blocks(b"x");
    let mut bombs = vec![
        with(Entry {
            unpacked_bytes: limits::BYTES as u32,
            ..Entry::deflated("a.txt", b"", vec![0; 40_000])
        }),
        with(Entry { unpacked_bytes: 5000, ..Entry::deflated("a.txt", b"", packed) }),
        with(Entry { unpacked_bytes: 10, ..Entry::deflated("a.txt", b"", blocks(&[b'x'; 1 << 20])) }),
        [with(Entry::stored("a.txt", b"x")), vec![0; 100]].concat(),
    ];
    // Says twenty times a MiB, in 1100 bytes each: just what Deflate could make of them.
    let each = Entry { unpacked_bytes: 1 << 20, ..Entry::deflated("", b"", vec![0; 1100]) };
    let many: Vec<Entry> =
        (0..19).map(|n| Entry { name: format!("{n}.txt").into_bytes(), ..each.clone() }).collect();
    bombs.push(zip::zip(&many));
    for (number, bomb) in bombs.iter().enumerate() {
        let taken = taken(bomb);
        assert!(taken < 1 << 20, "bomb {number} of {} bytes took {taken}", bomb.len());
    }
    let text = GRAPH.repeat(3).into_bytes();
    let good = Package::new(
        [("graph.ron", GRAPH.as_bytes().to_vec()), ("a.txt", text)].map(|(p, b)| (p.to_owned(), b)).into(),
    );
    let good = good.unwrap().archive();
    let usual = taken(&good);
    let changes = proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6);
    let law = TestRunner::default().run(&changes, |changes| {
        let mut archive = good.clone();
        for (at, byte) in changes {
            let at = at.index(archive.len());
            archive[at] = byte;
        }
        let taken = taken(&archive);
        prop_assert!(taken < usual + (1 << 20), "{taken} bytes for {}", archive.len());
        Ok(())
    });
    law.unwrap();
}
