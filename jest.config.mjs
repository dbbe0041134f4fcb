/** Jest runs the TypeScript tests as ES modules; swc keeps the decorator metadata. */
export default {
  testEnvironment: '<rootDir>/tests/support/environment.mjs',
  // As many as the smallest machines have cores: many tests wait for programs and sockets, and lint runs beside them.
  maxWorkers: 2,
  // A busy machine is slow, not wrong: this ends what hangs and judges nothing else.
  testTimeout: 120_000,
  roots: ['<rootDir>/tests', '<rootDir>/samples'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/tests/bench/', '/tests/matrix/', '/tests/types/'],
  modulePathIgnorePatterns: ['<rootDir>/tests/bench/', '<rootDir>/tests/matrix/', '<rootDir>/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '<rootDir>/tests/support/transform.mjs' },
  // Gone when the packages are installed anew, as all that is kept there.
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^obol$': '<rootDir>/src/index.ts',
    '^obol/client$': '<rootDir>/src/client/index.ts',
    '^obol/contract$': '<rootDir>/src/contracts/index.ts',
    '^obol/errors$': '<rootDir>/src/http/errors.ts',
    '^obol/page$': '<rootDir>/src/http/html-page.ts',
    '^obol/log$': '<rootDir>/src/ground/log/index.ts',
    '^obol/http$': '<rootDir>/src/http/index.ts',
    '^obol/kit$': '<rootDir>/src/kit.ts',
    '^obol/(node|testing)$': '<rootDir>/src/hosts/$1/index.ts',
    '^obol/([\\w-]+)$': '<rootDir>/src/features/$1/index.ts',
  },
  setupFiles: ['<rootDir>/tests/support/setup.ts'],
  // Counters in the code of src: the profiler of V8 ('v8') slows every test down, and doubles the time of all of them.
  coverageProvider: 'babel',
  // Counters cost a seventh of the time of all tests, so only what is judged has them; `npm run nightly` counts all lines.
  collectCoverageFrom: [
    'src/{http,schema,routing,answering,message,contracts,dispatch}/**/*.ts',
    '!src/**/index.ts',
  ],
  coverageThreshold: {
    // A line counts where a statement begins; what hides behind it on the same line or the next is in the other two.
    './src/http/': { lines: 100, statements: 100, branches: 98 },
    './src/schema/': { lines: 100, statements: 99, branches: 95 },
    './src/contracts/': { lines: 100, statements: 98, branches: 92 },
    './src/routing/': { lines: 100, statements: 100, branches: 97 },
    './src/answering/': { lines: 100, statements: 99, branches: 98 },
    './src/message/': { lines: 100, statements: 99, branches: 98 },
    './src/dispatch/': { lines: 100, statements: 99, branches: 95 },
  },
};
