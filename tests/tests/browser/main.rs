//! The pages in a real browser: Chromium without a window, driven over its DevTools protocol.
//!
//! Where there is none, every test says so on stderr and passes; with `JIESU_BROWSER_REQUIRED=1` it fails. With
//! `JIESU_SCREENSHOTS=DIR` pictures of the pages are left there.

#![allow(clippy::unwrap_used, reason = "a test")]

mod alarms;
mod article;
mod city;
mod conflict;
mod draft;
mod driver;
mod duty;
mod hostile;
mod keyboard;
mod language;
mod layout;
mod live;
mod newer;
mod page;
mod proxy;
mod refused;
mod scriptless;
mod second;
mod signin;
mod words;
