import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Pool } from 'undici'

/**
 * The yardstick: the least that a correct streaming forwarder on node:http and undici does. It takes hop-by-hop headers
 * out, passes bodies on with back-pressure and aborts both ways; it checks nothing, logs nothing and counts nothing.
 * Started as `node bench/bareForwarder.ts ORIGIN`; tells its port by IPC.
 */
const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'te', 'trailer'])
const pool = new Pool(process.argv[2]!, { connections: 128, pipelining: 1, allowH2: false })
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

const server = createServer({ optimizeEmptyRequests: true }, (request, response) => {
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
})
server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }))
process.on('disconnect', () => process.exit(0))
