//! The Rust of the guides in `docs`, compiled as doctests. `tests/pages.rs` sees that no page is missing.

#![cfg_attr(
    doctest,
    doc = include_str!("../docs/en/jinlaiban.md"),
    doc = include_str!("../docs/en/yichang.md"),
    doc = include_str!("../docs/en/webank.md"),
    doc = include_str!("../docs/en/rabbitpre.md"),
    doc = include_str!("../docs/en/machines.md"),
    doc = include_str!("../docs/zh/jinlaiban.md"),
    doc = include_str!("../docs/zh/yichang.md"),
    doc = include_str!("../docs/zh/webank.md"),
    doc = include_str!("../docs/zh/rabbitpre.md"),
    doc = include_str!("../docs/zh/machines.md"),
)]
