//! What a ticket is found by beside its number from the front and its words: the end of its number, as people read it out, its
//! number at the source, and whoever raised it.

use regulation::ids::ActId;

use crate::error::StoreError;
use crate::ids::{DocNo, at_most};
use crate::open::{Queries, Store};

/// Of whom everybody may know who raised them: neither confidential, nor kept from this unit.
pub(super) const NOT_RESTRICTED: [&str; 2] =
    ["' ' || t.flags || ' ' NOT LIKE '% confidential %'", "' ' || t.flags || ' ' NOT LIKE '% recused %'"];

/// Other tickets that one question returns at most, in rows.
const OTHERS_MAX: usize = 20;

/// What a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// Its number from the end, backwards.
    NumberEnd,
    /// Its number in another system.
    Source,
    /// The requester's telephone.
    Telephone,
    /// The requester's name.
    Name,
    /// The digest of a file that was attached to it, hexadecimal.
    File,
}

impl Key {
    pub(super) const fn number(self) -> i64 {
        match self {
            Self::NumberEnd => 1,
            Self::Source => 2,
            Self::Telephone => 3,
            Self::Name => 4,
            Self::File => 5,
        }
    }

    /// The first text behind all that are so, or begin so where a beginning is enough.
    pub(super) fn behind(self, key: &str) -> String {
        match self {
            Self::NumberEnd | Self::Source => behind(key),
            // Of people nothing is found digit by digit.
            Self::Telephone | Self::Name | Self::File => format!("{key}\0"),
        }
    }
}

/// The first text behind all that begin so.
pub(super) fn behind(begins: &str) -> String {
    format!("{begins}{}", char::MAX)
}

impl Queries {
    /// Whether a ticket has a key of that sort that is so, or begins so where a beginning is enough: of those only of which
    /// everybody may know who raised them, unless it is said that the others are asked about as well. That there is one of the
    /// others shows in nothing.
    ///
    /// # Errors
    /// Faults only.
    pub fn any_key(&self, what: Key, key: &str, restricted: bool) -> Result<bool, StoreError> {
        let open = NOT_RESTRICTED.map(|condition| format!("AND {condition}")).join(" ");
        let sql = format!(
            "SELECT 1 FROM ticket_keys k INDEXED BY ticket_keys_by_key CROSS JOIN tickets t ON t.doc = k.doc
             WHERE k.what = ?1 AND k.key >= ?2 AND k.key < ?3 {} LIMIT 1",
            if restricted { "" } else { &open }
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        Ok(statement.exists((what.number(), key, what.behind(key)))?)
    }

    /// The other tickets that have exactly that key, with their numbers: as many as are asked for, oldest here first.
    ///
    /// # Errors
    /// Faults only.
    pub fn others_with_key(
        &self,
        what: Key,
        key: &str,
        doc: DocNo,
        limit: usize,
    ) -> Result<Vec<(ActId, String)>, StoreError> {
        let sql =
            "SELECT d.id, t.number FROM ticket_keys k JOIN tickets t ON t.doc = k.doc JOIN docs d ON d.doc = k.doc
                   WHERE k.what = ?1 AND k.key = ?2 AND k.doc <> ?3 ORDER BY k.doc LIMIT ?4";
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows = statement.query_map((what.number(), key, doc, at_most(limit, OTHERS_MAX)), |row| {
            Ok((ActId(row.get(0)?), row.get(1)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Store {
    /// Sets what a ticket is found by, sorted; what is so already is not written again.
    ///
    /// # Errors
    /// `NotInTransaction`, or a fault (`Sql` if a key is given twice).
    pub fn put_keys(&mut self, doc: DocNo, keys: &[(Key, String)]) -> Result<(), StoreError> {
        self.write(|store| {
            let mut known =
                store.conn.prepare_cached("SELECT what, key FROM ticket_keys WHERE doc = ?1 ORDER BY 1, 2")?;
            let known: Vec<(i64, String)> =
                known.query_map([doc], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
            if known.iter().map(|(what, key)| (*what, key)).eq(keys.iter().map(|(what, key)| (what.number(), key))) {
                return Ok(());
            }
            store.conn.prepare_cached("DELETE FROM ticket_keys WHERE doc = ?1")?.execute([doc])?;
            let sql = "INSERT INTO ticket_keys(doc, what, key) VALUES (?1, ?2, ?3)";
            let mut insert = store.conn.prepare_cached(sql)?;
            for (what, key) in keys {
                insert.execute((doc, what.number(), key))?;
            }
            Ok(())
        })
    }
}
