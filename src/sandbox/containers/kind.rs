//! What a container for gradings is booted for: jobs differ in the VM that they want and in what it has loaded.

use super::engine::Image;
use crate::domain::ids::ImageName;
use crate::domain::job::{Flavour, Job};

/// What a container was booted for. Two of a kind can stand for each other.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind {
    /// The image with packages, where it is not the usual one.
    pub image: Option<ImageName>,
    /// The VM, where the image has more than one.
    pub flavour: Option<Flavour>,
    /// Whether ExUnit is loaded.
    pub suite: bool,
}

/// The boot file with ExUnit, in images that know flavours.
const SUITE_BOOT: &str = "ATHANOR_BOOT=/athanor/batch_exunit";

impl Kind {
    /// What a job needs of this image. `usual` is the VM of the settings, which the exercise's own goes before.
    #[must_use]
    pub fn of(job: &Job, usual: Option<Flavour>, image: &Image) -> Self {
        let suite = job.suite.is_some() && image.has_flavours();
        Self { image: job.image.clone(), suite, ..Self::usual(job.flavour.or(usual), image) }
    }

    /// What most jobs need.
    #[must_use]
    pub fn usual(wanted: Option<Flavour>, image: &Image) -> Self {
        let has = |flavour: &Flavour| image.flavours.iter().any(|name| name == flavour.name());
        let own = || image.flavour.as_deref().and_then(|name| name.parse().ok());
        // An image without the VM that is wanted still runs the job: slower, and just as right.
        Self { image: None, flavour: wanted.filter(has).or_else(own), suite: false }
    }

    /// The variables by which the image is told.
    #[must_use]
    pub fn environment(&self) -> Vec<String> {
        let flavour = self.flavour.map(|flavour| format!("ATHANOR_FLAVOUR={flavour}"));
        flavour.into_iter().chain(self.suite.then(|| SUITE_BOOT.to_owned())).collect()
    }

    /// Its name, for metrics and people.
    #[must_use]
    pub fn name(&self) -> String {
        let image = self.image.as_ref().map(|image| format!("{image}/")).unwrap_or_default();
        let flavour = self.flavour.map_or("vm", Flavour::name);
        format!("{image}{flavour}{}", if self.suite { "+exunit" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(flavours: &str, flavour: &str) -> Image {
        Image::new("sha256:1".to_owned(), |label| match label {
            Image::FLAVOURS if !flavours.is_empty() => Some(flavours.to_owned()),
            Image::FLAVOUR if !flavour.is_empty() => Some(flavour.to_owned()),
            _ => None,
        })
    }

    #[test]
    fn the_flavour_is_the_wanted_one_if_the_image_has_it_and_else_its_own() {
        let of = |wanted, image: &Image| Kind::usual(wanted, image).flavour;
        let both = image("jit,emu", "emu");
        assert_eq!(of(None, &both), Some(Flavour::Emu));
        assert_eq!(of(Some(Flavour::Jit), &both), Some(Flavour::Jit));
        assert_eq!(of(Some(Flavour::Emu), &image("jit", "jit")), Some(Flavour::Jit));
        assert_eq!(of(Some(Flavour::Emu), &image("", "")), None, "an image that knows no flavours is not told any");
    }

    #[test]
    fn an_image_is_told_only_what_is_not_its_own_choice() {
        assert_eq!(Kind::default().environment(), Vec::<String>::new());
        let kind = Kind { image: None, flavour: Some(Flavour::Emu), suite: true };
        assert_eq!(kind.environment(), ["ATHANOR_FLAVOUR=emu", SUITE_BOOT]);
        assert_eq!(kind.name(), "emu+exunit");
        let kind = Kind { image: ImageName::parse("parsec").ok(), ..kind };
        assert_eq!(kind.name(), "parsec/emu+exunit");
    }
}
