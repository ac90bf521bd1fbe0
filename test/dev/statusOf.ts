import { request } from 'node:http'
import { request as secureRequest, type RequestOptions } from 'node:https'

/** Sends a request for `api.shop.example` unless the headers say otherwise. @returns the status of the answer */
export function statusOf(
  url: string,
  method = 'GET',
  headers: Readonly<Record<string, string>> = {},
  tls: Pick<RequestOptions, 'ca' | 'servername'> = {},
): Promise<number> {
  const send = url.startsWith('https:') ? secureRequest : request
  return new Promise((resolve, reject) => {
    const options = { method, headers: { host: 'api.shop.example', ...headers }, ...tls }
    const outgoing = send(url, options, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    })
    outgoing.on('error', reject).end()
  })
}
