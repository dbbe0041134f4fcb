/** What errors of the file system are for a client. */
import { describe, expect, test } from '@jest/globals';
import { fileError, refuseUnlessAbsent } from '../../src/files/file-error.js';
import { httpError } from '../support/errors.js';

describe('fileError', () => {
  test.each(['ENOENT', 'EACCES', 'EPERM', 'ELOOP', 'ENOTDIR', 'ENXIO'])('takes %s for a 404', (code) => {
    const error = Object.assign(new Error('secret path'), { code });
    expect(fileError(error)).toMatchObject({ status: 404, message: 'Nothing is here', cause: error });
  });

  test.each(['EMFILE', 'ENFILE'])('takes %s for a 503 that passes', (code) => {
    expect(fileError(Object.assign(new Error('secret path'), { code }))).toMatchObject({
      status: 503,
      message: 'Too many files are open',
      headers: { 'Retry-After': '1' },
    });
  });

  test.each([Object.assign(new Error('x'), { code: 'EIO' }), new Error('x'), { code: 5 }, null, 'x'])(
    'leaves %p as it is',
    (error) => {
      expect(fileError(error)).toBe(error);
    },
  );
});

describe('refuseUnlessAbsent', () => {
  test.each(['EMFILE', 'ENFILE'])('%s is 503', (code) => {
    expect(() => {
      refuseUnlessAbsent(Object.assign(new Error('too many'), { code }));
    }).toThrow(httpError(503, 'Too many files are open'));
  });

  test.each([Object.assign(new Error('disk'), { code: 'EIO' }), new TypeError('x')])(
    '%s is a failure of this machine',
    (error) => {
      expect(() => {
        refuseUnlessAbsent(error);
      }).toThrow(error);
    },
  );
});
