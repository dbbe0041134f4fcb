/** Properties of everything that is read from the head of a request. */
import { isIP } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BadOutput, endOfHead, parseHead } from '../../src/features/cgi/script-head.js';
import { ObolError } from '../../src/ground/errors.js';
import {
  negotiateEncoding,
  negotiateLanguage,
  negotiateMediaType,
  parseAccept,
} from '../../src/http/accept.js';
import { parseCookies } from '../../src/http/cookie.js';
import { compileTrust, findClient, parseForwarded } from '../../src/http/forwarded.js';
import { isFieldValue } from '../../src/http/grammar.js';
import { parseAuthority } from '../../src/http/host.js';
import { HttpError } from '../../src/http/http-error.js';
import { parseMediaType } from '../../src/http/media-type.js';
import { parseQuery, type PairOptions } from '../../src/http/query.js';
import { serializeCookie, type CookieOptions } from '../../src/http/set-cookie.js';
import { decodeSegment, encodeCanonical, parseTarget } from '../../src/http/target.js';
import { anyText } from '../support/characters.js';
import { hostileText, settings, timed, TIMEOUT } from './settings.js';

/** Tries a property. */
function holds<T>(name: string, property: fc.IProperty<T>): void {
  test(
    name,
    () => {
      fc.assert(property, settings());
    },
    TIMEOUT,
  );
}

/** What the work gives; the status when it throws one of these. Anything else that it throws is a flaw. */
function answerOf<T>(length: number, statuses: readonly number[], work: () => T): T | number {
  return timed(length, () => {
    try {
      return work();
    } catch (error) {
      if (error instanceof HttpError && statuses.includes(error.status)) return error.status;
      throw error;
    }
  });
}

const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}$/);
const latin1 = (maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.integer({ min: 1, max: 255 }), { maxLength }).map((codes) => String.fromCharCode(...codes));
const without = (arbitrary: fc.Arbitrary<string>, pattern: RegExp): fc.Arbitrary<string> =>
  arbitrary.map((text) => text.replace(pattern, ''));

describe('the output of a script', () => {
  const output = hostileText([
    'Content-Type: text/plain',
    'Status: 200',
    'Location: /',
    'Content-Length: 3',
    'HTTP/1.1 200 OK',
    ': ',
    '\r',
    '\n',
    '\r\n',
    '\n\n',
    '\0',
    ' folded',
  ]);

  holds(
    'has its end where it is found, however much of it came before',
    fc.property(output, fc.nat(), (text, at) => {
      const bytes = Buffer.from(text, 'latin1');
      const end = timed(text.length, () => endOfHead(bytes));
      const seen = at % (bytes.length + 1);
      expect(endOfHead(bytes.subarray(0, seen)) ?? endOfHead(bytes, seen)).toEqual(end);
    }),
  );

  holds(
    'is a header block whose fields can be sent, or none',
    fc.property(output, fc.boolean(), (text, isNph) => {
      timed(text.length, () => {
        try {
          const { headers, status = 200 } = parseHead(text, isNph);
          expect(
            [...headers].every(([, value]) => isFieldValue(value)) && status >= 200 && status < 600,
          ).toBe(true);
        } catch (error) {
          if (!(error instanceof BadOutput)) throw error;
        }
      });
    }),
  );
});

