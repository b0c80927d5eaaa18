//! The look into Erlang's external term format: it ends, and what it takes for a term is exactly one.
#![no_main]

use athanor_fuzz::domain::term::find_unwritable;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if find_unwritable(data) == Ok(None) {
        assert!(find_unwritable(&data[..data.len() - 1]).is_err(), "a part of a term is none");
        let longer: Vec<u8> = data.iter().copied().chain([106]).collect();
        assert!(find_unwritable(&longer).is_err(), "a term and more is none");
        // In a list with a pid it is found.
        let mut list = vec![131, 108, 0, 0, 0, 2];
        list.extend_from_slice(&data[1..]);
        list.push(88);
        assert!(matches!(find_unwritable(&list), Ok(Some(_))), "a pid behind it is found");
    }
});
