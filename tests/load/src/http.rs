//! A client that costs next to nothing, because it shares the processors with what it measures: HTTP/1.1 on one
//! connection, GET only, answers whose length is told.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::Outcome;
use crate::play::Player;

const PATIENCE: Duration = Duration::from_secs(30);

/// One connection, made when it is needed.
pub struct Client {
    address: SocketAddr,
    headers: String,
    connection: Option<BufReader<TcpStream>>,
    body: Vec<u8>,
}

impl Client {
    /// A client of the server at `address` that sends these header lines with every request.
    pub fn new(address: SocketAddr, headers: &str) -> Self {
        let headers = format!("host: {address}\r\n{headers}\r\n");
        Self { address, headers, connection: None, body: Vec::new() }
    }

    /// The body of the answer; anything but 200 is an error.
    pub async fn get(&mut self, path: &str) -> Outcome<&[u8]> {
        let answered = tokio::time::timeout(PATIENCE, self.exchange(path)).await;
        match answered {
            Ok(Ok(200)) => Ok(&self.body),
            Ok(Ok(status)) => Err(format!("{path}: {status}").into()),
            failed => {
                self.connection = None;
                failed.map_err(|_| format!("{path}: no answer in {} s", PATIENCE.as_secs()))??;
                Err(path.into())
            }
        }
    }

    async fn exchange(&mut self, path: &str) -> Outcome<u16> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                let stream = TcpStream::connect(self.address).await?;
                stream.set_nodelay(true)?;
                BufReader::with_capacity(1 << 16, stream)
            }
        };
        let request = format!("GET {path} HTTP/1.1\r\n{}", self.headers);
        connection.get_mut().write_all(request.as_bytes()).await?;
        let mut line = String::new();
        connection.read_line(&mut line).await?;
        let status = line.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or("this is no HTTP answer")?;
        let mut length = None;
        loop {
            line.clear();
            if connection.read_line(&mut line).await? == 0 {
                return Err("the answer ends in its headers".into());
            }
            let Some((name, value)) = line.split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().ok();
            }
        }
        self.body.resize(length.ok_or("the answer does not tell its length")?, 0);
        connection.read_exact(&mut self.body).await?;
        self.connection = Some(connection);
        Ok(status)
    }
}

/// Asks for one path after the other.
pub struct Visitor {
    client: Client,
    path: Arc<dyn Fn(u64) -> String + Send + Sync>,
}

impl Visitor {
    /// So many visitors who go through the same paths together.
    pub fn several(
        count: usize,
        client: impl Fn() -> Client,
        path: impl Fn(u64) -> String + Send + Sync + 'static,
    ) -> Vec<Self> {
        let path: Arc<dyn Fn(u64) -> String + Send + Sync> = Arc::new(path);
        (0..count).map(|_| Self { client: client(), path: Arc::clone(&path) }).collect()
    }
}

impl Player for Visitor {
    async fn ask(&mut self, nth: u64) -> Outcome<()> {
        let path = (self.path)(nth);
        self.client.get(&path).await.map(|_| ())
    }
}