describe('a query', () => {
  const query = hostileText([
    '&',
    '=',
    '+',
    '%',
    '%zz',
    '%00',
    '%e0%a4',
    '%C5%BE',
    'a=1',
    '__proto__=1',
    '[]',
    ';',
    '&&',
    '?',
    '#',
  ]);
  const blank: PairOptions = { keepBlankValues: true };
  const pairs = fc.array(fc.tuple(anyText({ maxLength: 20 }), anyText({ maxLength: 20 })), { maxLength: 20 });

  holds(
    'is read or answered with 400, however it is read',
    fc.property(
      query,
      fc.boolean(),
      fc.boolean(),
      fc.boolean(),
      (text, keepBlankValues, strictParsing, strictEscapes) => {
        answerOf(text.length, [400], () =>
          parseQuery(text, { keepBlankValues, strictParsing, strictEscapes }),
        );
      },
    ),
  );

  holds(
    'means what browsers mean by it',
    fc.property(query, (text) => {
      const read = answerOf(text.length, [400], () => parseQuery(text, blank));
      if (typeof read === 'number') return;
      const list = [...read].flatMap(([name, values]) => values.map((value) => [name, value] as const));
      const names = [...read.keys()];
      const expected = [...new URLSearchParams(`?${text}`)].sort(
        (a, b) => names.indexOf(a[0]) - names.indexOf(b[0]),
      );
      expect(list).toEqual(expected);
    }),
  );

  holds(
    'gives back what was written',
    fc.property(pairs, (list) => {
      const written = new URLSearchParams(list).toString();
      const read = parseQuery(written, blank);
      expect([...read].map(([name, values]) => values.map((value) => [name, value])).flat()).toHaveLength(
        list.length,
      );
      for (const [name, value] of list) expect(read.get(name.toWellFormed())).toContain(value.toWellFormed());
      const encoded = list
        .map((pair) => pair.map((each) => encodeURIComponent(each.toWellFormed())).join('='))
        .join('&');
      if (!list.some(([name, value]) => name + value === ''))
        expect(parseQuery(encoded, blank)).toEqual(read);
    }),
  );

  holds(
    'is the sum of its parts',
    fc.property(query, query, (one, other) => {
      const [a, b, both] = [one, other, `${one}&${other}`].map((text) =>
        answerOf(text.length, [400], () => parseQuery(text, blank)),
      );
      if (typeof a === 'number' || typeof b === 'number') expect(both).toBe(400);
      if (!(a instanceof Map && b instanceof Map && both instanceof Map)) return;
      const values = (map: Map<string, string[]>, name: string): string[] => map.get(name) ?? [];
      const names = [...new Set([...a.keys(), ...b.keys()])] as string[];
      expect([...both]).toEqual(names.map((name) => [name, [...values(a, name), ...values(b, name)]]));
    }),
  );

  holds(
    'without its blank values is what is left of it',
    fc.property(query, (text) => {
      const all = answerOf(text.length, [400], () => parseQuery(text, blank));
      const some = answerOf(text.length, [400], () => parseQuery(text));
      if (typeof all === 'number' || typeof some === 'number') {
        expect(some).toBe(all);
        return;
      }
      const kept = [...all].map(([name, values]) => [name, values.filter((value) => value !== '')] as const);
      expect(new Map(some)).toEqual(
        new Map(kept.filter(([, values]) => values.length > 0).map(([name, values]) => [name, [...values]])),
      );
    }),
  );
});

describe('cookies', () => {
  const header = hostileText([
    '=',
    ';',
    '; ',
    '"',
    '\\',
    '\\"',
    ' ',
    '\t',
    'a=1',
    '__Host-a=',
    '=a',
    '%zz',
    '__proto__=1',
    ',',
  ]);
  const read = (text: string): Map<string, string> | number =>
    answerOf(text.length, [431], () => parseCookies(text));

  holds(
    'are read or answered with 431',
    fc.property(header, (text) => {
      const cookies = read(text);
      if (typeof cookies === 'number') return;
      for (const [name, value] of cookies) {
        expect(name).not.toBe('');
        expect(name + value).not.toContain(';');
        expect(name).not.toContain('=');
        expect(text).toContain(value);
      }
    }),
  );

  holds(
    'are the first of each name of their parts',
    fc.property(header, header, (one, other) => {
      const [a, b, both] = [one, other, `${one};${other}`].map(read);
      if (!(a instanceof Map && b instanceof Map && both instanceof Map)) return;
      expect([...both]).toEqual([...a, ...[...b].filter(([name]) => !a.has(name))]);
    }),
  );

  holds(
    'give back what was written',
    fc.property(
      fc.uniqueArray(fc.tuple(token, anyText({ maxLength: 40 })), {
        selector: ([name]) => name,
        maxLength: 20,
      }),
      (cookies) => {
        const pairs = cookies.map(
          ([name, value]) => serializeCookie(name, value, { secure: true }).split('; ')[0] ?? '',
        );
        const back = parseCookies(pairs.join('; '));
        expect([...back].map(([name, value]) => [name, decodeURIComponent(value)])).toEqual(
          cookies.map(([name, value]) => [name, value.toWellFormed()]),
        );
      },
    ),
  );

  const attribute = fc.option(hostileText(['/', ';', '\r\n', '; Secure', 'a.b', 'é', '\0', '='], 1100), {
    nil: undefined,
  });
  const options = fc.record({
    domain: attribute,
    path: attribute,
    sameSite: fc.constantFrom('Strict', 'Lax', 'None', 'x; y'),
    secure: fc.boolean(),
    httpOnly: fc.boolean(),
    partitioned: fc.boolean(),
    maxAge: fc.oneof(fc.double(), fc.integer()),
    expires: fc.date({ noInvalidDate: false }),
  });
  holds(
    'that are written hold nothing but what was asked for',
    fc.property(fc.oneof(token, header), header, options, (name, value, given) => {
      const settled = Object.fromEntries(
        Object.entries(given).filter(([, each]) => each !== undefined),
      ) as CookieOptions;
      const text = timed(name.length + value.length, () => {
        try {
          return serializeCookie(name, value, settled);
        } catch (error) {
          if (error instanceof ObolError && error.code === 'E_COOKIE') return undefined;
          throw error;
        }
      });
      if (text === undefined) return;
      expect(isFieldValue(text)).toBe(true);
      const { secure, httpOnly, partitioned, domain } = settled;
      const flags = [secure, httpOnly, partitioned, domain !== undefined].filter(Boolean).length;
      expect(text.split(';')).toHaveLength(1 + 4 + flags);
    }),
  );
});

