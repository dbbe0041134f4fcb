/** The shape of the house: imports point down, never in a circle, and nobody inside imports an index. */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from '@jest/globals';

const SRC = resolve(import.meta.dirname, '../../src');

/**
 * The rooms, lowest first: every folder of src, and of features and hosts every folder in them. Rooms in one line are
 * siblings and never import each other.
 */
const LAYERS = [
  ['ground'],
  ['crypto', 'http', 'schema'],
  ['files', 'routing'],
  ['body'],
  ['message'],
  ['answering'],
  ['contracts'],
  ['metadata'],
  ['decorators', 'dispatch'],
  ['application'],
  ['kit'],
  [
    'features/config',
    'features/throttle',
    'features/request-id',
    'features/processes',
    'features/proxy',
    'features/urls',
    'features/request-local',
  ],
  ['features/csrf', 'features/transactions', 'features/debug'],
  ['features/cors', 'features/websocket'],
  ['features/session'],
  ['features/static'],
  ['features/compression', 'features/file-routes'],
  ['features/uploads'],
  ['features/composition'],
  ['features/base-handler', 'features/openapi'],
  ['features/cgi'],
  ['features/fastcgi'],
  ['features/auth'],
  ['features/modules'],
  ['features/sso'],
  ['features/redis'],
  ['hosts/node', 'hosts/testing'],
  ['client'],
  ['cli'],
];

/** The files of the lowest room, which have an order as well. */
const GROUND = [
  ['version'],
  ['copies'],
  ['brand'],
  [
    'errors',
    'clock',
    'context-key',
    'copy-of',
    'development',
    'inspection',
    'realms',
    'token',
    'variable-name',
    'wording',
  ],
  ['settings', 'recent', 'current-request', 'load-package'],
  ['log/one-line', 'log/shown-error', 'log/sink', 'log/log'],
  ['log/json-log', 'log/readable-log', 'log/current-log'],
  ['log/logger'],
  ['log/make-logger', 'outage'],
  ['log/index'],
];

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const imports = new Map(files.map((file) => [file, importsOf(file)]));

function importsOf(file: string): string[] {
  const text = readFileSync(join(SRC, file), 'utf8');
  const specifiers = [...text.matchAll(/^(?:import|export)\b[^;]*?from '(\.[^']+)'/gms)].map(
    (match) => match[1] ?? '',
  );
  return specifiers.map((specifier) =>
    relative(SRC, resolve(SRC, dirname(file), specifier)).replace(/\.js$/, '.ts'),
  );
}

function roomOf(file: string): string {
  const [folder = '', inner = ''] = file.split('/');
  if (!file.includes('/')) return file.replace(/\.ts$/, '');
  return ['features', 'hosts'].includes(folder) ? `${folder}/${inner}` : folder;
}

function rankOf(file: string): number {
  return LAYERS.findIndex((layer) => layer.includes(roomOf(file)));
}

test('reads every source file and its imports', () => {
  expect(files.length).toBeGreaterThan(50);
  expect(imports.get('dispatch/invoke.ts')).toContain('message/make-response.ts');
});

test('gives every file a layer', () => {
  expect(files.filter((file) => file !== 'index.ts' && rankOf(file) < 0)).toEqual([]);
});

test('imports only from the same room and from lower layers', () => {
  const wrong = [...imports].flatMap(([file, targets]) =>
    targets
      .filter((target) => roomOf(target) !== roomOf(file))
      .filter((target) => file !== 'index.ts' && rankOf(target) >= rankOf(file))
      .map((target) => `${file} -> ${target}`),
  );
  expect(wrong).toEqual([]);
});

