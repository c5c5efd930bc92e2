//! The formatted parameters under one set of [`Globals`], and their orders: what cores are put together from.

use std::cmp::Ordering;
use std::collections::HashMap;

use rustc_hash::FxBuildHasher;

use crate::Order;
use crate::order::Sortable;
use crate::plan::{Globals, Plan};
use crate::prepared::Prepared;

/// Memory that tables may take before they are made anew, in bytes.
const ROOM: usize = 64 << 20;

/// What a cell takes besides its texts, about.
const CELL: usize = 160;

/// One parameter in one of its forms.
#[derive(Debug)]
pub(crate) struct Cell {
    /// `name=value`.
    pair: String,
    /// Bytes of the name.
    name: usize,
    /// As it stands in the text to sign, where that is not `pair`.
    bytes: Option<Vec<u8>>,
    /// Its place among the parameters as they were given.
    given: usize,
}

impl Cell {
    fn new(prepared: &Prepared<'_>, globals: Globals, at: usize, form: Option<usize>) -> Option<Self> {
        let entry = prepared.entries.get(at)?;
        let (name, value) = globals.piece(entry, form)?;
        let pair = [&*name, "=", &*value].concat();
        let bytes = (!globals.signs_pairs()).then(|| {
            let mut bytes = Vec::with_capacity(pair.len());
            globals.pair.write(&name, &value, |text, _| {
                bytes.extend_from_slice(&globals.text.apply(text));
            });
            bytes
        });
        Some(Self { name: name.len(), pair, bytes, given: entry.given })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.as_deref().unwrap_or(self.pair.as_bytes())
    }

    #[inline]
    pub(crate) fn key(&self) -> Sortable<'_> {
        let name = self.pair.get(..self.name).unwrap_or_default();
        Sortable { name, value: self.pair.get(self.name + 1..).unwrap_or_default(), pair: &self.pair }
    }

    /// As a sort that is stable would order them.
    pub(crate) fn compare(&self, other: &Self, order: Order) -> Ordering {
        order.compare(self.key(), other.key()).then(self.given.cmp(&other.given))
    }

    fn size(&self) -> usize {
        CELL + self.pair.len() + self.bytes.as_ref().map_or(0, Vec::len)
    }
}

/// A place for a cell, which is made when it is asked for first.
#[derive(Debug)]
enum Slot {
    Unknown,
    /// It takes no part.
    LeftOut,
    At(usize),
}

/// A cell, and the entry that it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Usual {
    pub(crate) cell: usize,
    pub(crate) entry: usize,
}

/// All parameters in the forms that were asked for, and each order that was asked for of those that usually take part.
#[derive(Debug)]
pub(crate) struct Table {
    globals: Globals,
    slots: Vec<Slot>,
    cells: Vec<Cell>,
    orders: Vec<(Order, Vec<Usual>)>,
    /// Bytes that came to it and are not counted yet.
    grown: usize,
}

impl Table {
    fn new(prepared: &Prepared<'_>, globals: Globals) -> Self {
        let slots: Vec<_> = (0..prepared.slots).map(|_| Slot::Unknown).collect();
        Self { globals, grown: slots.len() * size_of::<Slot>(), slots, cells: Vec::new(), orders: Vec::new() }
    }

    /// The place of a parameter in one of its forms; [`None`] where it takes no part.
    pub(crate) fn find(&mut self, prepared: &Prepared<'_>, at: usize, form: Option<usize>) -> Option<usize> {
        let slot = prepared.entries.get(at)?.slot + form.map_or(0, |form| form + 1);
        let slot = self.slots.get_mut(slot)?;
        if let Slot::Unknown = slot {
            *slot = match Cell::new(prepared, self.globals, at, form) {
                Some(cell) => {
                    self.grown += cell.size();
                    self.cells.push(cell);
                    Slot::At(self.cells.len() - 1)
                }
                None => Slot::LeftOut,
            };
        }
        if let Slot::At(cell) = slot { Some(*cell) } else { None }
    }

    /// Sees to it that [`Self::usual`] knows this order; tells where.
    pub(crate) fn sort(&mut self, prepared: &Prepared<'_>, order: Order) -> usize {
        if let Some(at) = self.orders.iter().position(|(known, _)| *known == order) {
            return at;
        }
        let given = || prepared.given.iter().copied();
        let selected = |at: &usize| prepared.entries.get(*at).is_some_and(|entry| entry.selected);
        let usual = |entry| Some(Usual { cell: self.find(prepared, entry, None)?, entry });
        let mut sorted: Vec<_> = given().filter(selected).filter_map(usual).collect();
        sorted.sort_by(|a, b| match (self.cell(a.cell), self.cell(b.cell)) {
            (Some(a), Some(b)) => a.compare(b, order),
            _ => Ordering::Equal,
        });
        self.orders.push((order, sorted));
        self.orders.len() - 1
    }

    /// The parameters that take part where nothing is done to any single one of them, in an order.
    pub(crate) fn usual(&self, order: usize) -> &[Usual] {
        self.orders.get(order).map_or(&[], |(_, sorted)| sorted)
    }

    pub(crate) fn cell(&self, at: usize) -> Option<&Cell> {
        self.cells.get(at)
    }
}

/// Tables that were made so far.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    index: HashMap<Globals, usize, FxBuildHasher>,
    made: Vec<Table>,
    last: usize,
    size: usize,
}

impl Tables {
    /// The number of the table for a plan; it holds until the next one is asked for.
    pub(crate) fn prepare(&mut self, prepared: &Prepared<'_>, plan: &Plan<'_>) -> usize {
        let globals = plan.globals;
        if self.made.get(self.last).is_some_and(|table| table.globals == globals) {
            return self.last;
        }
        self.size += self.made.get_mut(self.last).map_or(0, |table| std::mem::take(&mut table.grown));
        if self.size > ROOM {
            *self = Self::default();
        }
        self.last = *self.index.entry(globals).or_insert_with(|| {
            self.made.push(Table::new(prepared, globals));
            self.made.len() - 1
        });
        self.last
    }

    pub(crate) fn get(&self, table: usize) -> Option<&Table> {
        self.made.get(table)
    }

    pub(crate) fn get_mut(&mut self, table: usize) -> Option<&mut Table> {
        self.made.get_mut(table)
    }
}
