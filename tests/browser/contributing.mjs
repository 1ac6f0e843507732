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
