//! Numbers that mean something in one store only.

use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlResult, ToSqlOutput, ValueRef};

/// The number of an act in this store, from 1 in the order in which acts came. Another node numbers otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Aseq(pub i64);

/// The number of a document in this store, from 1. Another node numbers otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocNo(pub i64);

/// A scope: a unit, or a public area such as the knowledge base. The same number on every node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeId(pub u32);

impl ToSql for Aseq {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl FromSql for Aseq {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        i64::column_result(value).map(Self)
    }
}

impl ToSql for DocNo {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl FromSql for DocNo {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        i64::column_result(value).map(Self)
    }
}

impl ToSql for ScopeId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl FromSql for ScopeId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        u32::column_result(value).map(Self)
    }
}

/// A count or position as SQLite holds it. Above 2^63 − 1 it stays there: a peer may claim any position, and one
/// beyond every head must stay beyond every head.
pub(crate) fn position(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A count or position as SQLite gave it; there are no negative ones.
pub(crate) fn counted(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

/// How many rows to read: what was asked, at most `most`.
pub(crate) fn at_most(asked: usize, most: usize) -> i64 {
    i64::try_from(asked.min(most)).unwrap_or(i64::MAX)
}
