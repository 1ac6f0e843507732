// Contributing: the short form without scripts, as a newcomer meets it, and a section that saves itself with them.

// The page is that of a person who belongs to a school; scripts are off.
export async function byTheShortForm({ page, base, check }) {
  await page.goto(base);
  await page.getByRole('link', { name: /Contribute/ }).first().click();
  check(page.url().endsWith('/practices/new'), 'the front page leads to the short form', page.url());
  await page.getByLabel('Title').fill('Quiet corner in every room');
  await page.getByLabel('Summary').fill('Each room has a corner with a timer. Students come back to work sooner.');
  await page.getByLabel('Problem it answers').fill('Students left the room **several times** a day.');
  await page.getByLabel('What is done').first().fill('Set up a corner with two chairs.');
  await page.getByRole('button', { name: 'Add a step' }).click();
  check(await page.getByLabel('Title').inputValue() === 'Quiet corner in every room', 'a row more loses nothing that was typed');
  await page.getByLabel('Problem it answers').fill('It began with Jayden, a third grader.');
  await page.locator('input[name=grade_bands]').first().check();
  await page.locator('input[name=topics]').first().check();
  await page.getByRole('button', { name: 'Save the draft' }).last().click();
  check(await page.getByRole('heading', { name: 'Could this point at a student?' }).isVisible(), 'a name of a student is asked about');
  await page.getByLabel('Problem it answers').fill('Students left the room **several times** a day.');
  await page.getByRole('button', { name: 'Save the draft' }).last().click();
  check(/\/contributions\/[0-9a-f-]+\?done=begun$/.test(page.url()), 'the draft is there in one step', page.url());
  check(await page.getByRole('heading', { name: 'Quiet corner in every room' }).isVisible(), 'it has its title');
  await page.getByRole('link', { name: 'See it as readers will' }).click();
  check(await page.locator('strong', { hasText: 'several times' }).isVisible(), 'the preview shows Markdown');
  await page.getByRole('link', { name: 'Back to writing' }).click();
  await page.getByRole('link', { name: 'How they did it' }).first().click();
  await page.getByLabel('Weekly time').selectOption({ index: 1 });
  await page.getByRole('button', { name: 'Save', exact: true }).last().click();
  check(page.url().endsWith('?done=saved'), 'a section is saved by its button', page.url());
  return new URL(page.url()).pathname;
}

// The same with scripts: what is typed is kept without a button, and is there after a reload.
export async function bySavingItself({ browser, base, signIn, check }) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await signIn(page);
  await page.goto(`${base}/practices/new`);
  await page.getByLabel('Title').fill('Two-minute start');
  await page.getByRole('button', { name: 'Save the draft' }).last().click();
  const url = new URL(page.url()).pathname;
  await page.goto(`${base}${url}/before`);
  await page.getByLabel('Pitfalls').fill('Starting before the bell.');
  await page.getByText(/^Saved at \d\d:\d\d$/).waitFor({ timeout: 15000 }).catch(() => {});
  check(await page.getByText(/^Saved at \d\d:\d\d$/).isVisible(), 'a section saves itself and says so');
  await page.reload();
  check(await page.getByLabel('Pitfalls').inputValue() === 'Starting before the bell.', 'it is there after a reload');
  await context.close();
  return url;
}

