//! What is written of a disc, read back: by readers written for these tests from the descriptions of the formats, separate from
//! the writers, and by other people's programs, where they are on the machine.

mod cd_text;
mod cue_reader;
mod ddp;
mod discs;
mod packs;
mod pq_sheet;
mod programs;
mod side_sheet;

mod reader;
mod rules;
mod sheets;
