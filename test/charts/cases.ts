import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { rendered } from './helm.ts'
import { manifestsIn, type Manifest } from './manifests.ts'

export const caseFolder = join(import.meta.dirname, 'cases')

/** Values with which the chart is rendered. */
export interface ChartCase {
  readonly name: string
  /** Path of the values. */
  readonly values: string
}

const own = readdirSync(caseFolder)
  .flatMap((file) => /^(.+)\.values\.yaml$/.exec(file)?.[1] ?? [])
  .map((name): ChartCase => ({ name, values: join(caseFolder, `${name}.values.yaml`) }))

/** Those of the folder, and that of the guide. */
export const chartCases: readonly ChartCase[] = [
  ...own,
  { name: 'quickstart', values: join(import.meta.dirname, '../../examples/quickstart-cluster/values.yaml') },
]

const texts = new Map<string, Promise<string>>()

/** What Helm renders for a case; asked once. */
export function textOf({ values }: ChartCase): Promise<string> {
  const known = texts.get(values) ?? rendered(values)
  texts.set(values, known)
  return known
}

export const objectsOf = async (one: ChartCase): Promise<readonly Manifest[]> => manifestsIn(await textOf(one))
