/** The positions in a stack trace; the lines before them can hold text from outside (M19). Null for what has none. */
export function stackFrames(error: unknown): string | null {
  if (!(error instanceof Error) || error.stack === undefined) return null
  const said = `${error.name}: ${error.message}`
  const trace = error.stack.startsWith(said) ? error.stack.slice(said.length) : error.stack
  const frames = trace.split('\n').filter((line) => /^ {4}at /.test(line))
  return frames.map((line) => line.trim()).join('; ')
}
