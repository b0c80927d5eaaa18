use athanor::domain::report::Load;
use athanor::sandbox::docker::{DockerSandbox, DockerSettings};
use athanor::sandbox::{EventSink, Sandbox};
use crate::sandbox_contract::job;

#[tokio::test(flavor = "multi_thread")]
async fn dump() {
    let sandbox = DockerSandbox::start(DockerSettings { pool_size: 3, max_jobs: 2, max_boots: 1, ..DockerSettings::detect() }).await.unwrap();
    let text = std::fs::read_to_string("/tmp/sources.txt").unwrap();
    for block in text.split("=====\n") {
        let (name, source) = block.split_once('\n').unwrap();
        let source = source.replace("\\0", "\0").replace("\\u200B", "\u{200B}");
        let report = sandbox.run(job(&source, &[]), &EventSink::none()).await.unwrap();
        println!("##### {name}");
        match report.load {
            Some(Load::Loaded { diagnostics, output }) | Some(Load::Refused { diagnostics, output }) => {
                for d in diagnostics {
                    println!("{:?} {:?} {:?} {:?} end {:?}\n{}\n", d.severity, d.file, d.line, d.column, d.end, d.message);
                }
                if !output.is_empty() { println!("OUTPUT {output:?}"); }
            }
            None => println!("NONE {:?}", report.end),
        }
    }
    sandbox.shutdown().await;
}
