// node _ab.ts ROUNDS REQUESTS variant... ; variant = name:kind[:entry][:ENV=V,...]  kind = bare | open | guarded | bareguarded
import { spawnSync } from 'node:child_process'
import { createIssuer } from '../test/support/issuer.ts'
import { load } from './load.ts'
import { cpuTime, startPortProcess } from './process.ts'
import { benchResources, guardedRequest, publicRequest, signTokens } from './scenario.ts'
import { startServedDataplane } from '../test/support/servedDataplane.ts'
const [, , rounds, requests, ...variants] = process.argv
spawnSync('taskset', ['-cp', '1', String(process.pid)])
const issuer = await createIssuer()
const backend = await startPortProcess('backend.ts', 1)
const tokens = variants.some((v) => v.includes('guarded')) ? (await signTokens(issuer, 1000, 'warm')).map(guardedRequest) : []
const closers: (() => Promise<void> | void)[] = []
const subjects = []
const running = new Map<string, { pid: number; port: number }>()
for (const v of variants) {
  const [name, kind, entry, env] = v.split('|')
  const key = (kind!.startsWith('bare') ? 'bare' : 'dp') + (entry ?? '') + (env ?? '')
  let r = running.get(key)
  if (r === undefined) {
    if (kind!.startsWith('bare')) {
      const b = await startPortProcess(entry || 'bareForwarder.ts', 0, [`http://127.0.0.1:${backend.port}`])
      closers.push(() => b.close()); r = b
    } else {
      const s = await startServedDataplane(benchResources(issuer, backend.port), { core: 0, ...(entry ? { entry } : {}), environment: Object.fromEntries((env ?? '').split(',').filter(Boolean).map((e) => e.split('='))) })
      const { port } = await s.process.listener('http')
      s.process.discardLines(); closers.push(() => s.close()); r = { pid: s.process.pid, port }
    }
    running.set(key, r)
  }
  const request = kind!.includes('guarded') ? (i: number) => tokens[i % tokens.length]! : () => publicRequest
  subjects.push({ name, ...r, request, values: [] as number[], busy: [] as number[] })
}
const n = Number(requests)
const med = (v: number[]) => [...v].sort((a, b) => a - b)[v.length >> 1]!
for (const s of subjects) await load({ port: s.port, connections: 32, requests: 15000, request: s.request })
for (let r = 0; r < Number(rounds); r++) for (const s of subjects) {
  const b = await cpuTime(s.pid)
  const { statuses, elapsed } = await load({ port: s.port, connections: 32, requests: n, request: s.request })
  if (statuses.get(200) !== n) throw new Error(JSON.stringify([...statuses]))
  const us = await cpuTime(s.pid) - b
  s.values.push(us / n); s.busy.push(us / 1000 / elapsed)
}
const base = subjects[0]!
for (const s of subjects) console.log(s.name!.padEnd(16), 'median', med(s.values).toFixed(1), 'min', Math.min(...s.values).toFixed(1), 'busy', med(s.busy).toFixed(2), 'ratio', med(s.values.map((x, i) => x / base.values[i]!)).toFixed(3))
for (const c of closers) await c()
backend.close()
