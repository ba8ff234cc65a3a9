//! A tool for handlers: a bounded cache without clocks or lists. What was not used while a whole generation passed is dropped.
//!
//! No call takes long, however large a generation is: entries are boxed, so that the map grows without moving them, and a
//! generation is dropped bit by bit.

use std::collections::HashMap;
use std::hash::Hash;

/// Keeps between `size` and twice `size` of the most recently used entries.
#[derive(Debug)]
pub struct Generations<K, V> {
    size: usize,
    young: HashMap<K, Box<V>>,
    old: HashMap<K, Box<V>>,
    /// Nobody finds these any more.
    forgotten: Vec<Box<V>>,
    /// How many were young when the cache was last let age.
    counted: usize,
}

/// At least so many entries of a forgotten generation are dropped at once.
const DROPPED: usize = 64;

impl<K: Hash + Eq + Copy, V> Generations<K, V> {
    pub fn new(size: usize) -> Self {
        Self {
            size,
            young: HashMap::new(),
            old: HashMap::new(),
            forgotten: Vec::new(),
            counted: 0,
        }
    }

    pub fn contains(&self, key: &K) -> bool {
        self.young.contains_key(key) || self.old.contains_key(key)
    }

    pub fn get(&self, key: &K) -> Option<&V> {
        let entry = self.young.get(key).or_else(|| self.old.get(key));
        entry.map(AsRef::as_ref)
    }

    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let entry = self.young.get_mut(key).or_else(|| self.old.get_mut(key));
        entry.map(AsMut::as_mut)
    }

    pub fn insert(&mut self, key: K, value: V) {
        self.old.remove(&key);
        self.young.insert(key, Box::new(value));
    }

    /// Whether the entry is dropped when the next generation passes, if it is not used until then.
    pub fn is_old(&self, key: &K) -> bool {
        self.old.contains_key(key)
    }

    /// Takes the entry out, to be changed and put back.
    pub fn take(&mut self, key: &K) -> Option<V> {
        let entry = self.young.remove(key).or_else(|| self.old.remove(key));
        entry.map(|entry| *entry)
    }

    /// The entry, to be changed; it is young again.
    pub fn entry(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        let old = &mut self.old;
        self.young
            .entry(key)
            .or_insert_with(|| old.remove(&key).unwrap_or_default())
    }

    /// Whether [`Self::age`] will let a generation pass.
    pub fn is_full(&self) -> bool {
        self.young.len() >= self.size
    }

    /// Lets a generation pass if the young one is full. Never while a batch is being worked on: what it looked up must stay.
    pub fn age(&mut self) {
        // twice as many as came: the generation before is gone when the next one passes
        let came = self.young.len().saturating_sub(self.counted);
        let left = self.forgotten.len().saturating_sub(DROPPED.max(2 * came));
        self.forgotten.truncate(left);
        if self.is_full() {
            let young = std::mem::take(&mut self.young);
            let old = std::mem::replace(&mut self.old, young);
            self.forgotten.extend(old.into_values());
        }
        self.counted = self.young.len();
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;

    #[test]
    fn what_is_used_stays_and_what_is_not_goes() {
        let mut cache = Generations::new(3);
        for key in 0..6 {
            *cache.entry(0) += 1;
            let taken = cache.take(&1).unwrap_or(0);
            cache.insert(1, taken + 1);
            cache.insert(key + 10, key);
            cache.age();
        }
        assert_eq!((cache.get(&0), cache.get(&1)), (Some(&6), Some(&6)));
        assert!(!cache.contains(&10));
    }
    #[test]
    fn a_generation_is_dropped_bit_by_bit_and_is_gone_before_the_next() {
        let (entry, size) = (Rc::new(()), 10_000);
        let mut cache = Generations::new(size);
        let (mut most_dropped, mut most_kept) = (0, 0);
        for batch in 0..500 {
            for key in 0..100 {
                cache.insert(batch * 100 + key, entry.clone());
            }
            let before = Rc::strong_count(&entry);
            cache.age();
            most_kept = most_kept.max(before);
            most_dropped = most_dropped.max(before - Rc::strong_count(&entry));
        }
        assert_eq!(most_dropped, 200);
        assert!(most_kept <= 3 * size, "{most_kept}");
    }
}
