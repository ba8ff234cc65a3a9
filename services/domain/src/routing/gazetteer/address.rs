//! The town or village that an address names.
//!
//! Every name in the text is a piece; one that is a part of a longer name there is none. The area that explains most pieces, itself
//! and by those it lies in, is meant: 塔山街道东湖村 is the village of that name in that town. Where a town is named in full, a village
//! outside of it is not looked at: with no 东湖村 in it, it is the town. The area must explain every town and county that is named,
//! and no other may do as well; of several villages of one town the town is certain.

use super::{Gazetteer, Named, SHORTEST_CONTAINED, forms, is_near};
use crate::code::{AreaCode, Level};

/// In characters. What is longer is no address, and whoever sends it chooses how long it takes.
const LONGEST: usize = 500;

/// A name within a text.
struct Piece<'g> {
    start: usize,
    end: usize,
    codes: Vec<&'g AreaCode>,
    is_short: bool,
}

impl Piece<'_> {
    /// Whether the area lies in one that is named here, or is one.
    fn explained_by(&self, area: &AreaCode) -> bool {
        self.codes.iter().any(|code| area.is_within(code))
    }

    fn is_part_of(&self, other: &Self) -> bool {
        other.start <= self.start && self.end <= other.end && other.end - other.start > self.end - self.start
    }
}

impl Gazetteer {
    pub(super) fn inside(&self, text: &str, within: Option<&AreaCode>) -> Named {
        if text.chars().nth(LONGEST).is_some() {
            return Named::Nothing;
        }
        let pieces = standing_alone(self.pieces(text), text);
        let mut candidates: Vec<&AreaCode> = pieces.iter().flat_map(|piece| piece.codes.clone()).collect();
        candidates.retain(|code| self.is_local(code) && is_near(code, within) && within != Some(*code));
        candidates.sort_unstable();
        candidates.dedup();
        self.leave_to_the_town(&mut candidates, &pieces);
        let support = |area: &AreaCode| pieces.iter().filter(|piece| piece.explained_by(area)).count();
        let Some(most) = candidates.iter().map(|code| support(code)).max() else {
            return Named::Nothing;
        };
        candidates.retain(|code| support(code) == most);
        let meant = self.common(&candidates, within);
        match meant.filter(|meant| pieces.iter().all(|piece| self.agrees(piece, meant))) {
            Some(meant) => Named::One(meant.clone()),
            None => Named::Several,
        }
    }

    /// Villages outside of every town that is named in full do not compete with it: lists of villages are never complete, and a
    /// namesake elsewhere, or a road that is called after one, is no reason to doubt the town.
    fn leave_to_the_town(&self, candidates: &mut Vec<&AreaCode>, pieces: &[Piece<'_>]) {
        let level = |code: &AreaCode| self.places.get(code).map(|place| place.level);
        let is_in_full = |code: &AreaCode| {
            let names = |piece: &&Piece<'_>| !piece.is_short && piece.codes.contains(&code);
            level(code) == Some(Level::Town) && pieces.iter().any(|piece| names(&piece))
        };
        let towns: Vec<&AreaCode> = candidates
            .iter()
            .copied()
            .filter(|code| is_in_full(code))
            .collect();
        if !towns.is_empty() {
            let lies_in_one = |code: &AreaCode| towns.iter().any(|town| code.is_within(town));
            candidates.retain(|code| level(code) == Some(Level::Town) || lies_in_one(code));
        }
    }

    /// A village in passing (a road is called after it) does not matter, a town or county elsewhere does.
    fn agrees(&self, piece: &Piece<'_>, meant: &AreaCode) -> bool {
        let level = |code: &&AreaCode| self.places.get(*code).map(|place| place.level);
        let is_village = piece.codes.iter().all(|code| level(code) < Some(Level::Town));
        is_village || piece.explained_by(meant)
    }

    /// The lowest town or village in which all of these lie, perhaps one of them.
    fn common<'g>(&'g self, codes: &[&'g AreaCode], within: Option<&AreaCode>) -> Option<&'g AreaCode> {
        let mut area = *codes.first()?;
        while !codes.iter().all(|code| code.is_within(area)) {
            area = self.places.get(area)?.parent.as_ref()?;
        }
        (self.is_local(area) && is_near(area, within)).then_some(area)
    }

    /// Every name in the text, but those that are parts of a longer one.
    fn pieces(&self, text: &str) -> Vec<Piece<'_>> {
        let ends: Vec<_> = text
            .char_indices()
            .map(|(at, _)| at)
            .chain([text.len()])
            .collect();
        let mut pieces: Vec<Piece<'_>> = Vec::new();
        for (index, start) in ends.iter().enumerate() {
            for length in &self.lengths {
                let Some(end) = ends.get(index + length) else {
                    continue;
                };
                pieces.extend(self.piece(text, *start, *end));
            }
        }
        let is_whole = |piece: &Piece<'_>| !pieces.iter().any(|other| piece.is_part_of(other));
        let whole: Vec<_> = pieces.iter().map(is_whole).collect();
        let mut whole = whole.into_iter();
        pieces.retain(|_| whole.next().unwrap_or(false));
        pieces
    }

    fn piece(&self, text: &str, start: usize, end: usize) -> Option<Piece<'_>> {
        debug_assert!(text[start..end].chars().count() >= SHORTEST_CONTAINED);
        let span = &text[start..end];
        let (codes, is_short) = match (self.names.get(span), self.short.get(span)) {
            (Some(codes), _) => (codes, false),
            (None, codes) => (codes?, true),
        };
        let widest = |code: &&AreaCode| {
            let lies_in = |other: &AreaCode| other != *code && code.is_within(other);
            !codes.iter().any(lies_in)
        };
        is_whole_word(text, start, end).then(|| Piece {
            start,
            end,
            // where county and town share a name, it is the county that is certain
            codes: codes.iter().filter(widest).collect(),
            is_short,
        })
    }
}

/// Leaves out the short names that may be a part of another word: 城南 in 城南大道 is no town.
fn standing_alone<'g>(mut pieces: Vec<Piece<'g>>, text: &str) -> Vec<Piece<'g>> {
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    let stands = |piece: &Piece<'_>| {
        let (before, after) = (&text[..piece.start], &text[piece.end..]);
        let begins =
            !is_letter(before.chars().next_back()) || pieces.iter().any(|other| other.end == piece.start);
        let lies_in = |other: &Piece<'_>| other.codes.iter().any(|code| piece.explained_by(code));
        let ends = !is_letter(after.chars().next())
            || forms::TOWN.iter().any(|suffix| after.starts_with(suffix))
            || pieces
                .iter()
                .any(|other| other.start == piece.end && lies_in(other));
        begins && ends
    };
    let kept: Vec<_> = pieces.iter().map(|it| !it.is_short || stands(it)).collect();
    let mut kept = kept.into_iter();
    pieces.retain(|_| kept.next().unwrap_or(false));
    pieces
}

/// Whether the cut does not divide a word of Latin letters: "Bronx" is not in "Bronxville".
fn is_whole_word(text: &str, start: usize, end: usize) -> bool {
    let latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let cut_before = latin(text[..start].chars().next_back()) && latin(text[start..].chars().next());
    let cut_after = latin(text[..end].chars().next_back()) && latin(text[end..].chars().next());
    !cut_before && !cut_after
}
