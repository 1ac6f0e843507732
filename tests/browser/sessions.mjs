// A joint session as people live it, on phones: a principal posts it, the co-host agrees, a teacher of each sector takes a seat,
// a third waits, one leaves, the offer arrives by letter; then the day comes, people check in by its code, and there is a
// certificate. The clock of the server is moved with libfaketime; without it this part is left out, and says so.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const LIBRARY = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu'].map(folder => `${folder}/faketime/libfaketimeMT.so.1`).find(existsSync);

export async function sessions({ browser, binary, port, check, shots }) {
  if (!LIBRARY) {
    console.log('left out: libfaketime is not here, so nobody can wait for the day of a session');
    return;
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'commonground-day-'));
  const clock = path.join(folder, 'clock');
  writeFileSync(clock, '+0');
  const base = `http://localhost:${port}`;
  const server = spawn(binary, ['demo', '--data', path.join(folder, 'demo'), '--listen', `127.0.0.1:${port}`], {
    env: {
      ...process.env, COMMONGROUND_BASE_URL: base, LD_PRELOAD: LIBRARY, FAKETIME_TIMESTAMP_FILE: clock, FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
  });
  let contexts = [];
  try {
    await new Promise((resolve, reject) => {
      let said = '';
      server.stdout.on('data', chunk => { said += chunk; if (said.includes('Ctrl-C')) resolve(); });
      server.stderr.on('data', chunk => { said += chunk; });
      server.on('exit', code => reject(new Error(`the demo ended with ${code}: ${said}`)));
    });
    const people = JSON.parse(readFileSync(path.join(folder, 'demo', 'demo-accounts.json'), 'utf8'));
    const { password } = people[0];
    const on = async email => {
      const context = await browser.newContext({ viewport: { width: 360, height: 740 }, javaScriptEnabled: false });
      contexts.push(context);
      const page = await context.newPage();
      await page.goto(`${base}/sign-in`);
      await page.getByLabel('Email').fill(email);
      await page.getByLabel('Password').fill(password);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      return page;
    };
    const of = role => people.find(one => one.role === role).email;
    const says = async page => page.locator('main').innerText();
    const snap = (page, name) => shots ? page.screenshot({ path: path.join(shots, `session-${name}.png`), fullPage: true }) : null;

    // A Saturday three weeks ahead.
    const day = new Date(Date.now() + 21 * 86400000);
    day.setUTCDate(day.getUTCDate() + ((6 - day.getUTCDay() + 7) % 7));
    const date = day.toISOString().slice(0, 10);
    const host = await on(of('principal_charter'));
    await host.goto(`${base}/sessions/new`);
    await host.getByLabel('Title').fill('Fractions on a number line');
    await host.getByLabel('Day 1').fill(date);
    await host.getByLabel('Begins').fill('09:00');
    await host.getByLabel('Ends').fill('11:00');
    await host.getByLabel('Address').first().fill('Room 4');
    await host.getByLabel('Seats', { exact: false }).first().fill('2');
    await host.getByLabel('Co-host').fill('Tamsin Row Elementary');
    await host.getByLabel('You will leave with').fill('three number line games');
    await host.locator('input[name=topics]').first().check();
    await snap(host, 'posting');
    await host.locator('main form').first().getByRole('button', { name: /^(Save|Post)/ }).last().click();
    const address = /\/sessions\/([0-9a-f-]{36})/.exec(host.url())?.[1];
    check(Boolean(address), 'a session is drafted on a phone', `${host.url()} ${(await says(host)).slice(0, 400)}`);
    const url = `${base}/sessions/${address}`;

    const cohost = await on(of('principal_district'));
    await cohost.goto(`${url}/cohost-consent`);
    await cohost.getByRole('button', { name: /agree|yes/i }).first().click();
    await host.goto(`${url}/posting`);
    await host.getByRole('button', { name: /Publish/ }).first().click();
    await host.goto(url);
    check(/Joint: 1 of 3/.test(await says(host)), 'it is published, and joint by who invites', await says(host));
    await snap(host, 'page');

    const charter = await on(of('teacher'));
    await charter.goto(url);
    await charter.getByRole('button', { name: /seat/ }).first().click();
    const district = await on(of('teacher_district'));
    await district.goto(url);
    await district.getByRole('button', { name: /seat/ }).first().click();
    check(/Confirmed|You have a seat/i.test(await says(charter)) && /Confirmed|You have a seat/i.test(await says(district)),
      'a teacher of each sector has a seat', await says(district));
    const third = await on(of('delegate'));
    await third.goto(url);
    await third.getByRole('button', { name: /waitlist|line/i }).first().click();
    check(/waitlist|in line/i.test(await says(third)), 'the third waits', await says(third));
    await charter.goto(url);
    await charter.locator('summary', { hasText: /seat back/i }).first().click().catch(() => {});
    await charter.getByRole('button', { name: /seat back/i }).first().click();
    await third.goto(`${base}/me/sessions`);
    check(/offer/i.test(await says(third)), 'who waited is offered the seat', await says(third));
    await third.goto(url);
    await third.getByRole('button', { name: /Take/ }).first().click();
    check(/Confirmed|You have a seat/i.test(await says(third)), 'the offer is taken', await says(third));
    await snap(third, 'seat');

    // The day itself: everybody signs in again.
    const ahead = Math.round((Date.parse(`${date}T14:10:00Z`) - Date.now()) / 1000);
    writeFileSync(clock, `+${ahead}s`);
    await host.waitForTimeout(2500);
    const door = await on(of('principal_charter'));
    await door.goto(`${url}/check-in/1`);
    await door.getByRole('button', { name: 'Open check-in' }).click();
    const code = /\b([A-Z0-9]{3}\s?[A-Z0-9]{3})\b/.exec(await door.locator('main').innerText())?.[1] ?? '';
    check(code.length >= 6, 'the meeting has a code', await says(door));
    await snap(door, 'code');
    const came = await on(of('teacher_district'));
    await came.goto(`${base}/check-in`);
    await came.getByLabel(/code/i).first().fill(code);
    await came.locator('main').getByRole('button').first().click();
    await came.locator('main').getByRole('button', { name: /Check in/ }).first().click();
    check(/checked in|You are in|You came/i.test(await says(came)), 'she checks in by the code', await says(came));
    await snap(came, 'checked-in');

    writeFileSync(clock, `+${ahead + 4 * 3600}s`);
    await door.waitForTimeout(2500);
    await door.goto(`${url}/attendance/1`);
    await door.getByRole('button', { name: /lock/i }).first().click();
    await came.goto(`${base}/me/transcript`);
    const transcript = await says(came);
    check(/Fractions on a number line/.test(transcript), 'her hours are in her transcript', transcript);
    const link = came.locator('a[href*="/certificates/"]').first();
    await link.click();
    check(/Fractions on a number line/.test(await says(came)) && /valid|holds/i.test(await says(came)), 'the certificate can be verified', await says(came));
    await snap(came, 'certificate');
  } finally {
    for (const context of contexts) await context.close();
    server.removeAllListeners('exit');
    server.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  }
}
