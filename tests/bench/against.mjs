// Compares the build of these sources with that of another commit, round by round.

import { addBuild, buildCommit, buildHere } from './builds.mjs';
import { measure } from './measure.mjs';
import { endProgress } from './progress.mjs';
import { againstTable } from './report.mjs';
import { stopServers } from './server-process.mjs';
import { startFrameworks } from './subjects.mjs';

/**
 * Measures both under all workloads that are wanted; with a control, a second process of the other build besides. Prints for
 * each workload the CPU time of both and the median of the ratios of all rounds.
 */
export async function compareBuilds({ against, control, only, ...options }, workloadNames) {
  buildHere();
  const { folder, commit } = buildCommit(against);
  const olds = addBuild(commit, folder);
  const controls = control ? addBuild(`${commit}, again`, folder) : new Map();
  for (const name of only.filter((each) => olds.has(each))) {
    const names = { old: olds.get(name), new: name, control: controls.get(name) };
    const used = Object.values(names).filter((each) => each !== undefined);
    const compared = await startFrameworks({ ...options, only: used }, workloadNames);
    await measure(compared, options);
    await stopServers();
    endProgress();
    console.log(`\n${name}: here, compared with ${commit}\n${againstTable(compared, names)}`);
  }
}
