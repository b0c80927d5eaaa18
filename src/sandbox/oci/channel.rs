//! A container's channel: three pipes, whose ends the container gets as its standard input, output and error.

use std::io;
use std::time::Duration;

use bytes::BytesMut;
use futures_util::StreamExt as _;
use futures_util::stream;
use rustix::pipe::{PipeFlags, pipe_with};
use tokio::io::AsyncReadExt as _;
use tokio::net::unix::pipe::{Receiver, Sender};

use super::runtime::Ends;
use crate::sandbox::containers::engine::{Chunk, Chunks, Input};

/// Most bytes that are read at once.
const PIECE: usize = 64 * 1024;

/// Most bytes of a complaint that are kept, and how long it is waited for.
const COMPLAINT: (usize, Duration) = (4096, Duration::from_secs(1));

/// Our ends.
pub struct Ours {
    input: Sender,
    output: Receiver,
    error: Receiver,
}

/// Opens a channel. A pipe is closed for the programs that we start otherwise.
///
/// # Errors
///
/// There are no more descriptors.
pub fn open() -> io::Result<(Ours, Ends)> {
    let pipe = || pipe_with(PipeFlags::CLOEXEC).map_err(io::Error::from);
    let ((input, writer), (output_reader, output), (error_reader, error)) = (pipe()?, pipe()?, pipe()?);
    let ours = Ours {
        input: Sender::from_owned_fd(writer)?,
        output: Receiver::from_owned_fd(output_reader)?,
        error: Receiver::from_owned_fd(error_reader)?,
    };
    Ok((ours, Ends { input, output, error }))
}

impl Ends {
    /// Lets the container's user open them again, by `/dev/stdout` and the like: as the host sees it, they are ours.
    ///
    /// # Errors
    ///
    /// We may not give anything away.
    pub fn give_to(&self, user: u32) -> io::Result<()> {
        for end in [&self.input, &self.output, &self.error] {
            rustix::fs::fchown(end, Some(rustix::fs::Uid::from_raw(user)), Some(rustix::fs::Gid::from_raw(user)))?;
        }
        Ok(())
    }
}

impl Ours {
    /// What is written, and what is read until both outputs have ended.
    pub fn split(self) -> (Input, Chunks) {
        let output = pieces(self.output, Chunk::Out);
        let error = pieces(self.error, Chunk::Err);
        // What was said past the channel never ends it, and does not hold up its end either.
        let both = Ended { output: output.boxed(), error: error.boxed(), error_over: false };
        (Box::pin(self.input), Box::pin(both))
    }

    /// What a runtime had to say that could not start it.
    pub async fn complaint(self) -> String {
        let (mut said, mut error) = (Vec::new(), self.error.take(COMPLAINT.0 as u64));
        let _ = tokio::time::timeout(COMPLAINT.1, error.read_to_end(&mut said)).await;
        String::from_utf8_lossy(&said).trim().to_owned()
    }
}

fn pieces(pipe: Receiver, kind: fn(bytes::Bytes) -> Chunk) -> impl stream::Stream<Item = io::Result<Chunk>> + Send {
    stream::unfold(Some((pipe, BytesMut::new())), move |state| async move {
        let (mut pipe, mut buffer) = state?;
        buffer.reserve(PIECE);
        match pipe.read_buf(&mut buffer).await {
            Ok(0) => None,
            Ok(_) => {
                let piece = kind(buffer.split().freeze());
                Some((Ok(piece), Some((pipe, buffer))))
            }
            Err(error) => Some((Err(error), None)),
        }
    })
}

/// Both outputs as one. It ends when standard output does, after what standard error holds by then.
struct Ended {
    output: stream::BoxStream<'static, io::Result<Chunk>>,
    error: stream::BoxStream<'static, io::Result<Chunk>>,
    error_over: bool,
}

impl stream::Stream for Ended {
    type Item = io::Result<Chunk>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        use std::task::Poll;
        if !self.error_over {
            match self.error.poll_next_unpin(context) {
                Poll::Ready(Some(piece)) => return Poll::Ready(Some(piece)),
                Poll::Ready(None) => self.error_over = true,
                Poll::Pending => {}
            }
        }
        self.output.poll_next_unpin(context)
    }
}
