//! Starts the program.

use std::process::ExitCode;

/// A sixth of the time of a search went into the allocator of the C library, and it kept what a bulk load had used.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    commonground::ops::main()
}
