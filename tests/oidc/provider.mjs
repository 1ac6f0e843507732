// A real provider (npm oidc-provider) on loopback. Says its issuer on the first line, ends when its input does.
// POST /control {redirect_uri, person: {sub, email, email_verified, name}}: who is signed in there.
import http from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';

let provider;
let person = {};

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = { ...privateKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' };

const server = http.createServer(async (request, response) => {
  try {
    if (request.url === '/control') return await control(request, response);
    if (request.url.startsWith('/interaction/')) return await interact(request, response);
    return provider.callback()(request, response);
  } catch (error) {
    response.writeHead(500).end(String(error?.error_description ?? error));
  }
});

async function control(request, response) {
  let body = '';
  for await (const chunk of request) body += chunk;
  const wish = JSON.parse(body);
  person = wish.person ?? person;
  if (wish.redirect_uri) provider = make(wish.redirect_uri);
  response.end('{}');
}

function make(redirect_uri) {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  return new Provider(issuer, {
    clients: [{ client_id: 'commonground', client_secret: 'a secret of both', redirect_uris: [redirect_uri] }],
    jwks: { keys: [key] },
    cookies: { keys: ['only for tests'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ ...person, sub }) }),
  });
}

// Whoever arrives is the person of the last control, and agrees.
async function interact(request, response) {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    return provider.interactionFinished(request, response, { login: { accountId: person.sub } });
  }
  const grant = grantId
    ? await provider.Grant.find(grantId)
    : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope('openid email profile');
  const consent = { grantId: await grant.save() };
  return provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
}

server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
process.stdin.on('end', () => process.exit(0)).resume();
