//! The tables, and how a file comes from one version to the next.

use rusqlite::Connection;

use crate::error::StoreError;
use crate::projections::empty_projections;

/// Version of the ground tables that this program writes (`user_version` of the file).
pub const SCHEMA_VERSION: u32 = 1;

/// Step n brings a file from version n to n + 1. A step that was ever released never changes.
pub(crate) const MIGRATIONS: [&str; SCHEMA_VERSION as usize] = [GROUND_1];

/// Integers that name a thing: `verdict` 1 admitted, 2 unlawful, 3 newer, 4 refused; feed `kind` 1 act, 2 enter, 3 stub, 4 finding. `peer` is the device an
/// item came from, NULL where it was made here. `commits` is one row: which database this is, and how many transactions it
/// has seen (see `mark.rs`). `epoch` and `dseq` are unsigned, kept in two's complement.
/// (line, dseq) is not unique: two acts of one identity are the proof of a clone, and both are kept. Of an act's id the first
/// eight bytes are indexed, and of its `bytes` what `elide.rs` leaves: ids are most of what a node would hold otherwise.
const GROUND_1: &str = "
CREATE TABLE commits(
    one INTEGER PRIMARY KEY CHECK (one = 1),
    database BLOB NOT NULL CHECK (length(database) = 16),
    count INTEGER NOT NULL
) STRICT;
INSERT INTO commits VALUES (1, randomblob(16), 0);

CREATE TABLE meta(
    key TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE registry(
    log INTEGER NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    bytes BLOB NOT NULL,
    PRIMARY KEY (log, version)
) STRICT;

CREATE TABLE docs(
    doc INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 32)
) STRICT;

CREATE TABLE lines(
    line INTEGER PRIMARY KEY,
    device INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    UNIQUE (device, epoch)
) STRICT;

CREATE TABLE acts(
    aseq INTEGER PRIMARY KEY,
    id BLOB NOT NULL CHECK (length(id) = 32),
    doc INTEGER NOT NULL REFERENCES docs(doc),
    bytes BLOB NOT NULL,
    signatures BLOB NOT NULL,
    verdict INTEGER NOT NULL CHECK (verdict IN (1, 2, 3, 4)),
    rule TEXT,
    received_at INTEGER NOT NULL,
    peer INTEGER,
    line INTEGER NOT NULL REFERENCES lines(line),
    dseq INTEGER NOT NULL
) STRICT;
CREATE INDEX acts_by_id ON acts(substr(id, 1, 8));
CREATE INDEX acts_by_doc ON acts(doc);
CREATE INDEX acts_by_identity ON acts(line, dseq);
CREATE INDEX acts_newer ON acts(doc) WHERE verdict = 3;

