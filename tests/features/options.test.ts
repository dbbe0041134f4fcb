/** Whatever takes options refuses a name that is none of them: in plain JavaScript no compiler would. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { afterAll, expect, test } from '@jest/globals';
import { EventStreamResponse, listen } from 'obol';
import {
  basicGuard,
  bearerGuard,
  cookieLogin,
  digest,
  formLogin,
  JwtTokens,
  logins,
  PasswordHashMap,
  PasswordMap,
  StaticTokens,
  ticketLogin,
} from 'obol/auth';
import { compression } from 'obol/compression';
import { cors } from 'obol/cors';
import { csrf } from 'obol/csrf';
import { fastcgi } from 'obol/fastcgi';
import { CommandRunner, scripts } from 'obol/modules';
import { proxy } from 'obol/proxy';
import { redis, redisNonceStore, redisSessionStore, redisThrottleStore } from 'obol/redis';
import { requestId } from 'obol/request-id';
import { memorySessionStore, sessions } from 'obol/session';
import { casLogin, oidcLogin } from 'obol/sso';
import { staticFiles } from 'obol/static';
import { Throttle } from 'obol/throttle';
import { uploadProgress } from 'obol/uploads';
import { urlSigner } from 'obol/urls';
import { webSocket } from 'obol/websocket';
import { memoryNonceStore } from '../../src/features/auth/digest/nonce-store.js';
import { memoryThrottleStore } from '../../src/features/throttle/memory-store.js';
import { developerError } from '../support/errors.js';
import { TestFolder } from '../support/folder.js';

const folder = new TestFolder();
afterAll(() => {
  folder.remove();
});

const key = randomBytes(32);
const keys = [key];
const keeper = cookieLogin({ keys });
const users = new PasswordHashMap();
const service = 'https://app.example.org';
const { publicKey } = generateKeyPairSync('ed25519');
const jwt = { issuer: 'i', audience: 'a', algorithms: ['EdDSA'], keys: publicKey };
const connection = redis();

type Options = Readonly<Record<string, unknown>>;

const TAKERS: [name: string, take: (more: Options) => unknown][] = [
  ['CheckBasic', (more) => basicGuard('Zone', users, more)],
  ['CheckBearer', (more) => bearerGuard(new StaticTokens([]), more)],
  ['CommandRunner', (more) => new CommandRunner({ command: ['true'], ...more })],
  ['EventStreamResponse', (more) => new EventStreamResponse([], more)],
  ['JwtTokens', (more) => new JwtTokens({ ...jwt, ...more })],
  ['PasswordHashMap', (more) => new PasswordHashMap(undefined, more)],
  ['PasswordMap', (more) => new PasswordMap(undefined, more)],
  ['Throttle', (more) => new Throttle(more)],
  ['casLogin', (more) => casLogin({ server: service, service, keeper, ...more })],
  ['compression', (more) => compression(more)],
  ['cors', (more) => cors({ origins: '*', ...more })],
  ['cookieLogin', (more) => cookieLogin({ keys, ...more })],
  ['cookieLogin.cookie', (more) => cookieLogin({ keys, cookie: more })],
  ['csrf', (more) => csrf(more)],
  ['digest', (more) => digest({ secretKey: key, authMap: new PasswordMap(), ...more })],
  ['fastcgi', (more) => fastcgi({ port: 9000, ...more })],
  ['formLogin', (more) => formLogin({ users, keeper, ...more })],
  ['csrf', (more) => formLogin({ users, keeper, csrf: more })],
  ['memoryNonceStore', (more) => memoryNonceStore(more)],
  ['memorySessionStore', (more) => memorySessionStore(more)],
  ['memoryThrottleStore', (more) => memoryThrottleStore(more)],
  ['oidcLogin', (more) => oidcLogin({ issuer: service, clientId: 'app', service, keeper, keys, ...more })],
  ['proxy', (more) => proxy({ upstreams: 'http://127.0.0.1', ...more })],
  ['redis', (more) => redis(more)],
  ['redisNonceStore', (more) => redisNonceStore(connection, more)],
  ['redisSessionStore', (more) => redisSessionStore(connection, more)],
  ['redisThrottleStore', (more) => redisThrottleStore(connection, more)],
  ['requestId', (more) => requestId(more)],
  ['scripts', (more) => scripts(more)],
  ['scripts.list', (more) => scripts({ scripts: { list: { command: ['ls'], ...more } } })],
  ['sessions', (more) => sessions({ keys, ...more })],
  ['sessions', (more) => sessions({ store: memorySessionStore(), ...more })],
  ['sessions.cookie', (more) => sessions({ keys, cookie: more })],
  ['staticFiles', (more) => staticFiles(folder.path, more)],
  ['cacheControl', (more) => staticFiles(folder.path, { cacheControl: { noStore: true, ...more } })],
  ['ticketLogin', (more) => ticketLogin({ secrets: [key.toString('hex')], ...more })],
  ['webSocket', (more) => webSocket(() => undefined, more)],
  ['uploadProgress', (more) => uploadProgress(more)],
  ['urlSigner', (more) => urlSigner({ keys, expires: 60, ...more })],
];

test.each(TAKERS)('%s', (name, take) => {
  const refused = expect.objectContaining({
    code: 'E_SETTING',
    message: expect.stringMatching(new RegExp(`^${name}\\.misspelt: there is no such option\\. `)),
  }) as unknown as Error;
  expect(() => take({ misspelt: 1 })).toThrow(refused);
  expect(() => take({ misspelt: undefined })).not.toThrow();
});

test('listen', async () => {
  await expect(listen(logins(keeper) as never, { prot: 80 } as never)).rejects.toThrow(
    developerError('E_SETTING', 'listen.prot: there is no such option. Did you mean "port"?'),
  );
});
