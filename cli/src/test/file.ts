import { z } from 'zod'
import { requestSchema } from '../explain/described.ts'
import { levelNames } from '../explain/level.ts'
import { readDocuments, type Place, type SourceDocument } from '../folder/documents.ts'

const name = z.string().min(1).max(256)

const expectation = z.strictObject({
  decision: z.enum(['allow', 'deny']),
  /** The refusal code. */
  code: name.optional(),
  /** `namespace/name` of the policy that decides. */
  policy: name.optional(),
  /** The authorization rule, provider or quota that decides. */
  rule: name.optional(),
  level: z.enum(levelNames).optional(),
  /** What everything in Shadow would change. */
  would: z.enum(['same', 'would-deny', 'would-allow', 'unknown']).optional(),
})

export type Expectation = z.infer<typeof expectation>

const testCase = z
  .strictObject({ name, request: requestSchema, expect: expectation })
  .refine(({ request: { claims, clientId, client } }) => [claims, clientId, client].filter(Boolean).length <= 1, {
    message: 'at most one of claims, clientId and client may stand for a credential',
  })

export type TestCase = z.infer<typeof testCase>

/** A test and where it stands. */
export interface PlacedTest {
  readonly place: Place
  readonly test: TestCase
}

/** What is wrong with a file of tests, and where. */
export interface TestFault {
  readonly place: Place
  readonly message: string
}

const maxFaults = 20

const pointerOf = (path: readonly PropertyKey[]): string => path.map((part) => `/${String(part)}`).join('')

function lackOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `${issue.keys.join(', ')} is not a known key`
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.join(', ')}`
  if (issue.code !== 'invalid_type') return issue.message
  return issue.input === undefined ? 'is required' : `must be of type ${issue.expected}`
}

function faultsOf(document: SourceDocument, at: string, error: z.ZodError): readonly TestFault[] {
  return error.issues.slice(0, maxFaults).map((issue): TestFault => {
    const pointer = `${at}${pointerOf(issue.path)}`
    const place = { ...document.place, line: document.lineOf(pointer) }
    return { place, message: `${pointer}: ${lackOf(issue)}` }
  })
}

/** Reads a file of tests: a YAML list. */
export function testsIn(
  file: string,
  text: string,
): { readonly tests: readonly PlacedTest[]; readonly faults: readonly TestFault[] } {
  const { documents, faults: syntax } = readDocuments(file, text)
  const tests: PlacedTest[] = []
  const faults: TestFault[] = [...syntax]
  for (const document of documents) {
    if (!Array.isArray(document.value)) {
      faults.push({ place: document.place, message: 'needs a list of tests' })
      continue
    }
    document.value.forEach((item: unknown, index) => {
      const read = testCase.safeParse(item, { reportInput: true })
      const place = { ...document.place, line: document.lineOf(`/${index}`) }
      if (read.success) tests.push({ place, test: read.data })
      else faults.push(...faultsOf(document, `/${index}`, read.error))
    })
  }
  return { tests, faults }
}
