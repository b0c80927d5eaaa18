//! Programs in containers, of a Docker engine and without one: every language, every limit, and nothing left behind.

use std::sync::Arc;
use std::time::Duration;

use athanor::domain::program::{Chunk, LanguageName, Program, ProgramResult, SetLimits, Stream};
use athanor::sandbox::containers::programs::ProgramSettings;
use athanor::sandbox::containers::{ContainerSandbox, ContainerSettings};
use athanor::sandbox::programs::{ChunkSink, ProgramError};
use athanor::sandbox::{Programs, Sandbox};

use crate::helpers::ways::settings;

/// What a program of each language looks like that copies a line and complains about another.
const GREETINGS: [(&str, &str); 5] = [
    (
        "elixir",
        "name = IO.gets(\"\") |> String.trim()\nIO.puts(\"hello #{name}\")\nIO.puts(:stderr, \"érr\")\nSystem.halt(3)",
    ),
    (
        "erlang",
        "-module(greet).\n-export([main/0]).\nmain() ->\n  Name = string:trim(io:get_line(\"\")),\n  \
         io:format(\"hello ~ts~n\", [Name]),\n  io:format(standard_error, \"~ts~n\", [\"érr\"]),\n  halt(3).",
    ),
    (
        "javascript",
        "const name = require('fs').readFileSync(0, 'utf8').trim();\nconsole.log(`hello ${name}`);\n\
         console.error('érr');\nprocess.exit(3);",
    ),
    ("python", "import sys\nprint('hello', input())\nprint('érr', file=sys.stderr)\nsys.exit(3)"),
    ("ruby", "puts \"hello #{gets.chomp}\"\nwarn 'érr'\nexit 3"),
];

struct Bench {
    sandbox: ContainerSandbox,
    programs: Arc<dyn Programs>,
}

impl Bench {
    /// With so much time that a busy machine does not matter.
    async fn start(way: &str) -> Self {
        Self::with(way, SetLimits { time_ms: Some(100_000), ..SetLimits::default() }, 0).await
    }

    async fn with(way: &str, limits: SetLimits, waiting: usize) -> Self {
        let programs = ProgramSettings { limits, waiting, languages: None };
        let settings = ContainerSettings { pool_size: 0, programs: Some(programs), ..settings(way) };
        let sandbox = ContainerSandbox::start(settings).await.unwrap();
        let programs = sandbox.programs().unwrap();
        Self { sandbox, programs }
    }

    async fn run(&self, language: &str, code: &str, input: &str) -> ProgramResult {
        self.programs.run(&program(language, code, input), &ChunkSink::none()).await.unwrap()
    }

    /// Ends everything, and sees to it that nothing is left.
    async fn end(self) {
        self.sandbox.shutdown().await;
        assert_eq!(self.sandbox.containers().await.unwrap(), Vec::<String>::new());
    }
}

fn program(language: &str, code: &str, input: &str) -> Program {
    Program { language: LanguageName::parse(language).unwrap(), code: code.to_owned(), input: input.to_owned() }
}

