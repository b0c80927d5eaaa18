//! Fetches images from a Docker engine, if there is one.

use std::collections::HashMap;
use std::time::Duration;

use bollard::Docker;
use bollard::query_parameters::ListImagesOptionsBuilder;
use futures_util::StreamExt as _;
use tokio::io::AsyncWriteExt as _;

use super::{ImageError, Store};
use crate::sandbox::containers::engine::ProgramImage;

/// How long an engine may take to say which image has a name. Where none runs, nothing waits for it.
const ASK: Duration = Duration::from_secs(3);

/// Sees to it that the image of this name is in the store as the engine has it now. Where no engine answers, or it has none
/// of that name, the store stays as it is. The answer is the id that the name has in the store afterwards.
///
/// # Errors
///
/// [`ImageError`]: the engine has it, and it could not be taken in.
pub async fn fetch(store: &Store, docker: Option<&Docker>, name: &str) -> Result<Option<String>, ImageError> {
    let Some(docker) = docker else { return Ok(store.id_of(name)) };
    let Ok(Ok(found)) = tokio::time::timeout(ASK, docker.inspect_image(name)).await else {
        return Ok(store.id_of(name));
    };
    let Some(id) = found.id else { return Ok(store.id_of(name)) };
    if store.id_of(name).as_deref() == Some(&id) && store.record(&id)?.is_some() {
        return Ok(Some(id));
    }
    if store.record(&id)?.is_none() {
        tracing::info!(image = name, id, "unpacking an image");
        take(store, docker, &id).await?;
    }
    if name != id {
        store.name(name, &id)?;
    }
    Ok(Some(id))
}

/// Has the engine write the image into a file, and takes that in.
async fn take(store: &Store, docker: &Docker, id: &str) -> Result<(), ImageError> {
    let engine =
        |error: &dyn std::fmt::Display| ImageError::Engine(format!("the image {id} could not be fetched: {error}"));
    let file = tempfile::NamedTempFile::new().map_err(|error| engine(&error))?;
    let mut writer = tokio::fs::File::from_std(file.reopen().map_err(|error| engine(&error))?);
    let mut archive = docker.export_image(id);
    while let Some(bytes) = archive.next().await {
        let bytes = bytes.map_err(|error| engine(&error))?;
        writer.write_all(&bytes).await.map_err(|error| engine(&error))?;
    }
    writer.flush().await.map_err(|error| engine(&error))?;
    let store = store.clone();
    let taken = tokio::task::spawn_blocking(move || store.take_in(file.path())).await;
    let taken = taken.map_err(|error| engine(&error))??;
    if taken == id {
        return Ok(());
    }
    Err(ImageError::Digest { what: "the image".to_owned(), expected: id.to_owned(), found: taken })
}

/// Sees to it that all images of languages that the engine has are in the store.
pub async fn fetch_programs(store: &Store, docker: Option<&Docker>) {
    let Some(docker) = docker else { return };
    let filters = HashMap::from([("label", vec![ProgramImage::FILE])]);
    let options = ListImagesOptionsBuilder::default().filters(&filters).build();
    let Ok(Ok(images)) = tokio::time::timeout(ASK, docker.list_images(Some(options))).await else { return };
    let mut names: Vec<String> =
        images.into_iter().flat_map(|image| image.repo_tags).filter(|name| name != "<none>:<none>").collect();
    names.sort();
    for name in names {
        if let Err(error) = fetch(store, Some(docker), &name).await {
            tracing::warn!(image = name, %error, "an image cannot be used");
        }
    }
}
