//! Programs as data: administrators add, change and retire them. None is installed by itself; examples are offered to start
//! from, and each has to be checked with the state.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::json;

use super::{Category, Program, ProgramId, Rules};
use crate::platform::{Actor, Cx, Error, Event, FieldErrors, Result, Tx};
use crate::sessions::policy;
use crate::sessions::store::credit as store;

/// The longest name of a program.
const NAME: usize = 120;
/// The longest sentence of its rules.
const TEXT: usize = 1000;
/// A unit is at most so many minutes: a college semester hour is 15 clock hours.
const UNIT_MINUTES: u32 = 60 * 24;
/// Records are kept at most so many years.
const YEARS: u32 = 100;

/// Rules that many places start from; not the word of a state.
#[derive(Clone, Debug, Deserialize)]
pub struct Example {
    /// Short name that is proposed.
    pub code: String,
    /// Name that is proposed.
    pub name: String,
    /// Rules that are proposed.
    pub rules: Rules,
}

/// The examples, in the order of the file.
pub fn examples() -> Result<Vec<Example>> {
    serde_json::from_str(include_str!("examples.json")).map_err(Error::internal)
}

/// A program as an administrator writes it.
#[derive(Clone, Debug, Default)]
pub struct NewProgram {
    /// Its short name: `ny_ctle`.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its rules.
    pub rules: Rules,
}

impl NewProgram {
    /// The same without blanks around words, or everything that is wrong with it.
    fn checked(mut self) -> Result<Self> {
        let mut errors = FieldErrors::default();
        self.code = self.code.trim().to_owned();
        let plain = |code: &str| {
            (2..=32).contains(&code.len())
                && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        if !plain(&self.code) {
            errors.add("code", "Give a short name of 2 to 32 small letters, digits and _: ny_ctle.");
        }
        if self.code == crate::sessions::certificate::ATTENDANCE {
            errors.add("code", "This name stands for hours without a program; give another.");
        }
        let line = |text: &mut String| *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let rules = &mut self.rules;
        [&mut self.name, &mut rules.unit, &mut rules.sponsors, &mut rules.needed_by].into_iter().for_each(line);
        if self.name.is_empty() || self.name.chars().count() > NAME {
            errors.add("name", "Give a name of 1 to 120 characters.");
        }
        if rules.unit.is_empty() || rules.unit.chars().count() > 40 {
            errors.add("unit", "Say what it counts in, in 1 to 40 characters: \"CTLE hours\".");
        }
        if !(1..=UNIT_MINUTES).contains(&rules.unit_minutes) {
            errors.add("unit_minutes", "Give the minutes of one unit: mostly 60.");
        }
        if !(1..=10_000).contains(&rules.step) {
            errors.add("step", "Choose in which steps units are counted.");
        }
        if rules.minimum > 100_000 {
            errors.add("minimum", "Give the least that is earned at once, at most 1000 units.");
        }
        if rules.retention_years > YEARS {
            errors.add("retention_years", "Give at most 100 years.");
        }
        for (field, text) in [("sponsors", &rules.sponsors), ("needed_by", &rules.needed_by)] {
            if text.chars().count() > TEXT {
                errors.add(field, "Use at most 1,000 characters.");
            }
        }
        let mut seen = HashSet::new();
        let good = |part: &Category| plain(&part.code) && !part.label.is_empty() && part.label.chars().count() <= 80;
        if rules.categories.len() > 12
            || !rules.categories.iter().all(|part| good(part) && seen.insert(part.code.clone()))
        {
            let wanted = "Write each category on a line of its own, at most 12: \"ell: Language acquisition\".";
            errors.add("categories", wanted);
        }
        if rules.blanks.len() > 6 || rules.blanks.iter().any(|blank| blank.is_empty() || blank.chars().count() > 60) {
            errors.add("blanks", "Write each line to fill in on a line of its own, at most 6 of 60 characters.");
        }
        Ok(errors.or(self)?)
    }
}

/// Whether the actor may open the pages of credit programs.
pub fn enter(actor: &Actor) -> Result<()> {
    policy::keep_programs(actor).map(|_| ())
}

/// Every program, by name; retired ones too. One statement.
pub async fn programs(cx: &Cx) -> Result<Vec<Program>> {
    store::programs(cx.conn()).await
}

/// One program.
pub async fn program(cx: &Cx, reference: &str) -> Result<Program> {
    let id: ProgramId = reference.parse().map_err(|_| Error::NotFound("credit program"))?;
    store::program(cx.conn(), id).await?.ok_or(Error::NotFound("credit program"))
}

/// Adds a program.
pub async fn add_program(tx: &mut Tx, new: NewProgram) -> Result<Program> {
    let permit = policy::keep_programs(tx.actor())?;
    let new = new.checked()?;
    if store::has_code(tx.conn(), &new.code).await? {
        return Err(Error::invalid("code", "Another program has this short name; choose another."));
    }
    let program = Program { id: ProgramId::fresh(), code: new.code, name: new.name, rules: new.rules, current: true };
    store::insert(tx.conn(), &program, tx.now()).await?;
    let code = json!({ "code": program.code });
    tx.record(&permit, Event::about("credit_program.added", "credit_program", program.id.0).with(code)).await?;
    Ok(program)
}

/// Changes name and rules; the short name stays. What was earned by the old rules stays as it was.
pub async fn change_program(tx: &mut Tx, id: ProgramId, change: NewProgram) -> Result<Program> {
    let permit = policy::keep_programs(tx.actor())?;
    let now = store::program(tx.conn(), id).await?.ok_or(Error::NotFound("credit program"))?;
    let change = NewProgram { code: now.code.clone(), ..change }.checked()?;
    let program = Program { name: change.name, rules: change.rules, ..now.clone() };
    if program == now {
        return Ok(program);
    }
    store::update(tx.conn(), &program, tx.now()).await?;
    let rules = json!({ "unit_minutes": [now.rules.unit_minutes, program.rules.unit_minutes],
        "step": [now.rules.step, program.rules.step], "minimum": [now.rules.minimum, program.rules.minimum] });
    tx.record(&permit, Event::about("credit_program.changed", "credit_program", id.0).with(rules)).await?;
    Ok(program)
}

/// Retires a program, or takes it back: sessions that give it keep it, no other session can choose it.
pub async fn set_current(tx: &mut Tx, id: ProgramId, current: bool) -> Result<Program> {
    let permit = policy::keep_programs(tx.actor())?;
    let now = store::program(tx.conn(), id).await?.ok_or(Error::NotFound("credit program"))?;
    if now.current == current {
        return Ok(now);
    }
    let program = Program { current, ..now };
    store::update(tx.conn(), &program, tx.now()).await?;
    let action = if current { "credit_program.restored" } else { "credit_program.retired" };
    tx.record(&permit, Event::about(action, "credit_program", id.0)).await?;
    Ok(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_can_be_added_as_they_are() {
        let examples = examples().unwrap();
        assert!(examples.len() >= 5);
        for example in examples {
            let Example { code, name, rules } = example;
            let checked = NewProgram { code: code.clone(), name, rules: rules.clone() }.checked();
            assert_eq!(checked.unwrap().rules, rules, "{code}");
        }
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let twice = vec![Category { code: "ell".into(), label: "ELL".into() }; 2];
        let rules = Rules { categories: twice, minimum: 100_001, ..Rules::default() };
        let Err(Error::Invalid(errors)) = (NewProgram { code: "NY CTLE".into(), name: " ".into(), rules }).checked()
        else {
            panic!("that is no program")
        };
        let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["code", "name", "unit", "unit_minutes", "step", "minimum", "categories"]);
    }
}
