//! The files of a ticket, as its page lists them.

use crate::App;
use desk::problem::Problem;
use desk::{attached, view};
use regulation::ActId;

/// A file of a ticket, as its page lists it.
pub(crate) struct FileRow {
    /// The file.
    pub file: view::FileView,
    /// What it is: 现场照片.
    pub summary: String,
    /// The unit that attached it.
    pub unit: String,
    /// When.
    pub at: String,
    /// Its length for people.
    pub size: String,
    /// Whether this node keeps it; unknown where its files cannot be looked at.
    pub here: Option<bool>,
}

/// The files of a ticket, the newest first. A ticket is shown also where its files cannot be looked at.
pub(crate) async fn rows(
    app: &App,
    doc: ActId,
    acts: &[view::ActView],
    english: bool,
) -> Result<Vec<FileRow>, Problem> {
    let named: Vec<&view::ActView> =
        acts.iter().rev().filter(|act| act.file.is_some() && act.admission == "admitted").collect();
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let (home, digests) =
        (app.desk.home().clone(), named.iter().filter_map(|act| act.file.clone()).collect::<Vec<_>>());
    let looked = tokio::task::spawn_blocking(move || attached::held(&home, doc, &digests));
    let here = match looked.await.map_err(|error| Problem::fault(&error))? {
        Ok(here) => here.into_iter().map(Some).collect(),
        Err(_) => vec![None; named.len()],
    };
    let row = |act: &view::ActView, here: Option<bool>| {
        let file = act.file.clone()?;
        let class = if english { &act.summary_en } else { &act.summary };
        Some(FileRow {
            summary: class.split(" · ").next().unwrap_or_default().to_owned(),
            unit: act.unit.name.clone(),
            at: act.claimed_at.clone(),
            size: size(file.bytes),
            file,
            here,
        })
    };
    Ok(named.iter().zip(here).filter_map(|(act, here)| row(act, here)).collect())
}

/// A length for people.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{} kB", bytes.div_ceil(1_024)),
        _ => format!("{}.{} MB", bytes >> 20, ((bytes & 0xf_ffff) * 10) >> 20),
    }
}
