//! Programs that do what a script says: for the tests of everything around them, where no container is at hand.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::Notify;

use super::SandboxError;
use super::programs::{ChunkSink, ProgramError, Programs};
use crate::domain::program::{Chunk, Installed, LanguageName, Program, ProgramLimits, ProgramResult, Stream};

/// Runs programs of lines: `out TEXT`, `err TEXT`, `cat` (its input), `exit N`, and `wait` (until [`FakePrograms::go_on`]).
#[derive(Debug)]
pub struct FakePrograms {
    languages: Vec<LanguageName>,
    faults: AtomicUsize,
    running: AtomicUsize,
    started: AtomicUsize,
    waits: AtomicBool,
    go_on: Notify,
}

impl FakePrograms {
    /// Programs in these languages, which are all the same.
    ///
    /// # Panics
    ///
    /// When a name is none.
    #[must_use]
    pub fn new(languages: &[&str]) -> Self {
        let name = |name: &&str| LanguageName::parse(name).unwrap_or_else(|error| panic!("{error}"));
        Self {
            languages: languages.iter().map(name).collect(),
            faults: AtomicUsize::new(0),
            running: AtomicUsize::new(0),
            started: AtomicUsize::new(0),
            waits: AtomicBool::new(true),
            go_on: Notify::new(),
        }
    }

    /// Lets programs that wait go on, now and from now on.
    pub fn go_on(&self) {
        self.waits.store(false, Ordering::SeqCst);
        self.go_on.notify_waiters();
    }

    /// Makes the next `times` programs fail through our own fault.
    pub fn fail_next(&self, times: usize) {
        self.faults.store(times, Ordering::SeqCst);
    }

    /// How many programs run now.
    #[must_use]
    pub fn running(&self) -> usize {
        self.running.load(Ordering::SeqCst)
    }

    /// How many programs were begun.
    #[must_use]
    pub fn started(&self) -> usize {
        self.started.load(Ordering::SeqCst)
    }

    async fn perform(&self, program: &Program, chunks: &ChunkSink) -> Result<ProgramResult, ProgramError> {
        if !self.languages.contains(&program.language) {
            return Err(ProgramError::NotInstalled(program.language.clone()));
        }
        self.started.fetch_add(1, Ordering::SeqCst);
        self.running.fetch_add(1, Ordering::SeqCst);
        let _running = Running(&self.running);
        if self.faults.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            return Err(SandboxError::Lost("the script says so".to_owned()).into());
        }
        let mut result = ProgramResult { exit_code: Some(0), ..ProgramResult::default() };
        for line in program.code.lines() {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            match word {
                "out" => write(&mut result.stdout, Stream::Stdout, &format!("{rest}\n"), chunks),
                "err" => write(&mut result.stderr, Stream::Stderr, &format!("{rest}\n"), chunks),
                "cat" => write(&mut result.stdout, Stream::Stdout, &program.input, chunks),
                "exit" => result.exit_code = rest.parse().ok(),
                "timeout" => (result.timed_out, result.exit_code) = (true, None),
                "wait" => self.wait().await,
                _ => {}
            }
        }
        Ok(result)
    }

    async fn wait(&self) {
        let go_on = self.go_on.notified();
        tokio::pin!(go_on);
        // Registered before the state is read, so that nothing is missed between the two.
        go_on.as_mut().enable();
        if self.waits.load(Ordering::SeqCst) {
            go_on.await;
        }
    }
}

fn write(kept: &mut String, stream: Stream, text: &str, chunks: &ChunkSink) {
    kept.push_str(text);
    chunks.tell(Chunk { stream, text: text.to_owned() });
}

impl Programs for FakePrograms {
    fn languages(&self) -> Vec<Installed> {
        let installed = |name: &LanguageName| Installed {
            name: name.clone(),
            title: name.to_string(),
            version: "1.0".to_owned(),
            file: "main".to_owned(),
            packages: Vec::new(),
            limits: ProgramLimits::DEFAULT,
        };
        self.languages.iter().map(installed).collect()
    }

    fn run<'a>(
        &'a self,
        program: &'a Program,
        chunks: &'a ChunkSink,
    ) -> BoxFuture<'a, Result<ProgramResult, ProgramError>> {
        self.perform(program, chunks).boxed()
    }
}

struct Running<'a>(&'a AtomicUsize);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
