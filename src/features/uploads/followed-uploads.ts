/** The uploads under way, and those that ended a moment ago, by the ids that browsers chose; bounded in every way. */
import { HttpError, type Request } from '../../kit.js';
import { FollowedUpload, Follower } from './followed-upload.js';

export interface FollowLimits {
  /** Milliseconds for which the figures of an upload can still be asked for when it is over. Default 30,000. */
  readonly keep: number;
  /** Uploads, those that are over among them; more are received, but cannot be followed. Default 1,000. */
  readonly maxUploads: number;
  /** Clients that follow an upload, or wait for one; the answer to more is 503. Default 1,000. */
  readonly maxFollowers: number;
}

/** Ids are a client's text: they are keys of maps only. */
export class FollowedUploads {
  readonly #limits: FollowLimits;
  /** Those under way or expected. Every expected one has a follower. */
  readonly #open = new Map<string, FollowedUpload>();
  /** Those that are over, the oldest first. */
  readonly #over = new Map<string, FollowedUpload>();
  #underWay = 0;
  #followers = 0;

  constructor(limits: FollowLimits) {
    this.#limits = limits;
  }

  /** Uploads that take up room, expected ones included. */
  get size(): number {
    return this.#open.size + this.#over.size;
  }

  /** The upload with this id; undefined when none has come. */
  find(id: string): FollowedUpload | undefined {
    const upload = this.#open.get(id) ?? this.#over.get(id);
    return upload?.state === 'expected' ? undefined : upload;
  }

  /**
   * Follows a request that uploads. One that comes when there is no room for it is only not followed: refusing it
   * would let a few slow clients lock all others out.
   * @throws HttpError 409 while another upload with this id arrives
   */
  receive(id: string, request: Request): void {
    const known = this.#open.get(id);
    if (known?.isRunning) throw new HttpError(409, 'An upload with this id is under way');
    if (!this.#makeRoom()) return;
    // One that is over may be tried again under the same id, as browsers do by themselves.
    this.#over.delete(id);
    const upload = known ?? new FollowedUpload();
    const { progress, contentLength } = request;
    this.#open.set(id, upload);
    this.#underWay++;
    request.onClose(() => {
      this.#underWay--;
      if (upload.leave(progress)) this.#archive(id, upload);
      else this.#forgetUnwanted(id, upload);
    });
    void upload.follow(progress, contentLength < 0 ? undefined : contentLength).then((isEnd) => {
      if (isEnd) this.#archive(id, upload);
    });
  }

  /**
   * Takes in a client that follows the upload with this id, now or when it comes. The end of the request is the end of it.
   * @throws HttpError 503 when there are too many
   */
  admit(id: string, request: Request): { readonly upload: FollowedUpload; readonly follower: Follower } {
    if (this.#followers >= this.#limits.maxFollowers)
      throw new HttpError(503, 'Too many clients follow uploads', { headers: { 'Retry-After': '5' } });
    const upload = this.find(id) ?? this.#expect(id);
    const follower = new Follower();
    this.#followers++;
    upload.followers.add(follower);
    request.onClose(() => {
      this.#followers--;
      upload.followers.delete(follower);
      follower.leave();
      this.#forgetUnwanted(id, upload);
    });
    return { upload, follower };
  }

  #expect(id: string): FollowedUpload {
    let upload = this.#open.get(id);
    if (!upload) this.#open.set(id, (upload = new FollowedUpload()));
    return upload;
  }

  #makeRoom(): boolean {
    if (this.#underWay >= this.#limits.maxUploads) return false;
    if (this.#underWay + this.#over.size >= this.#limits.maxUploads) {
      const [oldest = ''] = this.#over.keys();
      this.#over.delete(oldest);
    }
    return true;
  }

  #archive(id: string, upload: FollowedUpload): void {
    if (this.#open.get(id) !== upload) return;
    this.#open.delete(id);
    this.#over.set(id, upload);
    setTimeout(() => {
      if (this.#over.get(id) === upload) this.#over.delete(id);
    }, this.#limits.keep).unref();
  }

  /** No client waits any more for an upload that has not come. */
  #forgetUnwanted(id: string, upload: FollowedUpload): void {
    const isGone = upload.state === 'expected' && upload.followers.size === 0;
    if (isGone && this.#open.get(id) === upload) this.#open.delete(id);
  }
}