describe('a media type', () => {
  const text = hostileText([
    '/',
    ';',
    '"',
    '\\',
    '=',
    ' ',
    '\t',
    'text/html',
    '; charset=utf-8',
    ';q="',
    '\\"',
    ',',
    'a/b',
    '*/*',
  ]);
  const value = without(latin1(20), /[^\t\x20-\x7e\x80-\xff]/g);
  const parameters = fc.uniqueArray(fc.tuple(token, value), {
    selector: ([name]) => name.toLowerCase(),
    maxLength: 8,
  });
  const quoted = (each: string): string => `"${each.replace(/["\\]/g, '\\$&')}"`;
  const write = (essence: string, list: readonly (readonly [string, string])[], gap = ''): string =>
    [essence, ...list.map(([name, each]) => `${name}=${quoted(each)}`)].join(`${gap};${gap}`);

  holds(
    'is read or not, and the same a second time',
    fc.property(text, (type) => {
      const first = timed(type.length, () => parseMediaType(type));
      expect(parseMediaType(type)).toEqual(first);
      if (!first) return;
      expect(first.essence).toMatch(/^[^\s/;,"A-Z]+\/[^\s/;,"A-Z]+$/);
      expect(parseMediaType(write(first.essence, [...first.parameters]))).toEqual(first);
    }),
  );

  holds(
    'gives back what was written, whatever its case and white space',
    fc.property(
      token,
      token,
      parameters,
      fc.constantFrom('', ' ', '\t ', '  '),
      (type, subtype, list, gap) => {
        const expected = {
          essence: `${type}/${subtype}`.toLowerCase(),
          parameters: new Map(list.map(([name, each]) => [name.toLowerCase(), each])),
        };
        expect(parseMediaType(write(`${type}/${subtype}`, list, gap))).toEqual(expected);
        expect(
          parseMediaType(
            write(
              `${type}/${subtype}`.toUpperCase(),
              list.map(([name, each]) => [name.toUpperCase(), each] as const),
              gap,
            ),
          ),
        ).toEqual(expected);
      },
    ),
  );
});

