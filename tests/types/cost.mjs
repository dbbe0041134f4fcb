/**
 * `node tests/types/cost.mjs [--against DIST] [--rounds 5]`: what 2,000 routes in 200 classes cost the compilers to check, with texts and
 * with path values, as medians of interleaved rounds; with the `dist` of another build, as ratios to that with texts. Needs a build.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../..');
const CACHE = join(ROOT, 'node_modules/.cache/obol-types-cost');
const CLASSES = 200;
const ROUTES = 10;
const COMPILERS = {
  'TypeScript 6': join(ROOT, 'node_modules/typescript/bin/tsc6'),
  'TypeScript 7': join(ROOT, 'node_modules/@typescript/native/bin/tsc'),
};

const { values } = parseArgs({
  options: { against: { type: 'string' }, rounds: { type: 'string', default: '5' } },
});
const now = join(ROOT, 'dist');
const subjects = [
  ...(values.against ? [{ name: 'texts, before', dist: resolve(values.against), arePaths: false }] : []),
  { name: 'texts', dist: now, arePaths: false },
  { name: 'path values', dist: now, arePaths: true },
];

for (const [compiler, path] of Object.entries(COMPILERS)) {
  const projects = subjects.map((subject) => ({
    ...subject,
    folder: write(subject),
    seconds: [],
    instantiations: 0,
  }));
  for (let round = Number(values.rounds); round > 0; round--) {
    for (const project of projects) measure(path, project);
  }
  const [first] = projects;
  for (const { name, seconds, instantiations } of projects) {
    const ratio = (median(seconds) / median(first.seconds)).toFixed(2);
    console.log(
      `${compiler}  ${name.padEnd(14)} ${median(seconds).toFixed(3)} s  x ${ratio}  ${instantiations} instantiations`,
    );
  }
}

/** A project of controllers against the declarations of a build. */
function write({ name, dist, arePaths }) {
  const folder = join(CACHE, name.replaceAll(/\W+/g, '-'));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const compilerOptions = { noEmit: true, skipLibCheck: true, paths: { obol: [join(dist, 'index.d.ts')] } };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: join(ROOT, 'tsconfig.json'), compilerOptions, include: ['*.ts'], exclude: [] }),
  );
  for (let index = 0; index < CLASSES; index++)
    writeFileSync(join(folder, `c${index}.ts`), controller(index, arePaths));
  return folder;
}

function controller(index, arePaths) {
  const routes = Array.from({ length: ROUTES }, (_, route) => {
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

function measure(compiler, project) {
  const said = execFileSync(process.execPath, [compiler, '-p', project.folder, '--extendedDiagnostics'], {
    encoding: 'utf8',
  });
  project.seconds.push(Number(/^Check time:\s+([\d.]+)s/m.exec(said)?.[1]));
  project.instantiations = Number(/^Instantiations:\s+(\d+)/m.exec(said)?.[1]);
}

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
