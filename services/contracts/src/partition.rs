//! Where a clue lives.

use bihuan_domain::id::ClueId;

/// The partition of `clue` among `partitions`. Ours rather than a client's default partitioner, because librdkafka's and Java's
/// differ; stable for ever, because moving a clue would give it a second writer.
pub fn partition_of(clue: ClueId, partitions: u32) -> u32 {
    let (first_eight_bytes, _) = clue.0.as_u64_pair();
    first_eight_bytes.checked_rem(u64::from(partitions)).unwrap_or(0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A change here strands every clue that was ever stored.
    #[test]
    fn the_partitions_of_these_clues_never_change() {
        let vectors = [
            ("00000000-0000-0000-0000-000000000000", 12, 0),
            ("00000000-0000-000d-ffff-ffffffffffff", 12, 1),
            ("ffffffff-ffff-ffff-0000-000000000000", 12, 3),
            ("01234567-89ab-5def-8123-456789abcdef", 12, 11),
            ("01234567-89ab-5def-8123-456789abcdef", 32, 15),
            ("01234567-89ab-5def-8123-456789abcdef", 1, 0),
        ];
        for (clue, partitions, expected) in vectors {
            assert_eq!(
                partition_of(clue.parse().expect("an id"), partitions),
                expected,
                "{clue} among {partitions}"
            );
        }
    }

    #[test]
    fn derived_ids_spread_evenly() {
        let source = bihuan_domain::code::SourceId::new("test").expect("valid");
        let mut counts = [0_u32; 12];
        for n in 0..12_000 {
            counts[partition_of(ClueId::derive(&source, &n.to_string()), 12) as usize] += 1;
        }
        assert!(
            counts.iter().all(|count| (800..1200).contains(count)),
            "{counts:?}"
        );
    }
}
