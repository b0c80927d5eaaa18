//! A mail server that keeps what it gets, on a port of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::app::PATIENCE;

/// A letter as it came.
#[derive(Debug, Clone)]
pub struct Letter {
    pub to: String,
    pub text: String,
}

impl Letter {
    /// The path of the link in it, on a line of its own.
    pub fn link(&self, site: &str) -> String {
        let start = format!("{site}/reset/");
        let line = self.text.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("{}", self.text));
        line.trim().strip_prefix(site).unwrap().to_owned()
    }
}

pub struct Mailbox {
    pub url: String,
    refusing: Arc<AtomicUsize>,
    letters: UnboundedReceiver<Letter>,
}

impl Mailbox {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let (sender, letters) = unbounded_channel();
        let refusing = Arc::new(AtomicUsize::new(0));
        let refuses = Arc::clone(&refusing);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, sender.clone(), Arc::clone(&refuses)));
            }
        });
        Self { url, refusing, letters }
    }

    /// Does not take the next so many letters.
    pub fn refuse(&self, count: usize) {
        self.refusing.store(count, Ordering::SeqCst);
    }

    /// The next letter.
    pub async fn letter(&mut self) -> Letter {
        tokio::time::timeout(PATIENCE, self.letters.recv()).await.expect("a letter in time").expect("a letter")
    }

    /// Whether no letter is here that nobody has asked for.
    pub fn is_empty(&mut self) -> bool {
        self.letters.try_recv().is_err()
    }

    pub fn settings(&self) -> [(&'static str, String); 2] {
        [("ATHANOR_SMTP_URL", self.url.clone()), ("ATHANOR_MAIL_FROM", "Athanor <athanor@example.org>".to_owned())]
    }
}

async fn serve(stream: TcpStream, letters: UnboundedSender<Letter>, refusing: Arc<AtomicUsize>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 mailbox\r\n").await?;
    let (mut to, mut line) = (String::new(), String::new());
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let command = line.trim_end().to_owned();
        let answer: &[u8] = if command.starts_with("MAIL") {
            let refuse = refusing.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
            if refuse.is_ok() { b"451 not now\r\n" } else { b"250 ok\r\n" }
        } else if let Some(recipient) = command.strip_prefix("RCPT TO:<") {
            to = recipient.trim_end_matches('>').to_owned();
            b"250 ok\r\n"
        } else if command == "DATA" {
            stream.write_all(b"354 go on\r\n").await?;
            let mut text = String::new();
            loop {
                line.clear();
                stream.read_line(&mut line).await?;
                if line == ".\r\n" {
                    break;
                }
                text.push_str(line.strip_prefix('.').unwrap_or(&line));
            }
            let _ = letters.send(Letter { to: to.clone(), text: plain(&text) });
            b"250 taken\r\n"
        } else if command == "QUIT" {
            stream.write_all(b"221 bye\r\n").await?;
            return Ok(());
        } else {
            b"250 mailbox\r\n"
        };
        stream.write_all(answer).await?;
    }
}

/// The text without its transfer encoding.
fn plain(text: &str) -> String {
    if !text.contains("quoted-printable") {
        return text.replace("\r\n", "\n");
    }
    text.replace("=\r\n", "").replace("=3D", "=").replace("\r\n", "\n")
}
