//! Documents, their acts and the parts that travel beside them.

use std::fmt;

use regulation::ids::{ActId, DeviceId, Millis};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};
use rusqlite::{OptionalExtension, Params, Row, ToSql, params};

use crate::error::StoreError;
use crate::ids::{Aseq, DocNo, at_most, counted};
use crate::names::BY_ID;
use crate::open::{Queries, Store};

/// Acts of one identity that are told of, at most.
pub const TWINS_MAX: usize = 16;
/// Acts, documents or act ids that one question returns at most, in rows.
pub const ACT_ROWS_MAX: usize = 4_096;
/// Bytes of acts and parts after which a question about acts of one document or of all returns no more; whoever asks on goes
/// on behind the last. What is asked between two acts has the limits of an entry of a feed.
pub const ACT_ROWS_BYTES_MAX: usize = 4 * 1024 * 1024;

/// What admission found of an act. One that waits for something else than a newer program is held, not stored here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Lawful at its causal past.
    Admitted,
    /// Its author could not do this there: kept, writes nothing.
    Unlawful,
    /// Something of it, or of what it follows, is newer than this program: no verdict yet. It has its place, and is passed on.
    Newer,
    /// It was newer than this program, and one that knows more found that it is none.
    Refused,
}

/// An act to be stored.
#[derive(Clone, Copy, Debug)]
pub struct NewAct<'a> {
    /// The act's own id.
    pub id: ActId,
    /// Its document, see [`Store::add_doc`].
    pub doc: DocNo,
    /// The signed bytes.
    pub bytes: &'a [u8],
    /// Ids of acts that stand in them: of those that are stored the number alone is kept.
    pub names: &'a [ActId],
    /// Signatures over them.
    pub signatures: &'a [u8],
    /// What admission found.
    pub verdict: Verdict,
    /// The rule that makes it unlawful.
    pub rule: Option<&'a str>,
    /// When it came to be stored here.
    pub received_at: Millis,
    /// The device it came from; `None` if it was made here.
    pub peer: Option<DeviceId>,
    /// Its author's device, with `epoch` and `dseq` the act's identity.
    pub device: DeviceId,
    /// Epoch of the author's database.
    pub epoch: u64,
    /// The device's count of its acts in that epoch.
    pub dseq: u64,
}

/// A stored act with those of its parts that are held here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActRow {
    /// Its number in this store.
    pub aseq: Aseq,
    /// The act's own id.
    pub id: ActId,
    /// Its document.
    pub doc: DocNo,
    /// The signed bytes.
    pub bytes: Vec<u8>,
    /// Signatures over them.
    pub signatures: Vec<u8>,
    /// What admission found.
    pub verdict: Verdict,
    /// The rule that makes it unlawful.
    pub rule: Option<String>,
    /// When it came to be stored here.
    pub received_at: Millis,
    /// The device it came from; `None` if it was made here.
    pub peer: Option<DeviceId>,
    /// Its author's device.
    pub device: DeviceId,
    /// Epoch of the author's database.
    pub epoch: u64,
    /// The device's count of its acts in that epoch.
    pub dseq: u64,
    /// Parts held, by kind.
    pub parts: Vec<PartRow>,
}

/// An act, as far as its arrival goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Its number in this store.
    pub aseq: Aseq,
    /// Its id.
    pub id: ActId,
    /// Its author's device.
    pub device: DeviceId,
    /// When it came to be stored here.
    pub received_at: Millis,
}

/// One part of an act, held here.
#[derive(Clone, PartialEq, Eq)]
pub struct PartRow {
    /// Which part: the act's own numbering.
    pub kind: u8,
    /// Salt of the commitment.
    pub salt: Vec<u8>,
    /// The content: free text or personal data.
    pub bytes: Vec<u8>,
}

// Parts are what must never reach a log.
impl fmt::Debug for PartRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PartRow {{ kind: {}, {} bytes }}", self.kind, self.bytes.len())
    }
}

