import { expect, test } from '@jest/globals';
import { FORM_LIMITS } from '../../src/body/form-options.js';

test('a form is bounded in every direction', () => {
  expect(FORM_LIMITS).toEqual({
    totalSize: 33554432,
    urlencodedSize: 1048576,
    fileSize: 10485760,
    fieldSize: 65536,
    fieldsSize: 1048576,
    fields: 1000,
    files: 100,
    parts: 1000,
    nameSize: 100,
    memoryFileSize: 65536,
  });
});