describe('an accept list', () => {
  const text = hostileText([
    ',',
    ';',
    'q=',
    ';q=0',
    ';q=1',
    ';q=0.5',
    ' ',
    '"',
    '\\',
    '*',
    '*/*',
    'text/*',
    'text/html',
    'en',
    'en-GB',
    '-',
    'gzip',
    'identity',
    ';q=0.0001',
    ';q=2',
  ]);
  const MEDIA = ['text/html', 'application/json', 'text/plain'] as const;
  const LANGUAGES = ['en', 'cs', 'en-US', 'zh-Hant-TW'] as const;
  const CODINGS = ['gzip', 'br', 'identity'] as const;
  const kinds = fc.constantFrom(
    {
      values: ['text/html', 'text/*', '*/*', 'application/json', 'text/plain', 'image/*'],
      unknown: 'x-none/x-none',
      pick: (header: string) => negotiateMediaType(header, MEDIA),
      offers: MEDIA,
    },
    {
      values: ['en', 'en-GB', 'cs', '*', 'en-US', 'zh', 'zh-Hant', 'de'],
      unknown: 'qaa',
      pick: (header: string) => negotiateLanguage(header, LANGUAGES),
      offers: LANGUAGES,
    },
    {
      values: ['gzip', 'br', 'identity', '*', 'zstd'],
      unknown: 'x-none',
      pick: (header: string) => negotiateEncoding(header, CODINGS),
      offers: CODINGS,
    },
  );
  const list = kinds.chain((kind) =>
    fc.tuple(
      fc.constant(kind),
      fc.uniqueArray(
        fc.tuple(
          fc.constantFrom(...kind.values),
          fc.constantFrom('', ';q=0', ';q=0.3', ';q=0.7', ';q=1', ';q=1.000'),
        ),
        { selector: ([value]) => value, minLength: 1 },
      ),
      fc.infiniteStream(fc.nat()),
    ),
  );

  holds(
    'is read, with weights from 0 to 1, and chooses among what is offered',
    fc.property(kinds, text, ({ pick, offers }, header) => {
      const preferences = timed(header.length, () => parseAccept(header));
      for (const { value, weight } of preferences) {
        expect(value).not.toMatch(/[A-Z]/);
        expect(weight >= 0 && weight <= 1).toBe(true);
      }
      const choice = timed(header.length, () => pick(header));
      if (choice !== undefined) expect(offers).toContain(choice);
    }),
  );

  holds(
    'chooses the same in any order, with any white space and in any case',
    fc.property(list, ([{ pick }, items, order]) => {
      const join = (separator: string): string => items.map((item) => item.join('')).join(separator);
      const choice = pick(join(','));
      expect(pick(join(' ,\t'))).toBe(choice);
      expect(pick(join(',').toUpperCase())).toBe(choice);
      expect(pick(join(',').replaceAll(';', ' ; '))).toBe(choice);
      expect(pick(`,${join(',,')},`)).toBe(choice);
      const ranks = new Map(items.map((item) => [item, Number(order.next().value)]));
      const shuffled = [...items].sort((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0));
      expect(pick(shuffled.map((item) => item.join('')).join(','))).toBe(choice);
    }),
  );

  holds(
    'is not changed by what nobody offers, and refuses what has weight 0',
    fc.property(list, ([{ pick, unknown, offers }, items]) => {
      const header = items.map((item) => item.join('')).join(',');
      const choice = pick(header);
      expect(pick(`${header},${unknown}`)).toBe(choice);
      expect(pick(`${unknown};q=0.9,${header}`)).toBe(choice);
      expect(pick(offers.map((offer) => `${offer};q=0`).join())).toBeUndefined();
      for (const offer of offers)
        expect(
          pick(
            [
              `${offer};q=1`,
              ...offers.filter((other) => other !== offer).map((other) => `${other};q=0.1`),
            ].join(),
          ),
        ).toBe(offer);
    }),
  );
});

