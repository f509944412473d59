//! `cargo xtask ci`: what must pass before a change lands, step by step, with the seconds of each.

mod deny;
mod features;
mod lift;
mod msrv;
mod package;

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::process::{self, Count};
use crate::workspace::Workspace;
use crate::{fixtures, program, test, tidy};

/// How much of the list is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Extent {
    /// What takes a minute, before a commit.
    Fast,
    /// What every change must pass.
    Usual,
    /// What a release must pass as well.
    Full,
}

type Action = fn(&Workspace, &mut Count) -> Result<()>;

/// A step, and the least extent that includes it.
#[derive(Debug, Clone, Copy)]
struct Step {
    name: &'static str,
    from: Extent,
    action: Action,
}

const fn step(name: &'static str, from: Extent, action: Action) -> Step {
    Step { name, from, action }
}

/// In the order in which they fail soonest.
const STEPS: &[Step] = &[
    step("lock file", Extent::Fast, lock_file),
    step("programs", Extent::Usual, |_, _| program::ensure()),
    step("fmt", Extent::Fast, fmt),
    step("tidy", Extent::Fast, |workspace, _| tidy::run(workspace)),
    step("clippy", Extent::Fast, clippy),
    step(
        "clippy, no default features",
        Extent::Usual,
        features::without_default,
    ),
    step("test", Extent::Usual, test::run_counting),
    step("doc", Extent::Usual, doc),
    step("demo", Extent::Usual, demo),
    step("fixtures", Extent::Usual, |workspace, _| {
        fixtures::check(workspace)
    }),
    step("deny", Extent::Full, |workspace, _| deny::run(workspace)),
    step("rust-version", Extent::Full, |workspace, _| {
        msrv::run(workspace)
    }),
    step("each library alone", Extent::Full, lift::run),
    step("features", Extent::Full, features::powerset),
    step("package", Extent::Full, package::run),
];

/// Runs the steps until one fails, then prints the table; the sum of the tests is the last line.
pub(crate) fn run(workspace: &Workspace, extent: Extent) -> Result<()> {
    let mut table = Table::default();
    let mut count = Count::default();
    let mut failure = None;
    for step in STEPS.iter().filter(|step| step.from <= extent) {
        if failure.is_some() {
            table.add(step.name, Outcome::NotRun, Duration::ZERO);
            continue;
        }
        eprintln!("\n=== {}", step.name);
        let start = now();
        let result = (step.action)(workspace, &mut count);
        let outcome = if result.is_ok() {
            Outcome::Passed
        } else {
            Outcome::Failed
        };
        table.add(step.name, outcome, start.elapsed());
        failure = result.err().map(|error| error.context(step.name));
    }
    println!("\n{table}");
    if count != Count::default() {
        println!("\n{count}");
    }
    failure.map_or(Ok(()), Err)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the seconds of a step are measured here and nowhere else"
)]
fn now() -> Instant {
    Instant::now()
}

fn lock_file(workspace: &Workspace, _: &mut Count) -> Result<()> {
    let arguments = ["metadata", "--locked", "--format-version", "1"];
    process::output(&mut process::cargo(&workspace.root, &arguments))
        .map(drop)
        .context("Cargo.lock is not current")
}

fn fmt(workspace: &Workspace, _: &mut Count) -> Result<()> {
    process::run(&mut process::cargo(
        &workspace.root,
        &["fmt", "--all", "--check"],
    ))
}

fn clippy(workspace: &Workspace, _: &mut Count) -> Result<()> {
    // `incompatible_msrv` is what stands for a build with the oldest compiler; named, so that
    // nobody takes it away unseen.
    let arguments = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "--deny",
        "warnings",
        "--deny",
        "clippy::incompatible_msrv",
    ];
    process::run(&mut process::cargo(&workspace.root, &arguments))
}

fn doc(workspace: &Workspace, _: &mut Count) -> Result<()> {
    // The program is called as the facade is, and the pages of one would overwrite those of the
    // other.
    let arguments = [
        "doc",
        "--workspace",
        "--exclude",
        "bankauth-cli",
        "--no-deps",
    ];
    process::run(process::cargo(&workspace.root, &arguments).env("RUSTDOCFLAGS", "-D warnings"))
}

fn demo(workspace: &Workspace, _: &mut Count) -> Result<()> {
    process::run(&mut process::cargo(
        &workspace.root,
        &["run", "-p", "bankauth-cli", "--", "demo"],
    ))
}

#[derive(Debug, Clone, Copy)]
enum Outcome {
    Passed,
    Failed,
    NotRun,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passed => "ok",
            Self::Failed => "FAILED",
            Self::NotRun => "not run",
        })
    }
}

/// The seconds of each step.
#[derive(Debug, Default)]
struct Table {
    rows: Vec<(&'static str, Outcome, Duration)>,
}

impl Table {
    fn add(&mut self, name: &'static str, outcome: Outcome, took: Duration) {
        self.rows.push((name, outcome, took));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<28} {:>8}  result", "step", "seconds")?;
        for (name, outcome, took) in &self.rows {
            writeln!(f, "{name:<28} {:>8.1}  {outcome}", took.as_secs_f64())?;
        }
        let total: Duration = self.rows.iter().map(|(_, _, took)| took).sum();
        write!(f, "{:<28} {:>8.1}", "total", total.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_shows_what_was_not_run_too() {
        let mut table = Table::default();
        table.add("fmt", Outcome::Passed, Duration::from_millis(1250));
        table.add("clippy", Outcome::Failed, Duration::from_secs(61));
        table.add("test", Outcome::NotRun, Duration::ZERO);
        let lines: Vec<String> = table.to_string().lines().map(str::to_owned).collect();
        assert_eq!(
            lines[1].split_whitespace().collect::<Vec<_>>(),
            ["fmt", "1.2", "ok"]
        );
        assert_eq!(
            lines[2].split_whitespace().collect::<Vec<_>>(),
            ["clippy", "61.0", "FAILED"]
        );
        assert_eq!(
            lines[3].split_whitespace().collect::<Vec<_>>(),
            ["test", "0.0", "not", "run"]
        );
        assert_eq!(
            lines[4].split_whitespace().collect::<Vec<_>>(),
            ["total", "62.2"]
        );
    }

    #[test]
    fn a_larger_extent_includes_the_smaller() {
        let names = |extent| {
            STEPS
                .iter()
                .filter(|step| step.from <= extent)
                .map(|step| step.name)
                .collect::<Vec<_>>()
        };
        assert_eq!(names(Extent::Fast), ["lock file", "fmt", "tidy", "clippy"]);
        assert!(names(Extent::Full).starts_with(&names(Extent::Usual)));
        assert_eq!(names(Extent::Full).len(), STEPS.len());
    }
}
