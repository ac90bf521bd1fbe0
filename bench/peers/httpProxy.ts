import { readFileSync } from 'node:fs'
import { Agent, createServer as createPlain, type RequestListener } from 'node:http'
import { createServer as createSecure } from 'node:https'
import httpProxy from 'http-proxy'
import { logLine, scriptArguments, serve } from './told.ts'

/** http-proxy as its documentation starts it, with kept connections to the backend. */
const { origin, certificate, key } = scriptArguments()
const proxy = httpProxy.createProxyServer({
  target: origin,
  agent: new Agent({ keepAlive: true, maxSockets: 128 }),
  xfwd: true,
  ws: true,
})
proxy.on('error', (_error, _request, response) => response.destroy())

const listener: RequestListener = (request, response) => {
  response.on('finish', () => {
    logLine(request.method ?? '', request.url ?? '', response.statusCode, request.socket.remoteAddress ?? '')
  })
  proxy.web(request, response)
}
const plain = createPlain(listener)
const secure = createSecure(
  { cert: readFileSync(certificate), key: readFileSync(key), minVersion: 'TLSv1.2' },
  listener,
)
for (const server of [plain, secure]) server.on('upgrade', (request, socket, head) => proxy.ws(request, socket, head))
await serve(plain, secure)
