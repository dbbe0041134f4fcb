/** `@CheckSignedUrl`: a guard that lets in requests whose URL was signed. */
import { createGuard, ObolError } from '../../kit.js';
import { SIGNATURE, UrlSigner } from './url-signer.js';

/** A signer, or the class under which the application provides one, such as `UrlSigner` itself. */
export type SignerLike = UrlSigner | (abstract new (...parameters: never[]) => UrlSigner);

/**
 * `@CheckSignedUrl(receipts)`, on a method or a class, answers 403 to requests whose URL the signer has not signed, or whose
 * time is over.
 */
export const CheckSignedUrl = createGuard(
  'CheckSignedUrl',
  (setup, signer: SignerLike) => {
    const known = signer instanceof UrlSigner ? signer : setup.resolve(signer);
    if (!(known instanceof UrlSigner)) throw noSigner();
    return (request) => known.verify(request);
  },
  () => ({ name: 'signedUrl', scheme: { type: 'apiKey', in: 'query', name: SIGNATURE } }),
);

function noSigner(): ObolError {
  return new ObolError(
    'E_SETTING',
    'CheckSignedUrl: give it what urlSigner() gives, or a class that is provided as that.',
  );
}
