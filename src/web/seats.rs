//! The room: how many connections there are, from whom, and who makes place when it is full.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{connection::Client, proxies::neighbour};

/// All connections of one server.
#[derive(Debug)]
pub(super) struct Seats {
    taken: Mutex<Taken>,
    most: usize,
    most_per_address: usize,
}

#[derive(Debug, Default)]
struct Taken {
    /// By number, so in the order of their coming.
    clients: BTreeMap<u64, (Option<IpAddr>, Arc<Client>)>,
    by_address: HashMap<IpAddr, usize>,
    next: u64,
}

/// One connection's place, given back when dropped.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Arc<Seats>,
    number: u64,
    client: Arc<Client>,
}

impl Seats {
    pub(super) fn new(most: usize, most_per_address: usize) -> Arc<Self> {
        Arc::new(Self { taken: Mutex::default(), most, most_per_address })
    }

    /// A place for a new connection. `address` is counted; `None` (a proxy of ours) is not. When the room, or the share
    /// of this address, is full, a connection that nobody needs right now is closed; `None` if there is not one.
    pub(super) fn take(self: &Arc<Self>, address: Option<IpAddr>, client: Client) -> Option<Seat> {
        let address = address.map(neighbour);
        let mut taken = self.taken();
        let theirs = address.and_then(|address| taken.by_address.get(&address)).copied().unwrap_or(0);
        if theirs >= self.most_per_address {
            taken.evict(|other| other == address)?;
        } else if taken.clients.len() >= self.most {
            taken.evict(|_| true)?;
        }
        let number = taken.next;
        taken.next += 1;
        let client = Arc::new(client);
        taken.clients.insert(number, (address, Arc::clone(&client)));
        if let Some(address) = address {
            *taken.by_address.entry(address).or_default() += 1;
        }
        Some(Seat { seats: Arc::clone(self), number, client })
    }

    /// Closes one connection that nobody needs right now, if there is one.
    pub(super) fn evict(&self) {
        self.taken().evict(|_| true);
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    /// The one waiting longest without ever having asked for anything, else the oldest that is between two requests.
    fn evict(&mut self, of: impl Fn(Option<IpAddr>) -> bool) -> Option<()> {
        let mut idle = None;
        let mut victim = None;
        for (&number, (address, client)) in &self.clients {
            match client.evictable() {
                Some(true) if of(*address) => {
                    victim = Some(number);
                    break;
                }
                Some(false) if idle.is_none() && of(*address) => idle = Some(number),
                _ => {}
            }
        }
        let (_, client) = self.remove(victim.or(idle)?)?;
        client.evicted.notify_one();
        Some(())
    }

    fn remove(&mut self, number: u64) -> Option<(Option<IpAddr>, Arc<Client>)> {
        let (address, client) = self.clients.remove(&number)?;
        if let Some(address) = address
            && let Some(count) = self.by_address.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                self.by_address.remove(&address);
            }
        }
        Some((address, client))
    }
}

impl Seat {
    pub(super) fn client(&self) -> &Arc<Client> {
        &self.client
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.taken().remove(self.number);
    }
}
