//! Acts as bytes and as members of a document: the encoding is pinned, limits hold, forgeries are refused, parts may be
//! missing, twins fall.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod blocks;
mod cards;
mod city;
mod clashes;
mod corpus;
mod costs;
mod duties;
mod editions;
mod encoding;
mod files;
mod floods;
mod forgeries;
mod hostile;
mod limits;
mod locks;
mod merging;
mod newer;
mod pairs;
mod parts;
mod retired;
mod settings;
mod times;
mod twins;
mod writers;
