//! Every attack on a small scale; the whole of it is `cargo run --release -p tests --bin hostile`.

use tests::hostile::cases::CASES;
use tests::hostile::{Scale, run};

#[tokio::test(flavor = "multi_thread")]
async fn no_case_gets_through() {
    // The node is another process of the same program.
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_hostile"));
    let mut running = tokio::task::JoinSet::new();
    for case in CASES {
        running.spawn(async move { run(program, case, Scale { divide: 100 }).await });
    }
    let mut failures = Vec::new();
    while let Some(report) = running.join_next().await {
        let report = report.expect("a case does not panic").expect("the node can be attacked");
        if let Some(failure) = report.failure {
            failures.push(format!("{}: {failure} {}", report.case, report.figures));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}
