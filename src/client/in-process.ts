/** What only Node has: handlers that answer in process, and classes with their decorators. Loaded when one of them is given. */
import { templatesOf } from '../application/url-for.js';
import { ROUTE } from '../decorators/route.js';
import type { RouteInfo } from '../dispatch/table-info.js';
import { TestClient } from '../hosts/testing/test-client.js';
import type { HandlerLike } from '../message/handler-like.js';
import type { Class } from '../metadata/class.js';
import { encodePath } from '../routing/template-text.js';
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
  const { base, origin } = placeOf(target, handler);
  const routes = new Map<string, CallableRoute[]>();
  for (const { property, value } of ROUTE.ofMembers(target)) {
    const { path, methods, contract } = value;
    const list = templatesOf(target, [path]).map((template) => ({
      ...clientRoute(normalizeMethods(methods), base + template.text, contract),
      parameters: template.parameters.length,
      fill: (values: readonly unknown[]) => origin + encodePath(base) + fillTemplate(template, values),
    }));
    routes.set(String(property), [...(routes.get(String(property)) ?? []), ...list]);
  }
  return routes;
}

/**
 * What mounts take before a controller of an application: the part of the path, as it reads, and the host.
 * @throws TypeError E_URL_PARAMETER where it has parameters, or any host of many
 */
function placeOf(target: Class, handler: unknown): { readonly base: string; readonly origin: string } {
  const { routes } = (handler ?? {}) as { readonly routes?: Iterable<RouteInfo> };
  const [{ base = '', host = '' } = {}] = [...(routes ?? [])].filter((route) => route.target === target);
  if (!base.includes('<') && !host.includes('*'))
    return { base, origin: host === '' || host.includes('//') ? host : `http://${host}` };
  throw mistake(
    'E_URL_PARAMETER',
    `client(): ${target.name} is below the mount "${host && `//${host}`}${base}", whose values no call takes; give the application inside, or a URL that has them.`,
  );
}
