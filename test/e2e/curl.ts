import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { listenerPort } from './installation.ts'

const run = promisify(execFile)

export interface Answer {
  readonly status: number
  /** The last part of the problem type; null when the answer is not the gateway's own. */
  readonly code: string | null
  /** Lower-case names. */
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

const problemCode = (body: string): string | null => /"type":"urn:gatehouse:problem:([a-z-]+)"/.exec(body)?.[1] ?? null

function parse(output: string): Answer {
  const end = output.lastIndexOf('\r\n\r\n', output.length)
  const [head = '', body = ''] = end < 0 ? [output] : [output.slice(0, end), output.slice(end + 4)]
  const [status = '', ...lines] = head.split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  return { status: Number(status.split(' ')[1]), code: problemCode(body), headers, body }
}

/**
 * Runs curl against one data plane.
 *
 * @param target - `https://HOST/path`; the host is resolved to `address`
 */
export async function curl(
  address: string,
  caFile: string,
  target: string,
  ...args: readonly string[]
): Promise<Answer> {
  const { host, pathname, search } = new URL(target)
  const { stdout } = await run('curl', [
    ...['--silent', '--show-error', '--include', '--max-time', '20', '--http1.1', '--path-as-is'],
    ...['--cacert', caFile, '--resolve', `${host}:${listenerPort}:${address}`],
    ...args,
    `https://${host}:${listenerPort}${pathname}${search}`,
  ])
  return parse(stdout)
}
