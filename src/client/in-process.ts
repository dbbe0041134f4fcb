/** What only Node has: handlers that answer in process, and classes with their decorators. Loaded when one of them is given. */
import { templatesOf } from '../application/url-for.js';
import { ROUTE } from '../decorators/route.js';
import type { RouteInfo } from '../dispatch/table-info.js';
import { TestClient } from '../hosts/testing/test-client.js';
import type { HandlerLike } from '../message/handler-like.js';
import type { Class } from '../metadata/class.js';
import { fillTemplate } from '../routing/template.js';
import { normalizeMethods } from '../routing/router.js';
import { mistake } from './mistake.js';
import { clientRoute } from './route-table.js';
import type { CallableRoute, CallableRoutes } from './routes.js';

/** A client of a handler that keeps its cookies and follows redirects, as `fetch` does. */
export function testClientOf(handler: HandlerLike): TestClient {
  return new TestClient(handler, { followRedirects: true });
}

/**
 * The routes of a controller, with the filters of its application.
 * @param handler an application that has it; it knows what mounts around it take of the path
 */
export function routesOf(target: Class, handler?: unknown): CallableRoutes {
  const base = baseOf(target, handler);
  const routes = new Map<string, CallableRoute[]>();
  for (const { property, value } of ROUTE.ofMembers(target)) {
    const { path, methods, contract } = value;
    const list = templatesOf(target, [path]).map((template) => ({
      ...clientRoute(normalizeMethods(methods), base + template.text, contract),
      parameters: template.parameters.length,
      fill: (values: readonly unknown[]) => base + fillTemplate(template, values),
    }));
    routes.set(String(property), [...(routes.get(String(property)) ?? []), ...list]);
  }
  return routes;
}

/** The part of the path that mounts take before a controller of an application. @throws TypeError E_URL_PARAMETER where it has parameters */
function baseOf(target: Class, handler: unknown): string {
  const { routes } = (handler ?? {}) as { readonly routes?: Iterable<RouteInfo> };
  const [{ base = '' } = {}] = [...(routes ?? [])].filter((route) => route.target === target);
  if (!base.includes('<')) return base;
  throw mistake(
    'E_URL_PARAMETER',
    `client(): ${target.name} is below the mount "${base}", whose values no call takes; give the application inside, or a URL that has them.`,
  );
}
