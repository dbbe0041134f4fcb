/**
 * One warm request of each kind through a real server, and the functions of ours that it runs. By hand:
 * `node --import @oxc-node/core/register tests/architecture/journeys.ts session` counts and lists those of one journey.
 */
import 'reflect-metadata';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bootstrap, Controller, Get, listen, Post, reply, type BootstrapOptions, type Request } from 'obol';
import { CheckDigest, digest, hexdigest, PasswordMap } from 'obol/auth';
import { mount } from 'obol/composition';
import { Session, sessions } from 'obol/session';
import { staticFiles } from 'obol/static';
import { RawClient, type RawResponse } from '../support/raw-client.js';
import { JOURNEY_NAMES, type JourneyName } from './journey-budgets.js';
import { countSteps } from './journey-count.js';
import { reportOf, type Step } from './journey-report.js';

/** A server that is asked the same again and again; `next` gives the bytes of a request, from the answer to the last. */
interface Asked {
  readonly server: { readonly port: number; close(): Promise<void> };
  readonly next: (last: RawResponse | undefined) => string;
}

const SOCKET = { port: 0, signals: false } as const;
const REALM = 'Journeys';
const PASSWORD = 'the open sesame';
/** Milliseconds after which a file that was written is old enough to be kept in memory. */
const OLD_ENOUGH = 2500;
/** Seconds since 1970. */
const FUTURE = 4e9;

const folder = mkdtempSync(join(tmpdir(), 'obol-journeys-'));
writeFileSync(join(folder, 'kept.txt'), 'x'.repeat(1024));
writeFileSync(join(folder, 'opened.txt'), 'x'.repeat(1024));
// What is younger than now may still change: it is opened for every request.
utimesSync(join(folder, 'opened.txt'), FUTURE, FUTURE);
const writtenAt = Date.now();
let frames: readonly string[] = [];

@Controller()
class PeopleController {
  @Get('/people/<id:int>')
  show({ base }: Request, id: number) {
    if (base !== '') return { id };
    Error.stackTraceLimit = 100;
    frames = (new Error().stack ?? '').split('\n').filter((line) => line.includes('/src/'));
    return { id };
  }
}

@Controller()
class VisitsController {
  constructor(private readonly session: Session<{ visits: number }>) {}

  @Get('/visits')
  count() {
    this.session.set('visits', performance.now());
    return { counted: true };
  }
}

@Controller()
class UploadController {
  @Post('/upload')
  upload(req: Request) {
    return { fields: req.form.size };
  }
}

@Controller()
class PrivateController {
  @Get('/private')
  @CheckDigest(REALM)
  show(req: Request) {
    return reply(String(req.user), 'text/plain; charset=utf-8');
  }
}

const SETUPS: Record<JourneyName, () => Promise<Asked>> = {
  get: () => application({ controllers: [PeopleController] }, () => requestText('GET /people/42')),
  mounts: behindMounts,
  session: () =>
    application(
      { controllers: [VisitsController], features: [sessions({ kind: 'sealed', keys: [randomBytes(32)] })] },
      (last) => requestText('GET /visits', last ? [`Cookie: ${cookieOf(last)}`] : []),
    ),
  multipart: () => application({ controllers: [UploadController] }, upload),
  'static-kept': () => folderAlone('kept.txt'),
  'static-kept-root': () => documentRoot('kept.txt'),
  'static-opened': () => folderAlone('opened.txt'),
  'static-opened-root': () => documentRoot('opened.txt'),
  digest: digestCheck,
};

async function application(options: BootstrapOptions, next: Asked['next']): Promise<Asked> {
  const app = await bootstrap(options);
  return { server: await app.listen(SOCKET), next };
}

async function behindMounts(): Promise<Asked> {
  const app = await bootstrap({ controllers: [PeopleController] });
  const handler = mount('/a', mount('/b', mount('/c', app)));
  return { server: await listen(handler, SOCKET), next: () => requestText('GET /a/b/c/people/42') };
}

