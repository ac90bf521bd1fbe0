import { isMainThread, parentPort } from 'node:worker_threads'
import { compileSchema, type Schema } from '@gatehouse/language/schema'
import { systemClock } from './clock.ts'
import { checkBody, type BodyJob, type BodyReply } from './policy/bodyCheck.ts'

/** Steps of one body, about a second. */
const steps = 100_000_000
const maxRemembered = 64

const remembered = new Map<string, Schema | null>()

function schemaOf(text: string): Schema | null {
  const known = remembered.get(text)
  if (known !== undefined) return known
  if (remembered.size >= maxRemembered) remembered.clear()
  const compiled = compileSchema(text)
  const schema = compiled.ok ? compiled : null
  remembered.set(text, schema)
  return schema
}

function replyTo({ bytes, rules }: BodyJob): BodyReply {
  const compiled = rules.flatMap(({ text, maxDepth }) => {
    const schema = schemaOf(text)
    return schema === null ? [] : [{ schema, maxDepth }]
  })
  if (compiled.length < rules.length) return 'broken'
  return checkBody(bytes, compiled, { steps, now: () => systemClock.monotonic() })
}

// Only the thread that this is the entry of has somebody to answer.
if (!isMainThread) parentPort?.on('message', (job: BodyJob) => parentPort?.postMessage(replyTo(job)))
