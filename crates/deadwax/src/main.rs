//! The `deadwax` command.

fn main() -> std::process::ExitCode {
    deadwax::command(deadwax::registry)
}
