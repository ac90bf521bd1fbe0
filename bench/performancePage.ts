import { readFileSync } from 'node:fs'
import { median, ratio, type Measured } from './measured.ts'
import { heldSizes } from './heldMemory.ts'
import type { Peer } from './peers/peer.ts'

/** How it was measured, a table for each work, and where the time goes, in Markdown. */
export function performanceText(
  measured: readonly Measured[],
  peers: readonly Pick<Peer, 'name' | 'version'>[],
  { rounds, tokens, pacedSeconds }: { readonly rounds: number; readonly tokens: number; readonly pacedSeconds: number },
): string {
  const works = [...new Set(measured.map(({ work }) => work))]
  const versions = peers.map(({ name, version }) => `${name} ${version}`).join(', ')
  return [
    `\`make bench\` writes this page; run it on a machine that does nothing else. Every peer is asked for the same bytes in
one run, turn by turn, ${rounds} rounds, each beginning with another peer. The proxy has one core; load and backend share the
other. CPU is user and system time of all threads of all its processes (\`/proc/PID/task/*/schedstat\`) for each request, the
median of the rounds, with the least and the most; a ratio is the median of the rounds' ratios. Requests a second are those of
32 connections that each ask again when answered; where the proxy is cheap, load and backend are the limit. p50 and p99 are at
half of that rate, asked for steadily for ${pacedSeconds} s, from when a request was due. RSS is after the work.`,
    `Before anything is timed each proxy has shown a 200, and where it has the policy a 401 without a token and a 429 beyond the
limit. Peers: ${versions}. "bare" is \`bench/bareForwarder.ts\`: node:http and undici, bodies streamed, no checks, no log. All
others write one line of JSON for each request to a pipe that is thrown away (nginx to a file), use one process or one worker, keep connections
to the backend, set the forwarding headers, bound headers at 16 KiB, heads at 15 s and idle bodies at 60 s, speak TLS 1.2 and
1.3 only, and never retry; their configurations are in \`bench/peers\`. The policy is an RS256 token (${tokens} of as many
subjects take turns, all remembered: Envoy with its JWT cache), a tenant and a role by claim, and a token bucket, which the
gateway keeps by principal and Envoy one for all.`,
    ...works.map((work) =>
      workText(
        work,
        measured.filter((one) => one.work === work),
      ),
    ),
    readFileSync(new URL('profile.md', import.meta.url), 'utf8').trimEnd(),
    `## Memory

One data plane from the bundle of its image, with the environment of the image and the heap that Node takes in the chart's
container of 512 MiB: ${number(heldSizes.routes)} routes, then ${number(heldSizes.connections)} connections that have each had one answer, then ${number(heldSizes.requests)} more
requests on all of them at once. The tables above are of the sources, with the heap of a machine without a limit.`,
    '## Targets',
  ].join('\n\n')
}

const titles: Readonly<Record<string, string>> = {
  'small-get': 'GET, 250 bytes',
  policy: 'The same with an RS256 token, rules on claims and a token bucket',
  'policy-tls': 'The same over TLS',
  'small-get-tls': 'GET over TLS, 250 bytes',
  'response-100-kib': 'GET, 100 KiB',
  'upload-1-mib': 'POST, 1 MiB',
  routes: 'GET with 4 routes and with 10,000',
  'h2-get': 'GET over HTTP/2 and TLS, 250 bytes',
  'grpc-unary': 'gRPC unary, 64 bytes',
  websocket: 'WebSocket messages, 100 bytes',
}

function workText(work: string, measured: readonly Measured[]): string {
  const besides = ['bare', 'envoy'].flatMap((name) => measured.find(({ peer }) => peer === name) ?? [])
  const rows = measured.map(({ peer, cpu, rate, p50, p99, resident }) => [
    peer,
    `${number(median(cpu))} (${number(Math.min(...cpu))}–${number(Math.max(...cpu))})`,
    ...besides.map((other) => ratio(cpu, other.cpu).toFixed(2)),
    String(Math.round(median(rate))),
    p50 === null ? '-' : number(p50),
    p99 === null ? '-' : number(p99),
    String(Math.round(resident / 2 ** 20)),
  ])
  const head = ['', 'CPU µs', ...besides.map(({ peer }) => `of ${peer}`), 'requests/s', 'p50 ms', 'p99 ms', 'RSS MiB']
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [`## ${titles[work] ?? work}`, '', line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

const number = (value: number): string => value.toFixed(value < 100 ? 1 : 0)
