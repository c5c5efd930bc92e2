//! The parameters' text of one set of mistakes, without the secret.

use crate::engine::frames::Inner;
use crate::engine::table::Tables;
use crate::plan::Plan;
use crate::prepared::Prepared;
use crate::{Order, Place};

/// A core, in buffers that are used again and again.
#[derive(Debug, Default)]
pub(crate) struct Core {
    pub(crate) bytes: Vec<u8>,
    separator: Vec<u8>,
    /// The parameters in their order, as cells of the table.
    cells: Vec<usize>,
    /// Where each begins, behind the separator.
    starts: Vec<usize>,
    table: usize,
    /// The order that parameters usually have, where the plan's is another one that arranges these alike: such a core was
    /// tried with one mistake less, but for secrets that are sorted in elsewhere.
    alike: Option<Order>,
}

impl Core {
    /// Puts a plan's parameters together.
    pub(crate) fn write(&mut self, tables: &Tables, plan: &Plan<'_>) {
        self.bytes.clear();
        self.starts.clear();
        self.separator.clear();
        self.separator.extend_from_slice(&plan.globals.text.apply(plan.separator));
        let Some(table) = tables.get(self.table) else { return };
        for cell in self.cells.iter().filter_map(|cell| table.cell(*cell)) {
            if !self.starts.is_empty() {
                self.bytes.extend_from_slice(&self.separator);
            }
            self.starts.push(self.bytes.len());
            self.bytes.extend_from_slice(cell.bytes());
        }
    }

    /// Which parameters take part, and in which order: the usual ones, and those to which something was done. The order
    /// that they usually have is another one, or the same.
    pub(crate) fn arrange(
        &mut self,
        tables: &mut Tables,
        prepared: &Prepared<'_>,
        plan: &Plan<'_>,
        usual: Order,
    ) {
        self.cells.clear();
        self.alike = None;
        self.table = tables.prepare(prepared, plan);
        let Some(table) = tables.get_mut(self.table) else { return };
        let order = table.sort(prepared, plan.order);
        let mut alike = plan.order != usual && {
            let usual = table.sort(prepared, usual);
            table.usual(order) == table.usual(usual)
        };
        let edited = plan.edits.map(|edit| edit.map(|edit| edit.entry));
        let untouched = table.usual(order).iter().filter(|usual| !edited.contains(&Some(usual.entry)));
        self.cells.extend(untouched.map(|usual| usual.cell));
        for (at, entry) in edited.iter().enumerate() {
            // Two edits of one entry are one use of it.
            let Some(entry) = entry.filter(|_| !edited.iter().take(at).any(|other| other == entry)) else {
                continue;
            };
            let Some(known) = prepared.entries.get(entry) else { continue };
            let (times, form) = plan.uses(entry, known);
            if times == 0 {
                continue;
            }
            let Some(cell) = table.find(prepared, entry, form) else { continue };
            let place = |order| {
                self.cells.partition_point(|other| match (table.cell(*other), table.cell(cell)) {
                    (Some(other), Some(cell)) => other.compare(cell, order).is_lt(),
                    _ => true,
                })
            };
            let at = place(plan.order);
            alike = alike && place(usual) == at;
            (0..times).for_each(|_| self.cells.insert(at, cell));
        }
        self.alike = alike.then_some(usual);
    }

    /// Was it tried with one mistake less, as long as no secret is among its parameters?
    pub(crate) const fn is_known(&self) -> bool {
        self.alike.is_some()
    }

    /// The core with the secret before one of its parameters: what stands before it, and what follows.
    pub(crate) fn around<'c>(&'c self, hole: usize, inner: &'c [u8]) -> (&'c [u8], [&'c [u8]; 3]) {
        match self.starts.get(hole) {
            Some(next) => {
                // What stands before the next parameter ends in a separator.
                let (before, after) = self.bytes.split_at_checked(*next).unwrap_or((&self.bytes, &[]));
                (before, [inner, &self.separator, after])
            }
            None if self.starts.is_empty() => (&self.bytes, [inner, &[], &[]]),
            None => (&self.bytes, [&self.separator, inner, &[]]),
        }
    }

    /// Before which parameter the secret stands; [`None`] where that was tried with one mistake less.
    pub(crate) fn hole(&self, tables: &Tables, order: Order, inner: &Inner<'_>) -> Option<usize> {
        let hole = self.place(tables, order, inner);
        let known = self.alike.is_some_and(|usual| self.place(tables, usual, inner) == hole);
        (!known).then_some(hole)
    }

    fn place(&self, tables: &Tables, order: Order, inner: &Inner<'_>) -> usize {
        if let Place::Behind { count } = inner.place {
            return self.cells.len().min(count.into());
        }
        let table = tables.get(self.table);
        self.cells.partition_point(|cell| {
            let cell = table.and_then(|table| table.cell(*cell));
            cell.is_none_or(|cell| order.compare(cell.key(), inner.key).is_le())
        })
    }
}
