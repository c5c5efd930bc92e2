//! The port: what a store promises.

use std::fmt;
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::{Entry, Key, Lease, Owner, Put, StateError, Swap};

/// Cells with versions, and leases, shared by everybody who opens the same store.
///
/// Each method is atomic, and what it has promised when it returns is there for everybody. After an error nobody knows
/// whether the change was made: read again.
pub trait Store: Send + Sync + fmt::Debug {
    /// What the cell holds; [`None`] when nothing, or when its time is over.
    ///
    /// # Errors
    /// [`StateError`] says what is wrong with the store.
    fn read<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Entry>, StateError>>;

    /// Puts a value where the cell is at version `expected`; 0: where it is absent.
    ///
    /// # Errors
    /// [`StateError`] says what is wrong with the store.
    fn swap<'a>(
        &'a self,
        key: &'a Key,
        expected: u64,
        put: Put<'a>,
    ) -> BoxFuture<'a, Result<Swap, StateError>>;

    /// Takes the lease of this name for so long, or prolongs it where `owner` has it. It ends by itself; no two owners
    /// ever hold it at once, by the store's clock.
    ///
    /// # Errors
    /// [`StateError`] says what is wrong with the store.
    fn acquire<'a>(
        &'a self,
        key: &'a Key,
        owner: &'a Owner,
        time: Duration,
    ) -> BoxFuture<'a, Result<Lease, StateError>>;

    /// Gives the lease back early, if `owner` has it; otherwise nothing happens.
    ///
    /// # Errors
    /// [`StateError`] says what is wrong with the store. The lease ends by itself then.
    fn release<'a>(&'a self, key: &'a Key, owner: &'a Owner) -> BoxFuture<'a, Result<(), StateError>>;
}
