//! The workspace as it lies on disk, or as a test writes it down.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use walkdir::WalkDir;

use crate::manifest::Manifest;

/// Folders that hold nothing of ours.
const NOT_OURS: [&str; 2] = [".git", "target"];

/// Every file of the project, and the manifests among them.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    /// Text by path relative to the root, with `/` on every system. Bytes that are not UTF-8 are
    /// replaced.
    pub(crate) files: BTreeMap<String, String>,
    /// The members, by path. The root's manifest is not among them.
    pub(crate) crates: Vec<Manifest>,
}

impl Workspace {
    /// Reads the workspace that this program belongs to.
    pub(crate) fn read() -> Result<Self> {
        let here = std::env::var_os("CARGO_MANIFEST_DIR")
            .ok_or_else(|| anyhow!("started without cargo: run it as `cargo xtask`"))?;
        let root = Path::new(&here)
            .parent()
            .context("xtask's folder has no parent")?
            .to_owned();
        let mut files = BTreeMap::new();
        let ours = |name: &str, depth: usize| depth != 1 || !NOT_OURS.contains(&name);
        let walk = WalkDir::new(&root).into_iter().filter_entry(|entry| {
            entry
                .file_name()
                .to_str()
                .is_none_or(|name| ours(name, entry.depth()))
        });
        for entry in walk {
            let entry = entry?;
            if entry.file_type().is_dir() {
                continue;
            }
            let relative = entry.path().strip_prefix(&root)?;
            let name = relative
                .to_string_lossy()
                .replace(std::path::MAIN_SEPARATOR, "/");
            let bytes = std::fs::read(entry.path())
                .with_context(|| format!("reading {}", entry.path().display()))?;
            files.insert(name, String::from_utf8_lossy(&bytes).into_owned());
        }
        Self::new(root, files)
    }

    fn new(root: PathBuf, files: BTreeMap<String, String>) -> Result<Self> {
        let mut crates = Vec::new();
        for (path, text) in &files {
            let folder = path.strip_suffix("/Cargo.toml");
            let is_member = folder.is_some_and(|folder| {
                folder == "xtask"
                    || folder
                        .strip_prefix("crates/")
                        .is_some_and(|name| !name.contains('/'))
            });
            if is_member {
                crates.push(Manifest::parse(path, text)?);
            }
        }
        Ok(Self {
            root,
            files,
            crates,
        })
    }

    /// A workspace of a test: these files and no others.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let files = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect();
        Self::new(PathBuf::from("."), files).unwrap()
    }

    pub(crate) fn crate_named(&self, name: &str) -> Option<&Manifest> {
        self.crates.iter().find(|manifest| manifest.name() == name)
    }

    /// The published library crates: what people pick one at a time.
    pub(crate) fn libraries(&self) -> impl Iterator<Item = &Manifest> {
        self.crates.iter().filter(|manifest| {
            manifest.is_published()
                && self
                    .files
                    .contains_key(&format!("{}/src/lib.rs", manifest.folder()))
        })
    }

    /// A crate of ours and everything of ours that it needs, tests included; the crate itself comes
    /// first.
    pub(crate) fn closure<'a>(&'a self, manifest: &'a Manifest) -> Vec<&'a Manifest> {
        let mut found = vec![manifest];
        let mut next = 0;
        while let Some(current) = found.get(next).copied() {
            next += 1;
            for dependency in current.dependencies() {
                if let Some(other) = self.crate_named(&dependency.name)
                    && !found.iter().any(|known| known.name() == other.name())
                {
                    found.push(other);
                }
            }
        }
        found
    }

    /// The Rust sources under the `src` folders of all members.
    pub(crate) fn sources(&self) -> impl Iterator<Item = (&str, &str)> {
        self.rust_files().filter(|(path, _)| path.contains("/src/"))
    }

    /// Every Rust file of all members: sources, tests, examples, build scripts.
    pub(crate) fn rust_files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files
            .iter()
            .filter(|(path, _)| path.ends_with(".rs"))
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// A folder of this program's own inside cargo's target folder.
    pub(crate) fn scratch(&self, name: &str) -> Result<PathBuf> {
        let metadata = cargo_metadata::MetadataCommand::new()
            .manifest_path(self.root.join("Cargo.toml"))
            .no_deps()
            .exec()?;
        Ok(metadata
            .target_directory
            .into_std_path_buf()
            .join("xtask")
            .join(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closure_follows_dependencies_of_dependencies() {
        let workspace = Workspace::of(&[
            (
                "crates/a/Cargo.toml",
                "[package]\nname = \"a\"\n[dependencies]\nb = { path = \"../b\" }\nserde = \"1\"",
            ),
            (
                "crates/b/Cargo.toml",
                "[package]\nname = \"b\"\n[dev-dependencies]\nc = { path = \"../c\" }",
            ),
            ("crates/c/Cargo.toml", "[package]\nname = \"c\""),
            ("crates/d/Cargo.toml", "[package]\nname = \"d\""),
        ]);
        let names: Vec<&str> = workspace
            .closure(&workspace.crates[0])
            .iter()
            .map(|m| m.name())
            .collect();
        assert_eq!(names, ["a", "b", "c"]);
    }

    #[test]
    fn members_are_the_folders_under_crates_and_xtask() {
        let workspace = Workspace::of(&[
            ("Cargo.toml", "[workspace]"),
            ("crates/a/Cargo.toml", "[package]\nname = \"a\""),
            (
                "crates/a/tests/data/Cargo.toml",
                "[package]\nname = \"sample\"",
            ),
            ("xtask/Cargo.toml", "[package]\nname = \"xtask\""),
        ]);
        let names: Vec<&str> = workspace.crates.iter().map(Manifest::name).collect();
        assert_eq!(names, ["a", "xtask"]);
    }
}
