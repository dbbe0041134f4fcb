/** Pages in a test client: links to follow, forms to fill in and send as browsers do. */
import { describe, expect, test } from '@jest/globals';
import { Response, type Request } from 'obol';
import { TestClient, type Page, type TestResponse } from 'obol/testing';
import { loadPackage } from '../../../src/hosts/testing/optional-package.js';
import { developerError } from '../../support/errors.js';

/** Answers each POST and each path below /to with what came, and all else with the page. */
function clientOf(html: string): TestClient {
  return new TestClient(async (req: Request) => {
    if (req.method === 'GET' && !req.path.startsWith('/to')) return new Response(html);
    const isForm = req.mimeType.endsWith('form-data') || req.mimeType.endsWith('urlencoded');
    const form = isForm ? await req.readForm() : undefined;
    const fields = form ? [...form].filter(([, value]) => typeof value === 'string') : [];
    const files = await Promise.all(
      (form?.files ?? []).map(async (file) => [file.name, file.filename, await file.text()]),
    );
    const text = form || !req.hasBody ? '' : (await req.readBytes()).toString();
    const { method, target, mimeType: type } = req;
    const [referer, origin, site, accept] = ['referer', 'origin', 'sec-fetch-site', 'accept'].map((name) =>
      req.headers.get(name),
    );
    return new Response(
      JSON.stringify({ method, target, type, fields, files, text, referer, origin, site, accept }),
    );
  });
}

interface Sent {
  readonly method: string;
  readonly target: string;
  readonly type: string;
  readonly fields: [string, string][];
  readonly files: [string, string, string][];
  readonly text: string;
  readonly [header: string]: unknown;
}

async function pageOf(html: string, target = '/dir/page'): Promise<Page> {
  return (await clientOf(html).get(target)).page();
}

async function sent(response: Promise<TestResponse>): Promise<Sent> {
  return (await response).json<Sent>();
}

describe('a page', () => {
  test('has a title, a text and a URL', async () => {
    const page = await pageOf(
      '<!doctype html><title> A  b </title><script>let x</script><h1>Hello,\n you</h1><p>and <b>you</b>.<style>p{}</style>',
    );
    expect([page.title, page.text, page.url]).toEqual([
      'A b',
      'Hello, you and you.',
      'http://localhost/dir/page',
    ]);
  });

  test('may lack all of it', async () => {
    const page = await pageOf('');
    expect([page.title, page.text, page.links, page.forms]).toEqual(['', '', [], []]);
  });

  test.each([
    ['<a href="to/x?y=1#z"> To\n x </a>', 'To x', 'http://localhost/dir/to/x?y=1#z'],
    ['<a href="/to">T<i>o</i></a>', 'To', 'http://localhost/to'],
    ['<a href="?a=1">A</a>', 'A', 'http://localhost/dir/page?a=1'],
    ['<a href="/to"><img alt="Home"></a>', 'Home', 'http://localhost/to'],
    ['<a href="/to" aria-label="Home"></a>', 'Home', 'http://localhost/to'],
    ['<map><area href="/to" alt="Home"></map>', 'Home', 'http://localhost/to'],
    ['<base href="/other/"><a href="to">A</a>', 'A', 'http://localhost/other/to'],
  ])('has the link %s', async (html, text, url) => {
    expect((await pageOf(html)).links).toEqual([expect.objectContaining({ text, url })]);
  });

  test('has no link without an address', async () => {
    expect((await pageOf('<a name="x">X</a><a>Y</a>')).links).toEqual([]);
  });
});

