// Turns samples into the tables that are printed at the end.

import { labelOf } from './frameworks.mjs';

/** A line for each framework, for each workload the CPU, its ratio to each of the references, and the rate. */
export function frameworkTable(workloads, references = ['bare']) {
  const names = new Set(Object.values(workloads).flatMap((subjects) => subjects.map(({ name }) => name)));
  const header = Object.keys(workloads).flatMap((workload) => [
    `${workload} µs`,
    ...references.map((reference) => `×${reference}`),
    'req/s',
  ]);
  const lines = Array.from(names, (name) => [
    labelOf(name),
    ...Object.values(workloads).flatMap((subjects) => loadCells(subjects, name, references)),
  ]);
  return aligned([['', ...header], ...lines]);
}

/** A line for each number of routes, compared with the fewest. */
export function routeTable(subjects) {
  const fewest = subjects[0]?.name;
  const lines = subjects.map(({ name }) => [`Obol, ${name} routes`, ...loadCells(subjects, name, [fewest])]);
  return aligned([['', 'params µs', `×${fewest}`, 'req/s'], ...lines]);
}

export function startupTable(subjects) {
  const lines = subjects.map(({ name, samples }) => [
    `${labelOf(name)}, 1000 controllers`,
    median(samples, 'time').toFixed(0),
    megabytes(median(samples, 'rss')),
    megabytes(median(samples, 'heapUsed')),
  ]);
  return aligned([['', 'startup ms', 'RSS MB', 'heap MB'], ...lines]);
}

/** A line for each framework and route, a column for each size of the file. */
export function memoryTable(subjects) {
  const sizes = subjects[0]?.samples.map(({ size }) => `${size / 1024 ** 2} MiB`) ?? [];
  const lines = subjects.map(({ name, path, samples }) => [
    `${labelOf(name)}, ${path.slice(1)}`,
    megabytes(median(samples, 'before')),
    ...samples.map(({ peak }) => megabytes(peak)),
  ]);
  return aligned([['', 'before MB', ...sizes], ...lines]);
}

/** The header differences to bare node:http, each with the workloads it was seen in. */
export function headerNotes(workloads) {
  const seenIn = new Map();
  for (const [workload, subjects] of Object.entries(workloads)) {
    for (const { name, headerDifferences } of subjects) {
      for (const difference of headerDifferences) {
        const note = `${name}: ${difference}`;
        seenIn.set(note, [...(seenIn.get(note) ?? []), workload]);
      }
    }
  }
  const notes = Array.from(seenIn, ([note, names]) => `${note} (${names.join(', ')})`);
  return notes.sort().join('\n');
}

function loadCells(subjects, name, references) {
  const subject = subjects.find((each) => each.name === name);
  if (!subject) return ['-', ...references.map(() => '-'), '-'];
  const { samples } = subject;
  const cpu = median(samples, 'cpu');
  const ratios = references.map((reference) => {
    const compared = subjects.find((each) => each.name === reference);
    return compared ? (cpu / median(compared.samples, 'cpu')).toFixed(2) : '-';
  });
  return [cpu.toFixed(1), ...ratios, median(samples, 'rate').toFixed(0)];
}

function median(samples, figure) {
  const sorted = samples.map((sample) => sample[figure]).sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
}

function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1);
}

/** The lines with columns of even width, or nothing if there is only a header. */
function aligned(lines) {
  if (lines.length === 1) return '';
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const alignedLine = ([label, ...cells]) =>
    [label.padEnd(widths[0]), ...cells.map((cell, index) => cell.padStart(widths[index + 1]))].join('  ');
  return lines.map(alignedLine).join('\n');
}
