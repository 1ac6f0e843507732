// The pages as people meet them: Debian's Chromium on the demo city, wide and on a phone, light and dark,
// with scripts and without. Every check prints a line; one that fails ends the run with 1.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { aroundIt, bySavingItself, byTheShortForm, toTheCatalog } from './contributing.mjs';
import { highlights } from './highlights.mjs';
import { passkeys, passkeysWithoutScripts } from './passkeys.mjs';
import { sessions } from './sessions.mjs';

const axe = createRequire(import.meta.url)('axe-core').source;
const binary = process.argv[2];
const shots = process.argv[3] ?? '';
if (!binary || !existsSync(binary)) {
  console.error('usage: node run.mjs PATH-OF-commonground [FOLDER-FOR-SCREENSHOTS]');
  process.exit(2);
}
if (shots) mkdirSync(shots, { recursive: true });

let passed = 0;
let failed = 0;
const check = (ok, name, detail = '') => {
  if (ok) passed++; else failed++;
  if (!ok) console.log(`FAIL ${name}${detail ? `: ${String(detail).slice(0, 600)}` : ''}`);
};

// The product, with its invented city, on a port of its own. Its address has a name, because passkeys need one.
const freePort = () => new Promise(resolve => {
  const probe = createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});
const port = await freePort();
const base = `http://localhost:${port}`;
const data = mkdtempSync(path.join(tmpdir(), 'commonground-'));
const server = spawn(binary, ['demo', '--data', path.join(data, 'demo'), '--listen', `127.0.0.1:${port}`],
  { env: { ...process.env, COMMONGROUND_BASE_URL: base } });
await new Promise((resolve, reject) => {
  let said = '';
  server.stdout.on('data', chunk => {
    said += chunk;
    if (said.includes('Ctrl-C')) resolve();
  });
  server.stderr.on('data', chunk => { said += chunk; });
  server.on('exit', code => reject(new Error(`the demo ended with ${code}: ${said}`)));
});
const people = JSON.parse(readFileSync(path.join(data, 'demo', 'demo-accounts.json'), 'utf8'));
const person = role => people.find(one => one.role === role);

const profile = mkdtempSync(path.join(tmpdir(), 'chromium-'));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

const PAGES = [
  '/', '/search', '/search?q=phonics', '/search?q=ELL+science+vocabulary', '/search?q=zzzqqq',
  '/search?q=AP+physics+lab+reports', '/search?topic=mtss&grade_band=k_2&sort=newest', '/search?result=stopped',
  '/practices/ten-day-landing-plan-for-mid-year-entrants', '/practices/ten-day-landing-plan-for-mid-year-entrants?print',
  '/practices/ten-day-landing-plan-for-mid-year-entrants/v/1', '/schools', '/schools?q=charter',
  '/schools/quillwater-charter-school', '/about', '/help', '/api/docs', '/no-such-page',
  '/practices/ten-day-landing-plan-for-mid-year-entrants/compare', '/practices/ten-day-landing-plan-for-mid-year-entrants/questions',
  '/practices/ten-day-landing-plan-for-mid-year-entrants/visits', '/adoptions', '/moderation',
  '/sign-in', '/sign-in/letter', '/sign-in/link/none', '/address-change?outcome=moved', '/dev/mail',
];

// Pages of people who are signed in, by who they are.
const THEIRS = {
  teacher: ['/me', '/me/profile', '/me/places', '/me/security', '/me/security/password', '/me/security/address',
    '/me/security/second-step', '/me/security/passkeys', '/me/tokens', '/me/data', '/welcome', '/me/notifications',
    '/me/notifications/settings', '/me/follows', '/me/saved-searches', '/me/saved-searches/new?q=phonics', '/follow?kind=topic&id=early_reading', '/me/mail',
    '/practices/new', '/me/contributions', '/practices/number-talks-every-morning/copy', '/practices/number-talks-every-morning/change',
    '/practices/number-talks-every-morning/adoption', '/practices/number-talks-every-morning/contact', '/practices/number-talks-every-morning/saved',
    '/me/adoptions', '/me/saved', '/me/collections'],
  principal_district: ['/me', '/schools/tamsin-row-elementary/staff', '/schools/tamsin-row-elementary/dissemination',
    '/practices/number-talks-every-morning/retirement', '/practices/number-talks-every-morning/check',
    '/practices/number-talks-every-morning/contact/settings'],
  editor: ['/review', '/review?state=published', '/admin/reports'],
  city_admin: ['/admin', '/admin/people', '/admin/invitations', '/admin/schools', '/admin/schools/new', '/admin/organizations',
    '/admin/domains', '/admin/audit', '/admin/mail', '/admin/mail?state=sent', '/admin/mail/dns', '/admin/mail/suppressions', '/admin/announcements',
    '/admin/announcements/new'],
};