/// Runs one program of each language in turn, and says what is wrong with what came of it.
async fn each(bench: &Bench, programs: &[(&str, &str)], wrong: impl Fn(&ProgramResult) -> bool) {
    assert_eq!(programs.iter().map(|(language, _)| *language).collect::<Vec<_>>(), LANGUAGES);
    let mut found = Vec::new();
    for (language, code) in programs {
        let mut result = bench.run(language, code, "").await;
        if wrong(&result) {
            result.stdout.truncate(result.stdout.floor_char_boundary(2000));
            found.push(format!("{language}: {result:#?}"));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The languages that come with Athanor.
const LANGUAGES: [&str; 5] = ["elixir", "erlang", "javascript", "python", "ruby"];

async fn a_program_of_every_language_reads_its_input_and_is_heard_on_both_streams(way: &str) {
    let bench = Bench::start(way).await;
    let installed: Vec<_> = bench.programs.languages();
    for name in LANGUAGES {
        let language = installed.iter().find(|language| language.name.as_str() == name).unwrap();
        assert!(language.version.chars().any(|digit| digit.is_ascii_digit()), "{language:?}");
    }
    for (language, code) in GREETINGS {
        let result = bench.run(language, code, "wörld\nmore\n").await;
        let expected = ProgramResult {
            stdout: "hello wörld".to_owned() + if language == "javascript" { "\nmore\n" } else { "\n" },
            stderr: "érr\n".to_owned(),
            exit_code: Some(3),
            ..ProgramResult::default()
        };
        assert_eq!(result, expected, "{language}");
    }
    bench.end().await;
}

async fn a_program_that_fails_says_why_in_its_language_s_own_words(way: &str) {
    let bench = Bench::start(way).await;
    for (language, code, word) in [
        ("elixir", "raise \"oh no\"", "** (RuntimeError) oh no"),
        ("elixir", "x +", "TokenMissingError"),
        ("erlang", "-module(m).\n-export([main/0]).\nmain() -> error(oh_no).", "oh_no"),
        ("erlang", "-module(m).\n-export([main/0]).\nmain() -> X.", "main.erl:3:11: variable 'X' is unbound"),
        ("erlang", "-module(m).\n-export([other/0]).\nother() -> ok.", "that is where a program begins"),
        ("erlang", "#!/usr/bin/env escript\nmain(_) -> io:format(\"~p\", [1 + a]).", "badarith"),
        ("javascript", "throw new Error('oh no')", "Error: oh no"),
        ("javascript", "let = ;", "SyntaxError"),
        ("python", "raise ValueError('oh no')", "ValueError: oh no"),
        ("python", "def :", "SyntaxError"),
        ("python", "print('\0')", "null bytes"),
        ("ruby", "raise 'oh no'", "oh no (RuntimeError)"),
        ("ruby", "def (", "syntax error"),
    ] {
        let result = bench.run(language, code, "").await;
        assert!(result.stderr.contains(word), "{language}, {code}: {result:#?}");
        assert!(result.exit_code == Some(1), "{language}: {result:#?}");
    }
    bench.end().await;
}

async fn a_program_that_does_not_end_is_stopped_and_what_it_wrote_is_kept(way: &str) {
    let bench = Bench::with(way, SetLimits { time_ms: Some(12_000), ..SetLimits::default() }, 0).await;
    // All at once, so that they wait for the same seconds: long enough for an interpreter to begin on a busy machine.
    let programs = [
        ("elixir", "IO.puts(\"begun\")\nf = fn f -> f.(f) end\nf.(f)"),
        ("erlang", "-module(m).\n-export([main/0]).\nmain() -> io:format(\"begun~n\"), loop().\nloop() -> loop()."),
        ("javascript", "console.log('begun'); for (;;) {}"),
        ("python", "print('begun')\nwhile True: pass"),
        ("ruby", "puts 'begun'; sleep"),
    ];
    let run = async |(language, code): (&'static str, &'static str)| {
        let result = bench.run(language, code, "").await;
        assert!(result.timed_out && result.exit_code.is_none() && !result.memory_exceeded, "{language}: {result:#?}");
        assert_eq!(result.stdout, "begun\n", "{language}");
    };
    futures_util::future::join_all(programs.map(run)).await;
    bench.end().await;
}

async fn a_program_that_takes_all_memory_is_ended_and_it_is_said_why(way: &str) {
    let bench = Bench::start(way).await;
    let programs = [
        (
            "elixir",
            "Enum.reduce(1..100_000, [], fn _, list -> [String.duplicate(\"x\", 1_000_000) | list] end) |> length() |> IO.puts()",
        ),
        (
            "erlang",
            "-module(m).\n-export([main/0]).\nmain() -> loop([]).\nloop(L) -> loop([binary:copy(<<1>>, 1000000) | L]).",
        ),
        ("javascript", "const a = []; for (;;) a.push(Buffer.alloc(1 << 20, 1));"),
        ("python", "a = []\nwhile True: a.append(bytearray(b'x') * 1000000)"),
        ("ruby", "a = []\nloop { a << 'x' * 1_000_000 }"),
    ];
    each(&bench, &programs, |result| !result.memory_exceeded || result.timed_out || result.exit_code == Some(0)).await;
    // The heap of a language's own, too, and not only bytes.
    let objects = bench.run("javascript", "const a = []; for (let i = 0;; i++) a.push({ i });", "").await;
    assert!(objects.memory_exceeded, "{objects:#?}");
    let result = bench.run("python", "a = []\nwhile True: a.append(bytearray(b'x') * 1000000)", "").await;
    assert_eq!((result.stderr.as_str(), result.exit_code), ("", Some(137)), "nothing is put into its mouth");
    bench.end().await;
}

async fn of_a_flood_of_output_the_head_is_kept_and_it_is_said_that_something_is_missing(way: &str) {
    let bench = Bench::start(way).await;
    let programs = [
        ("elixir", "line = String.duplicate(\"x\", 9999)\nfor _ <- Stream.cycle([1]), do: IO.puts(line)"),
        (
            "erlang",
            "-module(m).\n-export([main/0]).\nmain() -> loop(lists:duplicate(9999, $x)).\n\
             loop(L) -> io:put_chars([L, \"\\n\"]), loop(L).",
        ),
        ("javascript", "const line = 'x'.repeat(9999); (function f() { console.log(line); setImmediate(f); })();"),
        ("python", "while True: print('x' * 9999)"),
        ("ruby", "loop { puts 'x' * 9999 }"),
    ];
    let kept = 64 * 1024;
    each(&bench, &programs, |result| {
        !result.truncated
            || result.timed_out
            || result.exit_code.is_some()
            || !(kept..kept + 100).contains(&result.stdout.len())
            || !result.stdout.contains("bytes are left out here")
    })
    .await;
    let long = bench.run("python", "print('a' * 70000 + 'z')", "").await;
    assert!(long.truncated && long.exit_code == Some(0) && long.stdout.ends_with("z\n"), "{:?}", long.exit_code);
    bench.end().await;
}

async fn a_fork_bomb_ends_with_its_container(way: &str) {
    let bench = Bench::with(way, SetLimits { time_ms: Some(6_000), ..SetLimits::default() }, 0).await;
    for (language, code) in [
        ("elixir", "for _ <- 1..1000, do: Port.open({:spawn, \"sleep 60\"}, [])\nIO.puts(\"end\")"),
        (
            "javascript",
            "const { spawn } = require('child_process');\nfor (let i = 0; i < 1000; i++) spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']).on('error', () => {});\nconsole.log('end');",
        ),
        ("python", "import os\nwhile True:\n  try: os.fork()\n  except OSError: pass"),
        ("ruby", "loop { begin; fork; rescue SystemCallError; end }"),
    ] {
        let result = bench.run(language, code, "").await;
        assert!(result.exit_code != Some(0) || result.stdout.contains("end"), "{language}: {result:#?}");
    }
    let after = bench.run("python", "print(1)", "").await;
    assert_eq!((after.stdout.as_str(), after.exit_code), ("1\n", Some(0)), "the next one never notices");
    bench.end().await;
}

async fn no_language_has_a_network(way: &str) {
    let bench = Bench::start(way).await;
    let programs = [
        ("elixir", "IO.inspect(:gen_tcp.connect({1, 1, 1, 1}, 80, [], 1000))"),
        ("erlang", "-module(m).\n-export([main/0]).\nmain() -> io:format(\"~p~n\", [gen_udp:open(0)])."),
        (
            "javascript",
            "require('net').connect(80, '169.254.169.254').on('error', (e) => console.log('error', e.code)).on('connect', () => console.log('open'));",
        ),
        (
            "python",
            "import socket\ntry:\n  socket.create_connection(('1.1.1.1', 80), 1)\n  print('open')\nexcept OSError as e:\n  print('error', e)",
        ),
        (
            "ruby",
            "require 'socket'\nbegin\n  TCPSocket.new('1.1.1.1', 80)\n  puts 'open'\nrescue SystemCallError => e\n  puts \"error #{e}\"\nend",
        ),
    ];
    each(&bench, &programs, |result| !result.stdout.contains("error") || result.stdout.contains("open")).await;
    let unix = "import socket, glob\nprint(glob.glob('/var/run/*') + glob.glob('/run/*'))\ntry:\n  \
                socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)\n  print('open')\nexcept OSError as e:\n  print('refused')";
    let result = bench.run("python", unix, "").await;
    assert!(result.stdout.ends_with("refused\n") && !result.stdout.contains("docker"), "{result:#?}");
    bench.end().await;
}

async fn nothing_but_tmp_can_be_written_and_that_has_an_end(way: &str) {
    let bench = Bench::start(way).await;
    let programs = [
        (
            "elixir",
            "for f <- [\"/etc/x\", \"/athanor/x\", \"/x\", \"/usr/x\", \"/dev/x\"], do: IO.inspect(File.write(f, \"x\"))",
        ),
        (
            "erlang",
            "-module(m).\n-export([main/0]).\nmain() -> [io:format(\"~p~n\", [file:write_file(F, \"x\")]) || F <- [\"/etc/x\", \"/athanor/x\", \"/x\", \"/usr/x\", \"/dev/x\"]].",
        ),
        (
            "javascript",
            "for (const f of ['/etc/x', '/athanor/x', '/x', '/usr/x', '/dev/x']) try { require('fs').writeFileSync(f, 'x'); console.log('written') } catch (e) { console.log('error') }",
        ),
        (
            "python",
            "for f in ['/etc/x', '/athanor/x', '/x', '/usr/x', '/dev/x']:\n  try:\n    open(f, 'w').write('x')\n    print('written')\n  except OSError:\n    print('error')",
        ),
        (
            "ruby",
            "%w[/etc/x /athanor/x /x /usr/x /dev/x].each { |f| begin; File.write(f, 'x'); puts 'written'; rescue SystemCallError; puts 'error'; end }",
        ),
    ];
    each(&bench, &programs, |result| result.stdout.matches("error").count() != 5).await;
    let fill = "import os\nn = 0\ntry:\n  for i in range(10000):\n    open(f'/tmp/{i}', 'w').close()\n    n = i\nexcept OSError:\n  pass\nprint(n < 1100)\n\
                try:\n  with open('/tmp/1', 'wb') as f:\n    for i in range(100): f.write(b'x' * 1000000); n = i\nexcept OSError:\n  pass\nprint(n < 17)";
    let result = bench.run("python", fill, "").await;
    assert_eq!(result.stdout, "True\nTrue\n", "{result:#?}");
    bench.end().await;
}

/// Attacks that must come to nothing: each prints `held` when it was refused, or ends in some other honest way.
const ATTACKS: [(&str, &str, &str); 15] = [
    (
        "python",
        "kills process 1",
        "import os, signal\ntry:\n  os.kill(1, signal.SIGKILL)\nexcept OSError: pass\nprint('held')",
    ),
    (
        "python",
        "traces process 1",
        "import ctypes\nprint('held' if ctypes.CDLL(None).ptrace(16, 1, 0, 0) < 0 else 'lost')",
    ),
    (
        "python",
        "enters a namespace",
        "import ctypes\nprint('held' if ctypes.CDLL(None).unshare(0x10000000) < 0 else 'lost')",
    ),
    (
        "python",
        "reads the host",
        "import os\nprint('held' if not os.environ.get('DATABASE_URL') and not os.path.exists('/work') else 'lost')",
    ),
    (
        "python",
        "mounts",
        "import ctypes\nprint('held' if ctypes.CDLL(None).mount(b'none', b'/tmp', b'tmpfs', 0, None) < 0 else 'lost')",
    ),
    (
        "javascript",
        "executes in /tmp",
        "require('fs').writeFileSync('/tmp/a', '#!/bin/sh\\necho lost', { mode: 0o755 }); try { require('child_process').execFileSync('/tmp/a'); console.log('lost') } catch (e) { console.log('held') }",
    ),
    (
        "javascript",
        "listens",
        "require('net').createServer().on('error', () => console.log('held')).listen(8080, () => { console.log('lost'); process.exit() })",
    ),
    ("javascript", "becomes root", "try { process.setuid(0); console.log('lost') } catch (e) { console.log('held') }"),
    (
        "javascript",
        "reads kernel memory",
        "try { require('fs').readFileSync('/proc/kcore'); console.log('lost') } catch (e) { console.log('held') }",
    ),
    ("javascript", "stops its own process 1", "try { process.kill(1, 'SIGSTOP') } catch (e) {} console.log('held')"),
    (
        "ruby",
        "raises its limits",
        "begin; Process.setrlimit(:NOFILE, 1_000_000, 1_000_000); puts 'lost'; rescue SystemCallError; puts 'held'; end",
    ),
    ("ruby", "makes a device", "puts system('mknod /tmp/sda b 8 0 2>/dev/null') ? 'lost' : 'held'"),
    (
        "ruby",
        "writes to the kernel",
        "begin; File.write('/proc/sys/kernel/core_pattern', 'x'); puts 'lost'; rescue SystemCallError; puts 'held'; end",
    ),
    ("ruby", "leaves a process behind", "fork { Process.setsid; sleep 60 }; puts 'held'"),
    (
        "ruby",
        "opens too many files",
        "begin; a = []; loop { a << File.open('/dev/null') }; rescue SystemCallError; puts 'held'; end",
    ),
];

/// The same for what runs on the BEAM.
const BEAM_ATTACKS: [(&str, &str, &str); 10] = [
    (
        "elixir",
        "loads native code",
        "File.write!(\"/tmp/a.so\", \"x\")\nIO.puts(if match?({:error, _}, :erlang.load_nif(~c\"/tmp/a\", 0)), do: \"held\", else: \"lost\")",
    ),
    (
        "elixir",
        "reads the host",
        "IO.puts(if System.get_env(\"DATABASE_URL\") == nil and not File.exists?(\"/work\"), do: \"held\", else: \"lost\")",
    ),
    (
        "elixir",
        "executes in /tmp",
        "File.write!(\"/tmp/a\", \"#!/bin/sh\\necho lost\")\nFile.chmod!(\"/tmp/a\", 0o755)\ntry do\n  System.cmd(\"/tmp/a\", [])\n  IO.puts(\"lost\")\nrescue\n  _ -> IO.puts(\"held\")\nend",
    ),
    (
        "elixir",
        "kills every process",
        "IO.puts(\"held\")\nfor p <- Process.list(), p != self(), do: Process.exit(p, :kill)",
    ),
    ("elixir", "starts distribution", "IO.puts(if match?({:error, _}, Node.start(:a)), do: \"held\", else: \"lost\")"),
    (
        "erlang",
        "becomes root",
        "main(_) -> io:format(\"~ts\", [case os:cmd(\"id -u\") of \"0\" ++ _ -> \"lost\"; _ -> \"held\" end]).",
    ),
    (
        "erlang",
        "makes atoms for ever",
        "main(_) -> io:format(\"held~n\"), loop(1).\nloop(N) -> _ = list_to_atom(integer_to_list(N)), loop(N + 1).",
    ),
    (
        "erlang",
        "makes processes for ever",
        "main(_) -> io:format(\"held~n\"), loop().\nloop() -> spawn(fun() -> receive x -> ok end end), loop().",
    ),
    ("erlang", "halts", "main(_) -> io:format(\"held~n\"), timer:sleep(200), halt(abort)."),
    (
        "erlang",
        "replaces the module that waits",
        "main(_) -> io:format(\"held~n\"), code:purge(athanor_program), code:delete(athanor_program), code:purge(athanor_program).",
    ),
];

async fn attacks_come_to_nothing_and_the_next_program_never_notices(way: &str) {
    let bench = Bench::start(way).await;
    let mut lost = Vec::new();
    for (language, what, code) in ATTACKS.into_iter().chain(BEAM_ATTACKS) {
        // The first line of what is no module is not for an interpreter here.
        let result = bench.run(language, code, "").await;
        if result.stdout.contains("lost") || !result.stdout.contains("held") {
            lost.push(format!("{language} {what}: {result:#?}"));
        }
    }
    let honest = bench.run("ruby", "print Dir.children('/tmp')", "").await;
    assert_eq!(honest.stdout, "[\"main.rb\"]", "nothing is there of those before");
    assert!(lost.is_empty(), "{}", lost.join("\n"));
    bench.end().await;
}

async fn output_is_told_in_the_order_and_at_the_time_it_is_written(way: &str) {
    let bench = Bench::start(way).await;
    // Each waits for the end of its input between two lines, which comes only when it is read: so the order is the
    // program's own.
    for (language, code) in [
        ("elixir", "IO.puts(\"a\")\nIO.puts(:stderr, \"b\")\nIO.puts(\"é\")\nProcess.sleep(300)\nIO.puts(\"d\")"),
        (
            "javascript",
            "console.log('a'); console.error('b'); console.log('é'); setTimeout(() => console.log('d'), 300)",
        ),
        (
            "python",
            "import sys, time\nprint('a')\nprint('b', file=sys.stderr)\nprint('é')\ntime.sleep(0.3)\nprint('d')",
        ),
        ("ruby", "puts 'a'; warn 'b'; puts 'é'; sleep 0.3; puts 'd'"),
    ] {
        let (sink, mut chunks) = ChunkSink::channel();
        let program = program(language, code, "");
        let run = async {
            let result = bench.programs.run(&program, &sink).await.unwrap();
            drop(sink);
            result
        };
        let told = async {
            let (mut out, mut err, mut pieces) = (String::new(), String::new(), 0);
            while let Some(Chunk { stream, text }) = chunks.recv().await {
                pieces += usize::from(stream == Stream::Stdout);
                if stream == Stream::Stdout { &mut out } else { &mut err }.push_str(&text);
            }
            (out, err, pieces)
        };
        let (result, (out, err, pieces)) = tokio::join!(run, told);
        assert_eq!((out.as_str(), err.as_str()), (result.stdout.as_str(), result.stderr.as_str()), "{language}");
        assert!(out == "a\né\nd\n" && err == "b\n", "{language}: {result:#?}");
        assert!(pieces >= 2, "{language}: not all at once at the end");
    }
    bench.end().await;
}

async fn dropping_a_run_ends_its_container(way: &str) {
    let bench = Bench::start(way).await;
    let program = program("python", "print('begun')\nwhile True: pass", "");
    let (sink, mut chunks) = ChunkSink::channel();
    tokio::select! {
        result = bench.programs.run(&program, &sink) => panic!("it ended: {result:?}"),
        // What is written in two pieces may come in two.
        chunk = chunks.recv() => assert!("begun\n".starts_with(&chunk.unwrap().text)),
    }
    let gone = async {
        while !bench.sandbox.containers().await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), gone).await.expect("the container goes");
    bench.end().await;
}

async fn a_program_may_open_its_streams_by_their_names(way: &str) {
    let bench = Bench::start(way).await;
    let code = "open('/dev/stdout', 'w').write(open('/dev/stdin').read())\nopen('/dev/stderr', 'w').write('err')";
    let result = bench.run("python", code, "typed").await;
    assert_eq!((result.stdout.as_str(), result.stderr.as_str(), result.exit_code), ("typed", "err", Some(0)));
    bench.end().await;
}

async fn a_language_that_is_not_installed_or_not_wanted_is_refused(way: &str) {
    let bench = Bench::start(way).await;
    let refused = bench.programs.run(&program("cobol", "x", ""), &ChunkSink::none()).await;
    assert_eq!(refused, Err(ProgramError::NotInstalled(LanguageName::parse("cobol").unwrap())));
    bench.end().await;
    let programs = ProgramSettings {
        languages: Some(vec![LanguageName::parse("ruby").unwrap()]),
        waiting: 0,
        limits: SetLimits::default(),
    };
    let settings = ContainerSettings { pool_size: 0, programs: Some(programs), ..settings(way) };
    let sandbox = ContainerSandbox::start(settings).await.unwrap();
    let names: Vec<_> = sandbox.programs().unwrap().languages().into_iter().map(|it| it.name.to_string()).collect();
    assert_eq!(names, ["ruby"]);
    sandbox.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_for_programs_has_every_restriction_of_a_grading_and_less_of_the_cpu() {
    let bench =
        Bench::with("docker/runc", SetLimits { memory_bytes: Some(128 << 20), ..SetLimits::default() }, 1).await;
    let docker = bollard::Docker::connect_with_defaults().unwrap().negotiate_version().await.unwrap();
    // The engine lists a container a moment before it can say what is in it.
    let waiting = async {
        loop {
            for id in bench.sandbox.containers().await.unwrap() {
                if let Ok(container) = docker.inspect_container(&id, None).await {
                    return container;
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let container = tokio::time::timeout(Duration::from_secs(60), waiting).await.unwrap();
    let (config, host) = (container.config.unwrap(), container.host_config.unwrap());
    assert_eq!(config.network_disabled, Some(true));
    assert_eq!(config.user.as_deref(), Some("65534:65534"));
    assert_eq!((host.memory, host.memory_swap), (Some(128 << 20), Some(128 << 20)));
    assert_eq!((host.pids_limit, host.nano_cpus, host.cpu_shares), (Some(64), Some(1_000_000_000), Some(256)));
    assert_eq!((host.cap_drop, host.readonly_rootfs), (Some(vec!["ALL".to_owned()]), Some(true)));
    let security = host.security_opt.unwrap();
    assert!(security.iter().any(|option| option.starts_with("seccomp={")), "{security:?}");
    assert_eq!(host.tmpfs.unwrap()["/tmp"], "size=16777216,noexec,nosuid,nodev,nr_inodes=1024,mode=1777");
    assert!(container.mounts.is_none_or(|mounts| mounts.is_empty()), "nothing of the host is in it");
    bench.end().await;
}

async fn the_example_of_a_custom_image_has_its_package(way: &str) {
    let bench = Bench::start(way).await;
    let languages = bench.programs.languages();
    let language = languages.iter().find(|language| language.name.as_str() == "python-sorted").unwrap();
    assert_eq!(language.packages, ["sortedcontainers"]);
    let code = "from sortedcontainers import SortedList\nprint(*SortedList(map(int, input().split())))";
    assert_eq!(bench.run("python-sorted", code, "3 1 2").await.stdout, "1 2 3\n");
    let plain = bench.run("python", code, "3 1 2").await;
    assert!(plain.stderr.contains("No module named 'sortedcontainers'"), "{plain:#?}");
    bench.end().await;
}

/// Each test with a Docker engine and without.
macro_rules! on_both_engines {
    ($($test:ident),* $(,)?) => {
        $crate::on_each_way! { @way docker_runc = "docker/runc": $($test),* }
        $crate::on_each_way! { @way oci_runc = "oci/runc": $($test),* }
    };
}

on_both_engines![
    a_program_may_open_its_streams_by_their_names,
    a_program_of_every_language_reads_its_input_and_is_heard_on_both_streams,
    a_program_that_fails_says_why_in_its_language_s_own_words,
    a_program_that_does_not_end_is_stopped_and_what_it_wrote_is_kept,
    a_program_that_takes_all_memory_is_ended_and_it_is_said_why,
    of_a_flood_of_output_the_head_is_kept_and_it_is_said_that_something_is_missing,
    a_fork_bomb_ends_with_its_container,
    no_language_has_a_network,
    nothing_but_tmp_can_be_written_and_that_has_an_end,
    attacks_come_to_nothing_and_the_next_program_never_notices,
    output_is_told_in_the_order_and_at_the_time_it_is_written,
    dropping_a_run_ends_its_container,
    a_language_that_is_not_installed_or_not_wanted_is_refused,
    the_example_of_a_custom_image_has_its_package,
];
