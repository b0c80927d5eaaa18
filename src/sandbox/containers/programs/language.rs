//! What an image of a language says of itself: the `image.toml` that it was built with.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::engine::Engine;
use super::ProgramSettings;
use crate::domain::program::{Installed, LanguageName, ProgramLimits, SetLimits};
use crate::sandbox::SandboxError;

/// A language and how a program in it is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    /// What others are told of it.
    pub installed: Installed,
    /// The image's id.
    pub image: String,
    /// What is started.
    pub command: Vec<String>,
    /// Whether the command itself waits for the program, so that it can do something before.
    pub waits: bool,
}

/// `image.toml`, as far as a worker reads it. The rest is for `bin/image`.
#[derive(Debug, Deserialize)]
struct ImageFile {
    language: LanguageName,
    title: Option<String>,
    file: String,
    command: Vec<String>,
    #[serde(default)]
    waits: bool,
    #[serde(default)]
    packages: Vec<String>,
    #[serde(default)]
    limits: SetLimits,
}

/// The languages whose images the engine has, by name.
///
/// # Errors
///
/// [`SandboxError::Unreachable`].
pub async fn find(
    engine: &dyn Engine,
    settings: &ProgramSettings,
) -> Result<BTreeMap<LanguageName, Language>, SandboxError> {
    let mut languages = BTreeMap::new();
    for image in engine.program_images().await? {
        match read(&image.file, &image.id, &image.version, &settings.limits) {
            Ok(language) if !settings.wants(&language.installed.name) => {}
            Ok(language) => {
                // Two images of one language: the first by name.
                languages.entry(language.installed.name.clone()).or_insert(language);
            }
            Err(error) => tracing::warn!(image = image.name, %error, "an image's image.toml cannot be used"),
        }
    }
    Ok(languages)
}

fn read(text: &str, id: &str, version: &str, set: &SetLimits) -> Result<Language, String> {
    let file: ImageFile = toml::from_str(text).map_err(|error| error.message().to_owned())?;
    if file.file.is_empty() || file.file.contains(['/', '\0']) {
        return Err(format!("`{}` is not the name of a file", file.file));
    }
    if file.command.is_empty() {
        return Err("there is no command".to_owned());
    }
    Ok(Language {
        installed: Installed {
            title: file.title.unwrap_or_else(|| file.language.to_string()),
            name: file.language,
            version: version.to_owned(),
            file: file.file,
            packages: file.packages,
            // What the operator sets goes before what an image says, and that before what is usual.
            limits: set.over(file.limits.over(ProgramLimits::DEFAULT)),
        },
        image: id.to_owned(),
        command: file.command,
        waits: file.waits,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "name = \"x\"\nlanguage = \"lua\"\nfile = \"main.lua\"\ncommand = [\"lua\", \"/tmp/main.lua\"]\n\
                        debian = [\"lua5.4\"]\n[limits]\ntime_ms = 1000\npids = 8\n";

    #[test]
    fn the_operator_goes_before_the_image_and_the_image_before_what_is_usual() {
        let set = SetLimits { time_ms: Some(500), ..SetLimits::default() };
        let language = read(TEXT, "sha256:1", "5.4", &set).unwrap();
        let limits = language.installed.limits;
        assert_eq!((limits.time_ms, limits.pids, limits.open_files), (500, 8, ProgramLimits::DEFAULT.open_files));
        assert_eq!((language.installed.title.as_str(), language.waits), ("lua", false));
    }

    #[test]
    fn an_image_that_cannot_be_used_says_why() {
        let of = |text: &str| read(text, "sha256:1", "", &SetLimits::default()).unwrap_err();
        assert!(of("language = \"Lua!\"\nfile = \"a\"\ncommand = [\"lua\"]").contains("is no name of a language"));
        assert!(of(&TEXT.replace("main.lua\"\nc", "../main.lua\"\nc")).contains("not the name of a file"));
        assert!(of(&TEXT.replace("[\"lua\", \"/tmp/main.lua\"]", "[]")).contains("no command"));
        assert!(of(&TEXT.replace("pids", "pidz")).contains("pidz"));
        assert!(of("file = \"a\"").contains("language"));
    }
}