/// Acts of a device, the first parameter, the newest first.
const OF_DEVICE: &str = "FROM lines l CROSS JOIN acts a ON a.line = l.line WHERE l.device = ?1
    ORDER BY l.epoch DESC, a.dseq DESC";
/// Acts of a device that are looked at to tell when it was heard from.
pub const HEARD_ACTS_MAX: i64 = 2_000;

impl Queries {
    /// Documents after `after` by number, at most `limit` or [`ACT_ROWS_MAX`].
    ///
    /// # Errors
    /// Faults only.
    pub fn docs_after(&self, after: DocNo, limit: usize) -> Result<Vec<(DocNo, ActId)>, StoreError> {
        let mut statement =
            self.conn.prepare_cached("SELECT doc, id FROM docs WHERE doc > ?1 ORDER BY doc LIMIT ?2")?;
        let rows = statement
            .query_map((after, at_most(limit, ACT_ROWS_MAX)), |row| Ok((row.get(0)?, row.get(1).map(ActId)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Documents whose ids begin with these hexadecimal digits, by id, at most `limit` or [`ACT_ROWS_MAX`].
    ///
    /// # Errors
    /// Faults only.
    pub fn docs_beginning(&self, digits: &str, limit: usize) -> Result<Vec<(DocNo, ActId)>, StoreError> {
        let bound = |fill: char| {
            ActId::parse(&format!("{digits}{}", String::from(fill).repeat(64_usize.saturating_sub(digits.len()))))
        };
        let Some((first, last)) = bound('0').zip(bound('f')) else { return Ok(Vec::new()) };
        let mut statement =
            self.conn.prepare_cached("SELECT doc, id FROM docs WHERE id >= ?1 AND id <= ?2 ORDER BY id LIMIT ?3")?;
        let rows = statement.query_map((first.0, last.0, at_most(limit, ACT_ROWS_MAX)), |row| {
            Ok((row.get(0)?, row.get(1).map(ActId)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The epoch that a device counts in, as far as its acts are stored.
    ///
    /// # Errors
    /// Faults only.
    pub fn newest_epoch(&self, device: DeviceId) -> Result<Option<u64>, StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT max(epoch) FROM lines WHERE device = ?1")?;
        Ok(statement.query_row([device.0], |row| row.get::<_, Option<i64>>(0))?.map(i64::cast_unsigned))
    }

    /// An act by its id.
    ///
    /// # Errors
    /// Faults only.
    pub fn act(&self, id: &ActId) -> Result<Option<ActRow>, StoreError> {
        Ok(self.select_acts(BY_ID, [id.0], usize::MAX)?.pop())
    }

    /// An act by its number.
    ///
    /// # Errors
    /// Faults only.
    pub fn act_at(&self, aseq: Aseq) -> Result<Option<ActRow>, StoreError> {
        Ok(self.select_acts("a.aseq = ?1", [aseq], usize::MAX)?.pop())
    }

    /// Acts of a document after number `after` in the order in which they came, no more once there are
    /// [`ACT_ROWS_BYTES_MAX`]. Nothing only if there are no more.
    ///
    /// # Errors
    /// Faults only.
    pub fn acts_of(&self, doc: DocNo, after: Aseq) -> Result<Vec<ActRow>, StoreError> {
        self.select_acts("a.doc = ?1 AND a.aseq > ?2", (doc, after), ACT_ROWS_BYTES_MAX)
    }

    /// Where from and when the acts of a document after number `after` came, in that order, at most [`ACT_ROWS_MAX`].
    ///
    /// # Errors
    /// Faults only.
    pub fn arrivals(&self, doc: DocNo, after: Aseq) -> Result<Vec<Arrival>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT a.aseq, a.id, l.device, a.received_at FROM acts a CROSS JOIN lines l ON l.line = a.line
             WHERE a.doc = ?1 AND a.aseq > ?2 ORDER BY a.aseq LIMIT ?3",
        )?;
        let rows = statement.query_map((doc, after, at_most(ACT_ROWS_MAX, ACT_ROWS_MAX)), |row| {
            let (id, device) = (row.get(1).map(ActId)?, row.get(2).map(DeviceId)?);
            Ok(Arrival { aseq: row.get(0)?, id, device, received_at: row.get(3)? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The acts of a document after number `after`, up to and with number `upto`: what an enter entry of a feed stands for.
    ///
    /// # Errors
    /// Faults only.
    pub fn acts_between(&self, doc: DocNo, after: Aseq, upto: Aseq) -> Result<Vec<ActRow>, StoreError> {
        self.select_acts("a.doc = ?1 AND a.aseq > ?2 AND a.aseq <= ?3", (doc, after, upto), usize::MAX)
    }

    /// The ids of those acts, in the same order.
    ///
    /// # Errors
    /// Faults only.
    pub fn act_ids_between(&self, doc: DocNo, after: Aseq, upto: Aseq) -> Result<Vec<ActId>, StoreError> {
        let mut statement = self
            .conn
            .prepare_cached("SELECT id FROM acts WHERE doc = ?1 AND aseq > ?2 AND aseq <= ?3 ORDER BY aseq")?;
        let rows = statement.query_map((doc, after, upto), |row| row.get(0).map(ActId))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many acts of a document are newer than this program.
    ///
    /// # Errors
    /// Faults only.
    pub fn newer_of(&self, doc: DocNo) -> Result<u64, StoreError> {
        let mut statement = self.conn.prepare_cached("SELECT count(*) FROM acts WHERE doc = ?1 AND verdict = 3")?;
        Ok(statement.query_row([doc], |row| row.get(0).map(counted))?)
    }

    /// How many acts are newer than this program, and of how many documents.
    ///
    /// # Errors
    /// Faults only.
    pub fn newer_count(&self) -> Result<(u64, u64), StoreError> {
        let mut statement =
            self.conn.prepare_cached("SELECT count(*), count(DISTINCT doc) FROM acts WHERE verdict = 3")?;
        Ok(statement.query_row([], |row| Ok((row.get(0).map(counted)?, row.get(1).map(counted)?)))?)
    }

    /// Documents after `after` with acts that are newer than this program, at most [`ACT_ROWS_MAX`].
    ///
    /// # Errors
    /// Faults only.
    pub fn newer_docs(&self, after: DocNo) -> Result<Vec<DocNo>, StoreError> {
        let mut statement = self
            .conn
            .prepare_cached("SELECT DISTINCT doc FROM acts WHERE verdict = 3 AND doc > ?1 ORDER BY doc LIMIT ?2")?;
        let rows = statement.query_map((after, at_most(ACT_ROWS_MAX, ACT_ROWS_MAX)), |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Acts of all documents after `after` by number, at most `limit` or [`ACT_ROWS_MAX`], and no more once there are
    /// [`ACT_ROWS_BYTES_MAX`]. Nothing only if there are no more.
    ///
    /// # Errors
    /// Faults only.
    pub fn acts_after(&self, after: Aseq, limit: usize) -> Result<Vec<ActRow>, StoreError> {
        let rows = at_most(limit, ACT_ROWS_MAX);
        self.select_acts(
            "a.aseq IN (SELECT aseq FROM acts WHERE aseq > ?1 ORDER BY aseq LIMIT ?2)",
            (after, rows),
            ACT_ROWS_BYTES_MAX,
        )
    }

    /// The acts that claim one identity, in the order in which they came, at most [`TWINS_MAX`]. More than one proves a
    /// clone.
    ///
    /// # Errors
    /// Faults only.
    pub fn acts_of_identity(&self, device: DeviceId, epoch: u64, dseq: u64) -> Result<Vec<(Aseq, ActId)>, StoreError> {
        let mut statement = self.conn.prepare_cached(
            "SELECT aseq, id FROM acts WHERE line = (SELECT line FROM lines WHERE device = ?1 AND epoch = ?2) AND dseq = ?3
             ORDER BY aseq LIMIT ?4",
        )?;
        let twins = at_most(TWINS_MAX, TWINS_MAX);
        let rows = statement.query_map((device.0, epoch.cast_signed(), dseq.cast_signed(), twins), |row| {
            Ok((row.get(0)?, row.get(1).map(ActId)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// When the newest act of a device came to be stored here.
    ///
    /// # Errors
    /// Faults only.
    pub fn newest_act_of(&self, device: DeviceId) -> Result<Option<Millis>, StoreError> {
        let mut statement = self.conn.prepare_cached(&format!("SELECT received_at {OF_DEVICE} LIMIT 1"))?;
        Ok(statement.query_row([device.0], |row| row.get(0)).optional()?)
    }

    /// Whether an act of a device came to be stored here between two times, both excluded; among its newest
    /// [`HEARD_ACTS_MAX`].
    ///
    /// # Errors
    /// Faults only.
    pub fn heard_from(&self, device: DeviceId, after: Millis, before: Millis) -> Result<bool, StoreError> {
        let mut statement = self.conn.prepare_cached(&format!(
            "SELECT count(*) FROM (SELECT received_at {OF_DEVICE} LIMIT ?4) WHERE received_at > ?2 AND received_at < ?3"
        ))?;
        let count: i64 = statement.query_row((device.0, after, before, HEARD_ACTS_MAX), |row| row.get(0))?;
        Ok(count > 0)
    }

    /// `condition` is one of the texts above; each becomes one cached statement.
    fn select_acts(&self, condition: &str, params: impl Params, bytes_max: usize) -> Result<Vec<ActRow>, StoreError> {
        let mut statement = self.conn.prepare_cached(&format!(
            "SELECT a.aseq, a.id, a.doc, a.bytes, a.signatures, a.verdict, a.rule, a.received_at, a.peer, l.device,
                    l.epoch, a.dseq, p.kind, p.salt, p.bytes
             FROM acts a JOIN lines l ON l.line = a.line LEFT JOIN parts p ON p.aseq = a.aseq WHERE {condition} ORDER BY a.aseq, p.kind"
        ))?;
        let mut rows = statement.query(params)?;
        let (mut acts, mut bytes) = (Vec::<ActRow>::new(), 0);
        while let Some(row) = rows.next()? {
            let aseq = row.get(0)?;
            let part = part_of(row)?;
            bytes += part.as_ref().map_or(0, |part| part.bytes.len());
            match acts.last_mut() {
                Some(last) if last.aseq == aseq => last.parts.extend(part),
                Some(_) if bytes > bytes_max => break,
                _ => {
                    let mut act = act_of(row, part)?;
                    act.bytes = self.signed(act.doc, &act.bytes, |aseq| {
                        acts.binary_search_by_key(&aseq, |other| other.aseq).ok().map(|place| acts[place].id)
                    })?;
                    bytes += act.bytes.len();
                    acts.push(act);
                }
            }
        }
        Ok(acts)
    }

    /// The number of a device and epoch, given now if they have none yet.
    fn line(&self, device: DeviceId, epoch: u64) -> Result<i64, StoreError> {
        let values = (device.0, epoch.cast_signed());
        let mut known = self.conn.prepare_cached("SELECT line FROM lines WHERE device = ?1 AND epoch = ?2")?;
        if let Some(line) = known.query_row(values, |row| row.get(0)).optional()? {
            return Ok(line);
        }
        let mut statement =
            self.conn.prepare_cached("INSERT INTO lines(device, epoch) VALUES (?1, ?2) RETURNING line")?;
        Ok(statement.query_row(values, |row| row.get(0))?)
    }
}

impl Store {
    /// The number of a document, given now if it has none yet.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn add_doc(&mut self, id: &ActId) -> Result<DocNo, StoreError> {
        self.write(|store| {
            if let Some(known) = store.doc_no(id)? {
                return Ok(known);
            }
            let mut statement = store.conn.prepare_cached("INSERT INTO docs(id) VALUES (?1) RETURNING doc")?;
            Ok(statement.query_row([id.0], |row| row.get(0))?)
        })
    }

    /// Stores an act and numbers it.
    ///
    /// # Errors
    /// `Duplicate` if it is stored already; `NotInTransaction`; a fault.
    pub fn insert_act(&mut self, act: &NewAct<'_>) -> Result<Aseq, StoreError> {
        self.write(|store| {
            if store.aseq_of(&act.id)?.is_some() {
                return Err(StoreError::Duplicate(act.id));
            }
            let (line, kept) = (store.line(act.device, act.epoch)?, store.kept(act.doc, act.bytes, act.names)?);
            let mut statement = store.conn.prepare_cached(
                "INSERT INTO acts(id, doc, bytes, signatures, verdict, rule, received_at, peer, line, dseq)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) RETURNING aseq",
            )?;
            let values = params![
                act.id.0,
                act.doc,
                kept,
                act.signatures,
                act.verdict,
                act.rule,
                act.received_at,
                act.peer.map(|peer| peer.0),
                line,
                act.dseq.cast_signed(),
            ];
            Ok(statement.query_row(values, |row| row.get(0))?)
        })
    }

    /// Replaces the verdict of a stored act, as after an upgrade that knows more kinds. False if there is no such act.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn set_verdict(&mut self, aseq: Aseq, verdict: Verdict, rule: Option<&str>) -> Result<bool, StoreError> {
        self.write(|store| {
            let mut statement = store.conn.prepare_cached("UPDATE acts SET verdict = ?2, rule = ?3 WHERE aseq = ?1")?;
            Ok(statement.execute((aseq, verdict, rule))? > 0)
        })
    }

    /// Keeps a part of a stored act; one of the same kind is replaced.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault (`Sql` if there is no such act).
    pub fn put_part(&mut self, aseq: Aseq, kind: u8, salt: &[u8], bytes: &[u8]) -> Result<(), StoreError> {
        self.write(|store| {
            let mut statement =
                store.conn.prepare_cached("REPLACE INTO parts(aseq, kind, salt, bytes) VALUES (?1, ?2, ?3, ?4)")?;
            statement.execute((aseq, kind, salt, bytes))?;
            Ok(())
        })
    }

    /// Erases a part. False if it was not held.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault.
    pub fn drop_part(&mut self, aseq: Aseq, kind: u8) -> Result<bool, StoreError> {
        self.write(|store| {
            let mut statement = store.conn.prepare_cached("DELETE FROM parts WHERE aseq = ?1 AND kind = ?2")?;
            Ok(statement.execute((aseq, kind))? > 0)
        })
    }
}

impl ToSql for Verdict {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(match self {
            Self::Admitted => 1_i64,
            Self::Unlawful => 2,
            Self::Newer => 3,
            Self::Refused => 4,
        }))
    }
}

impl FromSql for Verdict {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match i64::column_result(value)? {
            1 => Ok(Self::Admitted),
            2 => Ok(Self::Unlawful),
            3 => Ok(Self::Newer),
            4 => Ok(Self::Refused),
            other => Err(FromSqlError::OutOfRange(other)),
        }
    }
}

fn act_of(row: &Row<'_>, part: Option<PartRow>) -> rusqlite::Result<ActRow> {
    Ok(ActRow {
        aseq: row.get(0)?,
        id: row.get(1).map(ActId)?,
        doc: row.get(2)?,
        bytes: row.get(3)?,
        signatures: row.get(4)?,
        verdict: row.get(5)?,
        rule: row.get(6)?,
        received_at: row.get(7)?,
        peer: row.get::<_, Option<u32>>(8)?.map(DeviceId),
        device: row.get(9).map(DeviceId)?,
        epoch: row.get(10).map(i64::cast_unsigned)?,
        dseq: row.get(11).map(i64::cast_unsigned)?,
        parts: part.into_iter().collect(),
    })
}

fn part_of(row: &Row<'_>) -> rusqlite::Result<Option<PartRow>> {
    let Some(kind) = row.get(12)? else { return Ok(None) };
    Ok(Some(PartRow { kind, salt: row.get(13)?, bytes: row.get(14)? }))
}