async function folderAlone(file: string): Promise<Asked> {
  await untilOldEnough();
  return { server: await listen(staticFiles(folder), SOCKET), next: () => requestText(`GET /${file}`) };
}

async function documentRoot(file: string): Promise<Asked> {
  await untilOldEnough();
  return application({ controllers: [PeopleController], documentRoot: folder }, () =>
    requestText(`GET /${file}`),
  );
}

function untilOldEnough(): Promise<void> {
  return sleep(Math.max(0, writtenAt + OLD_ENOUGH - Date.now()));
}

function digestCheck(): Promise<Asked> {
  const passwords = new PasswordMap();
  const hash = hexdigest('smith', REALM, PASSWORD, 'SHA-256');
  passwords.set(REALM, 'smith', hash);
  const feature = digest({ secretKey: randomBytes(32), authMap: passwords, authAlgorithm: 'SHA-256' });
  let challenge = '';
  let count = 0;
  return application({ controllers: [PrivateController], features: [feature] }, (last) => {
    if (!last) return requestText('GET /private');
    challenge ||= last.header('www-authenticate') ?? '';
    return requestText('GET /private', [`Authorization: ${credentials(challenge, hash, ++count)}`]);
  });
}

function credentials(challenge: string, hash: string, count: number): string {
  const field = (name: string): string => new RegExp(`\\b${name}="([^"]*)"`).exec(challenge)?.[1] ?? '';
  const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
  const nc = count.toString(16).padStart(8, '0');
  const nonce = field('nonce');
  const opaque = field('opaque') && `, opaque="${field('opaque')}"`;
  const response = sha(`${hash}:${nonce}:${nc}:journey:auth:${sha('GET:/private')}`);
  return (
    `Digest username="smith", realm="${REALM}", nonce="${nonce}", uri="/private", algorithm=SHA-256, ` +
    `response="${response}", qop=auth, nc=${nc}, cnonce="journey"${opaque}`
  );
}

function upload(): string {
  const part = (head: string, content: string): string =>
    `--journey\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n`;
  const file = part('name="file"; filename="a.txt"\r\nContent-Type: text/plain', 'x'.repeat(2048));
  const body = `${part('name="title"', 'Journey')}${file}--journey--\r\n`;
  return requestText(
    'POST /upload',
    ['Content-Type: multipart/form-data; boundary=journey', `Content-Length: ${body.length}`],
    body,
  );
}

function requestText(line: string, fields: readonly string[] = [], body = ''): string {
  return [`${line} HTTP/1.1`, 'Host: localhost', ...fields, '', body].join('\r\n');
}

function cookieOf(answer: RawResponse): string {
  return answer.header('set-cookie')?.split(';')[0] ?? '';
}

/** Counts one journey, over one connection and with each request in one write. */
async function measure(name: JourneyName): Promise<readonly Step[]> {
  const { server, next } = await SETUPS[name]();
  const client = await RawClient.connect(server.port);
  let answer: RawResponse | undefined;
  const steps = await countSteps(async () => {
    answer = await client.send(next(answer)).response();
  });
  if (answer?.status !== 200) throw new Error(`${name} got ${answer?.statusLine ?? 'no answer'}`);
  client.destroy();
  await server.close();
  return steps;
}

const [wanted = ''] = process.argv.slice(2);
const isForTest = wanted === '--json';
const journeys: Partial<Record<JourneyName, readonly Step[]>> = {};
for (const name of JOURNEY_NAMES) {
  if (!isForTest && !name.startsWith(wanted)) continue;
  const steps = await measure(name);
  journeys[name] = steps;
  if (!isForTest) console.log(reportOf(name, steps, wanted !== ''));
}
rmSync(folder, { recursive: true });
if (isForTest) console.log(JSON.stringify({ frames, journeys }));