describe('a click', () => {
  test.each<[string, string | RegExp, string]>([
    ['<a href="/to/x?y=1#z">To x</a>', 'To x', 'GET /to/x?y=1'],
    ['<a href="/to/x">To x</a><a href="/to/y">To y</a>', /y$/, 'GET /to/y'],
    ['<a href="http://localhost/to">A</a>', 'A', 'GET /to'],
    ['<a href="//localhost/to">A</a>', 'A', 'GET /to'],
    ['<form action="/to"><button name="a" value="1">Go</button></form>', 'Go', 'GET /to?a=1'],
    ['<form method="post"><input type="submit" value="Go"></form>', 'Go', 'POST /dir/page'],
    ['<form method="post" action=""><button>Go</button></form>', 'Go', 'POST /dir/page'],
    ['<form id="f" action="/to"></form><button form="f">Go</button>', 'Go', 'GET /to'],
  ])('in %s on %s sends %s', async (html, text, line) => {
    const { method, target } = await sent((await pageOf(html)).click(text));
    expect(`${method} ${target}`).toBe(line);
  });

  test.each<[string, string, string]>([
    ['<a href="/to">To</a>', 'Out', 'No link or button is "Out": "To".'],
    ['', 'Out', 'No link or button is "Out": the page has none.'],
    ['<a href="/1">A</a><a href="/2">A</a>', 'A', '2 links and buttons are "A": "A", "A".'],
    [
      '<a href="https://example.com/">A</a>',
      'A',
      'https://example.com/ leads away from localhost, which is all that this client can ask.',
    ],
    [
      '<a href="http://localhost:81/">A</a>',
      'A',
      'http://localhost:81/ leads away from localhost, which is all that this client can ask.',
    ],
    [
      '<a href="mailto:a@b.c">A</a>',
      'A',
      'mailto:a@b.c leads away from localhost, which is all that this client can ask.',
    ],
    ['<button>A</button>', 'A', 'No link or button is "A": the page has none.'],
  ])('in %s on %s is refused', async (html, text, message) => {
    await expect((await pageOf(html)).click(text)).rejects.toThrow(message);
  });

  test('comes from where the page came from, as a browser says', async () => {
    const page = await pageOf('<a href="/to">A</a><form method="post"><button>B</button></form>');
    const here = { referer: 'http://localhost/dir/page', site: 'same-origin' };
    expect(await sent(page.click('A'))).toMatchObject({
      ...here,
      accept: expect.stringMatching(/^text\/html,/),
    });
    expect(await sent(page.click('B'))).toMatchObject({ ...here, origin: 'http://localhost' });
  });

  test('of a plain page of another machine says less', async () => {
    const client = clientOf('<a href="/to">A</a>');
    const page = await (await client.get('/x', { headers: { Host: 'example.com' } })).page();
    expect(await sent(page.click('A'))).not.toHaveProperty('site');
  });

  test('sends the headers and goes the ways of its client', async () => {
    const moved = new Response(null, { status: 303, headers: { Location: '/to' } });
    const handler = (req: Request) =>
      req.path === '/'
        ? new Response('<a href="/moved">A</a>')
        : req.path === '/moved'
          ? moved.with({})
          : new Response(req.headers.get('accept') ?? '');
    const client = new TestClient(handler, { headers: { Accept: 'text/x' }, followRedirects: true });
    const response = await (await (await client.get('/')).page()).click('A');
    expect([response.url, await response.text()]).toEqual(['http://localhost/to', 'text/x']);
  });
});

