//! The tables of what is computed, which have no versions of their own: they are made anew, empty, whenever the ground
//! tables change.

use rusqlite::Connection;

use crate::error::StoreError;

/// Projections of this program. They have no migrations: whenever the ground tables change they are made anew, empty.
/// Numbers of tickets and external references are not unique, because nodes that could not see each other may give
/// the same one twice, and a projection must be able to show that.
const PROJECTIONS: &str = "
-- How far they are (see `projected.rs`): which generation is wanted, of which each document is, and how many are of each.
CREATE TABLE projection(
    one INTEGER PRIMARY KEY CHECK (one = 1),
    wanted INTEGER NOT NULL
) STRICT;
INSERT INTO projection VALUES (1, 1);
CREATE TABLE projected(
    doc INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL,
    turn INTEGER NOT NULL CHECK (turn IN (0, 1, 2))
) STRICT;
CREATE INDEX projected_by_turn ON projected(turn, generation, doc);
CREATE TABLE generations(
    generation INTEGER PRIMARY KEY,
    docs INTEGER NOT NULL
) STRICT;
CREATE TRIGGER projected_comes AFTER INSERT ON projected BEGIN
    INSERT INTO generations VALUES (new.generation, 1) ON CONFLICT DO UPDATE SET docs = docs + 1;
END;
CREATE TRIGGER projected_again AFTER UPDATE OF generation ON projected WHEN new.generation <> old.generation BEGIN
    INSERT INTO generations VALUES (new.generation, 1) ON CONFLICT DO UPDATE SET docs = docs + 1;
    UPDATE generations SET docs = docs - 1 WHERE generation = old.generation;
END;
CREATE TRIGGER generation_ends AFTER UPDATE ON generations WHEN new.docs = 0 BEGIN
    DELETE FROM generations WHERE generation = new.generation;
END;
-- A document that is stored waits until it is projected, whoever stores it.
INSERT INTO projected SELECT doc, 0, 0 FROM docs;
CREATE TRIGGER doc_comes AFTER INSERT ON docs BEGIN
    INSERT INTO projected VALUES (new.doc, 0, 0);
END;

CREATE TABLE tickets(
    doc INTEGER PRIMARY KEY,
    number TEXT NOT NULL,
    external TEXT,
    state TEXT NOT NULL,
    kind TEXT NOT NULL,
    urgency TEXT NOT NULL,
    category TEXT NOT NULL,
    place TEXT NOT NULL,
    title TEXT NOT NULL,
    lead INTEGER,
    raised_at INTEGER NOT NULL,
    registered_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    next_due INTEGER,
    next_due_kind TEXT,
    next_due_unit INTEGER,
    provisional INTEGER NOT NULL,
    flags TEXT NOT NULL,
    unsettled INTEGER NOT NULL,
    overruled INTEGER NOT NULL,
    conflicts INTEGER NOT NULL,
    overdue_at INTEGER,
    handler INTEGER,
    -- A ticket without a running term comes last.
    due INTEGER NOT NULL AS (coalesce(next_due, 9223372036854775807))
) STRICT;
CREATE INDEX tickets_by_raised ON tickets(raised_at);
CREATE INDEX tickets_by_number ON tickets(number);
CREATE INDEX tickets_by_due ON tickets(due);
CREATE INDEX tickets_by_update ON tickets(updated_at);
CREATE INDEX tickets_by_category ON tickets(category, raised_at);
CREATE INDEX tickets_by_place ON tickets(place, raised_at) WHERE place <> '';
CREATE INDEX tickets_by_state ON tickets(state, due);
CREATE INDEX tickets_overruled ON tickets(due) WHERE overruled > 0;
CREATE INDEX tickets_conflicts ON tickets(due) WHERE conflicts > 0;

CREATE TABLE ticket_units(
    doc INTEGER NOT NULL,
    unit INTEGER NOT NULL,
    part INTEGER NOT NULL CHECK (part IN (1, 2)),
    open INTEGER NOT NULL,
    PRIMARY KEY (doc, unit, part)
) STRICT, WITHOUT ROWID;

-- What is due next of each unit. A due has an owner: lists of a unit are ordered by its own.
CREATE TABLE unit_dues(
    doc INTEGER NOT NULL,
    unit INTEGER NOT NULL,
    due INTEGER NOT NULL,
    kind TEXT NOT NULL,
    provisional INTEGER NOT NULL,
    PRIMARY KEY (doc, unit)
) STRICT, WITHOUT ROWID;

-- 在办: the tickets in which a unit has a part that is open, each once, by its own due, as its lists have them.
CREATE TABLE in_hand(
    unit INTEGER NOT NULL,
    due INTEGER NOT NULL,
    doc INTEGER NOT NULL,
    PRIMARY KEY (unit, due, doc)
) STRICT, WITHOUT ROWID;

