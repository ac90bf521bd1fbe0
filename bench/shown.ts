import { http1Lanes } from './lanes/http1Lanes.ts'
import type { Peer } from './peers/peer.ts'
import { guardedRequest, publicRequest } from './scenario.ts'

/** @returns what a peer with a policy answers to a good token, to none, and to one more than the bucket holds */
async function policyStatuses({ ports }: Peer, token: string): Promise<number[]> {
  const limited = guardedRequest(token).replace('/guarded/', '/limited/')
  const requests = [guardedRequest(token), publicRequest.replace('/public/', '/guarded/'), limited, limited]
  const lanes = await http1Lanes({
    port: ports.plain,
    authority: null,
    count: 1,
    request: (index) => requests[index]!,
  })
  const statuses: number[] = []
  for (const _request of requests) statuses.push(await lanes.ask(0))
  lanes.close()
  return statuses
}

/**
 * Lets a peer show, before anything is timed, that it does what it is timed for.
 *
 * @param token - that no other request uses
 * @throws Error when it does not
 */
export async function show(peer: Peer, token: string): Promise<void> {
  const open = await http1Lanes({ port: peer.ports.plain, authority: null, count: 1, request: () => publicRequest })
  const status = await open.ask(0)
  open.close()
  const shown = [
    status,
    ...(peer.skills.has('policy') && peer.name !== 'bare' ? await policyStatuses(peer, token) : []),
  ]
  const wanted = shown.length === 1 ? [200] : [200, 200, 401, 200, 429]
  if (shown.join() !== wanted.join())
    throw new Error(`${peer.name} has shown ${shown.join(', ')}, not ${wanted.join(', ')}`)
  console.log(`${peer.name} ${peer.version} shows ${[...new Set(shown)].join(', ')}`)
}
