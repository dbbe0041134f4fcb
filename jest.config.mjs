/** Jest runs the TypeScript tests as ES modules; swc keeps the decorator metadata. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/tests'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/tests/bench/', '/tests/types/'],
  modulePathIgnorePatterns: ['<rootDir>/tests/bench/', '<rootDir>/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^obol$': '<rootDir>/src/index.ts',
    '^obol/testing$': '<rootDir>/src/testing/index.ts',
  },
  setupFiles: ['<rootDir>/tests/support/setup.ts'],
  coverageProvider: 'v8',
  collectCoverageFrom: ['src/**/*.ts', '!src/**/index.ts'],
};
