// Passkeys with a device that is none: Chromium's virtual authenticator, which signs like a real one. The page adds a
// passkey, signs in with it, and is refused when the device does not confirm.

// A page whose browser has a device with a finger on it.
export async function withDevice(context) {
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
      isUserVerified: true, automaticPresenceSimulation: true,
    },
  });
  const confirms = isUserVerified => devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
  return { page, devtools, authenticatorId, confirms };
}

// `base` is an address with a name (http://localhost:PORT); `signIn(page)` signs somebody in who has no second step.
export async function passkeys({ browser, base, signIn, check, entry = '/sign-in' }) {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
  const { page, devtools, authenticatorId, confirms } = await withDevice(context);
  const wrong = [];
  page.on('pageerror', error => wrong.push(error.message));
  page.on('console', message => { if (message.type() === 'error' && !/\b4\d\d\b/.test(message.text())) wrong.push(message.text()); });
  const says = () => page.locator('[data-passkey-says]').innerText();
  const kept = async () => (await devtools.send('WebAuthn.getCredentials', { authenticatorId })).credentials;

  await signIn(page);
  await page.goto(`${base}/me/security/passkeys`);
  check(await page.getByText('You have no passkey yet.').isVisible(), 'there is no passkey at first');
  check(!(await page.locator('[data-passkey-without]').isVisible()), 'the script offers passkeys');

  await confirms(false);
  await page.getByLabel('Name').fill('The wrong finger');
  await page.getByRole('button', { name: 'Add it' }).click();
  await page.waitForFunction(() => document.querySelector('[data-passkey-says]').textContent.includes('did not confirm'), null, { timeout: 10000 }).catch(() => {});
  check((await says()).includes('did not confirm') && (await kept()).length === 0, 'a device that does not confirm makes none', await says());

  await confirms(true);
  await page.getByLabel('Name').fill('My phone');
  await page.getByRole('button', { name: 'Add it' }).click();
  await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor({ timeout: 10000 }).catch(() => {});
  check(await page.getByRole('heading', { name: 'Your recovery codes' }).isVisible(), 'a passkey is added, with recovery codes', await page.locator('main').innerText());
  check((await kept()).length === 1, 'the device keeps it');
  check(await page.locator('main code').count() === 10, 'there are ten recovery codes');
  await page.goto(`${base}/me/security/passkeys`);
  check(await page.getByRole('heading', { name: 'My phone' }).isVisible(), 'the passkey is in the list');

  await page.getByLabel('Name').fill('The same once more');
  await page.getByRole('button', { name: 'Add it' }).click();
  await page.waitForFunction(() => document.querySelector('[data-passkey-says]').textContent.includes('already'), null, { timeout: 10000 }).catch(() => {});
  check((await says()).includes('has a passkey for this site already'), 'a device does not make a second one', await says());

  // Somebody who is not signed in, on the same device.
  await context.clearCookies();
  await page.goto(`${base}${entry}${entry.includes('?') ? '&' : '?'}next=%2Fme%2Fsecurity%2Fpasskeys`);
  await confirms(false);
  const enter = page.getByRole('button', { name: /passkey/ });
  await enter.click();
  await page.waitForFunction(() => document.querySelector('[data-passkey-says]').textContent.includes('did not confirm'), null, { timeout: 10000 }).catch(() => {});
  check((await says()).includes('did not confirm'), 'without a finger nobody is signed in', await says());
  await confirms(true);
  await enter.click();
  await page.waitForURL(/\/me\/security\/passkeys/, { timeout: 10000 }).catch(() => {});
  check(page.url().endsWith('/me/security/passkeys'), 'a passkey signs in and leads on', page.url());
  check(await page.getByText(/Last used/).isVisible(), 'its use is noted');
  check(await page.getByRole('button', { name: 'Remove My phone' }).isVisible(), 'the sign-in is a strong one');

  // Removed here, the device's key opens nothing any more.
  await page.getByRole('button', { name: 'Remove My phone' }).click();
  check(await page.getByText('The passkey is removed.').isVisible(), 'a passkey is removed');
  await context.clearCookies();
  await page.goto(`${base}${entry}`);
  await page.getByRole('button', { name: /passkey/ }).click();
  await page.getByText('not known here').waitFor({ timeout: 10000 }).catch(() => {});
  check(await page.getByText('not known here').isVisible(), 'a removed passkey signs nobody in', page.url());
  check(wrong.length === 0, 'nothing forbidden with passkeys', wrong.join('; '));
  await context.close();
}

// Without scripts the page says what passkeys need, and leads to what works without.
export async function passkeysWithoutScripts({ browser, base, signIn, check }) {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, javaScriptEnabled: false });
  const page = await context.newPage();
  await signIn(page);
  await page.goto(`${base}/me/security/passkeys`);
  check(await page.getByText('Passkeys need JavaScript').isVisible(), 'the page says what passkeys need');
  check(!(await page.getByRole('button', { name: 'Add it' }).isVisible()), 'no button that does nothing');
  await context.close();
}
