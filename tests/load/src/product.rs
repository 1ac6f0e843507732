//! The program that is measured: its commands, and its server as a process of its own.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::http::Client;
use crate::{Outcome, proc};

/// The program and the folder of its installation.
pub struct Product {
    program: PathBuf,
    folder: PathBuf,
}

/// What something took.
#[derive(Clone, Copy)]
pub struct Cost {
    pub wall: Duration,
    pub cpu: Duration,
}

impl Product {
    pub fn new(program: &Path, folder: &Path) -> Outcome<Self> {
        Ok(Self { program: program.canonicalize()?, folder: folder.canonicalize()? })
    }

    /// Where its data are.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Its database.
    pub fn database(&self) -> PathBuf {
        self.data().join("commonground.sqlite")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        // No setting of whoever measures comes in.
        command.args(arguments).current_dir(&self.folder).env_clear().stdin(Stdio::null());
        command.env("COMMONGROUND_DATA", self.data()).env("COMMONGROUND_LOG", "warn");
        command
    }

    /// Runs a command to its end and hands back the last line it printed.
    pub fn run(&self, arguments: &[&str]) -> Outcome<(Cost, String)> {
        let (began, before) = (Instant::now(), proc::ended_children_cpu()?);
        let output = self.command(arguments).output()?;
        let cost = Cost { wall: began.elapsed(), cpu: proc::ended_children_cpu()?.saturating_sub(before) };
        if !output.status.success() {
            let error = String::from_utf8_lossy(&output.stderr);
            return Err(format!("{}: {}", arguments.join(" "), error.lines().next().unwrap_or_default()).into());
        }
        let text = String::from_utf8_lossy(&output.stdout);
        Ok((cost, text.lines().last().unwrap_or_default().to_owned()))
    }

    /// Starts a command and leaves it to itself.
    pub fn start(&self, arguments: &[&str]) -> Outcome<Child> {
        Ok(self.command(arguments).stdout(Stdio::null()).spawn()?)
    }

    /// Starts the server and waits until its index holds everything: the cost up to then.
    pub async fn serve(&self, patience: Duration) -> Outcome<(Server, Cost)> {
        // Free a moment ago, on the loopback only.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let began = Instant::now();
        let child = self.start(&["serve", "--listen", &address.to_string()])?;
        let mut server = Server { child, address };
        let mut client = server.client();
        loop {
            if let Some(status) = server.child.try_wait()? {
                return Err(format!("the server ended: {status}").into());
            }
            if let Ok(body) = client.get("/readyz").await
                && String::from_utf8_lossy(body).contains(r#""status":"ready""#)
            {
                break;
            }
            if began.elapsed() > patience {
                return Err(format!("the server is not ready after {} s", patience.as_secs()).into());
            }
            tokio::time::sleep(Duration::from_millis(if began.elapsed().as_secs() < 3 { 5 } else { 100 })).await;
        }
        let cost = Cost { wall: began.elapsed(), cpu: proc::cpu(server.pid())? };
        Ok((server, cost))
    }
}

/// A running server; it ends with this value.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Server {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn client(&self) -> Client {
        Client::new(self.address, "")
    }

    pub fn cpu(&self) -> Outcome<Duration> {
        proc::cpu(self.pid())
    }

    /// Asks it to stop and waits.
    pub fn stop(mut self) -> Outcome<()> {
        Command::new("kill").args(["-TERM", &self.pid().to_string()]).status()?;
        let began = Instant::now();
        while self.child.try_wait()?.is_none() {
            if began.elapsed() > Duration::from_secs(20) {
                return Err("the server does not stop".into());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Megabytes of a file, or of all files below a folder.
pub fn megabytes(path: &Path) -> f64 {
    let Ok(data) = path.symlink_metadata() else { return 0.0 };
    if data.is_dir() {
        std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| megabytes(&entry.path())).sum()
    } else {
        data.len() as f64 / 1e6
    }
}
