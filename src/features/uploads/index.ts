/** `obol/uploads`: lets browsers follow the progress of their uploads. */
export type { UploadFigures, UploadState } from './followed-upload.js';
export { uploadProgress, type UploadProgressOptions } from './upload-progress.js';
