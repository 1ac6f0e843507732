//! A writer killed at any moment: the last commit that was answered is there, whole, with its position.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use search_index::{Document, Effort, Health, Index};

use crate::{Dice, open, position, schema, titled};

/// Change number `seq`: what is put in and what is taken out.
fn change(seq: i64) -> (Vec<Document>, Vec<String>) {
    let name = |n: i64| format!("k{}", n.rem_euclid(40));
    let long = "words that fill the page ".repeat(20);
    let put = (0..3).map(|i| Document { body: long.clone(), ..titled(&name(seq * 5 + i), &format!("round {seq}")) });
    (put.collect(), vec![name(seq * 11 + 3)])
}

fn after(seq: i64) -> BTreeMap<String, u64> {
    let mut state = BTreeMap::new();
    for seq in 1..=seq {
        let (put, gone) = change(seq);
        state.extend(put.iter().map(|document| (document.id.clone(), document.fingerprint())));
        gone.iter().for_each(|id| {
            state.remove(id);
        });
    }
    state
}

/// The one that is killed: goes on from where the folder stands, and says each commit aloud.
#[test]
#[ignore = "started by the test below"]
fn writes_until_killed() {
    let mut path = String::new();
    std::io::stdin().read_line(&mut path).unwrap();
    let index = open(path.trim().as_ref());
    let mut writer = index.writer(Effort::default()).unwrap();
    let mut seq = index.position().map_or(0, |position| position.seq);
    loop {
        seq += 1;
        let (put, gone) = change(seq);
        writer.apply(put, gone).unwrap();
        writer.commit(&position(seq)).unwrap();
        println!("\ncommitted {seq}");
    }
}

#[test]
fn a_kill_loses_nothing_that_was_committed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let mut dice = Dice(5);
    let mut answered = 0;
    for round in 0..12 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "killed::writes_until_killed", "--ignored", "--nocapture"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        writeln!(child.stdin.take().unwrap(), "{}", path.display()).unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let heard = |line: String| line.strip_prefix("committed ").and_then(|seq| seq.parse::<i64>().ok());
        // At least one commit, then any moment.
        answered = lines.by_ref().find_map(heard).unwrap().max(answered);
        std::thread::sleep(Duration::from_millis(dice.roll(120) as u64));
        child.kill().unwrap();
        child.wait().unwrap();
        answered = lines.filter_map(heard).last().unwrap_or(answered).max(answered);
        let opened = Index::open(&path, &schema()).unwrap();
        assert_eq!(opened.health, Health::Sound, "round {round}");
        let seq = opened.index.position().unwrap().seq;
        assert!((answered..=answered + 1).contains(&seq), "round {round}: {answered} answered, {seq} found");
        let found: BTreeMap<String, u64> = opened.index.fingerprints().unwrap().into_iter().collect();
        assert_eq!(found, after(seq), "round {round}");
    }
}
