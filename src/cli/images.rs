//! `athanor images`: the unpacked images of `ATHANOR_SANDBOX=oci`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use bollard::Docker;
use clap::Subcommand;

use crate::config::Config;
use crate::sandbox::oci::images::{Store, fetch};
use crate::startup;

/// What to do with images.
#[derive(Debug, Subcommand)]
pub enum ImagesCommand {
    /// List them: name and id.
    List,
    /// Unpack an image: one of the Docker engine by its name, or an archive as `docker save` writes it.
    ///
    /// Every layer must have the digest that the image's configuration names.
    Add {
        /// The name of an image, or the path of an archive.
        image: String,
        /// The name that an archive's image gets; its file's name without its ending when left out.
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
    },
    /// Read every byte and compare with what came in.
    Verify,
    /// Remove what no name stands for any more. Workers of such an image must have stopped.
    Prune,
}

/// Runs the command.
pub(super) async fn run(command: ImagesCommand, config: Config) -> ExitCode {
    let store = Store::new(&startup::oci_settings(&config).images);
    match carry_out(&store, command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("athanor: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn carry_out(store: &Store, command: ImagesCommand) -> anyhow::Result<()> {
    match command {
        ImagesCommand::List => {
            for (name, id) in store.names() {
                println!("{name:<40} {id}");
            }
        }
        ImagesCommand::Add { image, name } => {
            let archive = Path::new(&image);
            let id = if archive.is_file() {
                let own = archive.file_stem().map(|stem| stem.to_string_lossy().into_owned());
                let id = store.take_in(archive)?;
                store.name(&name.or(own).context("it has no name: see --name")?, &id)?;
                id
            } else {
                let docker = Docker::connect_with_defaults()?.negotiate_version().await?;
                let id = fetch(store, Some(&docker), &image).await?;
                id.with_context(|| format!("there is no image and no archive {image}"))?
            };
            println!("{image} is there: {id}");
        }
        ImagesCommand::Verify => {
            for (name, id) in store.names() {
                store.verify(&id).with_context(|| name.clone())?;
                println!("{name:<40} is as it came in");
            }
        }
        ImagesCommand::Prune => {
            for id in store.prune()? {
                println!("removed {id}");
            }
        }
    }
    Ok(())
}
