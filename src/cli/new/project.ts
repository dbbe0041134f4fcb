/** The files of a new project. */
import type { Choices } from './choices.js';
import { PAGE, PAGE_APP, PAGE_CONTROLLER, PAGE_SERVICE, STYLE } from './page-sources.js';
import { readme } from './readme.js';
import { GITIGNORE, packageJson, tsconfig } from './settings.js';
import { APP, CONTROLLER, MAIN, SERVICE } from './sources.js';
import { testSource } from './test-sources.js';

/** @returns paths within the project, with what stands in the files */
export function projectFiles(name: string, choices: Choices): ReadonlyMap<string, string> {
  return new Map([
    ['package.json', packageJson(name, choices)],
    ['tsconfig.json', tsconfig(choices)],
    ['.gitignore', GITIGNORE],
    ['README.md', readme(name, choices)],
    ['src/main.ts', MAIN],
    ...(choices.pages ? PAGES : JSON_ONLY),
    ['src/home-controller.test.ts', testSource(choices)],
  ]);
}

const JSON_ONLY: readonly (readonly [path: string, text: string])[] = [
  ['src/app.ts', APP],
  ['src/home-controller.ts', CONTROLLER],
  ['src/greetings.ts', SERVICE],
];

const PAGES: readonly (readonly [path: string, text: string])[] = [
  ['src/app.ts', PAGE_APP],
  ['src/home-controller.ts', PAGE_CONTROLLER],
  ['src/guests.ts', PAGE_SERVICE],
  ['src/page.ts', PAGE],
  ['public/style.css', STYLE],
];
