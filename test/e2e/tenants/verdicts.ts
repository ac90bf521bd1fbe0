import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

interface Condition {
  readonly type: string
  readonly status: string
  readonly reason: string
}

/** What the controller says of each route and policy, as `kubectl get --watch` tells. */
export interface Verdicts {
  /** `Type=Status/Reason` of an object, `kind/namespace/name`; empty while nothing is said. */
  of(object: string): readonly string[]
  /** Waits until this holds, at most half a minute: what then is missing is for the tests to say. */
  until(holds: () => boolean): Promise<void>
  close(): void
}

const line = '{.kind}/{.metadata.namespace}/{.metadata.name} {.status.conditions}{"\\n"}'

/** @param kubeconfig - of somebody who may look at all of them */
export function watchVerdicts(kubectl: string, kubeconfig: string): Verdicts {
  const verdicts = new Map<string, readonly string[]>()
  let changed = Promise.withResolvers<void>()
  const watches = ['gatewayroutes', 'accesspolicies'].map((kind) => {
    const args = ['--kubeconfig', kubeconfig, 'get', kind, '-A', '--watch', '-o', `jsonpath=${line}`]
    return spawn(kubectl, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  })
  for (const { stdout } of watches) {
    createInterface({ input: stdout }).on('line', (text) => {
      const end = text.indexOf(' ')
      const [object, conditions] = [text.slice(0, end), text.slice(end + 1)]
      const list = conditions === '' ? [] : (JSON.parse(conditions) as readonly Condition[])
      verdicts.set(
        object.toLowerCase(),
        list.map(({ type, status, reason }) => `${type}=${status}/${reason}`),
      )
      changed.resolve()
      changed = Promise.withResolvers()
    })
  }
  return {
    of: (object) => verdicts.get(object) ?? [],
    until: async (holds) => {
      const late = AbortSignal.timeout(30_000)
      const limit = new Promise<void>((resolve) => late.addEventListener('abort', () => resolve()))
      while (!holds() && !late.aborted) await Promise.race([changed.promise, limit])
    },
    close: () => watches.forEach((watch) => watch.kill()),
  }
}
