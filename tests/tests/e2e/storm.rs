//! Killing processes at random moments, each about as often as the others.

use std::time::{Duration, Instant};

use e2e::installation::Installation;
use e2e::process::Process;
use e2e::random::Random;

/// The processes that live and die.
pub(crate) struct Storm<'a> {
    installation: &'a Installation,
    random: Random,
    /// Name and roles.
    cast: Vec<(&'static str, Vec<&'static str>)>,
    pub(crate) alive: Vec<Process>,
    pub(crate) kills: usize,
}

impl<'a> Storm<'a> {
    /// Starts everybody and waits until they are ready.
    pub(crate) fn calm(
        installation: &'a Installation,
        cast: &[(&'static str, &[&'static str])],
        random: Random,
    ) -> Self {
        let mut storm = Self {
            installation,
            random,
            cast: cast.iter().map(|(name, roles)| (*name, roles.to_vec())).collect(),
            alive: cast
                .iter()
                .map(|(name, roles)| installation.serve(name, roles))
                .collect(),
            kills: 0,
        };
        storm.alive.iter_mut().for_each(Process::ready);
        storm
    }

    /// Kills everybody once, in random order at random moments; each comes back a moment later. `beat` runs after every kill.
    pub(crate) fn round(&mut self, mut beat: impl FnMut(usize)) {
        let mut order: Vec<usize> = (0..self.cast.len()).collect();
        while !order.is_empty() {
            let victim = order.swap_remove(self.random.below(order.len()));
            if self.random.percent(75) {
                self.wait_until_busy(victim);
            } else {
                std::thread::sleep(self.random.millis(200, 2_000));
            }
            self.kill(victim);
            beat(self.kills);
        }
    }

    /// Most harm is done while something is being written: waits until it is, and a few milliseconds more.
    fn wait_until_busy(&mut self, victim: usize) {
        let (_, roles) = &self.cast[victim];
        let written = format!(
            "SELECT CAST(coalesce(sum(commits), 0) AS bigint) FROM lease WHERE consumer_group = '{}'",
            roles[0]
        );
        let commits = || {
            self.installation
                .tables()
                .try_number(&written)
                .unwrap_or_default()
        };
        let begun = Instant::now();
        let before = commits();
        while commits() == before && begun.elapsed() < Duration::from_secs(3) {}
        std::thread::sleep(self.random.millis(0, 15));
    }

    fn kill(&mut self, victim: usize) {
        let process = &mut self.alive[victim];
        if let Some(status) = process.is_over() {
            panic!(
                "{} ended by itself with {status}:\n{}",
                process.name(),
                process.log()
            );
        }
        process.kill();
        self.kills += 1;
        std::thread::sleep(self.random.millis(0, 1_200));
        let (name, roles) = &self.cast[victim];
        self.alive[victim] = self.installation.serve(name, roles);
    }

    /// Waits until everybody is ready again.
    pub(crate) fn settle(&mut self) {
        self.alive.iter_mut().for_each(Process::ready);
        eprintln!("{} kills", self.kills);
    }

    /// Ends everybody in order.
    pub(crate) fn end(mut self) {
        for process in &mut self.alive {
            assert_eq!(process.terminate(), Some(0), "{}", process.name());
        }
    }
}

/// How long things may take to come to rest on two busy cores, unoptimised.
pub(crate) const REST: Duration = Duration::from_mins(4);
