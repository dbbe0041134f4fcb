/** What is said of the head of an answer before there is one, or whichever response it will be. */
import { namingNonce } from './csp-nonce.js';
import { HeaderProperties } from './header-properties.js';
import type { HeadChange, Settings } from './settings.js';

/** The request as an application sees it: its answers are finished by these settings. */
interface Finishing {
  settings: Settings;
}

/** Changes of the head of the answer to a request. */
export abstract class AnswerHead extends HeaderProperties {
  abstract get application(): { readonly settings: Settings };
  abstract get root(): { readonly isHeadSent: boolean | undefined };
  abstract get subrequestOf(): AnswerHead | undefined;

  /**
   * A nonce for the page that answers this request, the same each time: with it, inline scripts and styles run under the
   * application's Content-Security-Policy, which names it then: `<script nonce="${req.cspNonce}">`. A response that sets a
   * policy of its own must name it there itself. No cache may keep such a page for others.
   * @throws ObolError E_CSP_NONCE when the head of the response has gone out, as it has after the first part of a stream
   */
  get cspNonce(): string {
    const application: Finishing = this.application;
    // A part of a page runs under the policy of the page.
    const known = this.subrequestOf?.cspNonce;
    application.settings = namingNonce(application.settings, this.root.isHeadSent, known);
    return application.settings.finisher.nonce;
  }

  /**
   * Changes the head of the answer as it is put together, whichever response of the application that answer is.
   * @returns whether it is not too late, as it is where the head of a stream has gone out
   */
  onHead(change: HeadChange): boolean {
    if (this.root.isHeadSent) return false;
    const application: Finishing = this.application;
    const { settings } = application;
    application.settings = { ...settings, finisher: settings.finisher.withChange(change) };
    return true;
  }

  /** For those who may not send an answer: a function that takes back what has been changed of the head since. */
  rememberHead(): () => void {
    const application: Finishing = this.application;
    const { settings } = application;
    return () => {
      application.settings = settings;
    };
  }
}
