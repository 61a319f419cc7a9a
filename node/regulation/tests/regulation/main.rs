//! The regulation as tests: one program, so that a changed rule is linked once.
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod at_once;
mod claimed;
mod come_due;
mod corrections;
mod data_files;
mod effects;
mod exclusions;
mod fair;
mod filed;
mod finishing;
mod gamed;
mod inspects;
mod knowledge;
mod late;
mod matrix;
mod meeting;
mod merges;
mod names;
mod pairs;
mod rates;
mod reclassified;
mod replies;
mod settings;
mod silent;
mod sorted;
mod supervise;
mod support;
mod table;
mod taken_back;
mod targets;
mod terms;
mod verdicts;
mod who_decides;
mod witnessed;
mod working_days;
