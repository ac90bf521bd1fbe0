import { listenerViews, type ListenerView } from '../gateway/listenerViews.ts'
import type { ParsedResources } from '../gateway/parse.ts'
import { socketOf } from '../gateway/socket.ts'
import { createSelector } from '../gateway/serverName.ts'

/** Where a request may come in. */
export interface Door {
  readonly listener: string
  readonly socket: string
  readonly scheme: 'http' | 'https'
  /** The certificate that would be presented for its host. */
  readonly certificate: string | null
  readonly trustHash: string | null
}

const protocolOf = (url: URL): 'HTTP' | 'HTTPS' => (url.protocol === 'https:' ? 'HTTPS' : 'HTTP')

function doorOf(view: ListenerView, views: readonly ListenerView[], host: string): Door {
  const { spec, name } = view
  const socket = socketOf(spec)
  const selection = createSelector(views.filter((one) => socketOf(one.spec) === socket))(host)
  if (spec.protocol === 'HTTP') {
    // Without TLS the listener is chosen by the host of the request, whichever one the connection was for.
    return { listener: selection?.listener.name ?? name, socket, scheme: 'http', certificate: null, trustHash: null }
  }
  const certificate = selection?.certificate ?? null
  return { listener: name, socket, scheme: 'https', certificate, trustHash: view.trustHash }
}

/** The listeners through which a request to this URL may come in: those of its port first, if any has that. @param named - the one listener, if it is there */
export function doorsFor(
  parsed: ParsedResources,
  url: URL,
  named: string | null,
): { readonly doors: readonly Door[]; readonly otherProtocol: boolean } {
  const { views } = listenerViews(parsed, null)
  const known = views.filter(({ name }) => name === named)
  if (known.length > 0) return { doors: known.map((view) => doorOf(view, views, url.hostname)), otherProtocol: false }
  const speaking = views.filter(({ spec }) => spec.protocol === protocolOf(url))
  const candidates = speaking.length > 0 ? speaking : views
  const atPort = candidates.filter(({ spec }) => String(spec.port) === url.port)
  const ordered = [...atPort, ...candidates.filter((view) => !atPort.includes(view))]
  return { doors: ordered.map((view) => doorOf(view, views, url.hostname)), otherProtocol: speaking.length === 0 }
}
