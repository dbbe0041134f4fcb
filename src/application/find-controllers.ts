/** Finds controllers by a glob of compiled modules. */
import { basename } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { glob } from 'tinyglobby';
import type { Problem } from '../ground/errors.js';
import { CONTROLLER } from '../decorators/controller.js';
import { isClass, type Class } from '../metadata/class.js';

/** Where controllers come from: classes, or globs of the modules that export them. */
export type ControllerSources = string | URL | readonly (Class | string | URL)[];

/** Imports what the globs match. @param report takes globs that match nothing or no controller */
export async function findControllers(
  sources: ControllerSources,
  report: (problem: Problem) => void,
): Promise<Class[]> {
  const list = typeof sources === 'string' || sources instanceof URL ? [sources] : sources;
  const found: Class[] = [];
  for (const source of list) {
    if (typeof source !== 'string' && !(source instanceof URL)) {
      found.push(source);
      continue;
    }
    const controllers = await importControllers(source, report);
    if (controllers?.length === 0) report({ code: 'E_CONTROLLER_EMPTY', message: nothingFound(source) });
    found.push(...(controllers ?? []));
  }
  return [...new Set(found)];
}

/**
 * Modules in the order of their names, so that the order of declaration is the same everywhere.
 * @returns undefined where they import each other in a circle, which is reported
 */
async function importControllers(
  source: string | URL,
  report: (problem: Problem) => void,
): Promise<Class[] | undefined> {
  const pattern = source instanceof URL ? decodeURIComponent(fileURLToPath(source)) : source;
  const files = (await glob(pattern, { absolute: true })).filter((file) => !file.endsWith('.d.ts')).sort();
  const controllers: Class[] = [];
  for (const file of files) {
    try {
      const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
      controllers.push(...Object.values(module).filter(isController));
    } catch (error) {
      const circle = circleIn(error);
      if (!circle) throw error;
      report({ ...circle, member: basename(file) });
      return undefined;
    }
  }
  return controllers;
}

/** A class that is used while its module waits for the one that uses it; undefined for any other error. */
function circleIn(error: unknown): Problem | undefined {
  const { name, message, stack = '' } = error as Partial<Error>;
  const [, used] = /^Cannot access '([^']+)' before initialization$/.exec(message ?? '') ?? [];
  if (name !== 'ReferenceError' || used === undefined) return undefined;
  const [, place = ''] = /((?:file:\/\/)?\/[^\s()]+:\d+:\d+)\)?$/m.exec(stack) ?? [];
  return {
    code: 'E_DEPENDENCY_CYCLE',
    message:
      `${used} is used before its module has run, since modules import each other in a circle. Name it in the list of the class ` +
      `that takes it, as lazy(() => ${used}); where the compiler emits metadata, import the type of the parameter with \`import type\`, too.`,
    place: place.replace(/^file:\/\//, ''),
  };
}

function isController(value: unknown): value is Class {
  return isClass(value) && CONTROLLER.ofOwnClass(value).length > 0;
}

function nothingFound(source: string | URL): string {
  return `No module that matches "${String(source)}" exports a class decorated with @Controller(). Name compiled modules; a relative glob starts at ${process.cwd()}.`;
}
