// The pages as people meet them: Debian's Chromium on the demo city, wide and on a phone, light and dark,
// with scripts and without. Every check prints a line; one that fails ends the run with 1.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';

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

// The product, with its invented city, on a port of its own.
const data = mkdtempSync(path.join(tmpdir(), 'commonground-'));
const server = spawn(binary, ['demo', '--data', path.join(data, 'demo'), '--listen', '127.0.0.1:0']);
const base = await new Promise((resolve, reject) => {
  let said = '';
  server.stdout.on('data', chunk => {
    said += chunk;
    const address = said.match(/http:\/\/127\.0\.0\.1:\d+/);
    if (address) resolve(address[0]);
  });
  server.stderr.on('data', chunk => { said += chunk; });
  server.on('exit', code => reject(new Error(`the demo ended with ${code}: ${said}`)));
});

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
];

// What a page may never do, listened for from its first byte.
async function watched(context) {
  const page = await context.newPage();
  const wrong = [];
  page.on('pageerror', error => wrong.push(`script error: ${error.message}`));
  page.on('console', message => { if (message.type() === 'error' && !/404/.test(message.text())) wrong.push(message.text()); });
  page.on('request', request => { if (!request.url().startsWith(base)) wrong.push(`asks elsewhere: ${request.url()}`); });
  return { page, wrong };
}

async function everyPage() {
  for (const scheme of ['light', 'dark']) {
    for (const [size, width, height] of [['wide', 1280, 900], ['phone', 360, 740]]) {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
      for (const url of PAGES) {
        const { page, wrong } = await watched(context);
        const name = `${url} ${size} ${scheme}`;
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
          const file = `${url.replace(/[^a-z0-9]+/gi, '_').slice(0, 60)}-${size}-${scheme}.png`;
          await page.screenshot({ path: path.join(shots, file), fullPage: true });
        }
        await page.close();
      }
      await context.close();
    }
  }
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
