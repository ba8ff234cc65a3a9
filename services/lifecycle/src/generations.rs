//! A bounded cache without clocks or lists: what was not used while a whole generation passed is dropped.

use std::collections::HashMap;
use std::hash::Hash;

/// Keeps between `size` and twice `size` of the most recently used entries.
#[derive(Debug)]
pub(crate) struct Generations<K, V> {
    size: usize,
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Hash + Eq + Copy, V> Generations<K, V> {
    pub(crate) fn new(size: usize) -> Self {
        Self {
            size,
            young: HashMap::new(),
            old: HashMap::new(),
        }
    }

    pub(crate) fn contains(&self, key: &K) -> bool {
        self.young.contains_key(key) || self.old.contains_key(key)
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        self.old.remove(&key);
        self.young.insert(key, value);
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.young.get(key).or_else(|| self.old.get(key))
    }

    /// Takes the entry out, to be changed and put back.
    pub(crate) fn take(&mut self, key: &K) -> Option<V> {
        self.young.remove(key).or_else(|| self.old.remove(key))
    }

    /// Lets a generation pass if the young one is full. Never between a look-up and the use of what was found.
    pub(crate) fn age(&mut self) {
        if self.young.len() >= self.size {
            self.old = std::mem::take(&mut self.young);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_stays_and_what_is_not_goes() {
        let mut cache = Generations::new(2);
        for key in 0..6 {
            let value = cache.take(&0).unwrap_or(0);
            cache.insert(0, value);
            cache.insert(key, key);
            cache.age();
        }
        assert!(cache.contains(&0));
        assert!(!cache.contains(&1));
    }
}
