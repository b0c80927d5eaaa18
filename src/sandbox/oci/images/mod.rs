//! Images, unpacked once: a read-only root that all containers of an image share, so that the kernel keeps its files in
//! memory once. Everything was verified by its digest when it came in, and is looked at again at each start.

mod archive;
mod fetch;
mod layer;
mod seal;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use fetch::{fetch, fetch_programs};

/// What of an image is kept beside its files.
const RECORD: &str = "image.json";
/// Its files.
const ROOT: &str = "root";

/// What an image says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageConfig {
    /// `sha256:` and the digest of its configuration, which names the digests of its layers.
    pub id: String,
    /// What is started.
    pub command: Vec<String>,
    /// The environment, as `NAME=value`.
    pub environment: Vec<String>,
    /// The folder in which it is started.
    pub folder: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
}

/// An unpacked image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredImage {
    folder: PathBuf,
    /// What it says of itself.
    pub config: ImageConfig,
}

/// What is written beside the files.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    config: ImageConfig,
    /// Digest of all names, kinds, rights and contents.
    content: String,
    /// Digest of what of them can be seen without reading: changes with every change of a file.
    stamp: String,
}

impl StoredImage {
    /// An image in this folder.
    pub fn new(folder: &Path, config: ImageConfig) -> Self {
        Self { folder: folder.to_owned(), config }
    }

    /// Its root folder.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        self.folder.join(ROOT)
    }
}

/// Something is wrong with an image.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// A file could not be read or written.
    #[error("{0}: {1}")]
    File(String, std::io::Error),
    /// It is not what its digest says.
    #[error("{what} is not what its digest says: {expected} was expected and {found} found")]
    Digest {
        /// What was looked at.
        what: String,
        /// The digest that was named.
        expected: String,
        /// The digest of what was there.
        found: String,
    },
    /// It is not an image, or of a form that is not known.
    #[error("this is no image: {0}")]
    Form(String),
    /// Its files are not as they were when it came in.
    #[error(
        "the files of image {id} in {folder} were changed since it came in; remove that folder, and it is fetched again"
    )]
    Changed {
        /// The image.
        id: String,
        /// Where it is.
        folder: String,
    },
    /// The engine that has it failed.
    #[error("{0}")]
    Engine(String),
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> ImageError {
    let path = path.display().to_string();
    move |error| ImageError::File(path, error)
}

/// The folder in which images are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store(PathBuf);

impl Store {
    /// In this folder, which is made when it is needed.
    pub fn new(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    fn folder(&self, id: &str) -> PathBuf {
        self.0.join(id.trim_start_matches("sha256:"))
    }

    fn name_file(&self, name: &str) -> PathBuf {
        let safe: String =
            name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '+' }).collect();
        self.0.join(format!("{safe}.name"))
    }

    /// The id that this name has here.
    #[must_use]
    pub fn id_of(&self, name: &str) -> Option<String> {
        if name.starts_with("sha256:") {
            return Some(name.to_owned());
        }
        std::fs::read_to_string(self.name_file(name)).ok().map(|id| id.trim().to_owned())
    }

    /// Gives an image a name, which it takes from another one that had it.
    ///
    /// # Errors
    ///
    /// [`ImageError::File`].
    pub fn name(&self, name: &str, id: &str) -> Result<(), ImageError> {
        let (file, new) = (self.name_file(name), self.0.join(format!(".name-{}", std::process::id())));
        std::fs::write(&new, id).map_err(at(&new))?;
        std::fs::rename(&new, &file).map_err(at(&file))
    }

    /// The image of this id, if it is here and as it came in. `None` if it is not here.
    ///
    /// # Errors
    ///
    /// [`ImageError::Changed`], [`ImageError::File`].
    pub fn open(&self, id: &str) -> Result<Option<StoredImage>, ImageError> {
        let Some(record) = self.record(id)? else { return Ok(None) };
        let image = StoredImage::new(&self.folder(id), record.config);
        if seal::stamp(&image.root())? == record.stamp || seal::content(&image.root())? == record.content {
            return Ok(Some(image));
        }
        Err(ImageError::Changed { id: id.to_owned(), folder: image.folder.display().to_string() })
    }

    /// Reads every byte of an image and compares.
    ///
    /// # Errors
    ///
    /// [`ImageError::Changed`], [`ImageError::File`].
    pub fn verify(&self, id: &str) -> Result<(), ImageError> {
        let Some(record) = self.record(id)? else { return Ok(()) };
        let folder = self.folder(id);
        if seal::content(&folder.join(ROOT))? == record.content {
            return Ok(());
        }
        Err(ImageError::Changed { id: id.to_owned(), folder: folder.display().to_string() })
    }

    fn record(&self, id: &str) -> Result<Option<Record>, ImageError> {
        let file = self.folder(id).join(RECORD);
        let text = match std::fs::read(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(at(&file)(error)),
        };
        serde_json::from_slice(&text)
            .map(Some)
            .map_err(|error| ImageError::Form(format!("{}: {error}", file.display())))
    }

    /// Every name, with the id it stands for.
    #[must_use]
    pub fn names(&self) -> BTreeMap<String, String> {
        let entries = std::fs::read_dir(&self.0).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| {
            let name = entry.file_name().to_str()?.strip_suffix(".name")?.to_owned();
            Some((name, std::fs::read_to_string(entry.path()).ok()?.trim().to_owned()))
        });
        names.collect()
    }

    /// Removes images that no name stands for, and what was left half done; answers their ids.
    ///
    /// # Errors
    ///
    /// [`ImageError::File`].
    pub fn prune(&self) -> Result<Vec<String>, ImageError> {
        let named: Vec<PathBuf> = self.names().values().map(|id| self.folder(id)).collect();
        let mut removed = Vec::new();
        for entry in std::fs::read_dir(&self.0).into_iter().flatten().flatten() {
            let folder = entry.path();
            if folder.is_dir() && !named.contains(&folder) {
                std::fs::remove_dir_all(&folder).map_err(at(&folder))?;
                removed.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        Ok(removed)
    }

    /// Takes in an archive as `docker save` writes it, and answers the image's id. One that is here already is not unpacked
    /// again.
    ///
    /// # Errors
    ///
    /// [`ImageError`].
    pub fn take_in(&self, archive: &Path) -> Result<String, ImageError> {
        std::fs::create_dir_all(&self.0).map_err(at(&self.0))?;
        let archive = archive::Archive::open(archive)?;
        let config = archive.config()?;
        let id = config.id.clone();
        if self.record(&id)?.is_some() {
            return Ok(id);
        }
        // Made beside its place and moved there when it is whole: what has a record is complete.
        let new = tempfile::Builder::new().prefix(".new-").tempdir_in(&self.0).map_err(at(&self.0))?;
        let root = new.path().join(ROOT);
        std::fs::create_dir(&root).map_err(at(&root))?;
        archive.unpack(&root)?;
        layer::finish(&root)?;
        let record = Record { config, content: seal::content(&root)?, stamp: seal::stamp(&root)? };
        let file = new.path().join(RECORD);
        let text = serde_json::to_vec_pretty(&record).map_err(|error| ImageError::Form(error.to_string()))?;
        std::fs::write(&file, text).map_err(at(&file))?;
        layer::open_to_all(new.path())?;
        let place = self.folder(&id);
        let new = new.keep();
        match std::fs::rename(&new, &place) {
            Ok(()) => Ok(id),
            // Another worker was faster.
            Err(_) if self.record(&id)?.is_some() => std::fs::remove_dir_all(&new).map_err(at(&new)).map(|()| id),
            Err(error) => Err(at(&place)(error)),
        }
    }
}
