import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { escapeHtml } from '../../src/http/html.js';

test('escapes the five characters that mean something in HTML', () => {
  expect(escapeHtml(`<img src='x' onerror="a&&b">`)).toBe(
    '&lt;img src=&#39;x&#39; onerror=&quot;a&amp;&amp;b&quot;&gt;',
  );
});

test('leaves other text alone', () => {
  expect(escapeHtml('Žluťoučký kůň 😀\n')).toBe('Žluťoučký kůň 😀\n');
});

test('leaves nothing that could end a text or an attribute', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(escapeHtml(text)).not.toMatch(/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/);
    }),
  );
});
