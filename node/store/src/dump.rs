//! Every projection as text, so that two nodes can be compared.

use crate::error::StoreError;
use crate::open::Queries;

/// One line a row, named by ids of acts and documents. Left out is what each node has of its own: numbers of acts and
/// documents, times of arrival, peers.
const LINES: [&str; 10] = [
    "SELECT 'ticket ' || lower(hex(d.id)) || json_array(number, external, state, kind, urgency, category, place, title,
        lead, raised_at, registered_at, updated_at, next_due, next_due_kind, next_due_unit, provisional, flags,
        unsettled, overruled, conflicts, overdue_at, handler)
     FROM tickets t JOIN docs d ON d.doc = t.doc",
    "SELECT 'unit ' || lower(hex(d.id)) || json_array(unit, part, open)
     FROM ticket_units t JOIN docs d ON d.doc = t.doc",
    "SELECT 'due ' || lower(hex(d.id)) || json_array(unit, due, kind, provisional)
     FROM unit_dues t JOIN docs d ON d.doc = t.doc",
    "SELECT 'concerned ' || lower(hex(d.id)) || json_array(unit, at, open, heeds)
     FROM concerned t JOIN docs d ON d.doc = t.doc",
    "SELECT 'act ' || lower(hex(a.id)) || json_array(a.verdict, a.rule, s.standing, s.rule, lower(hex(s.by_act)),
        s.stratum)
     FROM act_states s JOIN acts a ON a.aseq = s.aseq",
    "SELECT 'article ' || lower(hex(d.id)) || json_array(title, category, state, body, published, published_at,
        updated_at, conflicts)
     FROM articles t JOIN docs d ON d.doc = t.doc",
    "SELECT 'proposal ' || lower(hex(d.id)) || json_array(lower(hex(act)), kind, person, keeper, since)
     FROM proposals t JOIN docs d ON d.doc = t.doc",
    "SELECT 'count ' || lower(hex(d.id)) || json_array(day, afternoon, unit, apart, leaves, lower(hex(numbers)))
     FROM counts t JOIN docs d ON d.doc = t.doc",
    "SELECT 'search ' || lower(hex(d.id)) || ' ' || col || ' ' || group_concat(term, ' ' ORDER BY \"offset\")
     FROM search_terms t JOIN docs d ON d.doc = t.doc GROUP BY d.id, col",
    "SELECT 'article search ' || lower(hex(d.id)) || ' ' || col || ' ' || group_concat(term, ' ' ORDER BY \"offset\")
     FROM article_terms t JOIN docs d ON d.doc = t.doc GROUP BY d.id, col",
];

impl Queries {
    /// All projections, one line a row, sorted: equal on two nodes that hold the same documents and parts. Holds the
    /// whole text of them; for tests and comparisons, not for pages or logs.
    ///
    /// # Errors
    /// Faults only.
    pub fn dump_projections(&self) -> Result<Vec<String>, StoreError> {
        let mut lines: Vec<String> = Vec::new();
        for sql in LINES {
            let mut statement = self.conn.prepare_cached(sql)?;
            for line in statement.query_map([], |row| row.get(0))? {
                lines.push(line?);
            }
        }
        lines.sort_unstable();
        Ok(lines)
    }
}
