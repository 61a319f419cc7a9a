//! Every attack on a small scale; the whole of it is `cargo run --release -p tests --bin hostile`.

use tests::hostile::cases::CASES;
use tests::hostile::{Scale, run};

#[tokio::test(flavor = "multi_thread")]
async fn no_case_gets_through() {
    // The node is another process of the same program.
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_hostile"));
    let mut failures = Vec::new();
    for case in CASES {
        let report = run(program, case, Scale { divide: 100 }).await.expect("the node can be attacked");
        if let Some(failure) = report.failure {
            failures.push(format!("{}: {failure} {}", case.name, report.figures));
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}
