/** The answer to clients that were not let in: one challenge for each algorithm, the strongest first (RFC 7616 3.3). */
import { challengeLine, type ChallengeParameter } from '../challenge.js';
import { Unauthorized } from '../../../kit.js';
import type { DigestPlan } from './settings.js';

/** @param isStale whether the answer was right, and only the nonce is not good any more */
export function refusal(plan: DigestPlan, realm: string, isStale = false): Unauthorized {
  const { algorithms, qops, userhash, nonces } = plan;
  const lines = algorithms.map(({ name }) => {
    const parameters: [string, ChallengeParameter][] = [
      ['realm', realm],
      ['qop', qops.join(', ')],
      ['algorithm', { token: name }],
      ['nonce', nonces.issue({ realm, algorithm: name })],
      ['charset', { token: 'UTF-8' }],
    ];
    if (userhash) parameters.push(['userhash', { token: 'true' }]);
    if (isStale) parameters.push(['stale', { token: 'true' }]);
    return challengeLine('Digest', parameters);
  });
  return new Unauthorized({ challenges: lines });
}
