/** URLs, as they are read, changed and resolved. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bootstrap, Controller, Get, path, urlFor, type Request } from 'obol';
import { mount } from 'obol/composition';
import { request, TestClient } from 'obol/testing';
import { baseUrl, parseUrl, url, type QueryValue } from 'obol/urls';
import { developerError, httpError } from '../../support/errors.js';
import { ODD_CHARACTERS } from '../../support/odd-characters.js';

describe('a text is read in one spelling', () => {
  test.each([
    ['/people', '/people'],
    ['/b c', '/b%20c'],
    ['/b%20c', '/b%20c'],
    ['/%62%2d%7E', '/b-~'],
    ['/a%2fb', '/a%2Fb'],
    ['/100%', '/100%25'],
    ['/ü?q=ü#ü', '/%C3%BC?q=%C3%BC#%C3%BC'],
    ['/%e7', '/%E7'],
    ['/a/./b/../c/', '/a/c/'],
    ['/a/b/..', '/a/'],
    ['/a/%2e%2E/b', '/b'],
    ['/../../a', '/a'],
    ['../a', '../a'],
    ['/a;v=1,2/@b:c', '/a;v=1,2/@b:c'],
    ['/a\\b', '/a%5Cb'],
    [String.raw`\\evil.example`, '%5C%5Cevil.example'],
    ['/?a=b c+d&e=%zz', '/?a=b%20c+d&e=%25zz'],
    ["/?a='", '/?a=%27'],
    ['?a=?b', '?a=?b'],
    ['?', '?'],
    ['', ''],
    ['  /a ', '/a'],
    ['HTTP://Example.ORG', 'http://example.org/'],
    ['https://example.org:443/a', 'https://example.org/a'],
    ['https://example.org:8443?a', 'https://example.org:8443/?a'],
    ['http://[::0001]/', 'http://[::1]/'],
    ['http://bücher.example/', 'http://xn--bcher-kva.example/'],
    ['//example.org:443/a', '//example.org:443/a'],
    ['//example.org:80', '//example.org:80/'],
    ['/.//evil.example', '/.//evil.example'],
    ['https://example.org//a', 'https://example.org//a'],
  ])('%j as %j', (text, href) => {
    expect(url(text).href).toBe(href);
    expect(url(href).href).toBe(href);
    expect(url(text)).toEqual(url(href));
  });

  test.each([
    ['javascript:alert(1)', /its scheme is "javascript", which is neither http nor https/],
    [' JavaScript:alert(1)', /its scheme is "JavaScript"/],
    ['java\tscript:alert(1)', /control characters/],
    ['java\nscript:alert(1)', /control characters/],
    ['\u0001javascript:alert(1)', /control characters/],
    ['\u00a0javascript:alert(1)', /its scheme/],
    ['data:text/html,x', /its scheme is "data"/],
    ['vbscript:x', /its scheme is "vbscript"/],
    ['ftp://example.org/', /its scheme is "ftp"/],
    ['http:', /no host after "http:"/],
    ['http:/evil.example', /no host after/],
    ['http:evil.example', /no host after/],
    [String.raw`http:\\evil.example`, /no host after/],
    ['//', /its host cannot be read/],
    ['///evil.example', /its host cannot be read/],
    ['https://', /its host cannot be read/],
    ['https://smith:pw@example.org/', /a user name or password cannot stand there/],
    [String.raw`https://example.org\@evil.example/`, /its host cannot be read/],
    ['https://example.org:99999/', /its host cannot be read/],
    ['https://exa mple.org/', /its host cannot be read/],
    ['/\ud800', /half a character/],
    [`/${'a'.repeat(20_000)}`, /more than 16384 characters/],
  ])('%j is none', (text, why) => {
    expect(parseUrl(text)).toBeUndefined();
    expect(() => url(text)).toThrow(why);
  });

  test('what is no URL is a mistake of the program', () => {
    expect(() => url('mailto:a@example.org')).toThrow(
      developerError(
        'E_URL',
        '\'mailto:a@example.org\' is no URL: its scheme is "mailto", which is neither http nor https.',
      ),
    );
    expect(() => url(undefined as never)).toThrow('undefined is no URL: give a text or a request.');
    expect(() => url({ href: '/' } as never)).toThrow("{ href: '/' } is no URL: give a text or a request.");
    expect(parseUrl(undefined)).toBeUndefined();
  });

  test('a URL of browsers is one, too', () => {
    expect(url(new URL('https://example.org/a?b')).href).toBe('https://example.org/a?b');
    expect(() => url(new URL('javascript:x'))).toThrow(/its scheme/);
  });

  test('a long text of any one character is read, too', () => {
    for (const piece of ['/', '%', '.', '/..', '?', '#', ' ', ':', '&', '%2e', '/./'])
      expect(typeof parseUrl(`/a${piece.repeat(5000)}x`)?.href).toBe('string');
  });
});

describe('the query', () => {
  test.each<[string, string, QueryValue, string]>([
    ['/', 'a', 1, '/?a=1'],
    ['/?', 'a', 1, '/?a=1'],
    ['/?a=0', 'a', 1, '/?a=1'],
    ['/?x=1&a=0&y=2&a=3', 'a', [1, 2], '/?x=1&a=1&a=2&y=2'],
    ['/?x=1&%61=0', 'a', 1, '/?x=1&a=1'],
    ['/?a=0&x=+%20', 'a', null, '/?x=+%20'],
    ['/?a=0', 'a', undefined, '/'],
    ['/?a=0#top', 'a', [], '/#top'],
    ['/', 'a', 'b c&d=e+f', '/?a=b%20c%26d%3De%2Bf'],
    ['/', 'a', '%20', '/?a=%2520'],
    ['/', 'a&b', '', '/?a%26b='],
    ['/', 'a', false, '/?a=false'],
    ['/', 'a', 10n, '/?a=10'],
    ['/', '__proto__', 'x', '/?__proto__=x'],
    ['/??a=1', '?a', '2', '/?%3Fa=2'],
    ['', 'page', 2, '?page=2'],
  ])('of %j with %s set to %p is %s', (text, name, value, href) => {
    expect(url(text).setQuery(name, value).href).toBe(href);
  });

  test('takes several values at once, from an object or pairs', () => {
    const people = url('/people?page=1&sort=age');
    expect(people.setQuery({ page: 2, sort: null, q: ['a', 'b'] }).href).toBe('/people?page=2&q=a&q=b');
    expect(people.setQuery(new URLSearchParams('sort=a&sort=b')).href).toBe('/people?page=1&sort=a&sort=b');
    expect(people.addQuery({ page: 2, q: undefined }).addQuery('sort', 'name').href).toBe(
      '/people?page=1&sort=age&page=2&sort=name',
    );
  });

  test('loses what is taken away, and nothing else of it is written anew', () => {
    const odd = url('/?a=1&b=%7e&&c&a&=x');
    expect(odd.without('a').href).toBe('/?b=%7e&&c&=x');
    expect(odd.without('a', 'c', '').href).toBe('/?b=%7e');
    expect(odd.without('nothing').href).toBe(odd.href);
    expect(odd.without().href).toBe('/');
  });

  test('is read as browsers read it', () => {
    const own = url('/?a=1+2&b=%26&a=%zz&c');
    expect(own.getAll('a')).toEqual(['1 2', '%zz']);
    expect([own.get('b'), own.get('c'), own.get('d')]).toEqual(['&', '', undefined]);
  });

  test.each<[string, () => unknown]>([
    ['{}', () => url('/').setQuery('a', {} as never)],
    ['NaN', () => url('/').addQuery('a', Number.NaN)],
    ['[]', () => url('/').setQuery('a', [[]] as never)],
    ['null', () => url('/').setQuery(null as never)],
    ['undefined', () => url('/').setQuery('a', [undefined] as never)],
    ['Symbol(x)', () => url('/').setQuery('a', Symbol('x') as never)],
    ["'\\ud800'", () => url('/').setQuery('a', '\ud800')],
  ])('cannot hold %s', (shown, build) => {
    expect(build).toThrow(expect.objectContaining({ code: 'E_URL_PARAMETER' }));
    expect(build).toThrow(`cannot be ${shown}`);
  });
});

describe('path and fragment', () => {
  test.each([
    ['/people', ['smith & sons'], '/people/smith%20%26%20sons'],
    ['/people/', ['a'], '/people/a'],
    ['/', ['a/b', '%2F', '?', '#'], '/a%2Fb/%252F/%3F/%23'],
    ['', ['a:b'], 'a%3Ab'],
    ['?q=1', ['a'], 'a?q=1'],
    ['/a?q=1#x', [42, ''], '/a/42/?q=1#x'],
    ['https://example.org', ['a'], 'https://example.org/a'],
    ['/', ['', 'evil.example'], '/.//evil.example'],
    ['', ['', '', 'evil.example'], '/.//evil.example'],
    ['/a', [], '/a'],
  ])('of %j with %j behind it are %j', (text, segments, href) => {
    expect(url(text).append(...segments).href).toBe(href);
  });

  test('no segment leads up', () => {
    expect(() => url('/a').append('..')).toThrow(
      developerError(
        'E_URL_PARAMETER',
        'A segment of a path cannot be "..", which browsers take for a way up; resolve "../" against the URL instead.',
      ),
    );
    expect(() => url('/a').append('.')).toThrow(/cannot be "\."/);
    expect(url('/a').append('%2e%2e').href).toBe('/a/%252e%252e');
    expect(() => url('/a').append('\ud800')).toThrow(/well-formed/);
  });

  test('a fragment is encoded, and taken away', () => {
    expect(url('/a#b').withFragment('c d#').href).toBe('/a#c%20d%23');
    expect(url('/a#b').withFragment('').href).toBe('/a');
  });
});

describe('a reference is resolved', () => {
  const BASE = 'http://example.org/b/c/d;p?q';

  // RFC 3986 5.4, in so far as it is about http.
  test.each([
    ['g', 'http://example.org/b/c/g'],
    ['./g', 'http://example.org/b/c/g'],
    ['g/', 'http://example.org/b/c/g/'],
    ['/g', 'http://example.org/g'],
    ['//g', 'http://g/'],
    ['?y', 'http://example.org/b/c/d;p?y'],
    ['g?y', 'http://example.org/b/c/g?y'],
    ['#s', 'http://example.org/b/c/d;p?q#s'],
    ['g#s', 'http://example.org/b/c/g#s'],
    [';x', 'http://example.org/b/c/;x'],
    ['', 'http://example.org/b/c/d;p?q'],
    ['.', 'http://example.org/b/c/'],
    ['..', 'http://example.org/b/'],
    ['../g', 'http://example.org/b/g'],
    ['../..', 'http://example.org/'],
    ['../../../../g', 'http://example.org/g'],
    ['/./g', 'http://example.org/g'],
    ['g.', 'http://example.org/b/c/g.'],
    ['..g', 'http://example.org/b/c/..g'],
    ['./g/.', 'http://example.org/b/c/g/'],
    ['g;x=1/../y', 'http://example.org/b/c/y'],
    ['g?y/../x', 'http://example.org/b/c/g?y/../x'],
    ['https://other.example/', 'https://other.example/'],
    ['//other.example:443', 'http://other.example:443/'],
    ['//other.example:80', 'http://other.example/'],
    ['?', 'http://example.org/b/c/d;p?'],
  ])('%j to %j', (text, href) => {
    expect(url(text).resolve(BASE).href).toBe(href);
  });

  test('against another reference it stays one', () => {
    expect(url('b').resolve('/a/x').href).toBe('/a/b');
    expect(url('b').resolve('x/y').href).toBe('x/b');
    expect(url('//other.example/').resolve('/a').href).toBe('//other.example/');
  });
});

describe('of a request', () => {
  const TARGET = '/people/b%20c?page=2';

  test('it is the whole one that the client sees', () => {
    expect(url(request(TARGET)).href).toBe('http://localhost/people/b%20c?page=2');
    const init = { headers: { Host: 'Example.org:8080' } };
    expect(url(request('/a,b?c', init)).href).toBe('http://example.org:8080/a%2Cb?c');
  });

  test('parameters and paths are those of the next page', () => {
    expect(url(request(TARGET)).setQuery('page', 3).href).toBe('http://localhost/people/b%20c?page=3');
    expect(url('edit').resolve(request(TARGET)).href).toBe('http://localhost/people/edit');
  });

  test.each(['a%00b', '1.2.3.4.5', '%'])('whose host is %j it is 400', (host) => {
    expect(() => url(request('/', { headers: { Host: host } }))).toThrow(
      expect.objectContaining({ status: 400 }),
    );
  });

  test('which names a host that no browser knows it is 400', () => {
    expect(() => url(request('/', { headers: { Host: '1.2.3.4.5' } }))).toThrow(
      httpError(400, 'The request names a host that is none'),
    );
  });

  test('has no limit but that of the server', () => {
    expect(url(request(`/${','.repeat(8000)}`)).path).toHaveLength(1 + 3 * 8000);
  });

  test('has the bases of mounts, as that of the application has', async () => {
    const person = path('/people/<name>');
    @Controller()
    class People {
      @Get(person)
      show(req: Request, name: string) {
        return [
          url(req).href,
          baseUrl(req).append('people', name).href,
          url(urlFor(req, person, name)).resolve(req).href,
          url('../other?x').resolve(req).href,
        ];
      }
    }
    const inner = await bootstrap({ controllers: [People] });
    const client = new TestClient(mount('/staff', inner));
    expect(await (await client.get('/staff/people/b%20c')).json()).toEqual([
      'http://localhost/staff/people/b%20c',
      'http://localhost/staff/people/b%20c',
      'http://localhost/staff/people/b%20c',
      'http://localhost/staff/other?x',
    ]);
  });
});

describe('a URL', () => {
  test('is never changed', () => {
    const own = url('/a?b=1');
    own.setQuery('b', 2).append('c');
    expect(own.href).toBe('/a?b=1');
    expect(() => {
      (own as { path: string }).path = '//evil.example';
    }).toThrow(TypeError);
    expect(url(own)).toBe(own);
  });

  test('is its text wherever a text is wanted', () => {
    const own = url('/a b');
    expect([`${own}`, String(own), JSON.stringify({ own }), own.toString()]).toEqual([
      '/a%20b',
      '/a%20b',
      '{"own":"/a%20b"}',
      '/a%20b',
    ]);
  });

  test('equals those that mean the same', () => {
    expect(url('HTTP://Example.org:80/%7Esmith').equals('http://example.org/~smith')).toBe(true);
    expect(url('/a').equals(url('/a/'))).toBe(false);
    expect(url('/a').equals('javascript:x')).toBe(false);
    expect(url('https://example.org').equals(new URL('https://example.org'))).toBe(true);
  });
});

describe('whatever they hold', () => {
  const text = fc.string({ unit: ODD_CHARACTERS, maxLength: 12 });
  const runs = { numRuns: 60 };

  test('values of a query come back', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(text, fc.array(text, { maxLength: 3 })), { maxLength: 4 }), (pairs) => {
        const built = pairs.reduce((own, [name, values]) => own.setQuery(name, values), url('/a?x=%zz#f'));
        const last = new Map(pairs);
        for (const [name, values] of last) expect(url(built.href).getAll(name)).toEqual(values);
        expect(new URL(built.href, 'http://h').search).toBe(built.search);
        expect([...last.keys()].reduce((own, name) => own.without(name), built).getAll('a')).toEqual([]);
      }),
      runs,
    );
  });

  test('segments come back, and no host or scheme comes of them', () => {
    const segment = text.filter((each) => each !== '.' && each !== '..');
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 4 }), (segments) => {
        const built = url('/').append(...segments);
        const seen = new URL(built.href, 'http://h');
        expect(seen.host).toBe('h');
        expect(seen.pathname.split('/').slice(1).map(decodeURIComponent)).toEqual(
          segments.length === 0 ? [''] : segments,
        );
        expect(url(built.href)).toEqual(built);
        expect(new URL(url('').append(...segments).href, 'http://h/').host).toBe('h');
      }),
      runs,
    );
  });

  test('what is read is read the same again, and as browsers read it', () => {
    const piece = fc.oneof(
      text,
      fc.constantFrom('/', '..', '.', '//', ':', '?', '#', '%2e', '%', '\\', '&', '=', 'a'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const own = parseUrl(pieces.join(''));
        if (!own) return;
        expect(parseUrl(own.href)).toEqual(own);
        expect(url(own.href).resolve('http://h/b/c').href).toBe(new URL(own.href, 'http://h/b/c').href);
      }),
      { numRuns: 200 },
    );
  });
});