test('knows no feature outside of features and commands, but for the one line of the index that opens document roots', () => {
  const outside = [...imports].filter(([file]) => !/^(?:features|cli)\//.test(file));
  const known = outside.flatMap(([file, targets]) =>
    targets.filter((target) => target.startsWith('features/')).map((target) => `${file} -> ${target}`),
  );
  expect(known).toEqual(['index.ts -> features/static/static-files.ts']);
});

test('has an order in its lowest room, too', () => {
  const rank = (file: string): number => GROUND.findIndex((layer) => layer.includes(file.slice(7, -3)));
  const ground = files.filter((file) => roomOf(file) === 'ground');
  expect(ground.filter((file) => rank(file) < 0)).toEqual([]);
  const wrong = ground.filter((file) => imports.get(file)?.some((target) => rank(target) >= rank(file)));
  expect(wrong).toEqual([]);
});

test('lets a feature import the kit and lower features, and nothing else of the house', () => {
  const wrong = [...imports].flatMap(([file, targets]) =>
    file.startsWith('features/')
      ? targets
          .filter((target) => target !== 'kit.ts' && !target.startsWith('features/'))
          .map((target) => `${file} -> ${target}`)
      : [],
  );
  expect(wrong).toEqual([]);
});

/** The names that a statement or the file imports from the kit or exports there. */
function namesIn(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].flatMap(([, list = '']) =>
    list
      .split(',')
      .map((name) => name.trim().replace(/^type /, ''))
      .filter((name) => name !== ''),
  );
}

test('has a kit of at most 100 names, each of use to a feature or there for those of others', () => {
  const kit = namesIn(readFileSync(join(SRC, 'kit.ts'), 'utf8'), /^export (?:type )?\{([^}]*)\}/gms);
  expect(kit.length).toBeLessThanOrEqual(100);
  expect(new Set(kit).size).toBe(kit.length);
  const used = new Set(
    files
      .filter((file) => file.startsWith('features/'))
      .flatMap((file) =>
        namesIn(
          readFileSync(join(SRC, file), 'utf8'),
          /^import (?:type )?\{([^}]*)\} from '[./]+\/kit\.js'/gms,
        ),
      ),
  );
  // Extension points that no feature of ours needs.
  expect(kit.filter((name) => !used.has(name)).sort()).toEqual([]);
});

test('has few rooms, and few arrows between them', () => {
  // The index is no room: it is where the house is seen from.
  const inner = files.filter((file) => file !== 'index.ts');
  const rooms = new Set(inner.map(roomOf));
  const arrows = new Set(
    [...imports]
      .filter(([file]) => file !== 'index.ts')
      .flatMap(([file, targets]) =>
        targets
          .filter((target) => roomOf(target) !== roomOf(file))
          .map((target) => `${roomOf(file)} -> ${roomOf(target)}`),
      ),
  );
  // Twenty-seven and 85 before request ids, CORS, processes, CGI, module trees, schemas, contracts, configuration, OpenAPI, clients,
  // WebSockets, URLs, FastCGI, compositions by configuration, values of the request, transactions, requests that are shown,
  // file routes, proxies, and fields of forms that are no schemas.
  expect(rooms.size).toBeLessThanOrEqual(45);
  expect(arrows.size).toBeLessThanOrEqual(146);
});

test('has no import cycles, types included', () => {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return [[...path.slice(path.indexOf(file)), file].join(' -> ')];
    if (done.has(file)) return [];
    const cycles = (imports.get(file) ?? []).flatMap((target) => visit(target, [...path, file]));
    done.add(file);
    return cycles;
  };
  expect(files.flatMap((file) => visit(file, []))).toEqual([]);
});

test('never imports an index from inside', () => {
  const wrong = [...imports].filter(([, targets]) =>
    targets.some((target) => /(^|\/)index\.ts$/.test(target)),
  );
  expect(wrong.map(([file]) => file)).toEqual([]);
});

