//! The formatted parameters under one set of [`Globals`], and their orders: what cores are put together from.

use std::collections::HashMap;

use crate::order::Sortable;
use crate::plan::{Globals, Plan};
use crate::prepared::Prepared;
use crate::{Order, text::Row};

/// Memory that tables may take before they are made anew, in bytes.
const ROOM: usize = 64 << 20;

/// One parameter in one of its forms.
#[derive(Debug)]
pub(crate) struct Cell {
    row: Row,
    /// Which of the entry's forms.
    pub(crate) form: Option<usize>,
    /// As it stands in the text to sign.
    pub(crate) bytes: Vec<u8>,
}

impl Cell {
    pub(crate) fn entry(&self) -> usize {
        self.row.entry
    }

    pub(crate) fn key(&self) -> Sortable<'_> {
        self.row.key()
    }
}

/// All parameters in all their forms, and each order of them that was asked for.
#[derive(Debug)]
pub(crate) struct Table {
    globals: Globals,
    cells: Vec<Cell>,
    orders: Vec<(Order, Vec<u16>)>,
}

impl Table {
    fn new(prepared: &Prepared<'_>, globals: Globals) -> Self {
        let mut cells = Vec::new();
        for at in &prepared.given {
            let Some(entry) = prepared.entries.get(*at) else { continue };
            for form in std::iter::once(None).chain((0..entry.forms.len()).map(Some)) {
                if let Some((name, value)) = globals.piece(entry, form) {
                    let mut bytes = Vec::with_capacity(name.len() + value.len() + 1);
                    let mut put = |text: &str, _| bytes.extend_from_slice(&globals.text.apply(text));
                    globals.pair.write(&name, &value, &mut put);
                    cells.push(Cell { row: Row::new(*at, name, value), form, bytes });
                }
            }
        }
        Self { globals, cells, orders: Vec::new() }
    }

    fn size(&self) -> usize {
        self.cells.iter().map(|cell| cell.bytes.len() * 2 + 160).sum()
    }

    /// The places of the cells in an order, sorted when it is asked for first.
    fn sort(&mut self, order: Order) -> usize {
        if let Some(at) = self.orders.iter().position(|(known, _)| *known == order) {
            return at;
        }
        let mut sorted: Vec<u16> = (0..self.cells.len()).map_while(|at| u16::try_from(at).ok()).collect();
        sorted.sort_by(|a, b| match (self.cell(*a), self.cell(*b)) {
            (Some(a), Some(b)) => order.compare(a.key(), b.key()),
            _ => std::cmp::Ordering::Equal,
        });
        self.orders.push((order, sorted));
        self.orders.len() - 1
    }

    pub(crate) fn cell(&self, at: u16) -> Option<&Cell> {
        self.cells.get(usize::from(at))
    }
}

/// Tables that were made so far.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    index: HashMap<Globals, usize>,
    made: Vec<Table>,
    size: usize,
    last: usize,
}

impl Tables {
    /// The number of the table for a plan; it holds until the next one is asked for.
    pub(crate) fn prepare(&mut self, prepared: &Prepared<'_>, globals: Globals) -> usize {
        if self.made.get(self.last).is_some_and(|table| table.globals == globals) {
            return self.last;
        }
        if self.size > ROOM {
            *self = Self::default();
        }
        self.last = *self.index.entry(globals).or_insert_with(|| {
            let table = Table::new(prepared, globals);
            self.size += table.size();
            self.made.push(table);
            self.made.len() - 1
        });
        self.last
    }

    /// The cells' places in the plan's order, and the table they are places of.
    pub(crate) fn sorted(&mut self, table: usize, plan: &Plan<'_>) -> Option<(&Table, &[u16])> {
        let table = self.made.get_mut(table)?;
        let order = table.sort(plan.order);
        let table: &Table = table;
        Some((table, &table.orders.get(order)?.1))
    }

    pub(crate) fn cell(&self, table: usize, at: u16) -> Option<&Cell> {
        self.made.get(table)?.cell(at)
    }
}