// Joint sessions have addresses of chance: they are asked for by name.
const listed = (await (await fetch(`${base}/api/v1/sessions?limit=50`)).json()).items;
const past = (await (await fetch(`${base}/api/v1/sessions?limit=50&from=2020-01-01`)).json()).items;
const session = name => `/sessions/${[...listed, ...past].find(one => one.title.startsWith(name)).id}`;
const [mine, full, postponed, running] = ['See the Reading', 'Learning Walk', 'Shadow Day', 'Co-Teachers'].map(session);
PAGES.push('/sessions', '/sessions?view=month', '/sessions?topic=early_reading&open=true', '/sessions?q=zzzqqq', mine, full, postponed,
  running, '/check-in', '/certificates', '/certificates/0000-0000-0000');
THEIRS.teacher.push('/me/sessions', '/me/calendar', '/me/transcript', '/sessions/ask', mine, full, `${running}/needs`);
THEIRS.principal_charter = ['/sessions/new', '/me/sessions', mine, ...['posting', 'edit', 'console', 'tables', 'messages', 'credit', 'access',
  'check-in/1', 'attendance/1', 'sheet/1'].map(part => `${mine}/${part}`), '/schools/quillwater-charter-school/seats',
  '/schools/quillwater-charter-school/rooms', '/schools/quillwater-charter-school/hours', '/polls/new?subject=topic:early_reading'];

// What the city shows: its compact, a statement, a highlight.
const compact = '/compacts/rivermark-schools-together-compact';
const statements = (await (await fetch(`${base}/api/v1/statements`)).json()).items;
const statement = `/statements/${statements[0].slug}`;
const framework = `/statements/${statements.find(one => one.kind === 'framework').slug}`;
PAGES.push('/city/rivermark', '/city/how-we-count', '/compacts', compact, `${compact}/commitments/3`, `${compact}/commitments/5`,
  `${compact}/history`, `${compact}/text/1`, '/compacts/compare', `/compacts/compare?c=${compact.slice(10)}&c=tallow-bay-shared-campus-agreement`,
  '/statements', statement, `${statement}/v/1`, `${statement}/amendments`, '/highlights', '/highlights/two-schools-that-meet-before-a-student-comes-back',
  '/digests', '/data');
THEIRS.mayor = ['/office', '/office/digests', '/highlights/new', '/compacts/new', '/statements/new', '/me/statements'];
THEIRS.compact_owner = ['/me/commitments', ...['edit', 'parties', 'text', 'commitments', 'commitments/1/updates', 'commitments/1/edit',
  'commitments/1/links', 'commitments/1/handover'].map(part => `${compact}/${part}`)];
THEIRS.principal_charter.push('/me/commitments', `${compact}/commitments/6/confirmation`, `${statement}/sign`, '/me/statements',
  `${framework}/calls`, `${framework}/amendments`, `${framework}/end`);
THEIRS.city_admin.push('/admin/credit-programs', '/admin/credit-programs/new');

// Through the page, as that person would; who has a second step finds its code in the demo's field.
async function signIn(page, role) {
  const { email, password } = person(role);
  await page.goto(`${base}/sign-in`);
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  if (page.url().includes('/second-step')) await page.locator('main form button[type=submit]').first().click();
}

// What a page may never do, listened for from its first byte.
async function watched(context) {
  const page = await context.newPage();
  const wrong = [];
  page.on('pageerror', error => wrong.push(`script error: ${error.message}`));
  page.on('console', message => { if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) wrong.push(message.text()); });
  page.on('request', request => { if (!request.url().startsWith(base)) wrong.push(`asks elsewhere: ${request.url()}`); });
  return { page, wrong };
}