test('knows node:http and its kin in hosts and commands only, and its client in the proxy', () => {
  const knowing = files.filter((file) => /'node:https?2?'/.test(readFileSync(join(SRC, file), 'utf8')));
  expect(knowing).toContain('hosts/node/listen.ts');
  expect(knowing.filter((file) => !/^(?:hosts|cli|features\/proxy)\//.test(file))).toEqual([]);
});

test('touches Reflect in one folder only', () => {
  const touching = files.filter((file) =>
    /\bReflect\.\w*Metadata/.test(readFileSync(join(SRC, file), 'utf8')),
  );
  expect(touching).toEqual(['metadata/reflect.ts']);
});

test('loads reflect-metadata before tsyringe, which wants it, and before all decorators, whichever entry is loaded first', () => {
  const manifest = JSON.parse(readFileSync(join(SRC, '../package.json'), 'utf8')) as {
    exports: Record<string, { default?: string }>;
  };
  const entries = Object.values(manifest.exports).flatMap(({ default: path }) => path ?? []);
  expect(entries.length).toBeGreaterThan(10);
  for (const entry of entries) {
    const order = loadingOrder(entry.replace('./dist/', '').replace(/\.js$/, '.ts'));
    const polyfills = order.indexOf('metadata/polyfills.ts');
    const others = order.findIndex((file) => file === 'tsyringe' || file.startsWith('decorators/'));
    expect([entry, others < 0 || (polyfills >= 0 && polyfills < others)]).toEqual([entry, true]);
  }
});

/** What a module loads, dependencies first: files of src, and names of packages. */
function loadingOrder(file: string, done = new Set<string>()): string[] {
  if (done.has(file)) return [];
  done.add(file);
  if (!file.endsWith('.ts')) return [file];
  const text = readFileSync(join(SRC, file), 'utf8');
  const specifiers = [...text.matchAll(/^(?:import|export)\b(?! type)(?:[^;]*?from )? ?'([^']+)'/gms)];
  const loaded = specifiers.flatMap(([, specifier = '']) =>
    loadingOrder(
      specifier.startsWith('.')
        ? relative(SRC, resolve(SRC, dirname(file), specifier)).replace(/\.js$/, '.ts')
        : specifier,
      done,
    ),
  );
  return [...loaded, file];
}

test('loads nothing of Node alone for a client: browsers take it file by file, as it is built', () => {
  const loaded = [...new Set(loadingOrder('client/index.ts'))];
  expect(loaded).toContain('routing/built-in-filters.ts');
  expect(loaded.filter((file) => !file.endsWith('.ts'))).toEqual([]);
  const ofNode = /\bBuffer\.|(?<!-)\bprocess\.|\bsetImmediate\b|import\.meta|\brequire\(/;
  expect(loaded.filter((file) => ofNode.test(readFileSync(join(SRC, file), 'utf8')))).toEqual([]);
  // Few enough to come one after the other.
  expect(loaded.length).toBeLessThanOrEqual(18);
});

test('starts every file with a sentence that says its role', () => {
  const begins = (file: string): boolean => /^(?:#!.*\n)?\/\*\* /.test(readFileSync(join(SRC, file), 'utf8'));
  expect(files.filter((file) => !begins(file))).toEqual([]);
});

test('uses no weak randomness', () => {
  expect(files.filter((file) => readFileSync(join(SRC, file), 'utf8').includes('Math.random'))).toEqual([]);
});

test('asks by hand whether a value is a promise in dispatch and sessions, where a closure would cost, and hardly elsewhere', () => {
  const check = /\bisPromise[()]|\.then\)? === 'function'|\?\.then === 'function'/g;
  const counts = files
    .filter((file) => file !== 'message/handler.ts')
    .map((file) => [file, [...readFileSync(join(SRC, file), 'utf8').matchAll(check)].length] as const)
    .filter(([, count]) => count > 0);
  expect(Object.fromEntries(counts)).toEqual({
    // What is neither a promise nor a response of this copy of Obol is one of another copy.
    'application/adopting.ts': 1,
    // A sink is below messages, and may be anything.
    'body/file-targets.ts': 1,
    'dispatch/dispatch-table.ts': 3,
    'dispatch/invoke.ts': 3,
    // Of a promise nothing can be taken at once: it is a mistake there.
    'features/csrf/request-secret.ts': 1,
    'features/session/sessions.ts': 2,
    'features/session/state.ts': 1,
    'features/session/store-keeper.ts': 1,
    'features/throttle/throttle.ts': 1,
  });
});
