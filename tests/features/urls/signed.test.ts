/** URLs that were signed, as they are verified, and links. */
import * as crypto from 'node:crypto';
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as obol from 'obol';
import { bootstrap, Controller, Get, Post, urlFor, type Handler, type Request } from 'obol';
import { mount } from 'obol/composition';
import { guardOf, request, TestClient } from 'obol/testing';
import * as urls from 'obol/urls';
import { CheckSignedUrl, link, url, UrlSigner, urlSigner, type SignOptions } from 'obol/urls';
import { collectingLogger } from '../../support/collecting-logger.js';
import { blocksOf, runBlock } from '../../support/document-blocks.js';
import { developerError } from '../../support/errors.js';
import { ODD_CHARACTERS } from '../../support/odd-characters.js';

const keys = [randomBytes(32)];
let now = 1_000_000;
const signer = urlSigner({ keys, expires: 60, clock: () => now, user: userOf });

function userOf({ user }: Request): string | undefined {
  return typeof user === 'string' ? user : undefined;
}

/** `until`, or what the log says of a refusal. */
function outcomeOf(asked: Request, by = signer): string {
  try {
    return by.verify(asked).toISOString();
  } catch (error) {
    const { status, message, hint } = error as { status: number; message: string; hint: string };
    expect([status, message]).toEqual([403, 'This address is not good, or not any more']);
    return hint.replace('Its signature: ', '');
  }
}

const GOOD = new Date(1_060_000).toISOString();
const CHANGED = 'it was changed, or belongs to another URL.';