async function look(context, url, name) {
  const { page, wrong } = await watched(context);
  await page.goto(base + url);
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const result = await globalThis.axe.run(document, { runOnly: { type: 'tag', values: tags } });
    return result.violations.map(v => `${v.id}: ${v.nodes.map(n => n.target.join(' ')).slice(0, 3).join(', ')}`);
  });
  check(found.length === 0, `${name}: axe`, found.join('; '));
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  check(!sideways, `${name}: no sideways scrolling`);
  check(wrong.length === 0, `${name}: nothing forbidden`, wrong.join('; '));
  if (shots) {
    const file = `${name.replace(/[^a-z0-9]+/gi, '_').slice(0, 80)}.png`;
    await page.screenshot({ path: path.join(shots, file), fullPage: true });
  }
  await page.close();
}

async function everyPage() {
  for (const scheme of ['light', 'dark']) {
    for (const [size, width, height] of [['wide', 1280, 900], ['phone', 360, 740]]) {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
      for (const url of PAGES) await look(context, url, `${url} ${size} ${scheme}`);
      await context.close();
    }
  }
  // Signed in once for each, because sign-ins are counted.
  for (const [role, pages] of Object.entries(THEIRS)) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    await signIn(page, role);
    check(await page.getByRole('navigation', { name: 'Your account' }).getByText(person(role).name).isVisible(), `${role} is signed in`, page.url());
    await page.close();
    const state = await context.storageState();
    await context.close();
    for (const [size, width, scheme] of [['wide', 1280, 'light'], ['phone', 360, 'dark']]) {
      const theirs = await browser.newContext({ viewport: { width, height: 800 }, colorScheme: scheme, storageState: state });
      for (const url of pages) await look(theirs, url, `${role} ${url} ${size} ${scheme}`);
      await theirs.close();
    }
  }
}

// A new teacher on a phone, without scripts: from the front page to "signed in, member of my school".
async function newcomer() {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(base);
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('Email').fill('mia.torres@quillwater.example.org');
  await page.getByRole('button', { name: /sign-in link/ }).click();
  check(await page.getByRole('heading', { name: 'Look into your mail' }).isVisible(), 'a letter is promised', page.url());
  let link = '';
  for (let tries = 0; tries < 40 && !link; tries++) {
    await page.goto(`${base}/dev/mail`);
    const letter = page.locator('main a[href^="/dev/mail/"]').first();
    if (await letter.count()) {
      await letter.click();
      link = await page.locator('a[href*="/sign-in/link/"]').first().getAttribute('href').catch(() => '') ?? '';
    } else await page.waitForTimeout(250);
  }
  check(link.startsWith(`${base}/sign-in/link/`), 'the letter holds a link', link);
  await page.goto(link);
  await page.getByRole('button', { name: 'Open my account' }).click();
  check(page.url().includes('/welcome'), 'the first visit is welcomed', page.url());
  await page.getByLabel('Your name').fill('Mia Torres');
  await page.locator('main input[type=radio]').first().check();
  if (shots) await page.screenshot({ path: path.join(shots, 'newcomer-welcome.png'), fullPage: true });
  await page.getByRole('button', { name: 'Save and go on' }).click();
  await page.goto(`${base}/me/places`);
  const places = await page.locator('main').innerText();
  check(/Quillwater/.test(places) && /Teacher/.test(places), 'she is a member of her school', places);
  if (shots) await page.screenshot({ path: path.join(shots, 'newcomer-places.png'), fullPage: true });
  const written = await byTheShortForm({ page, base, check });
  if (shots) await page.screenshot({ path: path.join(shots, 'newcomer-contribution.png'), fullPage: true });
  const snap = (at, name) => shots ? at.screenshot({ path: path.join(shots, `practice-${name}.png`), fullPage: true }) : null;
  const enter = async role => {
    const its = await browser.newContext({ viewport: { width: 360, height: 740 }, javaScriptEnabled: false });
    const theirs = await its.newPage();
    await signIn(theirs, role);
    return theirs;
  };
  const letter = async part => {
    for (let tries = 0; tries < 40; tries++) {
      await page.goto(`${base}/dev/mail`);
      for (const address of await page.locator('main a[href^="/dev/mail/"]').evaluateAll(links => links.slice(0, 5).map(link => link.href))) {
        await page.goto(address);
        const link = page.locator(`a[href*="${part}"]`).first();
        if (await link.count()) return link.getAttribute('href');
      }
      await page.waitForTimeout(250);
    }
    return '';
  };
  const letters = async (part, number) => {
    const found = new Set();
    for (let tries = 0; tries < 40 && found.size < number; tries++) {
      await page.goto(`${base}/dev/mail`);
      for (const address of await page.locator('main a[href^="/dev/mail/"]').evaluateAll(links => links.slice(0, 6).map(link => link.href))) {
        await page.goto(address);
        const link = page.locator(`a[href*="${part}"]`).first();
        if (await link.count()) found.add(await link.getAttribute('href'));
      }
      if (found.size < number) await page.waitForTimeout(250);
    }
    return [...found];
  };
  await toTheCatalog({ page, url: written.replace(/\/[a-z]+$/, ''), base, enter, letter, check, snap });
  await aroundIt({ base, enter, check, snap });
  const shown = (at, name) => shots ? at.screenshot({ path: path.join(shots, `highlight-${name}.png`), fullPage: true }) : null;
  await highlights({ browser, base, session: session('Re-Entry Meetings'), foreign: await freePort(), enter, letters, check, snap: shown });
  await context.close();
}

