import { describe, expect, jest, test } from '@jest/globals';
import { Form } from '../../src/body/form.js';
import { UploadedFile } from '../../src/body/uploaded-file.js';
import { httpError } from '../support/errors.js';

const file = (name: string, filename: string): UploadedFile =>
  new UploadedFile({ name, filename, type: 'text/plain' }, { kind: 'memory', bytes: Buffer.from('x') }, 1);

const one = file('one', 'a.txt');
const several = [file('many', 'b.txt'), file('many', 'c.txt')];
const form = new Form(new Map([['text', ['1', '2']]]), [one, ...several]);

describe('Form', () => {
  test('is empty when nothing was sent', () => {
    expect(new Form().size).toBe(0);
    expect(new Form().files).toEqual([]);
  });

  test('gives text fields as query arguments are given', () => {
    expect(form.getFirst('text', 0, Number)).toBe(1);
    expect(form.getList('text')).toEqual(['1', '2']);
    expect(form.getList('one')).toEqual([]);
    expect(form.getFirst('one', 'none')).toBe('none');
  });

  test('has files as members beside its text', () => {
    expect([form.has('one'), form.has('many'), form.has('text'), form.has('no')]).toEqual([true, true, true, false]);
    expect(form.size).toBe(3);
    expect(form.names()).toEqual(['text', 'one', 'many']);
    expect([...form]).toEqual([['text', '1'], ['text', '2'], ['one', one], ['many', several[0]], ['many', several[1]]]);
  }); // prettier-ignore

  test('has text and a file of one name', () => {
    const both = new Form(new Map([['one', ['1']]]), [one]);
    expect([both.size, both.getList('one'), both.getFiles('one')]).toEqual([1, ['1'], [one]]);
    expect([...both]).toEqual([['one', '1'], ['one', one]]); // prettier-ignore
  });

  test('keeps the order in which its parts were sent', () => {
    const [text] = new Form(new Map([['text', ['1']]])).fields;
    const mixed = new Form(undefined, undefined, text ? [one, text, ...several] : []);
    expect(mixed.names()).toEqual(['one', 'text', 'many']);
    expect(mixed.files).toEqual([one, ...several]);
  });

  test('gives its text fields with what is known of them', () => {
    const plain = { type: 'text/plain', typeOptions: new Map(), dispositionOptions: new Map() };
    expect(form.fields).toEqual([{ name: 'text', value: '1', ...plain }, { name: 'text', value: '2', ...plain }]); // prettier-ignore
    expect(form.getField('text')).toBe(form.fields[0]);
    expect(form.getField('one')).toBeUndefined();
  });

  test('gives all files in the order sent', () => {
    expect(form.files.map(({ filename }) => filename)).toEqual(['a.txt', 'b.txt', 'c.txt']);
  });
});

describe('getFile', () => {
  test('gives the only file of a field', () => {
    expect(form.getFile('one')).toBe(one);
  });

  test.each(['no', 'text', '__proto__', 'constructor'])('gives undefined for %s', (name) => {
    expect(form.getFile(name)).toBeUndefined();
  });

  test('answers 400 when there are several, for only one of them would be looked at', () => {
    expect(() => form.getFile('many')).toThrow(httpError(400, 'There is more than one file in "many"'));
  });
});

describe('getFiles', () => {
  test.each([
    ['one', [one]],
    ['many', several],
    ['no', []],
  ])('gives every file of %s', (name, expected) => {
    expect(form.getFiles(name)).toEqual(expected);
  });
});

test('dispose removes every file', async () => {
  const files = [file('a', 'a'), file('b', 'b')];
  const disposals = files.map((each) => jest.spyOn(each, 'dispose'));
  await new Form(new Map(), files).dispose();
  for (const disposal of disposals) expect(disposal).toHaveBeenCalledTimes(1);
});
