//! `athanor preview`: the course as readers will see it, on the author's own machine. No accounts, no database; what is
//! saved is on the page at once, with what is wrong about it.
//!
//! ```text
//! desk.rs    what is shown: the course as it was read last, what is wrong with it, and who is told of changes
//! lab.rs     runs exercises: checks those that are looked at, and what the author sends from a page
//! site.rs    the routes, and who may ask
//! pages.rs   the pages
//! blocks.rs  the examples that readers can run
//! ```

mod blocks;
mod desk;
mod lab;
mod pages;
mod site;

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use tokio::task::JoinSet;

use self::desk::Desk;
use self::lab::Lab;
use super::USAGE;
use crate::config::Config;
use crate::content;
use crate::startup;
use crate::startup::watching::{Pace, WatchError, Watching};

/// `athanor preview`.
#[derive(Debug, Args)]
pub struct PreviewArgs {
    /// The course's folder, a chapter's, or one lesson; the course that is set when left out.
    pub path: Option<PathBuf>,
    /// Where to listen: an address of this machine itself. Any free port when left out.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
}

/// Why there is no preview.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("there is no {}: name a course's folder or a lesson", .0.display())]
    NoCourse(PathBuf),
    #[error(
        "{0} can be reached from other machines: a preview runs what it is sent, so it listens on 127.0.0.1 or [::1] only"
    )]
    NotLoopback(SocketAddr),
    #[error("cannot listen on {0}: {1}; name another port with --listen")]
    Port(SocketAddr, std::io::Error),
    #[error(transparent)]
    Watch(#[from] WatchError),
    #[error("the site cannot run: {0}")]
    Site(std::io::Error),
}

/// Runs the command, until Ctrl-C.
pub(super) async fn run(args: PreviewArgs, config: Config) -> ExitCode {
    match preview(args, config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(refused) => {
            eprintln!("athanor: {refused}");
            ExitCode::from(USAGE)
        }
    }
}

async fn preview(args: PreviewArgs, config: Config) -> Result<(), Refused> {
    let path = args.path.unwrap_or_else(|| config.lessons.clone());
    if !path.exists() {
        return Err(Refused::NoCourse(path));
    }
    if !args.listen.ip().is_loopback() {
        return Err(Refused::NotLoopback(args.listen));
    }
    let port = |error| Refused::Port(args.listen, error);
    let listener = TcpListener::bind(args.listen).map_err(port)?;
    let address = listener.local_addr().map_err(port)?;
    // Watched first, read after: what changes in between makes a hint.
    let watched = [Some(path.clone()), config.private_lessons.clone(), content::glossary_of(&path)];
    let watching = Watching::new(watched.into_iter().flatten(), Pace::AUTHOR)?;
    let desk = Arc::new(Desk::new(path, config.private_lessons.clone()));
    let stop = startup::stop_on_signal().map_err(Refused::Site)?;
    let mut tasks = JoinSet::new();
    let (lab, wishes) = Lab::new(Arc::clone(&desk), &config);
    tasks.spawn(stop.clone().run_until_cancelled_owned(follow(Arc::clone(&desk), Arc::clone(&lab), watching)));
    tasks.spawn(Arc::clone(&lab).work(config, wishes, stop.clone()));
    let server = site::server(listener, desk, lab, stop.clone()).map_err(Refused::Site)?;
    let handle = server.handle();
    println!("preview on http://{address} (Ctrl-C ends it)");
    tasks.spawn(async move {
        stop.cancelled().await;
        handle.stop(true).await;
        None
    });
    let served = server.await.map_err(Refused::Site);
    while tasks.join_next().await.is_some() {}
    served
}

/// Reads the course again whenever it changes.
async fn follow(desk: Arc<Desk>, lab: Arc<Lab>, mut watching: Watching) {
    loop {
        if let Err(error) = watching.changed().await {
            eprintln!("athanor: {error}");
            return;
        }
        // Before the pages are told of the change, which look at it then.
        lab.look_for_images_again();
        let desk = Arc::clone(&desk);
        // Ends only with the process, where it is not the course's reading that failed.
        let _ = tokio::task::spawn_blocking(move || desk.read()).await;
    }
}
