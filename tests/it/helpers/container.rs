//! A container of an image and its frames, without the sandbox around it: for what only the image has to do with.

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// A container that is asked by hand. It is removed with this value.
pub struct Container {
    name: String,
    client: Child,
}

/// What `docker run` takes to run an image as the sandbox does, as far as the image can tell.
const OPTIONS: [&str; 9] = [
    "--network",
    "none",
    "--log-driver",
    "none",
    "--read-only",
    "--tmpfs",
    "/tmp:size=16777216,noexec,nosuid,nodev,mode=1777",
    "--memory",
    "256m",
];

/// The command that runs the image with these variables.
pub fn run(image: &str, variables: &[(&str, &str)]) -> Command {
    let mut docker = Command::new("docker");
    docker.args(["run", "--rm", "--interactive"]).args(OPTIONS);
    for (name, value) in variables {
        docker.args(["--env", &format!("{name}={value}")]);
    }
    docker.arg(image);
    docker
}

impl Container {
    /// Boots one and waits for its handshake, which is the second value.
    pub fn boot(image: &str, variables: &[(&str, &str)]) -> (Self, Value) {
        let name = format!("athanor-test-{}", uuid::Uuid::now_v7());
        let mut command = run(image, variables);
        // The name has to come before the image.
        let mut named = Command::new("docker");
        named.args(["run", "--name", &name]).args(command.get_args().skip(1));
        command = named;
        let client = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("docker starts");
        let mut container = Self { name, client };
        let ready = container.hear();
        (container, ready)
    }

    /// Sends a frame and waits for the next one.
    pub fn ask(&mut self, frame: &Value) -> Value {
        self.say(frame);
        self.hear()
    }

    /// Compiles a file, as the first thing that is asked.
    pub fn load(&mut self, text: &str, beams: bool) -> Value {
        self.ask(&json!({
            "op": "load", "v": 2, "nonce": "1", "lang": "elixir", "support": [], "beams": beams,
            "source": [{"file": "solution.ex", "text": text}],
            "limits": {"kept_output_bytes": 65536, "job_output_bytes": 8_388_608, "term_bytes": 262_144, "text_bytes": 16384},
        }))
    }

    /// Evaluates an expression as a step of a case.
    pub fn step(&mut self, case: u32, code: &str) -> Value {
        self.ask(
            &json!({"op": "step", "nonce": "2", "case": case, "n": 0, "code": code, "input": null, "timeout_ms": 10_000}),
        )
    }

    /// The text of a step's value.
    pub fn shown(&mut self, case: u32, code: &str) -> String {
        let answer = self.step(case, code);
        answer["text"].as_str().unwrap_or_else(|| panic!("{code} gave {answer}")).to_owned()
    }

    /// Sends a frame.
    pub fn say(&mut self, frame: &Value) {
        let content = frame.to_string();
        let length = u32::try_from(content.len()).expect("a small frame");
        let stdin = self.client.stdin.as_mut().expect("standard input");
        stdin.write_all(&length.to_be_bytes()).expect("it listens");
        stdin.write_all(content.as_bytes()).expect("it listens");
    }

    /// Waits for a frame.
    pub fn hear(&mut self) -> Value {
        let stdout = self.client.stdout.as_mut().expect("standard output");
        let mut length = [0; 4];
        stdout.read_exact(&mut length).expect("the container says something");
        let mut content = vec![0; u32::from_be_bytes(length) as usize];
        stdout.read_exact(&mut content).expect("a whole frame");
        serde_json::from_slice(&content).expect("JSON")
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let _ = Command::new("docker").args(["rm", "--force", &self.name]).output();
        let _ = self.client.kill();
        let _ = self.client.wait();
    }
}