// From a draft to the catalog: its writer completes what the page asks for, an editor approves it, and the principal says yes from a
// letter, without a sign-in. The page is the writer's, scripts are off.
export async function toTheCatalog({ page, url, base, enter, letter, check, snap }) {
  await page.goto(base + url);
  await page.getByRole('link', { name: /See what is missing/ }).click();
  check(!await page.getByRole('button', { name: 'Submit it' }).count(), 'what is required is asked for first');
  await page.getByRole('link', { name: 'Type of practice' }).click();
  check(page.url().endsWith('/snapshot#practice_type'), 'what is missing leads to its place', page.url());
  const save = () => page.getByRole('button', { name: 'Save', exact: true }).last().click();
  await page.getByLabel('Type of practice').selectOption({ index: 1 });
  for (const name of ['subjects', 'student_groups', 'settings']) await page.locator(`input[name=${name}]`).first().check();
  await page.getByLabel('In use since').fill('2024');
  await page.getByLabel('Result').selectOption({ index: 1 });
  await save();
  await page.getByRole('link', { name: 'What they do' }).first().click();
  while (await page.locator('[name$="/what"]').count() < 3) await page.getByRole('button', { name: 'Add a step' }).click();
  for (let n = 0; n < 3; n++) {
    await page.locator(`[name="steps/${n}/what"]`).fill(`Do part ${n + 1} with the class.`);
    await page.locator(`[name="steps/${n}/who"]`).fill('Teacher');
    await page.locator(`[name="steps/${n}/how_long"]`).fill('One week');
  }
  await save();
  await page.getByRole('link', { name: 'How they did it' }).first().click();
  for (const label of ['Time to start', 'Weekly time', 'Cost']) await page.getByLabel(label, { exact: true }).selectOption({ index: 1 });
  await page.getByLabel('What the money is for').fill('Two chairs and a timer for each room.');
  await page.locator('input[name=staffing]').first().check();
  await page.locator('input[name=conditions]').last().check();
  await save();
  await page.getByRole('link', { name: 'More', exact: true }).first().click();
  await page.getByLabel('Contact').first().fill('Dean of students');
  await save();
  await page.goto(`${base}${url}/submission`);
  await snap(page, 'submission');
  await page.getByLabel(/A word to the editors/).fill('In use in all rooms.');
  await page.getByRole('button', { name: 'Submit it' }).click();
  check(page.url().endsWith('/review?done=submitted'), 'it is with the editors', page.url());

  const editor = await enter('editor');
  await editor.goto(base);
  await editor.getByRole('link', { name: 'Reviews' }).click();
  await snap(editor, 'reviews');
  await editor.getByRole('link', { name: 'Quiet corner in every room' }).click();
  await editor.getByRole('button', { name: 'Approve' }).click();
  check(page.url() && await editor.getByText('Approved.').first().isVisible(), 'an editor approves it', editor.url());
  await snap(editor, 'review-approved');

  const path = await letter('/confirm-practice/');
  const principal = await page.context().browser().newContext({ viewport: { width: 360, height: 740 }, javaScriptEnabled: false });
  const reader = await principal.newPage();
  await reader.goto(path);
  check(await reader.getByText('Quiet corner in every room').first().isVisible(), 'the letter of the principal shows the whole text', reader.url());
  await snap(reader, 'confirmation');
  await reader.getByRole('button', { name: /Yes, publish it/ }).click();
  await snap(reader, 'confirmed');
  const slug = `${base}/practices/quiet-corner-in-every-room`;
  check((await page.goto(slug)).status() === 200, 'it is published', await reader.locator('main').innerText());
  let found = false;
  for (let tries = 0; tries < 20 && !found; tries++) {
    await page.goto(`${base}/search?q=quiet+corner`);
    found = await page.getByRole('link', { name: 'Quiet corner in every room' }).count() > 0;
  }
  check(found, 'everybody finds it');
  await principal.close();
  await editor.context().close();
}

// What comes after: a school of the other sector takes it over, asks, saves it, and somebody reports a problem.
export async function aroundIt({ base, enter, check, snap }) {
  const practice = `${base}/practices/quiet-corner-in-every-room`;
  const page = await enter('teacher_district');
  await page.goto(practice);
  await snap(page, 'practice');
  await page.getByRole('link', { name: /Use it at/ }).first().click();
  await page.getByLabel('How far you are').selectOption('piloting');
  await page.getByRole('button', { name: 'Put it on record' }).click();
  check(/\/adoptions\/[0-9a-f-]+\?done=kept$/.test(page.url()), 'a school puts on record that it tries it', page.url());
  await snap(page, 'adoption');
  await page.goto(practice);
  check(/1 school/.test(await page.locator('main').innerText()), 'the practice says so');
  await page.getByRole('link', { name: /Ask a question/ }).first().click();
  await page.locator('textarea[name=text]').fill('How many minutes a day does it take?');
  await page.getByRole('button', { name: /Ask/ }).last().click();
  check(await page.getByText('How many minutes a day does it take?').first().isVisible(), 'a question is asked in public', page.url());
  await snap(page, 'question');
  await page.goto(`${practice}/saved`);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.goto(`${base}/me/saved`);
  check(await page.getByRole('link', { name: 'Quiet corner in every room' }).first().isVisible(), 'it is in the list of saved practices');
  await snap(page, 'saved');
  await page.goto(practice);
  await page.getByRole('link', { name: 'Report a problem' }).first().click();
  await page.locator('input[name=reason]').last().check();
  await page.locator('textarea[name=words]').fill('The link in the steps leads nowhere.');
  await snap(page, 'report');
  await page.getByRole('button', { name: /Report|Send/ }).last().click();
  await snap(page, 'reported');
  const editor = await enter('editor');
  await editor.goto(`${base}/admin/reports`);
  check(await editor.getByText('Quiet corner in every room').first().isVisible(), 'the report waits for an editor');
  await snap(editor, 'reports');
  await page.context().close();
  await editor.context().close();
}
