import { execFile } from 'node:child_process'
import type { IncomingHttpHeaders } from 'node:http'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { demoCases, headerDifferences, type Case } from '../../examples/demo/cases.ts'
import { problemCode, type Ask } from '../../examples/demo/client.ts'
import { newApiKey, writeCredentials } from '../../examples/demo/credentials.ts'
import { answerText, difference } from '../../examples/demo/row.ts'

/**
 * Sends the single requests of the demo to the quick start in a cluster and compares what comes back. Started on the
 * node as `quickstartRequests.ts PORT CA_FILE`; prints what differs, as a JSON array, and how many requests there were.
 */
const [port = '', caFile = ''] = process.argv.slice(2)
const ca = await readFile(caFile, 'utf8')
const run = promisify(execFile)

interface Received {
  readonly answer: string
  /** What the backend says that it got; null when it did not answer. */
  readonly seen: IncomingHttpHeaders | null
}

function send({ method = 'GET', path, host = 'api.shop.example', headers = {} }: Ask): Promise<Received> {
  const { promise, resolve, reject } = Promise.withResolvers<Received>()
  const to = { host: '127.0.0.1', port: Number(port), servername: 'api.shop.example', ca }
  const outgoing = request({ ...to, method, path, headers: { ...headers, host } }, (response) => {
    let body = ''
    response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    response.on('error', reject)
    response.on('end', () => {
      const { statusCode: status = 0, headers: received } = response
      const code = problemCode(received['content-type'], body)
      const seen = code === null ? (JSON.parse(body) as { readonly headers: IncomingHttpHeaders }).headers : null
      resolve({ answer: answerText({ status, code }), seen })
    })
  })
  outgoing.on('error', reject)
  outgoing.end()
  return promise
}

async function differencesOf({ what, ask, answer, backend }: Case): Promise<readonly string[]> {
  const { answer: found, seen } = await send(ask)
  const headers = backend !== undefined && seen !== null ? headerDifferences(backend, seen) : []
  return [...difference('answer', answer, found), ...headers].map((text) => `${what}: ${text}`)
}

const scratch = await mkdtemp(join(tmpdir(), 'gatehouse-quickstart-'))
try {
  const apiKey = newApiKey()
  await writeCredentials(scratch, null, apiKey)
  await run('kubectl', ['apply', '-f', join(scratch, 'partner-keys.yaml')])
  while ((await send({ path: '/orders/1', headers: { 'x-api-key': apiKey } })).answer !== '200') await pause(50)
  const cases = await demoCases({ apiKey, dataHome: null, scratch })
  const differences: string[] = []
  for (const one of cases) differences.push(...(await differencesOf(one)))
  process.stdout.write(`${JSON.stringify({ requests: cases.length, differences })}\n`)
} finally {
  await rm(scratch, { recursive: true, force: true })
}
