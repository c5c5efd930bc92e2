//! The parameters' text of one set of mistakes, without the secret.

use crate::Place;
use crate::digest::Hash;
use crate::engine::frames::Inner;
use crate::engine::table::Tables;
use crate::plan::{MOST, Plan};
use crate::prepared::Prepared;

/// A core, in buffers that are used again and again.
#[derive(Debug, Default)]
pub(crate) struct Core {
    pub(crate) bytes: Vec<u8>,
    separator: Vec<u8>,
    pieces: Vec<Piece>,
    table: usize,
}

/// A parameter in the text.
#[derive(Debug, Clone, Copy)]
struct Piece {
    /// Where it begins, behind the separator.
    start: usize,
    cell: u16,
}

impl Core {
    /// Puts a plan's parameters together.
    pub(crate) fn build(&mut self, tables: &mut Tables, prepared: &Prepared<'_>, plan: &Plan<'_>) {
        self.bytes.clear();
        self.pieces.clear();
        self.separator.clear();
        self.separator.extend_from_slice(&plan.globals.text.apply(plan.separator));
        self.table = tables.prepare(prepared, plan.globals);
        let Some((table, sorted)) = tables.sorted(self.table, plan) else { return };
        let mut edited = [usize::MAX; MOST];
        for (slot, edit) in edited.iter_mut().zip(plan.edits.iter().flatten()) {
            *slot = edit.entry;
        }
        for place in sorted {
            let Some(cell) = table.cell(*place) else { continue };
            let Some(entry) = prepared.entries.get(cell.entry()) else { continue };
            let (times, form) = if edited.contains(&cell.entry()) {
                plan.uses(cell.entry(), entry)
            } else {
                (u8::from(entry.selected), None)
            };
            if cell.form != form {
                continue;
            }
            for _ in 0..times {
                if !self.pieces.is_empty() {
                    self.bytes.extend_from_slice(&self.separator);
                }
                self.pieces.push(Piece { start: self.bytes.len(), cell: *place });
                self.bytes.extend_from_slice(&cell.bytes);
            }
        }
    }

    /// Feeds the core with the secret among its parameters.
    pub(crate) fn feed_around<D: Hash>(
        &self,
        tables: &Tables,
        plan: &Plan<'_>,
        inner: &Inner<'_>,
        hasher: &mut D,
    ) {
        let hole = self.hole(tables, plan, inner);
        match self.pieces.get(hole) {
            Some(next) => {
                // What stands before the next parameter ends in a separator.
                let (before, after) = self.bytes.split_at_checked(next.start).unwrap_or((&self.bytes, &[]));
                hasher.update(before);
                hasher.update(inner.bytes);
                hasher.update(&self.separator);
                hasher.update(after);
            }
            None => {
                hasher.update(&self.bytes);
                if !self.pieces.is_empty() {
                    hasher.update(&self.separator);
                }
                hasher.update(inner.bytes);
            }
        }
    }

    /// Before which parameter the secret stands.
    fn hole(&self, tables: &Tables, plan: &Plan<'_>, inner: &Inner<'_>) -> usize {
        if let Place::Behind { count } = inner.place {
            return self.pieces.len().min(count.into());
        }
        self.pieces.partition_point(|piece| {
            let cell = tables.cell(self.table, piece.cell);
            cell.is_none_or(|cell| plan.order.compare(cell.key(), inner.key).is_le())
        })
    }
}