describe('a signed URL', () => {
  test('has its signature behind all else, and is good for its time', () => {
    const signed = signer.sign('/files/a?b=1#c');
    expect(signed.href).toMatch(/^\/files\/a\?b=1&signature=u1\.[\da-f]{8}\.[\w-]+\.[\w-]{43}#c$/);
    expect(outcomeOf(request(signed.href.replace('#c', '')))).toBe(GOOD);
  });

  test('is good to the last millisecond', () => {
    const { href } = signer.sign('/a', { expires: 1 });
    now += 999;
    expect(outcomeOf(request(href))).toBe(new Date(1_001_000).toISOString());
    now += 1;
    expect(outcomeOf(request(href))).toBe(`it ended at ${new Date(1_001_000).toISOString()}.`);
    now = 1_000_000;
  });

  test.each([
    ['/b c/%7e', '/b%20c/~'],
    ['/a,b;c/d:e', '/a%2cb%3Bc/d%3ae'],
    ['/ü/%e7', '/%c3%bc/%E7'],
    ['/a%2fb/100%25', '/a%2Fb/100%25'],
    ["/?q='x y'", '/?q=%27x%20y%27'],
    ['https://example.org/a?b', '/a?b'],
    ['/?a&&b=+', '/?a&&b=+'],
    ['/a?', '/a'],
    ['/.//b/c', '//b/c'],
  ])('of %j is good as %j', (own, sent) => {
    const signature = signer.sign(own).get('signature') ?? '';
    const target = `${sent}${sent.includes('?') ? '&' : '?'}signature=${signature}`;
    expect(outcomeOf(request(target))).toBe(GOOD);
  });

  test('is good for no clock that is none', () => {
    const { href } = signer.sign('/a');
    const broken = urlSigner({ keys, expires: 60, clock: () => Number.NaN });
    expect(outcomeOf(request(href), broken)).toMatch(/^it ended at/);
    expect(outcomeOf(request(broken.sign('/a').href))).toMatch(/^it ended/);
  });

  const SIGNED = signer.sign('/files/a?b=1&c=2').href;
  test.each([
    ['another path', SIGNED.replace('/a', '/b'), CHANGED],
    ['a longer path', SIGNED.replace('/a', '/a/'), CHANGED],
    ['two slashes before it', `/${SIGNED}`, CHANGED],
    ['what looks like a host before it', `//evil.example${SIGNED}`, CHANGED],
    ['what looks like half a host before it', `//%20:${SIGNED}`, CHANGED],
    ['letters of other case', SIGNED.replace('/a', '/A'), CHANGED],
    ['another value', SIGNED.replace('b=1', 'b=2'), CHANGED],
    ['another order', SIGNED.replace('b=1&c=2', 'c=2&b=1'), CHANGED],
    ['one more parameter', SIGNED.replace('b=1', 'b=1&d=3'), CHANGED],
    ['one less', SIGNED.replace('b=1&', ''), CHANGED],
    ['one behind the signature', `${SIGNED}&d=3`, CHANGED],
    ['no query', SIGNED.replace('b=1&c=2&', ''), CHANGED],
    ['a longer time', withUntil(SIGNED, 9_000_000), CHANGED],
    ['two signatures', `${SIGNED}&signature=x`, 'there are several.'],
    ['another one, encoded', `${SIGNED}&%73ignature=x`, 'there are several.'],
    ['none', '/files/a?b=1&c=2', 'there is none.'],
    [
      'thousands of others',
      `${SIGNED}${'&%e7'.repeat(1000)}`,
      'there are too many parameters to look for it.',
    ],
    ['an empty one', '/files/a?b=1&c=2&signature=', 'its version is unknown.'],
    ['a shorter one', SIGNED.slice(0, -1), CHANGED],
    ['one in another spelling', `${SIGNED}%3D`, CHANGED],
    ['one that is too long', `${SIGNED}${'a'.repeat(5000)}`, 'it is too long.'],
  ])('is refused with %s', (_, target, why) => {
    expect(outcomeOf(request(target))).toBe(why);
  });

  function withUntil(signed: string, until: number): string {
    const [version, id, , mac] = (url(signed).get('signature') ?? '').split('.');
    const content = Buffer.from(JSON.stringify({ until })).toString('base64url');
    return url(signed).setQuery('signature', [version, id, content, mac].join('.')).href;
  }

  test('stands for nothing under another name of its parameter', () => {
    expect(outcomeOf(request(SIGNED.replace('signature=', 'Signature=')))).toBe('there is none.');
  });

  test('is signed anew in place of what it had', () => {
    expect(signer.sign(SIGNED).getAll('signature')).toHaveLength(1);
    expect(outcomeOf(request(signer.sign(SIGNED).href))).toBe(GOOD);
  });

  test('is good whatever path and query it has', () => {
    const text = fc
      .string({ unit: ODD_CHARACTERS, maxLength: 12 })
      .filter((each) => !/^\.{1,2}$|\0/.test(each));
    fc.assert(
      fc.property(text, text, text, (segment, name, value) => {
        fc.pre(name !== 'signature');
        const signed = signer.sign(url('/a').append(segment).addQuery(name, value));
        expect(outcomeOf(request(signed.href))).toBe(GOOD);
      }),
      { numRuns: 25 },
    );
  });
});

describe('keys', () => {
  const [old] = keys;
  const rotated = urlSigner({ keys: [randomBytes(32), old ?? ''], expires: 60, clock: () => now });

  test('of which the first signs are all accepted', () => {
    expect(outcomeOf(request(signer.sign('/a').href), rotated)).toBe(GOOD);
    expect(outcomeOf(request(rotated.sign('/a').href), rotated)).toBe(GOOD);
    expect(outcomeOf(request(rotated.sign('/a').href))).toBe('it was signed with a key that is not ours.');
  });
});

describe('a URL that is bound', () => {
  const asked = (options: SignOptions, init: Parameters<typeof request>[1] = {}, user?: string): string => {
    const target = signer.sign('http://example.org/a', options).href.replace('http://example.org', '');
    return outcomeOf(Object.assign(request(target, init), { user }));
  };

  test.each<[string, SignOptions, Parameters<typeof request>[1], string]>([
    ['to a method', { method: 'POST' }, { method: 'POST' }, GOOD],
    ['to another method', { method: 'POST' }, { method: 'PUT' }, 'it is for POST.'],
    ['to GET, asked for its head', { method: 'GET' }, { method: 'HEAD' }, GOOD],
    ['to HEAD', { method: 'HEAD' }, {}, 'it is for HEAD.'],
    ['to no method', {}, { method: 'DELETE' }, GOOD],
    ['to its host', { host: true }, { headers: { Host: 'EXAMPLE.org:80' } }, GOOD],
    [
      'to another host',
      { host: true },
      { headers: { Host: 'a.example.org' } },
      'it is for the host example.org.',
    ],
    [
      'to another port',
      { host: true },
      { headers: { Host: 'example.org:8080' } },
      'it is for the host example.org.',
    ],
    ['to no host', { host: false }, { headers: { Host: 'a.example.org' } }, GOOD],
  ])('%s', (_, options, init, outcome) => {
    expect(asked(options, init)).toBe(outcome);
  });

  test('to a user is good for that user alone, whose name it does not show', () => {
    expect(asked({ user: 'smith' }, {}, 'smith')).toBe(GOOD);
    expect(asked({ user: 'smith' }, {}, 'jones')).toBe('it is for another user.');
    expect(asked({ user: 'smith' })).toBe('it is for another user.');
    expect(asked({}, {}, 'smith')).toBe(GOOD);
    const [, , content = ''] = (signer.sign('/a', { user: 'smith' }).get('signature') ?? '').split('.');
    expect(Buffer.from(content, 'base64url').toString()).not.toContain('smith');
  });

  test.each<[string, () => unknown, string, string]>([
    ['a relative URL', () => signer.sign('a'), 'E_URL', 'sign: "a" is relative; sign url(...).resolve(req).'],
    [
      'a host that it has not',
      () => signer.sign('/a', { host: true }),
      'E_URL',
      'sign: "/a" names no host, to which it is to be bound; sign url(...).resolve(req).',
    ],
    [
      'a user whom no request has',
      () => urlSigner({ keys, expires: 1 }).sign('/a', { user: 'smith' }),
      'E_SETTING',
      'sign.user: the signer does not know who asks; make it with urlSigner({ user: (request) => ... }).',
    ],
    [
      'a user who is not known',
      () => signer.sign('/a', { user: undefined as never }),
      'E_SETTING',
      'sign.user: undefined is no user; leave it out for a URL that is good for all.',
    ],
    [
      'all of time',
      () => signer.sign('/a', { expires: 2 ** 50 }),
      'E_SETTING',
      'sign.expires: 1125899906842624 is not a whole number of seconds, 1 to 3153600000.',
    ],
    [
      'no time',
      () => signer.sign('/a', { expires: 0 }),
      'E_SETTING',
      'sign.expires: 0 is not a whole number of seconds, 1 to 3153600000.',
    ],
    [
      'a method in small letters',
      () => signer.sign('/a', { method: 'get' }),
      'E_SETTING',
      'sign.method: "get" is not a method such as "GET".',
    ],
    [
      'no key',
      () => urlSigner({ keys: [], expires: 1 }),
      'E_SETTING',
      'urlSigner.keys: it must be a list of at least one, such as [process.env.LOGIN_KEY].',
    ],
  ])('to %s is a mistake', (_, make, code, message) => {
    expect(make).toThrow(developerError(code as 'E_URL', message));
  });
});

describe('@CheckSignedUrl', () => {
  @Controller('/receipts')
  class Receipts {
    @Post('/')
    create(req: Request) {
      return signer.sign(url(urlFor(req, Receipts, 'show', 42)).resolve(req)).href;
    }

    @Get('/<id:int>')
    @CheckSignedUrl(signer)
    show(_req: Request, id: number) {
      return { id };
    }

    @Get('/by-class')
    @CheckSignedUrl(UrlSigner)
    byClass() {
      return 'ok';
    }
  }

  const providers = [{ provide: UrlSigner, useValue: signer }];

  test('lets in what was signed, below a mount too, and shows in the log alone why it refuses', async () => {
    const logger = collectingLogger();
    const inner = await bootstrap({ controllers: [Receipts], providers });
    const app = await bootstrap({
      controllers: [Receipts],
      providers,
      middleware: [mount('/shop', inner)],
      logger,
    });
    const client = new TestClient(app);
    for (const base of ['', '/shop']) {
      const receipt = await (await client.post(`${base}/receipts`)).text();
      expect(receipt).toMatch(`http://localhost${base}/receipts/42?signature=`);
      const target = receipt.replace('http://localhost', '');
      expect(await (await client.get(target)).json()).toEqual({ id: 42 });
      const refused = await client.get(target.replace('42', '43'));
      expect([refused.status, await refused.text()]).toEqual([403, expect.not.stringContaining('changed')]);
    }
    expect((await client.get('/receipts/42')).status).toBe(403);
    expect(logger.notes).toContain(
      'GET /receipts/43 (Receipts.show): 403 This address is not good, or not any more. Its signature: ' +
        CHANGED,
    );
  });

  test('finds its signer in the container', async () => {
    const client = new TestClient(await bootstrap({ controllers: [Receipts], providers }));
    expect((await client.get(signer.sign('/receipts/by-class').href)).status).toBe(200);
    expect((await client.get('/receipts/by-class')).status).toBe(403);
  });

  test('wants a signer', () => {
    const wrong = [{ provide: UrlSigner, useValue: JSON.parse('{}') as UrlSigner }];
    expect(() => guardOf(CheckSignedUrl(UrlSigner), { providers: wrong })).toThrow(
      developerError(
        'E_SETTING',
        'The guard @CheckSignedUrl could not be put together: CheckSignedUrl: give it what urlSigner() gives, or a class that is provided as that.',
      ),
    );
    expect(() => guardOf(CheckSignedUrl(JSON.parse('{}') as UrlSigner))).toThrow(/CheckSignedUrl|urlSigner/);
    expect(() => guardOf(CheckSignedUrl(undefined as never))).toThrow(/CheckSignedUrl|urlSigner/);
  });
});

describe('a link', () => {
  test.each<[Parameters<typeof link>, string]>([
    [['/a b', 'A & <b>'], '<a href="/a%20b">A &amp; &lt;b&gt;</a>'],
    [[url('/').setQuery('a', '"&\''), 'x'], '<a href="/?a=%22%26%27">x</a>'],
    [['/?a=1&b=2', 'x', { class: 'c "d"' }], '<a href="/?a=1&amp;b=2" class="c &quot;d&quot;">x</a>'],
    [
      ['https://example.org', 'x', { rel: 'nofollow', download: true }],
      '<a href="https://example.org/" rel="nofollow" download>x</a>',
    ],
    [
      ['a', 'x', { 'data-id': 1, hreflang: 'de', title: undefined, hidden: false, id: null }],
      '<a href="a" data-id="1" hreflang="de">x</a>',
    ],
    [['mailto:smith@example.org?subject=a b', 'x'], '<a href="mailto:smith@example.org?subject=a%20b">x</a>'],
    [['TEL:+49 30', 'x'], '<a href="tel:+49%2030">x</a>'],
    [['./javascript:alert(1)', 'x'], '<a href="./javascript:alert(1)">x</a>'],
    [["/'onclick=alert(1)", 'x'], '<a href="/&#39;onclick=alert(1)">x</a>'],
  ])('of %j is %s', (given, html) => {
    expect(link(...given)).toBe(html);
  });

  test('has a text', () => {
    expect(link('/', 42)).toBe('<a href="/">42</a>');
    expect(() => link('/', undefined as never)).toThrow(/^The text of a link cannot be undefined/);
  });

  test('of a request is that of its page', () => {
    expect(link(request('/a'), 'x')).toBe('<a href="http://localhost/a">x</a>');
  });

  test.each([
    'javascript:alert(1)',
    'JAVASCRIPT:alert(1)',
    ' javascript:alert(1)',
    '\u0000javascript:alert(1)',
    'java\tscript:alert(1)',
    'java\r\nscript:alert(1)',
    'javascript\n:alert(1)',
    'javascript&#58;alert(1)',
    'javascript&#x3A;alert(1)',
    '&#106;avascript:alert(1)',
    'java&Tab;script:alert(1)',
    'java&NewLine;script:alert(1)',
    'javascript&colon;alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'data:text/html;base64,PHNjcmlwdD4=',
    'vbscript:msgbox(1)',
    'blob:https://example.org/1',
    'file:///etc/passwd',
    'view-source:javascript:alert(1)',
    'mailto:a@example.org\nbcc:b@example.org',
  ])('to %j is refused', (to) => {
    expect(() => link(to, 'x')).toThrow(expect.objectContaining({ code: 'E_URL' }));
  });

  test.each(['onclick', 'ONCLICK', 'onfocus', 'href', 'HREF', 'a b', 'a"', 'a>', 'xlink:href', '', 'a='])(
    'has no attribute %j',
    (name) => {
      expect(() => link('/', 'x', { [name]: 'y' })).toThrow(expect.objectContaining({ code: 'E_SETTING' }));
    },
  );

  test.each([{}, Number.NaN, Symbol('x'), '\ud800'])('has no attribute that is %p', (value) => {
    const attributes = { class: value as never };
    expect(() => link('/', 'x', attributes)).toThrow(/^The attribute "class" cannot be /);
  });
});

describe('docs/urls.md', () => {
  const modules = { obol, 'obol/urls': urls, 'node:crypto': crypto };
  const [built = '', whole = '', network = '', signed = '', written = ''] = blocksOf('docs/urls.md');

  test.each([built, written])('shows what comes of %.40s', async (block) => {
    expect(block).toContain("; // '");
    await runBlock(block, modules);
  });

  test('shows URLs of a request', async () => {
    const { People } = await runBlock(whole, modules, ['People']);
    const client = new TestClient(await bootstrap({ controllers: [People as typeof Object] }));
    expect(await (await client.get('/people/smith?page=2')).json()).toEqual({
      self: 'http://localhost/people/smith?page=2',
      next: 'http://localhost/people/smith?page=3',
      edit: 'http://localhost/people/edit',
      friend: 'http://localhost/people/jones',
      home: 'http://localhost/',
    });
  });

  test.each([
    ['/a%20b', '/a%20b'],
    ['https://evil.example/', '/'],
    ['//evil.example', '/'],
    ['/%5Cevil.example', '/%5Cevil.example'],
    ['/\\evil.example', '/%5Cevil.example'],
    ['javascript:alert(1)', '/'],
  ])('shows where %j leads', async (next, location) => {
    const { goOn } = await runBlock(network, modules, ['goOn']);
    const answer = await new TestClient(goOn as Handler).get(url('/').setQuery('next', next).href);
    expect(answer.headers.get('location')).toBe(location);
  });

  test('shows a receipt', async () => {
    const { Receipts } = await runBlock(signed, modules, ['Receipts']);
    const client = new TestClient(await bootstrap({ controllers: [Receipts as typeof Object] }));
    const { receipt } = await (await client.post('/receipts')).json<{ receipt: string }>();
    const target = receipt.replace('http://localhost', '');
    expect((await client.get(target)).status).toBe(200);
    expect((await client.get(target.replace('42', '43'))).status).toBe(403);
  });
});
