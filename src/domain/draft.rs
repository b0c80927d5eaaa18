//! What somebody has typed at an exercise and perhaps not sent, and which of two versions of it stands.

use uuid::Uuid;

use super::ids::DraftRevision;

/// Versions beside the draft that are kept for one exercise; past it the oldest goes.
pub const MAX_OTHERS: i64 = 10;

/// The page that wrote a draft, and which of its changes it was. A page is one load of it in one tab; it counts its changes
/// from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Writer {
    /// The page, by a number that it chose by itself.
    pub page: Uuid,
    /// Which of its changes.
    pub seq: i64,
}

/// What a change is based on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Basis {
    /// The revision that it replaces; `None` where there was no draft.
    pub revision: Option<DraftRevision>,
    /// Who makes it; without a script nobody says.
    pub writer: Option<Writer>,
}

/// The draft that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Present {
    /// Its revision.
    pub revision: DraftRevision,
    /// Who wrote it.
    pub writer: Option<Writer>,
    /// Whether its code is that of the change.
    pub same: bool,
}

/// What becomes of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is the draft from now on.
    Written,
    /// The draft says the same already, or a later word of the same page came first: nothing changes.
    Kept,
    /// The draft is another one than the change is based on: nothing changes until somebody chooses.
    Conflict,
}

/// Whether a change becomes the draft. The newest wins only if it is based on what it replaces: on that revision, or on an
/// earlier word of the same page, which may not have heard that its word arrived. Where there is no draft nothing is
/// replaced, so that a change is taken whatever it is based on.
#[must_use]
pub fn decide(present: Option<Present>, basis: Basis) -> Change {
    let Some(present) = present else { return Change::Written };
    let own = match (present.writer, basis.writer) {
        (Some(there), Some(here)) if there.page == here.page => Some(here.seq > there.seq),
        _ => None,
    };
    match own {
        Some(false) => Change::Kept,
        _ if present.same => Change::Kept,
        Some(true) => Change::Written,
        None if basis.revision == Some(present.revision) => Change::Written,
        None => Change::Conflict,
    }
}

/// Which of a guest's and an account's draft of one exercise is the draft, once they are one person's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joined {
    /// The guest's; the account's is kept beside it.
    Guest,
    /// The account's; the guest's is kept beside it.
    Account,
    /// They are alike: the account's, and nothing to keep.
    Alike,
}

/// The newer of two drafts is the draft.
#[must_use]
pub fn join(guest: jiff::Timestamp, account: jiff::Timestamp, same: bool) -> Joined {
    match (same, guest > account) {
        (true, _) => Joined::Alike,
        (false, true) => Joined::Guest,
        (false, false) => Joined::Account,
    }
}

/// Whether the editors hold the draft and not what was sent last.
#[must_use]
pub fn comes_first(draft: jiff::Timestamp, sent: Option<jiff::Timestamp>) -> bool {
    sent.is_none_or(|sent| draft >= sent)
}

/// Why a version is kept beside the draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// A guest's history came to an account, and both had one.
    Merged,
    /// Something was sent from elsewhere, which is the draft now.
    Sent,
    /// An earlier attempt was put into the editor.
    Restored,
}

impl Reason {
    /// The reason as it is written in the database and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Merged => "merged",
            Self::Sent => "sent",
            Self::Restored => "restored",
        }
    }

    /// The reason of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Merged, Self::Sent, Self::Restored].into_iter().find(|reason| reason.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn writer(page: u128, seq: i64) -> Option<Writer> {
        Some(Writer { page: Uuid::from_u128(page), seq })
    }

    fn revision(n: u128) -> DraftRevision {
        DraftRevision(Uuid::from_u128(n))
    }

    #[test]
    fn the_newest_wins_only_if_it_is_based_on_what_it_replaces() {
        let present = |writer, same| Some(Present { revision: revision(7), writer, same });
        let on = |base: Option<u128>, writer| Basis { revision: base.map(revision), writer };
        for (there, basis, expected, why) in [
            (None, on(None, None), Change::Written, "the first"),
            (None, on(Some(3), None), Change::Written, "nothing is replaced"),
            (present(None, false), on(Some(7), None), Change::Written, "based on it"),
            (present(None, false), on(Some(6), None), Change::Conflict, "based on an older one"),
            (present(None, false), on(None, None), Change::Conflict, "based on nothing"),
            (present(None, true), on(None, None), Change::Kept, "it says the same"),
            (present(writer(1, 4), false), on(Some(6), writer(1, 5)), Change::Written, "its own earlier word"),
            (present(writer(1, 4), false), on(Some(7), writer(1, 4)), Change::Kept, "the same word again"),
            (present(writer(1, 4), false), on(Some(7), writer(1, 3)), Change::Kept, "a word that came late"),
            (present(writer(1, 4), true), on(Some(6), writer(1, 5)), Change::Kept, "it says the same"),
            (present(writer(1, 4), false), on(Some(6), writer(2, 5)), Change::Conflict, "another page's"),
            (present(writer(1, 4), false), on(Some(7), writer(2, 1)), Change::Written, "another page that knew it"),
        ] {
            assert_eq!(decide(there, basis), expected, "{why}");
        }
    }

    proptest! {
        /// Two pages write in any order; whatever is replaced was known to the page that replaced it.
        #[test]
        fn nothing_is_overwritten_that_its_writer_had_not_seen(steps in proptest::collection::vec((0..2_usize, any::<bool>()), 1..40)) {
            let mut server: Option<(u128, usize)> = None;
            let mut known: [Option<u128>; 2] = [None; 2];
            let mut seq = [0; 2];
            let mut revisions = 0;
            for (page, heard) in steps {
                seq[page] += 1;
                let there = server.map(|(rev, by)| Present {
                    revision: revision(rev), writer: writer(by as u128 + 1, seq[by] - i64::from(by == page)), same: false,
                });
                let basis = Basis { revision: known[page].map(revision), writer: writer(page as u128 + 1, seq[page]) };
                match decide(there, basis) {
                    Change::Written => {
                        if let Some((rev, by)) = server {
                            prop_assert!(by == page || known[page] == Some(rev));
                        }
                        revisions += 1;
                        server = Some((revisions, page));
                        if heard { known[page] = Some(revisions); }
                    }
                    Change::Conflict => known[page] = server.map(|(rev, _)| rev),
                    Change::Kept => prop_assert!(false, "every word is a new one"),
                }
            }
        }
    }

    #[test]
    fn the_newer_of_two_drafts_is_the_draft() {
        let at = |s| jiff::Timestamp::from_second(s).unwrap();
        assert_eq!(join(at(2), at(1), false), Joined::Guest);
        assert_eq!(join(at(1), at(2), false), Joined::Account);
        assert_eq!(join(at(1), at(1), false), Joined::Account);
        assert_eq!(join(at(2), at(1), true), Joined::Alike);
        assert!(comes_first(at(2), None) && comes_first(at(2), Some(at(2))) && !comes_first(at(1), Some(at(2))));
    }
}
