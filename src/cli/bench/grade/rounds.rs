//! Who is measured when. What is compared is measured close together and in changing order, so that a machine that gets
//! slower with time, or after a certain neighbour, is unfair to nobody.

/// One contender's turn at one step of one round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// The round, from 0.
    pub round: usize,
    /// The place of the step.
    pub step: usize,
    /// The place of the contender.
    pub contender: usize,
}

/// All turns: round by round, step by step; within a step each contender once, beginning one further each time.
#[must_use]
pub fn turns(rounds: usize, steps: usize, contenders: usize) -> Vec<Turn> {
    let mut turns = Vec::with_capacity(rounds * steps * contenders);
    for round in 0..rounds {
        for step in 0..steps {
            turns.extend((0..contenders).map(|place| Turn {
                round,
                step,
                contender: (place + round + step) % contenders,
            }));
        }
    }
    turns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_one_turn_at_each_step_of_each_round() {
        let all = turns(3, 4, 5);
        assert_eq!(all.len(), 60);
        for round in 0..3 {
            for step in 0..4 {
                let mut who: Vec<_> = all
                    .iter()
                    .filter(|turn| (turn.round, turn.step) == (round, step))
                    .map(|turn| turn.contender)
                    .collect();
                who.sort_unstable();
                assert_eq!(who, [0, 1, 2, 3, 4]);
            }
        }
    }

    #[test]
    fn the_order_changes_from_step_to_step_and_from_round_to_round() {
        let first = |round, step| {
            turns(3, 2, 3).into_iter().find(|turn| (turn.round, turn.step) == (round, step)).expect("a turn").contender
        };
        assert_eq!([first(0, 0), first(1, 0), first(2, 0)], [0, 1, 2]);
        assert_eq!([first(0, 1), first(1, 1), first(2, 1)], [1, 2, 0]);
    }

    #[test]
    fn a_step_comes_after_the_one_before_it_for_everyone() {
        let steps: Vec<_> = turns(2, 3, 4).into_iter().map(|turn| (turn.round, turn.step)).collect();
        assert!(steps.is_sorted());
        assert!(turns(3, 2, 0).is_empty());
    }
}
