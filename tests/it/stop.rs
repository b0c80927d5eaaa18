//! A stop at any moment leaves nothing behind.

use std::time::Duration;

use athanor::sandbox::Sandbox as _;
use athanor::sandbox::containers::{ContainerSandbox, ContainerSettings};

#[tokio::test(flavor = "multi_thread")]
async fn docker_a_stop_in_the_middle_of_a_boot_leaves_no_container() {
    // The boot takes some hundred milliseconds: each round stops it at another point.
    for round in 0..12 {
        let settings = ContainerSettings { pool_size: 1, ..ContainerSettings::detect() };
        let sandbox = ContainerSandbox::start(settings).await.expect("a sandbox");
        tokio::time::sleep(Duration::from_millis(round * 15)).await;
        sandbox.shutdown().await;
        assert_eq!(sandbox.containers().await.expect("a list"), Vec::<String>::new(), "round {round}");
        // What the engine might still be busy with has shown by now.
        tokio::time::sleep(Duration::from_millis(150)).await;
        assert_eq!(sandbox.containers().await.expect("a list"), Vec::<String>::new(), "round {round}, later");
    }
}
