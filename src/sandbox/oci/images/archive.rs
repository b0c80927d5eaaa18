//! Reads an archive as `docker save` writes it, and believes only what fits the digests.
//!
//! Its `manifest.json` names the configuration and the layers. The id of an image is the digest of its configuration, and that
//! holds the digests of the layers, so that an image that was asked for by its id is known to the last byte.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::seal::hex;
use super::{ImageConfig, ImageError, at, layer};

/// Largest file of an archive that is read as a whole, in bytes.
const READ_WHOLE: u64 = 4 << 20;

/// An archive with one image.
pub struct Archive {
    path: PathBuf,
    /// Where in the file each member begins, and its size.
    members: HashMap<String, (u64, u64)>,
    manifest: Manifest,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Manifest {
    config: String,
    layers: Vec<String>,
}

/// The configuration of an image, as far as it is used (OCI image specification, "config").
#[derive(Debug, Deserialize)]
struct Config {
    #[serde(default)]
    config: Option<Execution>,
    rootfs: RootFs,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Execution {
    env: Option<Vec<String>>,
    entrypoint: Option<Vec<String>>,
    cmd: Option<Vec<String>>,
    working_dir: Option<String>,
    labels: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Deserialize)]
struct RootFs {
    diff_ids: Vec<String>,
}

impl Archive {
    /// Opens it and looks what is where.
    pub fn open(path: &Path) -> Result<Self, ImageError> {
        let mut members = HashMap::new();
        let mut archive = tar::Archive::new(File::open(path).map_err(at(path))?);
        for entry in archive.entries_with_seek().map_err(at(path))? {
            let entry = entry.map_err(at(path))?;
            let name = entry.path().map_err(at(path))?.to_string_lossy().trim_start_matches("./").to_owned();
            // Newer engines write a layer that two images share once, and a link for the other.
            let place = match entry.link_name().map_err(at(path))? {
                Some(target) => members.get(&linked(&name, &target.to_string_lossy())).copied(),
                None => Some((entry.raw_file_position(), entry.size())),
            };
            if let Some(place) = place {
                members.insert(name, place);
            }
        }
        let none = Manifest { config: String::new(), layers: Vec::new() };
        let mut found = Self { path: path.to_owned(), members, manifest: none };
        let text = found.read("manifest.json")?;
        let mut manifests: Vec<Manifest> = parse("manifest.json", &text)?;
        if manifests.len() != 1 {
            return Err(ImageError::Form(format!(
                "{} holds {} images instead of one",
                path.display(),
                manifests.len()
            )));
        }
        found.manifest = manifests.remove(0);
        Ok(found)
    }

    fn member(&self, name: &str) -> Result<impl Read, ImageError> {
        let (start, size) = *self
            .members
            .get(name)
            .ok_or_else(|| ImageError::Form(format!("{} has no {name}", self.path.display())))?;
        let mut file = File::open(&self.path).map_err(at(&self.path))?;
        file.seek(SeekFrom::Start(start)).map_err(at(&self.path))?;
        Ok(file.take(size))
    }

    fn read(&self, name: &str) -> Result<Vec<u8>, ImageError> {
        let mut bytes = Vec::new();
        self.member(name)?.take(READ_WHOLE).read_to_end(&mut bytes).map_err(at(&self.path))?;
        Ok(bytes)
    }

    fn raw_config(&self) -> Result<(String, Config), ImageError> {
        let text = self.read(&self.manifest.config)?;
        let id = format!("sha256:{}", hex(&Sha256::digest(&text)));
        let name = self.manifest.config.rsplit('/').next().unwrap_or_default().trim_end_matches(".json");
        if id.strip_prefix("sha256:") != Some(name) {
            return Err(ImageError::Digest {
                what: "its configuration".to_owned(),
                expected: name.to_owned(),
                found: id,
            });
        }
        Ok((id, parse(&self.manifest.config, &text)?))
    }

    /// What the image says of itself.
    pub fn config(&self) -> Result<ImageConfig, ImageError> {
        let (id, config) = self.raw_config()?;
        let execution = config.config.unwrap_or_default();
        let parts = [execution.entrypoint, execution.cmd];
        Ok(ImageConfig {
            id,
            command: parts.into_iter().flatten().flatten().collect(),
            environment: execution.env.unwrap_or_default(),
            folder: execution.working_dir.filter(|folder| !folder.is_empty()).unwrap_or_else(|| "/".to_owned()),
            labels: execution.labels.unwrap_or_default(),
        })
    }

    /// Unpacks all layers, each of which must have the digest that the configuration names.
    pub fn unpack(&self, root: &Path) -> Result<(), ImageError> {
        let digests = self.raw_config()?.1.rootfs.diff_ids;
        if digests.len() != self.manifest.layers.len() {
            return Err(ImageError::Form("its layers are not those of its configuration".to_owned()));
        }
        for (name, expected) in self.manifest.layers.iter().zip(digests) {
            let mut hash = Sha256::new();
            std::io::copy(&mut self.member(name)?, &mut hash).map_err(at(&self.path))?;
            let found = format!("sha256:{}", hex(&hash.finalize()));
            if found != expected {
                return Err(ImageError::Digest { what: format!("layer {name}"), expected, found });
            }
            layer::unpack(self.member(name)?, root)?;
        }
        Ok(())
    }
}

/// The member that a link leads to: `../ID/layer.tar`, from the folder of the link.
fn linked(name: &str, target: &str) -> String {
    match target.strip_prefix("../") {
        Some(rest) => rest.to_owned(),
        None => Path::new(name).with_file_name(target).to_string_lossy().into_owned(),
    }
}

fn parse<T: serde::de::DeserializeOwned>(name: &str, text: &[u8]) -> Result<T, ImageError> {
    serde_json::from_slice(text).map_err(|error| ImageError::Form(format!("{name}: {error}")))
}