-- Which units acted in a ticket, when last, whether it is theirs still, and whether something became of it that they must take
-- note of.
CREATE TABLE concerned(
    doc INTEGER NOT NULL,
    unit INTEGER NOT NULL,
    at INTEGER NOT NULL,
    open INTEGER NOT NULL,
    heeds INTEGER NOT NULL,
    PRIMARY KEY (doc, unit)
) STRICT, WITHOUT ROWID;
CREATE INDEX concerned_past ON concerned(unit, at, doc) WHERE open = 0;
CREATE INDEX concerned_heeds ON concerned(unit, at, doc) WHERE heeds = 1;

-- What else a ticket is found by: 1 the end of its number (backwards), 2 its number at the source, 3 the requester's telephone,
-- 4 the requester's name, 5 the digest of a file that was attached.
CREATE TABLE ticket_keys(
    doc INTEGER NOT NULL,
    what INTEGER NOT NULL CHECK (what IN (1, 2, 3, 4, 5)),
    key TEXT NOT NULL,
    PRIMARY KEY (doc, what, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX ticket_keys_by_key ON ticket_keys(what, key, doc);

-- Of acts that count and are settled no row is kept (`standing.rs`).
CREATE TABLE act_states(
    aseq INTEGER PRIMARY KEY,
    standing INTEGER CHECK (standing IN (1, 2)),
    rule TEXT,
    by_act BLOB CHECK (length(by_act) = 32),
    stratum INTEGER
) STRICT;
CREATE INDEX act_states_unsettled ON act_states(aseq) WHERE stratum IS NULL;

CREATE TABLE articles(
    doc INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    category TEXT NOT NULL,
    state TEXT NOT NULL,
    body TEXT NOT NULL,
    published TEXT,
    published_at INTEGER,
    updated_at INTEGER NOT NULL,
    conflicts INTEGER NOT NULL,
    owner INTEGER NOT NULL,
    correction_due INTEGER
) STRICT;
CREATE INDEX articles_by_update ON articles(updated_at, doc);
CREATE INDEX articles_by_correction ON articles(correction_due, doc) WHERE correction_due IS NOT NULL;
CREATE INDEX articles_by_owner_and_correction ON articles(owner, correction_due, doc) WHERE correction_due IS NOT NULL;

CREATE TABLE proposals(
    doc INTEGER NOT NULL,
    act BLOB NOT NULL CHECK (length(act) = 32),
    kind INTEGER NOT NULL,
    person INTEGER,
    keeper INTEGER,
    since INTEGER NOT NULL,
    PRIMARY KEY (doc, act)
) STRICT, WITHOUT ROWID;
CREATE INDEX proposals_by_time ON proposals(since, doc, act);

-- Figures of tickets and articles (see `figures.rs`): `unit` -1 is everybody's.
CREATE TABLE figures(
    what TEXT NOT NULL,
    unit INTEGER NOT NULL,
    state TEXT NOT NULL,
    key INTEGER NOT NULL,
    docs INTEGER NOT NULL,
    PRIMARY KEY (what, unit, state, key)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER figure_ends AFTER UPDATE ON figures WHEN new.docs = 0 BEGIN
    DELETE FROM figures
    WHERE what = new.what AND unit = new.unit AND state = new.state AND key = new.key;
END;

-- What a document counts as. A unit counts a ticket in which it has a part that is open, once; its own due in the minute at
-- whose end it is over. Whoever writes a row keeps the figures up by saying the same (`figures.rs`).
CREATE VIEW ticket_places(doc, unit, state, marks, minute) AS
    SELECT t.doc, -1, t.state, (t.overruled > 0) + 2 * (t.unsettled > 0) + 4 * (t.conflicts > 0),
        (min(t.next_due, 9000000000000000000) + 59999) / 60000
        FROM tickets t
    UNION ALL SELECT u.doc, u.unit, t.state, (t.overruled > 0) + 2 * (t.unsettled > 0) + 4 * (t.conflicts > 0),
        (min((SELECT d.due FROM unit_dues d WHERE d.doc = u.doc AND d.unit = u.unit), 9000000000000000000)
            + 59999) / 60000
        FROM ticket_units u CROSS JOIN tickets t ON t.doc = u.doc
        WHERE u.open = 1 AND NOT EXISTS (SELECT 1 FROM ticket_units o
            WHERE o.doc = u.doc AND o.unit = u.unit AND o.part < u.part AND +o.open = 1);
CREATE VIEW counted(doc, what, unit, state, key) AS
    SELECT doc, 'ticket', unit, state, marks FROM ticket_places
    UNION ALL SELECT doc, 'minute', unit, '', minute FROM ticket_places WHERE minute IS NOT NULL
    UNION ALL SELECT doc, 'day', unit, '', minute / 1440 FROM ticket_places WHERE minute IS NOT NULL
    UNION ALL SELECT doc, 'heeds', unit, '', 0 FROM concerned WHERE heeds = 1
    UNION ALL SELECT doc, 'lead', lead, state, 0 FROM tickets WHERE lead IS NOT NULL
    UNION ALL SELECT doc, 'late', lead, '', (min(overdue_at, 9000000000000000000) + 59999) / 60000
        FROM tickets WHERE lead IS NOT NULL AND overdue_at IS NOT NULL
    UNION ALL SELECT doc, 'late-day', lead, '', (min(overdue_at, 9000000000000000000) + 59999) / 86400000
        FROM tickets WHERE lead IS NOT NULL AND overdue_at IS NOT NULL
    UNION ALL SELECT doc, 'raised', -1, kind, (max(min(raised_at, 9000000000000000000), 0) + 28800000) / 43200000 FROM tickets
        -- What a unit wrote down is raised once the city takes it in.
        WHERE state NOT IN ('awaiting-confirmation', 'own-matter')
    UNION ALL SELECT doc, 'article', -1, state, 0 FROM articles;

-- What each document counts for by half of a local day and unit, and what all come to by day (span 1), month (2) and half (3): see `counts.rs`.
CREATE TABLE counts(
    doc INTEGER NOT NULL,
    day INTEGER NOT NULL,
    afternoon INTEGER NOT NULL,
    unit INTEGER NOT NULL,
    apart INTEGER NOT NULL,
    leaves INTEGER NOT NULL,
    numbers BLOB NOT NULL,
    PRIMARY KEY (doc, day, afternoon, unit, apart)
) STRICT, WITHOUT ROWID;
CREATE INDEX counts_by_day ON counts(day, doc);
CREATE INDEX counts_left ON counts(unit, day, doc) WHERE leaves = 1;
CREATE TABLE sums(
    span INTEGER NOT NULL CHECK (span IN (1, 2, 3)),
    key INTEGER NOT NULL,
    unit INTEGER NOT NULL,
    apart INTEGER NOT NULL,
    numbers BLOB NOT NULL,
    PRIMARY KEY (span, key, unit, apart)
) STRICT, WITHOUT ROWID;

-- Of tickets and of articles, so that neither search goes through what the other is for.
CREATE VIRTUAL TABLE search USING fts5(title, body, content='', contentless_delete=1, tokenize='ascii');
CREATE VIRTUAL TABLE search_terms USING fts5vocab(search, instance);
CREATE VIRTUAL TABLE article_search USING fts5(title, body, content='', contentless_delete=1, tokenize='ascii');
CREATE VIRTUAL TABLE article_terms USING fts5vocab(article_search, instance);
";

const DROP_PROJECTIONS: &str = "
DROP TABLE IF EXISTS article_terms;
DROP TABLE IF EXISTS article_search;
DROP TABLE IF EXISTS search_terms;
DROP TABLE IF EXISTS search;
DROP TABLE IF EXISTS proposals;
DROP VIEW IF EXISTS counted;
DROP VIEW IF EXISTS ticket_places;
DROP TABLE IF EXISTS figures;
DROP TABLE IF EXISTS sums;
DROP TABLE IF EXISTS counts;
DROP TABLE IF EXISTS articles;
DROP TABLE IF EXISTS act_states;
DROP TABLE IF EXISTS unit_dues;
DROP TABLE IF EXISTS ticket_keys;
DROP TABLE IF EXISTS concerned;
DROP TABLE IF EXISTS in_hand;
DROP TABLE IF EXISTS ticket_units;
DROP TABLE IF EXISTS tickets;
DROP TRIGGER IF EXISTS doc_comes;
DROP TABLE IF EXISTS generations;
DROP TABLE IF EXISTS projected;
DROP TABLE IF EXISTS projection;
";

/// Under this name the kernel notes that (and by which version of itself) it built the projections. Gone whenever
/// they are emptied, be it by [`crate::Store::drop_projections`] or by a newer schema: then they must be built again.
pub const PROJECTED_META: &str = "projected";

/// Makes all projections anew, empty, and forgets that they were ever built.
pub(crate) fn empty_projections(conn: &Connection) -> Result<(), StoreError> {
    conn.execute_batch(DROP_PROJECTIONS)?;
    conn.execute_batch(PROJECTIONS)?;
    conn.execute("DELETE FROM meta WHERE key = ?1", [PROJECTED_META])?;
    Ok(())
}
