use super::*;
use proptest::prelude::*;

fn file(name: &str, text: &str) -> SourceFile {
    SourceFile { file: name.into(), text: text.into() }
}

fn sent(files: &[(&str, &[u8])]) -> Result<Code, FilesRejected> {
    let files: Vec<_> = files.iter().map(|(name, text)| ((*name).to_owned(), text.to_vec())).collect();
    Code::files(&files, Language::Erlang, &[file("given.erl", "x")], 20)
}

#[test]
fn several_files_are_taken_with_the_line_ends_of_any_editor() {
    let code = sent(&[("shape.erl", b"\xef\xbb\xbfa.\r\n"), ("edge.erl", b" \n"), ("sizes.hrl", b"b.")]).expect("code");
    let files = [file("shape.erl", "a.\n"), file("edge.erl", ""), file("sizes.hrl", "b.")];
    assert_eq!(code, Code::Files(files.to_vec()));
    assert_eq!(code.sources(Language::Erlang), [files[0].clone(), files[2].clone()], "an empty file says nothing");
    assert_eq!(Code::Text("x".into()).sources(Language::Elixir), [file("solution.ex", "x")]);
}

#[test]
fn what_is_wrong_with_files_names_the_file() {
    let of = |files: &[(&str, &[u8])]| sent(files).expect_err("refused");
    assert_eq!(of(&[("a.erl", b" "), ("b.erl", b"")]), FilesRejected::Together(SourceRejected::Empty));
    assert_eq!(of(&[]), FilesRejected::Together(SourceRejected::Empty));
    assert_eq!(
        of(&[("a.erl", b"12345678901"), ("b.erl", b"1234567890")]),
        FilesRejected::Together(SourceRejected::TooLarge { bytes: 21, limit: 20 })
    );
    let foreign = of(&[("a.erl", b"x"), ("b.erl", b"ab\xff")]);
    assert_eq!(foreign.file(), Some("b.erl"));
    assert!(foreign.to_string().contains("in b.erl: the code is not valid UTF-8"), "{foreign}");
    assert_eq!(of(&[("a.erl", b"x"), ("A.erl", b"y")]), FilesRejected::Twice("A.erl".into()));
    assert_eq!(of(&[("given.erl", b"x")]), FilesRejected::Taken("given.erl".into()));
    for bad in [
        "",
        ".erl",
        "a",
        "a.ex",
        "../a.erl",
        "a/b.erl",
        "a b.erl",
        "ä.erl",
        "a.erl\n",
        &format!("{}.erl", "a".repeat(60)),
    ] {
        assert!(matches!(of(&[(bad, b"x")]), FilesRejected::BadName { .. }), "{bad}");
    }
    let many: Vec<_> = (0..21).map(|n| (format!("f{n}.erl"), b"x".to_vec())).collect();
    assert_eq!(Code::files(&many, Language::Erlang, &[], 100), Err(FilesRejected::TooMany(21)));
}

#[test]
fn editors_hold_the_files_of_the_exercise_and_whatever_else_was_sent() {
    let given = [file("a.ex", "one"), file("b.ex", "two")];
    let code = Code::Files(vec![file("c.ex", "3"), file("b.ex", "2")]);
    let held = code.in_editors(Language::Elixir, &given);
    assert_eq!(held, [file("a.ex", "one"), file("b.ex", "2"), file("c.ex", "3")]);
    assert_eq!(Code::Text("x".into()).in_editors(Language::Elixir, &[]), []);
}

#[test]
fn a_text_of_several_files_comes_apart_at_their_names() {
    let given = [file("a.ex", ""), file("b.ex", "")];
    let of = |text: &str| Code::Text(text.into()).in_editors(Language::Elixir, &given);
    assert_eq!(of("# a.ex\none\n\n# b.ex\ntwo\n"), [file("a.ex", "one\n"), file("b.ex", "two\n")]);
    assert_eq!(of("# about c.ex\nall"), [file("a.ex", "# about c.ex\nall"), file("b.ex", "")]);
}

proptest! {
    #[test]
    fn nothing_of_a_text_but_names_and_empty_lines_is_lost(text in "(# a.ex\n|# b.ex\n|x\n|\n|é){0,12}") {
        let given = [file("a.ex", ""), file("b.ex", "")];
        let held = Code::Text(text.clone()).in_editors(Language::Elixir, &given);
        let count = |text: &str| text.matches('x').count() + text.matches('é').count();
        let names = text.matches(".ex").count();
        prop_assert!(held.iter().map(|file| count(&file.text)).sum::<usize>() + names >= count(&text));
    }
}
