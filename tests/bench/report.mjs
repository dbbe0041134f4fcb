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

/** A line for each workload: both builds, the ratio of the new one to the old one, and the second process of the old one. */
export function againstTable(workloads, names) {
  const lines = Object.entries(workloads)
    .filter(([, subjects]) => subjects.length > 0)
    .map(([workload, subjects]) => {
      const [old, current, control] = [names.old, names.new, names.control].map((name) =>
        subjects.find((subject) => subject.name === name),
      );
      const cells = [old, current].map(({ samples }) => median(samples, 'cpu').toFixed(1));
      return [workload, ...cells, ...ratioCells(current, old), ...(control ? ratioCells(control, old) : [])];
    });
  const control = names.control ? ['control', 'from', 'to'] : [];
  return aligned([['', 'old µs', 'new µs', 'new/old', 'from', 'to', ...control], ...lines]);
}

/** The median of the ratios in all rounds, the least and the greatest. */
function ratioCells(subject, reference) {
  const ratios = subject.samples.map(({ cpu }, round) => ({ ratio: cpu / reference.samples[round].cpu }));
  const all = ratios.map(({ ratio }) => ratio);
  return [median(ratios, 'ratio'), Math.min(...all), Math.max(...all)].map((ratio) => ratio.toFixed(3));
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
