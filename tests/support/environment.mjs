/** Where each test file runs: Node, and of its coverage only what no earlier file of the same worker has sent. */
import { readFileSync } from 'node:fs';
import { TestEnvironment } from 'jest-environment-node';
import { descriptionsPath } from './transform.mjs';

/** What this worker has sent already: for each file of src, which of its counters were above zero. */
const sent = new Map();

/**
 * Nearly every test file loads nearly all of src. Copied, sent and merged in full, the counters of each cost more than
 * loading the code does; what is covered is the same without the repetitions, only how often is not.
 */
export default class LeanCoverageEnvironment extends TestEnvironment {
  #cache;

  constructor(config, context) {
    super(config, context);
    this.#cache = config.projectConfig.cacheDirectory;
  }

  handleTestEvent({ name }) {
    const coverage = this.global['__coverage__'];
    if (name !== 'run_finish' || !coverage) return;
    for (const [path, counters] of Object.entries(coverage)) {
      // A worker ends with the run; a process without a parent may outlive it, and copies within itself.
      if (process.send && !bringsNews(counters)) delete coverage[path];
      else
        Object.assign(
          counters,
          JSON.parse(readFileSync(descriptionsPath(this.#cache, counters.hash), 'utf8')),
        );
    }
  }
}

/** Whether something ran that had not run before; remembers it. */
function bringsNews({ path, hash, s, f, b }) {
  let known = sent.get(path);
  // A file that was changed between two tests has other counters.
  const isNew = known?.hash !== hash;
  if (isNew) sent.set(path, (known = { hash, ran: new Set() }));
  const before = known.ran.size;
  for (const [kind, counts] of [
    ['s', s],
    ['f', f],
  ])
    for (const key in counts) if (counts[key] > 0) known.ran.add(kind + key);
  for (const key in b) b[key].forEach((count, way) => count > 0 && known.ran.add(`b${key}.${way}`));
  return isNew || known.ran.size > before;
}
