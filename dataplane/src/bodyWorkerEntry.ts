/**
 * What runs in the threads that check large bodies: a bundle of its own beside that of the process, or the source beside
 * this file.
 */
export const bodyWorkerEntry = new URL(
  import.meta.url.endsWith('.ts') ? './bodyWorker.ts' : './bodyWorker.mjs',
  import.meta.url,
)
