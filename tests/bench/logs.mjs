// CPU time of JSON lines, Obol's beside pino's, in one process and in turn. By hand: node tests/bench/logs.mjs [--blocks 30]

import { parseArgs } from 'node:util';
import { prepare } from './prepare.mjs';

const { values } = parseArgs({ options: { blocks: { type: 'string', default: '30' } } });
const blocks = Number(values.blocks);
const linesPerBlock = 20_000;
/** Both write to it line by line, each before the program goes on. */
const target = '/dev/null';

prepare();
const { logger } = await import('../../dist/ground/log/index.js');
const { default: pino } = await import('pino');

const obol = logger({ file: target });
// Neither process id nor host name: Obol's lines have none.
const peer = pino({ base: undefined }, pino.destination({ dest: target, sync: true }));

const error = new TypeError('no', { cause: new Error('why') });
const order = { id: 17, customer: { name: 'Ann', tags: ['a', 'b'] } };
const workloads = {
  'a message': (log) => log.info('A person was added'),
  'four fields': (log) => log.info({ reqId: '0f8e', method: 'GET', status: 200, ms: 1.5 }, 'answered'),
  'an object': (log) => log.info({ order }, 'ordered'),
  'a child': (log) => log.info({ name: 'smith' }, 'A person is shown'),
  'an error': (log) => log.error({ err: error }, 'GET /people/smith'),
  'a level that is off': (log) => log.debug({ name: 'smith' }, 'not written'),
};

for (const [name, write] of Object.entries(workloads)) {
  const isChild = name === 'a child';
  const pair = [obol, peer].map((log) => (isChild ? log.child({ reqId: '0f8e' }) : log));
  for (const log of pair) microseconds(log, write);
  const samples = [[], []];
  for (let block = 0; block < blocks; block++) {
    // Which comes first changes, so that what slows the machine down hits both alike.
    for (const which of block % 2 ? [0, 1] : [1, 0]) samples[which].push(microseconds(pair[which], write));
  }
  const [own, other] = samples.map(median);
  const ratio = median(samples[0].map((sample, i) => sample / samples[1][i]));
  console.log(
    `${name.padEnd(20)} obol ${own.toFixed(2)} µs  pino ${other.toFixed(2)} µs  ratio ${ratio.toFixed(2)}`,
  );
}

/** CPU time of a line, user and system. */
function microseconds(log, write) {
  const before = process.cpuUsage();
  for (let i = 0; i < linesPerBlock; i++) write(log);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / linesPerBlock;
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
}
