import { readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecure } from 'node:https'
import { Pool } from 'undici'
import { scriptArguments, serve } from './peers/told.ts'

/**
 * The yardstick: the least that a correct streaming forwarder on node:http and undici does. It takes hop-by-hop headers
 * out, passes bodies on with back-pressure and aborts both ways; it checks nothing, logs nothing and counts nothing.
 * Started as `node bench/bareForwarder.ts ORIGIN CERTIFICATE KEY`; tells its ports by IPC.
 */
const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'te', 'trailer'])
const { origin, certificate, key } = scriptArguments()
const pool = new Pool(origin, { connections: 128, pipelining: 1, allowH2: false })
const gone = new Error('the client went away')

/** @param raw - name, value, name, value … as both libraries keep them */
function passedOn(raw: readonly (string | Buffer)[]): string[] {
  const headers: string[] = []
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index]!.toString('latin1')
    if (!hopByHop.has(name.toLowerCase())) headers.push(name, raw[index + 1]!.toString('latin1'))
  }
  return headers
}

const forward: RequestListener = (request, response) => {
  const { headers } = request
  const bodiless = headers['content-length'] === undefined && headers['transfer-encoding'] === undefined
  let abort: ((reason: Error) => void) | null = null
  response.on('close', () => {
    if (!response.writableFinished) abort?.(gone)
  })
  pool.dispatch(
    {
      method: request.method!,
      path: request.url!,
      headers: passedOn(request.rawHeaders),
      body: bodiless ? null : request,
      reset: false,
    },
    {
      onRequestStart: (controller) => {
        abort = (reason) => controller.abort(reason)
      },
      onResponseStart: (controller, status) => {
        if (status >= 200) response.writeHead(status, passedOn(controller.rawHeaders as Buffer[]))
      },
      onResponseData: (controller, chunk) => {
        if (response.write(chunk)) return
        controller.pause()
        response.once('drain', () => controller.resume())
      },
      onResponseEnd: () => response.end(),
      onResponseError: () => (response.headersSent ? response.destroy() : response.writeHead(502).end()),
    },
  )
}

const options = { optimizeEmptyRequests: true }
const tls = { cert: readFileSync(certificate), key: readFileSync(key), minVersion: 'TLSv1.2' } as const
await serve(createServer(options, forward), createSecure({ ...options, ...tls }, forward))
