import { describe, expect, it } from 'vitest'
import { flips } from './flips.ts'
import { chartFolder, helm, rendered, template } from './helm.ts'
import { objectSchemas, schemaAt, strangers, valuePaths, valuesSchema } from './valuePaths.ts'

const paths = valuePaths()

/** `beside` with one value more, at a dotted path. */
function withValue(beside: Readonly<Record<string, unknown>>, path: string, value: unknown): Record<string, unknown> {
  const [first = '', ...rest] = path.split('.')
  if (rest.length === 0) return { ...beside, [first]: value }
  const inner = (beside[first] ?? {}) as Readonly<Record<string, unknown>>
  return { ...beside, [first]: withValue(inner, rest.join('.'), value) }
}

describe('each value of the chart', () => {
  it('has another one to try, and nothing else has', () => {
    expect(Object.keys(flips).toSorted()).toEqual(paths.map(({ path }) => path).toSorted())
  })

  it.each(paths)('$path has an effect', async ({ path }) => {
    const { to, beside = {} } = flips[path] ?? { to: undefined }
    const [before, after] = await Promise.all([rendered(beside), rendered(withValue(beside, path, to))])
    expect(after).not.toBe(before)
  })

  it.each(paths)('$path has a comment above it', ({ above }) => {
    expect(above).toMatch(/^# .{8}/)
  })

  it.each(paths)('$path has a type and a description in the schema', ({ path }) => {
    expect(schemaAt(path)).toMatchObject({
      type: expect.anything() as unknown,
      description: expect.stringMatching(/^.{8,}$/) as unknown,
    })
  })
})

/** What is handed through: the Gatehouse's spec, what Helm adds, and affinities. */
const open = /^values\.(global|gatehouse|gatehouse\.listeners\[\]|(controller|dataplane|redis)\.affinity\.\w+)$/

describe('the schema', () => {
  it.each(objectSchemas(valuesSchema, 'values'))('knows what may be in $at', ({ at, schema }) => {
    expect(schema.description).toMatch(/^.{8,}$/)
    if (open.test(at)) expect(schema.additionalProperties).toBe(true)
    // A map of texts or quantities has a schema for what is in it.
    else expect(schema.additionalProperties === false || typeof schema.additionalProperties === 'object').toBe(true)
  })

  it('has nothing that values.yaml has not', () => {
    const known = paths.map(({ path }) => path)
    expect(strangers(valuesSchema, known)).toEqual(['global'])
  })
})

describe('the chart refuses', () => {
  it.each([
    [{ watchNamespace: ['shop'] }, /additional properties 'watchNamespace' not allowed/],
    [{ dataplane: { replica: 3 } }, /additional properties 'replica' not allowed/],
    [{ watchNamespaces: ['*'] }, /watchNamespaces\/0.*does not match pattern/],
    [{ commonLabels: { 'app.kubernetes.io/name': 'x' } }, /commonLabels/],
    [{ controller: { image: { digest: 'sha256:1' } } }, /controller\/image\/digest/],
    [{ dataplane: { drain: { preStopSeconds: 0 } } }, /preStopSeconds.*minimum/],
    [{ gatehouse: { listeners: [] } }, /gatehouse\/listeners.*minItems/],
    [{ watchAllNamespaces: true, watchNamespaces: ['shop'] }, /watchAllNamespaces reads every namespace; leave/],
    [{ dataplane: { adminPort: 8080 } }, /gatehouse\.listeners: http has port 8080, which is dataplane\.adminPort/],
    [{ service: { ports: { '80': { port: 8080 } } } }, /service\.ports: no listener has port 80/],
    [{ service: { ports: { '8080': { nodePort: 30080 } } } }, /nodePort needs service\.type NodePort/],
    [{ service: { loadBalancerClass: 'x' } }, /need service\.type LoadBalancer/],
    [{ service: { loadBalancerSourceRanges: ['0.0.0.0/0'] } }, /need service\.type LoadBalancer/],
    [{ certManager: { issuerRef: { name: 'x' } } }, /issuerRef needs pushCertificates CertManager/],
    [{ redis: { enable: true } }, /additional properties 'enable' not allowed/],
    [{ redis: { memory: 8 } }, /redis\/memory.*minimum/],
    [{ redis: { enabled: true } }, /redis\.enabled needs redis\.image\.repository/],
    [{ redis: { enabled: true, image: { repository: 'r' } } }, /needs redis\.image\.repository, and redis\.image\.tag/],
    [
      { redis: { enabled: true, image: { repository: 'r', tag: '7' } }, gatehouse: { quotaStore: { type: 'Memory' } } },
      /redis\.enabled sets gatehouse\.quotaStore; leave that out/,
    ],
    [{ dataplane: { autoscaling: { minReplicas: 11 } } }, /minReplicas is greater than maxReplicas/],
  ])('%j', async (values, says) => {
    expect(await template(values)).toMatchObject({ status: 1, err: expect.stringMatching(says) as unknown })
  })

  it('a release name of which no Service can be called', async () => {
    const result = await helm(['template', 'a'.repeat(41), chartFolder('gatehouse')])
    expect(result).toMatchObject({ status: 1, err: expect.stringContaining('longer than 40') as unknown })
    expect(await helm(['template', 'a'.repeat(40), chartFolder('gatehouse')])).toMatchObject({ status: 0 })
  })
})
