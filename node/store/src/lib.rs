//! One node's memory: a single encrypted SQLite file. Rows in, rows out.
//!
//! Invariant: this crate knows no rule and no clock. It keeps what it is given, byte for byte, and answers what is
//! there; what an act means is decided elsewhere. It alone names a type of rusqlite.
//!
//! Two kinds of tables: the *ground truth* (acts, parts, feeds, cursors, backlog, changes, totals, registry, held, aside, stubs, findings, refused, externals, serials, numbers, times,
//! accounts, reveals, requests, alarms), which is never dropped, and *projections* (tickets, articles, standings, search, figures, counts and sums), which [`Store::drop_projections`] empties
//! and the kernel builds again from the acts.
//!
//! [`Store`] is the one writer, [`Reader`] serves pages beside it; both answer every question of [`Queries`].
//! [`Drawer`] is a small file beside it, of what is this machine's alone and may be lost.
//! A write outside [`Store::begin`] … [`Store::commit`] is an error, and a write that failed dooms its transaction:
//! nothing half done can be committed.

#![warn(missing_docs)]

mod accounts;
mod acts;
mod alarms;
mod articles;
mod aside;
mod attached;
mod backlog;
mod backup;
mod changes;
mod counts;
mod cursors;
mod drawer;
mod dump;
mod durable;
mod elide;
mod error;
mod externals;
mod feeds;
mod figures;
mod files;
mod findings;
mod held;
mod ids;
mod intact;
mod leaves;
mod lock;
mod log;
mod mark;
mod meta;
mod names;
mod open;
mod projected;
mod projections;
mod proposals;
mod refused;
mod requests;
mod reveals;
mod schema;
mod search;
mod serials;
mod standing;
mod stats;
mod stubs;
mod tickets;
mod times;
mod transaction;

pub use accounts::AccountRow;
pub use acts::{ACT_ROWS_BYTES_MAX, ACT_ROWS_MAX, ActRow, Arrival, NewAct, PartRow, TWINS_MAX, Verdict};
pub use alarms::{ALARM_ROWS_MAX, AlarmRow};
pub use articles::{
    ARTICLE_ROWS_MAX, ArticleCursor, ArticleFilter, ArticleRow, CORRECTIONS_COUNTED_MAX, CorrectionCursor,
    CorrectionFilter,
};
pub use aside::{ASIDE_ROWS_MAX, AsideRow, Weight};
pub use attached::{Attached, FileNo, FileRow};
pub use backlog::Backlog;
pub use backup::backup;
pub use changes::{CHANGE_ROWS_MAX, CHANGES_MAX, ChangeRow, ChangeSort, Changes};
pub use counts::{COUNT_ROWS_MAX, CountCursor, CountRow, Counted, Numbers, Span, SumRow};
pub use cursors::Cursor;
pub use drawer::{DRAWER_VERSION, DraftRow, Drawer, SessionRow};
pub use durable::LOG_PAGES_MAX;
pub use error::{Loss, StoreError};
pub use externals::{EXTERNAL_ROWS_MAX, External, ExternalRow};
pub use feeds::{FEED_ROWS_MAX, FeedEntry, FeedRow, Mark};
pub use figures::{OFF_LINES_MAX, TicketFigure, overdue_before};
pub use held::{HELD_ROWS_BYTES_MAX, HELD_ROWS_MAX, HeldRow};
pub use ids::{Aseq, DocNo, ScopeId};
pub use leaves::{DeputyRow, LEAVE_ROWS_MAX, LeaveRow};
pub use mark::{CommitMark, SLOT_BYTES};
pub use open::{BUSY_MS, CACHE_KIBIBYTES, Queries, Reader, STATEMENTS_MAX, Store, WAL_BYTES_MAX};
pub use projected::{STALE_ROWS_MAX, Turn};
pub use projections::PROJECTED_META;
pub use proposals::{PROPOSAL_ROWS_MAX, ProposalRow};
pub use refused::{REFUSED_BYTES_MAX, REFUSED_OF_PEER_MAX, REFUSED_ROWS_MAX, RefusedRow};
pub use requests::{REQUESTS_FORGOTTEN_MAX, RequestRow};
pub use reveals::{REVEAL_ROWS_MAX, RevealFilter, RevealRow};
pub use schema::SCHEMA_VERSION;
pub use search::{SEARCH_CHARS_MAX, SEARCH_SEEN_MAX, Shelf, pairs_of};
pub use serials::Serial;
pub use standing::{ActState, Standing};
pub use stats::Stats;
pub use stubs::StubRow;
pub use tickets::{
    Attention, Concern, Key, Matter, NEAR_ROWS_MAX, NearRow, NoCursor, Past, RAISED_ROWS_MAX, RaisedRow, Sought,
    TICKET_ROWS_MAX, TICKETS_COUNTED_MAX, TICKETS_SEEN_MAX, Tallied, TicketCursor, TicketFilter, TicketPage, TicketRow,
    TicketUnit, UnitDue, UnitPart,
};
pub use times::TIME_ROWS_MAX;