CREATE TABLE parts(
    aseq INTEGER NOT NULL REFERENCES acts(aseq),
    kind INTEGER NOT NULL,
    salt BLOB NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (aseq, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE held(
    id BLOB PRIMARY KEY CHECK (length(id) = 32),
    act BLOB NOT NULL CHECK (length(act) = 32),
    bytes BLOB NOT NULL,
    scope INTEGER,
    peer INTEGER,
    received_at INTEGER NOT NULL,
    device INTEGER NOT NULL,
    reason TEXT NOT NULL
) STRICT;
CREATE INDEX held_by_device ON held(device);
CREATE INDEX held_by_act ON held(act);
CREATE TABLE held_needs(
    id BLOB NOT NULL REFERENCES held(id) ON DELETE CASCADE,
    need BLOB NOT NULL CHECK (length(need) = 32),
    PRIMARY KEY (id, need)
) STRICT, WITHOUT ROWID;
CREATE INDEX held_needs_by_need ON held_needs(need);

CREATE TABLE aside(
    act BLOB NOT NULL CHECK (length(act) = 32),
    scope INTEGER NOT NULL,
    peer INTEGER NOT NULL,
    device INTEGER NOT NULL,
    weight INTEGER NOT NULL CHECK (weight IN (1, 2)),
    bytes INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (scope, act)
) STRICT, WITHOUT ROWID;
CREATE INDEX aside_by_device ON aside(device);

CREATE TABLE stubs(
    stub INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
    device INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    dseq INTEGER NOT NULL,
    signatures BLOB NOT NULL,
    peer INTEGER NOT NULL,
    received_at INTEGER NOT NULL
) STRICT;
CREATE INDEX stubs_by_device ON stubs(device, epoch, dseq);

-- What the hub found of acts of units that no longer hold their document, which need not be here.
CREATE TABLE findings(
    finding INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
    doc BLOB NOT NULL CHECK (length(doc) = 32),
    bytes BLOB NOT NULL
) STRICT;
CREATE INDEX findings_by_doc ON findings(doc);

-- What is bounded, by whoever answers for it: 1 bytes held, 2 bytes of unlawful acts (a row weighs 256 more than its
-- content), 3 acts set aside, 4 stubs.
CREATE TABLE weights(
    kind INTEGER NOT NULL,
    device INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (kind, device)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER held_comes AFTER INSERT ON held BEGIN
    INSERT INTO weights VALUES (1, new.device, length(new.bytes) + 256)
    ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER held_grows AFTER UPDATE OF bytes, device ON held BEGIN
    UPDATE weights SET bytes = bytes - length(old.bytes) - 256 WHERE kind = 1 AND device = old.device;
    INSERT INTO weights VALUES (1, new.device, length(new.bytes) + 256)
    ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER held_goes AFTER DELETE ON held BEGIN
    UPDATE weights SET bytes = bytes - length(old.bytes) - 256 WHERE kind = 1 AND device = old.device;
END;
CREATE TRIGGER unlawful_comes AFTER INSERT ON acts WHEN new.verdict = 2 BEGIN
    INSERT INTO weights VALUES (2, (SELECT device FROM lines WHERE line = new.line), length(new.bytes) + 256)
    ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER unlawful_part_comes AFTER INSERT ON parts
WHEN (SELECT verdict FROM acts WHERE aseq = new.aseq) = 2 BEGIN
    UPDATE weights SET bytes = bytes + length(new.bytes)
    WHERE kind = 2 AND device = (SELECT l.device FROM acts a JOIN lines l ON l.line = a.line WHERE a.aseq = new.aseq);
END;
-- What is newer than this program waits as well, though it has its place.
CREATE TRIGGER newer_comes AFTER INSERT ON acts WHEN new.verdict = 3 BEGIN
    INSERT INTO weights VALUES (1, (SELECT device FROM lines WHERE line = new.line), length(new.bytes) + 256)
    ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER newer_part_comes AFTER INSERT ON parts
WHEN (SELECT verdict FROM acts WHERE aseq = new.aseq) = 3 BEGIN
    UPDATE weights SET bytes = bytes + length(new.bytes)
    WHERE kind = 1 AND device = (SELECT l.device FROM acts a JOIN lines l ON l.line = a.line WHERE a.aseq = new.aseq);
END;
CREATE TRIGGER newer_goes AFTER UPDATE OF verdict ON acts WHEN old.verdict = 3 AND new.verdict <> 3 BEGIN
    UPDATE weights SET bytes = bytes - length(old.bytes) - 256
        - (SELECT coalesce(sum(length(bytes)), 0) FROM parts WHERE aseq = old.aseq)
    WHERE kind = 1 AND device = (SELECT device FROM lines WHERE line = old.line);
END;
CREATE TRIGGER newer_was_unlawful AFTER UPDATE OF verdict ON acts WHEN old.verdict = 3 AND new.verdict IN (2, 4) BEGIN
    INSERT INTO weights VALUES (2, (SELECT device FROM lines WHERE line = new.line), length(new.bytes) + 256
        + (SELECT coalesce(sum(length(bytes)), 0) FROM parts WHERE aseq = old.aseq))
    ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes;
END;

CREATE TRIGGER aside_comes AFTER INSERT ON aside BEGIN
    INSERT INTO weights VALUES (3, new.device, 1) ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER aside_goes AFTER DELETE ON aside BEGIN
    UPDATE weights SET bytes = bytes - 1 WHERE kind = 3 AND device = old.device;
END;
CREATE TRIGGER stub_comes AFTER INSERT ON stubs BEGIN
    INSERT INTO weights VALUES (4, new.device, 1) ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes;
END;

CREATE TABLE refused(
    rseq INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    bytes BLOB,
    reason TEXT NOT NULL,
    peer INTEGER,
    received_at INTEGER NOT NULL
) STRICT;
CREATE INDEX refused_by_peer ON refused(peer, rseq);

CREATE TABLE feeds(
    scope INTEGER NOT NULL,
    lseq INTEGER NOT NULL CHECK (lseq > 0),
    kind INTEGER NOT NULL CHECK (kind IN (1, 2, 3, 4)),
    ref INTEGER NOT NULL,
    after INTEGER CHECK ((after IS NULL) = (kind <> 2)),
    upto INTEGER CHECK ((upto IS NULL) = (kind <> 2)),
    -- At each so-manieth entry, see `MARK_EVERY_ENTRIES`.
    running BLOB CHECK (length(running) = 16),
    peer INTEGER,
    PRIMARY KEY (scope, lseq)
) STRICT, WITHOUT ROWID;
CREATE INDEX feeds_by_ref ON feeds(scope, kind, ref);

CREATE TABLE heads(
    scope INTEGER PRIMARY KEY,
    lseq INTEGER NOT NULL,
    running BLOB NOT NULL CHECK (length(running) = 16)
) STRICT;

CREATE TABLE cursors(
    peer INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    received_lseq INTEGER NOT NULL,
    received_running BLOB NOT NULL CHECK (length(received_running) = 16),
    acked_lseq INTEGER NOT NULL,
    acked_running BLOB NOT NULL CHECK (length(acked_running) = 16),
    full_upto INTEGER NOT NULL,
    arrived INTEGER NOT NULL,
    -- Before what a newer program may understand, if anything came that this one did not.
    newer_lseq INTEGER,
    newer_running BLOB CHECK (length(newer_running) = 16),
    PRIMARY KEY (peer, scope)
) STRICT, WITHOUT ROWID;

-- How many acts of a feed a peer has not acknowledged (see `backlog.rs`); of nobody (-1), of whoever has no row.
CREATE TABLE backlog(
    scope INTEGER NOT NULL,
    peer INTEGER NOT NULL,
    acts INTEGER NOT NULL,
    PRIMARY KEY (scope, peer)
) STRICT, WITHOUT ROWID;

-- What changed, in order: 1 acts or parts, 2 what is computed from them; 3 numbers are left out (see `changes.rs`).
CREATE TABLE changes(
    seq INTEGER PRIMARY KEY,
    doc INTEGER REFERENCES docs(doc),
    sort INTEGER NOT NULL CHECK (sort IN (1, 2, 3)),
    CHECK ((doc IS NULL) = (sort = 3))
) STRICT;

-- How many rows some tables have.
CREATE TABLE totals(
    name TEXT PRIMARY KEY,
    rows INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO totals VALUES ('acts', 0), ('held', 0);
CREATE TRIGGER act_counted AFTER INSERT ON acts BEGIN
    UPDATE totals SET rows = rows + 1 WHERE name = 'acts';
END;
CREATE TRIGGER held_counted AFTER INSERT ON held BEGIN
    UPDATE totals SET rows = rows + 1 WHERE name = 'held';
END;
CREATE TRIGGER held_discounted AFTER DELETE ON held BEGIN
    UPDATE totals SET rows = rows - 1 WHERE name = 'held';
END;

CREATE TABLE doc_scopes(
    doc INTEGER NOT NULL REFERENCES docs(doc),
    scope INTEGER NOT NULL,
    open INTEGER NOT NULL,
    PRIMARY KEY (doc, scope)
) STRICT, WITHOUT ROWID;
CREATE INDEX doc_scopes_by_scope ON doc_scopes(scope, doc);
-- What has left is most of it after some years: questions for what is open would go through all of that.
CREATE INDEX doc_scopes_open ON doc_scopes(scope, doc) WHERE open;

CREATE TABLE externals(
    system TEXT NOT NULL,
    number TEXT NOT NULL,
    unit INTEGER NOT NULL,
    doc INTEGER NOT NULL REFERENCES docs(doc),
    text BLOB CHECK (length(text) = 32),
    private BLOB CHECK (length(private) = 32),
    PRIMARY KEY (system, number, unit, doc)
) STRICT, WITHOUT ROWID;
CREATE INDEX externals_by_doc ON externals(doc);

CREATE TABLE serials(
    day INTEGER PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT;

-- Which ticket has which number: of the device that gave it, its day and serial. Mostly one.
CREATE TABLE numbers(
    device INTEGER NOT NULL,
    day INTEGER NOT NULL,
    serial INTEGER NOT NULL,
    doc INTEGER NOT NULL REFERENCES docs(doc),
    PRIMARY KEY (device, day, serial, doc)
) STRICT, WITHOUT ROWID;

CREATE TABLE times(
    number INTEGER PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE accounts(
    person INTEGER PRIMARY KEY,
    password TEXT NOT NULL,
    round INTEGER NOT NULL,
    first_by INTEGER,
    own_since INTEGER,
    version INTEGER NOT NULL
) STRICT;

CREATE TABLE reveals(
    rseq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    person INTEGER NOT NULL,
    doc INTEGER NOT NULL REFERENCES docs(doc),
    way TEXT NOT NULL,
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    what TEXT NOT NULL,
    paper TEXT NOT NULL
) STRICT;
CREATE INDEX reveals_by_doc ON reveals(doc);
CREATE INDEX reveals_by_person ON reveals(person);

-- What was said of deputies and leave stays; the newest row of a person is what holds.
CREATE TABLE deputies(
    dseq INTEGER PRIMARY KEY,
    person INTEGER NOT NULL,
    deputy INTEGER CHECK (deputy <> person),
    by INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX deputies_by_person ON deputies(person, dseq);

CREATE TABLE leaves(
    lseq INTEGER PRIMARY KEY,
    person INTEGER NOT NULL,
    cover INTEGER NOT NULL CHECK (cover <> person),
    first INTEGER NOT NULL,
    last INTEGER NOT NULL CHECK (last >= first),
    by INTEGER NOT NULL,
    at INTEGER NOT NULL,
    ended_by INTEGER,
    ended_at INTEGER
) STRICT;
CREATE INDEX leaves_by_last ON leaves(last) WHERE ended_by IS NULL;

CREATE TABLE requests(
    rseq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
    person INTEGER NOT NULL,
    nth INTEGER NOT NULL,
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    told BLOB NOT NULL,
    at INTEGER NOT NULL,
    answer BLOB,
    UNIQUE (person, nth)
) STRICT;

CREATE TABLE alarms(
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    detail TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    count INTEGER NOT NULL,
    acknowledged_by INTEGER,
    acknowledged_at INTEGER,
    over_at INTEGER,
    PRIMARY KEY (kind, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX alarms_by_time ON alarms(last_at);
";

/// Brings the file up to the last of `migrations`, each in a transaction of its own, so that a file is always of one
/// version as a whole. `found` is its version now.
pub(crate) fn migrate(conn: &Connection, found: u32, migrations: &[&str]) -> Result<(), StoreError> {
    for (version, sql) in (1_u32..).zip(migrations).skip_while(|(version, _)| *version <= found) {
        let transaction = conn.unchecked_transaction()?;
        transaction.execute_batch(sql)?;
        empty_projections(&transaction)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
    }
    Ok(())
}

/// The version that a file says it has.
pub(crate) fn version(conn: &Connection) -> Result<u32, StoreError> {
    Ok(conn.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::connect_in_memory;

    fn tables(conn: &Connection) -> Vec<String> {
        let mut statement = conn.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").unwrap();
        let names = statement.query_map([], |row| row.get(0)).unwrap();
        names.collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn new_file_gets_every_step_once() {
        let conn = connect_in_memory().unwrap();
        let steps = [MIGRATIONS[0], "CREATE TABLE later(x)"];
        migrate(&conn, 0, &steps).unwrap();
        migrate(&conn, 2, &steps).unwrap();
        assert_eq!(version(&conn).unwrap(), 2);
        assert!(tables(&conn).contains(&"later".to_owned()));
        assert!(tables(&conn).contains(&"tickets".to_owned()));
    }

    #[test]
    fn older_file_gets_only_the_steps_it_lacks_and_keeps_its_rows() {
        let conn = connect_in_memory().unwrap();
        migrate(&conn, 0, &MIGRATIONS).unwrap();
        conn.execute_batch(
            "INSERT INTO meta VALUES ('node', x'01'), ('projected', x'01');
             INSERT INTO act_states(aseq) VALUES (1)",
        )
        .unwrap();
        migrate(&conn, 1, &[MIGRATIONS[0], "ALTER TABLE accounts ADD COLUMN note TEXT"]).unwrap();
        let kept: Vec<u8> = conn.query_row("SELECT value FROM meta", [], |row| row.get(0)).unwrap();
        assert_eq!(kept, [1], "ground truth stays, the mark of built projections goes");
        let states: i64 = conn.query_row("SELECT count(*) FROM act_states", [], |row| row.get(0)).unwrap();
        assert_eq!(states, 0);
        assert_eq!(version(&conn).unwrap(), 2);
    }

    #[test]
    fn step_that_fails_half_way_leaves_the_version_before_it() {
        let conn = connect_in_memory().unwrap();
        let broken = "CREATE TABLE half(x); INSERT INTO nowhere VALUES (1)";
        assert!(migrate(&conn, 0, &[MIGRATIONS[0], broken]).is_err());
        assert_eq!(version(&conn).unwrap(), 1);
        assert!(!tables(&conn).contains(&"half".to_owned()));
        migrate(&conn, 1, &[MIGRATIONS[0], "CREATE TABLE whole(x)"]).unwrap();
        assert_eq!(version(&conn).unwrap(), 2);
    }
}
