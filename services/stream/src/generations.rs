//! A tool for handlers: a bounded cache without clocks or lists. What was not used while a whole generation passed is dropped.

use std::collections::HashMap;
use std::hash::Hash;

/// Keeps between `size` and twice `size` of the most recently used entries.
#[derive(Debug)]
pub struct Generations<K, V> {
    size: usize,
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Hash + Eq + Copy, V> Generations<K, V> {
    pub fn new(size: usize) -> Self {
        Self {
            size,
            young: HashMap::new(),
            old: HashMap::new(),
        }
    }

    pub fn contains(&self, key: &K) -> bool {
        self.young.contains_key(key) || self.old.contains_key(key)
    }

    pub fn get(&self, key: &K) -> Option<&V> {
        self.young.get(key).or_else(|| self.old.get(key))
    }

    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.young.get_mut(key).or_else(|| self.old.get_mut(key))
    }

    pub fn insert(&mut self, key: K, value: V) {
        self.old.remove(&key);
        self.young.insert(key, value);
    }

    /// Whether the entry is dropped when the next generation passes, if it is not used until then.
    pub fn is_old(&self, key: &K) -> bool {
        self.old.contains_key(key)
    }

    /// Takes the entry out, to be changed and put back.
    pub fn take(&mut self, key: &K) -> Option<V> {
        self.young.remove(key).or_else(|| self.old.remove(key))
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
        if self.is_full() {
            self.old = std::mem::take(&mut self.young);
        }
    }
}

#[cfg(test)]
mod tests {
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
}
