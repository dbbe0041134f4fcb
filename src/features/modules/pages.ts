/** Pages about errors: methods of modules that are called `page_404`, or after another error status. */
import type { ModuleClass } from './web-module.js';

/** A method that makes the page of a status. */
export interface Page {
  readonly property: string;
  readonly status: number;
}

const PAGE = /^page_(\d+)$/;

/**
 * The pages that a class has, those that it inherits among them.
 * @param report takes names that look like one of a page, but of no error status
 */
export function pageNames(controller: ModuleClass, report: (mistake: string) => void): Page[] {
  for (const property of Object.getOwnPropertyNames(controller))
    if (PAGE.test(property))
      report(`${controller.name}.${property} is no page, since it is static; take the word static away.`);
  return [...memberNames(controller)].flatMap((property) => {
    const [, code] = PAGE.exec(property) ?? [];
    if (code === undefined) return [];
    if (/^[45]\d\d$/.test(code)) return { property, status: Number(code) };
    report(`${controller.name}.${property} is the page of no error status; those are 400 to 599.`);
    return [];
  });
}

function memberNames(controller: ModuleClass): Set<string> {
  const names = new Set<string>();
  let prototype = controller.prototype as object | null;
  for (
    ;
    prototype && prototype !== Object.prototype;
    prototype = Object.getPrototypeOf(prototype) as object | null
  )
    for (const name of Object.getOwnPropertyNames(prototype)) names.add(name);
  return names;
}
