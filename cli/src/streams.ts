/** Where a command writes. */
export interface Streams {
  /** Results. */
  out(text: string): void
  /** Everything else. */
  err(text: string): void
}

export const processStreams: Streams = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
}
