/** What the compilers are timed with: files of controllers, by name. */

const CLASSES = 200;
const ROUTES = 10;
const CONTRACTS = 50;

/** Decorators that take what Obol's take, and look at nothing. */
const UNCHECKED = `import type { Contract } from 'obol';
type Decorator = (target: object, name: string | symbol, descriptor: PropertyDescriptor) => void;
export declare function Controller(prefix: string): (target: object) => void;
export declare function Post<const P extends string, const C extends Contract>(path: P, contract?: C): Decorator;
`;

/** 2,000 routes without contracts. */
export function routeFiles(arePaths) {
  return upTo(CLASSES, (index) => [`c${index}.ts`, plainController(index, arePaths)]);
}

/** 2,000 routes that share 50 contracts. */
export function contractFiles(areChecked) {
  const decorators = areChecked ? 'obol' : './unchecked.js';
  return [
    ['unchecked.ts', UNCHECKED],
    ['contracts.ts', sharedContracts()],
    ...upTo(CLASSES, (index) => [`c${index}.ts`, controller(index, decorators)]),
  ];
}

function plainController(index, arePaths) {
  const routes = upTo(ROUTES, (route) => {
    const template = `/r${route}/<id:int>/<name:word>/x${route}`;
    const path = arePaths ? `base.path('${template}')` : `'${template}'`;
    return `  @Get(${path}) m${route}(req: Request, id: number, name: string) { return [req.path, id, name]; }`;
  });
  const [names, base] = arePaths
    ? ['Controller, Get, path', `const base = path('/c${index}');\n`]
    : ['Controller, Get', ''];
  const prefix = arePaths ? 'base' : `'/c${index}'`;
  return `import { ${names}, type Request } from 'obol';\n${base}@Controller(${prefix})\nexport class C${index} {\n${routes.join('\n')}\n}\n`;
}

function sharedContracts() {
  const each = upTo(
    CONTRACTS,
    (index) => `export const c${index} = {
  body: z.object({ name: z.string().min(1), f${index}: z.boolean(), tags: z.array(z.string()).max(10).optional() }),
  query: z.object({ limit: z.number().default(20), q${index}: z.string().optional() }),
  returns: {
    201: z.object({ id: z.number(), f${index}: z.boolean(), tags: z.array(z.string()), owner: z.object({ id: z.number(), mail: z.string() }) }),
    404: z.object({ why: z.string() }),
  },
} satisfies Contract;
`,
  );
  return `import type { Contract } from 'obol';\nimport { z } from 'zod';\n${each.join('')}`;
}

function controller(index, decorators) {
  const numbers = upTo(ROUTES, (route) => (index * ROUTES + route) % CONTRACTS);
  const routes = numbers.map(
    (number, route) => `  @Post('/r${route}/<id:int>/<name:word>', c${number})
  m${route}(req: Request, id: number, name: string, { body, query }: Valid<typeof c${number}>) {
    if (query.q${number} === name) return reply({ why: req.path }, { status: 404 });
    return { id: id + query.limit, f${number}: body.f${number}, tags: body.tags ?? [], owner: { id, mail: body.name } };
  }
`,
  );
  const shared = numbers.map((number) => `c${number}`).join(', ');
  return `import { Controller, Post } from '${decorators}';
import { reply, type Request, type Valid } from 'obol';
import { ${shared} } from './contracts.js';
@Controller('/c${index}')
export class C${index} {
${routes.join('')}}
`;
}

function upTo(count, make) {
  return Array.from({ length: count }, (_, index) => make(index));
}
