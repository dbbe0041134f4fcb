/**
 * Compiles TypeScript for Jest, as @swc/jest does. Code whose coverage is judged counts what runs; the descriptions of what is
 * counted are six times as long as the code, and stand in files of their own: see environment.mjs.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import swcJest from '@swc/jest';
import { createInstrumenter } from 'istanbul-lib-instrument';

const INLINE_MAP = /\n\/\/# sourceMappingURL=data:application\/json;[\w=;-]*base64,([\w+/=]+)\s*$/;
/** What stands before and behind the descriptions, as istanbul writes them. */
const [BEGIN, END] = ['var coverageData=', ';var coverage=global[gcv]'];
const VERSION = createHash('sha1')
  .update(readFileSync(import.meta.filename))
  .digest('hex');

export default {
  createTransformer(options) {
    const swc = swcJest.createTransformer(options);
    return {
      canInstrument: true,
      getCacheKey: (source, path, given) =>
        `${swc.getCacheKey(source, path, given)}-${given.instrument ? 'counting' : 'plain'}-${VERSION}`,
      process: (source, path, given) => finish(swc.process(source, path, given), path, given),
      processAsync: async (source, path, given) =>
        finish(await swc.processAsync(source, path, given), path, given),
    };
  },
};

/** Where the descriptions of a file are kept, beside what Jest keeps. */
export function descriptionsPath(cacheDirectory, hash) {
  return join(cacheDirectory, 'coverage', `${hash}.json`);
}

function finish(compiled, path, { instrument, config }) {
  return instrument ? counting(compiled.code, path, config.cacheDirectory) : compiled;
}

function counting(code, path, cacheDirectory) {
  const map = JSON.parse(Buffer.from(INLINE_MAP.exec(code)[1], 'base64'));
  const instrumenter = createInstrumenter({ esModules: true, compact: true, produceSourceMap: true });
  const counted = instrumenter.instrumentSync(code.replace(INLINE_MAP, ''), path, map);
  const [begin, end] = [counted.indexOf(BEGIN), counted.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${path}: what istanbul writes has changed`);
  const hash = /\bhash="(\w+)"/.exec(counted)[1];
  const { s, f, b, ...descriptions } = instrumenter.lastFileCoverage();
  keep(descriptionsPath(cacheDirectory, hash), JSON.stringify(descriptions));
  const counters = JSON.stringify({ path, hash, s, f, b });
  return {
    code: counted.slice(0, begin + BEGIN.length) + counters + counted.slice(end),
    map: instrumenter.lastSourceMap(),
  };
}

/** Several workers may write the same. */
function keep(path, text) {
  mkdirSync(join(path, '..'), { recursive: true });
  const own = `${path}.${process.pid}`;
  writeFileSync(own, text);
  renameSync(own, path);
}
