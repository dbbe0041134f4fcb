/** The text of server-sent events. */
import { describe, expect, test } from '@jest/globals';
import { formatEvent, isEventId, type ServerSentEvent } from '../../src/http/event-stream.js';
import { developerError } from '../support/errors.js';
import { expectWithin } from '../support/timing.js';

describe('formatEvent', () => {
  const events: [ServerSentEvent | string, string][] = [
    ['hello', 'data: hello\n\n'],
    ['', 'data: \n\n'],
    [' kept', 'data:  kept\n\n'],
    [{ data: 'hello' }, 'data: hello\n\n'],
    [{ event: 'tick', data: 'x' }, 'event: tick\ndata: x\n\n'],
    [{ event: 'tick' }, 'event: tick\ndata\n\n'],
    [{ data: 'x', id: '7' }, 'data: x\nid: 7\n\n'],
    [{ id: '' }, 'id: \n\n'],
    [{ retry: 0 }, 'retry: 0\n\n'],
    [{ retry: 2500 }, 'retry: 2500\n\n'],
    [{ comment: 'still here' }, ': still here\n\n'],
    [{ comment: 'a\nb' }, ': a\n: b\n\n'],
    [{}, '\n'],
    [{ data: 'x', event: undefined, id: undefined }, 'data: x\n\n'],
    [
      { comment: 'c', event: 'e', data: 'd', id: 'i', retry: 1 },
      ': c\nevent: e\ndata: d\nid: i\nretry: 1\n\n',
    ],
  ];

  test.each(events)('of %j is %j', (event, text) => {
    expect(formatEvent(event)).toBe(text);
  });

  test.each([
    [{ a: 1, b: 'x\ny' }, 'data: {"a":1,"b":"x\\ny"}\n\n'],
    [[1, null], 'data: [1,null]\n\n'],
    [42, 'data: 42\n\n'],
    [null, 'data: null\n\n'],
    [false, 'data: false\n\n'],
  ])('sends the data %j as JSON', (data, text) => {
    expect(formatEvent({ data })).toBe(text);
  });

  test.each([
    ['a\nb', 'data: a\ndata: b\n\n'],
    ['a\rb', 'data: a\ndata: b\n\n'],
    ['a\r\nb', 'data: a\ndata: b\n\n'],
    ['a\n\rb', 'data: a\ndata: \ndata: b\n\n'],
    ['a\n', 'data: a\ndata: \n\n'],
    ['x\n\nevent: forged\ndata: y', 'data: x\ndata: \ndata: event: forged\ndata: data: y\n\n'],
    ['a\u2028b\u0085c\0d', 'data: a\u2028b\u0085c\0d\n\n'],
  ])('begins a line of data at each line break of %j', (data, text) => {
    expect(formatEvent({ data })).toBe(text);
  });

  test.each(['\n', '\r', '\0', 'a\ndata: forged', 'a\r\n'])('refuses a name or id that holds %j', (text) => {
    const message = `The name of an event is text on one line without NUL, not ${JSON.stringify(text)}.`;
    expect(() => formatEvent({ event: text })).toThrow(developerError('E_EVENT', message));
    expect(() => formatEvent({ id: text })).toThrow(developerError('E_EVENT', message.replace('name', 'id')));
  });

  test('quotes no more than the beginning of a refused text', () => {
    const message = `The id of an event is text on one line without NUL, not "${'x'.repeat(64)}".`;
    expect(() => formatEvent({ id: `${'x'.repeat(1000)}\n` })).toThrow(developerError('E_EVENT', message));
  });

  test('refuses an id that is longer than what is taken back', () => {
    expect(formatEvent({ id: 'é'.repeat(512) })).toBe(`id: ${'é'.repeat(512)}\n\n`);
    expect(() => formatEvent({ id: `${'é'.repeat(512)}x` })).toThrow(
      developerError('E_EVENT', 'The id of an event has at most 1024 bytes; shorten it.'),
    );
  });

  test.each([-1, 1.5, NaN, Infinity, '5\nx'])('refuses the delay %j', (retry) => {
    expect(() => formatEvent({ retry: retry as number })).toThrow(
      developerError(
        'E_EVENT',
        `The retry of an event is a whole number of milliseconds, not ${typeof retry === 'string' ? JSON.stringify(retry) : retry}.`,
      ),
    );
  });

  test.each([[() => 1], [Symbol('s')]])('refuses data that JSON has no text for', (data) => {
    expect(() => formatEvent({ data })).toThrow(
      developerError('E_EVENT', `The data of an event is text or JSON, not a ${typeof data}.`),
    );
  });

  test.each([
    [null, 'null'],
    [undefined, 'undefined'],
    [7, '7'],
  ])('refuses %j as an event', (event, text) => {
    expect(() => formatEvent(event as unknown as string)).toThrow(
      developerError('E_EVENT', `An event is an object such as { data: "text" }, not ${text}.`),
    );
  });

  test('takes time in proportion to the text', () => {
    expectWithin(200, () => formatEvent('\r\n'.repeat(100_000)));
  });
});

describe('isEventId', () => {
  test.each([
    ['', true],
    ['42', true],
    ['ž š', true],
    ['x'.repeat(1024), true],
    ['x'.repeat(1025), false],
    ['é'.repeat(513), false],
    ['a\nb', false],
    ['a\0', false],
  ])('of %j is %j', (text, is) => {
    expect(isEventId(text)).toBe(is);
  });
});