describe('a request target', () => {
  const target = hostileText([
    '/',
    '//',
    '/..',
    '/.',
    '%2e',
    '%2F',
    '%25',
    '%252F',
    '%',
    '%zz',
    '%00',
    '%c3%a9',
    '?',
    '#',
    'http://a',
    '*',
    '\\',
    ';',
    '@',
    ':',
  ]);
  const rooted = fc.oneof(
    target.map((text) => `/${text}`),
    target,
  );
  const segment = without(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
    /[\p{Cc}\p{Cs}]/gu,
  ).filter((text) => !/^\.{0,2}$/.test(text));

  holds(
    'is malformed or has a path that is canonical',
    fc.property(rooted, fc.constantFrom('GET', 'OPTIONS', 'CONNECT'), (text, method) => {
      const parsed = timed(text.length, () => parseTarget(text, method));
      if (!parsed || method === 'CONNECT' || parsed.path === '*') return;
      const { path, query } = parsed;
      expect(path).toMatch(/^\//);
      expect(path).not.toMatch(/\0|%(?!2F|25|[89A-F][0-9A-F])/);
      expect(path.split('/').some((each) => each === '.' || each === '..')).toBe(false);
      expect(parseTarget(`${encodeCanonical(path)}?${query}`, method)).toMatchObject({ path, query });
    }),
  );

  holds(
    'gives back the segments that were written, however they were encoded',
    fc.property(fc.array(segment, { minLength: 1, maxLength: 6 }), (segments) => {
      const encoded = segments.map((each) => encodeURIComponent(each));
      const wholly = segments.map((each) => Buffer.from(each).toString('hex').replace(/../g, '%$&'));
      const parsed = parseTarget(`/${encoded.join('/')}`, 'GET');
      expect(parsed?.path.slice(1).split('/').map(decodeSegment)).toEqual(segments);
      expect(parseTarget(`/${wholly.join('/')}`, 'GET')?.path).toBe(parsed?.path);
      expect(parseTarget(`/${wholly.join('/').toUpperCase()}`, 'GET')?.path).toBe(parsed?.path);
      expect(parseTarget(`http://a:1/${encoded.join('/')}?x`, 'GET')).toEqual({
        path: parsed?.path,
        query: 'x',
        authority: 'a:1',
      });
    }),
  );
});

describe('a Host', () => {
  const host = hostileText([
    ':',
    '[',
    ']',
    '::1',
    '[::1]',
    '80',
    ':80',
    '.',
    '@',
    '/',
    '%41',
    '%zz',
    ' ',
    'a',
    '65536',
    '127.0.0.1',
    '\0',
  ]);

  holds(
    'is malformed or made of a name and a port',
    fc.property(host, (text) => {
      const authority = timed(text.length, () => parseAuthority(text));
      if (!authority) return;
      const { name, port } = authority;
      expect(text).toMatch(/^[^\s/?#@\\<>"]+$/);
      expect(port === undefined || (port >= 0 && port <= 65_535)).toBe(true);
      expect(parseAuthority(port === undefined ? name : `${name}:${String(port)}`)).toEqual(authority);
    }),
  );

  holds(
    'of every address and every name with any port is read',
    fc.property(
      fc.oneof(
        fc.domain(),
        fc.ipV4(),
        fc.ipV6().map((address) => `[${address}]`),
      ),
      fc.option(fc.nat(65_535), { nil: undefined }),
      (name, port) => {
        expect(parseAuthority(port === undefined ? name : `${name}:${String(port)}`)).toEqual({ name, port });
      },
    ),
  );
});

describe('forwarded headers', () => {
  const list = hostileText([',', ', ', '1.1.1.1', '10.0.0.1', '[::1]:80', '::ffff:10.0.0.2', 'unknown', 'for=', '"', ';', ' ', '%', '_x']);
  const trust = fc.constantFrom(compileTrust(false), compileTrust(1), compileTrust(5), compileTrust(['10.0.0.0/8', '::1']), compileTrust(['0.0.0.0/0', '::/0']));
  const peer = fc.constantFrom('10.0.0.9', '8.8.8.8', '::1', '::ffff:10.1.1.1');

  holds('lead to an address, and never through one that is not trusted', fc.property(peer, list, trust, (address, text, trusts) => {
    const hops = text.split(',');
    const client = timed(text.length, () => findClient(address, hops, trusts));
    expect(isIP(client.address)).toBeGreaterThan(0);
    expect(client.hops).toBeLessThanOrEqual(hops.length);
    if (!trusts(address, 0)) expect(client.hops).toBe(0);
  }));

  holds('are not changed by what the client wrote before the first hop that is not trusted', fc.property(peer, list, list, (address, text, before) => {
    const trusts = compileTrust(['10.0.0.0/8', '::1']);
    const client = findClient(address, text.split(','), trusts);
    if (!trusts(client.address, client.hops)) expect(findClient(address, `${before},${text}`.split(','), trusts)).toEqual(client);
  }));

  holds('by the standard are read whole or not at all', fc.property(list, fc.array(fc.uniqueArray(fc.tuple(token, token), { selector: ([name]) => name.toLowerCase(), minLength: 1, maxLength: 4 }), { maxLength: 6 }), (text, elements) => {
    timed(text.length, () => parseForwarded(text));
    const written = elements.map((each) => each.map((pair) => pair.join('=')).join(';')).join(', ');
    const expected = elements.map((each) => new Map(each.map(([name, value]) => [name.toLowerCase(), value])));
    expect(parseForwarded(written)).toEqual(expected);
    expect(parseForwarded(`${written},x`)).toEqual([]);
  }));
}); // prettier-ignore