// A teacher on a phone, without scripts: the whole way from a question to a practice.
async function withoutScripts() {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(base);
  await page.getByLabel('What are you working on?').fill('chronic absenteeism');
  await page.getByRole('button', { name: 'Search' }).first().click();
  check(page.url().includes('/search?q=chronic+absenteeism'), 'a search is an address', page.url());
  const first = page.locator('article a, .card a').first();
  check(await first.isVisible(), 'results are there without scripts');
  await page.locator('#filters > summary').click();
  await page.locator('input[type=checkbox][name=topic]').first().check();
  await page.getByRole('button', { name: 'Show results' }).click();
  check(/[?&]topic=/.test(page.url()), 'a filter is in the address', page.url());
  await page.locator('h3 a, h2 a').first().click();
  check(page.url().includes('/practices/'), 'a result leads to its practice', page.url());
  for (const heading of ['Snapshot', 'What they do', 'Did it work?', 'How they did it', 'Before you adopt it']) {
    check(await page.getByRole('heading', { name: heading, exact: true }).isVisible(), `the practice says: ${heading}`);
  }
  await context.close();
}

// The same by keyboard, with the little that scripts add.
async function byKeyboard() {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const { page, wrong } = await watched(context);
  await page.goto(base);
  await page.keyboard.press('Tab');
  const skip = await page.evaluate(() => document.activeElement?.getAttribute('href'));
  check(skip === '#main', 'the first stop of the keyboard skips to the content', skip);
  const box = page.getByLabel('What are you working on?');
  await box.focus();
  await box.pressSequentially('number ta');
  const option = page.getByRole('option', { name: /Number Talks/ }).first();
  await option.waitFor({ timeout: 5000 }).catch(() => {});
  check(await option.isVisible(), 'suggestions come while typing');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForURL(/practices|search/, { timeout: 5000 }).catch(() => {});
  check(/\/practices\/number-talks/.test(page.url()), 'a suggestion leads there by keyboard', page.url());
  await page.goto(`${base}/search?q=students`);
  const before = await page.locator('#count').innerText();
  await page.locator('input[type=checkbox][name=grade_band]').first().check();
  await page.waitForFunction(text => document.querySelector('#count')?.innerText !== text, before, { timeout: 5000 }).catch(() => {});
  const after = await page.locator('#count').innerText();
  check(before !== after && /grade_band=/.test(page.url()), 'a filter acts at once and is in the address', `${before} -> ${after}`);
  const announced = await page.locator('#announce').innerText();
  check(announced.includes(after.trim()), 'the new count is announced', announced);
  check(wrong.length === 0, 'nothing forbidden by keyboard', wrong.join('; '));
  await context.close();
}

try {
  if (!process.env.FLOWS_ONLY) await everyPage();
  await withoutScripts();
  await byKeyboard();
  await newcomer();
  await sessions({ browser, binary, port: await freePort(), check, shots });
  const enter = page => signIn(page, 'teacher_district');
  await bySavingItself({ browser, base, signIn: enter, check });
  await passkeys({ browser, base, signIn: enter, check });
  await passkeysWithoutScripts({ browser, base, signIn: page => signIn(page, 'principal_charter'), check });
} catch (error) {
  check(false, 'the run came to its end', error.stack);
} finally {
  await browser.close();
  server.removeAllListeners('exit');
  server.kill('SIGTERM');
  rmSync(profile, { recursive: true, force: true });
  rmSync(data, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
