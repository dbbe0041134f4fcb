/** The ways to put handlers together, as apps of a configuration: `urlMap`, `cascade`, `mount`. */
import { checkOptions, type Handler, rule } from '../../../kit.js';
import type { HandlerLike } from '../nested-table.js';
import { isPlain } from '../../config/layers.js';
import { cascade } from '../cascade.js';
import { mount } from '../mount.js';
import { urlMap } from '../url-map.js';
import type { Factory, Part } from './part.js';

export const BUILT_IN: Readonly<Record<string, Factory<HandlerLike>>> = {
  /** `{ "use": "urlMap", "map": { "/": "site", "//files.example.org": "files" } }` */
  urlMap: async (part) => {
    checkOptions(part.place, part.values, {
      map: rule.needed(rule.that('an object of apps by their places', isPlain)),
    });
    const entries: [string, Handler][] = [];
    for (const place of Object.keys(part.values['map'] as object))
      entries.push([place, await part.app('map', place)]);
    return urlMap(entries);
  },

  /** `{ "use": "cascade", "apps": ["files", "site"], "catch": [404] }` */
  cascade: async (part) => {
    const { apps, ...options } = part.values;
    checkOptions(part.place, { apps }, { apps: rule.needed(rule.list('a list of apps', rule.any, 1)) });
    const handlers: Handler[] = [];
    for (const index of (apps as unknown[]).keys()) handlers.push(await part.app('apps', index));
    return cascade(handlers, options);
  },

  /** `{ "use": "mount", "at": "/shop", "app": "shop" }` */
  mount: async (part: Part) => {
    checkOptions(part.place, part.values, {
      at: rule.needed(rule.text('a place such as "/shop"')),
      app: rule.needed(rule.any),
    });
    return mount(String(part.values['at']), await part.app('app'));
  },
};
