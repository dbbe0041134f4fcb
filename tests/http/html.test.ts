import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { escapeHtml } from '../../src/http/html.js';
import { htmlPage, PAGE_STYLE } from '../../src/http/html-page.js';

test('escapes the five characters that mean something in HTML', () => {
  expect(escapeHtml(`<img src='x' onerror="a&&b">`)).toBe(
    '&lt;img src=&#39;x&#39; onerror=&quot;a&amp;&amp;b&quot;&gt;',
  );
});

test('leaves other text alone', () => {
  expect(escapeHtml('Žluťoučký kůň 😀\n')).toBe('Žluťoučký kůň 😀\n');
});

test.each([
  ['a\0b', 'a\ufffdb'],
  ['\x1b[31m', '\ufffd[31m'],
  ['\x7f\x9f', '\ufffd\ufffd'],
  ['\t\n\f\r', '\t\n\f\r'],
])('replaces controls that no document may have: %j', (text, expected) => {
  expect(escapeHtml(text)).toBe(expected);
});

test('leaves nothing that could end a text or an attribute', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(escapeHtml(text)).not.toMatch(/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/);
    }),
  );
});

describe('a page', () => {
  test('escapes its title, which is its heading too', () => {
    const html = htmlPage({ title: '<b>', main: '<p>text</p>' });
    expect(html).toContain('<title>&lt;b&gt;</title>');
    expect(html).toContain('<main>\n<h1>&lt;b&gt;</h1>\n<p>text</p>\n</main>');
    expect(html).not.toContain('<nav>');
  });

  test.each([
    [{ heading: '<i>a</i>' }, '<h1><i>a</i></h1>'],
    [{ nav: '<a href="/">a</a>' }, '<body>\n<nav><a href="/">a</a></nav>\n<main>'],
    [{ style: 'b{}' }, `<style>${PAGE_STYLE}b{}</style>`],
    [{ head: '<link rel="icon" href="/a.png">' }, '</title>\n<link rel="icon" href="/a.png">\n<style>'],
    [{ head: '' }, '</title>\n<style>'],
    [{}, '</title>\n<link rel="icon" href="data:,">\n<style>'],
    [{ lang: 'cs' }, '<html lang="cs">'],
    [{ lang: '">' }, '<html lang="&quot;&gt;">'],
  ])('with %j has %s', (parts, html) => {
    expect(htmlPage({ title: 'a', main: 'b', ...parts })).toContain(html);
  });

  test('takes nothing from elsewhere, and at most 2 KB', () => {
    const html = htmlPage({ title: 'a', main: '' });
    expect(html).not.toMatch(/<script|@import|url\(|https?:/);
    expect(html.length).toBeLessThan(2300);
  });
});
