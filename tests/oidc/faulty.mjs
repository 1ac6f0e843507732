// A provider that does wrong what it is told to. Needs nothing but node. Says its issuer on the first line, ends when its
// input does. POST /control changes what is below in `how`.
import http from 'node:http';
import { constants, createHash, createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto';

const SECRET = 'a secret of both';
const pair = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const known = { kid: 'one', ...pair() };
const stranger = { kid: 'stranger', ...pair() };
let keys = [known];

const how = {
  fault: '',          // see `token`
  now: 0,             // seconds: the time of the tests stands still
  claims: {},         // of the person
  metadata: {},       // over what is below
  answer: {},         // over code, state and iss of the way back
  userinfo: {},       // what is told besides the token
  keyIssuer: null,    // whom the keys say they speak for
};
const codes = new Map();
let asked = 0;

const b64 = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

function token(request) {
  const claims = {
    iss: how.metadata.issuer ?? issuer(),
    aud: 'commonground',
    nonce: request.nonce,
    iat: how.now,
    exp: how.now + 600,
    ...how.claims,
  };
  const header = { alg: 'RS256', kid: keys.at(-1).kid, typ: 'JWT' };
  let key = keys.at(-1).privateKey;
  let mac;
  switch (how.fault) {
    case 'audience': claims.aud = 'another-program'; break;
    case 'audiences': claims.aud = ['commonground', 'another-program']; break;
    case 'azp': claims.azp = 'another-program'; break;
    case 'issuer': claims.iss = 'https://elsewhere.example'; break;
    case 'nonce': claims.nonce = 'another'; break;
    case 'no_nonce': delete claims.nonce; break;
    case 'expired': claims.exp = how.now - 600; break;
    case 'future': claims.iat = how.now + 3600; claims.exp = how.now + 7200; break;
    case 'no_expiry': delete claims.exp; break;
    case 'bad_signature': key = stranger.privateKey; break;
    case 'unknown_kid': key = stranger.privateKey; header.kid = 'stranger'; break;
    case 'none': header.alg = 'none'; break;
    case 'hs256_secret': header.alg = 'HS256'; delete header.kid; mac = SECRET; break;
    case 'hs256_public': header.alg = 'HS256'; mac = known.publicKey.export({ format: 'pem', type: 'spki' }); break;
    case 'changed': break;
  }
  const signed = `${b64(header)}.${b64(claims)}`;
  if (header.alg === 'none') return `${signed}.`;
  const signature = mac
    ? createHmac('sha256', mac).update(signed).digest()
    : sign('sha256', Buffer.from(signed), { key, padding: constants.RSA_PKCS1_PADDING });
  if (how.fault === 'changed') return `${b64(header)}.${b64({ ...claims, sub: 'somebody-else' })}.${b64u(signature)}`;
  return `${signed}.${b64u(signature)}`;
}
const b64u = (bytes) => Buffer.from(bytes).toString('base64url');

function issuer() { return `http://127.0.0.1:${server.address().port}`; }

const server = http.createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const url = new URL(request.url, issuer());
  const json = (value, status = 200) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
  if (url.pathname === '/control') {
    const wish = JSON.parse(body);
    if (wish.rotate) keys = [known, { kid: 'two', ...pair() }];
    Object.assign(how, wish);
    return json({ asked });
  }
  if (url.pathname.endsWith('/.well-known/openid-configuration')) {
    asked += 1;
    return json({
      issuer: issuer(),
      authorization_endpoint: `${issuer()}/authorize`,
      token_endpoint: `${issuer()}/token`,
      jwks_uri: `${issuer()}/keys`,
      ...how.metadata,
    });
  }
  if (url.pathname === '/keys' || url.pathname === '/keys2') {
    if (how.fault === 'silence') return;
    if (how.fault === 'huge') return response.writeHead(200).end(' '.repeat(2_000_000) + '{"keys":[]}');
    if (how.fault === 'redirect' && url.pathname === '/keys') return response.writeHead(302, { location: `${issuer()}/keys2` }).end();
    const list = keys.map(({ kid, publicKey }) => {
      const jwk = { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' };
      return how.keyIssuer ? { ...jwk, issuer: how.keyIssuer } : jwk;
    });
    return json({ keys: list });
  }
  if (url.pathname === '/authorize') {
    const code = randomUUID();
    codes.set(code, Object.fromEntries(url.searchParams));
    const back = new URL(url.searchParams.get('redirect_uri'));
    const answer = { code, state: url.searchParams.get('state'), ...how.answer };
    for (const [name, value] of Object.entries(answer)) if (value !== null) back.searchParams.set(name, value);
    return response.writeHead(302, { location: back.href }).end();
  }
  if (url.pathname === '/token') {
    const form = Object.fromEntries(new URLSearchParams(body));
    const asked = codes.get(form.code);
    codes.delete(form.code);
    const challenge = createHash('sha256').update(form.code_verifier ?? '').digest('base64url');
    const basic = Buffer.from((request.headers.authorization ?? '').replace('Basic ', ''), 'base64').toString();
    const ours = basic === `commonground:${encodeURIComponent(SECRET).replaceAll('%20', '+')}`;
    if (!asked || !ours || asked.code_challenge_method !== 'S256' || asked.code_challenge !== challenge) {
      return json({ error: 'invalid_grant' }, 400);
    }
    if (how.fault === 'no_token') return json({ access_token: 'x', token_type: 'Bearer' });
    if (how.fault === 'garbage') return response.writeHead(200, { 'content-type': 'application/json' }).end('{"id_');
    return json({ access_token: 'x', token_type: 'Bearer', id_token: token(asked) });
  }
  if (url.pathname === '/userinfo') {
    return request.headers.authorization === 'Bearer x' ? json(how.userinfo) : json({ error: 'invalid_token' }, 401);
  }
  return json({ error: 'not here' }, 404);
});
server.listen(0, '127.0.0.1', () => console.log(issuer()));
process.stdin.on('end', () => process.exit(0)).resume();
