//! The drawer: what is kept in it, by whom it can be read, and what is left of what was erased.

use regulation::{ActId, PersonId};
use rusqlite::Connection;
use store::{DRAWER_VERSION, DraftRow, Drawer, SessionRow, StoreError};

use crate::rows::KEY;

const WANG: PersonId = PersonId(1);
const LI: PersonId = PersonId(2);
const TICKET: ActId = ActId([7; 32]);

fn draft(person: PersonId, doc: Option<ActId>, form: &str, text: &str) -> DraftRow {
    let (form, window) = (form.to_owned(), "w1".to_owned());
    DraftRow { person, doc, form, window, fields: text.to_owned(), erased: 0, at: 1_000 }
}

fn session(token: u8, person: PersonId) -> SessionRow {
    SessionRow { token: [token; 32], person, account: [9; 32], begun_at: 1, last_at: 2 }
}

#[test]
fn drafts_are_kept_by_person_document_and_form() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("drawer.db");
    let mut drawer = Drawer::open(&path, &KEY).unwrap();
    for (person, doc, form, text) in [
        (WANG, Some(TICKET), "note", "一"),
        (WANG, Some(TICKET), "dispatch", "二"),
        (WANG, None, "register", "三"),
        (LI, Some(TICKET), "note", "四"),
    ] {
        drawer.put_draft(&draft(person, doc, form, text)).unwrap();
    }
    drawer.put_draft(&DraftRow { at: 2_000, ..draft(WANG, Some(TICKET), "note", "五") }).unwrap();
    drop(drawer);
    let mut drawer = Drawer::open(&path, &KEY).unwrap();
    let texts = |drawer: &Drawer, person, doc| {
        let rows = drawer.drafts(person, doc).unwrap();
        rows.into_iter().map(|row| row.fields).collect::<Vec<_>>()
    };
    assert_eq!(texts(&drawer, WANG, Some(Some(TICKET))), ["五", "二"], "the newest first");
    assert_eq!(texts(&drawer, WANG, Some(None)), ["三"]);
    assert_eq!(texts(&drawer, WANG, None).len(), 3);
    assert_eq!(texts(&drawer, LI, None), ["四"]);
    assert_eq!(drawer.drafts_beside(WANG, Some(TICKET), "note").unwrap(), (2, 6), "in bytes");
    assert_eq!(drawer.documents().unwrap(), [TICKET]);
    assert!(!drawer.erase_draft(LI, Some(TICKET), "dispatch").unwrap(), "it is another's");
    assert!(drawer.erase_draft(WANG, Some(TICKET), "dispatch").unwrap());
    assert_eq!(drawer.erase_drafts_before(1_001).unwrap(), 2);
    assert_eq!(texts(&drawer, WANG, None), ["五"]);
    drawer.put_draft(&DraftRow { erased: 1, ..draft(LI, Some(TICKET), "note", "六") }).unwrap();
    assert_eq!(drawer.erase_drafts_of(&TICKET, 1).unwrap(), 1, "what was begun before");
    assert!(drawer.has_drafts_of(&TICKET).unwrap() && texts(&drawer, LI, None) == ["六"]);
}

#[test]
fn nothing_of_a_drawer_can_be_read_without_its_key_and_what_was_erased_is_gone_from_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("drawer.db");
    let mut drawer = Drawer::open(&path, &KEY).unwrap();
    drawer.put_draft(&draft(WANG, Some(TICKET), "note", "慕容金丝雀")).unwrap();
    drawer.put_session(&session(0x5a, WANG)).unwrap();
    let log = folder.path().join("drawer.db-wal");
    assert!(log.metadata().unwrap().len() > 0);
    let readable = || {
        let files =
            std::fs::read_dir(folder.path()).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
        let secrets = ["慕容".as_bytes(), b"SQLite format 3", b"CREATE TABLE", &[0x5a; 32]];
        files
            .into_iter()
            .any(|file| secrets.iter().any(|secret| file.windows(secret.len()).any(|part| part == *secret)))
    };
    assert!(!readable());
    assert!(drawer.erase_draft(WANG, Some(TICKET), "note").unwrap());
    assert_eq!(log.metadata().unwrap().len(), 0);
    drop(drawer);
    assert!(!readable());
    assert_eq!(Drawer::open(&path, &[8; 32]).err(), Some(StoreError::WrongKey));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o077, 0);
    }
    Drawer::remove(&path).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    Drawer::remove(&path).unwrap();
}

#[test]
fn sessions_end_one_by_one_by_person_and_all_but_some() {
    let mut drawer = Drawer::in_memory().unwrap();
    let tokens = |drawer: &Drawer| drawer.sessions().unwrap().iter().map(|row| row.token[0]).collect::<Vec<_>>();
    for (token, person) in [(1, WANG), (2, WANG), (3, LI), (4, LI)] {
        drawer.put_session(&session(token, person)).unwrap();
    }
    drawer.end_session(&[1; 32]).unwrap();
    assert_eq!(tokens(&drawer), [2, 3, 4]);
    drawer.touch_session(&[3; 32], 9).unwrap();
    drawer.touch_session(&[1; 32], 9).unwrap();
    let last: Vec<_> = drawer.sessions().unwrap().iter().map(|row| row.last_at).collect();
    assert_eq!(last, [2, 9, 2], "one that is over does not begin again");
    drawer.end_sessions_of(WANG).unwrap();
    assert_eq!(tokens(&drawer), [3, 4]);
    drawer.end_sessions_but(&[[4; 32]]).unwrap();
    assert_eq!(tokens(&drawer), [4]);
}

#[test]
fn drawer_of_a_newer_program_is_left_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("drawer.db");
    drop(Drawer::open(&path, &KEY).unwrap());
    let conn = Connection::open(&path).unwrap();
    let key: String = KEY.iter().map(|byte| format!("{byte:02x}")).collect();
    conn.pragma_update(None, "key", format!("x'{key}'")).unwrap();
    conn.execute_batch("PRAGMA cipher_hmac_algorithm = HMAC_SHA256;").unwrap();
    conn.pragma_update(None, "user_version", DRAWER_VERSION + 1).unwrap();
    drop(conn);
    let newer = StoreError::Newer { found: DRAWER_VERSION + 1, known: DRAWER_VERSION };
    assert_eq!(Drawer::open(&path, &KEY).err(), Some(newer.clone()));
    assert_eq!(Drawer::open(&path, &KEY).err(), Some(newer));
}
