//! WeBank's processes, bank and shared cell on one clock, as that crate's own tests use them.

#[path = "../../crates/webank/tests/coordinator/operations.rs"]
pub(crate) mod operations;
#[path = "../../crates/webank/tests/coordinator/world.rs"]
mod world;
