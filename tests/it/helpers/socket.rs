//! A WebSocket as a browser would have it (RFC 6455), as far as the tests need one.

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::app::{Browser, PATIENCE};

/// A message of the server.
#[derive(Debug, PartialEq)]
pub enum Heard {
    Json(Value),
    /// Code and reason.
    Closed(u16, String),
}

pub struct Socket {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Socket {
    /// Opens it as a page of ours does.
    pub async fn open(browser: &Browser, path: &str) -> Self {
        let origin = browser.address().to_owned();
        Self::ask(browser, path, &origin).await.unwrap_or_else(|answer| panic!("no socket: {answer}"))
    }

    /// Asks for it as a page of this origin does; answers the status line when there is none.
    pub async fn ask(browser: &Browser, path: &str, origin: &str) -> Result<Self, String> {
        let headers = format!("Origin: {origin}\r\nCookie: {}", browser.cookies());
        Self::ask_with(browser, path, &headers).await
    }

    /// Asks for it with these headers.
    pub async fn ask_with(browser: &Browser, path: &str, headers: &str) -> Result<Self, String> {
        let host = browser.address().trim_start_matches("http://").to_owned();
        let mut stream = TcpStream::connect(&host).await.expect("a connection");
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.expect("a request");
        let mut socket = Self { stream, read: Vec::new() };
        let end = loop {
            if let Some(at) = socket.read.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            assert!(socket.more().await, "the connection ended");
        };
        let head = String::from_utf8_lossy(&socket.read[..end]).into_owned();
        socket.read.drain(..end);
        let status = head.lines().next().unwrap_or_default().to_owned();
        if status.contains(" 101 ") { Ok(socket) } else { Err(status) }
    }

    async fn more(&mut self) -> bool {
        let mut buffer = [0; 16 * 1024];
        let read = tokio::time::timeout(PATIENCE, self.stream.read(&mut buffer)).await.expect("something to read");
        let count = read.unwrap_or(0);
        self.read.extend_from_slice(&buffer[..count]);
        count > 0
    }

    pub async fn send(&mut self, message: Value) {
        self.send_text(message.to_string().as_bytes()).await;
    }

    /// Sends an empty ping so many times.
    pub async fn ping(&mut self, times: usize) {
        let _ = self.stream.write_all(&[0x89, 0x80, 0, 0, 0, 0].repeat(times)).await;
    }

    pub async fn send_text(&mut self, text: &[u8]) {
        let mut frame = vec![0x81];
        match text.len() {
            n @ 0..=125 => frame.push(0x80 | u8::try_from(n).unwrap()),
            n @ 126..=0xffff => {
                frame.push(0x80 | 126);
                frame.extend(u16::try_from(n).unwrap().to_be_bytes());
            }
            n => {
                frame.push(0x80 | 127);
                frame.extend((n as u64).to_be_bytes());
            }
        }
        // A mask of zeros masks nothing.
        frame.extend([0; 4]);
        frame.extend_from_slice(text);
        // One that has closed hears nothing any more.
        let _ = self.stream.write_all(&frame).await;
    }

    /// The next message; pings are passed over.
    pub async fn next(&mut self) -> Heard {
        loop {
            let (code, payload) = self.frame().await;
            match code {
                1 => return Heard::Json(serde_json::from_slice(&payload).expect("JSON")),
                8 if payload.len() >= 2 => {
                    let reason = String::from_utf8_lossy(&payload[2..]).into_owned();
                    return Heard::Closed(u16::from_be_bytes([payload[0], payload[1]]), reason);
                }
                8 => return Heard::Closed(1005, String::new()),
                _ => {}
            }
        }
    }

    async fn frame(&mut self) -> (u8, Vec<u8>) {
        loop {
            if self.read.len() >= 2 {
                let (head, length) = match self.read[1] {
                    126 if self.read.len() >= 4 => (4, usize::from(u16::from_be_bytes([self.read[2], self.read[3]]))),
                    127 if self.read.len() >= 10 => {
                        let length: [u8; 8] = self.read[2..10].try_into().unwrap();
                        (10, usize::try_from(u64::from_be_bytes(length)).unwrap())
                    }
                    126 | 127 => (usize::MAX, 0),
                    n => (2, usize::from(n)),
                };
                if head < usize::MAX && self.read.len() >= head + length {
                    let code = self.read[0] & 0x0f;
                    let payload = self.read[head..head + length].to_vec();
                    self.read.drain(..head + length);
                    return (code, payload);
                }
            }
            if !self.more().await {
                return (8, 1006_u16.to_be_bytes().to_vec());
            }
        }
    }

    /// Everything that is shown until there is a prompt again, notes included; panics at the end of the console.
    pub async fn until_prompt(&mut self) -> String {
        let mut shown = String::new();
        loop {
            match self.next().await {
                Heard::Json(message) if message["op"] == "piece" => {
                    let text = message["text"].as_str().unwrap();
                    match message["kind"].as_str().unwrap() {
                        "prompt" => return shown + text,
                        "typed" => shown = format!("{shown}{text}\n"),
                        _ => shown += text,
                    }
                }
                Heard::Json(message) if message["op"] == "ended" => panic!("it ended: {message} after {shown}"),
                Heard::Json(_) => {}
                closed => panic!("{closed:?} after {shown}"),
            }
        }
    }

    /// Waits until this is printed.
    pub async fn until_shown(&mut self, wanted: &str) {
        let mut shown = String::new();
        while !shown.contains(wanted) {
            match self.next().await {
                Heard::Json(message) if message["kind"] == "output" => shown += message["text"].as_str().unwrap(),
                Heard::Json(message) if message["op"] == "ended" => panic!("it ended: {message} after {shown}"),
                Heard::Json(_) => {}
                closed => panic!("{closed:?} after {shown}"),
            }
        }
    }

    /// Waits for the next prompt, or for the end, and then says why.
    pub async fn prompt_or_end(&mut self) -> Option<String> {
        loop {
            match self.next().await {
                Heard::Json(message) if message["kind"] == "prompt" => return None,
                Heard::Json(message) if message["op"] == "ended" => {
                    return Some(message["reason"].as_str().unwrap().to_owned());
                }
                Heard::Json(_) => {}
                closed => panic!("{closed:?}"),
            }
        }
    }

    /// Types something and answers what comes of it, up to the next prompt.
    pub async fn type_in(&mut self, text: &str) -> String {
        self.send(serde_json::json!({ "op": "lines", "text": text })).await;
        self.until_prompt().await
    }

    /// Waits for the end of the console and says why it ended.
    pub async fn until_ended(&mut self) -> String {
        loop {
            match self.next().await {
                Heard::Json(message) if message["op"] == "ended" => {
                    return message["reason"].as_str().unwrap().to_owned();
                }
                Heard::Json(_) => {}
                closed => panic!("{closed:?}"),
            }
        }
    }
}
