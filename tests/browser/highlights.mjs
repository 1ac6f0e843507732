// A highlight from a session to a foreign page: a mayor's aide drafts it, both schools say yes from their letters without a sign-in,
// it is published, and another site shows its card in a frame. On phones, without scripts.
import { createServer } from 'node:http';

export async function highlights({ browser, base, session, foreign, enter, letters, check, snap }) {
  const aide = await enter('mayor');
  await aide.goto(`${base}/office`);
  await snap(aide, 'office');
  await aide.goto(base + session);
  await aide.getByRole('link', { name: 'Draft a highlight' }).first().click();
  check(aide.url().includes('/highlights/new'), 'a session leads to a highlight', aide.url());
  const schools = [await aide.locator('#school_1').inputValue(), await aide.locator('#school_2').inputValue()];
  check(schools.every(Boolean), 'the schools of the session are there already', schools.join(' '));
  const headline = 'Two faculties, one reading lesson';
  await aide.getByLabel('Headline').fill(headline);
  await aide.getByLabel('Story').fill('Teachers of two schools watched one lesson together. Each took one part of it home.');
  await aide.getByLabel('What school 1 did').fill('Opened its rooms for a morning and showed how the lesson is planned.');
  await aide.getByLabel('What school 2 did').fill('Sent six teachers and led the talk afterwards.');
  await snap(aide, 'form');
  await aide.getByRole('button', { name: 'Keep it as a draft' }).click();
  check(/\/highlights\/[^/]+\/edit/.test(aide.url()), 'it is kept as a draft', `${aide.url()} ${await aide.locator('main').innerText()}`);
  const edit = aide.url();
  check(!await aide.getByRole('button', { name: 'Publish it now' }).count(), 'nobody publishes before the schools have said yes');
  await aide.locator('form[action$="/review"] button').click();
  const asked = await letters('/approve-highlight/', 2);
  check(asked.length === 2, 'both schools are asked by letter', asked.join(' '));
  for (const [number, url] of asked.entries()) {
    const context = await browser.newContext({ viewport: { width: 360, height: 740 }, javaScriptEnabled: false });
    const reader = await context.newPage();
    await reader.goto(url);
    check(await reader.getByText(headline).first().isVisible(), `the letter of school ${number + 1} shows what will appear`, reader.url());
    await snap(reader, `question-${number + 1}`);
    await reader.getByRole('button', { name: 'Yes, it may say this' }).click();
    await snap(reader, `answer-${number + 1}`);
    await context.close();
  }
  await aide.goto(edit);
  await snap(aide, 'answers');
  await aide.getByRole('button', { name: 'Publish it now' }).click();
  const page = await (await browser.newContext({ viewport: { width: 360, height: 740 }, javaScriptEnabled: false })).newPage();
  await page.goto(`${base}/highlights`);
  await snap(page, 'list');
  await page.getByRole('link', { name: headline }).first().click();
  check(await page.getByRole('heading', { name: headline }).isVisible(), 'everybody reads it', page.url());
  await snap(page, 'page');
  const card = `${page.url().split('?')[0]}/card`;

  // Another site: an origin of its own, which knows the card and nothing else.
  const site = createServer((_, answer) => {
    answer.setHeader('content-type', 'text/html; charset=utf-8');
    answer.end(`<!doctype html><html lang="en"><title>Town paper</title><h1>Town paper</h1><iframe title="Common Ground" src="${card}" width="340" height="400"></iframe></html>`);
  });
  await new Promise(resolve => site.listen(foreign, '127.0.0.1', resolve));
  await page.goto(`http://127.0.0.1:${foreign}/`);
  const inside = page.frameLocator('iframe').getByText(headline);
  await inside.first().waitFor({ timeout: 5000 }).catch(() => {});
  check(await inside.first().isVisible(), 'a foreign page shows its card in a frame', card);
  await snap(page, 'foreign');
  await new Promise(resolve => { site.close(resolve); site.closeAllConnections(); });
  await page.context().close();
  await aide.context().close();
  return new URL(card).pathname.replace(/\/card$/, '');
}