describe('a form', () => {
  const post = (controls: string): string => `<form method="post" action="/to">${controls}</form>`;

  test.each<[string, [string, string][]]>([
    [
      '<input name="a" value="1"><input name="b">',
      [
        ['a', '1'],
        ['b', ''],
      ],
    ],
    ['<input value="no name"><input name="" value="x">', []],
    ['<input type="checkbox" name="a" checked><input type="checkbox" name="b">', [['a', 'on']]],
    ['<input type="radio" name="a" value="1"><input type="radio" name="a" value="2" checked>', [['a', '2']]],
    ['<select name="a"><option>1<option>2</select>', [['a', '1']]],
    ['<select name="a"><option disabled>1<option value="x">2</select>', [['a', 'x']]],
    ['<select name="a"><option>1<option selected>2<option selected>3</select>', [['a', '3']]],
    [
      '<select name="a" multiple><option selected>1<option>2<option selected>3</select>',
      [
        ['a', '1'],
        ['a', '3'],
      ],
    ],
    ['<select name="a" multiple><option>1</select><select name="b" size="3"><option>1</select>', []],
    ['<select name="a"><optgroup disabled><option>1</optgroup><option>2</select>', [['a', '2']]],
    ['<textarea name="a">\n1\n2</textarea>', [['a', '1\r\n2']]],
    ['<input name="a" value="1" disabled><input name="b" value="2" readonly>', [['b', '2']]],
    [
      '<fieldset disabled><legend><input name="a" value="1"></legend><input name="b"></fieldset>',
      [['a', '1']],
    ],
    ['<datalist><input name="a"></datalist>', []],
    [
      '<input type="hidden" name="_charset_"><input type="hidden" name="h" value="1">',
      [
        ['_charset_', 'UTF-8'],
        ['h', '1'],
      ],
    ],
    [
      '<input type="button" name="a" value="1"><input type="reset" name="b"><button type="button" name="c">x</button>',
      [],
    ],
    ['<button name="a" value="1">A</button><button name="b" value="2">B</button>', [['a', '1']]],
    [
      '<input type="image" name="a">',
      [
        ['a.x', '0'],
        ['a.y', '0'],
      ],
    ],
    ['<input type="file" name="a">', [['a', '']]],
  ])('with %s sends %j', async (controls, fields) => {
    const {
      method,
      target,
      type,
      fields: found,
    } = await sent((await pageOf(post(controls))).form().submit());
    expect([method, target, type]).toEqual(['POST', '/to', 'application/x-www-form-urlencoded']);
    expect(found).toEqual(fields);
  });

  test.each<[string, Record<string, never> | object, [string, string][]]>([
    [
      '<input name="a"><input name="b">',
      { a: 'ü\n&', b: 42 },
      [
        ['a', 'ü&'],
        ['b', '42'],
      ],
    ],
    ['<textarea name="a"></textarea>', { a: '1\n2\r3\r\n4' }, [['a', '1\r\n2\r\n3\r\n4']]],
    ['<input type="checkbox" name="a">', { a: true }, [['a', 'on']]],
    ['<input type="checkbox" name="a" checked>', { a: false }, []],
    [
      '<input type="checkbox" name="a" value="1" checked><input type="checkbox" name="a" value="2">',
      { a: ['2'] },
      [['a', '2']],
    ],
    [
      '<input type="radio" name="a" value="1" checked><input type="radio" name="a" value="2">',
      { a: '2' },
      [['a', '2']],
    ],
    ['<select name="a"><option value="1">One<option value="2">Two</select>', { a: '2' }, [['a', '2']]],
    ['<select name="a"><option value="1">One<option value="2">Two</select>', { a: 'Two' }, [['a', '2']]],
    [
      '<select name="a" multiple><option>1<option>2<option>3</select>',
      { a: ['3', '1'] },
      [
        ['a', '3'],
        ['a', '1'],
      ],
    ],
    ['<select name="a" multiple><option selected>1</select>', { a: [] }, []],
    [
      '<input name="a"><input name="a">',
      { a: ['1', '2'] },
      [
        ['a', '1'],
        ['a', '2'],
      ],
    ],
    ['<input name="a" disabled><input name="a">', { a: '2' }, [['a', '2']]],
  ])('with %s is filled with %j', async (controls, values, fields) => {
    const form = (await pageOf(post(controls))).form().fill(values as Record<string, string>);
    expect((await sent(form.submit())).fields).toEqual(fields);
  });

  test.each<[string, object, string]>([
    ['<input name="a">', { b: '1' }, 'The form has no field "b"; it has a.'],
    ['', { b: '1' }, 'The form has no field "b"; it has none.'],
    [
      '<input type="hidden" name="a">',
      { a: '1' },
      'The field "a" is hidden, so no user changes it. Send it with client.post(path, { form }).',
    ],
    [
      '<input name="a" disabled>',
      { a: '1' },
      'The field "a" is disabled, so no user changes it. Send it with client.post(path, { form }).',
    ],
    [
      '<input name="a" readonly>',
      { a: '1' },
      'The field "a" is read-only, so no user changes it. Send it with client.post(path, { form }).',
    ],
    [
      '<select name="a"><option>1<option disabled>2</select>',
      { a: '2' },
      '"2" cannot be chosen in "a", which offers "1".',
    ],
    ['<select name="a"><option>1</select>', { a: [] }, 'One option of "a" is chosen, not 0.'],
    ['<input type="radio" name="a" value="1">', { a: '2' }, '"2" cannot be chosen in "a", which offers "1".'],
    [
      '<input type="radio" name="a" value="1"><input type="radio" name="a" value="2">',
      { a: true },
      'There are several "a": give a list of 1, 2.',
    ],
    [
      '<input type="radio" name="a" value="1"><input type="RADIO" name="a" value="2">',
      { a: ['1', '2'] },
      'One radio button of "a" is on, not 2.',
    ],
    [
      '<input name="a"><input name="a">',
      { a: '1' },
      'There are 2 fields "a": give a list of as many values.',
    ],
    ['<input name="a">', { a: ['1'] }, 'The field "a" takes one text.'],
    [
      '<input type="file" name="a">',
      { a: 'x' },
      'The field "a" takes one file, such as { filename, content }.',
    ],
    [
      '<input type="file" name="a" multiple>',
      { a: ['x'] },
      'The field "a" takes files, such as { filename, content }.',
    ],
    [
      '<select name="a"><option>1</select>',
      { a: { content: 'x' } },
      'A file is for a field that takes files.',
    ],
  ])('with %s is not filled with %j', async (controls, values, message) => {
    const form = (await pageOf(post(controls))).form();
    expect(() => form.fill(values as Record<string, string>)).toThrow(new Error(message));
  });

  const upload = (controls: string): string =>
    `<form method="post" action="/to" enctype="multipart/form-data">${controls}</form>`;

  test.each<[string, object, [string, string, string][]]>([
    ['<input type="file" name="a">', { a: { filename: 'x.txt', content: 'X' } }, [['a', 'x.txt', 'X']]],
    ['<input type="file" name="a">', { a: new File(['X'], 'x.txt') }, [['a', 'x.txt', 'X']]],
    [
      '<input type="file" name="a" multiple>',
      {
        a: [
          { filename: 'x', content: 'X' },
          { filename: 'y', content: 'Y' },
        ],
      },
      [
        ['a', 'x', 'X'],
        ['a', 'y', 'Y'],
      ],
    ],
    ['<input type="file" name="a">', {}, []],
  ])('with %s uploads %j', async (controls, values, files) => {
    const form = (await pageOf(upload(`${controls}<input name="b" value="1">`))).form();
    const got = await sent(form.fill(values as Record<string, string>).submit());
    expect([got.type, got.files, got.fields]).toEqual(['multipart/form-data', files, [['b', '1']]]);
  });

  test.each<[string, string | undefined, string, string]>([
    ['<form action="/to?old=1"><input name="a" value="b c">', undefined, 'GET /to?a=b+c', ''],
    ['<form action="/to" method="dialog-x"><input name="a" value="1">', undefined, 'GET /to?a=1', ''],
    [
      '<form method="post" action="/to" enctype="text/plain"><input name="a" value="1">',
      undefined,
      'POST /to',
      'a=1\r\n',
    ],
    [
      '<form action="/to"><button formaction="/to/x" formmethod="post" formenctype="text/plain" name="a" value="1">A',
      undefined,
      'POST /to/x',
      'a=1\r\n',
    ],
    ['<form action="/to"><button>A</button><button name="b" value="1">B</button>', 'B', 'GET /to?b=1', ''],
    ['<form action="/to"><button>A</button><button name="b" value="1">B</button>', 'b', 'GET /to?b=1', ''],
    ['<form action="/to"><button id="x" name="b" value="1">B</button>', 'x', 'GET /to?b=1', ''],
    [
      '<form action="/to"><input type="submit"><input type="image" alt="Map" name="m">',
      'Map',
      'GET /to?m.x=0&m.y=0',
      '',
    ],
  ])('%s pressed at %s sends %s', async (html, button, line, text) => {
    const got = await sent((await pageOf(html)).form().submit(button));
    expect([`${got.method} ${got.target}`, got.text]).toEqual([line, text]);
  });

  test.each<[string, string | undefined, string]>([
    ['<form><button>A</button>', 'B', 'The form has no button "B"; it has "A".'],
    ['<form>', 'B', 'The form has no button "B"; it has none.'],
    [
      '<form><button disabled>A</button>',
      undefined,
      'The button "A" is disabled, so the form cannot be sent.',
    ],
    ['<form method="dialog"><button>A</button>', undefined, 'The form closes its dialog and is not sent.'],
    [
      '<form action="https://example.com/">',
      undefined,
      'https://example.com/ leads away from localhost, which is all that this client can ask.',
    ],
  ])('%s pressed at %s is refused', async (html, button, message) => {
    await expect((await pageOf(html)).form().submit(button)).rejects.toThrow(message);
  });

  const three = '<form id="a"></form><form name="b" action="/to/b"></form><form></form>';

  test.each<[string | number, string]>([
    ['a', 'a'],
    ['b', 'b'],
    [0, 'a'],
    [1, 'b'],
  ])('is found as %j', async (which, name) => {
    const form = (await pageOf(three)).form(which);
    expect(form.id || form.name).toBe(name);
  });

  test.each<[string, string | number | undefined, string]>([
    [three, undefined, 'The page has several forms: a, b, 2.'],
    [three, 'c', 'The page has no such form: a, b, 2.'],
    ['', undefined, 'The page has no such form: there is none.'],
  ])('in %s is not found as %j', async (html, which, message) => {
    const page = await pageOf(html);
    expect(() => page.form(which)).toThrow(new Error(message));
  });

  test('keeps what was entered when a button of the page is clicked, and shows it', async () => {
    const page = await pageOf(
      post('<input name="a"><input name="b" value="1"><input name="b" value="2"><button>Go</button>'),
    );
    page.form().fill({ a: 'entered' });
    expect({ ...page.form().values }).toEqual({ a: 'entered', b: ['1', '2'] });
    expect((await sent(page.click('Go'))).fields[0]).toEqual(['a', 'entered']);
  });
});

test('a package that is not installed is named with its cure', async () => {
  await expect(loadPackage('no-such-package', 'TestResponse.page()')).rejects.toThrow(
    developerError(
      'E_PACKAGE',
      'TestResponse.page() needs the package no-such-package: npm install --save-dev no-such-package',
    ),
  );
});
