use proptest::prelude::*;

use super::*;

fn shown(bytes: &[u8]) -> Option<String> {
    of(&[&[131], bytes].concat(), &FieldOrder::from([("P", vec!["y", "x"])]), 1000)
}

#[test]
fn terms_are_written_as_inspect_writes_them() {
    let atom = |name: &str| [&[119, name.len() as u8], name.as_bytes()].concat();
    let text = |text: &str| [&[109, 0, 0, 0, text.len() as u8], text.as_bytes()].concat();
    let int = |n: u8| vec![97, n];
    for (bytes, expected) in [
        (int(7), "7"),
        (vec![98, 255, 255, 255, 255], "-1"),
        (vec![110, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1], "-18446744073709551616"),
        ([&[70][..], &1.5_f64.to_be_bytes()].concat(), "1.5"),
        ([&[70][..], &1e30_f64.to_be_bytes()].concat(), "1.0e30"),
        (atom("ok"), ":ok"),
        (atom("nil"), "nil"),
        (atom("a b"), ":\"a b\""),
        (atom("Elixir.Enum"), "Enum"),
        (text("a\"#{b}\n"), "\"a\\\"\\#{b}\\n\""),
        (vec![109, 0, 0, 0, 2, 255, 0], "<<255, 0>>"),
        (vec![107, 0, 3, 97, 98, 99], "~c\"abc\""),
        (vec![107, 0, 2, 1, 200], "[1, 200]"),
        ([&[104, 2][..], &atom("ok"), &int(1)].concat(), "{:ok, 1}"),
        ([&[108, 0, 0, 0, 1, 104, 2][..], &atom("a"), &int(1), &[106]].concat(), "[a: 1]"),
        ([&[108, 0, 0, 0, 1][..], &int(200), &int(2)].concat(), "[200 | 2]"),
        ([&[116, 0, 0, 0, 2][..], &text("k"), &int(1), &atom("a"), &int(2)].concat(), "%{:a => 2, \"k\" => 1}"),
        (
            [&[116, 0, 0, 0, 3][..], &atom("__struct__"), &atom("Elixir.P"), &atom("x"), &int(1), &atom("y"), &int(2)]
                .concat(),
            "%P{y: 2, x: 1}",
        ),
    ] {
        assert_eq!(shown(&bytes).as_deref(), Some(expected));
    }
}

#[test]
fn what_cannot_be_told_is_not() {
    assert_eq!(shown(&[88, 119, 1, b'n', 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]), None, "a pid");
    assert_eq!(shown(&[104, 1].repeat(9_000)), None, "a deep one");
    assert_eq!(shown(&[105, 255, 255, 255, 255]), None, "a tuple that is not there");
    assert_eq!(shown(&[109, 0, 0, 8, 0]), None, "a text that ends early");
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_fault(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = shown(&bytes);
    }
}
