//! One crate's manifest, read with the line of each thing.

use anyhow::{Context, Result};
use toml_edit::{Document, Item, TableLike};

/// In which table of the manifest a dependency stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Normal,
    Build,
    Test,
}

/// One line of a dependency table.
#[derive(Debug, Clone)]
pub(crate) struct Dependency {
    /// The package's name, also where it is renamed.
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) line: usize,
    pub(crate) version: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) optional: bool,
}

/// A crate's `Cargo.toml`.
#[derive(Debug)]
pub(crate) struct Manifest {
    path: String,
    name: String,
    document: Document<String>,
    dependencies: Vec<Dependency>,
}

impl Manifest {
    pub(crate) fn parse(path: &str, text: &str) -> Result<Self> {
        let document = Document::parse(text.to_owned()).with_context(|| path.to_owned())?;
        let name = document
            .as_table()
            .get("package")
            .and_then(|package| package.get("name"))
            .and_then(Item::as_str)
            .with_context(|| format!("{path}: package.name is missing"))?
            .to_owned();
        let dependencies = read_dependencies(document.as_table(), text);
        Ok(Self {
            path: path.to_owned(),
            name,
            document,
            dependencies,
        })
    }

    /// Where the manifest lies, relative to the root.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The crate's folder, relative to the root.
    pub(crate) fn folder(&self) -> &str {
        self.path.strip_suffix("/Cargo.toml").unwrap_or_default()
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn text(&self) -> &str {
        self.document.raw()
    }

    pub(crate) fn table(&self) -> &dyn TableLike {
        self.document.as_table()
    }

    /// A string of the `[package]` table.
    pub(crate) fn package(&self, key: &str) -> Option<&str> {
        self.table().get("package")?.get(key)?.as_str()
    }

    pub(crate) fn is_published(&self) -> bool {
        let publish = self
            .table()
            .get("package")
            .and_then(|package| package.get("publish"));
        publish.and_then(Item::as_bool).unwrap_or(true)
    }

    pub(crate) fn dependencies(&self) -> &[Dependency] {
        &self.dependencies
    }

    /// The names of the features, in the manifest's order.
    pub(crate) fn features(&self) -> Vec<&str> {
        let table = self.table().get("features").and_then(Item::as_table_like);
        table
            .map(|table| table.iter().map(|(name, _)| name).collect())
            .unwrap_or_default()
    }

    /// What a build of this crate by itself is given, so that it needs no OpenSSL headers.
    pub(crate) fn vendored(&self) -> &'static [&'static str] {
        if self.features().contains(&"vendored") && !system_openssl() {
            &["--features", "vendored"]
        } else {
            &[]
        }
    }

    /// The line, counted from one, on which an item of this manifest begins.
    pub(crate) fn line_of(&self, item: &Item) -> usize {
        line_at(self.text(), item.span().map_or(0, |span| span.start))
    }
}

/// The build script of OpenSSL's bindings reads the variable the same way.
pub(crate) fn system_openssl() -> bool {
    std::env::var_os("OPENSSL_NO_VENDOR").is_some_and(|value| value != "0")
}

fn read_dependencies(root: &dyn TableLike, text: &str) -> Vec<Dependency> {
    let mut found = Vec::new();
    read_tables(root, text, &mut found);
    let targets = root.get("target").and_then(Item::as_table_like);
    for (_, target) in targets.into_iter().flat_map(TableLike::iter) {
        if let Some(table) = target.as_table_like() {
            read_tables(table, text, &mut found);
        }
    }
    found
}

fn read_tables(parent: &dyn TableLike, text: &str, found: &mut Vec<Dependency>) {
    let tables = [
        ("dependencies", Kind::Normal),
        ("build-dependencies", Kind::Build),
        ("dev-dependencies", Kind::Test),
    ];
    for (table, kind) in tables {
        let Some(table) = parent.get(table).and_then(Item::as_table_like) else {
            continue;
        };
        for (key, item) in table.iter() {
            let string = |field: &str| item.get(field).and_then(Item::as_str).map(str::to_owned);
            let start = table
                .key(key)
                .and_then(toml_edit::Key::span)
                .or_else(|| item.span());
            found.push(Dependency {
                name: string("package").unwrap_or_else(|| key.to_owned()),
                kind,
                line: line_at(text, start.map_or(0, |span| span.start)),
                version: item
                    .as_str()
                    .map(str::to_owned)
                    .or_else(|| string("version")),
                path: string("path"),
                optional: item
                    .get("optional")
                    .and_then(Item::as_bool)
                    .unwrap_or(false),
            });
        }
    }
}

fn line_at(text: &str, offset: usize) -> usize {
    text.as_bytes()
        .iter()
        .take(offset)
        .filter(|byte| **byte == b'\n')
        .count()
        + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_are_read_from_every_table_with_their_lines() {
        let text = "[package]\nname = \"a\"\n\n[dependencies]\nserde = \"1\"\nours = { package = \"b\", version = \"2\", path = \"../b\", optional = true }\n\
                    \n[dev-dependencies.insta]\nversion = \"3\"\n\n[target.'cfg(unix)'.build-dependencies]\ncc = \"4\"\n";
        let manifest = Manifest::parse("crates/a/Cargo.toml", text).unwrap();
        let read: Vec<_> = manifest
            .dependencies()
            .iter()
            .map(|d| {
                (
                    d.name.as_str(),
                    d.kind,
                    d.line,
                    d.version.as_deref(),
                    d.path.as_deref(),
                    d.optional,
                )
            })
            .collect();
        assert_eq!(
            read,
            [
                ("serde", Kind::Normal, 5, Some("1"), None, false),
                ("b", Kind::Normal, 6, Some("2"), Some("../b"), true),
                ("insta", Kind::Test, 8, Some("3"), None, false),
                ("cc", Kind::Build, 12, Some("4"), None, false),
            ]
        );
    }

    #[test]
    fn a_crate_is_published_unless_it_says_otherwise() {
        let published = Manifest::parse("crates/a/Cargo.toml", "[package]\nname = \"a\"").unwrap();
        assert!(published.is_published());
        let kept = Manifest::parse(
            "crates/a/Cargo.toml",
            "[package]\nname = \"a\"\npublish = false",
        )
        .unwrap();
        assert!(!kept.is_published());
    }
}
