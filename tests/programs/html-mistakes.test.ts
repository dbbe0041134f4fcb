/** `page.mistakes()`: html-validate, which takes seconds to load. */
import { expect, test } from '@jest/globals';
import { Response } from 'obol';
import { TestClient, type Page } from 'obol/testing';

async function pageOf(html: string): Promise<Page> {
  return (await new TestClient(() => new Response(html)).get('/')).page();
}

test('a checker of HTML says what is wrong with a page', async () => {
  const good =
    '<!DOCTYPE html>\n<html lang="en">\n<head><title>A</title></head>\n<body><h1>A</h1></body>\n</html>\n';
  expect(await (await pageOf(good)).mistakes()).toEqual([]);
  expect(await (await pageOf('<h1><nav></nav></h1>')).mistakes()).toContainEqual(
    expect.stringMatching(/^1:6 .*<nav>.*\(element-permitted-content\)$/),
  );
});
