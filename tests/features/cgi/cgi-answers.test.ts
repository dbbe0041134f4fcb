/** What scripts answer, from the request to the response. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { cgiDirectory, cgiProgram, type CgiDirectoryOptions } from 'obol/cgi';
import { mount } from 'obol/composition';
import { TestClient } from 'obol/testing';
import { ScriptsFolder } from './scripts.js';

let folder: ScriptsFolder;

beforeEach(() => {
  folder = new ScriptsFolder();
});

afterEach(() => {
  folder.remove();
});

function client(options: CgiDirectoryOptions = {}): TestClient {
  return new TestClient(mount('/cgi-bin', cgiDirectory(folder.path, options)));
}

/** A client of a script that writes this, with the escapes of printf. */
function writing(output: string, after = ''): TestClient {
  folder.script('a.sh', `printf '${output}'\n${after}`);
  return client();
}

describe('a document', () => {
  test('has the type, the fields and the status that the script says', async () => {
    const output =
      'Status: 404 Nope\\nContent-Type: text/plain\\nX-A: b\\nSet-Cookie: a=1\\nSet-Cookie: b=2\\n\\nhello';
    const response = await writing(output).get('/cgi-bin/a.sh');
    expect(response.status).toBe(404);
    expect(await response.text()).toBe('hello');
    expect(response.headers.get('content-type')).toBe('text/plain');
    expect(response.headers.getAll('set-cookie')).toEqual(['a=1', 'b=2']);
    expect(response.headers.get('x-a')).toBe('b');
    expect(response.headers.has('status')).toBe(false);
  });

  test('may be the body of the request', async () => {
    folder.script('cat.sh', 'printf "Content-Type: text/plain\\n\\n$CONTENT_LENGTH "; cat');
    const response = await client().post('/cgi-bin/cat.sh', { data: 'abc' });
    expect(await response.text()).toBe('3 abc');
  });

  test('may be of a body in chunks, whose length is known all the same', async () => {
    folder.script('cat.sh', 'printf "Content-Type: text/plain\\n\\n$CONTENT_LENGTH "; cat');
    const body = (async function* () {
      yield await Promise.resolve('abc');
      yield 'def';
    })();
    const response = await client().post('/cgi-bin/cat.sh', { body });
    expect(await response.text()).toBe('6 abcdef');
  });
});

test('a program answers every path', async () => {
  const program = folder.script(
    'p.sh',
    'printf "Content-Type: text/plain\n\n"; echo "$SCRIPT_NAME|$PATH_INFO|$QUERY_STRING|$1"',
  );
  const asked = new TestClient(mount('/p', cgiProgram(program, { args: ['x y'] })));
  expect(await (await asked.get('/p/a%20b/c?d=%20')).text()).toBe('/p|/a b/c|d=%20|x y\n');
});
