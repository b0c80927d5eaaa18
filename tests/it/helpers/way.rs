//! A way to the container engine that a test may cut, or hold up.

use std::path::PathBuf;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// A socket that leads to the engine.
pub struct Way {
    /// Its address, as `DOCKER_HOST` has it.
    pub host: String,
    socket: PathBuf,
    target: PathBuf,
    cut: CancellationToken,
    answers: watch::Sender<bool>,
    creations: watch::Sender<bool>,
    _folder: tempfile::TempDir,
}

impl Way {
    /// An open one.
    pub fn open() -> Self {
        let host = std::env::var("DOCKER_HOST").unwrap_or_else(|_| "unix:///var/run/docker.sock".to_owned());
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("engine.sock");
        let mut way = Self {
            host: format!("unix://{}", socket.display()),
            socket,
            target: PathBuf::from(host.trim_start_matches("unix://")),
            cut: CancellationToken::new(),
            answers: watch::channel(false).0,
            creations: watch::channel(false).0,
            _folder: folder,
        };
        way.mend();
        way
    }

    /// Ends every connection, and accepts no more.
    pub fn cut(&self) {
        self.cut.cancel();
        std::fs::remove_file(&self.socket).unwrap();
    }

    /// Accepts connections again.
    pub fn mend(&mut self) {
        self.cut = CancellationToken::new();
        let (listener, target, cut) =
            (UnixListener::bind(&self.socket).unwrap(), self.target.clone(), self.cut.clone());
        let (answers, creations) = (self.answers.subscribe(), self.creations.subscribe());
        tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Some(Ok((near, _))) = cut.run_until_cancelled(listener.accept()).await {
                let (near_in, near_out) = near.into_split();
                let (far_in, far_out) = UnixStream::connect(&target).await.unwrap().into_split();
                connections
                    .spawn(pass(near_in, far_out, creations.clone(), |bytes| contains(bytes, b"/containers/create")));
                connections.spawn(pass(far_in, near_out, answers.clone(), |_| true));
            }
            connections.shutdown().await;
        });
    }

    /// Keeps back what the engine says, or no longer.
    pub fn hold_answers(&self, held: bool) {
        self.answers.send_replace(held);
    }

    /// Keeps back requests for new containers, or no longer. They arrive even if nobody waits for the answer any more.
    pub fn hold_creations(&self, held: bool) {
        self.creations.send_replace(held);
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Passes bytes on; those that are `wanted`, and all after them, wait while they are held.
async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut held: watch::Receiver<bool>,
    wanted: impl Fn(&[u8]) -> bool,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read) = from.read(&mut buffer).await {
        if read == 0 || wanted(&buffer[..read]) {
            let _ = held.wait_for(|held| !held).await;
        }
        if read == 0 || to.write_all(&buffer[..read]).await.is_err() {
            break;
        }
    }
    let _ = to.shutdown().await;
}
