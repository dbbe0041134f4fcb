/** What the tools of a new project read: package.json, tsconfig.json, and what git leaves out. */
import type { Choices, Runner } from './choices.js';
import { packagesOf } from './packages.js';

const TEST: Readonly<Record<Runner, string>> = {
  node: 'node --import tsx --test src/*.test.ts',
  vitest: 'vitest run --dir src',
  jest: 'jest',
};

export const GITIGNORE = `node_modules/
dist/
`;

export function packageJson(name: string, { test }: Choices): string {
  const manifest = {
    name,
    version: '0.1.0',
    private: true,
    type: 'module',
    engines: { node: '>=20.19' },
    scripts: {
      dev: 'node --watch --import tsx src/main.ts',
      build: 'tsc',
      start: 'node --enable-source-maps dist/main.js',
      test: TEST[test],
      lint: 'oxlint --deny-warnings',
    },
    ...packagesOf(test),
    ...(test === 'jest' && { jest: { preset: 'obol/jest' } }),
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

const LEGACY = `
    "experimentalDecorators": true, // the decorators that Vitest 4 can compile`;

/** With what each line is for. */
export function tsconfig({ test }: Choices): string {
  return `{
  "compilerOptions": {
    "target": "es2022", // what Node runs from version 20 on
    "module": "nodenext", // modules and packages are found as Node finds them
    "types": ["node"], // process, Buffer and the like: those of @types/node
    "strict": true, // all checks of types, those of Obol's parameters among them${test === 'vitest' ? LEGACY : ''}
    "rootDir": "src", // src/main.ts ...
    "outDir": "dist", // ... becomes dist/main.js
    "sourceMap": true, // node --enable-source-maps then names lines of TypeScript
    "skipLibCheck": true // your own code is checked, and no package's declarations
  },
  "include": ["src"]
}
`;
}
